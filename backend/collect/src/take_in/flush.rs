//! The flush, step by step; see [`super`] for why these steps in this order.

use std::sync::Arc;

use rollcall_lake::{Lake, LakeBatch, LakeError, Quarantined};
use rollcall_log::Record;
use rollcall_rules::{Fact, Schema};
use rollcall_store::FlushPlan;

use super::worker::Worker;
use crate::error::CollectError;
use crate::tally::Tally;

/// Rows that wait for the lake, and the types known when they were closed.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) facts: Vec<Fact>,
    pub(super) quarantined: Vec<Quarantined>,
    pub(super) up_to: u64,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.facts.len() + self.quarantined.len()
    }
}

/// Rows that take no more.
#[derive(Debug)]
pub(super) struct ClosedRows {
    rows: Rows,
    schema: Arc<Schema>,
}

impl ClosedRows {
    async fn commit(&self, lake: &Lake) -> Result<(), LakeError> {
        let Rows { facts, quarantined, up_to } = &self.rows;
        lake.commit(LakeBatch { facts, quarantined, up_to: *up_to, schema: &self.schema }).await
    }
}

/// The steps after which a crash can be played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    PlanSaved,
    LakeCommitted,
    EngineFlushed,
    PlanCommitted,
}

impl Worker {
    /// Keeps rows for the flush.
    pub(super) fn hold(&mut self, facts: Vec<Fact>, quarantined: Vec<Quarantined>, records: &[Record]) {
        let Some(last) = records.last() else { return };
        self.open.facts.extend(facts);
        self.open.quarantined.extend(quarantined);
        self.open.up_to = last.offset;
        self.taken_in_at = last.received_at;
        self.waiting += records.len();
        self.waiting_bytes += records.iter().map(|record| record.payload.len()).sum::<usize>();
        self.since.get_or_insert_with(std::time::Instant::now);
    }

    /// Closes the rows held so far; they are committed before any later ones.
    fn close(&mut self) {
        if self.open.len() > 0 {
            let rows = std::mem::take(&mut self.open);
            let schema = self.shared.schema.read().clone();
            self.closed.push_back(Arc::new(ClosedRows { rows, schema }));
        }
    }

    /// Starts to commit what is held while taking in goes on.
    pub(super) fn start_early_commit(&mut self) {
        self.close();
        let Some(rows) = self.closed.front().cloned() else { return };
        let lake = self.lake.clone();
        self.committing = Some(tokio::spawn(async move { rows.commit(&lake).await }));
    }

    /// Ends an early commit that was started.
    pub(super) async fn finish_early_commit(&mut self) -> Result<(), CollectError> {
        let Some(task) = self.committing.take() else { return Ok(()) };
        match task.await {
            Ok(result) => result?,
            Err(error) => return Err(CollectError::Flush(error.to_string())),
        }
        self.closed.pop_front();
        Ok(())
    }

    /// Brings everything taken in so far into lake, engine files and ledger.
    pub(super) async fn flush(&mut self) -> Result<u64, CollectError> {
        // First of all a plan whose first three steps are done: a new plan must not take its place.
        self.commit_plan().await?;
        self.finish_early_commit().await?;
        let to_seq = self.next - 1;
        if to_seq == self.checkpoint {
            return Ok(to_seq);
        }
        self.save_plan(to_seq).await?;
        self.halt_after(Step::PlanSaved)?;
        self.commit_rows().await?;
        self.halt_after(Step::LakeCommitted)?;
        self.flush_engine(to_seq)?;
        self.halt_after(Step::EngineFlushed)?;
        self.commit_plan().await?;
        self.halt_after(Step::PlanCommitted)?;
        self.log.trim(to_seq + 1)?;
        self.compact();
        Ok(to_seq)
    }

    async fn save_plan(&self, to_seq: u64) -> Result<(), CollectError> {
        let plan = FlushPlan {
            to_seq,
            taken_in_at: self.taken_in_at,
            deltas: self.shared.tally.lock().current.deltas(),
            schema: self.intake.schema().clone(),
        };
        Ok(self.shared.store.save_flush_plan(&plan).await?)
    }

    async fn commit_rows(&mut self) -> Result<(), CollectError> {
        self.close();
        while let Some(rows) = self.closed.front() {
            rows.commit(&self.lake).await?;
            self.closed.pop_front();
        }
        Ok(())
    }

    fn flush_engine(&mut self, to_seq: u64) -> Result<(), CollectError> {
        self.index_failed = true;
        let flushed = self.engine.flush();
        // Files may be there although the call failed after writing them.
        let durable = self.engine.durable_seq();
        if durable != to_seq {
            flushed?;
            return Err(CollectError::IndexAhead { durable, checkpoint: to_seq });
        }
        self.index_failed = false;
        self.uncommitted = Some(to_seq);
        self.planned_bytes = self.waiting_bytes;
        let mut tally = self.shared.tally.lock();
        tally.planned = std::mem::take(&mut tally.current);
        Ok(())
    }

    /// Applies the plan whose lake and index parts are done, if there is one.
    async fn commit_plan(&mut self) -> Result<(), CollectError> {
        let Some(to_seq) = self.uncommitted else { return Ok(()) };
        let gate = self.shared.gate.write().await;
        self.shared.store.commit_flush_plan(to_seq).await?;
        self.shared.tally.lock().planned = Tally::default();
        drop(gate);
        self.uncommitted = None;
        self.checkpoint = to_seq;
        self.waiting = (self.next - 1 - to_seq) as usize;
        self.waiting_bytes -= std::mem::take(&mut self.planned_bytes);
        self.since = (self.waiting > 0).then(std::time::Instant::now);
        let mut status = self.shared.status.lock();
        status.checkpoint = to_seq;
        status.waiting_rows = self.waiting as u64;
        Ok(())
    }

    /// Merges small index files beside taking in, one run at a time.
    fn compact(&mut self) {
        let running = self.compacting.as_ref().is_some_and(|task| !task.is_finished());
        if running || !self.options.compact {
            return;
        }
        let engine = self.engine.clone();
        self.compacting = Some(tokio::task::spawn_blocking(move || {
            loop {
                match engine.compact() {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(error) => {
                        tracing::error!(engine.error = %error, "merging index files failed");
                        return;
                    }
                }
            }
        }));
    }

    #[cfg(not(test))]
    fn halt_after(&self, _step: Step) -> Result<(), CollectError> {
        Ok(())
    }

    #[cfg(test)]
    fn halt_after(&self, step: Step) -> Result<(), CollectError> {
        if *self.shared.halt_after.lock() == Some(step) { Err(CollectError::Stopped) } else { Ok(()) }
    }
}
