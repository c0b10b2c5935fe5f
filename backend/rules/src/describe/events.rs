//! What users did, in words.

use serde_json::Value as Json;

use super::words::{amount, comparison, duration, name, window};
use super::{events_where, node};

/// Whether an event node says no more than that it happened.
pub(super) fn is_plain_occurrence(rule: &Json) -> bool {
    let count = rule.get("agg").is_none_or(|agg| agg == "count");
    let least = rule.get("op").is_none_or(|op| op == "gte");
    rule.get("event").is_some() && count && least && rule.get("value").is_none_or(|value| value.as_f64() == Some(1.0))
}

/// An event node.
pub(super) fn what_was_done(rule: &Json) -> String {
    let (what, when) = (events_where(rule), window(rule.get("window")));
    let of = rule.get("of").map(name).unwrap_or_else(|| "something".to_owned());
    match rule.get("agg").and_then(Json::as_str).unwrap_or("count") {
        "count" => counted(rule, &what, &when),
        "days" => format!("did {what} on {} days{when}", amount(rule)),
        "distinct" => format!("did {what} with {} different values of {of}{when}", amount(rule)),
        "sum" => format!("did {what} with {of} adding up to {}{when}", amount(rule)),
        "avg" => format!("did {what} with a mean {of} of {}{when}", amount(rule)),
        "min" => format!("did {what} with a smallest {of} of {}{when}", amount(rule)),
        "max" => format!("did {what} with a greatest {of} of {}{when}", amount(rule)),
        picked @ ("first" | "last") => format!("did {what}{when}, the {picked} time with {of} {}", comparison(rule)),
        _ => format!("did {what} somehow{when}"),
    }
}

fn counted(rule: &Json, what: &str, when: &str) -> String {
    if is_plain_occurrence(rule) {
        return format!("did {what}{when}");
    }
    let number = rule.get("value").and_then(Json::as_f64).unwrap_or(1.0);
    let never = match rule.get("op").and_then(Json::as_str).unwrap_or("gte") {
        "eq" | "lte" => number == 0.0,
        "lt" => number == 1.0,
        _ => false,
    };
    if never {
        return format!("did not do {what}{when}");
    }
    let single = number == 1.0 && rule["op"] != "between";
    let times = if single { "time" } else { "times" };
    format!("did {what} {} {times}{when}", amount(rule))
}

/// A sequence node.
pub(super) fn sequence(rule: &Json) -> String {
    let steps = rule["sequence"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut words = String::from("did ");
    for (index, step) in steps.iter().enumerate() {
        if index > 0 {
            words.push_str(", then ");
        }
        words.push_str(&events_where(step));
        if let Some(within) = step.get("within") {
            words.push_str(&format!(" within {}", duration(within)));
        }
        if let Some(without) = step.get("without") {
            words.push_str(&format!(" without {} in between", events_where(without)));
        }
    }
    if steps.is_empty() {
        words.push_str("something");
    }
    if let Some(within) = rule.get("within") {
        words.push_str(&format!(", all within {}", duration(within)));
    }
    match rule.get("window") {
        Some(when) => format!("{words},{}", window(Some(when))),
        None => words,
    }
}

/// What a first-time node holds.
pub(super) fn first_time(rule: &Json) -> String {
    format!("did {} for the first time{}", events_where(rule), window(rule.get("window")))
}

/// What a regular node holds.
pub(super) fn regular(rule: &Json) -> String {
    let count = rule.get("count").and_then(Json::as_u64).unwrap_or(1);
    let often = if count == 1 { String::new() } else { format!(" at least {count} times") };
    let (least, periods, period) = (name(&rule["min_periods"]), name(&rule["periods"]), duration(&rule["period"]));
    format!("did {}{often} in each of at least {least} of the last {periods} periods of {period}", events_where(rule))
}

/// What a top node holds.
pub(super) fn top(rule: &Json) -> String {
    let size = match (rule.get("percent"), rule.get("count")) {
        (Some(percent), _) => format!("{} %", name(percent)),
        (None, Some(count)) => name(count),
        (None, None) => "users".to_owned(),
    };
    let by = &rule["by"];
    let (what, of) = (events_where(by), name(&by["of"]));
    let measure = match by.get("agg").and_then(Json::as_str).unwrap_or("count") {
        "count" => format!("number of {what}"),
        "days" => format!("number of days with {what}"),
        "distinct" => format!("number of different values of {of} in {what}"),
        "sum" => format!("sum of {of} in {what}"),
        "avg" => format!("mean {of} in {what}"),
        "min" => format!("smallest {of} in {what}"),
        "max" => format!("greatest {of} in {what}"),
        _ => format!("something of {what}"),
    };
    let among = rule.get("among").map(|among| format!(", among: {}", node(among).words)).unwrap_or_default();
    format!("in the top {size} by {measure}{}{among}", window(by.get("window")))
}
