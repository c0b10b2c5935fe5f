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

impl Store {
    /// The chain that gives a build's members; `None` if the build is not there or its members were pruned.
    ///
    /// # Errors
    /// `Corrupt` if a link is missing.
    pub async fn members_chain(&self, id: &BuildId) -> Result<Option<MembersChain>, StoreError> {
        let rows = sqlx::query(
            "SELECT builds.number, build_members.* FROM builds AS wanted \
             JOIN builds ON builds.segment_id = wanted.segment_id AND builds.number <= wanted.number \
             JOIN build_members ON build_members.build_id = builds.id \
             WHERE wanted.id = $1 AND EXISTS (SELECT 1 FROM build_members WHERE build_members.build_id = wanted.id) \
             AND builds.number >= (SELECT MAX(whole.number) FROM builds AS whole \
             JOIN build_members AS payload ON payload.build_id = whole.id WHERE whole.segment_id = wanted.segment_id \
             AND whole.number <= wanted.number AND payload.base IS NOT NULL) ORDER BY builds.number",
        )
        .bind(id.as_str())
        .fetch_all(self.reader())
        .await?;
        let Some((first, rest)) = rows.split_first() else {
            return Ok(None);
        };
        let MembersPayload::Base(base) = read(first)? else {
            return Err(StoreError::Corrupt(format!("the members of build {id} have no base")));
        };
        let mut number = first.count("number")?;
        let mut deltas = Vec::with_capacity(rest.len());
        for row in rest {
            let (next, MembersPayload::Delta(delta)) = (row.count("number")?, read(row)?) else {
                return Err(StoreError::Corrupt(format!("the members of build {id} have two bases")));
            };
            if next != number + 1 {
                return Err(StoreError::Corrupt(format!("the members of build {id} miss number {}", number + 1)));
            }
            number = next;
            deltas.push(delta);
        }
        Ok(Some(MembersChain { base, deltas }))
    }

    /// How many deltas a build's members need: 0 for a whole one. `None` if they were pruned. Tells when to store the
    /// next build whole.
    pub async fn members_depth(&self, id: &BuildId) -> Result<Option<u64>, StoreError> {
        let rows = sqlx::query(
            "SELECT wanted.number - MAX(whole.number) AS depth FROM builds AS wanted \
             JOIN build_members AS own ON own.build_id = wanted.id \
             JOIN builds AS whole ON whole.segment_id = wanted.segment_id AND whole.number <= wanted.number \
             JOIN build_members AS payload ON payload.build_id = whole.id AND payload.base IS NOT NULL \
             WHERE wanted.id = $1 GROUP BY wanted.id, wanted.number",
        )
        .bind(id.as_str())
        .fetch_all(self.reader())
        .await?;
        rows.first().map(|row| row.count("depth")).transpose()
    }

    /// Forgets the members of a segment's builds before the newest whole build that is not newer than `keep_from` (a
    /// build number); their rows stay. Returns how many were forgotten.
    pub async fn prune_members(&self, segment: &SegmentId, keep_from: u64) -> Result<u64, StoreError> {
        let pruned = sqlx::query(
            "DELETE FROM build_members WHERE build_id IN (SELECT id FROM builds WHERE segment_id = $1 AND number < \
             (SELECT MAX(whole.number) FROM builds AS whole JOIN build_members AS payload ON payload.build_id = whole.id \
             WHERE whole.segment_id = $1 AND whole.number <= $2 AND payload.base IS NOT NULL))",
        )
        .bind(segment.as_str())
        .bind(signed(keep_from)?)
        .execute(self.writer())
        .await?;
        Ok(pruned.rows_affected())
    }
}

pub(crate) async fn insert(
    transaction: &mut WriteTransaction,
    id: &BuildId,
    payload: &MembersPayload,
) -> Result<(), StoreError> {
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
