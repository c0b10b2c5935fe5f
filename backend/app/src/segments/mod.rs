//! Segments: a named rule with versions, its current members, and the builds that brought it there.
//!
//! [`book`] holds every segment with its current members in memory; [`refresh`] keeps them right as data and time move;
//! each change of members is a build in the store.

pub(crate) mod book;
mod builds;
mod edit;
mod explain;
mod members;
mod preview;
mod reference;
pub(crate) mod refresh;
mod text;
mod view;

pub use builds::{BuildView, BuildsPage, HistoryView, PointView};
pub use edit::{SegmentFilterInput, SegmentInput};
pub use explain::{
    EvidenceView, ExplainInput, ExplainedBuildView, ExplainedNodeView, ExplainedSegmentView, ExplanationView, MeasuredView,
    NearView, OwnEventView, PeriodView, PropertyView, TraitView,
};
pub use members::{DeltaView, MemberView, MembersPage};
pub use preview::{NodeCountView, PreviewView, ValidationView, WarningView};
pub use reference::{
    ReferenceExampleView, ReferenceFactView, ReferenceFieldView, ReferenceGivenView, ReferenceRowView, ReferenceSectionView,
    RuleReferenceView, rule_reference_markdown,
};
pub use rollcall_rules::check::MAX_DEPTH;
pub use text::{RuleFormsView, WordsView, rule_forms};
pub use view::{FreshnessView, LatestView, PersonView, SegmentView, VersionView};
