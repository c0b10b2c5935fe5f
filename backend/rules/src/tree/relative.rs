//! The conditions on values inside a node, and which of them mean something else at another instant though no data changed.

use super::{EventMatch, Filter, Measure, NodeKind};
use crate::predicate::{PathPredicate, Test};
use crate::time::TimeTest;

impl TimeTest {
    /// Whether it is relative to the instant of evaluation.
    pub fn is_relative(&self) -> bool {
        match self {
            TimeTest::WithinLast(_) | TimeTest::WithinNext(_) | TimeTest::MoreThanAgo(_) | TimeTest::Anniversary(_) => true,
            TimeTest::Before(_) | TimeTest::After(_) | TimeTest::On(_) | TimeTest::Between(..) => false,
        }
    }
}

impl PathPredicate {
    /// Whether any test is relative to the instant of evaluation.
    pub fn is_relative(&self) -> bool {
        self.tests.iter().any(|(_, test)| matches!(test, Test::Time(test) if test.is_relative()))
    }
}

impl NodeKind {
    /// Every condition on a value in the node itself, with the path that it is on; not of nodes below.
    pub fn predicates(&self) -> Vec<(&str, &PathPredicate)> {
        let mut found = Vec::new();
        match self {
            NodeKind::Trait(leaf) => found.push((leaf.path.as_str(), &leaf.predicate)),
            NodeKind::LinkedTrait(linked) => found.push((linked.path.as_str(), &linked.predicate)),
            NodeKind::Event(leaf) => {
                leaf.matching.add_predicates(&mut found);
                if let Measure::First { condition } | Measure::Last { condition } = &leaf.measure {
                    condition.add_predicates(&mut found);
                }
            }
            NodeKind::Sequence(leaf) => {
                for step in &leaf.steps {
                    step.matching.add_predicates(&mut found);
                    step.without.iter().for_each(|without| without.add_predicates(&mut found));
                }
            }
            NodeKind::FirstTime(leaf) => leaf.matching.add_predicates(&mut found),
            NodeKind::Regular(leaf) => leaf.matching.add_predicates(&mut found),
            NodeKind::Top(top) => top.by.matching.add_predicates(&mut found),
            NodeKind::All(_)
            | NodeKind::Any(_)
            | NodeKind::Not(_)
            | NodeKind::Everyone
            | NodeKind::Segment { .. }
            | NodeKind::List { .. } => {}
        }
        found
    }
}

impl EventMatch {
    fn add_predicates<'a>(&'a self, found: &mut Vec<(&'a str, &'a PathPredicate)>) {
        self.filters.iter().for_each(|filter| filter.add_predicates(found));
    }
}

impl Filter {
    fn add_predicates<'a>(&'a self, found: &mut Vec<(&'a str, &'a PathPredicate)>) {
        match self {
            Filter::Property { path, predicate } => found.push((path, predicate)),
            Filter::Linked(linked) => found.push((&linked.path, &linked.predicate)),
            Filter::All(filters) | Filter::Any(filters) => filters.iter().for_each(|filter| filter.add_predicates(found)),
            Filter::Not(filter) => filter.add_predicates(found),
        }
    }
}
