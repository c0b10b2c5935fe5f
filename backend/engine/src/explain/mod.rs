//! Why a user is, or is not, a member of a rule.
//!
//! The verdict on each node comes from the evaluation that counts users, run over a shard that holds nobody but this user (a copy
//! of the user's own rows; see `own`), so it cannot be another one. Only rankings need the other users: they are settled first,
//! over all shards, as for a count. The evidence is gathered from the same few rows.

mod events;
mod evidence;
mod leaves;
mod own;
mod sequence;
mod traits;

use std::collections::BTreeMap;
use std::sync::Arc;

use rollcall_rules::{CheckedRule, Instant, Node, NodeKind, Zone};
use rustc_hash::FxHashMap;

pub use evidence::{
    AttributeEvidence, EventEvidence, Evidence, Explanation, FirstTimeEvidence, Measured, Miss, NearMiss, NodeExplanation,
    OwnEvent, PeriodCount, RegularEvidence, SequenceEvidence, TopEvidence, TraitEvidence,
};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::evaluate::answers::{Answers, LeafKeys};
use crate::evaluate::top::{Standing, key};
use crate::evaluate::{Evaluator, Inputs, Kept};
use crate::lists::List;
use crate::messages::scope_hash;
use crate::shard::Shard;

impl Engine {
    /// Why a user is or is not a member of a rule and of each of its nodes, at an instant and the current watermark.
    ///
    /// # Errors
    /// [`EngineError::UnknownList`] if the rule, or a segment it refers to, names a list that was not set.
    pub fn explain(&self, rule: &CheckedRule, user_id: &str, now: Instant) -> Result<Explanation, EngineError> {
        let resolved = rule.resolved(now);
        let lists = self.lists_of(&resolved)?;
        let state = self.read();
        let mut explanation =
            Explanation { first_seen: None, nodes: Vec::new(), segments: BTreeMap::new(), watermark: state.watermark };
        let hash = scope_hash(user_id);
        let number = (hash % u64::from(self.shards)) as u16;
        let shard = &state.shards[usize::from(number)];
        let Some(uid) = shard.users.find(hash, user_id) else { return Ok(explanation) };
        let first_seen = Instant(shard.users.first_seen(uid));
        explanation.first_seen = Some(first_seen);
        if first_seen > now {
            return Ok(explanation);
        }
        let days = state.day_tables(now);
        let mut standings = FxHashMap::default();
        // Answers kept for the whole shard say nothing of a copy of one user's rows.
        let (none, keys) = (Answers::new(1, 0), LeafKeys::default());
        let inputs = Inputs { now, days: &days, lists: &lists, kept: Kept { answers: &none, keys: &keys } };
        let tops = self.settle_tops(&resolved, &state, inputs, |top, scores| {
            standings.insert(key(top), Standing::of(top, scores, usize::from(number), uid));
        });
        let tops = tops.of_user(number, uid);
        let own_list = |list: &Arc<List>| {
            let listed = list.contains(number, &shard.users, uid);
            Arc::new(List::new(list.version, listed.then_some(user_id).as_slice(), 1))
        };
        let own_lists: BTreeMap<String, Arc<List>> = lists.iter().map(|(id, list)| (id.clone(), own_list(list))).collect();
        let own = own::alone(shard, uid, user_id, &resolved);
        // What follows reads copies: the others need not wait.
        drop(state);
        let evaluator = Evaluator::new(&own, 0, Inputs { lists: &own_lists, ..inputs }, &tops);
        let mut explainer =
            Explainer { evaluator, own: &own, now, lists: &own_lists, standings: &standings, segments: BTreeMap::new() };
        explanation.nodes = explainer.rule(rule, &resolved);
        explanation.segments = explainer.segments;
        Ok(explanation)
    }
}

struct Explainer<'a> {
    evaluator: Evaluator<'a>,
    own: &'a Shard,
    now: Instant,
    lists: &'a BTreeMap<String, Arc<List>>,
    standings: &'a FxHashMap<usize, Standing>,
    segments: BTreeMap<String, Vec<NodeExplanation>>,
}

impl<'a> Explainer<'a> {
    /// Every node of a rule; `written` is the rule as it is, `rule` the same without attributes.
    fn rule(&mut self, written: &CheckedRule, rule: &'a CheckedRule) -> Vec<NodeExplanation> {
        let mut verdicts = Vec::new();
        self.evaluator.members(&rule.root, &rule.zone, &mut verdicts);
        let (mut as_written, mut nodes) = (Vec::new(), Vec::new());
        in_order(&written.root, &mut as_written);
        in_order(&rule.root, &mut nodes);
        let pairs = as_written.into_iter().zip(nodes).zip(verdicts);
        pairs
            .map(|((written, node), verdict)| {
                let holds = verdict == 1;
                let evidence = self.evidence(written, node, &rule.zone, holds);
                NodeExplanation { pointer: written.pointer.clone(), holds, evidence }
            })
            .collect()
    }

    fn evidence(&mut self, written: &Node, node: &'a Node, zone: &Zone, holds: bool) -> Evidence {
        let (scope, own) = (self.evaluator.scope(zone), self.own);
        match (&written.kind, &node.kind) {
            (NodeKind::Everyone, _) => Evidence::Everyone,
            (NodeKind::Trait(leaf), _) => Evidence::Trait(traits::evidence(own, &leaf.path, self.now)),
            (NodeKind::LinkedTrait(linked), _) => Evidence::Attribute(traits::attribute(own, linked, self.now)),
            (NodeKind::Event(written), NodeKind::Event(leaf)) => {
                Evidence::Event(leaves::event(&scope, written, leaf, own, holds))
            }
            (NodeKind::Sequence(written), NodeKind::Sequence(leaf)) => {
                Evidence::Sequence(sequence::evidence(&scope, written, leaf, own))
            }
            (NodeKind::FirstTime(written), NodeKind::FirstTime(leaf)) => {
                Evidence::FirstTime(leaves::first_time(&scope, written, leaf, own))
            }
            (NodeKind::Regular(written), NodeKind::Regular(leaf)) => {
                Evidence::Regular(leaves::regular(&scope, written, leaf, own, holds))
            }
            (NodeKind::Top(written), NodeKind::Top(top)) => {
                Evidence::Top(leaves::top(&scope, written, top, own, self.standings.get(&key(top))))
            }
            (NodeKind::Segment { id, rule: written }, NodeKind::Segment { rule, .. }) => {
                if !self.segments.contains_key(id) {
                    let nodes = self.rule(written, rule);
                    self.segments.insert(id.clone(), nodes);
                }
                Evidence::Segment { id: id.clone() }
            }
            (NodeKind::List { id }, _) => {
                Evidence::List { id: id.clone(), version: self.lists.get(id).map_or(0, |list| list.version) }
            }
            _ => Evidence::Below,
        }
    }
}

/// A rule's nodes in document order, not inside referenced segments.
fn in_order<'a>(node: &'a Node, into: &mut Vec<&'a Node>) {
    into.push(node);
    node.children().iter().for_each(|child| in_order(child, into));
}
