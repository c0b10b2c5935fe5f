//! Events, filters on them, and aggregates over them.

use serde_json::{Map, Value as Json};

use super::condition::tallest;
use super::{Reader, Reading};
use crate::text::TextFaultCode;

const AGGREGATES: [&str; 9] = ["count", "days", "sum", "distinct", "avg", "min", "max", "first", "last"];

impl Reader<'_> {
    /// An aggregate over events, as the fields of an event node, and how high its filters are.
    pub fn measure(&mut self) -> Reading<(Map<String, Json>, usize)> {
        let Some(agg) = AGGREGATES.into_iter().find(|agg| self.sees(agg)) else {
            let wanted = "count, days, sum, distinct, avg, min, max, first or last, such as count(buy)";
            return self.stop(TextFaultCode::ExpectedWord, wanted);
        };
        self.at += 1;
        let mut object = Map::new();
        let height = self.bracketed(|reader| {
            let written = agg != "count" || reader.eat("all");
            if Self::is_word(reader.ahead(1), "of") {
                object.insert("of".to_owned(), Json::String(reader.name("the name of a property")?));
                reader.at += 1;
            }
            let height = reader.matching_in_window(&mut object)?;
            if written {
                object.insert("agg".to_owned(), Json::from(agg));
            }
            Ok(height)
        })?;
        Ok((object, height))
    }

    /// Events with filters, and a window behind a comma.
    pub fn matching_in_window(&mut self, object: &mut Map<String, Json>) -> Reading<usize> {
        let height = self.matching(object)?;
        if self.eat_sign(",") {
            object.insert("window".to_owned(), self.window()?);
        }
        Ok(height)
    }

    /// Events with filters; how high those are.
    pub fn matching(&mut self, object: &mut Map<String, Json>) -> Reading<usize> {
        self.events(object)?;
        if !self.eat("where") {
            return Ok(0);
        }
        let entries = self.entries()?;
        let height = tallest(&entries);
        object.insert("where".to_owned(), entries.into_iter().map(|entry| entry.json).collect());
        Ok(height)
    }

    /// A name, a list of names, or any event.
    pub fn events(&mut self, object: &mut Map<String, Json>) -> Reading<()> {
        let wanted = "the name of an event, several in square brackets, or “any event”";
        let names = if self.sees("any") && Self::is_word(self.ahead(1), "event") {
            self.at += 2;
            Json::from("*")
        } else if self.eat_sign("[") {
            let names = self.elements("]", |reader| reader.name("the name of an event"))?;
            Json::from(names)
        } else {
            Json::String(self.name(wanted)?)
        };
        object.insert("event".to_owned(), names);
        Ok(())
    }
}
