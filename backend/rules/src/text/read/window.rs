//! Windows.

use serde_json::{Map, Value as Json, json};

use super::{Reader, Reading};
use crate::text::TextFaultCode;
use crate::text::token::Kind;
use crate::time::Period;

const WANTED: &str = "a window, such as last 30d, between 60d and 30d ago, from 2026-01-01 to 2026-03-31, this_month or \
                      season previous of programme \"NCIS\"";

impl Reader<'_> {
    /// Whether a window begins here.
    pub fn at_window(&self) -> bool {
        ["last", "between", "from", "to", "calendar", "season"].iter().any(|word| self.sees(word)) || self.period().is_some()
    }

    fn period(&self) -> Option<&str> {
        match self.kind() {
            Kind::Word(word) if Period::parse(word).is_some() => Some(word),
            _ => None,
        }
    }

    /// A window.
    pub fn window(&mut self) -> Reading<Json> {
        let start = self.at;
        let mut window = Map::new();
        if let Some(period) = self.period().map(Json::from) {
            self.at += 1;
            window.insert("calendar".to_owned(), self.marked(period));
        } else if self.eat("last") {
            window.insert("last".to_owned(), self.duration()?);
        } else if self.eat("between") {
            let older = self.duration()?;
            self.word("and")?;
            let newer = self.duration()?;
            self.word("ago")?;
            window.insert("between_ago".to_owned(), json!([older, newer]));
        } else if self.sees("from") || self.sees("to") {
            for end in ["from", "to"] {
                if self.eat(end) {
                    window.insert(end.to_owned(), self.point()?);
                }
            }
        } else if self.eat("calendar") {
            window.insert("calendar".to_owned(), Json::String(self.text("the name of a calendar period")?));
        } else if self.eat("season") {
            window.insert("season".to_owned(), self.season()?);
        } else {
            return self.stop(TextFaultCode::ExpectedWindow, WANTED);
        }
        if self.eat("shifted") {
            window.insert("shift".to_owned(), self.duration()?);
        }
        let mut window = Json::Object(window);
        self.mark_object(&mut window, start);
        Ok(window)
    }

    fn point(&mut self) -> Reading<Json> {
        if matches!(self.kind(), Kind::Point(_) | Kind::Text(_)) {
            return self.scalar();
        }
        self.stop(TextFaultCode::ExpectedValue, "a date such as 2026-11-20, or an instant such as 2026-11-20T12:00:00Z")
    }

    fn season(&mut self) -> Reading<Json> {
        let which = if self.eat("latest") {
            Some(Json::from(0))
        } else if self.eat("previous") {
            Some(Json::from(-1))
        } else if self.sees("of") {
            None
        } else {
            Some(self.number("which season: “latest”, “previous”, a number such as -2, or just “of”")?)
        };
        self.word("of")?;
        let mut season = Map::new();
        season.insert("property".to_owned(), Json::String(self.name("the name of the property that names the catalogue row")?));
        season.insert("value".to_owned(), self.scalar()?);
        season.extend(which.map(|which| ("which".to_owned(), which)));
        Ok(Json::Object(season))
    }
}
