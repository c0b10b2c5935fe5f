//! Segments as they are now: current version, trash, and how the last check of the members went.
//!
//! A segment's name, description and rule live in its versions ([`crate::segment_versions`]); this table repeats the
//! current ones. What a rule refers to is kept beside each version (`references.rs`).

use serde_json::Value;
use sqlx::any::AnyRow;

use crate::database::{Store, WriteTransaction, hold};
use crate::error::StoreError;
use crate::ids::{AccountId, ListId, SegmentId};
use crate::references;
use crate::row::Columns;

/// A person, as shown beside what they own or wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Account id.
    pub id: AccountId,
    /// Name at the time of reading.
    pub name: String,
}

/// How the last checks of a segment's members went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckState {
    /// When the members were last known to be right.
    pub checked_at: Option<i64>,
    /// Why the check after that failed; `None` when the last check succeeded.
    pub error: Option<String>,
}

/// A segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Id.
    pub id: SegmentId,
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who created it.
    pub owner: Option<Person>,
    /// Current version, from 1.
    pub version: u64,
    /// Current rule.
    pub rule: Value,
    /// When it was created.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
    /// When it went to the trash.
    pub trashed_at: Option<i64>,
    /// The last checks.
    pub check: CheckState,
}

/// A segment to be created, with its first version.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSegment {
    /// Id.
    pub id: SegmentId,
    /// Name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who creates it.
    pub owner: Option<AccountId>,
    /// Rule.
    pub rule: Value,
    /// Segments that the rule refers to.
    pub segments: Vec<SegmentId>,
    /// Lists that the rule refers to.
    pub lists: Vec<ListId>,
}

/// Which segments to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SegmentFilter {
    /// Those in the trash instead of the others.
    pub trashed: bool,
    /// Only those whose name or description contains this, in any case.
    pub containing: Option<String>,
}

/// `SELECT` of segments with the given end, as one static text.
macro_rules! select {
    ($end:literal) => {
        concat!(
            "SELECT segments.*, accounts.name AS owner_name FROM segments \
             LEFT JOIN accounts ON accounts.id = segments.owner_id ",
            $end
        )
    };
}

impl Store {
    /// Creates a segment and its version 1.
    ///
    /// # Errors
    /// `Conflict("reference_missing")` if the rule refers to a segment or list that is not there or in the trash.
    pub async fn create_segment(&self, segment: NewSegment, now: i64) -> Result<Segment, StoreError> {
        let mut transaction = self.begin().await?;
        hold(&mut transaction, "references").await?;
        sqlx::query(
            "INSERT INTO segments (id, name, description, search_text, owner_id, version, rule, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $7)",
        )
        .bind(segment.id.as_str())
        .bind(&segment.name)
        .bind(&segment.description)
        .bind(search_text(&segment.name, &segment.description))
        .bind(segment.owner.as_ref().map(AccountId::as_str))
        .bind(segment.rule.to_string())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        let version = crate::NewVersion {
            name: segment.name,
            description: segment.description,
            rule: segment.rule,
            author: segment.owner,
            segments: segment.segments,
            lists: segment.lists,
        };
        crate::segment_versions::insert(&mut transaction, &segment.id, 1, &version, now).await?;
        let created = fetch(&mut transaction, &segment.id).await?;
        transaction.commit().await?;
        created.ok_or_else(|| StoreError::Corrupt("a segment vanished while it was created".to_owned()))
    }

    /// The segment of an id, in the trash or not.
    pub async fn segment(&self, id: &SegmentId) -> Result<Option<Segment>, StoreError> {
        let row = sqlx::query(select!("WHERE segments.id = $1")).bind(id.as_str()).fetch_optional(self.reader()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Segments by name.
    pub async fn segments(&self, filter: &SegmentFilter) -> Result<Vec<Segment>, StoreError> {
        let rows = sqlx::query(select!(
            "WHERE (segments.trashed_at IS NOT NULL) = ($1 <> 0) AND segments.search_text LIKE $2 ESCAPE '!' \
             ORDER BY segments.search_text, segments.id"
        ))
        .bind(i64::from(filter.trashed))
        .bind(pattern(filter.containing.as_deref().unwrap_or_default()))
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(read).collect()
    }

    /// How many segments there are outside the trash.
    pub async fn segment_count(&self) -> Result<u64, StoreError> {
        sqlx::query("SELECT COUNT(*) AS number FROM segments WHERE trashed_at IS NULL")
            .fetch_one(self.reader())
            .await?
            .count("number")
    }

    /// Puts a segment into the trash. False if it is not there or in the trash already.
    ///
    /// # Errors
    /// `Conflict("segment_in_use")` if the rule of a segment outside the trash refers to it.
    pub async fn trash_segment(&self, id: &SegmentId, now: i64) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        hold(&mut transaction, "references").await?;
        if references::is_segment_used(&mut transaction, id).await? {
            return Err(StoreError::Conflict("segment_in_use"));
        }
        let trashed = sqlx::query("UPDATE segments SET trashed_at = $2 WHERE id = $1 AND trashed_at IS NULL")
            .bind(id.as_str())
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(trashed.rows_affected() == 1)
    }

    /// Takes a segment out of the trash. `None` if it is not there; one that was not in the trash is returned as it is.
    ///
    /// # Errors
    /// `Conflict("reference_missing")` if its rule refers to a segment in the trash or to something that is gone.
    pub async fn restore_segment(&self, id: &SegmentId, now: i64) -> Result<Option<Segment>, StoreError> {
        let mut transaction = self.begin().await?;
        hold(&mut transaction, "references").await?;
        sqlx::query("UPDATE segments SET trashed_at = NULL, updated_at = $2 WHERE id = $1 AND trashed_at IS NOT NULL")
            .bind(id.as_str())
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        let Some(segment) = fetch(&mut transaction, id).await? else {
            return Ok(None);
        };
        references::verify(&mut transaction, id, segment.version).await?;
        transaction.commit().await?;
        Ok(Some(segment))
    }

    /// Empties the trash for good, with versions, builds and recounts. Returns the ids that are gone.
    ///
    /// # Errors
    /// `Conflict("segment_in_use")` if the rule of a segment outside the trash or a campaign that may still send refers to
    /// one of them.
    pub async fn purge_trash(&self) -> Result<Vec<SegmentId>, StoreError> {
        let mut transaction = self.begin().await?;
        hold(&mut transaction, "references").await?;
        let rows =
            sqlx::query("SELECT id FROM segments WHERE trashed_at IS NOT NULL ORDER BY id").fetch_all(&mut *transaction).await?;
        let ids: Vec<SegmentId> = rows.iter().map(|row| row.id("id")).collect::<Result<_, _>>()?;
        for id in &ids {
            if references::is_segment_used(&mut transaction, id).await? {
                return Err(StoreError::Conflict("segment_in_use"));
            }
        }
        sqlx::query("DELETE FROM segments WHERE trashed_at IS NOT NULL").execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(ids)
    }

    /// Notes that a segment's members were right at an instant.
    pub async fn record_check(&self, id: &SegmentId, at: i64) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE segments SET checked_at = $2, check_error = NULL WHERE id = $1");
        query.bind(id.as_str()).bind(at).execute(self.writer()).await?;
        Ok(())
    }

    /// Notes why a segment could not be checked.
    pub async fn record_check_failure(&self, id: &SegmentId, error: &str) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE segments SET check_error = $2 WHERE id = $1");
        query.bind(id.as_str()).bind(error).execute(self.writer()).await?;
        Ok(())
    }
}

pub(crate) async fn fetch(transaction: &mut WriteTransaction, id: &SegmentId) -> Result<Option<Segment>, StoreError> {
    let row = sqlx::query(select!("WHERE segments.id = $1")).bind(id.as_str()).fetch_optional(&mut **transaction).await?;
    row.as_ref().map(read).transpose()
}

/// What is searched: folded here, since the databases fold differently.
pub(crate) fn search_text(name: &str, description: &str) -> String {
    format!("{}\n{}", name.to_lowercase(), description.to_lowercase())
}

/// A `LIKE` pattern, with `!` as escape, for texts that contain `part`.
fn pattern(part: &str) -> String {
    let mut pattern = String::from("%");
    for letter in part.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

pub(crate) fn read_person(row: &AnyRow, id: &str, name: &str) -> Result<Option<Person>, StoreError> {
    let (id, name) = (row.optional_id(id)?, row.optional_text(name)?);
    Ok(id.zip(name).map(|(id, name)| Person { id, name }))
}

fn read(row: &AnyRow) -> Result<Segment, StoreError> {
    Ok(Segment {
        id: row.id("id")?,
        name: row.text("name")?,
        description: row.text("description")?,
        owner: read_person(row, "owner_id", "owner_name")?,
        version: row.count("version")?,
        rule: row.json("rule")?,
        created_at: row.integer("created_at")?,
        updated_at: row.integer("updated_at")?,
        trashed_at: row.optional_integer("trashed_at")?,
        check: CheckState { checked_at: row.optional_integer("checked_at")?, error: row.optional_text("check_error")? },
    })
}
