//! The chunk file, version 2. In version 1 the events of a name were one table.
//!
//! ```text
//! 0   magic "RLCCHUNK", version byte, 7 zero bytes
//! 16  sections, each starting at a multiple of 8, little endian
//!     directory: JSON, says where each section is
//! end footer: directory position u64, its length u64, CRC-32 of everything before it u32, zero u32, magic
//! ```
//!
//! To change the format: give it the next version number, keep reading this one (`reader.rs` branches on the version byte) and
//! let compaction rewrite; keep the old fixture of the tests. Or refuse the old one: an index can be rebuilt from the lake.

use rollcall_rules::ValueType;
use serde::{Deserialize, Serialize};

/// First and last bytes of a chunk.
pub(crate) const MAGIC: &[u8; 8] = b"RLCCHUNK";
/// The version written; older ones can be read.
pub(crate) const VERSION: u8 = 2;
/// Length of magic, version and padding.
pub(crate) const HEADER: usize = 16;
/// Length of the footer.
pub(crate) const FOOTER: usize = 32;
/// Every section starts at a multiple of this.
pub(crate) const ALIGNMENT: usize = 8;
/// Bits set in the bloom filter for each message.
pub(crate) const BLOOM_HASHES: u32 = 6;

/// Where a section lies.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Section {
    /// First byte.
    pub at: u64,
    /// Bytes.
    pub len: u64,
}

/// Texts one after the other.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Texts {
    /// u32: where each text ends.
    pub ends: Section,
    /// UTF-8.
    pub bytes: Section,
}

/// What is where.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Directory {
    /// Uid of the first user named in this chunk; the others follow.
    pub first_uid: u32,
    /// Their ids.
    pub ids: Texts,
    /// u32: users whose first-seen time this chunk sets or lowers, growing.
    pub seen_uids: Section,
    /// i64: those times.
    pub seen_times: Section,
    /// Pairs of u64 (high, low): messages taken in, sorted.
    pub messages: Section,
    /// u64: bloom filter over them, a power of two of words.
    pub bloom: Section,
    /// Events by name, sorted; of one name there may be several, which share no time, the oldest first.
    pub events: Vec<TableAt>,
    /// Trait updates by top-level key, sorted.
    pub traits: Vec<TableAt>,
}

/// One table.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TableAt {
    /// Event name or key.
    pub name: String,
    /// Earliest time.
    pub min_time: i64,
    /// Latest time.
    pub max_time: i64,
    /// u32: distinct uids, growing.
    pub users: Section,
    /// u32: first row of each, and the number of rows.
    pub starts: Section,
    /// i64.
    pub times: Section,
    /// Added to each seq.
    pub seq_base: u64,
    /// Whether seqs are u64, not u32.
    pub wide_seqs: bool,
    /// u32 or u64.
    pub seqs: Section,
    /// Sorted by path, then type.
    pub columns: Vec<ColumnAt>,
}

/// One column.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ColumnAt {
    /// Flattened path.
    pub path: String,
    /// Type of its values.
    pub value_type: ValueType,
    /// The values.
    pub values: ValuesAt,
}

/// The values of a column; see [`crate::table::Values`] for what "no value" is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ValuesAt {
    /// Codes of `width` bytes, sorted dictionary, and u32 rows by text if it has many.
    Texts { width: u8, codes: Section, dictionary: Texts, postings: Option<PostingsAt> },
    /// f64.
    Numbers(Section),
    /// u8.
    Booleans(Section),
    /// i64.
    Instants(Section),
    /// i32.
    Days(Section),
    /// u32 list number of each row, u32 end of each list, u32 elements, sorted dictionary.
    TextLists { numbers: Section, ends: Section, elements: Section, dictionary: Texts },
    /// u32 list number of each row, u32 end of each list, f64 elements.
    NumberLists { numbers: Section, ends: Section, elements: Section },
}

/// Rows by text.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct PostingsAt {
    /// u32: where the rows of each text end.
    pub ends: Section,
    /// u32.
    pub rows: Section,
}

/// The bits of a message in a bloom filter of `words` 64-bit words (a power of two): word and mask.
pub(crate) fn bloom_bits(key: u128, words: usize) -> impl Iterator<Item = (usize, u64)> {
    let (high, low) = ((key >> 64) as u64, key as u64 | 1);
    let bits = words as u64 * 64;
    (0..u64::from(BLOOM_HASHES)).map(move |round| {
        let bit = high.wrapping_add(low.wrapping_mul(round)) & (bits - 1);
        ((bit / 64) as usize, 1 << (bit % 64))
    })
}
