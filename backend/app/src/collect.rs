//! The tracking API's use case: what is acknowledged is on disk.

use std::collections::HashMap;

use bytes::Bytes;
use rollcall_collect::{Decoded, Limits, RouteKind, TrackingError, TrackingRequest, decode, write_key_of_headers};
use rollcall_log::NewRecord;
use rollcall_rules::Instant;
use rollcall_store::SourceId;

use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Code, Result};

/// A tracking request as it came in.
#[derive(Debug)]
pub struct Incoming {
    /// Last part of the path: `track`, `t`, `batch`, ...
    pub route: String,
    /// `Authorization`.
    pub authorization: Option<String>,
    /// `X-Write-Key`.
    pub write_key: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `AnonymousId`.
    pub anonymous_id: Option<String>,
    /// The sender's address.
    pub remote_ip: Option<String>,
    /// The body as sent.
    pub body: Bytes,
}

/// A body of more bytes is read on a thread of its own, so that other requests need not wait for it.
const LARGE_BODY: usize = 256 << 10;
/// The same for a compressed body, which may become many times as large.
const LARGE_COMPRESSED_BODY: usize = 16 << 10;
/// Large bodies that are read at once; others wait for their turn.
pub(crate) const LARGE_BODIES_AT_ONCE: usize = 16;

impl Incoming {
    fn is_large(&self) -> bool {
        let compressed = self.content_encoding.is_some() || self.body.starts_with(&[0x1f, 0x8b]);
        self.body.len() > if compressed { LARGE_COMPRESSED_BODY } else { LARGE_BODY }
    }

    fn decode(&self, kind: RouteKind, received_at: Instant, limits: &Limits) -> Result<Decoded> {
        let request = TrackingRequest {
            kind,
            authorization: self.authorization.as_deref(),
            write_key_header: self.write_key.as_deref(),
            content_encoding: self.content_encoding.as_deref(),
            anonymous_id_header: self.anonymous_id.as_deref(),
            remote_ip: self.remote_ip.clone(),
            body: &self.body,
        };
        decode(&request, received_at, limits).map_err(|error| refuse(&error))
    }
}

/// Write keys remembered; beyond, the memory starts anew.
const REMEMBERED_KEYS: usize = 10_000;

/// Write keys that were looked up, with their sources and whether these are switched off.
#[derive(Debug, Default)]
pub(crate) struct WriteKeys {
    known: HashMap<String, (SourceId, bool)>,
    /// How often everything was forgotten: an answer that was asked for before is not to be remembered after.
    generation: u64,
}

impl WriteKeys {
    /// Forgets everything, after a key or a source has changed.
    pub(crate) fn clear(&mut self) {
        self.known.clear();
        self.generation += 1;
    }

    fn remember(&mut self, asked_in: u64, write_key: &str, source: &SourceId, disabled: bool) {
        if self.generation != asked_in {
            return;
        }
        if self.known.len() >= REMEMBERED_KEYS {
            self.known.clear();
        }
        self.known.insert(write_key.to_owned(), (source.clone(), disabled));
    }
}

fn refuse(error: &TrackingError) -> AppError {
    let code = match error.status() {
        401 => Code::NotSignedIn,
        413 => Code::TooLarge,
        _ => Code::BadRequest,
    };
    AppError::new(code, sentence(error))
}

fn sentence(error: &TrackingError) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

impl App {
    /// Largest body of a tracking request, bytes.
    pub fn largest_tracking_body(&self) -> usize {
        self.limits.body_bytes
    }

    /// The source of a write key, if it is known and takes events.
    async fn source_of(&self, write_key: &str) -> Result<Option<SourceId>> {
        let asked_in = {
            let keys = self.write_keys.lock();
            if let Some((source, disabled)) = keys.known.get(write_key) {
                return Ok((!disabled).then(|| source.clone()));
            }
            keys.generation
        };
        let Some(source) = self.store.source_by_write_key(write_key).await? else {
            return Ok(None);
        };
        self.write_keys.lock().remember(asked_in, write_key, &source.id, source.disabled);
        Ok((!source.disabled).then_some(source.id))
    }

    /// Whether a write key is known and its source takes events.
    ///
    /// # Errors
    /// The store's.
    pub async fn accepts(&self, write_key: &str) -> Result<bool> {
        Ok(self.source_of(write_key).await?.is_some())
    }

    async fn accepting_source(&self, write_key: &str) -> Result<SourceId> {
        let refused = || AppError::new(Code::NotSignedIn, "There is no source with this write key, or it is switched off.");
        self.source_of(write_key).await?.ok_or_else(refused)
    }

    /// Takes a tracking request. When this returns, its messages are on disk.
    ///
    /// # Errors
    /// 400, 401 and 413 are refusals of the whole request; 429 and 503 ask for it again.
    pub async fn collect(&self, incoming: Incoming) -> Result<()> {
        let kind = RouteKind::of(&incoming.route).ok_or_else(|| AppError::not_found("tracking route"))?;
        if kind == RouteKind::Telemetry {
            return Ok(());
        }
        // Before any work is done for somebody unknown.
        if let Some(write_key) = write_key_of_headers(incoming.authorization.as_deref(), incoming.write_key.as_deref()) {
            self.accepting_source(&write_key).await?;
        }
        let received_at = self.now();
        // Held until the log has taken the records: its queue is bounded, what waits before it must be too.
        let turn = if incoming.is_large() { self.large_bodies.acquire().await.ok() } else { None };
        let decoded = if turn.is_some() {
            let limits = self.limits.clone();
            tokio::task::spawn_blocking(move || incoming.decode(kind, received_at, &limits)).await??
        } else {
            incoming.decode(kind, received_at, &self.limits)?
        };
        let source = self.accepting_source(&decoded.write_key).await?;
        self.log.append(decoded.into_records(source.as_str())).await?;
        Ok(())
    }

    /// Appends envelopes of a known source with the times they were received at: for loading what was collected elsewhere.
    ///
    /// # Errors
    /// Forbidden to all but administrators and importers; no such source; the log is not available.
    pub async fn load(&self, caller: &Caller, source: &str, records: Vec<(Vec<u8>, i64)>) -> Result<()> {
        caller.require(Permission::Import)?;
        let records =
            records.into_iter().map(|(payload, received_at)| NewRecord { source: source.to_owned(), received_at, payload });
        self.log.append(records.collect()).await?;
        Ok(())
    }

    /// The last record that rules see.
    pub fn watermark(&self) -> u64 {
        self.engine.watermark()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overloaded_log_asks_senders_to_slow_down_and_a_closed_one_does_not_blame_them() {
        assert_eq!(AppError::from(rollcall_log::LogError::Overloaded).code, Code::TooManyRequests);
        assert_eq!(AppError::from(rollcall_log::LogError::Closed).code, Code::Unavailable);
    }

    #[test]
    fn what_was_asked_before_a_change_is_not_remembered_after_it() {
        let mut keys = WriteKeys::default();
        let asked_in = keys.generation;
        keys.clear();
        keys.remember(asked_in, "old", &SourceId::new("s"), false);
        assert!(keys.known.is_empty());
        keys.remember(keys.generation, "new", &SourceId::new("s"), false);
        assert!(keys.known.contains_key("new"));
    }
}
