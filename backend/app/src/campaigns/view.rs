//! What a campaign looks like from outside.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    /// Refused by the mail server, or withheld because consent was withdrawn meanwhile.
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
    /// What mail programs will not like, in sentences.
    pub warnings: Vec<String>,
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
    /// What the mail server said; for auditors its reply code only.
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
