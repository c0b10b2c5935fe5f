//! Engine against SQL against the naive meaning: random small populations, random valid rules, every seed printed if it fails.
//!
//! `ROLLCALL_DIFFERENTIAL_RULES=100000` makes a long run, `ROLLCALL_DIFFERENTIAL_SEED=n` repeats one population. A seed that
//! failed stays in `tests/differential/regressions.txt`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rollcall_engine::{Engine, EngineOptions};
use rollcall_lake::{Lake, LakeBatch, LakeOptions};
use rollcall_rules::{CheckedRule, Fact, Instant, Schema};
use url::Url;

#[path = "../../differential/mod.rs"]
pub mod random;

use random::dice::{Dice, HOUR, START};
use random::naive::Naive;

/// Rules for each population.
const RULES: u64 = 20;
/// Rules of a run unless the environment says otherwise.
const DEFAULT: u64 = 2_000;

type Lists = BTreeMap<String, Vec<String>>;

/// One population in all three.
struct World<'a> {
    engine: Engine,
    lake: Lake,
    naive: Naive<'a>,
    up_to: u64,
    versions: BTreeMap<String, u64>,
    _folder: tempfile::TempDir,
}

fn lists() -> Lists {
    let two = ["user-1", "user-3", "stranger"].map(str::to_owned).to_vec();
    Lists::from([("one".to_owned(), two), ("two".to_owned(), Vec::new())])
}

impl<'a> World<'a> {
    /// In the engine two thirds lie in two chunks, the rest in the tail; of every second population each range of time is a
    /// table of its own.
    async fn of(seed: u64, facts: &'a [Fact], lists: &'a Lists) -> World<'a> {
        let folder = tempfile::tempdir().unwrap();
        let up_to = facts.last().map_or(0, Fact::seq);
        let part_rows = if seed.is_multiple_of(2) { 1 } else { EngineOptions::default().part_rows };
        let options = EngineOptions { shards: 3, part_rows, ..EngineOptions::default() };
        let engine = Engine::open(&folder.path().join("index"), options).unwrap();
        let third = facts.len().div_ceil(3).max(1);
        for (number, part) in facts.chunks(third).enumerate() {
            engine.append(part, part.last().map_or(0, Fact::seq));
            if number < 2 {
                engine.flush().unwrap();
            }
        }
        std::fs::create_dir(folder.path().join("lake")).unwrap();
        let url = Url::from_directory_path(folder.path().join("lake")).unwrap();
        let options = LakeOptions { memory_limit_bytes: 256 << 20, ..LakeOptions::default() };
        let lake = Lake::open(&url, options).await.unwrap();
        let mut versions = BTreeMap::new();
        for (id, user_ids) in lists {
            engine.set_list(id, 1, user_ids);
            versions.insert(id.clone(), lake.write_list(id, 0, user_ids).await.unwrap());
        }
        lake.commit(LakeBatch { facts, quarantined: &[], up_to, schema: &Schema::default() }).await.unwrap();
        World { engine, lake, naive: Naive { facts, lists }, up_to, versions, _folder: folder }
    }

    /// What is wrong, if the three do not give the same users.
    async fn disagreement(&self, rule: &CheckedRule, now: Instant) -> Option<String> {
        let naive: Vec<String> = self.naive.members(rule, now).into_iter().collect();
        let members = self.engine.evaluate(rule, now).unwrap().members;
        let engine = self.engine.sorted_user_ids(&members);
        let sql = match self.lake.evaluate(rule, now, self.up_to, &self.versions).await {
            Ok(sql) => sql,
            Err(error) => return Some(format!("SQL: {error}")),
        };
        (naive != engine || naive != sql).then(|| format!("naive  {naive:?}\nengine {engine:?}\nsql    {sql:?}"))
    }
}

fn facts_of(dice: &mut Dice) -> Vec<Fact> {
    let mut seq = 0;
    (0..dice.below(250))
        .map(|_| {
            seq += 1 + dice.below(3);
            dice.fact(seq)
        })
        .collect()
}

/// The fewest facts that still disagree, by leaving out ever smaller runs of them.
async fn shrunk(seed: u64, facts: &[Fact], rule: &CheckedRule, now: Instant, lists: &Lists) -> Vec<Fact> {
    let mut kept = facts.to_vec();
    let mut run = kept.len().div_ceil(2);
    while run > 0 {
        let mut at = 0;
        while at < kept.len() {
            let mut fewer = kept.clone();
            fewer.drain(at..kept.len().min(at + run));
            if World::of(seed, &fewer, lists).await.disagreement(rule, now).await.is_some() {
                kept = fewer;
            } else {
                at += run;
            }
        }
        run /= 2;
    }
    kept
}

/// Compares one population's rules; the first that fails is shrunk and told.
async fn check(seed: u64) -> Result<(), String> {
    let (mut dice, lists) = (Dice(seed), lists());
    let facts = facts_of(&mut dice);
    let world = World::of(seed, &facts, &lists).await;
    for _ in 0..RULES {
        let now = if dice.one_in(3) { Instant(START + 200 * HOUR) } else { dice.time() };
        let mut rule = dice.rule(2);
        if world.disagreement(&rule, now).await.is_none() {
            continue;
        }
        // A part of the rule that fails by itself says more.
        loop {
            let parts = rule.root.children().iter().map(|child| CheckedRule { root: child.clone(), ..rule.clone() });
            let mut smaller = None;
            for part in parts {
                if world.disagreement(&part, now).await.is_some() {
                    smaller = Some(part);
                    break;
                }
            }
            match smaller {
                Some(part) => rule = part,
                None => break,
            }
        }
        let facts = shrunk(seed, &facts, &rule, now, &lists).await;
        let world = World::of(seed, &facts, &lists).await;
        let disagreement = world.disagreement(&rule, now).await.unwrap_or_default();
        let sql = world.lake.explain_sql(&rule, now, world.up_to, &world.versions).await.unwrap_or_default();
        return Err(format!("seed {seed} at {now:?}\n{disagreement}\n{:#?}\n{facts:#?}\n{sql}", rule.root));
    }
    Ok(())
}

pub fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn three_evaluators_agree() {
    let regressions = include_str!("../../differential/regressions.txt").lines().filter_map(|line| line.parse().ok());
    let seeds: Vec<u64> = match number("ROLLCALL_DIFFERENTIAL_SEED") {
        Some(seed) => vec![seed],
        None => {
            let rules = number("ROLLCALL_DIFFERENTIAL_RULES").unwrap_or(DEFAULT);
            let from = number("ROLLCALL_DIFFERENTIAL_FROM").unwrap_or(1);
            regressions.chain(from..from + rules.div_ceil(RULES)).collect()
        }
    };
    let next = AtomicU64::new(0);
    let work = || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
            runtime.block_on(check(*seed))?;
        }
        Ok::<(), String>(())
    };
    let outcomes: Vec<Result<(), String>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let failures: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    println!("{} rules on {} populations", seeds.len() as u64 * RULES, seeds.len());
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
