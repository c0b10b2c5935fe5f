//! JSON to typed values, without loss.
//!
//! Without loss means that converting back gives the same text: `"3"` is the number 3 and `"true"` is true, but `"03"`,
//! `"3.0"`, `"1e3"`, `" 3"` and `"TRUE"` are only texts. Booleans and numbers never become each other, nor do numbers
//! and instants, nor instants and days.

use serde_json::{Number, Value as Json};
use thiserror::Error;

use crate::schema::ValueType;
use crate::time::{Day, Instant};
use crate::value::Value;

/// Why a JSON value cannot be taken as a typed value. The text names kinds, never the value itself.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConvertError {
    /// `null` is "not set", which is no value of any type.
    #[error("null is not a value")]
    Null,
    /// No conversion without loss.
    #[error("{found} cannot be taken as {} without loss", type_name(*.wanted))]
    Mismatch {
        /// What was wanted.
        wanted: ValueType,
        /// What kind of JSON value there was.
        found: &'static str,
    },
    /// An integer that a double cannot hold.
    #[error("an integer beyond 2^53 cannot be kept exactly; send it as text")]
    LossyInteger,
    /// A text where a datetime was wanted.
    #[error("a datetime must be RFC 3339 with an offset or Z, such as 2026-11-20T12:00:00Z")]
    BadDateTime,
    /// A text where a date was wanted.
    #[error("a date must be written YYYY-MM-DD, such as 2026-11-20")]
    BadDate,
}

/// The name of a type in words, with its article.
pub fn type_name(of: ValueType) -> &'static str {
    match of {
        ValueType::String => "a text",
        ValueType::Number => "a number",
        ValueType::Boolean => "true or false",
        ValueType::DateTime => "a datetime",
        ValueType::Date => "a date",
        ValueType::StringList => "a list of texts",
        ValueType::NumberList => "a list of numbers",
        ValueType::Object => "an object",
    }
}

/// The kind of a JSON value in words, with its article.
pub fn kind_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// Takes a JSON value as a value of the wanted type.
///
/// Lists convert element by element; a scalar is not a list of one. `Object` takes any object or list, as compact JSON.
///
/// # Errors
/// If there is no conversion without loss.
pub fn convert(json: &Json, wanted: ValueType) -> Result<Value, ConvertError> {
    if json.is_null() {
        return Err(ConvertError::Null);
    }
    let mismatch = ConvertError::Mismatch { wanted, found: kind_of(json) };
    match wanted {
        ValueType::String => text(json).map(Value::String).ok_or(mismatch),
        ValueType::Number => number(json).map(Value::Number),
        ValueType::Boolean => boolean(json).map(Value::Boolean).ok_or(mismatch),
        ValueType::DateTime => {
            let written = json.as_str().ok_or(mismatch)?;
            Instant::parse(written).map(Value::DateTime).ok_or(ConvertError::BadDateTime)
        }
        ValueType::Date => {
            let written = json.as_str().ok_or(mismatch)?;
            Day::parse(written).map(Value::Date).ok_or(ConvertError::BadDate)
        }
        ValueType::StringList => {
            let elements = json.as_array().ok_or_else(|| mismatch.clone())?;
            let texts: Option<Vec<String>> = elements.iter().map(text).collect();
            texts.map(Value::StringList).ok_or(mismatch)
        }
        ValueType::NumberList => {
            let elements = json.as_array().ok_or(mismatch)?;
            let numbers: Result<Vec<f64>, ConvertError> = elements.iter().map(number).collect();
            numbers.map(Value::NumberList)
        }
        ValueType::Object => match json {
            Json::Object(_) | Json::Array(_) => Ok(Value::Object(json.to_string())),
            _ => Err(mismatch),
        },
    }
}

/// The type that a JSON value shows, and the value. `null` is `None`: not set.
///
/// A text is always a string (datetimes and dates are declared, never guessed); a list is of numbers if every element
/// is a number, of strings if every element is a string (also `[]`), else it is kept like an object.
///
/// # Errors
/// [`ConvertError::LossyInteger`] if an integer does not fit a double.
pub fn infer(json: &Json) -> Result<Option<(ValueType, Value)>, ConvertError> {
    let shown = match json {
        Json::Null => return Ok(None),
        Json::Bool(_) => ValueType::Boolean,
        Json::Number(_) => ValueType::Number,
        Json::String(_) => ValueType::String,
        Json::Object(_) => ValueType::Object,
        Json::Array(elements) if elements.iter().all(Json::is_string) => ValueType::StringList,
        Json::Array(elements) if elements.iter().all(Json::is_number) => ValueType::NumberList,
        Json::Array(_) => ValueType::Object,
    };
    convert(json, shown).map(|value| Some((shown, value)))
}

/// How a number is written as text: plain decimals, the fewest that give the same double; never an exponent.
pub fn number_text(number: f64) -> String {
    format!("{}", positive_zero(number))
}

/// Reads a number that [`number_text`] writes back as the same text.
pub fn parse_number(written: &str) -> Option<f64> {
    let plain = written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'.');
    let number: f64 = if plain { written.parse().ok()? } else { return None };
    (number.is_finite() && number_text(number) == written).then_some(positive_zero(number))
}

fn positive_zero(number: f64) -> f64 {
    if number == 0.0 { 0.0 } else { number }
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(written) => Some(written.clone()),
        Json::Bool(boolean) => Some(boolean.to_string()),
        Json::Number(number) if number.is_f64() => number.as_f64().map(number_text),
        Json::Number(number) => Some(number.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn boolean(json: &Json) -> Option<bool> {
    match json {
        Json::Bool(boolean) => Some(*boolean),
        Json::String(written) if written == "true" => Some(true),
        Json::String(written) if written == "false" => Some(false),
        _ => None,
    }
}

fn number(json: &Json) -> Result<f64, ConvertError> {
    let mismatch = ConvertError::Mismatch { wanted: ValueType::Number, found: kind_of(json) };
    match json {
        Json::Number(number) => exact(number).ok_or(ConvertError::LossyInteger),
        Json::String(written) => parse_number(written).ok_or(mismatch),
        Json::Null => Err(ConvertError::Null),
        _ => Err(mismatch),
    }
}

fn exact(number: &Number) -> Option<f64> {
    let double = number.as_f64().filter(|double| double.is_finite())?;
    let kept = match (number.as_i64(), number.as_u64()) {
        (Some(integer), _) => double as i128 == i128::from(integer),
        (None, Some(integer)) => double as i128 == i128::from(integer),
        (None, None) => true,
    };
    kept.then_some(positive_zero(double))
}

#[cfg(test)]
mod tests;
