//! Uploaded lists: name, current version and counts. The user ids live in the lake, under (list id, version), and are
//! written there first. The lake gives the versions: they grow, and none comes twice, not even for a list that is deleted
//! and created again.

use sqlx::any::AnyRow;

use crate::database::{Store, WriteTransaction, hold};
use crate::error::StoreError;
use crate::ids::ListId;
use crate::references;
use crate::row::{Columns, signed};

/// A list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Id.
    pub id: ListId,
    /// Name.
    pub name: String,
    /// Current version.
    pub version: u64,
    /// User ids in it.
    pub count: u64,
    /// How many of them were known users when it was uploaded.
    pub known: u64,
    /// When it was created.
    pub created_at: i64,
    /// When the current version was stored.
    pub updated_at: i64,
}

/// A list to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewList {
    /// Id.
    pub id: ListId,
    /// Name.
    pub name: String,
    /// First version.
    pub version: u64,
    /// User ids in it.
    pub count: u64,
    /// How many of them are known users.
    pub known: u64,
}

/// A version of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListVersion {
    /// Number.
    pub version: u64,
    /// User ids in it.
    pub count: u64,
    /// How many of them were known users.
    pub known: u64,
    /// When it was stored.
    pub created_at: i64,
}

impl Store {
    /// Creates a list, after its ids were written to the lake.
    ///
    /// # Errors
    /// `Conflict("lists_pkey")` if the id is taken.
    pub async fn create_list(&self, list: NewList, now: i64) -> Result<List, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO lists (id, name, version, member_count, known, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $6)",
        )
        .bind(list.id.as_str())
        .bind(&list.name)
        .bind(signed(list.version)?)
        .bind(signed(list.count)?)
        .bind(signed(list.known)?)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        let version = ListVersion { version: list.version, count: list.count, known: list.known, created_at: now };
        insert_version(&mut transaction, &list.id, version).await?;
        transaction.commit().await?;
        Ok(List {
            id: list.id,
            name: list.name,
            version: list.version,
            count: list.count,
            known: list.known,
            created_at: now,
            updated_at: now,
        })
    }

    /// Moves a list from the version that the caller saw to a new one (replaced or appended to), after its ids were written
    /// to the lake. A new name is optional. `None` if the list is not there.
    ///
    /// # Errors
    /// `Conflict("list_version_conflict")` if the current version is not `from`.
    pub async fn advance_list(
        &self,
        id: &ListId,
        from: u64,
        version: ListVersion,
        name: Option<&str>,
    ) -> Result<Option<List>, StoreError> {
        let mut transaction = self.begin().await?;
        let rows = sqlx::query(
            "UPDATE lists SET version = $2, member_count = $3, known = $4, updated_at = $5, name = COALESCE($6, name) \
             WHERE id = $1 AND version = $7 RETURNING *",
        )
        .bind(id.as_str())
        .bind(signed(version.version)?)
        .bind(signed(version.count)?)
        .bind(signed(version.known)?)
        .bind(version.created_at)
        .bind(name)
        .bind(signed(from)?)
        .fetch_all(&mut *transaction)
        .await?;
        let Some(list) = rows.first().map(read).transpose()? else {
            drop(transaction);
            let there = self.list(id).await?.is_some();
            return if there { Err(StoreError::Conflict("list_version_conflict")) } else { Ok(None) };
        };
        insert_version(&mut transaction, id, version).await?;
        transaction.commit().await?;
        Ok(Some(list))
    }

    /// Every list, by name.
    pub async fn lists(&self) -> Result<Vec<List>, StoreError> {
        let query = sqlx::query("SELECT * FROM lists ORDER BY name, id");
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// The list of an id.
    pub async fn list(&self, id: &ListId) -> Result<Option<List>, StoreError> {
        let query = sqlx::query("SELECT * FROM lists WHERE id = $1").bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// The versions of a list, newest first.
    pub async fn list_versions(&self, id: &ListId) -> Result<Vec<ListVersion>, StoreError> {
        let rows = sqlx::query("SELECT * FROM list_versions WHERE list_id = $1 ORDER BY version DESC")
            .bind(id.as_str())
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(read_version).collect()
    }

    /// Deletes a list; its ids stay in the lake, for recounts of the past. False if it is not there.
    ///
    /// # Errors
    /// `Conflict("list_in_use")` if the rule of a segment outside the trash refers to it.
    pub async fn delete_list(&self, id: &ListId) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        hold(&mut transaction, "references").await?;
        if references::is_list_used(&mut transaction, id).await? {
            return Err(StoreError::Conflict("list_in_use"));
        }
        let query = sqlx::query("DELETE FROM lists WHERE id = $1").bind(id.as_str());
        let deleted = query.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected() == 1)
    }
}

async fn insert_version(transaction: &mut WriteTransaction, id: &ListId, version: ListVersion) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO list_versions (list_id, version, member_count, known, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(id.as_str())
        .bind(signed(version.version)?)
        .bind(signed(version.count)?)
        .bind(signed(version.known)?)
        .bind(version.created_at)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<List, StoreError> {
    Ok(List {
        id: row.id("id")?,
        name: row.text("name")?,
        version: row.count("version")?,
        count: row.count("member_count")?,
        known: row.count("known")?,
        created_at: row.integer("created_at")?,
        updated_at: row.integer("updated_at")?,
    })
}

fn read_version(row: &AnyRow) -> Result<ListVersion, StoreError> {
    Ok(ListVersion {
        version: row.count("version")?,
        count: row.count("member_count")?,
        known: row.count("known")?,
        created_at: row.integer("created_at")?,
    })
}
