//! Imports of files: spooled first, then read in the background, resumable.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use rollcall_collect::import::{self, ImportCompression, ImportFormat, Mapping};
use rollcall_store::{Import, ImportId, ImportProgress, NewImport, SourceId, Store};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt as _;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::ambient::new_id;
use crate::error::{AppError, Code, Result};
use crate::live::LiveEvent;
use crate::view::time;

/// What to import.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportInput {
    /// Source that the rows are counted under, by id.
    pub source_id: Option<String>,
    /// The same by name.
    pub source: Option<String>,
    /// Name of the file.
    pub name: String,
    /// `csv`, `ndjson` or `parquet`; by the name's ending if missing.
    pub format: Option<String>,
    /// `plain`, `gz` or `zst`; by the name's ending if missing.
    pub compression: Option<String>,
    /// Mapping of columns (TOML); needed for CSV and Parquet.
    pub mapping: Option<String>,
}

/// An import.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ImportView {
    /// Id.
    pub id: String,
    /// Source.
    pub source_id: String,
    /// Name of the file.
    pub name: String,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Rows in the file, once known.
    pub rows_total: Option<u64>,
    /// Rows read so far.
    pub rows_read: u64,
    /// Of these, taken in.
    pub accepted: u64,
    /// Of these, imported before.
    pub duplicate: u64,
    /// Of these, put aside with a reason.
    pub quarantined: u64,
    /// Bytes of the file read so far.
    pub bytes_read: u64,
    /// Size of the file.
    pub bytes_total: u64,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was uploaded.
    pub created_at: String,
    /// When reading began.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
}

fn view(import: Import) -> ImportView {
    ImportView {
        id: import.id.into_string(),
        source_id: import.source_id.into_string(),
        name: import.name,
        state: import.state.as_str().to_owned(),
        rows_total: import.progress.rows_total,
        rows_read: import.progress.rows_read,
        accepted: import.progress.accepted,
        duplicate: import.progress.duplicate,
        quarantined: import.progress.quarantined,
        bytes_read: import.progress.bytes_read,
        bytes_total: import.bytes_total,
        error: import.error,
        created_at: time(import.created_at),
        started_at: import.started_at.map(time),
        finished_at: import.finished_at.map(time),
    }
}

/// A file in the spool. It is deleted when this is dropped, however the request ends, unless it is kept.
struct Spooled {
    path: PathBuf,
    digest: String,
    bytes: u64,
    kept: bool,
}

impl Drop for Spooled {
    fn drop(&mut self) {
        if !self.kept {
            remove_spooled(&self.path);
        }
    }
}

/// Format and compression by name and by what the caller says.
fn kind_of(input: &ImportInput) -> Result<(ImportFormat, ImportCompression)> {
    let by_name = import::detect(&input.name);
    let refuse = |text: String| AppError::new(Code::BadRequest, text);
    let compression = match input.compression.as_deref() {
        Some(word) => ImportCompression::parse(word)
            .ok_or_else(|| refuse(format!("`{word}` is not a compression; there are plain, gz and zst.")))?,
        None => by_name.map_or(ImportCompression::Plain, |(_, compression)| compression),
    };
    let format = match input.format.as_deref() {
        Some(word) => Some(
            ImportFormat::parse(word)
                .ok_or_else(|| refuse(format!("`{word}` is not a format; there are csv, ndjson and parquet.")))?,
        ),
        None => by_name.map(|(format, _)| format),
    };
    let format = format.ok_or_else(|| {
        refuse(format!("The ending of `{}` does not tell the format; say format=csv, ndjson or parquet.", input.name))
    })?;
    Ok((format, compression))
}

/// A mapping is read once before anything is uploaded in vain.
fn check_mapping(format: ImportFormat, mapping: Option<&str>) -> Result<()> {
    match mapping.filter(|text| !text.trim().is_empty()) {
        Some(text) => {
            Mapping::parse(text).map_err(|error| AppError::field("/mapping", "bad_mapping", &error.to_string()))?;
            Ok(())
        }
        None if format == ImportFormat::Ndjson => Ok(()),
        None => Err(AppError::field(
            "/mapping",
            "missing_field",
            "A CSV or Parquet file needs a mapping that says which column is what.",
        )),
    }
}

impl App {
    /// The source of a name or id, made on demand.
    ///
    /// # Errors
    /// There is none, and none was to be made.
    pub async fn source_named(&self, caller: &Caller, name: &str, make: bool) -> Result<SourceId> {
        let sources = self.store.sources().await?;
        if let Some(found) = sources.into_iter().find(|source| source.id.as_str() == name || source.name == name) {
            return Ok(found.id);
        }
        if make {
            return Ok(SourceId::new(self.create_source(caller, name).await?.id));
        }
        Err(AppError::new(Code::NotFound, format!("There is no source `{name}`. Make it first, in the page under Sources.")))
    }

    /// Takes a file of a length, if it is known before, into the spool and queues it. If the same file is queued or being
    /// read for the same source already, that import is the answer: one that was cut off goes on.
    ///
    /// # Errors
    /// An unknown source or format; a mapping that is missing or faulty; the upload is too large or broke off.
    pub async fn create_import(
        &self,
        caller: &Caller,
        input: ImportInput,
        length: Option<u64>,
        bytes: impl Stream<Item = std::io::Result<Bytes>>,
    ) -> Result<ImportView> {
        caller.require(Permission::Import)?;
        let source = match (&input.source_id, &input.source) {
            (Some(id), _) => self.source_named(caller, id, false).await?,
            (None, Some(name)) => self.source_named(caller, name, false).await?,
            (None, None) => return Err(AppError::new(Code::BadRequest, "Name the source: ?source_id= or ?source=.")),
        };
        let (format, compression) = kind_of(&input)?;
        check_mapping(format, input.mapping.as_deref())?;
        let id = ImportId::new(new_id(self.ambient.as_ref()));
        let mut spooled = self.spool(&id, length, bytes).await?;
        let same = |import: &Import| {
            import.source_id == source
                && import.file_digest == spooled.digest
                && import.format == format.as_str()
                && import.compression == compression.as_str()
                && import.mapping == input.mapping
        };
        if let Some(open) = self.store.open_imports().await?.into_iter().find(same) {
            return Ok(view(open));
        }
        let new = NewImport {
            id: id.clone(),
            source_id: source.clone(),
            name: input.name,
            format: format.as_str().to_owned(),
            compression: compression.as_str().to_owned(),
            mapping: input.mapping,
            spool_path: spooled.path.to_string_lossy().into_owned(),
            file_digest: spooled.digest.clone(),
            bytes_total: spooled.bytes,
            created_by: caller.account().cloned(),
        };
        // From here on a request that is dropped may have queued it; if it has not, the next start deletes the file.
        spooled.kept = true;
        let created = self.store.create_import(new, self.now().0).await;
        spooled.kept = created.is_ok();
        let import = created?;
        self.record(
            caller,
            "import.create",
            "source",
            source.as_str(),
            serde_json::json!({"import_id": id.as_str(), "bytes": spooled.bytes}),
        )
        .await?;
        self.work_wanted.notify_waiters();
        Ok(view(import))
    }

    /// Imports, newest first.
    ///
    /// # Errors
    /// Forbidden to auditors.
    pub async fn list_imports(&self, caller: &Caller) -> Result<Vec<ImportView>> {
        caller.require(Permission::ReadImports)?;
        Ok(self.store.imports(200).await?.into_iter().map(view).collect())
    }

    /// One import.
    ///
    /// # Errors
    /// No such import.
    pub async fn import(&self, caller: &Caller, id: &str) -> Result<ImportView> {
        caller.require(Permission::ReadImports)?;
        Ok(view(self.store.import(&ImportId::new(id)).await?.ok_or_else(|| AppError::not_found("import"))?))
    }

    /// Stops an import; what was read stays.
    ///
    /// # Errors
    /// No such import, or it has ended.
    pub async fn cancel_import(&self, caller: &Caller, id: &str) -> Result<ImportView> {
        caller.require(Permission::Import)?;
        let import =
            self.store.cancel_import(&ImportId::new(id), self.now().0).await?.ok_or_else(|| AppError::not_found("import"))?;
        remove_spooled(&self.spool_path(&import.id));
        self.record(caller, "import.cancel", "import", id, serde_json::json!({})).await?;
        Ok(view(import))
    }

    /// Runs the import that waits longest to its end. Returns whether there was one.
    ///
    /// # Errors
    /// Log or store are not available: the import goes on with the next call.
    async fn run_next_import(&self) -> Result<bool> {
        match self.store.next_import().await? {
            Some(waiting) => self.run_open_import(waiting).await,
            None => Ok(false),
        }
    }

    /// Runs an import from where it stands to its end; nothing happens if it has ended.
    ///
    /// # Errors
    /// No such import; log or store are not available: the import goes on with the next call.
    pub async fn run_import(&self, id: &str) -> Result<()> {
        let import = self.store.import(&ImportId::new(id)).await?.ok_or_else(|| AppError::not_found("import"))?;
        self.run_open_import(import).await?;
        Ok(())
    }

    /// False if it was interrupted by a stop.
    async fn run_open_import(&self, mut import: Import) -> Result<bool> {
        let path = self.spool_path(&import.id);
        // The data folder may have been moved, or named from elsewhere, since it was uploaded.
        import.spool_path = path.to_string_lossy().into_owned();
        let ambient = self.ambient.clone();
        let clock: import::Clock = std::sync::Arc::new(move || ambient.now());
        let (live, id) = (self.live.clone(), import.id.as_str().to_owned());
        let tell = move |_: &ImportProgress| {
            // Nobody may be listening.
            let _ = live.send(LiveEvent::Import { id: id.clone() });
        };
        let cancel = self.stopping_flag.clone();
        let ending = import::run_import(self.log.as_ref(), &self.take_in, &self.store, &import, clock, &cancel, tell).await?;
        if self.is_stopping() {
            return Ok(false);
        }
        let _ = self.live.send(LiveEvent::Import { id: import.id.as_str().to_owned() });
        // The rows are in the log now, and after that in the lake.
        remove_spooled(&path);
        self.record(
            &Caller::System,
            "import.end",
            "import",
            import.id.as_str(),
            serde_json::json!({"ending": format!("{ending:?}")}),
        )
        .await?;
        Ok(true)
    }

    fn spool_path(&self, id: &ImportId) -> PathBuf {
        folder(&self.config.data_dir).join(id.as_str())
    }

    fn check_size(&self, bytes: u64) -> Result<()> {
        let most = self.config.imports.max_bytes;
        if bytes <= most {
            return Ok(());
        }
        let text = format!("The file has more than {most} bytes (setting imports.max_bytes). Send it in parts.");
        Err(AppError::new(Code::TooLarge, text))
    }

    async fn spool(
        &self,
        id: &ImportId,
        length: Option<u64>,
        bytes: impl Stream<Item = std::io::Result<Bytes>>,
    ) -> Result<Spooled> {
        let mut bytes = std::pin::pin!(bytes);
        self.check_size(length.unwrap_or_default())?;
        tokio::fs::create_dir_all(folder(&self.config.data_dir)).await?;
        let mut spooled = Spooled { path: self.spool_path(id), digest: String::new(), bytes: 0, kept: false };
        let mut file = tokio::fs::File::create(&spooled.path).await?;
        let mut hash = Sha256::new();
        while let Some(chunk) = bytes.next().await {
            let broken = |_| AppError::new(Code::BadRequest, "The upload broke off. Nothing was kept; send it again.");
            let chunk = chunk.map_err(broken)?;
            hash.update(&chunk);
            spooled.bytes += chunk.len() as u64;
            self.check_size(spooled.bytes)?;
            file.write_all(&chunk).await?;
        }
        file.sync_all().await?;
        spooled.digest = hex::encode(hash.finalize());
        Ok(spooled)
    }

    /// Runs imports as they come, until the server stops.
    pub(crate) async fn run_imports(self) {
        while !self.is_stopping() {
            match self.run_next_import().await {
                Ok(true) => {}
                Ok(false) => self.wait_for_work(Duration::from_secs(2)).await,
                Err(error) => {
                    tracing::warn!(error = error.detail, "imports stand still; trying again");
                    self.wait_for_work(Duration::from_secs(5)).await;
                }
            }
        }
    }
}

/// Where uploads wait.
fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("imports")
}

/// Deletes a file of the spool, which holds personal data; it may be gone already.
fn remove_spooled(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "a spooled import could not be deleted");
        }
        _ => {}
    }
}

/// Deletes files of the spool that belong to no open import: a process that was killed left them behind.
pub(crate) async fn sweep(data_dir: &Path, store: &Store) -> Result<()> {
    let folder = folder(data_dir);
    if !folder.exists() {
        return Ok(());
    }
    let open = store.open_imports().await?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !open.iter().any(|import| entry.file_name() == import.id.as_str()) {
            remove_spooled(&entry.path());
        }
    }
    Ok(())
}
