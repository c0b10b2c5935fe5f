//! The ranges of time that the events of one name are split into inside a chunk, a table each: a window reads the tables that
//! it touches and no more, and a rule over all of history still meets few of them.
//!
//! Ranges are halves of halves of time since 1970, so that those of other chunks have the same edges, and the older a range is
//! the longer: none is much longer than the time from its end to the newest event. A window of the last so many days touches
//! about twice as many days of rows, and three years are about ten ranges. Neighbours that are too small for a table are one, so
//! that no choice of times makes many tables of few rows; and a few times far ahead do not make all others look old.

use rustc_hash::FxHashMap;

use crate::chunk::merge::Merged;

/// The shortest range is 2^40 microseconds: 12.7 days.
const SHORTEST: u32 = 40;
/// The longest is 2^46 microseconds: 2.2 years.
const LONGEST: u32 = 46;

/// Splits rows into ranges of time; each part is in the order of the whole. A range of fewer than `fewest` rows is not split.
pub(super) fn split(merged: Merged, fewest: usize, time: impl Fn(&(u32, u32)) -> i64) -> Vec<Merged> {
    let starts = starts(merged.rows.iter().map(&time), fewest);
    if starts.len() < 2 {
        return vec![merged];
    }
    let mut parts: Vec<Merged> = starts.iter().map(|_| Merged::default()).collect();
    for (uid, run) in merged.users.iter().zip(merged.starts.windows(2)) {
        for row in &merged.rows[run[0] as usize..run[1] as usize] {
            let part = &mut parts[starts.partition_point(|start| *start <= time(row)).saturating_sub(1)];
            if part.users.last() != Some(uid) {
                part.users.push(*uid);
                part.starts.push(part.rows.len() as u32);
            }
            part.rows.push(*row);
        }
    }
    parts.iter_mut().for_each(|part| part.starts.push(part.rows.len() as u32));
    parts
}

/// Where ranges begin, growing; each but the last has at least `fewest` rows.
fn starts(times: impl Iterator<Item = i64>, fewest: usize) -> Vec<i64> {
    let mut counts = FxHashMap::<i64, usize>::default();
    for time in times {
        *counts.entry(time >> SHORTEST).or_default() += 1;
    }
    let mut shortest: Vec<(i64, usize)> = counts.into_iter().collect();
    shortest.sort_unstable();
    let mut ahead = 0;
    let newest = shortest.iter().rfind(|(_, count)| {
        ahead += count;
        ahead >= fewest
    });
    let newest = newest.or(shortest.last()).map_or(0, |(range, _)| (i128::from(*range) + 1) << SHORTEST);
    let mut ranges = Vec::new();
    let longest = |(range, _): &(i64, usize)| range >> (LONGEST - SHORTEST);
    for shortest in shortest.chunk_by(|a, b| longest(a) == longest(b)) {
        Halving { newest, fewest }.add(shortest, longest(&shortest[0]), LONGEST, &mut ranges);
    }
    joined(&ranges, fewest)
}

/// Begins of ranges, given with their rows, of which those too small are joined to the next.
fn joined(ranges: &[(i64, usize)], fewest: usize) -> Vec<i64> {
    let mut starts = Vec::new();
    let mut rows = fewest;
    for (start, count) in ranges {
        if rows >= fewest {
            starts.push(*start);
            rows = 0;
        }
        rows += count;
    }
    starts
}

struct Halving {
    newest: i128,
    fewest: usize,
}

impl Halving {
    /// Adds a range, or its halves. `rows` are the shortest ranges in it, sorted, with their numbers of rows.
    fn add(&self, rows: &[(i64, usize)], range: i64, width: u32, ranges: &mut Vec<(i64, usize)>) {
        let count: usize = rows.iter().map(|(_, count)| count).sum();
        let age = self.newest - ((i128::from(range) + 1) << width);
        if width == SHORTEST || count < self.fewest || age >= 1 << width {
            if count > 0 {
                ranges.push((range << width, count));
            }
            return;
        }
        let middle = range * 2 + 1;
        let (older, newer) = rows.split_at(rows.partition_point(|(row, _)| *row < middle << (width - 1 - SHORTEST)));
        self.add(older, middle - 1, width - 1, ranges);
        self.add(newer, middle, width - 1, ranges);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;
    const FEWEST: usize = 1 << 15;

    #[test]
    fn old_ranges_are_long_and_new_ones_short() {
        let newest = 1_793_491_200_000_000;
        let times = (0..1096 * 4096_i64).map(|row| newest - row * DAY / 4096);
        let starts = starts(times, FEWEST);
        let ends = starts.iter().skip(1).copied().chain([newest]);
        let days: Vec<i64> = starts.iter().zip(ends).map(|(start, end)| (end - start) / DAY).collect();
        assert!((8..=14).contains(&days.len()) && days.last().is_some_and(|last| *last <= 26), "{days:?}");
        for (start, days) in starts.iter().zip(&days) {
            assert!(*days <= 13 || *days <= (newest - start) / DAY, "{days:?}");
        }
    }

    #[test]
    fn few_rows_stay_together_and_none_is_lost() {
        let rows = |count: u32| Merged {
            rows: (0..count).map(|row| (0, row)).collect(),
            users: vec![3, 9],
            starts: vec![0, count / 2, count],
        };
        let day = |row: &(u32, u32)| i64::from(row.1 % 800) * DAY;
        assert_eq!(split(rows(1000), FEWEST, day).len(), 1);
        let parts = split(rows(200_000), FEWEST, day);
        assert!(parts.len() > 3);
        let mut seen: Vec<(u32, u32)> = Vec::new();
        for part in &parts {
            let times: Vec<i64> = part.rows.iter().map(day).collect();
            assert!(part.rows.len() == *part.starts.last().unwrap() as usize && part.users == [3, 9]);
            assert!(part.rows.is_sorted(), "the order of the whole");
            seen.extend(&part.rows);
            let (low, high) = (times.iter().min().unwrap(), times.iter().max().unwrap());
            assert!(parts.iter().filter(|other| other.rows.iter().any(|row| (low..=high).contains(&&day(row)))).count() == 1);
        }
        seen.sort_unstable();
        assert_eq!(seen, rows(200_000).rows);
    }

    #[test]
    fn times_before_1970_and_one_far_ahead() {
        let times = (0..100_000_i64).map(|row| row * DAY / 50 - 1000 * DAY);
        let usual = starts(times.clone(), FEWEST);
        let odd = times.chain([i64::MAX - 1, i64::MIN + 1]);
        let starts = starts(odd.clone(), FEWEST);
        assert!(starts.is_sorted() && usual.len() > 2 && starts.len() <= usual.len() + 1, "{usual:?} {starts:?}");
        assert!(odd.into_iter().all(|time| starts.first().is_some_and(|first| *first <= time)));
    }

    #[test]
    fn rows_far_apart_are_one_table() {
        let apart = (0..900_i64).map(|row| row * 815 * DAY - 700_000 * DAY);
        assert_eq!(starts(apart.clone(), FEWEST).len(), 1);
        assert_eq!(starts(apart, 1).len(), 900, "where every row is worth a table");
    }
}
