//! The real clock and the system's randomness: the only place that reads either.

use rand::TryRngCore as _;
use rollcall_app::Instant;
use rollcall_app::ambient::Ambient;

/// The world outside.
pub struct System;

impl Ambient for System {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = rand::rngs::OsRng.try_fill_bytes(bytes) {
            // Without randomness no secret is safe, so nothing may go on.
            eprintln!("rollcall: the system gives no random bytes: {error}");
            std::process::abort();
        }
    }
}
