//! Entity tags of lists (RFC 9110, section 8.8.3).

use sha2::{Digest, Sha256};

/// Raised when the bytes of any format change for the same rows.
const ENCODING: u8 = 1;

/// A strong entity tag, quotes included. `content` names everything that the bytes depend on: the set's digest, the
/// purpose, the format, and for lists with addresses [`crate::consent::Waterfall::address_digest`].
pub fn entity_tag(content: &[&str]) -> String {
    let mut digest = Sha256::new_with_prefix([ENCODING]);
    for part in content {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    format!("\"{}\"", &hex::encode(digest.finalize())[..32])
}

/// Whether an `If-None-Match` header (a list of tags, or `*`) names this tag; weak tags compare equal (RFC 9110, 13.1.2).
pub fn tag_matches(if_none_match: &str, tag: &str) -> bool {
    let same = |candidate: &str| candidate == "*" || candidate.strip_prefix("W/").unwrap_or(candidate) == tag;
    if_none_match.split(',').map(str::trim).any(same)
}
