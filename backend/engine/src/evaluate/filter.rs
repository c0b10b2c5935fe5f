//! Conditions bound to the columns of one table, so that a test on a text runs once per distinct text, not once per row.

use std::cell::RefCell;

use rollcall_rules::{Clock, Day, Filter, Instant, NumberTest, PathPredicate, StringTest, Test, TimeTest, predicate::fold};
use rustc_hash::FxHashMap;

use crate::table::{Codes, Column, Dictionary, Lists, NO_DAY, NO_INSTANT, Postings, Table, Values};

/// A condition on rows of one table.
pub(crate) enum Check<'a> {
    /// Holds always or never.
    Constant(bool),
    /// The row's text is one of those accepted.
    Text {
        codes: Codes<'a>,
        /// By code; `accepted[0]`, "no value", is false.
        accepted: Vec<bool>,
        /// Their positions in the dictionary, growing.
        positions: Vec<u32>,
        postings: Option<Postings<'a>>,
    },
    Number(&'a [f64], &'a NumberTest),
    /// The stored form of the wanted boolean.
    Boolean(&'a [u8], u8),
    /// `from <= instant < to`.
    Between(&'a [i64], i64, i64),
    /// Any other test on an instant.
    Instant(&'a [i64], &'a TimeTest, &'a Clock),
    /// A test on a day, remembered by day.
    Day(&'a [i32], &'a TimeTest, &'a Clock, RefCell<FxHashMap<i32, bool>>),
    /// Any element is accepted (by dictionary position).
    AnyText(Lists<'a>, &'a [u32], Vec<bool>),
    /// Each of these sets of dictionary positions has an element in the list.
    EachText(Lists<'a>, &'a [u32], Vec<Vec<u32>>),
    AnyNumber(Lists<'a>, &'a [f64], &'a NumberTest),
    EachNumber(Lists<'a>, &'a [f64], &'a [f64]),
    Set(Column<'a>),
    All(Vec<Check<'a>>),
    Any(Vec<Check<'a>>),
    Not(Box<Check<'a>>),
}

impl<'a> Check<'a> {
    /// All of a leaf's filters.
    pub fn filters(table: Table<'a>, filters: &'a [Filter], clock: &'a Clock) -> Check<'a> {
        all(filters.iter().map(|filter| Check::filter(table, filter, clock)).collect())
    }

    /// One filter.
    pub fn filter(table: Table<'a>, filter: &'a Filter, clock: &'a Clock) -> Check<'a> {
        match filter {
            Filter::Property { path, predicate } => Check::predicate(table, path, predicate, clock),
            // Attributes were resolved before the evaluation.
            Filter::Linked(_) => Check::Constant(false),
            Filter::All(filters) => Check::filters(table, filters, clock),
            Filter::Any(filters) => any(filters.iter().map(|filter| Check::filter(table, filter, clock)).collect()),
            Filter::Not(filter) => not(Check::filter(table, filter, clock)),
        }
    }

    /// One condition on the value at a path.
    pub fn predicate(table: Table<'a>, path: &str, predicate: &'a PathPredicate, clock: &'a Clock) -> Check<'a> {
        let positive = Check::positive(table, path, predicate, clock);
        if predicate.negated { not(positive) } else { positive }
    }

    /// The positive tests of a condition, whether or not it is negated.
    pub fn positive(table: Table<'a>, path: &str, predicate: &'a PathPredicate, clock: &'a Clock) -> Check<'a> {
        let columns = table.columns.at(path).into_iter();
        any(columns.filter_map(|column| Some(Check::test(predicate.test_for(column.value_type)?, column, clock))).collect())
    }

    fn test(test: &'a Test, column: Column<'a>, clock: &'a Clock) -> Check<'a> {
        match (test, column.values.clone()) {
            (Test::IsSet, _) => Check::Set(column),
            (Test::String(test), Values::Texts { codes, dictionary, postings })
                if column.value_type == rollcall_rules::ValueType::String =>
            {
                text(codes, accepted(test, &dictionary, true), postings)
            }
            (Test::String(test), Values::TextLists { lists, elements, dictionary }) => {
                Check::AnyText(lists, elements, accepted(test, &dictionary, false))
            }
            (Test::Number(test), Values::Numbers(numbers)) => Check::Number(numbers, test),
            (Test::Number(test), Values::NumberLists { lists, elements }) => Check::AnyNumber(lists, elements, test),
            (Test::Boolean(wanted), Values::Booleans(booleans)) => Check::Boolean(booleans, 1 + u8::from(*wanted)),
            (Test::Time(test), Values::Instants(instants)) => match test.range(clock) {
                Some(range) => {
                    let from = range.from.map_or(NO_INSTANT + 1, |from| from.0.max(NO_INSTANT + 1));
                    // An open end excludes only the very last microsecond of time.
                    Check::Between(instants, from, range.to.map_or(i64::MAX, |to| to.0))
                }
                None => Check::Instant(instants, test, clock),
            },
            (Test::Time(test), Values::Days(days)) => Check::Day(days, test, clock, RefCell::default()),
            (Test::HasAllStrings { wanted, ignore_case }, Values::TextLists { lists, elements, dictionary }) => {
                let sets = wanted.iter().map(|text| positions(text, *ignore_case, &dictionary)).collect();
                Check::EachText(lists, elements, sets)
            }
            (Test::HasAllNumbers(wanted), Values::NumberLists { lists, elements }) => Check::EachNumber(lists, elements, wanted),
            _ => Check::Constant(false),
        }
    }

    /// Whether a row satisfies it.
    pub fn holds(&self, row: usize) -> bool {
        match self {
            Check::Constant(holds) => *holds,
            Check::Text { codes, accepted, .. } => accepted[codes.get(row) as usize],
            // No test holds for NaN, which stands for "no value".
            Check::Number(numbers, test) => numbers.get(row).is_some_and(|number| test.holds(*number)),
            Check::Boolean(booleans, wanted) => booleans.get(row) == Some(wanted),
            Check::Between(instants, from, to) => instants.get(row).is_some_and(|t| from <= t && t < to),
            Check::Instant(instants, test, clock) => {
                instants.get(row).is_some_and(|t| *t != NO_INSTANT && test.holds_instant(Instant(*t), clock))
            }
            Check::Day(days, test, clock, known) => match days.get(row) {
                Some(day) if *day != NO_DAY => {
                    *known.borrow_mut().entry(*day).or_insert_with(|| test.holds_day(Day(*day), clock))
                }
                _ => false,
            },
            Check::AnyText(lists, elements, accepted) => {
                lists.range(row).is_some_and(|range| elements[range].iter().any(|at| accepted[*at as usize]))
            }
            Check::EachText(lists, elements, wanted) => lists.range(row).is_some_and(|range| {
                let list = &elements[range];
                wanted.iter().all(|set| list.iter().any(|at| set.contains(at)))
            }),
            Check::AnyNumber(lists, elements, test) => {
                lists.range(row).is_some_and(|range| elements[range].iter().any(|number| test.holds(*number)))
            }
            Check::EachNumber(lists, elements, wanted) => {
                lists.range(row).is_some_and(|range| wanted.iter().all(|number| elements[range.clone()].contains(number)))
            }
            Check::Set(column) => column.is_set(row),
            Check::All(checks) => checks.iter().all(|check| check.holds(row)),
            Check::Any(checks) => checks.iter().any(|check| check.holds(row)),
            Check::Not(check) => !check.holds(row),
        }
    }

    /// Whether it costs little more to look at all rows than at some.
    pub fn is_quick(&self) -> bool {
        match self {
            Check::Constant(_) | Check::Number(..) | Check::Boolean(..) => true,
            Check::Text { codes, .. } => matches!(codes, Codes::Narrow(_) | Codes::Medium(_)),
            Check::All(checks) | Check::Any(checks) => checks.iter().all(Check::is_quick),
            Check::Not(check) => check.is_quick(),
            _ => false,
        }
    }

    /// One bit per row of a table with `rows` rows; bits beyond the end are zero.
    pub fn mask(&self, rows: usize) -> Vec<u64> {
        match self {
            Check::Constant(holds) => fill(rows, |_| *holds),
            Check::Text { codes: Codes::Narrow(codes), accepted, .. } if codes.len() == rows => {
                let mut table = [false; 256];
                table[..accepted.len().min(256)].copy_from_slice(&accepted[..accepted.len().min(256)]);
                bits(codes, |code| table[code as usize])
            }
            Check::Text { codes: Codes::Medium(codes), accepted, .. } if codes.len() == rows => {
                bits(codes, |code| accepted[code as usize])
            }
            Check::Number(numbers, test) if numbers.len() == rows => match *test {
                NumberTest::Gt(x) => bits(numbers, |number| number > *x),
                NumberTest::Gte(x) => bits(numbers, |number| number >= *x),
                NumberTest::Lt(x) => bits(numbers, |number| number < *x),
                NumberTest::Lte(x) => bits(numbers, |number| number <= *x),
                NumberTest::Between(low, high) => bits(numbers, |number| (*low <= number) & (number <= *high)),
                NumberTest::OneOf(_) => bits(numbers, |number| test.holds(number)),
            },
            Check::Boolean(booleans, wanted) if booleans.len() == rows => bits(booleans, |boolean| boolean == *wanted),
            Check::All(checks) => combine(checks, rows, |a, b| a & b),
            Check::Any(checks) => combine(checks, rows, |a, b| a | b),
            Check::Not(check) => {
                let mut mask = check.mask(rows);
                mask.iter_mut().for_each(|word| *word = !*word);
                if let (Some(last), tail @ 1..) = (mask.last_mut(), rows % 64) {
                    *last &= (1 << tail) - 1;
                }
                mask
            }
            _ => fill(rows, |row| self.holds(row)),
        }
    }

    /// Rows among which all that hold are, growing, if there are at most `limit` and they can be found without a scan.
    pub fn candidates(&self, limit: usize) -> Option<Vec<u32>> {
        match self {
            Check::Constant(false) => Some(Vec::new()),
            Check::Text { positions, postings: Some(postings), .. } => {
                let runs = || positions.iter().map(|position| postings.rows_of(*position as usize));
                let mut total = 0;
                for run in runs() {
                    total += run.len();
                    if total > limit {
                        return None;
                    }
                }
                let mut rows = Vec::with_capacity(total);
                runs().for_each(|run| rows.extend_from_slice(run));
                if positions.len() > 1 {
                    // Each text's rows are sorted runs already.
                    rows.sort();
                }
                Some(rows)
            }
            Check::All(checks) => checks.iter().filter_map(|check| check.candidates(limit)).min_by_key(Vec::len),
            Check::Any(checks) => {
                let mut rows = Vec::new();
                for check in checks {
                    rows.extend(check.candidates(limit.checked_sub(rows.len())?)?);
                }
                rows.sort();
                rows.dedup();
                Some(rows)
            }
            _ => None,
        }
    }
}

/// One bit for each item, lanes first, so that comparing is vectorised.
pub(crate) fn bits<T: Copy>(items: &[T], holds: impl Fn(T) -> bool) -> Vec<u64> {
    /// Moves the lowest bit of each byte into the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let word = |items: &[T]| {
        let mut lanes = [0_u8; 64];
        lanes.iter_mut().zip(items).for_each(|(lane, item)| *lane = u8::from(holds(*item)));
        let eight = |lanes: &[u8; 8]| u64::from_le_bytes(*lanes).wrapping_mul(GATHER) >> 56;
        lanes.as_chunks().0.iter().rev().fold(0, |word, lanes| word << 8 | eight(lanes))
    };
    items.chunks(64).map(word).collect()
}

fn fill(rows: usize, holds: impl Fn(usize) -> bool) -> Vec<u64> {
    (0..rows.div_ceil(64))
        .map(|word| {
            let start = word * 64;
            (start..rows.min(start + 64)).fold(0, |bits, row| bits | u64::from(holds(row)) << (row - start))
        })
        .collect()
}

fn combine(checks: &[Check<'_>], rows: usize, operation: impl Fn(u64, u64) -> u64) -> Vec<u64> {
    let mut masks = checks.iter().map(|check| check.mask(rows));
    let mut all = masks.next().unwrap_or_default();
    for mask in masks {
        all.iter_mut().zip(mask).for_each(|(word, other)| *word = operation(*word, other));
    }
    all
}

fn all(mut checks: Vec<Check<'_>>) -> Check<'_> {
    if checks.iter().any(|check| matches!(check, Check::Constant(false))) {
        return Check::Constant(false);
    }
    checks.retain(|check| !matches!(check, Check::Constant(true)));
    match checks.len() {
        0 => Check::Constant(true),
        1 => checks.swap_remove(0),
        _ => Check::All(checks),
    }
}

fn any(mut checks: Vec<Check<'_>>) -> Check<'_> {
    if checks.iter().any(|check| matches!(check, Check::Constant(true))) {
        return Check::Constant(true);
    }
    checks.retain(|check| !matches!(check, Check::Constant(false)));
    match checks.len() {
        0 => Check::Constant(false),
        1 => checks.swap_remove(0),
        _ => Check::Any(checks),
    }
}

fn not(check: Check<'_>) -> Check<'_> {
    match check {
        Check::Constant(holds) => Check::Constant(!holds),
        check => Check::Not(Box::new(check)),
    }
}

fn text<'a>(codes: Codes<'a>, accepted: Vec<bool>, postings: Option<Postings<'a>>) -> Check<'a> {
    let positions: Vec<u32> = (0..).zip(accepted.iter().skip(1)).filter(|(_, accepted)| **accepted).map(|(at, _)| at).collect();
    if positions.is_empty() { Check::Constant(false) } else { Check::Text { codes, accepted, positions, postings } }
}

/// Which texts of a dictionary satisfy a test; with a leading false for "no value" if wanted.
fn accepted(test: &StringTest, dictionary: &Dictionary<'_>, leading: bool) -> Vec<bool> {
    let shift = usize::from(leading);
    let mut accepted = vec![false; dictionary.len() + shift];
    if let StringTest::OneOf { texts, ignore_case: false } = test {
        for position in texts.iter().filter_map(|text| dictionary.find(text)) {
            accepted[position as usize + shift] = true;
        }
    } else {
        for position in 0..dictionary.len() {
            accepted[position + shift] = test.holds(dictionary.get(position));
        }
    }
    accepted
}

/// Dictionary positions of the texts equal to one that is wanted (and folded already, if so compared).
fn positions(wanted: &str, ignore_case: bool, dictionary: &Dictionary<'_>) -> Vec<u32> {
    if !ignore_case {
        return dictionary.find(wanted).into_iter().collect();
    }
    let equal = |position: &u32| fold(dictionary.get(*position as usize)) == wanted;
    (0..dictionary.len() as u32).filter(equal).collect()
}
