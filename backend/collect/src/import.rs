//! File imports: rows of CSV, NDJSON and Parquet files become messages like any other.
//!
//! Data flow: the caller spools the file (and digests it while doing so); [`ImportReader`] gives one envelope per row;
//! [`run_import`] appends them to the log in batches, waits for taking in to count them, and keeps the import's progress
//! in the store.
//!
//! - A row that cannot become a message is an envelope too, with the raw bytes and the reason: taking in quarantines it.
//! - A row without a message id of its own gets `import:<32 hex digits of the file's SHA-256>:<row>` (rows count from 1),
//!   so importing a file again, or going on after a crash, gives duplicates that are counted and change nothing.
//! - Times are taken as they stand: no clock correction.
//!
//! CSV and Parquet need a [`Mapping`]; NDJSON lines are messages of the tracking API (with `type`).

use std::path::PathBuf;

use rollcall_log::LogError;
use rollcall_store::StoreError;

mod cell;
mod csv;
mod id_column;
mod mapping;
mod ndjson;
mod parquet;
mod reader;
mod run;
mod stream;

#[cfg(test)]
mod tests;

pub use id_column::id_column;
pub(crate) use parquet::table_of_parquet;

pub use mapping::{MappedType, Mapping};
pub use reader::{ImportReader, ImportRow};
pub use run::{Clock, ImportEnding, run_import};

/// Format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// Comma (or otherwise) separated, with a header line.
    Csv,
    /// One JSON message per line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl ImportFormat {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            ImportFormat::Csv => "csv",
            ImportFormat::Ndjson => "ndjson",
            ImportFormat::Parquet => "parquet",
        }
    }

    /// The format of a word or a file extension.
    pub fn parse(word: &str) -> Option<ImportFormat> {
        Some(match word {
            "csv" | "tsv" | "txt" => ImportFormat::Csv,
            "ndjson" | "jsonl" | "json" => ImportFormat::Ndjson,
            "parquet" => ImportFormat::Parquet,
            _ => return None,
        })
    }
}

/// Compression around a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportCompression {
    /// None.
    Plain,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl ImportCompression {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            ImportCompression::Plain => "plain",
            ImportCompression::Gzip => "gz",
            ImportCompression::Zstd => "zst",
        }
    }

    /// The compression of a word or a file extension.
    pub fn parse(word: &str) -> Option<ImportCompression> {
        Some(match word {
            "plain" => ImportCompression::Plain,
            "gz" | "gzip" => ImportCompression::Gzip,
            "zst" | "zstd" => ImportCompression::Zstd,
            _ => return None,
        })
    }
}

/// Format and compression that a file name tells: `orders.csv.gz`.
pub fn detect(name: &str) -> Option<(ImportFormat, ImportCompression)> {
    let lower = name.to_ascii_lowercase();
    let (rest, last) = lower.rsplit_once('.')?;
    match ImportCompression::parse(last).filter(|compression| *compression != ImportCompression::Plain) {
        Some(compression) => {
            let (_, format) = rest.rsplit_once('.')?;
            Some((ImportFormat::parse(format)?, compression))
        }
        None => Some((ImportFormat::parse(last)?, ImportCompression::Plain)),
    }
}

/// A spooled file and what it is.
#[derive(Debug, Clone)]
pub struct ImportFile {
    /// Where it is.
    pub path: PathBuf,
    /// Format.
    pub format: ImportFormat,
    /// Compression.
    pub compression: ImportCompression,
    /// How columns become messages.
    pub mapping: Option<Mapping>,
    /// SHA-256 of the file as it was uploaded, in hex.
    pub digest: String,
    /// Id of the import; its rows are counted under it.
    pub import_id: String,
}

/// Why an import as a whole cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The mapping is not valid; the text says where.
    #[error("mapping: {0}")]
    Mapping(String),
    /// The mapping names a column that the file does not have.
    #[error("the file has no column {column:?}")]
    MissingColumn {
        /// Which.
        column: String,
    },
    /// The file is not what it is said to be.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// Reading the spooled file failed.
    #[error("reading the file failed: {0}")]
    Io(#[from] std::io::Error),
    /// The event log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The metadata store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Taking in has stopped, so that the rows' outcomes cannot be counted; the import goes on after a restart.
    #[error("taking in has stopped")]
    Stopped,
}
