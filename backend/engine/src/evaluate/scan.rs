//! Walking over the rows of a table that satisfy a leaf's filters and window.

use crate::evaluate::filter::Check;
use crate::table::{Order, Table};

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

/// Below one row in so many, rows are looked up instead of scanned.
const SELECTIVE: usize = 16;

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
            Order::Sorted { users, starts } => {
                if let Some(rows) = &self.candidates {
                    let mut run = Runs { starts, at: 0 };
                    // The rows of accepted texts need no second look.
                    let exact = matches!(check, Check::Text { .. });
                    let covered = span.covers(table);
                    for row in rows.iter().map(|row| *row as usize) {
                        if (covered || span.contains(table.times[row])) && (exact || check.holds(row)) {
                            visit(users[run.of(row)], row);
                        }
                    }
                } else if matches!(check, Check::Constant(true)) {
                    self.runs(span, |uid, rows| rows.for_each(|row| visit(uid, row)));
                } else if span.covers(table) {
                    let mut run = Runs { starts, at: 0 };
                    set_bits(&check.mask(table.len()), |row| visit(users[run.of(row)], row));
                } else {
                    self.runs(span, |uid, rows| rows.filter(|row| check.holds(*row)).for_each(|row| visit(uid, row)));
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
            check if self.candidates.is_none() && !span.covers(&self.table) => self.runs(span, |uid, mut rows| {
                if rows.any(|row| check.holds(row)) {
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
            check if scan && span.covers(&self.table) => {
                let mask = check.mask(self.table.len());
                self.runs(span, |uid, rows| {
                    let ones = ones(&mask, rows);
                    if ones > 0 {
                        visit(uid, ones);
                    }
                });
            }
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

    /// Visits each user's rows in the span, if the rows are in order.
    fn runs(&self, span: Span, mut visit: impl FnMut(u32, std::ops::Range<usize>)) {
        let Order::Sorted { users, starts } = self.table.order else { return };
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

/// Number of bits set in a range.
fn ones(mask: &[u64], rows: std::ops::Range<usize>) -> u64 {
    let (first, last) = (rows.start / 64, rows.end / 64);
    let low = !0 << (rows.start % 64);
    let high = !(!0 << (rows.end % 64));
    if first == last {
        return mask.get(first).map_or(0, |word| u64::from((word & low & high).count_ones()));
    }
    let inner: u32 = mask[first + 1..last].iter().map(|word| word.count_ones()).sum();
    let end = mask.get(last).map_or(0, |word| (word & high).count_ones());
    u64::from((mask[first] & low).count_ones() + inner + end)
}

/// Finds the user's position for growing row numbers.
struct Runs<'a> {
    starts: &'a [u32],
    at: usize,
}

impl Runs<'_> {
    #[inline]
    fn of(&mut self, row: usize) -> usize {
        let row = row as u32;
        if self.starts[self.at + 1] > row {
            return self.at;
        }
        let mut step = 1;
        while self.at + 1 + step < self.starts.len() && self.starts[self.at + 1 + step] <= row {
            step *= 2;
        }
        let from = self.at + 1 + step / 2;
        let to = (self.at + 2 + step).min(self.starts.len());
        self.at = from - 1 + self.starts[from..to].partition_point(|start| *start <= row);
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_at_word_edges() {
        let mask: Vec<u64> = vec![!0, 0, !0, 1];
        let plain = |range: std::ops::Range<usize>| range.filter(|row| mask[row / 64] >> (row % 64) & 1 == 1).count() as u64;
        for start in 0..=256 {
            for end in start..=256 {
                assert_eq!(ones(&mask, start..end), plain(start..end), "{start}..{end}");
            }
        }
    }

    #[test]
    fn rows_find_their_users() {
        let starts: Vec<u32> = (0..40).scan(0, |start, length| Some(std::mem::replace(start, *start + 1 + length % 7))).collect();
        let of = |row: u32| starts.partition_point(|start| *start <= row) - 1;
        let end = *starts.last().unwrap();
        for step in 1..end {
            let mut runs = Runs { starts: &starts, at: 0 };
            for row in (0..end).step_by(step as usize) {
                assert_eq!(runs.of(row as usize), of(row));
            }
        }
    }
}
