//! The segment file format, version 1.
//!
//! A segment is named by the offset of its first record (20 digits, `.log`). All integers are little-endian.
//!
//! | part | bytes |
//! |---|---|
//! | header | magic `RCLG`, version (1), 3 zero bytes, first offset u64, crc32 of these 16 bytes |
//! | record | length u32 of the body, crc32 of length and body, body |
//! | body | offset u64, received_at i64, index in its write u32, length of source u16, source, payload |
//!
//! "Index in its write" tells a torn end from damage: offset - index is the first record of the batch that one write
//! and one sync put down, so everything before it had been durable already. A record that cannot be read is a torn end
//! if no readable record behind it belongs to a later batch, and damage otherwise.
//!
//! To change the format: raise [`VERSION`], keep reading the old one by its version byte (a segment is never
//! rewritten), and add a fixture of the old version to `file_log/tests.rs`.

use crate::{NewRecord, Record};

pub(crate) const MAGIC: [u8; 4] = *b"RCLG";
pub(crate) const VERSION: u8 = 1;
pub(crate) const HEADER_BYTES: u64 = 20;
/// Length and crc.
const FRAME: usize = 8;
/// Offset, received_at, index, length of source.
const FIXED: usize = 22;
/// No record is larger; a length above it is not a length.
pub(crate) const MAX_RECORD_BYTES: usize = 64 << 20;
/// Distance in bytes between entries of the sparse index.
const INDEX_STEP: u64 = 256 << 10;

/// File name of the segment that starts at `base`.
pub(crate) fn file_name(base: u64) -> String {
    format!("{base:020}.log")
}

/// The first offset that a file name says, if it is a segment's.
pub(crate) fn base_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".log")?;
    if digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

/// The header of a segment that starts at `base`.
pub(crate) fn header(base: u64) -> [u8; HEADER_BYTES as usize] {
    let mut bytes = [0; HEADER_BYTES as usize];
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4] = VERSION;
    bytes[8..16].copy_from_slice(&base.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..16]);
    bytes[16..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// Checks a header; the error says what is wrong with it.
pub(crate) fn check_header(bytes: &[u8], base: u64) -> Result<(), String> {
    let Some(bytes) = bytes.get(..HEADER_BYTES as usize) else { return Err("header is cut short".into()) };
    if bytes[..4] != MAGIC {
        return Err("not a log segment".into());
    }
    if bytes[4] != VERSION {
        return Err(format!("format version {} is not known (this program writes {VERSION})", bytes[4]));
    }
    if crc32fast::hash(&bytes[..16]) != u32_at(bytes, 16) {
        return Err("header checksum does not match".into());
    }
    if u64_at(bytes, 8) != base {
        return Err(format!("header says first offset {}, the name says {base}", u64_at(bytes, 8)));
    }
    Ok(())
}

/// Whether a record can be stored at all.
pub(crate) fn fits(record: &NewRecord) -> bool {
    record.source.len() <= usize::from(u16::MAX) && record.payload.len() + record.source.len() + FIXED <= MAX_RECORD_BYTES
}

/// Bytes that a record takes in the file.
pub(crate) fn encoded_len(record: &NewRecord) -> usize {
    FRAME + FIXED + record.source.len() + record.payload.len()
}

/// Appends one record to `out`. The caller has checked [`fits`].
pub(crate) fn encode(out: &mut Vec<u8>, record: &NewRecord, offset: u64, index: u32) {
    let start = out.len();
    let length = (encoded_len(record) - FRAME) as u32;
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&offset.to_le_bytes());
    out.extend_from_slice(&record.received_at.to_le_bytes());
    out.extend_from_slice(&index.to_le_bytes());
    out.extend_from_slice(&(record.source.len() as u16).to_le_bytes());
    out.extend_from_slice(record.source.as_bytes());
    out.extend_from_slice(&record.payload);
    let crc = checksum(&out[start..]);
    out[start + 4..start + FRAME].copy_from_slice(&crc.to_le_bytes());
}

/// What stands at the beginning of some bytes.
pub(crate) enum Parsed<'a> {
    /// A sound record.
    Whole(RawRecord<'a>),
    /// The beginning of a record that needs this many bytes in all.
    Short(usize),
    /// No record.
    Bad(&'static str),
}

/// A record in a buffer.
pub(crate) struct RawRecord<'a> {
    pub(crate) offset: u64,
    pub(crate) received_at: i64,
    pub(crate) source: &'a str,
    pub(crate) payload: &'a [u8],
    /// Bytes that it takes in the file.
    pub(crate) size: usize,
}

impl RawRecord<'_> {
    pub(crate) fn to_record(&self) -> Record {
        Record {
            offset: self.offset,
            source: self.source.to_owned(),
            received_at: self.received_at,
            payload: self.payload.to_vec(),
        }
    }
}

/// Reads the record at the beginning of `bytes`.
pub(crate) fn parse(bytes: &[u8]) -> Parsed<'_> {
    if bytes.len() < FRAME {
        return Parsed::Short(FRAME);
    }
    let length = u32_at(bytes, 0) as usize;
    if !(FIXED..=MAX_RECORD_BYTES).contains(&length) {
        return Parsed::Bad("impossible record length");
    }
    let size = FRAME + length;
    let Some(bytes) = bytes.get(..size) else { return Parsed::Short(size) };
    if checksum(bytes) != u32_at(bytes, 4) {
        return Parsed::Bad("record checksum does not match");
    }
    let body = FRAME + FIXED;
    let source_len = usize::from(u16::from_le_bytes([bytes[body - 2], bytes[body - 1]]));
    let Some(source) = bytes.get(body..body + source_len) else { return Parsed::Bad("impossible source length") };
    let Ok(source) = std::str::from_utf8(source) else { return Parsed::Bad("source is not UTF-8") };
    Parsed::Whole(RawRecord {
        offset: u64_at(bytes, 8),
        received_at: u64_at(bytes, 16) as i64,
        source,
        payload: &bytes[body + source_len..],
        size,
    })
}

/// What a scan of the newest segment found.
pub(crate) struct Recovered {
    /// Bytes up to the end of the last whole record.
    pub(crate) length: u64,
    /// Offset after the last whole record.
    pub(crate) end: u64,
    /// Sparse index of what was scanned.
    pub(crate) index: SparseIndex,
}

/// Finds the sound end of a whole segment (header already checked). The error is damage: (position, reason).
pub(crate) fn recover(bytes: &[u8], base: u64) -> Result<Recovered, (u64, String)> {
    let mut position = HEADER_BYTES as usize;
    let mut offset = base;
    let mut index = SparseIndex::new(base);
    let reason = loop {
        if position == bytes.len() {
            break None;
        }
        match parse(&bytes[position..]) {
            Parsed::Whole(record) if record.offset == offset => {
                index.note(offset, position as u64);
                position += record.size;
                offset += 1;
            }
            Parsed::Whole(_) => break Some("record is out of order"),
            Parsed::Short(_) => break Some("record is cut short"),
            Parsed::Bad(reason) => break Some(reason),
        }
    };
    if let Some(reason) = reason
        && later_batch_behind(&bytes[position..], offset)
    {
        return Err((position as u64, reason.to_owned()));
    }
    Ok(Recovered { length: position as u64, end: offset, index })
}

/// Whether a readable record of a batch that began after `offset` stands anywhere in `bytes`: then the record at
/// `offset` had been durable. (Payloads are JSON text, which cannot hold the zero bytes of an offset, so no client
/// can plant one.)
fn later_batch_behind(bytes: &[u8], offset: u64) -> bool {
    let mut at = 1;
    while at + FRAME + FIXED <= bytes.len() {
        let candidate = u64_at(bytes, at + FRAME);
        let first_of_batch = candidate.wrapping_sub(u64::from(u32_at(bytes, at + 24)));
        let plausible = first_of_batch > offset && first_of_batch <= candidate && candidate - offset <= bytes.len() as u64;
        if plausible && matches!(parse(&bytes[at..]), Parsed::Whole(_)) {
            return true;
        }
        at += 1;
    }
    false
}

/// Offsets and their byte positions, about one entry per 256 KiB; grows as the segment is written or read.
#[derive(Debug)]
pub(crate) struct SparseIndex {
    entries: Vec<(u64, u64)>,
    /// Where the last sequential read stopped.
    resume: (u64, u64),
}

impl SparseIndex {
    pub(crate) fn new(base: u64) -> SparseIndex {
        SparseIndex { entries: vec![(base, HEADER_BYTES)], resume: (base, HEADER_BYTES) }
    }

    /// Notes that record `offset` stands at `position`, if the index has nothing near it yet.
    pub(crate) fn note(&mut self, offset: u64, position: u64) {
        if self.entries.last().is_none_or(|&(_, last)| position >= last + INDEX_STEP) {
            self.entries.push((offset, position));
        }
    }

    /// Notes where a sequential reader will go on.
    pub(crate) fn note_resume(&mut self, offset: u64, position: u64) {
        self.resume = (offset, position);
    }

    /// The nearest known record at or before `offset`: (offset, position).
    pub(crate) fn nearest(&self, offset: u64) -> (u64, u64) {
        let at = self.entries.partition_point(|&(known, _)| known <= offset);
        let entry = self.entries[at.saturating_sub(1)];
        if self.resume.0 <= offset && self.resume.0 > entry.0 { self.resume } else { entry }
    }
}

/// crc32 of the length and of what follows the crc.
fn checksum(record: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&record[..4]);
    hasher.update(&record[FRAME..]);
    hasher.finalize()
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
