//! Taking in: the log becomes facts in the engine, rows in the lake and counts in the ledger.
//!
//! One thread reads the log in order and goes through batches: records are checked on all cores, decided in order, and
//! appended to the engine, after which rules see them; rows for the lake and ledger counts wait in memory for the flush.
//!
//! # The flush
//! What counts exactly once across a crash are five steps, with taking in paused so that every one of them ends at the
//! same record:
//! 1. the store saves a plan: the last record, ledger counts, schema;
//! 2. the lake commits the rows (idempotent: a table skips rows up to the version it has committed);
//! 3. the engine writes its tail to files;
//! 4. the store applies the plan: ledger, schema, checkpoint;
//! 5. the log is trimmed.
//!
//! To keep the pause short, a flush of many rows first commits them to the lake while taking in goes on; only what came
//! in meanwhile is left for step 2. That the lake may be ahead of the plan does no harm, for the same reason.
//!
//! On start ([`recovery`]): if the plan's last record is what the engine's files hold, then 1 to 3 were done and 4 is
//! made good; otherwise the plan is dropped. Then the log is read from the checkpoint on. An index that is behind the
//! checkpoint (deleted, say) is first rebuilt from the lake.
//!
//! When the lake, the index or the store fails, taking in goes on in memory, the flush is tried again with growing
//! pauses and [`TakeInStatus::last_error`] says why; beyond [`TakeInOptions::max_waiting_rows`] or
//! [`TakeInOptions::max_waiting_bytes`] records stay in the log.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use rollcall_engine::Engine;
use rollcall_lake::Lake;
use rollcall_log::EventLog;
use rollcall_rules::{Day, Instant, Schema, ValueType};
use rollcall_store::{LedgerCounts, LedgerRow, SourceId, Store};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::error::CollectError;
use crate::limits::Limits;
use crate::live::{Live, LiveRecord};
use crate::tally::Uncommitted;

mod batch;
mod declare;
mod flush;
pub mod recovery;
mod worker;

#[cfg(test)]
mod tests;

use worker::{Command, Worker};

/// How taking in runs.
#[derive(Debug, Clone)]
pub struct TakeInOptions {
    /// Flush when this many records wait. Default 200,000.
    pub flush_rows: usize,
    /// Flush when records of this many bytes wait. Default 128 MiB.
    pub flush_bytes: usize,
    /// Flush when the oldest record has waited this long. Default 10 s.
    pub flush_age: Duration,
    /// A flush of at least this many rows commits them to the lake while taking in goes on. Default 20,000.
    pub early_rows: usize,
    /// Take no more in while this many records wait for a lake that fails. Default 2,000,000.
    pub max_waiting_rows: usize,
    /// The same for their bytes. Default 512 MiB.
    pub max_waiting_bytes: usize,
    /// Records per batch. Default 20,000.
    pub batch_records: usize,
    /// Bytes per batch. Default 16 MiB.
    pub batch_bytes: usize,
    /// First pause after a failed flush; it doubles up to a minute. Default 1 s.
    pub retry_after: Duration,
    /// Merge small index files after a flush. Default true.
    pub compact: bool,
    /// Bounds of messages.
    pub limits: Limits,
}

impl Default for TakeInOptions {
    fn default() -> TakeInOptions {
        TakeInOptions {
            flush_rows: 200_000,
            flush_bytes: 128 << 20,
            flush_age: Duration::from_secs(10),
            early_rows: 20_000,
            max_waiting_rows: 2_000_000,
            max_waiting_bytes: 512 << 20,
            batch_records: 20_000,
            batch_bytes: 16 << 20,
            retry_after: Duration::from_secs(1),
            compact: true,
            limits: Limits::default(),
        }
    }
}

/// How taking in stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakeInStatus {
    /// Every record up to here has been taken in.
    pub watermark: u64,
    /// When the last of them was received, microseconds.
    pub taken_in_at: Option<i64>,
    /// Every record up to here is in lake, engine files and ledger.
    pub checkpoint: u64,
    /// Records taken in since.
    pub waiting_rows: u64,
    /// Records since the start whose corrected time lay in the future and was set to the time of receipt.
    pub clamped: u64,
    /// Why the last flush or read failed; `None` after one that did not.
    pub last_error: Option<String>,
    /// Failures since the last success.
    pub failures: u32,
}

/// Counts of an import's records since the start of the process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Every record up to here is counted.
    pub watermark: u64,
    /// How the import's records ended.
    pub counts: LedgerCounts,
}

/// What the thread and its callers share.
pub(crate) struct Shared {
    store: Store,
    /// The thread has the sender: when it ends, however it ends, nobody waits for ever.
    watermark: watch::Receiver<u64>,
    schema: RwLock<Arc<Schema>>,
    status: Mutex<TakeInStatus>,
    live: Mutex<Live>,
    imports: Mutex<HashMap<String, LedgerCounts>>,
    /// Counts that no flush has committed. Readers who add them to the store's hold the gate meanwhile.
    tally: Mutex<Uncommitted>,
    gate: tokio::sync::RwLock<()>,
    /// Where the next flush plays a crash.
    #[cfg(test)]
    halt_after: Mutex<Option<flush::Step>>,
}

/// The running take-in.
pub struct TakeIn {
    shared: Arc<Shared>,
    commands: mpsc::UnboundedSender<Command>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl TakeIn {
    /// Recovers from whatever the last process left behind, then starts the thread. Must be called inside a tokio
    /// runtime, which also runs lake and store calls.
    ///
    /// # Errors
    /// If recovery fails, or log, index and store are not of one history.
    pub async fn start(
        log: Arc<dyn EventLog>,
        engine: Arc<Engine>,
        lake: Arc<Lake>,
        store: Arc<Store>,
        options: TakeInOptions,
    ) -> Result<TakeIn, CollectError> {
        let store = Store::clone(&store);
        let recovered = recovery::recover(log.as_ref(), &engine, &lake, &store).await?;
        let status = TakeInStatus {
            watermark: recovered.checkpoint.seq,
            checkpoint: recovered.checkpoint.seq,
            taken_in_at: recovered.checkpoint.taken_in_at,
            ..TakeInStatus::default()
        };
        let (reached, watermark) = watch::channel(recovered.checkpoint.seq);
        let shared = Arc::new(Shared {
            store,
            watermark,
            schema: RwLock::new(Arc::new(recovered.schema.clone())),
            status: Mutex::new(status),
            live: Mutex::new(Live::new()),
            imports: Mutex::default(),
            tally: Mutex::default(),
            gate: tokio::sync::RwLock::default(),
            #[cfg(test)]
            halt_after: Mutex::default(),
        });
        let (commands, receiver) = mpsc::unbounded_channel();
        let worker = Worker::new(log, engine, lake, shared.clone(), options, recovered, (receiver, reached));
        let runtime = tokio::runtime::Handle::current();
        let thread = std::thread::Builder::new()
            .name("take-in".into())
            .spawn(move || runtime.block_on(Box::pin(worker.run())))
            .map_err(CollectError::Thread)?;
        Ok(TakeIn { shared, commands, thread: Mutex::new(Some(thread)) })
    }

    /// Follows the watermark: every record up to it has been taken in. Waiting for more fails once taking in has ended.
    pub fn watermark(&self) -> watch::Receiver<u64> {
        let mut watermark = self.shared.watermark.clone();
        watermark.mark_unchanged();
        watermark
    }

    /// Whether the thread runs.
    pub fn is_running(&self) -> bool {
        self.shared.watermark.has_changed().is_ok()
    }

    /// How taking in stands.
    pub fn status(&self) -> TakeInStatus {
        self.shared.status.lock().clone()
    }

    /// Takes in all that the log holds at the time of the call and flushes. Everything up to the returned seq is in
    /// lake, engine files and ledger.
    ///
    /// # Errors
    /// If this flush failed; it is tried again later by itself.
    pub async fn flush(&self) -> Result<u64, CollectError> {
        let (answer, receiver) = oneshot::channel();
        self.commands.send(Command::Flush(answer)).map_err(|_| CollectError::Stopped)?;
        receiver.await.unwrap_or(Err(CollectError::Stopped))
    }

    /// The types known as of the watermark.
    pub fn schema(&self) -> Arc<Schema> {
        self.shared.schema.read().clone()
    }

    /// Declares types of trait paths, and of property paths for all events. Flushes first, so that the declaration
    /// stands between two records for good.
    ///
    /// # Errors
    /// [`CollectError::TypeInUse`] if data of another type have been taken in; nothing is declared then.
    pub async fn declare(
        &self,
        traits: BTreeMap<String, ValueType>,
        properties: BTreeMap<String, ValueType>,
        now: Instant,
    ) -> Result<Arc<Schema>, CollectError> {
        let (answer, receiver) = oneshot::channel();
        let command = Command::Declare { traits, properties, now, answer };
        self.commands.send(command).map_err(|_| CollectError::Stopped)?;
        receiver.await.unwrap_or(Err(CollectError::Stopped))
    }

    /// Ledger rows from a day on, up to the watermark; newest day first, then by source.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn ledger(&self, source: Option<&SourceId>, from: Day) -> Result<Vec<LedgerRow>, CollectError> {
        let _gate = self.shared.gate.read().await;
        let committed = self.shared.store.ledger(source, from).await?;
        Ok(self.shared.tally.lock().sum().merged(committed, source, from))
    }

    /// Totals over all days, up to the watermark.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn ledger_totals(&self, source: Option<&SourceId>) -> Result<LedgerCounts, CollectError> {
        let _gate = self.shared.gate.read().await;
        let mut totals = self.shared.store.ledger_totals(source).await?;
        totals.add(&self.shared.tally.lock().sum().totals(source));
        Ok(totals)
    }

    /// How the records of an import have ended since the start of the process.
    pub fn import_counts(&self, import: &str) -> ImportCounts {
        let imports = self.shared.imports.lock();
        let watermark = *self.shared.watermark.borrow();
        ImportCounts { watermark, counts: imports.get(import).copied().unwrap_or_default() }
    }

    /// The newest records of a source, newest first; at most 200 are kept.
    pub fn recent(&self, source: &str, limit: usize) -> Vec<LiveRecord> {
        self.shared.live.lock().recent(source, limit)
    }

    /// Follows records as they are taken in. Under load only the newest of each batch and source are told.
    pub fn live(&self) -> broadcast::Receiver<LiveRecord> {
        self.shared.live.lock().subscribe()
    }

    /// Takes in what the log holds, flushes, and stops.
    pub async fn stop(&self) {
        self.end(Command::Stop).await;
    }

    /// Stops at once, as a crash would.
    #[cfg(test)]
    pub(crate) async fn abandon(&self) {
        self.end(Command::Abandon).await;
    }

    async fn end(&self, command: Command) {
        let _ = self.commands.send(command);
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!("the take-in thread ended by a panic");
            }
        }
    }
}
