//! Units of durations, and calendar periods.

use super::Told;
use crate::time::{Period, Unit};

/// Units as rules write them.
pub(crate) const UNITS: [(&str, Unit, Told); 7] = [
    (
        "s",
        Unit::Second,
        Told {
            means: "Seconds.",
            boundary: "",
            example: r#"{"sequence":[{"event":"search"},{"event":"video_view","within":"30s"}]}"#,
        },
    ),
    (
        "m",
        Unit::Minute,
        Told {
            means: "Minutes. Not months: those are `mo`.",
            boundary: "",
            example: r#"{"sequence":[{"event":"search"},{"event":"purchase","within":"30m"}]}"#,
        },
    ),
    ("h", Unit::Hour, Told { means: "Hours.", boundary: "", example: r#"{"event":"purchase","window":{"last":"24h"}}"# }),
    (
        "d",
        Unit::Day,
        Told {
            means: "Days of 24 hours.",
            boundary: "When clocks change, 1d is still 24 hours, so it is not the same time yesterday.",
            example: r#"{"event":"purchase","window":{"last":"30d"}}"#,
        },
    ),
    (
        "w",
        Unit::Week,
        Told { means: "Weeks of 7 times 24 hours.", boundary: "", example: r#"{"event":"purchase","window":{"last":"2w"}}"# },
    ),
    (
        "mo",
        Unit::Month,
        Told {
            means: "Calendar months in the rule's time zone, at the same time of day.",
            boundary: "A day that the month lacks becomes its last: 1 month before 31 May is 30 April.",
            example: r#"{"trait":"last_login","op":"more_than_ago","value":"6mo"}"#,
        },
    ),
    (
        "y",
        Unit::Year,
        Told {
            means: "Calendar years in the rule's time zone, at the same time of day.",
            boundary: "One year before 29 February is 28 February.",
            example: r#"{"event":"purchase","window":{"last":"1y"}}"#,
        },
    ),
];

const fn told(means: &'static str, boundary: &'static str, example: &'static str) -> Told {
    Told { means, boundary, example }
}

/// Calendar periods by name; beside them there is `last_7_days`, with any number.
pub(crate) const PERIODS: [(&str, Period, Told); 8] = [
    (
        "today",
        Period::Today,
        told(
            "Today, from midnight on.",
            "Just after midnight it holds next to nothing.",
            r#"{"event":"purchase","window":{"calendar":"today"}}"#,
        ),
    ),
    (
        "yesterday",
        Period::Yesterday,
        told("Yesterday, midnight to midnight.", "", r#"{"event":"purchase","window":{"calendar":"yesterday"}}"#),
    ),
    (
        "this_week",
        Period::ThisWeek,
        told(
            "This week, from Monday on.",
            "On a Monday it is today.",
            r#"{"event":"purchase","window":{"calendar":"this_week"}}"#,
        ),
    ),
    (
        "last_week",
        Period::LastWeek,
        told("The week before this one, Monday to Sunday.", "", r#"{"event":"purchase","window":{"calendar":"last_week"}}"#),
    ),
    (
        "this_month",
        Period::ThisMonth,
        told("This month, from the 1st on.", "", r#"{"event":"purchase","window":{"calendar":"this_month"}}"#),
    ),
    (
        "last_month",
        Period::LastMonth,
        told(
            "The whole month before this one.",
            "In March it has 28 days, or 29.",
            r#"{"event":"purchase","window":{"calendar":"last_month"}}"#,
        ),
    ),
    (
        "this_year",
        Period::ThisYear,
        told("This year, from 1 January on.", "", r#"{"event":"purchase","window":{"calendar":"this_year"}}"#),
    ),
    (
        "last_year",
        Period::LastYear,
        told("The whole year before this one.", "", r#"{"event":"purchase","window":{"calendar":"last_year"}}"#),
    ),
];

/// `last_7_days`, with any number of days.
pub(super) const LAST_DAYS: Told = told(
    "The last 7 days (any number), today being one of them.",
    "Whole calendar days: at noon it is 6 days and a half. The window `last` of 7d is exactly 7 times 24 hours.",
    r#"{"event":"purchase","window":{"calendar":"last_7_days"}}"#,
);
