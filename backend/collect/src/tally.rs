//! Ledger counts that no flush has committed yet.

use std::collections::BTreeMap;

use rollcall_rules::Day;
use rollcall_store::{LedgerCounts, LedgerDelta, LedgerRow, SourceId};

const DAY_MICROS: i64 = 86_400_000_000;

/// Which column of the ledger a record ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// Accepted, of a known user.
    Accepted,
    /// Accepted, of nobody known.
    Anonymous,
    /// Seen before.
    Duplicate,
    /// Set aside.
    Quarantined,
}

impl Column {
    /// Counts one record.
    pub(crate) fn count(self, counts: &mut LedgerCounts) {
        counts.received += 1;
        match self {
            Column::Accepted => counts.accepted += 1,
            Column::Anonymous => {
                counts.accepted += 1;
                counts.anonymous += 1;
            }
            Column::Duplicate => counts.duplicate += 1,
            Column::Quarantined => counts.quarantined += 1,
        }
    }
}

/// Counts per source and UTC day of receipt.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    rows: BTreeMap<(SourceId, Day), Row>,
}

#[derive(Debug, Clone, Default)]
struct Row {
    counts: LedgerCounts,
    last_received_at: i64,
}

impl Tally {
    /// The UTC day of an instant in microseconds.
    pub(crate) fn day(received_at: i64) -> Day {
        Day(received_at.div_euclid(DAY_MICROS) as i32)
    }

    /// Adds counts of one source and day.
    pub(crate) fn add(&mut self, source: &str, day: Day, counts: &LedgerCounts, last_received_at: i64) {
        let row = self.rows.entry((SourceId::from(source), day)).or_default();
        row.counts.add(counts);
        row.last_received_at = row.last_received_at.max(last_received_at);
    }

    /// Adds all counts of another tally.
    pub(crate) fn add_all(&mut self, other: &Tally) {
        for ((source, day), row) in &other.rows {
            self.add(source.as_str(), *day, &row.counts, row.last_received_at);
        }
    }

    /// What a flush adds to the ledger.
    pub(crate) fn deltas(&self) -> Vec<LedgerDelta> {
        let delta = |((source_id, day), row): (&(SourceId, Day), &Row)| LedgerDelta {
            source_id: source_id.clone(),
            day: *day,
            counts: row.counts,
            last_received_at: row.last_received_at,
        };
        self.rows.iter().map(delta).collect()
    }

    /// Committed rows with these counts on top; newest day first, then by source.
    pub(crate) fn merged(&self, committed: Vec<LedgerRow>, source: Option<&SourceId>, from: Day) -> Vec<LedgerRow> {
        let mut all: BTreeMap<(SourceId, Day), Row> = BTreeMap::new();
        for row in committed {
            all.insert((row.source_id, row.day), Row { counts: row.counts, last_received_at: row.last_received_at });
        }
        let wanted = |(id, day): &(SourceId, Day)| *day >= from && source.is_none_or(|source| source == id);
        for (key, row) in self.rows.iter().filter(|(key, _)| wanted(key)) {
            let sum = all.entry(key.clone()).or_default();
            sum.counts.add(&row.counts);
            sum.last_received_at = sum.last_received_at.max(row.last_received_at);
        }
        let mut rows: Vec<LedgerRow> = all
            .into_iter()
            .map(|((source_id, day), row)| LedgerRow {
                source_id,
                day,
                counts: row.counts,
                last_received_at: row.last_received_at,
            })
            .collect();
        rows.sort_by(|a, b| b.day.cmp(&a.day).then_with(|| a.source_id.cmp(&b.source_id)));
        rows
    }

    /// Totals over all days.
    pub(crate) fn totals(&self, source: Option<&SourceId>) -> LedgerCounts {
        let mut totals = LedgerCounts::default();
        for ((id, _), row) in &self.rows {
            if source.is_none_or(|source| source == id) {
                totals.add(&row.counts);
            }
        }
        totals
    }
}

/// Counts of records taken in since the checkpoint.
#[derive(Debug, Default)]
pub(crate) struct Uncommitted {
    /// Covered by a plan that the store could not commit yet.
    pub(crate) planned: Tally,
    /// Later ones.
    pub(crate) current: Tally,
}

impl Uncommitted {
    /// All of them.
    pub(crate) fn sum(&self) -> Tally {
        let mut sum = Tally::default();
        sum.add_all(&self.planned);
        sum.add_all(&self.current);
        sum
    }
}

/// Counts of a batch: consecutive records mostly share source and day, so the map is touched once per run of them.
#[derive(Debug, Default)]
pub(crate) struct BatchTally<'a> {
    tally: Tally,
    run: Option<(&'a str, Day, LedgerCounts, i64)>,
}

impl<'a> BatchTally<'a> {
    /// Counts one record.
    pub(crate) fn count(&mut self, source: &'a str, received_at: i64, column: Column) {
        let day = Tally::day(received_at);
        if self.run.as_ref().is_none_or(|run| run.0 != source || run.1 != day) {
            self.close();
            self.run = Some((source, day, LedgerCounts::default(), received_at));
        }
        if let Some((_, _, counts, last)) = &mut self.run {
            column.count(counts);
            *last = (*last).max(received_at);
        }
    }

    fn close(&mut self) {
        if let Some((source, day, counts, last)) = self.run.take() {
            self.tally.add(source, day, &counts, last);
        }
    }

    /// Adds the batch to `total`.
    pub(crate) fn add_to(mut self, total: &mut Tally) {
        self.close();
        total.add_all(&self.tally);
    }
}
