//! Merging chunks, so that an evaluation meets few of them however long the engine runs.

use std::fs;
use std::ops::Range;
use std::sync::Arc;

use crate::chunk::{Chunk, Contents};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::manifest::chunk_path;

/// Fewer neighbours than this are left alone.
const FEWEST: usize = 4;
/// Merges never make a file larger than this: positions in a chunk are 32 bits wide.
const LARGEST: u64 = 4 << 30;

impl Engine {
    /// Merges neighbouring chunks of similar size in one shard, if there are enough of them; false if there was nothing to do.
    /// Reads, appends and flushes go on meanwhile.
    ///
    /// # Errors
    /// What the file system says; the index is unchanged then.
    pub fn compact(&self) -> Result<bool, EngineError> {
        let _one = self.compacting.lock();
        let Some((shard, chunks)) = self.mergeable() else { return Ok(false) };
        let name = self.manifest.lock().name_file(shard);
        let merged = Arc::new(self.write_chunk(&name, Contents::of_chunks(&chunks))?);
        self.exchange(shard, &chunks, merged)?;
        for chunk in &chunks {
            let path = chunk_path(&self.dir, chunk.name());
            // Readers that still have it open keep their map; what cannot be removed now is removed when the index is opened.
            if let Err(error) = fs::remove_file(&path) {
                tracing::warn!(file = %path.display(), %error, "a merged file could not be removed");
            }
        }
        Ok(true)
    }

    fn mergeable(&self) -> Option<(usize, Vec<Arc<Chunk>>)> {
        let state = self.read();
        let runs = state.shards.iter().enumerate().filter_map(|(number, shard)| {
            let sizes: Vec<u64> = shard.chunks.iter().map(|chunk| chunk.size()).collect();
            Some((number, shard.chunks[run(&sizes)?].to_vec()))
        });
        runs.max_by_key(|(_, chunks)| chunks.len())
    }

    /// Puts the merged chunk in the place of those merged. Flushes only append, so they still lie side by side.
    fn exchange(&self, shard: usize, chunks: &[Arc<Chunk>], merged: Arc<Chunk>) -> Result<(), EngineError> {
        let mut manifest = self.manifest.lock();
        let mut next = manifest.clone();
        let first = chunks.first().map_or("", |chunk| chunk.name());
        let start = next.shards[shard].iter().position(|name| name == first).unwrap_or(0);
        let place = start..start + chunks.len();
        next.shards[shard].splice(place.clone(), [merged.name().to_owned()]);
        next.commit(&self.dir)?;
        *manifest = next;
        self.state.write().shards[shard].chunks.splice(place, [merged]);
        Ok(())
    }
}

/// Neighbours to merge, given sizes from the oldest to the newest: from some chunk back, as long as the next older one is no
/// larger than all taken so far together. So each byte is rewritten about log2(chunks) times, and few chunks remain.
fn run(sizes: &[u64]) -> Option<Range<usize>> {
    (FEWEST..=sizes.len()).rev().find_map(|end| {
        let mut start = end - 1;
        let mut total = sizes[start];
        while start > 0 && (sizes[start - 1] <= total || (end - start < 2 && sizes[start - 1] / 2 <= total)) {
            if total + sizes[start - 1] > LARGEST {
                break;
            }
            start -= 1;
            total += sizes[start];
        }
        (end - start >= FEWEST).then_some(start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_neighbours_are_merged() {
        assert_eq!(run(&[10, 10, 10]), None);
        assert_eq!(run(&[10, 11, 9, 10]), Some(0..4));
        assert_eq!(run(&[1000, 10, 11, 9, 10]), Some(1..5));
        assert_eq!(run(&[10, 10, 10, 10, 1000]), Some(0..5));
        assert_eq!(run(&[40, 10, 10, 10, 10]), Some(0..5));
    }

    #[test]
    fn chunks_stay_few() {
        let mut sizes = Vec::new();
        let mut written = 0;
        for flush in 0..1000_u64 {
            sizes.push(90 + flush % 20);
            while let Some(range) = run(&sizes) {
                let merged = sizes[range.clone()].iter().sum();
                written += merged;
                sizes.splice(range, [merged]);
            }
        }
        assert!(sizes.len() < 16, "{sizes:?}");
        assert!(written < 12 * 100_000, "{written}");
    }
}
