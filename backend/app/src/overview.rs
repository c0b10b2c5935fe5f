//! The state of everything in one answer.

use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::error::Result;
use crate::view::time;

/// How far the data has been taken in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WatermarkView {
    /// Last record taken in.
    pub seq: u64,
    /// Last record acknowledged.
    pub log_end: u64,
    /// When the last flush to the lake was complete.
    pub flushed_at: Option<String>,
    /// Last record in the lake.
    pub flushed_seq: u64,
}

/// The state of everything.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OverviewView {
    /// Organisation.
    pub organisation: String,
    /// Users known now: the population of every count.
    pub users_known: u64,
    /// Events of known users up to now.
    pub events_accepted: u64,
    /// Accepted events without a user id: kept, counted apart, in no segment.
    pub events_anonymous: u64,
    /// Segments outside the trash.
    pub segments: u64,
    /// Sources.
    pub sources: u64,
    /// How far the data has been taken in.
    pub watermark: WatermarkView,
    /// From when on there are events.
    pub oldest_event_at: Option<String>,
    /// The newest event.
    pub newest_event_at: Option<String>,
    /// Events since the start of the server whose time lay in the future and was set to the time of receipt.
    pub events_clamped: u64,
    /// Whether a mail server is set up: without one, campaigns can be written but not sent.
    pub mail_ready: bool,
    /// Why take-in stands still, if it does.
    pub take_in_error: Option<String>,
}

impl App {
    /// The state of everything.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub async fn overview(&self, caller: &Caller) -> Result<OverviewView> {
        caller.require(Permission::ReadOverview)?;
        let engine = self.engine.clone();
        let now = self.now();
        let summary = tokio::task::spawn_blocking(move || engine.summary(now)).await?;
        let totals = self.take_in.ledger_totals(None).await?;
        let checkpoint = self.store.checkpoint().await?;
        let take_in = self.take_in.status();
        Ok(OverviewView {
            organisation: self.organisation.clone(),
            users_known: summary.users,
            events_accepted: summary.events,
            events_anonymous: totals.anonymous,
            segments: self.book.len() as u64,
            sources: self.store.sources().await?.len() as u64,
            watermark: WatermarkView {
                seq: summary.watermark,
                log_end: self.log.end().saturating_sub(1),
                flushed_at: checkpoint.taken_in_at.map(time),
                flushed_seq: checkpoint.seq,
            },
            oldest_event_at: summary.oldest_event.map(|at| time(at.0)),
            newest_event_at: summary.newest_event.map(|at| time(at.0)),
            events_clamped: take_in.clamped,
            mail_ready: !self.config.smtp.host.is_empty(),
            take_in_error: take_in.last_error,
        })
    }
}
