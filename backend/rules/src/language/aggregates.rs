//! Aggregates: what is computed over a user's matching events.

use super::Told;

/// An aggregate, by what it is computed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregate {
    /// `count` and `days`: over the events themselves.
    Events { days: bool },
    /// Over numbers.
    Numbers(Numeric),
    /// `distinct`: over values of any type.
    Distinct,
    /// `first` and `last`: one value of any type.
    Picked { last: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numeric {
    Sum,
    Avg,
    Min,
    Max,
}

/// An aggregate and its words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AggregateRow {
    pub name: &'static str,
    pub aggregate: Aggregate,
    /// What it is for a user without a matching event.
    pub empty: &'static str,
    pub told: Told,
}

const fn row(name: &'static str, aggregate: Aggregate, empty: &'static str, told: Told) -> AggregateRow {
    AggregateRow { name, aggregate, empty, told }
}

const ZERO: &str = "0, so “at most” and “exactly 0” include users who never did it";
const NO_VALUE: &str = "nothing to compare: the user is not a member, whatever the comparison";

/// Every aggregate.
pub(crate) const AGGREGATES: [AggregateRow; 9] = [
    row(
        "count",
        Aggregate::Events { days: false },
        ZERO,
        Told {
            means: "How many events.",
            boundary: "Without a comparison it means at least 1. Repeats with the same message id are one event.",
            example: r#"{"event":"video_view","window":{"last":"30d"},"op":"gte","value":3}"#,
        },
    ),
    row(
        "days",
        Aggregate::Events { days: true },
        ZERO,
        Told {
            means: "On how many different calendar days.",
            boundary: "Days begin and end in the rule's time zone; 23:59 and 00:01 are two days.",
            example: r#"{"event":"video_view","agg":"days","op":"gte","value":5,"window":{"last":"30d"},"tz":"Europe/Paris"}"#,
        },
    ),
    row(
        "sum",
        Aggregate::Numbers(Numeric::Sum),
        "0",
        Told {
            means: "The numbers of a property added up.",
            boundary: "Exact to the billionth, in whatever order events arrive: 0.1 + 0.2 is 0.3. Events without the number add nothing.",
            example: r#"{"event":"purchase","agg":"sum","of":"amount","op":"gt","value":100}"#,
        },
    ),
    row(
        "distinct",
        Aggregate::Distinct,
        "0",
        Told {
            means: "How many different values a property had.",
            boundary: "Of a list, its elements are counted. Events without the property count for nothing.",
            example: r#"{"event":"video_view","agg":"distinct","of":"programme","op":"gte","value":10}"#,
        },
    ),
    row(
        "avg",
        Aggregate::Numbers(Numeric::Avg),
        NO_VALUE,
        Told {
            means: "The mean of the numbers of a property.",
            boundary: "Over the events that have the number, not over all. No rounding takes part.",
            example: r#"{"event":"purchase","agg":"avg","of":"amount","op":"gte","value":25}"#,
        },
    ),
    row(
        "min",
        Aggregate::Numbers(Numeric::Min),
        NO_VALUE,
        Told {
            means: "The smallest number of a property.",
            boundary: "“At least 10” means that every one was.",
            example: r#"{"event":"purchase","agg":"min","of":"amount","op":"gte","value":10}"#,
        },
    ),
    row(
        "max",
        Aggregate::Numbers(Numeric::Max),
        NO_VALUE,
        Told {
            means: "The greatest number of a property.",
            boundary: "“At most 10” means that every one was.",
            example: r#"{"event":"purchase","agg":"max","of":"amount","op":"gte","value":200}"#,
        },
    ),
    row(
        "first",
        Aggregate::Picked { last: false },
        NO_VALUE,
        Told {
            means: "The value of a property in the earliest matching event.",
            boundary: "If the earliest event lacks the property it is not set; a later event does not fill in. Compared like a property.",
            example: r#"{"event":"video_view","agg":"first","of":"programme","op":"eq","value":"NCIS"}"#,
        },
    ),
    row(
        "last",
        Aggregate::Picked { last: true },
        NO_VALUE,
        Told {
            means: "The value of a property in the latest matching event.",
            boundary: "Of several at the same instant, the one that was taken in last. Compared like a property.",
            example: r#"{"event":"video_view","agg":"last","of":"device","op":"in","value":["phone","tablet"]}"#,
        },
    ),
];
