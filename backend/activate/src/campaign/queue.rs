//! Before sending: recipients onto the queue, and what a crash left behind.

use rollcall_store::{Campaign, CampaignDrops, CampaignId, CampaignState, NewRecipient, Store};

use crate::consent::{Waterfall, address_hash};
use crate::error::ActivateError;

/// Recipients queued in one transaction.
const BATCH: usize = 2000;

/// The steps of a waterfall as the store keeps them with a campaign.
pub fn drops(waterfall: &Waterfall) -> CampaignDrops {
    CampaignDrops {
        matched: waterfall.matched.len(),
        no_consent: waterfall.no_consent.len(),
        suppressed: waterfall.suppressed.len(),
        no_address: waterfall.no_address.len(),
        duplicate_address: waterfall.duplicate_address.len(),
    }
}

/// Queues the deliverable members (user id and address) of a campaign, then notes the steps before them: a campaign
/// without noted steps was interrupted while queueing and is queued again from the same build, which adds only what is
/// missing. Returns how many recipients there are.
///
/// # Errors
/// The store failed.
pub async fn queue_recipients(
    store: &Store,
    campaign: &CampaignId,
    drops: &CampaignDrops,
    rows: impl Iterator<Item = (String, String)> + Send,
    now: i64,
) -> Result<u64, ActivateError> {
    let recipient =
        |(user_id, address): (String, String)| NewRecipient { user_id, address_hash: address_hash(&address), address };
    let mut recipients = rows.map(recipient);
    loop {
        let batch: Vec<NewRecipient> = recipients.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        store.queue_recipients(campaign, &batch, now).await?;
    }
    store.set_campaign_drops(campaign, drops).await?;
    Ok(store.recipient_counts(campaign).await?.total())
}

/// To be called once when the process starts, before any campaign runs: a recipient that was being sent to becomes
/// `unknown`, for nobody can tell whether the mail left. Gives the campaigns to go on with.
///
/// # Errors
/// The store failed.
pub async fn recover(store: &Store, now: i64) -> Result<Vec<Campaign>, ActivateError> {
    let given_up = store.give_up_claimed_recipients(now).await?;
    if given_up > 0 {
        tracing::warn!(recipients = given_up, "recipients of interrupted campaigns are in an unknown state");
    }
    Ok(store.campaigns_in(CampaignState::Sending).await?)
}
