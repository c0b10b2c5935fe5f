//! Users who must not be reached for a purpose, whatever their consent says: unsubscribed, bounced, complained.

use std::collections::HashSet;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::database::Store;
use crate::error::StoreError;
use crate::ids::CampaignId;
use crate::page::{Page, one_more};
use crate::row::{BULK_ROWS, Columns, placeholders};

/// A suppressed user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Purpose, such as `email`.
    pub purpose: String,
    /// The user.
    pub user_id: String,
    /// Why, a stable word such as `unsubscribed`.
    pub reason: String,
    /// The campaign that led to it.
    pub campaign_id: Option<CampaignId>,
    /// When.
    pub at: i64,
}

/// A user to be suppressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSuppression {
    /// Purpose, such as `email`.
    pub purpose: String,
    /// The user.
    pub user_id: String,
    /// Why, a stable word such as `unsubscribed`.
    pub reason: String,
    /// The campaign that led to it.
    pub campaign_id: Option<CampaignId>,
}

impl Store {
    /// Suppresses a user. False if the user was suppressed for that purpose before; the first reason stays.
    pub async fn suppress(&self, suppression: &NewSuppression, now: i64) -> Result<bool, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO suppressions (purpose, user_id, reason, campaign_id, created_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&suppression.purpose)
        .bind(&suppression.user_id)
        .bind(&suppression.reason)
        .bind(suppression.campaign_id.as_ref().map(CampaignId::as_str))
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    /// Which of some users are suppressed for a purpose.
    pub async fn suppressed_among(&self, purpose: &str, user_ids: &[&str]) -> Result<HashSet<String>, StoreError> {
        let mut found = HashSet::new();
        for chunk in user_ids.chunks(BULK_ROWS) {
            let sql =
                format!("SELECT user_id FROM suppressions WHERE purpose = $1 AND user_id IN ({})", placeholders(2, chunk.len()));
            let mut query = sqlx::query(AssertSqlSafe(sql)).bind(purpose);
            for user_id in chunk {
                query = query.bind(*user_id);
            }
            for row in query.fetch_all(self.reader()).await? {
                found.insert(row.text("user_id")?);
            }
        }
        Ok(found)
    }

    /// Suppressions of a purpose in order of user id.
    pub async fn suppressions(
        &self,
        purpose: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Suppression, String>, StoreError> {
        let rows = sqlx::query("SELECT * FROM suppressions WHERE purpose = $1 AND user_id > $2 ORDER BY user_id LIMIT $3")
            .bind(purpose)
            .bind(after.unwrap_or_default())
            .bind(one_more(limit))
            .fetch_all(self.reader())
            .await?;
        let suppressions = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page::of(suppressions, limit, |suppression| suppression.user_id.clone()))
    }

    /// The addresses at which users were mailed by the campaigns that led them to be suppressed, whatever their address is now.
    pub async fn suppressed_addresses(&self, purpose: &str) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT DISTINCT r.address AS address FROM suppressions s \
             JOIN recipients r ON r.campaign_id = s.campaign_id AND r.user_id = s.user_id WHERE s.purpose = $1",
        )
        .bind(purpose)
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|row| row.text("address")).collect()
    }

    /// How many users a campaign led to be suppressed.
    pub async fn suppressed_by(&self, campaign: &CampaignId) -> Result<u64, StoreError> {
        sqlx::query("SELECT COUNT(*) AS number FROM suppressions WHERE campaign_id = $1")
            .bind(campaign.as_str())
            .fetch_one(self.reader())
            .await?
            .count("number")
    }
}

fn read(row: &AnyRow) -> Result<Suppression, StoreError> {
    Ok(Suppression {
        purpose: row.text("purpose")?,
        user_id: row.text("user_id")?,
        reason: row.text("reason")?,
        campaign_id: row.optional_id("campaign_id")?,
        at: row.integer("created_at")?,
    })
}
