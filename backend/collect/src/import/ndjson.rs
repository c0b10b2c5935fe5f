//! Lines of an NDJSON file: messages of the tracking API.

use std::io::{BufRead, BufReader, Read};

use serde_json::value::RawValue;

use super::ImportError;
use super::reader::{LONGEST_ROW, RowContent, Rows};

/// Lines of an NDJSON file; blank ones are no rows.
pub(super) struct NdjsonRows {
    reader: BufReader<Box<dyn Read + Send>>,
    line: Vec<u8>,
    /// The line went on beyond what was kept.
    cut: bool,
}

impl NdjsonRows {
    pub(super) fn open(stream: Box<dyn Read + Send>) -> NdjsonRows {
        NdjsonRows { reader: BufReader::with_capacity(256 << 10, stream), line: Vec::new(), cut: false }
    }

    /// Reads the next line up to its end, keeping no more than allowed.
    fn read_line(&mut self) -> Result<bool, ImportError> {
        self.line.clear();
        self.cut = false;
        let mut any = false;
        loop {
            let available = self.reader.fill_buf()?;
            if available.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = available.iter().position(|&byte| byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            let room = LONGEST_ROW.saturating_sub(self.line.len());
            self.cut |= part.len() > room;
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            let consumed = part.len() + usize::from(end.is_some());
            self.reader.consume(consumed);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

impl Rows for NdjsonRows {
    fn skip(&mut self) -> Result<bool, ImportError> {
        while self.read_line()? {
            if self.cut || !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn next(&mut self) -> Result<Option<RowContent>, ImportError> {
        if !self.skip()? {
            return Ok(None);
        }
        let line = self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.line).trim_ascii();
        let rejected = |reason, detail: &str| RowContent::Rejected { reason, detail: detail.to_owned(), raw: line.to_vec() };
        if self.cut {
            return Ok(Some(rejected("too_large", "the line is longer than 1 MiB; its beginning is kept")));
        }
        let Ok(text) = std::str::from_utf8(line) else {
            return Ok(Some(rejected("line_malformed", "the line is not UTF-8")));
        };
        if !text.starts_with('{') || serde_json::from_str::<&RawValue>(text).is_err() {
            return Ok(Some(rejected("line_malformed", "the line is not a JSON object")));
        }
        Ok(Some(RowContent::Message { message: text.to_owned(), row: None }))
    }
}
