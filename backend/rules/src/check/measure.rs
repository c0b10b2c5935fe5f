//! Aggregates and what they are compared with.

use serde_json::json;

use super::FaultCode;
use super::literal::{self, Flaw};
use super::place::Place;
use super::walk::Walk;
use crate::exact::billionths;
use crate::language::{AGGREGATES, Aggregate, Numeric, Operator};
use crate::predicate::NumberTest;
use crate::schema::ValueType;
use crate::tree::{EventNames, Measure, NumberPredicate, Operand, RankBy, SumTest};

/// What an aggregate computes over, with the types that it may have; none if it was never seen.
struct Over {
    operand: Operand,
    types: Vec<ValueType>,
}

impl Walk<'_, '_> {
    /// Checks `agg`, `of`, `op`, `value` and `ignore_case` of an event node.
    pub fn measure(&mut self, place: &Place<'_>, names: Option<&EventNames>) -> Option<Measure> {
        let aggregate = self.aggregate(place)?;
        let over = self.over(place, aggregate, names);
        if let Aggregate::Picked { last } = aggregate {
            let types = over.as_ref().map(|over| over.types.as_slice()).unwrap_or_default();
            let predicate = self.predicate(place, types)?;
            let condition = over?.operand.condition(predicate);
            return Some(if last { Measure::Last { condition } } else { Measure::First { condition } });
        }
        self.refuse(place, "ignore_case", "upper and lower case matter only when texts are compared");
        let numeric = self.numeric(place, aggregate, over.as_ref());
        let predicate = self.number_predicate(place, aggregate)?;
        if numeric { self.build(place, aggregate, over.map(|over| over.operand), predicate) } else { None }
    }

    /// Checks `agg` and `of` where nothing is compared: the ranking of `top`.
    pub fn ranking(&mut self, place: &Place<'_>, names: Option<&EventNames>) -> Option<RankBy> {
        let aggregate = self.aggregate(place)?;
        if matches!(aggregate, Aggregate::Picked { .. }) {
            let detail = "Users cannot be ranked by a first or last value. Use count, days, sum, distinct, avg, min or max.";
            self.fault(&place.pointer_to("agg"), FaultCode::OperatorNotForType, detail);
        }
        let over = self.over(place, aggregate, names);
        if !self.numeric(place, aggregate, over.as_ref()) {
            return None;
        }
        let of = over.map(|over| over.operand);
        match aggregate {
            Aggregate::Events { days: false } => Some(RankBy::Count),
            Aggregate::Events { days: true } => Some(RankBy::Days),
            Aggregate::Distinct => of.map(RankBy::Distinct),
            Aggregate::Numbers(Numeric::Sum) => of.map(RankBy::Sum),
            Aggregate::Numbers(Numeric::Avg) => of.map(RankBy::Avg),
            Aggregate::Numbers(Numeric::Min) => of.map(RankBy::Min),
            Aggregate::Numbers(Numeric::Max) => of.map(RankBy::Max),
            Aggregate::Picked { .. } => None,
        }
    }

    fn aggregate(&mut self, place: &Place<'_>) -> Option<Aggregate> {
        let Some(agg) = place.field("agg") else { return Some(Aggregate::Events { days: false }) };
        let name = self.text(&agg, "an aggregate, a text such as count")?;
        let known = AGGREGATES.iter().find(|row| row.name == name).map(|row| row.aggregate);
        if known.is_none() {
            let names = AGGREGATES.map(|row| row.name).join(", ");
            self.fault(&agg.pointer, FaultCode::UnknownOperator, format!("There is no aggregate “{name}”. Use one of {names}."));
        }
        known
    }

    fn over(&mut self, place: &Place<'_>, aggregate: Aggregate, names: Option<&EventNames>) -> Option<Over> {
        if matches!(aggregate, Aggregate::Events { .. }) {
            self.refuse(place, "of", "events and days are counted without looking at a property");
            return None;
        }
        let Some(of) = place.field("of") else {
            self.missing(place, "of", "say over which property");
            return None;
        };
        if let Some(attribute) = of.json.as_str().and_then(|path| self.link(path)) {
            let literal = self.property_types(Some(&attribute.path), names);
            let types = self.attribute_types(&of, &attribute, literal);
            return Some(Over { operand: Operand::Attribute(attribute), types });
        }
        let path = self.property(&of, names)?;
        Some(Over { operand: Operand::Property(path.to_owned()), types: self.property_types(Some(path), names) })
    }

    /// Whether the values can be computed with, if the aggregate computes.
    fn numeric(&mut self, place: &Place<'_>, aggregate: Aggregate, over: Option<&Over>) -> bool {
        let Some(Over { operand, types }) = over else { return true };
        let fits = types.is_empty() || types.contains(&ValueType::Number);
        if !matches!(aggregate, Aggregate::Numbers(_)) || fits {
            return true;
        }
        let detail = format!(
            "“{}” is not a number, so it has no sum, mean, smallest or greatest. \
             Use distinct, first or last, or another property.",
            operand.path()
        );
        self.fault(&place.pointer_to("agg"), FaultCode::OperatorNotForType, detail);
        false
    }

    fn number_predicate(&mut self, place: &Place<'_>, aggregate: Aggregate) -> Option<NumberPredicate> {
        let has_default = aggregate == Aggregate::Events { days: false };
        let operator = if has_default && !place.has("op") { Some((Operator::Gte, false)) } else { self.operator(place) };
        if let Some((known, _)) = operator
            && !known.compares_aggregates()
        {
            let detail = "An aggregate is a number. Compare it with eq, neq, gt, gte, lt, lte or between.";
            self.fault(&place.pointer_to("op"), FaultCode::OperatorNotForType, detail);
            return None;
        }
        let default = json!(1);
        let value = match place.field("value") {
            Some(value) => value,
            None if has_default && operator.is_none_or(|(known, _)| known != Operator::Between) => {
                Place { json: &default, pointer: place.pointer_to("value") }
            }
            None => {
                self.missing(place, "value", "say what to compare with");
                return None;
            }
        };
        let (operator, negated) = operator?;
        match literal::number_test(operator, value.json) {
            Ok(test) => Some(NumberPredicate { negated, test }),
            Err(flaws) => {
                self.flaws(&value, flaws);
                None
            }
        }
    }

    fn build(
        &mut self,
        place: &Place<'_>,
        aggregate: Aggregate,
        of: Option<Operand>,
        predicate: NumberPredicate,
    ) -> Option<Measure> {
        if let Aggregate::Events { days } = aggregate {
            return Some(if days { Measure::Days(predicate) } else { Measure::Count(predicate) });
        }
        let of = of?;
        let negated = predicate.negated;
        Some(match aggregate {
            Aggregate::Numbers(Numeric::Min) => Measure::Min { of, predicate },
            Aggregate::Numbers(Numeric::Max) => Measure::Max { of, predicate },
            Aggregate::Numbers(Numeric::Sum) => Measure::Sum { of, test: self.sum_test(place, &predicate.test)?, negated },
            Aggregate::Numbers(Numeric::Avg) => Measure::Avg { of, test: self.sum_test(place, &predicate.test)?, negated },
            _ => Measure::Distinct { of, predicate },
        })
    }

    fn sum_test(&mut self, place: &Place<'_>, test: &NumberTest) -> Option<SumTest> {
        let test = match test {
            NumberTest::OneOf(numbers) => exact(numbers.first().copied().unwrap_or_default(), None).map(SumTest::Eq),
            NumberTest::Gt(x) => exact(*x, None).map(SumTest::Gt),
            NumberTest::Gte(x) => exact(*x, None).map(SumTest::Gte),
            NumberTest::Lt(x) => exact(*x, None).map(SumTest::Lt),
            NumberTest::Lte(x) => exact(*x, None).map(SumTest::Lte),
            NumberTest::Between(low, high) => match (exact(*low, Some(0)), exact(*high, Some(1))) {
                (Ok(low), Ok(high)) => Ok(SumTest::Between(low, high)),
                (low, high) => Err(low.err().into_iter().chain(high.err()).flatten().collect()),
            },
        };
        match test {
            Ok(test) => Some(test),
            Err(flaws) => {
                let value = place.field("value")?;
                self.flaws(&value, flaws);
                None
            }
        }
    }
}

/// A literal in billionths, like the values it is compared with.
fn exact(number: f64, element: Option<usize>) -> Result<i128, Vec<Flaw>> {
    billionths(number).ok_or_else(|| {
        let detail = "Sums and means are exact up to 10^20. Compare with a smaller number.".to_owned();
        vec![Flaw { element, code: FaultCode::OutOfRange, detail }]
    })
}
