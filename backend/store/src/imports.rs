//! File imports: what was uploaded, how far it was read, how its rows ended.
//!
//! queued -> running -> done, failed or cancelled. An import that was running when the process ended is still
//! `running` and is picked up again.

use sqlx::any::AnyRow;

use crate::database::Store;
use crate::error::StoreError;
use crate::ids::{AccountId, ImportId, SourceId};
use crate::row::{Columns, optional_signed, signed};
use crate::words::words;

words! {
    /// Where an import stands.
    ImportState {
        /// Waiting.
        Queued = "queued",
        /// Being read.
        Running = "running",
        /// Read to the end.
        Done = "done",
        /// Stopped by an error.
        Failed = "failed",
        /// Stopped by a person.
        Cancelled = "cancelled",
    }
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// Rows in the file, once known.
    pub rows_total: Option<u64>,
    /// Rows read.
    pub rows_read: u64,
    /// Rows taken in.
    pub accepted: u64,
    /// Rows seen before.
    pub duplicate: u64,
    /// Rows set aside.
    pub quarantined: u64,
    /// Bytes of the file read.
    pub bytes_read: u64,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Id.
    pub id: ImportId,
    /// The source that the rows belong to.
    pub source_id: SourceId,
    /// File name.
    pub name: String,
    /// Format, a word of the importer.
    pub format: String,
    /// Compression, a word of the importer.
    pub compression: String,
    /// How columns become messages, if told.
    pub mapping: Option<String>,
    /// Where the file waits.
    pub spool_path: String,
    /// SHA-256 of the file, in hex.
    pub file_digest: String,
    /// Size of the file.
    pub bytes_total: u64,
    /// Where it stands.
    pub state: ImportState,
    /// How far it has come.
    pub progress: ImportProgress,
    /// Why it failed.
    pub error: Option<String>,
    /// Who uploaded it.
    pub created_by: Option<AccountId>,
    /// When it was uploaded.
    pub created_at: i64,
    /// When it first ran.
    pub started_at: Option<i64>,
    /// When it came to an end.
    pub finished_at: Option<i64>,
}

/// An import to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    /// Id.
    pub id: ImportId,
    /// The source that the rows belong to.
    pub source_id: SourceId,
    /// File name.
    pub name: String,
    /// Format, a word of the importer.
    pub format: String,
    /// Compression, a word of the importer.
    pub compression: String,
    /// How columns become messages, if told.
    pub mapping: Option<String>,
    /// Where the file waits.
    pub spool_path: String,
    /// SHA-256 of the file, in hex.
    pub file_digest: String,
    /// Size of the file.
    pub bytes_total: u64,
    /// Who uploaded it.
    pub created_by: Option<AccountId>,
}

/// How an import ended by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportEnd {
    /// Read to the end.
    Done,
    /// Stopped by an error.
    Failed {
        /// Which one.
        error: String,
    },
}

impl Store {
    /// Queues an import.
    pub async fn create_import(&self, import: NewImport, now: i64) -> Result<Import, StoreError> {
        sqlx::query(
            "INSERT INTO imports (id, source_id, name, format, compression, mapping, spool_path, file_digest, \
             bytes_total, state, created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'queued', $10, $11)",
        )
        .bind(import.id.as_str())
        .bind(import.source_id.as_str())
        .bind(&import.name)
        .bind(&import.format)
        .bind(&import.compression)
        .bind(import.mapping.as_deref())
        .bind(&import.spool_path)
        .bind(&import.file_digest)
        .bind(signed(import.bytes_total)?)
        .bind(import.created_by.as_ref().map(AccountId::as_str))
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(Import {
            id: import.id,
            source_id: import.source_id,
            name: import.name,
            format: import.format,
            compression: import.compression,
            mapping: import.mapping,
            spool_path: import.spool_path,
            file_digest: import.file_digest,
            bytes_total: import.bytes_total,
            state: ImportState::Queued,
            progress: ImportProgress::default(),
            error: None,
            created_by: import.created_by,
            created_at: now,
            started_at: None,
            finished_at: None,
        })
    }

    /// The newest imports, newest first.
    pub async fn imports(&self, limit: u32) -> Result<Vec<Import>, StoreError> {
        let query = sqlx::query("SELECT * FROM imports ORDER BY created_at DESC, id DESC LIMIT $1").bind(i64::from(limit));
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// The import of an id.
    pub async fn import(&self, id: &ImportId) -> Result<Option<Import>, StoreError> {
        let query = sqlx::query("SELECT * FROM imports WHERE id = $1").bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// Imports that wait or run, oldest first.
    pub async fn open_imports(&self) -> Result<Vec<Import>, StoreError> {
        let query = sqlx::query("SELECT * FROM imports WHERE state IN ('queued', 'running') ORDER BY created_at, id");
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// The import to run next: one that was interrupted, else the oldest that waits.
    pub async fn next_import(&self) -> Result<Option<Import>, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM imports WHERE state IN ('queued', 'running') \
             ORDER BY CASE state WHEN 'running' THEN 0 ELSE 1 END, created_at, id LIMIT 1",
        )
        .fetch_optional(self.reader())
        .await?;
        row.as_ref().map(read).transpose()
    }

    /// Starts an import, or picks it up again. False if it has ended or is not there.
    pub async fn start_import(&self, id: &ImportId, now: i64) -> Result<bool, StoreError> {
        let started = sqlx::query(
            "UPDATE imports SET state = 'running', started_at = COALESCE(started_at, $2) \
             WHERE id = $1 AND state IN ('queued', 'running')",
        )
        .bind(id.as_str())
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(started.rows_affected() == 1)
    }

    /// Notes how far a running import has come. False if it is not running any more: a person cancelled it.
    pub async fn update_import(&self, id: &ImportId, progress: &ImportProgress) -> Result<bool, StoreError> {
        let updated = sqlx::query(
            "UPDATE imports SET rows_total = $2, rows_read = $3, accepted = $4, duplicate = $5, quarantined = $6, \
             bytes_read = $7 WHERE id = $1 AND state = 'running'",
        )
        .bind(id.as_str())
        .bind(optional_signed(progress.rows_total)?)
        .bind(signed(progress.rows_read)?)
        .bind(signed(progress.accepted)?)
        .bind(signed(progress.duplicate)?)
        .bind(signed(progress.quarantined)?)
        .bind(signed(progress.bytes_read)?)
        .execute(self.writer())
        .await?;
        Ok(updated.rows_affected() == 1)
    }

    /// Ends a running import. False if it is not running any more.
    pub async fn finish_import(&self, id: &ImportId, end: &ImportEnd, now: i64) -> Result<bool, StoreError> {
        let (state, error) = match end {
            ImportEnd::Done => (ImportState::Done, None),
            ImportEnd::Failed { error } => (ImportState::Failed, Some(error.as_str())),
        };
        let finished =
            sqlx::query("UPDATE imports SET state = $2, error = $3, finished_at = $4 WHERE id = $1 AND state = 'running'")
                .bind(id.as_str())
                .bind(state.as_str())
                .bind(error)
                .bind(now)
                .execute(self.writer())
                .await?;
        Ok(finished.rows_affected() == 1)
    }

    /// Cancels an import that waits or runs; what it took in stays. `None` if it is not there.
    ///
    /// # Errors
    /// `Conflict("import_ended")` if it has come to an end by itself.
    pub async fn cancel_import(&self, id: &ImportId, now: i64) -> Result<Option<Import>, StoreError> {
        let cancelled = sqlx::query(
            "UPDATE imports SET state = 'cancelled', finished_at = COALESCE(finished_at, $2) \
             WHERE id = $1 AND state IN ('queued', 'running', 'cancelled')",
        )
        .bind(id.as_str())
        .bind(now)
        .execute(self.writer())
        .await?;
        let import = self.import(id).await?;
        let refused = import.is_some() && cancelled.rows_affected() == 0;
        if refused { Err(StoreError::Conflict("import_ended")) } else { Ok(import) }
    }
}

fn read(row: &AnyRow) -> Result<Import, StoreError> {
    Ok(Import {
        id: row.id("id")?,
        source_id: row.id("source_id")?,
        name: row.text("name")?,
        format: row.text("format")?,
        compression: row.text("compression")?,
        mapping: row.optional_text("mapping")?,
        spool_path: row.text("spool_path")?,
        file_digest: row.text("file_digest")?,
        bytes_total: row.count("bytes_total")?,
        state: row.word("state")?,
        progress: ImportProgress {
            rows_total: row.optional_count("rows_total")?,
            rows_read: row.count("rows_read")?,
            accepted: row.count("accepted")?,
            duplicate: row.count("duplicate")?,
            quarantined: row.count("quarantined")?,
            bytes_read: row.count("bytes_read")?,
        },
        error: row.optional_text("error")?,
        created_by: row.optional_id("created_by")?,
        created_at: row.integer("created_at")?,
        started_at: row.optional_integer("started_at")?,
        finished_at: row.optional_integer("finished_at")?,
    })
}
