//! Rendered text and a recipient to the bytes of a message.
//!
//! Headers follow RFC 8058 (one-click unsubscribing: an HTTPS link in `List-Unsubscribe`, the exact
//! `List-Unsubscribe-Post`, both signed), RFC 2919 (`List-Id`) and what Gmail asks of bulk senders (`Feedback-ID`). The
//! message id and the boundary come from campaign and reader, so that the same mail always has the same ones.

use std::sync::Arc;

use lettre::Address;
use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Body, Mailbox, Message, MultiPart, MultiPartKind, SinglePart};
use rollcall_rules::Instant;

use super::dkim::Dkim;
use super::template::Rendered;
use crate::error::ActivateError;

#[cfg(test)]
mod tests;

/// Who sends.
#[derive(Debug)]
pub struct Sender {
    from: Mailbox,
    organisation: String,
    dkim: Option<Arc<Dkim>>,
}

/// What a message needs beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageContext<'a> {
    /// Where to.
    pub address: &'a str,
    /// The campaign's id.
    pub campaign: &'a str,
    /// The reader's name from [`super::UnsubscribeKey::reader`].
    pub reader: &'a str,
    /// Complete URL of the page and one-click target.
    pub unsubscribe_url: &'a str,
    /// The `Date` header.
    pub date: Instant,
}

/// A message as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// Envelope: one sender, one recipient.
    pub envelope: Envelope,
    /// Headers and body.
    pub bytes: Vec<u8>,
    /// The `Message-ID`, angle brackets included.
    pub message_id: String,
}

impl Sender {
    /// `name` may be empty; `organisation` names the sending streams to mail providers.
    ///
    /// # Errors
    /// The address is not one, or the name holds a line end.
    pub fn new(name: &str, address: &str, organisation: &str, dkim: Option<Arc<Dkim>>) -> Result<Sender, ActivateError> {
        if name.chars().chain(organisation.chars()).any(char::is_control) {
            return Err(ActivateError::Address("The sender's name is more than one line.".to_owned()));
        }
        let parsed: Address =
            address.trim().parse().map_err(|_| ActivateError::Address(format!("{address} is not an e-mail address.")))?;
        let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        Ok(Sender { from: Mailbox::new(name, parsed), organisation: organisation.to_owned(), dkim })
    }

    /// The message.
    ///
    /// # Errors
    /// The recipient's address is not one, or the link holds what a header cannot.
    pub fn message(&self, rendered: &Rendered, context: &MessageContext<'_>) -> Result<OutgoingMessage, ActivateError> {
        let to: Address =
            context.address.trim().parse().map_err(|_| ActivateError::Address("the stored address is not one".to_owned()))?;
        let domain = self.from.email.domain();
        let (campaign, reader) = (atom(context.campaign), atom(context.reader));
        let message_id = format!("<{campaign}.{reader}@{domain}>");
        let (content_type, body) = alternatives(rendered, format!("=_{campaign}.{reader}"));
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(rendered.subject.as_str())
            .date(date(context.date))
            .message_id(Some(message_id.clone()))
            .raw_header(ready("List-Unsubscribe", format!("<{}>", link(context.unsubscribe_url)?)))
            .raw_header(ready("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()))
            .raw_header(ready("List-Id", format!("<campaigns.{domain}>")))
            .raw_header(ready("Feedback-ID", format!("{campaign}:campaign:rollcall:{}", atom(&self.organisation))))
            .envelope(
                Envelope::new(Some(self.from.email.clone()), vec![to])
                    .map_err(|error| ActivateError::Address(error.to_string()))?,
            )
            .header(MIME_VERSION_1_0)
            .header(content_type)
            .body(body)
            .map_err(|error| ActivateError::Address(error.to_string()))?;
        if let Some(dkim) = &self.dkim {
            dkim.sign(&mut message);
        }
        Ok(OutgoingMessage { envelope: message.envelope().clone(), bytes: message.formatted(), message_id })
    }
}

/// The body and its type. The type becomes a header of the message itself and not of its topmost part, since lettre
/// signs only headers of the message.
fn alternatives(rendered: &Rendered, boundary: String) -> (ContentType, Body) {
    let parts = MultiPart::builder()
        .kind(MultiPartKind::Alternative)
        .boundary(boundary)
        .singlepart(part(ContentType::TEXT_PLAIN, &rendered.text))
        .singlepart(part(ContentType::TEXT_HTML, &rendered.html));
    let content_type = parts.headers().get::<ContentType>().unwrap_or(ContentType::TEXT_PLAIN);
    let mut bytes = parts.formatted();
    let start = bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |end| end + 4);
    bytes.drain(..start);
    // Every part is encoded in lines of 7-bit text already.
    (content_type, Body::dangerous_pre_encoded(bytes, ContentTransferEncoding::SevenBit))
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    SinglePart::builder().header(kind).body(text.to_owned())
}

fn date(instant: Instant) -> std::time::SystemTime {
    let seconds = u64::try_from(instant.0.div_euclid(1_000_000)).unwrap_or(0);
    std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)
}

/// A header that is printable ASCII already and must not be folded inside.
fn ready(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(HeaderName::new_from_ascii_str(name), value.clone(), value)
}

/// Checks that a URL can stand in a header as it is.
fn link(url: &str) -> Result<&str, ActivateError> {
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b',' | b'"'));
    if plain && url.len() < 900 && (url.starts_with("https://") || url.starts_with("http://")) {
        Ok(url)
    } else {
        Err(ActivateError::Address("the link to unsubscribe cannot stand in a header".to_owned()))
    }
}

/// Letters, digits, `-` and `_` of a text: safe in message ids, boundaries and header values.
fn atom(text: &str) -> String {
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || "-_".contains(letter) { letter } else { '-' };
    text.chars().take(40).map(safe).collect()
}
