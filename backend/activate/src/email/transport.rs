//! What a mail server makes of a message.

use async_trait::async_trait;

use super::message::OutgoingMessage;

/// How handing over a message ended. The difference between the variants is whether the server can have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The server took it.
    Accepted,
    /// The server refused it for good (5xx).
    Refused {
        /// What it said.
        detail: String,
    },
    /// The server refused it for now (4xx): it does not have it.
    Deferred {
        /// What it said.
        detail: String,
    },
    /// The server could not be reached or would not talk, whoever the message is for: it does not have it.
    Unreachable {
        /// Why.
        detail: String,
    },
    /// The connection broke after the message was on its way: nobody knows.
    Unknown {
        /// How.
        detail: String,
    },
}

/// Hands messages to a mail server.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Hands over one message. Never tries twice by itself.
    async fn send(&self, message: &OutgoingMessage) -> Delivery;
}
