//! Catalogues: name, links and declared types, and the rows of every version as bytes that the caller packs.
//!
//! Versions stay when a catalogue goes: builds of the past are recounted with them.

use std::collections::BTreeMap;

use rollcall_rules::ValueType;
use sqlx::any::AnyRow;

use crate::database::{Store, WriteTransaction};
use crate::error::StoreError;
use crate::ids::CatalogueId;
use crate::row::{Columns, signed, to_json};

/// A catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    /// Id; never used twice.
    pub id: CatalogueId,
    /// Name.
    pub name: String,
    /// Properties and traits whose values are keys of its rows.
    pub links: Vec<String>,
    /// Types of attributes that a person declared.
    pub declared: BTreeMap<String, ValueType>,
    /// Current version of the rows, from 1.
    pub version: u64,
    /// Rows in it.
    pub row_count: u64,
    /// When it was created.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

impl Store {
    /// Creates a catalogue with its first version.
    ///
    /// # Errors
    /// `Conflict("catalogues_pkey")` if the id is taken.
    pub async fn create_catalogue(&self, catalogue: &Catalogue, content: &[u8]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO catalogues (id, name, links, declared, version, row_count, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(catalogue.id.as_str())
        .bind(&catalogue.name)
        .bind(to_json(&catalogue.links)?)
        .bind(to_json(&catalogue.declared)?)
        .bind(signed(catalogue.version)?)
        .bind(signed(catalogue.row_count)?)
        .bind(catalogue.created_at)
        .bind(catalogue.updated_at)
        .execute(&mut *transaction)
        .await?;
        insert_version(&mut transaction, catalogue, content).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Puts a changed catalogue in place of the one at version `from`; with `content` its version is a new one. False if that
    /// is not there.
    ///
    /// # Errors
    /// `Conflict("catalogue_versions_pkey")` if the version of the content is there already.
    pub async fn change_catalogue(&self, from: u64, catalogue: &Catalogue, content: Option<&[u8]>) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let changed = sqlx::query(
            "UPDATE catalogues SET name = $3, links = $4, declared = $5, version = $6, row_count = $7, updated_at = $8 \
             WHERE id = $1 AND version = $2",
        )
        .bind(catalogue.id.as_str())
        .bind(signed(from)?)
        .bind(&catalogue.name)
        .bind(to_json(&catalogue.links)?)
        .bind(to_json(&catalogue.declared)?)
        .bind(signed(catalogue.version)?)
        .bind(signed(catalogue.row_count)?)
        .bind(catalogue.updated_at)
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(content) = content {
            insert_version(&mut transaction, catalogue, content).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Every catalogue, by name.
    pub async fn catalogues(&self) -> Result<Vec<Catalogue>, StoreError> {
        let query = sqlx::query("SELECT * FROM catalogues ORDER BY name, id");
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// The rows of a version, also of a catalogue that is gone.
    pub async fn catalogue_content(&self, id: &CatalogueId, version: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT content FROM catalogue_versions WHERE catalogue_id = $1 AND version = $2")
            .bind(id.as_str())
            .bind(signed(version)?)
            .fetch_optional(self.reader())
            .await?;
        row.map(|row| row.bytes("content")).transpose()
    }

    /// Deletes a catalogue; its versions stay. False if it is not there.
    pub async fn delete_catalogue(&self, id: &CatalogueId) -> Result<bool, StoreError> {
        let query = sqlx::query("DELETE FROM catalogues WHERE id = $1").bind(id.as_str());
        Ok(query.execute(self.writer()).await?.rows_affected() == 1)
    }
}

async fn insert_version(transaction: &mut WriteTransaction, catalogue: &Catalogue, content: &[u8]) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO catalogue_versions (catalogue_id, version, content, created_at) VALUES ($1, $2, $3, $4)")
        .bind(catalogue.id.as_str())
        .bind(signed(catalogue.version)?)
        .bind(content)
        .bind(catalogue.updated_at)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Catalogue, StoreError> {
    Ok(Catalogue {
        id: row.id("id")?,
        name: row.text("name")?,
        links: row.json("links")?,
        declared: row.json("declared")?,
        version: row.count("version")?,
        row_count: row.count("row_count")?,
        created_at: row.integer("created_at")?,
        updated_at: row.integer("updated_at")?,
    })
}
