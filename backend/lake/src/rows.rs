//! Facts to rows.
//!
//! Rows of a file are sorted by user, time and seq (events without a user first), so a user's history lies together.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Int32Array, Int64Array, RecordBatch, StringBuilder, TimestampMicrosecondArray,
};
use rollcall_rules::{EventFact, Instant, ProfileFact, TraitUpdate, Value, ValueType};

use crate::columns::{Columns, trait_column};
use crate::error::LakeError;
use crate::lake::Quarantined;
use crate::values::ValueBuilder;

fn texts<'a>(values: impl Iterator<Item = &'a str> + Clone) -> ArrayRef {
    let bytes = values.clone().map(str::len).sum();
    let mut builder = StringBuilder::with_capacity(values.size_hint().0, bytes);
    values.for_each(|text| builder.append_value(text));
    Arc::new(builder.finish())
}

fn optional_texts<'a>(values: impl Iterator<Item = Option<&'a str>> + Clone) -> ArrayRef {
    let bytes = values.clone().flatten().map(str::len).sum();
    let mut builder = StringBuilder::with_capacity(values.size_hint().0, bytes);
    values.for_each(|text| builder.append_option(text));
    Arc::new(builder.finish())
}

fn seqs(values: impl Iterator<Item = u64>) -> Result<ArrayRef, LakeError> {
    let signed = values.map(|seq| i64::try_from(seq).map_err(|_| LakeError::Corrupt(format!("{seq} is beyond all positions"))));
    Ok(Arc::new(Int64Array::from(signed.collect::<Result<Vec<_>, _>>()?)))
}

fn instants(values: impl Iterator<Item = Instant>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter_values(values.map(|instant| instant.0)).with_timezone("UTC"))
}

/// The properties of these events, as path and type.
pub(crate) fn properties_of<'a>(events: &[&'a EventFact]) -> BTreeSet<(&'a str, ValueType)> {
    let mut seen = BTreeSet::new();
    let mut before: &[(String, Value)] = &[];
    for event in events {
        for (position, (path, value)) in event.properties.iter().enumerate() {
            // Events of one name mostly have the same properties.
            let again =
                before.get(position).is_some_and(|(other, kind)| other == path && kind.value_type() == value.value_type());
            if !again {
                seen.insert((path.as_str(), value.value_type()));
            }
        }
        before = &event.properties;
    }
    seen
}

/// Rows of an event table. Every property must have its column.
pub(crate) fn event_rows(columns: &Columns, events: &mut [&EventFact]) -> Result<RecordBatch, LakeError> {
    events.sort_unstable_by(|a, b| (&a.user_id, a.time, a.seq).cmp(&(&b.user_id, b.time, b.seq)));
    let mut arrays = vec![
        seqs(events.iter().map(|event| event.seq))?,
        texts(events.iter().map(|event| event.source.as_str())),
        optional_texts(events.iter().map(|event| event.user_id.as_deref())),
        optional_texts(events.iter().map(|event| event.anonymous_id.as_deref())),
        texts(events.iter().map(|event| event.message_id.as_str())),
        texts(events.iter().map(|event| event.name.as_str())),
        instants(events.iter().map(|event| event.time)),
        instants(events.iter().map(|event| event.received_at)),
        texts(events.iter().map(|event| event.raw_properties.as_str())),
        texts(events.iter().map(|event| event.context.as_str())),
    ];
    arrays.extend(property_arrays(columns, events));
    Ok(RecordBatch::try_new(columns.arrow(), arrays)?)
}

fn property_arrays(columns: &Columns, events: &[&EventFact]) -> Vec<ArrayRef> {
    let mut builders: Vec<ValueBuilder> = columns.properties.iter().map(|column| ValueBuilder::new(column.value_type)).collect();
    let places: HashMap<(&str, ValueType), usize> =
        columns.properties.iter().enumerate().map(|(place, column)| ((column.path.as_str(), column.value_type), place)).collect();
    // Where the properties of the event before went: events of one name mostly have the same ones.
    let mut before: Vec<(&str, ValueType, Option<usize>)> = Vec::new();
    for (row, event) in events.iter().enumerate() {
        for (position, (path, value)) in event.properties.iter().enumerate() {
            let value_type = value.value_type();
            let place = match before.get(position) {
                Some((other, kind, place)) if *other == path && *kind == value_type => *place,
                _ => {
                    let place = places.get(&(path.as_str(), value_type)).copied();
                    before.truncate(position);
                    before.push((path, value_type, place));
                    place
                }
            };
            if let Some(builder) = place.and_then(|place| builders.get_mut(place)) {
                builder.set(row, value);
            }
        }
    }
    builders.into_iter().map(|builder| builder.finish(events.len())).collect()
}

/// Rows of the `profiles` table.
pub(crate) fn profile_rows(columns: &Columns, profiles: &mut [&ProfileFact]) -> Result<RecordBatch, LakeError> {
    profiles.sort_unstable_by(|a, b| (&a.user_id, a.time, a.seq).cmp(&(&b.user_id, b.time, b.seq)));
    let arrays = vec![
        seqs(profiles.iter().map(|profile| profile.seq))?,
        texts(profiles.iter().map(|profile| profile.source.as_str())),
        optional_texts(profiles.iter().map(|profile| profile.user_id.as_deref())),
        optional_texts(profiles.iter().map(|profile| profile.anonymous_id.as_deref())),
        texts(profiles.iter().map(|profile| profile.message_id.as_str())),
        instants(profiles.iter().map(|profile| profile.time)),
        instants(profiles.iter().map(|profile| profile.received_at)),
        texts(profiles.iter().map(|profile| profile.raw_traits.as_str())),
        texts(profiles.iter().map(|profile| profile.context.as_str())),
    ];
    Ok(RecordBatch::try_new(columns.arrow(), arrays)?)
}

/// Rows of the `traits` table: one per path of each update.
pub(crate) fn trait_rows(columns: &Columns, profiles: &mut [&ProfileFact]) -> Result<RecordBatch, LakeError> {
    profiles.sort_unstable_by(|a, b| (&a.user_id, a.time, a.seq).cmp(&(&b.user_id, b.time, b.seq)));
    let updates: Vec<(&ProfileFact, i32, &TraitUpdate)> = profiles
        .iter()
        .flat_map(|profile| (0_i32..).zip(&profile.traits).map(|(position, update)| (*profile, position, update)))
        .collect();
    let mut arrays = vec![
        seqs(updates.iter().map(|(profile, ..)| profile.seq))?,
        optional_texts(updates.iter().map(|(profile, ..)| profile.user_id.as_deref())),
        instants(updates.iter().map(|(profile, ..)| profile.time)),
        Arc::new(Int32Array::from_iter_values(updates.iter().map(|(_, position, _)| *position))) as ArrayRef,
        texts(updates.iter().map(|(.., update)| update.key.as_str())),
        texts(updates.iter().map(|(.., update)| update.path.as_str())),
        Arc::new(updates.iter().map(|(.., update)| Some(update.value.is_none())).collect::<BooleanArray>()),
    ];
    for value_type in ValueType::ALL {
        debug_assert!(columns.arrow().index_of(trait_column(value_type)).is_ok_and(|index| index == arrays.len()));
        let mut builder = ValueBuilder::new(value_type);
        for (row, (.., update)) in updates.iter().enumerate() {
            if let Some(value) = update.value.as_ref().filter(|value| value.value_type() == value_type) {
                builder.set(row, value);
            }
        }
        arrays.push(builder.finish(updates.len()));
    }
    Ok(RecordBatch::try_new(columns.arrow(), arrays)?)
}

/// Rows of the `quarantine` table.
pub(crate) fn quarantine_rows(columns: &Columns, records: &[&Quarantined]) -> Result<RecordBatch, LakeError> {
    let arrays = vec![
        seqs(records.iter().map(|record| record.seq))?,
        texts(records.iter().map(|record| record.source.as_str())),
        instants(records.iter().map(|record| record.received_at)),
        texts(records.iter().map(|record| record.reason.as_str())),
        texts(records.iter().map(|record| record.detail.as_str())),
        Arc::new(BinaryArray::from_iter_values(records.iter().map(|record| &record.raw))),
    ];
    Ok(RecordBatch::try_new(columns.arrow(), arrays)?)
}

/// Rows of the `lists` table; the user ids must be sorted.
pub(crate) fn list_rows(columns: &Columns, id: &str, version: u64, user_ids: &[&str]) -> Result<RecordBatch, LakeError> {
    let arrays =
        vec![texts(user_ids.iter().map(|_| id)), seqs(user_ids.iter().map(|_| version))?, texts(user_ids.iter().copied())];
    Ok(RecordBatch::try_new(columns.arrow(), arrays)?)
}
