//! What a template may say of its reader.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use minijinja::Value as Cell;
use minijinja::value::{Enumerator, Object};
use rollcall_rules::Value;

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The user's id.
    pub user_id: String,
    /// Current traits: path and value. Paths below objects may be given or not.
    pub traits: Vec<(String, Value)>,
}

impl Person {
    /// The traits as a template sees them.
    pub(super) fn traits(&self, misses: &Misses) -> Cell {
        // An object comes before the paths below it, which say the same.
        let top = self.traits.iter().map(|(path, value)| (path.clone(), cell(value, path, misses)));
        Cell::from_object(Traits { path: String::new(), values: top.collect(), misses: misses.clone() })
    }
}

/// Names that were looked up and not found, to tell what was printed as nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Misses(Arc<Mutex<Vec<String>>>);

impl Misses {
    fn note(&self, path: String) {
        if let Ok(mut paths) = self.0.lock() {
            paths.clear();
            paths.push(path);
        }
    }

    /// The name that was missed last.
    pub(super) fn last(&self) -> Option<String> {
        self.0.lock().ok()?.last().cloned()
    }
}

#[derive(Debug)]
struct Traits {
    path: String,
    values: BTreeMap<String, Cell>,
    misses: Misses,
}

impl Object for Traits {
    fn get_value(self: &Arc<Self>, key: &Cell) -> Option<Cell> {
        let key = key.as_str()?;
        let found = self.values.get(key).cloned();
        if found.is_none() {
            self.misses.note(format!("traits.{}{key}", self.path));
        }
        found
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.values.keys().map(Cell::from).collect())
    }
}

fn cell(value: &Value, path: &str, misses: &Misses) -> Cell {
    match value {
        Value::String(text) => Cell::from(text),
        Value::Number(value) => number(*value),
        Value::Boolean(truth) => Cell::from(*truth),
        Value::DateTime(instant) => match jiff::Timestamp::from_microsecond(instant.0) {
            Ok(instant) => Cell::from(instant.to_string()),
            Err(_) => Cell::UNDEFINED,
        },
        Value::Date(day) => {
            let epoch = jiff::civil::Date::constant(1970, 1, 1);
            let date = epoch.checked_add(jiff::Span::new().days(i64::from(day.0)));
            date.map_or(Cell::UNDEFINED, |date| Cell::from(date.to_string()))
        }
        Value::StringList(texts) => Cell::from(texts.iter().map(Cell::from).collect::<Vec<Cell>>()),
        Value::NumberList(numbers) => Cell::from(numbers.iter().map(|value| number(*value)).collect::<Vec<Cell>>()),
        Value::Object(json) => serde_json::from_str(json).map_or(Cell::UNDEFINED, |value| object(&value, path, misses)),
    }
}

fn object(value: &serde_json::Value, path: &str, misses: &Misses) -> Cell {
    match value {
        serde_json::Value::Null => Cell::UNDEFINED,
        serde_json::Value::Bool(truth) => Cell::from(*truth),
        serde_json::Value::Number(value) => value.as_f64().map_or(Cell::UNDEFINED, number),
        serde_json::Value::String(text) => Cell::from(text),
        serde_json::Value::Array(values) => {
            Cell::from(values.iter().map(|value| object(value, path, misses)).collect::<Vec<Cell>>())
        }
        serde_json::Value::Object(members) => {
            let values = members.iter().filter(|(_, value)| !value.is_null());
            let values = values.map(|(key, value)| (key.clone(), object(value, &format!("{path}.{key}"), misses)));
            Cell::from_object(Traits { path: format!("{path}."), values: values.collect(), misses: misses.clone() })
        }
    }
}

/// A whole number is printed without a point.
fn number(value: f64) -> Cell {
    if value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0 { Cell::from(value as i64) } else { Cell::from(value) }
}
