//! One mail: previews, tests, the message itself, unsubscribing.

use async_trait::async_trait;
use rollcall_activate::ActivateError;
use rollcall_activate::campaign::{Composed, Composer};
use rollcall_activate::email::{
    Delivery, EmailTemplate, MessageContext, OutgoingMessage, Person, Sender, SmtpSettings, SmtpTransport, TlsMode,
    Transport as _,
};
use rollcall_engine::Uid;
use rollcall_store::{Campaign, CampaignId, NewSuppression, Recipient};
use serde_json::json;

use super::{MailPreviewView, PreviewInput, TemplateFaultView, format, template_faults, template_format};
use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Code, Result};
use crate::lists_out::Purpose;

impl App {
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
                missing: mail.missing,
                warnings: mail.warnings,
                sample_user,
            },
            Err(faults) => MailPreviewView {
                subject: String::new(),
                html: String::new(),
                text: String::new(),
                errors: faults.into_iter().map(|fault| TemplateFaultView { message: fault.message, line: fault.line }).collect(),
                missing: Vec::new(),
                warnings: Vec::new(),
                sample_user,
            },
        })
    }

    pub(super) fn transport(&self) -> Result<SmtpTransport> {
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
}

/// Writes the messages of one campaign, looking at consent once more for each.
pub(super) struct MailComposer {
    app: App,
    campaign: String,
    template: EmailTemplate,
    sender: Sender,
}

impl MailComposer {
    pub(super) fn new(app: &App, campaign: &Campaign) -> Result<MailComposer> {
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
