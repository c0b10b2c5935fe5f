//! The one writer thread: queue -> batch -> write -> sync -> answers.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use crate::segment;
use crate::{LogError, NewRecord};

/// Where bytes go: a file, or in tests one that fails.
pub(crate) trait Medium: Send {
    /// Writes all of `bytes` at `position`.
    fn write_at(&mut self, position: u64, bytes: &[u8]) -> io::Result<()>;
    /// Returns when everything written is durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file to `length`.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// What the writer tells the rest of the log.
pub(crate) trait Published: Send + Sync {
    /// Opens a new segment that starts at `base`, durably, and makes it the newest.
    fn roll(&self, base: u64) -> Result<Box<dyn Medium>, LogError>;
    /// Everything up to `length` bytes of the newest segment and below offset `end` is durable;
    /// the batch began with record `first` at byte `position`.
    fn durable(&self, first: u64, position: u64, length: u64, end: u64);
}

/// One call of `append`.
struct Pending {
    records: Arc<[NewRecord]>,
    bytes: usize,
    answer: oneshot::Sender<Result<Range<u64>, LogError>>,
}

#[derive(Default)]
struct Waiting {
    pending: VecDeque<Pending>,
    /// Bytes that wait or are being written.
    bytes: usize,
    closed: bool,
}

/// The bounded queue between callers and the writer thread.
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    wake: Condvar,
    limit: usize,
}

impl Queue {
    pub(crate) fn new(limit: usize) -> Queue {
        Queue { waiting: Mutex::default(), wake: Condvar::new(), limit }
    }

    /// Queues one append. One that is larger than the whole queue is let in when nothing else waits.
    pub(crate) fn push(&self, records: Arc<[NewRecord]>) -> Result<oneshot::Receiver<Result<Range<u64>, LogError>>, LogError> {
        let bytes = records.iter().map(segment::encoded_len).sum();
        let (answer, receiver) = oneshot::channel();
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return Err(LogError::Closed);
        }
        if waiting.bytes > 0 && waiting.bytes + bytes > self.limit {
            return Err(LogError::Overloaded);
        }
        waiting.bytes += bytes;
        waiting.pending.push_back(Pending { records, bytes, answer });
        drop(waiting);
        self.wake.notify_one();
        Ok(receiver)
    }

    /// Whether appends are taken.
    pub(crate) fn is_open(&self) -> bool {
        !self.waiting.lock().closed
    }

    /// No more appends; what is queued is still written.
    pub(crate) fn close(&self) {
        self.waiting.lock().closed = true;
        self.wake.notify_one();
    }

    /// Waits for work and takes up to `max_bytes` of it; `None` when closed and empty.
    fn take(&self, max_bytes: usize) -> Option<Vec<Pending>> {
        let mut waiting = self.waiting.lock();
        while waiting.pending.is_empty() {
            if waiting.closed {
                return None;
            }
            self.wake.wait(&mut waiting);
        }
        let mut taken = Vec::new();
        let mut bytes = 0;
        while let Some(next) = waiting.pending.front() {
            if !taken.is_empty() && bytes + next.bytes > max_bytes {
                break;
            }
            bytes += next.bytes;
            taken.extend(waiting.pending.pop_front());
        }
        Some(taken)
    }

    fn done(&self, bytes: usize) {
        let mut waiting = self.waiting.lock();
        waiting.bytes = waiting.bytes.saturating_sub(bytes);
    }

    /// Refuses everything that waits and everything that comes.
    fn refuse(&self) {
        let refused = {
            let mut waiting = self.waiting.lock();
            waiting.closed = true;
            waiting.bytes = 0;
            std::mem::take(&mut waiting.pending)
        };
        for pending in refused {
            let _ = pending.answer.send(Err(LogError::Closed));
        }
    }
}

/// The writer thread's state.
pub(crate) struct Writer {
    pub(crate) queue: Arc<Queue>,
    pub(crate) published: Arc<dyn Published>,
    pub(crate) medium: Box<dyn Medium>,
    /// Durable bytes of the newest segment: where the next batch goes.
    pub(crate) length: u64,
    /// The next offset.
    pub(crate) end: u64,
    pub(crate) segment_bytes: u64,
    pub(crate) batch_bytes: usize,
}

/// However the writer ends, nobody may wait for it.
struct RefuseOnExit(Arc<Queue>);

impl Drop for RefuseOnExit {
    fn drop(&mut self) {
        self.0.refuse();
    }
}

/// Why a batch was not written, and whether the log can go on.
enum Failure {
    /// The file is as it was before.
    Undone(io::Error),
    /// Nothing is known about the file.
    Lost(io::Error),
    /// A new segment could not be opened.
    NoSegment(LogError),
}

impl Writer {
    /// Runs until the queue is closed and empty, or a sync fails.
    pub(crate) fn run(mut self) {
        let _refuse = RefuseOnExit(self.queue.clone());
        let mut buffer = Vec::new();
        while let Some(batch) = self.queue.take(self.batch_bytes) {
            buffer.clear();
            let bytes = batch.iter().map(|pending| pending.bytes).sum();
            let ranges = self.encode(&batch, &mut buffer);
            let written = self.write(&buffer, ranges.last().map_or(self.end, |range| range.end));
            self.queue.done(bytes);
            let lost = matches!(written, Err(Failure::Lost(_)));
            answer(batch, ranges, written);
            if lost {
                return;
            }
            buffer.shrink_to(self.batch_bytes * 2);
        }
    }

    fn encode(&self, batch: &[Pending], buffer: &mut Vec<u8>) -> Vec<Range<u64>> {
        let mut offset = self.end;
        let mut index = 0;
        batch
            .iter()
            .map(|pending| {
                let first = offset;
                for record in pending.records.iter() {
                    segment::encode(buffer, record, offset, index);
                    offset += 1;
                    index += 1;
                }
                first..offset
            })
            .collect()
    }

    fn write(&mut self, buffer: &[u8], end: u64) -> Result<(), Failure> {
        if self.length >= self.segment_bytes {
            self.medium = self.published.roll(self.end).map_err(Failure::NoSegment)?;
            self.length = segment::HEADER_BYTES;
        }
        if let Err(error) = self.medium.write_at(self.length, buffer) {
            return Err(match self.medium.truncate(self.length) {
                Ok(()) => Failure::Undone(error),
                Err(_) => Failure::Lost(error),
            });
        }
        self.medium.sync().map_err(Failure::Lost)?;
        let position = self.length;
        self.length += buffer.len() as u64;
        self.published.durable(self.end, position, self.length, end);
        self.end = end;
        Ok(())
    }
}

fn answer(batch: Vec<Pending>, ranges: Vec<Range<u64>>, written: Result<(), Failure>) {
    if let Err(failure) = &written {
        let (event, cause): (&str, &dyn std::fmt::Display) = match failure {
            Failure::Undone(error) => ("event log write failed and was undone", error),
            Failure::Lost(error) => ("event log sync failed; the log must be opened again", error),
            Failure::NoSegment(error) => ("event log segment could not be created", error),
        };
        tracing::error!(log.error = %cause, "{event}");
    }
    for (pending, range) in batch.into_iter().zip(ranges) {
        let result = match &written {
            Ok(()) => Ok(range),
            Err(Failure::Undone(error) | Failure::Lost(error)) => Err(from_io(error)),
            Err(Failure::NoSegment(LogError::Io(error))) => Err(from_io(error)),
            Err(Failure::NoSegment(_)) => Err(LogError::Full),
        };
        // A caller that has gone away no longer wants the answer; its records stay.
        let _ = pending.answer.send(result);
    }
}

/// The error of one failed batch for each of its callers.
pub(crate) fn from_io(error: &io::Error) -> LogError {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    match error.kind() {
        StorageFull | QuotaExceeded | FileTooLarge => LogError::Full,
        kind => LogError::Io(io::Error::new(kind, error.to_string())),
    }
}
