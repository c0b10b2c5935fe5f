//! The normal form of rules and its hash, so that segments can share what was computed for the same condition.
//!
//! Rules with the same normal form have the same members, at every instant and watermark; most rules that differ only in how
//! they are written have the same. Data flow: JSON -> [`form`] -> JSON with sorted keys -> [`hash`]. A node inside
//! a rule can be hashed by itself; its zone is that of the root, so give it the root's `tz` first.
//!
//! The form works on any JSON: what it does not know it keeps, so a rule need not be valid, and the form of a valid rule
//! is valid. Nodes deeper than validation allows are kept as they are.
//!
//! # What is alike
//! - `label` is dropped, on nodes and on `top.by`. Order of keys in objects.
//! - `all` and `any`, of nodes and of filters: order, repeats, a group inside a group of its kind; a group of one is its element.
//! - `where`: the same as the entries of an `all`; an empty one is dropped.
//! - `{"not":{"not":x}}` is x.
//! - The lists of `in`, `not_in`, `has_any`, `has_all` and `has_none`: order and repeats.
//! - `event`: order and repeats of names; a list of one name is that name (a list of `"*"` names an event, and stays).
//! - Durations of fixed length with the same number of seconds (`24h` = `1d`, `7d` = `1w`, `60m` = `1h`), and calendar ones
//!   with the same number of months (`12mo` = `1y`). Never a fixed one and a calendar one.
//! - Instants at which the same moment is written: `2026-01-01T00:00:00Z` = `2026-01-01T01:00:00+01:00`, in `before`,
//!   `after`, `on`, `between`, `from` and `to`.
//! - Numbers: `3` = `3.0`, `0` = `-0.0`; in an aggregate, other than `first` and `last`, also `"3"`.
//! - Defaults, written out or not: `agg` `count` and its `op` `gte` and `value` `1`; `ignore_case` `false`; `which` `0`; `count`
//!   `1` of `regular`; `among` everyone; `tz` `UTC`. The calendar period `last_1_days` is `today`.
//!
//! Not alike, though they may mean the same: an operator and the complement of its complement, `in` of one value and `eq`,
//! `gt 2` and `gte 3` of a count, `everyone` inside `all`, names of zones that are links to each other.

use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use crate::check::MAX_DEPTH;

mod events;
mod values;

use events::{event, first_time, regular, sequence, top};
use values::predicate;

/// Version of the form, hashed before it. A change of [`form`] raises it, so that old hashes match nothing.
const VERSION: u8 = 1;

type Object = Map<String, Json>;

/// The normal form of a rule or node, with sorted keys.
pub fn form(rule: &Json) -> Json {
    let mut normal = node(rule, 1);
    if let (Some(object), Some(zone)) = (normal.as_object_mut(), rule.get("tz")) {
        object.shift_remove("tz");
        if zone != "UTC" {
            object.insert("tz".to_owned(), zone.clone());
        }
    }
    normal.sort_all_objects();
    normal
}

/// SHA-256 over the version of the form and the form as compact JSON.
pub fn hash(rule: &Json) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update([VERSION]);
    digest.update(form(rule).to_string());
    digest.finalize().into()
}

type Normalise = fn(&Json, usize) -> Json;

fn node(json: &Json, depth: usize) -> Json {
    let Some(mut object) = json.as_object().filter(|_| depth <= MAX_DEPTH).cloned() else { return json.clone() };
    object.shift_remove("label");
    if depth == 1 {
        object.shift_remove("tz");
    }
    let has = |kind: &str| json.get(kind).is_some();
    if let Some(combined) = combined(&object, node, depth) {
        return combined;
    }
    if has("everyone") {
    } else if has("trait") {
        predicate(&mut object);
    } else if has("event") {
        event(&mut object, depth);
    } else if has("sequence") {
        sequence(&mut object, depth);
    } else if has("first_time") {
        inside(&mut object, "first_time", |content| first_time(content, depth));
    } else if has("regular") {
        inside(&mut object, "regular", |content| regular(content, depth));
    } else if has("top") {
        inside(&mut object, "top", |content| top(content, depth));
    }
    Json::Object(object)
}

fn filter(json: &Json, depth: usize) -> Json {
    let Some(mut object) = json.as_object().filter(|_| depth <= MAX_DEPTH).cloned() else { return json.clone() };
    // A filter with a property is of that kind, whatever else it has.
    if !object.contains_key("property")
        && let Some(combined) = combined(&object, filter, depth)
    {
        return combined;
    }
    predicate(&mut object);
    Json::Object(object)
}

/// A group or a negation; `None` for other kinds. The first of the kinds counts, and a group with more than its list is kept.
fn combined(object: &Object, part: Normalise, depth: usize) -> Option<Json> {
    for kind in ["all", "any"] {
        let Some(items) = object.get(kind) else { continue };
        let Some(items) = items.as_array().filter(|_| object.len() == 1) else { return Some(Json::Object(object.clone())) };
        let mut items = members(kind, items, part, depth + 1);
        return Some(if items.len() == 1 { items.remove(0) } else { json!({ kind: items }) });
    }
    let inner = object.get("not")?;
    if object.len() > 1 {
        return Some(Json::Object(object.clone()));
    }
    let inner = part(inner, depth + 1);
    match inner.as_object().filter(|inner| inner.len() == 1).and_then(|inner| inner.get("not")) {
        Some(twice) => Some(twice.clone()),
        None => Some(json!({ "not": inner })),
    }
}

/// The normal parts of a group, with those of groups of its kind, in order and each once.
fn members(kind: &str, items: &[Json], part: Normalise, depth: usize) -> Vec<Json> {
    let mut parts = Vec::with_capacity(items.len());
    for item in items {
        let mut normal = part(item, depth);
        let inner = match normal.as_object_mut() {
            Some(object) if object.len() == 1 => object.get_mut(kind),
            _ => None,
        };
        match inner {
            Some(Json::Array(nested)) if !nested.is_empty() => parts.append(nested),
            _ => parts.push(normal),
        }
    }
    in_order(parts)
}

/// Sorted by their text, each once.
fn in_order(items: Vec<Json>) -> Vec<Json> {
    let mut keyed: Vec<(String, Json)> = items
        .into_iter()
        .map(|mut item| {
            item.sort_all_objects();
            (item.to_string(), item)
        })
        .collect();
    keyed.sort_by(|left, right| left.0.cmp(&right.0));
    keyed.dedup_by(|left, right| left.0 == right.0);
    keyed.into_iter().map(|(_, item)| item).collect()
}

/// Changes the object in a field, if it is one.
fn inside(object: &mut Object, field: &str, change: impl FnOnce(&mut Object)) {
    if let Some(Json::Object(content)) = object.get_mut(field) {
        change(content);
    }
}

#[cfg(test)]
mod tests;
