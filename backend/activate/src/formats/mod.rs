//! List files: rows to CSV, NDJSON or Parquet, plain or compressed, in constant memory.
//!
//! Data flow: a caller pushes rows into an [`Encoder`] (or hands an iterator to [`write_list`], [`write_users`],
//! [`write_segment_map`]), which writes to any [`std::io::Write`]: a file, or a [`ChannelWriter`] whose other end is the
//! body of an HTTP answer. Text formats keep one buffer of 64 KiB; Parquet keeps one row group. The bytes depend on the
//! rows alone, so that an entity tag made from the set's digest ([`entity_tag`]) is a strong one.

mod channel;
mod encoder;
mod map;
mod parquet;
mod tag;
mod text;

use std::io::Write;

use rollcall_engine::Members;

pub use channel::{ChannelWriter, Chunks, stream};
pub use encoder::{Cell, Column, Encoder};
pub use map::write_segment_map;
pub use tag::{entity_tag, tag_matches};

use crate::error::ActivateError;

#[cfg(test)]
mod tests;

/// A file format of lists and maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// RFC 4180, UTF-8, with a header.
    Csv,
    /// The same, gzip.
    CsvGz,
    /// One JSON object a line.
    Ndjson,
    /// The same, gzip.
    NdjsonGz,
    /// Parquet, zstd.
    Parquet,
    /// Portable 64-bit roaring bitmap of uids; for sets of users only.
    Roaring,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 6] = [Format::Csv, Format::CsvGz, Format::Ndjson, Format::NdjsonGz, Format::Parquet, Format::Roaring];

    /// The word of the API, which is also the file name's extension.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::CsvGz => "csv.gz",
            Format::Ndjson => "ndjson",
            Format::NdjsonGz => "ndjson.gz",
            Format::Parquet => "parquet",
            Format::Roaring => "roaring",
        }
    }

    /// The format of a word.
    pub fn parse(word: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// The media type of the file as it is sent.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Ndjson => "application/x-ndjson; charset=utf-8",
            Format::CsvGz | Format::NdjsonGz => "application/gzip",
            Format::Parquet => "application/vnd.apache.parquet",
            Format::Roaring => "application/octet-stream",
        }
    }

    /// `attachment` with a file name made of `name`'s letters, digits, `-` and `_`.
    pub fn content_disposition(self, name: &str) -> String {
        let safe = |letter: char| if letter.is_ascii_alphanumeric() || "-_".contains(letter) { letter } else { '-' };
        let name: String = name.chars().take(100).map(safe).collect();
        format!("attachment; filename=\"{name}.{}\"", self.as_str())
    }
}

/// The column of a list.
pub const LIST: [Column; 1] = [Column::text("user_id")];
/// The columns of a list for e-mail.
pub const LIST_WITH_ADDRESSES: [Column; 2] = [Column::text("user_id"), Column::text("email")];
/// The columns of the map of users.
pub const USER_MAP: [Column; 2] = [Column::number("uid"), Column::text("user_id")];
/// The columns of the map of segments.
pub const SEGMENT_MAP: [Column; 2] = [Column::text("user_id"), Column::text("segment_id")];

/// Writes a list of user ids. Returns the number of rows.
///
/// # Errors
/// Writing failed; the format is not for rows.
pub fn write_list<U: AsRef<str>>(
    format: Format,
    user_ids: impl IntoIterator<Item = U>,
    out: impl Write + Send,
) -> Result<u64, ActivateError> {
    let mut encoder = Encoder::new(format, &LIST, out)?;
    for user_id in user_ids {
        encoder.row(&[Cell::Text(user_id.as_ref())])?;
    }
    encoder.finish()
}

/// Writes a list of user ids with e-mail addresses. Returns the number of rows.
///
/// # Errors
/// Writing failed; the format is not for rows.
pub fn write_addresses<U: AsRef<str>, A: AsRef<str>>(
    format: Format,
    rows: impl IntoIterator<Item = (U, A)>,
    out: impl Write + Send,
) -> Result<u64, ActivateError> {
    let mut encoder = Encoder::new(format, &LIST_WITH_ADDRESSES, out)?;
    for (user_id, address) in rows {
        encoder.row(&[Cell::Text(user_id.as_ref()), Cell::Text(address.as_ref())])?;
    }
    encoder.finish()
}

/// Writes the map from uid (`shard << 32 | local`) to user id. Returns the number of rows.
///
/// # Errors
/// Writing failed; the format is not for rows.
pub fn write_users<U: AsRef<str>>(
    format: Format,
    rows: impl IntoIterator<Item = (u64, U)>,
    out: impl Write + Send,
) -> Result<u64, ActivateError> {
    let mut encoder = Encoder::new(format, &USER_MAP, out)?;
    for (uid, user_id) in rows {
        encoder.row(&[Cell::Number(uid), Cell::Text(user_id.as_ref())])?;
    }
    encoder.finish()
}

/// Writes a set as a portable 64-bit roaring bitmap: the high half of a uid is the shard.
///
/// # Errors
/// Writing failed.
pub fn write_roaring(members: &Members, mut out: impl Write) -> Result<u64, ActivateError> {
    out.write_all(&members.to_treemap_bytes())?;
    out.flush()?;
    Ok(members.len())
}
