//! Trait leaves: the last update of a key by (time, seq) up to the instant, and which key a path means.
//!
//! Path `a.b.c` is read from the longest of the keys `a.b.c`, `a.b` and `a` that the profile ever had up to the instant (a
//! removed one counts): what that key's last update holds at the path is the value, or there is none.

use roaring::RoaringBitmap;
use rollcall_rules::{PathPredicate, TraitLeaf};

use crate::evaluate::Scope;
use crate::evaluate::accumulate::{Accumulator, PerUser};
use crate::evaluate::aggregate::Place;
use crate::evaluate::answers::Answer;
use crate::evaluate::filter::Check;
use crate::evaluate::scan::{Source, Span, within};
use crate::table::{Order, Table};
use crate::user_set::{UserSet, collect};

/// A path and the keys that may hold it, the longest first.
pub(crate) fn keys_of(path: &str) -> impl Iterator<Item = &str> {
    let dots = path.rmatch_indices('.').map(|(at, _)| &path[..at]);
    std::iter::once(path).chain(dots)
}

/// A table is the main one if at most one of so many of its rows' users have updates elsewhere.
const FEW_OTHERS: usize = 8;

/// Users of the shard that satisfy a trait leaf. `tables` gives the tables of a key.
pub(crate) fn answer<'a>(scope: &Scope<'_>, leaf: &TraitLeaf, tables: impl Fn(&str) -> Vec<Table<'a>>) -> Answer {
    let keys: Vec<Vec<Table<'a>>> = keys_of(&leaf.path)
        .map(|key| tables(key).into_iter().filter(|table| !scope.past().misses(table)).collect::<Vec<_>>())
        .filter(|tables| !tables.is_empty())
        .collect();
    let mut selected = match &keys[..] {
        [tables] => holders(scope, tables, leaf),
        _ => holders_by_key(scope, &keys, leaf),
    };
    if leaf.or_key {
        selected |= collect(last_of_all(scope.users, &tables(&leaf.path), scope.past()).into_iter().map(|(uid, _)| uid));
    }
    Answer { selected, complement: leaf.predicate.negated }
}

/// The tests of a leaf bound to each table, not negated.
fn bind<'a>(scope: &'a Scope<'_>, tables: &[Table<'a>], path: &str, predicate: &'a PathPredicate) -> Vec<Check<'a>> {
    tables.iter().map(|table| Check::positive(*table, path, predicate, &scope.clock)).collect()
}

/// Users whose current value of the only key satisfies the positive test.
fn holders<'a>(scope: &'a Scope<'_>, tables: &[Table<'a>], leaf: &'a TraitLeaf) -> RoaringBitmap {
    let checks = bind(scope, tables, &leaf.path, &leaf.predicate);
    let satisfied =
        |last: PerUser<Place>| collect(last.into_iter().filter(|(_, place)| place.satisfies(&checks)).map(|(uid, _)| uid));
    if let Some(candidates) = candidates(tables, &checks) {
        return satisfied(last_of(tables, scope.past(), &candidates));
    }
    let Some((main, others)) = main_table(scope, tables) else {
        return satisfied(last_of_all(scope.users, tables, scope.past()));
    };
    let of_main = last_rows(scope, &tables[main], &checks[main]);
    if others.is_empty() { of_main } else { (of_main - &others) | satisfied(last_of(tables, scope.past(), &others)) }
}

/// The table that has nearly everybody's updates and none after the instant, if there is one, and who has any elsewhere.
fn main_table(scope: &Scope<'_>, tables: &[Table<'_>]) -> Option<(usize, RoaringBitmap)> {
    let past = scope.past();
    let sorted = |table: &&(usize, &Table<'_>)| matches!(table.1.order, Order::Sorted { .. }) && past.covers(table.1);
    let numbered: Vec<(usize, &Table<'_>)> = tables.iter().enumerate().collect();
    let (main, table) = numbered.iter().filter(sorted).max_by_key(|(_, table)| table.len())?;
    let mut others = UserSet::new(scope.users, tables.iter().map(Table::len).sum::<usize>() - table.len());
    for (number, table) in &numbered {
        match table.order {
            _ if number == main => {}
            Order::Sorted { users, .. } => users.iter().for_each(|uid| others.add(*uid)),
            Order::Arrival { uids } => uids.iter().for_each(|uid| others.add(*uid)),
        }
    }
    let others = others.finish();
    (others.len() as usize * FEW_OTHERS <= table.len()).then_some((*main, others))
}

/// Users whose last row of a sorted table satisfies a test.
fn last_rows(scope: &Scope<'_>, table: &Table<'_>, check: &Check<'_>) -> RoaringBitmap {
    let Order::Sorted { users, starts, .. } = table.order else { return RoaringBitmap::new() };
    let mask = check.mask(table.len());
    let holds = |row: usize| mask[row / 64] >> (row % 64) & 1 == 1;
    let contiguous = |first: u32, last: u32| (last - first) as usize + 1 == table.len();
    match (users.first(), users.last()) {
        // A row for each user and no gap: the mask is the set.
        (Some(first), Some(last)) if users.len() == table.len() && contiguous(*first, *last) => {
            RoaringBitmap::from_lsb0_bytes(*first, bytemuck::cast_slice(&mask))
        }
        _ => {
            let mut found = UserSet::new(scope.users, users.len());
            let ends = starts.iter().skip(1).map(|end| *end as usize - 1);
            users.iter().zip(ends).filter(|(_, row)| holds(*row)).for_each(|(uid, _)| found.add(*uid));
            found.finish()
        }
    }
}

/// The same where several keys may hold the path: the first that a profile has decides.
fn holders_by_key<'a>(scope: &'a Scope<'_>, keys: &[Vec<Table<'a>>], leaf: &'a TraitLeaf) -> RoaringBitmap {
    let (mut holders, mut decided) = (RoaringBitmap::new(), RoaringBitmap::new());
    for tables in keys {
        let checks = bind(scope, tables, &leaf.path, &leaf.predicate);
        let last = last_of_all(scope.users, tables, scope.past());
        let satisfied = last.iter().filter(|(_, place)| place.satisfies(&checks));
        holders |= collect(satisfied.map(|(uid, _)| *uid)) - &decided;
        decided |= collect(last.iter().map(|(uid, _)| *uid));
    }
    holders
}

/// Users that have a row which satisfies the test, if every chunk knows them without a scan.
fn candidates(tables: &[Table<'_>], checks: &[Check<'_>]) -> Option<RoaringBitmap> {
    let mut users = RoaringBitmap::new();
    for (table, check) in tables.iter().zip(checks) {
        match table.order {
            Order::Sorted { users: uids, starts, .. } => {
                let rows = check.candidates(table.len() / 16)?;
                users.extend(rows.into_iter().map(|row| uids[starts.partition_point(|start| *start <= row) - 1]));
            }
            Order::Arrival { uids } => {
                users.extend((0..uids.len()).filter(|row| check.holds(*row)).map(|row| uids[row]));
            }
        }
    }
    Some(users)
}

/// The last row of each of some users.
pub(crate) fn last_of(tables: &[Table<'_>], past: Span, wanted: &RoaringBitmap) -> PerUser<Place> {
    let mut last = Accumulator::new(u32::MAX, 0, tables.len());
    for (source, table) in tables.iter().enumerate() {
        match table.order {
            Order::Sorted { users, starts, .. } => {
                last.begin(true);
                let mut from = 0;
                for uid in wanted {
                    from += users[from..].partition_point(|user| *user < uid);
                    if users.get(from) == Some(&uid) {
                        let rows = within(table.times, starts[from] as usize, starts[from + 1] as usize, past);
                        note(&mut last, uid, table, source, rows.last());
                    }
                }
            }
            Order::Arrival { uids } => {
                last.begin(false);
                for (row, uid) in uids.iter().enumerate() {
                    if table.times[row] < past.to && wanted.contains(*uid) {
                        note(&mut last, *uid, table, source, Some(row));
                    }
                }
            }
        }
    }
    last.finish(Place::later)
}

/// The last row of each user that has one, in a shard of `users`.
pub(crate) fn last_of_all(users: u32, tables: &[Table<'_>], past: Span) -> PerUser<Place> {
    let sources: Vec<Source<'_>> = tables.iter().map(|table| Source::new(*table, Check::Constant(true))).collect();
    let mut last = Accumulator::new(users, sources.iter().map(Source::most_users).sum(), sources.len());
    for (number, source) in sources.iter().enumerate() {
        last.begin(source.grouped());
        source.ends(past, true, |uid, row| note(&mut last, uid, &source.table, number, Some(row)));
    }
    last.finish(Place::later)
}

fn note(last: &mut Accumulator<Place>, uid: u32, table: &Table<'_>, source: usize, row: Option<usize>) {
    if let Some(row) = row {
        let place = Place::of(table, source, row);
        last.update(uid, |best| best.map_or(place, |best| best.later(place)));
    }
}
