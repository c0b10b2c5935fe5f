//! The versions of a segment: immutable, numbered from 1, each with its author and what its rule refers to.

use serde_json::Value;
use sqlx::any::AnyRow;

use crate::database::{Store, WriteTransaction, hold};
use crate::error::StoreError;
use crate::ids::{AccountId, ListId, SegmentId};
use crate::references;
use crate::row::{Columns, signed};
use crate::segments::{self, Person, Segment};

/// A version of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentVersion {
    /// The segment.
    pub segment_id: SegmentId,
    /// Number, from 1.
    pub version: u64,
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Rule.
    pub rule: Value,
    /// Who wrote it.
    pub author: Option<Person>,
    /// When.
    pub created_at: i64,
}

/// A version to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewVersion {
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Rule.
    pub rule: Value,
    /// Who writes it.
    pub author: Option<AccountId>,
    /// Segments that the rule refers to.
    pub segments: Vec<SegmentId>,
    /// Lists that the rule refers to.
    pub lists: Vec<ListId>,
}

impl Store {
    /// Changes a segment. A new name or rule makes a new version; a new description alone does not. `if_version` is the
    /// version that the author saw. `None` if the segment is not there or in the trash.
    ///
    /// # Errors
    /// `Conflict("version_conflict")` if the current version is not `if_version`; `Conflict("reference_missing")` if the
    /// rule refers to a segment or list that is not there or in the trash; `Conflict("segment_cycle")` if following the
    /// rule's references leads back to the segment.
    pub async fn update_segment(
        &self,
        id: &SegmentId,
        change: NewVersion,
        if_version: Option<u64>,
        now: i64,
    ) -> Result<Option<Segment>, StoreError> {
        let mut transaction = self.begin().await?;
        hold(&mut transaction, "references").await?;
        let Some(current) = segments::fetch(&mut transaction, id).await?.filter(|found| found.trashed_at.is_none()) else {
            return Ok(None);
        };
        if if_version.is_some_and(|version| version != current.version) {
            return Err(StoreError::Conflict("version_conflict"));
        }
        let is_new = change.name != current.name || change.rule != current.rule;
        let version = if is_new { current.version + 1 } else { current.version };
        sqlx::query(
            "UPDATE segments SET name = $2, description = $3, search_text = $4, rule = $5, version = $6, updated_at = $7 \
             WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(&change.name)
        .bind(&change.description)
        .bind(segments::search_text(&change.name, &change.description))
        .bind(change.rule.to_string())
        .bind(signed(version)?)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        if is_new {
            insert(&mut transaction, id, version, &change, now).await?;
        }
        let updated = segments::fetch(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(updated)
    }

    /// The versions of a segment, newest first.
    pub async fn segment_versions(&self, id: &SegmentId) -> Result<Vec<SegmentVersion>, StoreError> {
        let rows = sqlx::query(
            "SELECT segment_versions.*, accounts.name AS author_name FROM segment_versions \
             LEFT JOIN accounts ON accounts.id = segment_versions.author_id \
             WHERE segment_id = $1 ORDER BY version DESC",
        )
        .bind(id.as_str())
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(read).collect()
    }

    /// One version of a segment.
    pub async fn segment_version(&self, id: &SegmentId, version: u64) -> Result<Option<SegmentVersion>, StoreError> {
        let row = sqlx::query(
            "SELECT segment_versions.*, accounts.name AS author_name FROM segment_versions \
             LEFT JOIN accounts ON accounts.id = segment_versions.author_id \
             WHERE segment_id = $1 AND version = $2",
        )
        .bind(id.as_str())
        .bind(signed(version)?)
        .fetch_optional(self.reader())
        .await?;
        row.as_ref().map(read).transpose()
    }
}

/// Writes a version and its references, and verifies them.
pub(crate) async fn insert(
    transaction: &mut WriteTransaction,
    id: &SegmentId,
    number: u64,
    version: &NewVersion,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO segment_versions (segment_id, version, name, description, rule, author_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id.as_str())
    .bind(signed(number)?)
    .bind(&version.name)
    .bind(&version.description)
    .bind(version.rule.to_string())
    .bind(version.author.as_ref().map(AccountId::as_str))
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    references::insert(transaction, id, number, &version.segments, &version.lists).await?;
    references::verify(transaction, id, number).await
}

fn read(row: &AnyRow) -> Result<SegmentVersion, StoreError> {
    Ok(SegmentVersion {
        segment_id: row.id("segment_id")?,
        version: row.count("version")?,
        name: row.text("name")?,
        description: row.text("description")?,
        rule: row.json("rule")?,
        author: segments::read_person(row, "author_id", "author_name")?,
        created_at: row.integer("created_at")?,
    })
}
