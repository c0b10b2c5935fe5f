//! Limits, told. The numbers are those that validation uses.

use crate::check::regexes::{MAX_SIZE, MAX_SIZES};
use crate::check::{MAX_DEPTH, MAX_NESTING, MAX_NODES, MAX_PERIODS};
use crate::exact::MAX_VALUE;
use crate::text::MAX_LENGTH;
use crate::time::MAX_DAYS;
use crate::value::MAX_WHOLE;

/// A limit, its number, and what it is about.
pub(super) fn limits() -> [(&'static str, String, &'static str); 10] {
    [
        (
            "Conditions in a rule",
            MAX_NODES.to_string(),
            "Conditions, steps and filters count; a segment that is referred to counts as one.",
        ),
        ("Nesting in a rule", MAX_DEPTH.to_string(), "The whole rule is the first level."),
        (
            "Nesting through segments",
            MAX_NESTING.to_string(),
            "Levels of conditions from the rule down through every segment it leads to.",
        ),
        ("Periods of “regularly”", MAX_PERIODS.to_string(), "Use longer periods for more."),
        ("Longest duration", format!("{MAX_DAYS} days"), "Ten thousand years: more than any history. Also of `last_7_days`."),
        ("Whole numbers", MAX_WHOLE.to_string(), "Larger ones are not exact, so a rule that compares with one is refused."),
        (
            "Sums and means",
            format!("10^{}", MAX_VALUE.log10()),
            "Exact up to there. Larger values take no part; a rule that compares with one is refused.",
        ),
        (
            "A regular expression",
            format!("{} MiB", MAX_SIZE >> 20),
            "What it compiles to; `\\w{1000}` is large, a thousand letters are not.",
        ),
        (
            "Regular expressions of a rule",
            format!("{} MiB", MAX_SIZES >> 20),
            "All together, those of segments that it refers to included. Thousands of ordinary ones fit.",
        ),
        ("Text of a rule", format!("{MAX_LENGTH} bytes"), "Upload long lists of values as a list and refer to it."),
    ]
}
