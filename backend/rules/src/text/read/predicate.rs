//! Comparisons and values.

use serde_json::{Map, Value as Json};

use super::{Reader, Reading};
use crate::text::TextFaultCode;
use crate::text::token::Kind;

const COMPARISONS: [(&str, &str); 6] = [("=", "eq"), ("!=", "neq"), ("<", "lt"), ("<=", "lte"), (">", "gt"), (">=", "gte")];
/// Words that begin a comparison.
const WORDS: [&str; 15] = [
    "is",
    "not",
    "in",
    "between",
    "contains",
    "starts",
    "ends",
    "matches",
    "before",
    "after",
    "on",
    "within",
    "more",
    "anniversary",
    "has",
];
const SINGLE: [(&str, &str); 6] =
    [("in", "in"), ("contains", "contains"), ("matches", "regex"), ("before", "before"), ("after", "after"), ("on", "on")];
const WANTED: &str = "a comparison, such as = \"gold\", >= 3, between 1 and 5, in [\"a\", \"b\"], contains \"x\" or is set";

impl Reader<'_> {
    /// The operator of a sign that stands here; does not take it.
    pub fn comparison(&self) -> Option<&'static str> {
        COMPARISONS.into_iter().find(|(sign, _)| self.sees_sign(sign)).map(|(_, op)| op)
    }

    /// Whether a comparison begins here.
    pub fn at_predicate(&self) -> bool {
        self.comparison().is_some() || (WORDS.iter().any(|word| self.sees(word)) && !self.at_zone())
    }

    /// Whether the zone of the whole rule stands here.
    fn at_zone(&self) -> bool {
        self.sees("in") && Self::is_word(self.ahead(1), "zone")
    }

    /// Operator, value and case, into the fields of a condition.
    pub fn predicate(&mut self, object: &mut Map<String, Json>) -> Reading<()> {
        let start = self.at;
        let (op, value) = self.test()?;
        object.insert("op".to_owned(), self.marked_operator(op, start, value.as_ref()));
        object.extend(value.map(|value| ("value".to_owned(), value)));
        let ignores = self.sees("ignoring");
        if ignores || self.sees("matching") {
            self.at += 1;
            self.word("case")?;
            object.insert("ignore_case".to_owned(), Json::Bool(ignores));
        }
        Ok(())
    }

    fn test(&mut self) -> Reading<(&'static str, Option<Json>)> {
        if let Some(op) = self.comparison() {
            self.at += 1;
            return Ok((op, Some(self.literal()?)));
        }
        for (word, op) in SINGLE {
            if self.sees(word) {
                self.at += 1;
                return Ok((op, Some(self.literal()?)));
            }
        }
        let Some(word) = WORDS.into_iter().find(|word| self.sees(word)) else {
            return self.stop(TextFaultCode::ExpectedOperator, WANTED);
        };
        self.at += 1;
        match word {
            "is" => self.is_set(),
            "not" => self.negated(),
            "between" => Ok(("between", Some(self.between()?))),
            "starts" => self.with("starts_with"),
            "ends" => self.with("ends_with"),
            "has" => self.has(),
            "within" => self.within(),
            "more" => {
                self.word("than")?;
                let value = self.span()?;
                self.word("ago")?;
                Ok(("more_than_ago", Some(value)))
            }
            _ => {
                self.word("in")?;
                let value = self.literal()?;
                self.word("days")?;
                Ok(("anniversary", Some(value)))
            }
        }
    }

    fn is_set(&mut self) -> Reading<(&'static str, Option<Json>)> {
        let op = if self.eat("not") { "is_not_set" } else { "is_set" };
        if self.eat("set") {
            return Ok((op, None));
        }
        self.stop(TextFaultCode::ExpectedOperator, "“is set” or “is not set”; to compare with a value, use = or !=")
    }

    fn negated(&mut self) -> Reading<(&'static str, Option<Json>)> {
        let op = if self.eat("in") {
            "not_in"
        } else if self.eat("contains") {
            "not_contains"
        } else {
            let wanted = "“in” or “contains” after “not”; to turn around another comparison, put “not” before the name";
            return self.stop(TextFaultCode::ExpectedOperator, wanted);
        };
        Ok((op, Some(self.literal()?)))
    }

    fn with(&mut self, op: &'static str) -> Reading<(&'static str, Option<Json>)> {
        self.word("with")?;
        Ok((op, Some(self.literal()?)))
    }

    fn has(&mut self) -> Reading<(&'static str, Option<Json>)> {
        for (word, op) in [("any", "has_any"), ("all", "has_all"), ("none", "has_none")] {
            if self.eat(word) {
                self.word("of")?;
                return Ok((op, Some(self.literal()?)));
            }
        }
        Ok(("has", Some(self.literal()?)))
    }

    fn within(&mut self) -> Reading<(&'static str, Option<Json>)> {
        let op = if self.eat("last") {
            "within_last"
        } else if self.eat("next") {
            "within_next"
        } else {
            return self.stop(TextFaultCode::ExpectedWord, "“last” or “next” after “within”, such as within last 30d");
        };
        Ok((op, Some(self.span()?)))
    }

    fn between(&mut self) -> Reading<Json> {
        let low = self.literal()?;
        if low.is_array() {
            return Ok(low);
        }
        self.word("and")?;
        Ok(Json::Array(vec![low, self.scalar()?]))
    }

    /// Whether a value begins here.
    pub fn at_literal(&self) -> bool {
        match self.kind() {
            Kind::Number(_) | Kind::Text(_) | Kind::Point(_) | Kind::Symbol("[") => true,
            kind => Self::is_word(kind, "true") || Self::is_word(kind, "false"),
        }
    }

    /// A value or a list of values.
    pub fn literal(&mut self) -> Reading<Json> {
        if self.eat_sign("[") {
            return self.elements("]", Reader::scalar).map(Json::Array);
        }
        self.scalar()
    }

    /// A value.
    pub fn scalar(&mut self) -> Reading<Json> {
        let value = match self.kind() {
            Kind::Number(number) => Json::Number(number.clone()),
            Kind::Text(text) => Json::String(text.clone()),
            Kind::Point(text) => Json::from(*text),
            kind if Self::is_word(kind, "true") => Json::Bool(true),
            kind if Self::is_word(kind, "false") => Json::Bool(false),
            Kind::Symbol("=") => {
                return self.stop(TextFaultCode::ExpectedValue, "a value; equal is written with a single =");
            }
            Kind::Word(_) | Kind::Name(_) => {
                let wanted = "a value: a number, true, false, a date such as 2026-11-20, or a text in double quotes";
                return self.stop(TextFaultCode::ExpectedValue, wanted);
            }
            _ => return self.stop(TextFaultCode::ExpectedValue, "a value, such as 3, \"gold\", true or 2026-11-20"),
        };
        self.at += 1;
        Ok(self.marked(value))
    }

    /// A duration, or another value in its place, which validation refuses.
    fn span(&mut self) -> Reading<Json> {
        match self.kind() {
            Kind::Duration(_) => self.duration(),
            _ if self.at_literal() => self.literal(),
            _ => self.duration(),
        }
    }

    /// A duration.
    pub fn duration(&mut self) -> Reading<Json> {
        let duration = match self.kind() {
            Kind::Duration(text) => Json::from(*text),
            Kind::Text(text) => Json::String(text.clone()),
            _ => {
                let wanted = "a duration: a whole number and one unit (s, m, h, d, w, mo, y) without a space, such as 30d";
                return self.stop(TextFaultCode::ExpectedDuration, wanted);
            }
        };
        self.at += 1;
        Ok(self.marked(duration))
    }
}
