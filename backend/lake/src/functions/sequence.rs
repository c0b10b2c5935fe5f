//! `did_in_order`: whether a user's events contain a sequence.
//!
//! Step by step: from the events that can end the steps up to one, those that can end the next. Steps done at one instant are
//! handled together, because each has to be another event.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{Accumulator, Volatility, create_udaf};
use datafusion::prelude::SessionContext;
use rollcall_rules::{Clock, Duration, Instant, SequenceLeaf, Zone};
use serde::{Deserialize, Serialize};

use super::misused;
use crate::columns::timestamp_type;

pub(super) fn register(session: &SessionContext) {
    let inputs = vec![timestamp_type(), DataType::Int64, DataType::Int64, DataType::Utf8];
    let state = vec![DataType::new_list(DataType::Int64, true), DataType::Utf8];
    session.register_udaf(create_udaf(
        "did_in_order",
        inputs,
        Arc::new(DataType::Boolean),
        Volatility::Immutable,
        Arc::new(|_| Ok(Box::new(InOrder::default()))),
        Arc::new(state),
    ));
}

/// What an event is to a step, as a number: it could be the step.
pub(crate) fn is_step(step: usize) -> usize {
    2 * step
}

/// It may not lie between the step before and the step.
pub(crate) fn is_forbidden_before(step: usize) -> usize {
    2 * step + 1
}

/// The bounds of a sequence, as the literal that the function takes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Bounds {
    zone: String,
    /// First to last: amount and unit of a duration.
    whole: Option<String>,
    /// Of each step, from the step before.
    gaps: Vec<Option<String>>,
}

impl Bounds {
    /// Of a sequence, as text.
    pub fn text(leaf: &SequenceLeaf, zone: &Zone) -> String {
        let text = |duration: Duration| duration.to_string();
        let gaps = leaf.steps.iter().map(|step| step.within.map(text)).collect();
        let bounds = Bounds { zone: zone.name().to_owned(), whole: leaf.within.map(text), gaps };
        serde_json::to_string(&bounds).unwrap_or_default()
    }
}

/// Gathers (time, seq, role) of a user's events.
#[derive(Debug, Default)]
struct InOrder {
    flat: Vec<i64>,
    bounds: Option<String>,
}

impl Accumulator for InOrder {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [times, seqs, roles, bounds] = values else { return Err(misused("did_in_order takes four arguments")) };
        let (times, seqs) = (times.as_primitive::<TimestampMicrosecondType>(), seqs.as_primitive::<Int64Type>());
        for ((time, seq), role) in times.iter().zip(seqs).zip(roles.as_primitive::<Int64Type>()) {
            if let (Some(time), Some(seq), Some(role)) = (time, seq, role) {
                self.flat.extend([time, seq, role]);
            }
        }
        if self.bounds.is_none() {
            self.bounds = bounds.as_string::<i32>().iter().flatten().next().map(str::to_owned);
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let Some(bounds) = &self.bounds else { return Ok(ScalarValue::Boolean(Some(false))) };
        let bounds: Bounds = serde_json::from_str(bounds).map_err(|_| misused("these are no bounds of a sequence"))?;
        Ok(ScalarValue::Boolean(Some(Sequence::new(&bounds)?.occurs_in(&self.flat))))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.flat.capacity() * size_of::<i64>() + self.bounds.as_ref().map_or(0, String::capacity)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let flat: Vec<ScalarValue> = self.flat.iter().map(|number| ScalarValue::Int64(Some(*number))).collect();
        let list = ScalarValue::List(ScalarValue::new_list_nullable(&flat, &DataType::Int64));
        Ok(vec![list, ScalarValue::Utf8(self.bounds.clone())])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [lists, bounds] = states else { return Err(misused("did_in_order has two states")) };
        for list in lists.as_list::<i32>().iter().flatten() {
            self.flat.extend(list.as_primitive::<Int64Type>().iter().flatten());
        }
        if self.bounds.is_none() {
            self.bounds = bounds.as_string::<i32>().iter().flatten().next().map(str::to_owned);
        }
        Ok(())
    }
}

struct Sequence {
    zone: Zone,
    whole: Option<Duration>,
    gaps: Vec<Option<Duration>>,
}

/// The different events of an instant, and for each step the numbers of those that could be it.
#[derive(Default)]
struct Moment {
    events: Vec<i64>,
    of_step: BTreeMap<usize, Vec<usize>>,
}

impl Sequence {
    fn new(bounds: &Bounds) -> Result<Sequence> {
        let zone = Zone::by_name(&bounds.zone).ok_or_else(|| misused("no such time zone"))?;
        let duration = |text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => Duration::parse(text).map(Some).ok_or_else(|| misused("no such duration")),
        };
        let gaps = bounds.gaps.iter().map(duration).collect::<Result<_>>()?;
        Ok(Sequence { zone, whole: duration(&bounds.whole)?, gaps })
    }

    fn end(&self, from: i64, duration: Option<Duration>) -> i64 {
        duration.map_or(i64::MAX, |duration| Clock { now: Instant(from), zone: self.zone.clone() }.ahead(duration).0)
    }

    /// `flat` are time, seq and role of each occurrence, in any order.
    fn occurs_in(&self, flat: &[i64]) -> bool {
        let steps = self.gaps.len();
        let mut moments: BTreeMap<i64, Moment> = BTreeMap::new();
        let mut forbidden: Vec<Vec<i64>> = vec![Vec::new(); steps];
        for occurrence in flat.chunks_exact(3) {
            let (time, seq, role) = (occurrence[0], occurrence[1], occurrence[2] as usize);
            if role % 2 == 1 {
                forbidden[role / 2].push(time);
                continue;
            }
            let moment = moments.entry(time).or_default();
            let event = moment.events.iter().position(|known| *known == seq).unwrap_or_else(|| {
                moment.events.push(seq);
                moment.events.len() - 1
            });
            moment.of_step.entry(role / 2).or_default().push(event);
        }
        forbidden.iter_mut().for_each(|times| times.sort_unstable());
        // For each step: the times at which it can be done, with the latest instant by which the last step must follow.
        let mut ends: Vec<BTreeMap<i64, i64>> = vec![BTreeMap::new(); steps];
        for (first, forbidden) in forbidden.iter().enumerate() {
            for (time, moment) in &moments {
                if !moment.of_step.contains_key(&first) {
                    continue;
                }
                let deadline = match first.checked_sub(1) {
                    None => Some(self.end(*time, self.whole)),
                    Some(before) => self.latest(first, *time, &ends[before], forbidden),
                };
                let Some(deadline) = deadline else { continue };
                for end in ends.iter_mut().skip(first).take(moment.longest_run(first)) {
                    let kept = end.entry(*time).or_insert(deadline);
                    *kept = deadline.max(*kept);
                }
            }
        }
        ends.last().is_some_and(|last| !last.is_empty())
    }

    /// The best deadline with which `step` can be done at `time`, the step before it having been done strictly earlier.
    fn latest(&self, step: usize, time: i64, before: &BTreeMap<i64, i64>, forbidden: &[i64]) -> Option<i64> {
        let last_forbidden = forbidden[..forbidden.partition_point(|bad| *bad < time)].last().copied().unwrap_or(i64::MIN);
        let near = before.range(last_forbidden..time).filter(|(_, deadline)| time <= **deadline);
        near.filter(|(previous, _)| time <= self.end(**previous, self.gaps[step])).map(|(_, deadline)| *deadline).max()
    }
}

impl Moment {
    /// How many steps from `first` on can be done here, each by another event.
    fn longest_run(&self, first: usize) -> usize {
        let mut owner: BTreeMap<usize, usize> = BTreeMap::new();
        (first..).take_while(|step| self.assign(*step, &mut owner, &mut Vec::new())).count()
    }

    fn assign(&self, step: usize, owner: &mut BTreeMap<usize, usize>, tried: &mut Vec<usize>) -> bool {
        for event in self.of_step.get(&step).into_iter().flatten() {
            if tried.contains(event) {
                continue;
            }
            tried.push(*event);
            let other = owner.get(event).copied();
            if other.is_none_or(|other| self.assign(other, owner, tried)) {
                owner.insert(*event, step);
                return true;
            }
        }
        false
    }
}
