//! A rule in words, in English or French, for lists, certificates and notifications.
//!
//! Works on the JSON alone, so that a rule can be described that is incomplete or not valid any more: what cannot be
//! read is called "something". The words only help people; what counts is the JSON. Names and values stay as they are
//! written in the rule; numbers and quotes follow the language.

use serde_json::Value as Json;

use crate::check::MAX_DEPTH;

mod events;
mod times;
mod words;

use words::join;

/// A language that rules are described in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// The language of a tag such as `fr` or `fr-CA`.
    pub fn by_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "en" => Some(Language::English),
            "fr" => Some(Language::French),
            _ => None,
        }
    }
}

/// A short English description of a rule, such as
/// `gender is F and age between 25 and 49, and did video_view (programme is NCIS) at least 3 times in the last 30 days`.
pub fn describe(rule: &Json) -> String {
    describe_in(rule, Language::English)
}

/// A short description of a rule in a language.
pub fn describe_in(rule: &Json, language: Language) -> String {
    let speaker = Speaker { language, depth: 1 };
    let words = speaker.node(rule).words;
    match rule.get("tz").and_then(Json::as_str) {
        Some(zone) if zone != "UTC" => format!("{words} ({} {zone})", speaker.say("time zone", "fuseau horaire")),
        _ => words,
    }
}

/// A filter of `where` in words.
pub fn describe_filter(filter: &Json, language: Language) -> String {
    Speaker { language, depth: 1 }.filter(filter).words
}

/// What an aggregate has to be, in words: `at least 3`.
pub fn describe_amount(node: &Json, language: Language) -> String {
    Speaker { language, depth: 1 }.amount(node)
}

/// Describes what stands at a depth of a rule.
#[derive(Debug, Clone, Copy)]
struct Speaker {
    language: Language,
    depth: usize,
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

type Describe = fn(Speaker, &Json) -> Phrase;

/// How each kind is described, in the contract's order.
const KINDS: [(&str, Describe); 12] = [
    ("all", Speaker::all),
    ("any", |speaker, rule| speaker.group(&rule["any"], speaker.or(), Speaker::node)),
    ("not", |speaker, rule| speaker.negated(&rule["not"])),
    ("everyone", |speaker, _| Phrase::simple(speaker.say("everyone", "tout le monde"))),
    ("trait", |speaker, rule| Phrase::simple(speaker.compared(&rule["trait"], rule))),
    ("event", |speaker, rule| Phrase::long(speaker.what_was_done(rule))),
    ("sequence", |speaker, rule| Phrase::long(speaker.sequence(rule))),
    ("first_time", |speaker, rule| Phrase::long(speaker.first_time(&rule["first_time"]))),
    ("regular", |speaker, rule| Phrase::long(speaker.regular(&rule["regular"]))),
    ("top", |speaker, rule| Phrase::long(speaker.top(&rule["top"]))),
    ("segment", |speaker, rule| Phrase::simple(speaker.among(rule))),
    ("list", |speaker, rule| Phrase::simple(speaker.among(rule))),
];

impl Speaker {
    fn say(self, english: &'static str, french: &'static str) -> &'static str {
        match self.language {
            Language::English => english,
            Language::French => french,
        }
    }

    fn and(self) -> &'static str {
        self.say("and", "et")
    }

    fn or(self) -> &'static str {
        self.say("or", "ou")
    }

    fn something(self) -> &'static str {
        self.say("something", "quelque chose")
    }

    fn deeper(self) -> Speaker {
        Speaker { depth: self.depth + 1, ..self }
    }

    fn node(self, rule: &Json) -> Phrase {
        match KINDS.iter().find(|(kind, _)| rule.get(kind).is_some()) {
            Some((_, describe)) if self.depth <= MAX_DEPTH => describe(self, rule),
            _ => Phrase::simple(self.something()),
        }
    }

    /// A reference to a segment or list.
    fn among(self, rule: &Json) -> String {
        match rule.get("segment") {
            Some(id) => format!("{} {}", self.say("in segment", "dans le segment"), self.name(id)),
            None => format!("{} {}", self.say("on list", "sur la liste"), self.name(&rule["list"])),
        }
    }

    /// Parts that are all required; segments and lists that are excluded come last, as exceptions.
    fn all(self, rule: &Json) -> Phrase {
        let items = rule["all"].as_array().map(Vec::as_slice).unwrap_or_default();
        let (excluded, others): (Vec<&Json>, Vec<&Json>) = items.iter().partition(|item| reference_excluded(item).is_some());
        if excluded.is_empty() || others.is_empty() {
            return self.group(&rule["all"], self.and(), Speaker::node);
        }
        let others: Json = others.into_iter().cloned().collect();
        let mut phrase = self.group(&others, self.and(), Speaker::node);
        if phrase.shape == Shape::Joined(self.or()) {
            phrase = phrase.bracketed();
        }
        let excluded: Vec<String> =
            excluded.into_iter().filter_map(reference_excluded).map(|reference| self.among(reference)).collect();
        let except = self.say("except those", "sauf ceux qui sont");
        let words = format!("{}, {except} {}", phrase.words, join(self, &excluded, self.or()));
        Phrase { words, shape: Shape::Joined(self.say("except", "sauf")) }
    }

    fn negated(self, inner: &Json) -> Phrase {
        if inner.get("everyone").is_some() {
            return Phrase::simple(self.say("nobody", "personne"));
        }
        let inside = self.deeper();
        if inner.get("segment").is_some() || inner.get("list").is_some() {
            return Phrase::simple(format!("{} {}", self.say("not", "pas"), inside.node(inner).words));
        }
        if events::is_plain_occurrence(inner) {
            return Phrase::long(inside.never_done(inner));
        }
        Phrase::long(format!("{} ({})", self.say("not", "non"), inside.node(inner).words))
    }

    /// Parts joined by a word; a comma goes before it where one of its neighbours is long.
    fn group(self, items: &Json, word: &'static str, part: Describe) -> Phrase {
        let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
        let inside = self.deeper();
        if let [only] = items {
            return part(inside, only);
        }
        let mut words = String::new();
        let mut before = None;
        for item in items {
            let phrase = part(inside, item);
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
            None => Phrase::simple(self.something()),
            Some(_) => Phrase { words, shape: Shape::Joined(word) },
        }
    }

    fn filter(self, filter: &Json) -> Phrase {
        if self.depth > MAX_DEPTH {
            return Phrase::simple(self.something());
        }
        if filter.get("property").is_some() {
            return Phrase::simple(self.compared(&filter["property"], filter));
        }
        for (key, word) in [("all", self.and()), ("any", self.or())] {
            if let Some(items) = filter.get(key) {
                return self.group(items, word, Speaker::filter);
            }
        }
        match filter.get("not") {
            Some(inner) => {
                let not = self.say("not", "non");
                Phrase::simple(format!("{not} ({})", self.deeper().filter(inner).words))
            }
            None => Phrase::simple(self.something()),
        }
    }
}

/// The segment or list that a node excludes, if it does nothing else.
fn reference_excluded(node: &Json) -> Option<&Json> {
    let inner = node.get("not")?;
    (inner.get("segment").is_some() || inner.get("list").is_some()).then_some(inner)
}

#[cfg(test)]
mod tests;
