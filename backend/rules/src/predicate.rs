//! Conditions on one value, with two-valued logic: a positive test on a missing value is false, and each negative
//! operator is exactly the complement of its positive one.

use std::borrow::Cow;

use crate::schema::ValueType;
use crate::time::{Clock, TimeTest};
use crate::value::Value;

/// A condition on the value at a path. The path may have different types in different events, so there is one test per
/// type for which the literal makes sense; a value of any other type fails the positive test.
#[derive(Debug, Clone)]
pub struct PathPredicate {
    /// True for `neq`, `not_in`, `not_contains`, `has_none`, `is_not_set`: the complement of the tests.
    pub negated: bool,
    /// The positive test for each type; at most one per type. A path never seen has one for every type that
    /// operator and literal fit.
    pub tests: Vec<(ValueType, Test)>,
}

/// A positive test on a set value.
#[derive(Debug, Clone)]
pub enum Test {
    /// Any set value (also `[]`, `""`, `0`, `false`).
    IsSet,
    /// On a string, or on any element of a list of strings.
    String(StringTest),
    /// On a number, or on any element of a list of numbers.
    Number(NumberTest),
    /// Equal to this boolean.
    Boolean(bool),
    /// On a datetime or date.
    Time(TimeTest),
    /// `has_all` on a list of strings: every one of these has an equal element (folded already if `ignore_case`).
    HasAllStrings {
        /// Wanted texts, folded if `ignore_case`.
        wanted: Vec<String>,
        /// Compare folded.
        ignore_case: bool,
    },
    /// `has_all` on a list of numbers.
    HasAllNumbers(Vec<f64>),
}

/// A test on a text. With `ignore_case` both sides are compared after full Unicode case folding ([`fold`]); the
/// literals here are folded already.
#[derive(Debug, Clone)]
pub enum StringTest {
    /// Equal to one of these (`eq`, `in`, `has`, `has_any`).
    OneOf {
        /// Accepted texts.
        texts: Vec<String>,
        /// Compare folded.
        ignore_case: bool,
    },
    /// Contains.
    Contains {
        /// Wanted part.
        text: String,
        /// Compare folded.
        ignore_case: bool,
    },
    /// Starts with.
    StartsWith {
        /// Wanted start.
        text: String,
        /// Compare folded.
        ignore_case: bool,
    },
    /// Ends with.
    EndsWith {
        /// Wanted end.
        text: String,
        /// Compare folded.
        ignore_case: bool,
    },
    /// Matches, unanchored; `ignore_case` is compiled in as `(?i)`.
    Regex(regex::Regex),
}

/// A test on a number.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberTest {
    /// Equal to one of these (`eq`, `in`, `has`, `has_any`); many of them are sorted, see [`NumberTest::one_of`].
    OneOf(Vec<f64>),
    /// Greater.
    Gt(f64),
    /// Greater or equal.
    Gte(f64),
    /// Less.
    Lt(f64),
    /// Less or equal.
    Lte(f64),
    /// Between, both ends included.
    Between(f64, f64),
}

/// More numbers than these are sorted and found by halving.
const FEW: usize = 16;

impl NumberTest {
    /// Equal to one of these.
    pub fn one_of(mut numbers: Vec<f64>) -> NumberTest {
        numbers.sort_by(f64::total_cmp);
        NumberTest::OneOf(numbers)
    }

    /// Whether `number` satisfies it.
    pub fn holds(&self, number: f64) -> bool {
        match self {
            NumberTest::OneOf(numbers) if numbers.len() <= FEW => numbers.contains(&number),
            NumberTest::OneOf(numbers) => numbers.binary_search_by(|wanted| wanted.total_cmp(&number)).is_ok(),
            NumberTest::Gt(x) => number > *x,
            NumberTest::Gte(x) => number >= *x,
            NumberTest::Lt(x) => number < *x,
            NumberTest::Lte(x) => number <= *x,
            NumberTest::Between(low, high) => *low <= number && number <= *high,
        }
    }
}

/// Full Unicode case folding, without normalisation.
pub fn fold(text: &str) -> String {
    folded(text).into_owned()
}

/// Full Unicode case folding, without a copy where nothing changes.
pub fn folded(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        return Cow::Owned(caseless::default_case_fold_str(text));
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}

impl StringTest {
    /// Whether `text` satisfies it.
    pub fn holds(&self, text: &str) -> bool {
        let seen = |ignore_case: bool| if ignore_case { folded(text) } else { Cow::Borrowed(text) };
        match self {
            StringTest::OneOf { texts, ignore_case } => {
                let text = seen(*ignore_case);
                texts.iter().any(|wanted| *wanted == text)
            }
            StringTest::Contains { text: wanted, ignore_case } => seen(*ignore_case).contains(wanted.as_str()),
            StringTest::StartsWith { text: wanted, ignore_case } => seen(*ignore_case).starts_with(wanted.as_str()),
            StringTest::EndsWith { text: wanted, ignore_case } => seen(*ignore_case).ends_with(wanted.as_str()),
            StringTest::Regex(regex) => regex.is_match(text),
        }
    }
}

impl Test {
    /// Whether a set value satisfies it. A value of a type that the test is not for does not.
    pub fn holds(&self, value: &Value, clock: &Clock) -> bool {
        match (self, value) {
            (Test::IsSet, _) => true,
            (Test::String(test), Value::String(text)) => test.holds(text),
            (Test::String(test), Value::StringList(texts)) => texts.iter().any(|text| test.holds(text)),
            (Test::Number(test), Value::Number(number)) => test.holds(*number),
            (Test::Number(test), Value::NumberList(numbers)) => numbers.iter().any(|number| test.holds(*number)),
            (Test::Boolean(wanted), Value::Boolean(boolean)) => wanted == boolean,
            (Test::Time(test), Value::DateTime(instant)) => test.holds_instant(*instant, clock),
            (Test::Time(test), Value::Date(day)) => test.holds_day(*day, clock),
            (Test::HasAllStrings { wanted, ignore_case }, Value::StringList(texts)) => {
                if *ignore_case {
                    let texts: Vec<Cow<str>> = texts.iter().map(|text| folded(text)).collect();
                    wanted.iter().all(|wanted| texts.iter().any(|text| text == wanted))
                } else {
                    wanted.iter().all(|text| texts.contains(text))
                }
            }
            (Test::HasAllNumbers(wanted), Value::NumberList(numbers)) => wanted.iter().all(|number| numbers.contains(number)),
            _ => false,
        }
    }
}

impl PathPredicate {
    /// The positive test for values of a type.
    pub fn test_for(&self, value_type: ValueType) -> Option<&Test> {
        self.tests.iter().find(|(of, _)| *of == value_type).map(|(_, test)| test)
    }

    /// Whether a value, or a missing one, satisfies it.
    pub fn holds(&self, value: Option<&Value>, clock: &Clock) -> bool {
        let positive = value.is_some_and(|value| self.test_for(value.value_type()).is_some_and(|test| test.holds(value, clock)));
        positive != self.negated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_way_folds_like_the_full_one() {
        for text in
            ["", "abc", "ABC", "aBc 123 [\\]", "STRASSE", "Straße", "İstanbul", "ÉCOLE", "ΣΊΣΥΦΟΣ", "ﬁ", "\u{212a}", "\u{1e9e}"]
        {
            assert_eq!(fold(text), caseless::default_case_fold_str(text), "{text}");
        }
        assert_eq!(fold("Straße"), fold("STRASSE"));
        assert_eq!(fold("\u{212a}"), "k");
        assert!(matches!(folded("abc"), Cow::Borrowed(_)));
    }

    #[test]
    fn negated_is_the_complement_for_missing_values_too() {
        let clock = Clock { now: crate::time::Instant(0), zone: crate::time::Zone::utc() };
        let test = || vec![(ValueType::Number, Test::Number(NumberTest::Gt(1.0)))];
        for value in [None, Some(Value::Number(2.0)), Some(Value::Number(1.0)), Some(Value::String("2".to_owned()))] {
            let positive = PathPredicate { negated: false, tests: test() }.holds(value.as_ref(), &clock);
            let negative = PathPredicate { negated: true, tests: test() }.holds(value.as_ref(), &clock);
            assert_ne!(positive, negative);
        }
    }
}
