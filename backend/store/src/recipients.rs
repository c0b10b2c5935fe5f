//! The recipients of campaigns, and how no one is mailed twice.
//!
//! A recipient is claimed (queued -> sending) and that is committed before anything is sent; afterwards the outcome is
//! noted. A recipient found `sending` after a restart may or may not have got the mail: it becomes `unknown` and is not
//! sent again by itself. A user and an address each occur once per campaign, whatever is queued how often.

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::database::{Store, WriteTransaction};
use crate::error::StoreError;
use crate::ids::CampaignId;
use crate::page::{Page, one_more};
use crate::row::{BULK_ROWS, Columns, row_placeholders, signed};
use crate::words::words;

words! {
    /// Where a recipient stands.
    RecipientState {
        /// Waiting.
        Queued = "queued",
        /// Claimed by a sender.
        Sending = "sending",
        /// The mail server took the mail.
        Sent = "sent",
        /// The mail server refused it for good.
        Failed = "failed",
        /// The sender stopped in the middle; nobody knows.
        Unknown = "unknown",
    }
}

/// A recipient to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecipient {
    /// The user.
    pub user_id: String,
    /// Where to send.
    pub address: String,
    /// Digest of the address in its normal form; unique within the campaign.
    pub address_hash: String,
}

/// A recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The user.
    pub user_id: String,
    /// Where to send.
    pub address: String,
    /// Where it stands.
    pub state: RecipientState,
    /// How often it was tried, this claim included.
    pub attempts: u64,
    /// What the mail server said, or why it is tried again.
    pub detail: Option<String>,
    /// When the state was reached.
    pub at: i64,
}

/// How sending to a claimed recipient ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientOutcome {
    /// The mail server took the mail.
    Sent,
    /// The mail server refused it for good.
    Failed {
        /// What it said.
        detail: String,
    },
    /// The connection broke where the server may have taken it.
    Unknown {
        /// How it broke.
        detail: String,
    },
    /// Certainly not sent; to be tried again.
    Requeued {
        /// Why.
        detail: String,
        /// Not before.
        not_before: i64,
        /// Whether it counts as an attempt: the mail server spoke of this recipient.
        tried: bool,
    },
}

/// How many recipients are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecipientCounts {
    /// Waiting.
    pub queued: u64,
    /// Claimed.
    pub sending: u64,
    /// Sent.
    pub sent: u64,
    /// Refused.
    pub failed: u64,
    /// Not known.
    pub unknown: u64,
}

impl RecipientCounts {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.queued + self.sending + self.sent + self.failed + self.unknown
    }
}

impl Store {
    /// Queues recipients; those whose user or address the campaign already has are left out. Returns how many were new.
    pub async fn queue_recipients(
        &self,
        campaign: &CampaignId,
        recipients: &[NewRecipient],
        now: i64,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let mut inserted = 0;
        for chunk in recipients.chunks(BULK_ROWS) {
            let sql = format!(
                "INSERT INTO recipients (campaign_id, user_id, address, address_hash, updated_at, not_before) \
                 VALUES {} ON CONFLICT DO NOTHING",
                row_placeholders(chunk.len(), 6)
            );
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for recipient in chunk {
                query = query
                    .bind(campaign.as_str())
                    .bind(&recipient.user_id)
                    .bind(&recipient.address)
                    .bind(&recipient.address_hash)
                    .bind(now)
                    .bind(now);
            }
            inserted += query.execute(&mut *transaction).await?.rows_affected();
        }
        transaction.commit().await?;
        Ok(inserted)
    }

    /// Claims up to `limit` waiting recipients of a campaign for the caller alone. When this returns, the claim is on
    /// disk. Nothing is claimed unless the campaign is in state `sending`.
    pub async fn claim_recipients(&self, campaign: &CampaignId, limit: u32, now: i64) -> Result<Vec<Recipient>, StoreError> {
        let sql = format!(
            "SELECT * FROM recipients WHERE campaign_id = $1 AND state = 'queued' AND not_before <= $2 \
             AND EXISTS (SELECT 1 FROM campaigns WHERE campaigns.id = $1 AND campaigns.state = 'sending') \
             ORDER BY not_before, user_id LIMIT $3 {}",
            self.skip_locked()
        );
        let mut transaction = self.begin().await?;
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(campaign.as_str())
            .bind(now)
            .bind(i64::from(limit))
            .fetch_all(&mut *transaction)
            .await?;
        let mut recipients: Vec<Recipient> = rows.iter().map(read).collect::<Result<_, _>>()?;
        for recipient in &mut recipients {
            mark_sending(&mut transaction, campaign, recipient, now).await?;
        }
        transaction.commit().await?;
        Ok(recipients)
    }

    /// Notes how sending to a claimed recipient ended. False, and nothing changes, if it was not claimed.
    pub async fn finish_recipient(
        &self,
        campaign: &CampaignId,
        user_id: &str,
        outcome: &RecipientOutcome,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (state, detail, not_before, untried) = match outcome {
            RecipientOutcome::Sent => (RecipientState::Sent, None, now, 0),
            RecipientOutcome::Failed { detail } => (RecipientState::Failed, Some(detail), now, 0),
            RecipientOutcome::Unknown { detail } => (RecipientState::Unknown, Some(detail), now, 0),
            RecipientOutcome::Requeued { detail, not_before, tried } => {
                (RecipientState::Queued, Some(detail), *not_before, i64::from(!tried))
            }
        };
        let updated = sqlx::query(
            "UPDATE recipients SET state = $3, detail = $4, updated_at = $5, not_before = $6, attempts = attempts - $7 \
             WHERE campaign_id = $1 AND user_id = $2 AND state = 'sending'",
        )
        .bind(campaign.as_str())
        .bind(user_id)
        .bind(state.as_str())
        .bind(detail)
        .bind(now)
        .bind(not_before)
        .bind(untried)
        .execute(self.writer())
        .await?;
        Ok(updated.rows_affected() == 1)
    }

    /// Turns every claimed recipient into `unknown`: to be called before the first sender starts. Returns how many.
    pub async fn give_up_claimed_recipients(&self, now: i64) -> Result<u64, StoreError> {
        let updated = sqlx::query(
            "UPDATE recipients SET state = 'unknown', detail = 'the sender stopped in the middle', updated_at = $1 \
             WHERE state = 'sending'",
        )
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(updated.rows_affected())
    }

    /// How many recipients are in each state.
    pub async fn recipient_counts(&self, campaign: &CampaignId) -> Result<RecipientCounts, StoreError> {
        let rows = sqlx::query("SELECT state, COUNT(*) AS number FROM recipients WHERE campaign_id = $1 GROUP BY state")
            .bind(campaign.as_str())
            .fetch_all(self.reader())
            .await?;
        let mut counts = RecipientCounts::default();
        for row in &rows {
            let number = row.count("number")?;
            match row.word("state")? {
                RecipientState::Queued => counts.queued = number,
                RecipientState::Sending => counts.sending = number,
                RecipientState::Sent => counts.sent = number,
                RecipientState::Failed => counts.failed = number,
                RecipientState::Unknown => counts.unknown = number,
            }
        }
        Ok(counts)
    }

    /// When the next waiting recipient may be tried; `None` if none waits.
    pub async fn next_recipient_at(&self, campaign: &CampaignId) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT MIN(not_before) AS next FROM recipients WHERE campaign_id = $1 AND state = 'queued'")
            .bind(campaign.as_str())
            .fetch_one(self.reader())
            .await?;
        row.optional_integer("next")
    }

    /// Recipients in order of user id, in one state or in any.
    pub async fn recipients(
        &self,
        campaign: &CampaignId,
        state: Option<RecipientState>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Recipient, String>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM recipients WHERE campaign_id = $1 AND (state = $2 OR $2 = '') AND user_id > $3 \
             ORDER BY user_id LIMIT $4",
        )
        .bind(campaign.as_str())
        .bind(state.map_or("", RecipientState::as_str))
        .bind(after.unwrap_or_default())
        .bind(one_more(limit))
        .fetch_all(self.reader())
        .await?;
        let recipients = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page::of(recipients, limit, |recipient| recipient.user_id.clone()))
    }
}

/// Marks a locked recipient. One statement each, by primary key: for a longer condition PostgreSQL, before it has
/// statistics of a campaign just queued, would read all of the campaign.
async fn mark_sending(
    transaction: &mut WriteTransaction,
    campaign: &CampaignId,
    recipient: &mut Recipient,
    now: i64,
) -> Result<(), StoreError> {
    recipient.state = RecipientState::Sending;
    recipient.attempts += 1;
    recipient.at = now;
    sqlx::query(
        "UPDATE recipients SET state = 'sending', attempts = $3, updated_at = $4 WHERE campaign_id = $1 AND user_id = $2",
    )
    .bind(campaign.as_str())
    .bind(&recipient.user_id)
    .bind(signed(recipient.attempts)?)
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Recipient, StoreError> {
    Ok(Recipient {
        user_id: row.text("user_id")?,
        address: row.text("address")?,
        state: row.word("state")?,
        attempts: row.count("attempts")?,
        detail: row.optional_text("detail")?,
        at: row.integer("updated_at")?,
    })
}
