//! Which operators work on which types of values, by the table of the language.

use crate::language::{OPERATORS, Operator};
use crate::schema::ValueType;

impl Operator {
    /// The positive operator of a name, and whether the name means its complement.
    pub fn by_name(name: &str) -> Option<(Operator, bool)> {
        OPERATORS.iter().find(|row| row.name == name).map(|row| (row.operator, row.negated))
    }

    /// Whether it works on values of a type.
    pub fn fits(self, of: ValueType) -> bool {
        OPERATORS.iter().any(|row| row.operator == self && row.on.contains(&of))
    }

    /// Whether it compares a number that an aggregate gives.
    pub fn compares_aggregates(self) -> bool {
        OPERATORS.iter().any(|row| row.operator == self && row.compares_aggregates)
    }

    /// Names of the operators that work on values of any of these types, for sentences.
    pub fn names_for(types: &[ValueType]) -> String {
        let fitting = OPERATORS.iter().filter(|row| types.iter().any(|of| row.on.contains(of)));
        let names: Vec<&str> = fitting.map(|row| row.name).collect();
        names.join(", ")
    }
}
