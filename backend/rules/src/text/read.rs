//! Tokens to JSON: the state of one reading, and what all its parts need.
//!
//! `condition` reads what nodes and filters share (and, or, not, brackets), `nodes` the kinds of nodes, `events` what
//! a user did, `predicate` comparisons and values, `window` windows. A part that cannot be read stops with [`Stop`] after
//! recording its fault; `condition` then goes on behind it.

use serde_json::Value as Json;

use super::places::Flaw;
use super::token::{Kind, Token, tokens};
use super::{MAX_LENGTH, TextFaultCode};
use crate::check::MAX_DEPTH;

mod condition;
mod events;
mod marks;
mod nodes;
mod predicate;
mod window;

/// Most faults told at once.
pub(super) const MAX_FAULTS: usize = 20;
/// Most brackets around anything. A rule of the greatest depth, printed, needs fewer.
const MAX_BRACKETS: usize = 100;

pub(super) use marks::range_of;

/// Reading stopped here; the fault is recorded.
#[derive(Debug)]
struct Stop;

type Reading<T> = Result<T, Stop>;

/// JSON, and how deep it is nested.
struct Part {
    json: Json,
    height: usize,
}

/// Reads a whole text.
pub(super) fn rule(text: &str) -> Result<Json, Vec<Flaw>> {
    read(text, false)
}

/// The shape of a text's rule, with a mark in place of each value that stands in the text: see `marks`.
pub(super) fn marked(text: &str) -> Result<Json, Vec<Flaw>> {
    read(text, true)
}

fn read(text: &str, marking: bool) -> Result<Json, Vec<Flaw>> {
    if text.len() > MAX_LENGTH {
        let detail =
            format!("This text has more than {MAX_LENGTH} bytes. Upload long lists of values as a list and refer to it.");
        return Err(vec![Flaw { start: 0, end: 0, code: TextFaultCode::TooLong, detail }]);
    }
    let mut reader = Reader { tokens: tokens(text)?, at: 0, flaws: Vec::new(), brackets: 0, over: false, marking };
    let outcome = reader.whole();
    match outcome {
        Ok(json) if reader.flaws.is_empty() => Ok(json),
        _ => Err(reader.flaws),
    }
}

/// One reading.
struct Reader<'t> {
    tokens: Vec<Token<'t>>,
    at: usize,
    flaws: Vec<Flaw>,
    /// Brackets open around the reader, counted where it recurses.
    brackets: usize,
    /// Whether nothing more is to be read.
    over: bool,
    /// Whether values give way to marks of where they stand.
    marking: bool,
}

impl<'t> Reader<'t> {
    fn whole(&mut self) -> Reading<Json> {
        let part = self.node()?;
        if part.height > MAX_DEPTH {
            self.at = 0;
            return self.too_deep();
        }
        let mut json = part.json;
        if self.sees("in") {
            self.at += 1;
            self.word("zone")?;
            let zone = self.text("the name of a time zone, such as \"Europe/Paris\"")?;
            if let Some(object) = json.as_object_mut() {
                object.insert("tz".to_owned(), Json::String(zone));
            }
        }
        if *self.kind() != Kind::End {
            return self.stop(TextFaultCode::ExpectedEnd, "the end of the rule, or “and”, “or”, “as” with a label, or “in zone”");
        }
        Ok(json)
    }

    fn token(&self) -> &Token<'t> {
        // The last token is the end, and `at` never passes it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn kind(&self) -> &Kind<'t> {
        &self.token().kind
    }

    /// The kind of a token further on.
    fn ahead(&self, steps: usize) -> &Kind<'t> {
        self.tokens.get(self.at + steps).map_or(&Kind::End, |token| &token.kind)
    }

    fn is_word(kind: &Kind<'_>, word: &str) -> bool {
        matches!(kind, Kind::Word(found) if found.eq_ignore_ascii_case(word))
    }

    fn sees(&self, word: &str) -> bool {
        Self::is_word(self.kind(), word)
    }

    fn sees_sign(&self, sign: &'static str) -> bool {
        *self.kind() == Kind::Symbol(sign)
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.sees(word);
        self.at += usize::from(found);
        found
    }

    fn eat_sign(&mut self, sign: &'static str) -> bool {
        let found = self.sees_sign(sign);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> Reading<()> {
        if self.eat(word) { Ok(()) } else { self.stop(TextFaultCode::ExpectedWord, &format!("the word “{word}”")) }
    }

    fn sign(&mut self, sign: &'static str) -> Reading<()> {
        if self.eat_sign(sign) { Ok(()) } else { self.stop(TextFaultCode::ExpectedWord, &format!("“{sign}”")) }
    }

    fn text(&mut self, wanted: &str) -> Reading<String> {
        if let Kind::Text(text) = self.kind() {
            let text = text.clone();
            self.at += 1;
            return Ok(self.mark_last().unwrap_or(text));
        }
        self.stop(TextFaultCode::ExpectedValue, &format!("{wanted}, in double quotes"))
    }

    fn number(&mut self, wanted: &str) -> Reading<Json> {
        if let Kind::Number(number) = self.kind() {
            let number = number.clone();
            self.at += 1;
            return Ok(self.marked(Json::Number(number)));
        }
        self.stop(TextFaultCode::ExpectedValue, wanted)
    }

    fn name(&mut self, wanted: &str) -> Reading<String> {
        let name = match self.kind() {
            Kind::Word(word) if super::keyword::is_reserved(word) => {
                let more = format!("{wanted}; “{word}” is a word of the rule language, so put it in backticks if it is a name");
                return self.stop(TextFaultCode::ExpectedName, &more);
            }
            Kind::Word(word) => (*word).to_owned(),
            Kind::Name(name) => name.clone(),
            _ => return self.stop(TextFaultCode::ExpectedName, wanted),
        };
        self.at += 1;
        Ok(self.mark_last().unwrap_or(name))
    }

    /// Elements separated by commas up to a closing sign, which is taken too.
    fn elements<T>(&mut self, close: &'static str, read: fn(&mut Self) -> Reading<T>) -> Reading<Vec<T>> {
        let mut items = Vec::new();
        if self.eat_sign(close) {
            return Ok(items);
        }
        loop {
            items.push(read(self)?);
            if self.eat_sign(close) {
                return Ok(items);
            }
            if !self.eat_sign(",") {
                return self.stop(TextFaultCode::ExpectedWord, &format!("a comma or “{close}”"));
            }
        }
    }

    /// Records a fault at the token that stands here.
    fn stop<T>(&mut self, code: TextFaultCode, wanted: &str) -> Reading<T> {
        let found = match self.kind() {
            Kind::End => "the text ends".to_owned(),
            Kind::Word(word) => format!("“{word}” stands here"),
            Kind::Name(name) => format!("the name “{name}” stands here"),
            Kind::Text(_) => "a text in quotes stands here".to_owned(),
            Kind::Number(number) => format!("“{number}” stands here"),
            Kind::Duration(text) | Kind::Point(text) => format!("“{text}” stands here"),
            Kind::Symbol(symbol) => format!("“{symbol}” stands here"),
        };
        self.fault(code, format!("Expected {wanted}, but {found}."))
    }

    /// Records a fault at the token that stands here, in these words.
    fn fault<T>(&mut self, code: TextFaultCode, detail: String) -> Reading<T> {
        if !self.over {
            let (start, end) = (self.token().start, self.token().end);
            self.flaws.push(Flaw { start, end, code, detail });
        }
        Err(Stop)
    }

    /// Reads nothing more.
    fn give_up<T>(&mut self) -> Reading<T> {
        self.over = true;
        Err(Stop)
    }
}
