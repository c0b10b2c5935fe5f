//! Walking over the rows of a table that satisfy a leaf's filters and window.

use crate::evaluate::filter::{Check, bits};
use crate::table::{Order, Owners, Table};

/// `from <= time < to`, never past the instant of evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// First microsecond.
    pub from: i64,
    /// First microsecond after it.
    pub to: i64,
}

impl Span {
    /// Whether it covers every row.
    pub fn covers(&self, table: &Table<'_>) -> bool {
        self.from <= table.min_time && table.max_time < self.to
    }

    /// Whether it touches no row.
    pub fn misses(&self, table: &Table<'_>) -> bool {
        self.to <= table.min_time || table.max_time < self.from || self.from >= self.to
    }

    /// Whether a time lies in it.
    pub fn contains(&self, time: i64) -> bool {
        self.from <= time && time < self.to
    }
}

/// A table with the filters of a leaf bound to it.
pub(crate) struct Source<'a> {
    /// The rows.
    pub table: Table<'a>,
    /// What they must satisfy.
    pub check: Check<'a>,
    /// Rows among which all are that satisfy it, if they are few.
    candidates: Option<Vec<u32>>,
}

/// So many rows that were looked up are handled together.
const BATCH: usize = 64;

/// Below one row in so many, rows are looked up instead of scanned.
const SELECTIVE: usize = 8;

impl<'a> Source<'a> {
    /// Binds a condition.
    pub fn new(table: Table<'a>, check: Check<'a>) -> Source<'a> {
        let candidates = match table.order {
            Order::Sorted { .. } => check.candidates(table.len() / SELECTIVE),
            Order::Arrival { .. } => None,
        };
        Source { table, check, candidates }
    }

    /// No more users than this have a matching row.
    pub fn most_users(&self) -> usize {
        match (&self.candidates, self.table.order) {
            (Some(rows), _) => rows.len(),
            (None, Order::Sorted { users, .. }) => users.len(),
            (None, Order::Arrival { uids }) => uids.len(),
        }
    }

    /// Whether users come in growing order, each user's rows together and by time.
    pub fn grouped(&self) -> bool {
        matches!(self.table.order, Order::Sorted { .. })
    }

    /// Visits (uid, row) of every matching row.
    pub fn matching(&self, span: Span, mut visit: impl FnMut(u32, usize)) {
        let (table, check) = (&self.table, &self.check);
        if span.misses(table) || matches!(check, Check::Constant(false)) {
            return;
        }
        match table.order {
            Order::Arrival { uids } => {
                for (row, (uid, time)) in uids.iter().zip(table.times).enumerate() {
                    if span.contains(*time) && check.holds(row) {
                        visit(*uid, row);
                    }
                }
            }
            Order::Sorted { users, starts, owners } => {
                let owners = || owners.get_or_init(|| Owners::new(starts));
                if let Some(rows) = &self.candidates {
                    let owners = owners();
                    // The rows of accepted texts need no second look.
                    let exact = matches!(check, Check::Text { .. });
                    let covered = span.covers(table);
                    let mut inside = [0; BATCH];
                    // Times of many rows are read before any is looked into: rows are far apart, and so memory is asked for
                    // many places at once.
                    for rows in rows.chunks(BATCH) {
                        let mut count = 0;
                        for row in rows {
                            inside[count] = *row as usize;
                            count += usize::from(covered || span.contains(table.times[*row as usize]));
                        }
                        for row in inside[..count].iter().copied().filter(|row| exact || check.holds(*row)) {
                            visit(users[owners.of(row)], row);
                        }
                    }
                } else if matches!(check, Check::Constant(true)) {
                    self.runs(span, |uid, rows| rows.for_each(|row| visit(uid, row)));
                } else {
                    let owners = owners();
                    set_bits(&self.mask(span), |row| visit(users[owners.of(row)], row));
                }
            }
        }
    }

    /// Visits each user who has a matching row, once or more often.
    pub fn users(&self, span: Span, mut visit: impl FnMut(u32)) {
        let Order::Sorted { users, .. } = self.table.order else { return self.matching(span, |uid, _| visit(uid)) };
        match &self.check {
            _ if span.misses(&self.table) => {}
            Check::Constant(true) if span.covers(&self.table) => users.iter().for_each(|uid| visit(*uid)),
            Check::Constant(true) => self.runs(span, |uid, rows| {
                if !rows.is_empty() {
                    visit(uid);
                }
            }),
            _ => self.matching(span, |uid, _| visit(uid)),
        }
    }

    /// Visits (uid, number of matching rows); a user may come more than once.
    pub fn counts(&self, span: Span, mut visit: impl FnMut(u32, u64)) {
        let scan = self.grouped() && self.candidates.is_none() && !span.misses(&self.table);
        match &self.check {
            Check::Constant(true) if scan => self.runs(span, |uid, rows| {
                if !rows.is_empty() {
                    visit(uid, rows.len() as u64);
                }
            }),
            _ => self.matching(span, |uid, _| visit(uid, 1)),
        }
    }

    /// Visits (uid, row) of rows among which each user's first or last matching row is: only those, where rows are in order.
    pub fn ends(&self, span: Span, last: bool, mut visit: impl FnMut(u32, usize)) {
        if !self.grouped() || self.candidates.is_some() {
            return self.matching(span, visit);
        }
        if span.misses(&self.table) {
            return;
        }
        let check = &self.check;
        self.runs(span, |uid, mut rows| {
            let end = if last { rows.rfind(|row| check.holds(*row)) } else { rows.find(|row| check.holds(*row)) };
            if let Some(row) = end {
                visit(uid, row);
            }
        });
    }

    /// A bit for each row: whether it lies in the span and satisfies the check.
    fn mask(&self, span: Span) -> Vec<u64> {
        if span.covers(&self.table) {
            return self.check.mask(self.table.len());
        }
        let mut inside = bits(self.table.times, |time| (span.from <= time) & (time < span.to));
        if self.check.is_quick() {
            let mask = self.check.mask(self.table.len());
            inside.iter_mut().zip(mask).for_each(|(inside, word)| *inside &= word);
        } else {
            let mut holds = vec![0; inside.len()];
            set_bits(&inside, |row| holds[row / 64] |= u64::from(self.check.holds(row)) << (row % 64));
            inside = holds;
        }
        inside
    }

    /// Whether every row of the span matches, and a user's rows lie together.
    pub fn is_runs(&self) -> bool {
        self.grouped() && matches!(self.check, Check::Constant(true))
    }

    /// Visits each user's rows in the span, if the rows are in order.
    pub fn runs(&self, span: Span, mut visit: impl FnMut(u32, std::ops::Range<usize>)) {
        let Order::Sorted { users, starts, .. } = self.table.order else { return };
        let covered = span.covers(&self.table);
        for (uid, run) in users.iter().zip(starts.windows(2)) {
            let (start, end) = (run[0] as usize, run[1] as usize);
            visit(*uid, if covered { start..end } else { within(self.table.times, start, end, span) });
        }
    }
}

/// The rows of one user's run that lie in a span.
pub(crate) fn within(times: &[i64], start: usize, end: usize, span: Span) -> std::ops::Range<usize> {
    let run = &times[start..end];
    let (Some(first), Some(last)) = (run.first(), run.last()) else { return start..start };
    let low = if *first >= span.from { 0 } else { run.partition_point(|time| *time < span.from) };
    let high = if *last < span.to { run.len() } else { run.partition_point(|time| *time < span.to) };
    start + low..start + high.max(low)
}

fn set_bits(mask: &[u64], mut visit: impl FnMut(usize)) {
    for (word, bits) in mask.iter().enumerate() {
        let mut bits = *bits;
        while bits != 0 {
            visit(word * 64 + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}
