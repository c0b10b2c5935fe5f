//! The words of the rule language as data: what each means, what belongs to it, and an example.
//!
//! One source for two readers. Validation ([`mod@crate::check`]) takes from these tables which fields, operators, aggregates,
//! windows, periods, units, faults and limits there are; [`reference()`] prints the same tables for people. So the reference
//! cannot name what is refused, nor leave out what is accepted. Each example is run through validation and the text form
//! by a test.

mod aggregates;
mod durations;
mod faults;
mod kinds;
mod limits;
mod markdown;
mod operators;
mod parts;
mod reference;
mod types;
mod warnings;
mod windows;
mod world;

pub(crate) use aggregates::{AGGREGATES, Aggregate, Numeric};
pub(crate) use durations::{PERIODS, UNITS};
pub use faults::FaultCode;
pub(crate) use kinds::{FILTERS, LABEL, NODES, ZONE};
pub(crate) use operators::{OPERATORS, Operator};
pub(crate) use parts::{FIRST_TIME, RANKING, REGULAR, SEASON, STEP, TOP, WITHOUT};
pub use reference::{Example, FieldLine, Given, Line, Reference, Row, Section, reference};
pub(crate) use warnings::WARNINGS;
pub(crate) use windows::WINDOWS;

/// What is told of a word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// What it means, in a sentence or two.
    pub means: &'static str,
    /// What happens at its edges.
    pub boundary: &'static str,
    /// A rule that uses it, as JSON.
    pub example: &'static str,
}

/// A field of an object in a rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub name: &'static str,
    pub means: &'static str,
}

const fn field(name: &'static str, means: &'static str) -> Field {
    Field { name, means }
}

/// A kind of object: the field that names it, and the others that it may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// What it is called, in the reference.
    pub title: &'static str,
    /// The field that an object of this kind has.
    pub name: &'static str,
    /// All its fields.
    pub fields: &'static [Field],
    /// Objects that stand in its fields.
    pub parts: &'static [&'static Kind],
    pub told: Told,
}

impl Kind {
    /// Names of its fields.
    pub fn field_names(&self) -> Vec<&'static str> {
        self.fields.iter().map(|field| field.name).collect()
    }
}

#[cfg(test)]
mod tests;
