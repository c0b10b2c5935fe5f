//! One shard: its users, its immutable chunks, and what is not in chunks yet.

use std::sync::Arc;

use rollcall_rules::{EventNames, Fact};

use crate::chunk::Chunk;
use crate::evaluate::profile::keys_of;
use crate::messages::MessageKey;
use crate::table::Table;
use crate::tail::{Tail, TailTable, TailTables};
use crate::users::Users;

/// Everything about the users whose ids hash here.
#[derive(Default)]
pub(crate) struct Shard {
    /// Its users.
    pub users: Users,
    /// Immutable files, oldest first.
    pub chunks: Vec<Arc<Chunk>>,
    /// A tail that is being written to a chunk.
    pub frozen: Option<Arc<Frozen>>,
    /// What was taken in since.
    pub tail: Tail,
    /// Users below this one are in chunks or in the frozen tail.
    pub named: u32,
}

/// A tail that no longer changes, with the users it names first.
pub(crate) struct Frozen {
    /// The rows.
    pub tail: Tail,
    /// Uid of the first new user.
    pub first_uid: u32,
    /// Where each new user's id ends, and all ids.
    pub ids: (Vec<u32>, Vec<u8>),
}

/// Which rows some tables have, so that it can be told whether they changed: chunks are immutable and have names, and tails
/// only grow until they become one.
#[derive(Debug)]
pub(crate) struct Rows {
    /// Chunk files with such rows, in order.
    pub files: Vec<String>,
    /// Rows of the tails.
    pub in_memory: usize,
    /// Earliest time of any.
    pub min_time: i64,
    /// Latest time of any.
    pub max_time: i64,
}

impl Default for Rows {
    fn default() -> Rows {
        Rows { files: Vec::new(), in_memory: 0, min_time: i64::MAX, max_time: i64::MIN }
    }
}

impl Rows {
    fn add_times(&mut self, table: &Table<'_>) {
        self.min_time = self.min_time.min(table.min_time);
        self.max_time = self.max_time.max(table.max_time);
    }

    fn add_chunk(&mut self, chunk: &Chunk, table: &Table<'_>) {
        if self.files.last().is_none_or(|last| last != chunk.name()) {
            self.files.push(chunk.name().to_owned());
        }
        self.add_times(table);
    }

    fn add_tail(&mut self, table: &Table<'_>) {
        self.in_memory += table.len();
        self.add_times(table);
    }
}

impl Shard {
    /// Takes in one fact.
    pub fn append(&mut self, fact: &Fact, key: MessageKey) {
        self.tail.messages.insert(key.key);
        let Some(user_id) = fact.user_id() else { return };
        let uid = self.users.find_or_add(key.scope, user_id);
        if self.users.note(uid, fact.time().0) {
            self.tail.first_seen.insert(uid, fact.time().0);
        }
        match fact {
            Fact::Event(event) => self.tail.push_event(uid, event),
            Fact::Profile(profile) => self.tail.push_profile(uid, profile),
        }
    }

    /// Whether a message was taken in.
    pub fn seen(&self, key: u128) -> bool {
        self.tails().any(|tail| tail.messages.contains(&key)) || self.chunks.iter().any(|chunk| chunk.seen(key))
    }

    /// Makes the tail immutable and starts a new one; nothing happens if there is a frozen tail already or nothing to freeze.
    pub fn freeze(&mut self) {
        if self.frozen.is_none() && !self.tail.is_empty() {
            let ids = self.users.ids_from(self.named);
            let frozen = Frozen { tail: std::mem::take(&mut self.tail), first_uid: self.named, ids };
            self.named = self.users.len();
            self.frozen = Some(Arc::new(frozen));
        }
    }

    /// What is in memory: the frozen tail, then the tail.
    fn tails(&self) -> impl Iterator<Item = &Tail> {
        self.frozen.iter().map(|frozen| &frozen.tail).chain(std::iter::once(&self.tail))
    }

    /// Tables of the events named.
    pub fn event_tables(&self, names: &EventNames) -> Vec<Table<'_>> {
        match names {
            EventNames::Every => self.all_events().map(|(_, table)| table).collect(),
            EventNames::Named(names) => names.iter().flat_map(|name| self.event_table(name)).collect(),
        }
    }

    /// Tables of one event name.
    pub fn event_table(&self, name: &str) -> Vec<Table<'_>> {
        let chunks = self.chunks.iter().flat_map(|chunk| chunk.events(name));
        chunks.chain(self.tails().filter_map(|tail| tail.events.get(name)).map(TailTable::view)).collect()
    }

    /// Adds the rows of the events named.
    pub fn rows_of_events(&self, names: &EventNames, rows: &mut Rows) {
        match names {
            EventNames::Every => {
                for chunk in &self.chunks {
                    chunk.all_events().for_each(|(_, table)| rows.add_chunk(chunk, &table));
                }
                self.tails().flat_map(|tail| views(&tail.events)).for_each(|(_, table)| rows.add_tail(&table));
            }
            EventNames::Named(names) => {
                for name in names {
                    self.rows_of(rows, |chunk| chunk.events(name), |tail| tail.events.get(name));
                }
            }
        }
    }

    /// Adds the updates of every key that may hold a trait path.
    pub fn rows_of_trait(&self, path: &str, rows: &mut Rows) {
        for key in keys_of(path) {
            self.rows_of(rows, |chunk| chunk.traits(key), |tail| tail.traits.get(key));
        }
    }

    fn rows_of<'a, Tables: Iterator<Item = Table<'a>>>(
        &'a self,
        rows: &mut Rows,
        of_chunk: impl Fn(&'a Chunk) -> Tables,
        of_tail: impl Fn(&'a Tail) -> Option<&'a TailTable>,
    ) {
        for chunk in &self.chunks {
            of_chunk(chunk).for_each(|table| rows.add_chunk(chunk, &table));
        }
        self.tails().filter_map(of_tail).for_each(|table| rows.add_tail(&table.view()));
    }

    /// Tables of one top-level trait key.
    pub fn trait_tables(&self, key: &str) -> Vec<Table<'_>> {
        let chunks = self.chunks.iter().flat_map(|chunk| chunk.traits(key));
        chunks.chain(self.tails().filter_map(|tail| tail.traits.get(key)).map(TailTable::view)).collect()
    }

    /// Every event table with its name.
    pub fn all_events(&self) -> impl Iterator<Item = (&str, Table<'_>)> {
        let chunks = self.chunks.iter().flat_map(|chunk| chunk.all_events());
        chunks.chain(self.tails().flat_map(|tail| views(&tail.events)))
    }

    /// Events with time <= `now`.
    pub fn events_until(&self, now: i64) -> u64 {
        let chunks: u64 = self.chunks.iter().map(|chunk| chunk.events_until(now)).sum();
        let tails: u64 = self.tails().flat_map(|tail| views(&tail.events)).map(|(_, table)| table.count_until(now)).sum();
        chunks + tails
    }

    /// Every trait table with its key.
    pub fn all_traits(&self) -> impl Iterator<Item = (&str, Table<'_>)> {
        let chunks = self.chunks.iter().flat_map(|chunk| chunk.all_traits());
        chunks.chain(self.tails().flat_map(|tail| views(&tail.traits)))
    }
}

/// Tables of a tail with their names.
pub(crate) fn views(tables: &TailTables) -> impl Iterator<Item = (&str, Table<'_>)> {
    tables.iter().map(|(name, table)| (name, table.view()))
}
