//! Sending: queueing the deliverable users of a build, and running what is to be sent.
//!
//! Each campaign that is being sent has a task of its own, so that one that waits (for a mail server that puts a recipient
//! off) or fails holds up no other. They share one mail server, with its connections, and the slots for messages in flight.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rollcall_activate::campaign::{self, Retry, Runner};
use rollcall_activate::consent;
use rollcall_activate::email::Transport;
use rollcall_engine::Members;
use rollcall_store::{Campaign, CampaignId, CampaignState};
use serde_json::json;
use tokio::sync::{Mutex, Semaphore};

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
        let segment = campaign.content.segment_id;
        let current = self.current(segment.as_str())?;
        let started = self.store.start_campaign(&campaign.id, &segment, &current.build.id, self.now().0).await?;
        self.moved(caller, started, "campaign.send").await
    }

    /// Holds sending: nobody else is sent to until it is resumed.
    ///
    /// # Errors
    /// It is not being sent.
    pub async fn pause_campaign(&self, caller: &Caller, id: &str) -> Result<CampaignView> {
        caller.require(Permission::SendCampaigns)?;
        self.move_campaign(caller, id, CampaignState::Paused, "campaign.pause").await
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
        let moved = self.store.move_campaign(&CampaignId::new(id), next, None, self.now().0).await?;
        self.moved(caller, moved, action).await
    }

    async fn moved(&self, caller: &Caller, campaign: Option<Campaign>, action: &str) -> Result<CampaignView> {
        let campaign = campaign.ok_or_else(|| AppError::not_found("campaign"))?;
        self.record(caller, action, "campaign", campaign.id.as_str(), json!({})).await?;
        self.work_wanted.notify_waiters();
        self.campaign_view(campaign).await
    }

    /// Sends campaigns as they come, until the server stops.
    pub(crate) async fn run_campaigns(self) {
        if let Err(error) = campaign::recover(&self.store, self.now().0).await {
            tracing::error!(%error, "campaigns cannot be recovered; none is sent");
            return;
        }
        let shared = Arc::new(Shared {
            transport: self.transport().map(|transport| Arc::new(transport) as _).map_err(|error| error.detail),
            slots: Arc::new(Semaphore::new(self.config.smtp.concurrency.max(1))),
            queueing: Mutex::new(()),
        });
        let mut tasks: HashMap<CampaignId, tokio::task::JoinHandle<()>> = HashMap::new();
        while !self.is_stopping() {
            tasks.retain(|_, task| !task.is_finished());
            match self.store.campaigns_in(CampaignState::Sending).await {
                Ok(campaigns) => {
                    for campaign in campaigns {
                        if tasks.len() < MOST_AT_ONCE && !tasks.contains_key(&campaign.id) {
                            let id = campaign.id.clone();
                            tasks.insert(id, tokio::spawn(self.clone().run_campaign(campaign, shared.clone())));
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "campaigns cannot be looked up; trying again"),
            }
            self.wait_for_work(Duration::from_secs(2)).await;
        }
        for (_, task) in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "sending a campaign ended badly");
            }
        }
    }

    async fn run_campaign(self, campaign: Campaign, shared: Arc<Shared>) {
        let Err(error) = self.send(&campaign, &shared).await else { return };
        if matches!(error.code, Code::Internal | Code::Unavailable) {
            tracing::warn!(error = error.detail, "a campaign stands still; trying again");
            self.wait_for_work(Duration::from_secs(5)).await;
            return;
        }
        // What only a person can put right.
        let failed = self.store.move_campaign(&campaign.id, CampaignState::Failed, Some(&error.detail), self.now().0).await;
        if let Err(error) = failed {
            tracing::warn!(%error, "a campaign that cannot be sent could not be moved to failed");
        }
    }

    async fn send(&self, campaign: &Campaign, shared: &Shared) -> Result<()> {
        let transport = shared.transport.clone().map_err(|detail| AppError::new(Code::WrongState, detail))?;
        let composer = MailComposer::new(self, campaign)?;
        if campaign.drops.is_none() {
            // One at a time: the addresses of a large segment fill the memory.
            let _turn = shared.queueing.lock().await;
            self.queue_campaign(campaign).await?;
        }
        let (live, id) = (self.live.clone(), campaign.id.as_str().to_owned());
        let ambient = self.ambient.clone();
        let runner = Runner {
            store: self.store.clone(),
            transport,
            composer: Arc::new(composer),
            clock: Arc::new(move || ambient.now().0),
            slots: shared.slots.clone(),
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
        let members = self.campaign_members(campaign).await?.ok_or_else(|| {
            AppError::new(
                Code::BuildGone,
                "The members that this campaign was to be sent to are no longer kept. Make a new campaign to send it.",
            )
        })?;
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

    /// Members of the build that a campaign was started with, if it is still kept.
    async fn campaign_members(&self, campaign: &Campaign) -> Result<Option<Members>> {
        let Some(build) = &campaign.build_id else { return Ok(None) };
        match self.store.build(build).await? {
            Some(build) => book::members_of(&self.store, &build).await,
            None => Ok(None),
        }
    }
}

/// Campaigns that are sent at the same time. One that waits costs little, so that there may be many.
const MOST_AT_ONCE: usize = 64;

/// What the tasks of all campaigns share.
struct Shared {
    /// The mail server, or why there is none.
    transport: std::result::Result<Arc<dyn Transport>, String>,
    slots: Arc<Semaphore>,
    queueing: Mutex<()>,
}
