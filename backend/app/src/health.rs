//! Whether collection was healthy: days on which what a source received cannot be relied on, read from the ledger.
//!
//! [`unhealthy_days`] is the rule, and the only place where it stands. The ledger tells such days, and rules about what users
//! did *not* do are warned of them ([`rollcall_rules::warn`]). A rule is looked at with every keystroke, so the days are kept in
//! memory: those of the past once a day, the newest again when something was taken in.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rollcall_rules::{CheckedRule, Collected, Day, Instant, UnhealthyDay, Warning};
use rollcall_store::{LedgerCounts, LedgerRow, SourceId};
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::App;
use crate::error::Result;

/// A silent day is judged by so many days before it.
const DAYS_BEFORE: i32 = 7;
/// On at least so many of them the source received something: then silence is a fault, not a habit.
const ACTIVE_DAYS: usize = 6;
/// More than so many of a hundred records quarantined: then something was sent that could not be taken in.
const MOST_QUARANTINED_PERCENT: u64 = 5;
/// With fewer records than this a share says nothing.
const LEAST_RECORDS: u64 = 20;

/// The ledger of these newest complete days may still change: what was received at midnight is taken in a little later.
const RECENT_DAYS: i32 = 2;
/// The newest days are read again at most so often, microseconds.
const REREAD_AFTER: i64 = 10_000_000;

/// Why a day was unhealthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Nothing was received.
    Silent,
    /// Too much was quarantined.
    Quarantined(LedgerCounts),
}

/// One day of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unhealthy {
    pub source: SourceId,
    pub day: Day,
    pub reason: Reason,
}

/// A day on which collection from a source was not healthy.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnhealthyDayView {
    /// Source.
    pub source_id: String,
    /// Day of receipt, UTC; always a complete one.
    pub day: String,
    /// `silent`: nothing was received, although the source received something on at least 6 of the 7 days before.
    /// `quarantined`: more than 5 % of what was received was put aside (20 records or more were received).
    pub reason: &'static str,
    /// A sentence.
    pub detail: String,
}

impl From<Unhealthy> for UnhealthyDayView {
    fn from(unhealthy: Unhealthy) -> UnhealthyDayView {
        let (reason, detail) = match unhealthy.reason {
            Reason::Silent => (
                "silent",
                format!(
                    "Nothing was received, although something was on at least {ACTIVE_DAYS} of the {DAYS_BEFORE} days before."
                ),
            ),
            Reason::Quarantined(counts) => {
                ("quarantined", format!("{} of {} records received were put aside.", counts.quarantined, counts.received))
            }
        };
        let Unhealthy { source, day, .. } = unhealthy;
        UnhealthyDayView { source_id: source.into_string(), day: day.to_iso(), reason, detail }
    }
}

/// The unhealthy ones of the complete days before `today`, newest first, then by source. Days are judged by the rows given, so
/// these must reach [`DAYS_BEFORE`] days further back than the first day that matters.
pub(crate) fn unhealthy_days(rows: &[LedgerRow], today: Day) -> Vec<Unhealthy> {
    let mut sources: BTreeMap<&SourceId, BTreeMap<Day, &LedgerCounts>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.counts.received > 0 && row.day < today) {
        sources.entry(&row.source_id).or_default().insert(row.day, &row.counts);
    }
    let mut found = Vec::new();
    for (source, days) in sources {
        let unhealthy = |day, reason| Unhealthy { source: source.clone(), day, reason };
        found.extend(
            days.iter()
                .filter(|(_, counts)| is_mostly_lost(counts))
                .map(|(day, counts)| unhealthy(*day, Reason::Quarantined(**counts))),
        );
        // A silent day has a day with something shortly before it, as so few days before it may be silent too.
        let reach = DAYS_BEFORE - ACTIVE_DAYS as i32 + 1;
        let mut silent: Vec<Day> = days
            .keys()
            .flat_map(|day| (1..=reach).map(|after| Day(day.0 + after)))
            .filter(|day| *day < today && !days.contains_key(day))
            .filter(|day| days.range(Day(day.0 - DAYS_BEFORE)..*day).count() >= ACTIVE_DAYS)
            .collect();
        silent.sort();
        silent.dedup();
        found.extend(silent.into_iter().map(|day| unhealthy(day, Reason::Silent)));
    }
    found.sort_by(|a, b| b.day.cmp(&a.day).then_with(|| a.source.cmp(&b.source)));
    found
}

fn is_mostly_lost(counts: &LedgerCounts) -> bool {
    counts.received >= LEAST_RECORDS
        && u128::from(counts.quarantined) * 100 > u128::from(counts.received) * u128::from(MOST_QUARANTINED_PERCENT)
}

/// The unhealthy days as last read.
struct Known {
    today: Day,
    watermark: u64,
    read_at: i64,
    days: Arc<Vec<UnhealthyDay>>,
}

/// The unhealthy days of all sources, in memory.
#[derive(Default)]
pub(crate) struct Health {
    known: Mutex<Option<Known>>,
}

impl App {
    /// The unhealthy days of all time, with the names of their sources.
    async fn known_unhealthy_days(&self) -> Result<Arc<Vec<UnhealthyDay>>> {
        let (today, now, watermark) = (self.today(), self.now().0, self.take_in.status().watermark);
        // One request reads; those that come meanwhile wait for it.
        let mut known = self.health.known.lock().await;
        let same_day = known.as_ref().filter(|known| known.today == today);
        if let Some(known) = same_day
            && (known.watermark == watermark || now - known.read_at < REREAD_AFTER)
        {
            return Ok(Arc::clone(&known.days));
        }
        let recent = Day(today.0 - RECENT_DAYS);
        let from = if same_day.is_some() { Day(recent.0 - DAYS_BEFORE) } else { Day(i32::MIN / 2) };
        let settled = same_day.map(|known| Arc::clone(&known.days));
        let rows = self.take_in.ledger(None, from).await?;
        let names: HashMap<SourceId, String> =
            self.store.sources().await?.into_iter().map(|source| (source.id, source.name)).collect();
        let named = |unhealthy: Unhealthy| {
            let source = names.get(&unhealthy.source).map_or_else(|| unhealthy.source.as_str(), String::as_str);
            UnhealthyDay { source: source.to_owned(), day: unhealthy.day }
        };
        let read = unhealthy_days(&rows, today).into_iter();
        let days: Vec<UnhealthyDay> = match &settled {
            Some(settled) => {
                let older = settled.iter().filter(|unhealthy| unhealthy.day < recent).cloned();
                read.filter(|unhealthy| unhealthy.day >= recent).map(named).chain(older).collect()
            }
            None => read.map(named).collect(),
        };
        let days = Arc::new(days);
        *known = Some(Known { today, watermark, read_at: now, days: Arc::clone(&days) });
        Ok(days)
    }

    /// Adds to a rule's warnings what follows from what was collected.
    pub(crate) async fn warn_of_collection(
        &self,
        rule: &CheckedRule,
        now: Instant,
        oldest_event: Option<Instant>,
        warnings: &mut Vec<Warning>,
    ) -> Result<()> {
        let unhealthy = self.known_unhealthy_days().await?;
        rollcall_rules::warn(rule, &Collected { now, oldest_event, unhealthy: &unhealthy }, warnings);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Day = Day(1_000);

    fn row(source: &str, day: i32, received: u64, quarantined: u64) -> LedgerRow {
        let counts = LedgerCounts { received, accepted: received - quarantined, quarantined, ..LedgerCounts::default() };
        LedgerRow { source_id: source.into(), day: Day(day), counts, last_received_at: 0 }
    }

    fn found(rows: &[LedgerRow]) -> Vec<(String, i32, &'static str)> {
        let views = unhealthy_days(rows, TODAY).into_iter().map(|found| (found.day.0, UnhealthyDayView::from(found)));
        views.map(|(day, view)| (view.source_id, day, view.reason)).collect()
    }

    fn silent(days: &[i32]) -> Vec<i32> {
        let rows: Vec<LedgerRow> = days.iter().map(|day| row("web", *day, 1, 0)).collect();
        found(&rows).into_iter().map(|(_, day, _)| day).collect()
    }

    #[test]
    fn silence_after_a_busy_week_is_unhealthy() {
        assert_eq!(silent(&[990, 991, 992, 993, 994, 995, 996]), [998, 997], "of the 7 days before 998, one is silent");
        assert_eq!(silent(&[990, 991, 992, 993, 994, 996]), [997], "995 has only 5 days with something before it");
        assert_eq!(silent(&[991, 992, 993, 994, 995, 996]), [998, 997], "six days are enough, and there is none before them");
        assert_eq!(silent(&[992, 993, 994, 995, 996]), [0; 0], "a source that began last week");
        assert_eq!(silent(&[993, 994, 995, 996, 997, 998, 999]), [0; 0], "today is not complete");
        assert_eq!(silent(&[980, 982, 984, 986, 988, 990]), [0; 0], "every second day is a habit");
    }

    #[test]
    fn a_day_of_mostly_bad_records_is_unhealthy() {
        assert_eq!(found(&[row("web", 990, 20, 2)]), [("web".to_owned(), 990, "quarantined")]);
        assert_eq!(found(&[row("web", 990, 20, 1)]), [], "5 % and not more");
        assert_eq!(found(&[row("web", 990, 19, 19)]), [], "too few to say");
        assert_eq!(found(&[row("web", 1_000, 100, 100)]), [], "today is not complete");
    }

    #[test]
    fn each_source_is_judged_by_itself() {
        let mut rows: Vec<LedgerRow> = (990..997).flat_map(|day| [row("app", day, 50, 0), row("web", day, 1, 0)]).collect();
        rows.push(row("web", 997, 5, 0));
        rows.push(row("app", 995, 100, 6));
        rows.retain(|row| !(row.source_id.as_str() == "app" && row.day == Day(995) && row.counts.received == 50));
        let wanted = [
            ("web", 999, "silent"),
            ("app", 998, "silent"),
            ("web", 998, "silent"),
            ("app", 997, "silent"),
            ("app", 995, "quarantined"),
        ];
        assert_eq!(found(&rows), wanted.map(|(source, day, reason)| (source.to_owned(), day, reason)));
    }
}
