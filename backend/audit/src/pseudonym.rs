//! Stand-ins for user ids.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// `p_` and 16 hex digits: the first 64 bits of HMAC-SHA-256 of the user id under the instance's key. The same user has the
/// same pseudonym everywhere in an instance; without the key it leads back to nobody.
pub fn pseudonym(key: &[u8], user_id: &str) -> String {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(user_id.as_bytes());
    format!("p_{}", hex::encode(&mac.finalize().into_bytes()[..8]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_depend_on_key_and_user() {
        let one = pseudonym(b"key", "u1");
        assert_eq!(one, pseudonym(b"key", "u1"));
        assert_ne!(one, pseudonym(b"key", "u2"));
        assert_ne!(one, pseudonym(b"other", "u1"));
        assert_eq!(one.len(), 18);
    }
}
