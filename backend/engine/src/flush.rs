//! Making the tail durable.
//!
//! The tail is frozen (a moment's write lock), written to new chunk files while reads and appends go on, and the manifest that
//! names them is renamed into place. Only then are the frozen tails exchanged for the chunks. If writing fails the frozen tails
//! stay readable, and the next flush begins with them.

use std::fs;
use std::sync::Arc;

use rayon::prelude::*;

use crate::chunk::{Chunk, Contents, write};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::manifest::{chunk_path, sync_chunks, temporary_path};
use crate::shard::Frozen;

impl Engine {
    /// Writes everything up to the current watermark to immutable files and returns that watermark: it survives a crash now.
    ///
    /// # Errors
    /// What the file system says. Nothing is lost then: the data stays in memory, and the files of the last flush are whole.
    pub fn flush(&self) -> Result<u64, EngineError> {
        let _one = self.flushing.lock();
        let left_over = self.read().shards.iter().any(|shard| shard.frozen.is_some());
        if left_over {
            self.flush_frozen()?;
        }
        {
            let mut state = self.state.write();
            state.shards.iter_mut().for_each(|shard| shard.freeze());
            state.frozen_up_to = state.watermark;
        }
        self.flush_frozen()
    }

    fn flush_frozen(&self) -> Result<u64, EngineError> {
        let (frozen, up_to) = {
            let state = self.read();
            let frozen: Vec<Option<Arc<Frozen>>> = state.shards.iter().map(|shard| shard.frozen.clone()).collect();
            if frozen.iter().all(Option::is_none) && state.frozen_up_to == state.durable_seq {
                return Ok(state.durable_seq);
            }
            (frozen, state.frozen_up_to)
        };
        let named: Vec<Option<(String, Arc<Frozen>)>> = {
            let mut manifest = self.manifest.lock();
            let name = |(shard, frozen): (usize, Option<Arc<Frozen>>)| Some((manifest.name_file(shard), frozen?));
            frozen.into_iter().enumerate().map(name).collect()
        };
        let written: Result<Vec<Option<Chunk>>, EngineError> = self.threads.install(|| {
            let write = |named: &Option<(String, Arc<Frozen>)>| {
                named.as_ref().map(|(name, frozen)| self.write_chunk(name, Contents::of_tail(frozen))).transpose()
            };
            named.par_iter().map(write).collect()
        });
        self.swap_in(written?, up_to)
    }

    /// Writes and opens a chunk under its final name, durably, but not yet part of the index.
    pub(crate) fn write_chunk(&self, name: &str, contents: Contents<'_>) -> Result<Chunk, EngineError> {
        let (temporary, path) = (temporary_path(&self.dir, name), chunk_path(&self.dir, name));
        write(&temporary, contents, self.part_rows)?;
        fs::rename(&temporary, &path).map_err(EngineError::io(&path))?;
        sync_chunks(&self.dir)?;
        Chunk::open(&path)
    }

    fn swap_in(&self, chunks: Vec<Option<Chunk>>, up_to: u64) -> Result<u64, EngineError> {
        let mut manifest = self.manifest.lock();
        let mut next = manifest.clone();
        next.durable_seq = up_to;
        for (names, chunk) in next.shards.iter_mut().zip(&chunks) {
            names.extend(chunk.as_ref().map(|chunk| chunk.name().to_owned()));
        }
        next.commit(&self.dir)?;
        *manifest = next;
        let mut state = self.state.write();
        let mut written = Vec::new();
        for (shard, chunk) in state.shards.iter_mut().zip(chunks) {
            if let Some(chunk) = chunk {
                shard.chunks.push(Arc::new(chunk));
                written.push(shard.frozen.take());
            }
        }
        state.durable_seq = up_to;
        // Freeing the tails' memory takes a while; readers need not wait for it.
        drop(state);
        drop(written);
        Ok(up_to)
    }
}
