//! A campaign in numbers.

use rollcall_store::{Campaign, Store};
use serde::Serialize;

use crate::error::ActivateError;

/// The steps of a campaign. Once every recipient is queued, `matched` is the sum of all others but `unsubscribed`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CampaignReport {
    /// Members of the build.
    pub matched: u64,
    /// Without consent.
    pub no_consent: u64,
    /// Suppressed.
    pub suppressed: u64,
    /// Without a usable address.
    pub no_address: u64,
    /// With an address that another recipient has.
    pub duplicate_address: u64,
    /// Waiting.
    pub queued: u64,
    /// On their way.
    pub sending: u64,
    /// Taken by the mail server.
    pub sent: u64,
    /// Not sent: refused by the mail server, or consent withdrawn meanwhile.
    pub failed: u64,
    /// Nobody knows.
    pub unknown: u64,
    /// Unsubscribed by a link of this campaign.
    pub unsubscribed: u64,
}

/// The present numbers of a campaign.
///
/// # Errors
/// The store failed.
pub async fn report(store: &Store, campaign: &Campaign) -> Result<CampaignReport, ActivateError> {
    let counts = store.recipient_counts(&campaign.id).await?;
    let drops = campaign.drops.unwrap_or_default();
    Ok(CampaignReport {
        matched: drops.matched,
        no_consent: drops.no_consent,
        suppressed: drops.suppressed,
        no_address: drops.no_address,
        duplicate_address: drops.duplicate_address,
        queued: counts.queued,
        sending: counts.sending,
        sent: counts.sent,
        failed: counts.failed,
        unknown: counts.unknown,
        unsubscribed: store.suppressed_by(&campaign.id).await?,
    })
}
