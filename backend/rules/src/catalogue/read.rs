//! Rows as JSON: `{"key": ..., "seasons": [{"from", "to"}], attribute: value...}`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{Catalogue, CatalogueRow};
use crate::convert::{convert, infer, kind_of};
use crate::schema::ValueType;
use crate::time::{Season, TimePoint};
use crate::value::Value;

/// Why a row cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The attribute, `key` or `seasons`.
    pub field: String,
    /// A sentence; names kinds, never the value.
    pub detail: String,
}

/// A key as text; `None` unless it is a text (not empty), a number or a boolean. A number has one text, however it is written.
pub fn key_text(key: &Json) -> Option<String> {
    match (key, convert(key, ValueType::String)) {
        (Json::String(_) | Json::Number(_) | Json::Bool(_), Ok(Value::String(text))) if !text.is_empty() => Some(text),
        _ => None,
    }
}

impl Catalogue {
    /// Puts a row in, in place of the one with its key. An attribute never had before gets the type that its value shows, unless
    /// `declared` says another one; `null` is "not set".
    ///
    /// # Errors
    /// The first field that does not fit; nothing is changed then.
    pub fn put(&mut self, row: &Map<String, Json>, declared: &BTreeMap<String, ValueType>) -> Result<(), RowFault> {
        let fault = |field: &str, detail: String| RowFault { field: field.to_owned(), detail };
        let key = row.get("key").and_then(key_text);
        let key = key.ok_or_else(|| fault("key", "A row needs a key: a text, a number, true or false.".to_owned()))?;
        let mut taken = CatalogueRow::default();
        let mut learnt = BTreeMap::new();
        for (name, json) in row {
            match name.as_str() {
                "key" => {}
                "seasons" => taken.seasons = seasons(json).map_err(|detail| fault(name, detail))?,
                _ if json.is_null() => {}
                _ => {
                    let known = declared.get(name).or_else(|| self.attributes.get(name)).copied();
                    let value = match known {
                        Some(of) => convert(json, of).map(|value| (of, value)),
                        None => {
                            infer(json).map(|shown| shown.unwrap_or((ValueType::Object, crate::Value::Object(json.to_string()))))
                        }
                    };
                    let (of, value) = value.map_err(|error| fault(name, format!("{error}.")))?;
                    learnt.insert(name.clone(), of);
                    taken.attributes.insert(name.clone(), value);
                }
            }
        }
        self.attributes.extend(learnt);
        self.rows.insert(key, taken);
        Ok(())
    }
}

fn seasons(json: &Json) -> Result<Arc<[Season]>, String> {
    if json.is_null() {
        return Ok(Arc::new([]));
    }
    let items = json.as_array().ok_or_else(|| format!("Seasons are a list of {{from, to}}, not {}.", kind_of(json)))?;
    let point = |season: &Json, end: &str| match season.get(end) {
        None | Some(Json::Null) => Ok(None),
        Some(json) => {
            let point = json.as_str().and_then(TimePoint::parse);
            point.map(Some).ok_or_else(|| format!("`{end}` of a season must be a date or an instant, such as 2026-09-01."))
        }
    };
    let season = |season: &Json| {
        let from = point(season, "from")?.ok_or_else(|| "A season needs `from`.".to_owned())?;
        Ok(Season { from, to: point(season, "to")? })
    };
    items.iter().map(season).collect()
}
