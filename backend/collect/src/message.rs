//! Reading single fields of a message: text, ids, times, objects. Nothing is copied before it is wanted.

use std::borrow::Cow;
use std::fmt;

use rollcall_rules::Instant;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::limits::Limits;

/// Why a message is quarantined: a stable code and a sentence that never repeats the message's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code.
    pub reason: &'static str,
    /// A sentence.
    pub detail: String,
}

impl Refusal {
    pub(crate) fn new(reason: &'static str, detail: impl Into<String>) -> Refusal {
        Refusal { reason, detail: detail.into() }
    }
}

/// The keys of a message that mean something; an explicit null is the same as absent.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message<'a> {
    #[serde(default, borrow, rename = "type")]
    pub(crate) kind: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) message_id: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) user_id: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) anonymous_id: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) event: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) name: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) category: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) properties: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) traits: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) group_id: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) previous_id: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) timestamp: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) original_timestamp: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) sent_at: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) context: Option<&'a RawValue>,
}

impl<'a> Message<'a> {
    pub(crate) fn read(raw: &'a RawValue) -> Result<Message<'a>, Refusal> {
        if !raw.get().starts_with('{') {
            return Err(Refusal::new("message_not_object", "a message must be a JSON object"));
        }
        serde_json::from_str(raw.get()).map_err(|error| malformed(&error))
    }
}

fn malformed(error: &serde_json::Error) -> Refusal {
    let text = error.to_string();
    if text.starts_with("recursion limit") {
        return Refusal::new("too_deep", "objects and lists nest too deep");
    }
    if text.starts_with("number out of range") {
        return Refusal::new("number_not_exact", "a number is beyond what a double can hold");
    }
    Refusal::new("malformed", "the message is not readable JSON (a key sent twice, or a broken escape)")
}

/// The text of a JSON string; `None` if it is not a string.
pub(crate) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let quoted = raw.get();
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(quoted).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}

/// An id: a text, or a number as it was written; an empty text is the same as absent.
pub(crate) fn id(raw: Option<&RawValue>, field: &str, limits: &Limits) -> Result<Option<String>, Refusal> {
    let Some(raw) = raw else { return Ok(None) };
    let id = match raw.get().as_bytes().first() {
        Some(b'"') => text(raw).ok_or_else(|| Refusal::new("malformed", format!("{field} has a broken escape")))?,
        Some(b'-' | b'0'..=b'9') => Cow::Borrowed(raw.get()),
        _ => return Err(Refusal::new("id_not_string", format!("{field} must be a text"))),
    };
    if id.contains('\0') {
        return Err(Refusal::new("id_has_nul", format!("{field} holds U+0000, which no list or database can carry")));
    }
    if id.len() > limits.id_bytes {
        return Err(Refusal::new("id_too_long", format!("{field} is longer than {} bytes", limits.id_bytes)));
    }
    Ok(if id.is_empty() { None } else { Some(id.into_owned()) })
}

/// A time as RFC 3339 text; `Err` if it is there and not one.
pub(crate) fn time(raw: Option<&RawValue>) -> Result<Option<Instant>, ()> {
    let Some(raw) = raw else { return Ok(None) };
    let text = text(raw).ok_or(())?;
    Instant::parse(&text).map(Some).ok_or(())
}

/// The entries of an object, in order, with repeated keys; and its text without white space.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    pub(crate) list: Vec<(String, Json)>,
    pub(crate) raw: String,
}

impl Entries {
    /// Of an object; absent is empty; `reason` if it is something else.
    pub(crate) fn read(raw: Option<&RawValue>, reason: &'static str, field: &str) -> Result<Entries, Refusal> {
        let Some(raw) = raw else { return Ok(Entries { list: Vec::new(), raw: "{}".into() }) };
        if !raw.get().starts_with('{') {
            return Err(Refusal::new(reason, format!("{field} must be an object")));
        }
        let KeyValues(list) = serde_json::from_str(raw.get()).map_err(|error| malformed(&error))?;
        Ok(Entries { list, raw: compact(raw.get()) })
    }

    /// Sets keys on top of what is there.
    pub(crate) fn set(&mut self, extra: Vec<(String, Json)>) {
        if extra.is_empty() {
            return;
        }
        self.list.retain(|(key, _)| !extra.iter().any(|(other, _)| other == key));
        self.list.extend(extra);
        let object: serde_json::Map<String, Json> = self.list.iter().cloned().collect();
        self.raw = Json::Object(object).to_string();
    }

    /// As one JSON object.
    pub(crate) fn into_json(self) -> Json {
        Json::Object(self.list.into_iter().collect())
    }

    /// Whether no value is an object and no key repeats, so that paths are just keys.
    pub(crate) fn is_flat(&self) -> bool {
        self.list.len() <= 64
            && self
                .list
                .iter()
                .enumerate()
                .all(|(at, (key, value))| !value.is_object() && !self.list[..at].iter().any(|(other, _)| other == key))
    }

    /// Objects and lists inside each other, this object included.
    pub(crate) fn depth(&self) -> usize {
        1 + self.list.iter().map(|(_, value)| depth(value)).max().unwrap_or(0)
    }
}

fn depth(json: &Json) -> usize {
    match json {
        Json::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or(0),
        Json::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Key-value pairs of an object without the cost of a map.
struct KeyValues(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for KeyValues {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<KeyValues, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = KeyValues;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<KeyValues, A::Error> {
                let mut list = Vec::with_capacity(8);
                while let Some(entry) = map.next_entry::<String, Json>()? {
                    list.push(entry);
                }
                Ok(KeyValues(list))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

/// JSON text without the white space between its tokens; numbers and escapes stay as they were written.
pub(crate) fn compact(json: &str) -> String {
    let bytes = json.as_bytes();
    let mut out = String::with_capacity(json.len());
    let (mut copied, mut at, mut in_string) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            b' ' | b'\t' | b'\n' | b'\r' if !in_string => {
                out.push_str(&json[copied..at]);
                copied = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    out.push_str(&json[copied..]);
    out
}
