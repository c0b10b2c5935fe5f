//! The members of builds, as bytes that only the engine understands: whole now and then, otherwise what entered and left.

use sqlx::any::AnyRow;

use crate::database::{Store, WriteTransaction};
use crate::error::StoreError;
use crate::ids::{BuildId, SegmentId};
use crate::row::{Columns, signed};

/// What entered and left since the build before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembersDelta {
    /// Members that entered.
    pub added: Vec<u8>,
    /// Members that left.
    pub removed: Vec<u8>,
}

/// The members of a build, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MembersPayload {
    /// All of them.
    Base(Vec<u8>),
    /// Against the build before.
    Delta(MembersDelta),
}

/// What the members of a build are put together from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembersChain {
    /// The members of the newest whole build that is not newer than the one asked for.
    pub base: Vec<u8>,
    /// What to apply to it, in this order.
    pub deltas: Vec<MembersDelta>,
}

/// The numbers of the builds that make up a chain, both included.
struct Span {
    segment_id: SegmentId,
    first: u64,
    last: u64,
}

impl Store {
    /// The chain that gives a build's members; `None` if the build is not there or its members were pruned.
    ///
    /// # Errors
    /// `Corrupt` if a link is missing.
    pub async fn members_chain(&self, id: &BuildId) -> Result<Option<MembersChain>, StoreError> {
        let Some(span) = self.members_span(id).await? else {
            return Ok(None);
        };
        let rows = sqlx::query(
            "SELECT builds.number, build_members.* FROM builds JOIN build_members ON build_members.build_id = builds.id \
             WHERE builds.segment_id = $1 AND builds.number >= $2 AND builds.number <= $3 ORDER BY builds.number",
        )
        .bind(span.segment_id.as_str())
        .bind(signed(span.first)?)
        .bind(signed(span.last)?)
        .fetch_all(self.reader())
        .await?;
        let mut base = None;
        let mut deltas = Vec::with_capacity(rows.len());
        for (row, expected) in rows.iter().zip(span.first..) {
            match read(row)? {
                _ if row.count("number")? != expected => break,
                MembersPayload::Base(bytes) => base = Some(bytes),
                MembersPayload::Delta(delta) => deltas.push(delta),
            }
        }
        let whole = base.filter(|_| deltas.len() as u64 == span.last - span.first);
        let chain = whole.map(|base| MembersChain { base, deltas });
        chain.map(Some).ok_or_else(|| StoreError::Corrupt(format!("a link to the members of build {id} is missing")))
    }

    /// How many deltas a build's members need: 0 for a whole one. `None` if they were pruned. Tells when to store the
    /// next build whole.
    pub async fn members_depth(&self, id: &BuildId) -> Result<Option<u64>, StoreError> {
        Ok(self.members_span(id).await?.map(|span| span.last - span.first))
    }

    async fn members_span(&self, id: &BuildId) -> Result<Option<Span>, StoreError> {
        let rows = sqlx::query(
            "SELECT wanted.segment_id, wanted.number, (SELECT whole.number FROM builds AS whole \
             JOIN build_members AS payload ON payload.build_id = whole.id WHERE whole.segment_id = wanted.segment_id \
             AND whole.number <= wanted.number AND payload.base IS NOT NULL ORDER BY whole.number DESC LIMIT 1) \
             AS base_number FROM builds AS wanted JOIN build_members AS own ON own.build_id = wanted.id WHERE wanted.id = $1",
        )
        .bind(id.as_str())
        .fetch_all(self.reader())
        .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let first = row.optional_count("base_number")?;
        let first = first.ok_or_else(|| StoreError::Corrupt(format!("the members of build {id} have no base")))?;
        Ok(Some(Span { segment_id: row.id("segment_id")?, first, last: row.count("number")? }))
    }

    /// Forgets the members of builds before an instant that no later build needs; their rows stay, and so does the latest
    /// build of each segment. Returns how many were forgotten.
    pub async fn prune_members(&self, before: i64) -> Result<u64, StoreError> {
        let segments = sqlx::query(
            "SELECT id, COALESCE((SELECT MIN(number) FROM builds WHERE segment_id = segments.id AND instant >= $1), \
             build_number) AS keep_from FROM segments",
        )
        .bind(before)
        .fetch_all(self.reader())
        .await?;
        let mut pruned = 0;
        for row in &segments {
            pruned += sqlx::query(
                "DELETE FROM build_members WHERE build_id IN (SELECT id FROM builds WHERE segment_id = $1 AND number < \
                 (SELECT whole.number FROM builds AS whole JOIN build_members AS payload ON payload.build_id = whole.id \
                 WHERE whole.segment_id = $1 AND whole.number <= $2 AND payload.base IS NOT NULL \
                 ORDER BY whole.number DESC LIMIT 1))",
            )
            .bind(row.text("id")?)
            .bind(row.integer("keep_from")?)
            .execute(self.writer())
            .await?
            .rows_affected();
        }
        Ok(pruned)
    }
}

pub(crate) async fn insert(transaction: &mut WriteTransaction, id: &BuildId, payload: &MembersPayload) -> Result<(), StoreError> {
    let (base, delta) = match payload {
        MembersPayload::Base(base) => (Some(base.as_slice()), None),
        MembersPayload::Delta(delta) => (None, Some(delta)),
    };
    sqlx::query("INSERT INTO build_members (build_id, base, added, removed) VALUES ($1, $2, $3, $4)")
        .bind(id.as_str())
        .bind(base)
        .bind(delta.map(|delta| delta.added.as_slice()))
        .bind(delta.map(|delta| delta.removed.as_slice()))
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<MembersPayload, StoreError> {
    if let Some(base) = row.optional_bytes("base")? {
        return Ok(MembersPayload::Base(base));
    }
    Ok(MembersPayload::Delta(MembersDelta { added: row.bytes("added")?, removed: row.bytes("removed")? }))
}
