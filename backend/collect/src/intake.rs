//! One log record to its outcome: accepted as a fact, a duplicate, or quarantined with a reason.
//!
//! Two steps, so that the costly one runs on all cores and the order of the log still decides everything:
//! [`Intake::check`] reads and converts a record under the types known so far (`&self`, any thread);
//! [`Intake::decide`] goes through the checked records in the order of their offsets, tells duplicates, and learns types.
//! The outcome of a record depends on the records before it and on nothing else, so replaying the log after a crash
//! gives the same facts.
//!
//! What counts (the sources are named in the reference of the tracking API):
//! - ids: `userId` or `anonymousId` must be there; numbers become texts, an empty text is absent.
//! - time: `receivedAt - (sentAt - originalTimestamp)`; without `sentAt` the client's time as it is; without a time the
//!   time of receipt. A corrected time after the receipt (plus a tolerance) is set to the receipt and counted
//!   ([`Checked::clamped`]). `sentAt` of the batch goes before that of the message; one that cannot be read is absent.
//!   Records of an import are never corrected.
//! - identify: `context.traits` and `traits` (these win) update the profile. The traits in the context of other types
//!   are only context.
//! - track: an event named `event`; page, screen: events `page`, `screen` with `name` and `category` among the
//!   properties; group: event `group` with the traits as properties and `group_id`; alias: event `alias` with `previous_id`.
//! - duplicates: same scope (user id, else anonymous id) and same message id as an accepted record. A duplicate
//!   teaches no types, and a quarantined record hides no later one.
//! - types: declared, else learnt from the first accepted value of a trait path, or of a path of an event name;
//!   a value that does not convert without loss is a `type_clash`.

use std::collections::HashSet;

use rollcall_engine::MessageKey;
use rollcall_log::Record;
use rollcall_rules::{Fact, Schema, ValueType};

use crate::limits::Limits;
use crate::message::Refusal;

mod build;
mod types;

#[cfg(test)]
mod tests;

/// What became of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Taken in.
    Accepted(Fact),
    /// An accepted record had the same message id.
    Duplicate {
        /// Which.
        message_id: String,
    },
    /// Set aside.
    Quarantined {
        /// Stable code.
        reason: &'static str,
        /// A sentence.
        detail: String,
    },
}

/// A record that has been read and converted, before its place in the order is looked at.
#[derive(Debug)]
pub struct Checked {
    /// Identity of the message, once it could be read that far.
    pub key: Option<MessageKey>,
    /// Whether its time lay in the future after correction and was set to the time of receipt.
    pub clamped: bool,
    /// The import that it belongs to.
    pub import: Option<String>,
    message_id: String,
    result: Result<Built, Refusal>,
}

/// A fact, and what accepting it would teach.
#[derive(Debug)]
struct Built {
    fact: Fact,
    /// The event name is new.
    new_event: bool,
    /// New paths with their types; of the event's name, or of traits.
    new_paths: Vec<(String, ValueType)>,
}

/// The state that outcomes depend on: known types, and the messages accepted since the engine was last told.
#[derive(Debug)]
pub struct Intake {
    schema: Schema,
    limits: Limits,
    accepted: HashSet<MessageKey>,
    learnt: bool,
}

impl Intake {
    /// Starts from the types known at the checkpoint.
    pub fn new(schema: Schema, limits: Limits) -> Intake {
        Intake { schema, limits, accepted: HashSet::new(), learnt: false }
    }

    /// The types known so far.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Replaces the known types, after some were declared.
    pub fn set_schema(&mut self, schema: Schema) {
        self.schema = schema;
    }

    /// Reads a record and converts it under the types known so far.
    pub fn check(&self, record: &Record) -> Checked {
        build::check(record, &self.schema, &self.limits)
    }

    /// Decides on a checked record; records come in the order of their offsets. `seen`: the engine knows its key.
    pub fn decide(&mut self, record: &Record, checked: Checked, seen: bool) -> Outcome {
        let Some(key) = checked.key else { return self.refuse(checked) };
        if seen || self.accepted.contains(&key) {
            return Outcome::Duplicate { message_id: checked.message_id };
        }
        let checked = if self.is_outdated(&checked) { self.check(record) } else { checked };
        match checked.result {
            Err(_) => self.refuse(checked),
            Ok(built) => match self.learn(&built) {
                Err(refusal) => Outcome::Quarantined { reason: refusal.reason, detail: refusal.detail },
                Ok(()) => {
                    self.accepted.insert(key);
                    Outcome::Accepted(built.fact)
                }
            },
        }
    }

    /// Both steps at once, for single records.
    pub fn take(&mut self, record: &Record, seen: impl FnOnce(MessageKey) -> bool) -> Outcome {
        let checked = self.check(record);
        let seen = checked.key.is_some_and(seen);
        self.decide(record, checked, seen)
    }

    /// Says that the engine now knows every accepted record; returns whether types were learnt since the last call.
    pub fn settle(&mut self) -> bool {
        self.accepted.clear();
        std::mem::take(&mut self.learnt)
    }

    fn refuse(&self, checked: Checked) -> Outcome {
        match checked.result {
            Err(Refusal { reason, detail }) => Outcome::Quarantined { reason, detail },
            Ok(_) => Outcome::Quarantined { reason: "malformed", detail: "the message has no identity".into() },
        }
    }

    /// Whether a record before it has taught a type that the check did not know yet.
    fn is_outdated(&self, checked: &Checked) -> bool {
        let Ok(built) = &checked.result else { return false };
        built.new_paths.iter().any(|(path, learnt)| {
            let known = match &built.fact {
                Fact::Event(event) => self.schema.property_type(&event.name, path),
                Fact::Profile(_) => self.schema.trait_type(path),
            };
            known.is_some_and(|known| known != *learnt)
        })
    }

    fn learn(&mut self, built: &Built) -> Result<(), Refusal> {
        if !built.new_event && built.new_paths.is_empty() {
            return Ok(());
        }
        let known = match &built.fact {
            Fact::Event(event) => {
                if !self.schema.events.contains_key(&event.name) && self.schema.events.len() >= self.limits.known_events {
                    let detail = format!("more than {} different events", self.limits.known_events);
                    return Err(Refusal::new("too_many_events", detail));
                }
                self.schema.events.entry(event.name.clone()).or_default()
            }
            Fact::Profile(_) => &mut self.schema.traits,
        };
        let new = built.new_paths.iter().filter(|(path, _)| !known.contains_key(path)).count();
        if known.len() + new > self.limits.known_paths {
            let detail = format!("more than {} different names are known already", self.limits.known_paths);
            return Err(Refusal::new("too_many_properties", detail));
        }
        known.extend(built.new_paths.iter().cloned());
        self.learnt = true;
        Ok(())
    }
}
