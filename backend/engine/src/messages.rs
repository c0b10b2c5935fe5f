//! Exact deduplication: which messages have been taken in.

use rollcall_rules::Fact;
use sha2::{Digest, Sha256};

/// The identity of a message: who sent it and its message id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageKey {
    /// First 8 bytes (LE) of SHA-256 of the scope: the same number that places a user in a shard.
    pub(crate) scope: u64,
    /// First 16 bytes (BE) of SHA-256 of scope length (u32 LE), scope and message id.
    pub(crate) key: u128,
}

impl MessageKey {
    /// `scope` is the user id, or the anonymous id of a message without user id.
    pub fn of(scope: &str, message_id: &str) -> MessageKey {
        let mut hash = Sha256::new();
        hash.update((scope.len() as u32).to_le_bytes());
        hash.update(scope.as_bytes());
        hash.update(message_id.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        MessageKey { scope: scope_hash(scope), key: u128::from_be_bytes(key) }
    }

    /// The key under which [`crate::Engine::append`] remembers a fact. Without any id the scope is empty.
    pub fn of_fact(fact: &Fact) -> MessageKey {
        let (user_id, anonymous_id, message_id) = match fact {
            Fact::Event(event) => (&event.user_id, &event.anonymous_id, &event.message_id),
            Fact::Profile(profile) => (&profile.user_id, &profile.anonymous_id, &profile.message_id),
        };
        MessageKey::of(user_id.as_deref().or(anonymous_id.as_deref()).unwrap_or(""), message_id)
    }

    /// The shard that remembers it, and in which its user lives.
    pub(crate) fn shard(self, shards: u16) -> u16 {
        (self.scope % u64::from(shards)) as u16
    }
}

/// First 8 bytes (LE) of SHA-256.
pub(crate) fn scope_hash(scope: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(scope.as_bytes()).into();
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    u64::from_le_bytes(first)
}
