//! E-mail: a template and a person to a message, and a message to a mail server.
//!
//! Data flow: [`EmailTemplate`] (subject and body, checked once; MJML turned into HTML once) + [`Person`] ->
//! [`Rendered`] (subject, HTML, plain text, warnings) -> [`Sender::message`] (headers, unsubscribing, DKIM) ->
//! [`Transport::send`] -> [`Delivery`], which says not only whether it worked but whether it may be tried again.

mod dkim;
mod message;
mod person;
mod plain;
mod smtp;
mod template;
mod token;
mod transport;

pub use dkim::Dkim;
pub use message::{MessageContext, OutgoingMessage, Sender};
pub use person::Person;
pub use plain::plain_text;
pub use smtp::{SmtpSettings, SmtpTransport, TlsMode, reply_code};
pub use template::{BodyFormat, EmailTemplate, Rendered, TemplateFault};
pub use token::UnsubscribeKey;
pub use transport::{Delivery, Transport};
