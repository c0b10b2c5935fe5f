//! What one user did, taken out of a shard.

use std::collections::{BTreeMap, BTreeSet};

use rollcall_rules::{CheckedRule, EventMatch, EventNames, Node, NodeKind};
use rustc_hash::FxHashSet;

use crate::evaluate::profile::keys_of;
use crate::messages::scope_hash;
use crate::shard::Shard;
use crate::table::Table;

/// A shard that holds one user of another, as uid 0, with the rows that a rule looks at. So the evaluation that counts users can
/// be run for one of them.
pub(super) fn alone(shard: &Shard, uid: u32, user_id: &str, rule: &CheckedRule) -> Shard {
    let mut own = Shard::default();
    let first = own.users.find_or_add(scope_hash(user_id), user_id);
    own.users.note(first, shard.users.first_seen(uid));
    let wanted = Wanted::of(rule);
    let mut events: BTreeMap<&str, Vec<Table<'_>>> = BTreeMap::new();
    if wanted.every_event {
        shard.all_events().for_each(|(name, table)| events.entry(name).or_default().push(table));
    } else {
        events.extend(wanted.events.iter().map(|name| (*name, shard.event_table(name))));
    }
    for (name, tables) in events {
        tables.iter().for_each(|table| own.tail.events.copy(first, name, table, &table.rows_of(uid)));
    }
    for key in wanted.keys {
        shard.trait_tables(key).iter().for_each(|table| own.tail.traits.copy(first, key, table, &table.rows_of(uid)));
    }
    own
}

/// What a rule and the segments it refers to look at.
#[derive(Default)]
struct Wanted<'a> {
    every_event: bool,
    events: BTreeSet<&'a str>,
    keys: BTreeSet<&'a str>,
    segments: FxHashSet<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(rule: &'a CheckedRule) -> Wanted<'a> {
        let mut wanted = Wanted::default();
        wanted.node(&rule.root);
        wanted
    }

    fn node(&mut self, node: &'a Node) {
        match &node.kind {
            NodeKind::Trait(leaf) => self.keys.extend(keys_of(&leaf.path)),
            NodeKind::Event(leaf) => self.matching(&leaf.matching),
            NodeKind::Sequence(leaf) => {
                for step in &leaf.steps {
                    self.matching(&step.matching);
                    step.without.iter().for_each(|without| self.matching(without));
                }
            }
            NodeKind::FirstTime(leaf) => self.matching(&leaf.matching),
            NodeKind::Regular(leaf) => self.matching(&leaf.matching),
            NodeKind::Top(top) => self.matching(&top.by.matching),
            NodeKind::Segment { id, rule } if self.segments.insert(id) => self.node(&rule.root),
            _ => {}
        }
        node.children().iter().for_each(|child| self.node(child));
    }

    fn matching(&mut self, matching: &'a EventMatch) {
        match &matching.events {
            EventNames::Every => self.every_event = true,
            EventNames::Named(names) => self.events.extend(names.iter().map(String::as_str)),
        }
    }
}
