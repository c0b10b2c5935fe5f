//! E-mail addresses: which are usable, which are the same, who keeps a shared one.

use std::collections::HashSet;

use rollcall_engine::{Engine, Members, Uid};
use rollcall_rules::{Instant, Value};
use sha2::{Digest, Sha256};

/// Members whose addresses are read at once.
const BATCH: usize = 8192;

/// A usable address, as it will be written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Trims; `None` if it is not an address (RFC 5321, with the parts that no mail system takes left out).
    pub fn parse(text: &str) -> Option<Address> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let usable = text.len() <= 254
            && local.len() <= 64
            && !text.chars().any(|letter| letter.is_control() || letter.is_whitespace())
            && domain.contains('.')
            && text.parse::<lettre::Address>().is_ok();
        usable.then(|| Address(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn key(&self) -> u128 {
        let digest: [u8; 32] = Sha256::digest(normal_form(&self.0)).into();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        u128::from_be_bytes(key)
    }
}

/// Two addresses with the same normal form are one mailbox: letters' case makes no difference in practice.
pub fn normal_form(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Hex SHA-256 of the normal form.
pub fn address_hash(address: &str) -> String {
    hex::encode(Sha256::digest(normal_form(address)))
}

/// The members' addresses as stored, in order of uid, read in batches.
pub fn stored_addresses<'a>(
    engine: &'a Engine,
    members: &'a Members,
    address_trait: &'a str,
    now: Instant,
) -> impl Iterator<Item = (Uid, Option<String>)> + 'a {
    let mut uids = members.iter();
    std::iter::from_fn(move || {
        let batch: Vec<Uid> = uids.by_ref().take(BATCH).collect();
        let values = engine.trait_values(batch.iter().copied(), address_trait, now);
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        (!batch.is_empty()).then(|| batch.into_iter().zip(values.into_iter().map(text)))
    })
    .flatten()
}

/// User id and address of deliverable members, in order of uid, read in batches.
pub fn address_rows<'a>(
    engine: &'a Engine,
    deliverable: &'a Members,
    address_trait: &'a str,
    now: Instant,
) -> impl Iterator<Item = (String, String)> + 'a {
    stored_addresses(engine, deliverable, address_trait, now)
        .filter_map(|(uid, address)| Some((engine.user_id(uid)?, Address::parse(&address?)?.0)))
}

/// Addresses that nobody is mailed at, by hash: whoever asked not to be mailed reads what is sent to another user there.
#[derive(Debug, Clone, Default)]
pub struct Barred(HashSet<u128>);

impl Barred {
    /// Those of some texts that are addresses.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Barred {
        Barred(texts.filter_map(Address::parse).map(|address| address.key()).collect())
    }

    /// Whether nobody is mailed there.
    pub fn contains(&self, address: &Address) -> bool {
        self.0.contains(&address.key())
    }
}

/// Which addresses are taken, by hash.
#[derive(Default)]
pub(super) struct Taken {
    keys: HashSet<u128>,
    digest: Sha256,
}

impl Taken {
    /// Gives an address to a member; false if it has an owner.
    pub(super) fn take(&mut self, uid: Uid, address: &Address) -> bool {
        let key = address.key();
        let free = self.keys.insert(key);
        if free {
            self.digest.update(uid.to_u64().to_le_bytes());
            self.digest.update((address.0.len() as u32).to_le_bytes());
            self.digest.update(&address.0);
        }
        free
    }

    /// Over who has which address, in the order of taking.
    pub(super) fn digest(self) -> String {
        hex::encode(self.digest.finalize())
    }
}
