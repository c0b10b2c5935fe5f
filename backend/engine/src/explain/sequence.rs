//! Evidence of a sequence: the events that do it, or how far it goes and why not further.

use rollcall_rules::{SequenceLeaf, Step};

use super::events::{Matching, Row};
use super::evidence::{Miss, NearMiss, OwnEvent, SequenceEvidence};
use super::leaves::window;
use crate::evaluate::Scope;
use crate::evaluate::scan::Span;
use crate::evaluate::sequence::{Reach, longest};
use crate::shard::Shard;

/// So many events that could be the next step are told.
const TOLD: usize = 3;

/// A sequence node; `written` is as in the rule, `leaf` the same without attributes.
pub(super) fn evidence(scope: &Scope<'_>, written: &SequenceLeaf, leaf: &SequenceLeaf, shard: &Shard) -> SequenceEvidence {
    let span = scope.span(&leaf.window);
    let places = longest(scope, leaf, shard);
    let chain = written.steps.iter().zip(&leaf.steps).zip(&places).filter_map(|((written, step), place)| {
        let matching = Matching::new(shard, &written.matching, &step.matching, &scope.clock);
        let row = matching.rows(span).into_iter().find(|row| (row.time, row.seq) == *place)?;
        Some(matching.event(row))
    });
    let mut evidence = SequenceEvidence { window: window(span), chain: chain.collect(), candidates: 0, near: Vec::new() };
    if let (Some(written), Some(step)) = (written.steps.get(places.len()), leaf.steps.get(places.len())) {
        let matching = Matching::new(shard, &written.matching, &step.matching, &scope.clock);
        let rows = matching.rows(span);
        evidence.candidates = rows.len() as u64;
        evidence.near = match places.last() {
            Some(_) if !rows.is_empty() => {
                let next = Next { scope, leaf, step, written, shard, span, places: &places };
                next.nearest(&rows).into_iter().map(|row| NearMiss { event: matching.event(row), miss: next.miss(row) }).collect()
            }
            _ => matching.near(span, scope.past()),
        };
    }
    evidence
}

/// The step after those that were done.
struct Next<'a> {
    scope: &'a Scope<'a>,
    leaf: &'a SequenceLeaf,
    step: &'a Step,
    written: &'a Step,
    shard: &'a Shard,
    span: Span,
    /// Time and seq of the steps done.
    places: &'a [(i64, u64)],
}

impl Next<'_> {
    fn last(&self) -> i64 {
        self.places.last().map_or(i64::MIN, |(time, _)| *time)
    }

    /// The first events after the last step done, then the last ones before it.
    fn nearest(&self, rows: &[Row]) -> Vec<Row> {
        let at = rows.partition_point(|row| row.time < self.last());
        rows[at..].iter().chain(rows[..at].iter().rev()).take(TOLD).copied().collect()
    }

    /// Why an event does not do the step.
    fn miss(&self, row: Row) -> Miss {
        if row.time < self.last() {
            return Miss::OutOfOrder;
        }
        if self.places.contains(&(row.time, row.seq)) {
            return Miss::Taken;
        }
        let clock = &self.scope.clock;
        let reached = Reach::new(self.step.within).end(self.last(), clock);
        if row.time > reached {
            return Miss::AfterStep(row.time.saturating_sub(reached));
        }
        if let Some(between) = self.between(row) {
            return Miss::Between(Box::new(between));
        }
        let first = self.places.first().map_or(row.time, |(time, _)| *time);
        let reached = Reach::new(self.leaf.within).end(first, clock);
        if row.time > reached { Miss::AfterFirst(row.time.saturating_sub(reached)) } else { Miss::Taken }
    }

    /// An event that may not lie between the last step done and another event.
    fn between(&self, row: Row) -> Option<OwnEvent> {
        let (written, without) = self.written.without.as_ref().zip(self.step.without.as_ref())?;
        let matching = Matching::new(self.shard, written, without, &self.scope.clock);
        let strictly = Span { from: self.last().saturating_add(1).max(self.span.from), to: row.time.min(self.span.to) };
        let found = matching.rows(strictly).first().copied()?;
        Some(matching.event(found))
    }
}
