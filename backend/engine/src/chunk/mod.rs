//! Immutable files: what a flush or a merge writes, and evaluation reads through a memory map.

mod columns;
pub(crate) mod format;
mod merge;
mod parts;
mod reader;
mod sink;
mod writer;

pub(crate) use reader::Chunk;
pub(crate) use writer::{Contents, write};
