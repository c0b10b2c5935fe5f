//! Names and literals in SQL text.

use rollcall_rules::{Day, Instant};

/// A name in double quotes.
pub(crate) fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text literal. Backslashes mean themselves in the dialect that the session uses.
pub(crate) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Text literals, separated by commas.
pub(crate) fn texts(texts: &[String]) -> String {
    texts.iter().map(|wanted| text(wanted)).collect::<Vec<_>>().join(", ")
}

/// A double. Always with a point or an exponent, so never an integer.
pub(crate) fn number(number: f64) -> String {
    format!("{number:?}")
}

/// Doubles, separated by commas.
pub(crate) fn numbers(numbers: &[f64]) -> String {
    numbers.iter().map(|wanted| number(*wanted)).collect::<Vec<_>>().join(", ")
}

/// Conditions joined by ` AND ` or ` OR `. Long chains become a balanced tree of parentheses, because planning a query
/// takes time that grows with the square of its depth.
pub(crate) fn join(conditions: &[String], joint: &str) -> String {
    const CHAIN: usize = 8;
    match conditions {
        [only] => only.clone(),
        short if short.len() <= CHAIN => format!("({})", short.join(joint)),
        long => {
            let (left, right) = long.split_at(long.len() / 2);
            format!("({}{joint}{})", join(left, joint), join(right, joint))
        }
    }
}

/// Billionths as an exact integer.
pub(crate) fn billionths(billionths: i128) -> String {
    // No sum reaches 38 digits, so a literal beyond them may as well be the last number within.
    let most = 10_i128.pow(38) - 1;
    format!("CAST('{}' AS DECIMAL(38, 0))", billionths.clamp(-most, most))
}

/// An instant in microseconds, readable in the comment.
pub(crate) fn instant(instant: Instant) -> String {
    match jiff::Timestamp::from_microsecond(instant.0) {
        Ok(readable) => format!("instant({}) /* {readable} */", instant.0),
        Err(_) => format!("instant({})", instant.0),
    }
}

/// A calendar day.
pub(crate) fn day(day: Day) -> String {
    format!("day({})", day.0)
}
