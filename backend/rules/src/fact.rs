//! What take-in makes of an accepted message: the typed records that rules are evaluated over.
//!
//! Flattening. An object property is reached by path: `{"a":{"b":1}}` gives the path `a` (type object) and the path
//! `a.b`. In an *event* the literal key wins: if the event has the literal key `a.b` (null counts as there, and not
//! set), `a.b` is that key's value and the path through `a` is not looked at; a null one leaves a mark
//! ([`crate::flatten::null_mark`]). In *profiles* the choice depends on the
//! profile's history, so a trait update carries its top-level key beside the path and the choice is made when read.

use crate::time::Instant;
use crate::value::Value;

/// One accepted message, in the order of taking in.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// Something a user did.
    Event(EventFact),
    /// A profile update.
    Profile(ProfileFact),
}

/// Something that a user (or an unidentified visitor) did.
#[derive(Debug, Clone, PartialEq)]
pub struct EventFact {
    /// Position in the order of taking in: the log offset. Unique, growing.
    pub seq: u64,
    /// Source id.
    pub source: String,
    /// The user; `None` keeps the event out of every rule.
    pub user_id: Option<String>,
    /// The SDK's anonymous id.
    pub anonymous_id: Option<String>,
    /// Message id (assigned at collection if the client sent none).
    pub message_id: String,
    /// Event name.
    pub name: String,
    /// When it happened, corrected for clock skew.
    pub time: Instant,
    /// When the server received it.
    pub received_at: Instant,
    /// Flattened properties that are set, each path once, sorted by path; among them marks of literal keys that are null.
    pub properties: Vec<(String, Value)>,
    /// `properties` as received: compact JSON object.
    pub raw_properties: String,
    /// `context` as received: compact JSON object, `{}` if none.
    pub context: String,
}

/// A profile update: `identify`, or an upload of profiles.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileFact {
    /// Position in the order of taking in.
    pub seq: u64,
    /// Source id.
    pub source: String,
    /// The user; `None` for an identify with an anonymous id only: kept in the lake, part of no rule.
    pub user_id: Option<String>,
    /// The SDK's anonymous id.
    pub anonymous_id: Option<String>,
    /// Message id.
    pub message_id: String,
    /// When the update was made.
    pub time: Instant,
    /// When the server received it.
    pub received_at: Instant,
    /// One entry per top-level key sent, plus one per path below an object value.
    pub traits: Vec<TraitUpdate>,
    /// `traits` as received: compact JSON object.
    pub raw_traits: String,
    /// `context` as received: compact JSON object, `{}` if none.
    pub context: String,
}

/// One trait path set or removed. An update of top-level key `k` replaces everything that `k` held before:
/// a path below `k` that is not among the update's entries is removed by it.
#[derive(Debug, Clone, PartialEq)]
pub struct TraitUpdate {
    /// The top-level key, which may itself contain dots.
    pub key: String,
    /// `key`, or `key` + `.` + the path below it.
    pub path: String,
    /// The new value; `None` removes (explicit null). Only the entry with `path == key` can be `None`.
    pub value: Option<Value>,
}

impl Fact {
    /// Position in the order of taking in.
    pub fn seq(&self) -> u64 {
        match self {
            Fact::Event(event) => event.seq,
            Fact::Profile(profile) => profile.seq,
        }
    }

    /// The user, if known.
    pub fn user_id(&self) -> Option<&str> {
        match self {
            Fact::Event(event) => event.user_id.as_deref(),
            Fact::Profile(profile) => profile.user_id.as_deref(),
        }
    }

    /// When it happened.
    pub fn time(&self) -> Instant {
        match self {
            Fact::Event(event) => event.time,
            Fact::Profile(profile) => profile.time,
        }
    }
}
