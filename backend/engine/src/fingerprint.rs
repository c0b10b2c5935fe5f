//! One text that says what the index holds, however it is laid out in files: for comparing a rebuilt index with the old one.

use rayon::prelude::*;
use rollcall_rules::{Instant, Value};
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::xxh3_128;

use crate::engine::Engine;
use crate::shard::Shard;
use crate::table::{Order, Table};

impl Engine {
    /// A digest over the users known at `now` (number, id, first-seen time) and over every event and trait update with time <=
    /// `now`.
    pub fn fingerprint(&self, now: Instant) -> String {
        let state = self.read();
        let on_shard = |shard: &Shard| {
            let mut users = Sha256::new();
            for uid in &shard.users.population(now.0) {
                let id = shard.users.id(uid).unwrap_or_default();
                users.update(uid.to_le_bytes());
                users.update((id.len() as u32).to_le_bytes());
                users.update(id.as_bytes());
                users.update(shard.users.first_seen(uid).to_le_bytes());
            }
            let events = shard.all_events().map(|(name, table)| rows(b'e', name, &table, now));
            let traits = shard.all_traits().map(|(key, table)| rows(b't', key, &table, now));
            // A sum does not depend on order, so neither does it on chunks.
            (users.finalize(), events.chain(traits).fold(0_u128, u128::wrapping_add))
        };
        let parts: Vec<_> = self.threads.install(|| state.shards.par_iter().map(on_shard).collect());
        let mut all = Sha256::new();
        for (users, rows) in parts {
            all.update(users);
            all.update(rows.to_le_bytes());
        }
        all.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The sum of the hashes of a table's rows.
fn rows(kind: u8, name: &str, table: &Table<'_>, now: Instant) -> u128 {
    let columns = table.columns.all();
    let mut sum = 0_u128;
    let mut bytes = Vec::new();
    let mut add = |uid: u32, row: usize| {
        if table.times[row] > now.0 {
            return;
        }
        bytes.clear();
        bytes.push(kind);
        put(&mut bytes, name.as_bytes());
        bytes.extend_from_slice(&uid.to_le_bytes());
        bytes.extend_from_slice(&table.times[row].to_le_bytes());
        bytes.extend_from_slice(&table.seqs.get(row).to_le_bytes());
        for column in &columns {
            if let Some(value) = column.value(row) {
                put(&mut bytes, column.path.as_bytes());
                put_value(&mut bytes, &value);
            }
        }
        sum = sum.wrapping_add(xxh3_128(&bytes));
    };
    match table.order {
        Order::Sorted { users, starts, .. } => {
            for (uid, run) in users.iter().zip(starts.windows(2)) {
                (run[0]..run[1]).for_each(|row| add(*uid, row as usize));
            }
        }
        Order::Arrival { uids } => uids.iter().enumerate().for_each(|(row, uid)| add(*uid, row)),
    }
    sum
}

fn put(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    into.extend_from_slice(bytes);
}

fn put_value(into: &mut Vec<u8>, value: &Value) {
    into.push(value.value_type() as u8);
    match value {
        Value::String(text) | Value::Object(text) => put(into, text.as_bytes()),
        Value::Number(number) => into.extend_from_slice(&number.to_bits().to_le_bytes()),
        Value::Boolean(boolean) => into.push(u8::from(*boolean)),
        Value::DateTime(instant) => into.extend_from_slice(&instant.0.to_le_bytes()),
        Value::Date(day) => into.extend_from_slice(&day.0.to_le_bytes()),
        Value::StringList(texts) => {
            into.extend_from_slice(&(texts.len() as u32).to_le_bytes());
            texts.iter().for_each(|text| put(into, text.as_bytes()));
        }
        Value::NumberList(numbers) => {
            into.extend_from_slice(&(numbers.len() as u32).to_le_bytes());
            numbers.iter().for_each(|number| into.extend_from_slice(&number.to_bits().to_le_bytes()));
        }
    }
}
