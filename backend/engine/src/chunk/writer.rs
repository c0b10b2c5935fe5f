//! Writing a chunk: from a frozen tail (flush) or from other chunks (merge).

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::chunk::format::{Directory, Section, TableAt, bloom_bits};
use crate::chunk::merge::{Merged, merge};
use crate::chunk::reader::Chunk;
use crate::chunk::sink::Sink;
use crate::chunk::{columns, parts, reader};
use crate::error::EngineError;
use crate::shard::{Frozen, views};
use crate::table::Table;

/// What goes into a chunk.
#[derive(Default)]
pub(crate) struct Contents<'a> {
    events: BTreeMap<&'a str, Vec<Table<'a>>>,
    traits: BTreeMap<&'a str, Vec<Table<'a>>>,
    first_uid: u32,
    ids: Vec<&'a [u8]>,
    first_seen: BTreeMap<u32, i64>,
    messages: Vec<u128>,
}

impl<'a> Contents<'a> {
    /// Of a tail.
    pub fn of_tail(frozen: &'a Frozen) -> Contents<'a> {
        let mut contents = Contents { first_uid: frozen.first_uid, ..Contents::default() };
        let (ends, bytes) = &frozen.ids;
        contents.ids = reader::split(ends, bytes).collect();
        contents.add(views(&frozen.tail.events), views(&frozen.tail.traits));
        contents.first_seen.extend(&frozen.tail.first_seen);
        contents.messages.extend(&frozen.tail.messages);
        contents
    }

    /// Of neighbouring chunks, oldest first.
    pub fn of_chunks(chunks: &'a [Arc<Chunk>]) -> Contents<'a> {
        let mut contents = Contents { first_uid: chunks.first().map_or(0, |chunk| chunk.first_uid()), ..Contents::default() };
        for chunk in chunks {
            contents.ids.extend(chunk.ids());
            contents.add(chunk.all_events(), chunk.all_traits());
            for (uid, time) in chunk.first_seen() {
                contents.first_seen.entry(uid).and_modify(|earliest| *earliest = time.min(*earliest)).or_insert(time);
            }
            contents.messages.extend(chunk.messages());
        }
        contents
    }

    fn add(&mut self, events: impl Iterator<Item = (&'a str, Table<'a>)>, traits: impl Iterator<Item = (&'a str, Table<'a>)>) {
        events.for_each(|(name, table)| self.events.entry(name).or_default().push(table));
        traits.for_each(|(key, table)| self.traits.entry(key).or_default().push(table));
    }
}

/// Writes a chunk file and makes it durable. Events of fewer than `part_rows` rows are not split by time.
pub(crate) fn write(path: &Path, contents: Contents<'_>, part_rows: usize) -> Result<(), EngineError> {
    let file = File::create(path).map_err(EngineError::io(path))?;
    write_to(file, contents, part_rows).map_err(EngineError::io(path))
}

fn write_to(file: File, mut contents: Contents<'_>, part_rows: usize) -> io::Result<()> {
    let mut sink = Sink::new(file)?;
    let ids = sink.texts(contents.ids.iter().copied())?;
    let uids: Vec<u32> = contents.first_seen.keys().copied().collect();
    let times: Vec<i64> = contents.first_seen.values().copied().collect();
    let (seen_uids, seen_times) = (sink.section(&uids)?, sink.section(&times)?);
    contents.messages.sort_unstable();
    contents.messages.dedup();
    let (messages, bloom) = write_messages(&mut sink, &contents.messages)?;
    let directory = Directory {
        first_uid: contents.first_uid,
        ids,
        seen_uids,
        seen_times,
        messages,
        bloom,
        events: write_tables(&mut sink, &contents.events, Some(part_rows))?,
        traits: write_tables(&mut sink, &contents.traits, None)?,
    };
    sink.finish(&directory)
}

fn write_messages(sink: &mut Sink, keys: &[u128]) -> io::Result<(Section, Section)> {
    let pairs: Vec<[u64; 2]> = keys.iter().map(|key| [(key >> 64) as u64, *key as u64]).collect();
    // About 10 bits for each message: one lookup in a hundred of an unknown message goes on to the keys.
    let mut bloom = vec![0_u64; (keys.len() * 10).div_ceil(64).next_power_of_two()];
    let words = bloom.len();
    for key in keys {
        bloom_bits(*key, words).for_each(|(word, mask)| bloom[word] |= mask);
    }
    Ok((sink.section(&pairs)?, sink.section(&bloom)?))
}

/// Writes tables, in parts by time if it is said how many rows are worth one.
fn write_tables(sink: &mut Sink, tables: &BTreeMap<&str, Vec<Table<'_>>>, part_rows: Option<usize>) -> io::Result<Vec<TableAt>> {
    let mut written = Vec::new();
    for (name, sources) in tables {
        let whole = merge(sources);
        let time = |(source, row): &(u32, u32)| sources[*source as usize].times[*row as usize];
        let parts = match part_rows {
            Some(fewest) => parts::split(whole, fewest, time),
            None => vec![whole],
        };
        for part in parts {
            written.push(write_table(sink, name, sources, &part)?);
        }
    }
    Ok(written)
}

fn write_table(sink: &mut Sink, name: &str, sources: &[Table<'_>], merged: &Merged) -> io::Result<TableAt> {
    let time = |(source, row): &(u32, u32)| sources[*source as usize].times[*row as usize];
    let times: Vec<i64> = merged.rows.iter().map(time).collect();
    let seq = |(source, row): &(u32, u32)| sources[*source as usize].seqs.get(*row as usize);
    let seqs: Vec<u64> = merged.rows.iter().map(seq).collect();
    let seq_base = seqs.iter().copied().min().unwrap_or(0);
    let narrow: Option<Vec<u32>> = seqs.iter().map(|seq| u32::try_from(seq - seq_base).ok()).collect();
    Ok(TableAt {
        name: name.to_owned(),
        min_time: times.iter().copied().min().unwrap_or(i64::MAX),
        max_time: times.iter().copied().max().unwrap_or(i64::MIN),
        users: sink.section(&merged.users)?,
        starts: sink.section(&merged.starts)?,
        times: sink.section(&times)?,
        wide_seqs: narrow.is_none(),
        seq_base: if narrow.is_none() { 0 } else { seq_base },
        seqs: match &narrow {
            Some(narrow) => sink.section(narrow)?,
            None => sink.section(&seqs)?,
        },
        columns: columns::write(sink, sources, &merged.rows)?,
    })
}
