//! A record to a fact, by the type of its message.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rollcall_engine::MessageKey;
use rollcall_log::Record;
use rollcall_rules::{EventFact, Fact, Instant, ProfileFact, Schema, ValueType};
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::types::Converter;
use super::{Built, Checked};
use crate::envelope::Envelope;
use crate::limits::Limits;
use crate::message::{self, Entries, Message, Refusal};
use crate::tracking::MessageType;

static NOTHING_DECLARED: BTreeMap<String, ValueType> = BTreeMap::new();

/// Reads and converts a record.
pub(super) fn check(record: &Record, schema: &Schema, limits: &Limits) -> Checked {
    let refused = |refusal| Checked { key: None, clamped: false, import: None, message_id: String::new(), result: Err(refusal) };
    let Some(envelope) = Envelope::read(&record.payload) else {
        return refused(Refusal::new("malformed", "the record is not an envelope of a known version"));
    };
    let import = envelope.import.as_deref().map(str::to_owned);
    let head = match Head::read(record, &envelope, limits) {
        Ok(head) => head,
        Err(refusal) => return Checked { import, ..refused(refusal) },
    };
    let key = Some(MessageKey::of(head.scope(), &head.message_id));
    let (clamped, message_id) = (head.clamped, head.message_id.clone());
    let result = Builder { record, envelope: &envelope, schema, limits }.build(head);
    Checked { key, clamped, import, message_id, result }
}

/// What every type of message has.
struct Head<'a> {
    message: Message<'a>,
    kind: MessageType,
    user_id: Option<String>,
    anonymous_id: Option<String>,
    message_id: String,
    time: Instant,
    clamped: bool,
}

impl<'a> Head<'a> {
    fn read(record: &Record, envelope: &Envelope<'a>, limits: &Limits) -> Result<Head<'a>, Refusal> {
        if let Some(rejected) = &envelope.rejected {
            return Err(Refusal::new(reader_reason(&rejected.reason), rejected.detail.as_ref()));
        }
        let size = envelope.message.get().len();
        if size > limits.message_bytes {
            let detail = format!("{size} bytes; a message may have {}", limits.message_bytes);
            return Err(Refusal::new("too_large", detail));
        }
        let message = Message::read(envelope.message)?;
        let kind = kind_of(envelope, &message)?;
        let user_id = message::id(message.user_id, "userId", limits)?;
        let own = message::id(message.anonymous_id, "anonymousId", limits)?;
        let anonymous_id = own.or_else(|| envelope.anonymous_id.as_deref().map(str::to_owned));
        if user_id.is_none() && anonymous_id.is_none() {
            return Err(Refusal::new("no_user_anon_id", "userId or anonymousId must be there"));
        }
        let message_id = message_id(record, envelope, &message, limits)?;
        let (time, clamped) = time_of(record, envelope, &message, limits)?;
        Ok(Head { message, kind, user_id, anonymous_id, message_id, time, clamped })
    }

    /// Inside what a message id is unique.
    fn scope(&self) -> &str {
        self.user_id.as_deref().or(self.anonymous_id.as_deref()).unwrap_or_default()
    }
}

/// The codes that readers of files give.
fn reader_reason(reason: &str) -> &'static str {
    match reason {
        "value_invalid" => "value_invalid",
        "timestamp_invalid" => "timestamp_invalid",
        "too_large" => "too_large",
        "line_malformed" => "line_malformed",
        _ => "row_malformed",
    }
}

fn kind_of(envelope: &Envelope<'_>, message: &Message<'_>) -> Result<MessageType, Refusal> {
    let word = match (&envelope.kind, message.kind) {
        (Some(implied), _) => Some(Cow::Borrowed(implied.as_ref())),
        (None, Some(raw)) => message::text(raw),
        (None, None) => return Err(Refusal::new("type_missing", "a message of a batch must have a type")),
    };
    let unknown = || Refusal::new("type_unknown", "type must be one of track identify page screen group alias");
    word.and_then(|word| MessageType::parse(&word)).ok_or_else(unknown)
}

fn message_id(record: &Record, envelope: &Envelope<'_>, message: &Message<'_>, limits: &Limits) -> Result<String, Refusal> {
    match message::id(message.message_id, "messageId", limits) {
        Ok(Some(id)) if id.chars().count() <= limits.message_id_chars => Ok(id),
        Ok(Some(_)) => Err(too_long(limits)),
        Err(refusal) if refusal.reason == "id_too_long" => Err(too_long(limits)),
        Err(refusal) => Err(refusal),
        Ok(None) => Ok(match &envelope.message_id {
            Some(id) => id.clone().into_owned(),
            None => format!("srv:{}", record.offset),
        }),
    }
}

fn too_long(limits: &Limits) -> Refusal {
    Refusal::new("message_id_too_long", format!("messageId is longer than {} characters", limits.message_id_chars))
}

/// When it happened, and whether that had to be set to the time of receipt.
fn time_of(record: &Record, envelope: &Envelope<'_>, message: &Message<'_>, limits: &Limits) -> Result<(Instant, bool), Refusal> {
    let received = record.received_at;
    let is_import = envelope.import.is_some();
    // A live client's own time is `originalTimestamp` where it sends both; in an archive `timestamp` is the corrected one.
    let (first, second) = (message.original_timestamp, message.timestamp);
    let raw = if is_import { second.or(first) } else { first.or(second) };
    let invalid = |()| Refusal::new("timestamp_invalid", "timestamp must be RFC 3339 with an offset or Z");
    let Some(original) = message::time(raw).map_err(invalid)? else { return Ok((Instant(received), false)) };
    if is_import {
        return Ok((original, false));
    }
    let sent = message::time(envelope.sent_at).ok().flatten().or_else(|| message::time(message.sent_at).ok().flatten());
    // A client that does not say when it sent is taken at its word, except about the future.
    let corrected = sent.map_or(original.0, |sent| original.0.saturating_add(received.saturating_sub(sent.0)));
    if corrected > received.saturating_add(limits.future_tolerance_micros) {
        return Ok((Instant(received), true));
    }
    Ok((Instant(corrected), false))
}

struct Builder<'a> {
    record: &'a Record,
    envelope: &'a Envelope<'a>,
    schema: &'a Schema,
    limits: &'a Limits,
}

impl Builder<'_> {
    fn build(&self, head: Head<'_>) -> Result<Built, Refusal> {
        let message = &head.message;
        match head.kind {
            MessageType::Identify => self.profile(head),
            MessageType::Track => {
                let name = self.event_name(message)?;
                let properties = Entries::read(message.properties, "properties_not_object", "properties")?;
                self.event(head, name, properties)
            }
            MessageType::Page | MessageType::Screen => {
                let mut properties = Entries::read(message.properties, "properties_not_object", "properties")?;
                let mut extra = Vec::new();
                extra.extend(optional_text(message.name, "name", "name_not_string")?);
                extra.extend(optional_text(message.category, "category", "category_not_string")?);
                properties.set(extra);
                let name = head.kind.as_str().to_owned();
                self.event(head, name, properties)
            }
            MessageType::Group => {
                let mut traits = Entries::read(message.traits, "traits_not_object", "traits")?;
                let group = message::id(message.group_id, "groupId", self.limits)?;
                let group = group.ok_or_else(|| Refusal::new("id_required", "groupId must be there"))?;
                traits.set(vec![("group_id".into(), Json::String(group))]);
                self.event(head, "group".into(), traits)
            }
            MessageType::Alias => {
                let previous = message::id(message.previous_id, "previousId", self.limits)?;
                let previous = previous.ok_or_else(|| Refusal::new("previous_id_missing", "previousId must be there"))?;
                let mut properties = Entries::default();
                properties.set(vec![("previous_id".into(), Json::String(previous))]);
                self.event(head, "alias".into(), properties)
            }
        }
    }

    fn event_name(&self, message: &Message<'_>) -> Result<String, Refusal> {
        let missing = || Refusal::new("event_not_defined", "event must be there and not empty");
        let raw = message.event.ok_or_else(missing)?;
        let name = message::text(raw).ok_or_else(|| Refusal::new("event_not_string", "event must be a text"))?;
        if name.is_empty() {
            return Err(missing());
        }
        if name.len() > self.limits.event_name_bytes {
            let detail = format!("event is longer than {} bytes", self.limits.event_name_bytes);
            return Err(Refusal::new("event_name_too_long", detail));
        }
        Ok(name.into_owned())
    }

    fn event(&self, head: Head<'_>, name: String, entries: Entries) -> Result<Built, Refusal> {
        let known = self.schema.events.get(&name);
        let mut converter = self.converter(&self.schema.properties, known);
        let raw_properties = entries.raw.clone();
        let properties = converter.properties(entries)?;
        let fact = Fact::Event(EventFact {
            seq: self.record.offset,
            source: self.record.source.clone(),
            name,
            time: head.time,
            received_at: Instant(self.record.received_at),
            properties,
            raw_properties,
            context: self.context(&head)?,
            user_id: head.user_id,
            anonymous_id: head.anonymous_id,
            message_id: head.message_id,
        });
        Ok(Built { fact, new_event: known.is_none(), new_paths: converter.new_paths })
    }

    fn profile(&self, head: Head<'_>) -> Result<Built, Refusal> {
        let mut traits = Entries::read(head.message.traits, "traits_not_object", "traits")?;
        let context: Option<ContextKeys<'_>> = head.message.context.and_then(|raw| serde_json::from_str(raw.get()).ok());
        if let Some(raw) = context.and_then(|context| context.traits) {
            let own = std::mem::take(&mut traits);
            traits = Entries::read(Some(raw), "traits_not_object", "context.traits")?;
            if traits.list.is_empty() {
                traits = own;
            } else {
                traits.set(own.list);
            }
        }
        let mut converter = self.converter(&NOTHING_DECLARED, Some(&self.schema.traits));
        let raw_traits = traits.raw.clone();
        let traits = converter.traits(traits)?;
        let fact = Fact::Profile(ProfileFact {
            seq: self.record.offset,
            source: self.record.source.clone(),
            time: head.time,
            received_at: Instant(self.record.received_at),
            traits,
            raw_traits,
            context: self.context(&head)?,
            user_id: head.user_id,
            anonymous_id: head.anonymous_id,
            message_id: head.message_id,
        });
        Ok(Built { fact, new_event: false, new_paths: converter.new_paths })
    }

    fn converter<'b>(
        &'b self,
        declared: &'b BTreeMap<String, ValueType>,
        known: Option<&'b BTreeMap<String, ValueType>>,
    ) -> Converter<'b> {
        Converter { declared, known, hints: self.envelope.types.as_ref(), limits: self.limits, new_paths: Vec::new() }
    }

    /// The message's context on top of the batch's, with the sender's address where it is asked for.
    fn context(&self, head: &Head<'_>) -> Result<String, Refusal> {
        let own = head.message.context;
        if own.is_some_and(|raw| !raw.get().starts_with('{')) {
            return Err(Refusal::new("context_not_object", "context must be an object"));
        }
        if self.envelope.context.is_none() && self.envelope.ip.is_none() {
            return Ok(own.map_or_else(|| "{}".into(), |raw| message::compact(raw.get())));
        }
        let mut merged = Entries::read(self.envelope.context, "context_not_object", "context")?;
        merged.set(Entries::read(own, "context_not_object", "context")?.list);
        let asks = |(key, value): &(String, Json)| key == "direct" && value == &Json::Bool(true);
        if let Some(ip) = self.envelope.ip.as_deref()
            && merged.list.iter().any(asks)
            && !merged.list.iter().any(|(key, _)| key == "ip")
        {
            merged.set(vec![("ip".into(), Json::String(ip.to_owned()))]);
        }
        Ok(merged.raw)
    }
}

/// The keys of a context that matter here.
#[derive(Deserialize)]
struct ContextKeys<'a> {
    #[serde(default, borrow)]
    traits: Option<&'a RawValue>,
}

fn optional_text(raw: Option<&RawValue>, key: &str, reason: &'static str) -> Result<Option<(String, Json)>, Refusal> {
    let Some(raw) = raw else { return Ok(None) };
    let text = message::text(raw).ok_or_else(|| Refusal::new(reason, format!("{key} must be a text")))?;
    Ok(Some((key.to_owned(), Json::String(text.into_owned()))))
}
