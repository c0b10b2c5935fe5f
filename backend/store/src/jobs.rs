//! Background jobs: queued, claimed under a lease, done or tried again.
//!
//! queued -> running -> done or failed; running -> queued (retry); queued or running -> cancelled. A running job whose
//! lease ran out may be claimed by another worker; the first one's reports are refused from then on, since every report
//! names the attempt. Of each (kind, key) at most one job is queued or running.

use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use crate::database::Store;
use crate::error::StoreError;
use crate::ids::JobId;
use crate::row::{Columns, placeholders, signed};
use crate::words::words;

words! {
    /// Where a job stands.
    JobState {
        /// Waiting.
        Queued = "queued",
        /// Claimed by a worker.
        Running = "running",
        /// Ended well.
        Done = "done",
        /// Given up.
        Failed = "failed",
        /// Called off.
        Cancelled = "cancelled",
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Id.
    pub id: JobId,
    /// What to do, a stable word.
    pub kind: String,
    /// To what; unique per kind among queued and running jobs.
    pub key: String,
    /// What the worker needs to know.
    pub payload: Value,
    /// Where it stands.
    pub state: JobState,
    /// How far it has come, as the worker says; JSON null before it says anything.
    pub progress: Value,
    /// How often it was claimed. Names the attempt in the worker's reports.
    pub attempts: u64,
    /// Not before.
    pub run_after: i64,
    /// Until when the claim holds.
    pub lease_until: Option<i64>,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// When it was queued.
    pub created_at: i64,
    /// When it was first claimed.
    pub started_at: Option<i64>,
    /// When it ended.
    pub finished_at: Option<i64>,
}

/// A job to be queued.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Id.
    pub id: JobId,
    /// What to do.
    pub kind: String,
    /// To what.
    pub key: String,
    /// What the worker needs to know.
    pub payload: Value,
    /// Not before.
    pub run_after: i64,
}

/// Which jobs to list; `None` does not filter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobFilter<'a> {
    /// Only of this kind.
    pub kind: Option<&'a str>,
    /// Only with this key.
    pub key: Option<&'a str>,
    /// Only in this state.
    pub state: Option<JobState>,
}

impl Store {
    /// Queues a job. If one of the same kind and key is queued or running, that one is returned, and `false`.
    pub async fn enqueue_job(&self, job: NewJob, now: i64) -> Result<(Job, bool), StoreError> {
        let mut transaction = self.begin().await?;
        let inserted = sqlx::query(
            "INSERT INTO jobs (id, kind, key, payload, state, progress, run_after, created_at) \
             VALUES ($1, $2, $3, $4, 'queued', 'null', $5, $6) \
             ON CONFLICT (kind, key) WHERE state IN ('queued', 'running') DO NOTHING",
        )
        .bind(job.id.as_str())
        .bind(&job.kind)
        .bind(&job.key)
        .bind(job.payload.to_string())
        .bind(job.run_after)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        let row = sqlx::query("SELECT * FROM jobs WHERE kind = $1 AND key = $2 AND state IN ('queued', 'running')")
            .bind(&job.kind)
            .bind(&job.key)
            .fetch_optional(&mut *transaction)
            .await?;
        transaction.commit().await?;
        // Between the two statements the other job may have ended (PostgreSQL only): the caller tries again.
        let found = row.as_ref().map(read).transpose()?.ok_or(StoreError::Conflict("jobs_active_key"))?;
        Ok((found, inserted.rows_affected() == 1))
    }

    /// Claims the next job of some kinds until `lease_until`: the one that may run longest ago, or whose lease ran out.
    pub async fn claim_job(&self, kinds: &[&str], now: i64, lease_until: i64) -> Result<Option<Job>, StoreError> {
        let sql = format!(
            "WITH next AS MATERIALIZED (SELECT id FROM jobs WHERE kind IN ({}) AND \
             ((state = 'queued' AND run_after <= $1) OR (state = 'running' AND lease_until <= $1)) \
             ORDER BY run_after, id LIMIT 1 {}) \
             UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2, \
             started_at = COALESCE(started_at, $1) WHERE id = (SELECT id FROM next) RETURNING *",
            placeholders(3, kinds.len()),
            self.skip_locked()
        );
        let mut transaction = self.begin().await?;
        let mut query = sqlx::query(AssertSqlSafe(sql)).bind(now).bind(lease_until);
        for kind in kinds {
            query = query.bind(*kind);
        }
        let rows = query.fetch_all(&mut *transaction).await?;
        transaction.commit().await?;
        rows.first().map(read).transpose()
    }

    /// Keeps a claim and notes progress. False if the claim was lost or the job cancelled: stop working.
    pub async fn renew_job(&self, id: &JobId, attempt: u64, lease_until: i64, progress: &Value) -> Result<bool, StoreError> {
        let renewed =
            sqlx::query("UPDATE jobs SET lease_until = $3, progress = $4 WHERE id = $1 AND attempts = $2 AND state = 'running'")
                .bind(id.as_str())
                .bind(signed(attempt)?)
                .bind(lease_until)
                .bind(progress.to_string())
                .execute(self.writer())
                .await?;
        Ok(renewed.rows_affected() == 1)
    }

    /// Ends a job well. False if the claim was lost.
    pub async fn finish_job(&self, id: &JobId, attempt: u64, now: i64) -> Result<bool, StoreError> {
        self.end_job(id, attempt, JobState::Done, None, now).await
    }

    /// Gives a job up. False if the claim was lost.
    pub async fn fail_job(&self, id: &JobId, attempt: u64, error: &str, now: i64) -> Result<bool, StoreError> {
        self.end_job(id, attempt, JobState::Failed, Some(error), now).await
    }

    /// Puts a job back, to be tried again not before `run_after`. False if the claim was lost.
    pub async fn retry_job(&self, id: &JobId, attempt: u64, error: &str, run_after: i64) -> Result<bool, StoreError> {
        let updated = sqlx::query(
            "UPDATE jobs SET state = 'queued', error = $3, run_after = $4, lease_until = NULL \
             WHERE id = $1 AND attempts = $2 AND state = 'running'",
        )
        .bind(id.as_str())
        .bind(signed(attempt)?)
        .bind(error)
        .bind(run_after)
        .execute(self.writer())
        .await?;
        Ok(updated.rows_affected() == 1)
    }

    /// Calls off a job that waits or runs; its worker learns it from the next [`Store::renew_job`]. False if it has
    /// ended or is not there.
    pub async fn cancel_job(&self, id: &JobId, now: i64) -> Result<bool, StoreError> {
        let cancelled = sqlx::query(
            "UPDATE jobs SET state = 'cancelled', finished_at = $2, lease_until = NULL \
             WHERE id = $1 AND state IN ('queued', 'running')",
        )
        .bind(id.as_str())
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(cancelled.rows_affected() == 1)
    }

    /// The job of an id.
    pub async fn job(&self, id: &JobId) -> Result<Option<Job>, StoreError> {
        let query = sqlx::query("SELECT * FROM jobs WHERE id = $1").bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// The newest jobs, newest first.
    pub async fn jobs(&self, filter: JobFilter<'_>, limit: u32) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM jobs WHERE (kind = $1 OR $1 = '') AND (key = $2 OR $2 = '') AND (state = $3 OR $3 = '') \
             ORDER BY created_at DESC, id DESC LIMIT $4",
        )
        .bind(filter.kind.unwrap_or_default())
        .bind(filter.key.unwrap_or_default())
        .bind(filter.state.map_or("", JobState::as_str))
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(read).collect()
    }

    /// Deletes jobs that ended before an instant. Returns how many.
    pub async fn prune_jobs(&self, before: i64) -> Result<u64, StoreError> {
        let query = sqlx::query("DELETE FROM jobs WHERE finished_at < $1").bind(before);
        Ok(query.execute(self.writer()).await?.rows_affected())
    }

    async fn end_job(
        &self,
        id: &JobId,
        attempt: u64,
        state: JobState,
        error: Option<&str>,
        now: i64,
    ) -> Result<bool, StoreError> {
        let ended = sqlx::query(
            "UPDATE jobs SET state = $3, error = $4, finished_at = $5, lease_until = NULL \
             WHERE id = $1 AND attempts = $2 AND state = 'running'",
        )
        .bind(id.as_str())
        .bind(signed(attempt)?)
        .bind(state.as_str())
        .bind(error)
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(ended.rows_affected() == 1)
    }
}

fn read(row: &AnyRow) -> Result<Job, StoreError> {
    Ok(Job {
        id: row.id("id")?,
        kind: row.text("kind")?,
        key: row.text("key")?,
        payload: row.json("payload")?,
        state: row.word("state")?,
        progress: row.json("progress")?,
        attempts: row.count("attempts")?,
        run_after: row.integer("run_after")?,
        lease_until: row.optional_integer("lease_until")?,
        error: row.optional_text("error")?,
        created_at: row.integer("created_at")?,
        started_at: row.optional_integer("started_at")?,
        finished_at: row.optional_integer("finished_at")?,
    })
}
