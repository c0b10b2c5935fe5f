//! Running an import: rows to the log, outcomes to the store.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant as Moment};

use rollcall_log::{EventLog, LogError, NewRecord};
use rollcall_rules::Instant;
use rollcall_store::{Import, ImportEnd, ImportProgress, LedgerCounts, Store};
use tokio::sync::{mpsc, watch};

use super::{ImportCompression, ImportError, ImportFile, ImportFormat, ImportReader, Mapping};
use crate::take_in::TakeIn;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// Rows per append.
const BATCH_ROWS: usize = 2_000;
/// Bytes after which an append takes no further row.
const BATCH_BYTES: usize = 8 << 20;
/// Batches read but not yet appended.
const BATCHES_READ: usize = 2;
/// Batches appended but not yet counted by taking in.
const BATCHES_AHEAD: usize = 32;
/// How often progress is stored.
const STORE_EVERY: Duration = Duration::from_millis(500);
/// Pause while the log is full or overloaded.
const LOG_PAUSE: Duration = Duration::from_millis(200);

/// How a run ended. A failed import is stored as failed, and `Err` only says that its state could not be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportEnding {
    /// Read to the end.
    Done,
    /// Stopped by an error of the file; the import says which.
    Failed,
    /// Stopped by a person.
    Cancelled,
}

/// Runs an import from where its stored progress stands, until it is done, fails, or `cancel` or the store says that it
/// was cancelled. `progress` hears every change of it.
///
/// # Errors
/// If the store or the log fail, or taking in stops: the import stays running and goes on with the next call.
pub async fn run_import(
    log: &dyn EventLog,
    take_in: &TakeIn,
    store: &Store,
    import: &Import,
    clock: Clock,
    cancel: &AtomicBool,
    progress: impl FnMut(&ImportProgress) + Send,
) -> Result<ImportEnding, ImportError> {
    if !store.start_import(&import.id, clock().0).await? {
        return Ok(ImportEnding::Cancelled);
    }
    let mut watermark = take_in.watermark();
    // Whatever an interrupted run appended is taken in before counting starts.
    reach(&mut watermark, log.end() - 1).await?;
    let counted_before = take_in.import_counts(import.id.as_str()).counts;
    let mut run = Run {
        log,
        take_in,
        store,
        import,
        counted_before,
        now: import.progress,
        ahead: VecDeque::new(),
        stored_at: Moment::now(),
        progress,
    };
    let ended = match open(import) {
        Ok(file) => run.rows(file, &clock, cancel, &mut watermark).await,
        Err(error) => Err(error),
    };
    let end = match ended {
        Ok(true) => ImportEnd::Done,
        Ok(false) => return Ok(ImportEnding::Cancelled),
        Err(error @ (ImportError::Store(_) | ImportError::Log(_) | ImportError::Stopped)) => return Err(error),
        Err(error) => ImportEnd::Failed { error: error.to_string() },
    };
    let ending = if end == ImportEnd::Done { ImportEnding::Done } else { ImportEnding::Failed };
    let finished = store.finish_import(&import.id, &end, clock().0).await?;
    Ok(if finished { ending } else { ImportEnding::Cancelled })
}

fn open(import: &Import) -> Result<ImportFile, ImportError> {
    let unknown = |word: &str| ImportError::Unreadable(format!("{word:?} is no format or compression"));
    Ok(ImportFile {
        path: PathBuf::from(&import.spool_path),
        format: ImportFormat::parse(&import.format).ok_or_else(|| unknown(&import.format))?,
        compression: ImportCompression::parse(&import.compression).ok_or_else(|| unknown(&import.compression))?,
        mapping: import.mapping.as_deref().filter(|text| !text.trim().is_empty()).map(Mapping::parse).transpose()?,
        digest: import.file_digest.clone(),
        import_id: import.id.as_str().to_owned(),
    })
}

struct Run<'a, P> {
    log: &'a dyn EventLog,
    take_in: &'a TakeIn,
    store: &'a Store,
    import: &'a Import,
    /// What taking in had counted for this import before this run.
    counted_before: LedgerCounts,
    now: ImportProgress,
    /// Offsets appended and not yet counted.
    ahead: VecDeque<Range<u64>>,
    stored_at: Moment,
    progress: P,
}

/// Rows read on another thread.
struct ReadBatch {
    payloads: Vec<Vec<u8>>,
    bytes_read: u64,
    total: Option<u64>,
}

impl<P: FnMut(&ImportProgress) + Send> Run<'_, P> {
    /// True at the end of the file, false when cancelled.
    async fn rows(
        &mut self,
        file: ImportFile,
        clock: &Clock,
        cancel: &AtomicBool,
        watermark: &mut watch::Receiver<u64>,
    ) -> Result<bool, ImportError> {
        let (sender, mut batches) = mpsc::channel(BATCHES_READ);
        let done = self.now.rows_read;
        let reader = tokio::task::spawn_blocking(move || read(&file, done, &sender));
        while let Some(batch) = batches.recv().await {
            if cancel.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let batch = batch?;
            self.now.bytes_read = self.now.bytes_read.max(batch.bytes_read);
            self.now.rows_total = batch.total;
            let Some(range) = self.append(batch.payloads, clock, cancel).await? else { return Ok(false) };
            self.ahead.push_back(range);
            if self.ahead.len() > BATCHES_AHEAD
                && let Some(oldest) = self.ahead.front()
            {
                reach(watermark, oldest.end - 1).await?;
            }
            if !self.note(false).await? {
                return Ok(false);
            }
        }
        let _ = reader.await;
        if let Some(last) = self.ahead.back() {
            reach(watermark, last.end - 1).await?;
        }
        self.now.bytes_read = self.import.bytes_total;
        let running = self.note(true).await?;
        self.now.rows_total = Some(self.now.rows_read);
        Ok(running && self.note(true).await?)
    }

    /// Appends rows, patiently; `None` when cancelled meanwhile.
    async fn append(
        &self,
        payloads: Vec<Vec<u8>>,
        clock: &Clock,
        cancel: &AtomicBool,
    ) -> Result<Option<Range<u64>>, ImportError> {
        let received_at = clock().0;
        let source = self.import.source_id.as_str();
        let record = |payload| NewRecord { source: source.to_owned(), received_at, payload };
        let records: Arc<[NewRecord]> = payloads.into_iter().map(record).collect();
        loop {
            match self.log.append(records.clone()).await {
                Ok(range) => return Ok(Some(range)),
                Err(LogError::Full | LogError::Overloaded) => {
                    if cancel.load(Ordering::Relaxed) {
                        return Ok(None);
                    }
                    tokio::time::sleep(LOG_PAUSE).await;
                }
                // Trying again would not make the record smaller, and the imports behind this one would wait for ever.
                Err(LogError::Io(error)) if error.kind() == io::ErrorKind::InvalidInput => {
                    return Err(ImportError::Unreadable(format!("a row after row {}: {error}", self.now.rows_read)));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Brings progress up to what taking in has counted, and stores it now and then; false if it is not running any more.
    async fn note(&mut self, store_now: bool) -> Result<bool, ImportError> {
        let counted = self.take_in.import_counts(self.import.id.as_str());
        while let Some(range) = self.ahead.front_mut() {
            let settled = (counted.watermark + 1).clamp(range.start, range.end);
            self.now.rows_read += settled - range.start;
            range.start = settled;
            if !range.is_empty() {
                break;
            }
            self.ahead.pop_front();
        }
        let (base, now, before) = (&self.import.progress, &counted.counts, &self.counted_before);
        self.now.accepted = base.accepted + now.accepted - before.accepted;
        self.now.duplicate = base.duplicate + now.duplicate - before.duplicate;
        self.now.quarantined = base.quarantined + now.quarantined - before.quarantined;
        (self.progress)(&self.now);
        if !store_now && self.stored_at.elapsed() < STORE_EVERY {
            return Ok(true);
        }
        self.stored_at = Moment::now();
        Ok(self.store.update_import(&self.import.id, &self.now).await?)
    }
}

/// Reads rows in batches until the end, an error, or nobody wants them any more.
fn read(file: &ImportFile, done: u64, sender: &mpsc::Sender<Result<ReadBatch, ImportError>>) {
    let mut reader = match ImportReader::open(file, done) {
        Ok(reader) => reader,
        Err(error) => {
            let _ = sender.blocking_send(Err(error));
            return;
        }
    };
    loop {
        let (mut payloads, mut bytes) = (Vec::new(), 0);
        let mut last = None;
        while payloads.len() < BATCH_ROWS && bytes < BATCH_BYTES && last.is_none() {
            match reader.next() {
                Some(Ok(row)) => {
                    bytes += row.payload.len();
                    payloads.push(row.payload);
                }
                Some(Err(error)) => last = Some(Some(error)),
                None => last = Some(None),
            }
        }
        if !payloads.is_empty() {
            let batch = ReadBatch { payloads, bytes_read: reader.bytes_read(), total: reader.total() };
            if sender.blocking_send(Ok(batch)).is_err() {
                return;
            }
        }
        if let Some(ending) = last {
            if let Some(error) = ending {
                let _ = sender.blocking_send(Err(error));
            }
            return;
        }
    }
}

/// Waits until everything up to `target` is taken in.
async fn reach(watermark: &mut watch::Receiver<u64>, target: u64) -> Result<(), ImportError> {
    watermark.wait_for(|&reached| reached >= target).await.map(|_| ()).map_err(|_| ImportError::Stopped)
}
