//! And, or, not, brackets and groups, for nodes and for filters.

use serde_json::{Value as Json, json};

use super::{MAX_BRACKETS, MAX_FAULTS, Part, Reader, Reading, Stop};
use crate::check::MAX_DEPTH;
use crate::text::TextFaultCode;
use crate::text::token::Kind;

/// What is combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf {
    Node,
    Filter,
}

/// Alternatives, each of parts that are all required.
type Alternatives = Vec<Vec<Part>>;

impl Reader<'_> {
    /// A condition on users.
    pub fn node(&mut self) -> Reading<Part> {
        self.alternatives(Leaf::Node).map(folded)
    }

    /// A condition on one event.
    pub fn filter(&mut self) -> Reading<Part> {
        self.alternatives(Leaf::Filter).map(folded)
    }

    /// What follows `where`: its entries.
    pub fn entries(&mut self) -> Reading<Vec<Part>> {
        if self.sees_sign("(") && *self.ahead(1) == Kind::Symbol(")") {
            self.at += 2;
            return Ok(Vec::new());
        }
        let mut alternatives = self.alternatives(Leaf::Filter)?;
        match alternatives.pop() {
            Some(parts) if alternatives.is_empty() => Ok(parts),
            Some(last) => {
                alternatives.push(last);
                Ok(vec![folded(alternatives)])
            }
            None => Ok(Vec::new()),
        }
    }

    fn alternatives(&mut self, leaf: Leaf) -> Reading<Alternatives> {
        let mut alternatives = Vec::new();
        let mut recovered = false;
        loop {
            let mut parts = Vec::new();
            loop {
                parts.push(self.operand(leaf, &mut recovered)?);
                if !self.eat("and") {
                    break;
                }
            }
            alternatives.push(parts);
            if !self.eat("or") {
                return Ok(alternatives);
            }
        }
    }

    /// One operand. Behind a faulty one reading goes on, with nothing in its place.
    fn operand(&mut self, leaf: Leaf, recovered: &mut bool) -> Reading<Part> {
        let (start, level, flaws) = (self.at, self.token().level, self.flaws.len());
        match self.negation(leaf) {
            Ok(part) => {
                *recovered = false;
                Ok(part)
            }
            Err(Stop) => {
                // What stands directly behind a faulty operand may still belong to it: `between 1 x and 3`.
                if *recovered && self.at == start {
                    self.flaws.truncate(flaws);
                }
                *recovered = true;
                if self.over || self.flaws.len() >= MAX_FAULTS {
                    return self.give_up();
                }
                self.skip(level);
                Ok(Part { json: Json::Null, height: 1 })
            }
        }
    }

    /// Skips to where an operand that began at a level must have ended.
    fn skip(&mut self, level: usize) {
        loop {
            let token = self.token();
            let ends = match token.kind {
                Kind::End => true,
                Kind::Symbol(")" | "]") => token.level < level,
                Kind::Symbol(",") => token.level == level,
                Kind::Word(_) => token.level == level && ["and", "or"].iter().any(|word| self.sees(word)),
                _ => false,
            };
            if ends {
                return;
            }
            self.at += 1;
        }
    }

    fn negation(&mut self, leaf: Leaf) -> Reading<Part> {
        let start = self.at;
        let mut negations = 0;
        while self.eat("not") {
            negations += 1;
        }
        let mut part = self.primary(leaf)?;
        part = self.labelled(leaf, part)?;
        self.mark_object(&mut part.json, start + negations);
        if part.height + negations > MAX_DEPTH {
            self.at = start;
            return self.too_deep();
        }
        for _ in 0..negations {
            part = Part { json: json!({ "not": part.json }), height: part.height + 1 };
        }
        Ok(part)
    }

    fn primary(&mut self, leaf: Leaf) -> Reading<Part> {
        if self.sees_sign("(") {
            let part = self.bracketed(|reader| match leaf {
                Leaf::Node => reader.node(),
                Leaf::Filter => reader.filter(),
            })?;
            return Ok(part);
        }
        for group in ["all", "any"] {
            if self.sees(group) {
                self.at += 1;
                let items = self.items(leaf)?;
                return Ok(grouped(group, items));
            }
        }
        match leaf {
            Leaf::Node => self.node_leaf(),
            Leaf::Filter => self.property(),
        }
    }

    /// What stands in round brackets.
    pub fn bracketed<T>(&mut self, read: impl FnOnce(&mut Self) -> Reading<T>) -> Reading<T> {
        if self.brackets >= MAX_BRACKETS {
            return self.too_deep();
        }
        self.sign("(")?;
        self.brackets += 1;
        let inside = read(self);
        self.brackets -= 1;
        let inside = inside?;
        if self.eat_sign(")") {
            return Ok(inside);
        }
        self.stop(TextFaultCode::ExpectedWord, "“and”, “or” or “)”")
    }

    /// Conditions in brackets, separated by commas.
    fn items(&mut self, leaf: Leaf) -> Reading<Vec<Part>> {
        if self.sees_sign("(") && *self.ahead(1) == Kind::Symbol(")") {
            self.at += 2;
            return Ok(Vec::new());
        }
        self.bracketed(|reader| {
            let mut items = Vec::new();
            loop {
                items.push(match leaf {
                    Leaf::Node => reader.node()?,
                    Leaf::Filter => reader.filter()?,
                });
                if !reader.eat_sign(",") {
                    return Ok(items);
                }
            }
        })
    }

    fn labelled(&mut self, leaf: Leaf, mut part: Part) -> Reading<Part> {
        if leaf == Leaf::Filter || !self.sees("as") {
            return Ok(part);
        }
        if part.json.get("label").is_some() {
            let detail = "This condition has a label already. Remove one of them.".to_owned();
            return self.fault(TextFaultCode::Repeated, detail);
        }
        self.at += 1;
        let label = self.text("a label")?;
        if let Some(object) = part.json.as_object_mut() {
            object.insert("label".to_owned(), Json::String(label));
        }
        Ok(part)
    }

    pub fn too_deep<T>(&mut self) -> Reading<T> {
        let detail =
            format!("Conditions may be nested {MAX_DEPTH} deep. Flatten this one, or make it a segment and refer to it.");
        let _: Reading<T> = self.fault(TextFaultCode::TooDeep, detail);
        self.give_up()
    }
}

fn folded(alternatives: Alternatives) -> Part {
    let parts = alternatives.into_iter().map(|parts| single_or("all", parts)).collect();
    single_or("any", parts)
}

/// The only part, or a group of several.
fn single_or(group: &str, mut parts: Vec<Part>) -> Part {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            grouped(group, parts)
        }
    }
}

fn grouped(group: &str, parts: Vec<Part>) -> Part {
    let height = 1 + tallest(&parts);
    let items: Vec<Json> = parts.into_iter().map(|part| part.json).collect();
    Part { json: json!({ group: items }), height }
}

/// The height of the highest part; 0 if there is none.
pub(super) fn tallest(parts: &[Part]) -> usize {
    parts.iter().map(|part| part.height).max().unwrap_or(0)
}
