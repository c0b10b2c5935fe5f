//! What can go wrong on the way out.

/// An error of this room.
#[derive(Debug, thiserror::Error)]
pub enum ActivateError {
    /// Writing failed; a broken pipe means that the reader went away.
    #[error("writing a list failed: {0}")]
    Io(#[from] std::io::Error),
    /// Encoding Parquet failed.
    #[error("encoding parquet failed: {0}")]
    Parquet(#[from] parquet::errors::ParquetError),
    /// Building a column failed.
    #[error("encoding parquet failed: {0}")]
    Arrow(#[from] arrow::error::ArrowError),
    /// Rows cannot be written in this format.
    #[error("rows cannot be written as {0}")]
    NotForRows(&'static str),
    /// A template or what it gave cannot be sent.
    #[error("{0}")]
    Template(String),
    /// Nobody can tell at the moment who consents.
    #[error("consent cannot be looked at: {0}")]
    Consent(String),
    /// An address or a header is not valid.
    #[error("{0}")]
    Address(String),
    /// The DKIM key cannot be used.
    #[error("the DKIM key cannot be used: {0}")]
    Dkim(String),
    /// The mail settings cannot be used.
    #[error("the mail settings cannot be used: {0}")]
    Smtp(String),
    /// The metadata store failed.
    #[error(transparent)]
    Store(#[from] rollcall_store::StoreError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] rollcall_engine::EngineError),
    /// A background task ended early.
    #[error("a background task ended early: {0}")]
    Task(String),
}

impl ActivateError {
    /// Whether the reader of a stream went away: nothing to report.
    pub fn is_hang_up(&self) -> bool {
        match self {
            ActivateError::Io(error) => error.kind() == std::io::ErrorKind::BrokenPipe,
            ActivateError::Parquet(parquet::errors::ParquetError::External(error)) => {
                error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
            }
            _ => false,
        }
    }
}
