//! An operator and a literal, on values of the types that a path has.

use super::FaultCode;
use super::literal::{self, Flaw};
use super::place::Place;
use super::walk::Walk;
use crate::convert::type_name;
use crate::language::Operator;
use crate::predicate::{PathPredicate, Test};
use crate::schema::ValueType;

impl Walk<'_, '_> {
    /// The operator of a condition; `None` with a fault if it is missing or unknown.
    pub fn operator(&mut self, place: &Place<'_>) -> Option<(Operator, bool)> {
        let Some(op) = place.field("op") else {
            self.missing(place, "op", "say how to compare, such as eq or is_set");
            return None;
        };
        let name = self.text(&op, "an operator, a text such as eq")?;
        let known = Operator::by_name(name);
        if known.is_none() {
            let detail = format!("There is no operator “{name}”. Use one of {}.", Operator::names_for(&ValueType::ALL));
            self.fault(&op.pointer, FaultCode::UnknownOperator, detail);
        }
        known
    }

    /// Checks `op`, `value` and `ignore_case` of a condition on a path of these types (none: never seen).
    ///
    /// A literal is accepted if it fits at least one type. A path never seen gets a test for every type that operator
    /// and literal fit, so that the condition holds whichever of them arrives.
    pub fn predicate(&mut self, place: &Place<'_>, types: &[ValueType]) -> Option<PathPredicate> {
        let (operator, negated) = self.operator(place)?;
        let candidates = if types.is_empty() { &ValueType::ALL[..] } else { types };
        let fitting: Vec<ValueType> = candidates.iter().copied().filter(|of| operator.fits(*of)).collect();
        if fitting.is_empty() {
            self.not_for_types(place, types);
            return None;
        }
        let ignore_case = self.ignore_case(place, operator, &fitting);
        if operator == Operator::IsSet {
            self.refuse(place, "value", "whether something is set needs no value");
            return Some(PathPredicate { negated, tests: ValueType::ALL.map(|of| (of, Test::IsSet)).to_vec() });
        }
        let Some(value) = place.field("value") else {
            self.missing(place, "value", "say what to compare with");
            return None;
        };
        let mut tests = Vec::new();
        let mut refused: Vec<(ValueType, Vec<Flaw>)> = Vec::new();
        for of in fitting {
            match literal::test(operator, of, value.json, ignore_case, &self.zone, &mut self.shared.regexes) {
                Ok(test) => tests.push((of, test)),
                Err(flaws) => refused.push((of, flaws)),
            }
        }
        if tests.is_empty() {
            let meant = literal::meant_type(value.json);
            let chosen = refused.iter().position(|(of, _)| types.is_empty() && Some(*of) == meant).unwrap_or(0);
            let flaws = refused.into_iter().nth(chosen).map(|(_, flaws)| flaws).unwrap_or_default();
            self.flaws(&value, flaws);
            return None;
        }
        Some(PathPredicate { negated, tests })
    }

    /// Records flaws of a literal.
    pub fn flaws(&mut self, value: &Place<'_>, flaws: Vec<Flaw>) {
        for flaw in flaws {
            let pointer = match flaw.element {
                Some(index) => format!("{}/{index}", value.pointer),
                None => value.pointer.clone(),
            };
            self.fault(&pointer, flaw.code, flaw.detail);
        }
    }

    fn not_for_types(&mut self, place: &Place<'_>, types: &[ValueType]) {
        let Some(op) = place.field("op") else { return };
        let shown: Vec<&str> = types.iter().map(|of| type_name(*of)).collect();
        let name = op.json.as_str().unwrap_or_default();
        let detail = format!(
            "“{name}” does not work here: the value is {}. Use one of {}.",
            shown.join(" or "),
            Operator::names_for(types)
        );
        self.fault(&op.pointer, FaultCode::OperatorNotForType, detail);
    }

    fn ignore_case(&mut self, place: &Place<'_>, operator: Operator, fitting: &[ValueType]) -> bool {
        let Some(field) = place.field("ignore_case") else { return false };
        let texts = fitting.iter().any(|of| matches!(of, ValueType::String | ValueType::StringList));
        if !texts || operator == Operator::IsSet {
            self.refuse(place, "ignore_case", "upper and lower case matter only when texts are compared");
            return false;
        }
        match field.json.as_bool() {
            Some(ignore_case) => ignore_case,
            None => {
                self.wrong_type(&field, "true or false");
                false
            }
        }
    }
}
