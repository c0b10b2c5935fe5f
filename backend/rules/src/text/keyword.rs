//! Reserved words, and names that can be written without quotes.

/// Words that are never names without backticks.
const RESERVED: [&str; 45] = [
    "after", "all", "among", "and", "any", "as", "avg", "before", "between", "by", "calendar", "contains", "count", "days",
    "did", "distinct", "everyone", "false", "first", "from", "has", "in", "is", "last", "list", "matches", "max", "min", "not",
    "of", "on", "or", "regular", "season", "segment", "sequence", "shifted", "sum", "then", "to", "top", "true", "where",
    "within", "without",
];

/// Whether a word is reserved, in any case.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

/// Whether a character starts a name written without quotes.
pub(super) fn starts_word(character: char) -> bool {
    character.is_alphabetic() || character == '_' || character == '$'
}

/// Whether a character goes on a name written without quotes.
pub(super) fn continues_word(character: char) -> bool {
    character.is_alphanumeric() || "_$.-:".contains(character)
}

/// Whether a name needs no backticks.
pub(super) fn is_plain(name: &str) -> bool {
    name.starts_with(starts_word) && name.chars().all(continues_word) && !is_reserved(name)
}
