//! Imports of files: spooled first, then read in the background, resumable.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use rollcall_collect::import::{self, ImportCompression, ImportFormat, Mapping};
use rollcall_store::{Import, ImportId, ImportProgress, NewImport, SourceId};
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

/// A file in the spool.
struct Spooled {
    path: PathBuf,
    digest: String,
    bytes: u64,
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

    /// Takes a file into the spool and queues it.
    ///
    /// # Errors
    /// An unknown source or format; a mapping that is missing or faulty; the upload broke off.
    pub async fn create_import(
        &self,
        caller: &Caller,
        input: ImportInput,
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
        let folder = self.config.data_dir.join("imports");
        let spooled = spool(&folder, id.as_str(), bytes).await?;
        let new = NewImport {
            id: id.clone(),
            source_id: source.clone(),
            name: input.name,
            format: format.as_str().to_owned(),
            compression: compression.as_str().to_owned(),
            mapping: input.mapping,
            spool_path: spooled.path.to_string_lossy().into_owned(),
            file_digest: spooled.digest,
            bytes_total: spooled.bytes,
            created_by: caller.account().cloned(),
        };
        let import = self.store.create_import(new, self.now().0).await?;
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
        self.record(caller, "import.cancel", "import", id, serde_json::json!({})).await?;
        Ok(view(import))
    }

    /// Runs the import that waits longest to its end. Returns whether there was one.
    ///
    /// # Errors
    /// Log or store are not available: the import goes on with the next call.
    pub async fn run_import_now(&self) -> Result<bool> {
        let Some(waiting) = self.store.next_import().await? else {
            return Ok(false);
        };
        let ambient = self.ambient.clone();
        let clock: import::Clock = std::sync::Arc::new(move || ambient.now());
        let (live, id) = (self.live.clone(), waiting.id.as_str().to_owned());
        let tell = move |_: &ImportProgress| {
            // Nobody may be listening.
            let _ = live.send(LiveEvent::Import { id: id.clone() });
        };
        let cancel = self.stopping_flag.clone();
        let ending = import::run_import(self.log.as_ref(), &self.take_in, &self.store, &waiting, clock, &cancel, tell).await?;
        if self.is_stopping() {
            return Ok(false);
        }
        let _ = self.live.send(LiveEvent::Import { id: waiting.id.as_str().to_owned() });
        if ending != import::ImportEnding::Failed {
            remove_spooled(&waiting.spool_path).await;
        }
        self.record(
            &Caller::System,
            "import.end",
            "import",
            waiting.id.as_str(),
            serde_json::json!({"ending": format!("{ending:?}")}),
        )
        .await?;
        Ok(true)
    }

    /// Runs imports as they come, until the server stops.
    pub(crate) async fn run_imports(self) {
        while !self.is_stopping() {
            match self.run_import_now().await {
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

/// The rows are in the log now, and after that in the lake.
async fn remove_spooled(path: &str) {
    if let Err(error) = tokio::fs::remove_file(path).await {
        tracing::warn!(%error, "a spooled import could not be removed");
    }
}

async fn spool(folder: &Path, name: &str, bytes: impl Stream<Item = std::io::Result<Bytes>>) -> Result<Spooled> {
    tokio::fs::create_dir_all(folder).await?;
    let path = folder.join(name);
    let mut file = tokio::fs::File::create(&path).await?;
    let (mut hash, mut count) = (Sha256::new(), 0);
    let mut bytes = std::pin::pin!(bytes);
    while let Some(chunk) = bytes.next().await {
        let Ok(chunk) = chunk else {
            drop(file);
            tokio::fs::remove_file(&path).await?;
            return Err(AppError::new(Code::BadRequest, "The upload broke off. Nothing was kept; send it again."));
        };
        hash.update(&chunk);
        count += chunk.len() as u64;
        file.write_all(&chunk).await?;
    }
    file.sync_all().await?;
    Ok(Spooled { path, digest: hex::encode(hash.finalize()), bytes: count })
}
