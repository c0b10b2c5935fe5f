//! The value of a trait and where it comes from.

use rollcall_rules::{Instant, Linked, Value};

use super::events::row_of;
use super::evidence::{AttributeEvidence, TraitEvidence};
use crate::evaluate::profile::keys_of;
use crate::shard::Shard;
use crate::table::Table;

/// What a path of the only user's profile holds at `now`: the longest key that the profile ever had decides.
pub(super) fn evidence(shard: &Shard, path: &str, now: Instant) -> TraitEvidence {
    let of_key = |key| {
        let updates = updates(&shard.trait_tables(key), path, now);
        (!updates.is_empty()).then_some(updates)
    };
    let Some(updates) = keys_of(path).find_map(of_key) else { return TraitEvidence::default() };
    let Some((time, seq, value)) = updates.last().cloned() else { return TraitEvidence::default() };
    let same = updates.iter().rev().take_while(|(_, _, other)| *other == value);
    let first = same.last().map(|(time, ..)| *time);
    let before = updates.iter().rev().find(|(_, _, other)| *other != value).and_then(|(_, _, other)| other.clone());
    TraitEvidence { value, updated: Some((time, seq)), since: first, before }
}

/// Time, seq and value of each update of a key up to `now`, in order.
fn updates(tables: &[Table<'_>], path: &str, now: Instant) -> Vec<(Instant, u64, Option<Value>)> {
    let mut updates = Vec::new();
    for table in tables {
        let columns = table.columns.at(path);
        let value = |row: usize| columns.iter().find_map(|column| column.value(row));
        let past = (0..table.len()).filter(|row| table.times[*row] <= now.0);
        updates.extend(past.map(|row| (Instant(table.times[row]), table.seqs.get(row), value(row))));
    }
    updates.sort_by_key(|(time, seq, _)| (*time, *seq));
    updates
}

/// What an attribute of the row that a trait is the key of holds.
pub(super) fn attribute(shard: &Shard, linked: &Linked, now: Instant) -> AttributeEvidence {
    let key = evidence(shard, &linked.key, now);
    let row = key.value.as_ref().and_then(|key| row_of(linked, key));
    AttributeEvidence {
        literal: evidence(shard, &linked.path, now),
        key_path: linked.key.clone(),
        row: row.is_some(),
        attribute: row.and_then(|row| row.attributes.get(&linked.attribute).cloned()),
        key,
    }
}
