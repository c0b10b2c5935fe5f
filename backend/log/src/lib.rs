//! The durable event log: what was acknowledged survives `kill -9`, a power cut and a full disk.
//!
//! Data flow: callers hand [`NewRecord`]s to [`EventLog::append`]; one writer thread takes everything that is queued,
//! gives it consecutive offsets (from 1, without gaps), writes it to the newest segment file in one piece and calls
//! `fdatasync`; only then do the futures of that batch resolve and readers see the records (group commit). So the cost
//! of a sync is shared by all who wait, and [`EventLog::end`] never names a record that a crash could take back.
//! Readers ([`EventLog::read`]) go through the segment files on their own and never wait for the writer.
//! [`EventLog::trim`] deletes whole segments that take-in no longer needs.
//!
//! Backpressure and faults: the queue is bounded in bytes ([`LogError::Overloaded`] beyond it); a write that fails is
//! cut away again, so that the next append starts on a sound end ([`LogError::Full`], [`LogError::Io`]); after a failed
//! sync nothing is known about the file, so the log refuses everything ([`LogError::Closed`]) until it is opened again.
//! On opening, an unfinished write at the end is cut; damage to records that had been acknowledged is reported.
//! The `segment` module documents the file format and how to change it.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

mod file_log;
mod segment;
mod writer;

pub use file_log::{FileLog, FileLogOptions};

/// What a caller appends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// Source id, at most 65,535 bytes.
    pub source: String,
    /// When the server received it, microseconds since 1970.
    pub received_at: i64,
    /// The envelope; opaque to the log.
    pub payload: Vec<u8>,
}

/// What a reader gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Position in the order of everything; starts at 1, without gaps.
    pub offset: u64,
    /// Source id.
    pub source: String,
    /// When the server received it, microseconds since 1970.
    pub received_at: i64,
    /// The envelope.
    pub payload: Vec<u8>,
}

/// Why the log could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// No space left (or a quota reached). Nothing of the batch is kept; appending works again when there is space.
    #[error("no space left for the event log")]
    Full,
    /// Any other failure of the disk. Nothing of the batch was acknowledged.
    #[error("event log i/o: {0}")]
    Io(#[from] std::io::Error),
    /// Bytes that had been acknowledged no longer read back.
    #[error("event log segment {segment} is damaged at byte {position}: {reason}")]
    Corrupt {
        /// File name of the segment.
        segment: String,
        /// Byte position in it.
        position: u64,
        /// What is wrong there.
        reason: String,
    },
    /// More bytes wait for the disk than the queue may hold; try again later.
    #[error("the event log's queue is full")]
    Overloaded,
    /// The log is closed, or a sync has failed and it must be opened again.
    #[error("the event log is closed")]
    Closed,
}

/// A durable, ordered log of records.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Appends records in order and resolves with their offsets once they are durable. All or nothing. Shared, so that
    /// whoever tries again need not copy them.
    async fn append(&self, records: Arc<[NewRecord]>) -> Result<Range<u64>, LogError>;

    /// Durable records from offset `from` on, in order: at most `max_records`, and no further one once their payloads
    /// reach `max_bytes` (at least one record is given if there is one). Empty at the end. A `from` below
    /// [`EventLog::start`] reads from the start.
    fn read(&self, from: u64, max_records: usize, max_bytes: usize) -> Result<Vec<Record>, LogError>;

    /// The offset after the last durable record (1 when nothing was ever appended).
    fn end(&self) -> u64;

    /// Whether appends are taken: false after a failed sync, until the log is opened again.
    fn is_open(&self) -> bool;

    /// The oldest offset that is kept (equal to [`EventLog::end`] when nothing is).
    fn start(&self) -> u64;

    /// Follows [`EventLog::end`].
    fn subscribe(&self) -> watch::Receiver<u64>;

    /// Says that records below `before` are no longer needed; whole segments below it are deleted.
    fn trim(&self, before: u64) -> Result<(), LogError>;
}
