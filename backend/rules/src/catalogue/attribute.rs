//! Attributes as values that aggregates compute over.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::{Attribute, Linked};
use crate::convert::convert;
use crate::predicate::PathPredicate;
use crate::schema::ValueType;
use crate::tree::{CheckedRule, Measure, Node, NodeKind, Operand, RankBy};
use crate::value::Value;

/// A row that has the attribute, and the values that are its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// The key.
    pub text: &'a str,
    /// The key as a number, if it is one without loss.
    pub number: Option<f64>,
    /// The key as a boolean, if it is one.
    pub boolean: Option<bool>,
    /// What the row has.
    pub value: &'a Value,
}

/// The number that is written so.
pub(super) fn number_of(key: &str) -> Option<f64> {
    match convert(&serde_json::Value::String(key.to_owned()), ValueType::Number) {
        Ok(Value::Number(number)) => Some(number),
        _ => None,
    }
}

/// The boolean that is written so.
pub(super) fn boolean_of(key: &str) -> Option<bool> {
    match key {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Names the rows by the version of their catalogue.
impl fmt::Debug for Attribute {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Attribute { path, key, attribute, catalogue } = self;
        formatter.debug_tuple("Attribute").field(path).field(key).field(attribute).field(&catalogue.version).finish()
    }
}

impl Attribute {
    /// The rows that have it, by key. A value that is no text, number or boolean is the key of none.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.catalogue.rows.iter().filter_map(|(key, row)| {
            let value = row.attributes.get(&self.attribute)?;
            Some(Row { text: key, number: number_of(key), boolean: boolean_of(key), value })
        })
    }

    /// The type of its values; `None` if no row ever had it.
    pub fn value_type(&self) -> Option<ValueType> {
        self.catalogue.attributes.get(&self.attribute).copied()
    }

    pub(crate) fn condition(self, predicate: PathPredicate) -> Linked {
        let Attribute { path, key, attribute, catalogue } = self;
        Linked { path, key, attribute, catalogue, predicate }
    }
}

impl CheckedRule {
    /// Every attribute that the rule or a segment inside it computes over, once for each version of a catalogue.
    pub fn attributes(&self) -> Vec<&Attribute> {
        let mut found = BTreeMap::new();
        add_attributes(&self.root, &mut found, &mut HashSet::new());
        found.into_values().collect()
    }
}

/// Which attribute it is: id and version of the catalogue, name.
type Named<'a> = (&'a str, u64, &'a str);

fn add_attributes<'a>(node: &'a Node, found: &mut BTreeMap<Named<'a>, &'a Attribute>, seen: &mut HashSet<*const CheckedRule>) {
    let operand = match &node.kind {
        NodeKind::Event(leaf) => leaf.measure.operand(),
        NodeKind::Top(top) => top.by.by.operand(),
        NodeKind::Segment { rule, .. } => {
            if seen.insert(Arc::as_ptr(rule)) {
                add_attributes(&rule.root, found, seen);
            }
            None
        }
        _ => None,
    };
    if let Some(attribute) = operand.and_then(Operand::attribute) {
        let version = &attribute.catalogue.version;
        found.insert((&version.id, version.version, &attribute.attribute), attribute);
    }
    node.children().iter().for_each(|child| add_attributes(child, found, seen));
}

impl Measure {
    /// What it computes over; `first` and `last` compare.
    fn operand(&self) -> Option<&Operand> {
        match self {
            Measure::Distinct { of, .. }
            | Measure::Sum { of, .. }
            | Measure::Avg { of, .. }
            | Measure::Min { of, .. }
            | Measure::Max { of, .. } => Some(of),
            Measure::Count(_) | Measure::Days(_) | Measure::First { .. } | Measure::Last { .. } => None,
        }
    }
}

impl RankBy {
    fn operand(&self) -> Option<&Operand> {
        match self {
            RankBy::Distinct(of) | RankBy::Sum(of) | RankBy::Avg(of) | RankBy::Min(of) | RankBy::Max(of) => Some(of),
            RankBy::Count | RankBy::Days => None,
        }
    }
}
