//! Events of one user that match, and those that nearly do.

use std::cmp::Reverse;

use rollcall_rules::convert::number_text;
use rollcall_rules::flatten::{is_null_mark, null_mark};
use rollcall_rules::{CatalogueRow, Clock, EventMatch, EventNames, Filter, Instant, Linked, Value, ValueType};

use super::evidence::{Miss, NearMiss, OwnEvent};
use crate::evaluate::filter::Check;
use crate::evaluate::scan::Span;
use crate::shard::Shard;
use crate::table::{Column, Table};

/// Events shown for a node.
const SHOWN: usize = 10;
/// Near misses of one kind shown for a node.
const NEAR: usize = 3;
/// Properties shown for an event.
const PROPERTIES: usize = 20;

/// The events that a matching names, of a shard that holds one user.
pub(super) struct Matching<'a> {
    sources: Vec<Source<'a>>,
    /// Paths that the filters look at.
    paths: Vec<&'a str>,
    /// Attributes that they look at.
    linked: Vec<&'a Linked>,
}

struct Source<'a> {
    name: &'a str,
    table: Table<'a>,
    /// One for each entry of `where`.
    filters: Vec<Check<'a>>,
}

/// Where an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub time: i64,
    pub seq: u64,
    source: usize,
    row: usize,
}

impl<'a> Matching<'a> {
    /// `written` is as in the rule, `matching` the same without attributes.
    pub fn new(shard: &'a Shard, written: &'a EventMatch, matching: &'a EventMatch, clock: &'a Clock) -> Matching<'a> {
        let tables: Vec<(&str, Table<'_>)> = match &matching.events {
            EventNames::Every => shard.all_events().collect(),
            EventNames::Named(names) => {
                let of = |name: &'a String| shard.event_table(name).into_iter().map(move |table| (name.as_str(), table));
                names.iter().flat_map(of).collect()
            }
        };
        let source = |(name, table)| {
            let filters = matching.filters.iter().map(|filter| Check::filters(table, std::slice::from_ref(filter), clock));
            Source { name, table, filters: filters.collect() }
        };
        let (mut paths, mut linked) = (Vec::new(), Vec::new());
        written.filters.iter().for_each(|filter| look(filter, &mut paths, &mut linked));
        Matching { sources: tables.into_iter().map(source).collect(), paths, linked }
    }

    /// Also shows this path first.
    pub fn showing(mut self, path: Option<&'a str>) -> Matching<'a> {
        self.paths.extend(path);
        self
    }

    /// Events in a span that satisfy every filter, by time, then order of taking in.
    pub fn rows(&self, span: Span) -> Vec<Row> {
        self.named(span).into_iter().filter(|row| self.failed(*row).is_empty()).collect()
    }

    /// Events in a span, whether they satisfy the filters or not.
    fn named(&self, span: Span) -> Vec<Row> {
        let mut rows = Vec::new();
        for (number, source) in self.sources.iter().enumerate() {
            let inside = source.table.times.iter().enumerate().filter(|(_, time)| span.contains(**time));
            rows.extend(inside.map(|(row, time)| Row { time: *time, seq: source.table.seqs.get(row), source: number, row }));
        }
        rows.sort_by_key(|row| (row.time, row.seq));
        rows
    }

    /// The filters that an event does not satisfy.
    fn failed(&self, row: Row) -> Vec<usize> {
        let filters = self.sources[row.source].filters.iter().enumerate();
        filters.filter(|(_, check)| !check.holds(row.row)).map(|(place, _)| place).collect()
    }

    /// The value of an event at a path; of an object only that there is one, as no more of it is kept.
    pub fn value(&self, row: Row, path: &str) -> Option<Value> {
        self.sources[row.source].table.columns.at(path).into_iter().find_map(|column| column.value(row.row)).map(|value| {
            match value {
                Value::Object(_) => Value::Object("{}".to_owned()),
                value => value,
            }
        })
    }

    /// The value of an event at a path through a link: the literal key's, else the attribute of the row.
    pub fn linked_value(&self, row: Row, linked: &Linked) -> Option<Value> {
        if self.value(row, &null_mark(&linked.path)).is_some() {
            return None;
        }
        self.value(row, &linked.path).or_else(|| attribute(linked, &self.value(row, &linked.key)?))
    }

    /// An event as it is shown.
    pub fn event(&self, row: Row) -> OwnEvent {
        let Source { name, table, .. } = &self.sources[row.source];
        let shown = |column: &Column<'_>| column.value_type != ValueType::Object && !is_null_mark(column.path);
        let columns = table.columns.all().into_iter().filter(shown);
        let mut properties: Vec<(String, Value)> =
            columns.filter_map(|column| Some((column.path.to_owned(), column.value(row.row)?))).collect();
        for linked in &self.linked {
            let known = properties.iter().any(|(path, _)| *path == linked.path);
            let value = self.linked_value(row, linked).filter(|value| !known && value.value_type() != ValueType::Object);
            properties.extend(value.map(|value| (linked.path.clone(), value)));
        }
        // Stable: within the two parts the order of paths stays.
        properties.sort_by_key(|(path, _)| !self.looks_at(path));
        properties.truncate(PROPERTIES);
        OwnEvent { name: (*name).to_owned(), time: Instant(row.time), seq: row.seq, properties }
    }

    fn looks_at(&self, path: &str) -> bool {
        self.paths.contains(&path) || self.linked.iter().any(|linked| linked.path == path || linked.key == path)
    }

    /// The newest of some events, newest first.
    pub fn newest(&self, rows: &[Row]) -> Vec<OwnEvent> {
        rows.iter().rev().take(SHOWN).map(|row| self.event(*row)).collect()
    }

    /// The nearest matching events before and after a span, and those inside it that fail the fewest filters, the newest first.
    pub fn near(&self, span: Span, past: Span) -> Vec<NearMiss> {
        let mut near = Vec::new();
        let mut add = |row: &Row, miss| near.push(NearMiss { event: self.event(*row), miss });
        if span.from >= span.to {
            return near;
        }
        let all = self.rows(past);
        if let Some(row) = all.iter().rfind(|row| row.time < span.from) {
            add(row, Miss::Early(span.from.saturating_sub(row.time)));
        }
        if let Some(row) = all.iter().find(|row| row.time >= span.to) {
            add(row, Miss::Late(row.time.saturating_sub(span.to)));
        }
        let failing = self.named(span).into_iter().map(|row| (self.failed(row), row));
        let mut failing: Vec<(Vec<usize>, Row)> = failing.filter(|(failed, _)| !failed.is_empty()).collect();
        failing.sort_by_key(|(failed, row)| (failed.len(), Reverse((row.time, row.seq))));
        failing.truncate(NEAR);
        failing.into_iter().for_each(|(failed, row)| add(&row, Miss::Filters(failed)));
        near
    }
}

/// The paths and attributes that a filter looks at.
fn look<'a>(filter: &'a Filter, paths: &mut Vec<&'a str>, linked: &mut Vec<&'a Linked>) {
    match filter {
        Filter::Property { path, .. } => paths.push(path),
        Filter::Linked(attribute) => linked.push(attribute),
        Filter::All(filters) | Filter::Any(filters) => filters.iter().for_each(|filter| look(filter, paths, linked)),
        Filter::Not(filter) => look(filter, paths, linked),
    }
}

/// The row whose key a value is.
pub(super) fn row_of<'a>(linked: &'a Linked, key: &Value) -> Option<&'a CatalogueRow> {
    match key {
        Value::String(text) => linked.catalogue.rows.get(text),
        Value::Number(number) => linked.catalogue.rows.get(&number_text(*number)),
        Value::Boolean(boolean) => linked.catalogue.rows.get(&boolean.to_string()),
        _ => None,
    }
}

fn attribute(linked: &Linked, key: &Value) -> Option<Value> {
    row_of(linked, key)?.attributes.get(&linked.attribute).cloned()
}
