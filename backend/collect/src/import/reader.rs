//! Rows of any file, each as an envelope for the log.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rollcall_rules::ValueType;

use super::csv::CsvRows;
use super::ndjson::NdjsonRows;
use super::parquet::ParquetRows;
use super::stream::{self, BytesRead};
use super::{ImportCompression, ImportError, ImportFile, ImportFormat};
use crate::envelope::{Header, Rejected};

/// A row of more bytes is no message; this much of it is kept.
pub(super) const LONGEST_ROW: usize = 1 << 20;

/// What a row is.
pub(super) enum RowContent {
    /// A message, as JSON text, and the row that it was made of if that is text of another form.
    Message { message: String, row: Option<String> },
    /// No message.
    Rejected { reason: &'static str, detail: String, raw: Vec<u8> },
}

/// Rows of one format.
pub(super) trait Rows: Send {
    /// Passes over a row; false at the end.
    fn skip(&mut self) -> Result<bool, ImportError>;
    /// The next row; `None` at the end.
    fn next(&mut self) -> Result<Option<RowContent>, ImportError>;
    /// How many rows there are, if the file says so.
    fn total(&self) -> Option<u64> {
        None
    }
    /// Types of values, by name, that the message's JSON does not show.
    fn types(&self) -> Option<&BTreeMap<String, ValueType>> {
        None
    }
}

/// A row of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Counting from 1.
    pub number: u64,
    /// Its envelope.
    pub payload: Vec<u8>,
    /// Whether it could not be made a message and will be quarantined.
    pub rejected: bool,
}

/// The rows of a file, from some row on.
pub struct ImportReader {
    rows: Box<dyn Rows>,
    file: ImportFile,
    number: u64,
    bytes: BytesRead,
    failed: bool,
}

impl ImportReader {
    /// Opens a file and passes over its first `done` rows.
    ///
    /// # Errors
    /// If the file cannot be read, or does not fit its mapping.
    pub fn open(file: &ImportFile, done: u64) -> Result<ImportReader, ImportError> {
        let bytes = Arc::new(AtomicU64::new(0));
        let mut rows = open_rows(file, bytes.clone())?;
        for _ in 0..done {
            if !rows.skip()? {
                break;
            }
        }
        Ok(ImportReader { rows, file: file.clone(), number: done, bytes, failed: false })
    }

    /// How many rows the file has, if it says so.
    pub fn total(&self) -> Option<u64> {
        self.rows.total()
    }

    /// Bytes of the file read so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn seal(&self, content: RowContent) -> ImportRow {
        let content = match content {
            RowContent::Message { message, row } if message.len() > LONGEST_ROW => {
                let detail = "the message of the row is longer than 1 MiB; its beginning is kept".into();
                RowContent::Rejected { reason: "too_large", detail, raw: row.unwrap_or(message).into_bytes() }
            }
            content => content,
        };
        let digest = self.file.digest.get(..32).unwrap_or(&self.file.digest);
        let mut header = Header {
            import: Some(&self.file.import_id),
            message_id: Some(format!("import:{digest}:{}", self.number)),
            ..Header::default()
        };
        match content {
            RowContent::Message { message, row } => {
                header.row = row.as_deref();
                header.types = self.rows.types().filter(|types| !types.is_empty());
                ImportRow { number: self.number, payload: header.seal(&message), rejected: false }
            }
            RowContent::Rejected { reason, detail, mut raw } => {
                raw.truncate(LONGEST_ROW);
                header.rejected = Some(Rejected { reason: Cow::Borrowed(reason), detail: Cow::Borrowed(&detail) });
                ImportRow { number: self.number, payload: header.seal_rejected(&raw), rejected: true }
            }
        }
    }
}

impl Iterator for ImportReader {
    type Item = Result<ImportRow, ImportError>;

    /// The next row; nothing more after an error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        match self.rows.next() {
            Ok(None) => None,
            Ok(Some(content)) => {
                self.number += 1;
                Some(Ok(self.seal(content)))
            }
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

fn open_rows(file: &ImportFile, bytes: BytesRead) -> Result<Box<dyn Rows>, ImportError> {
    let mapping = || {
        let missing = || ImportError::Mapping(format!("a {} file needs a mapping", file.format.as_str()));
        file.mapping.clone().ok_or_else(missing)
    };
    Ok(match file.format {
        ImportFormat::Csv => Box::new(CsvRows::open(stream::open(&file.path, file.compression, bytes)?, mapping()?)?),
        ImportFormat::Ndjson => {
            if file.mapping.is_some() {
                return Err(ImportError::Mapping("NDJSON lines are messages already and take no mapping".into()));
            }
            Box::new(NdjsonRows::open(stream::open(&file.path, file.compression, bytes)?))
        }
        ImportFormat::Parquet => {
            if file.compression != ImportCompression::Plain {
                return Err(ImportError::Unreadable("Parquet is compressed inside; send it plain".into()));
            }
            Box::new(ParquetRows::open(&file.path, mapping()?, bytes)?)
        }
    })
}
