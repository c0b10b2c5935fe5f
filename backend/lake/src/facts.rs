//! The tables back to facts, in the order of taking in.
//!
//! Positions are cut into ranges of at most [`RANGE`]; each range is read from the files that reach into it, sorted in
//! memory and handed on, so memory does not grow with the lake. Ranges end where data files end if they can, so that a
//! file is seldom read twice.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringArray};
use arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use datafusion::prelude::{SessionContext, col, lit};
use futures::{StreamExt, TryStreamExt};
use rollcall_rules::{EventFact, Fact, Instant, ProfileFact, TraitUpdate, ValueType};

use crate::columns::{Columns, trait_column};
use crate::error::LakeError;
use crate::lake::{FactStream, Inner};
use crate::tables::{TableId, TableState};
use crate::values::value_at;

/// Most positions in one batch of facts.
const RANGE: u64 = 100_000;

/// Ranges read at the same time.
const READ_AHEAD: usize = 2;

/// A table as it was when the reading began.
type Source = (TableId, Arc<TableState>);

/// See [`crate::Lake::facts`].
pub(crate) fn stream(lake: Arc<Inner>, after: u64, up_to: u64) -> FactStream {
    let mut ids: Vec<TableId> = lake.event_tables().iter().map(|table| table.id.clone()).collect();
    ids.extend([TableId::Profiles, TableId::Traits]);
    let sources: Vec<Source> = ids.into_iter().filter_map(|id| Some((id.clone(), lake.table(&id)?.state()?))).collect();
    let sources = Arc::new(sources);
    let ranges = ranges(&sources, after, up_to);
    let session = lake.session();
    futures::stream::iter(ranges)
        .map(move |(after, up_to)| {
            let (lake, session, sources) = (Arc::clone(&lake), session.clone(), Arc::clone(&sources));
            async move { read_range(&lake, &session, &sources, after, up_to).await }
        })
        .buffered(READ_AHEAD)
        .try_filter(|facts| std::future::ready(!facts.is_empty()))
        .boxed()
}

/// Half-open ranges (after, up_to] that cover every position of the files.
fn ranges(sources: &[Source], after: u64, up_to: u64) -> Vec<(u64, u64)> {
    let ends: BTreeSet<u64> = sources
        .iter()
        .flat_map(|(_, state)| state.files.iter())
        .filter_map(|file| file.ranges.get("seq"))
        .map(|(_, last)| last.unsigned_abs().min(up_to))
        .filter(|last| *last > after)
        .collect();
    let Some(&last) = ends.last() else { return Vec::new() };
    let mut ranges = Vec::new();
    let mut start = after;
    while start < last {
        let end = ends.range(start + 1..=start + RANGE).next_back().copied().unwrap_or((start + RANGE).min(last));
        ranges.push((start, end));
        start = end;
    }
    ranges
}

async fn read_range(
    lake: &Inner,
    session: &SessionContext,
    sources: &[Source],
    after: u64,
    up_to: u64,
) -> Result<Vec<Fact>, LakeError> {
    let mut facts = Vec::new();
    let mut updates: HashMap<u64, Vec<(i32, TraitUpdate)>> = HashMap::new();
    for (id, state) in sources {
        let reaches = |file: &&crate::tables::DataFile| {
            file.ranges.get("seq").is_none_or(|(first, last)| first.unsigned_abs() <= up_to && last.unsigned_abs() > after)
        };
        let files: Vec<_> = state.files.iter().filter(reaches).cloned().collect();
        if files.is_empty() {
            continue;
        }
        let inside = col("seq").gt(lit(signed(after))).and(col("seq").lt_eq(lit(signed(up_to))));
        let rows = session.read_table(lake.scan_of(id, files))?.filter(inside)?;
        let mut batches = std::pin::pin!(rows.execute_stream().await?);
        while let Some(batch) = batches.try_next().await? {
            let read = match id {
                TableId::Events(_) => read_events(&state.columns, &batch, &mut facts),
                TableId::Traits => read_updates(&batch, &mut updates),
                _ => read_profiles(&batch, &mut facts),
            };
            read.ok_or_else(|| LakeError::Corrupt(format!("{} has other columns than it should", id.label())))?;
        }
    }
    for fact in &mut facts {
        if let Fact::Profile(profile) = fact
            && let Some(mut found) = updates.remove(&profile.seq)
        {
            found.sort_unstable_by_key(|(position, _)| *position);
            profile.traits = found.into_iter().map(|(_, update)| update).collect();
        }
    }
    facts.sort_unstable_by_key(Fact::seq);
    Ok(facts)
}

fn signed(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// Typed access to the columns of a batch.
struct Reader<'a>(&'a RecordBatch);

impl<'a> Reader<'a> {
    fn text(&self, name: &str) -> Option<&'a StringArray> {
        self.0.column_by_name(name)?.as_string_opt::<i32>()
    }

    fn seqs(&self) -> Option<impl Fn(usize) -> u64 + 'a> {
        let column = self.0.column_by_name("seq")?.as_primitive_opt::<Int64Type>()?;
        Some(|row| column.value(row).unsigned_abs())
    }

    fn instants(&self, name: &str) -> Option<impl Fn(usize) -> Instant + 'a> {
        let column = self.0.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>()?;
        Some(|row| Instant(column.value(row)))
    }

    fn booleans(&self, name: &str) -> Option<&'a BooleanArray> {
        self.0.column_by_name(name)?.as_boolean_opt()
    }
}

fn optional(column: &StringArray, row: usize) -> Option<String> {
    column.is_valid(row).then(|| column.value(row).to_owned())
}

fn read_events(columns: &Columns, batch: &RecordBatch, into: &mut Vec<Fact>) -> Option<()> {
    let reader = Reader(batch);
    let (seq, time, received_at) = (reader.seqs()?, reader.instants("time")?, reader.instants("received_at")?);
    let (source, message_id, name) = (reader.text("source")?, reader.text("message_id")?, reader.text("event")?);
    let (user_id, anonymous_id) = (reader.text("user_id")?, reader.text("anonymous_id")?);
    let (raw_properties, context) = (reader.text("properties")?, reader.text("context")?);
    let mut properties = Vec::with_capacity(columns.properties.len());
    for column in &columns.properties {
        // A column that this snapshot of the table does not have yet holds nothing.
        if let Some(array) = batch.column_by_name(&column.name) {
            properties.push((column, array));
        }
    }
    properties.sort_unstable_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    into.extend((0..batch.num_rows()).map(|row| {
        let set =
            properties.iter().filter_map(|(column, array)| Some((column.path.clone(), value_at(array, row, column.value_type)?)));
        Fact::Event(EventFact {
            seq: seq(row),
            source: source.value(row).to_owned(),
            user_id: optional(user_id, row),
            anonymous_id: optional(anonymous_id, row),
            message_id: message_id.value(row).to_owned(),
            name: name.value(row).to_owned(),
            time: time(row),
            received_at: received_at(row),
            properties: set.collect(),
            raw_properties: raw_properties.value(row).to_owned(),
            context: context.value(row).to_owned(),
        })
    }));
    Some(())
}

fn read_profiles(batch: &RecordBatch, into: &mut Vec<Fact>) -> Option<()> {
    let reader = Reader(batch);
    let (seq, time, received_at) = (reader.seqs()?, reader.instants("time")?, reader.instants("received_at")?);
    let (source, message_id) = (reader.text("source")?, reader.text("message_id")?);
    let (user_id, anonymous_id) = (reader.text("user_id")?, reader.text("anonymous_id")?);
    let (raw_traits, context) = (reader.text("traits")?, reader.text("context")?);
    into.extend((0..batch.num_rows()).map(|row| {
        Fact::Profile(ProfileFact {
            seq: seq(row),
            source: source.value(row).to_owned(),
            user_id: optional(user_id, row),
            anonymous_id: optional(anonymous_id, row),
            message_id: message_id.value(row).to_owned(),
            time: time(row),
            received_at: received_at(row),
            traits: Vec::new(),
            raw_traits: raw_traits.value(row).to_owned(),
            context: context.value(row).to_owned(),
        })
    }));
    Some(())
}

fn read_updates(batch: &RecordBatch, into: &mut HashMap<u64, Vec<(i32, TraitUpdate)>>) -> Option<()> {
    let reader = Reader(batch);
    let (seq, key, path, removed) = (reader.seqs()?, reader.text("key")?, reader.text("path")?, reader.booleans("removed")?);
    let position = batch.column_by_name("position")?.as_primitive_opt::<Int32Type>()?;
    let mut values = Vec::with_capacity(ValueType::ALL.len());
    for value_type in ValueType::ALL {
        values.push((value_type, batch.column_by_name(trait_column(value_type))?));
    }
    for row in 0..batch.num_rows() {
        let value =
            values.iter().find_map(|(value_type, array)| value_at(array, row, *value_type)).filter(|_| !removed.value(row));
        let update = TraitUpdate { key: key.value(row).to_owned(), path: path.value(row).to_owned(), value };
        into.entry(seq(row)).or_default().push((position.value(row), update));
    }
    Some(())
}
