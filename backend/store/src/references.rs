//! What rules refer to: one row per (segment version, segment or list). Only current versions count as use.
//!
//! Every change runs under the lock `references`, so that what was verified still holds at commit.

use std::collections::{BTreeMap, BTreeSet};

use crate::database::{Store, WriteTransaction};
use crate::error::StoreError;
use crate::ids::{ListId, SegmentId};
use crate::row::{Columns, signed};

impl Store {
    /// Segments outside the trash whose current rule refers to a segment.
    pub async fn segments_using_segment(&self, id: &SegmentId) -> Result<Vec<SegmentId>, StoreError> {
        self.users_of("segment", id.as_str()).await
    }

    /// Segments outside the trash whose current rule refers to a list.
    pub async fn segments_using_list(&self, id: &ListId) -> Result<Vec<SegmentId>, StoreError> {
        self.users_of("list", id.as_str()).await
    }

    async fn users_of(&self, kind: &'static str, target: &str) -> Result<Vec<SegmentId>, StoreError> {
        let rows = sqlx::query(
            "SELECT segments.id FROM segment_references JOIN segments ON segments.id = segment_references.segment_id \
             AND segments.version = segment_references.version WHERE segment_references.target_kind = $1 \
             AND segment_references.target_id = $2 AND segments.trashed_at IS NULL ORDER BY segments.id",
        )
        .bind(kind)
        .bind(target)
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| row.id("id")).collect()
    }
}

pub(crate) async fn insert(
    transaction: &mut WriteTransaction,
    id: &SegmentId,
    version: u64,
    segments: &[SegmentId],
    lists: &[ListId],
) -> Result<(), StoreError> {
    let segments = segments.iter().map(|target| ("segment", target.as_str()));
    let lists = lists.iter().map(|target| ("list", target.as_str()));
    for (kind, target) in segments.chain(lists).collect::<BTreeSet<_>>() {
        sqlx::query("INSERT INTO segment_references (segment_id, version, target_kind, target_id) VALUES ($1, $2, $3, $4)")
            .bind(id.as_str())
            .bind(signed(version)?)
            .bind(kind)
            .bind(target)
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

/// Verifies that everything a version refers to is there, not in the trash, and does not lead back to the segment.
pub(crate) async fn verify(transaction: &mut WriteTransaction, id: &SegmentId, version: u64) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS number FROM segment_references AS reference WHERE segment_id = $1 AND version = $2 \
         AND NOT (target_kind = 'list' AND EXISTS (SELECT 1 FROM lists WHERE lists.id = reference.target_id)) \
         AND NOT (target_kind = 'segment' AND EXISTS (SELECT 1 FROM segments \
         WHERE segments.id = reference.target_id AND segments.trashed_at IS NULL))",
    )
    .bind(id.as_str())
    .bind(signed(version)?)
    .fetch_one(&mut **transaction)
    .await?;
    if row.count("number")? > 0 {
        return Err(StoreError::Conflict("reference_missing"));
    }
    if leads_back(&edges(transaction).await?, id.as_str()) {
        return Err(StoreError::Conflict("segment_cycle"));
    }
    Ok(())
}

/// Whether the rule of a segment outside the trash refers to it, or a campaign that has not come to its end.
pub(crate) async fn is_segment_used(transaction: &mut WriteTransaction, id: &SegmentId) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS number FROM campaigns WHERE segment_id = $1 AND state IN ('draft', 'sending', 'paused', 'failed')",
    )
    .bind(id.as_str())
    .fetch_one(&mut **transaction)
    .await?;
    Ok(row.count("number")? > 0 || is_used(transaction, "segment", id.as_str()).await?)
}

pub(crate) async fn is_list_used(transaction: &mut WriteTransaction, id: &ListId) -> Result<bool, StoreError> {
    is_used(transaction, "list", id.as_str()).await
}

async fn is_used(transaction: &mut WriteTransaction, kind: &'static str, target: &str) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS number FROM segment_references JOIN segments ON segments.id = segment_references.segment_id \
         AND segments.version = segment_references.version WHERE segment_references.target_kind = $1 \
         AND segment_references.target_id = $2 AND segments.trashed_at IS NULL",
    )
    .bind(kind)
    .bind(target)
    .fetch_one(&mut **transaction)
    .await?;
    Ok(row.count("number")? > 0)
}

/// From each segment to the segments that its current rule refers to.
async fn edges(transaction: &mut WriteTransaction) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
    let rows = sqlx::query(
        "SELECT segments.id, segment_references.target_id FROM segment_references \
         JOIN segments ON segments.id = segment_references.segment_id \
         AND segments.version = segment_references.version WHERE segment_references.target_kind = 'segment'",
    )
    .fetch_all(&mut **transaction)
    .await?;
    let mut edges: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        edges.entry(row.text("id")?).or_default().push(row.text("target_id")?);
    }
    Ok(edges)
}

fn leads_back(edges: &BTreeMap<String, Vec<String>>, start: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![start];
    while let Some(segment) = open.pop() {
        for target in edges.get(segment).into_iter().flatten() {
            if target == start {
                return true;
            }
            if seen.insert(target.as_str()) {
                open.push(target);
            }
        }
    }
    false
}
