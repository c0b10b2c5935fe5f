//! Kinds of nodes.

use serde_json::{Map, Value as Json, json};

use super::{Part, Reader, Reading};
use crate::text::TextFaultCode;
use crate::text::token::Kind;

/// What can stand where a condition is expected, for sentences.
const CONDITIONS: &str = "a condition, such as gender = \"F\", did buy, count(buy, last 30d) >= 3, segment \"id\" or list \"id\"";

impl Reader<'_> {
    /// A node that is neither a group nor a negation.
    pub fn node_leaf(&mut self) -> Reading<Part> {
        let Kind::Word(word) = self.kind() else {
            if matches!(self.kind(), Kind::Name(_)) {
                return self.on_trait();
            }
            return self.stop(TextFaultCode::ExpectedCondition, CONDITIONS);
        };
        match word.to_ascii_lowercase().as_str() {
            "everyone" => {
                self.at += 1;
                Ok(Part { json: json!({"everyone": true}), height: 1 })
            }
            "segment" => self.reference("segment"),
            "list" => self.reference("list"),
            "did" => self.did(),
            "first" if Self::is_word(self.ahead(1), "time") => self.first_time(),
            "count" | "days" | "sum" | "distinct" | "avg" | "min" | "max" | "first" | "last" => self.measured(),
            "sequence" => self.sequence(),
            "regular" => self.regular(),
            "top" => self.top(),
            reserved if crate::text::keyword::is_reserved(reserved) => self.stop(TextFaultCode::ExpectedCondition, CONDITIONS),
            _ => self.on_trait(),
        }
    }

    fn reference(&mut self, kind: &str) -> Reading<Part> {
        self.at += 1;
        let id = self.text(&format!("the id of the {kind}"))?;
        Ok(Part { json: json!({ kind: id }), height: 1 })
    }

    fn on_trait(&mut self) -> Reading<Part> {
        self.compared("trait", "the name of a trait")
    }

    /// A filter that is neither a group nor a negation.
    pub fn property(&mut self) -> Reading<Part> {
        self.compared("property", "the name of a property")
    }

    fn compared(&mut self, kind: &str, wanted: &str) -> Reading<Part> {
        let mut object = Map::new();
        object.insert(kind.to_owned(), Json::String(self.name(wanted)?));
        self.predicate(&mut object)?;
        Ok(Part { json: Json::Object(object), height: 1 })
    }

    fn did(&mut self) -> Reading<Part> {
        self.at += 1;
        let mut object = Map::new();
        let height = if self.sees_sign("(") {
            self.bracketed(|reader| reader.matching_in_window(&mut object))?
        } else {
            self.events(&mut object)?;
            0
        };
        if self.at_literal() {
            self.times(&mut object)?;
        }
        Ok(Part { json: Json::Object(object), height: height + 1 })
    }

    fn measured(&mut self) -> Reading<Part> {
        let start = self.at;
        let (mut object, height) = self.measure()?;
        let counts = object.get("agg").is_none_or(|agg| agg == "count");
        if counts && self.at_literal() {
            self.times(&mut object)?;
        } else if !counts || (self.at_predicate() && !self.once(&mut object)) {
            self.predicate(&mut object)?;
        }
        self.mark_field(&mut object, "agg", start);
        Ok(Part { json: Json::Object(object), height: height + 1 })
    }

    /// A number of times without an operator.
    fn times(&mut self, object: &mut Map<String, Json>) -> Reading<()> {
        let value = self.literal()?;
        object.insert("value".to_owned(), value);
        self.word("times")
    }

    /// A comparison with the default number, which is left out.
    fn once(&mut self, object: &mut Map<String, Json>) -> bool {
        let Some(op) = self.comparison() else { return false };
        if !Self::is_word(self.ahead(1), "once") {
            return false;
        }
        object.insert("op".to_owned(), Json::from(op));
        self.at += 2;
        true
    }

    fn first_time(&mut self) -> Reading<Part> {
        self.at += 2;
        let mut content = Map::new();
        let height = self.bracketed(|reader| reader.matching_in_window(&mut content))?;
        Ok(Part { json: json!({ "first_time": content }), height: height + 1 })
    }

    fn sequence(&mut self) -> Reading<Part> {
        self.at += 1;
        let mut object = Map::new();
        object.insert("sequence".to_owned(), Json::Array(Vec::new()));
        let mut height = 0;
        self.bracketed(|reader| {
            let mut steps = Vec::new();
            if !reader.sees_sign(")") {
                loop {
                    let (step, tall) = reader.step()?;
                    steps.push(step);
                    height = height.max(tall);
                    if !(reader.sees_sign(",") && Self::is_word(reader.ahead(1), "then")) {
                        break;
                    }
                    reader.at += 2;
                }
            }
            object.insert("sequence".to_owned(), Json::Array(steps));
            while reader.eat_sign(",") {
                reader.bound(&mut object)?;
            }
            Ok(())
        })?;
        Ok(Part { json: Json::Object(object), height: height + 1 })
    }

    /// What bounds a sequence as a whole.
    fn bound(&mut self, object: &mut Map<String, Json>) -> Reading<()> {
        let field = if self.sees("within") { "within" } else { "window" };
        if object.contains_key(field) {
            let detail = format!("This sequence has a “{field}” already. Remove one of them.");
            return self.fault(TextFaultCode::Repeated, detail);
        }
        let value = if self.eat("within") {
            self.duration()?
        } else if self.at_window() {
            self.window()?
        } else {
            let wanted = "“then” and the next step, “within” and a duration for the whole, or a window such as last 30d";
            return self.stop(TextFaultCode::ExpectedWindow, wanted);
        };
        object.insert(field.to_owned(), value);
        Ok(())
    }

    fn step(&mut self) -> Reading<(Json, usize)> {
        let mut step = Map::new();
        let mut height = self.matching(&mut step)?;
        loop {
            let field = match self.kind() {
                kind if Self::is_word(kind, "within") => "within",
                kind if Self::is_word(kind, "without") => "without",
                _ => return Ok((Json::Object(step), height + 1)),
            };
            if step.contains_key(field) {
                return self.fault(TextFaultCode::Repeated, format!("This step has a “{field}” already. Remove one of them."));
            }
            self.at += 1;
            let value = if field == "within" {
                self.duration()?
            } else {
                let mut without = Map::new();
                height = height.max(self.matching(&mut without)?);
                Json::Object(without)
            };
            step.insert(field.to_owned(), value);
        }
    }

    fn regular(&mut self) -> Reading<Part> {
        self.at += 1;
        let mut content = Map::new();
        let height = self.bracketed(|reader| {
            let height = reader.matching(&mut content)?;
            reader.sign(",")?;
            let often = if reader.sees("in") {
                None
            } else {
                let count = reader.number("how often, such as “2 times in 3 of last 4 periods of 1w”, or “in”")?;
                reader.word("times")?;
                Some(count)
            };
            reader.word("in")?;
            let least = reader.number("in how many of the periods, a number")?;
            reader.word("of")?;
            reader.word("last")?;
            let periods = reader.number("how many periods to look at, a number")?;
            reader.word("periods")?;
            reader.word("of")?;
            content.insert("period".to_owned(), reader.duration()?);
            content.insert("periods".to_owned(), periods);
            content.insert("min_periods".to_owned(), least);
            content.extend(often.map(|count| ("count".to_owned(), count)));
            Ok(height)
        })?;
        Ok(Part { json: json!({ "regular": content }), height: height + 1 })
    }

    fn top(&mut self) -> Reading<Part> {
        self.at += 1;
        let mut content = Map::new();
        let size = self.number("how many users to keep, such as 5% or 100")?;
        let unit = if self.eat_sign("%") { "percent" } else { "count" };
        content.insert(unit.to_owned(), size);
        self.word("by")?;
        let start = self.at + usize::from(self.sees_sign("("));
        let (mut by, mut height) = if self.sees_sign("(") {
            self.bracketed(|reader| {
                let (mut by, height) = reader.measure()?;
                reader.word("as")?;
                by.insert("label".to_owned(), Json::String(reader.text("a label")?));
                Ok((by, height))
            })?
        } else {
            self.measure()?
        };
        self.mark_field(&mut by, "agg", start);
        content.insert("by".to_owned(), Json::Object(by));
        if self.eat("among") {
            let among = self.bracketed(Reader::node)?;
            height = height.max(among.height);
            content.insert("among".to_owned(), among.json);
        }
        Ok(Part { json: json!({ "top": content }), height: height + 1 })
    }
}
