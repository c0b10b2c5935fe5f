//! Sending: queueing the deliverable users of a build, and running what is to be sent, one campaign at a time.

use std::sync::Arc;
use std::time::Duration;

use rollcall_activate::campaign::{self, Retry, Runner};
use rollcall_activate::consent;
use rollcall_store::{Campaign, CampaignId, CampaignState};
use serde_json::json;

use super::CampaignView;
use super::mail::MailComposer;
use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Code, Result};
use crate::lists_out::Purpose;
use crate::live::LiveEvent;
use crate::segments::book;

impl App {
    /// Starts sending.
    ///
    /// # Errors
    /// It was sent already; no mail server is set up.
    pub async fn send_campaign(&self, caller: &Caller, id: &str) -> Result<CampaignView> {
        caller.require(Permission::SendCampaigns)?;
        self.transport()?;
        let campaign = self.stored_campaign(id).await?;
        if campaign.state != CampaignState::Draft {
            return Err(AppError::new(
                Code::WrongState,
                "This campaign was started already. A paused or failed one can be resumed.",
            ));
        }
        let current = self.current(campaign.content.segment_id.as_str())?;
        self.store.pin_campaign_build(&campaign.id, &current.build.id).await?;
        self.move_campaign(caller, id, CampaignState::Sending, "campaign.send").await
    }

    /// Goes on after a failure or a pause.
    ///
    /// # Errors
    /// It does not stand still.
    pub async fn resume_campaign(&self, caller: &Caller, id: &str) -> Result<CampaignView> {
        caller.require(Permission::SendCampaigns)?;
        self.transport()?;
        if self.stored_campaign(id).await?.state == CampaignState::Draft {
            return Err(AppError::new(Code::WrongState, "This campaign has not been started yet."));
        }
        self.move_campaign(caller, id, CampaignState::Sending, "campaign.resume").await
    }

    /// Stops sending for good.
    ///
    /// # Errors
    /// It has ended.
    pub async fn cancel_campaign(&self, caller: &Caller, id: &str) -> Result<CampaignView> {
        caller.require(Permission::SendCampaigns)?;
        self.move_campaign(caller, id, CampaignState::Cancelled, "campaign.cancel").await
    }

    async fn move_campaign(&self, caller: &Caller, id: &str, next: CampaignState, action: &str) -> Result<CampaignView> {
        let campaign = self
            .store
            .move_campaign(&CampaignId::new(id), next, None, self.now().0)
            .await?
            .ok_or_else(|| AppError::not_found("campaign"))?;
        self.record(caller, action, "campaign", id, json!({})).await?;
        self.work_wanted.notify_waiters();
        self.campaign_view(campaign).await
    }

    /// Sends campaigns as they come, until the server stops.
    pub(crate) async fn run_campaigns(self) {
        if let Err(error) = campaign::recover(&self.store, self.now().0).await {
            tracing::error!(%error, "campaigns cannot be recovered; none is sent");
            return;
        }
        while !self.is_stopping() {
            let next = self.store.campaigns_in(CampaignState::Sending).await.map(|campaigns| campaigns.into_iter().next());
            let result = match next {
                Ok(Some(campaign)) => self.run_campaign(campaign).await,
                Ok(None) => {
                    self.wait_for_work(Duration::from_secs(2)).await;
                    continue;
                }
                Err(error) => Err(error.into()),
            };
            if let Err(error) = result {
                tracing::warn!(error = error.detail, "a campaign stands still; trying again");
                self.wait_for_work(Duration::from_secs(5)).await;
            }
        }
    }

    async fn run_campaign(&self, campaign: Campaign) -> Result<()> {
        if campaign.drops.is_none() {
            self.queue_campaign(&campaign).await?;
        }
        let prepared = self.transport().and_then(|transport| Ok((transport, MailComposer::new(self, &campaign)?)));
        let (transport, composer) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                self.store.move_campaign(&campaign.id, CampaignState::Failed, Some(&error.detail), self.now().0).await?;
                return Ok(());
            }
        };
        let (live, id) = (self.live.clone(), campaign.id.as_str().to_owned());
        let ambient = self.ambient.clone();
        let runner = Runner {
            store: self.store.clone(),
            transport: Arc::new(transport),
            composer: Arc::new(composer),
            clock: Arc::new(move || ambient.now().0),
            concurrency: self.config.smtp.concurrency.max(1),
            retry: Retry::default(),
            progress: Arc::new(move |_| {
                // Nobody may be listening.
                let _ = live.send(LiveEvent::Campaign { id: id.clone() });
            }),
        };
        let ending = runner.run(&campaign.id, self.stopping.subscribe()).await?;
        self.record(&Caller::System, "campaign.end", "campaign", campaign.id.as_str(), json!({"ending": format!("{ending:?}")}))
            .await
    }

    /// Puts everybody who may be mailed on the queue. Safe to repeat.
    async fn queue_campaign(&self, campaign: &Campaign) -> Result<()> {
        let build = campaign.build_id.as_ref().ok_or_else(|| AppError::internal("a campaign that is being sent has no build"))?;
        let build = self.stored_build(build.as_str()).await?;
        let members = book::members_of(&self.store, &build)
            .await?
            .ok_or_else(|| AppError::internal("the campaign's build has no members any more"))?;
        let waterfall = self.drops(&members, Purpose::Email).await?;
        let (engine, now) = (self.engine.clone(), self.now());
        let path = self.config.consent.address_trait.clone();
        let drops = campaign::drops(&waterfall);
        let rows: Vec<(String, String)> =
            tokio::task::spawn_blocking(move || consent::address_rows(&engine, &waterfall.deliverable, &path, now).collect())
                .await?;
        campaign::queue_recipients(&self.store, &campaign.id, &drops, rows.into_iter(), now.0).await?;
        Ok(())
    }
}
