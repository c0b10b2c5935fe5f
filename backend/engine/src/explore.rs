//! What is in the data: frequent values, event names, totals.

use std::collections::BTreeMap;

use rayon::prelude::*;
use rollcall_rules::predicate::fold;
use rollcall_rules::{Instant, Value, ValueType};
use rustc_hash::FxHashMap;

use crate::answer::{EventCount, Summary, ValueFrequencies, ValuesOf};
use crate::engine::Engine;
use crate::evaluate::distinct::{Identities, Pairs};
use crate::evaluate::profile::{keys_of, last_of_all};
use crate::evaluate::scan::{Span, within};
use crate::shard::Shard;
use crate::table::{Column, Order, Table};

impl Engine {
    /// The values of a trait or property that most users have at `now`, and how many different ones there are, among those whose
    /// text starts with `prefix` (case folded). Objects are left out.
    pub fn value_frequencies(&self, of: &ValuesOf, prefix: &str, limit: usize, now: Instant) -> ValueFrequencies {
        let state = self.read();
        let past = Span { from: i64::MIN, to: now.0.saturating_add(1) };
        let prefix = fold(prefix);
        let on_shard = |shard: &Shard| counted(shard, of, &prefix, past);
        let parts: Vec<Vec<(Value, u64)>> = self.threads.install(|| state.shards.par_iter().map(on_shard).collect());
        drop(state);
        let mut users: BTreeMap<Key, u64> = BTreeMap::new();
        for (value, count) in parts.into_iter().flatten() {
            *users.entry(Key::of(value)).or_default() += count;
        }
        let distinct = users.len() as u64;
        let mut items: Vec<(Key, u64)> = users.into_iter().collect();
        // Stable: equally frequent values stay in the order of values.
        items.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        items.truncate(limit);
        ValueFrequencies { items: items.into_iter().map(|(key, count)| (key.value(), count)).collect(), distinct }
    }

    /// Every event name with the number of events of identified users and the latest time, by name.
    pub fn event_counts(&self) -> Vec<EventCount> {
        let state = self.read();
        let mut names: BTreeMap<&str, (u64, i64)> = BTreeMap::new();
        for (name, table) in state.shards.iter().flat_map(Shard::all_events) {
            let (count, last_at) = names.entry(name).or_insert((0, i64::MIN));
            *count += table.len() as u64;
            *last_at = table.max_time.max(*last_at);
        }
        let count =
            |(name, (count, last_at)): (&str, (u64, i64))| EventCount { name: name.to_owned(), count, last_at: Instant(last_at) };
        names.into_iter().map(count).collect()
    }

    /// The earliest event time of all.
    pub fn oldest_event(&self) -> Option<Instant> {
        self.read().event_times().map(|(oldest, _)| Instant(oldest))
    }

    /// The contents in numbers.
    pub fn summary(&self, now: Instant) -> Summary {
        let state = self.read();
        let times = state.event_times();
        Summary {
            users: state.shards.iter().map(|shard| shard.users.population(now.0).len()).sum(),
            events: state.shards.iter().map(|shard| shard.events_until(now.0)).sum(),
            oldest_event: times.map(|(oldest, _)| Instant(oldest)),
            newest_event: times.map(|(_, newest)| Instant(newest)),
            watermark: state.watermark,
        }
    }
}

/// Number of users of each value in one shard.
fn counted(shard: &Shard, of: &ValuesOf, prefix: &str, past: Span) -> Vec<(Value, u64)> {
    let mut identities = Identities::default();
    let mut pairs = Pairs::default();
    match of {
        ValuesOf::Trait(path) => trait_pairs(shard, path, past, &mut identities, &mut pairs),
        ValuesOf::Property { event, path } => {
            for table in shard.event_table(event) {
                for column in columns(&table, path) {
                    pairs.begin();
                    identities.column(&column, |visit| rows_until(&table, past, visit), &mut pairs);
                }
            }
        }
    }
    let mut users: FxHashMap<u32, u64> = FxHashMap::default();
    for (_, value) in pairs.sorted() {
        *users.entry(value).or_default() += 1;
    }
    let wanted = identities.values().filter(|(_, value)| prefix.is_empty() || fold(&text(value)).starts_with(prefix));
    wanted.filter_map(|(number, value)| Some((value, *users.get(&number)?))).collect()
}

fn trait_pairs<'a>(shard: &'a Shard, path: &str, past: Span, identities: &mut Identities<'a>, pairs: &mut Pairs) {
    let mut decided = roaring::RoaringBitmap::new();
    for key in keys_of(path) {
        let tables = shard.trait_tables(key);
        let mut last = last_of_all(shard.users.len(), &tables, past);
        last.retain(|(uid, _)| !decided.contains(*uid));
        for (source, table) in tables.iter().enumerate() {
            let mine = || last.iter().filter(|(_, place)| place.source as usize == source);
            for column in columns(table, path) {
                pairs.begin();
                identities.column(&column, |visit| mine().for_each(|(uid, place)| visit(*uid, place.row as usize)), pairs);
            }
        }
        decided.extend(last.iter().map(|(uid, _)| *uid));
    }
}

fn columns<'a>(table: &Table<'a>, path: &str) -> Vec<Column<'a>> {
    let mut columns = table.columns.at(path);
    columns.retain(|column| column.value_type != ValueType::Object);
    columns
}

fn rows_until(table: &Table<'_>, past: Span, visit: &mut dyn FnMut(u32, usize)) {
    match table.order {
        Order::Sorted { users, starts, .. } => {
            for (uid, run) in users.iter().zip(starts.windows(2)) {
                within(table.times, run[0] as usize, run[1] as usize, past).for_each(|row| visit(*uid, row));
            }
        }
        Order::Arrival { uids } => {
            let rows = uids.iter().zip(table.times).enumerate();
            rows.filter(|(_, (_, time))| **time < past.to).for_each(|(row, (uid, _))| visit(*uid, row));
        }
    }
}

/// How a value reads.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) | Value::Object(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::DateTime(instant) => instant.to_rfc3339(),
        Value::Date(day) => day.to_iso(),
        Value::StringList(_) | Value::NumberList(_) => String::new(),
    }
}

/// A value that is not a list, in an order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Text(String),
    /// A double's bits, made to sort like the double.
    Number(u64),
    Boolean(bool),
    Instant(Instant),
    Day(rollcall_rules::Day),
}

const SIGN: u64 = 1 << 63;

impl Key {
    fn of(value: Value) -> Key {
        match value {
            Value::Number(number) => {
                let bits = number.to_bits();
                Key::Number(if bits & SIGN == 0 { bits | SIGN } else { !bits })
            }
            Value::Boolean(boolean) => Key::Boolean(boolean),
            Value::DateTime(instant) => Key::Instant(instant),
            Value::Date(day) => Key::Day(day),
            value => Key::Text(text(&value)),
        }
    }

    fn value(self) -> Value {
        match self {
            Key::Text(text) => Value::String(text),
            Key::Number(bits) => Value::Number(f64::from_bits(if bits & SIGN == 0 { !bits } else { bits & !SIGN })),
            Key::Boolean(boolean) => Value::Boolean(boolean),
            Key::Instant(instant) => Value::DateTime(instant),
            Key::Day(day) => Value::Date(day),
        }
    }
}
