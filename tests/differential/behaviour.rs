//! Random sequences, habits and rankings, and what they mean.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollcall_rules::exact::billionths;
use rollcall_rules::time::Unit;
use rollcall_rules::{
    Attribute, Catalogue, CatalogueRow, CatalogueVersion, Clock, Duration, EventFact, FirstTimeLeaf, Instant, Linked, Operand,
    Percent, RankBy, Ranking, RegularLeaf, SequenceLeaf, Step, TopSize, ValueType,
};

use super::dice::Dice;
use super::naive::{distinct_days, distinct_values, numbers};

/// What the rows of catalogues have.
const ATTRIBUTES: [(&str, ValueType); 8] = [
    ("b", ValueType::Boolean),
    ("d", ValueType::Date),
    ("n", ValueType::Number),
    ("nl", ValueType::NumberList),
    ("o", ValueType::Object),
    ("s", ValueType::String),
    ("sl", ValueType::StringList),
    ("t", ValueType::DateTime),
];

impl Dice {
    pub fn sequence(&mut self) -> SequenceLeaf {
        let count = 1 + self.below(4);
        let steps = (0..count).map(|at| self.step(at == 0)).collect();
        SequenceLeaf { steps, window: self.window(), within: self.one_in(2).then(|| self.gap()) }
    }

    fn step(&mut self, first: bool) -> Step {
        let within = (!first && self.one_in(2)).then(|| self.gap());
        let without = (!first && self.one_in(3)).then(|| self.matching());
        Step { matching: self.matching(), within, without }
    }

    fn gap(&mut self) -> Duration {
        if self.one_in(8) { Duration { amount: 1, unit: Unit::Month } } else { self.duration() }
    }

    pub fn first_time(&mut self) -> FirstTimeLeaf {
        FirstTimeLeaf { matching: self.matching(), window: self.window() }
    }

    pub fn regular(&mut self) -> RegularLeaf {
        let periods = 1 + self.below(5) as u32;
        let min_periods = 1 + self.below(u64::from(periods)) as u32;
        RegularLeaf { matching: self.matching(), period: self.gap(), periods, min_periods, count: 1 + self.below(3) }
    }

    /// An attribute of the rows of a small catalogue. Some events have its path as a literal key.
    fn attribute(&mut self, attributes: &[&str]) -> Attribute {
        let types = BTreeMap::from(ATTRIBUTES.map(|(name, of)| (name.to_owned(), of)));
        // Two catalogues never have the same version.
        let version = CatalogueVersion { id: self.0.to_string(), version: 1 };
        let mut catalogue = Catalogue { version, attributes: types, ..Catalogue::default() };
        let texts: Vec<String> = (0..3).map(|_| self.text()).collect();
        for key in ["x", "X", "1", "2.5", "0.1", "true"].into_iter().map(str::to_owned).chain(texts) {
            let mut attributes = BTreeMap::new();
            for (name, value_type) in ATTRIBUTES {
                if !self.one_in(6) {
                    attributes.insert(name.to_owned(), self.value(value_type));
                }
            }
            if !self.one_in(4) {
                catalogue.rows.insert(key, CatalogueRow { attributes, ..CatalogueRow::default() });
            }
        }
        let (key, attribute) = (self.pick(&["s", "n", "b", "mixed", "sl"]), self.pick(attributes));
        Attribute {
            path: format!("{key}.{attribute}"),
            key: key.to_owned(),
            attribute: attribute.to_owned(),
            catalogue: Arc::new(catalogue),
        }
    }

    /// A condition on an attribute.
    pub fn linked(&mut self) -> Linked {
        let Attribute { path, key, attribute, catalogue } = self.attribute(&["s", "n", "t", "t", "none"]);
        let predicate = self.predicate(&attribute);
        Linked { path, key, attribute, catalogue, predicate }
    }

    /// What is computed over: values of any type, or mostly numbers.
    pub fn operand(&mut self, numeric: bool) -> Operand {
        let names: Vec<&str> = ATTRIBUTES.iter().map(|(name, _)| *name).chain(["none"]).collect();
        match (self.one_in(3), numeric) {
            (true, true) => Operand::Attribute(self.attribute(&["n", "n", "n", "nl", "s"])),
            (true, false) => Operand::Attribute(self.attribute(&names)),
            (false, true) => Operand::Property(self.pick(&["n", "n", "mixed", "nl"]).to_owned()),
            (false, false) => Operand::Property(self.path().to_owned()),
        }
    }

    pub fn top_size(&mut self) -> TopSize {
        if self.one_in(2) {
            return TopSize::Count(1 + self.below(6));
        }
        TopSize::Percent(Percent::parse(self.pick(&["10", "33.3", "50", "100", "0.001"])).unwrap())
    }

    pub fn ranking(&mut self) -> Ranking {
        let by = match self.below(8) {
            0 => RankBy::Days,
            1 => RankBy::Distinct(self.operand(false)),
            2 => RankBy::Sum(self.operand(true)),
            3 => RankBy::Avg(self.operand(true)),
            4 => RankBy::Min(self.operand(true)),
            5 => RankBy::Max(self.operand(true)),
            _ => RankBy::Count,
        };
        Ranking { matching: self.matching(), window: self.window(), by }
    }
}

/// Whether any choice of different events fits, by trying them all. `roles` are, for each step, the user's events that could be
/// it and those that may not lie before it; all sorted by time.
pub fn did_in_order(leaf: &SequenceLeaf, roles: &[(Vec<&EventFact>, Vec<&EventFact>)], clock: &Clock) -> bool {
    choose(leaf, roles, &mut Vec::new(), clock)
}

fn choose<'a>(
    leaf: &SequenceLeaf,
    roles: &[(Vec<&'a EventFact>, Vec<&EventFact>)],
    chosen: &mut Vec<&'a EventFact>,
    clock: &Clock,
) -> bool {
    let Some((events, forbidden)) = roles.get(chosen.len()) else { return true };
    let step = &leaf.steps[chosen.len()];
    let after = |from: Instant, duration: Duration| Clock { now: from, zone: clock.zone.clone() }.ahead(duration);
    for event in events {
        let follows = chosen.last().is_none_or(|previous| {
            previous.time <= event.time
                && step.within.is_none_or(|gap| event.time <= after(previous.time, gap))
                && !forbidden.iter().any(|bad| previous.time < bad.time && bad.time < event.time)
        });
        let soon = chosen.first().zip(leaf.within).is_none_or(|(first, whole)| event.time <= after(first.time, whole));
        if !follows || !soon || chosen.iter().any(|other| other.seq == event.seq) {
            continue;
        }
        chosen.push(event);
        if choose(leaf, roles, chosen, clock) {
            return true;
        }
        chosen.pop();
    }
    false
}

/// Whether enough periods have enough events.
pub fn is_regular(leaf: &RegularLeaf, events: &[&EventFact], clock: &Clock) -> bool {
    let edge = |times: u32| clock.ago(Duration { amount: leaf.period.amount * times, ..leaf.period });
    let active = (0..leaf.periods).filter(|period| {
        let inside = |event: &&&EventFact| {
            let newest = if *period == 0 { event.time <= clock.now } else { event.time < edge(*period) };
            newest && edge(period + 1) <= event.time
        };
        events.iter().filter(inside).count() as u64 >= leaf.count
    });
    active.count() as u64 >= u64::from(leaf.min_periods)
}

/// What a user is ranked by, as numerator and denominator; numbers in their order of size.
pub fn score(by: &RankBy, events: &[&EventFact], clock: &Clock) -> Option<(i128, i128)> {
    let sum = |of: &Operand| -> Vec<i128> { numbers(events, of).into_iter().filter_map(billionths).collect() };
    let ordered = |number: f64| {
        let bits = (number + 0.0).to_bits() as i64;
        (i128::from(if bits < 0 { i64::MIN - bits } else { bits }), 1)
    };
    if events.is_empty() {
        return None;
    }
    match by {
        RankBy::Count => Some((events.len() as i128, 1)),
        RankBy::Days => Some((distinct_days(events, clock) as i128, 1)),
        RankBy::Distinct(of) => Some((distinct_values(events, of) as i128, 1)),
        RankBy::Sum(of) => Some((sum(of).into_iter().sum(), 1)),
        RankBy::Avg(of) => {
            let parts = sum(of);
            (!parts.is_empty()).then(|| (parts.iter().sum(), parts.len() as i128))
        }
        RankBy::Min(of) => numbers(events, of).into_iter().min_by(f64::total_cmp).map(ordered),
        RankBy::Max(of) => numbers(events, of).into_iter().max_by(f64::total_cmp).map(ordered),
    }
}

/// The best, and all who tie with the last of them.
pub fn best(size: TopSize, scores: &BTreeMap<String, (i128, i128)>) -> Vec<String> {
    let beats = |a: &(i128, i128), b: &(i128, i128)| a.0 * b.1 > b.0 * a.1;
    let kept = size.of(scores.len() as u64);
    // A user is kept if fewer than so many are better.
    let better = |score: &(i128, i128)| scores.values().filter(|other| beats(other, score)).count() as u64;
    scores.iter().filter(|(_, score)| better(score) < kept).map(|(user, _)| user.clone()).collect()
}
