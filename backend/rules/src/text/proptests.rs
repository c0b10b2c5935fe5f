//! Text and JSON are two forms of the same rule, and no text does harm.

use proptest::prelude::*;

use super::{TextFault, parse, print};
use crate::generate::rules;

/// Pieces that texts of rules are made of.
const PIECES: [&str; 52] = [
    "(",
    ")",
    "[",
    "]",
    ",",
    "=",
    "!=",
    "<=",
    ">",
    "%",
    "and",
    "or",
    "not",
    "all",
    "any",
    "event",
    "everyone",
    "did",
    "count",
    "sum",
    "first",
    "time",
    "sequence",
    "then",
    "within",
    "without",
    "regular",
    "top",
    "5",
    "by",
    "among",
    "where",
    "between",
    "last",
    "30d",
    "ago",
    "season",
    "previous",
    "of",
    "from",
    "2026-01-01",
    "to",
    "shifted",
    "as",
    "in",
    "zone",
    "is",
    "set",
    "gender",
    "\"F\"",
    "`a b`",
    "times",
];

fn inside(text: &str, faults: &[TextFault]) -> Result<(), TestCaseError> {
    prop_assert!(!faults.is_empty() && faults.len() <= super::read::MAX_FAULTS);
    let length = text.encode_utf16().count();
    for fault in faults {
        prop_assert!(fault.offset + fault.length <= length, "{fault:?} is not in {text:?}");
        prop_assert!(fault.length > 0 || fault.offset == length || fault.code == super::TextFaultCode::TooLong);
        prop_assert!(fault.line >= 1 && fault.column >= 1 && fault.detail.ends_with('.'));
    }
    Ok(())
}

fn harmless(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Ok(rule) => {
            let printed = print(&rule);
            prop_assert!(printed.is_ok(), "{text:?} gives {rule}, which has no text: {printed:?}");
            let printed = printed.unwrap();
            prop_assert_eq!(parse(&printed), Ok(rule));
        }
        Err(faults) => inside(text, &faults)?,
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn rules_survive_their_text(rule in rules()) {
        let printed = print(&rule);
        prop_assert!(printed.is_ok(), "{rule} has no text: {printed:?}");
        let printed = printed.unwrap();
        let read = parse(&printed);
        prop_assert!(read.as_ref() == Ok(&rule), "{rule}\n{printed}\n{read:?}");
        prop_assert_eq!(print(&read.unwrap()).unwrap(), printed);
    }

    #[test]
    fn any_text_is_harmless(text in ".{0,60}") {
        harmless(&text)?;
    }

    #[test]
    fn any_words_are_harmless(pieces in proptest::collection::vec(0..PIECES.len(), 0..25)) {
        let words: Vec<&str> = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        harmless(&words.join(" "))?;
    }

    #[test]
    fn cut_and_damaged_rules_are_harmless(rule in rules(), at in any::<prop::sample::Index>(), piece in 0..PIECES.len()) {
        let printed = print(&rule).unwrap();
        let places: Vec<usize> = printed.char_indices().map(|(place, _)| place).collect();
        let (before, after) = printed.split_at(places[at.index(places.len())]);
        harmless(before)?;
        harmless(after)?;
        harmless(&format!("{before} {} {after}", PIECES[piece]))?;
    }
}
