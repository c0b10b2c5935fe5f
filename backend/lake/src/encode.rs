//! Rows to a Parquet file, with what the Delta log says about it.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use serde_json::json;

use crate::columns::{Columns, Kind};
use crate::error::LakeError;

/// Rows per row group: small enough to skip by user or time, large enough to compress.
const ROW_GROUP: usize = 131_072;

/// Texts that are nearly always different: a dictionary would only cost time.
const DISTINCT_TEXTS: [&str; 4] = ["message_id", "properties", "traits", "raw"];

/// A file ready to be stored.
#[derive(Debug)]
pub(crate) struct EncodedFile {
    /// Its name inside the table's folder.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) size: i64,
    /// The newest instant of reception in it, in milliseconds: what it was made from, not when.
    pub(crate) modified_ms: i64,
    /// Delta's per-file statistics, JSON.
    pub(crate) stats: String,
}

/// Encodes sorted rows. `name` is the file's name without the ending.
pub(crate) fn encode(columns: &Columns, rows: &RecordBatch, name: &str) -> Result<EncodedFile, LakeError> {
    let mut writer = ArrowWriter::try_new(Vec::with_capacity(1 << 20), rows.schema(), Some(properties(columns, rows)?))?;
    writer.write(rows)?;
    let bytes = writer.into_inner()?;
    let size = i64::try_from(bytes.len()).map_err(|_| LakeError::Corrupt("a data file outgrew its size field".into()))?;
    Ok(EncodedFile {
        name: format!("{name}.parquet"),
        bytes,
        size,
        modified_ms: modified_ms(rows),
        stats: stats(columns.kind, rows),
    })
}

fn properties(columns: &Columns, rows: &RecordBatch) -> Result<WriterProperties, LakeError> {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_statistics_enabled(EnabledStatistics::Chunk);
    for name in ["seq", "time", "received_at"].into_iter().chain(DISTINCT_TEXTS) {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(name), false);
    }
    for name in DISTINCT_TEXTS.into_iter().chain(["context"]) {
        builder = builder.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::None);
    }
    let sorted_by: &[&str] = match columns.kind {
        Kind::Events | Kind::Profiles => &["user_id", "time", "seq"],
        Kind::Traits => &["user_id", "time", "seq", "position"],
        Kind::Quarantine => &["seq"],
        Kind::Lists => &["user_id"],
    };
    // Parquet counts leaves; none of the columns before the sorting ones is nested.
    let sorting = sorted_by.iter().filter_map(|name| {
        let column_idx = i32::try_from(rows.schema().index_of(name).ok()?).ok()?;
        Some(SortingColumn { column_idx, descending: false, nulls_first: true })
    });
    Ok(builder.set_sorting_columns(Some(sorting.collect())).build())
}

fn modified_ms(rows: &RecordBatch) -> i64 {
    let received = rows.column_by_name("received_at").or_else(|| rows.column_by_name("time"));
    let newest = received.and_then(|column| arrow::compute::max(column.as_primitive_opt::<TimestampMicrosecondType>()?));
    newest.unwrap_or_default() / 1_000
}

/// Row count, and the ends of the ranged columns. Delta keeps instants to the millisecond, cut off.
fn stats(kind: Kind, rows: &RecordBatch) -> String {
    let (mut least, mut greatest, mut nulls) = (serde_json::Map::new(), serde_json::Map::new(), serde_json::Map::new());
    for &name in kind.ranged() {
        let Some(column) = rows.column_by_name(name) else { continue };
        nulls.insert(name.to_owned(), json!(column.null_count()));
        if let Some((low, high)) = bounds(column) {
            least.insert(name.to_owned(), low);
            greatest.insert(name.to_owned(), high);
        }
    }
    json!({"numRecords": rows.num_rows(), "minValues": least, "maxValues": greatest, "nullCount": nulls}).to_string()
}

fn bounds(column: &Arc<dyn Array>) -> Option<(serde_json::Value, serde_json::Value)> {
    if *column.data_type() == DataType::Int64 {
        let column = column.as_primitive::<Int64Type>();
        return Some((json!(arrow::compute::min(column)?), json!(arrow::compute::max(column)?)));
    }
    let column = column.as_primitive_opt::<TimestampMicrosecondType>()?;
    let text = |micros: i64| Some(jiff::Timestamp::from_millisecond(micros.div_euclid(1_000)).ok()?.to_string());
    Some((json!(text(arrow::compute::min(column)?)?), json!(text(arrow::compute::max(column)?)?)))
}
