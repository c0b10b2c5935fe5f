//! Files to rows.

use std::collections::BTreeMap;

use bytes::Bytes;
use rollcall_rules::{ValueType, convert};
use serde_json::{Map, Value as Json};

use super::{MOST_ROWS, Row, RowFormat, Table, UploadError, too_many_rows};
use crate::import::table_of_parquet;

/// The type that an attribute has already.
type Known<'a> = &'a dyn Fn(&str) -> Option<ValueType>;

/// Reads a file.
pub(super) fn table(file: Bytes, format: RowFormat, key: &str, known: Known<'_>) -> Result<Table, UploadError> {
    let table = match format {
        RowFormat::Json => json(&file)?,
        RowFormat::Ndjson => ndjson(&file)?,
        RowFormat::Csv => csv(&file, key, known)?,
        RowFormat::Parquet => parquet(file, known)?,
    };
    if table.rows.len() > MOST_ROWS { Err(too_many_rows()) } else { Ok(table) }
}

fn unreadable(error: impl std::fmt::Display) -> UploadError {
    UploadError::Unreadable(format!("The upload cannot be read: {error}."))
}

fn object(json: Json) -> Row {
    match json {
        Json::Object(row) => Ok(row),
        _ => Err("A row is an object of attributes.".to_owned()),
    }
}

fn json(file: &[u8]) -> Result<Table, UploadError> {
    let rows: Json = serde_json::from_slice(file).map_err(unreadable)?;
    let Json::Array(rows) = rows else { return Err(unreadable("it is not a list of rows")) };
    Ok(Table { rows: rows.into_iter().map(object).collect(), ..Table::default() })
}

fn ndjson(file: &[u8]) -> Result<Table, UploadError> {
    let text = std::str::from_utf8(file).map_err(unreadable)?;
    let lines = text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty());
    let row =
        |line: &str| serde_json::from_str(line).map_err(|error| format!("This line is not JSON: {error}.")).and_then(object);
    Ok(Table { rows: lines.take(MOST_ROWS + 1).map(row).collect(), ..Table::default() })
}

fn csv(file: &[u8], key: &str, known: Known<'_>) -> Result<Table, UploadError> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new().from_reader(file);
    let header = reader.headers().map_err(unreadable)?.clone();
    let names: Vec<&str> = header.iter().collect();
    for (index, name) in names.iter().enumerate() {
        if name.is_empty() || names[..index].contains(name) {
            return Err(unreadable(format!("column {} has no name, or one that another has", index + 1)));
        }
    }
    if !names.contains(&key) {
        return Err(unreadable(format!("there is no column `{key}`; say with `?key=` which one holds the key")));
    }
    let mut records = Vec::new();
    for record in reader.records().take(MOST_ROWS + 1) {
        records.push(record.map_err(unreadable)?);
    }
    let mut types = BTreeMap::new();
    for (index, name) in names.iter().enumerate().filter(|(_, name)| **name != key && **name != "seasons") {
        let of = known(name).unwrap_or_else(|| shown(records.iter().filter_map(|record| record.get(index))));
        types.insert((*name).to_owned(), of);
    }
    let row = |record: &csv::StringRecord| {
        let cells = names.iter().zip(record).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| ((*name).to_owned(), cell_json(cell, types.get(*name).copied(), *name == "seasons"))).collect()
    };
    let rows = records.iter().map(|record| Ok(row(record))).collect();
    Ok(Table { rows, types })
}

/// The type of a column by all its cells: numbers or booleans that convert without loss, else texts.
fn shown<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> ValueType {
    let mut set = cells.filter(|cell| !cell.is_empty()).peekable();
    if set.peek().is_none() {
        return ValueType::String;
    }
    let fits = |of: ValueType| set.clone().all(|cell| convert(&Json::from(cell), of).is_ok());
    [ValueType::Number, ValueType::Boolean].into_iter().find(|of| fits(*of)).unwrap_or(ValueType::String)
}

/// What a cell says; JSON in it is read where the type is a list or an object.
fn cell_json(cell: &str, of: Option<ValueType>, seasons: bool) -> Json {
    let structured = seasons || matches!(of, Some(ValueType::StringList | ValueType::NumberList | ValueType::Object));
    let json = if structured { serde_json::from_str(cell).ok() } else { None };
    json.unwrap_or_else(|| cell.into())
}

fn parquet(file: Bytes, known: Known<'_>) -> Result<Table, UploadError> {
    let (rows, types) = table_of_parquet(file, MOST_ROWS).map_err(unreadable)?;
    let row = |row: Map<String, Json>| {
        let cells = row.into_iter().map(|(name, json)| {
            let json = match json {
                Json::String(text) => cell_json(&text, known(&name), name == "seasons"),
                json => json,
            };
            (name, json)
        });
        Ok(cells.collect())
    };
    Ok(Table { rows: rows.into_iter().map(row).collect(), types })
}
