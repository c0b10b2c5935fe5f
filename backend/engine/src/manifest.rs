//! The list of files that are the index, and how files are put in place so that a crash anywhere leaves the old state whole.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::EngineError;

/// Version of the manifest's format. To change it, raise it and keep reading the old one, or refuse it: an index can be rebuilt.
const VERSION: u32 = 1;
const NAME: &str = "manifest.json";
/// Where chunk files lie.
const CHUNKS: &str = "chunks";

/// What the index consists of.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Manifest {
    version: u32,
    /// Everything up to this seq is in the chunks.
    pub durable_seq: u64,
    /// Number of the next chunk file.
    pub next_file: u64,
    /// File names of each shard's chunks, oldest first.
    pub shards: Vec<Vec<String>>,
}

impl Manifest {
    /// Of an empty index.
    pub fn new(shards: u16) -> Manifest {
        Manifest { version: VERSION, durable_seq: 0, next_file: 1, shards: vec![Vec::new(); usize::from(shards)] }
    }

    /// Reads the manifest of an index, if it has one.
    pub fn read(dir: &Path) -> Result<Option<Manifest>, EngineError> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let path = dir.join(NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(EngineError::io(path)(error)),
        };
        let unreadable = |error: serde_json::Error| EngineError::corrupt(&path, error.to_string());
        let head: Head = serde_json::from_slice(&text).map_err(unreadable)?;
        if head.version != VERSION {
            return Err(EngineError::Version { path: path.clone(), version: head.version });
        }
        serde_json::from_slice(&text).map(Some).map_err(unreadable)
    }

    /// Makes this the state of the index: after it returns, and not before, its files count.
    pub fn commit(&self, dir: &Path) -> Result<(), EngineError> {
        let (path, temporary) = (dir.join(NAME), dir.join("manifest.json.tmp"));
        let text = serde_json::to_vec_pretty(self).map_err(|error| EngineError::io(&path)(error.into()))?;
        let mut file = File::create(&temporary).map_err(EngineError::io(&temporary))?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(EngineError::io(&temporary))?;
        fs::rename(&temporary, &path).map_err(EngineError::io(&path))?;
        sync_dir(dir)
    }

    /// A name for a new chunk of a shard.
    pub fn name_file(&mut self, shard: usize) -> String {
        let name = format!("{:08}-{shard}.chunk", self.next_file);
        self.next_file += 1;
        name
    }

    /// Deletes files that no state of the index refers to: left behind by a crash, or merged.
    pub fn remove_others(&self, dir: &Path) -> Result<(), EngineError> {
        let wanted: BTreeSet<&str> = self.shards.iter().flatten().map(String::as_str).collect();
        let dir = dir.join(CHUNKS);
        for entry in fs::read_dir(&dir).map_err(EngineError::io(&dir))? {
            let entry = entry.map_err(EngineError::io(&dir))?;
            let name = entry.file_name();
            if !name.to_str().is_some_and(|name| wanted.contains(name)) {
                tracing::info!(file = %entry.path().display(), "removing a file that is not part of the index");
                fs::remove_file(entry.path()).map_err(EngineError::io(entry.path()))?;
            }
        }
        Ok(())
    }
}

/// Where a chunk lies.
pub(crate) fn chunk_path(dir: &Path, name: &str) -> PathBuf {
    dir.join(CHUNKS).join(name)
}

/// Where a chunk is written before it is whole.
pub(crate) fn temporary_path(dir: &Path, name: &str) -> PathBuf {
    dir.join(CHUNKS).join(format!("{name}.tmp"))
}

/// Creates the directories of an index.
pub(crate) fn create_dirs(dir: &Path) -> Result<(), EngineError> {
    let chunks = dir.join(CHUNKS);
    fs::create_dir_all(&chunks).map_err(EngineError::io(&chunks))
}

/// Makes the names of chunk files durable.
pub(crate) fn sync_chunks(dir: &Path) -> Result<(), EngineError> {
    sync_dir(&dir.join(CHUNKS))
}

fn sync_dir(dir: &Path) -> Result<(), EngineError> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(EngineError::io(dir))
}
