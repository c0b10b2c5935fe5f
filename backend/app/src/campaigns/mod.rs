//! E-mail campaigns: drafts, previews, sending, reports, unsubscribing.
//!
//! Sending is at most once: a campaign is pinned to a build, its deliverable users are queued with their addresses (each
//! user and each address once), and each is claimed on disk before anything is sent (see `rollcall_activate::campaign`).

mod mail;
mod sending;
mod view;

use rollcall_activate::campaign;
use rollcall_activate::email::{self, EmailTemplate, Sender, TemplateFault, reply_code};
use rollcall_store::{BodyFormat, Campaign, CampaignContent, CampaignId, NewCampaign, RecipientState, SegmentId};
use serde_json::json;

use crate::App;
use crate::access::{Caller, Permission};
use crate::ambient::new_id;
use crate::error::{AppError, Code, Place, Result};
use crate::lists_out::{Purpose, WaterfallView, waterfall_view};
use crate::view::time;

pub(crate) use mail::{signing, tls_mode};
pub use view::{
    CampaignInput, CampaignView, MailPreviewView, PreviewInput, RecipientView, RecipientsPage, ReportView, TemplateFaultView,
};

fn content(input: CampaignInput) -> Result<CampaignContent> {
    if input.name.trim().is_empty() || input.name.chars().count() > 200 {
        return Err(AppError::field("/name", "bad_name", "A name has 1 to 200 characters."));
    }
    let body_format = format(&input.body_format)?;
    template(&input.subject, body_format, &input.body).map_err(|faults| template_faults(&faults))?;
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

/// A template that may be sent: readers find the link to unsubscribe in the mail itself, not only in its headers.
fn template(subject: &str, format: BodyFormat, body: &str) -> std::result::Result<EmailTemplate, Vec<TemplateFault>> {
    let template = EmailTemplate::new(subject, template_format(format), body)?;
    if !template.links_out() {
        let message = "The body has no link to unsubscribe. Put one in: <a href=\"{{ unsubscribe_url }}\">Unsubscribe</a>";
        return Err(vec![TemplateFault { message: message.to_owned(), line: None }]);
    }
    Ok(template)
}

fn template_faults(faults: &[TemplateFault]) -> AppError {
    let places: Vec<Place> = faults
        .iter()
        .map(|fault| {
            let place =
                if fault.message.starts_with("The subject") || fault.message.contains("subject") { "/subject" } else { "/body" };
            let line = fault.line.map(|line| format!(" (line {line})")).unwrap_or_default();
            Place { pointer: place.into(), code: "bad_template".into(), detail: format!("{}{line}", fault.message), text: None }
        })
        .collect();
    AppError {
        code: Code::InvalidInput,
        detail: places.first().map(|place| place.detail.clone()).unwrap_or_default(),
        faults: places,
    }
}

impl App {
    pub(super) async fn campaign_view(&self, campaign: Campaign) -> Result<CampaignView> {
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

    pub(super) async fn stored_campaign(&self, id: &str) -> Result<Campaign> {
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
        let campaign = self.stored_campaign(id).await?.id;
        let state = state
            .map(|word| {
                RecipientState::parse(&word)
                    .ok_or_else(|| AppError::new(Code::BadRequest, "A state is queued, sending, sent, failed or unknown."))
            })
            .transpose()?;
        // The last user of the page before, sealed: auditors see no user ids, and addresses of pages are written to logs.
        let after = cursor
            .map(|cursor| {
                let opened = self.cursor_key.open(&cursor).filter(|(of, _)| of == campaign.as_str());
                opened
                    .map(|(_, user_id)| user_id)
                    .ok_or_else(|| AppError::field("", "bad_cursor", "This cursor is not one of ours."))
            })
            .transpose()?;
        let hidden = caller.sees_pseudonyms();
        let page = self.store.recipients(&campaign, state, after.as_deref(), 100).await?;
        let items = page.items.into_iter().map(|found| RecipientView {
            user_id: if hidden { self.pseudonym(&found.user_id) } else { found.user_id },
            state: found.state.as_str().into(),
            // Mail servers like to repeat the address.
            detail: found.detail.and_then(|detail| if hidden { reply_code(&detail).map(str::to_owned) } else { Some(detail) }),
            at: time(found.at),
        });
        let next_cursor = page.next.map(|user_id| self.cursor_key.seal(campaign.as_str(), &user_id));
        Ok(RecipientsPage { items: items.collect(), next_cursor })
    }
}
