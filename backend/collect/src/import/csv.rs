//! Rows of a CSV file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use rollcall_rules::ValueType;

use super::ImportError;
use super::cell::{self, Cell};
use super::mapping::Mapping;
use super::reader::{RowContent, Rows};

/// Rows of a CSV file with a header line.
pub(super) struct CsvRows {
    reader: csv::Reader<Tee>,
    window: Window,
    record: csv::ByteRecord,
    header_len: usize,
    /// Position of each of [`Mapping::columns`].
    columns: Vec<usize>,
    mapping: Mapping,
}

/// Bytes as they were read, from some position on, so that a bad row can be kept as it was.
type Window = Arc<Mutex<Recent>>;

#[derive(Default)]
struct Recent {
    from: u64,
    bytes: Vec<u8>,
}

struct Tee {
    stream: Box<dyn Read + Send>,
    window: Window,
}

impl Read for Tee {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(buffer)?;
        let mut recent = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        recent.bytes.extend_from_slice(&buffer[..read]);
        Ok(read)
    }
}

impl CsvRows {
    pub(super) fn open(stream: Box<dyn Read + Send>, mapping: Mapping) -> Result<CsvRows, ImportError> {
        let window = Window::default();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(mapping.delimiter)
            .flexible(true)
            .buffer_capacity(64 << 10)
            .from_reader(Tee { stream, window: window.clone() });
        let header = reader.byte_headers().map_err(unreadable)?.clone();
        let name_at = |at: usize| header.get(at).map(|name| name.strip_prefix(b"\xef\xbb\xbf").unwrap_or(name));
        let position = |column: &str| {
            let found = (0..header.len()).find(|&at| name_at(at) == Some(column.as_bytes()));
            found.ok_or_else(|| ImportError::MissingColumn { column: column.to_owned() })
        };
        let columns = mapping.columns().into_iter().map(position).collect::<Result<_, _>>()?;
        Ok(CsvRows { reader, window, record: csv::ByteRecord::new(), header_len: header.len(), columns, mapping })
    }

    /// The bytes of the row that ended at the reader's position, without its line end.
    fn raw(&self, start: u64) -> Vec<u8> {
        let recent = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |position: u64| (position.saturating_sub(recent.from) as usize).min(recent.bytes.len());
        let raw = &recent.bytes[at(start)..at(self.reader.position().byte())];
        raw.trim_ascii().to_vec()
    }

    fn forget(&self, before: u64) {
        let mut recent = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = before.saturating_sub(recent.from) as usize;
        // In large steps, so that moving the rest costs nothing.
        if passed >= 1 << 20 {
            let passed = passed.min(recent.bytes.len());
            recent.bytes.drain(..passed);
            recent.from += passed as u64;
        }
    }

    fn content(&self, start: u64) -> RowContent {
        let fields = self.record.len();
        if fields != self.header_len {
            let detail = format!("{fields} fields; the header has {}", self.header_len);
            return RowContent::Rejected { reason: "row_malformed", detail, raw: self.raw(start) };
        }
        if std::str::from_utf8(self.record.as_slice()).is_err() {
            return RowContent::Rejected { reason: "row_malformed", detail: "not UTF-8".into(), raw: self.raw(start) };
        }
        let cell = |at: usize| match self.record.get(self.columns[at]).map(std::str::from_utf8) {
            Some(Ok(text)) if !text.is_empty() => Cell::Text(Cow::Borrowed(text)),
            _ => Cell::Missing,
        };
        match cell::message(&self.mapping, cell) {
            Ok(message) => RowContent::Message(message),
            Err((reason, detail)) => RowContent::Rejected { reason, detail, raw: self.raw(start) },
        }
    }
}

impl Rows for CsvRows {
    fn skip(&mut self) -> Result<bool, ImportError> {
        self.forget(self.reader.position().byte());
        self.reader.read_byte_record(&mut self.record).map_err(unreadable)
    }

    fn next(&mut self) -> Result<Option<RowContent>, ImportError> {
        let start = self.reader.position().byte();
        if !self.skip()? {
            return Ok(None);
        }
        Ok(Some(self.content(start)))
    }

    fn types(&self) -> Option<&BTreeMap<String, ValueType>> {
        Some(&self.mapping.types)
    }
}

fn unreadable(error: csv::Error) -> ImportError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => ImportError::Io(error),
        kind => ImportError::Unreadable(format!("{kind:?}")),
    }
}
