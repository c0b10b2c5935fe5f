//! A rule on one shard: a bitmap per node. Only rankings need other shards (see `top`), and those are settled first; everything
//! else runs in parallel and adds up.

pub(crate) mod accumulate;
pub(crate) mod aggregate;
pub(crate) mod answers;
mod attribute;
mod days;
pub(crate) mod distinct;
pub(crate) mod filter;
mod habit;
pub(crate) mod profile;
pub(crate) mod scan;
pub(crate) mod sequence;
pub(crate) mod top;

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;
use rollcall_rules::{Clock, EventMatch, Instant, Node, NodeKind, TopNode, Window, Zone};
use rustc_hash::FxHashMap;

use crate::evaluate::accumulate::PerUser;
use crate::evaluate::answers::{Answer, Answers, LeafKeys};
use crate::evaluate::days::Days;
use crate::evaluate::filter::Check;
use crate::evaluate::scan::{Source, Span};
use crate::evaluate::top::{Score, Tops};
use crate::lists::List;
use crate::shard::Shard;

/// Calendar days by zone, shared by the shards of one evaluation.
pub(crate) struct DayTables {
    from: i64,
    to: i64,
    tables: Mutex<FxHashMap<String, Arc<Days>>>,
}

impl DayTables {
    /// For events between two instants.
    pub fn between(from: i64, to: i64) -> DayTables {
        DayTables { from, to, tables: Mutex::default() }
    }

    fn of(&self, zone: &Zone) -> Arc<Days> {
        let mut tables = self.tables.lock();
        if let Some(days) = tables.get(zone.name()) {
            return days.clone();
        }
        let days = Arc::new(Days::between(zone, self.from, self.to));
        tables.insert(zone.name().to_owned(), days.clone());
        days
    }
}

/// What leaves of one zone are evaluated against.
pub(crate) struct Scope<'a> {
    /// The instant and the zone.
    pub clock: Clock,
    /// How many users the shard has, known at the instant or not.
    pub users: u32,
    days: &'a DayTables,
}

impl Scope<'_> {
    /// All times up to the instant.
    pub fn past(&self) -> Span {
        Span { from: i64::MIN, to: self.clock.now.0.saturating_add(1) }
    }

    /// A window, never past the instant.
    pub fn span(&self, window: &Window) -> Span {
        let range = window.resolve(&self.clock);
        let past = self.past();
        Span { from: range.from.map_or(past.from, |from| from.0), to: range.to.map_or(past.to, |to| to.0.min(past.to)) }
    }

    /// The rows of a shard's events that a span touches, with what they must satisfy.
    pub fn sources<'s>(&'s self, matching: &'s EventMatch, shard: &'s Shard, span: Span) -> Vec<Source<'s>> {
        let tables = shard.event_tables(&matching.events).into_iter().filter(|table| !span.misses(table));
        tables.map(|table| Source::new(table, Check::filters(table, &matching.filters, &self.clock))).collect()
    }

    /// Days of the zone.
    pub fn days(&self) -> Arc<Days> {
        self.days.of(&self.clock.zone)
    }
}

/// Answers of leaves that can be had without computing them.
#[derive(Clone, Copy)]
pub(crate) struct Kept<'a> {
    /// Those of all rules.
    pub answers: &'a Answers,
    /// Which leaf of this rule is which.
    pub keys: &'a LeafKeys,
}

/// What the shards of one evaluation share.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    /// The instant.
    pub now: Instant,
    /// Calendar days.
    pub days: &'a DayTables,
    /// Lists that the rule names.
    pub lists: &'a BTreeMap<String, Arc<List>>,
    /// Answers of leaves.
    pub kept: Kept<'a>,
}

/// Evaluates rules on one shard at one instant.
pub(crate) struct Evaluator<'a> {
    shard: &'a Shard,
    number: u16,
    population: RoaringBitmap,
    inputs: Inputs<'a>,
    tops: &'a Tops,
    /// Referenced segments are evaluated once, however often they are named.
    segments: FxHashMap<&'a str, RoaringBitmap>,
}

impl<'a> Evaluator<'a> {
    /// For shard `number`.
    pub fn new(shard: &'a Shard, number: u16, inputs: Inputs<'a>, tops: &'a Tops) -> Evaluator<'a> {
        let population = shard.users.population(inputs.now.0);
        Evaluator { shard, number, population, inputs, tops, segments: FxHashMap::default() }
    }

    /// Who is ranked by a `top`, with their scores; those inside it are settled already.
    pub fn ranked(&mut self, top: &'a TopNode, zone: &Zone) -> PerUser<Score> {
        let mut scores = top::scores(&self.scope(zone), &top.by, self.shard);
        if let Some(among) = &top.among {
            let among = self.members(among, zone, &mut Vec::new());
            scores.retain(|(uid, _)| among.contains(*uid));
        }
        scores
    }

    /// How many users of the shard are known.
    pub fn population(&self) -> u64 {
        self.population.len()
    }

    /// Members of a node; appends the count of it and of each node below to `counts`, in document order.
    pub fn members(&mut self, node: &'a Node, zone: &Zone, counts: &mut Vec<u64>) -> RoaringBitmap {
        let place = counts.len();
        counts.push(0);
        let members = match &node.kind {
            NodeKind::All(children) => self.combined(children, zone, counts, |all, next| *all &= next),
            NodeKind::Any(children) => self.combined(children, zone, counts, |all, next| *all |= next),
            NodeKind::Not(child) => {
                let without = self.members(child, zone, counts);
                &self.population - without
            }
            NodeKind::Everyone => self.population.clone(),
            NodeKind::Trait(leaf) => {
                self.leaf(node, zone, |scope, shard| profile::answer(scope, leaf, |key| shard.trait_tables(key)))
            }
            // Attributes were resolved before the evaluation.
            NodeKind::LinkedTrait(_) => RoaringBitmap::new(),
            NodeKind::Event(leaf) => self.leaf(node, zone, |scope, shard| aggregate::answer(scope, leaf, shard)),
            NodeKind::Sequence(leaf) => self.leaf(node, zone, |scope, shard| Answer::of(sequence::members(scope, leaf, shard))),
            NodeKind::FirstTime(leaf) => self.leaf(node, zone, |scope, shard| Answer::of(habit::first_time(scope, leaf, shard))),
            NodeKind::Regular(leaf) => self.leaf(node, zone, |scope, shard| Answer::of(habit::regular(scope, leaf, shard))),
            NodeKind::Top(top) => {
                // Only for its count: who is kept among them has been settled.
                if let Some(among) = &top.among {
                    self.members(among, zone, counts);
                }
                self.tops.members(top, self.number)
            }
            NodeKind::Segment { id, rule } => self.segment(id, &rule.root, &rule.zone),
            NodeKind::List { id } => match self.inputs.lists.get(id) {
                Some(list) => list.members(self.number, &self.shard.users) & &self.population,
                None => RoaringBitmap::new(),
            },
        };
        counts[place] = members.len();
        members
    }

    fn leaf(&self, node: &Node, zone: &Zone, compute: impl FnOnce(&Scope<'_>, &'a Shard) -> Answer) -> RoaringBitmap {
        let scope = self.scope(zone);
        let of = (self.number, self.shard);
        let answer = self.inputs.kept.answers.answer(node, self.inputs.kept.keys, of, &scope, || compute(&scope, self.shard));
        answer.members(&self.population)
    }

    /// What leaves are evaluated against.
    pub fn scope(&self, zone: &Zone) -> Scope<'a> {
        let clock = Clock { now: self.inputs.now, zone: zone.clone() };
        Scope { clock, users: self.shard.users.len(), days: self.inputs.days }
    }

    fn combined(
        &mut self,
        children: &'a [Node],
        zone: &Zone,
        counts: &mut Vec<u64>,
        combine: impl Fn(&mut RoaringBitmap, RoaringBitmap),
    ) -> RoaringBitmap {
        let mut all: Option<RoaringBitmap> = None;
        for child in children {
            let next = self.members(child, zone, counts);
            match &mut all {
                Some(all) => combine(all, next),
                None => all = Some(next),
            }
        }
        all.unwrap_or_default()
    }

    fn segment(&mut self, id: &'a str, root: &'a Node, zone: &Zone) -> RoaringBitmap {
        if let Some(members) = self.segments.get(id) {
            return members.clone();
        }
        let members = self.members(root, zone, &mut Vec::new());
        self.segments.insert(id, members.clone());
        members
    }
}

/// Pointers of a rule's nodes in document order, not inside referenced segments.
pub(crate) fn pointers(node: &Node, into: &mut Vec<String>) {
    into.push(node.pointer.clone());
    node.children().iter().for_each(|child| pointers(child, into));
}
