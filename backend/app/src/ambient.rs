//! Time and randomness, passed in so that use cases are deterministic under test.

use rollcall_rules::Instant;
use uuid::Uuid;

/// The outside world's clock and dice.
pub trait Ambient: Send + Sync {
    /// The present instant.
    fn now(&self) -> Instant;
    /// Fills a buffer with cryptographically secure random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// A new time-ordered id (UUID version 7).
pub fn new_id(ambient: &dyn Ambient) -> String {
    let mut random = [0; 10];
    ambient.fill(&mut random);
    let millis = u64::try_from(ambient.now().0 / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
}

/// `bytes` random bytes as URL-safe base64.
pub fn new_secret(ambient: &dyn Ambient, bytes: usize) -> String {
    use base64::Engine as _;
    let mut random = vec![0; bytes];
    ambient.fill(&mut random);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random)
}

/// Whether a text is an id in the form that [`new_id`] gives.
pub fn is_id(text: &str) -> bool {
    Uuid::try_parse(text).is_ok()
}
