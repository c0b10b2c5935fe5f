//! Text to tokens.

use serde_json::Number;

use super::TextFaultCode;
use super::keyword::{continues_word, starts_word};
use super::places::Flaw;
use super::read::MAX_FAULTS;
use crate::time::{Duration, TimePoint};

/// A token and its byte range.
#[derive(Debug)]
pub(super) struct Token<'t> {
    pub kind: Kind<'t>,
    pub start: usize,
    pub end: usize,
    /// How many brackets are open around it; a bracket counts as outside of itself.
    pub level: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind<'t> {
    /// A word of the language, or a name.
    Word(&'t str),
    /// A name in backticks.
    Name(String),
    /// A text in double quotes.
    Text(String),
    Number(Number),
    Duration(&'t str),
    /// A date or an instant.
    Point(&'t str),
    Symbol(&'static str),
    End,
}

/// Two-character symbols first.
const SYMBOLS: [&str; 12] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", "%"];

/// Tokens of a text, with an end; or the characters that are none.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Vec<Flaw>> {
    let mut lexer = Lexer { text, at: 0, flaws: Vec::new() };
    let mut found = Vec::new();
    let mut level: usize = 0;
    loop {
        lexer.skip_space();
        let start = lexer.at;
        let Some(kind) = lexer.next() else {
            if lexer.flaws.len() >= MAX_FAULTS {
                return Err(lexer.flaws);
            }
            continue;
        };
        if let Kind::Symbol(")" | "]") = kind {
            level = level.saturating_sub(1);
        }
        let outside = level;
        if let Kind::Symbol("(" | "[") = kind {
            level += 1;
        }
        let done = kind == Kind::End;
        found.push(Token { kind, start, end: lexer.at, level: outside });
        if done {
            break;
        }
    }
    if lexer.flaws.is_empty() { Ok(found) } else { Err(lexer.flaws) }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    flaws: Vec<Flaw>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes characters as long as they fit.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|character| !fits(character)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn flaw(&mut self, start: usize, code: TextFaultCode, detail: impl Into<String>) {
        self.flaws.push(Flaw { start, end: self.at, code, detail: detail.into() });
    }

    /// The next token; `None` with a flaw where there is none.
    fn next(&mut self) -> Option<Kind<'t>> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Some(Kind::End) };
        if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            self.at += symbol.len();
            return Some(Kind::Symbol(symbol));
        }
        if starts_word(first) {
            return Some(Kind::Word(self.take(continues_word)));
        }
        if first.is_ascii_digit() || first == '-' {
            return self.digits();
        }
        match first {
            '"' => self.quoted(),
            '`' => self.backticks(),
            _ => {
                let start = self.at;
                self.at += first.len_utf8();
                let detail = if first == '*' {
                    "“*” means nothing here. Any event is written as “any event”.".to_owned()
                } else {
                    format!(
                        "“{first}” means nothing here. Put texts in double quotes, and names with unusual characters in backticks."
                    )
                };
                self.flaw(start, TextFaultCode::UnexpectedCharacter, detail);
                None
            }
        }
    }

    fn quoted(&mut self) -> Option<Kind<'t>> {
        let start = self.at;
        let mut escaped = false;
        let inside = self.rest().get(1..).unwrap_or_default();
        let length = inside.find(|character| {
            let closes = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            closes
        });
        let Some(length) = length else {
            self.at = self.text.len();
            self.flaw(start, TextFaultCode::UnclosedQuote, "This text never ends. Close it with a double quote.");
            return None;
        };
        self.at += length + 2;
        match serde_json::from_str(&self.text[start..self.at]) {
            Ok(text) => Some(Kind::Text(text)),
            Err(_) => {
                let detail =
                    "This text cannot be read. Write \\\" for a double quote, \\\\ for a backslash and \\n for a new line.";
                self.flaw(start, TextFaultCode::BadText, detail);
                None
            }
        }
    }

    fn backticks(&mut self) -> Option<Kind<'t>> {
        let start = self.at;
        let mut name = String::new();
        loop {
            self.at += 1;
            name.push_str(self.take(|character| character != '`'));
            if self.rest().is_empty() {
                self.flaw(start, TextFaultCode::UnclosedQuote, "This name never ends. Close it with a backtick.");
                return None;
            }
            self.at += 1;
            if !self.rest().starts_with('`') {
                return Some(Kind::Name(name));
            }
            name.push('`');
        }
    }

    /// A date, an instant, a duration or a number.
    fn digits(&mut self) -> Option<Kind<'t>> {
        let start = self.at;
        let whole = self.take(|character| character.is_ascii_digit());
        if whole.len() == 4 && self.rest().starts_with('-') {
            self.take(|character| character.is_ascii_alphanumeric() || ":.+-".contains(character));
            let point = &self.text[start..self.at];
            if TimePoint::parse(point).is_some() {
                return Some(Kind::Point(point));
            }
            let detail = format!("“{point}” is no date that exists. Write one such as 2026-11-20 or 2026-11-20T12:00:00Z.");
            self.flaw(start, TextFaultCode::BadDate, detail);
            return None;
        }
        self.at = start;
        self.take_number();
        let number = &self.text[start..self.at];
        let unit = self.take(continues_word);
        let all = &self.text[start..self.at];
        if unit.is_empty() {
            return match serde_json::from_str(number) {
                Ok(number) => Some(Kind::Number(number)),
                Err(_) => {
                    let detail = format!("“{all}” is not a number. Write one such as 3 or -2.5.");
                    self.flaw(start, TextFaultCode::BadNumber, detail);
                    None
                }
            };
        }
        if Duration::parse(all).is_some() {
            return Some(Kind::Duration(all));
        }
        let detail = format!(
            "“{all}” is neither a number nor a duration. Write a duration as a whole number and one unit (s, m, h, d, w, mo, y), \
             such as 30d; put a name that starts with a digit in backticks."
        );
        self.flaw(start, TextFaultCode::BadDuration, detail);
        None
    }

    /// Takes as much as can be a JSON number.
    fn take_number(&mut self) {
        if self.rest().starts_with('-') {
            self.at += 1;
        }
        self.take(|character| character.is_ascii_digit());
        if self.rest().starts_with('.') {
            self.at += 1;
            self.take(|character| character.is_ascii_digit());
        }
        let rest = self.rest();
        let exponent = rest.strip_prefix(['e', 'E']).map(|tail| tail.strip_prefix(['+', '-']).unwrap_or(tail));
        if let Some(tail) = exponent.filter(|tail| tail.starts_with(|first: char| first.is_ascii_digit())) {
            self.at += rest.len() - tail.len();
            self.take(|character| character.is_ascii_digit());
        }
    }
}
