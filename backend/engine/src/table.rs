//! One view on rows and typed columns, whether they lie in a mapped chunk or in the hot tail.
//!
//! A table holds the events of one name, or the updates of one top-level trait key (then its columns are the paths at and
//! below the key, and a row without any value is a removal). Evaluation, flush and compaction only know this view.

use std::sync::OnceLock;

use rollcall_rules::{Day, Instant, Value, ValueType};
use rustc_hash::FxHashMap;

/// "No value" in a column of datetimes.
pub(crate) const NO_INSTANT: i64 = i64::MIN;
/// "No value" in a column of dates.
pub(crate) const NO_DAY: i32 = i32::MIN;

/// Rows of one event name or trait key in one place.
#[derive(Clone, Copy)]
pub(crate) struct Table<'a> {
    /// How rows are ordered, and whose they are.
    pub order: Order<'a>,
    /// Time of each row, microseconds.
    pub times: &'a [i64],
    /// Seq of each row.
    pub seqs: Seqs<'a>,
    /// Earliest time of any row.
    pub min_time: i64,
    /// Latest time of any row.
    pub max_time: i64,
    /// The columns.
    pub columns: &'a dyn Columns,
}

/// Whose rows they are.
#[derive(Clone, Copy)]
pub(crate) enum Order<'a> {
    /// Sorted by (uid, time, seq): the rows of `users[i]` are `starts[i]..starts[i + 1]`.
    Sorted {
        /// Distinct local uids, growing.
        users: &'a [u32],
        /// One more than users; the last is the number of rows.
        starts: &'a [u32],
        /// Whose each row is; made when first asked for.
        owners: &'a OnceLock<Owners>,
    },
    /// In the order of taking in, with the local uid of each row.
    Arrival {
        /// Local uids.
        uids: &'a [u32],
    },
}

/// Whose each row of a sorted table is: a bit at each user's first row, and how many such bits there are before each 64 rows.
pub(crate) struct Owners {
    firsts: Vec<u64>,
    before: Vec<u32>,
}

impl Owners {
    /// From the first row of each user, and the number of rows.
    pub fn new(starts: &[u32]) -> Owners {
        let rows = starts.last().map_or(0, |rows| *rows as usize);
        let mut firsts = vec![0_u64; rows.div_ceil(64)];
        for start in starts.iter().take(starts.len().saturating_sub(1)) {
            firsts[*start as usize / 64] |= 1 << (start % 64);
        }
        let count = |sum: &mut u32, word: &u64| Some(std::mem::replace(sum, *sum + word.count_ones()));
        let before = firsts.iter().scan(0, count).collect();
        Owners { firsts, before }
    }

    /// The position of a row's user.
    #[inline]
    pub fn of(&self, row: usize) -> usize {
        let firsts = self.firsts[row / 64] & (!0 >> (63 - row % 64));
        (self.before[row / 64] + firsts.count_ones()) as usize - 1
    }
}

/// Seqs of rows.
#[derive(Clone, Copy)]
pub(crate) enum Seqs<'a> {
    /// As they are.
    Wide(&'a [u64]),
    /// Counted from a base.
    Narrow {
        /// Added to each.
        base: u64,
        /// Distance from the base.
        offsets: &'a [u32],
    },
}

/// Access to the columns of a table.
pub(crate) trait Columns: Sync {
    /// The columns at a path, one per type that occurs; a row has a value in one of them at most.
    fn at(&self, path: &str) -> Vec<Column<'_>>;
    /// Every column, sorted by path, then type.
    fn all(&self) -> Vec<Column<'_>>;
}

/// The values of one type at one path.
#[derive(Clone)]
pub(crate) struct Column<'a> {
    /// Flattened path.
    pub path: &'a str,
    /// Type of all values.
    pub value_type: ValueType,
    /// The values by row. Columns of the tail may be shorter than their table: rows beyond the end have no value.
    pub values: Values<'a>,
}

/// Values by row.
#[derive(Clone)]
pub(crate) enum Values<'a> {
    /// Strings, or objects as JSON: 0 is "no value", else 1 + position in the dictionary.
    Texts {
        /// By row.
        codes: Codes<'a>,
        /// The distinct texts.
        dictionary: Dictionary<'a>,
        /// Rows by text, if the column has them.
        postings: Option<Postings<'a>>,
    },
    /// Numbers; NaN is "no value".
    Numbers(&'a [f64]),
    /// 0 is "no value", 1 false, 2 true.
    Booleans(&'a [u8]),
    /// Microseconds; [`NO_INSTANT`] is "no value".
    Instants(&'a [i64]),
    /// Days; [`NO_DAY`] is "no value".
    Days(&'a [i32]),
    /// Lists of strings: elements are positions in the dictionary.
    TextLists {
        /// Which list each row has.
        lists: Lists<'a>,
        /// Elements of all lists, one list after the other.
        elements: &'a [u32],
        /// The distinct texts.
        dictionary: Dictionary<'a>,
    },
    /// Lists of numbers.
    NumberLists {
        /// Which list each row has.
        lists: Lists<'a>,
        /// Elements of all lists, one list after the other.
        elements: &'a [f64],
    },
}

/// Which part of a column's elements a row has.
#[derive(Clone, Copy)]
pub(crate) struct Lists<'a> {
    /// By row: 0 is "no value", else 1 + number of its list.
    pub numbers: &'a [u32],
    /// Where each list ends in the elements.
    pub ends: &'a [u32],
}

impl Lists<'_> {
    /// The elements of a row's list; `None` if it has no list.
    #[inline]
    pub fn range(&self, row: usize) -> Option<std::ops::Range<usize>> {
        let list = (self.numbers.get(row).copied().unwrap_or(0) as usize).checked_sub(1)?;
        let start = if list == 0 { 0 } else { self.ends[list - 1] };
        Some(start as usize..self.ends[list] as usize)
    }
}

/// Unsigned numbers as wide as needed.
#[derive(Clone, Copy)]
pub(crate) enum Codes<'a> {
    /// Below 2^8.
    Narrow(&'a [u8]),
    /// Below 2^16.
    Medium(&'a [u16]),
    /// Below 2^32.
    Wide(&'a [u32]),
}

impl Codes<'_> {
    /// The code of a row; 0 beyond the end.
    #[inline]
    pub fn get(&self, row: usize) -> u32 {
        match self {
            Codes::Narrow(codes) => codes.get(row).map_or(0, |code| u32::from(*code)),
            Codes::Medium(codes) => codes.get(row).map_or(0, |code| u32::from(*code)),
            Codes::Wide(codes) => codes.get(row).copied().unwrap_or(0),
        }
    }
}

/// Distinct texts, by position.
#[derive(Clone, Copy)]
pub(crate) struct Dictionary<'a> {
    /// Where each text ends in `bytes`.
    pub ends: &'a [u32],
    /// All texts, one after the other.
    pub bytes: &'a [u8],
    /// How to find one: by hash in the tail; `None` if the texts are sorted by bytes.
    pub index: Option<&'a FxHashMap<Box<str>, u32>>,
}

impl<'a> Dictionary<'a> {
    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a text.
    pub fn bytes_of(&self, position: usize) -> &'a [u8] {
        let start = if position == 0 { 0 } else { self.ends[position - 1] };
        &self.bytes[start as usize..self.ends[position] as usize]
    }

    /// A text.
    pub fn get(&self, position: usize) -> &'a str {
        // Only whole strings are ever written; the checksum of the file is verified.
        std::str::from_utf8(self.bytes_of(position)).unwrap_or_default()
    }

    /// The position of a text.
    pub fn find(&self, text: &str) -> Option<u32> {
        if let Some(index) = self.index {
            return index.get(text).copied();
        }
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            match self.bytes_of(middle).cmp(text.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(middle as u32),
            }
        }
        None
    }
}

/// Rows by dictionary position.
#[derive(Clone, Copy)]
pub(crate) struct Postings<'a> {
    /// Where the rows of each text end in `rows`.
    pub ends: &'a [u32],
    /// Row numbers, growing for each text.
    pub rows: &'a [u32],
}

impl<'a> Postings<'a> {
    /// The rows with a text.
    pub fn rows_of(&self, position: usize) -> &'a [u32] {
        let start = if position == 0 { 0 } else { self.ends[position - 1] };
        &self.rows[start as usize..self.ends[position] as usize]
    }
}

impl Seqs<'_> {
    /// The seq of a row.
    #[inline]
    pub fn get(&self, row: usize) -> u64 {
        match self {
            Seqs::Wide(seqs) => seqs[row],
            Seqs::Narrow { base, offsets } => base + u64::from(offsets[row]),
        }
    }
}

impl Table<'_> {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// How many rows have time <= `now`.
    pub fn count_until(&self, now: i64) -> u64 {
        if self.max_time <= now {
            self.len() as u64
        } else if self.min_time > now {
            0
        } else {
            self.times.iter().filter(|time| **time <= now).count() as u64
        }
    }

    /// The rows of one user (all of them in `Sorted` order, else found one by one).
    pub fn rows_of(&self, uid: u32) -> Vec<usize> {
        match self.order {
            Order::Sorted { users, starts, .. } => match users.binary_search(&uid) {
                Ok(at) => (starts[at] as usize..starts[at + 1] as usize).collect(),
                Err(_) => Vec::new(),
            },
            Order::Arrival { uids } => (0..uids.len()).filter(|row| uids[*row] == uid).collect(),
        }
    }
}

impl Column<'_> {
    /// Whether a row has a value.
    #[inline]
    pub fn is_set(&self, row: usize) -> bool {
        match &self.values {
            Values::Texts { codes, .. } => codes.get(row) != 0,
            Values::Numbers(numbers) => numbers.get(row).is_some_and(|number| !number.is_nan()),
            Values::Booleans(booleans) => booleans.get(row).is_some_and(|boolean| *boolean != 0),
            Values::Instants(instants) => instants.get(row).is_some_and(|instant| *instant != NO_INSTANT),
            Values::Days(days) => days.get(row).is_some_and(|day| *day != NO_DAY),
            Values::TextLists { lists, .. } | Values::NumberLists { lists, .. } => {
                lists.numbers.get(row).is_some_and(|list| *list != 0)
            }
        }
    }

    /// The value of a row.
    pub fn value(&self, row: usize) -> Option<Value> {
        if !self.is_set(row) {
            return None;
        }
        Some(match &self.values {
            Values::Texts { codes, dictionary, .. } => {
                let text = dictionary.get(codes.get(row) as usize - 1).to_owned();
                if self.value_type == ValueType::Object { Value::Object(text) } else { Value::String(text) }
            }
            Values::Numbers(numbers) => Value::Number(numbers[row]),
            Values::Booleans(booleans) => Value::Boolean(booleans[row] == 2),
            Values::Instants(instants) => Value::DateTime(Instant(instants[row])),
            Values::Days(days) => Value::Date(Day(days[row])),
            Values::TextLists { lists, elements, dictionary } => {
                let positions = &elements[lists.range(row)?];
                Value::StringList(positions.iter().map(|at| dictionary.get(*at as usize).to_owned()).collect())
            }
            Values::NumberLists { lists, elements } => Value::NumberList(elements[lists.range(row)?].to_vec()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_find_their_users() {
        let starts: Vec<u32> =
            (0..400).scan(0, |start, user| Some(std::mem::replace(start, *start + 1 + user * user % 90))).collect();
        let owners = Owners::new(&starts);
        for row in 0..*starts.last().unwrap() {
            assert_eq!(owners.of(row as usize), starts.partition_point(|start| *start <= row) - 1);
        }
    }
}
