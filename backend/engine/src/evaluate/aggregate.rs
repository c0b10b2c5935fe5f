//! Event leaves: what each user's matching events add up to, over all chunks and the tail.
//!
//! Every source gives (uid, partial result) pairs sorted by uid; partial results of one user merge in any order. Only users
//! with a matching event appear, so work grows with matching rows, and the others are the complement.

use roaring::RoaringBitmap;
use rollcall_rules::exact::billionths;
use rollcall_rules::{EventLeaf, Filter, Measure, NumberPredicate, NumberTest, Operand, SumTest, ValueType};

use crate::evaluate::Scope;
use crate::evaluate::accumulate::{Accumulator, PerUser};
use crate::evaluate::answers::Answer;
use crate::evaluate::attribute::{AttributeRows, AttributeValues};
use crate::evaluate::distinct::{Identities, Pairs};
use crate::evaluate::filter::{Check, bits};
use crate::evaluate::scan::{Source, Span};
use crate::shard::Shard;
use crate::table::{Table, Values};
use crate::user_set::{UserSet, collect};

/// Users of the shard that satisfy an event leaf.
pub(crate) fn answer(scope: &Scope<'_>, leaf: &EventLeaf, shard: &Shard) -> Answer {
    let span = scope.span(&leaf.window);
    let sources = scope.sources(&leaf.matching, shard, span);
    match &leaf.measure {
        Measure::Count(predicate) => match of_any(predicate) {
            Some(holds) => Answer { selected: users(scope, &sources, span), complement: !holds },
            None => by_count(scope, &sources, span, predicate),
        },
        Measure::Days(predicate) => by_number(predicate, active_days(scope, &sources, span)),
        Measure::Distinct { of, predicate } => by_number(predicate, distinct(&sources, of, span)),
        Measure::Sum { of, test, negated } => {
            let holds = |sum: i128| test.holds(sum, 1) != *negated;
            finish(sums(scope, &sources, of, span), holds(0), |(sum, _)| holds(*sum))
        }
        Measure::Avg { of, test, negated } => Answer::of(mean(sums(scope, &sources, of, span), test, *negated)),
        Measure::Min { of, predicate } => Answer::of(extreme(extremes(scope, &sources, of, span, f64::min), predicate)),
        Measure::Max { of, predicate } => Answer::of(extreme(extremes(scope, &sources, of, span, f64::max), predicate)),
        Measure::First { condition } => Answer::of(chosen(scope, &sources, condition, span, false)),
        Measure::Last { condition } => Answer::of(chosen(scope, &sources, condition, span, true)),
    }
}

/// Whether a condition on a count asks only if there is any, and then what it says of those who have one.
fn of_any(predicate: &NumberPredicate) -> Option<bool> {
    use NumberTest::{Gt, Gte, Lt, Lte};
    let (none, one) = (predicate.test.holds(0.0), predicate.test.holds(1.0));
    let growing = matches!(predicate.test, Gt(_) | Gte(_) | Lt(_) | Lte(_));
    let nothing_but_zero = matches!(&predicate.test, NumberTest::OneOf(numbers) if numbers.iter().all(|number| *number == 0.0));
    ((growing || nothing_but_zero) && none != one).then_some(one != predicate.negated)
}

/// The counts that a test accepts, both ends included, if they are a range.
fn range_of(test: &NumberTest) -> Option<(u64, u64)> {
    let (low, high) = match test {
        NumberTest::Gt(x) => (x.floor() + 1.0, f64::INFINITY),
        NumberTest::Gte(x) => (x.ceil(), f64::INFINITY),
        NumberTest::Lt(x) => (0.0, x.ceil() - 1.0),
        NumberTest::Lte(x) => (0.0, x.floor()),
        NumberTest::Between(low, high) => (low.ceil(), high.floor()),
        NumberTest::OneOf(_) => return None,
    };
    // Casts saturate; a range that ends below zero accepts nothing.
    Some(if high < 0.0 { (1, 0) } else { (low.max(0.0) as u64, high as u64) })
}

/// Users whose number of matching rows holds.
fn by_count(scope: &Scope<'_>, sources: &[Source<'_>], span: Span, predicate: &NumberPredicate) -> Answer {
    let touched = sources.iter().map(Source::most_users).sum();
    if !Accumulator::<u64>::is_dense(scope.users, touched, sources.len()) {
        return by_number(predicate, count(scope, sources, span));
    }
    let mut counts = vec![0_u64; scope.users as usize];
    for source in sources {
        source.counts(span, |uid, rows| counts[uid as usize] += rows);
    }
    let zero_holds = predicate.holds(0.0);
    let found = match range_of(&predicate.test) {
        Some((low, high)) => {
            let wanted = predicate.negated == zero_holds;
            bits(&counts, |count| (count > 0) & (((low <= count) & (count <= high)) == wanted))
        }
        None => bits(&counts, |count| (count > 0) & (predicate.holds(count as f64) != zero_holds)),
    };
    Answer { selected: RoaringBitmap::from_lsb0_bytes(0, bytemuck::cast_slice(&found)), complement: zero_holds }
}

/// Who has a matching row.
pub(crate) fn users(scope: &Scope<'_>, sources: &[Source<'_>], span: Span) -> RoaringBitmap {
    let mut users = UserSet::new(scope.users, sources.iter().map(Source::most_users).sum());
    sources.iter().for_each(|source| source.users(span, |uid| users.add(uid)));
    users.finish()
}

/// Results of which 0 stands for users without a matching event.
fn by_number(predicate: &NumberPredicate, counts: PerUser<u64>) -> Answer {
    finish(counts, predicate.holds(0.0), |count| predicate.holds(*count as f64))
}

/// Users whose result holds; if that of no event holds, everybody but those whose result does not.
fn finish<S>(results: PerUser<S>, zero_holds: bool, holds: impl Fn(&S) -> bool) -> Answer {
    let selected = collect(results.iter().filter(|(_, result)| holds(result) != zero_holds).map(|(uid, _)| *uid));
    Answer { selected, complement: zero_holds }
}

/// An accumulator for the users that the sources can have.
pub(crate) fn accumulator<S: Copy>(scope: &Scope<'_>, sources: &[Source<'_>]) -> Accumulator<S> {
    Accumulator::new(scope.users, sources.iter().map(Source::most_users).sum(), sources.len())
}

/// Folds the matching rows of each user.
fn fold<S: Copy>(
    scope: &Scope<'_>,
    sources: &[Source<'_>],
    span: Span,
    start: S,
    add: impl Fn(usize, S, usize) -> S,
    merge: impl Fn(S, S) -> S,
) -> PerUser<S> {
    let mut states = accumulator(scope, sources);
    for (number, source) in sources.iter().enumerate() {
        states.begin(source.grouped());
        // A user's rows mostly come together: they are folded in place and handed over once.
        let mut run: Option<(u32, S)> = None;
        let mut hand_over = |(uid, state): (u32, S)| states.update(uid, |kept| kept.map_or(state, |kept| merge(kept, state)));
        source.matching(span, |uid, row| match &mut run {
            Some((last, state)) if *last == uid => *state = add(number, *state, row),
            _ => {
                if let Some(done) = run.replace((uid, add(number, start, row))) {
                    hand_over(done);
                }
            }
        });
        if let Some(done) = run {
            hand_over(done);
        }
    }
    states.finish(merge)
}

/// Number of matching rows.
pub(crate) fn count(scope: &Scope<'_>, sources: &[Source<'_>], span: Span) -> PerUser<u64> {
    let mut counts = accumulator(scope, sources);
    for source in sources {
        counts.begin(source.grouped());
        source.counts(span, |uid, rows| counts.update(uid, |count| count.unwrap_or(0) + rows));
    }
    counts.finish(|a, b| a + b)
}

/// A bit for each user of the shard and day may take so many bytes; beyond that, pairs are sorted.
const CALENDAR_BYTES: usize = 16 << 20;

/// Number of days with a matching row.
pub(crate) fn active_days(scope: &Scope<'_>, sources: &[Source<'_>], span: Span) -> PerUser<u64> {
    let days = scope.days();
    let oldest = sources.iter().map(|source| source.table.min_time).min().unwrap_or(0).max(span.from);
    let newest = sources.iter().map(|source| source.table.max_time).max().unwrap_or(0).min(span.to.saturating_sub(1));
    // A day more at each end: where clocks go back over midnight, days do not follow time.
    let first = days.of(oldest) - 1;
    let words = (days.of(newest).saturating_sub(first).max(0) as usize + 2).div_ceil(64);
    if sources.len() > 1 && (scope.users as usize).saturating_mul(words * 8) <= CALENDAR_BYTES {
        let mut calendar = vec![0_u64; scope.users as usize * words];
        for source in sources {
            source.matching(span, |uid, row| {
                let day = (days.of(source.table.times[row]) - first) as usize;
                calendar[uid as usize * words + day / 64] |= 1 << (day % 64);
            });
        }
        let count = |bits: &[u64]| bits.iter().map(|word| u64::from(word.count_ones())).sum();
        return calendar
            .chunks(words)
            .map(count)
            .zip(0..)
            .filter(|(count, _)| *count > 0)
            .map(|(count, uid)| (uid, count))
            .collect();
    }
    let mut pairs = Pairs::default();
    for source in sources {
        pairs.begin();
        source.matching(span, |uid, row| pairs.push(uid, days.of(source.table.times[row]) as u32));
    }
    pairs.per_user()
}

/// The numbers that an aggregate computes over, in one source.
struct Numbers<'a> {
    column: &'a [f64],
    attribute: Option<(AttributeRows<'a>, &'a AttributeValues<'a>)>,
}

impl<'a> Numbers<'a> {
    fn of(sources: &[Source<'a>], of: &Operand, attribute: Option<&'a AttributeValues<'a>>) -> Vec<Numbers<'a>> {
        let column = |source: &Source<'a>| {
            let columns = source.table.columns.at(of.path());
            let numbers = columns.into_iter().find(|column| column.value_type == ValueType::Number);
            match numbers.map(|column| column.values) {
                Some(Values::Numbers(numbers)) => numbers,
                _ => &[],
            }
        };
        let bound = |source: &Source<'a>| attribute.map(|attribute| (attribute.bind(source.table), attribute));
        sources.iter().map(|source| Numbers { column: column(source), attribute: bound(source) }).collect()
    }

    /// The number of a row.
    #[inline]
    fn get(&self, row: usize) -> Option<f64> {
        let literal = self.column.get(row).copied().filter(|number| !number.is_nan());
        match &self.attribute {
            Some((rows, values)) if literal.is_none() => {
                rows.position(row).map(|position| values.number(position)).filter(|number| !number.is_nan())
            }
            _ => literal,
        }
    }
}

/// Number of distinct set values; users without any are missing.
pub(crate) fn distinct(sources: &[Source<'_>], of: &Operand, span: Span) -> PerUser<u64> {
    let attribute = of.attribute().map(AttributeValues::new);
    let mut identities = Identities::default();
    let mut pairs = Pairs::default();
    for source in sources {
        identities.pairs(source, of.path(), span, &mut pairs);
    }
    if let Some(attribute) = &attribute {
        let known: Vec<Vec<u32>> = attribute.values().map(|value| identities.of_value(value)).collect();
        for source in sources {
            let rows = attribute.bind(source.table);
            pairs.begin();
            source.matching(span, |uid, row| {
                for value in rows.position(row).map_or(&[][..], |position| &known[position]) {
                    pairs.push(uid, *value);
                }
            });
        }
    }
    pairs.per_user()
}

/// Sum in billionths and number of values that took part.
pub(crate) fn sums(scope: &Scope<'_>, sources: &[Source<'_>], of: &Operand, span: Span) -> PerUser<(i128, u64)> {
    let attribute = of.attribute().map(AttributeValues::new);
    let numbers = Numbers::of(sources, of, attribute.as_ref());
    let add = |source: usize, (sum, values): (i128, u64), row| {
        let part = numbers[source].get(row).and_then(quick_billionths);
        part.map_or((sum, values), |part| (sum + part, values + 1))
    };
    let merge = |a: (i128, u64), b: (i128, u64)| (a.0 + b.0, a.1 + b.1);
    if attribute.is_some() || !sources.iter().all(Source::is_runs) {
        return fold(scope, sources, span, (0, 0), add, merge);
    }
    let mut states = accumulator(scope, sources);
    for (number, source) in sources.iter().enumerate() {
        states.begin(true);
        let column = numbers[number].column;
        source.runs(span, |uid, rows| {
            if !rows.is_empty() {
                let whole = column.get(rows.clone()).and_then(whole_sum);
                let sum = whole.unwrap_or_else(|| rows.fold((0, 0), |sum, row| add(number, sum, row)));
                states.update(uid, |kept| kept.map_or(sum, |kept| merge(kept, sum)));
            }
        });
    }
    states.finish(merge)
}

/// The sum in billionths and the number of values, if all are whole numbers of everyday size.
fn whole_sum(values: &[f64]) -> Option<(i128, u64)> {
    let (mut sum, mut whole) = (0_i64, true);
    for value in values {
        let cut = *value as i64;
        // NaN, which stands for "no value", is equal to nothing.
        whole &= (cut as f64 == *value) & (cut.unsigned_abs() < 1 << 31);
        sum = sum.wrapping_add(cut);
    }
    (whole && values.len() < 1 << 31).then(|| (i128::from(sum) * 1_000_000_000, values.len() as u64))
}

/// [`billionths`], without 128-bit conversions and calls to round for numbers of everyday size.
#[inline]
fn quick_billionths(value: f64) -> Option<i128> {
    if value.abs() >= 9e9 {
        return billionths(value);
    }
    let whole = value as i64;
    if whole as f64 == value {
        return Some(i128::from(whole * 1_000_000_000));
    }
    let product = value * 1e9;
    let cut = product as i64;
    // The difference is exact: it is the fraction of the product.
    let rest = product - cut as f64;
    Some(i128::from(cut + i64::from(rest >= 0.5) - i64::from(rest <= -0.5)))
}

fn mean(sums: PerUser<(i128, u64)>, test: &SumTest, negated: bool) -> RoaringBitmap {
    let holds = |(sum, values): &(i128, u64)| *values > 0 && test.holds(*sum, *values) != negated;
    collect(sums.iter().filter(|(_, sum)| holds(sum)).map(|(uid, _)| *uid))
}

/// The smallest or greatest number, NaN without any.
pub(crate) fn extremes(
    scope: &Scope<'_>,
    sources: &[Source<'_>],
    of: &Operand,
    span: Span,
    choose: fn(f64, f64) -> f64,
) -> PerUser<f64> {
    let attribute = of.attribute().map(AttributeValues::new);
    let numbers = Numbers::of(sources, of, attribute.as_ref());
    // `min` and `max` of doubles ignore NaN, which stands for "no value".
    let add = |source: usize, best, row| numbers[source].get(row).map_or(best, |number| choose(best, number));
    fold(scope, sources, span, f64::NAN, add, choose)
}

fn extreme(extremes: PerUser<f64>, predicate: &NumberPredicate) -> RoaringBitmap {
    collect(extremes.iter().filter(|(_, best)| !best.is_nan() && predicate.holds(*best)).map(|(uid, _)| *uid))
}

/// Where a user's first or last matching row is.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub time: i64,
    pub seq: u64,
    pub source: u32,
    pub row: u32,
}

impl Place {
    /// Where a row of a source is.
    pub fn of(table: &Table<'_>, source: usize, row: usize) -> Place {
        Place { time: table.times[row], seq: table.seqs.get(row), source: source as u32, row: row as u32 }
    }

    /// The later of two.
    pub fn later(self, other: Place) -> Place {
        if (other.time, other.seq) > (self.time, self.seq) { other } else { self }
    }

    fn earlier(self, other: Place) -> Place {
        if (other.time, other.seq) < (self.time, self.seq) { other } else { self }
    }

    /// Whether its row satisfies the check of its source.
    pub fn satisfies(&self, checks: &[Check<'_>]) -> bool {
        checks[self.source as usize].holds(self.row as usize)
    }
}

/// Users whose first or last matching row satisfies a condition.
fn chosen(scope: &Scope<'_>, sources: &[Source<'_>], condition: &Filter, span: Span, last: bool) -> RoaringBitmap {
    let better = if last { Place::later } else { Place::earlier };
    let mut places = accumulator(scope, sources);
    for (number, source) in sources.iter().enumerate() {
        places.begin(source.grouped());
        source.ends(span, last, |uid, row| {
            let place = Place::of(&source.table, number, row);
            places.update(uid, |best: Option<Place>| best.map_or(place, |best| better(best, place)));
        });
    }
    let checks: Vec<Check<'_>> = sources.iter().map(|source| Check::filter(source.table, condition, &scope.clock)).collect();
    let places = places.finish(better);
    collect(places.iter().filter(|(_, place)| place.satisfies(&checks)).map(|(uid, _)| *uid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_counts_accept_what_the_tests_do() {
        use NumberTest::{Between, Gt, Gte, Lt, Lte};
        for x in [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 2.5, 3.0, 1e300, -1e300] {
            for test in [Gt(x), Gte(x), Lt(x), Lte(x), Between(x, 2.5), Between(0.5, x)] {
                let (low, high) = range_of(&test).unwrap();
                for count in 0..6_u64 {
                    assert_eq!((low..=high).contains(&count), test.holds(count as f64), "{test:?} of {count}");
                }
            }
        }
    }

    #[test]
    fn whole_numbers_add_up_to_the_same() {
        assert_eq!(whole_sum(&[1.0, -2.0, 3e9, 0.0]), None, "not of everyday size");
        assert_eq!(whole_sum(&[1.0, -2.0, 3e8, -0.0]), Some((299_999_999 * 1_000_000_000, 4)));
        assert_eq!([&[1.5][..], &[f64::NAN], &[f64::INFINITY], &[-1e300]].map(whole_sum), [None; 4]);
    }

    #[test]
    fn quick_billionths_are_the_same() {
        let halves =
            [0.5e-9, 1.5e-9, 2.5e-9, 0.1, 0.2, 0.3, 1.0 / 3.0, 4.35, 1e-12, 8_999_999_999.9, 9e9, 1e15 + 0.5, 1e20, 1e21];
        let steps = (0..20_000).map(|step| f64::from(step) * 0.137 + 1e-9 * f64::from(step) / 2.0);
        for value in halves.into_iter().chain(steps).flat_map(|value| [value, -value]) {
            assert_eq!(quick_billionths(value), billionths(value), "{value}");
        }
    }
}
