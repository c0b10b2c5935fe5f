//! Tracking requests: bytes of a Segment-compatible call to envelopes for the log. Knows no HTTP framework.
//!
//! Routes are those of Segment's HTTP API and the short ones of its browser SDK ([`RouteKind::of`]). The content type is
//! not looked at (browsers send `text/plain`, Rudder a form type), gzip is recognised by Content-Encoding or by its
//! first bytes. Only what concerns the request as a whole is refused here; what is wrong with one message is found by
//! [`crate::intake`], which quarantines it.
//!
//! Answers that the SDKs need: 200 with a JSON body when the envelopes are in the log, [`TrackingError::status`]
//! otherwise, 401 also for an unknown key, 429 with Retry-After when the log is overloaded, 503 with Retry-After when
//! it cannot write.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use base64::Engine as _;
use rollcall_log::NewRecord;
use rollcall_rules::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::envelope::Header;
use crate::error::TrackingError;
use crate::limits::Limits;

#[cfg(test)]
mod tests;

/// Bytes of a time as JSON; a longer text is none.
const LONGEST_TIME: usize = 64;

/// The types of Segment's specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageType {
    /// Something a user did.
    Track,
    /// A profile update.
    Identify,
    /// A page was seen.
    Page,
    /// A screen was seen.
    Screen,
    /// A user belongs to a group.
    Group,
    /// Two ids are one user.
    Alias,
}

impl MessageType {
    /// The word that messages carry.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageType::Track => "track",
            MessageType::Identify => "identify",
            MessageType::Page => "page",
            MessageType::Screen => "screen",
            MessageType::Group => "group",
            MessageType::Alias => "alias",
        }
    }

    /// The type of a word.
    pub fn parse(word: &str) -> Option<MessageType> {
        Some(match word {
            "track" => MessageType::Track,
            "identify" => MessageType::Identify,
            "page" => MessageType::Page,
            "screen" => MessageType::Screen,
            "group" => MessageType::Group,
            "alias" => MessageType::Alias,
            _ => return None,
        })
    }
}

/// What a route carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteKind {
    /// One message of the type that the route implies.
    Single(MessageType),
    /// `{"batch":[...]}`.
    Batch,
    /// The browser SDK's own metrics: answered with 200 and dropped.
    Telemetry,
}

impl RouteKind {
    /// The route by the last part of its path: `track`, `t`, `batch`, `b`, `m`, ...
    pub fn of(segment: &str) -> Option<RouteKind> {
        Some(match segment {
            "t" => RouteKind::Single(MessageType::Track),
            "i" => RouteKind::Single(MessageType::Identify),
            "p" => RouteKind::Single(MessageType::Page),
            "s" => RouteKind::Single(MessageType::Screen),
            "g" => RouteKind::Single(MessageType::Group),
            "a" => RouteKind::Single(MessageType::Alias),
            "b" | "batch" | "import" => RouteKind::Batch,
            "m" => RouteKind::Telemetry,
            word => RouteKind::Single(MessageType::parse(word)?),
        })
    }
}

/// A tracking request. Headers are given as text, `None` when absent.
#[derive(Debug, Clone)]
pub struct TrackingRequest<'a> {
    /// What the route carries.
    pub kind: RouteKind,
    /// `Authorization`.
    pub authorization: Option<&'a str>,
    /// `X-Write-Key`.
    pub write_key_header: Option<&'a str>,
    /// `Content-Encoding`.
    pub content_encoding: Option<&'a str>,
    /// `AnonymousId`: Rudder's browser SDK sends it in base64.
    pub anonymous_id_header: Option<&'a str>,
    /// The sender's address; kept only for messages that ask for it by `context.direct`.
    pub remote_ip: Option<String>,
    /// The body as sent.
    pub body: &'a [u8],
}

/// A request that can be appended to the log once its key is known to be good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// Which source sent it; empty for telemetry.
    pub write_key: String,
    /// One envelope per message, in order.
    pub payloads: Vec<Vec<u8>>,
    /// When the server received it.
    pub received_at: Instant,
}

impl Decoded {
    /// The records to append to the log, once the write key has led to a source.
    pub fn into_records(self, source: &str) -> Arc<[NewRecord]> {
        let received_at = self.received_at.0;
        let record = |payload| NewRecord { source: source.to_owned(), received_at, payload };
        self.payloads.into_iter().map(record).collect()
    }
}

/// Reads a request.
///
/// # Errors
/// What is wrong with the request as a whole.
pub fn decode(request: &TrackingRequest<'_>, received_at: Instant, limits: &Limits) -> Result<Decoded, TrackingError> {
    if request.kind == RouteKind::Telemetry {
        return Ok(Decoded { write_key: String::new(), payloads: Vec::new(), received_at });
    }
    if request.body.len() > limits.body_bytes {
        return Err(TrackingError::BodyTooLarge);
    }
    let body = inflate(request, limits)?;
    let text = std::str::from_utf8(&body).map_err(|_| TrackingError::InvalidJson)?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if !text.starts_with('{') {
        let valid = serde_json::from_str::<&RawValue>(text).is_ok();
        return Err(if valid { TrackingError::NotAnObject } else { TrackingError::InvalidJson });
    }
    let body: Body<'_> = serde_json::from_str(text).map_err(|_| TrackingError::InvalidJson)?;
    let write_key = write_key(request, &body).ok_or(TrackingError::NoWriteKey)?;
    let anonymous_id = request.anonymous_id_header.and_then(decode_base64);
    let mut header = Header { anonymous_id: anonymous_id.as_deref(), ..Header::default() };
    // The body is searched as text first, so that ordinary requests pay nothing for this.
    if text.contains("\"direct\"") {
        header.ip = request.remote_ip.as_deref();
    }
    let payloads = match request.kind {
        RouteKind::Single(kind) => {
            header.kind = Some(kind.as_str());
            vec![header.seal(text)]
        }
        _ => seal_batch(header, &body, limits)?,
    };
    Ok(Decoded { write_key, payloads, received_at })
}

/// The keys of a body that concern the request.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(default, borrow, rename = "writeKey")]
    write_key: Option<&'a RawValue>,
    #[serde(default, borrow)]
    batch: Option<&'a RawValue>,
    #[serde(default, borrow, rename = "sentAt")]
    sent_at: Option<&'a RawValue>,
    #[serde(default, borrow)]
    context: Option<&'a RawValue>,
}

fn seal_batch<'a>(mut header: Header<'a>, body: &Body<'a>, limits: &Limits) -> Result<Vec<Vec<u8>>, TrackingError> {
    let batch = body.batch.ok_or(TrackingError::BatchNotAList)?;
    let messages: Vec<&RawValue> = serde_json::from_str(batch.get()).map_err(|_| TrackingError::BatchNotAList)?;
    if messages.is_empty() {
        return Err(TrackingError::EmptyBatch);
    }
    if messages.len() > limits.batch_messages {
        return Err(TrackingError::BatchTooLarge);
    }
    header.sent_at = body.sent_at.filter(|sent_at| sent_at.get().len() <= LONGEST_TIME);
    header.context = body.context.filter(|context| context.get().starts_with('{') && context.get() != "{}");
    // The context is repeated in every envelope.
    let repeated = header.context.map_or(0, |context| context.get().len().saturating_mul(messages.len()));
    if repeated > limits.inflated_bytes {
        return Err(TrackingError::BodyTooLarge);
    }
    Ok(messages.into_iter().map(|message| header.seal(message.get())).collect())
}

/// The body without its compression.
fn inflate<'a>(request: &TrackingRequest<'a>, limits: &Limits) -> Result<Cow<'a, [u8]>, TrackingError> {
    let encoding = request.content_encoding.map(str::trim).unwrap_or_default().to_ascii_lowercase();
    let gzip = match encoding.as_str() {
        "gzip" | "x-gzip" => true,
        // Some proxies drop the header; no JSON begins with these bytes.
        "" | "identity" => request.body.starts_with(&[0x1f, 0x8b]),
        _ => return Err(TrackingError::UnsupportedEncoding),
    };
    // Some clients set the header and send plain JSON.
    if !gzip || request.body.first() == Some(&b'{') {
        return Ok(Cow::Borrowed(request.body));
    }
    let mut inflated = Vec::with_capacity((request.body.len() * 4).min(limits.inflated_bytes));
    let stream = flate2::read::MultiGzDecoder::new(request.body);
    let read = stream.take(limits.inflated_bytes as u64 + 1).read_to_end(&mut inflated);
    if inflated.len() > limits.inflated_bytes {
        return Err(TrackingError::BodyTooLarge);
    }
    read.map_err(|_| TrackingError::InvalidGzip)?;
    Ok(Cow::Owned(inflated))
}

/// The write key as far as headers tell it: Basic user name, else `X-Write-Key` (Jitsu masks the key in its body).
pub fn write_key_of_headers(authorization: Option<&str>, write_key_header: Option<&str>) -> Option<String> {
    let found = authorization.and_then(basic_user).or_else(|| write_key_header.map(str::to_owned));
    found.filter(|key| !key.is_empty())
}

/// That of the headers, else `writeKey` in the body.
fn write_key(request: &TrackingRequest<'_>, body: &Body<'_>) -> Option<String> {
    let in_body = || body.write_key.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    let in_headers = write_key_of_headers(request.authorization, request.write_key_header);
    in_headers.or_else(|| in_body().filter(|key| !key.is_empty()))
}

fn basic_user(authorization: &str) -> Option<String> {
    let (scheme, credentials) = authorization.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = decode_base64(credentials)?;
    let user = decoded.split_once(':').map_or(decoded.as_str(), |(user, _)| user);
    Some(user.to_owned())
}

/// Base64 with or without padding, as UTF-8.
fn decode_base64(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('=');
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(text).ok()?;
    String::from_utf8(bytes).ok().filter(|decoded| !decoded.is_empty())
}
