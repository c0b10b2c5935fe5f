//! Activation: who may leave on a list, and the ways out: files for ad servers, e-mail for people.
//!
//! Data flow: members of a build -> [`consent::waterfall`] (no consent, suppressed, no address, duplicate address: each a
//! named set) -> deliverable members -> either [`formats`] (CSV, NDJSON, Parquet or roaring, streamed) or a campaign:
//! [`campaign::queue_recipients`] -> [`campaign::Runner`], which for each recipient claims, checks consent again, renders
//! ([`email::EmailTemplate`]), builds the message ([`email::Sender`]) and hands it to a [`email::Transport`].
//!
//! Nobody is mailed twice: a recipient's claim is on disk before the mail server is spoken to, and a claim whose end is
//! not known is never tried again.

pub mod campaign;
pub mod consent;
pub mod email;
pub mod error;
pub mod formats;

pub use consent::{Purpose, Waterfall};
pub use error::ActivateError;
pub use formats::Format;
