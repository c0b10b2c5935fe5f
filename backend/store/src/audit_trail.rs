//! The audit trail: who did what, append-only, each entry sealed to the one before.
//!
//! hash = SHA-256 over, in this order: the format byte 2, the hash of the entry before (32 zero bytes for the first), the
//! id and the time as u64/i64 little-endian, then actor, actor kind, actor id, action, target kind, target id and the
//! detail's JSON text as stored, each as u32 LE length + bytes. Format 1, of older entries, has no actor id. The head (last
//! id and hash) is kept apart, so that a cut tail shows too. Triggers refuse UPDATE, DELETE and TRUNCATE. To change the
//! format, raise the format byte and keep verifying the old ones.

use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;

use crate::database::Store;
use crate::error::StoreError;
use crate::page::{Page, one_more};
use crate::row::{Columns, signed};

const FORMAT: u8 = 2;
const VERIFY_PAGE: i64 = 1000;

/// What happened, to be appended.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAuditEntry {
    /// Who did it, by name.
    pub actor: String,
    /// What kind of actor: person, machine, system.
    pub actor_kind: String,
    /// Which one: the id of the account or key; empty in entries of format 1.
    pub actor_id: String,
    /// What was done, a stable word such as `segment.update`.
    pub action: String,
    /// What kind of thing it was done to.
    pub target_kind: String,
    /// Which one.
    pub target_id: String,
    /// Anything else; never personal data of users.
    pub detail: Value,
}

/// An entry of the trail.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Place in the trail, from 1, without gaps.
    pub id: u64,
    /// When.
    pub at: i64,
    /// What happened.
    pub entry: NewAuditEntry,
    /// Hash of the entry before, in hex.
    pub previous_hash: String,
    /// Hash of this entry, in hex.
    pub hash: String,
}

/// What is wrong with the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrailFault {
    /// An entry is missing before this id.
    Missing {
        /// The id that was expected.
        id: u64,
    },
    /// This entry is not what was sealed.
    Altered {
        /// Its id.
        id: u64,
    },
    /// The trail ends before or after its head says.
    Cut {
        /// The id of the last entry that is there.
        id: u64,
    },
}

/// What verifying the trail found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailCheck {
    /// Entries that were verified.
    pub entries: u64,
    /// Hash of the last of them, in hex.
    pub head: String,
    /// The first fault.
    pub fault: Option<TrailFault>,
}

impl Store {
    /// Appends an entry; when this returns, it is on disk.
    pub async fn append_audit(&self, entry: NewAuditEntry, now: i64) -> Result<AuditEntry, StoreError> {
        let detail = entry.detail.to_string();
        let mut transaction = self.begin().await?;
        // The update makes writers queue, so that each sees the head that the one before it left.
        sqlx::query("UPDATE audit_head SET last_id = last_id + 1").execute(&mut *transaction).await?;
        let row = sqlx::query("SELECT last_id, hash FROM audit_head").fetch_one(&mut *transaction).await?;
        let (id, previous) = (row.count("last_id")?, row.bytes("hash")?);
        let hash = seal(FORMAT, &previous, id, now, &entry, &detail);
        sqlx::query(
            "INSERT INTO audit_trail (id, created_at, actor, actor_kind, actor_id, action, target_kind, target_id, \
             detail, previous_hash, hash, format) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(signed(id)?)
        .bind(now)
        .bind(&entry.actor)
        .bind(&entry.actor_kind)
        .bind(&entry.actor_id)
        .bind(&entry.action)
        .bind(&entry.target_kind)
        .bind(&entry.target_id)
        .bind(&detail)
        .bind(previous.as_slice())
        .bind(hash.as_slice())
        .bind(i64::from(FORMAT))
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE audit_head SET hash = $1").bind(hash.as_slice()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(AuditEntry { id, at: now, entry, previous_hash: hex::encode(previous), hash: hex::encode(hash) })
    }

    /// Entries, newest first; `before` is the id of the last entry of the page before.
    pub async fn audit_trail(&self, before: Option<u64>, limit: u32) -> Result<Page<AuditEntry, u64>, StoreError> {
        let rows = sqlx::query("SELECT * FROM audit_trail WHERE id < $1 ORDER BY id DESC LIMIT $2")
            .bind(before.map_or(Ok(i64::MAX), signed)?)
            .bind(one_more(limit))
            .fetch_all(self.reader())
            .await?;
        let entries = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page::of(entries, limit, |entry: &AuditEntry| entry.id))
    }

    /// Recomputes the whole chain. Entries appended meanwhile are not looked at.
    pub async fn verify_audit_trail(&self) -> Result<TrailCheck, StoreError> {
        let row = sqlx::query("SELECT last_id, hash FROM audit_head").fetch_one(self.reader()).await?;
        let (last, head) = (row.count("last_id")?, row.bytes("hash")?);
        let mut link = Link { id: 0, hash: vec![0; 32] };
        loop {
            let rows = sqlx::query("SELECT * FROM audit_trail WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3")
                .bind(signed(link.id)?)
                .bind(signed(last)?)
                .bind(VERIFY_PAGE)
                .fetch_all(self.reader())
                .await?;
            for row in &rows {
                if let Some(fault) = link.follow(row)? {
                    return Ok(link.check(Some(fault)));
                }
            }
            if rows.is_empty() {
                break;
            }
        }
        let whole = link.id == last && link.hash == head;
        let fault = if whole { None } else { Some(TrailFault::Cut { id: link.id }) };
        Ok(link.check(fault))
    }
}

/// The last entry that was verified.
struct Link {
    id: u64,
    hash: Vec<u8>,
}

impl Link {
    fn follow(&mut self, row: &AnyRow) -> Result<Option<TrailFault>, StoreError> {
        let id = row.count("id")?;
        if id != self.id + 1 {
            return Ok(Some(TrailFault::Missing { id: self.id + 1 }));
        }
        let (entry, format) = (read_entry(row)?, u8::try_from(row.count("format")?).unwrap_or_default());
        let hash = seal(format, &self.hash, id, row.integer("created_at")?, &entry, &row.text("detail")?);
        // An actor's id is no part of format 1, so an entry of it that has one was given it later.
        let sealed = format == FORMAT || format == 1 && entry.actor_id.is_empty();
        if !sealed || row.bytes("previous_hash")? != self.hash || row.bytes("hash")? != hash {
            return Ok(Some(TrailFault::Altered { id }));
        }
        self.id = id;
        self.hash = hash.to_vec();
        Ok(None)
    }

    fn check(&self, fault: Option<TrailFault>) -> TrailCheck {
        TrailCheck { entries: self.id, head: hex::encode(&self.hash), fault }
    }
}

fn seal(format: u8, previous: &[u8], id: u64, at: i64, entry: &NewAuditEntry, detail: &str) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update([format]);
    digest.update(previous);
    digest.update(id.to_le_bytes());
    digest.update(at.to_le_bytes());
    let actor_id = (format > 1).then_some(&entry.actor_id);
    let actor = [&entry.actor, &entry.actor_kind].into_iter().chain(actor_id);
    let fields = actor.chain([&entry.action, &entry.target_kind, &entry.target_id]).map(String::as_str);
    for field in fields.chain([detail]) {
        digest.update(u32::try_from(field.len()).unwrap_or(u32::MAX).to_le_bytes());
        digest.update(field.as_bytes());
    }
    digest.finalize().into()
}

fn read(row: &AnyRow) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        id: row.count("id")?,
        at: row.integer("created_at")?,
        entry: read_entry(row)?,
        previous_hash: hex::encode(row.bytes("previous_hash")?),
        hash: hex::encode(row.bytes("hash")?),
    })
}

fn read_entry(row: &AnyRow) -> Result<NewAuditEntry, StoreError> {
    Ok(NewAuditEntry {
        actor: row.text("actor")?,
        actor_kind: row.text("actor_kind")?,
        actor_id: row.text("actor_id")?,
        action: row.text("action")?,
        target_kind: row.text("target_kind")?,
        target_id: row.text("target_id")?,
        detail: row.json("detail")?,
    })
}
