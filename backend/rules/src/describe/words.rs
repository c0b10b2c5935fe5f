//! Values, durations, windows and comparisons in words.

use serde_json::Value as Json;

use crate::convert::number_text;
use crate::time::{Duration, Period, Unit};

/// A value as a reader expects it: quoted where its ends would not be seen.
pub(super) fn name(value: &Json) -> String {
    match value {
        Json::String(text) => {
            let plain =
                !text.is_empty() && text.chars().all(|character| character.is_alphanumeric() || "-_.:@$/+%".contains(character));
            if plain { text.clone() } else { format!("“{text}”") }
        }
        Json::Number(number) if number.is_f64() => number.as_f64().map(number_text).unwrap_or_default(),
        Json::Null => "something".to_owned(),
        other => other.to_string(),
    }
}

/// `a, b or c`.
pub(super) fn join(parts: &[String], word: &str) -> String {
    match parts {
        [] => "something".to_owned(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
    }
}

/// A duration such as `30d` in words.
pub(super) fn duration(value: &Json) -> String {
    match value.as_str().and_then(Duration::parse) {
        Some(Duration { amount, unit }) => format!("{amount} {}{}", unit_name(unit), if amount == 1 { "" } else { "s" }),
        None => name(value),
    }
}

/// `30 days`, but `month` for one: as it follows "the last".
pub(super) fn the_last(value: &Json) -> String {
    match value.as_str().and_then(Duration::parse) {
        Some(Duration { amount: 1, unit }) => unit_name(unit).to_owned(),
        _ => duration(value),
    }
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Second => "second",
        Unit::Minute => "minute",
        Unit::Hour => "hour",
        Unit::Day => "day",
        Unit::Week => "week",
        Unit::Month => "month",
        Unit::Year => "year",
    }
}

/// `op` and `value` of a condition on one value: what follows its name.
pub(super) fn comparison(rule: &Json) -> String {
    let value = &rule["value"];
    let one = || name(value);
    let several = |word| match value.as_array() {
        Some(values) => join(&values.iter().map(name).collect::<Vec<_>>(), word),
        None => name(value),
    };
    let words = match rule["op"].as_str().unwrap_or_default() {
        "is_set" => "is set".to_owned(),
        "is_not_set" => "is not set".to_owned(),
        "eq" => format!("is {}", one()),
        "neq" => format!("is not {}", one()),
        "in" => format!("is {}", several("or")),
        "not_in" => format!("is not {}", several("or")),
        "contains" => format!("contains {}", one()),
        "not_contains" => format!("does not contain {}", one()),
        "starts_with" => format!("starts with {}", one()),
        "ends_with" => format!("ends with {}", one()),
        "regex" => format!("matches {}", one()),
        "gt" => format!("above {}", one()),
        "gte" => format!("at least {}", one()),
        "lt" => format!("below {}", one()),
        "lte" => format!("at most {}", one()),
        "between" => format!("between {}", several("and")),
        "before" => format!("before {}", one()),
        "after" => format!("after {}", one()),
        "on" => format!("on {}", one()),
        "within_last" => format!("within the last {}", the_last(value)),
        "within_next" => format!("within the next {}", the_last(value)),
        "more_than_ago" => format!("more than {} ago", duration(value)),
        "anniversary" => anniversary(value),
        "has" => format!("includes {}", one()),
        "has_any" => format!("includes {}", several("or")),
        "has_all" => format!("includes {}", several("and")),
        "has_none" => format!("includes neither {}", several("nor")),
        _ => "is something".to_owned(),
    };
    let words = if rule["op"] == "has_none" && value.as_array().is_some_and(|values| values.len() == 1) {
        format!("does not include {}", several("nor"))
    } else {
        words
    };
    if rule["ignore_case"] == true { format!("{words} (in upper or lower case)") } else { words }
}

fn anniversary(value: &Json) -> String {
    match value.as_f64() {
        Some(0.0) => "has its anniversary today".to_owned(),
        Some(1.0) => "has its anniversary tomorrow".to_owned(),
        _ => format!("has its anniversary in {} days", name(value)),
    }
}

/// `op` and `value` of an aggregate: `at least 3`.
pub(super) fn amount(rule: &Json) -> String {
    let value = match rule.get("value") {
        Some(value) => value.clone(),
        None => Json::from(1),
    };
    match rule.get("op").and_then(Json::as_str).unwrap_or("gte") {
        "eq" => format!("exactly {}", name(&value)),
        "neq" => format!("any number but {}", name(&value)),
        "gt" => format!("more than {}", name(&value)),
        "gte" => format!("at least {}", name(&value)),
        "lt" => format!("less than {}", name(&value)),
        "lte" => format!("at most {}", name(&value)),
        "between" => match value.as_array().map(Vec::as_slice) {
            Some([low, high]) => format!("between {} and {}", name(low), name(high)),
            _ => "between something".to_owned(),
        },
        _ => "something".to_owned(),
    }
}

/// A window with a space before it; nothing for all of history.
pub(super) fn window(window: Option<&Json>) -> String {
    let Some(window) = window else { return String::new() };
    let words = if let Some(last) = window.get("last") {
        format!("in the last {}", the_last(last))
    } else if let Some(ago) = window.get("between_ago") {
        format!("between {} and {} ago", duration(&ago[0]), duration(&ago[1]))
    } else if let Some(period) = window.get("calendar") {
        calendar(period)
    } else if let Some(season) = window.get("season") {
        let which = match season["which"].as_i64().unwrap_or(0) {
            0 => "latest season".to_owned(),
            -1 => "season before the latest".to_owned(),
            earlier => format!("season {} before the latest", earlier.unsigned_abs()),
        };
        format!("during the {which} of {} {}", name(&season["property"]), name(&season["value"]))
    } else {
        match (window.get("from"), window.get("to")) {
            (Some(from), Some(to)) => format!("from {} to {}", name(from), name(to)),
            (Some(from), None) => format!("since {}", name(from)),
            (None, Some(to)) => format!("until {}", name(to)),
            (None, None) => "at some time".to_owned(),
        }
    };
    match window.get("shift") {
        Some(shift) => format!(" {words}, counted from {} ago", duration(shift)),
        None => format!(" {words}"),
    }
}

fn calendar(period: &Json) -> String {
    match period.as_str().and_then(Period::parse) {
        Some(Period::LastDays(1)) | None => match period.as_str() {
            Some("last_1_days") => "today".to_owned(),
            _ => format!("in {}", name(period)),
        },
        Some(Period::LastDays(days)) => format!("in the {days} days up to today"),
        Some(_) => period.as_str().unwrap_or_default().replace('_', " "),
    }
}
