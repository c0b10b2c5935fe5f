//! Answers of leaves that are kept, so that rules share them and so that nothing is computed again that has not moved.
//!
//! The answer of a leaf on a shard depends on its text (normal form and zone), on the rows of the tables that it reads, and on
//! where its times fall among the times of those rows. The last two are its [`Stamp`]; an answer is given again only if the
//! stamp is the same. So a leaf over all of history is computed anew when an event of its kind comes in, and one over the
//! last 30 days also when time moves; leaves evaluated at one instant are shared by all rules that have them.
//!
//! Answers do not contain the population, which changes with every new user: one that holds for users who did nothing is
//! kept as the users for whom it does not hold ([`Answer::complement`]).

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;
use rollcall_rules::{CheckedRule, Node, NodeKind, PathPredicate, ValueType, normal};
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest as _, Sha256};
use xxhash_rust::xxh3::Xxh3;

use crate::evaluate::Scope;
use crate::evaluate::scan::Span;
use crate::shard::{Rows, Shard};

/// Users for whom a leaf holds: those selected, or everybody else.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// Users that had to be looked at.
    pub selected: RoaringBitmap,
    /// Whether it holds for the rest of the population instead.
    pub complement: bool,
}

impl Answer {
    /// Holds for those selected only.
    pub fn of(selected: RoaringBitmap) -> Answer {
        Answer { selected, complement: false }
    }

    /// The users of a population for whom it holds.
    pub fn members(&self, population: &RoaringBitmap) -> RoaringBitmap {
        if self.complement { population - &self.selected } else { self.selected.clone() }
    }
}

/// Says which leaves are the same.
pub(crate) type LeafKey = [u8; 32];

/// Keys of the leaves of a rule and of the segments it refers to, by where the leaves are: nodes do not move during an
/// evaluation.
#[derive(Default)]
pub(crate) struct LeafKeys(FxHashMap<usize, LeafKey>);

impl LeafKeys {
    /// For one evaluation of a rule.
    pub fn of(rule: &CheckedRule) -> LeafKeys {
        let mut keys = LeafKeys::default();
        keys.add(&rule.root, rule, &mut FxHashSet::default());
        keys
    }

    fn get(&self, node: &Node) -> Option<&LeafKey> {
        self.0.get(&address(node))
    }

    /// `seen` holds the segments walked already.
    fn add(&mut self, node: &Node, rule: &CheckedRule, seen: &mut FxHashSet<usize>) {
        if is_leaf(node) {
            self.0.insert(address(node), key_of(node, rule));
        }
        if let NodeKind::Segment { rule, .. } = &node.kind
            && seen.insert(address(&rule.root))
        {
            self.add(&rule.root, rule, seen);
        }
        node.children().iter().for_each(|child| self.add(child, rule, seen));
    }
}

fn address(node: &Node) -> usize {
    std::ptr::from_ref(node).addr()
}

fn is_leaf(node: &Node) -> bool {
    use NodeKind::{Event, FirstTime, Regular, Sequence, Trait};
    matches!(node.kind, Trait(_) | Event(_) | Sequence(_) | FirstTime(_) | Regular(_))
}

/// The hash of a leaf's normal form and of the types that its conditions were checked for: those come from the data known at
/// the check, and the JSON says nothing of them. Where a rule reads catalogues, of its typed form, in which conditions on
/// attributes are resolved to keys and attributes to versions of their catalogues.
fn key_of(node: &Node, rule: &CheckedRule) -> LeafKey {
    match rule.source.pointer(&node.pointer) {
        Some(json) if json.is_object() && rule.catalogues.is_empty() => {
            let mut json = json.clone();
            json["tz"] = rule.zone.name().into();
            let of = |(path, predicate): (&str, &PathPredicate)| {
                let types: Vec<ValueType> = predicate.tests.iter().map(|(of, _)| *of).collect();
                format!("{path:?} {types:?}")
            };
            let mut types: Vec<String> = node.kind.predicates().into_iter().map(of).collect();
            types.sort();
            Sha256::new().chain_update(normal::hash(&json)).chain_update(format!("{types:?}")).finalize().into()
        }
        _ => Sha256::digest(format!("{} {:?}", rule.zone.name(), node.kind)).into(),
    }
}

/// What the answer of a leaf depends on besides its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Which rows there are.
    rows: u128,
    /// The window, cut to the times of the rows.
    window: Span,
    /// Times that are seen, cut likewise.
    past: i64,
    /// The instant, if conditions are relative to it.
    now: Option<i64>,
}

impl Stamp {
    fn of(node: &Node, scope: &Scope<'_>, shard: &Shard) -> Option<Stamp> {
        let mut rows = Rows::default();
        let window = match &node.kind {
            NodeKind::Trait(leaf) => {
                shard.rows_of_trait(&leaf.path, &mut rows);
                scope.past()
            }
            NodeKind::Event(leaf) => {
                shard.rows_of_events(&leaf.matching.events, &mut rows);
                scope.span(&leaf.window)
            }
            NodeKind::Sequence(leaf) => {
                for matching in leaf.steps.iter().flat_map(|step| std::iter::once(&step.matching).chain(&step.without)) {
                    shard.rows_of_events(&matching.events, &mut rows);
                }
                scope.span(&leaf.window)
            }
            NodeKind::FirstTime(leaf) => {
                shard.rows_of_events(&leaf.matching.events, &mut rows);
                scope.span(&leaf.window)
            }
            NodeKind::Regular(leaf) => {
                shard.rows_of_events(&leaf.matching.events, &mut rows);
                scope.past()
            }
            _ => return None,
        };
        let relative = matches!(node.kind, NodeKind::Regular(_))
            || node.kind.predicates().iter().any(|(_, predicate)| predicate.is_relative());
        let cut = |time| rows.cut(time);
        Some(Stamp {
            rows: rows.digest(),
            window: Span { from: cut(window.from), to: cut(window.to) },
            past: cut(scope.past().to),
            now: relative.then_some(scope.clock.now.0),
        })
    }
}

/// Answers kept for all shards, within a budget of memory.
pub(crate) struct Answers {
    shards: Vec<Mutex<Shelf>>,
    /// Bytes that one half of a shelf may hold.
    half: usize,
}

/// The answers of a shard. When the young half is full it becomes the old one, and what nobody asked for since is dropped.
#[derive(Default)]
struct Shelf {
    young: FxHashMap<LeafKey, Kept>,
    young_bytes: usize,
    old: FxHashMap<LeafKey, Kept>,
}

struct Kept {
    stamp: Stamp,
    answer: Arc<Answer>,
}

/// What an answer takes besides its bitmap.
const OVERHEAD: usize = 192;

impl Kept {
    fn bytes(&self) -> usize {
        OVERHEAD + self.answer.selected.serialized_size()
    }
}

impl Answers {
    /// For so many shards and bytes in all; with no bytes nothing is kept.
    pub fn new(shards: u16, bytes: usize) -> Answers {
        let shelves = (0..shards).map(|_| Mutex::default()).collect();
        Answers { shards: shelves, half: bytes / 2 / usize::from(shards.max(1)) }
    }

    /// The kept answer of a leaf, or the one that is computed.
    pub fn answer(
        &self,
        node: &Node,
        keys: &LeafKeys,
        (number, shard): (u16, &Shard),
        scope: &Scope<'_>,
        compute: impl FnOnce() -> Answer,
    ) -> Arc<Answer> {
        let stamp = if self.half > 0 { Stamp::of(node, scope, shard) } else { None };
        let (Some(stamp), Some(key)) = (stamp, keys.get(node)) else { return Arc::new(compute()) };
        let shelf = &self.shards[usize::from(number)];
        if let Some(answer) = shelf.lock().find(key, &stamp, self.half) {
            return answer;
        }
        // Not under the lock: others may compute the same meanwhile, and either answer is right.
        let answer = Arc::new(compute());
        shelf.lock().keep(*key, Kept { stamp, answer: answer.clone() }, self.half);
        answer
    }
}

impl Shelf {
    fn find(&mut self, key: &LeafKey, stamp: &Stamp, half: usize) -> Option<Arc<Answer>> {
        if let Some(kept) = self.young.get(key) {
            return (kept.stamp == *stamp).then(|| kept.answer.clone());
        }
        let kept = self.old.remove(key).filter(|kept| kept.stamp == *stamp)?;
        let answer = kept.answer.clone();
        self.keep(*key, kept, half);
        Some(answer)
    }

    fn keep(&mut self, key: LeafKey, kept: Kept, half: usize) {
        let bytes = kept.bytes();
        if bytes > half {
            return;
        }
        if self.young_bytes + bytes > half {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        if let Some(before) = self.young.insert(key, kept) {
            self.young_bytes -= before.bytes();
        }
    }
}

impl Rows {
    /// A time, if it separates the rows; else that it lies before or after all of them.
    fn cut(&self, time: i64) -> i64 {
        if time <= self.min_time {
            i64::MIN
        } else if time > self.max_time {
            i64::MAX
        } else {
            time
        }
    }

    fn digest(&self) -> u128 {
        let mut hasher = Xxh3::new();
        self.files.hash(&mut hasher);
        hasher.write_usize(self.in_memory);
        hasher.digest128()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(stamp: i64, users: u32) -> Kept {
        let stamp = Stamp { rows: 0, window: Span { from: 0, to: 0 }, past: 0, now: Some(stamp) };
        Kept { stamp, answer: Arc::new(Answer::of((0..users * 2).step_by(2).collect())) }
    }

    #[test]
    fn an_answer_is_given_again_only_under_the_same_stamp() {
        let mut shelf = Shelf::default();
        shelf.keep([1; 32], kept(1, 10), 1 << 20);
        assert_eq!(shelf.find(&[1; 32], &kept(1, 0).stamp, 1 << 20), Some(kept(1, 10).answer));
        assert_eq!(shelf.find(&[1; 32], &kept(2, 0).stamp, 1 << 20), None);
        assert_eq!(shelf.find(&[2; 32], &kept(1, 0).stamp, 1 << 20), None);
    }

    #[test]
    fn what_nobody_asks_for_is_dropped_and_the_budget_kept() {
        let (mut shelf, half) = (Shelf::default(), 4 * kept(1, 100).bytes());
        for key in 0..100 {
            shelf.keep([key; 32], kept(1, 100), half);
            assert!(shelf.find(&[0; 32], &kept(1, 0).stamp, half).is_some(), "asked for all the time");
            assert!(shelf.young.len() <= 4 && shelf.old.len() <= 4);
        }
        assert!(shelf.find(&[1; 32], &kept(1, 0).stamp, half).is_none());
        shelf.keep([200; 32], kept(1, 10_000), half);
        assert!(shelf.find(&[200; 32], &kept(1, 0).stamp, half).is_none(), "larger than the shelf");
    }

    #[test]
    fn counting_bytes_survives_replacement() {
        let mut shelf = Shelf::default();
        for stamp in 0..1000 {
            shelf.keep([1; 32], kept(stamp, 100), 1 << 20);
        }
        assert_eq!((shelf.young.len(), shelf.young_bytes), (1, kept(1, 100).bytes()));
    }

    #[test]
    fn times_beyond_the_rows_are_all_alike() {
        let rows = Rows { files: Vec::new(), in_memory: 2, min_time: 10, max_time: 20 };
        assert_eq!(
            [i64::MIN, 10, 11, 20, 21, i64::MAX].map(|time| rows.cut(time)),
            [i64::MIN, i64::MIN, 11, 20, i64::MAX, i64::MAX]
        );
    }

    #[test]
    fn leaves_that_differ_only_in_writing_have_one_key() {
        let rule = |text: &str| {
            let json: serde_json::Value = serde_json::from_str(text).unwrap();
            let schema = rollcall_rules::Schema::default();
            rollcall_rules::check(&json, None, &schema, &Nothing).unwrap().0
        };
        let one = rule(r#"{"all":[{"event":"view","window":{"last":"1d"}},{"everyone":true}],"tz":"UTC"}"#);
        let other = rule(r#"{"event":["view"],"window":{"last":"24h"},"label":"viewers"}"#);
        let elsewhere = rule(r#"{"event":"view","window":{"last":"1d"},"tz":"Europe/Paris"}"#);
        let key = |rule: &CheckedRule, node: &Node| *LeafKeys::of(rule).get(node).unwrap();
        let (leaf, root) = (key(&one, &one.root.children()[0]), key(&other, &other.root));
        assert_eq!(leaf, root);
        assert_ne!(root, key(&elsewhere, &elsewhere.root), "days are those of a zone");
    }

    struct Nothing;

    impl rollcall_rules::References for Nothing {
        fn segment_rule(&self, _: &str) -> Option<Arc<serde_json::Value>> {
            None
        }

        fn list_exists(&self, _: &str) -> bool {
            false
        }
    }
}
