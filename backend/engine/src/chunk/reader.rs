//! Reading a chunk through a memory map.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bytemuck::Pod;
use memmap2::Mmap;
use parking_lot::Mutex;

use crate::chunk::format::{
    ALIGNMENT, ColumnAt, Directory, FOOTER, HEADER, MAGIC, Section, TableAt, Texts, VERSION, ValuesAt, bloom_bits,
};
use crate::error::EngineError;
use crate::table::{Codes, Column, Columns, Dictionary, Lists, Order, Owners, Postings, Seqs, Table, Values};

/// An open chunk.
pub(crate) struct Chunk {
    name: String,
    data: Bytes,
    first_uid: u32,
    ids: Texts,
    seen_uids: Section,
    seen_times: Section,
    messages: Section,
    bloom: Section,
    events: Vec<ChunkTable>,
    traits: Vec<ChunkTable>,
    /// Number of events up to instants asked for lately, the newest last.
    counted: Mutex<Vec<(i64, u64)>>,
}

/// So many instants are remembered.
const COUNTED: usize = 16;

/// The mapped file; cheap to share between the chunk and its tables.
#[derive(Clone)]
struct Bytes(std::sync::Arc<Mmap>);

impl Bytes {
    /// A section; every section was checked when the chunk was opened.
    fn slice<T: Pod>(&self, section: Section) -> &[T] {
        let bytes = self.0.get(section.at as usize..(section.at + section.len) as usize).unwrap_or_default();
        bytemuck::try_cast_slice(bytes).unwrap_or_default()
    }

    fn dictionary(&self, texts: Texts) -> Dictionary<'_> {
        Dictionary { ends: self.slice(texts.ends), bytes: self.slice(texts.bytes), index: None }
    }
}

/// One table of a chunk.
struct ChunkTable {
    data: Bytes,
    at: TableAt,
    owners: OnceLock<Owners>,
}

impl Chunk {
    /// Opens and verifies a file.
    ///
    /// # Errors
    /// [`EngineError::Corrupt`] naming the file if anything in it does not fit together.
    pub fn open(path: &Path) -> Result<Chunk, EngineError> {
        let file = File::open(path).map_err(EngineError::io(path))?;
        // SAFETY: chunk files are written under another name, made durable and renamed before anyone maps them; nothing ever
        // writes to one again (merges write new files, removal unlinks), and the directory is locked against other
        // processes of this program. So the mapped bytes do not change.
        let map = unsafe { Mmap::map(&file) }.map_err(EngineError::io(path))?;
        let directory = verify(&map, path)?;
        check_places(&directory, map.len() as u64 - FOOTER as u64).map_err(|reason| EngineError::corrupt(path, reason))?;
        let data = Bytes(std::sync::Arc::new(map));
        let tables = |tables: Vec<TableAt>| {
            tables.into_iter().map(|at| ChunkTable { data: data.clone(), at, owners: OnceLock::new() }).collect()
        };
        Ok(Chunk {
            name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            first_uid: directory.first_uid,
            ids: directory.ids,
            seen_uids: directory.seen_uids,
            seen_times: directory.seen_times,
            messages: directory.messages,
            bloom: directory.bloom,
            events: tables(directory.events),
            traits: tables(directory.traits),
            counted: Mutex::default(),
            data,
        })
    }

    /// File name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size of the file.
    pub fn size(&self) -> u64 {
        self.data.0.len() as u64
    }

    /// Uid of the first user named here.
    pub fn first_uid(&self) -> u32 {
        self.first_uid
    }

    /// Ids of the users named here, in uid order.
    pub fn ids(&self) -> impl Iterator<Item = &[u8]> {
        split(self.data.slice(self.ids.ends), self.data.slice(self.ids.bytes))
    }

    /// First-seen times set or lowered here.
    pub fn first_seen(&self) -> impl Iterator<Item = (u32, i64)> {
        let (uids, times) = (self.data.slice::<u32>(self.seen_uids), self.data.slice::<i64>(self.seen_times));
        uids.iter().copied().zip(times.iter().copied())
    }

    /// Messages taken in, sorted.
    pub fn messages(&self) -> impl Iterator<Item = u128> {
        self.data.slice::<[u64; 2]>(self.messages).iter().map(key_of)
    }

    /// Whether a message was taken in.
    pub fn seen(&self, key: u128) -> bool {
        let bloom: &[u64] = self.data.slice(self.bloom);
        bloom_bits(key, bloom.len()).all(|(word, mask)| bloom[word] & mask != 0)
            && self.data.slice::<[u64; 2]>(self.messages).binary_search_by_key(&key, key_of).is_ok()
    }

    /// The events of a name, in tables that share no time.
    pub fn events(&self, name: &str) -> impl Iterator<Item = Table<'_>> {
        named(&self.events, name)
    }

    /// The updates of a top-level trait key.
    pub fn traits(&self, key: &str) -> impl Iterator<Item = Table<'_>> {
        named(&self.traits, key)
    }

    /// Every event table with its name.
    pub fn all_events(&self) -> impl Iterator<Item = (&str, Table<'_>)> {
        self.events.iter().map(|table| (&*table.at.name, table.view()))
    }

    /// Events with time <= `now`. Counting into the past means a look at every time, so the answers are remembered: rules are
    /// evaluated many at a time at one instant.
    pub fn events_until(&self, now: i64) -> u64 {
        if self.events.iter().all(|table| table.at.max_time <= now) {
            return self.events.iter().map(|table| table.view().len() as u64).sum();
        }
        let known = self.counted.lock().iter().find(|(at, _)| *at == now).map(|(_, count)| *count);
        known.unwrap_or_else(|| {
            let count = self.events.iter().map(|table| table.view().count_until(now)).sum();
            let mut counted = self.counted.lock();
            if counted.len() == COUNTED {
                counted.remove(0);
            }
            counted.push((now, count));
            count
        })
    }

    /// Every trait table with its key.
    pub fn all_traits(&self) -> impl Iterator<Item = (&str, Table<'_>)> {
        self.traits.iter().map(|table| (&*table.at.name, table.view()))
    }
}

/// Texts from where each ends and all bytes.
pub(crate) fn split<'a>(ends: &'a [u32], bytes: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, end)| &bytes[start as usize..*end as usize])
}

fn key_of(pair: &[u64; 2]) -> u128 {
    u128::from(pair[0]) << 64 | u128::from(pair[1])
}

fn named<'a>(tables: &'a [ChunkTable], name: &str) -> impl Iterator<Item = Table<'a>> {
    let start = tables.partition_point(|table| table.at.name.as_str() < name);
    let end = start + tables[start..].partition_point(|table| table.at.name == name);
    tables[start..end].iter().map(ChunkTable::view)
}

impl ChunkTable {
    fn view(&self) -> Table<'_> {
        let (data, at) = (&self.data, &self.at);
        Table {
            order: Order::Sorted { users: data.slice(at.users), starts: data.slice(at.starts), owners: &self.owners },
            times: data.slice(at.times),
            seqs: if at.wide_seqs {
                Seqs::Wide(data.slice(at.seqs))
            } else {
                Seqs::Narrow { base: at.seq_base, offsets: data.slice(at.seqs) }
            },
            min_time: at.min_time,
            max_time: at.max_time,
            columns: self,
        }
    }

    fn column<'a>(&'a self, column: &'a ColumnAt) -> Column<'a> {
        let data = &self.data;
        let values = match column.values {
            ValuesAt::Texts { width, codes, dictionary, postings } => Values::Texts {
                codes: match width {
                    1 => Codes::Narrow(data.slice(codes)),
                    2 => Codes::Medium(data.slice(codes)),
                    _ => Codes::Wide(data.slice(codes)),
                },
                dictionary: data.dictionary(dictionary),
                postings: postings.map(|at| Postings { ends: data.slice(at.ends), rows: data.slice(at.rows) }),
            },
            ValuesAt::Numbers(section) => Values::Numbers(data.slice(section)),
            ValuesAt::Booleans(section) => Values::Booleans(data.slice(section)),
            ValuesAt::Instants(section) => Values::Instants(data.slice(section)),
            ValuesAt::Days(section) => Values::Days(data.slice(section)),
            ValuesAt::TextLists { numbers, ends, elements, dictionary } => Values::TextLists {
                lists: Lists { numbers: data.slice(numbers), ends: data.slice(ends) },
                elements: data.slice(elements),
                dictionary: data.dictionary(dictionary),
            },
            ValuesAt::NumberLists { numbers, ends, elements } => Values::NumberLists {
                lists: Lists { numbers: data.slice(numbers), ends: data.slice(ends) },
                elements: data.slice(elements),
            },
        };
        Column { path: &column.path, value_type: column.value_type, values }
    }
}

impl Columns for ChunkTable {
    fn at(&self, path: &str) -> Vec<Column<'_>> {
        let columns = &self.at.columns;
        let start = columns.partition_point(|column| column.path.as_str() < path);
        columns[start..].iter().take_while(|column| column.path == path).map(|column| self.column(column)).collect()
    }

    fn all(&self) -> Vec<Column<'_>> {
        self.at.columns.iter().map(|column| self.column(column)).collect()
    }
}

/// Checks magic, version and checksum, and reads the directory.
fn verify(map: &[u8], path: &Path) -> Result<Directory, EngineError> {
    let corrupt = |reason: &str| EngineError::corrupt(path, reason);
    if map.len() < HEADER + FOOTER || &map[..8] != MAGIC {
        return Err(corrupt("it is not a chunk"));
    }
    if !(1..=VERSION).contains(&map[8]) {
        return Err(EngineError::Version { path: PathBuf::from(path), version: u32::from(map[8]) });
    }
    let footer = &map[map.len() - FOOTER..];
    let number = |at: usize| footer[at..at + 8].iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    if &footer[24..] != MAGIC {
        return Err(corrupt("its end is missing"));
    }
    let checksum = crc32fast::hash(&map[..map.len() - FOOTER + 16]);
    if u64::from(checksum) != number(16) {
        return Err(corrupt("the checksum does not match"));
    }
    let directory = usize::try_from(number(0)).ok().zip(usize::try_from(number(8)).ok());
    let bytes = directory.and_then(|(at, len)| map[..map.len() - FOOTER].get(at..at.checked_add(len)?));
    let bytes = bytes.ok_or_else(|| corrupt("the directory lies outside"))?;
    serde_json::from_slice(bytes).map_err(|error| corrupt(&format!("the directory cannot be read: {error}")))
}

/// Checks that sections lie inside the file, are aligned, and have the lengths that belong together.
fn check_places(directory: &Directory, end: u64) -> Result<(), String> {
    let places = Places { end };
    places.count(directory.ids.ends, 4)?;
    places.count(directory.ids.bytes, 1)?;
    places.same(places.count(directory.seen_uids, 4)?, places.count(directory.seen_times, 8)?)?;
    places.count(directory.messages, 16)?;
    if !places.count(directory.bloom, 8)?.is_power_of_two() {
        return Err("the bloom filter has a wrong length".to_owned());
    }
    directory.events.iter().chain(&directory.traits).try_for_each(|table| check_table(&places, table))
}

fn check_table(places: &Places, table: &TableAt) -> Result<(), String> {
    let rows = places.count(table.times, 8)?;
    places.same(rows, places.count(table.seqs, if table.wide_seqs { 8 } else { 4 })?)?;
    places.same(places.count(table.users, 4)? + 1, places.count(table.starts, 4)?)?;
    for column in &table.columns {
        match column.values {
            ValuesAt::Texts { width, codes, dictionary, postings } => {
                places.same(rows, places.count(codes, u64::from(width))?)?;
                let texts = places.texts(dictionary)?;
                if let Some(postings) = postings {
                    places.same(texts, places.count(postings.ends, 4)?)?;
                    places.count(postings.rows, 4)?;
                }
            }
            ValuesAt::Numbers(section) | ValuesAt::Instants(section) => places.same(rows, places.count(section, 8)?)?,
            ValuesAt::Booleans(section) => places.same(rows, places.count(section, 1)?)?,
            ValuesAt::Days(section) => places.same(rows, places.count(section, 4)?)?,
            ValuesAt::TextLists { numbers, ends, elements, dictionary } => {
                places.same(rows, places.count(numbers, 4)?)?;
                places.count(ends, 4)?;
                places.count(elements, 4)?;
                places.texts(dictionary)?;
            }
            ValuesAt::NumberLists { numbers, ends, elements } => {
                places.same(rows, places.count(numbers, 4)?)?;
                places.count(ends, 4)?;
                places.count(elements, 8)?;
            }
        }
    }
    Ok(())
}

struct Places {
    end: u64,
}

impl Places {
    /// The number of items in a section.
    fn count(&self, section: Section, size: u64) -> Result<u64, String> {
        let end = section.at.checked_add(section.len).filter(|end| *end <= self.end);
        if end.is_none() || !section.at.is_multiple_of(ALIGNMENT as u64) || size == 0 || !section.len.is_multiple_of(size) {
            return Err(format!("a section of {} bytes at {} is impossible", section.len, section.at));
        }
        Ok(section.len / size)
    }

    fn texts(&self, texts: Texts) -> Result<u64, String> {
        self.count(texts.bytes, 1)?;
        self.count(texts.ends, 4)
    }

    fn same(&self, a: u64, b: u64) -> Result<(), String> {
        if a == b { Ok(()) } else { Err(format!("{a} and {b} items belong together")) }
    }
}
