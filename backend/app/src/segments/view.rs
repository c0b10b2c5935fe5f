//! What a segment looks like from outside.

use rollcall_rules::describe::describe;
use rollcall_store::{Person, SegmentVersion};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::book::Entry;
use crate::view::time;

/// A person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PersonView {
    /// Account id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// The latest build of a segment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LatestView {
    /// Build.
    pub build_id: String,
    /// Members; exactly the size of the set.
    pub count: u64,
    /// Digest over the sorted user ids.
    pub digest: String,
    /// What stood for "now".
    pub instant: String,
    /// Everything up to this record had been taken in.
    pub watermark_seq: u64,
    /// Users known at the instant: what the count is a part of.
    pub population: u64,
    /// How long the evaluation took, milliseconds.
    pub cost_ms: u64,
    /// Members in the last build of an earlier day.
    pub previous_count: Option<u64>,
    /// `count` less `previous_count`.
    pub change: Option<i64>,
}

/// Whether the members are right by now.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FreshnessView {
    /// `fresh`, `building` (not built yet), `stale` (not checked for a minute) or `failing`.
    pub state: &'static str,
    /// When the members were last known to be right.
    pub checked_at: Option<String>,
    /// Why they could not be checked since.
    pub error: Option<String>,
}

/// A segment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SegmentView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Description.
    pub description: String,
    /// Who made it.
    pub owner: Option<PersonView>,
    /// Current version, from 1.
    pub version: u64,
    /// The rule (see the rule language).
    #[schema(value_type = Object)]
    pub rule: Value,
    /// The rule in words.
    pub words: String,
    /// When it was made.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
    /// When it was put in the trash.
    pub trashed_at: Option<String>,
    /// The latest build.
    pub latest: Option<LatestView>,
    /// Whether the members are right by now.
    pub freshness: FreshnessView,
    /// Size at the end of each of the last 30 days that had a build, oldest first; in lists only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sparkline: Vec<u64>,
}

/// A version of a segment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VersionView {
    /// Version, from 1.
    pub version: u64,
    /// Name then.
    pub name: String,
    /// Description then.
    pub description: String,
    /// Rule then.
    #[schema(value_type = Object)]
    pub rule: Value,
    /// The rule in words.
    pub words: String,
    /// Who made it.
    pub author: Option<PersonView>,
    /// When.
    pub created_at: String,
}

/// Without a check for this long, members are called stale (microseconds).
const STALE_AFTER: i64 = 60_000_000;

fn person(person: Person) -> PersonView {
    PersonView { id: person.id.into_string(), name: person.name }
}

pub(super) fn segment(entry: Entry, previous_count: Option<u64>, sparkline: Vec<u64>, now: i64) -> SegmentView {
    let Entry { segment, current, checked_at, error } = entry;
    let state = match (&error, &current, checked_at) {
        (Some(_), _, _) => "failing",
        (None, None, _) => "building",
        (None, Some(_), Some(at)) if now - at <= STALE_AFTER => "fresh",
        _ => "stale",
    };
    let latest = current.map(|current| {
        let build = current.build;
        LatestView {
            build_id: build.id.into_string(),
            count: build.count,
            digest: build.digest,
            instant: time(build.instant),
            watermark_seq: build.watermark_seq,
            population: build.population,
            cost_ms: build.cost_ms,
            previous_count,
            change: previous_count.and_then(|previous| i64::try_from(i128::from(build.count) - i128::from(previous)).ok()),
        }
    });
    SegmentView {
        id: segment.id.into_string(),
        name: segment.name,
        description: segment.description,
        owner: segment.owner.map(person),
        version: segment.version,
        words: describe(&segment.rule),
        rule: segment.rule,
        created_at: time(segment.created_at),
        updated_at: time(segment.updated_at),
        trashed_at: segment.trashed_at.map(time),
        latest,
        freshness: FreshnessView { state, checked_at: checked_at.map(time), error },
        sparkline,
    }
}

pub(super) fn version(version: SegmentVersion) -> VersionView {
    VersionView {
        version: version.version,
        name: version.name,
        description: version.description,
        words: describe(&version.rule),
        rule: version.rule,
        author: version.author.map(person),
        created_at: time(version.created_at),
    }
}
