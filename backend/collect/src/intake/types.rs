//! JSON values to typed values under the known types.

use std::collections::BTreeMap;

use rollcall_rules::convert::{ConvertError, convert, infer};
use rollcall_rules::flatten::{flatten_properties, flatten_traits, is_null_mark, needs_null_mark, null_mark};
use rollcall_rules::{TraitUpdate, Value, ValueType};
use serde_json::Value as Json;

use crate::limits::Limits;
use crate::message::{Entries, Refusal};

/// Converts the values of one message, and notes paths whose type is not known yet.
pub(super) struct Converter<'a> {
    /// Types declared for every event; they win. Empty for traits.
    pub(super) declared: &'a BTreeMap<String, ValueType>,
    /// Types learnt for the event, or all of traits.
    pub(super) known: Option<&'a BTreeMap<String, ValueType>>,
    /// Types that the envelope gives for unknown paths.
    pub(super) hints: Option<&'a BTreeMap<String, ValueType>>,
    pub(super) limits: &'a Limits,
    /// What this message would teach.
    pub(super) new_paths: Vec<(String, ValueType)>,
}

impl Converter<'_> {
    /// Set properties by path, sorted by path.
    pub(super) fn properties(&mut self, entries: Entries) -> Result<Vec<(String, Value)>, Refusal> {
        self.check_size(&entries)?;
        if entries.is_flat() {
            let marked = |(key, value): (String, Json)| match value {
                Json::Null => needs_null_mark(&key).then(|| (null_mark(&key), Json::Bool(true))),
                value => Some((key, value)),
            };
            let mut list: Vec<_> = entries.list.into_iter().filter_map(marked).collect();
            list.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
            return list.into_iter().map(|(path, json)| self.property(path, json)).collect();
        }
        let json = entries.into_json();
        let flat = flatten_properties(&json);
        self.check_count(flat.len())?;
        flat.into_iter().map(|(path, json)| self.property(path, json.clone())).collect()
    }

    /// One property; a mark is none that the schema should know.
    fn property(&mut self, path: String, json: Json) -> Result<(String, Value), Refusal> {
        let value = if is_null_mark(&path) { Value::Boolean(true) } else { self.value(&path, json)? };
        Ok((path, value))
    }

    /// Trait updates, in the order of the keys.
    pub(super) fn traits(&mut self, entries: Entries) -> Result<Vec<TraitUpdate>, Refusal> {
        self.check_size(&entries)?;
        if entries.is_flat() {
            let updates = entries.list.into_iter().map(|(key, json)| {
                let value = if json.is_null() { None } else { Some(self.value(&key, json)?) };
                Ok(TraitUpdate { path: key.clone(), key, value })
            });
            return updates.collect();
        }
        let json = entries.into_json();
        let flat = flatten_traits(&json);
        self.check_count(flat.len())?;
        let updates = flat.into_iter().map(|(key, path, json)| {
            let value = json.map(|json| self.value(&path, json.clone())).transpose()?;
            Ok(TraitUpdate { key, path, value })
        });
        updates.collect()
    }

    fn check_size(&self, entries: &Entries) -> Result<(), Refusal> {
        self.check_count(entries.list.len())?;
        if entries.depth() > self.limits.depth {
            return Err(Refusal::new("too_deep", format!("objects nest deeper than {} levels", self.limits.depth)));
        }
        Ok(())
    }

    fn check_count(&self, count: usize) -> Result<(), Refusal> {
        let limit = self.limits.paths_per_message;
        if count > limit { Err(Refusal::new("too_many_properties", format!("more than {limit} in one message"))) } else { Ok(()) }
    }

    fn value(&mut self, path: &str, json: Json) -> Result<Value, Refusal> {
        if path.len() > self.limits.path_bytes {
            let detail = format!("a name is longer than {} bytes", self.limits.path_bytes);
            return Err(Refusal::new("property_name_too_long", detail));
        }
        let declared = if self.declared.is_empty() { None } else { self.declared.get(path).copied() };
        let known = self.known.and_then(|known| known.get(path)).copied();
        if let (None, Some(known)) = (declared, known) {
            return as_type(json, known).map_err(|error| refusal(path, Some(known), &error));
        }
        let noted = || self.new_paths.iter().find(|(new, _)| new == path).map(|(_, noted)| *noted);
        let wanted = declared.or_else(noted).or_else(|| self.hints.and_then(|hints| hints.get(path)).copied());
        let (of, value) = match wanted {
            Some(wanted) => (wanted, as_type(json, wanted).map_err(|error| refusal(path, Some(wanted), &error))?),
            None => {
                infer(&json).and_then(|shown| shown.ok_or(ConvertError::Null)).map_err(|error| refusal(path, None, &error))?
            }
        };
        if known.is_none() && !self.new_paths.iter().any(|(new, _)| new == path) {
            self.new_paths.push((path.to_owned(), of));
        }
        Ok(value)
    }
}

/// As [`convert`], without a copy where the JSON value already has the type.
fn as_type(json: Json, wanted: ValueType) -> Result<Value, ConvertError> {
    match (json, wanted) {
        (Json::String(text), ValueType::String) => Ok(Value::String(text)),
        (json, wanted) => convert(&json, wanted),
    }
}

fn refusal(path: &str, wanted: Option<ValueType>, error: &ConvertError) -> Refusal {
    let reason = if *error == ConvertError::LossyInteger { "number_not_exact" } else { "type_clash" };
    let expected = wanted.and_then(|wanted| serde_json::to_value(wanted).ok());
    let expected = expected.as_ref().and_then(Json::as_str).map(|name| format!(" (expected {name})")).unwrap_or_default();
    Refusal::new(reason, format!("{path}{expected}: {error}"))
}
