//! Comparisons, numbers, durations, instants and windows.

use serde_json::Value as Json;

use super::{Object, in_order, inside};
use crate::convert::parse_number;
use crate::time::{Duration, Instant, TimePoint, Unit};
use crate::value::MAX_WHOLE;

/// Instants between years 1 and 9999, in microseconds: those can be written in UTC.
const WRITABLE: std::ops::Range<i64> = -62_135_510_400_000_000..253_402_214_400_000_000;

/// `op`, `value` and `ignore_case`.
pub(super) fn predicate(object: &mut Object) {
    if object.get("ignore_case") == Some(&Json::Bool(false)) {
        object.shift_remove("ignore_case");
    }
    let op = object.get("op").and_then(Json::as_str).unwrap_or_default().to_owned();
    let Some(value) = object.get_mut("value") else { return };
    match op.as_str() {
        "in" | "not_in" | "has_any" | "has_all" | "has_none" => {
            if let Json::Array(items) = value {
                items.iter_mut().for_each(number);
                *items = in_order(std::mem::take(items));
            }
        }
        "within_last" | "within_next" | "more_than_ago" => duration(value),
        "before" | "after" | "on" => instant(value),
        "between" => {
            if let Json::Array(items) = value {
                items.iter_mut().for_each(|item| {
                    number(item);
                    instant(item);
                });
            }
        }
        _ => number(value),
    }
}

/// What an aggregate is compared with: numbers, also written as texts.
pub(super) fn number_literal(value: &mut Json) {
    if let Json::Array(items) = value {
        items.iter_mut().for_each(number_literal);
    } else if let Some(written) = value.as_str().and_then(parse_number).and_then(serde_json::Number::from_f64) {
        *value = Json::Number(written);
    }
    number(value);
}

/// A float that is a whole number becomes an integer.
pub(super) fn number(value: &mut Json) {
    if let Json::Number(written) = value
        && written.is_f64()
        && let Some(float) = written.as_f64()
        && float.fract() == 0.0
        && float.abs() <= MAX_WHOLE
    {
        *value = Json::from(float as i64);
    }
}

/// The largest unit that says it in a whole number.
pub(super) fn duration(value: &mut Json) {
    const FIXED: [(&str, i64); 5] = [("w", 604_800), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    const CALENDAR: [(&str, i64); 2] = [("y", 12), ("mo", 1)];
    let Some(parsed) = value.as_str().and_then(Duration::parse) else { return };
    let amount = i64::from(parsed.amount);
    let (length, units) = match parsed.unit {
        Unit::Month => (amount, &CALENDAR[..]),
        Unit::Year => (amount * 12, &CALENDAR[..]),
        _ => (parsed.nominal_seconds(), &FIXED[..]),
    };
    if let Some((unit, size)) = units.iter().find(|(_, size)| length % size == 0) {
        *value = Json::from(format!("{}{unit}", length / size));
    }
}

/// An instant in UTC; a date stays.
fn instant(value: &mut Json) {
    if let Some(TimePoint::Instant(Instant(micros))) = value.as_str().and_then(TimePoint::parse)
        && WRITABLE.contains(&micros)
    {
        *value = Json::from(Instant(micros).to_rfc3339());
    }
}

/// Changes a field, if it is there.
pub(super) fn each(object: &mut Object, fields: &[&str], change: fn(&mut Json)) {
    for field in fields {
        if let Some(value) = object.get_mut(*field) {
            change(value);
        }
    }
}

/// The field `window`.
pub(super) fn window(object: &mut Object) {
    inside(object, "window", |window| {
        each(window, &["last", "shift"], duration);
        each(window, &["from", "to"], instant);
        if let Some(Json::Array(ends)) = window.get_mut("between_ago") {
            ends.iter_mut().for_each(duration);
        }
        if window.get("calendar").is_some_and(|period| period == "last_1_days") {
            window.insert("calendar".to_owned(), Json::from("today"));
        }
        inside(window, "season", |season| {
            season.entry("which").or_insert(Json::from(0));
            each(season, &["value", "which"], number);
        });
    });
}
