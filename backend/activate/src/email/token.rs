//! Links to unsubscribe: campaign and user, sealed, so that a link tells nothing and cannot be made up.
//!
//! A token is base64url of 16 bytes of authenticator and the encrypted text (a synthetic-IV scheme out of HMAC-SHA256):
//! authenticator = first half of HMAC(key A, text); text XOR HMAC(key B, authenticator || counter)...; keys A and B are
//! HMACs of the instance's key. Text: version byte 1, length of the campaign's id (u16 LE), the id, the user id, then
//! 0x80 and zeros up to a multiple of 32 bytes, so that the length says little. Tokens never expire: a link to
//! unsubscribe must work in an old mail too. To change the format, raise the version and keep opening the old one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

const VERSION: u8 = 1;
const BLOCK: usize = 32;

/// Seals and opens tokens.
#[derive(Clone)]
pub struct UnsubscribeKey {
    authenticator: Hmac<Sha256>,
    stream: Hmac<Sha256>,
    reader: Hmac<Sha256>,
}

impl UnsubscribeKey {
    /// From the instance's secret, at least 16 random bytes.
    pub fn new(secret: &[u8]) -> UnsubscribeKey {
        let derive = |purpose: &str| keyed(&keyed(secret).chain_update(purpose).finalize().into_bytes());
        UnsubscribeKey {
            authenticator: derive("rollcall unsubscribe authenticator"),
            stream: derive("rollcall unsubscribe stream"),
            reader: derive("rollcall reader"),
        }
    }

    /// The token of a recipient: the same each time.
    pub fn seal(&self, campaign: &str, user_id: &str) -> String {
        let mut text = vec![VERSION];
        text.extend_from_slice(&(campaign.len() as u16).to_le_bytes());
        text.extend_from_slice(campaign.as_bytes());
        text.extend_from_slice(user_id.as_bytes());
        text.push(0x80);
        text.resize(text.len().next_multiple_of(BLOCK), 0);
        let mut sealed = self.authenticator.clone().chain_update(&text).finalize().into_bytes()[..16].to_vec();
        self.encrypt(&sealed.clone(), &mut text);
        sealed.extend_from_slice(&text);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// Campaign and user id of a token; `None` if it is not one of ours.
    pub fn open(&self, token: &str) -> Option<(String, String)> {
        let sealed = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (authenticator, text) = sealed.split_at_checked(16)?;
        let mut text = text.to_vec();
        self.encrypt(authenticator, &mut text);
        self.authenticator.clone().chain_update(&text).verify_truncated_left(authenticator).ok()?;
        let end = text.iter().rposition(|byte| *byte != 0).filter(|end| text[*end] == 0x80)?;
        let (version, rest) = text[..end].split_first()?;
        let (length, rest) = rest.split_first_chunk::<2>().filter(|_| *version == VERSION)?;
        let (campaign, user_id) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        Some((String::from_utf8(campaign.to_vec()).ok()?, String::from_utf8(user_id.to_vec()).ok()?))
    }

    /// A stable name of a recipient that tells nothing, for message ids: 24 hex digits.
    pub fn reader(&self, campaign: &str, user_id: &str) -> String {
        let mac = self.reader.clone().chain_update((campaign.len() as u64).to_le_bytes());
        hex::encode(&mac.chain_update(campaign).chain_update(user_id).finalize().into_bytes()[..12])
    }

    /// Its own inverse.
    fn encrypt(&self, authenticator: &[u8], text: &mut [u8]) {
        for (counter, block) in text.chunks_mut(BLOCK).enumerate() {
            let stream = self.stream.clone().chain_update(authenticator).chain_update((counter as u64).to_le_bytes());
            for (byte, mask) in block.iter_mut().zip(stream.finalize().into_bytes()) {
                *byte ^= mask;
            }
        }
    }
}

impl std::fmt::Debug for UnsubscribeKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("UnsubscribeKey")
    }
}

fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length; longer than a block, they are hashed first.
    let mut block = [0; 64];
    if secret.len() <= block.len() {
        block[..secret.len()].copy_from_slice(secret);
    } else {
        use sha2::Digest;
        block[..32].copy_from_slice(&Sha256::digest(secret));
    }
    <Hmac<Sha256> as Mac>::new(&block.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> UnsubscribeKey {
        UnsubscribeKey::new(b"an instance's secret of some length")
    }

    #[test]
    fn a_token_of_version_1_opens_for_ever() {
        let token = "GMddNsPkr4uL9U8Xd44jZqHLExtq2QLku6JiDbEib3664MZUaAV36rJzw1CY-AWh";
        assert_eq!(key().open(token), Some(("campaign".to_owned(), "u16".to_owned())));
        assert_eq!(key().seal("campaign", "u16"), token);
    }

    #[test]
    fn a_token_tells_nothing_and_cannot_be_changed() {
        let sealed = key().seal("campaign-1", "anna@example.org");
        let bytes = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"anna"));
        assert!(sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(key().open(&URL_SAFE_NO_PAD.encode(changed)), None, "byte {at}");
        }
        assert_eq!(UnsubscribeKey::new(b"another secret of the same kind").open(&sealed), None);
        for text in ["", "forged", "AAAA", "ä"] {
            assert_eq!(key().open(text), None, "{text}");
        }
        assert_ne!(key().reader("a", "bc"), key().reader("ab", "c"));
    }

    #[test]
    fn the_mac_is_hmac_sha256() {
        // RFC 4231, test case 2, and a key longer than a block (test case 6).
        let mac = |key: &[u8], text: &str| hex::encode(keyed(key).chain_update(text).finalize().into_bytes());
        assert_eq!(
            mac(b"Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let long = mac(&[0xaa; 131], "Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(long, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens(campaign in ".{0,40}", user_id in ".{0,80}") {
            prop_assert_eq!(key().open(&key().seal(&campaign, &user_id)), Some((campaign, user_id)));
        }
    }
}
