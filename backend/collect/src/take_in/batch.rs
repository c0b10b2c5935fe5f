//! One batch of log records: check on all cores, decide in order, hand over.

use std::collections::HashMap;

use rayon::prelude::*;
use rollcall_lake::Quarantined;
use rollcall_log::Record;
use rollcall_rules::{Fact, Instant};
use rollcall_store::LedgerCounts;

use super::worker::Worker;
use crate::envelope;
use crate::error::CollectError;
use crate::intake::{Checked, Outcome};
use crate::live::{KEPT_PER_SOURCE, LiveOutcome, LiveRecord};
use crate::tally::{BatchTally, Column};

/// Batches below this are not worth waking other threads.
const PARALLEL_FROM: usize = 256;

/// What a batch came to.
struct Decided {
    facts: Vec<Fact>,
    quarantined: Vec<Quarantined>,
    /// Column and, for quarantined records, reason of each record.
    columns: Vec<(Column, Option<&'static str>)>,
    imports: HashMap<String, LedgerCounts>,
    clamped: u64,
}

impl Worker {
    /// Takes in the next batch; returns how many records it had.
    pub(super) fn take_batch(&mut self) -> Result<usize, CollectError> {
        let records = self.log.read(self.next, self.options.batch_records, self.options.batch_bytes)?;
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(0) };
        if first.offset != self.next || last.offset + 1 - first.offset != records.len() as u64 {
            return Err(CollectError::LogGap { start: first.offset, end: last.offset + 1, next: self.next });
        }
        let up_to = last.offset;
        let checked = self.check(&records);
        let decided = self.decide(&records, checked);
        self.engine.append(&decided.facts, up_to);
        if self.intake.settle() {
            *self.shared.schema.write() = std::sync::Arc::new(self.intake.schema().clone());
        }
        self.publish(&records, &decided, up_to, last.received_at);
        self.next = up_to + 1;
        self.hold(decided.facts, decided.quarantined, &records);
        Ok(records.len())
    }

    fn check(&self, records: &[Record]) -> Vec<(Checked, bool)> {
        let one = |record: &Record| {
            let checked = self.intake.check(record);
            let seen = checked.key.is_some_and(|key| self.engine.seen(key));
            (checked, seen)
        };
        if records.len() < PARALLEL_FROM {
            return records.iter().map(one).collect();
        }
        records.par_iter().with_min_len(64).map(one).collect()
    }

    fn decide(&mut self, records: &[Record], checked: Vec<(Checked, bool)>) -> Decided {
        let mut decided = Decided {
            facts: Vec::with_capacity(records.len()),
            quarantined: Vec::new(),
            columns: Vec::with_capacity(records.len()),
            imports: HashMap::new(),
            clamped: 0,
        };
        for (record, (mut checked, seen)) in records.iter().zip(checked) {
            let import = checked.import.take();
            let clamped = checked.clamped;
            let column = match self.intake.decide(record, checked, seen) {
                Outcome::Accepted(fact) => {
                    decided.clamped += u64::from(clamped);
                    let column = if fact.user_id().is_some() { Column::Accepted } else { Column::Anonymous };
                    decided.facts.push(fact);
                    (column, None)
                }
                Outcome::Duplicate { .. } => (Column::Duplicate, None),
                Outcome::Quarantined { reason, detail } => {
                    decided.quarantined.push(Quarantined {
                        seq: record.offset,
                        source: record.source.clone(),
                        received_at: Instant(record.received_at),
                        reason: reason.to_owned(),
                        detail,
                        raw: envelope::raw_of(&record.payload),
                    });
                    (Column::Quarantined, Some(reason))
                }
            };
            if let Some(import) = import {
                column.0.count(decided.imports.entry(import).or_default());
            }
            decided.columns.push(column);
        }
        decided
    }

    /// Makes counts, live records and the watermark visible; the watermark last.
    fn publish(&self, records: &[Record], decided: &Decided, up_to: u64, received_at: i64) {
        let mut tally = BatchTally::default();
        for (record, (column, _)) in records.iter().zip(&decided.columns) {
            tally.count(&record.source, record.received_at, *column);
        }
        tally.add_to(&mut self.shared.tally.lock().current);
        self.shared.live.lock().add(live_records(records, decided));
        let mut imports = self.shared.imports.lock();
        for (import, counts) in &decided.imports {
            imports.entry(import.clone()).or_default().add(counts);
        }
        {
            let mut status = self.shared.status.lock();
            status.watermark = up_to;
            status.taken_in_at = Some(received_at);
            status.waiting_rows += records.len() as u64;
            status.clamped += decided.clamped;
        }
        // Under the lock of the import counts, so that these and the watermark are read together.
        self.watermark.send_replace(up_to);
    }
}

/// The newest records of each source, oldest first.
fn live_records(records: &[Record], decided: &Decided) -> Vec<LiveRecord> {
    let mut per_source: HashMap<&str, usize> = HashMap::new();
    let mut live = Vec::new();
    let mut quarantined = decided.quarantined.iter().rev();
    for (record, (column, reason)) in records.iter().zip(&decided.columns).rev() {
        let detail = if reason.is_some() { quarantined.next().map(|held| held.detail.clone()) } else { None };
        let kept = per_source.entry(&record.source).or_default();
        if *kept == KEPT_PER_SOURCE {
            continue;
        }
        *kept += 1;
        let outcome = match column {
            Column::Accepted | Column::Anonymous => LiveOutcome::Accepted,
            Column::Duplicate => LiveOutcome::Duplicate,
            Column::Quarantined => LiveOutcome::Quarantined,
        };
        live.push(LiveRecord::of(record, outcome, *reason, detail));
    }
    live.reverse();
    live
}
