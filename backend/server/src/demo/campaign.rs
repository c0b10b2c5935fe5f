//! A campaign that is ready to be looked at and sent.

/// A campaign's fields, as the API takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftCampaign {
    /// Name.
    pub name: &'static str,
    /// Name of the segment it goes to, one of [`super::segments()`].
    pub segment: &'static str,
    /// Subject, a template.
    pub subject: &'static str,
    /// `mjml`.
    pub body_format: &'static str,
    /// Body, a template.
    pub body: &'static str,
    /// Sender's name.
    pub from_name: &'static str,
    /// Sender's address.
    pub from_address: &'static str,
}

/// The demo's campaign.
pub const DRAFT_CAMPAIGN: DraftCampaign = DraftCampaign {
    name: "What is on this month",
    segment: "Reachable by e-mail and active",
    subject: "{{ traits.first_name | default(\"Hello\") }}, your month on Lanterne",
    body_format: "mjml",
    body: include_str!("campaign.mjml"),
    from_name: "Lanterne",
    from_address: "hello@lanterne.example",
};
