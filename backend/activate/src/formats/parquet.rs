//! Rows to Parquet, one bounded row group at a time.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringBuilder, UInt64Builder};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::encoder::{Cell, Column};
use crate::error::ActivateError;

/// Rows handed to the writer at once.
const BATCH: usize = 16 << 10;
/// Rows of a row group: about ten megabytes of ids.
const ROW_GROUP: usize = 512 << 10;

pub(super) struct ParquetEncoder<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: Arc<Schema>,
    columns: Vec<Builder>,
    rows: usize,
}

enum Builder {
    Text(StringBuilder),
    Number(UInt64Builder),
}

impl<W: Write + Send> ParquetEncoder<W> {
    pub(super) fn new(columns: &[Column], out: W) -> Result<ParquetEncoder<W>, ActivateError> {
        let field =
            |column: &Column| Field::new(column.name, if column.number { DataType::UInt64 } else { DataType::Utf8 }, false);
        let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .set_created_by("rollcall".to_owned())
            .build();
        let writer = ArrowWriter::try_new(out, schema.clone(), Some(properties))?;
        let builder = |column: &Column| match column.number {
            true => Builder::Number(UInt64Builder::with_capacity(BATCH)),
            false => Builder::Text(StringBuilder::with_capacity(BATCH, BATCH * 16)),
        };
        Ok(ParquetEncoder { writer, schema, columns: columns.iter().map(builder).collect(), rows: 0 })
    }

    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ActivateError> {
        for (builder, cell) in self.columns.iter_mut().zip(cells) {
            match (builder, cell) {
                (Builder::Text(builder), Cell::Text(text)) => builder.append_value(text),
                (Builder::Number(builder), Cell::Number(number)) => builder.append_value(*number),
                _ => return Err(ActivateError::NotForRows("columns of another kind")),
            }
        }
        self.rows += 1;
        if self.rows == BATCH { self.write_batch() } else { Ok(()) }
    }

    fn write_batch(&mut self) -> Result<(), ActivateError> {
        let array = |builder: &mut Builder| -> ArrayRef {
            match builder {
                Builder::Text(builder) => Arc::new(builder.finish()),
                Builder::Number(builder) => Arc::new(builder.finish()),
            }
        };
        let arrays = self.columns.iter_mut().map(array).collect();
        self.writer.write(&RecordBatch::try_new(self.schema.clone(), arrays)?)?;
        self.rows = 0;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), ActivateError> {
        if self.rows > 0 {
            self.write_batch()?;
        }
        self.writer.into_inner()?.flush()?;
        Ok(())
    }
}
