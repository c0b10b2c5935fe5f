//! From the members of a rule to those who may be reached for a purpose.
//!
//! Steps, in this order: matched -> no_consent -> suppressed -> (for e-mail) no_address -> duplicate_address ->
//! deliverable. Every drop is a set; the drops and the deliverable members are disjoint and together are the matched
//! ones. Consent is a rule of the caller, evaluated at the same instant as everything else.

mod addresses;

use rollcall_engine::{Engine, Members, Uid};
use rollcall_store::Store;
use serde::{Deserialize, Serialize};

pub use addresses::{Address, Barred, address_hash, address_rows, normal_form, stored_addresses};

use crate::error::ActivateError;
use addresses::Taken;

#[cfg(test)]
mod tests;

/// What a list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Advertising by segment: user ids only.
    Ads,
    /// E-mail: user ids with addresses.
    Email,
}

impl Purpose {
    /// The word of the API and of suppressions.
    pub fn as_str(self) -> &'static str {
        match self {
            Purpose::Ads => "ads",
            Purpose::Email => "email",
        }
    }

    /// The purpose of a word.
    pub fn parse(word: &str) -> Option<Purpose> {
        [Purpose::Ads, Purpose::Email].into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// The steps from the matched members to the deliverable ones. The five sets of drops and `deliverable` are disjoint and
/// together are `matched`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waterfall {
    /// The members of the rule.
    pub matched: Members,
    /// Without the purpose's consent.
    pub no_consent: Members,
    /// Suppressed, of those with consent; for e-mail also who has a barred address.
    pub suppressed: Members,
    /// For e-mail: without a usable address.
    pub no_address: Members,
    /// For e-mail: with an address that another deliverable member has.
    pub duplicate_address: Members,
    /// Who may be reached.
    pub deliverable: Members,
    /// For e-mail: a digest over the deliverable members' addresses, in hex, for entity tags.
    pub address_digest: Option<String>,
}

impl Waterfall {
    /// The drops by name, in the order of the steps.
    pub fn drops(&self) -> [(&'static str, &Members); 4] {
        [
            ("no_consent", &self.no_consent),
            ("suppressed", &self.suppressed),
            ("no_address", &self.no_address),
            ("duplicate_address", &self.duplicate_address),
        ]
    }
}

/// The stored address of a user.
pub type AddressOf<'a> = &'a dyn Fn(Uid) -> Option<String>;

/// Computes a waterfall out of the members, those who satisfy the purpose's consent rule, and the suppressed. For e-mail,
/// `address_of` gives the stored address of a member, and who has a barred one counts as suppressed; of members with the same address the one with the smallest uid
/// stays, that is, within a shard, the one known first.
pub fn waterfall(
    matched: &Members,
    consenting: &Members,
    suppressed: &Members,
    address_of: Option<AddressOf<'_>>,
    barred: &Barred,
) -> Waterfall {
    let with_consent = matched.and(consenting);
    let mut waterfall = Waterfall {
        matched: matched.clone(),
        no_consent: matched.and_not(consenting),
        suppressed: with_consent.and(suppressed),
        no_address: Members::default(),
        duplicate_address: Members::default(),
        deliverable: with_consent.and_not(suppressed),
        address_digest: None,
    };
    let Some(address_of) = address_of else {
        return waterfall;
    };
    let mut taken = Taken::default();
    for uid in waterfall.deliverable.iter() {
        match address_of(uid).as_deref().and_then(Address::parse) {
            None => {
                waterfall.no_address.insert(uid);
            }
            Some(address) if barred.contains(&address) => {
                waterfall.suppressed.insert(uid);
            }
            Some(address) => {
                if !taken.take(uid, &address) {
                    waterfall.duplicate_address.insert(uid);
                }
            }
        }
    }
    for drop in [&waterfall.suppressed, &waterfall.no_address, &waterfall.duplicate_address] {
        waterfall.deliverable = waterfall.deliverable.and_not(drop);
    }
    waterfall.address_digest = Some(taken.digest());
    waterfall
}

/// Everybody who is suppressed for a purpose and known.
///
/// # Errors
/// The store failed.
pub async fn suppressed_members(store: &Store, engine: &Engine, purpose: Purpose) -> Result<Members, ActivateError> {
    const PAGE: u32 = 10_000;
    let mut members = Members::default();
    let mut after: Option<String> = None;
    loop {
        let page = store.suppressions(purpose.as_str(), after.as_deref(), PAGE).await?;
        for suppression in &page.items {
            if let Some(uid) = engine.uid(&suppression.user_id) {
                members.insert(uid);
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(members),
        }
    }
}
