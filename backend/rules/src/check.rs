//! Validation: rule JSON to [`CheckedRule`], all faults at once.
//!
//! One walk over the JSON builds the tree and gathers faults: `nodes` (kinds of nodes) calls `event` (what the user did),
//! `measure` (aggregates), `filter`, `predicate` (operator and literal, by `operator`, `literal` and `regexes`), `window`,
//! `behaviour` (sequence, first time, regular, top) and `segment` (references, each checked in its own zone).
//! A part that is wrong gives `None`, and the walk goes on beside it.

use std::sync::Arc;

use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::schema::Schema;
use crate::tree::CheckedRule;

pub use crate::language::FaultCode;

mod behaviour;
mod event;
mod filter;
mod link;
mod literal;
mod measure;
mod nodes;
mod operator;
mod place;
mod predicate;
pub(crate) mod regexes;
mod segment;
mod walk;
mod window;

/// Most nodes, steps and filters in one rule; a referenced segment counts as one.
pub const MAX_NODES: usize = 1_000;
/// Of a rule with more nodes than that only so many are looked at, so that its faults do not outgrow it.
const MAX_LOOKED_AT: usize = 10 * MAX_NODES;
/// Deepest nesting in one rule; the root is 1.
pub const MAX_DEPTH: usize = 32;
/// Deepest nesting through referenced segments, so that no chain of segments exhausts a stack.
pub const MAX_NESTING: usize = 320;
/// Most periods of `regular`.
pub(crate) const MAX_PERIODS: u64 = 10_000;

/// What a rule may refer to.
pub trait References {
    /// The stored rule of a segment; `None` if there is no such segment.
    fn segment_rule(&self, id: &str) -> Option<Arc<serde_json::Value>>;
    /// Whether a list exists.
    fn list_exists(&self, id: &str) -> bool;
    /// The catalogue that a property or trait is linked to.
    fn catalogue_of(&self, _property: &str) -> Option<Arc<Catalogue>> {
        None
    }
}

/// One fault of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer to the most specific value at fault.
    pub pointer: String,
    /// Stable code.
    pub code: FaultCode,
    /// A sentence that a marketer understands.
    pub detail: String,
}

/// Something legal but surprising.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// JSON pointer.
    pub pointer: String,
    /// One of those that [`mod@crate::language`] explains.
    pub code: &'static str,
    /// A sentence.
    pub detail: String,
}

/// Checks a rule. `own_id` is the id under which it is (about to be) stored, for cycles.
///
/// # Errors
/// All faults, in document order.
pub fn check(
    rule: &serde_json::Value,
    own_id: Option<&str>,
    schema: &Schema,
    references: &dyn References,
) -> Result<(CheckedRule, Vec<Warning>), Vec<Fault>> {
    let mut shared = walk::Shared::new(schema, references, own_id);
    let outcome = walk::check_rule(rule, &mut shared, 0);
    outcome.map(|checked| (checked.rule, checked.warnings))
}

/// Sorts warnings by where they stand in the rule.
pub(crate) fn in_document_order(rule: &serde_json::Value, warnings: &mut [Warning]) {
    place::sort_by_position(rule, warnings, |warning| &warning.pointer);
}

#[cfg(test)]
mod tests;
