//! The typed rule tree that both evaluation paths run.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::catalogue::{Attribute, CatalogueVersion, Linked};
use crate::predicate::{NumberTest, PathPredicate};
use crate::time::{Window, Zone};

mod behaviour;
mod relative;

pub use behaviour::{EventMatch, FirstTimeLeaf, Percent, RankBy, Ranking, RegularLeaf, SequenceLeaf, Step, TopNode, TopSize};

/// A rule that passed validation. Everything in it is typed; only relative times are open until an instant is given.
#[derive(Debug, Clone)]
pub struct CheckedRule {
    /// The root node, pointer `""`.
    pub root: Node,
    /// The rule's own zone (`tz`), UTC by default.
    pub zone: Zone,
    /// The rule as stored.
    pub source: serde_json::Value,
    /// Catalogues that the rule or a segment inside it reads, by linked property or trait.
    pub catalogues: BTreeMap<String, CatalogueVersion>,
}

/// A node with the JSON pointer where it stands in its own rule.
#[derive(Debug, Clone)]
pub struct Node {
    /// JSON pointer: `""` for the root, `/all/0` for its first child.
    pub pointer: String,
    /// What it says.
    pub kind: NodeKind,
}

/// What a node says.
#[derive(Debug, Clone)]
pub enum NodeKind {
    /// Intersection; never empty.
    All(Vec<Node>),
    /// Union; never empty.
    Any(Vec<Node>),
    /// Complement in the population.
    Not(Box<Node>),
    /// The population.
    Everyone,
    /// By profile.
    Trait(TraitLeaf),
    /// By an attribute of the catalogue row that a trait is the key of.
    LinkedTrait(Linked),
    /// By what the user did.
    Event(EventLeaf),
    /// Did the steps in order.
    Sequence(SequenceLeaf),
    /// Did it for the first time in a window.
    FirstTime(FirstTimeLeaf),
    /// Did it in enough of the last periods.
    Regular(RegularLeaf),
    /// The highest by an aggregate.
    Top(TopNode),
    /// Members of another segment, evaluated at the same instant and watermark, in its own zone.
    Segment {
        /// Segment id.
        id: String,
        /// Its rule, checked.
        rule: Arc<CheckedRule>,
    },
    /// Members of an uploaded list that are known.
    List {
        /// List id.
        id: String,
    },
}

/// A condition on one trait. Path `a.b` is the literal key `a.b` if the profile has one (a removed key counts as
/// there, and not set), else the path through the object trait `a`.
#[derive(Debug, Clone)]
pub struct TraitLeaf {
    /// Trait path as written.
    pub path: String,
    /// The condition.
    pub predicate: PathPredicate,
    /// Also who ever had the path itself as a literal key, removed or not, satisfies the positive test. No rule says this; what
    /// leads through a link is resolved to it.
    pub or_key: bool,
}

/// A condition on a user's events.
#[derive(Debug, Clone)]
pub struct EventLeaf {
    /// Which events.
    pub matching: EventMatch,
    /// When. Events later than the instant of evaluation are never seen, whatever the window.
    pub window: Window,
    /// What is computed over the matching events and how it is compared.
    pub measure: Measure,
}

/// Which events a leaf looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventNames {
    /// `"*"`: any event, never a profile update.
    Every,
    /// These names, sorted, without repeats.
    Named(Vec<String>),
}

/// A condition on one event.
#[derive(Debug, Clone)]
pub enum Filter {
    /// One property.
    Property {
        /// Flattened path as written.
        path: String,
        /// The condition.
        predicate: PathPredicate,
    },
    /// An attribute of the catalogue row that a property is the key of.
    Linked(Linked),
    /// All of them.
    All(Vec<Filter>),
    /// Any of them.
    Any(Vec<Filter>),
    /// Not it.
    Not(Box<Filter>),
}

/// An aggregate over the matching events and its condition.
#[derive(Debug, Clone)]
pub enum Measure {
    /// Number of events; 0 without any.
    Count(NumberPredicate),
    /// Distinct calendar days in the rule's zone; 0 without any.
    Days(NumberPredicate),
    /// Distinct set values; a list counts its elements; 0 without any.
    Distinct {
        /// Of what.
        of: Operand,
        /// Condition on the number.
        predicate: NumberPredicate,
    },
    /// Exact sum in billionths (see [`crate::exact`]); 0 without any.
    Sum {
        /// Of what.
        of: Operand,
        /// Condition on the sum.
        test: SumTest,
        /// True for `neq`.
        negated: bool,
    },
    /// Exact mean over set numeric values: `avg op x` is `sum op x * number of values`. No value: not a member, even for `neq`.
    Avg {
        /// Of what.
        of: Operand,
        /// Condition; literals are multiplied by the number of values that took part.
        test: SumTest,
        /// True for `neq`.
        negated: bool,
    },
    /// Smallest set numeric value. No value: not a member, even for `neq`.
    Min {
        /// Of what.
        of: Operand,
        /// Condition.
        predicate: NumberPredicate,
    },
    /// Greatest set numeric value. No value: not a member, even for `neq`.
    Max {
        /// Of what.
        of: Operand,
        /// Condition.
        predicate: NumberPredicate,
    },
    /// A value of the earliest matching event (same time: the earlier taken in). No event: not a member;
    /// an event without the value has a missing one, for which a negative operator holds.
    First {
        /// Condition on one property or attribute of that event.
        condition: Filter,
    },
    /// The same for the latest matching event (same time: the later taken in).
    Last {
        /// Condition on one property or attribute of that event.
        condition: Filter,
    },
}

/// What an aggregate computes over: a value of each matching event.
#[derive(Debug, Clone)]
pub enum Operand {
    /// A property, by its flattened path.
    Property(String),
    /// An attribute of the catalogue row that a property is the key of.
    Attribute(Attribute),
}

impl Operand {
    /// The path as written.
    pub fn path(&self) -> &str {
        match self {
            Operand::Property(path) => path,
            Operand::Attribute(attribute) => &attribute.path,
        }
    }

    /// The attribute, if it is one.
    pub fn attribute(&self) -> Option<&Attribute> {
        match self {
            Operand::Property(_) => None,
            Operand::Attribute(attribute) => Some(attribute),
        }
    }

    /// A condition on it in one event.
    pub fn condition(self, predicate: PathPredicate) -> Filter {
        match self {
            Operand::Property(path) => Filter::Property { path, predicate },
            Operand::Attribute(attribute) => Filter::Linked(attribute.condition(predicate)),
        }
    }
}

/// A number compared; `negated` is `neq`.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberPredicate {
    /// Complement of `test`.
    pub negated: bool,
    /// `Eq`, `Gt`, `Gte`, `Lt`, `Lte` or `Between`.
    pub test: NumberTest,
}

impl NumberPredicate {
    /// Whether `number` satisfies it.
    pub fn holds(&self, number: f64) -> bool {
        self.test.holds(number) != self.negated
    }
}

/// A sum compared, in billionths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SumTest {
    /// Equal.
    Eq(i128),
    /// Greater.
    Gt(i128),
    /// Greater or equal.
    Gte(i128),
    /// Less.
    Lt(i128),
    /// Less or equal.
    Lte(i128),
    /// Between, both ends included.
    Between(i128, i128),
}

impl SumTest {
    /// Whether `sum` (billionths) satisfies it, each literal multiplied by `times` (1 for a sum, the number of values
    /// for a mean).
    pub fn holds(&self, sum: i128, times: u64) -> bool {
        let scaled = |literal: i128| literal.saturating_mul(i128::from(times));
        match *self {
            SumTest::Eq(x) => sum == scaled(x),
            SumTest::Gt(x) => sum > scaled(x),
            SumTest::Gte(x) => sum >= scaled(x),
            SumTest::Lt(x) => sum < scaled(x),
            SumTest::Lte(x) => sum <= scaled(x),
            SumTest::Between(low, high) => scaled(low) <= sum && sum <= scaled(high),
        }
    }
}

impl CheckedRule {
    /// Ids of all lists that the rule or a segment inside it refers to, sorted, without repeats.
    pub fn list_ids(&self) -> Vec<String> {
        let mut ids = BTreeSet::new();
        self.root.add_list_ids(&mut ids, &mut HashSet::new());
        ids.into_iter().collect()
    }
}

impl Node {
    /// The nodes directly below it, in document order; not those of a referenced segment.
    pub fn children(&self) -> &[Node] {
        match &self.kind {
            NodeKind::All(children) | NodeKind::Any(children) => children,
            NodeKind::Not(child) | NodeKind::Top(TopNode { among: Some(child), .. }) => std::slice::from_ref(child),
            _ => &[],
        }
    }

    /// `seen` holds the segments walked already: a rule may reach one segment in very many ways.
    fn add_list_ids(&self, ids: &mut BTreeSet<String>, seen: &mut HashSet<*const CheckedRule>) {
        match &self.kind {
            NodeKind::Segment { rule, .. } => {
                if seen.insert(Arc::as_ptr(rule)) {
                    rule.root.add_list_ids(ids, seen);
                }
            }
            NodeKind::List { id } => {
                ids.insert(id.clone());
            }
            _ => self.children().iter().for_each(|child| child.add_list_ids(ids, seen)),
        }
    }
}
