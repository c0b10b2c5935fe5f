//! Rows of a CSV file.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Cursor, Read};
use std::sync::{Arc, Mutex, PoisonError};

use rollcall_rules::ValueType;

use super::ImportError;
use super::cell::{self, Cell};
use super::mapping::Mapping;
use super::reader::{LONGEST_ROW, RowContent, Rows};

/// Bytes asked of the file at once.
const CHUNK: usize = 64 << 10;

/// Rows of a CSV file with a header line.
pub(super) struct CsvRows {
    reader: csv::Reader<Cutter>,
    window: Window,
    record: csv::ByteRecord,
    header_len: usize,
    /// Position of each of [`Mapping::columns`].
    columns: Vec<usize>,
    mapping: Mapping,
}

/// Bytes as the parser sees them, from some position on, so that a bad row can be kept as it was.
type Window = Arc<Mutex<Recent>>;

#[derive(Default)]
struct Recent {
    from: u64,
    bytes: Vec<u8>,
    /// How many of `bytes` the parser has read.
    read: usize,
    /// Positions at which rows that are too long were ended for the parser.
    cuts: VecDeque<u64>,
}

impl Recent {
    fn index(&self, position: u64) -> usize {
        (position.saturating_sub(self.from) as usize).min(self.bytes.len())
    }
}

/// What lies between the file and the parser: it remembers the bytes, and lets no row grow beyond [`LONGEST_ROW`].
/// The parser holds a whole row, and a quote that is never closed makes one of the rest of the file.
struct Cutter {
    stream: Box<dyn Read + Send>,
    window: Window,
    chunk: Box<[u8]>,
    delimiter: u8,
    place: Place,
    /// Bytes of the row so far.
    row: usize,
    /// The row is too long: the rest of it is dropped.
    dropping: bool,
}

/// Where in a row a byte stands, by the rules of the parser.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    RowStart,
    FieldStart,
    Field,
    Quoted,
    /// After a quote in a quoted field: its end, or the first of two.
    Quote,
}

impl Place {
    fn after(self, byte: u8, delimiter: u8) -> Place {
        match (self, byte) {
            (Place::Quoted, b'"') => Place::Quote,
            (Place::Quoted, _) => Place::Quoted,
            (Place::Quote, b'"') => Place::Quoted,
            (_, b'\n' | b'\r') => Place::RowStart,
            (_, byte) if byte == delimiter => Place::FieldStart,
            (Place::RowStart | Place::FieldStart, b'"') => Place::Quoted,
            _ => Place::Field,
        }
    }
}

impl Cutter {
    fn new(stream: Box<dyn Read + Send>, window: Window, delimiter: u8) -> Cutter {
        let chunk = vec![0; CHUNK].into_boxed_slice();
        Cutter { stream, window, chunk, delimiter, place: Place::RowStart, row: 0, dropping: false }
    }

    /// Reads on until there is something for the parser; false at the end.
    fn fill(&mut self, recent: &mut Recent) -> io::Result<bool> {
        while recent.read == recent.bytes.len() {
            let count = self.stream.read(&mut self.chunk)?;
            if count == 0 {
                return Ok(false);
            }
            let mut kept_from = 0;
            for at in 0..count {
                let before = self.place;
                self.place = before.after(self.chunk[at], self.delimiter);
                self.row += 1;
                if self.place == Place::RowStart {
                    if self.dropping {
                        kept_from = at + 1;
                    }
                    (self.row, self.dropping) = (0, false);
                } else if self.row > LONGEST_ROW && !self.dropping {
                    self.dropping = true;
                    recent.bytes.extend_from_slice(&self.chunk[kept_from..at]);
                    recent.bytes.extend_from_slice(if before == Place::Quoted { b"\"\n" } else { b"\n" });
                    recent.cuts.push_back(recent.from + recent.bytes.len() as u64);
                }
            }
            if !self.dropping {
                recent.bytes.extend_from_slice(&self.chunk[kept_from..count]);
            }
        }
        Ok(true)
    }
}

impl Read for Cutter {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let window = self.window.clone();
        let mut recent = window.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.fill(&mut recent)? {
            return Ok(0);
        }
        let rest = &recent.bytes[recent.read..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        recent.read += count;
        Ok(count)
    }
}

impl CsvRows {
    pub(super) fn open(stream: Box<dyn Read + Send>, mapping: Mapping) -> Result<CsvRows, ImportError> {
        let window = Window::default();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(mapping.delimiter)
            .flexible(true)
            .buffer_capacity(CHUNK)
            .from_reader(Cutter::new(without_mark(stream)?, window.clone(), mapping.delimiter));
        let header = reader.byte_headers().map_err(unreadable)?.clone();
        let position = |column: &str| {
            let found = (0..header.len()).find(|&at| header.get(at) == Some(column.as_bytes()));
            found.ok_or_else(|| ImportError::MissingColumn { column: column.to_owned() })
        };
        let columns = mapping.columns().into_iter().map(position).collect::<Result<_, _>>()?;
        Ok(CsvRows { reader, window, record: csv::ByteRecord::new(), header_len: header.len(), columns, mapping })
    }

    /// The bytes of the row that ended at the reader's position, without its line end.
    fn raw(&self, start: u64) -> Vec<u8> {
        let recent = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        recent.bytes[recent.index(start)..recent.index(self.reader.position().byte())].trim_ascii().to_vec()
    }

    /// Whether the row that ended at the reader's position is only the beginning of one.
    fn was_cut(&self, start: u64) -> bool {
        let recent = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let end = self.reader.position().byte();
        recent.cuts.iter().any(|&cut| start < cut && cut <= end)
    }

    fn forget(&self, before: u64) {
        let mut recent = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        while recent.cuts.front().is_some_and(|&cut| cut <= before) {
            recent.cuts.pop_front();
        }
        let passed = recent.index(before);
        // In large steps, so that moving the rest costs nothing.
        if passed >= 1 << 20 {
            recent.bytes.drain(..passed);
            recent.from += passed as u64;
            recent.read -= passed;
        }
    }

    fn content(&self, start: u64) -> RowContent {
        if self.was_cut(start) {
            let detail = "the row is longer than 1 MiB (is a quote not closed?); its beginning is kept".into();
            return RowContent::Rejected { reason: "too_large", detail, raw: self.raw(start) };
        }
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
            Ok(message) => RowContent::Message { message, row: String::from_utf8(self.raw(start)).ok() },
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

/// The stream without a byte order mark, which would hide a quote at the very beginning.
fn without_mark(mut stream: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut head = Vec::new();
    stream.by_ref().take(3).read_to_end(&mut head)?;
    if head == b"\xef\xbb\xbf" {
        head.clear();
    }
    Ok(Box::new(Cursor::new(head).chain(stream)))
}

fn unreadable(error: csv::Error) -> ImportError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => ImportError::Io(error),
        kind => ImportError::Unreadable(format!("{kind:?}")),
    }
}
