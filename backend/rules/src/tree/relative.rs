//! Which conditions mean something else at another instant, though no data changed. Windows are not among them.

use super::{EventLeaf, EventMatch, Filter, Measure, SequenceLeaf};
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

impl Filter {
    fn is_relative(&self) -> bool {
        match self {
            Filter::Property { predicate, .. } => predicate.is_relative(),
            Filter::Linked(linked) => linked.predicate.is_relative(),
            Filter::All(filters) | Filter::Any(filters) => filters.iter().any(Filter::is_relative),
            Filter::Not(filter) => filter.is_relative(),
        }
    }
}

impl EventMatch {
    /// Whether any condition is relative to the instant of evaluation.
    pub fn is_relative(&self) -> bool {
        self.filters.iter().any(Filter::is_relative)
    }
}

impl EventLeaf {
    /// Whether any condition, other than the window, is relative to the instant of evaluation.
    pub fn is_relative(&self) -> bool {
        let measured = match &self.measure {
            Measure::First { condition } | Measure::Last { condition } => condition.is_relative(),
            _ => false,
        };
        measured || self.matching.is_relative()
    }
}

impl SequenceLeaf {
    /// Whether any condition, other than the window, is relative to the instant of evaluation.
    pub fn is_relative(&self) -> bool {
        let without = |matching: &EventMatch| matching.is_relative();
        self.steps.iter().any(|step| step.matching.is_relative() || step.without.as_ref().is_some_and(without))
    }
}
