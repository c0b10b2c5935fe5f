//! A rule as SQL over the raw tables: the second evaluation path.
//!
//! Every leaf of the rule becomes one relation of user ids; the population is relation 0. All relations are put one
//! below the other with their number, grouped by user once, and the rule's tree becomes the condition on a group: the
//! user is a member if the relations in which the user occurs satisfy it. So `not` needs no join, each leaf is read
//! once even if the rule repeats it, and a user who is in no event of a `count <= 2` leaf comes out right because such
//! leaves are asked the other way round ("who fails?") and negated.
//!
//! Nothing is shared with the bitmap engine but the checked rule itself. Every table name, column name and literal goes
//! through [`quote`].

mod attributes;
mod behaviour;
mod filter;
mod leaf;
pub(crate) mod quote;
mod traits;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::Arc;

use arrow::array::AsArray;
use datafusion::common::TableReference;
use futures::TryStreamExt;
use rollcall_rules::{CheckedRule, Clock, Instant, Node, NodeKind};

use crate::columns::{Columns, Kind};
use crate::error::LakeError;
use crate::lake::Inner;
use crate::scan::Scan;
use crate::tables::{DataFile, TableId, TableState};

/// The SQL name of the base columns of all event tables together.
const EVERY_EVENT: &str = "every_event";

/// The tables as they are when an evaluation begins.
pub(crate) struct Catalog {
    /// Event tables by event name.
    events: BTreeMap<String, Arc<TableState>>,
    others: BTreeMap<TableId, Arc<TableState>>,
    /// The files of the list versions that the rule refers to.
    list_files: Vec<DataFile>,
}

/// Turns a rule into SQL.
struct Translator<'a> {
    catalog: &'a Catalog,
    now: Instant,
    watermark: i64,
    lists: &'a BTreeMap<String, u64>,
    /// Relations after the population: a comment and a query that yields `user_id`.
    relations: Vec<(String, String)>,
    numbers: HashMap<String, usize>,
}

impl Inner {
    fn catalog(&self, rule: &CheckedRule, lists: &BTreeMap<String, u64>) -> Result<Catalog, LakeError> {
        let mut list_files = Vec::new();
        for id in rule.list_ids() {
            let version = *lists.get(&id).ok_or_else(|| LakeError::UnknownList { id: id.clone(), version: 0 })?;
            list_files.extend(self.list_files(&id, version)?);
        }
        let events = self.event_tables().into_iter().filter_map(|table| match &table.id {
            TableId::Events(name) => Some((name.clone(), table.state()?)),
            _ => None,
        });
        let others =
            [TableId::Profiles, TableId::Traits].into_iter().filter_map(|id| Some((id.clone(), self.table(&id)?.state()?)));
        Ok(Catalog { events: events.collect(), others: others.collect(), list_files })
    }

    /// See [`crate::Lake::explain_sql`].
    pub(crate) fn sql(
        &self,
        rule: &CheckedRule,
        now: Instant,
        watermark: u64,
        lists: &BTreeMap<String, u64>,
    ) -> Result<String, LakeError> {
        translate(&self.catalog(rule, lists)?, rule, now, watermark, lists)
    }

    /// See [`crate::Lake::evaluate`].
    pub(crate) async fn evaluate(
        &self,
        rule: &CheckedRule,
        now: Instant,
        watermark: u64,
        lists: &BTreeMap<String, u64>,
    ) -> Result<Vec<String>, LakeError> {
        let catalog = self.catalog(rule, lists)?;
        let sql = translate(&catalog, rule, now, watermark, lists)?;
        let session = self.session();
        for (name, scan) in catalog.scans(self) {
            session.register_table(TableReference::bare(name), Arc::new(scan))?;
        }
        for attribute in rule.attributes() {
            let table = attributes::table(attribute)?;
            session.register_table(TableReference::bare(attributes::name(attribute)), Arc::new(table))?;
        }
        let mut batches = session.sql(&sql).await?.execute_stream().await?;
        let mut user_ids = Vec::new();
        while let Some(batch) = batches.try_next().await? {
            let column = batch.column(0).as_string_view_opt().ok_or_else(|| LakeError::Corrupt("user_id is no text".into()))?;
            user_ids.extend(column.iter().flatten().map(ToOwned::to_owned));
        }
        user_ids.sort_unstable();
        Ok(user_ids)
    }
}

impl Catalog {
    /// Every table that the SQL may name.
    fn scans(&self, lake: &Inner) -> Vec<(String, Scan)> {
        let scan = |columns: &Columns, files: Vec<DataFile>| Scan::new(columns.scanned(), lake.storage.store_url.clone(), files);
        let mut scans: Vec<(String, Scan)> = self
            .events
            .iter()
            .map(|(name, state)| (TableId::Events(name.clone()).label(), scan(&state.columns, state.files.as_ref().clone())))
            .collect();
        for id in [TableId::Profiles, TableId::Traits] {
            let state = self.others.get(&id);
            let files = state.map(|state| state.files.as_ref().clone()).unwrap_or_default();
            scans.push((id.label(), scan(&Columns::new(id.kind()), files)));
        }
        let every_file = self.events.values().flat_map(|state| state.files.iter().cloned()).collect();
        scans.push((EVERY_EVENT.to_owned(), scan(&Columns::new(Kind::Events), every_file)));
        scans.push((TableId::Lists.label(), scan(&Columns::new(Kind::Lists), self.list_files.clone())));
        scans
    }
}

fn translate(
    catalog: &Catalog,
    rule: &CheckedRule,
    now: Instant,
    watermark: u64,
    lists: &BTreeMap<String, u64>,
) -> Result<String, LakeError> {
    let rule = rule.resolved(now);
    let watermark = i64::try_from(watermark).unwrap_or(i64::MAX);
    let mut translator = Translator { catalog, now, watermark, lists, relations: Vec::new(), numbers: HashMap::new() };
    let clock = Clock { now, zone: rule.zone.clone() };
    let condition = translator.condition(&rule.root, &clock, "")?;
    Ok(translator.finish(&condition))
}

impl Translator<'_> {
    /// The condition on a user's group for a node.
    fn condition(&mut self, node: &Node, clock: &Clock, within: &str) -> Result<String, LakeError> {
        let place = format!("{within}{}", if node.pointer.is_empty() { "/" } else { &node.pointer });
        Ok(match &node.kind {
            NodeKind::All(children) => self.group(children, clock, within, "\n    AND ")?,
            NodeKind::Any(children) => self.group(children, clock, within, "\n    OR ")?,
            NodeKind::Not(child) => format!("NOT {}", self.condition(child, clock, within)?),
            NodeKind::Everyone => "TRUE".to_owned(),
            NodeKind::Trait(leaf) => {
                let query = self.trait_query(leaf, clock);
                self.occurs(&place, query, leaf.predicate.negated)
            }
            // Attributes were resolved before the translation.
            NodeKind::LinkedTrait(_) => "FALSE".to_owned(),
            NodeKind::Event(leaf) => {
                let (query, failing) = self.event_query(leaf, clock);
                self.occurs(&place, query, failing)
            }
            NodeKind::Sequence(leaf) => {
                let query = self.sequence_query(leaf, clock);
                self.occurs(&place, query, false)
            }
            NodeKind::FirstTime(leaf) => {
                let query = self.first_time_query(leaf, clock);
                self.occurs(&place, query, false)
            }
            NodeKind::Regular(leaf) => {
                let query = self.regular_query(leaf, clock);
                self.occurs(&place, query, false)
            }
            NodeKind::Top(top) => {
                let query = self.top_query(top, clock, &place)?;
                self.occurs(&place, query, false)
            }
            NodeKind::Segment { id, rule } => {
                let clock = Clock { now: self.now, zone: rule.zone.clone() };
                // Debug text: an id cannot end the comment that it stands in.
                self.condition(&rule.root, &clock, &format!("{place} segment {id:?} "))?
            }
            NodeKind::List { id } => {
                let version = self.lists.get(id).copied().unwrap_or_default();
                let id = quote::text(id);
                let query = format!(
                    "SELECT user_id FROM lists\n    WHERE list_id = {id} AND version = {version} AND user_id IS NOT NULL"
                );
                self.occurs(&place, query, false)
            }
        })
    }

    fn group(&mut self, children: &[Node], clock: &Clock, within: &str, joint: &str) -> Result<String, LakeError> {
        let mut conditions: Vec<String> = Vec::with_capacity(children.len());
        for child in children {
            let condition = self.condition(child, clock, within)?;
            if !conditions.contains(&condition) {
                conditions.push(condition);
            }
        }
        Ok(quote::join(&conditions, joint))
    }

    /// "The user occurs in this relation", or does not.
    fn occurs(&mut self, place: &str, query: String, negated: bool) -> String {
        let relations = &mut self.relations;
        let number = *self.numbers.entry(query.clone()).or_insert_with(|| {
            relations.push((place.to_owned(), query));
            relations.len()
        });
        format!("{}bool_or(relation = {number})", if negated { "NOT " } else { "" })
    }

    /// What every row that is looked at satisfies.
    fn visible(&self) -> String {
        format!("user_id IS NOT NULL AND seq <= {} AND \"time\" <= {}", self.watermark, quote::instant(self.now))
    }

    fn finish(&self, condition: &str) -> String {
        let visible = self.visible();
        let mut sql = String::from("WITH occurrences AS (\n  -- everybody known\n  SELECT 0 AS relation, user_id FROM (\n");
        // Writing to a String cannot fail.
        let _ = write!(sql, "    SELECT DISTINCT user_id FROM {EVERY_EVENT} WHERE {visible}\n    UNION ALL\n");
        let _ = write!(sql, "    SELECT DISTINCT user_id FROM profiles WHERE {visible}\n  )");
        for (number, (place, query)) in self.relations.iter().enumerate() {
            let number = number + 1;
            let _ = write!(sql, "\n  UNION ALL\n  -- {place}\n  SELECT {number} AS relation, user_id FROM (\n    {query}\n  )");
        }
        let _ = write!(
            sql,
            "\n)\nSELECT user_id FROM occurrences\nGROUP BY user_id\nHAVING bool_or(relation = 0)\n    AND {condition}"
        );
        sql
    }
}
