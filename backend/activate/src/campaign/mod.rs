//! Campaigns: queueing recipients, sending to each at most once, saying how far it is.
//!
//! States of a recipient are the store's: queued -> sending -> sent, failed or unknown; sending -> queued again only when
//! the mail server certainly does not have the message. [`Runner`] moves them; [`recover`] deals with what a crash left.

mod queue;
mod report;
mod runner;

pub use queue::{drops, queue_recipients, recover};
pub use report::{CampaignReport, report};
pub use runner::{Composed, Composer, Ending, Progress, Retry, Runner};

#[cfg(test)]
mod tests;
