//! A rule in words, for lists, certificates and notifications.
//!
//! Works on the JSON alone, so that a rule can be described that is incomplete or not valid any more: what cannot be
//! read is called "something". The words only help people; what counts is the JSON.

use serde_json::Value as Json;

mod events;
mod words;

use events::{first_time, regular, sequence, top, what_was_done};
use words::{comparison, join, name};

/// A short English description of a rule, such as
/// `gender is F and age between 25 and 49, and did video_view (programme is NCIS) at least 3 times in the last 30 days`.
pub fn describe(rule: &Json) -> String {
    let words = node(rule).words;
    match rule.get("tz").and_then(Json::as_str) {
        Some(zone) if zone != "UTC" => format!("{words} (time zone {zone})"),
        _ => words,
    }
}

/// A described part, and how it may be joined with others.
struct Phrase {
    words: String,
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Stands anywhere.
    Simple,
    /// Has commas or clauses of its own.
    Long,
    /// Several joined by this word.
    Joined(&'static str),
}

impl Phrase {
    fn simple(words: impl Into<String>) -> Phrase {
        Phrase { words: words.into(), shape: Shape::Simple }
    }

    fn long(words: impl Into<String>) -> Phrase {
        Phrase { words: words.into(), shape: Shape::Long }
    }

    /// In brackets if it would be misread beside something else.
    fn bracketed(self) -> Phrase {
        match self.shape {
            Shape::Joined(_) => Phrase::long(format!("({})", self.words)),
            _ => self,
        }
    }
}

fn node(rule: &Json) -> Phrase {
    let Some(kind) = KINDS.iter().find(|(kind, _)| rule.get(kind).is_some()) else {
        return Phrase::simple("something");
    };
    kind.1(rule)
}

type Describe = fn(&Json) -> Phrase;

/// How each kind is described, in the contract's order.
const KINDS: [(&str, Describe); 12] = [
    ("all", |rule| group(&rule["all"], "and", node)),
    ("any", |rule| group(&rule["any"], "or", node)),
    ("not", |rule| negated(&rule["not"])),
    ("everyone", |_| Phrase::simple("everyone")),
    ("trait", |rule| Phrase::simple(format!("{} {}", name(&rule["trait"]), comparison(rule)))),
    ("event", |rule| Phrase::long(what_was_done(rule))),
    ("sequence", |rule| Phrase::long(sequence(rule))),
    ("first_time", |rule| Phrase::long(first_time(&rule["first_time"]))),
    ("regular", |rule| Phrase::long(regular(&rule["regular"]))),
    ("top", |rule| Phrase::long(top(&rule["top"]))),
    ("segment", |rule| Phrase::simple(format!("in segment {}", name(&rule["segment"])))),
    ("list", |rule| Phrase::simple(format!("on list {}", name(&rule["list"])))),
];

fn negated(inner: &Json) -> Phrase {
    let phrase = node(inner);
    if inner.get("everyone").is_some() {
        return Phrase::simple("nobody");
    }
    if inner.get("segment").is_some() || inner.get("list").is_some() {
        return Phrase::simple(format!("not {}", phrase.words));
    }
    if events::is_plain_occurrence(inner) {
        return Phrase::long(phrase.words.replacen("did ", "did not do ", 1));
    }
    Phrase::long(format!("not ({})", phrase.words))
}

/// Parts joined by a word; a comma goes before it where one of its neighbours is long.
fn group(items: &Json, word: &'static str, part: Describe) -> Phrase {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    if let [only] = items {
        return part(only);
    }
    let mut words = String::new();
    let mut before = None;
    for item in items {
        let phrase = part(item);
        let phrase = if phrase.shape == Shape::Joined(word) { phrase } else { phrase.bracketed() };
        match before {
            None => {}
            Some(Shape::Simple) if phrase.shape == Shape::Simple => words.push_str(&format!(" {word} ")),
            Some(_) => words.push_str(&format!(", {word} ")),
        }
        words.push_str(&phrase.words);
        before = Some(phrase.shape);
    }
    match before {
        None => Phrase::simple("something"),
        Some(_) => Phrase { words, shape: Shape::Joined(word) },
    }
}

fn filter(filter: &Json) -> Phrase {
    if filter.get("property").is_some() {
        return Phrase::simple(format!("{} {}", name(&filter["property"]), comparison(filter)));
    }
    for (key, word) in [("all", "and"), ("any", "or")] {
        if let Some(items) = filter.get(key) {
            return group(items, word, self::filter);
        }
    }
    match filter.get("not") {
        Some(inner) => Phrase::simple(format!("not ({})", self::filter(inner).words)),
        None => Phrase::simple("something"),
    }
}

/// Names of events, and the filters in brackets.
fn events_where(rule: &Json) -> String {
    let names = match &rule["event"] {
        Json::String(text) if text == "*" => "anything".to_owned(),
        Json::Array(names) => join(&names.iter().map(name).collect::<Vec<_>>(), "or"),
        other => name(other),
    };
    match rule.get("where").and_then(Json::as_array) {
        Some(filters) if !filters.is_empty() => format!("{names} ({})", group(&rule["where"], "and", filter).words),
        _ => names,
    }
}

#[cfg(test)]
mod tests;
