//! The digest of a set of users: the same on every machine and on both evaluation paths.

use sha2::{Digest, Sha256};

/// Hex SHA-256 over user ids sorted by bytes, each written as its length (u32, little endian) and its UTF-8 bytes.
pub fn digest_of_sorted<'a>(user_ids: impl Iterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for user_id in user_ids {
        hash.update((user_id.len() as u32).to_le_bytes());
        hash.update(user_id.as_bytes());
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::digest_of_sorted;

    #[test]
    fn the_digest_is_over_lengths_and_bytes() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(digest_of_sorted(std::iter::empty()), empty);
        assert_eq!(digest_of_sorted(["a", "bé"].into_iter()), hex_of(b"\x01\0\0\0a\x03\0\0\0b\xc3\xa9"));
        assert_ne!(digest_of_sorted(["ab"].into_iter()), digest_of_sorted(["a", "b"].into_iter()));
    }

    fn hex_of(bytes: &[u8]) -> String {
        use sha2::Digest;
        hex::encode(sha2::Sha256::digest(bytes))
    }
}
