//! JSON to text: conditions and kinds of nodes.
//!
//! A condition that is too long for one line is broken before its `and` and `or`, at the outermost level first.

use serde_json::{Map, Value as Json};

use crate::check::MAX_DEPTH;
use crate::language::{FILTERS, Kind, LABEL, NODES, ZONE};

mod events;
mod values;
mod windows;

use events::{event, first_time, regular, sequence, top};
use values::{name, predicate, text};

/// Longest condition on one line, in characters.
const LINE: usize = 100;

/// Why a rule has no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {detail}")]
pub struct PrintFault {
    /// JSON pointer to the value that has no text.
    pub pointer: String,
    /// A sentence.
    pub detail: String,
}

impl PrintFault {
    fn here(detail: impl Into<String>) -> PrintFault {
        PrintFault { pointer: String::new(), detail: detail.into() }
    }

    /// Of a value that stands in a field.
    fn inside(self, field: &str) -> PrintFault {
        let field = field.replace('~', "~0").replace('/', "~1");
        PrintFault { pointer: format!("/{field}{}", self.pointer), ..self }
    }
}

type Written<T = String> = Result<T, PrintFault>;
type Object = Map<String, Json>;

/// What is combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaf {
    Node,
    Filter,
}

/// How far a text holds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// Stands anywhere.
    Tight,
    /// A negation: a label needs brackets around it.
    Negation,
    /// Parts joined by a word: everything needs brackets around it.
    Chain,
}

/// Text of a condition.
struct Piece {
    text: String,
    hold: Hold,
}

impl Piece {
    fn tight(text: String) -> Piece {
        Piece { text, hold: Hold::Tight }
    }

    fn bracketed_from(self, loosest: Hold) -> String {
        if self.hold as u8 >= loosest as u8 { format!("({})", self.text) } else { self.text }
    }
}

/// A whole rule.
pub(super) fn rule(json: &Json) -> Written {
    let text = condition(json, Leaf::Node, 1, 0)?.text;
    match json.get("tz") {
        Some(zone) => Ok(format!("{text} in zone {}", values::text(zone).map_err(|fault| fault.inside("tz"))?)),
        None => Ok(text),
    }
}

/// The fields of an object of a kind; a fault if there are others.
fn fields<'j>(json: &'j Json, allowed: &[&str]) -> Written<&'j Object> {
    let object = json.as_object().ok_or_else(|| PrintFault::here("This is not an object, so it has no text."))?;
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(key) => Err(PrintFault::here(format!("The field “{key}” does not belong here, so it has no text.")).inside(key)),
        None => Ok(object),
    }
}

/// Writes a field that must be there.
fn required<T>(object: &Object, field: &str, write: impl FnOnce(&Json) -> Written<T>) -> Written<T> {
    match object.get(field) {
        Some(json) => write(json).map_err(|fault| fault.inside(field)),
        None => Err(PrintFault::here(format!("The field “{field}” is missing, so this has no text."))),
    }
}

/// Writes a field that may be absent.
fn optional<T>(object: &Object, field: &str, write: impl FnOnce(&Json) -> Written<T>) -> Written<Option<T>> {
    object.get(field).map(|json| write(json).map_err(|fault| fault.inside(field))).transpose()
}

/// A node or filter at a depth, on lines indented by so many levels.
fn condition(json: &Json, leaf: Leaf, depth: usize, indent: usize) -> Written<Piece> {
    let piece = unbroken(json, leaf, depth)?;
    let long = piece.text.chars().count() + 4 * indent > LINE;
    if !long || leaf == Leaf::Filter || json.get("label").is_some() {
        return Ok(piece);
    }
    for (kind, word) in [("all", "and"), ("any", "or")] {
        if let Some(items) = json.get(kind).and_then(Json::as_array).filter(|items| items.len() > 1) {
            return broken(items, word, depth, indent);
        }
    }
    Ok(piece)
}

/// A group over several lines.
fn broken(items: &[Json], word: &str, depth: usize, indent: usize) -> Written<Piece> {
    let mut text = String::new();
    let margin = "    ".repeat(indent);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_str(&format!("\n{margin}{word} "));
        }
        let piece = condition(item, Leaf::Node, depth + 1, indent + 1)?;
        if piece.hold == Hold::Chain && piece.text.contains('\n') {
            text.push_str(&format!("(\n{margin}    {}\n{margin})", piece.text));
        } else {
            text.push_str(&piece.bracketed_from(Hold::Chain));
        }
    }
    Ok(Piece { text, hold: Hold::Chain })
}

fn unbroken(json: &Json, leaf: Leaf, depth: usize) -> Written<Piece> {
    if depth > MAX_DEPTH {
        return Err(PrintFault::here(format!("Conditions may be nested {MAX_DEPTH} deep.")));
    }
    let kinds: &[Kind] = if leaf == Leaf::Node { &NODES } else { &FILTERS };
    let Some(kind) = kinds.iter().find(|kind| json.get(kind.name).is_some()) else {
        return Err(PrintFault::here("This is no kind of condition, so it has no text."));
    };
    let mut allowed = kind.field_names();
    if leaf == Leaf::Node {
        allowed.push(LABEL.name);
        if depth == 1 {
            allowed.push(ZONE.name);
        }
    }
    let object = fields(json, &allowed)?;
    let piece = match kind.name {
        group @ ("all" | "any") => required(object, group, |items| grouped(group, items, leaf, depth))?,
        "not" => {
            let inner = required(object, "not", |inner| unbroken(inner, leaf, depth + 1))?;
            Piece { text: format!("not ({})", inner.text), hold: Hold::Negation }
        }
        "property" => Piece::tight(compared(object, "property")?),
        kind => Piece::tight(node(kind, object, depth)?),
    };
    match optional(object, "label", text)? {
        Some(label) => Ok(Piece::tight(format!("{} as {label}", piece.bracketed_from(Hold::Negation)))),
        None => Ok(piece),
    }
}

fn grouped(kind: &str, items: &Json, leaf: Leaf, depth: usize) -> Written<Piece> {
    let items = items.as_array().ok_or_else(|| PrintFault::here("This is not a list, so it has no text."))?;
    let mut pieces = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        pieces.push(unbroken(item, leaf, depth + 1).map_err(|fault| fault.inside(&index.to_string()))?);
    }
    if pieces.len() < 2 {
        let inside: String = pieces.into_iter().map(|piece| piece.text).collect();
        return Ok(Piece::tight(format!("{kind}({inside})")));
    }
    let word = if kind == "all" { " and " } else { " or " };
    let texts: Vec<String> = pieces.into_iter().map(|piece| piece.bracketed_from(Hold::Chain)).collect();
    Ok(Piece { text: texts.join(word), hold: Hold::Chain })
}

fn node(kind: &str, object: &Object, depth: usize) -> Written {
    match kind {
        "everyone" => required(object, kind, |json| match json.as_bool() {
            Some(true) => Ok("everyone".to_owned()),
            _ => Err(PrintFault::here("“everyone” takes only the value true.")),
        }),
        "trait" => compared(object, "trait"),
        "event" => event(object, depth),
        "sequence" => sequence(object, depth),
        "first_time" => required(object, kind, |json| first_time(json, depth)),
        "regular" => required(object, kind, |json| regular(json, depth)),
        "top" => required(object, kind, |json| top(json, depth)),
        _ => Ok(format!("{kind} {}", required(object, kind, text)?)),
    }
}

fn compared(object: &Object, kind: &str) -> Written {
    Ok(format!("{} {}", required(object, kind, name)?, predicate(object)?))
}
