//! The text form of rules, for people and for code review. JSON stays the stored form.
//!
//! [`print()`] writes a rule as text and [`parse()`] reads it back to the same JSON; neither says whether the rule is valid,
//! which [`mod@crate::check`] does for both forms. Data flow: text -> `token` (words, names, values) -> `read` (one
//! recursive descent, bounded in depth) -> JSON; and JSON -> `write` -> text.
//!
//! ```text
//! gender = "F" and age between 25 and 49
//! and count(video_view where programme = "NCIS", season previous of programme "NCIS") >= 3 and not (list "staff")
//! ```
//!
//! # Identities
//! `parse(print(rule)) == rule` for every rule that can be printed: what is absent stays absent. `print(parse(text))` is
//! the canonical spelling of a text, and printing it again changes nothing.
//!
//! # Grammar
//! White space separates and means nothing else. Words of the language are read in upper and lower case. `not` binds
//! closer than `and`, `and` closer than `or`; `as` closest of all.
//!
//! ```text
//! rule       = condition [ "in" "zone" text ] ;
//! condition  = conjunct { "or" conjunct } ;                       (* any *)
//! conjunct   = negation { "and" negation } ;                      (* all *)
//! negation   = { "not" } primary [ "as" text ] ;                  (* as: the label *)
//! primary    = "(" condition ")"
//!            | ( "all" | "any" ) "(" [ condition { "," condition } ] ")"
//!            | "everyone"
//!            | "segment" text | "list" text
//!            | name predicate                                      (* a trait *)
//!            | "did" ( events | "(" matching [ "," window ] ")" ) [ literal "times" ]
//!            | measure [ ( predicate | comparison "once" | literal "times" ) ]
//!            | "sequence" "(" [ step { "," "then" step } ] { "," ( "within" duration | window ) } ")"
//!            | "first" "time" "(" matching [ "," window ] ")"
//!            | "regular" "(" matching "," [ number "times" ] "in" number "of" "last" number "periods" "of" duration ")"
//!            | "top" number [ "%" ] "by" ( measure | "(" measure "as" text ")" ) [ "among" "(" condition ")" ] ;
//! measure    = aggregate "(" [ "all" ] [ name "of" ] matching [ "," window ] ")" ;
//! aggregate  = "count" | "days" | "sum" | "distinct" | "avg" | "min" | "max" | "first" | "last" ;
//! step       = matching { "within" duration | "without" matching } ;
//! matching   = events [ "where" ( filter | "(" ")" ) ] ;
//! events     = name | "[" [ name { "," name } ] "]" | "any" "event" ;
//! filter     = (* as condition, without "as"; its primaries are: *)
//!              "(" filter ")" | ( "all" | "any" ) "(" [ filter { "," filter } ] ")" | name predicate ;
//! predicate  = ( "is" [ "not" ] "set"
//!              | comparison literal
//!              | "between" ( scalar "and" scalar | literal )
//!              | [ "not" ] "in" literal | [ "not" ] "contains" literal
//!              | "starts" "with" literal | "ends" "with" literal | "matches" literal      (* regex *)
//!              | "before" literal | "after" literal | "on" literal
//!              | "within" ( "last" | "next" ) span | "more" "than" span "ago"
//!              | "anniversary" "in" literal "days"
//!              | "has" [ ( "any" | "all" | "none" ) "of" ] literal
//!              ) [ ( "ignoring" | "matching" ) "case" ] ;          (* ignore_case true, false *)
//! comparison = "=" | "!=" | "<" | "<=" | ">" | ">=" ;
//! window     = ( "last" duration | "between" duration "and" duration "ago"
//!              | "from" point [ "to" point ] | "to" point
//!              | period | "calendar" text
//!              | "season" [ "latest" | "previous" | number ] "of" name scalar
//!              ) [ "shifted" duration ] ;
//! period     = "today" | "yesterday" | "this_week" | "last_week" | "this_month" | "last_month" | "this_year"
//!            | "last_year" | "last_7_days" ;                       (* any number of days *)
//! literal    = scalar | "[" [ scalar { "," scalar } ] "]" ;
//! scalar     = text | number | "true" | "false" | date | instant ; (* a date or instant is a text in JSON *)
//! span       = duration | literal ;
//! duration   = digits ( "s" | "m" | "h" | "d" | "w" | "mo" | "y" ) | text ;
//! point      = date | instant | text ;
//! text       = (* a JSON string, in double quotes *) ;
//! number     = (* a JSON number *) ;
//! name       = (* letters, digits and _ $ . - : not starting with a digit or . - : and not a reserved word; anything
//!                 else in backticks, a backtick inside doubled *) ;
//! ```
//!
//! `where a and b` are two entries of `where`, `where (a and b)` is one entry, and `where ()` is an empty list.
//! A count leaves `agg` out; `count(all ...)` writes it. `did x` leaves `op` and `value` out too, `did x 3 times` only
//! `op` (so it means at least 3), and `count(x) >= once` only `value`. Every other aggregate needs a comparison.

use serde::Serialize;
use serde_json::Value as Json;

mod keyword;
mod places;
mod read;
mod token;
mod write;

pub use write::PrintFault;

/// Longest text that is read, in bytes.
pub const MAX_LENGTH: usize = 1 << 20;

/// What is wrong at a place of a text. Serialised in snake case; the codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TextFaultCode {
    /// A character that means nothing outside of quotes.
    UnexpectedCharacter,
    /// A quote that is never closed.
    UnclosedQuote,
    /// A text with a bad escape or a line break inside.
    BadText,
    /// Digits that are no number.
    BadNumber,
    /// Digits and letters that are no duration.
    BadDuration,
    /// A date or instant that does not exist.
    BadDate,
    /// A condition was expected.
    ExpectedCondition,
    /// The name of a trait, property or event was expected.
    ExpectedName,
    /// A comparison was expected.
    ExpectedOperator,
    /// A value was expected.
    ExpectedValue,
    /// A duration was expected.
    ExpectedDuration,
    /// A window was expected.
    ExpectedWindow,
    /// A certain word or sign was expected.
    ExpectedWord,
    /// The rule was expected to end.
    ExpectedEnd,
    /// Something is said twice.
    Repeated,
    /// Nested too deep.
    TooDeep,
    /// Longer than [`MAX_LENGTH`].
    TooLong,
}

/// One fault of a text, with the place to underline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TextFault {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Where it starts, from 0, in UTF-16 code units: what a page counts in.
    pub offset: usize,
    /// How long it is, in UTF-16 code units. At least 1, but 0 at the end of the text.
    pub length: usize,
    /// Stable code.
    pub code: TextFaultCode,
    /// A sentence: what was expected, and what to do.
    pub detail: String,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextPlace {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Where it starts, from 0, in UTF-16 code units.
    pub offset: usize,
    /// How long it is, in UTF-16 code units.
    pub length: usize,
}

/// Writes a rule as text, in lines where it is long.
///
/// # Errors
/// The first value that has no text: an unknown field or operator, a missing field, a value of a kind that belongs
/// nowhere, or nesting over 32. Names, durations, dates and zones that do not exist have a text.
pub fn print(rule: &Json) -> Result<String, PrintFault> {
    write::rule(rule)
}

/// Reads the text of a rule.
///
/// # Errors
/// The faults, in the order of the text; after each, reading goes on behind the condition at fault, up to a few.
pub fn parse(text: &str) -> Result<Json, Vec<TextFault>> {
    read::rule(text).map_err(|faults| places::place(text, faults))
}

/// Where in a text the values stand that JSON pointers into its rule lead to; `None` for all of them if the text cannot be
/// read. What the text does not spell out (the field that is missing) stands where its surroundings do.
pub fn locate(text: &str, pointers: &[&str]) -> Vec<Option<TextPlace>> {
    let mut found = vec![None; pointers.len()];
    if let Ok(marked) = read::marked(text) {
        let ranges = pointers.iter().enumerate().filter_map(|(index, pointer)| Some((read::range_of(&marked, pointer)?, index)));
        for (place, index) in places::place_all(text, ranges.collect()) {
            found[index] = Some(place);
        }
    }
    found
}

#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;
