//! The tracking API's use case: what is acknowledged is on disk.

use rollcall_collect::{RouteKind, TrackingError, TrackingRequest, decode};
use rollcall_log::NewRecord;
use rollcall_store::SourceId;

use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Code, Result};

/// A tracking request as it came in.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// Last part of the path: `track`, `t`, `batch`, ...
    pub route: &'a str,
    /// `Authorization`.
    pub authorization: Option<&'a str>,
    /// `X-Write-Key`.
    pub write_key: Option<&'a str>,
    /// `Content-Encoding`.
    pub content_encoding: Option<&'a str>,
    /// `AnonymousId`.
    pub anonymous_id: Option<&'a str>,
    /// The sender's address.
    pub remote_ip: Option<String>,
    /// The body as sent.
    pub body: &'a [u8],
}

/// Write keys remembered; beyond, the memory starts anew.
const REMEMBERED_KEYS: usize = 10_000;

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
        if let Some((source, disabled)) = self.write_keys.lock().get(write_key).cloned() {
            return Ok((!disabled).then_some(source));
        }
        let Some(source) = self.store.source_by_write_key(write_key).await? else {
            return Ok(None);
        };
        let mut known = self.write_keys.lock();
        if known.len() >= REMEMBERED_KEYS {
            known.clear();
        }
        known.insert(write_key.to_owned(), (source.id.clone(), source.disabled));
        Ok((!source.disabled).then_some(source.id))
    }

    /// Whether a write key is known and its source takes events.
    ///
    /// # Errors
    /// The store's.
    pub async fn accepts(&self, write_key: &str) -> Result<bool> {
        Ok(self.source_of(write_key).await?.is_some())
    }

    /// Takes a tracking request. When this returns, its messages are on disk.
    ///
    /// # Errors
    /// 400, 401 and 413 are refusals of the whole request; 503 asks for it again.
    pub async fn collect(&self, incoming: Incoming<'_>) -> Result<()> {
        let kind = RouteKind::of(incoming.route).ok_or_else(|| AppError::not_found("tracking route"))?;
        let request = TrackingRequest {
            kind,
            authorization: incoming.authorization,
            write_key_header: incoming.write_key,
            content_encoding: incoming.content_encoding,
            anonymous_id_header: incoming.anonymous_id,
            remote_ip: incoming.remote_ip,
            body: incoming.body,
        };
        let received_at = self.now();
        let decoded = decode(&request, received_at, &self.limits).map_err(|error| refuse(&error))?;
        if decoded.payloads.is_empty() {
            return Ok(());
        }
        let source = self
            .source_of(&decoded.write_key)
            .await?
            .ok_or_else(|| AppError::new(Code::NotSignedIn, "There is no source with this write key, or it is switched off."))?;
        let record = |payload| NewRecord { source: source.as_str().to_owned(), received_at: received_at.0, payload };
        self.log.append(decoded.payloads.into_iter().map(record).collect()).await?;
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
