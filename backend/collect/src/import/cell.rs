//! One value of a table, and a row of them as a message.

use std::borrow::Cow;

use rollcall_rules::{Day, Instant, ValueType};
use serde_json::{Map, Number, Value as Json};

use super::mapping::{MappedType, MappedValue, Mapping};

/// A value of a table.
#[derive(Debug, Clone)]
pub(super) enum Cell<'a> {
    /// Empty or null.
    Missing,
    /// Text.
    Text(Cow<'a, str>),
    /// A number, exact as far as JSON can say it.
    Number(Number),
    /// True or false.
    Boolean(bool),
    /// An instant.
    Time(Instant),
    /// A day.
    Day(Day),
    /// Anything else, as JSON.
    Json(Json),
}

/// Why a row is no message: a stable code and a sentence.
pub(super) type Fault = (&'static str, String);

impl Cell<'_> {
    /// As text, for ids and names.
    fn text(self) -> Option<String> {
        match self {
            Cell::Missing | Cell::Json(_) => None,
            Cell::Text(text) => Some(text.into_owned()),
            Cell::Number(number) => Some(number.to_string()),
            Cell::Boolean(boolean) => Some(boolean.to_string()),
            Cell::Time(time) => Some(time.to_rfc3339()),
            Cell::Day(day) => Some(day.to_iso()),
        }
    }

    /// As JSON, whatever it is.
    pub(super) fn plain(self) -> Json {
        match self {
            Cell::Missing => Json::Null,
            Cell::Number(number) => Json::Number(number),
            Cell::Boolean(boolean) => Json::Bool(boolean),
            Cell::Json(json) => json,
            other => other.text().map_or(Json::Null, Json::String),
        }
    }
}

/// The message of a row, as JSON text; `cell` gives the value of the n-th of [`Mapping::columns`].
pub(super) fn message<'a>(mapping: &Mapping, cell: impl Fn(usize) -> Cell<'a>) -> Result<String, Fault> {
    // In the order of `Mapping::columns`.
    let mut next = 0..;
    let mut take = || next.next().map_or(Cell::Missing, &cell);
    let mut message = Map::new();
    let kind = if mapping.kind == MappedType::Track { "track" } else { "identify" };
    message.insert("type".into(), kind.into());
    if let Some(event) = &mapping.event {
        message.insert("event".into(), event.as_str().into());
    }
    let ids = [
        (&mapping.event_column, "event"),
        (&mapping.user_id, "userId"),
        (&mapping.anonymous_id, "anonymousId"),
        (&mapping.message_id, "messageId"),
    ];
    for (column, key) in ids {
        if column.is_some()
            && let Some(text) = take().text()
        {
            message.insert(key.into(), text.into());
        }
    }
    if let Some((column, format)) = &mapping.time {
        let time = match take() {
            Cell::Time(time) => Some(time),
            Cell::Day(day) => format.instant(&day.to_iso()).or_else(|| Some(rollcall_rules::Zone::utc().day_start(day))),
            other => other.text().and_then(|text| format.instant(text.trim())),
        };
        let time = time.ok_or_else(|| ("timestamp_invalid", format!("column {column} is not a time as the mapping says")))?;
        message.insert("timestamp".into(), time.to_rfc3339().into());
    }
    let mut values = Map::new();
    for value in &mapping.values {
        let json = typed(value, take()).ok_or_else(|| {
            let wanted = value.of.and_then(|of| serde_json::to_value(of).ok());
            let wanted = wanted.as_ref().and_then(Json::as_str).unwrap_or("value").to_owned();
            ("value_invalid", format!("column {} is not a {wanted} as the mapping says", value.column))
        })?;
        if !json.is_null() {
            values.insert(value.name.clone(), json);
        }
    }
    let key = if mapping.kind == MappedType::Track { "properties" } else { "traits" };
    message.insert(key.into(), Json::Object(values));
    Ok(Json::Object(message).to_string())
}

/// A cell as the mapped type; `None` if it is not one; null if it is missing.
fn typed(value: &MappedValue, cell: Cell<'_>) -> Option<Json> {
    let Some(wanted) = value.of else { return Some(cell.plain()) };
    match (cell, wanted) {
        (Cell::Missing, _) => Some(Json::Null),
        (cell, ValueType::String) => cell.text().map(Json::String),
        (Cell::Number(number), ValueType::Number) => Some(Json::Number(number)),
        (Cell::Text(text), ValueType::Number) => number(text.trim()),
        (Cell::Boolean(boolean), ValueType::Boolean) => Some(Json::Bool(boolean)),
        (Cell::Text(text), ValueType::Boolean) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(Json::Bool(true)),
            "false" | "0" => Some(Json::Bool(false)),
            _ => None,
        },
        (Cell::Time(time), ValueType::DateTime) => Some(time.to_rfc3339().into()),
        (cell @ (Cell::Text(_) | Cell::Number(_)), ValueType::DateTime) => {
            Some(value.time.instant(cell.text()?.trim())?.to_rfc3339().into())
        }
        (Cell::Day(day), ValueType::Date) => Some(day.to_iso().into()),
        (cell @ (Cell::Text(_) | Cell::Number(_)), ValueType::Date) => Some(value.time.day(cell.text()?.trim())?.to_iso().into()),
        (Cell::Json(json @ Json::Array(_)), ValueType::StringList | ValueType::NumberList) => Some(json),
        (Cell::Text(text), ValueType::StringList) => {
            Some(text.split(value.separator.as_str()).map(|part| Json::from(part.trim())).collect())
        }
        (Cell::Text(text), ValueType::NumberList) => {
            text.split(value.separator.as_str()).map(|part| number(part.trim())).collect::<Option<Vec<_>>>().map(Json::Array)
        }
        (Cell::Json(json @ (Json::Object(_) | Json::Array(_))), ValueType::Object) => Some(json),
        (Cell::Text(text), ValueType::Object) => {
            serde_json::from_str(&text).ok().filter(|json: &Json| json.is_object() || json.is_array())
        }
        _ => None,
    }
}

/// A decimal number; whole numbers stay whole.
fn number(text: &str) -> Option<Json> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    let double: f64 = if plain { text.parse().ok()? } else { return None };
    Number::from_f64(double).map(Json::Number)
}
