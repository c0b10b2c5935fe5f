//! The hot tail: what was taken in since the last flush, in memory, columnar like a chunk but in the order of arrival.

use rollcall_rules::{EventFact, ProfileFact, Value, ValueType};
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};

use crate::table::{Codes, Column, Columns, Dictionary, Lists, NO_DAY, NO_INSTANT, Order, Seqs, Table, Values};

/// The tail of one shard.
#[derive(Default)]
pub(crate) struct Tail {
    /// Events by name.
    pub events: TailTables,
    /// Trait updates by top-level key.
    pub traits: TailTables,
    /// Messages taken in ([`crate::MessageKey`]).
    pub messages: FxHashSet<u128>,
    /// First-seen times set or lowered since the last flush, by local uid.
    pub first_seen: FxHashMap<u32, i64>,
}

impl Tail {
    /// Whether there is nothing to flush.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.events.is_empty() && self.traits.is_empty() && self.first_seen.is_empty()
    }

    /// Adds an event of a user.
    pub fn push_event(&mut self, uid: u32, event: &EventFact) {
        let table = self.events.entry(&event.name);
        table.push_row(uid, event.time.0, event.seq);
        for (at, (path, value)) in event.properties.iter().enumerate() {
            match value {
                // Only presence and distinctness of an object matter in events.
                Value::Object(json) => table.set(at, path, &Value::Object(object_identity(json))),
                value => table.set(at, path, value),
            }
        }
    }

    /// Adds a profile update of a user: one row per top-level key.
    pub fn push_profile(&mut self, uid: u32, profile: &ProfileFact) {
        for update in &profile.traits {
            let table = self.traits.entry(&update.key);
            if table.seqs.last() != Some(&profile.seq) {
                table.push_row(uid, profile.time.0, profile.seq);
            }
            if let Some(value) = &update.value {
                table.set(0, &update.path, value);
            }
        }
    }
}

/// What stands for an object in events: the first 16 bytes of SHA-256 of its JSON, in hex.
pub(crate) fn object_identity(json: &str) -> String {
    Sha256::digest(json.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Tables by name.
#[derive(Default)]
pub(crate) struct TailTables {
    tables: Vec<(Box<str>, TailTable)>,
    by_name: FxHashMap<Box<str>, usize>,
}

impl TailTables {
    /// Whether there is no table.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The table of a name.
    pub fn get(&self, name: &str) -> Option<&TailTable> {
        self.by_name.get(name).map(|at| &self.tables[*at].1)
    }

    /// Every name and its table.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &TailTable)> {
        self.tables.iter().map(|(name, table)| (&**name, table))
    }

    /// Adds some rows of another table, as rows of `uid`.
    pub fn copy(&mut self, uid: u32, name: &str, table: &Table<'_>, rows: &[usize]) {
        let columns = table.columns.all();
        let copied = self.entry(name);
        for row in rows {
            copied.push_row(uid, table.times[*row], table.seqs.get(*row));
            for (at, column) in columns.iter().enumerate() {
                if let Some(value) = column.value(*row) {
                    copied.set(at, column.path, &value);
                }
            }
        }
    }

    fn entry(&mut self, name: &str) -> &mut TailTable {
        let at = match self.by_name.get(name) {
            Some(at) => *at,
            None => {
                self.tables.push((name.into(), TailTable::default()));
                self.by_name.insert(name.into(), self.tables.len() - 1);
                self.tables.len() - 1
            }
        };
        &mut self.tables[at].1
    }
}

/// Rows of one event name or trait key, in the order of arrival.
pub(crate) struct TailTable {
    uids: Vec<u32>,
    times: Vec<i64>,
    seqs: Vec<u64>,
    min_time: i64,
    max_time: i64,
    columns: Vec<TailColumn>,
    by_path: FxHashMap<Box<str>, Vec<usize>>,
}

impl Default for TailTable {
    fn default() -> TailTable {
        TailTable {
            uids: Vec::new(),
            times: Vec::new(),
            seqs: Vec::new(),
            min_time: i64::MAX,
            max_time: i64::MIN,
            columns: Vec::new(),
            by_path: FxHashMap::default(),
        }
    }
}

struct TailColumn {
    path: Box<str>,
    value_type: ValueType,
    values: TailValues,
}

enum TailValues {
    Texts { codes: Vec<u32>, dictionary: TailDictionary },
    Numbers(Vec<f64>),
    Booleans(Vec<u8>),
    Instants(Vec<i64>),
    Days(Vec<i32>),
    TextLists { numbers: Vec<u32>, ends: Vec<u32>, elements: Vec<u32>, dictionary: TailDictionary },
    NumberLists { numbers: Vec<u32>, ends: Vec<u32>, elements: Vec<f64> },
}

#[derive(Default)]
struct TailDictionary {
    ends: Vec<u32>,
    bytes: Vec<u8>,
    index: FxHashMap<Box<str>, u32>,
}

impl TailDictionary {
    fn position(&mut self, text: &str) -> u32 {
        if let Some(position) = self.index.get(text) {
            return *position;
        }
        let position = self.ends.len() as u32;
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(self.bytes.len() as u32);
        self.index.insert(text.into(), position);
        position
    }

    fn view(&self) -> Dictionary<'_> {
        Dictionary { ends: &self.ends, bytes: &self.bytes, index: Some(&self.index) }
    }
}

impl TailTable {
    /// The table as evaluation sees it.
    pub fn view(&self) -> Table<'_> {
        Table {
            order: Order::Arrival { uids: &self.uids },
            times: &self.times,
            seqs: Seqs::Wide(&self.seqs),
            min_time: self.min_time,
            max_time: self.max_time,
            columns: self,
        }
    }

    fn push_row(&mut self, uid: u32, time: i64, seq: u64) {
        self.uids.push(uid);
        self.times.push(time);
        self.seqs.push(seq);
        self.min_time = self.min_time.min(time);
        self.max_time = self.max_time.max(time);
    }

    /// Sets a value of the last row. `guess` is where the column probably is.
    fn set(&mut self, guess: usize, path: &str, value: &Value) {
        let value_type = value.value_type();
        let row = self.times.len() - 1;
        let at = match self.columns.get(guess) {
            Some(column) if &*column.path == path && column.value_type == value_type => guess,
            _ => self.column(path, value_type),
        };
        self.columns[at].values.push(row, value);
    }

    fn column(&mut self, path: &str, value_type: ValueType) -> usize {
        let columns = &self.columns;
        let known = self.by_path.get(path).and_then(|all| all.iter().find(|at| columns[**at].value_type == value_type));
        if let Some(at) = known {
            return *at;
        }
        let at = self.columns.len();
        self.columns.push(TailColumn { path: path.into(), value_type, values: TailValues::new(value_type) });
        self.by_path.entry(path.into()).or_default().push(at);
        at
    }
}

impl Columns for TailTable {
    fn at(&self, path: &str) -> Vec<Column<'_>> {
        self.by_path.get(path).into_iter().flatten().map(|at| self.columns[*at].view()).collect()
    }

    fn all(&self) -> Vec<Column<'_>> {
        let mut columns: Vec<Column<'_>> = self.columns.iter().map(TailColumn::view).collect();
        columns.sort_by(|a, b| (a.path, a.value_type).cmp(&(b.path, b.value_type)));
        columns
    }
}

impl TailColumn {
    fn view(&self) -> Column<'_> {
        let values = match &self.values {
            TailValues::Texts { codes, dictionary } => {
                Values::Texts { codes: Codes::Wide(codes), dictionary: dictionary.view(), postings: None }
            }
            TailValues::Numbers(numbers) => Values::Numbers(numbers),
            TailValues::Booleans(booleans) => Values::Booleans(booleans),
            TailValues::Instants(instants) => Values::Instants(instants),
            TailValues::Days(days) => Values::Days(days),
            TailValues::TextLists { numbers, ends, elements, dictionary } => {
                Values::TextLists { lists: Lists { numbers, ends }, elements, dictionary: dictionary.view() }
            }
            TailValues::NumberLists { numbers, ends, elements } => {
                Values::NumberLists { lists: Lists { numbers, ends }, elements }
            }
        };
        Column { path: &self.path, value_type: self.value_type, values }
    }
}

fn put<T: Copy>(values: &mut Vec<T>, row: usize, value: T, none: T) {
    if values.len() < row {
        values.resize(row, none);
    }
    values.truncate(row);
    values.push(value);
}

impl TailValues {
    fn new(value_type: ValueType) -> TailValues {
        match value_type {
            ValueType::String | ValueType::Object => {
                TailValues::Texts { codes: Vec::new(), dictionary: TailDictionary::default() }
            }
            ValueType::Number => TailValues::Numbers(Vec::new()),
            ValueType::Boolean => TailValues::Booleans(Vec::new()),
            ValueType::DateTime => TailValues::Instants(Vec::new()),
            ValueType::Date => TailValues::Days(Vec::new()),
            ValueType::StringList => TailValues::TextLists {
                numbers: Vec::new(),
                ends: Vec::new(),
                elements: Vec::new(),
                dictionary: TailDictionary::default(),
            },
            ValueType::NumberList => TailValues::NumberLists { numbers: Vec::new(), ends: Vec::new(), elements: Vec::new() },
        }
    }

    /// Sets the value of `row`, the last row. The value has the column's type.
    fn push(&mut self, row: usize, value: &Value) {
        match (self, value) {
            (TailValues::Texts { codes, dictionary }, Value::String(text) | Value::Object(text)) => {
                put(codes, row, dictionary.position(text) + 1, 0);
            }
            (TailValues::Numbers(numbers), Value::Number(number)) => put(numbers, row, *number, f64::NAN),
            (TailValues::Booleans(booleans), Value::Boolean(boolean)) => put(booleans, row, 1 + u8::from(*boolean), 0),
            (TailValues::Instants(instants), Value::DateTime(instant)) => put(instants, row, instant.0, NO_INSTANT),
            (TailValues::Days(days), Value::Date(day)) => put(days, row, day.0, NO_DAY),
            (TailValues::TextLists { numbers, ends, elements, dictionary }, Value::StringList(texts)) => {
                elements.extend(texts.iter().map(|text| dictionary.position(text)));
                ends.push(elements.len() as u32);
                put(numbers, row, ends.len() as u32, 0);
            }
            (TailValues::NumberLists { numbers, ends, elements }, Value::NumberList(list)) => {
                elements.extend_from_slice(list);
                ends.push(elements.len() as u32);
                put(numbers, row, ends.len() as u32, 0);
            }
            // `TailTable::column` chooses by type, so nothing else can come.
            _ => {}
        }
    }
}
