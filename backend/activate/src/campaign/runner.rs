//! Sending a campaign: a few recipients at a time, each at most once.
//!
//! Several campaigns may be sent at once, each by a [`Runner`] of its own; messages in flight are limited by slots that
//! all of them share, in turn. A campaign whose only recipients left are to be tried later takes no slot.
//!
//! For each recipient: claim (queued -> sending; on disk before anything else happens) -> compose, where consent and
//! suppression are looked at again -> hand to the mail server -> note the outcome. If the process dies anywhere between
//! claim and outcome, the recipient stays `sending`, which [`super::recover`] turns into `unknown`. If the server
//! certainly does not have the message, the recipient goes back to the queue for a later try.
//!
//! Pausing and cancelling are changes of the campaign's state in the store: nothing more is claimed, what is in flight
//! ends, and [`Runner::run`] returns.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rollcall_store::{Campaign, CampaignId, CampaignState, Recipient, RecipientOutcome, Store};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::report::{CampaignReport, report};
use crate::email::{Delivery, OutgoingMessage, Transport};
use crate::error::ActivateError;

/// What is to be done about a claimed recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Composed {
    /// Send this.
    Message(Box<OutgoingMessage>),
    /// Do not send: consent was withdrawn, or the message cannot be made.
    Withheld {
        /// Why.
        detail: String,
    },
}

/// Decides, right before sending, whether a recipient still may be written to, and writes the message.
#[async_trait]
pub trait Composer: Send + Sync {
    /// The message, or why there is none. An error stops the campaign; the recipient stays untouched on the queue.
    async fn compose(&self, recipient: &Recipient) -> Result<Composed, ActivateError>;
}

/// When to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Before the second attempt, microseconds; each further wait is four times as long.
    pub first_wait: i64,
    /// No wait is longer, microseconds.
    pub longest_wait: i64,
    /// Attempts of a recipient whom the server defers; then it has failed.
    pub attempts: u64,
    /// Failures to reach the server, without a success between them, after which the campaign stops as failed.
    pub unreachable: u32,
}

impl Default for Retry {
    /// After 1, 4, 16 and 60 minutes.
    fn default() -> Retry {
        Retry { first_wait: 60_000_000, longest_wait: 3_600_000_000, attempts: 5, unreachable: 20 }
    }
}

impl Retry {
    pub(super) fn not_before(&self, now: i64, attempts: u64) -> i64 {
        let factor = 4i64.saturating_pow(u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX));
        now + self.first_wait.saturating_mul(factor).min(self.longest_wait)
    }
}

/// Why a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Every recipient was dealt with; the campaign is `done`.
    Done,
    /// A person paused or cancelled it.
    Stopped(CampaignState),
    /// The process is about to end; the campaign is still `sending`.
    ShuttingDown,
    /// It is `failed` and can be resumed.
    Failed(String),
}

/// Told about the campaign's numbers now and then, and at the end.
pub type Progress = dyn Fn(CampaignReport) + Send + Sync;

/// Sends campaigns.
pub struct Runner {
    /// Where recipients and their states are.
    pub store: Store,
    /// The mail server.
    pub transport: Arc<dyn Transport>,
    /// Checks consent again and writes messages.
    pub composer: Arc<dyn Composer>,
    /// The time of day, microseconds since 1970.
    pub clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// One slot for each message in flight, shared by all runners; at least 1 in all.
    pub slots: Arc<Semaphore>,
    /// When to try again.
    pub retry: Retry,
    /// Told about progress.
    pub progress: Arc<Progress>,
}

/// How one recipient ended.
enum End {
    /// With an answer of the server, or without any need of it.
    Settled,
    Unreachable(String),
    Error(ActivateError),
}

/// Between two reports.
const REPORT_EVERY: i64 = 500_000;
/// Between two looks at the campaign's state while nothing can be sent.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Counts and flags of one run.
#[derive(Default)]
struct Run {
    /// Nothing could be claimed just now.
    idle: bool,
    unreachable: u32,
    failure: Option<String>,
    error: Option<ActivateError>,
    reported_at: i64,
}

impl Runner {
    /// Sends a campaign in state `sending` until it ends. `stop` turning true ends the run with what is in flight.
    /// At most one run of a campaign may be under way.
    ///
    /// # Errors
    /// The store or the composer failed; the campaign is left as it is, no recipient is lost.
    pub async fn run(&self, campaign: &CampaignId, mut stop: watch::Receiver<bool>) -> Result<Ending, ActivateError> {
        let mut run = Run::default();
        let mut flying: JoinSet<End> = JoinSet::new();
        let ending = loop {
            let halted = *stop.borrow_and_update() || run.failure.is_some() || run.error.is_some();
            if flying.is_empty() && (halted || run.idle) {
                let stopping = *stop.borrow();
                if let Some(ending) = self.ending(campaign, &mut run, stopping).await? {
                    break ending;
                }
            }
            tokio::select! {
                // The slot first, so that nobody is claimed who then has to wait.
                slot = self.slots.clone().acquire_owned(), if !halted && !run.idle => {
                    let Ok(slot) = slot else { return Err(ActivateError::Task("there are no slots any more".to_owned())) };
                    if let Some(recipient) = self.claim(campaign, &mut run).await {
                        let delivery = self.sender().deliver(campaign.clone(), recipient);
                        flying.spawn(async move {
                            let end = delivery.await;
                            drop(slot);
                            end
                        });
                    }
                }
                Some(joined) = flying.join_next() => {
                    run.note(joined.unwrap_or_else(|error| End::Error(ActivateError::Task(error.to_string()))), &self.retry);
                    self.tell(campaign, &mut run, false).await?;
                }
                () = tokio::time::sleep(LOOK_EVERY), if run.idle => run.idle = !self.is_due(campaign, &mut run).await,
                Ok(()) = stop.changed() => {}
            }
        };
        self.tell(campaign, &mut run, true).await?;
        Ok(ending)
    }

    async fn claim(&self, campaign: &CampaignId, run: &mut Run) -> Option<Recipient> {
        let claimed = self.store.claim_recipients(campaign, 1, (self.clock)()).await.unwrap_or_else(|error| {
            run.error = Some(error.into());
            Vec::new()
        });
        run.idle = claimed.is_empty();
        claimed.into_iter().next()
    }

    /// Whether somebody waits whose time has come. Asked instead of claiming, which would take the writer's turn.
    async fn is_due(&self, campaign: &CampaignId, run: &mut Run) -> bool {
        match self.store.next_recipient_at(campaign).await {
            Ok(next) => next.is_some_and(|at| at <= (self.clock)()),
            Err(error) => {
                run.error = Some(error.into());
                false
            }
        }
    }

    /// Nothing is in flight and nothing could be claimed: is it the end?
    async fn ending(&self, campaign: &CampaignId, run: &mut Run, stopping: bool) -> Result<Option<Ending>, ActivateError> {
        if let Some(error) = run.error.take() {
            return Err(error);
        }
        let state = self.find(campaign).await?.state;
        if state != CampaignState::Sending {
            return Ok(Some(Ending::Stopped(state)));
        }
        if let Some(failure) = run.failure.take() {
            self.store.move_campaign(campaign, CampaignState::Failed, Some(&failure), (self.clock)()).await?;
            return Ok(Some(Ending::Failed(failure)));
        }
        if stopping {
            return Ok(Some(Ending::ShuttingDown));
        }
        if self.store.next_recipient_at(campaign).await?.is_some() {
            return Ok(None);
        }
        match self.store.move_campaign(campaign, CampaignState::Done, None, (self.clock)()).await {
            Ok(_) => Ok(Some(Ending::Done)),
            // Somebody paused or cancelled it in this very moment.
            Err(rollcall_store::StoreError::Conflict(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn find(&self, campaign: &CampaignId) -> Result<Campaign, ActivateError> {
        let found = self.store.campaign(campaign).await?;
        found.ok_or_else(|| ActivateError::Task(format!("campaign {campaign} is gone")))
    }

    async fn tell(&self, campaign: &CampaignId, run: &mut Run, last: bool) -> Result<(), ActivateError> {
        let now = (self.clock)();
        if last || now - run.reported_at >= REPORT_EVERY {
            run.reported_at = now;
            (self.progress)(report(&self.store, &self.find(campaign).await?).await?);
        }
        Ok(())
    }

    fn sender(&self) -> Deliverer {
        Deliverer {
            store: self.store.clone(),
            transport: self.transport.clone(),
            composer: self.composer.clone(),
            clock: self.clock.clone(),
            retry: self.retry,
        }
    }
}

impl Run {
    fn note(&mut self, end: End, retry: &Retry) {
        // Whom it was about may be to be tried again.
        self.idle = false;
        match end {
            End::Settled => self.unreachable = 0,
            End::Unreachable(detail) => {
                self.unreachable += 1;
                if self.unreachable >= retry.unreachable {
                    self.failure = Some(format!("the mail server cannot be used: {detail}"));
                }
            }
            End::Error(error) => self.error = Some(error),
        }
    }
}

/// What a task needs to deal with one recipient.
struct Deliverer {
    store: Store,
    transport: Arc<dyn Transport>,
    composer: Arc<dyn Composer>,
    clock: Arc<dyn Fn() -> i64 + Send + Sync>,
    retry: Retry,
}

impl Deliverer {
    async fn deliver(self, campaign: CampaignId, recipient: Recipient) -> End {
        let (outcome, end) = match self.composer.compose(&recipient).await {
            Err(error) => {
                let detail = "it could not be prepared and is tried again".to_owned();
                let outcome = RecipientOutcome::Requeued { detail, not_before: (self.clock)(), tried: false };
                (outcome, End::Error(error))
            }
            Ok(Composed::Withheld { detail }) => (RecipientOutcome::Failed { detail }, End::Settled),
            Ok(Composed::Message(message)) => self.outcome(self.transport.send(&message).await, &recipient),
        };
        match self.store.finish_recipient(&campaign, &recipient.user_id, &outcome, (self.clock)()).await {
            Ok(_) => end,
            // The recipient stays claimed: after a restart it is unknown, and never sent to again.
            Err(error) => End::Error(error.into()),
        }
    }

    fn outcome(&self, delivery: Delivery, recipient: &Recipient) -> (RecipientOutcome, End) {
        let not_before = self.retry.not_before((self.clock)(), recipient.attempts);
        match delivery {
            Delivery::Accepted => (RecipientOutcome::Sent, End::Settled),
            Delivery::Refused { detail } => (RecipientOutcome::Failed { detail }, End::Settled),
            Delivery::Unknown { detail } => (RecipientOutcome::Unknown { detail }, End::Settled),
            Delivery::Deferred { detail } if recipient.attempts >= self.retry.attempts => {
                (RecipientOutcome::Failed { detail }, End::Settled)
            }
            Delivery::Deferred { detail } => (RecipientOutcome::Requeued { detail, not_before, tried: true }, End::Settled),
            // The same wait for everybody: an outage is not the recipient's fault.
            Delivery::Unreachable { detail } => {
                let not_before = self.retry.not_before((self.clock)(), 1);
                (RecipientOutcome::Requeued { detail: detail.clone(), not_before, tried: false }, End::Unreachable(detail))
            }
        }
    }
}
