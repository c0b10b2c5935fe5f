//! Marks: where in the text each part of the rule stands.
//!
//! A text is read a second time to place faults that validation finds in its JSON. In that reading each value is replaced by a
//! mark, a text `start-end` in bytes, and objects get the field [`WHOLE`] with the mark of all that they were read from.
//! The shape is the same as that of the rule, so a JSON pointer leads to the mark.

use std::ops::Range;

use serde_json::{Map, Value as Json};

use super::Reader;

/// Field of an object with its own mark. No rule has a field of this name.
const WHOLE: &str = "\0";

impl Reader<'_> {
    fn mark(&self, tokens: Range<usize>) -> Option<String> {
        let (first, last) = (self.tokens.get(tokens.start)?, self.tokens.get(tokens.end.checked_sub(1)?)?);
        self.marking.then(|| format!("{}-{}", first.start, last.end.max(first.end)))
    }

    /// The mark of the token that was taken last, if marks are made.
    pub fn mark_last(&self) -> Option<String> {
        self.mark(self.at.checked_sub(1)?..self.at)
    }

    /// A value of one token, which was taken last, or its mark.
    pub fn marked(&self, value: Json) -> Json {
        self.mark_last().map_or(value, Json::String)
    }

    /// The name of an operator that began at a token and stands before its value, or its mark.
    pub fn marked_operator(&self, op: &str, start: usize, value: Option<&Json>) -> Json {
        let value_starts = value.and_then(range).map_or(usize::MAX, |range| range.start);
        let ours = self.tokens.iter().take(self.at).skip(start).take_while(|token| token.end <= value_starts);
        let mark = self.mark(start..start + ours.count().max(1));
        Json::String(mark.unwrap_or_else(|| op.to_owned()))
    }

    /// Puts a mark of one token in place of a field, if it is there.
    pub fn mark_field(&self, object: &mut Map<String, Json>, field: &str, token: usize) {
        if let (Some(value), Some(mark)) = (object.get_mut(field), self.mark(token..token + 1)) {
            *value = Json::String(mark);
        }
    }

    /// Marks an object that was read from a token up to here, unless it has its mark already.
    pub fn mark_object(&self, json: &mut Json, start: usize) {
        if let (Some(object), Some(mark)) = (json.as_object_mut(), self.mark(start..self.at)) {
            object.entry(WHOLE).or_insert(Json::String(mark));
        }
    }
}

/// The bytes that a marked value, or else what is inside it, was read from.
fn range(marked: &Json) -> Option<Range<usize>> {
    match marked {
        Json::String(mark) => {
            let (start, end) = mark.split_once('-')?;
            Some(start.parse().ok()?..end.parse().ok()?)
        }
        Json::Array(items) => union(items.iter()),
        Json::Object(object) => object.get(WHOLE).and_then(range).or_else(|| union(object.values())),
        _ => None,
    }
}

fn union<'j>(parts: impl Iterator<Item = &'j Json>) -> Option<Range<usize>> {
    parts.filter_map(range).reduce(|one, other| one.start.min(other.start)..one.end.max(other.end))
}

/// The bytes that a pointer leads to, or to what surrounds it where the text spells nothing there.
pub(in crate::text) fn range_of(marked: &Json, pointer: &str) -> Option<Range<usize>> {
    let mut found = range(marked);
    let mut place = marked;
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        let next = match place {
            Json::Array(items) => name.parse().ok().and_then(|index: usize| items.get(index)),
            other => other.get(name.as_str()),
        };
        let Some(next) = next else { break };
        place = next;
        found = range(place).or(found);
    }
    found
}
