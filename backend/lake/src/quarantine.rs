//! Refused records, listed newest first.

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::prelude::{col, lit};
use rollcall_rules::Instant;

use crate::error::LakeError;
use crate::lake::{Inner, QuarantineFilter, Quarantined};
use crate::tables::TableId;

impl Inner {
    /// See [`crate::Lake::quarantined`].
    pub(crate) async fn quarantined(&self, filter: &QuarantineFilter) -> Result<Vec<Quarantined>, LakeError> {
        let Some(state) = self.table(&TableId::Quarantine).and_then(|table| table.state()) else { return Ok(Vec::new()) };
        let mut rows = self.session().read_table(self.scan_of(&TableId::Quarantine, state.files.as_ref().clone()))?;
        if let Some(source) = &filter.source {
            rows = rows.filter(col("source").eq(lit(source)))?;
        }
        if let Some(before) = filter.before_seq {
            rows = rows.filter(col("seq").lt(lit(i64::try_from(before).unwrap_or(i64::MAX))))?;
        }
        let batches = rows.sort(vec![col("seq").sort(false, false)])?.limit(0, Some(filter.limit))?.collect().await?;
        let mut records = Vec::new();
        for batch in &batches {
            read_batch(batch, &mut records).ok_or_else(|| LakeError::Corrupt("the quarantine table has other columns".into()))?;
        }
        Ok(records)
    }
}

fn read_batch(batch: &RecordBatch, into: &mut Vec<Quarantined>) -> Option<()> {
    let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
    let seq = batch.column_by_name("seq")?.as_primitive_opt::<Int64Type>()?;
    let received_at = batch.column_by_name("received_at")?.as_primitive_opt::<TimestampMicrosecondType>()?;
    let (source, reason, detail) = (text("source")?, text("reason")?, text("detail")?);
    let raw = batch.column_by_name("raw")?.as_binary_opt::<i32>()?;
    into.extend((0..batch.num_rows()).map(|row| Quarantined {
        seq: seq.value(row).unsigned_abs(),
        source: source.value(row).to_owned(),
        received_at: Instant(received_at.value(row)),
        reason: reason.value(row).to_owned(),
        detail: detail.value(row).to_owned(),
        raw: raw.value(row).to_vec(),
    }));
    Some(())
}
