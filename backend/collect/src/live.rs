//! The latest records per source, for people who watch a source while they connect it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use rollcall_log::Record;
use rollcall_rules::Instant;
use tokio::sync::broadcast;

use crate::envelope::Envelope;
use crate::message::{self, Message};

/// Records kept per source, and told per source and batch: under load the feed is a sample of the newest.
pub const KEPT_PER_SOURCE: usize = 200;

/// Bytes kept of what the client sent: anybody who has a write key fills these rings.
pub const KEPT_RAW_BYTES: usize = 32 << 10;

/// Bytes kept of names and ids.
const KEPT_NAME_BYTES: usize = 1 << 10;

/// What became of a record, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveOutcome {
    /// Taken in.
    Accepted,
    /// Seen before.
    Duplicate,
    /// Set aside.
    Quarantined,
}

impl LiveOutcome {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            LiveOutcome::Accepted => "accepted",
            LiveOutcome::Duplicate => "duplicate",
            LiveOutcome::Quarantined => "quarantined",
        }
    }
}

/// A record as it passed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRecord {
    /// Log offset.
    pub seq: u64,
    /// Source id.
    pub source: String,
    /// When the server received it.
    pub received_at: Instant,
    /// What became of it.
    pub outcome: LiveOutcome,
    /// Why it was quarantined.
    pub reason: Option<&'static str>,
    /// A sentence to that.
    pub detail: Option<String>,
    /// Type of the message, if it could be read.
    pub kind: Option<String>,
    /// Event name, or name of the page or screen.
    pub name: Option<String>,
    /// User id.
    pub user_id: Option<String>,
    /// Message id.
    pub message_id: Option<String>,
    /// What the client sent, or its beginning.
    pub raw: Arc<str>,
    /// Whether there was more of it than is kept.
    pub raw_cut: bool,
}

impl LiveRecord {
    /// Describes a record as far as it can be read.
    pub(crate) fn of(record: &Record, outcome: LiveOutcome, reason: Option<&'static str>, detail: Option<String>) -> LiveRecord {
        let envelope = Envelope::read(&record.payload);
        let raw = envelope.as_ref().map_or_else(|| record.payload.clone(), Envelope::raw);
        let message = envelope.as_ref().and_then(|envelope| Message::read(envelope.message).ok());
        let field = |of: fn(&Message<'_>) -> Option<String>| message.as_ref().and_then(of).map(short);
        let raw_cut = raw.len() > KEPT_RAW_BYTES;
        let kept = String::from_utf8_lossy(&raw[..raw.len().min(KEPT_RAW_BYTES)]);
        // A character that was cut through.
        let kept = if raw_cut { kept.trim_end_matches(char::REPLACEMENT_CHARACTER) } else { &kept };
        let implied = envelope.as_ref().and_then(|envelope| envelope.kind.as_deref().map(str::to_owned));
        let given = envelope.as_ref().and_then(|envelope| envelope.message_id.as_deref().map(str::to_owned));
        let assigned = || given.unwrap_or_else(|| format!("srv:{}", record.offset));
        LiveRecord {
            seq: record.offset,
            source: record.source.clone(),
            received_at: Instant(record.received_at),
            outcome,
            reason,
            detail: detail.map(short),
            kind: implied.or_else(|| field(|message| message.kind.and_then(message::text).map(Into::into))),
            name: field(|message| message.event.or(message.name).and_then(message::text).map(Into::into)),
            user_id: field(|message| message.user_id.map(shown)),
            message_id: field(|message| message.message_id.and_then(message::text).map(Into::into)).or_else(|| Some(assigned())),
            raw: kept.into(),
            raw_cut,
        }
    }
}

/// A name or id, as much of it as is kept.
fn short(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(KEPT_NAME_BYTES));
    text
}

/// An id that may be a number.
fn shown(raw: &serde_json::value::RawValue) -> String {
    message::text(raw).map_or_else(|| raw.get().to_owned(), Into::into)
}

/// The rings and the feed.
#[derive(Debug)]
pub(crate) struct Live {
    rings: HashMap<String, VecDeque<LiveRecord>>,
    feed: broadcast::Sender<LiveRecord>,
}

impl Live {
    pub(crate) fn new() -> Live {
        Live { rings: HashMap::new(), feed: broadcast::Sender::new(1024) }
    }

    pub(crate) fn subscribe(&self) -> broadcast::Receiver<LiveRecord> {
        self.feed.subscribe()
    }

    /// Adds the newest of a batch, oldest first.
    pub(crate) fn add(&mut self, records: Vec<LiveRecord>) {
        for record in records {
            if self.feed.receiver_count() > 0 {
                // Nobody listening any more is no failure.
                let _ = self.feed.send(record.clone());
            }
            let ring = self.rings.entry(record.source.clone()).or_default();
            if ring.len() == KEPT_PER_SOURCE {
                ring.pop_front();
            }
            ring.push_back(record);
        }
    }

    /// The newest of a source, newest first.
    pub(crate) fn recent(&self, source: &str, limit: usize) -> Vec<LiveRecord> {
        self.rings.get(source).map(|ring| ring.iter().rev().take(limit).cloned().collect()).unwrap_or_default()
    }
}
