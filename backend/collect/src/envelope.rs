//! The envelope: what the log keeps of one message, version 1.
//!
//! A JSON object whose last key is `message`, the message byte for byte as the client sent it. Before it stands only
//! what the message itself does not say: `{"v":1,"type":"track","sent_at":"...","message":{...}}`.
//!
//! | key | meaning |
//! |---|---|
//! | `v` | version of the envelope, 1 |
//! | `type` | type implied by the route; wins over the message's |
//! | `sent_at` | `sentAt` of the batch |
//! | `anonymous_id` | from the AnonymousId header, for a message without one |
//! | `ip` | the sender's address, only when the client asks for it by `context.direct` |
//! | `context` | `context` of the batch; the message's own keys win |
//! | `import` | id of the import: no clock correction, and its outcome is counted for the import |
//! | `message_id` | for a message without one |
//! | `types` | path -> type, for paths not known yet whose JSON does not show it (dates of an import) |
//! | `row` | the row of a file that `message` was made of; it is what quarantine keeps |
//! | `rejected` | `{"reason","detail"}`: the reader could not make a message of it; `message` is raw text (or `{"base64":..}`) |
//!
//! A key that may be missing needs no new version. Any other change: raise `v`, keep reading the old version (records of an old log are read after an upgrade), and keep a
//! fixture of it in `intake/tests.rs`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use rollcall_rules::ValueType;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Version of the envelope that this program writes.
pub const VERSION: u32 = 1;

/// Everything of an envelope but the message.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Header<'a> {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sent_at: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) anonymous_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ip: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) import: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) types: Option<&'a BTreeMap<String, ValueType>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rejected: Option<Rejected<'a>>,
}

/// Why a reader could not make a message of a row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Rejected<'a> {
    #[serde(borrow)]
    pub(crate) reason: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) detail: Cow<'a, str>,
}

impl Header<'_> {
    /// The envelope of a message given as JSON text.
    pub(crate) fn seal(&self, message: &str) -> Vec<u8> {
        let head = serde_json::to_string(self).unwrap_or_else(|_| "{}".into());
        let mut envelope = Vec::with_capacity(head.len() + message.len() + 24);
        envelope.extend_from_slice(b"{\"v\":1,");
        if head.len() > 2 {
            envelope.extend_from_slice(&head.as_bytes()[1..head.len() - 1]);
            envelope.push(b',');
        }
        envelope.extend_from_slice(b"\"message\":");
        envelope.extend_from_slice(message.as_bytes());
        envelope.push(b'}');
        envelope
    }

    /// The envelope of bytes that are no message.
    pub(crate) fn seal_rejected(&self, raw: &[u8]) -> Vec<u8> {
        let message = match std::str::from_utf8(raw) {
            Ok(text) => serde_json::Value::from(text),
            Err(_) => serde_json::json!({ "base64": base64::engine::general_purpose::STANDARD.encode(raw) }),
        };
        self.seal(&message.to_string())
    }
}

/// An envelope as read back from the log.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope<'a> {
    pub(crate) v: u32,
    #[serde(default, rename = "type", borrow)]
    pub(crate) kind: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    pub(crate) sent_at: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) anonymous_id: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    pub(crate) ip: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    pub(crate) context: Option<&'a RawValue>,
    #[serde(default, borrow)]
    pub(crate) import: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    pub(crate) message_id: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(crate) types: Option<BTreeMap<String, ValueType>>,
    #[serde(default, borrow)]
    pub(crate) row: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    pub(crate) rejected: Option<Rejected<'a>>,
    #[serde(borrow)]
    pub(crate) message: &'a RawValue,
}

impl<'a> Envelope<'a> {
    /// Reads an envelope; `None` if it is none of a known version.
    pub(crate) fn read(payload: &'a [u8]) -> Option<Envelope<'a>> {
        let envelope: Envelope<'a> = serde_json::from_slice(payload).ok()?;
        (envelope.v == VERSION).then_some(envelope)
    }

    /// The bytes that the client or the file gave.
    pub(crate) fn raw(&self) -> Vec<u8> {
        let text = self.message.get();
        if let Some(row) = &self.row {
            return row.as_bytes().to_vec();
        }
        if self.rejected.is_none() {
            return text.as_bytes().to_vec();
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Text(String),
            Bytes { base64: String },
        }
        match serde_json::from_str(text) {
            Ok(Raw::Text(raw)) => raw.into_bytes(),
            Ok(Raw::Bytes { base64 }) => base64::engine::general_purpose::STANDARD.decode(base64).unwrap_or_default(),
            Err(_) => text.as_bytes().to_vec(),
        }
    }
}

/// What the client or the file gave, of any log payload.
pub fn raw_of(payload: &[u8]) -> Vec<u8> {
    Envelope::read(payload).map_or_else(|| payload.to_vec(), |envelope| envelope.raw())
}
