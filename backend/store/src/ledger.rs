//! The ledger: per source and day of receipt, where every received record ended.
//!
//! received = accepted + duplicate + quarantined, always; `anonymous` is a part of `accepted`. Rows only change when a
//! flush plan is committed ([`crate::flush_plan`]). A ledger row does not need its source to be known, since no count
//! may be lost for want of one.

use rollcall_rules::Day;
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;

use crate::database::{Store, WriteTransaction};
use crate::error::StoreError;
use crate::ids::SourceId;
use crate::row::{Columns, signed};

/// Counts of records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerCounts {
    /// Everything that was received.
    pub received: u64,
    /// Taken in.
    pub accepted: u64,
    /// The part of `accepted` that names no user.
    pub anonymous: u64,
    /// Seen before.
    pub duplicate: u64,
    /// Set aside, with a reason.
    pub quarantined: u64,
}

impl LedgerCounts {
    /// Whether every received record is accounted for.
    pub fn is_balanced(&self) -> bool {
        self.received == self.accepted + self.duplicate + self.quarantined && self.anonymous <= self.accepted
    }

    /// Adds other counts.
    pub fn add(&mut self, other: &Self) {
        self.received += other.received;
        self.accepted += other.accepted;
        self.anonymous += other.anonymous;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
    }
}

/// What a flush adds to one source and day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerDelta {
    /// The source.
    pub source_id: SourceId,
    /// UTC day of receipt.
    pub day: Day,
    /// How many records.
    pub counts: LedgerCounts,
    /// When the newest of them was received.
    pub last_received_at: i64,
}

/// One source and day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// The source.
    pub source_id: SourceId,
    /// UTC day of receipt.
    pub day: Day,
    /// How many records.
    pub counts: LedgerCounts,
    /// When the newest of them was received.
    pub last_received_at: i64,
}

impl Store {
    /// Ledger rows of one source, or of all, from a day on; newest day first, then by source.
    pub async fn ledger(&self, source: Option<&SourceId>, from: Day) -> Result<Vec<LedgerRow>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM ledger WHERE day >= $1 AND (source_id = $2 OR $2 = '') ORDER BY day DESC, source_id")
                .bind(i64::from(from.0))
                .bind(source.map_or("", SourceId::as_str))
                .fetch_all(self.reader())
                .await?;
        rows.iter().map(read).collect()
    }

    /// Totals of one source, or of all, over all days.
    pub async fn ledger_totals(&self, source: Option<&SourceId>) -> Result<LedgerCounts, StoreError> {
        let row = sqlx::query(
            "SELECT CAST(COALESCE(SUM(received), 0) AS BIGINT) AS received, \
             CAST(COALESCE(SUM(accepted), 0) AS BIGINT) AS accepted, \
             CAST(COALESCE(SUM(anonymous), 0) AS BIGINT) AS anonymous, \
             CAST(COALESCE(SUM(duplicate), 0) AS BIGINT) AS duplicate, \
             CAST(COALESCE(SUM(quarantined), 0) AS BIGINT) AS quarantined \
             FROM ledger WHERE source_id = $1 OR $1 = ''",
        )
        .bind(source.map_or("", SourceId::as_str))
        .fetch_one(self.reader())
        .await?;
        read_counts(&row)
    }

    /// When each source last received something.
    pub async fn last_received(&self) -> Result<Vec<(SourceId, i64)>, StoreError> {
        let rows = sqlx::query("SELECT source_id, MAX(last_received_at) AS last FROM ledger GROUP BY source_id")
            .fetch_all(self.reader())
            .await?;
        rows.iter().map(|row| Ok((row.id("source_id")?, row.integer("last")?))).collect()
    }
}

/// Adds deltas to the ledger.
pub(crate) async fn add(transaction: &mut WriteTransaction, deltas: &[LedgerDelta]) -> Result<(), StoreError> {
    for delta in deltas {
        sqlx::query(
            "INSERT INTO ledger (source_id, day, received, accepted, anonymous, duplicate, quarantined, \
             last_received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (source_id, day) DO UPDATE SET received = ledger.received + excluded.received, \
             accepted = ledger.accepted + excluded.accepted, anonymous = ledger.anonymous + excluded.anonymous, \
             duplicate = ledger.duplicate + excluded.duplicate, \
             quarantined = ledger.quarantined + excluded.quarantined, \
             last_received_at = CASE WHEN excluded.last_received_at > ledger.last_received_at \
             THEN excluded.last_received_at ELSE ledger.last_received_at END",
        )
        .bind(delta.source_id.as_str())
        .bind(i64::from(delta.day.0))
        .bind(signed(delta.counts.received)?)
        .bind(signed(delta.counts.accepted)?)
        .bind(signed(delta.counts.anonymous)?)
        .bind(signed(delta.counts.duplicate)?)
        .bind(signed(delta.counts.quarantined)?)
        .bind(delta.last_received_at)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

fn read(row: &AnyRow) -> Result<LedgerRow, StoreError> {
    let day = i32::try_from(row.integer("day")?).map_err(|_| StoreError::Corrupt("a ledger day".to_owned()))?;
    Ok(LedgerRow {
        source_id: row.id("source_id")?,
        day: Day(day),
        counts: read_counts(row)?,
        last_received_at: row.integer("last_received_at")?,
    })
}

fn read_counts(row: &AnyRow) -> Result<LedgerCounts, StoreError> {
    Ok(LedgerCounts {
        received: row.count("received")?,
        accepted: row.count("accepted")?,
        anonymous: row.count("anonymous")?,
        duplicate: row.count("duplicate")?,
        quarantined: row.count("quarantined")?,
    })
}
