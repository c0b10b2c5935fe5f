//! Typed values of traits and properties.

use serde_json::Value as Json;

use crate::schema::ValueType;
use crate::time::{Day, Instant};

/// A value that is set. A missing or null value is `Option::None` wherever values are optional.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    String(String),
    /// A finite double; integers are exact to 2^53. Negative zero is stored as zero.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// An instant, microseconds.
    DateTime(Instant),
    /// A calendar day, in every zone.
    Date(Day),
    /// Texts, in order.
    StringList(Vec<String>),
    /// Numbers, in order.
    NumberList(Vec<f64>),
    /// An object (or a list that is neither of strings nor of numbers) as compact JSON; only `is_set` looks at it.
    Object(String),
}

impl Value {
    /// The type of this value.
    pub fn value_type(&self) -> ValueType {
        match self {
            Value::String(_) => ValueType::String,
            Value::Number(_) => ValueType::Number,
            Value::Boolean(_) => ValueType::Boolean,
            Value::DateTime(_) => ValueType::DateTime,
            Value::Date(_) => ValueType::Date,
            Value::StringList(_) => ValueType::StringList,
            Value::NumberList(_) => ValueType::NumberList,
            Value::Object(_) => ValueType::Object,
        }
    }

    /// As JSON; whole numbers without a point.
    pub fn to_json(&self) -> Json {
        match self {
            Value::String(text) => text.as_str().into(),
            Value::Number(number) => number_json(*number),
            Value::Boolean(boolean) => (*boolean).into(),
            Value::DateTime(instant) => instant.to_rfc3339().into(),
            Value::Date(day) => day.to_iso().into(),
            Value::StringList(texts) => texts.clone().into(),
            Value::NumberList(numbers) => numbers.iter().copied().map(number_json).collect(),
            Value::Object(json) => serde_json::from_str(json).unwrap_or(Json::Null),
        }
    }
}

/// Whole numbers are exact up to here: 2^53.
pub(crate) const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

fn number_json(number: f64) -> Json {
    let whole = number.fract() == 0.0 && number.abs() <= MAX_WHOLE;
    if whole { (number as i64).into() } else { number.into() }
}
