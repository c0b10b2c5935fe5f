//! Builds of a segment and its size over time.

use rollcall_store::{Build, BuildId, SegmentId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Result};
use crate::view::time;

/// One evaluation of one segment version at one instant and watermark.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BuildView {
    /// Id.
    pub id: String,
    /// Segment.
    pub segment_id: String,
    /// Version that was evaluated.
    pub segment_version: u64,
    /// What stood for "now".
    pub instant: String,
    /// Everything up to this record had been taken in.
    pub watermark_seq: u64,
    /// Members.
    pub count: u64,
    /// Digest over the sorted user ids.
    pub digest: String,
    /// Users known at the instant.
    pub population: u64,
    /// Events up to the instant.
    pub events: u64,
    /// Members that the build before did not have.
    pub added: u64,
    /// Members of the build before that are gone.
    pub removed: u64,
    /// How long it took, milliseconds.
    pub cost_ms: u64,
    /// When it was stored.
    pub created_at: String,
    /// The rule that was evaluated.
    #[schema(value_type = Object)]
    pub rule: Value,
}

/// Builds, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BuildsPage {
    /// This page.
    pub items: Vec<BuildView>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
}

/// A point of the size chart.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PointView {
    /// Instant of the build.
    pub at: String,
    /// Members from then on.
    pub count: u64,
    /// Segment version.
    pub version: u64,
    /// The build.
    pub build_id: String,
}

/// Size over time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HistoryView {
    /// Oldest first.
    pub points: Vec<PointView>,
}

/// Most points of a chart; with more builds, evenly chosen ones.
const CHART_POINTS: u32 = 500;

pub(crate) fn view(build: Build) -> BuildView {
    BuildView {
        id: build.id.into_string(),
        segment_id: build.segment_id.into_string(),
        segment_version: build.segment_version,
        instant: time(build.instant),
        watermark_seq: build.watermark_seq,
        count: build.count,
        digest: build.digest,
        population: build.population,
        events: build.events,
        added: build.added,
        removed: build.removed,
        cost_ms: build.cost_ms,
        created_at: time(build.created_at),
        rule: build.rule,
    }
}

impl App {
    /// Forgets the members of builds that are too old, now and once a day, until told to stop.
    pub(crate) async fn run_pruning(self) {
        const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);
        let mut stop = self.stopping.subscribe();
        let kept = i64::from(self.config.refresh.keep_builds_days) * 86_400_000_000;
        while !self.is_stopping() {
            match self.store.prune_members(self.now().0 - kept).await {
                Ok(0) => {}
                Ok(builds) => tracing::info!(builds, "members of old builds were forgotten"),
                Err(error) => tracing::warn!(%error, "members of old builds could not be forgotten; it is tried again tomorrow"),
            }
            tokio::select! {
                () = tokio::time::sleep(DAY) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Builds a segment now.
    ///
    /// # Errors
    /// No such segment; its rule can no longer be evaluated.
    pub async fn build_segment(&self, caller: &Caller, id: &str) -> Result<BuildView> {
        caller.require(Permission::EditSegments)?;
        let id = SegmentId::new(id);
        self.entry(id.as_str())?;
        let build = self.build_now(&id).await?;
        self.record(caller, "segment.build", "segment", id.as_str(), serde_json::json!({"build_id": build.id.as_str()})).await?;
        Ok(view(build))
    }

    /// Builds, newest first.
    ///
    /// # Errors
    /// No such segment.
    pub async fn segment_builds(&self, caller: &Caller, id: &str, cursor: Option<String>, limit: u32) -> Result<BuildsPage> {
        caller.require(Permission::ReadSegments)?;
        let before = cursor
            .map(|cursor| cursor.parse::<u64>())
            .transpose()
            .map_err(|_| AppError::field("", "bad_cursor", "This cursor is not one of ours."))?;
        let page = self.store.builds(&SegmentId::new(id), before, limit.clamp(1, 500)).await?;
        Ok(BuildsPage { items: page.items.into_iter().map(view).collect(), next_cursor: page.next.map(|next| next.to_string()) })
    }

    /// Size over time between two instants (microseconds).
    ///
    /// # Errors
    /// No such segment.
    pub async fn segment_history(&self, caller: &Caller, id: &str, from: Option<i64>, to: Option<i64>) -> Result<HistoryView> {
        caller.require(Permission::ReadSegments)?;
        let (from, to) = (from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX));
        let points = self.store.history(&SegmentId::new(id), from, to, CHART_POINTS).await?;
        let points = points.into_iter().map(|point| PointView {
            at: time(point.at),
            count: point.count,
            version: point.version,
            build_id: point.build_id.into_string(),
        });
        Ok(HistoryView { points: points.collect() })
    }

    pub(crate) async fn stored_build(&self, id: &str) -> Result<Build> {
        self.store.build(&BuildId::new(id)).await?.ok_or_else(|| AppError::not_found("build"))
    }
}
