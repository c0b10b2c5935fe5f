//! Rows of a Parquet file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::Ordering;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt64Type};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use rollcall_rules::{Day, Instant, ValueType};
use serde_json::{Map, Number, Value as Json};

use super::ImportError;
use super::cell::{self, Cell};
use super::mapping::Mapping;
use super::reader::{RowContent, Rows};
use super::stream::BytesRead;

const BATCH_ROWS: usize = 4096;

/// Rows of a Parquet file; only the mapped columns are read.
pub(super) struct ParquetRows {
    reader: ParquetRecordBatchReader,
    /// The current batch, one column for each of [`Mapping::columns`].
    columns: Vec<ArrayRef>,
    rows_in_batch: usize,
    at: usize,
    read: u64,
    total: u64,
    file_bytes: u64,
    bytes: BytesRead,
    mapping: Mapping,
}

impl ParquetRows {
    pub(super) fn open(path: &Path, mut mapping: Mapping, bytes: BytesRead) -> Result<ParquetRows, ImportError> {
        let file = File::open(path)?;
        let file_bytes = file.metadata()?.len();
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(unreadable)?;
        let schema = builder.schema().clone();
        let mut roots = Vec::new();
        for column in mapping.columns() {
            let root = schema.index_of(column).map_err(|_| ImportError::MissingColumn { column: column.to_owned() })?;
            roots.push(root);
        }
        for value in mapping.values.iter_mut().filter(|value| value.of.is_none()) {
            let kind = schema.field_with_name(&value.column).ok().and_then(|field| time_type(field.data_type()));
            value.of = kind;
            mapping.types.extend(kind.map(|kind| (value.name.clone(), kind)));
        }
        let total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(unreadable)?;
        let (columns, rows_in_batch, at, read) = (Vec::new(), 0, 0, 0);
        Ok(ParquetRows { reader, columns, rows_in_batch, at, read, total, file_bytes, bytes, mapping })
    }

    fn next_batch(&mut self) -> Result<bool, ImportError> {
        let Some(batch) = self.reader.next() else { return Ok(false) };
        let batch = batch.map_err(unreadable)?;
        self.columns.clear();
        for column in self.mapping.columns() {
            let missing = || ImportError::MissingColumn { column: column.to_owned() };
            let array = batch.column_by_name(column).ok_or_else(missing)?;
            self.columns.push(simple(array).map_err(unreadable)?);
        }
        (self.rows_in_batch, self.at) = (batch.num_rows(), 0);
        Ok(true)
    }

    /// The row as JSON, for the quarantine.
    fn raw(&self, row: usize) -> Vec<u8> {
        let names = self.mapping.columns();
        let object = names.iter().zip(&self.columns).map(|(name, column)| ((*name).to_owned(), value(column, row).plain()));
        Json::Object(object.collect()).to_string().into_bytes()
    }
}

impl Rows for ParquetRows {
    fn skip(&mut self) -> Result<bool, ImportError> {
        while self.at == self.rows_in_batch {
            if !self.next_batch()? {
                return Ok(false);
            }
        }
        self.at += 1;
        self.read += 1;
        // The footer is read first, so bytes are told by share of rows.
        let share = u128::from(self.file_bytes) * u128::from(self.read) / u128::from(self.total.max(1));
        self.bytes.store(u64::try_from(share).unwrap_or(self.file_bytes), Ordering::Relaxed);
        Ok(true)
    }

    fn next(&mut self) -> Result<Option<RowContent>, ImportError> {
        if !self.skip()? {
            return Ok(None);
        }
        let row = self.at - 1;
        Ok(Some(match cell::message(&self.mapping, |at| value(&self.columns[at], row)) {
            Ok(message) => RowContent::Message { message, row: None },
            Err((reason, detail)) => RowContent::Rejected { reason, detail, raw: self.raw(row) },
        }))
    }

    fn total(&self) -> Option<u64> {
        Some(self.total)
    }

    fn types(&self) -> Option<&BTreeMap<String, ValueType>> {
        Some(&self.mapping.types)
    }
}

/// The type of columns of times and days, which JSON would show as text.
fn time_type(data_type: &DataType) -> Option<ValueType> {
    match data_type {
        DataType::Timestamp(..) => Some(ValueType::DateTime),
        DataType::Date32 | DataType::Date64 => Some(ValueType::Date),
        _ => None,
    }
}

/// A column as one of the few types that [`value`] reads.
fn simple(array: &ArrayRef) -> Result<ArrayRef, arrow::error::ArrowError> {
    let to = match array.data_type() {
        DataType::Dictionary(_, inner) => return simple(&cast(array, inner)?),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => DataType::Int64,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => DataType::UInt64,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => DataType::Float64,
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => {
            DataType::Float64
        }
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        DataType::Date32 | DataType::Date64 => DataType::Date32,
        _ => return Ok(array.clone()),
    };
    cast(array, &to)
}

/// One value of a column made [`simple`].
fn value(array: &ArrayRef, row: usize) -> Cell<'_> {
    if array.is_null(row) {
        return Cell::Missing;
    }
    match array.data_type() {
        DataType::Utf8 => Cell::Text(Cow::Borrowed(array.as_string::<i32>().value(row))),
        DataType::Int64 => Cell::Number(array.as_primitive::<Int64Type>().value(row).into()),
        DataType::UInt64 => Cell::Number(array.as_primitive::<UInt64Type>().value(row).into()),
        DataType::Float64 => Number::from_f64(array.as_primitive::<Float64Type>().value(row)).map_or(Cell::Missing, Cell::Number),
        DataType::Boolean => Cell::Boolean(array.as_boolean().value(row)),
        DataType::Timestamp(..) => Cell::Time(Instant(array.as_primitive::<TimestampMicrosecondType>().value(row))),
        DataType::Date32 => Cell::Day(Day(array.as_primitive::<Date32Type>().value(row))),
        DataType::List(_) => list(&array.as_list::<i32>().value(row)),
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(row)),
        other => Cell::Json(Json::String(format!("<{other}>"))),
    }
}

fn list(elements: &ArrayRef) -> Cell<'static> {
    let Ok(elements) = simple(elements) else { return Cell::Missing };
    Cell::Json((0..elements.len()).map(|row| value(&elements, row).plain()).collect())
}

fn unreadable(error: impl std::fmt::Display) -> ImportError {
    ImportError::Unreadable(error.to_string())
}

/// A table: rows of set values by column, and the types of columns that JSON would show as text.
pub type ParquetTable = (Vec<Map<String, Json>>, BTreeMap<String, ValueType>);

/// Every row of a file in memory, unless there are more than so many: then one more row than that.
///
/// # Errors
/// The file is not Parquet.
pub fn table_of_parquet(file: Bytes, most: usize) -> Result<ParquetTable, ImportError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(unreadable)?;
    let types = builder.schema().fields().iter().filter_map(|field| Some((field.name().clone(), time_type(field.data_type())?)));
    let types = types.collect();
    let mut rows = Vec::new();
    for batch in builder.with_batch_size(BATCH_ROWS).with_limit(most + 1).build().map_err(unreadable)? {
        let batch = batch.map_err(unreadable)?;
        let mut columns = Vec::new();
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            columns.push((field.name().clone(), simple(array).map_err(unreadable)?));
        }
        rows.extend((0..batch.num_rows()).map(|row| {
            let cells = columns.iter().map(|(name, array)| (name.clone(), value(array, row).plain()));
            cells.filter(|(_, json)| !json.is_null()).collect::<Map<_, _>>()
        }));
    }
    Ok((rows, types))
}
