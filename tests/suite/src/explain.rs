//! Explanations against counts and against the naive meaning: for every node of random rules and every user of random worlds the
//! verdict is membership in the node's own evaluation, and the evidence is what naive code finds.
//!
//! `ROLLCALL_EXPLAIN_WORLDS=2000` makes a long run; the seed of a world that failed is printed.

use std::collections::{BTreeMap, BTreeSet};

use rollcall_engine::{Engine, EngineOptions, Evidence, Explanation, Measured, Miss, NodeExplanation, OwnEvent};
use rollcall_rules::exact::billionths;
use rollcall_rules::{
    Attribute, CheckedRule, Clock, EventFact, EventLeaf, EventMatch, Fact, Filter, Instant, Linked, Measure, Node, NodeKind,
    Operand, SequenceLeaf, TopNode, Value, Window, Zone,
};

use crate::differential::random::behaviour::{did_in_order, is_regular, score};
use crate::differential::random::dice::{Dice, HOUR, START};
use crate::differential::random::naive::{Naive, distinct_days, distinct_values, numbers, operand};

const WORLDS: u64 = 60;
const RULES: u64 = 20;

type Lists = BTreeMap<String, Vec<String>>;

struct World<'a> {
    engine: Engine,
    naive: Naive<'a>,
    users: Vec<String>,
    _folder: tempfile::TempDir,
}

impl<'a> World<'a> {
    /// Part of the facts lie in chunks, part in the tail.
    fn of(dice: &mut Dice, facts: &'a [Fact], lists: &'a Lists) -> World<'a> {
        let folder = tempfile::tempdir().unwrap();
        let engine = Engine::open(folder.path(), EngineOptions { shards: 3, part_rows: 1, ..EngineOptions::default() }).unwrap();
        for part in facts.chunks(1 + dice.below(150) as usize) {
            engine.append(part, part.last().map_or(0, Fact::seq));
            if !dice.one_in(3) {
                engine.flush().unwrap();
            }
            if dice.one_in(3) {
                while engine.compact().unwrap() {}
            }
        }
        for (id, user_ids) in lists {
            engine.set_list(id, 1, user_ids);
        }
        let users = (0..14).map(|number| format!("user-{number}")).chain(["stranger".to_owned()]).collect();
        World { engine, naive: Naive { facts, lists }, users, _folder: folder }
    }

    /// The members of each node, each evaluated by itself.
    fn members(&self, rule: &CheckedRule, now: Instant) -> Vec<(String, BTreeSet<String>)> {
        let mut nodes = Vec::new();
        in_order(&rule.root, &mut nodes);
        let of = |node: &Node| {
            let alone = CheckedRule { root: node.clone(), ..rule.clone() };
            let members = self.engine.evaluate(&alone, now).unwrap().members;
            (node.pointer.clone(), self.engine.sorted_user_ids(&members).into_iter().collect())
        };
        nodes.into_iter().map(of).collect()
    }

    fn check(&self, rule: &CheckedRule, now: Instant) {
        let population = self.naive.population(now);
        let members = self.members(rule, now);
        for user in &self.users {
            let explained = self.engine.explain(rule, user, now).unwrap();
            assert_eq!(explained.watermark, self.engine.watermark());
            let named = self.naive.facts.iter().filter(|fact| fact.user_id() == Some(user)).map(Fact::time).min();
            assert_eq!(explained.first_seen, named, "{user}");
            if !population.contains(user) {
                assert!(explained.nodes.is_empty() && !explained.is_member());
                continue;
            }
            self.check_nodes(user, rule, &members, &explained.nodes, &explained, now);
        }
    }

    /// `explained` are the nodes of `rule`, which is the whole rule or that of a segment in it.
    fn check_nodes(
        &self,
        user: &str,
        rule: &CheckedRule,
        members: &[(String, BTreeSet<String>)],
        explained: &[NodeExplanation],
        whole: &Explanation,
        now: Instant,
    ) {
        let verdicts: Vec<(&str, bool)> = explained.iter().map(|node| (node.pointer.as_str(), node.holds)).collect();
        let wanted: Vec<(&str, bool)> = members.iter().map(|(at, users)| (at.as_str(), users.contains(user))).collect();
        assert_eq!(verdicts, wanted, "{user} {:#?}", rule.root);
        let mut nodes = Vec::new();
        in_order(&rule.root, &mut nodes);
        for (node, explained) in nodes.into_iter().zip(explained) {
            self.check_evidence(user, node, &rule.zone, explained, now);
            if let (NodeKind::Segment { rule, .. }, Evidence::Segment { id }) = (&node.kind, &explained.evidence) {
                self.check_nodes(user, rule, &self.members(rule, now), &whole.segments[id], whole, now);
            }
        }
    }

    fn check_evidence(&self, user: &str, node: &Node, zone: &Zone, explained: &NodeExplanation, now: Instant) {
        let clock = Clock { now, zone: zone.clone() };
        let all = |matching| self.naive.matching(user, matching, &Window::Always, &clock);
        match (&node.kind, &explained.evidence) {
            (NodeKind::Trait(leaf), Evidence::Trait(found)) => {
                assert_eq!(found.value, self.naive.trait_value(user, &leaf.path, now));
                assert_eq!(found.since.is_some(), found.updated.is_some());
                assert!(found.since <= found.updated.map(|(at, _)| at) && found.since.is_none_or(|since| since <= now));
            }
            (NodeKind::LinkedTrait(linked), Evidence::Attribute(found)) => {
                assert_eq!(found.key.value, self.naive.trait_value(user, &linked.key, now));
                assert_eq!(found.literal.value, self.naive.trait_value(user, &linked.path, now));
                let value = found.literal.value.as_ref().or(found.attribute.as_ref());
                assert_eq!(linked.predicate.holds(value, &clock), explained.holds);
            }
            (NodeKind::Event(leaf), Evidence::Event(found)) => {
                let events = self.naive.matching(user, &leaf.matching, &leaf.window, &clock);
                assert_eq!(found.matching, events.len() as u64);
                assert_eq!(found.measured, measured(leaf, &events, &clock), "{:#?}", leaf.measure);
                assert!(found.events.len() <= 10 && found.events.iter().all(|event| is_one_of(event, &events)));
                let window = leaf.window.resolve(&clock);
                for near in &found.near {
                    let event = all(&leaf.matching).into_iter().find(|event| event.seq == near.event.seq);
                    match (&near.miss, event) {
                        (Miss::Early(by), Some(event)) => assert_eq!(Some(event.time.0 + by), window.from.map(|from| from.0)),
                        (Miss::Late(by), Some(event)) => assert_eq!(Some(event.time.0 - by), window.to.map(|to| to.0)),
                        (Miss::Filters(failed), None) => assert!(!failed.is_empty()),
                        (miss, event) => panic!("{miss:?} of {event:?}"),
                    }
                }
            }
            (NodeKind::Sequence(leaf), Evidence::Sequence(found)) => {
                self.check_chain(user, leaf, &found.chain, explained.holds, &clock);
            }
            (NodeKind::FirstTime(leaf), Evidence::FirstTime(found)) => {
                assert_eq!(found.first.as_ref().map(|event| event.seq), all(&leaf.matching).first().map(|event| event.seq));
                assert_eq!(found.first.is_some() && found.miss.is_none(), explained.holds);
            }
            (NodeKind::Regular(leaf), Evidence::Regular(found)) => {
                let enough = found.periods.iter().filter(|period| period.count >= leaf.count).count();
                assert_eq!(enough as u64 >= u64::from(leaf.min_periods), explained.holds);
                assert_eq!(is_regular(leaf, &all(&leaf.matching), &clock), explained.holds);
            }
            (NodeKind::Top(top), Evidence::Top(found)) => {
                let (rank, ranked) = self.rank(user, top, zone, &clock);
                assert_eq!((found.rank, found.ranked), (rank, ranked));
                assert_eq!(found.kept, top.size.of(ranked));
                assert_eq!(found.score.is_some(), rank.is_some());
                assert_eq!(rank.is_some_and(|rank| rank <= found.kept), explained.holds);
            }
            (NodeKind::List { id }, Evidence::List { id: found, version: 1 }) => assert_eq!(found, id),
            (NodeKind::Segment { id, .. }, Evidence::Segment { id: found }) => assert_eq!(found, id),
            (NodeKind::Everyone, Evidence::Everyone) => {}
            (NodeKind::All(_) | NodeKind::Any(_) | NodeKind::Not(_), Evidence::Below) => {}
            (kind, evidence) => panic!("{kind:#?} {evidence:#?}"),
        }
    }

    /// The chain does as many steps as it has events, and no choice of events does one more.
    fn check_chain(&self, user: &str, leaf: &SequenceLeaf, chain: &[OwnEvent], holds: bool, clock: &Clock) {
        assert_eq!(chain.len() == leaf.steps.len(), holds);
        let roles = |steps: usize, only: &[OwnEvent]| {
            let beginning = SequenceLeaf { steps: leaf.steps[..steps].to_vec(), ..leaf.clone() };
            let matching = |of: &EventMatch| self.naive.matching(user, of, &leaf.window, clock);
            let role = |(at, step): (usize, &rollcall_rules::Step)| {
                let mut events = matching(&step.matching);
                events.retain(|event| only.get(at).is_none_or(|only| only.seq == event.seq));
                (events, step.without.as_ref().map(matching).unwrap_or_default())
            };
            let roles: Vec<_> = beginning.steps.iter().enumerate().map(role).collect();
            did_in_order(&beginning, &roles, clock)
        };
        assert!(roles(chain.len(), chain), "{chain:#?} does not do {leaf:#?}");
        assert!(holds || !roles(chain.len() + 1, &[]), "more than {chain:#?} does {leaf:#?}");
    }

    fn rank(&self, user: &str, top: &TopNode, zone: &Zone, clock: &Clock) -> (Option<u64>, u64) {
        let among = match &top.among {
            Some(among) => self.naive.node(among, zone, clock.now),
            None => self.naive.population(clock.now),
        };
        let score = |user: &String| {
            let events = self.naive.matching(user, &top.by.matching, &top.by.window, clock);
            score(&top.by.by, &events, clock).map(|score| (user.clone(), score))
        };
        let scores: BTreeMap<String, (i128, i128)> = among.iter().filter_map(score).collect();
        let own = scores.get(user);
        let better = |own: &(i128, i128)| scores.values().filter(|other| other.0 * own.1 > own.0 * other.1).count() as u64;
        (own.map(|own| 1 + better(own)), scores.len() as u64)
    }
}

fn in_order<'a>(node: &'a Node, into: &mut Vec<&'a Node>) {
    into.push(node);
    node.children().iter().for_each(|child| in_order(child, into));
}

fn is_one_of(event: &OwnEvent, of: &[&EventFact]) -> bool {
    of.iter().any(|fact| {
        let holds = |(path, value): &(String, _)| fact.properties.iter().any(|(at, is)| at == path && is == value);
        let literal = |(path, _): &&(String, _)| !path.contains('.');
        fact.seq == event.seq
            && fact.time == event.time
            && fact.name == event.name
            && event.properties.iter().filter(literal).all(holds)
    })
}

fn measured(leaf: &EventLeaf, events: &[&EventFact], clock: &Clock) -> Measured {
    let numbers = |of: &Operand| numbers(events, of);
    let value = |event: Option<&&EventFact>, condition: &Filter| {
        let of = match condition {
            Filter::Property { path, .. } => Operand::Property(path.clone()),
            Filter::Linked(Linked { path, key, attribute, catalogue, .. }) => Operand::Attribute(Attribute {
                path: path.clone(),
                key: key.clone(),
                attribute: attribute.clone(),
                catalogue: catalogue.clone(),
            }),
            _ => panic!("first and last compare one value"),
        };
        event.and_then(|event| operand(event, &of)).map_or(Measured::Nothing, |value| match (value, condition) {
            // The engine keeps no more of an object in an event.
            (Value::Object(_), Filter::Property { .. }) => Measured::Value(Value::Object("{}".to_owned())),
            (value, _) => Measured::Value(value.clone()),
        })
    };
    let number = |number: Option<f64>| number.map_or(Measured::Nothing, Measured::Number);
    match &leaf.measure {
        Measure::Count(_) => Measured::Whole(events.len() as u64),
        Measure::Days(_) => Measured::Whole(distinct_days(events, clock) as u64),
        Measure::Distinct { of, .. } => Measured::Whole(distinct_values(events, of) as u64),
        Measure::Sum { of, .. } => Measured::Sum(numbers(of).into_iter().filter_map(billionths).sum()),
        Measure::Avg { of, .. } => {
            let parts: Vec<i128> = numbers(of).into_iter().filter_map(billionths).collect();
            if parts.is_empty() { Measured::Nothing } else { Measured::Mean(parts.iter().sum(), parts.len() as u64) }
        }
        Measure::Min { of, .. } => number(numbers(of).into_iter().min_by(f64::total_cmp)),
        Measure::Max { of, .. } => number(numbers(of).into_iter().max_by(f64::total_cmp)),
        Measure::First { condition } => value(events.first(), condition),
        Measure::Last { condition } => value(events.last(), condition),
    }
}

#[test]
fn an_explanation_says_what_the_count_says() {
    let worlds = std::env::var("ROLLCALL_EXPLAIN_WORLDS").ok().and_then(|text| text.parse().ok()).unwrap_or(WORLDS);
    let lists = Lists::from([
        ("one".to_owned(), ["user-1", "user-3", "stranger"].map(str::to_owned).to_vec()),
        ("two".to_owned(), Vec::new()),
    ]);
    for seed in 1..=worlds {
        let mut dice = Dice(seed);
        let mut seq = 0;
        let facts: Vec<Fact> = (0..dice.below(400))
            .map(|_| {
                seq += 1 + dice.below(3);
                dice.fact(seq)
            })
            .collect();
        let world = World::of(&mut dice, &facts, &lists);
        println!("seed {seed}");
        for _ in 0..RULES {
            let now = if dice.one_in(3) { Instant(START + 200 * HOUR) } else { dice.time() };
            world.check(&dice.rule(2), now);
        }
    }
}
