//! What an explanation says.

use std::collections::BTreeMap;

use rollcall_rules::{Instant, TimeRange, Value};

/// Why a user is or is not a member of a rule, at an instant and the watermark then.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Since when the user is known; `None` if nothing has ever named the user.
    pub first_seen: Option<Instant>,
    /// Every node of the rule in document order, the root first. Empty if the user is not known at the instant: then the user is
    /// no member, and nothing says more than that.
    pub nodes: Vec<NodeExplanation>,
    /// The rules of the segments that it refers to, each once, by segment id.
    pub segments: BTreeMap<String, Vec<NodeExplanation>>,
    /// Everything up to this seq was taken into account.
    pub watermark: u64,
}

impl Explanation {
    /// Whether the user satisfies the rule.
    pub fn is_member(&self) -> bool {
        self.nodes.first().is_some_and(|root| root.holds)
    }
}

/// Whether a node holds for the user, and what shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeExplanation {
    /// JSON pointer of the node in its rule.
    pub pointer: String,
    /// Whether the user is a member of the node.
    pub holds: bool,
    /// What shows it.
    pub evidence: Evidence,
}

/// What shows that a node holds or does not.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    /// Everyone that is known.
    Everyone,
    /// What the nodes below say.
    Below,
    /// A trait.
    Trait(TraitEvidence),
    /// An attribute of the catalogue row that a trait is the key of.
    Attribute(AttributeEvidence),
    /// Events and what they add up to.
    Event(EventEvidence),
    /// The steps that were done.
    Sequence(SequenceEvidence),
    /// The earliest event.
    FirstTime(FirstTimeEvidence),
    /// How many events each period has.
    Regular(RegularEvidence),
    /// The place in a ranking.
    Top(TopEvidence),
    /// See [`Explanation::segments`].
    Segment {
        /// Its id.
        id: String,
    },
    /// A list.
    List {
        /// Its id.
        id: String,
        /// The version looked at.
        version: u64,
    },
}

/// The value of a trait and where it comes from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TraitEvidence {
    /// The value; `None` if it was never set, or removed.
    pub value: Option<Value>,
    /// Time and seq of the last update; `None` if there is none.
    pub updated: Option<(Instant, u64)>,
    /// Since when the value has been what it is: the first of the last updates that say the same.
    pub since: Option<Instant>,
    /// What it was before.
    pub before: Option<Value>,
}

/// The value of an attribute and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeEvidence {
    /// The trait that has the path as its own name; it decides if it is set.
    pub literal: TraitEvidence,
    /// Path of the trait that is the key of a row.
    pub key_path: String,
    /// That trait.
    pub key: TraitEvidence,
    /// Whether the catalogue has the row.
    pub row: bool,
    /// The attribute of the row.
    pub attribute: Option<Value>,
}

/// An event of the user.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnEvent {
    /// Its name.
    pub name: String,
    /// When.
    pub time: Instant,
    /// Which record.
    pub seq: u64,
    /// Properties, those that the node looks at first, then by path; objects are left out, and of many properties the last ones.
    pub properties: Vec<(String, Value)>,
}

/// An event that would have counted but for one thing.
#[derive(Debug, Clone, PartialEq)]
pub struct NearMiss {
    /// The event.
    pub event: OwnEvent,
    /// Why it does not count.
    pub miss: Miss,
}

/// Why an event does not count. Distances are microseconds.
#[derive(Debug, Clone, PartialEq)]
pub enum Miss {
    /// So long before the window begins.
    Early(i64),
    /// So long after the window ends.
    Late(i64),
    /// It does not satisfy these of the filters, by their place in `where`.
    Filters(Vec<usize>),
    /// It came before the step that it should follow.
    OutOfOrder,
    /// It is the event of another step.
    Taken,
    /// So much longer after the step before than allowed.
    AfterStep(i64),
    /// So much longer after the first step than allowed.
    AfterFirst(i64),
    /// This event lies between the step before and it.
    Between(Box<OwnEvent>),
}

/// What was computed over the matching events.
#[derive(Debug, Clone, PartialEq)]
pub enum Measured {
    /// How many events, days or values.
    Whole(u64),
    /// A sum in billionths.
    Sum(i128),
    /// Sum in billionths and number of values.
    Mean(i128, u64),
    /// The smallest or greatest number.
    Number(f64),
    /// The value in the first or last event.
    Value(Value),
    /// There is no value.
    Nothing,
}

/// An event node.
#[derive(Debug, Clone, PartialEq)]
pub struct EventEvidence {
    /// The window; its end is excluded and never past the instant.
    pub window: TimeRange,
    /// What the events add up to.
    pub measured: Measured,
    /// How many events match.
    pub matching: u64,
    /// Those that decide, or the newest.
    pub events: Vec<OwnEvent>,
    /// What nearly matched, if the node does not hold.
    pub near: Vec<NearMiss>,
}

/// A sequence node.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceEvidence {
    /// The window.
    pub window: TimeRange,
    /// The events that do the steps, or as many of the first ones as can be done.
    pub chain: Vec<OwnEvent>,
    /// How many events in the window could be the step after those.
    pub candidates: u64,
    /// Why the nearest of them, or others like them, are not that step.
    pub near: Vec<NearMiss>,
}

/// A first-time node.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstTimeEvidence {
    /// The window.
    pub window: TimeRange,
    /// The earliest matching event of all history.
    pub first: Option<OwnEvent>,
    /// How far it is from the window.
    pub miss: Option<Miss>,
    /// What nearly matched, if nothing did.
    pub near: Vec<NearMiss>,
}

/// How many matching events a period has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodCount {
    /// Included.
    pub from: Instant,
    /// Excluded, but for the newest period.
    pub to: Instant,
    /// Matching events.
    pub count: u64,
}

/// A regular node.
#[derive(Debug, Clone, PartialEq)]
pub struct RegularEvidence {
    /// Newest first.
    pub periods: Vec<PeriodCount>,
    /// Matching events in all of them.
    pub matching: u64,
    /// The newest of these.
    pub events: Vec<OwnEvent>,
    /// What nearly matched, if the node does not hold.
    pub near: Vec<NearMiss>,
}

/// A top node.
#[derive(Debug, Clone, PartialEq)]
pub struct TopEvidence {
    /// The window.
    pub window: TimeRange,
    /// What the user is ranked by; `None` if the user is not ranked.
    pub score: Option<Measured>,
    /// 1 for the best; users with the same score have the same rank.
    pub rank: Option<u64>,
    /// How many are ranked.
    pub ranked: u64,
    /// How many are kept, ties aside.
    pub kept: u64,
    /// The score of the last that is kept.
    pub least: Option<Measured>,
    /// Matching events of the user.
    pub matching: u64,
    /// The newest of them.
    pub events: Vec<OwnEvent>,
}
