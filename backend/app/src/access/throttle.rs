//! How often signing in may be tried. Attempts count before the password is looked at, so that trying many at once gains
//! nothing, and few passwords are hashed at the same time.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use parking_lot::Mutex;
use rollcall_rules::Instant;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{AppError, Code, Result};

/// Failed attempts per e-mail address in a window.
const PER_ADDRESS: u32 = 10;
/// Failed attempts per peer in a window. Behind a proxy all people are one peer.
const PER_PEER: u32 = 100;
/// Length of a window, microseconds.
const WINDOW: i64 = 60_000_000;
/// Passwords that are hashed at once.
const AT_ONCE: usize = 4;
/// How long an attempt waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Counts failed sign-ins and admits attempts.
pub(super) struct Throttle {
    /// Attempts that have not succeeded, and since when they are counted.
    failures: Mutex<HashMap<Key, (u32, i64)>>,
    turns: Semaphore,
    patience: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Address(String),
    Peer(IpAddr),
}

/// An attempt that was counted.
pub(super) struct Attempt(Vec<Key>);

impl Default for Throttle {
    fn default() -> Self {
        Self { failures: Mutex::default(), turns: Semaphore::new(AT_ONCE), patience: PATIENCE }
    }
}

impl Throttle {
    /// Counts an attempt as a failure until [`Throttle::succeeded`].
    ///
    /// # Errors
    /// [`Code::TooManyRequests`].
    pub(super) fn attempt(&self, email: &str, peer: Option<IpAddr>, now: Instant) -> Result<Attempt> {
        let keys: Vec<Key> =
            [Key::Address(email.to_lowercase())].into_iter().chain(peer.map(|peer| Key::Peer(network(peer)))).collect();
        let mut failures = self.failures.lock();
        if failures.len() > 10_000 {
            failures.retain(|_, (_, since)| now.0 - *since < WINDOW);
        }
        for key in &keys {
            let most = if matches!(key, Key::Address(_)) { PER_ADDRESS } else { PER_PEER };
            if failures.get(key).is_some_and(|(count, since)| *count >= most && now.0 - *since < WINDOW) {
                let text = "Too many wrong passwords for this address or from this place. Wait a minute and try again.";
                return Err(AppError::new(Code::TooManyRequests, text));
            }
        }
        for key in &keys {
            let (count, since) = failures.entry(key.clone()).or_insert((0, now.0));
            if now.0 - *since >= WINDOW {
                (*count, *since) = (0, now.0);
            }
            *count += 1;
        }
        Ok(Attempt(keys))
    }

    /// Takes an attempt back, and with it every failure of its e-mail address.
    pub(super) fn succeeded(&self, attempt: &Attempt) {
        let mut failures = self.failures.lock();
        for key in &attempt.0 {
            match failures.get_mut(key) {
                Some((count, _)) if matches!(key, Key::Peer(_)) => *count = count.saturating_sub(1),
                _ => {
                    failures.remove(key);
                }
            }
        }
    }

    /// Waits for a turn to hash a password.
    ///
    /// # Errors
    /// [`Code::TooManyRequests`] if it does not come soon.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        match tokio::time::timeout(self.patience, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(AppError::new(Code::TooManyRequests, "Too many people are signing in at this moment. Try again.")),
        }
    }
}

/// Whoever has one address of an IPv6 network has all of them.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(peer) => IpAddr::V4(peer),
        IpAddr::V6(peer) => IpAddr::V6(Ipv6Addr::from_bits(peer.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    #[test]
    fn an_address_and_a_peer_have_to_wait_each_for_itself() {
        let throttle = Throttle::default();
        let tried = |email: &str, at: i64| throttle.attempt(email, PEER, Instant(at)).is_ok();
        assert_eq!((0..40).filter(|_| tried("a@x", 0)).count(), PER_ADDRESS as usize);
        assert!(tried("b@x", 0), "another address is free");
        assert!(tried("A@x", WINDOW), "after the window");
        let others = (0..200).filter(|number| tried(&format!("c{number}@x"), WINDOW)).count();
        assert_eq!(others, PER_PEER as usize - 1, "the peer has to wait");
        assert!(throttle.attempt("d@x", None, Instant(WINDOW)).is_ok());
    }

    #[test]
    fn success_is_not_counted() {
        let throttle = Throttle::default();
        for _ in 0..300 {
            let attempt = throttle.attempt("a@x", PEER, Instant(0)).unwrap();
            throttle.succeeded(&attempt);
        }
    }

    #[test]
    fn an_ipv6_network_is_one_peer() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[tokio::test]
    async fn turns_are_few_and_waiting_is_bounded() {
        let throttle = Throttle { patience: Duration::ZERO, ..Throttle::default() };
        let mut turns = Vec::new();
        for _ in 0..AT_ONCE {
            turns.push(throttle.turn().await.unwrap());
        }
        assert_eq!(throttle.turn().await.err().map(|error| error.code), Some(Code::TooManyRequests));
        turns.pop();
        assert!(throttle.turn().await.is_ok());
    }
}
