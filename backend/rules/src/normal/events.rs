//! What users did.

use serde_json::{Value as Json, json};

use super::values::{duration, each, number, number_literal, predicate, window};
use super::{Object, filter, in_order, members, node};

/// An event node at a depth.
pub(super) fn event(object: &mut Object, depth: usize) {
    matching(object, depth);
    window(object);
    object.entry("agg").or_insert(Json::from("count"));
    if object.get("agg").is_some_and(|agg| agg == "count") {
        object.entry("op").or_insert(Json::from("gte"));
        if object.get("op").is_some_and(|op| op != "between") {
            object.entry("value").or_insert(Json::from(1));
        }
    }
    if object.get("agg").is_none_or(|agg| agg != "first" && agg != "last") {
        each(object, &["value"], number_literal);
    }
    predicate(object);
}

/// `event` and `where` of what stands at a depth.
fn matching(object: &mut Object, depth: usize) {
    if let Some(Json::Array(names)) = object.get_mut("event") {
        *names = in_order(std::mem::take(names));
        if let [Json::String(only)] = names.as_slice()
            && only != "*"
        {
            let only = only.clone();
            object.insert("event".to_owned(), Json::String(only));
        }
    }
    if let Some(Json::Array(entries)) = object.get("where") {
        let entries = members("all", entries, filter, depth + 1);
        if entries.is_empty() {
            object.shift_remove("where");
        } else {
            object.insert("where".to_owned(), Json::Array(entries));
        }
    }
}

/// A sequence node at a depth.
pub(super) fn sequence(object: &mut Object, depth: usize) {
    window(object);
    each(object, &["within"], duration);
    let Some(Json::Array(steps)) = object.get_mut("sequence") else { return };
    for step in steps.iter_mut().filter_map(Json::as_object_mut) {
        matching(step, depth + 1);
        each(step, &["within"], duration);
        super::inside(step, "without", |without| matching(without, depth + 1));
    }
}

/// What a first-time node holds.
pub(super) fn first_time(content: &mut Object, depth: usize) {
    matching(content, depth);
    window(content);
}

/// What a regular node holds.
pub(super) fn regular(content: &mut Object, depth: usize) {
    matching(content, depth);
    content.entry("count").or_insert(Json::from(1));
    each(content, &["period"], duration);
    each(content, &["periods", "min_periods", "count"], number);
}

/// What a top node holds.
pub(super) fn top(content: &mut Object, depth: usize) {
    each(content, &["percent", "count"], number);
    super::inside(content, "by", |by| {
        by.shift_remove("label");
        matching(by, depth);
        window(by);
        by.entry("agg").or_insert(Json::from("count"));
    });
    if let Some(among) = content.get("among") {
        let among = node(among, depth + 1);
        if among == json!({"everyone": true}) {
            content.shift_remove("among");
        } else {
            content.insert("among".to_owned(), among);
        }
    }
}
