//! Rankings. Who is kept depends on the users of all shards, so every `top` of a rule (and of the segments it refers to) is
//! settled before the rule itself is evaluated: the shards rank their users, the scores meet, and each shard keeps its part.

use std::cmp::Ordering;
use std::sync::Arc;

use roaring::RoaringBitmap;
use rollcall_rules::{CheckedRule, Node, NodeKind, RankBy, Ranking, TopNode, Zone};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::evaluate::Scope;
use crate::evaluate::accumulate::PerUser;
use crate::evaluate::aggregate::{active_days, count, distinct, extremes, sums};
use crate::shard::Shard;

/// Members of each settled `top`, by shard.
#[derive(Default)]
pub(crate) struct Tops {
    settled: FxHashMap<usize, Vec<RoaringBitmap>>,
}

impl Tops {
    /// Members on a shard; nobody if it was not settled.
    pub fn members(&self, top: &TopNode, shard: u16) -> RoaringBitmap {
        self.settled.get(&key(top)).and_then(|shards| shards.get(usize::from(shard))).cloned().unwrap_or_default()
    }

    /// The same for a shard that holds nobody but one user of a shard, under uid 0.
    pub fn of_user(&self, shard: u16, uid: u32) -> Tops {
        let alone = |shards: &Vec<RoaringBitmap>| {
            let kept = shards.get(usize::from(shard)).is_some_and(|members| members.contains(uid));
            vec![RoaringBitmap::from_iter(kept.then_some(0))]
        };
        Tops { settled: self.settled.iter().map(|(key, shards)| (*key, alone(shards))).collect() }
    }

    /// Settles a ranking from the scores of each shard.
    pub fn settle(&mut self, top: &TopNode, shards: &[PerUser<Score>]) {
        let least = least_kept(top, shards);
        let keeps = |score: Score| least.is_some_and(|least| score.order(least) != Ordering::Less);
        let users = |shard: &PerUser<Score>| shard.iter().filter(|(_, score)| keeps(*score)).map(|(uid, _)| *uid).collect();
        self.settled.insert(key(top), shards.iter().map(users).collect());
    }
}

/// The score of the last that is kept, ties aside.
fn least_kept(top: &TopNode, shards: &[PerUser<Score>]) -> Option<Score> {
    let mut scores: Vec<Score> = shards.iter().flatten().map(|(_, score)| *score).collect();
    let kept = top.size.of(scores.len() as u64) as usize;
    kept.checked_sub(1).map(|last| *scores.select_nth_unstable_by(last, |a, b| b.order(*a)).1)
}

/// Where a user stands in a ranking.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    /// The user's score; none if the user is not ranked.
    pub score: Option<Score>,
    /// How many have a better one.
    pub better: u64,
    /// How many are ranked.
    pub ranked: u64,
    /// The score of the last that is kept.
    pub least: Option<Score>,
}

impl Standing {
    /// Of one user of a shard, from the scores of each shard.
    pub fn of(top: &TopNode, shards: &[PerUser<Score>], shard: usize, uid: u32) -> Standing {
        let score = shards.get(shard).and_then(|scores| {
            let at = scores.binary_search_by_key(&uid, |(other, _)| *other).ok()?;
            Some(scores[at].1)
        });
        let all = || shards.iter().flatten();
        let beats = |other: Score| score.is_some_and(|score| other.order(score) == Ordering::Greater);
        Standing {
            score,
            better: all().filter(|(_, other)| beats(*other)).count() as u64,
            ranked: all().count() as u64,
            least: least_kept(top, shards),
        }
    }
}

/// Nodes do not move during an evaluation.
pub(crate) fn key(top: &TopNode) -> usize {
    std::ptr::from_ref(top).addr()
}

/// What a user is ranked by. All of one ranking are of one kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Score {
    Whole(i128),
    /// Sum and number of values; compared as exact quotients.
    Mean(i128, u64),
    Number(f64),
}

impl Score {
    fn order(self, other: Score) -> Ordering {
        match (self, other) {
            (Score::Whole(a), Score::Whole(b)) => a.cmp(&b),
            (Score::Mean(a, m), Score::Mean(b, n)) => a.saturating_mul(i128::from(n)).cmp(&b.saturating_mul(i128::from(m))),
            (Score::Number(a), Score::Number(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        }
    }
}

/// The scores of a shard's users who have one.
pub(crate) fn scores(scope: &Scope<'_>, ranking: &Ranking, shard: &Shard) -> PerUser<Score> {
    let span = scope.span(&ranking.window);
    let sources = scope.sources(&ranking.matching, shard, span);
    let whole = |counts: PerUser<u64>| each(counts, |count| Some(Score::Whole(i128::from(count))));
    match &ranking.by {
        RankBy::Count => whole(count(scope, &sources, span)),
        RankBy::Days => whole(active_days(scope, &sources, span)),
        RankBy::Distinct(of) => {
            // Users with an event but without a value have 0 distinct ones.
            let mut all = each(count(scope, &sources, span), |_| Some(0));
            let values = distinct(&sources, of, span);
            let mut at = 0;
            for (uid, count) in values {
                at += all[at..].partition_point(|(other, _)| *other < uid);
                if let Some(place) = all.get_mut(at).filter(|(other, _)| *other == uid) {
                    place.1 = count;
                }
            }
            whole(all)
        }
        RankBy::Sum(of) => each(sums(scope, &sources, of, span), |(sum, _)| Some(Score::Whole(sum))),
        RankBy::Avg(of) => {
            each(sums(scope, &sources, of, span), |(sum, values)| (values > 0).then_some(Score::Mean(sum, values)))
        }
        RankBy::Min(of) => each(extremes(scope, &sources, of, span, f64::min), number),
        RankBy::Max(of) => each(extremes(scope, &sources, of, span, f64::max), number),
    }
}

fn number(number: f64) -> Option<Score> {
    (!number.is_nan()).then_some(Score::Number(number))
}

fn each<A, B>(results: PerUser<A>, change: impl Fn(A) -> Option<B>) -> PerUser<B> {
    results.into_iter().filter_map(|(uid, result)| Some((uid, change(result)?))).collect()
}

/// Every `top` in a rule and in the segments it refers to, inner ones first, with the zone it is evaluated in.
pub(crate) fn tops_of(rule: &CheckedRule) -> Vec<(&TopNode, &Zone)> {
    let mut found = Vec::new();
    add_tops(&rule.root, &rule.zone, &mut found, &mut FxHashSet::default());
    found
}

fn add_tops<'a>(node: &'a Node, zone: &'a Zone, found: &mut Vec<(&'a TopNode, &'a Zone)>, seen: &mut FxHashSet<usize>) {
    if let NodeKind::Segment { rule, .. } = &node.kind
        && seen.insert(Arc::as_ptr(rule).addr())
    {
        add_tops(&rule.root, &rule.zone, found, seen);
    }
    node.children().iter().for_each(|child| add_tops(child, zone, found, seen));
    if let NodeKind::Top(top) = &node.kind {
        found.push((top, zone));
    }
}
