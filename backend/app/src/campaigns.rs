//! E-mail campaigns: drafts, previews, sending, reports, unsubscribing.
//!
//! Sending is at most once: a campaign is pinned to a build, its deliverable users are queued with their addresses (each
//! user and each address once), and each is claimed on disk before anything is sent (see `rollcall_activate::campaign`).

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rollcall_activate::ActivateError;
use rollcall_activate::campaign::{self, Composed, Composer, Retry, Runner};
use rollcall_activate::consent;
use rollcall_activate::email::{
    self, Delivery, EmailTemplate, MessageContext, OutgoingMessage, Person, Sender, SmtpSettings, SmtpTransport, TemplateFault,
    TlsMode, Transport,
};
use rollcall_engine::Uid;
use rollcall_store::{
    BodyFormat, Campaign, CampaignContent, CampaignId, CampaignState, NewCampaign, NewSuppression, Recipient, RecipientState,
    SegmentId,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::ambient::new_id;
use crate::error::{AppError, Code, Place, Result};
use crate::lists_out::{Purpose, WaterfallView, waterfall_view};
use crate::live::LiveEvent;
use crate::segments::book;
use crate::view::time;

/// A campaign to write or change.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignInput {
    /// 1 to 200 characters.
    pub name: String,
    /// Whom to send to.
    pub segment_id: String,
    /// Subject, a template: `{{ traits.first_name | default("Hello") }}`.
    pub subject: String,
    /// `mjml` or `html`.
    pub body_format: String,
    /// Body, a template.
    pub body: String,
    /// Name of the sender.
    pub from_name: String,
    /// Address of the sender.
    pub from_address: String,
}

/// How sending stands. matched = no_consent + suppressed + no_address + duplicate_address + all recipients.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ReportView {
    /// Users of the segment when sending began.
    pub matched: u64,
    /// Dropped: no consent to e-mail.
    pub no_consent: u64,
    /// Dropped: unsubscribed before.
    pub suppressed: u64,
    /// Dropped: no address.
    pub no_address: u64,
    /// Dropped: another user has the same address.
    pub duplicate_address: u64,
    /// Waiting.
    pub queued: u64,
    /// On their way.
    pub sending: u64,
    /// Taken by the mail server.
    pub sent: u64,
    /// Refused by the mail server.
    pub failed: u64,
    /// The sender stopped in the middle; not sent again.
    pub unknown: u64,
    /// Unsubscribed from this campaign.
    pub unsubscribed: u64,
}

/// A campaign.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CampaignView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whom it is sent to.
    pub segment_id: String,
    /// Subject, a template.
    pub subject: String,
    /// `mjml` or `html`.
    pub body_format: String,
    /// Body, a template.
    pub body: String,
    /// Name of the sender.
    pub from_name: String,
    /// Address of the sender.
    pub from_address: String,
    /// `draft`, `sending`, `paused`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// The build it was sent to.
    pub build_id: Option<String>,
    /// Why it stands still.
    pub error: Option<String>,
    /// When it was written.
    pub created_at: String,
    /// When sending began.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// How sending stands.
    pub report: ReportView,
}

/// A mail to try out.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewInput {
    /// Subject, a template.
    pub subject: String,
    /// `mjml` or `html`.
    pub body_format: String,
    /// Body, a template.
    pub body: String,
    /// For which user; some user of the segment otherwise.
    #[serde(default)]
    pub user_id: Option<String>,
    /// For some user of this segment.
    #[serde(default)]
    pub segment_id: Option<String>,
}

/// A fault of a template.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TemplateFaultView {
    /// What is wrong.
    pub message: String,
    /// Line, from 1, if known.
    pub line: Option<usize>,
}

/// What a user would be sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailPreviewView {
    /// Subject.
    pub subject: String,
    /// HTML part.
    pub html: String,
    /// Text part.
    pub text: String,
    /// Why it could not be rendered.
    pub errors: Vec<TemplateFaultView>,
    /// Traits that the template names and the user does not have.
    pub missing: Vec<String>,
    /// The user it was rendered for.
    pub sample_user: Option<String>,
}

/// A recipient.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecipientView {
    /// User id, or its pseudonym.
    pub user_id: String,
    /// `queued`, `sending`, `sent`, `failed` or `unknown`.
    pub state: String,
    /// What the mail server said.
    pub detail: Option<String>,
    /// Since when.
    pub at: String,
}

/// Recipients of a campaign.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecipientsPage {
    /// This page.
    pub items: Vec<RecipientView>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
}

fn content(input: CampaignInput) -> Result<CampaignContent> {
    if input.name.trim().is_empty() || input.name.chars().count() > 200 {
        return Err(AppError::field("/name", "bad_name", "A name has 1 to 200 characters."));
    }
    let body_format = format(&input.body_format)?;
    EmailTemplate::new(&input.subject, template_format(body_format), &input.body).map_err(|faults| template_faults(&faults))?;
    Sender::new(&input.from_name, &input.from_address, "", None)
        .map_err(|error| AppError::field("/from_address", "bad_address", &error.to_string()))?;
    Ok(CampaignContent {
        name: input.name,
        segment_id: SegmentId::new(input.segment_id),
        subject: input.subject,
        body_format,
        body: input.body,
        from_name: input.from_name,
        from_address: input.from_address,
    })
}

fn format(word: &str) -> Result<BodyFormat> {
    BodyFormat::parse(word).ok_or_else(|| AppError::field("/body_format", "unknown_format", "A body is mjml or html."))
}

fn template_format(format: BodyFormat) -> email::BodyFormat {
    match format {
        BodyFormat::Mjml => email::BodyFormat::Mjml,
        BodyFormat::Html => email::BodyFormat::Html,
    }
}

fn template_faults(faults: &[TemplateFault]) -> AppError {
    let places: Vec<Place> = faults
        .iter()
        .map(|fault| {
            let place =
                if fault.message.starts_with("The subject") || fault.message.contains("subject") { "/subject" } else { "/body" };
            let line = fault.line.map(|line| format!(" (line {line})")).unwrap_or_default();
            Place { pointer: place.into(), code: "bad_template".into(), detail: format!("{}{line}", fault.message) }
        })
        .collect();
    AppError {
        code: Code::InvalidInput,
        detail: places.first().map(|place| place.detail.clone()).unwrap_or_default(),
        faults: places,
    }
}

impl App {
    async fn campaign_view(&self, campaign: Campaign) -> Result<CampaignView> {
        let report = campaign::report(&self.store, &campaign).await?;
        let content = campaign.content;
        Ok(CampaignView {
            id: campaign.id.into_string(),
            name: content.name,
            segment_id: content.segment_id.into_string(),
            subject: content.subject,
            body_format: content.body_format.as_str().into(),
            body: content.body,
            from_name: content.from_name,
            from_address: content.from_address,
            state: campaign.state.as_str().into(),
            build_id: campaign.build_id.map(rollcall_store::BuildId::into_string),
            error: campaign.error,
            created_at: time(campaign.created_at),
            started_at: campaign.started_at.map(time),
            finished_at: campaign.finished_at.map(time),
            report: ReportView {
                matched: report.matched,
                no_consent: report.no_consent,
                suppressed: report.suppressed,
                no_address: report.no_address,
                duplicate_address: report.duplicate_address,
                queued: report.queued,
                sending: report.sending,
                sent: report.sent,
                failed: report.failed,
                unknown: report.unknown,
                unsubscribed: report.unsubscribed,
            },
        })
    }

    async fn stored_campaign(&self, id: &str) -> Result<Campaign> {
        self.store.campaign(&CampaignId::new(id)).await?.ok_or_else(|| AppError::not_found("campaign"))
    }

    /// Campaigns, newest first.
    ///
    /// # Errors
    /// Forbidden without a role or the scope crm.
    pub async fn list_campaigns(&self, caller: &Caller) -> Result<Vec<CampaignView>> {
        caller.require(Permission::ReadCampaigns)?;
        let mut views = Vec::new();
        for campaign in self.store.campaigns().await? {
            views.push(self.campaign_view(campaign).await?);
        }
        Ok(views)
    }

    /// One campaign with its report.
    ///
    /// # Errors
    /// No such campaign.
    pub async fn campaign(&self, caller: &Caller, id: &str) -> Result<CampaignView> {
        caller.require(Permission::ReadCampaigns)?;
        self.campaign_view(self.stored_campaign(id).await?).await
    }

    /// Writes a draft.
    ///
    /// # Errors
    /// Faults of the templates; no such segment.
    pub async fn create_campaign(&self, caller: &Caller, input: CampaignInput) -> Result<CampaignView> {
        caller.require(Permission::EditCampaigns)?;
        let content = content(input)?;
        self.entry(content.segment_id.as_str())?;
        let id = CampaignId::new(new_id(self.ambient.as_ref()));
        let campaign =
            self.store.create_campaign(NewCampaign { id, content, created_by: caller.account().cloned() }, self.now().0).await?;
        self.record(caller, "campaign.create", "campaign", campaign.id.as_str(), json!({})).await?;
        self.campaign_view(campaign).await
    }

    /// Changes a draft.
    ///
    /// # Errors
    /// Faults of the templates; it was sent already.
    pub async fn update_campaign(&self, caller: &Caller, id: &str, input: CampaignInput) -> Result<CampaignView> {
        caller.require(Permission::EditCampaigns)?;
        let content = content(input)?;
        self.entry(content.segment_id.as_str())?;
        let campaign =
            self.store.update_campaign(&CampaignId::new(id), &content).await?.ok_or_else(|| AppError::not_found("campaign"))?;
        self.record(caller, "campaign.update", "campaign", id, json!({})).await?;
        self.campaign_view(campaign).await
    }

    /// Deletes a draft.
    ///
    /// # Errors
    /// It was sent already.
    pub async fn delete_campaign(&self, caller: &Caller, id: &str) -> Result<()> {
        caller.require(Permission::EditCampaigns)?;
        if !self.store.delete_campaign(&CampaignId::new(id)).await? {
            return Err(AppError::not_found("campaign"));
        }
        self.record(caller, "campaign.delete", "campaign", id, json!({})).await
    }

    /// The steps from the segment's users to those that would be mailed now.
    ///
    /// # Errors
    /// No such campaign; its segment has no build.
    pub async fn campaign_waterfall(&self, caller: &Caller, id: &str) -> Result<WaterfallView> {
        caller.require(Permission::ReadCampaigns)?;
        let campaign = self.stored_campaign(id).await?;
        let current = self.current(campaign.content.segment_id.as_str())?;
        let waterfall = self.drops(&current.members, Purpose::Email).await?;
        Ok(waterfall_view(current.build.id.as_str(), Purpose::Email, &waterfall))
    }

    fn person(&self, uid: Uid) -> Person {
        Person { user_id: self.engine.user_id(uid).unwrap_or_default(), traits: self.engine.traits_of(uid, self.now()) }
    }

    /// The user that a preview is made for: the one named, else the first of the segment.
    fn sample(&self, user_id: Option<&str>, segment_id: Option<&str>) -> Result<Option<Uid>> {
        if let Some(user_id) = user_id {
            return self
                .engine
                .uid(user_id)
                .map(Some)
                .ok_or_else(|| AppError::new(Code::UnknownUser, "No event, profile or upload has named this user."));
        }
        let members =
            segment_id.and_then(|id| self.entry(id).ok()).and_then(|entry| entry.current).map(|current| current.members);
        Ok(members.and_then(|members| members.iter().next()))
    }

    /// What a user would be sent. Faults of the templates are part of the answer.
    ///
    /// # Errors
    /// No such user.
    pub async fn preview_mail(&self, caller: &Caller, input: PreviewInput) -> Result<MailPreviewView> {
        caller.require(Permission::EditCampaigns)?;
        let uid = self.sample(input.user_id.as_deref(), input.segment_id.as_deref())?;
        let person = uid.map_or_else(|| Person { user_id: "user".into(), traits: Vec::new() }, |uid| self.person(uid));
        let link = format!("{}/u/preview", self.config.public_url.trim_end_matches('/'));
        let rendered = EmailTemplate::new(&input.subject, template_format(format(&input.body_format)?), &input.body)
            .and_then(|template| template.render(&person, &link).map_err(|fault| vec![fault]));
        let sample_user = uid.map(|_| person.user_id);
        Ok(match rendered {
            Ok(mail) => MailPreviewView {
                subject: mail.subject,
                html: mail.html,
                text: mail.text,
                errors: Vec::new(),
                missing: mail.warnings,
                sample_user,
            },
            Err(faults) => MailPreviewView {
                subject: String::new(),
                html: String::new(),
                text: String::new(),
                errors: faults.into_iter().map(|fault| TemplateFaultView { message: fault.message, line: fault.line }).collect(),
                missing: Vec::new(),
                sample_user,
            },
        })
    }

    fn transport(&self) -> Result<SmtpTransport> {
        let smtp = &self.config.smtp;
        if smtp.host.is_empty() {
            return Err(AppError::new(
                Code::WrongState,
                "No mail server is set up. Set smtp.host (see `rollcall config`) and start again.",
            ));
        }
        let tls = TlsMode::parse(&smtp.tls)
            .ok_or_else(|| AppError::new(Code::WrongState, "The setting smtp.tls is none, starttls or tls."))?;
        let settings = SmtpSettings {
            host: smtp.host.clone(),
            port: smtp.port,
            tls,
            user: Some(smtp.user.clone()).filter(|user| !user.is_empty()),
            password: smtp.password.clone(),
            pool_size: smtp.concurrency.max(1),
        };
        Ok(SmtpTransport::new(settings)?)
    }

    /// Sends one test mail, made for some user of the segment, to an address.
    ///
    /// # Errors
    /// No mail server is set up, or it refuses.
    pub async fn send_test(&self, caller: &Caller, id: &str, address: &str) -> Result<()> {
        caller.require(Permission::EditCampaigns)?;
        let campaign = self.stored_campaign(id).await?;
        let transport = self.transport()?;
        let composer = MailComposer::new(self, &campaign)?;
        let uid = self.sample(None, Some(campaign.content.segment_id.as_str()))?;
        let person = uid.map_or_else(|| Person { user_id: "user".into(), traits: Vec::new() }, |uid| self.person(uid));
        let message = composer.message(&person, address).map_err(|detail| AppError::field("/address", "bad_address", &detail))?;
        self.record(caller, "campaign.test", "campaign", id, json!({})).await?;
        match transport.send(&message).await {
            Delivery::Accepted => Ok(()),
            Delivery::Refused { detail }
            | Delivery::Deferred { detail }
            | Delivery::Unreachable { detail }
            | Delivery::Unknown { detail } => {
                Err(AppError::new(Code::WrongState, format!("The mail server did not take the test mail: {detail}")))
            }
        }
    }

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

    /// Recipients and how each ended.
    ///
    /// # Errors
    /// No such campaign or state.
    pub async fn recipients(
        &self,
        caller: &Caller,
        id: &str,
        state: Option<String>,
        cursor: Option<String>,
    ) -> Result<RecipientsPage> {
        caller.require(Permission::ReadCampaigns)?;
        self.stored_campaign(id).await?;
        let state = state
            .map(|word| {
                RecipientState::parse(&word)
                    .ok_or_else(|| AppError::new(Code::BadRequest, "A state is queued, sending, sent, failed or unknown."))
            })
            .transpose()?;
        let hidden = caller.sees_pseudonyms();
        // A cursor is a user id: auditors, who see none, get one page.
        let page = self.store.recipients(&CampaignId::new(id), state, cursor.as_deref(), 100).await?;
        let items = page.items.into_iter().map(|found| RecipientView {
            user_id: if hidden { self.pseudonym(&found.user_id) } else { found.user_id },
            state: found.state.as_str().into(),
            detail: found.detail,
            at: time(found.at),
        });
        Ok(RecipientsPage { items: items.collect(), next_cursor: page.next.filter(|_| !hidden) })
    }

    /// Whether a link to unsubscribe is one of ours.
    ///
    /// # Errors
    /// It is not.
    pub fn check_unsubscribe(&self, token: &str) -> Result<(String, String)> {
        self.unsubscribe_key.open(token).ok_or_else(|| AppError::not_found("such link; it may have been cut short"))
    }

    /// Takes a user off all e-mail, at once. Idempotent.
    ///
    /// # Errors
    /// The link is not one of ours.
    pub async fn unsubscribe(&self, token: &str) -> Result<()> {
        let (campaign, user_id) = self.check_unsubscribe(token)?;
        let suppression = NewSuppression {
            purpose: Purpose::Email.as_str().into(),
            user_id,
            reason: "unsubscribed".into(),
            campaign_id: Some(CampaignId::new(campaign.clone())),
        };
        if self.store.suppress(&suppression, self.now().0).await? {
            self.record(&Caller::System, "user.unsubscribe", "campaign", &campaign, json!({})).await?;
        }
        Ok(())
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

/// Writes the messages of one campaign, looking at consent once more for each.
struct MailComposer {
    app: App,
    campaign: String,
    template: EmailTemplate,
    sender: Sender,
}

impl MailComposer {
    fn new(app: &App, campaign: &Campaign) -> Result<MailComposer> {
        let content = &campaign.content;
        let template = EmailTemplate::new(&content.subject, template_format(content.body_format), &content.body)
            .map_err(|faults| template_faults(&faults))?;
        let sender = Sender::new(&content.from_name, &content.from_address, &app.organisation, None)?;
        Ok(MailComposer { app: app.clone(), campaign: campaign.id.as_str().to_owned(), template, sender })
    }

    fn message(&self, person: &Person, address: &str) -> std::result::Result<OutgoingMessage, String> {
        let token = self.app.unsubscribe_key.seal(&self.campaign, &person.user_id);
        let unsubscribe_url = format!("{}/u/{token}", self.app.config.public_url.trim_end_matches('/'));
        let rendered = self.template.render(person, &unsubscribe_url).map_err(|fault| fault.message)?;
        let reader = self.app.unsubscribe_key.reader(&self.campaign, &person.user_id);
        let context = MessageContext {
            address,
            campaign: &self.campaign,
            reader: &reader,
            unsubscribe_url: &unsubscribe_url,
            date: self.app.now(),
        };
        self.sender.message(&rendered, &context).map_err(|error| error.to_string())
    }
}

#[async_trait]
impl Composer for MailComposer {
    async fn compose(&self, recipient: &Recipient) -> std::result::Result<Composed, ActivateError> {
        let withheld = |detail: &str| Ok(Composed::Withheld { detail: detail.to_owned() });
        let Some(uid) = self.app.engine.uid(&recipient.user_id) else {
            return withheld("the user is not known any more");
        };
        if !self.app.store.suppressed_among(Purpose::Email.as_str(), &[&recipient.user_id]).await?.is_empty() {
            return withheld("unsubscribed before it was sent");
        }
        if !self.app.still_consents(uid).await {
            return withheld("consent was withdrawn before it was sent");
        }
        Ok(match self.message(&self.app.person(uid), &recipient.address) {
            Ok(message) => Composed::Message(Box::new(message)),
            Err(detail) => Composed::Withheld { detail },
        })
    }
}
