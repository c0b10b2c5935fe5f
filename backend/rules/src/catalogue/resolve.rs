//! Conditions on attributes turned into conditions on keys, for one instant.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::attribute::{boolean_of, number_of};
use super::{CatalogueRow, Linked};
use crate::flatten::null_mark;
use crate::predicate::{NumberTest, PathPredicate, StringTest, Test};
use crate::schema::ValueType;
use crate::time::{Clock, Instant, Zone};
use crate::tree::{CheckedRule, EventMatch, Filter, Measure, Node, NodeKind, Step, TraitLeaf};

impl Linked {
    /// A condition on the key that holds where the attribute's positive test does; without tests if it does so nowhere.
    fn keys(&self, clock: &Clock) -> PathPredicate {
        let positive = PathPredicate { negated: false, tests: self.predicate.tests.clone() };
        let satisfied = |row: &CatalogueRow| positive.holds(row.attributes.get(&self.attribute), clock);
        let texts: Vec<String> =
            self.catalogue.rows.iter().filter(|(_, row)| satisfied(row)).map(|(key, _)| key.clone()).collect();
        let mut tests = Vec::new();
        let numbers: Vec<f64> = texts.iter().filter_map(|text| number_of(text)).collect();
        if !numbers.is_empty() {
            tests.push((ValueType::Number, Test::Number(NumberTest::one_of(numbers))));
        }
        let booleans: BTreeSet<bool> = texts.iter().filter_map(|text| boolean_of(text)).collect();
        match (booleans.contains(&true), booleans.contains(&false)) {
            (true, true) => tests.push((ValueType::Boolean, Test::IsSet)),
            (false, false) => {}
            (only_true, _) => tests.push((ValueType::Boolean, Test::Boolean(only_true))),
        }
        if !texts.is_empty() {
            tests.push((ValueType::String, Test::String(StringTest::OneOf { texts, ignore_case: false })));
        }
        PathPredicate { negated: false, tests }
    }

    /// The literal key's own test.
    fn literal(&self) -> PathPredicate {
        PathPredicate { negated: false, tests: self.predicate.tests.clone() }
    }

    fn filter(&self, clock: &Clock) -> Filter {
        let property = |path: String, predicate| Filter::Property { path, predicate };
        let literal = property(self.path.clone(), self.literal());
        let there = Filter::Any(vec![property(self.path.clone(), is_set()), property(null_mark(&self.path), is_set())]);
        let row = property(self.key.clone(), self.keys(clock));
        let holds = Filter::Any(vec![literal, Filter::All(vec![Filter::Not(Box::new(there)), row])]);
        if self.predicate.negated { Filter::Not(Box::new(holds)) } else { holds }
    }

    fn node(&self, clock: &Clock) -> Node {
        let node = |kind| Node { pointer: String::new(), kind };
        let of_profile =
            |path: &str, predicate, or_key| node(NodeKind::Trait(TraitLeaf { path: path.to_owned(), predicate, or_key }));
        let literal = of_profile(&self.path, self.literal(), false);
        let there = of_profile(&self.path, is_set(), true);
        let row = of_profile(&self.key, self.keys(clock), false);
        let holds = node(NodeKind::Any(vec![literal, node(NodeKind::All(vec![node(NodeKind::Not(Box::new(there))), row]))]));
        if self.predicate.negated { node(NodeKind::Not(Box::new(holds))) } else { holds }
    }
}

fn is_set() -> PathPredicate {
    PathPredicate { negated: false, tests: ValueType::ALL.map(|of| (of, Test::IsSet)).to_vec() }
}

impl CheckedRule {
    /// The rule with every condition on a catalogue's attributes turned into one on keys, for an evaluation at `now`. Nodes and
    /// their pointers stay the same.
    pub fn resolved(&self, now: Instant) -> Cow<'_, CheckedRule> {
        if !self.root.is_linked(&mut BTreeSet::new()) {
            return Cow::Borrowed(self);
        }
        let mut resolver = Resolver { now, segments: BTreeMap::new(), made: 0 };
        Cow::Owned(resolver.rule(self))
    }
}

struct Resolver {
    now: Instant,
    segments: BTreeMap<String, Arc<CheckedRule>>,
    /// Conditions on traits become rules of their own, which need ids that no segment has.
    made: usize,
}

impl Resolver {
    fn rule(&mut self, rule: &CheckedRule) -> CheckedRule {
        let clock = Clock { now: self.now, zone: rule.zone.clone() };
        made_rule(self.node(&rule.root, &clock), clock.zone)
    }

    fn node(&mut self, node: &Node, clock: &Clock) -> Node {
        let kind = match &node.kind {
            NodeKind::All(children) => NodeKind::All(children.iter().map(|child| self.node(child, clock)).collect()),
            NodeKind::Any(children) => NodeKind::Any(children.iter().map(|child| self.node(child, clock)).collect()),
            NodeKind::Not(child) => NodeKind::Not(Box::new(self.node(child, clock))),
            NodeKind::LinkedTrait(linked) => {
                self.made += 1;
                let rule = made_rule(linked.node(clock), clock.zone.clone());
                NodeKind::Segment { id: format!("\u{0}attribute {}", self.made), rule: Arc::new(rule) }
            }
            NodeKind::Event(leaf) => {
                let mut leaf = leaf.clone();
                resolve(&mut leaf.matching, clock);
                if let Measure::First { condition } | Measure::Last { condition } = &mut leaf.measure {
                    *condition = resolved_filter(condition, clock);
                }
                NodeKind::Event(leaf)
            }
            NodeKind::Sequence(leaf) => {
                let mut leaf = leaf.clone();
                for Step { matching, without, .. } in &mut leaf.steps {
                    resolve(matching, clock);
                    without.iter_mut().for_each(|without| resolve(without, clock));
                }
                NodeKind::Sequence(leaf)
            }
            NodeKind::FirstTime(leaf) => {
                let mut leaf = leaf.clone();
                resolve(&mut leaf.matching, clock);
                NodeKind::FirstTime(leaf)
            }
            NodeKind::Regular(leaf) => {
                let mut leaf = leaf.clone();
                resolve(&mut leaf.matching, clock);
                NodeKind::Regular(leaf)
            }
            NodeKind::Top(top) => {
                let mut top = top.clone();
                resolve(&mut top.by.matching, clock);
                top.among = top.among.map(|among| Box::new(self.node(&among, clock)));
                NodeKind::Top(top)
            }
            NodeKind::Segment { id, rule } => {
                let known = self.segments.get(id).cloned();
                let resolved = known.unwrap_or_else(|| Arc::new(self.rule(rule)));
                self.segments.insert(id.clone(), resolved.clone());
                NodeKind::Segment { id: id.clone(), rule: resolved }
            }
            NodeKind::Everyone | NodeKind::Trait(_) | NodeKind::List { .. } => node.kind.clone(),
        };
        Node { pointer: node.pointer.clone(), kind }
    }
}

/// A rule that reads no catalogue any more.
fn made_rule(root: Node, zone: Zone) -> CheckedRule {
    CheckedRule { root, zone, source: serde_json::Value::Null, catalogues: BTreeMap::new() }
}

fn resolve(matching: &mut EventMatch, clock: &Clock) {
    for filter in &mut matching.filters {
        *filter = resolved_filter(filter, clock);
    }
}

fn resolved_filter(filter: &Filter, clock: &Clock) -> Filter {
    let each = |filters: &[Filter]| filters.iter().map(|filter| resolved_filter(filter, clock)).collect();
    match filter {
        Filter::Linked(linked) => linked.filter(clock),
        Filter::All(filters) => Filter::All(each(filters)),
        Filter::Any(filters) => Filter::Any(each(filters)),
        Filter::Not(filter) => Filter::Not(Box::new(resolved_filter(filter, clock))),
        Filter::Property { .. } => filter.clone(),
    }
}

impl Node {
    /// Whether it, a node below or a segment it refers to looks at an attribute. `seen` holds the segments looked at.
    fn is_linked(&self, seen: &mut BTreeSet<usize>) -> bool {
        let own = match &self.kind {
            NodeKind::LinkedTrait(_) => true,
            NodeKind::Event(leaf) => leaf.matching.is_linked() || leaf.measure.is_linked(),
            NodeKind::Sequence(leaf) => leaf
                .steps
                .iter()
                .any(|step| step.matching.is_linked() || step.without.as_ref().is_some_and(EventMatch::is_linked)),
            NodeKind::FirstTime(leaf) => leaf.matching.is_linked(),
            NodeKind::Regular(leaf) => leaf.matching.is_linked(),
            NodeKind::Top(top) => top.by.matching.is_linked(),
            NodeKind::Segment { rule, .. } => seen.insert(Arc::as_ptr(rule).addr()) && rule.root.is_linked(seen),
            _ => false,
        };
        own || self.children().iter().any(|child| child.is_linked(seen))
    }
}

impl EventMatch {
    fn is_linked(&self) -> bool {
        self.filters.iter().any(Filter::is_linked)
    }
}

impl Measure {
    fn is_linked(&self) -> bool {
        matches!(self, Measure::First { condition } | Measure::Last { condition } if condition.is_linked())
    }
}

impl Filter {
    fn is_linked(&self) -> bool {
        match self {
            Filter::Linked(_) => true,
            Filter::Property { .. } => false,
            Filter::All(filters) | Filter::Any(filters) => filters.iter().any(Filter::is_linked),
            Filter::Not(filter) => filter.is_linked(),
        }
    }
}
