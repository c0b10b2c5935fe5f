//! Sources of events, each with its write key.

use sqlx::any::AnyRow;

use crate::database::Store;
use crate::error::StoreError;
use crate::ids::SourceId;
use crate::row::Columns;

/// A source of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Id.
    pub id: SourceId,
    /// Name given by a person.
    pub name: String,
    /// What senders identify themselves with; unique, not a secret.
    pub write_key: String,
    /// Takes nothing in.
    pub disabled: bool,
    /// When it was created.
    pub created_at: i64,
}

/// A source to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// Id.
    pub id: SourceId,
    /// Name given by a person.
    pub name: String,
    /// What senders identify themselves with.
    pub write_key: String,
}

/// What to change of a source; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceChange {
    /// New name.
    pub name: Option<String>,
    /// Disabled or not.
    pub disabled: Option<bool>,
}

impl Store {
    /// Creates a source.
    ///
    /// # Errors
    /// `Conflict("sources_write_key_key")` if the write key is taken.
    pub async fn create_source(&self, source: NewSource, now: i64) -> Result<Source, StoreError> {
        sqlx::query("INSERT INTO sources (id, name, write_key, created_at) VALUES ($1, $2, $3, $4)")
            .bind(source.id.as_str())
            .bind(&source.name)
            .bind(&source.write_key)
            .bind(now)
            .execute(self.writer())
            .await?;
        Ok(Source { id: source.id, name: source.name, write_key: source.write_key, disabled: false, created_at: now })
    }

    /// Every source, oldest first.
    pub async fn sources(&self) -> Result<Vec<Source>, StoreError> {
        let query = sqlx::query("SELECT * FROM sources ORDER BY created_at, id");
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// The source of an id.
    pub async fn source(&self, id: &SourceId) -> Result<Option<Source>, StoreError> {
        let query = sqlx::query("SELECT * FROM sources WHERE id = $1").bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// The source of a write key, disabled ones too.
    pub async fn source_by_write_key(&self, write_key: &str) -> Result<Option<Source>, StoreError> {
        let query = sqlx::query("SELECT * FROM sources WHERE write_key = $1").bind(write_key);
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// Changes a source.
    pub async fn update_source(&self, id: &SourceId, change: SourceChange) -> Result<Option<Source>, StoreError> {
        let mut transaction = self.begin().await?;
        let rows = sqlx::query(
            "UPDATE sources SET name = COALESCE($2, name), disabled = COALESCE($3, disabled) WHERE id = $1 RETURNING *",
        )
        .bind(id.as_str())
        .bind(change.name)
        .bind(change.disabled.map(i64::from))
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        rows.first().map(read).transpose()
    }

    /// Gives a source a new write key; the old one stops working.
    ///
    /// # Errors
    /// `Conflict("sources_write_key_key")` if the write key is taken.
    pub async fn rotate_write_key(&self, id: &SourceId, write_key: &str) -> Result<Option<Source>, StoreError> {
        let mut transaction = self.begin().await?;
        let rows = sqlx::query("UPDATE sources SET write_key = $2 WHERE id = $1 RETURNING *")
            .bind(id.as_str())
            .bind(write_key)
            .fetch_all(&mut *transaction)
            .await?;
        transaction.commit().await?;
        rows.first().map(read).transpose()
    }
}

fn read(row: &AnyRow) -> Result<Source, StoreError> {
    Ok(Source {
        id: row.id("id")?,
        name: row.text("name")?,
        write_key: row.text("write_key")?,
        disabled: row.flag("disabled")?,
        created_at: row.integer("created_at")?,
    })
}
