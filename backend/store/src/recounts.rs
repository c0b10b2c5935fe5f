//! Recounts: a past build evaluated again by the second path over raw events, and whether the two agree.

use sqlx::any::AnyRow;

use crate::database::Store;
use crate::error::StoreError;
use crate::ids::{BuildId, RecountId, SegmentId};
use crate::row::{Columns, signed, to_json};
use crate::words::words;

words! {
    /// Where a recount stands.
    RecountState {
        /// Waiting.
        Queued = "queued",
        /// Being counted.
        Running = "running",
        /// Counted.
        Done = "done",
        /// Could not be counted.
        Failed = "failed",
    }
}

/// A set, as one of the two paths found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecountSide {
    /// Users.
    pub count: u64,
    /// Digest over the sorted user ids.
    pub digest: String,
}

/// What a recount found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecountOutcome {
    /// What the second path found.
    pub lake: RecountSide,
    /// Whether the digests are the same.
    pub agree: bool,
    /// Some of the users that only the engine has.
    pub only_engine: Vec<String>,
    /// Some of the users that only the lake has.
    pub only_lake: Vec<String>,
    /// How many only the engine has.
    pub only_engine_count: u64,
    /// How many only the lake has.
    pub only_lake_count: u64,
    /// How long it took.
    pub cost_ms: u64,
}

/// A recount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recount {
    /// Id.
    pub id: RecountId,
    /// The segment.
    pub segment_id: SegmentId,
    /// The build that is checked.
    pub build_id: BuildId,
    /// What stood for "now" in that build.
    pub instant: i64,
    /// Its watermark.
    pub watermark_seq: u64,
    /// What it found, by the engine.
    pub engine: RecountSide,
    /// Where the recount stands.
    pub state: RecountState,
    /// What it found, when done.
    pub outcome: Option<RecountOutcome>,
    /// Why it failed.
    pub error: Option<String>,
    /// Who asked: an account, a key, or the scheduler.
    pub requested_by: String,
    /// When it was asked for.
    pub created_at: i64,
    /// When it began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub finished_at: Option<i64>,
}

/// A recount to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecount {
    /// Id.
    pub id: RecountId,
    /// The build to check.
    pub build_id: BuildId,
    /// Who asks.
    pub requested_by: String,
}

/// `SELECT` of recounts with the given end, as one static text.
macro_rules! select {
    ($end:literal) => {
        concat!(
            "SELECT recounts.*, builds.segment_id, builds.instant, builds.watermark_seq, builds.member_count, \
             builds.digest FROM recounts JOIN builds ON builds.id = recounts.build_id ",
            $end
        )
    };
}

impl Store {
    /// Queues a recount. `None` if the build is not there.
    pub async fn create_recount(&self, recount: NewRecount, now: i64) -> Result<Option<Recount>, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO recounts (id, build_id, state, requested_by, created_at) \
             SELECT $1, builds.id, 'queued', $3, $4 FROM builds WHERE builds.id = $2",
        )
        .bind(recount.id.as_str())
        .bind(recount.build_id.as_str())
        .bind(&recount.requested_by)
        .bind(now)
        .execute(self.writer())
        .await?;
        if inserted.rows_affected() == 0 { Ok(None) } else { self.recount(&recount.id).await }
    }

    /// The recount of an id.
    pub async fn recount(&self, id: &RecountId) -> Result<Option<Recount>, StoreError> {
        let query = sqlx::query(select!("WHERE recounts.id = $1")).bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// The newest recounts of one segment, or of all, newest first.
    pub async fn recounts(&self, segment: Option<&SegmentId>, limit: u32) -> Result<Vec<Recount>, StoreError> {
        let rows = sqlx::query(select!(
            "WHERE builds.segment_id = $1 OR $1 = '' ORDER BY recounts.created_at DESC, recounts.id DESC LIMIT $2"
        ))
        .bind(segment.map_or("", SegmentId::as_str))
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(read).collect()
    }

    /// The oldest recount that waits.
    pub async fn next_recount(&self) -> Result<Option<Recount>, StoreError> {
        let row = sqlx::query(select!("WHERE recounts.state = 'queued' ORDER BY recounts.created_at, recounts.id LIMIT 1"))
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Starts a waiting recount. False if another has, or it is not there.
    pub async fn start_recount(&self, id: &RecountId, now: i64) -> Result<bool, StoreError> {
        let query = sqlx::query("UPDATE recounts SET state = 'running', started_at = $2 WHERE id = $1 AND state = 'queued'");
        Ok(query.bind(id.as_str()).bind(now).execute(self.writer()).await?.rows_affected() == 1)
    }

    /// Notes what a running recount found. False if it is not running.
    pub async fn finish_recount(&self, id: &RecountId, outcome: &RecountOutcome, now: i64) -> Result<bool, StoreError> {
        let finished = sqlx::query(
            "UPDATE recounts SET state = 'done', lake_count = $2, lake_digest = $3, agree = $4, only_engine = $5, \
             only_lake = $6, only_engine_count = $7, only_lake_count = $8, cost_ms = $9, finished_at = $10 \
             WHERE id = $1 AND state = 'running'",
        )
        .bind(id.as_str())
        .bind(signed(outcome.lake.count)?)
        .bind(&outcome.lake.digest)
        .bind(i64::from(outcome.agree))
        .bind(to_json(&outcome.only_engine)?)
        .bind(to_json(&outcome.only_lake)?)
        .bind(signed(outcome.only_engine_count)?)
        .bind(signed(outcome.only_lake_count)?)
        .bind(signed(outcome.cost_ms)?)
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(finished.rows_affected() == 1)
    }

    /// Notes that a recount could not be made. False if it has ended or is not there.
    pub async fn fail_recount(&self, id: &RecountId, error: &str, now: i64) -> Result<bool, StoreError> {
        let failed = sqlx::query(
            "UPDATE recounts SET state = 'failed', error = $2, finished_at = $3 \
             WHERE id = $1 AND state IN ('queued', 'running')",
        )
        .bind(id.as_str())
        .bind(error)
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(failed.rows_affected() == 1)
    }

    /// Queues again what was running when the process ended: to be called before the first recount starts.
    pub async fn requeue_recounts(&self) -> Result<u64, StoreError> {
        let query = sqlx::query("UPDATE recounts SET state = 'queued', started_at = NULL WHERE state = 'running'");
        Ok(query.execute(self.writer()).await?.rows_affected())
    }
}

fn read(row: &AnyRow) -> Result<Recount, StoreError> {
    let state = row.word("state")?;
    Ok(Recount {
        id: row.id("id")?,
        segment_id: row.id("segment_id")?,
        build_id: row.id("build_id")?,
        instant: row.integer("instant")?,
        watermark_seq: row.count("watermark_seq")?,
        engine: RecountSide { count: row.count("member_count")?, digest: row.text("digest")? },
        state,
        outcome: if state == RecountState::Done { Some(read_outcome(row)?) } else { None },
        error: row.optional_text("error")?,
        requested_by: row.text("requested_by")?,
        created_at: row.integer("created_at")?,
        started_at: row.optional_integer("started_at")?,
        finished_at: row.optional_integer("finished_at")?,
    })
}

fn read_outcome(row: &AnyRow) -> Result<RecountOutcome, StoreError> {
    Ok(RecountOutcome {
        lake: RecountSide { count: row.count("lake_count")?, digest: row.text("lake_digest")? },
        agree: row.flag("agree")?,
        only_engine: row.json("only_engine")?,
        only_lake: row.json("only_lake")?,
        only_engine_count: row.count("only_engine_count")?,
        only_lake_count: row.count("only_lake_count")?,
        cost_ms: row.count("cost_ms")?,
    })
}
