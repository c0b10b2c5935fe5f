//! The real clock and the system's randomness: the only place that reads either.

use std::sync::atomic::{AtomicI64, Ordering};

use rand::TryRngCore as _;
use rollcall_app::Instant;
use rollcall_app::ambient::Ambient;

/// The world outside.
pub struct System;

/// The world outside with a clock that can be put to another time, for data that has a history from the start.
#[derive(Default)]
pub struct Past {
    /// Microseconds; 0: the real time.
    at: AtomicI64,
}

impl Past {
    /// It is this time from now on.
    pub fn put_to(&self, at: Instant) {
        self.at.store(at.0, Ordering::Relaxed);
    }

    /// It is the real time from now on.
    pub fn end(&self) {
        self.put_to(Instant(0));
    }
}

impl Ambient for Past {
    fn now(&self) -> Instant {
        match self.at.load(Ordering::Relaxed) {
            0 => System.now(),
            at => Instant(at),
        }
    }

    fn fill(&self, bytes: &mut [u8]) {
        System.fill(bytes);
    }
}

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
