//! Names, values, durations and comparisons.

use serde_json::Value as Json;

use super::{Object, PrintFault, Written, optional, required};
use crate::text::keyword::is_plain;
use crate::time::{Duration, TimePoint};

/// A name, in backticks where it needs them.
pub(super) fn name(json: &Json) -> Written {
    let name = json.as_str().ok_or_else(|| PrintFault::here("This is not a name, so it has no text."))?;
    Ok(if is_plain(name) { name.to_owned() } else { format!("`{}`", name.replace('`', "``")) })
}

/// A text in double quotes.
pub(super) fn text(json: &Json) -> Written {
    if json.is_string() { Ok(json.to_string()) } else { Err(PrintFault::here("This is not a text.")) }
}

/// A number.
pub(super) fn number(json: &Json) -> Written {
    if json.is_number() { Ok(json.to_string()) } else { Err(PrintFault::here("This is not a number.")) }
}

/// A text, number or truth value.
pub(super) fn scalar(json: &Json) -> Written {
    match json {
        Json::String(_) | Json::Number(_) | Json::Bool(_) => Ok(json.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => Err(PrintFault::here("This is not a value of a rule.")),
    }
}

/// A value or a list of values.
fn literal(json: &Json, one: fn(&Json) -> Written) -> Written {
    match json.as_array() {
        Some(items) => Ok(format!("[{}]", each(items, one)?.join(", "))),
        None => one(json),
    }
}

/// Every element of a list.
pub(super) fn each(items: &[Json], one: fn(&Json) -> Written) -> Written<Vec<String>> {
    items.iter().enumerate().map(|(index, item)| one(item).map_err(|fault| fault.inside(&index.to_string()))).collect()
}

/// A duration.
pub(super) fn duration(json: &Json) -> Written {
    match json.as_str() {
        Some(plain) if Duration::parse(plain).is_some() => Ok(plain.to_owned()),
        _ => text(json),
    }
}

/// A date or an instant.
pub(super) fn point(json: &Json) -> Written {
    match json.as_str() {
        Some(plain) if TimePoint::parse(plain).is_some() => Ok(plain.to_owned()),
        _ => text(json),
    }
}

fn span(json: &Json) -> Written {
    if json.is_string() { duration(json) } else { literal(json, scalar) }
}

fn time(json: &Json) -> Written {
    if json.is_string() { point(json) } else { scalar(json) }
}

/// Operator, value and case.
pub(super) fn predicate(object: &Object) -> Written {
    let op = required(object, "op", |op| operator(op).map(str::to_owned))?;
    let plain = |before: &str| Ok(format!("{before} {}", required(object, "value", |value| literal(value, scalar))?));
    let words = match op.as_str() {
        "is_set" | "is_not_set" => {
            if object.contains_key("value") {
                return Err(PrintFault::here("Whether something is set needs no value.").inside("value"));
            }
            if op == "is_set" { "is set".to_owned() } else { "is not set".to_owned() }
        }
        "between" => format!("between {}", required(object, "value", between)?),
        "before" | "after" | "on" => format!("{op} {}", required(object, "value", |value| literal(value, time))?),
        "within_last" => format!("within last {}", required(object, "value", span)?),
        "within_next" => format!("within next {}", required(object, "value", span)?),
        "more_than_ago" => format!("more than {} ago", required(object, "value", span)?),
        "anniversary" => format!("{} days", plain("anniversary in")?),
        other => plain(before_value(other))?,
    };
    Ok(match optional(object, "ignore_case", ignore_case)? {
        Some(case) => format!("{words} {case}"),
        None => words,
    })
}

fn ignore_case(json: &Json) -> Written<&'static str> {
    match json.as_bool() {
        Some(true) => Ok("ignoring case"),
        Some(false) => Ok("matching case"),
        None => Err(PrintFault::here("This is neither true nor false.")),
    }
}

/// An operator that has a text.
pub(super) fn operator(json: &Json) -> Written<&str> {
    const OTHERS: [&str; 9] =
        ["is_set", "is_not_set", "between", "before", "after", "on", "within_last", "within_next", "more_than_ago"];
    match json.as_str() {
        Some(op) if OTHERS.contains(&op) || op == "anniversary" || !before_value(op).is_empty() => Ok(op),
        _ => Err(PrintFault::here("There is no such operator, so this has no text.")),
    }
}

/// What stands between a name and a value; nothing for other operators.
pub(super) fn before_value(op: &str) -> &'static str {
    match op {
        "eq" => "=",
        "neq" => "!=",
        "lt" => "<",
        "lte" => "<=",
        "gt" => ">",
        "gte" => ">=",
        "in" => "in",
        "not_in" => "not in",
        "contains" => "contains",
        "not_contains" => "not contains",
        "starts_with" => "starts with",
        "ends_with" => "ends with",
        "regex" => "matches",
        "has" => "has",
        "has_any" => "has any of",
        "has_all" => "has all of",
        "has_none" => "has none of",
        _ => "",
    }
}

fn between(json: &Json) -> Written {
    match json.as_array().map(Vec::as_slice) {
        Some(ends @ [_, _]) => Ok(each(ends, time)?.join(" and ")),
        Some(items) => Ok(format!("[{}]", each(items, time)?.join(", "))),
        None => Err(PrintFault::here("These are not two ends.")),
    }
}

/// A number of times, where the operator is absent.
pub(super) fn times(json: &Json) -> Written {
    Ok(format!("{} times", literal(json, scalar)?))
}
