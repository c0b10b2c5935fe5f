//! The bitmap engine: an index of everything taken in, from which a rule's members come exactly and in milliseconds.
//!
//! # Data flow
//! [`Engine::append`] places each fact in the shard of its user (hash of the user id), gives the user a dense number and adds a
//! row to the shard's hot tail, columnar and in memory. [`Engine::flush`] writes tails as immutable chunk files, sorted by
//! (user, time, seq), and [`Engine::compact`] merges neighbouring chunks. [`Engine::evaluate`] walks a rule on every shard in
//! parallel; each leaf reads the tables of its event names or trait keys in all chunks and the tail through one view
//! (`table.rs`), and gives a bitmap; inner nodes are bitmap algebra.
//!
//! # Consistency
//! One lock guards all shards: an evaluation sees exactly the facts up to the watermark it reports, and appends take turns of a
//! few thousand facts. Files never change once they are part of the index, so flushes and merges work without that lock.
//!
//! # Decisions
//! - **Profiles are tables too.** The updates of a top-level key are a table like the events of a name, and a trait's value is
//!   what the last row up to the instant holds. So past instants, late updates and removals need no second mechanism, and nothing
//!   per user but ids and first-seen times has to live in memory. A selective test finds its users through postings first.
//! - **Postings are sorted row numbers by text (u32), not serialised roaring bitmaps**: they are used in place from the map,
//!   without decoding, and only when a text is rare; for frequent texts a scan over 1- or 2-byte codes is faster than either. So
//!   columns with few texts, and booleans, have none.
//! - **Events of a name are several tables by time**, long ones of old events and short ones of new events, so that a window
//!   reads little more than its rows (`chunk/parts.rs`). Which user a row of a table is of is counted in bits (`table.rs`), and
//!   users are counted, compared and collected in arrays over the shard's users where many are touched (`evaluate/accumulate.rs`).
//! - **A column has one type**; a path with several types has several columns.
//! - **Objects in events** are kept as a 128-bit identity of their JSON, which is all that `is_set` and `distinct` need.
//! - **Answers of leaves are kept** under their normal form and shared by all rules, as long as neither their rows nor their
//!   window moved (`evaluate/answers.rs`); within a budget of memory, and never instead of a computation that could differ.
//!
//! Nothing here knows a clock: instants come with the call.

mod answer;
mod chunk;
mod compact;
mod engine;
mod error;
mod evaluate;
mod explain;
mod explore;
mod fingerprint;
mod flush;
mod lists;
mod manifest;
mod members;
mod messages;
mod order;
mod profiles;
mod shard;
mod table;
mod tail;
mod user_set;
mod users;

pub use answer::{Evaluation, EventCount, NodeCount, Summary, ValueFrequencies, ValuesOf};
pub use engine::{Engine, EngineOptions};
pub use error::EngineError;
pub use explain::{
    AttributeEvidence, EventEvidence, Evidence, Explanation, FirstTimeEvidence, Measured, Miss, NearMiss, NodeExplanation,
    OwnEvent, PeriodCount, RegularEvidence, SequenceEvidence, TopEvidence, TraitEvidence,
};
pub use lists::UnknownIds;
pub use members::{Members, Uid};
pub use messages::MessageKey;
