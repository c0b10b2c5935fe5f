//! What the engine answers with.

use rollcall_rules::{Instant, Value};

use crate::members::Members;

/// A rule evaluated at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Who satisfies the rule.
    pub members: Members,
    /// The exact number of members of each node, in document order, the root first; not inside referenced segments.
    pub nodes: Vec<NodeCount>,
    /// Users known at the instant.
    pub population: u64,
    /// Events of known users with time <= the instant.
    pub events: u64,
    /// Everything up to this seq was taken into account, and nothing after it.
    pub watermark: u64,
}

/// How many users satisfy one node of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeCount {
    /// JSON pointer of the node in its rule.
    pub pointer: String,
    /// Users.
    pub count: u64,
}

/// Whose values to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValuesOf {
    /// Current values of a trait.
    Trait(String),
    /// Values of a property in events of one name.
    Property {
        /// Event name.
        event: String,
        /// Property path.
        path: String,
    },
}

/// The most frequent values of a trait or property.
#[derive(Debug, Clone, PartialEq)]
pub struct ValueFrequencies {
    /// Values with the number of users that have them, most users first; a list counts as each of its elements.
    pub items: Vec<(Value, u64)>,
    /// How many different values there are (with the prefix).
    pub distinct: u64,
}

/// What is known of one event name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCount {
    /// Event name.
    pub name: String,
    /// Events of identified users.
    pub count: u64,
    /// The latest event time.
    pub last_at: Instant,
}

/// The engine's contents in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Users known at the instant.
    pub users: u64,
    /// Events of identified users with time <= the instant.
    pub events: u64,
    /// The earliest event time of all.
    pub oldest_event: Option<Instant>,
    /// The latest event time of all.
    pub newest_event: Option<Instant>,
    /// Everything up to this seq has been taken in.
    pub watermark: u64,
}
