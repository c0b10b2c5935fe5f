//! What can go wrong while collecting.

use rollcall_engine::EngineError;
use rollcall_lake::LakeError;
use rollcall_log::LogError;
use rollcall_rules::ValueType;
use rollcall_store::StoreError;

/// A failure of taking in. Single messages never cause one: they are quarantined.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The event log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The lake failed.
    #[error(transparent)]
    Lake(#[from] LakeError),
    /// The metadata store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The index holds more than the store says was taken in, so the two are not of one history.
    #[error(
        "the index is at {durable}, the metadata store at {checkpoint}: they are not of one history; \
         delete the index and it is rebuilt from the lake"
    )]
    IndexAhead {
        /// What the index holds.
        durable: u64,
        /// What the store says.
        checkpoint: u64,
    },
    /// Records that were never taken in are no longer in the log, or the log is not the one that was taken in.
    #[error("the event log holds {start}..{end}, but taking in goes on at {next}")]
    LogGap {
        /// Oldest offset in the log.
        start: u64,
        /// Offset after the newest.
        end: u64,
        /// Next offset needed.
        next: u64,
    },
    /// A type cannot be declared because data of another type have been taken in.
    #[error("{path} has been taken in as {found:?} and cannot be declared {wanted:?}")]
    TypeInUse {
        /// The trait or property.
        path: String,
        /// Its type.
        found: ValueType,
        /// The declared type.
        wanted: ValueType,
    },
    /// The flush that was asked for failed; it is tried again by itself.
    #[error("the flush failed: {0}")]
    Flush(String),
    /// Taking in has been stopped.
    #[error("taking in has stopped")]
    Stopped,
    /// A thread could not be started.
    #[error("a thread could not be started: {0}")]
    Thread(#[source] std::io::Error),
}

/// Why a tracking request was refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrackingError {
    /// Neither JSON nor gzipped JSON.
    #[error("the body is not valid JSON")]
    InvalidJson,
    /// The gzip stream does not decompress.
    #[error("the body cannot be decompressed")]
    InvalidGzip,
    /// An encoding other than gzip.
    #[error("this Content-Encoding is not supported; send gzip or none")]
    UnsupportedEncoding,
    /// JSON, but not an object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// `batch` is missing or not a list.
    #[error("batch is not a list")]
    BatchNotAList,
    /// `batch` is empty.
    #[error("batch is empty")]
    EmptyBatch,
    /// No write key anywhere.
    #[error("there is no write key: send it as the Basic user name, as X-Write-Key or as writeKey in the body")]
    NoWriteKey,
    /// More bytes than allowed, compressed or not.
    #[error("the body is too large")]
    BodyTooLarge,
    /// More messages than allowed.
    #[error("the batch has too many messages")]
    BatchTooLarge,
}

impl TrackingError {
    /// The HTTP status that says it: 400 and 413 are retried by no SDK, 401 neither.
    pub fn status(&self) -> u16 {
        match self {
            TrackingError::NoWriteKey => 401,
            TrackingError::BodyTooLarge | TrackingError::BatchTooLarge => 413,
            TrackingError::UnsupportedEncoding => 415,
            _ => 400,
        }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            TrackingError::InvalidJson => "invalid_json",
            TrackingError::InvalidGzip => "invalid_gzip",
            TrackingError::UnsupportedEncoding => "unsupported_encoding",
            TrackingError::NotAnObject => "not_an_object",
            TrackingError::BatchNotAList => "batch_not_a_list",
            TrackingError::EmptyBatch => "empty_batch",
            TrackingError::NoWriteKey => "write_key_missing",
            TrackingError::BodyTooLarge => "body_too_large",
            TrackingError::BatchTooLarge => "batch_too_large",
        }
    }
}
