//! Warnings that depend on what has been collected, not on the rule alone.
//!
//! - `before_oldest_event`: a window begins before the oldest event that is kept.
//! - `unhealthy_days`: a condition on what users did *not* do looks at days on which collection was not healthy. What is not known
//!   to have happened counts as not done, so such a condition may hold for too many.
//!
//! Whether a condition is about what was not done depends on the `not`s around it: [`Finder::node`] walks down with their parity.
//! A referenced segment is looked into as well; what is found there is told at the reference.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::check::{Warning, in_document_order};
use crate::predicate::NumberTest;
use crate::time::{Clock, Day, Instant, TimeRange, Window};
use crate::tree::{CheckedRule, Measure, Node, NodeKind, NumberPredicate, SequenceLeaf};

/// A day on which what a source collected cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnhealthyDay {
    /// Name of the source.
    pub source: String,
    /// Which day, UTC.
    pub day: Day,
}

/// What is known of collection at an instant.
#[derive(Debug, Clone)]
pub struct Collected<'a> {
    /// What stands for "now".
    pub now: Instant,
    /// The earliest event kept; `None` without any.
    pub oldest_event: Option<Instant>,
    /// In any order.
    pub unhealthy: &'a [UnhealthyDay],
}

/// Most days that a warning names; of the others it says how many there are.
const MOST_DAYS: usize = 5;

const DAY_MICROS: i64 = 86_400_000_000;

/// Adds what the rule should be warned of to what was found while it was checked; all in document order.
pub fn warn(rule: &CheckedRule, collected: &Collected<'_>, warnings: &mut Vec<Warning>) {
    if collected.oldest_event.is_none() && collected.unhealthy.is_empty() {
        return;
    }
    let mut finder = Finder { collected, at_reference: None, seen: HashSet::new(), found: Vec::new() };
    finder.node(&rule.root, &Clock { now: collected.now, zone: rule.zone.clone() }, false);
    for warning in finder.found {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    in_document_order(&rule.source, warnings);
}

struct Finder<'a> {
    collected: &'a Collected<'a>,
    /// Inside a referenced segment: where it is referred to.
    at_reference: Option<String>,
    /// Segments looked into from a place, and with which parity: a rule may reach one in very many ways.
    seen: HashSet<(String, *const CheckedRule, bool)>,
    found: Vec<Warning>,
}

impl Finder<'_> {
    /// Looks at a node; `negated` if an odd number of `not`s is around it.
    fn node(&mut self, node: &Node, clock: &Clock, negated: bool) {
        let at = node.pointer.as_str();
        match &node.kind {
            NodeKind::Not(child) => return self.node(child, clock, !negated),
            NodeKind::Event(leaf) => {
                let range = self.window(&format!("{at}/window"), &leaf.window, clock);
                if holds_without_events(&leaf.measure) != negated {
                    self.not_done(at, range, clock);
                }
            }
            NodeKind::Sequence(leaf) => {
                let range = self.window(&format!("{at}/window"), &leaf.window, clock);
                self.sequence(at, leaf, range, clock, negated);
            }
            NodeKind::FirstTime(leaf) => {
                let range = self.window(&format!("{at}/first_time/window"), &leaf.window, clock);
                if negated {
                    self.not_done(at, range, clock);
                }
            }
            NodeKind::Regular(leaf) => {
                let range = TimeRange { from: leaf.edges(clock).last().copied(), to: Some(clock.now.next()) };
                self.reach(&format!("{at}/regular/periods"), range, clock);
                if negated {
                    self.not_done(at, range, clock);
                }
            }
            NodeKind::Top(top) => {
                let range = self.window(&format!("{at}/top/by/window"), &top.by.window, clock);
                if negated {
                    self.not_done(at, range, clock);
                }
            }
            NodeKind::Segment { rule, .. } => self.segment(at, rule, negated),
            NodeKind::All(_)
            | NodeKind::Any(_)
            | NodeKind::Everyone
            | NodeKind::Trait(_)
            | NodeKind::LinkedTrait(_)
            | NodeKind::List { .. } => {}
        }
        node.children().iter().for_each(|child| self.node(child, clock, negated));
    }

    fn sequence(&mut self, at: &str, leaf: &SequenceLeaf, range: TimeRange, clock: &Clock, negated: bool) {
        if negated {
            return self.not_done(at, range, clock);
        }
        for (step, number) in leaf.steps.iter().zip(0..) {
            if step.without.is_some() {
                self.not_done(&format!("{at}/sequence/{number}/without"), range, clock);
            }
        }
    }

    fn segment(&mut self, at: &str, rule: &Arc<CheckedRule>, negated: bool) {
        let outermost = self.at_reference.is_none();
        let reference = self.at_reference.get_or_insert_with(|| at.to_owned()).clone();
        if self.seen.insert((reference, Arc::as_ptr(rule), negated)) {
            let clock = Clock { now: self.collected.now, zone: rule.zone.clone() };
            self.node(&rule.root, &clock, negated);
        }
        if outermost {
            self.at_reference = None;
        }
    }

    /// What a window means; a warning if it reaches too far back.
    fn window(&mut self, at: &str, window: &Window, clock: &Clock) -> TimeRange {
        let range = window.resolve(clock);
        self.reach(at, range, clock);
        range
    }

    fn reach(&mut self, at: &str, range: TimeRange, clock: &Clock) {
        let (Some(from), Some(oldest)) = (range.from, self.collected.oldest_event) else { return };
        if from >= oldest || range.is_empty() {
            return;
        }
        let (begins, kept) = (clock.zone.day_of(from), clock.zone.day_of(oldest));
        let (begins, kept) =
            if begins == kept { (from.to_rfc3339(), oldest.to_rfc3339()) } else { (begins.to_iso(), kept.to_iso()) };
        let subject = if self.at_reference.is_some() { "A window in this segment" } else { "This window" };
        let detail = format!(
            "{subject} begins on {begins}, but the oldest event that is kept is of {kept}. What was done before is not known and \
             does not count."
        );
        self.found(at, "before_oldest_event", detail);
    }

    /// A condition in a range that may hold because something was not collected.
    fn not_done(&mut self, at: &str, range: TimeRange, clock: &Clock) {
        let to = range.to.map_or(clock.now.next(), |to| to.min(clock.now.next()));
        let inside = |day: &Day| {
            let start = i64::from(day.0) * DAY_MICROS;
            start < to.0 && range.from.is_none_or(|from| from.0 < start + DAY_MICROS)
        };
        let mut sources: BTreeMap<&str, Vec<Day>> = BTreeMap::new();
        for unhealthy in self.collected.unhealthy.iter().filter(|unhealthy| inside(&unhealthy.day)) {
            sources.entry(&unhealthy.source).or_default().push(unhealthy.day);
        }
        let subject = if self.at_reference.is_some() { "a condition in this segment" } else { "this condition" };
        for (source, mut days) in sources {
            days.sort();
            days.dedup();
            let detail = format!(
                "Collection from “{source}” was not healthy on {}. What users did then may be missing, and {subject} may hold for \
                 too many.",
                in_words(&days)
            );
            self.found(at, "unhealthy_days", detail);
        }
    }

    fn found(&mut self, at: &str, code: &'static str, detail: String) {
        let pointer = self.at_reference.clone().unwrap_or_else(|| at.to_owned());
        self.found.push(Warning { pointer, code, detail });
    }
}

/// The newest days by name, the others by number.
fn in_words(days: &[Day]) -> String {
    let (others, named) = days.split_at(days.len().saturating_sub(MOST_DAYS));
    let mut parts: Vec<String> = named.iter().map(|day| day.to_iso()).collect();
    match others.len() {
        0 => {}
        1 => parts.push("1 day before".to_owned()),
        more => parts.push(format!("{more} days before")),
    }
    match parts.pop() {
        Some(last) if parts.is_empty() => last,
        Some(last) => format!("{} and {last}", parts.join(", ")),
        None => String::new(),
    }
}

/// Whether a user without any matching event satisfies it, and might not with more.
fn holds_without_events(measure: &Measure) -> bool {
    let number = |predicate: &NumberPredicate| {
        let always = matches!(predicate.test, NumberTest::Gt(_) | NumberTest::Gte(_)) && !predicate.negated;
        predicate.holds(0.0) && !always
    };
    match measure {
        Measure::Count(predicate) | Measure::Days(predicate) | Measure::Distinct { predicate, .. } => number(predicate),
        Measure::Sum { test, negated, .. } => test.holds(0, 1) != *negated,
        Measure::Avg { .. } | Measure::Min { .. } | Measure::Max { .. } | Measure::First { .. } | Measure::Last { .. } => false,
    }
}

#[cfg(test)]
mod tests;
