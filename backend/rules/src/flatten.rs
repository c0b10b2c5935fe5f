//! Objects to paths: `{"a":{"b":1}}` has the paths `a` and `a.b`.
//!
//! A key may itself contain dots, so one path can be reached in several ways. The literal key wins, and in general the
//! way with the longer key first; a `null` there counts as there, and hides the other ways. Lists are never entered.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// How deep objects are followed: a path has at most this many keys.
pub const MAX_DEPTH: usize = 32;

/// What a mark says.
static MARKED: Json = Json::Bool(true);

/// The end of the path of a mark. No sender writes such a key.
const MARK: &str = "\u{0}null";

/// The path of the mark that an event has `path` as a literal key with `null`. Events keep no nulls, but such a key hides the
/// attribute that the path would lead to through a link; so the event has the value true at the mark.
pub fn null_mark(path: &str) -> String {
    format!("{path}{MARK}")
}

/// Whether a path is that of a mark, which is no property that anybody sent.
pub fn is_null_mark(path: &str) -> bool {
    path.ends_with(MARK)
}

/// Whether a literal key with `null` can hide an attribute.
pub fn needs_null_mark(key: &str) -> bool {
    key.contains('.')
}

/// The set properties of an event by path, each path once, sorted by path; among them the marks ([`null_mark`]).
///
/// Anything but an object has no properties. Not set (`null`) is left out.
pub fn flatten_properties(object: &Json) -> Vec<(String, &Json)> {
    let mut found = BTreeMap::new();
    let Json::Object(keys) = object else { return Vec::new() };
    collect(keys, "", &[], &mut found);
    for (key, _) in keys.iter().filter(|(key, value)| value.is_null() && needs_null_mark(key)) {
        found.insert(null_mark(key), Way { keys: Vec::new(), value: &MARKED });
    }
    found.into_iter().filter(|(_, way)| !way.value.is_null()).map(|(path, way)| (path, way.value)).collect()
}

/// The updates in a profile's `traits`, as (top-level key, path, value), in the order of the keys and then of paths.
///
/// Each top-level key gives one entry for itself, with `None` for an explicit `null`, and one for every set path below
/// it. Which of two keys gives a path that both reach depends on the profile's history, so both are listed.
pub fn flatten_traits(object: &Json) -> Vec<(String, String, Option<&Json>)> {
    let Json::Object(keys) = object else { return Vec::new() };
    let mut updates = Vec::new();
    for (key, value) in keys {
        updates.push((key.clone(), key.clone(), (!value.is_null()).then_some(value)));
        let Json::Object(below) = value else { continue };
        let mut found = BTreeMap::new();
        collect(below, key, &[key.len()], &mut found);
        let set = found.into_iter().filter(|(_, way)| !way.value.is_null());
        updates.extend(set.map(|(path, way)| (key.clone(), path, Some(way.value))));
    }
    updates
}

/// One way to reach a path: the lengths of the keys on it, and what is there.
struct Way<'a> {
    keys: Vec<usize>,
    value: &'a Json,
}

fn collect<'a>(object: &'a Map<String, Json>, parent: &str, keys: &[usize], found: &mut BTreeMap<String, Way<'a>>) {
    for (key, value) in object {
        let path = if keys.is_empty() { key.clone() } else { format!("{parent}.{key}") };
        let mut way = keys.to_vec();
        way.push(key.len());
        if let Json::Object(below) = value
            && way.len() < MAX_DEPTH
        {
            collect(below, &path, &way, found);
        }
        let better = found.get(&path).is_none_or(|other| way > other.keys);
        if better {
            found.insert(path, Way { keys: way, value });
        }
    }
}

#[cfg(test)]
mod tests;
