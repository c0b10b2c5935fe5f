//! Literals: JSON to typed tests, for one operator and one type of values.

use serde_json::Value as Json;

use super::FaultCode;
use super::regexes::Regexes;
use crate::convert::{ConvertError, convert};
use crate::language::Operator;
use crate::predicate::{NumberTest, StringTest, Test, fold};
use crate::schema::ValueType;
use crate::time::{Clock, Duration, Instant, TimePoint, TimeTest, Zone};
use crate::value::{MAX_WHOLE, Value};

/// Most whole days ahead of an anniversary.
const MAX_DAYS_AHEAD: f64 = 3_660_000.0;

/// Why a literal is refused.
#[derive(Debug)]
pub(super) struct Flaw {
    /// Which element of a list literal; `None` for the literal itself.
    pub element: Option<usize>,
    pub code: FaultCode,
    pub detail: String,
}

type Outcome<T> = Result<T, Vec<Flaw>>;

/// The test that operator and literal mean on values of a type that the operator fits.
pub(super) fn test(
    operator: Operator,
    of: ValueType,
    value: &Json,
    ignore_case: bool,
    zone: &Zone,
    regexes: &mut Regexes,
) -> Outcome<Test> {
    match of {
        ValueType::String | ValueType::StringList => text_test(operator, value, ignore_case, regexes),
        ValueType::Number | ValueType::NumberList if operator == Operator::HasAll => list(value, number).map(Test::HasAllNumbers),
        ValueType::Number | ValueType::NumberList => number_test(operator, value).map(Test::Number),
        ValueType::DateTime | ValueType::Date => time_test(operator, value, zone).map(Test::Time),
        ValueType::Boolean => boolean(value).map(Test::Boolean),
        ValueType::Object => Err(flaw(FaultCode::WrongType, "An object can only be tested for being set.")),
    }
}

/// The test of a number.
pub(super) fn number_test(operator: Operator, value: &Json) -> Outcome<NumberTest> {
    match operator {
        Operator::In | Operator::HasAny => list(value, number).map(NumberTest::one_of),
        Operator::Between => {
            let (low, high) = pair(value, number)?;
            if low > high {
                return Err(reversed());
            }
            Ok(NumberTest::Between(low, high))
        }
        Operator::Gt => number(value).map(NumberTest::Gt),
        Operator::Gte => number(value).map(NumberTest::Gte),
        Operator::Lt => number(value).map(NumberTest::Lt),
        Operator::Lte => number(value).map(NumberTest::Lte),
        _ => number(value).map(|number| NumberTest::OneOf(vec![number])),
    }
}

/// The type that somebody who wrote this literal has in mind.
pub(super) fn meant_type(value: &Json) -> Option<ValueType> {
    match value {
        Json::Bool(_) => Some(ValueType::Boolean),
        Json::Number(_) => Some(ValueType::Number),
        Json::String(text) if text.starts_with(|first: char| first.is_ascii_digit()) && text.contains('-') => {
            Some(ValueType::DateTime)
        }
        Json::String(_) => Some(ValueType::String),
        Json::Array(items) => items.first().and_then(meant_type),
        Json::Null | Json::Object(_) => None,
    }
}

fn text_test(operator: Operator, value: &Json, ignore_case: bool, regexes: &mut Regexes) -> Outcome<Test> {
    let folded = |text: String| if ignore_case { fold(&text) } else { text };
    let test = match operator {
        Operator::HasAll => {
            let wanted = list(value, text)?.into_iter().map(folded).collect();
            return Ok(Test::HasAllStrings { wanted, ignore_case });
        }
        Operator::In | Operator::HasAny => {
            StringTest::OneOf { texts: list(value, text)?.into_iter().map(folded).collect(), ignore_case }
        }
        Operator::Contains => StringTest::Contains { text: folded(text(value)?), ignore_case },
        Operator::StartsWith => StringTest::StartsWith { text: folded(text(value)?), ignore_case },
        Operator::EndsWith => StringTest::EndsWith { text: folded(text(value)?), ignore_case },
        Operator::Regex => StringTest::Regex(regex(&text(value)?, ignore_case, regexes)?),
        _ => StringTest::OneOf { texts: vec![folded(text(value)?)], ignore_case },
    };
    Ok(Test::String(test))
}

fn regex(pattern: &str, ignore_case: bool, regexes: &mut Regexes) -> Outcome<regex::Regex> {
    regexes.compile(pattern, ignore_case).map_err(|reason| {
        flaw(
            FaultCode::BadRegex,
            format!(
                "“{pattern}” is not a regular expression that can be used: {reason}. \
             Look-around and back-references do not exist here."
            ),
        )
    })
}

fn time_test(operator: Operator, value: &Json, zone: &Zone) -> Outcome<TimeTest> {
    match operator {
        Operator::Before => point(value).map(TimeTest::Before),
        Operator::After => point(value).map(TimeTest::After),
        Operator::WithinLast => duration(value).map(TimeTest::WithinLast),
        Operator::WithinNext => duration(value).map(TimeTest::WithinNext),
        Operator::MoreThanAgo => duration(value).map(TimeTest::MoreThanAgo),
        Operator::Anniversary => days_ahead(value).map(TimeTest::Anniversary),
        Operator::Between => {
            let (first, last) = pair(value, point)?;
            let test = TimeTest::Between(first, last);
            // Absolute ends do not depend on now.
            let clock = Clock { now: Instant(0), zone: zone.clone() };
            let both_days = matches!((first, last), (TimePoint::Day(first), TimePoint::Day(last)) if first <= last);
            if !both_days && test.range(&clock).is_some_and(|range| range.is_empty()) {
                return Err(reversed());
            }
            Ok(test)
        }
        _ => point(value).map(TimeTest::On),
    }
}

fn text(value: &Json) -> Outcome<String> {
    match convert(value, ValueType::String) {
        Ok(Value::String(text)) => Ok(text),
        _ => Err(wrong_type(value, "a text, such as \"gold\"")),
    }
}

fn number(value: &Json) -> Outcome<f64> {
    match convert(value, ValueType::Number) {
        Ok(Value::Number(number)) => Ok(number),
        Err(ConvertError::LossyInteger) => Err(flaw(
            FaultCode::WrongType,
            format!("{value} is a whole number too large to be compared exactly. Use one up to {MAX_WHOLE}."),
        )),
        _ => Err(wrong_type(value, "a number, such as 3 or 2.5")),
    }
}

fn boolean(value: &Json) -> Outcome<bool> {
    match convert(value, ValueType::Boolean) {
        Ok(Value::Boolean(boolean)) => Ok(boolean),
        _ => Err(wrong_type(value, "true or false")),
    }
}

fn point(value: &Json) -> Outcome<TimePoint> {
    let wanted = "a date such as \"2026-11-20\", or an instant such as \"2026-11-20T12:00:00Z\"";
    let text = value.as_str().ok_or_else(|| wrong_type(value, wanted))?;
    TimePoint::parse(text).ok_or_else(|| flaw(FaultCode::BadDate, format!("“{text}” is no date that exists. Write {wanted}.")))
}

fn duration(value: &Json) -> Outcome<Duration> {
    let text = value.as_str().ok_or_else(|| wrong_type(value, "a duration, such as \"30d\""))?;
    Duration::parse(text).ok_or_else(|| flaw(FaultCode::BadDuration, bad_duration(text)))
}

/// What is told of a text that is no duration.
pub(super) fn bad_duration(text: &str) -> String {
    format!("“{text}” is not a duration. Write a whole number and one unit (s, m, h, d, w, mo, y), such as 30d or 1mo.")
}

fn days_ahead(value: &Json) -> Outcome<u32> {
    let days = number(value)?;
    if days.fract() != 0.0 {
        return Err(wrong_type(value, "a whole number of days ahead, such as 0 for today"));
    }
    if !(0.0..=MAX_DAYS_AHEAD).contains(&days) {
        return Err(flaw(FaultCode::OutOfRange, format!("An anniversary lies 0 or more days ahead (0 is today), not {days}.")));
    }
    Ok(days as u32)
}

/// Every element of a list literal that may not be empty.
fn list<T>(value: &Json, element: fn(&Json) -> Outcome<T>) -> Outcome<Vec<T>> {
    let items = value.as_array().ok_or_else(|| wrong_type(value, "a list of values, in brackets"))?;
    if items.is_empty() {
        return Err(flaw(FaultCode::EmptyGroup, "This list of values is empty. Add at least one value."));
    }
    elements(items, element)
}

/// Both ends of a `between`.
fn pair<T: Copy>(value: &Json, element: fn(&Json) -> Outcome<T>) -> Outcome<(T, T)> {
    let items = value.as_array().ok_or_else(|| wrong_type(value, "a list of the two ends, such as [25, 49]"))?;
    match elements(items, element)?.as_slice() {
        [low, high] => Ok((*low, *high)),
        ends => Err(flaw(
            FaultCode::WrongType,
            format!("“between” needs exactly two ends, such as [25, 49]; there are {}.", ends.len()),
        )),
    }
}

fn elements<T>(items: &[Json], element: fn(&Json) -> Outcome<T>) -> Outcome<Vec<T>> {
    let mut values = Vec::with_capacity(items.len());
    let mut flaws = Vec::new();
    for (index, item) in items.iter().enumerate() {
        match element(item) {
            Ok(value) => values.push(value),
            Err(inner) => flaws.extend(inner.into_iter().map(|flaw| Flaw { element: Some(index), ..flaw })),
        }
    }
    if flaws.is_empty() { Ok(values) } else { Err(flaws) }
}

fn flaw(code: FaultCode, detail: impl Into<String>) -> Vec<Flaw> {
    vec![Flaw { element: None, code, detail: detail.into() }]
}

fn wrong_type(value: &Json, wanted: &str) -> Vec<Flaw> {
    flaw(FaultCode::WrongType, format!("Here must be {wanted}; {value} is not that."))
}

fn reversed() -> Vec<Flaw> {
    flaw(FaultCode::ReversedBetween, "The first end lies after the second, so nothing can lie between. Swap them.")
}
