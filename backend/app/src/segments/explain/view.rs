//! An explanation as it leaves: a sentence for people and typed values for programs.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// Why a user is or is not in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExplanationView {
    /// The user asked for.
    pub user_id: String,
    /// Whether the user was known at the instant. If not, there are no nodes: the population of every rule is users known then.
    pub known: bool,
    /// The earliest time of any event or profile update of the user; none if nothing has ever named the user.
    pub known_since: Option<String>,
    /// Whether the user satisfies the rule.
    pub member: bool,
    /// The answer in a sentence.
    pub sentence: String,
    /// What stood for "now".
    pub instant: String,
    /// Everything up to this record had been taken in.
    pub watermark_seq: u64,
    /// The rule's time zone, in which sentences give times.
    pub time_zone: String,
    /// The build asked for.
    pub build: Option<ExplainedBuildView>,
    /// Every node in document order, the root first.
    pub nodes: Vec<ExplainedNodeView>,
    /// Rules of the segments that the rule refers to, each once.
    pub segments: Vec<ExplainedSegmentView>,
}

/// What a stored build said of the user.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExplainedBuildView {
    /// Build.
    pub id: String,
    /// Whether the user was among its members; none if they are no longer kept.
    pub member: Option<bool>,
    /// What had been taken in by then. What came later for an earlier time counts in the explanation, not in the build.
    pub watermark_seq: u64,
}

/// A referenced segment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExplainedSegmentView {
    /// Segment.
    pub id: String,
    /// Name.
    pub name: String,
    /// Its rule's time zone.
    pub time_zone: String,
    /// Every node of its rule in document order, the root first.
    pub nodes: Vec<ExplainedNodeView>,
}

/// A node of a rule, and why it holds or does not.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExplainedNodeView {
    /// JSON pointer: `""` is the root, `/all/0` its first child.
    pub pointer: String,
    /// How deep it stands; the root is 0.
    pub depth: usize,
    /// What it asks for.
    pub words: String,
    /// The rule's own label.
    pub label: Option<String>,
    /// Whether it holds for the user.
    pub holds: bool,
    /// Whether the answer hangs on it: with the opposite answer here, the node above could have another one too.
    pub decisive: bool,
    /// Why.
    pub sentence: String,
    /// What shows it.
    pub evidence: EvidenceView,
}

/// What shows that a node holds or does not.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "one is made for each node of a rule, and sent")]
pub enum EvidenceView {
    /// Everyone that is known.
    Everyone,
    /// What the nodes directly below say.
    Below {
        /// How many of them hold.
        holding: usize,
        /// How many there are.
        of: usize,
    },
    /// A trait.
    Trait(TraitView),
    /// An attribute of the catalogue row that a trait is the key of.
    Attribute {
        /// The trait that has the path as its own name; it decides if it is set.
        literal: TraitView,
        /// The trait that is the key.
        key: TraitView,
        /// Whether the catalogue has the row.
        row: bool,
        /// The row's attribute.
        #[schema(value_type = Object)]
        attribute: Option<Value>,
    },
    /// Events and what they add up to.
    Event {
        /// Start of the window, included.
        from: Option<String>,
        /// End of the window, excluded; never past the instant.
        to: Option<String>,
        /// What they add up to.
        measured: MeasuredView,
        /// How many events match.
        matching: u64,
        /// Up to ten that decide, or the newest.
        events: Vec<OwnEventView>,
        /// What nearly matched, if the node does not hold.
        near: Vec<NearView>,
    },
    /// The steps that were done.
    Sequence {
        /// Start of the window, included.
        from: Option<String>,
        /// End of the window, excluded.
        to: Option<String>,
        /// How many steps there are.
        steps: usize,
        /// An event for each step done, from the first step on.
        chain: Vec<OwnEventView>,
        /// Events in the window that could be the next step by name and filters.
        candidates: u64,
        /// Why the nearest are not.
        near: Vec<NearView>,
    },
    /// The earliest event.
    FirstTime {
        /// Start of the window, included.
        from: Option<String>,
        /// End of the window, excluded.
        to: Option<String>,
        /// The earliest matching event of all history.
        first: Option<OwnEventView>,
        /// What nearly matched, if nothing did.
        near: Vec<NearView>,
    },
    /// How many events each period has.
    Regular {
        /// Newest first.
        periods: Vec<PeriodView>,
        /// Matching events in all of them.
        matching: u64,
        /// The newest, up to ten.
        events: Vec<OwnEventView>,
        /// What nearly matched, if the node does not hold.
        near: Vec<NearView>,
    },
    /// The place in a ranking.
    Top {
        /// Start of the window, included.
        from: Option<String>,
        /// End of the window, excluded.
        to: Option<String>,
        /// What the user is ranked by; none if the user is not ranked.
        score: Option<MeasuredView>,
        /// 1 for the best; users with the same score have the same rank.
        rank: Option<u64>,
        /// How many are ranked.
        ranked: u64,
        /// How many are kept, ties aside.
        kept: u64,
        /// The score of the last that is kept.
        least: Option<MeasuredView>,
        /// Matching events of the user.
        matching: u64,
        /// The newest, up to ten.
        events: Vec<OwnEventView>,
    },
    /// Another segment; its rule is among `segments`.
    Segment {
        /// Segment.
        id: String,
        /// Its name.
        name: String,
    },
    /// A list.
    List {
        /// List.
        id: String,
        /// The version that was looked at: the present one.
        version: u64,
    },
}

/// The value of a trait and where it comes from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TraitView {
    /// The trait.
    pub path: String,
    /// Its value; none if it was never set, or removed.
    #[schema(value_type = Object)]
    pub value: Option<Value>,
    /// Since when it has been that.
    pub since: Option<String>,
    /// When it was last set or removed.
    pub updated_at: Option<String>,
    /// The record that did so.
    pub updated_seq: Option<u64>,
    /// What it was before.
    #[schema(value_type = Object)]
    pub before: Option<Value>,
}

/// What was computed over the matching events.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MeasuredView {
    /// A number, or the value in the first or last event; none if there is none.
    #[schema(value_type = Object)]
    pub value: Option<Value>,
    /// Of how many values it is the mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<u64>,
    /// How much less it is than what was wanted, if that is why the node does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short_by: Option<f64>,
}

/// An event of the user.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OwnEventView {
    /// Name.
    pub name: String,
    /// When.
    pub at: String,
    /// Which record.
    pub seq: u64,
    /// Up to 20 properties, those first that the rule looks at.
    pub properties: Vec<PropertyView>,
}

/// A property of an event.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PropertyView {
    /// Path.
    pub path: String,
    /// Value.
    #[schema(value_type = Object)]
    pub value: Value,
}

/// An event that would have counted but for one thing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NearView {
    /// The event.
    pub event: OwnEventView,
    /// `early`, `late`, `filters`, `out_of_order`, `taken`, `after_step`, `after_first` or `between`.
    pub why: &'static str,
    /// By how much it misses, in seconds.
    pub seconds: Option<f64>,
    /// JSON pointers of the filters that it fails.
    pub filters: Vec<String>,
    /// The event in between that should not be there.
    pub between: Option<Box<OwnEventView>>,
    /// The same in a sentence.
    pub sentence: String,
}

/// A period of a regular node.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PeriodView {
    /// Included.
    pub from: String,
    /// Excluded, but for the newest period.
    pub to: String,
    /// Matching events.
    pub count: u64,
    /// Whether that is enough.
    pub enough: bool,
}
