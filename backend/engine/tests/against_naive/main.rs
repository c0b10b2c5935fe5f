//! The engine against a naive evaluator: random facts with ties and edges, taken in, flushed, merged and reopened at random.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../../../../tests/differential/mod.rs"]
mod differential;
mod layouts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use rollcall_engine::{Engine, EngineOptions, MessageKey, ValuesOf};
use rollcall_rules::digest::digest_of_sorted;
use rollcall_rules::{CheckedRule, Fact, Instant, Node};

use differential::dice::{Dice, HOUR, START};
use differential::naive::{Naive, elements, event};

type Lists = BTreeMap<String, Vec<String>>;

fn open(dir: &Path, lists: &Lists, part_rows: usize) -> Engine {
    let engine = Engine::open(dir, EngineOptions { shards: 3, part_rows, ..EngineOptions::default() }).unwrap();
    for (id, ids) in lists {
        engine.set_list(id, 1, ids);
    }
    engine
}

/// Takes in all facts, with flushes, merges and restarts in between. Some rules are evaluated again and again meanwhile, so that
/// answers are kept which must not be given any more.
fn take_in(dice: &mut Dice, open: impl Fn() -> Engine, lists: &Lists, facts: &[Fact], rules: &[CheckedRule]) -> Engine {
    let (mut engine, mut done) = (open(), 0);
    let end = facts.last().map_or(0, Fact::seq);
    while done < facts.len() {
        let batch = 1 + dice.below(40) as usize;
        let until = facts.len().min(done + batch);
        let up_to = if until == facts.len() { end } else { facts[until].seq() - 1 };
        engine.append(&facts[done..until], up_to);
        assert_eq!(engine.watermark(), up_to);
        done = until;
        let naive = Naive { facts: &facts[..done], lists };
        for now in [Instant(START + 60 * HOUR), dice.time()] {
            compare(&engine, &naive, &dice.pick(rules), now);
        }
        match dice.below(6) {
            0 | 1 => {
                assert_eq!(engine.flush().unwrap(), engine.watermark());
            }
            2 => while engine.compact().unwrap() {},
            3 => {
                let durable = engine.durable_seq();
                drop(engine);
                engine = open();
                assert_eq!((engine.durable_seq(), engine.watermark()), (durable, durable));
                // What was not durable is replayed, and a little more, which is passed over.
                let again = facts.partition_point(|fact| fact.seq() + 3 <= durable);
                engine.append(&facts[again..done], engine.watermark().max(up_to));
            }
            _ => {}
        }
    }
    engine
}

fn nodes<'a>(node: &'a Node, into: &mut Vec<&'a Node>) {
    into.push(node);
    node.children().iter().for_each(|child| nodes(child, into));
}

fn compare(engine: &Engine, naive: &Naive<'_>, rule: &CheckedRule, now: Instant) {
    let evaluation = engine.evaluate(rule, now).unwrap();
    let wanted = naive.members(rule, now);
    let found: Vec<String> = engine.sorted_user_ids(&evaluation.members);
    assert_eq!(found, wanted.iter().cloned().collect::<Vec<_>>(), "{now:?} {rule:#?}");
    assert_eq!(engine.digest(&evaluation.members), digest_of_sorted(wanted.iter().map(String::as_str)));
    assert_eq!(evaluation.population, naive.population(now).len() as u64);
    let events = naive.facts.iter().filter_map(event).filter(|event| event.user_id.is_some() && event.time <= now);
    assert_eq!(evaluation.events, events.count() as u64);
    assert_eq!(evaluation.watermark, engine.watermark());
    let mut all = Vec::new();
    nodes(&rule.root, &mut all);
    let counts: Vec<(&str, u64)> = evaluation.nodes.iter().map(|node| (node.pointer.as_str(), node.count)).collect();
    let count = |node: &&Node| naive.node(node, &rule.zone, now).len() as u64;
    assert_eq!(counts, all.iter().map(|node| (node.pointer.as_str(), count(node))).collect::<Vec<_>>());
}

fn compare_readings(engine: &Engine, naive: &Naive<'_>, now: Instant) {
    let population = naive.population(now);
    let summary = engine.summary(now);
    assert_eq!(summary.users, population.len() as u64);
    for user in &population {
        let uid = engine.uid(user).unwrap();
        assert_eq!(engine.user_id(uid).as_ref(), Some(user));
        let traits: Vec<_> = ["a", "a.b", "b", "d", "many", "n", "nl", "o", "s", "s.n", "sl", "t"]
            .into_iter()
            .filter_map(|key| {
                let ever = naive.trait_value(user, key, now)?;
                Some((key.to_owned(), ever))
            })
            .collect();
        let found = engine.traits_of(uid, now);
        // Without a literal key `a.b` the naive value comes through the object `a`.
        let without = |list: &[(String, _)]| -> Vec<_> { list.iter().filter(|(key, _)| key != "a.b").cloned().collect() };
        assert_eq!(without(&found), without(&traits), "{user}");
    }
    for path in ["s", "a.b", "a.b.c", "nl"] {
        let uids: Vec<_> = population.iter().rev().map(|user| engine.uid(user).unwrap()).collect();
        let wanted: Vec<_> = population.iter().rev().map(|user| naive.trait_value(user, path, now)).collect();
        assert_eq!(engine.trait_values(uids, path, now), wanted);
        let mut users: BTreeMap<String, u64> = BTreeMap::new();
        for value in wanted.iter().flatten() {
            let distinct: BTreeSet<String> = elements(value).into_iter().filter(|text| !text.starts_with("Object")).collect();
            distinct.into_iter().for_each(|value| *users.entry(value).or_default() += 1);
        }
        let found = engine.value_frequencies(&ValuesOf::Trait(path.to_owned()), "", 1000, now);
        assert_eq!(found.distinct, users.len() as u64);
        let found: BTreeMap<String, u64> = found.items.iter().map(|(value, count)| (format!("{value:?}"), *count)).collect();
        assert_eq!(found, users);
    }
    compare_property(engine, naive, now);
    for fact in naive.facts {
        assert!(engine.seen(MessageKey::of_fact(fact)));
    }
    assert!(!engine.seen(MessageKey::of("user-1", "never")));
}

fn compare_property(engine: &Engine, naive: &Naive<'_>, now: Instant) {
    let mut users: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for event in naive.facts.iter().filter_map(event).filter(|event| event.name == "view" && event.time <= now) {
        let Some(user) = event.user_id.as_deref() else { continue };
        for (_, value) in event.properties.iter().filter(|(path, _)| path == "mixed") {
            users.entry(format!("{value:?}")).or_default().insert(user);
        }
    }
    let of = ValuesOf::Property { event: "view".to_owned(), path: "mixed".to_owned() };
    let found = engine.value_frequencies(&of, "", 1000, now);
    let found: BTreeMap<String, usize> =
        found.items.iter().map(|(value, count)| (format!("{value:?}"), *count as usize)).collect();
    assert_eq!(found, users.into_iter().map(|(value, users)| (value, users.len())).collect());
}

/// A few cases by default, since each compares hundreds of sets; `PROPTEST_CASES=500` for an afternoon.
fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    if std::env::var_os("PROPTEST_CASES").is_some() { default } else { ProptestConfig { cases: 24, ..default } }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn agrees(seed in any::<u64>(), count in 0_usize..700) {
        let mut dice = Dice(seed);
        let mut seq = 0;
        let facts: Vec<Fact> = (0..count)
            .map(|_| {
                seq += 1 + dice.below(3);
                dice.fact(seq)
            })
            .collect();
        let lists = Lists::from([
            ("one".to_owned(), vec!["user-1".to_owned(), "user-3".to_owned(), "user-3".to_owned(), "stranger".to_owned()]),
            ("two".to_owned(), Vec::new()),
        ]);
        let dir = tempfile::tempdir().unwrap();
        let rules: Vec<CheckedRule> = (0..6).map(|_| dice.rule(1)).collect();
        // Of every second index each range of time is a table of its own.
        let part_rows = if seed.is_multiple_of(2) { 1 } else { EngineOptions::default().part_rows };
        let engine = take_in(&mut dice, || open(dir.path(), &lists, part_rows), &lists, &facts, &rules);
        let naive = Naive { facts: &facts, lists: &lists };
        for round in 0..25 {
            let now = if round % 3 == 0 { Instant(START + 200 * HOUR) } else { dice.time() };
            let rule = dice.rule(2);
            compare(&engine, &naive, &rule, now);
            if round % 8 == 0 {
                compare_readings(&engine, &naive, now);
            }
        }
        // However facts were batched, the index holds the same.
        let (other_dir, now) = (tempfile::tempdir().unwrap(), dice.time());
        let other = open(other_dir.path(), &lists, part_rows);
        other.append(&facts, seq);
        assert_eq!(other.fingerprint(now), engine.fingerprint(now));
        assert_eq!(other.event_counts(), engine.event_counts());
    }
}
