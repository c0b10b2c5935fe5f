//! Raw truth in Delta Lake tables, and the second evaluation path over it. The only room that names Delta and DataFusion.
//!
//! Data flow in: a flush hands a batch of facts and refused records to [`Lake::commit`]. `commit` groups them by table
//! (`rows` makes Arrow columns of them, `encode` Parquet files) and `tables` commits each table once, together with the
//! position up to which it is complete; that makes repeating a batch harmless.
//!
//! Data flow out: [`Lake::evaluate`] turns a checked rule into SQL (`sql`, with the `functions` that SQL lacks) over
//! `scan`s of the tables' files as they are at that moment. [`Lake::facts`] reads everything back in the order of taking
//! in, to rebuild the index. Lists are written and read whole, one file per version; quarantined records are listed.
//!
//! Tables below the URL: `events/<slug>` one per event name, `profiles`, `traits`, `quarantine`, `lists`. Stored format:
//! Delta reader version 1, writer version 2, without partitions or deletion vectors; the columns are described in
//! `columns`. To change it, add columns; what a column means is in its metadata, so old files keep their meaning.

mod columns;
mod commit;
mod durable;
mod encode;
pub mod error;
mod facts;
mod functions;
mod lake;
mod lists;
mod quarantine;
mod rows;
mod scan;
mod slug;
mod sql;
mod storage;
mod tables;
mod values;

pub use error::LakeError;
pub use lake::{FactStream, Lake, LakeBatch, LakeOptions, QuarantineFilter, Quarantined};

#[cfg(test)]
mod tests;
