//! One mail: previews, tests, the message itself, unsubscribing.

use std::sync::Arc;

use async_trait::async_trait;
use rollcall_activate::ActivateError;
use rollcall_activate::campaign::{Composed, Composer};
use rollcall_activate::email::{
    Delivery, Dkim, EmailTemplate, MessageContext, OutgoingMessage, Person, Sender, SmtpSettings, SmtpTransport, TlsMode,
    Transport as _,
};
use rollcall_engine::Uid;
use rollcall_store::{Campaign, CampaignId, NewSuppression, Recipient};
use serde_json::json;

use super::{MailPreviewView, PreviewInput, TemplateFaultView, format, template, template_faults, template_format};
use crate::App;
use crate::access::{Caller, Permission};
use crate::config::SmtpConfig;
use crate::error::{AppError, Code, Result};
use crate::lists_out::Purpose;

/// Stands for the reader in links of previews and test mails; no reader has it, so that trying them out unsubscribes nobody.
const TEST_TOKEN: &str = "preview";

/// How the connection to the mail server is protected.
///
/// # Errors
/// The setting is none of the words.
pub(crate) fn tls_mode(smtp: &SmtpConfig) -> Result<TlsMode> {
    TlsMode::parse(&smtp.tls)
        .ok_or_else(|| AppError::internal(format!("setting smtp.tls: `{}` is not none, starttls or tls", smtp.tls)))
}

/// What signs messages, if the settings say so.
///
/// # Errors
/// Only some of the settings are there, or the key cannot be used.
pub(crate) fn signing(smtp: &SmtpConfig) -> Result<Option<Arc<Dkim>>> {
    let file = smtp.dkim_key_file.as_os_str();
    let set = [!smtp.dkim_domain.is_empty(), !smtp.dkim_selector.is_empty(), !file.is_empty()];
    if set == [false; 3] {
        return Ok(None);
    }
    if set != [true; 3] {
        return Err(AppError::internal(
            "smtp.dkim_domain, smtp.dkim_selector and smtp.dkim_key_file belong together: set all three or none",
        ));
    }
    let unusable = |error: &dyn std::fmt::Display| {
        AppError::internal(format!("smtp.dkim_key_file {}: {error}", smtp.dkim_key_file.display()))
    };
    let pem = std::fs::read_to_string(file).map_err(|error| unusable(&error))?;
    Dkim::new(&smtp.dkim_selector, &smtp.dkim_domain, &pem).map(|dkim| Some(Arc::new(dkim))).map_err(|error| unusable(&error))
}

impl App {
    fn unsubscribe_url(&self, token: &str) -> String {
        format!("{}/u/{token}", self.config.public_url.trim_end_matches('/'))
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
        let link = self.unsubscribe_url(TEST_TOKEN);
        let rendered = template(&input.subject, format(&input.body_format)?, &input.body)
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
        let tls = tls_mode(smtp)?;
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

    /// Sends one test mail, made for some user of the segment, to an address. Its link to unsubscribe suppresses nobody.
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
        let message =
            composer.test_message(&person, address).map_err(|detail| AppError::field("/address", "bad_address", &detail))?;
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

    /// Campaign and user of a link to unsubscribe; `None` for that of a preview or test mail.
    ///
    /// # Errors
    /// It is not one of ours.
    pub fn check_unsubscribe(&self, token: &str) -> Result<Option<(String, String)>> {
        if token == TEST_TOKEN {
            return Ok(None);
        }
        let opened = self.unsubscribe_key.open(token);
        opened.map(Some).ok_or_else(|| AppError::not_found("link to unsubscribe; it may have been cut short"))
    }

    /// Takes a user off all e-mail, at once. Idempotent. False for the link of a preview or test mail, which is nobody's.
    ///
    /// # Errors
    /// The link is not one of ours.
    pub async fn unsubscribe(&self, token: &str) -> Result<bool> {
        let Some((campaign, user_id)) = self.check_unsubscribe(token)? else {
            return Ok(false);
        };
        let suppression = NewSuppression {
            purpose: Purpose::Email.as_str().into(),
            user_id,
            reason: "unsubscribed".into(),
            campaign_id: Some(CampaignId::new(campaign.clone())),
        };
        if self.store.suppress(&suppression, self.now().0).await? {
            self.record(&Caller::System, "user.unsubscribe", "campaign", &campaign, json!({})).await?;
        }
        Ok(true)
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
        // Whether it shows the link to unsubscribe was asked when it was saved.
        let template = EmailTemplate::new(&content.subject, template_format(content.body_format), &content.body)
            .map_err(|faults| template_faults(&faults))?;
        let sender = Sender::new(&content.from_name, &content.from_address, &app.organisation, app.dkim.clone())?;
        Ok(MailComposer { app: app.clone(), campaign: campaign.id.as_str().to_owned(), template, sender })
    }

    /// The message to its reader.
    fn message(&self, person: &Person, address: &str) -> std::result::Result<OutgoingMessage, String> {
        let token = self.app.unsubscribe_key.seal(&self.campaign, &person.user_id);
        let reader = self.app.unsubscribe_key.reader(&self.campaign, &person.user_id);
        self.written(person, address, &token, &reader)
    }

    /// The message as a tester sees it. Of the sample it holds what the template shows, and neither the link nor the
    /// message id; a message id of its own each time, since mail programs show one id once.
    fn test_message(&self, person: &Person, address: &str) -> std::result::Result<OutgoingMessage, String> {
        let reader = self.app.unsubscribe_key.reader("test", &self.app.new_id());
        self.written(person, address, TEST_TOKEN, &reader)
    }

    fn written(&self, person: &Person, address: &str, token: &str, reader: &str) -> std::result::Result<OutgoingMessage, String> {
        let unsubscribe_url = self.app.unsubscribe_url(token);
        let rendered = self.template.render(person, &unsubscribe_url).map_err(|fault| fault.message)?;
        let context =
            MessageContext { address, campaign: &self.campaign, reader, unsubscribe_url: &unsubscribe_url, date: self.app.now() };
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
        if !self.app.still_consents(uid, &recipient.address).await.map_err(|error| ActivateError::Consent(error.detail))? {
            return withheld("consent was withdrawn, or the address unsubscribed, before it was sent");
        }
        Ok(match self.message(&self.app.person(uid), &recipient.address) {
            Ok(message) => Composed::Message(Box::new(message)),
            Err(detail) => Composed::Withheld { detail },
        })
    }
}
