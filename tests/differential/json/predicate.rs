//! Values, and what operators say of them, from the contract's table.

use rollcall_rules::predicate::fold;
use rollcall_rules::{Clock, Day, Instant};
use serde_json::Value as Json;

use super::time::{day, duration, instant, is_anniversary, start};

/// A value that is set.
#[derive(Debug, Clone, PartialEq)]
pub enum Set {
    Text(String),
    Number(f64),
    Truth(bool),
    Instant(Instant),
    Day(Day),
    Texts(Vec<String>),
    Numbers(Vec<f64>),
    Object,
}

fn number(json: &Json) -> Option<f64> {
    match json {
        Json::String(text) => text.parse().ok(),
        json => json.as_f64(),
    }
}

fn text(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        json => json.to_string(),
    }
}

impl Set {
    /// A value sent where the registry says `of`.
    pub fn of(json: &Json, of: &str) -> Option<Set> {
        if json.is_null() {
            return None;
        }
        Some(match of {
            "string" => Set::Text(text(json)),
            "number" => Set::Number(number(json)?),
            "boolean" => Set::Truth(text(json) == "true"),
            "datetime" => Set::Instant(instant(json)),
            "date" => Set::Day(day(json)?),
            "list<string>" => Set::Texts(json.as_array()?.iter().map(text).collect()),
            "list<number>" => Set::Numbers(json.as_array()?.iter().filter_map(number).collect()),
            _ => Set::Object,
        })
    }

    /// A value whose JSON shows its type.
    pub fn shown(json: &Json) -> Option<Set> {
        match json {
            Json::Null => None,
            Json::String(_) => Set::of(json, "string"),
            Json::Number(_) => Set::of(json, "number"),
            Json::Bool(_) => Set::of(json, "boolean"),
            _ => Some(Set::Object),
        }
    }

    /// Distinct things in it, as texts that are equal if they are.
    pub fn elements(&self) -> Vec<String> {
        let number = |number: &f64| format!("{:?}", number + 0.0);
        match self {
            Set::Texts(texts) => texts.clone(),
            Set::Numbers(numbers) => numbers.iter().map(number).collect(),
            Set::Number(one) => vec![number(one)],
            other => vec![format!("{other:?}")],
        }
    }
}

/// Whether a condition holds for a value that may be missing.
pub fn holds(condition: &Json, value: Option<&Set>, clock: &Clock) -> bool {
    let op = condition["op"].as_str().unwrap();
    let positive = match op {
        "neq" => Some("eq"),
        "not_in" => Some("in"),
        "not_contains" => Some("contains"),
        "has_none" => Some("has_any"),
        "is_not_set" => Some("is_set"),
        _ => None,
    };
    if op == "regex" {
        return matches(condition, value);
    }
    if let Some(positive) = positive {
        return !holds_of(positive, condition, value, clock);
    }
    holds_of(op, condition, value, clock)
}

fn holds_of(op: &str, condition: &Json, value: Option<&Set>, clock: &Clock) -> bool {
    let (Some(value), literal) = (value, &condition["value"]) else { return false };
    let any_case = condition["ignore_case"] == true;
    match (op, value) {
        ("is_set", _) => true,
        ("has_all", Set::Texts(texts)) => {
            literal.as_array().unwrap().iter().all(|one| texts.iter().any(|text| on_text("eq", text, one, any_case)))
        }
        ("has_all", Set::Numbers(numbers)) => {
            literal.as_array().unwrap().iter().all(|one| numbers.iter().any(|it| on_number("eq", *it, one)))
        }
        (_, Set::Text(text)) => on_text(op, text, literal, any_case),
        (_, Set::Texts(texts)) => texts.iter().any(|text| on_text(op, text, literal, any_case)),
        (_, Set::Number(number)) => on_number(op, *number, literal),
        (_, Set::Numbers(numbers)) => numbers.iter().any(|number| on_number(op, *number, literal)),
        ("eq", Set::Truth(truth)) => text(literal) == truth.to_string(),
        (_, Set::Instant(instant)) => on_time(op, *instant, None, literal, clock),
        (_, Set::Day(day)) => on_time(op, clock.zone.day_start(*day), Some(*day), literal, clock),
        _ => false,
    }
}

fn on_text(op: &str, of: &str, literal: &Json, any_case: bool) -> bool {
    let folded = |text: String| if any_case { fold(&text) } else { text };
    let (of, wanted) = (folded(of.to_owned()), |json: &Json| folded(text(json)));
    match op {
        "eq" | "has" => of == wanted(literal),
        "in" | "has_any" => literal.as_array().unwrap().iter().any(|one| of == wanted(one)),
        "contains" => of.contains(&wanted(literal)),
        "starts_with" => of.starts_with(&wanted(literal)),
        "ends_with" => of.ends_with(&wanted(literal)),
        _ => false,
    }
}

/// A regex looks at the text as it is.
fn matches(condition: &Json, value: Option<&Set>) -> bool {
    let pattern = condition["value"].as_str().unwrap();
    let regex = regex::RegexBuilder::new(pattern).case_insensitive(condition["ignore_case"] == true).build().unwrap();
    match value {
        Some(Set::Text(text)) => regex.is_match(text),
        Some(Set::Texts(texts)) => texts.iter().any(|text| regex.is_match(text)),
        _ => false,
    }
}

pub fn on_number(op: &str, of: f64, literal: &Json) -> bool {
    let against = |json: &Json, holds: fn(f64, f64) -> bool| number(json).is_some_and(|wanted| holds(of, wanted));
    match op {
        "eq" | "has" => against(literal, |of, wanted| of == wanted),
        "in" | "has_any" => literal.as_array().unwrap().iter().any(|one| against(one, |of, wanted| of == wanted)),
        "gt" => against(literal, |of, wanted| of > wanted),
        "gte" => against(literal, |of, wanted| of >= wanted),
        "lt" => against(literal, |of, wanted| of < wanted),
        "lte" => against(literal, |of, wanted| of <= wanted),
        "between" => against(&literal[0], |of, low| of >= low) && against(&literal[1], |of, high| of <= high),
        _ => false,
    }
}

/// `day` if the value is a date: then it is that day, and its first instant where an instant is wanted.
fn on_time(op: &str, value: Instant, of: Option<Day>, literal: &Json, clock: &Clock) -> bool {
    let mine = of.unwrap_or_else(|| clock.zone.day_of(value));
    match op {
        "before" => day(literal).map_or_else(|| value < instant(literal), |wanted| mine < wanted),
        "after" => day(literal).map_or_else(|| value > instant(literal), |wanted| mine > wanted),
        "on" => day(literal)
            .map_or_else(|| value.0.div_euclid(1_000_000) == instant(literal).0.div_euclid(1_000_000), |wanted| mine == wanted),
        "between" => {
            let low = day(&literal[0]).map_or_else(|| start(&literal[0], clock) <= value, |low| low <= mine);
            let high = day(&literal[1]).map_or_else(|| value <= instant(&literal[1]), |high| mine <= high);
            low && high
        }
        "within_last" => clock.ago(duration(literal)) <= value && value <= clock.now,
        "within_next" => clock.now <= value && value <= clock.ahead(duration(literal)),
        "more_than_ago" => value < clock.ago(duration(literal)),
        "anniversary" => is_anniversary(mine, literal.as_i64().unwrap() as i32, clock),
        _ => false,
    }
}
