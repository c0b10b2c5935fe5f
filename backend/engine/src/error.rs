//! What can go wrong in the engine.

use std::path::PathBuf;

/// A failure of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Reading or writing a file of the index failed.
    #[error("{path}: {error}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        error: std::io::Error,
    },
    /// A file of the index is not what was once written. The index can be deleted and rebuilt from the lake.
    #[error("{path} is damaged: {reason}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// A file of the index was written by another version of the format.
    #[error("{path} has format version {version}, which this version does not read")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version found.
        version: u32,
    },
    /// The index was built for another number of shards.
    #[error("the index has {found} shards, {wanted} are configured: delete it and rebuild it from the lake")]
    ShardCount {
        /// In the index.
        found: u16,
        /// Configured.
        wanted: u16,
    },
    /// Another process has the index open.
    #[error("{0} is in use by another process")]
    Locked(PathBuf),
    /// A rule names a list that was never given to the engine.
    #[error("list {0} is not loaded")]
    UnknownList(String),
    /// Stored members do not have the format that [`crate::Members::to_bytes`] writes.
    #[error("stored members are damaged: {0}")]
    Members(String),
    /// The engine's threads could not be started.
    #[error("the evaluation threads could not be started: {0}")]
    Threads(String),
}

impl EngineError {
    /// Wraps an I/O failure with the path it happened on.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> EngineError {
        let path = path.into();
        move |error| EngineError::Io { path, error }
    }

    /// A damaged file.
    pub(crate) fn corrupt(path: impl Into<PathBuf>, reason: impl Into<String>) -> EngineError {
        EngineError::Corrupt { path: path.into(), reason: reason.into() }
    }
}
