//! Builds: one row per evaluation of a segment, numbered within the segment without gaps, never changed.
//!
//! The members themselves are beside them ([`crate::members`]). The last build of each UTC day is also noted by day, so
//! that charts and day-to-day changes do not read every build.

use rollcall_rules::Day;
use serde_json::Value;
use sqlx::any::AnyRow;

use crate::database::{Store, WriteTransaction};
use crate::error::StoreError;
use crate::ids::{BuildId, SegmentId};
use crate::members::{self, MembersPayload};
use crate::page::{Page, one_more};
use crate::row::{Columns, signed};

const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// One evaluation of a segment version at one instant and watermark.
#[derive(Debug, Clone, PartialEq)]
pub struct Build {
    /// Id.
    pub id: BuildId,
    /// The segment.
    pub segment_id: SegmentId,
    /// Place among the segment's builds, from 1.
    pub number: u64,
    /// The version that was evaluated.
    pub segment_version: u64,
    /// The rule of that version.
    pub rule: Value,
    /// What stood for "now".
    pub instant: i64,
    /// The last record that was taken in.
    pub watermark_seq: u64,
    /// Members.
    pub count: u64,
    /// Digest over the sorted user ids.
    pub digest: String,
    /// Users known.
    pub population: u64,
    /// Events up to the instant.
    pub events: u64,
    /// Members that the build before did not have.
    pub added: u64,
    /// Members of the build before that this one does not have.
    pub removed: u64,
    /// What else the evaluation depended on (versions of lists, rules of referenced segments), for those who repeat it.
    pub inputs: Value,
    /// How long it took.
    pub cost_ms: u64,
    /// When the row was written.
    pub created_at: i64,
}

/// A build to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBuild {
    /// Id.
    pub id: BuildId,
    /// The segment.
    pub segment_id: SegmentId,
    /// The build that `added`, `removed` and a delta refer to: the latest one that the caller saw.
    pub previous: Option<BuildId>,
    /// The version that was evaluated.
    pub segment_version: u64,
    /// What stood for "now".
    pub instant: i64,
    /// The last record that was taken in.
    pub watermark_seq: u64,
    /// Members.
    pub count: u64,
    /// Digest over the sorted user ids.
    pub digest: String,
    /// Users known.
    pub population: u64,
    /// Events up to the instant.
    pub events: u64,
    /// Members that the build before did not have.
    pub added: u64,
    /// Members of the build before that this one does not have.
    pub removed: u64,
    /// What else the evaluation depended on.
    pub inputs: Value,
    /// How long it took.
    pub cost_ms: u64,
    /// The members.
    pub members: MembersPayload,
}

/// A point of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPoint {
    /// Instant of the build.
    pub at: i64,
    /// Members.
    pub count: u64,
    /// Segment version.
    pub version: u64,
    /// The build.
    pub build_id: BuildId,
}

/// The last build of a UTC day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    /// The segment.
    pub segment_id: SegmentId,
    /// Day of the build's instant.
    pub day: Day,
    /// Members.
    pub count: u64,
    /// The build.
    pub build_id: BuildId,
}

/// `SELECT` of builds with the given end, as one static text.
macro_rules! select {
    ($end:literal) => {
        concat!(
            "SELECT builds.*, segment_versions.rule AS rule FROM builds JOIN segment_versions \
             ON segment_versions.segment_id = builds.segment_id \
             AND segment_versions.version = builds.segment_version ",
            $end
        )
    };
}

impl Store {
    /// Stores a build as the segment's latest. `None` if the segment or its version is not there.
    ///
    /// # Errors
    /// `Conflict("build_previous_changed")` if the latest build is not `previous`: evaluate or compare again.
    pub async fn insert_build(&self, build: NewBuild, now: i64) -> Result<Option<Build>, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(number) = next_number(&mut transaction, &build.segment_id).await? else {
            return Ok(None);
        };
        let latest = sqlx::query("SELECT id FROM builds WHERE segment_id = $1 AND number = $2")
            .bind(build.segment_id.as_str())
            .bind(signed(number)? - 1)
            .fetch_optional(&mut *transaction)
            .await?;
        if latest.map(|row| row.id("id")).transpose()? != build.previous {
            return Err(StoreError::Conflict("build_previous_changed"));
        }
        insert_row(&mut transaction, &build, number, now).await?;
        members::insert(&mut transaction, &build.id, &build.members).await?;
        note_day(&mut transaction, &build).await?;
        let row = sqlx::query(select!("WHERE builds.id = $1")).bind(build.id.as_str()).fetch_optional(&mut *transaction).await?;
        let Some(stored) = row.as_ref().map(read).transpose()? else {
            return Ok(None);
        };
        transaction.commit().await?;
        Ok(Some(stored))
    }

    /// The build of an id.
    pub async fn build(&self, id: &BuildId) -> Result<Option<Build>, StoreError> {
        let query = sqlx::query(select!("WHERE builds.id = $1")).bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// The latest build of a segment.
    pub async fn latest_build(&self, segment: &SegmentId) -> Result<Option<Build>, StoreError> {
        let row = sqlx::query(select!("WHERE builds.segment_id = $1 ORDER BY builds.number DESC LIMIT 1"))
            .bind(segment.as_str())
            .fetch_optional(self.reader())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// The latest build of every segment that has one, by segment id.
    pub async fn latest_builds(&self) -> Result<Vec<Build>, StoreError> {
        let rows = sqlx::query(select!(
            "JOIN segments ON segments.id = builds.segment_id AND segments.build_number = builds.number \
             ORDER BY builds.segment_id"
        ))
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(read).collect()
    }

    /// The builds of a segment, newest first; `before` is the number of the last build of the page before.
    pub async fn builds(&self, segment: &SegmentId, before: Option<u64>, limit: u32) -> Result<Page<Build, u64>, StoreError> {
        let rows =
            sqlx::query(select!("WHERE builds.segment_id = $1 AND builds.number < $2 ORDER BY builds.number DESC LIMIT $3"))
                .bind(segment.as_str())
                .bind(before.map_or(Ok(i64::MAX), signed)?)
                .bind(one_more(limit))
                .fetch_all(self.reader())
                .await?;
        let builds = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page::of(builds, limit, |build| build.number))
    }

    /// Points of the chart from `from` to `to` (both included), oldest first. With more than `at_most` builds only every
    /// n-th is given, counted back from the newest.
    pub async fn history(&self, segment: &SegmentId, from: i64, to: i64, at_most: u32) -> Result<Vec<HistoryPoint>, StoreError> {
        let span = sqlx::query(
            "SELECT COUNT(*) AS number, COALESCE(MAX(number), 0) AS last FROM builds \
             WHERE segment_id = $1 AND instant >= $2 AND instant <= $3",
        )
        .bind(segment.as_str())
        .bind(from)
        .bind(to)
        .fetch_one(self.reader())
        .await?;
        let step = span.count("number")?.div_ceil(u64::from(at_most.max(1))).max(1);
        let rows = sqlx::query(
            "SELECT id, instant, member_count, segment_version FROM builds WHERE segment_id = $1 AND instant >= $2 \
             AND instant <= $3 AND number <= $4 AND ($4 - number) % $5 = 0 ORDER BY number",
        )
        .bind(segment.as_str())
        .bind(from)
        .bind(to)
        .bind(span.integer("last")?)
        .bind(signed(step)?)
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(read_point).collect()
    }

    /// The last build of each day from a day on, of one segment or of all; by segment, oldest day first.
    pub async fn day_counts(&self, segment: Option<&SegmentId>, from: Day) -> Result<Vec<DayCount>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM segment_days WHERE day >= $1 AND (segment_id = $2 OR $2 = '') ORDER BY segment_id, day")
                .bind(i64::from(from.0))
                .bind(segment.map_or("", SegmentId::as_str))
                .fetch_all(self.reader())
                .await?;
        rows.iter().map(read_day).collect()
    }
}

/// The number of the next build. The update also locks the segment against other builds until commit.
async fn next_number(transaction: &mut WriteTransaction, segment: &SegmentId) -> Result<Option<u64>, StoreError> {
    let row = sqlx::query("UPDATE segments SET build_number = build_number + 1 WHERE id = $1 RETURNING build_number")
        .bind(segment.as_str())
        .fetch_optional(&mut **transaction)
        .await?;
    row.map(|row| row.count("build_number")).transpose()
}

async fn insert_row(transaction: &mut WriteTransaction, build: &NewBuild, number: u64, now: i64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO builds (id, segment_id, number, segment_version, instant, watermark_seq, member_count, digest, \
         population, events, added, removed, inputs, cost_ms, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(build.id.as_str())
    .bind(build.segment_id.as_str())
    .bind(signed(number)?)
    .bind(signed(build.segment_version)?)
    .bind(build.instant)
    .bind(signed(build.watermark_seq)?)
    .bind(signed(build.count)?)
    .bind(&build.digest)
    .bind(signed(build.population)?)
    .bind(signed(build.events)?)
    .bind(signed(build.added)?)
    .bind(signed(build.removed)?)
    .bind(build.inputs.to_string())
    .bind(signed(build.cost_ms)?)
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn note_day(transaction: &mut WriteTransaction, build: &NewBuild) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO segment_days (segment_id, day, member_count, build_id) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (segment_id, day) DO UPDATE SET member_count = excluded.member_count, build_id = excluded.build_id",
    )
    .bind(build.segment_id.as_str())
    .bind(build.instant.div_euclid(MICROSECONDS_PER_DAY))
    .bind(signed(build.count)?)
    .bind(build.id.as_str())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

fn read(row: &AnyRow) -> Result<Build, StoreError> {
    Ok(Build {
        id: row.id("id")?,
        segment_id: row.id("segment_id")?,
        number: row.count("number")?,
        segment_version: row.count("segment_version")?,
        rule: row.json("rule")?,
        instant: row.integer("instant")?,
        watermark_seq: row.count("watermark_seq")?,
        count: row.count("member_count")?,
        digest: row.text("digest")?,
        population: row.count("population")?,
        events: row.count("events")?,
        added: row.count("added")?,
        removed: row.count("removed")?,
        inputs: row.json("inputs")?,
        cost_ms: row.count("cost_ms")?,
        created_at: row.integer("created_at")?,
    })
}

fn read_point(row: &AnyRow) -> Result<HistoryPoint, StoreError> {
    Ok(HistoryPoint {
        at: row.integer("instant")?,
        count: row.count("member_count")?,
        version: row.count("segment_version")?,
        build_id: row.id("id")?,
    })
}

fn read_day(row: &AnyRow) -> Result<DayCount, StoreError> {
    let day = i32::try_from(row.integer("day")?).map_err(|_| StoreError::Corrupt("a build's day".to_owned()))?;
    Ok(DayCount {
        segment_id: row.id("segment_id")?,
        day: Day(day),
        count: row.count("member_count")?,
        build_id: row.id("build_id")?,
    })
}
