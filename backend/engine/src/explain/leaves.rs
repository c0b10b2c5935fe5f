//! Evidence of nodes over events: what they add up to, which ones decide, and what is missing.

use rollcall_rules::{EventLeaf, Filter, FirstTimeLeaf, Instant, Measure, Operand, RankBy, RegularLeaf, TimeRange, TopNode};

use super::events::{Matching, Row};
use super::evidence::{EventEvidence, FirstTimeEvidence, Measured, Miss, PeriodCount, RegularEvidence, TopEvidence};
use crate::evaluate::Scope;
use crate::evaluate::accumulate::PerUser;
use crate::evaluate::aggregate::{active_days, count, distinct, extremes, sums};
use crate::evaluate::scan::Span;
use crate::evaluate::top::{Score, Standing};
use crate::shard::Shard;

/// A span as a window that is told.
pub(super) fn window(span: Span) -> TimeRange {
    TimeRange { from: (span.from != i64::MIN).then_some(Instant(span.from)), to: Some(Instant(span.to)) }
}

/// The result of the only user.
fn only<S>(results: PerUser<S>) -> Option<S> {
    results.into_iter().next().map(|(_, result)| result)
}

/// An event node; `written` is as in the rule, `leaf` the same without attributes.
pub(super) fn event(scope: &Scope<'_>, written: &EventLeaf, leaf: &EventLeaf, shard: &Shard, holds: bool) -> EventEvidence {
    let span = scope.span(&leaf.window);
    let matching = Matching::new(shard, &written.matching, &leaf.matching, &scope.clock).showing(path_of(&written.measure));
    let rows = matching.rows(span);
    let measured = measured(scope, (written, leaf), shard, span, &matching, &rows);
    let decisive: Vec<Row> = match (&leaf.measure, &measured) {
        (Measure::First { .. }, _) => rows.first().copied().into_iter().collect(),
        (Measure::Last { .. }, _) => rows.last().copied().into_iter().collect(),
        (
            Measure::Min { of: Operand::Property(path), .. } | Measure::Max { of: Operand::Property(path), .. },
            Measured::Number(extreme),
        ) => {
            let has_it = |row: &&Row| matching.value(**row, path) == Some(rollcall_rules::Value::Number(*extreme));
            rows.iter().filter(has_it).copied().collect()
        }
        _ => rows.clone(),
    };
    EventEvidence {
        window: window(span),
        measured,
        matching: rows.len() as u64,
        events: matching.newest(&decisive),
        near: if holds { Vec::new() } else { matching.near(span, scope.past()) },
    }
}

/// The property that is measured; of an attribute the one that is the key of its row.
fn path_of(measure: &Measure) -> Option<&str> {
    match measure {
        Measure::Count(_) | Measure::Days(_) => None,
        Measure::Distinct { of, .. }
        | Measure::Sum { of, .. }
        | Measure::Avg { of, .. }
        | Measure::Min { of, .. }
        | Measure::Max { of, .. } => Some(property_of(of)),
        Measure::First { condition } | Measure::Last { condition } => match condition {
            Filter::Property { path, .. } => Some(path),
            Filter::Linked(linked) => Some(&linked.key),
            Filter::All(_) | Filter::Any(_) | Filter::Not(_) => None,
        },
    }
}

fn property_of(operand: &Operand) -> &str {
    match operand {
        Operand::Property(path) => path,
        Operand::Attribute(attribute) => &attribute.key,
    }
}

/// What the events add up to, by the functions that evaluation uses.
fn measured(
    scope: &Scope<'_>,
    (written, leaf): (&EventLeaf, &EventLeaf),
    shard: &Shard,
    span: Span,
    matching: &Matching<'_>,
    rows: &[Row],
) -> Measured {
    let sources = scope.sources(&leaf.matching, shard, span);
    let whole = |counts: PerUser<u64>| Measured::Whole(only(counts).unwrap_or(0));
    let value = |row: Option<&Row>, condition: &Filter| {
        let value = row.and_then(|row| match condition {
            Filter::Property { path, .. } => matching.value(*row, path),
            Filter::Linked(linked) => matching.linked_value(*row, linked),
            Filter::All(_) | Filter::Any(_) | Filter::Not(_) => None,
        });
        value.map_or(Measured::Nothing, Measured::Value)
    };
    match &written.measure {
        Measure::Count(_) => whole(count(scope, &sources, span)),
        Measure::Days(_) => whole(active_days(scope, &sources, span)),
        Measure::Distinct { of, .. } => whole(distinct(&sources, of, span)),
        Measure::Sum { of, .. } => Measured::Sum(only(sums(scope, &sources, of, span)).map_or(0, |(sum, _)| sum)),
        Measure::Avg { of, .. } => match only(sums(scope, &sources, of, span)) {
            Some((sum, values @ 1..)) => Measured::Mean(sum, values),
            _ => Measured::Nothing,
        },
        Measure::Min { of, .. } => number(only(extremes(scope, &sources, of, span, f64::min))),
        Measure::Max { of, .. } => number(only(extremes(scope, &sources, of, span, f64::max))),
        Measure::First { condition } => value(rows.first(), condition),
        Measure::Last { condition } => value(rows.last(), condition),
    }
}

fn number(extreme: Option<f64>) -> Measured {
    extreme.filter(|number| !number.is_nan()).map_or(Measured::Nothing, Measured::Number)
}

/// A first-time node.
pub(super) fn first_time(scope: &Scope<'_>, written: &FirstTimeLeaf, leaf: &FirstTimeLeaf, shard: &Shard) -> FirstTimeEvidence {
    let (past, span) = (scope.past(), scope.span(&leaf.window));
    let matching = Matching::new(shard, &written.matching, &leaf.matching, &scope.clock);
    let first = matching.rows(past).first().copied();
    let miss = first.and_then(|row| match row.time {
        time if time < span.from => Some(Miss::Early(span.from.saturating_sub(time))),
        time if time >= span.to => Some(Miss::Late(time.saturating_sub(span.to))),
        _ => None,
    });
    FirstTimeEvidence {
        window: window(span),
        near: if first.is_none() { matching.near(past, past) } else { Vec::new() },
        first: first.map(|row| matching.event(row)),
        miss,
    }
}

/// A regular node.
pub(super) fn regular(
    scope: &Scope<'_>,
    written: &RegularLeaf,
    leaf: &RegularLeaf,
    shard: &Shard,
    holds: bool,
) -> RegularEvidence {
    let edges = leaf.edges(&scope.clock);
    let oldest = edges.last().map_or(scope.clock.now, |edge| *edge);
    let span = Span { from: oldest.0, to: scope.past().to };
    let matching = Matching::new(shard, &written.matching, &leaf.matching, &scope.clock);
    let rows = matching.rows(span);
    let mut periods: Vec<PeriodCount> =
        edges.windows(2).map(|pair| PeriodCount { from: pair[1], to: pair[0], count: 0 }).collect();
    for row in &rows {
        if let Some(period) = RegularLeaf::period_of(&edges, Instant(row.time)) {
            periods[period].count += 1;
        }
    }
    RegularEvidence {
        periods,
        matching: rows.len() as u64,
        events: matching.newest(&rows),
        near: if holds { Vec::new() } else { matching.near(span, scope.past()) },
    }
}

/// A top node; the standing is of the whole ranking.
pub(super) fn top(
    scope: &Scope<'_>,
    written: &TopNode,
    top: &TopNode,
    shard: &Shard,
    standing: Option<&Standing>,
) -> TopEvidence {
    let span = scope.span(&top.by.window);
    let matching = Matching::new(shard, &written.by.matching, &top.by.matching, &scope.clock).showing(match &top.by.by {
        RankBy::Count | RankBy::Days => None,
        RankBy::Distinct(of) | RankBy::Sum(of) | RankBy::Avg(of) | RankBy::Min(of) | RankBy::Max(of) => Some(property_of(of)),
    });
    let rows = matching.rows(span);
    let score = |score: Score| match (score, &top.by.by) {
        (Score::Whole(sum), RankBy::Sum(_)) => Measured::Sum(sum),
        (Score::Whole(number), _) => Measured::Whole(u64::try_from(number).unwrap_or(0)),
        (Score::Mean(sum, values), _) => Measured::Mean(sum, values),
        (Score::Number(number), _) => Measured::Number(number),
    };
    let ranked = standing.map_or(0, |standing| standing.ranked);
    let own = standing.and_then(|standing| standing.score);
    TopEvidence {
        window: window(span),
        score: own.map(score),
        rank: own.and(standing).map(|standing| standing.better + 1),
        ranked,
        kept: top.size.of(ranked),
        least: standing.and_then(|standing| standing.least).map(score),
        matching: rows.len() as u64,
        events: matching.newest(&rows),
    }
}
