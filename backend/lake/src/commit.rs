//! A batch of facts into the tables, so that repeating it changes nothing.
//!
//! Rows are grouped by table. A table's log carries the position up to which it is complete (transaction `rollcall`), and
//! that position moves in the same Delta commit that adds the rows. After a crash the batch, or any other cut of the same
//! log, is simply committed again: each table skips what it has. A data file is named after the positions in it, so a
//! file left without a commit is overwritten by the next attempt instead of staying behind.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::RecordBatch;
use futures::StreamExt;
use rollcall_rules::{EventFact, Fact, ProfileFact};

use crate::columns::Columns;
use crate::encode::{EncodedFile, encode};
use crate::error::LakeError;
use crate::lake::{Inner, LakeBatch, Quarantined};
use crate::rows::{event_rows, list_rows, profile_rows, properties_of, quarantine_rows, trait_rows};
use crate::tables::{APP_ID, Table, TableId};

/// Most rows, and most bytes of text, in one data file.
const FILE_ROWS: usize = 500_000;
const FILE_BYTES: usize = 256 << 20;

/// Commits in flight at once.
const PARALLEL_COMMITS: usize = 8;

/// What a batch holds for one table.
enum Part<'a> {
    Events(Vec<&'a EventFact>),
    Profiles(Vec<&'a ProfileFact>),
    Traits(Vec<&'a ProfileFact>),
    Quarantine(Vec<&'a Quarantined>),
}

/// A table's share of a batch, ready to be stored.
struct Prepared {
    table: Arc<Table>,
    columns: Columns,
    files: Vec<EncodedFile>,
}

/// How often a batch is tried when another writer is in the way.
const ATTEMPTS: usize = 3;

impl Inner {
    /// See [`crate::Lake::commit`]. A conflict need not be another writer: a store that answers too late makes the
    /// repeated request collide with the first one. The tables have been read again by then.
    pub(crate) async fn commit_repeatedly(&self, batch: LakeBatch<'_>) -> Result<(), LakeError> {
        let mut attempt = 1;
        loop {
            match self.commit(batch).await {
                Err(LakeError::Conflict(conflict)) if attempt < ATTEMPTS => {
                    tracing::warn!(lake.attempt = attempt, lake.conflict = conflict, "the lake was changed by another writer");
                    attempt += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn commit(&self, batch: LakeBatch<'_>) -> Result<(), LakeError> {
        let _one_at_a_time = self.writing.lock().await;
        let mut work = Vec::new();
        for (id, part) in parts(&batch) {
            let table = self.table_or_new(id)?;
            let complete_to = table.state().map_or(0, |state| state.up_to);
            let part = part.after(complete_to);
            if !part.is_empty() && complete_to < batch.up_to {
                work.push((table, part));
            }
        }
        let prepared = blocking(|| prepare_all(work))?;
        let commits = prepared.into_iter().map(|Prepared { table, columns, files }| async move {
            let outcome = table.append(columns, files, APP_ID, batch.up_to).await;
            (table, outcome)
        });
        let mut commits = futures::stream::iter(commits).buffer_unordered(PARALLEL_COMMITS);
        let mut outcome = Ok(());
        // All are waited for, also after a failure: a commit given up halfway would leave its outcome unknown.
        while let Some((table, committed)) = commits.next().await {
            if table.state().is_some() {
                self.keep(table);
            }
            outcome = outcome.and(committed);
        }
        outcome
    }

    /// See [`crate::Lake::write_list`].
    pub(crate) async fn write_list(&self, id: &str, after: u64, user_ids: &[impl AsRef<str>]) -> Result<u64, LakeError> {
        let _one_at_a_time = self.writing.lock().await;
        let table = self.table_or_new(TableId::Lists)?;
        let version = crate::lists::last_version(&table, id).max(after) + 1;
        let mut sorted: Vec<&str> = user_ids.iter().map(AsRef::as_ref).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let columns = Columns::new(table.id.kind());
        let files = blocking(|| {
            let mut files = Vec::new();
            let mut cuts = cut(&sorted, |user_id| user_id.len());
            if cuts.is_empty() {
                // An empty list is a file without rows: that it was written counts.
                cuts.push(&sorted[..]);
            }
            for (number, part) in cuts.into_iter().enumerate() {
                let name = format!("{}-{number:03}", crate::lists::file_stem(id, version));
                files.push(encode(&columns, &list_rows(&columns, id, version, part)?, &name)?);
            }
            Ok::<_, LakeError>(files)
        })?;
        table.append(columns, files, &format!("{APP_ID}-list:{id}"), version).await?;
        self.keep(table);
        Ok(version)
    }
}

/// Runs work that takes the processor for a while without holding up the other tasks of a multi-threaded runtime.
fn blocking<R>(work: impl FnOnce() -> R) -> R {
    match tokio::runtime::Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(tokio::runtime::RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

fn parts<'a>(batch: &LakeBatch<'a>) -> BTreeMap<TableId, Part<'a>> {
    let mut events: BTreeMap<&str, Vec<&EventFact>> = BTreeMap::new();
    let mut profiles = Vec::new();
    for fact in batch.facts {
        match fact {
            Fact::Event(event) => events.entry(&event.name).or_default().push(event),
            Fact::Profile(profile) => profiles.push(profile),
        }
    }
    let mut parts: BTreeMap<TableId, Part<'a>> =
        events.into_iter().map(|(name, events)| (TableId::Events(name.to_owned()), Part::Events(events))).collect();
    let with_traits = profiles.iter().copied().filter(|profile| !profile.traits.is_empty()).collect();
    parts.insert(TableId::Traits, Part::Traits(with_traits));
    parts.insert(TableId::Profiles, Part::Profiles(profiles));
    parts.insert(TableId::Quarantine, Part::Quarantine(batch.quarantined.iter().collect()));
    parts
}

impl Part<'_> {
    /// What comes after a position.
    fn after(self, complete_to: u64) -> Self {
        fn keep<T: Copy>(rows: Vec<T>, wanted: impl Fn(&T) -> bool) -> Vec<T> {
            if rows.iter().all(&wanted) { rows } else { rows.into_iter().filter(wanted).collect() }
        }
        match self {
            Part::Events(rows) => Part::Events(keep(rows, |row| row.seq > complete_to)),
            Part::Profiles(rows) => Part::Profiles(keep(rows, |row| row.seq > complete_to)),
            Part::Traits(rows) => Part::Traits(keep(rows, |row| row.seq > complete_to)),
            Part::Quarantine(rows) => Part::Quarantine(keep(rows, |row| row.seq > complete_to)),
        }
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn len(&self) -> usize {
        match self {
            Part::Events(rows) => rows.len(),
            Part::Profiles(rows) | Part::Traits(rows) => rows.len(),
            Part::Quarantine(rows) => rows.len(),
        }
    }
}

/// Encodes the shares of all tables on all processors, the largest first.
fn prepare_all(mut work: Vec<(Arc<Table>, Part<'_>)>) -> Result<Vec<Prepared>, LakeError> {
    work.sort_by_key(|(_, part)| std::cmp::Reverse(part.len()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(work.len());
    let next = AtomicUsize::new(0);
    let work: Vec<_> = work.into_iter().map(|item| std::sync::Mutex::new(Some(item))).collect();
    let take = || work.get(next.fetch_add(1, Ordering::Relaxed)).and_then(|item| item.lock().ok()?.take());
    let run = || std::iter::from_fn(take).map(|(table, part)| prepare(table, part)).collect::<Result<Vec<_>, _>>();
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut prepared = run()?;
        for other in others {
            prepared.extend(other.join().map_err(|_| LakeError::Corrupt("encoding rows failed".into()))??);
        }
        Ok(prepared)
    })
}

fn prepare(table: Arc<Table>, part: Part<'_>) -> Result<Prepared, LakeError> {
    let mut columns = table.columns().as_ref().clone();
    let files = match part {
        Part::Events(events) => {
            columns.add(&properties_of(&events));
            let size = |event: &&EventFact| event.raw_properties.len() * 2 + event.context.len();
            cut(&events, size).into_iter().map(|part| file(&columns, part, |event| event.seq, event_rows)).collect()
        }
        Part::Profiles(profiles) => {
            let size = |profile: &&ProfileFact| profile.raw_traits.len() + profile.context.len();
            cut(&profiles, size).into_iter().map(|part| file(&columns, part, |profile| profile.seq, profile_rows)).collect()
        }
        Part::Traits(profiles) => {
            let size = |profile: &&ProfileFact| profile.raw_traits.len() * 2;
            cut(&profiles, size).into_iter().map(|part| file(&columns, part, |profile| profile.seq, trait_rows)).collect()
        }
        Part::Quarantine(records) => {
            let rows = |columns: &Columns, part: &mut [&Quarantined]| quarantine_rows(columns, part);
            cut(&records, |record| record.raw.len())
                .into_iter()
                .map(|part| file(&columns, part, |record| record.seq, rows))
                .collect()
        }
    };
    let files: Result<Vec<_>, LakeError> = files;
    Ok(Prepared { table, columns, files: files? })
}

/// Cuts rows (in seq order) into what fits one file.
fn cut<T>(rows: &[T], size: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let mut cuts = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (position, row) in rows.iter().enumerate() {
        bytes += size(row);
        if position + 1 - start >= FILE_ROWS || bytes >= FILE_BYTES {
            cuts.push(&rows[start..=position]);
            (start, bytes) = (position + 1, 0);
        }
    }
    if start < rows.len() {
        cuts.push(&rows[start..]);
    }
    cuts
}

fn file<T: Copy>(
    columns: &Columns,
    part: &[T],
    seq: impl Fn(T) -> u64,
    rows: impl Fn(&Columns, &mut [T]) -> Result<RecordBatch, LakeError>,
) -> Result<EncodedFile, LakeError> {
    let first = part.iter().map(|row| seq(*row)).min().unwrap_or_default();
    let last = part.iter().map(|row| seq(*row)).max().unwrap_or_default();
    encode(columns, &rows(columns, &mut part.to_vec())?, &format!("part-{first:020}-{last:020}"))
}
