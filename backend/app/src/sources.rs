//! Sources of events, their ledgers, what arrives at the moment, and what was put aside.

use std::collections::HashMap;

use rollcall_collect::LiveRecord;
use rollcall_lake::QuarantineFilter;
use rollcall_rules::Day;
use rollcall_store::{LedgerCounts, NewSource, Source, SourceChange, SourceId};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::ambient::{new_id, new_secret};
use crate::error::{AppError, Code, Result};
use crate::health::{UnhealthyDayView, unhealthy_days};
use crate::view::{time, without_write_key};

/// A source of events.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SourceView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Key that its SDKs send; shown to administrators. Not a secret: it stands in the source of web pages and can only write.
    pub write_key: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// Refuses events.
    pub disabled: bool,
    /// Records received today (UTC).
    pub received_today: u64,
    /// Of these, accepted.
    pub accepted_today: u64,
    /// Of these, sent before.
    pub duplicate_today: u64,
    /// Of these, put aside with a reason.
    pub quarantined_today: u64,
    /// When the last record was received.
    pub last_event_at: Option<String>,
}

/// One day of one source's ledger. received = accepted + duplicate + quarantined.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LedgerDayView {
    /// Source.
    pub source_id: String,
    /// Day of receipt, UTC.
    pub day: String,
    /// Records received.
    pub received: u64,
    /// Taken in.
    pub accepted: u64,
    /// Of the accepted, those without a user id.
    pub anonymous: u64,
    /// Sent before.
    pub duplicate: u64,
    /// Put aside with a reason.
    pub quarantined: u64,
}

/// Sums over a ledger.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct LedgerTotalsView {
    /// Records received.
    pub received: u64,
    /// Taken in.
    pub accepted: u64,
    /// Of the accepted, those without a user id.
    pub anonymous: u64,
    /// Sent before.
    pub duplicate: u64,
    /// Put aside with a reason.
    pub quarantined: u64,
}

/// A ledger, newest day first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LedgerView {
    /// Days.
    pub items: Vec<LedgerDayView>,
    /// Sums over all time.
    pub totals: LedgerTotalsView,
    /// Whether received = accepted + duplicate + quarantined on every day.
    pub balanced: bool,
    /// Complete days among these on which collection was not healthy, newest first; a silent day has no item.
    pub unhealthy: Vec<UnhealthyDayView>,
}

/// A record as it arrived.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LiveRecordView {
    /// Position in the log.
    pub seq: u64,
    /// Source.
    pub source_id: String,
    /// When it was received.
    pub received_at: String,
    /// `accepted`, `duplicate` or `quarantined`.
    pub outcome: &'static str,
    /// Why it was put aside.
    pub reason: Option<String>,
    /// Message type.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Event name.
    pub name: Option<String>,
    /// User id, or its pseudonym.
    pub user_id: Option<String>,
    /// Message id.
    pub message_id: Option<String>,
    /// The message; nothing for auditors.
    #[schema(value_type = Object)]
    pub raw: Value,
    /// Whether `raw` is a text with only the beginning of the message: of a large one no more is shown.
    pub raw_cut: bool,
}

/// A record that was put aside.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuarantinedView {
    /// Position in the log.
    pub seq: u64,
    /// Source.
    pub source_id: String,
    /// When it was received.
    pub received_at: String,
    /// Stable code.
    pub reason: String,
    /// A sentence.
    pub detail: String,
    /// The bytes as they came (as text; bytes that are not UTF-8 are replaced).
    pub raw: String,
}

/// Records that were put aside, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuarantinePage {
    /// This page.
    pub items: Vec<QuarantinedView>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
}

fn totals(counts: &LedgerCounts) -> LedgerTotalsView {
    LedgerTotalsView {
        received: counts.received,
        accepted: counts.accepted,
        anonymous: counts.anonymous,
        duplicate: counts.duplicate,
        quarantined: counts.quarantined,
    }
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.chars().count() > 200 {
        return Err(AppError::field("/name", "bad_name", "A name has 1 to 200 characters."));
    }
    Ok(())
}

impl App {
    pub(crate) fn today(&self) -> Day {
        Day(i32::try_from(self.now().0.div_euclid(86_400_000_000)).unwrap_or(0))
    }

    /// All sources with today's counts.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub async fn list_sources(&self, caller: &Caller) -> Result<Vec<SourceView>> {
        caller.require(Permission::ReadSources)?;
        let rows = self.take_in.ledger(None, self.today()).await?;
        let mut last: HashMap<SourceId, i64> = self.store.last_received().await?.into_iter().collect();
        let mut today: HashMap<SourceId, LedgerCounts> = HashMap::new();
        for row in rows {
            let latest = last.entry(row.source_id.clone()).or_insert(row.last_received_at);
            *latest = (*latest).max(row.last_received_at);
            if row.day == self.today() {
                today.insert(row.source_id, row.counts);
            }
        }
        let sources = self.store.sources().await?;
        let views = sources.into_iter().map(|source| {
            let (counts, last) = (today.remove(&source.id).unwrap_or_default(), last.get(&source.id).copied());
            self.source_view(caller, source, &counts, last)
        });
        Ok(views.collect())
    }

    fn source_view(&self, caller: &Caller, source: Source, today: &LedgerCounts, last: Option<i64>) -> SourceView {
        SourceView {
            id: source.id.into_string(),
            name: source.name,
            write_key: caller.may(Permission::ManageSources).then_some(source.write_key),
            created_at: time(source.created_at),
            disabled: source.disabled,
            received_today: today.received,
            accepted_today: today.accepted,
            duplicate_today: today.duplicate,
            quarantined_today: today.quarantined,
            last_event_at: last.map(time),
        }
    }

    /// Makes a source with a write key.
    ///
    /// # Errors
    /// Fields with faults.
    pub async fn create_source(&self, caller: &Caller, name: &str) -> Result<SourceView> {
        caller.require(Permission::ManageSources)?;
        check_name(name)?;
        self.check_free(name, None).await?;
        let id = SourceId::new(new_id(self.ambient.as_ref()));
        let new = NewSource { id: id.clone(), name: name.to_owned(), write_key: new_secret(self.ambient.as_ref(), 24) };
        let source = self.store.create_source(new, self.now().0).await?;
        self.record(caller, "source.create", "source", id.as_str(), json!({})).await?;
        Ok(self.source_view(caller, source, &LedgerCounts::default(), None))
    }

    /// Imports and people tell sources by their names.
    async fn check_free(&self, name: &str, own_id: Option<&str>) -> Result<()> {
        let taken = self.store.sources().await?.iter().any(|other| other.name == name && Some(other.id.as_str()) != own_id);
        if taken {
            return Err(AppError::new(Code::Taken, "Another source has this name. Choose another one."));
        }
        Ok(())
    }

    /// Renames, disables or enables a source.
    ///
    /// # Errors
    /// No such source.
    pub async fn update_source(
        &self,
        caller: &Caller,
        id: &str,
        name: Option<String>,
        disabled: Option<bool>,
    ) -> Result<SourceView> {
        caller.require(Permission::ManageSources)?;
        if let Some(name) = &name {
            self.check_free(name, Some(id)).await?;
            check_name(name)?;
        }
        let id = SourceId::new(id);
        let source =
            self.store.update_source(&id, SourceChange { name, disabled }).await?.ok_or_else(|| AppError::not_found("source"))?;
        self.write_keys.lock().clear();
        self.record(caller, "source.update", "source", id.as_str(), json!({"disabled": source.disabled})).await?;
        Ok(self.source_view(caller, source, &LedgerCounts::default(), None))
    }

    /// Gives a source a new write key; the old one is refused at once.
    ///
    /// # Errors
    /// No such source.
    pub async fn rotate_write_key(&self, caller: &Caller, id: &str) -> Result<SourceView> {
        caller.require(Permission::ManageSources)?;
        let id = SourceId::new(id);
        let key = new_secret(self.ambient.as_ref(), 24);
        let source = self.store.rotate_write_key(&id, &key).await?.ok_or_else(|| AppError::not_found("source"))?;
        self.write_keys.lock().clear();
        self.record(caller, "source.rotate_key", "source", id.as_str(), json!({})).await?;
        Ok(self.source_view(caller, source, &LedgerCounts::default(), None))
    }

    /// The ledger of one source or of all, for the last days.
    ///
    /// # Errors
    /// No such source.
    pub async fn ledger(&self, caller: &Caller, source: Option<&str>, days: u32) -> Result<LedgerView> {
        caller.require(Permission::ReadSources)?;
        let source = source.map(SourceId::new);
        if let Some(id) = &source {
            self.store.source(id).await?.ok_or_else(|| AppError::not_found("source"))?;
        }
        let from = Day(self.today().0.saturating_sub(i32::try_from(days.min(36_500)).unwrap_or(36_500) - 1));
        let rows = self.take_in.ledger(source.as_ref(), Day(i32::MIN / 2)).await?;
        let unhealthy = unhealthy_days(&rows, self.today()).into_iter().filter(|found| found.day >= from);
        let unhealthy = unhealthy.map(UnhealthyDayView::from).collect();
        let mut sum = LedgerCounts::default();
        let mut items = Vec::new();
        let mut balanced = true;
        for row in rows {
            sum.add(&row.counts);
            balanced &= row.counts.is_balanced();
            if row.day >= from {
                items.push(LedgerDayView {
                    source_id: row.source_id.into_string(),
                    day: row.day.to_iso(),
                    received: row.counts.received,
                    accepted: row.counts.accepted,
                    anonymous: row.counts.anonymous,
                    duplicate: row.counts.duplicate,
                    quarantined: row.counts.quarantined,
                });
            }
        }
        Ok(LedgerView { items, totals: totals(&sum), balanced, unhealthy })
    }

    /// A record as a caller may see it.
    pub fn live_view(&self, caller: &Caller, record: &LiveRecord) -> LiveRecordView {
        let hidden = caller.sees_pseudonyms();
        LiveRecordView {
            seq: record.seq,
            source_id: record.source.clone(),
            received_at: time(record.received_at.0),
            outcome: record.outcome.as_str(),
            reason: record.reason.map(str::to_owned),
            kind: record.kind.clone(),
            name: record.name.clone(),
            user_id: record.user_id.as_ref().map(|id| if hidden { self.pseudonym(id) } else { id.clone() }),
            message_id: record.message_id.clone(),
            raw: if hidden {
                Value::Null
            } else {
                let raw = without_write_key(&record.raw);
                serde_json::from_str(&raw).unwrap_or_else(|_| raw.into())
            },
            raw_cut: record.raw_cut && !hidden,
        }
    }

    /// The last records of a source, newest first.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub fn recent_records(&self, caller: &Caller, source: &str, limit: usize) -> Result<Vec<LiveRecordView>> {
        caller.require(Permission::ReadSources)?;
        Ok(self.take_in.recent(source, limit.clamp(1, 200)).iter().map(|record| self.live_view(caller, record)).collect())
    }

    /// Records of all sources as they are taken in.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub fn watch_records(&self, caller: &Caller) -> Result<broadcast::Receiver<LiveRecord>> {
        caller.require(Permission::ReadSources)?;
        Ok(self.take_in.live())
    }

    /// Records that were put aside, newest first.
    ///
    /// # Errors
    /// Forbidden to auditors; storage is not available.
    pub async fn quarantined(
        &self,
        caller: &Caller,
        source: Option<String>,
        cursor: Option<String>,
        limit: usize,
    ) -> Result<QuarantinePage> {
        caller.require(Permission::ReadQuarantine)?;
        let before = cursor
            .map(|cursor| cursor.parse::<u64>())
            .transpose()
            .map_err(|_| AppError::field("", "bad_cursor", "This cursor is not one of ours."))?;
        let limit = limit.clamp(1, 500);
        // What was put aside a moment ago is not in the lake yet.
        if self.take_in.status().waiting_rows > 0 {
            self.take_in.flush().await?;
        }
        let mut found = self.lake.quarantined(&QuarantineFilter { source, before_seq: before, limit: limit + 1 }).await?;
        let next_cursor = (found.len() > limit).then(|| found[limit - 1].seq.to_string());
        found.truncate(limit);
        let items = found.into_iter().map(|record| QuarantinedView {
            seq: record.seq,
            source_id: record.source,
            received_at: time(record.received_at.0),
            reason: record.reason,
            detail: record.detail,
            raw: without_write_key(&String::from_utf8_lossy(&record.raw)).into_owned(),
        });
        Ok(QuarantinePage { items: items.collect(), next_cursor })
    }
}
