//! Use cases: what Rollcall does when somebody asks, or when time or data move. No HTTP, no SQL.
//!
//! [`App`] ties the rooms together: a request enters as one method call with its [`access::Caller`], is checked against
//! the permission table, talks to engine, lake, store, collect and activate, and leaves as a view (plain data that
//! serialises). Background work ([`App::start`]) keeps segments right, runs imports, campaigns and recounts.

pub mod access;
pub mod ambient;
mod audit_trail;
pub mod campaigns;
pub mod catalogues;
mod collect;
pub mod config;
pub mod error;
pub mod health;
mod imports;
pub mod lists;
pub mod lists_out;
pub mod live;
pub mod lookup;
mod overview;
mod reach;
mod recounts;
pub mod schema;
pub mod segments;
pub mod sources;
mod start;
mod view;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;
use rollcall_activate::email::{Dkim, UnsubscribeKey};
use rollcall_collect::{Limits, TakeIn};
use rollcall_engine::Engine;
use rollcall_lake::Lake;
use rollcall_log::EventLog;
use rollcall_store::Store;
use tokio::sync::{Notify, Semaphore, broadcast, watch};

pub use audit_trail::{TrailCheckView, TrailEntryView, TrailPage};
pub use collect::Incoming;
pub use imports::{ImportInput, ImportView};
pub use overview::OverviewView;
pub use recounts::{RecountSideView, RecountView};
pub use rollcall_rules::{Day, Instant};
pub use start::{NewInstance, OpenError};

use access::SessionKey;
use ambient::Ambient;
use config::Config;
use live::LiveEvent;
use segments::book::Book;

/// A running Rollcall. Cheap to clone.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
}

/// What an [`App`] is made of.
pub struct Parts {
    config: Config,
    ambient: Arc<dyn Ambient>,
    store: Store,
    engine: Arc<Engine>,
    lake: Arc<Lake>,
    log: Arc<dyn EventLog>,
    take_in: TakeIn,
    book: Arc<Book>,
    organisation: String,
    session_key: SessionKey,
    pseudonym_key: Vec<u8>,
    unsubscribe_key: UnsubscribeKey,
    /// Seals the user ids in cursors.
    cursor_key: UnsubscribeKey,
    dkim: Option<Arc<Dkim>>,
    mail_consent: tokio::sync::Mutex<Option<lists_out::MailConsent>>,
    decoy_hash: String,
    live: broadcast::Sender<LiveEvent>,
    refresh_wanted: Notify,
    stopping: watch::Sender<bool>,
    stopping_flag: Arc<AtomicBool>,
    work_wanted: Notify,
    limits: Limits,
    write_keys: Mutex<collect::WriteKeys>,
    large_bodies: Semaphore,
    health: health::Health,
    tasks: Mutex<Vec<tokio::task::JoinHandle<()>>>,
    _lock: std::fs::File,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl App {
    /// The present instant.
    pub fn now(&self) -> Instant {
        self.ambient.now()
    }

    /// The instant that a request calls "now": that of its field `at` (RFC 3339), by default the present.
    ///
    /// # Errors
    /// It is no instant, or in the future.
    pub(crate) fn instant_at(&self, at: Option<&str>) -> error::Result<Instant> {
        let now = self.now();
        let Some(text) = at else { return Ok(now) };
        let parsed = parse_instant(text).map_err(|error| error::AppError::field("/at", "bad_date", &error.detail))?;
        if parsed > now.0 {
            return Err(error::AppError::field("/at", "out_of_range", "This instant is in the future; nobody can know yet."));
        }
        Ok(Instant(parsed))
    }

    /// A new id, ordered by time.
    pub fn new_id(&self) -> String {
        ambient::new_id(self.ambient.as_ref())
    }

    /// Whether requests can be answered and events be taken.
    ///
    /// # Errors
    /// What does not work: the metadata database, the event log, taking in.
    pub async fn ready(&self) -> error::Result<()> {
        self.store.checkpoint().await?;
        let broken = |text: &str| Err(error::AppError::new(error::Code::Unavailable, text));
        if !self.log.is_open() {
            return broken("The event log has closed itself after a failed write. Look after the disk and restart the server.");
        }
        if !self.take_in.is_running() {
            return broken("Taking in has ended; what arrives is stored but not counted. Restart the server; the log says why.");
        }
        Ok(())
    }

    /// Name of the organisation.
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The stable stand-in for a user id that auditors see.
    pub fn pseudonym(&self, user_id: &str) -> String {
        rollcall_audit::pseudonym(&self.pseudonym_key, user_id)
    }
}

/// Reads an RFC 3339 instant as microseconds.
///
/// # Errors
/// It is not one.
pub fn parse_instant(text: &str) -> error::Result<i64> {
    Instant::parse(text).map(|instant| instant.0).ok_or_else(|| {
        error::AppError::new(
            error::Code::BadRequest,
            format!("`{text}` is not an RFC 3339 instant such as 2026-11-20T12:00:00Z."),
        )
    })
}
