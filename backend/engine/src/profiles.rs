//! Reading profiles.

use std::collections::BTreeMap;

use rayon::prelude::*;
use roaring::RoaringBitmap;
use rollcall_rules::{Instant, Value};
use rustc_hash::FxHashMap;

use crate::engine::Engine;
use crate::evaluate::profile::{keys_of, last_of};
use crate::evaluate::scan::Span;
use crate::members::{Members, Uid};
use crate::shard::Shard;
use crate::table::{Order, Table};

impl Engine {
    /// The top-level traits that are set for a user at `now`, by key; an object is its JSON.
    pub fn traits_of(&self, uid: Uid, now: Instant) -> Vec<(String, Value)> {
        let state = self.read();
        let Some(shard) = state.shards.get(usize::from(uid.shard)) else { return Vec::new() };
        let mut keys: BTreeMap<&str, Vec<Table<'_>>> = BTreeMap::new();
        shard.all_traits().for_each(|(key, table)| keys.entry(key).or_default().push(table));
        let value = |(key, tables): (&str, Vec<Table<'_>>)| Some((key.to_owned(), current(&tables, uid.local, key, now)?));
        keys.into_iter().filter_map(value).collect()
    }

    /// The value of one trait path for each of some users, in their order.
    pub fn trait_values(&self, uids: impl IntoIterator<Item = Uid>, path: &str, now: Instant) -> Vec<Option<Value>> {
        let uids: Vec<Uid> = uids.into_iter().collect();
        let mut wanted: FxHashMap<u16, RoaringBitmap> = FxHashMap::default();
        for uid in &uids {
            wanted.entry(uid.shard).or_default().insert(uid.local);
        }
        let state = self.read();
        let past = Span { from: i64::MIN, to: now.0.saturating_add(1) };
        let mut values: FxHashMap<Uid, Value> = FxHashMap::default();
        for (number, wanted) in wanted {
            if let Some(shard) = state.shards.get(usize::from(number)) {
                let found = values_in(shard, wanted, path, past);
                values.extend(found.into_iter().map(|(local, value)| (Uid { shard: number, local }, value)));
            }
        }
        uids.iter().map(|uid| values.get(uid).cloned()).collect()
    }

    /// Users with an update at any of some trait paths that was taken in after `seq`, or whose time is after `instant`.
    pub fn updated_since(&self, paths: &[String], seq: u64, instant: Instant) -> Members {
        let state = self.read();
        let on_shard = |shard: &Shard| {
            let tables = paths.iter().flat_map(|path| keys_of(path)).flat_map(|key| shard.trait_tables(key));
            let mut users = RoaringBitmap::new();
            for table in tables {
                let later = |row: usize| table.seqs.get(row) > seq || table.times[row] > instant.0;
                match table.order {
                    Order::Sorted { users: uids, starts, .. } => users.extend(
                        uids.iter()
                            .zip(starts.windows(2))
                            .filter(|(_, run)| (run[0] as usize..run[1] as usize).any(later))
                            .map(|(uid, _)| *uid),
                    ),
                    Order::Arrival { uids } => {
                        users.extend(uids.iter().enumerate().filter(|(row, _)| later(*row)).map(|(_, uid)| *uid));
                    }
                }
            }
            users
        };
        Members::from_shards(self.threads.install(|| state.shards.par_iter().map(on_shard).collect()))
    }
}

/// What the last update of a key up to `now` set it to.
fn current(tables: &[Table<'_>], uid: u32, key: &str, now: Instant) -> Option<Value> {
    let rows = tables.iter().flat_map(|table| table.rows_of(uid).into_iter().map(move |row| (table, row)));
    let past = rows.filter(|(table, row)| table.times[*row] <= now.0);
    let (table, row) = past.max_by_key(|(table, row)| (table.times[*row], table.seqs.get(*row)))?;
    table.columns.at(key).into_iter().find_map(|column| column.value(row))
}

fn values_in(shard: &Shard, mut wanted: RoaringBitmap, path: &str, past: Span) -> Vec<(u32, Value)> {
    let mut values = Vec::new();
    for key in keys_of(path) {
        let tables = shard.trait_tables(key);
        let columns: Vec<_> = tables.iter().map(|table| table.columns.at(path)).collect();
        for (uid, place) in last_of(&tables, past, &wanted) {
            let columns = columns[place.source as usize].iter();
            values.extend(columns.filter_map(|column| column.value(place.row as usize)).map(|value| (uid, value)));
            wanted.remove(uid);
        }
    }
    values
}
