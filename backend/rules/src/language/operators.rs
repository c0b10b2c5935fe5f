//! Operators: on which types of values they work, and what they mean.

use super::Told;
use crate::schema::ValueType;

/// A positive operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    IsSet,
    Eq,
    In,
    Contains,
    StartsWith,
    EndsWith,
    Regex,
    Gt,
    Gte,
    Lt,
    Lte,
    Between,
    Before,
    After,
    On,
    WithinLast,
    WithinNext,
    MoreThanAgo,
    Anniversary,
    Has,
    HasAny,
    HasAll,
}

/// A name of an operator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OperatorRow {
    pub name: &'static str,
    /// The operator that it is, or whose complement it is.
    pub operator: Operator,
    pub negated: bool,
    /// Types of values that it works on.
    pub on: &'static [ValueType],
    /// Whether it also compares the number that an aggregate gives.
    pub compares_aggregates: bool,
    /// What stands in `value`.
    pub takes: &'static str,
    pub told: Told,
}

const TEXT: &[ValueType] = &[ValueType::String, ValueType::StringList];
const NUMBER: &[ValueType] = &[ValueType::Number, ValueType::NumberList];
const TEXT_NUMBER: &[ValueType] = &[ValueType::String, ValueType::StringList, ValueType::Number, ValueType::NumberList];
const EQUAL: &[ValueType] =
    &[ValueType::String, ValueType::StringList, ValueType::Number, ValueType::NumberList, ValueType::Boolean];
const RANGE: &[ValueType] = &[ValueType::Number, ValueType::NumberList, ValueType::DateTime, ValueType::Date];
const TIME: &[ValueType] = &[ValueType::DateTime, ValueType::Date];
const LIST: &[ValueType] = &[ValueType::StringList, ValueType::NumberList];

const fn row(name: &'static str, operator: Operator, on: &'static [ValueType], takes: &'static str, told: Told) -> OperatorRow {
    OperatorRow { name, operator, negated: false, on, compares_aggregates: false, takes, told }
}

impl OperatorRow {
    const fn complement(self) -> OperatorRow {
        OperatorRow { negated: true, ..self }
    }

    const fn and_aggregates(self) -> OperatorRow {
        OperatorRow { compares_aggregates: true, ..self }
    }
}

const fn told(means: &'static str, boundary: &'static str, example: &'static str) -> Told {
    Told { means, boundary, example }
}

const ONE: &str = "one value";
const SEVERAL: &str = "a list of values";
const TEXT_VALUE: &str = "a text";
const NUMBER_VALUE: &str = "a number";
const POINT: &str = "a date or an instant";
const DURATION: &str = "a duration";

/// Every operator, in the order in which they are listed to people.
pub(crate) const OPERATORS: [OperatorRow; 27] = [
    row(
        "is_set",
        Operator::IsSet,
        &ValueType::ALL,
        "nothing",
        told(
            "There is a value.",
            "An empty text, 0, false and an empty list are values. A missing value and null are not.",
            r#"{"trait":"email","op":"is_set"}"#,
        ),
    ),
    row(
        "is_not_set",
        Operator::IsSet,
        &ValueType::ALL,
        "nothing",
        told(
            "There is no value.",
            "An empty text is a value, so it is out; write = \"\" for those.",
            r#"{"trait":"email","op":"is_not_set"}"#,
        ),
    )
    .complement(),
    row(
        "eq",
        Operator::Eq,
        EQUAL,
        ONE,
        told(
            "Equal to the value.",
            "Texts have to agree to the letter. Instants and dates are compared with `on`.",
            r#"{"trait":"plan","op":"eq","value":"Gold","ignore_case":true}"#,
        ),
    )
    .and_aggregates(),
    row(
        "neq",
        Operator::Eq,
        EQUAL,
        ONE,
        told(
            "Anything but the value.",
            "Holds also where there is no value at all.",
            r#"{"trait":"plan","op":"neq","value":"gold"}"#,
        ),
    )
    .complement()
    .and_aggregates(),
    row(
        "in",
        Operator::In,
        TEXT_NUMBER,
        SEVERAL,
        told(
            "Equal to one of the values.",
            "A list with one value is the same as `eq`. An empty one is refused.",
            r#"{"trait":"plan","op":"in","value":["gold","silver"]}"#,
        ),
    ),
    row(
        "not_in",
        Operator::In,
        TEXT_NUMBER,
        SEVERAL,
        told(
            "Equal to none of the values.",
            "Holds also where there is no value at all.",
            r#"{"trait":"plan","op":"not_in","value":["gold","silver"]}"#,
        ),
    )
    .complement(),
    row(
        "contains",
        Operator::Contains,
        TEXT,
        TEXT_VALUE,
        told(
            "The text has these letters somewhere inside.",
            "“box” is also inside “inbox”. Every text contains the empty text.",
            r#"{"event":"purchase","where":[{"property":"product","op":"contains","value":"box"}]}"#,
        ),
    ),
    row(
        "not_contains",
        Operator::Contains,
        TEXT,
        TEXT_VALUE,
        told(
            "The text does not have these letters inside.",
            "Holds also where there is no text at all.",
            r#"{"trait":"email","op":"not_contains","value":"@work.example"}"#,
        ),
    )
    .complement(),
    row(
        "starts_with",
        Operator::StartsWith,
        TEXT,
        TEXT_VALUE,
        told(
            "The text begins so.",
            "The text itself begins with itself.",
            r#"{"trait":"postcode","op":"starts_with","value":"75"}"#,
        ),
    ),
    row(
        "ends_with",
        Operator::EndsWith,
        TEXT,
        TEXT_VALUE,
        told(
            "The text ends so.",
            "The text itself ends with itself.",
            r#"{"trait":"email","op":"ends_with","value":"@work.example"}"#,
        ),
    ),
    row(
        "regex",
        Operator::Regex,
        TEXT,
        "a regular expression",
        told(
            "The text has a place that the pattern describes.",
            "Anywhere in the text: write ^ and $ for the whole of it. Look-around and back-references do not exist.",
            r#"{"trait":"postcode","op":"regex","value":"^75[0-9]{3}$"}"#,
        ),
    ),
    row(
        "gt",
        Operator::Gt,
        NUMBER,
        NUMBER_VALUE,
        told(
            "Above the number.",
            "The number itself is out: with 18, 18 is out and 18.01 is in.",
            r#"{"trait":"age","op":"gt","value":18}"#,
        ),
    )
    .and_aggregates(),
    row(
        "gte",
        Operator::Gte,
        NUMBER,
        NUMBER_VALUE,
        told("The number or above.", "The number itself is in.", r#"{"trait":"age","op":"gte","value":18}"#),
    )
    .and_aggregates(),
    row(
        "lt",
        Operator::Lt,
        NUMBER,
        NUMBER_VALUE,
        told("Below the number.", "The number itself is out.", r#"{"trait":"age","op":"lt","value":18}"#),
    )
    .and_aggregates(),
    row(
        "lte",
        Operator::Lte,
        NUMBER,
        NUMBER_VALUE,
        told(
            "The number or below.",
            "The number itself is in. As an aggregate it includes users with none: count <= 2 includes 0.",
            r#"{"event":"purchase","op":"lte","value":2}"#,
        ),
    )
    .and_aggregates(),
    row(
        "between",
        Operator::Between,
        RANGE,
        "a list of two ends",
        told(
            "From the first end to the second.",
            "Both ends are in; a date as an end is in as a whole day. The first may not lie after the second.",
            r#"{"trait":"age","op":"between","value":[25,49]}"#,
        ),
    )
    .and_aggregates(),
    row(
        "before",
        Operator::Before,
        TIME,
        POINT,
        told(
            "Earlier than this.",
            "Before a date: until its first moment. That day itself is out.",
            r#"{"trait":"last_login","op":"before","value":"2026-01-01"}"#,
        ),
    ),
    row(
        "after",
        Operator::After,
        TIME,
        POINT,
        told(
            "Later than this.",
            "After a date: from the midnight that ends it. That day itself is out.",
            r#"{"trait":"last_login","op":"after","value":"2026-01-01"}"#,
        ),
    ),
    row(
        "on",
        Operator::On,
        TIME,
        POINT,
        told(
            "On this day, or in this second.",
            "A date covers the whole day in the rule's time zone; an instant covers its second.",
            r#"{"trait":"birthday","op":"on","value":"1990-05-17"}"#,
        ),
    ),
    row(
        "within_last",
        Operator::WithinLast,
        TIME,
        DURATION,
        told(
            "Not longer ago than this, and not in the future.",
            "Exactly 7 days ago is in, to the microsecond. 7d are 7 times 24 hours, not 7 calendar days.",
            r#"{"trait":"last_login","op":"within_last","value":"7d"}"#,
        ),
    ),
    row(
        "within_next",
        Operator::WithinNext,
        TIME,
        DURATION,
        told(
            "From now on, up to so far ahead.",
            "Now is in, and so is exactly 30 days ahead.",
            r#"{"trait":"contract_end","op":"within_next","value":"30d"}"#,
        ),
    ),
    row(
        "more_than_ago",
        Operator::MoreThanAgo,
        TIME,
        DURATION,
        told(
            "Longer ago than this.",
            "Exactly that long ago is out. Without a value it does not hold: who never logged in is not in it.",
            r#"{"trait":"last_login","op":"more_than_ago","value":"6mo"}"#,
        ),
    ),
    row(
        "anniversary",
        Operator::Anniversary,
        TIME,
        "whole days ahead: 0 for today",
        told(
            "Day and month come round in exactly so many days.",
            "Somebody born on 29 February has it on 28 February in other years.",
            r#"{"trait":"birthday","op":"anniversary","value":7}"#,
        ),
    ),
    row(
        "has",
        Operator::Has,
        LIST,
        ONE,
        told(
            "The list has the value.",
            "It is the same as `eq` on a list; only that it says so.",
            r#"{"trait":"languages","op":"has","value":"fr"}"#,
        ),
    ),
    row(
        "has_any",
        Operator::HasAny,
        LIST,
        SEVERAL,
        told(
            "The list has at least one of the values.",
            "An empty list has none of them.",
            r#"{"trait":"languages","op":"has_any","value":["fr","de"]}"#,
        ),
    ),
    row(
        "has_all",
        Operator::HasAll,
        LIST,
        SEVERAL,
        told(
            "The list has every one of the values.",
            "It may have more.",
            r#"{"trait":"languages","op":"has_all","value":["fr","de"]}"#,
        ),
    ),
    row(
        "has_none",
        Operator::HasAny,
        LIST,
        SEVERAL,
        told(
            "The list has none of the values.",
            "Holds also where there is no list at all.",
            r#"{"trait":"languages","op":"has_none","value":["fr","de"]}"#,
        ),
    )
    .complement(),
];
