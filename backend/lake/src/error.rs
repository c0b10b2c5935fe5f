//! What can go wrong in the lake.

use datafusion::error::DataFusionError;
use deltalake::DeltaTableError;
use deltalake::kernel::transaction::TransactionError;

/// A failure of the lake. The variants say what a caller can do about it; the texts are for the log.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The storage under the lake cannot be reached or written at the moment (network, credentials, full disk). Nothing
    /// was lost; the same call may succeed later.
    #[error("the lake's storage is unavailable: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The URL or the storage options of the lake are unusable.
    #[error("the lake's location is unusable: {0}")]
    Location(String),
    /// Another writer committed to the same table at the same time. The call may be repeated.
    #[error("another writer is committing to the lake: {0}")]
    Conflict(String),
    /// A rule refers to a version of a list that was never written.
    #[error("list {id:?} has no version {version}")]
    UnknownList {
        /// List id.
        id: String,
        /// Version asked for.
        version: u64,
    },
    /// A query needs more memory than the limit, even with spilling to disk.
    #[error("the query exceeds the lake's memory limit: {0}")]
    OutOfMemory(String),
    /// What is stored is not what this program writes.
    #[error("the lake is damaged: {0}")]
    Corrupt(String),
    /// The query engine refused or failed: a defect of this program.
    #[error("the lake's query failed: {0}")]
    Query(String),
}

impl LakeError {
    /// Whether the same call may succeed later without anybody changing anything but the storage's health.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, LakeError::Unavailable(_))
    }
}

/// Whether an error of a library was caused by storage that did not answer.
fn comes_from_storage(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |cause| cause.source());
    causes.into_iter().any(|cause| match cause.downcast_ref::<object_store::Error>() {
        Some(object_store::Error::NotFound { .. } | object_store::Error::AlreadyExists { .. }) => false,
        Some(_) => true,
        None => cause.is::<std::io::Error>(),
    })
}

impl From<object_store::Error> for LakeError {
    fn from(error: object_store::Error) -> LakeError {
        match error {
            object_store::Error::NotFound { .. } | object_store::Error::NotModified { .. } => {
                LakeError::Corrupt(error.to_string())
            }
            object_store::Error::InvalidPath { .. }
            | object_store::Error::NotSupported { .. }
            | object_store::Error::NotImplemented { .. }
            | object_store::Error::UnknownConfigurationKey { .. } => LakeError::Location(error.to_string()),
            object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. } => {
                LakeError::Conflict(error.to_string())
            }
            other => LakeError::Unavailable(Box::new(other)),
        }
    }
}

impl From<std::io::Error> for LakeError {
    fn from(error: std::io::Error) -> LakeError {
        LakeError::Unavailable(Box::new(error))
    }
}

impl From<DeltaTableError> for LakeError {
    fn from(error: DeltaTableError) -> LakeError {
        match error {
            DeltaTableError::ObjectStore { source } => source.into(),
            DeltaTableError::Io { source } => source.into(),
            DeltaTableError::VersionAlreadyExists(_) => LakeError::Conflict(error.to_string()),
            DeltaTableError::Transaction { source: TransactionError::ObjectStore { source } } => source.into(),
            DeltaTableError::Transaction { source: TransactionError::CommitConflict(conflict) } => {
                LakeError::Conflict(conflict.to_string())
            }
            DeltaTableError::Transaction { source: source @ TransactionError::MaxCommitAttempts(_) } => {
                LakeError::Conflict(source.to_string())
            }
            other if comes_from_storage(&other) => LakeError::Unavailable(Box::new(other)),
            other => LakeError::Corrupt(other.to_string()),
        }
    }
}

impl From<deltalake::kernel::Error> for LakeError {
    fn from(error: deltalake::kernel::Error) -> LakeError {
        LakeError::Corrupt(error.to_string())
    }
}

impl From<DataFusionError> for LakeError {
    fn from(error: DataFusionError) -> LakeError {
        match error {
            DataFusionError::ObjectStore(source) => (*source).into(),
            DataFusionError::IoError(source) => source.into(),
            DataFusionError::ResourcesExhausted(detail) => LakeError::OutOfMemory(detail),
            DataFusionError::Context(_, inner) => (*inner).into(),
            DataFusionError::Shared(inner) if matches!(inner.find_root(), DataFusionError::ResourcesExhausted(_)) => {
                LakeError::OutOfMemory(inner.to_string())
            }
            other if comes_from_storage(&other) => LakeError::Unavailable(Box::new(other)),
            other => LakeError::Query(other.to_string()),
        }
    }
}

impl From<arrow::error::ArrowError> for LakeError {
    fn from(error: arrow::error::ArrowError) -> LakeError {
        LakeError::Corrupt(error.to_string())
    }
}

impl From<parquet::errors::ParquetError> for LakeError {
    fn from(error: parquet::errors::ParquetError) -> LakeError {
        LakeError::Corrupt(error.to_string())
    }
}
