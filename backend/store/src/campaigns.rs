//! E-mail campaigns and the states they go through; their recipients are in [`crate::recipients`].
//!
//! draft -> sending -> done, failed or cancelled; sending <-> paused; failed -> sending; paused -> cancelled.

use sqlx::any::AnyRow;

use crate::database::{Store, WriteTransaction};
use crate::error::StoreError;
use crate::ids::{AccountId, BuildId, CampaignId, SegmentId};
use crate::row::{Columns, signed};
use crate::words::words;

words! {
    /// Where a campaign stands.
    CampaignState {
        /// Being written.
        Draft = "draft",
        /// On its way.
        Sending = "sending",
        /// Held.
        Paused = "paused",
        /// Every recipient was dealt with.
        Done = "done",
        /// Stopped by an error; may be resumed.
        Failed = "failed",
        /// Stopped by a person for good.
        Cancelled = "cancelled",
    }
}

words! {
    /// What the body is written in.
    BodyFormat {
        /// MJML.
        Mjml = "mjml",
        /// HTML.
        Html = "html",
    }
}

impl CampaignState {
    /// Whether a campaign may be moved from this state to another. A draft is started ([`Store::start_campaign`]).
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Paused | Self::Failed, Self::Sending)
                | (Self::Sending, Self::Paused | Self::Done | Self::Failed | Self::Cancelled)
                | (Self::Paused | Self::Failed, Self::Cancelled)
        )
    }
}

/// What people write of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignContent {
    /// Name.
    pub name: String,
    /// Whom it goes to.
    pub segment_id: SegmentId,
    /// Subject, a template.
    pub subject: String,
    /// What the body is written in.
    pub body_format: BodyFormat,
    /// Body, a template.
    pub body: String,
    /// Name of the sender.
    pub from_name: String,
    /// Address of the sender.
    pub from_address: String,
}

/// The steps between the segment and the recipients, as they were when sending began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CampaignDrops {
    /// Members of the build.
    pub matched: u64,
    /// Without consent.
    pub no_consent: u64,
    /// Suppressed.
    pub suppressed: u64,
    /// Without an address.
    pub no_address: u64,
    /// With an address that another recipient has.
    pub duplicate_address: u64,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Id.
    pub id: CampaignId,
    /// What people wrote.
    pub content: CampaignContent,
    /// Where it stands.
    pub state: CampaignState,
    /// The build whose members it goes to, once known.
    pub build_id: Option<BuildId>,
    /// The steps between that build and the recipients, once every recipient is queued.
    pub drops: Option<CampaignDrops>,
    /// Why it failed.
    pub error: Option<String>,
    /// Who wrote it.
    pub created_by: Option<AccountId>,
    /// When it was created.
    pub created_at: i64,
    /// When sending first began.
    pub started_at: Option<i64>,
    /// When it came to an end.
    pub finished_at: Option<i64>,
}

/// A campaign to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCampaign {
    /// Id.
    pub id: CampaignId,
    /// What people wrote.
    pub content: CampaignContent,
    /// Who writes it.
    pub created_by: Option<AccountId>,
}

impl Store {
    /// Creates a campaign, a draft.
    pub async fn create_campaign(&self, campaign: NewCampaign, now: i64) -> Result<Campaign, StoreError> {
        let content = &campaign.content;
        sqlx::query(
            "INSERT INTO campaigns (id, name, segment_id, subject, body_format, body, from_name, from_address, state, \
             created_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'draft', $9, $10)",
        )
        .bind(campaign.id.as_str())
        .bind(&content.name)
        .bind(content.segment_id.as_str())
        .bind(&content.subject)
        .bind(content.body_format.as_str())
        .bind(&content.body)
        .bind(&content.from_name)
        .bind(&content.from_address)
        .bind(campaign.created_by.as_ref().map(AccountId::as_str))
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(Campaign {
            id: campaign.id,
            content: campaign.content,
            state: CampaignState::Draft,
            build_id: None,
            drops: None,
            error: None,
            created_by: campaign.created_by,
            created_at: now,
            started_at: None,
            finished_at: None,
        })
    }

    /// Every campaign, newest first.
    pub async fn campaigns(&self) -> Result<Vec<Campaign>, StoreError> {
        let query = sqlx::query("SELECT * FROM campaigns ORDER BY created_at DESC, id DESC");
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Campaigns in a state, oldest first: what a runner picks up after a restart.
    pub async fn campaigns_in(&self, state: CampaignState) -> Result<Vec<Campaign>, StoreError> {
        let query = sqlx::query("SELECT * FROM campaigns WHERE state = $1 ORDER BY created_at, id").bind(state.as_str());
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// The campaign of an id.
    pub async fn campaign(&self, id: &CampaignId) -> Result<Option<Campaign>, StoreError> {
        let query = sqlx::query("SELECT * FROM campaigns WHERE id = $1").bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// Campaigns that still need a segment: drafts, and those that send or may go on sending. Oldest first.
    pub async fn campaigns_using_segment(&self, segment: &SegmentId) -> Result<Vec<Campaign>, StoreError> {
        let query = sqlx::query(
            "SELECT * FROM campaigns WHERE segment_id = $1 AND state IN ('draft', 'sending', 'paused', 'failed') \
             ORDER BY created_at, id",
        );
        query.bind(segment.as_str()).fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Rewrites a draft. `None` if the campaign is not there.
    ///
    /// # Errors
    /// `Conflict("campaign_not_draft")` once it was sent.
    pub async fn update_campaign(&self, id: &CampaignId, content: &CampaignContent) -> Result<Option<Campaign>, StoreError> {
        let updated = sqlx::query(
            "UPDATE campaigns SET name = $2, segment_id = $3, subject = $4, body_format = $5, body = $6, from_name = $7, \
             from_address = $8 WHERE id = $1 AND state = 'draft'",
        )
        .bind(id.as_str())
        .bind(&content.name)
        .bind(content.segment_id.as_str())
        .bind(&content.subject)
        .bind(content.body_format.as_str())
        .bind(&content.body)
        .bind(&content.from_name)
        .bind(&content.from_address)
        .execute(self.writer())
        .await?;
        let campaign = self.campaign(id).await?;
        let refused = campaign.is_some() && updated.rows_affected() == 0;
        if refused { Err(StoreError::Conflict("campaign_not_draft")) } else { Ok(campaign) }
    }

    /// Deletes a draft. False if it is not there.
    ///
    /// # Errors
    /// `Conflict("campaign_not_draft")` once it was sent.
    pub async fn delete_campaign(&self, id: &CampaignId) -> Result<bool, StoreError> {
        let query = sqlx::query("DELETE FROM campaigns WHERE id = $1 AND state = 'draft'").bind(id.as_str());
        if query.execute(self.writer()).await?.rows_affected() == 1 {
            return Ok(true);
        }
        let there = self.campaign(id).await?.is_some();
        if there { Err(StoreError::Conflict("campaign_not_draft")) } else { Ok(false) }
    }

    /// Starts a draft: it goes to the members of `build`, a build of `segment`, and is `sending`. `None` if it is not
    /// there.
    ///
    /// # Errors
    /// `Conflict("campaign_state")` if it is no draft any more, `Conflict("campaign_changed")` if by now it goes to
    /// another segment.
    pub async fn start_campaign(
        &self,
        id: &CampaignId,
        segment: &SegmentId,
        build: &BuildId,
        now: i64,
    ) -> Result<Option<Campaign>, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(mut campaign) = locked(&mut transaction, id).await? else {
            return Ok(None);
        };
        if campaign.state != CampaignState::Draft {
            return Err(StoreError::Conflict("campaign_state"));
        }
        if campaign.content.segment_id != *segment {
            return Err(StoreError::Conflict("campaign_changed"));
        }
        sqlx::query("UPDATE campaigns SET state = 'sending', build_id = $2, started_at = $3 WHERE id = $1")
            .bind(id.as_str())
            .bind(build.as_str())
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        campaign.state = CampaignState::Sending;
        campaign.build_id = Some(build.clone());
        campaign.started_at = Some(now);
        Ok(Some(campaign))
    }

    /// Moves a campaign to another state; `error` is kept with `failed`. `None` if it is not there.
    ///
    /// # Errors
    /// `Conflict("campaign_state")` if [`CampaignState::may_become`] forbids it.
    pub async fn move_campaign(
        &self,
        id: &CampaignId,
        next: CampaignState,
        error: Option<&str>,
        now: i64,
    ) -> Result<Option<Campaign>, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(mut campaign) = locked(&mut transaction, id).await? else {
            return Ok(None);
        };
        if !campaign.state.may_become(next) {
            return Err(StoreError::Conflict("campaign_state"));
        }
        campaign.state = next;
        campaign.error = error.map(str::to_owned);
        let ends = matches!(next, CampaignState::Done | CampaignState::Failed | CampaignState::Cancelled);
        campaign.finished_at = ends.then_some(now);
        sqlx::query("UPDATE campaigns SET state = $2, error = $3, finished_at = $4 WHERE id = $1")
            .bind(id.as_str())
            .bind(next.as_str())
            .bind(error)
            .bind(campaign.finished_at)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(campaign))
    }

    /// Notes the steps between the build and the recipients, once every recipient is queued. False if the campaign is
    /// not there.
    pub async fn set_campaign_drops(&self, id: &CampaignId, drops: &CampaignDrops) -> Result<bool, StoreError> {
        let updated = sqlx::query(
            "UPDATE campaigns SET matched = $2, no_consent = $3, suppressed = $4, no_address = $5, \
             duplicate_address = $6 WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(signed(drops.matched)?)
        .bind(signed(drops.no_consent)?)
        .bind(signed(drops.suppressed)?)
        .bind(signed(drops.no_address)?)
        .bind(signed(drops.duplicate_address)?)
        .execute(self.writer())
        .await?;
        Ok(updated.rows_affected() == 1)
    }
}

/// A campaign whose row is locked until the transaction ends: the update takes the lock before the state is looked at.
async fn locked(transaction: &mut WriteTransaction, id: &CampaignId) -> Result<Option<Campaign>, StoreError> {
    sqlx::query("UPDATE campaigns SET state = state WHERE id = $1").bind(id.as_str()).execute(&mut **transaction).await?;
    let query = sqlx::query("SELECT * FROM campaigns WHERE id = $1").bind(id.as_str());
    query.fetch_optional(&mut **transaction).await?.as_ref().map(read).transpose()
}

fn read(row: &AnyRow) -> Result<Campaign, StoreError> {
    Ok(Campaign {
        id: row.id("id")?,
        content: CampaignContent {
            name: row.text("name")?,
            segment_id: row.id("segment_id")?,
            subject: row.text("subject")?,
            body_format: row.word("body_format")?,
            body: row.text("body")?,
            from_name: row.text("from_name")?,
            from_address: row.text("from_address")?,
        },
        state: row.word("state")?,
        build_id: row.optional_id("build_id")?,
        drops: read_drops(row)?,
        error: row.optional_text("error")?,
        created_by: row.optional_id("created_by")?,
        created_at: row.integer("created_at")?,
        started_at: row.optional_integer("started_at")?,
        finished_at: row.optional_integer("finished_at")?,
    })
}

fn read_drops(row: &AnyRow) -> Result<Option<CampaignDrops>, StoreError> {
    let Some(matched) = row.optional_count("matched")? else {
        return Ok(None);
    };
    Ok(Some(CampaignDrops {
        matched,
        no_consent: row.count("no_consent")?,
        suppressed: row.count("suppressed")?,
        no_address: row.count("no_address")?,
        duplicate_address: row.count("duplicate_address")?,
    }))
}
