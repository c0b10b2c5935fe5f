//! A file system whose writes survive a power cut.
//!
//! The log is trimmed once a batch is in the lake, so a file counts as written only when it and its folder entry are on
//! disk. `object_store`'s own local store does not sync; this one writes beside the target, syncs, then renames or links
//! into place, and syncs the folder. Reading is the local store's.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};

/// The local file system, rooted at `/`, with synced writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct DurableFileSystem {
    inner: LocalFileSystem,
}

impl std::fmt::Display for DurableFileSystem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Durable{}", self.inner)
    }
}

#[async_trait]
impl ObjectStore for DurableFileSystem {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let target = self.inner.path_to_filesystem(location)?;
        let mode = options.mode;
        tokio::task::spawn_blocking(move || write_durably(&target, &payload, &mode)).await?
    }

    async fn put_multipart_opts(&self, location: &Path, _options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Ok(Box::new(BufferedUpload { store: self.clone(), location: location.clone(), parts: Vec::new() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

/// A multipart upload gathered in memory and written at once: only checkpoints of long commit logs come this way.
#[derive(Debug)]
struct BufferedUpload {
    store: DurableFileSystem,
    location: Path,
    parts: Vec<Bytes>,
}

#[async_trait]
impl MultipartUpload for BufferedUpload {
    fn put_part(&mut self, part: PutPayload) -> UploadPart {
        self.parts.extend(part);
        Box::pin(std::future::ready(Ok(())))
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let payload = PutPayload::from_iter(std::mem::take(&mut self.parts));
        self.store.put_opts(&self.location, payload, PutOptions::default()).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.parts.clear();
        Ok(())
    }
}

fn failed(source: std::io::Error) -> Error {
    Error::Generic { store: "file system", source: Box::new(source) }
}

fn write_durably(target: &FilePath, payload: &PutPayload, mode: &PutMode) -> Result<PutResult> {
    if matches!(mode, PutMode::Update(_)) {
        return Err(Error::NotImplemented {
            operation: "put with a precondition".into(),
            implementer: "DurableFileSystem".into(),
        });
    }
    let folder = target.parent().unwrap_or(FilePath::new("/"));
    create_folders(folder).map_err(failed)?;
    let (mut file, staging) = stage(target).map_err(failed)?;
    let written = payload.iter().try_for_each(|part| file.write_all(part)).and_then(|()| file.sync_all());
    drop(file);
    let placed = written.and_then(|()| match mode {
        PutMode::Create => std::fs::hard_link(&staging, target),
        _ => std::fs::rename(&staging, target),
    });
    if placed.is_err() || matches!(mode, PutMode::Create) {
        // A staging file that stays behind is harmless: listings leave it out.
        let _ = std::fs::remove_file(&staging);
    }
    placed.and_then(|()| sync_folder(folder)).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => Error::AlreadyExists { path: target.display().to_string(), source: Box::new(source) },
        _ => failed(source),
    })?;
    Ok(PutResult { e_tag: None, version: None })
}

/// A new file beside the target. The local store leaves names that end in `#` and digits out of listings.
fn stage(target: &FilePath) -> std::io::Result<(File, PathBuf)> {
    for attempt in 0_u32.. {
        let mut name = target.as_os_str().to_owned();
        name.push(format!("#{attempt}"));
        let path = PathBuf::from(name);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (file, path)),
        }
    }
    Err(std::io::Error::from(ErrorKind::AlreadyExists))
}

fn create_folders(folder: &FilePath) -> std::io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        create_folders(parent)?;
        match std::fs::create_dir(folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => sync_folder(parent)?,
        }
    }
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &FilePath) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &FilePath) -> std::io::Result<()> {
    Ok(())
}
