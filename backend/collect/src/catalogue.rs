//! Catalogues: files of rows read into them, and their rows packed for the store.
//!
//! Data flow: [`take_rows`] reads a file (JSON, NDJSON, CSV or Parquet) and puts each row into a catalogue; one row that does
//! not fit refuses the whole file. [`pack`] and [`unpack`] are the stored form, [`row_json`] is one row as it is shown.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use rollcall_rules::catalogue::key_text;
use rollcall_rules::{Catalogue, CatalogueRow, TimePoint, ValueType};
use serde_json::{Map, Value as Json};

mod pack;
mod read;

#[cfg(test)]
mod tests;

pub use pack::{PackError, pack, unpack};

/// Most rows of a catalogue.
pub const MOST_ROWS: usize = 200_000;
/// Most attributes of a catalogue.
pub const MOST_ATTRIBUTES: usize = 500;
/// Longest key, bytes.
pub const LONGEST_KEY: usize = 1024;
/// Longest name of an attribute, bytes.
pub const LONGEST_NAME: usize = 200;
/// So many faults are told.
pub const FAULTS_TOLD: usize = 100;

/// How a file of rows is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFormat {
    /// An array of objects.
    Json,
    /// One object a line.
    Ndjson,
    /// A header and a line for each row. An empty cell is "not set"; lists, objects and `seasons` are JSON in a cell.
    Csv,
    /// Apache Parquet; `seasons` may be JSON in a text.
    Parquet,
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadFault {
    /// Which row, from 1; a header is none.
    pub row: usize,
    /// The attribute, `key` or `seasons`; empty if the row as a whole cannot be read.
    pub field: String,
    /// A sentence; names kinds, never the value.
    pub detail: String,
}

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// It cannot be read as what it is said to be.
    #[error("{0}")]
    Unreadable(String),
    /// More than a documented limit.
    #[error("{0}")]
    TooLarge(String),
    /// Rows that do not fit: the first [`FAULTS_TOLD`], and how many faults there are.
    #[error("{1} rows do not fit")]
    Rows(Vec<UploadFault>, usize),
}

/// A row as read: its fields, or why it is no row.
type Row = Result<Map<String, Json>, String>;

/// Rows of a file, and types that the file itself knows of attributes.
#[derive(Default)]
struct Table {
    rows: Vec<Row>,
    types: BTreeMap<String, ValueType>,
}

/// Puts every row of a file into a catalogue, in place of those with the same keys. `key` is the field that holds the key.
///
/// A type is the declared one, else the one that the attribute had, else what the file knows or its values show.
///
/// # Errors
/// The file cannot be read, or rows do not fit; the catalogue is then to be thrown away.
pub fn take_rows(
    catalogue: &mut Catalogue,
    file: Bytes,
    format: RowFormat,
    key: &str,
    declared: &BTreeMap<String, ValueType>,
) -> Result<(), UploadError> {
    let known = |name: &str| declared.get(name).or_else(|| catalogue.attributes.get(name)).copied();
    let Table { rows, types } = read::table(file, format, key, &known)?;
    let mut fallback = types;
    fallback.retain(|name, _| known(name).is_none());
    fallback.extend(declared.clone());
    let (mut faults, mut total, mut keys) = (Vec::new(), 0, BTreeSet::new());
    for (index, row) in rows.into_iter().enumerate() {
        if let Err((field, detail)) = take_row(catalogue, row, key, &fallback, &mut keys) {
            total += 1;
            if faults.len() < FAULTS_TOLD {
                faults.push(UploadFault { row: index + 1, field, detail });
            }
        }
    }
    if total > 0 {
        return Err(UploadError::Rows(faults, total));
    }
    if catalogue.rows.len() > MOST_ROWS {
        return Err(too_many_rows());
    }
    if catalogue.attributes.len() > MOST_ATTRIBUTES {
        return Err(UploadError::TooLarge(format!("A catalogue has at most {MOST_ATTRIBUTES} attributes.")));
    }
    Ok(())
}

fn too_many_rows() -> UploadError {
    UploadError::TooLarge("A catalogue has at most 200,000 rows.".to_owned())
}

fn take_row(
    catalogue: &mut Catalogue,
    row: Row,
    key: &str,
    types: &BTreeMap<String, ValueType>,
    keys: &mut BTreeSet<String>,
) -> Result<(), (String, String)> {
    let mut row = row.map_err(|detail| (String::new(), detail))?;
    if key != "key" {
        if row.contains_key("key") {
            let detail = format!("No attribute can be called `key` while `{key}` holds the key. Leave it out or rename it.");
            return Err(("key".to_owned(), detail));
        }
        if let Some(value) = row.shift_remove(key) {
            row.insert("key".to_owned(), value);
        }
    }
    let fault = |detail: &str| Err((key.to_owned(), detail.to_owned()));
    if let Some(text) = row.get("key").and_then(key_text) {
        if text.len() > LONGEST_KEY {
            return fault("A key has at most 1,024 bytes.");
        }
        if !keys.insert(text) {
            return fault("A row before this one has the same key.");
        }
    }
    if let Some(name) = row.keys().find(|name| name.is_empty() || name.len() > LONGEST_NAME) {
        return Err((name.clone(), format!("The name of an attribute has 1 to {LONGEST_NAME} bytes.")));
    }
    catalogue.put(&row, types).map_err(|fault| {
        let field = if fault.field == "key" { key.to_owned() } else { fault.field };
        (field, fault.detail)
    })
}

/// A row as JSON, as an upload would send it.
pub fn row_json(key: &str, row: &CatalogueRow) -> Map<String, Json> {
    let mut json = Map::new();
    json.insert("key".to_owned(), key.into());
    json.extend(row.attributes.iter().map(|(name, value)| (name.clone(), value.to_json())));
    if !row.seasons.is_empty() {
        let point = |point: TimePoint| match point {
            TimePoint::Day(day) => Json::from(day.to_iso()),
            TimePoint::Instant(instant) => instant.to_rfc3339().into(),
        };
        let seasons = row.seasons.iter().map(|season| {
            let mut ends = Map::new();
            ends.insert("from".to_owned(), point(season.from));
            ends.extend(season.to.map(|to| ("to".to_owned(), point(to))));
            Json::Object(ends)
        });
        json.insert("seasons".to_owned(), seasons.collect());
    }
    json
}
