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
use crate::tree::{EventNames, Measure, NumberPredicate, RankBy, SumTest};

impl Walk<'_, '_> {
    /// Checks `agg`, `of`, `op`, `value` and `ignore_case` of an event node.
    pub fn measure(&mut self, place: &Place<'_>, names: Option<&EventNames>) -> Option<Measure> {
        let aggregate = self.aggregate(place)?;
        let path = self.path_of(place, aggregate, names);
        if let Aggregate::Picked { last } = aggregate {
            let types = self.property_types(path, names);
            let predicate = self.predicate(place, &types)?;
            let path = path?.to_owned();
            return Some(if last { Measure::Last { path, predicate } } else { Measure::First { path, predicate } });
        }
        self.refuse(place, "ignore_case", "upper and lower case matter only when texts are compared");
        let numeric = self.numeric(place, aggregate, path, names);
        let predicate = self.number_predicate(place, aggregate)?;
        if numeric { self.build(place, aggregate, path, predicate) } else { None }
    }

    /// Checks `agg` and `of` where nothing is compared: the ranking of `top`.
    pub fn ranking(&mut self, place: &Place<'_>, names: Option<&EventNames>) -> Option<RankBy> {
        let aggregate = self.aggregate(place)?;
        if matches!(aggregate, Aggregate::Picked { .. }) {
            let detail = "Users cannot be ranked by a first or last value. Use count, days, sum, distinct, avg, min or max.";
            self.fault(&place.pointer_to("agg"), FaultCode::OperatorNotForType, detail);
        }
        let path = self.path_of(place, aggregate, names);
        if !self.numeric(place, aggregate, path, names) {
            return None;
        }
        let path = || path.map(str::to_owned);
        match aggregate {
            Aggregate::Events { days: false } => Some(RankBy::Count),
            Aggregate::Events { days: true } => Some(RankBy::Days),
            Aggregate::Distinct => path().map(RankBy::Distinct),
            Aggregate::Numbers(Numeric::Sum) => path().map(RankBy::Sum),
            Aggregate::Numbers(Numeric::Avg) => path().map(RankBy::Avg),
            Aggregate::Numbers(Numeric::Min) => path().map(RankBy::Min),
            Aggregate::Numbers(Numeric::Max) => path().map(RankBy::Max),
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

    fn path_of<'j>(&mut self, place: &Place<'j>, aggregate: Aggregate, names: Option<&EventNames>) -> Option<&'j str> {
        if matches!(aggregate, Aggregate::Events { .. }) {
            self.refuse(place, "of", "events and days are counted without looking at a property");
            return None;
        }
        match place.field("of") {
            Some(of) if self.aggregated(&of, names) => self.property(&of, names),
            Some(_) => None,
            None => {
                self.missing(place, "of", "say over which property");
                None
            }
        }
    }

    /// Whether the property can be computed with, if the aggregate computes.
    fn numeric(&mut self, place: &Place<'_>, aggregate: Aggregate, path: Option<&str>, names: Option<&EventNames>) -> bool {
        let types = self.property_types(path, names);
        let fits = types.is_empty() || types.contains(&ValueType::Number);
        if !matches!(aggregate, Aggregate::Numbers(_)) || fits {
            return true;
        }
        let detail = format!(
            "“{}” is not a number, so it has no sum, mean, smallest or greatest. \
             Use distinct, first or last, or another property.",
            path.unwrap_or_default()
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
        path: Option<&str>,
        predicate: NumberPredicate,
    ) -> Option<Measure> {
        if let Aggregate::Events { days } = aggregate {
            return Some(if days { Measure::Days(predicate) } else { Measure::Count(predicate) });
        }
        let path = path?.to_owned();
        let negated = predicate.negated;
        Some(match aggregate {
            Aggregate::Numbers(Numeric::Min) => Measure::Min { path, predicate },
            Aggregate::Numbers(Numeric::Max) => Measure::Max { path, predicate },
            Aggregate::Numbers(Numeric::Sum) => Measure::Sum { path, test: self.sum_test(place, &predicate.test)?, negated },
            Aggregate::Numbers(Numeric::Avg) => Measure::Avg { path, test: self.sum_test(place, &predicate.test)?, negated },
            _ => Measure::Distinct { path, predicate },
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
