//! The same facts in memory, in one chunk, in chunks split by time, and part here, part there, give the same answers. There are
//! more users than in the random cases, rare and frequent texts, and an event on every edge of a window, so that each way to find
//! rows is taken.

use std::path::Path;
use std::sync::Arc;

use rollcall_engine::{Engine, EngineOptions};
use rollcall_rules::{CheckedRule, EventFact, Fact, Instant, ProfileFact, References, Schema, TraitUpdate, Value, ValueType};
use serde_json::{Value as Json, json};

use crate::differential::dice::{Dice, HOUR, START};

const USERS: u64 = 600;
/// Events lie on multiples of 12 hours, as the ends of windows do.
const STEP: i64 = 12 * HOUR;
const STEPS: u64 = 240;
const NOW: Instant = Instant(START + STEPS as i64 * STEP);

fn profile(seq: u64, user: u64, at: i64, age: f64) -> Fact {
    let update = |key: &str, value: Value| TraitUpdate { key: key.to_owned(), path: key.to_owned(), value: Some(value) };
    let plan = ["free", "basic", "gold"][(user + seq) as usize % 3];
    Fact::Profile(ProfileFact {
        seq,
        source: "web".to_owned(),
        user_id: Some(format!("user-{user}")),
        anonymous_id: None,
        message_id: format!("m{seq}"),
        time: Instant(at),
        received_at: Instant(at),
        traits: vec![update("age", Value::Number(age)), update("plan", Value::String(plan.to_owned()))],
        raw_traits: String::new(),
        context: String::new(),
    })
}

fn event(dice: &mut Dice, seq: u64) -> Fact {
    let time = Instant(START + dice.below(STEPS + 1) as i64 * STEP);
    let text = |text: String| Value::String(text);
    // One genre in three is the same, the others are rare; devices are too few to be looked up.
    let genre = if dice.one_in(3) { 0 } else { 1 + dice.below(60) };
    let mut properties = vec![("device".to_owned(), text(dice.pick(&["tv", "phone", "web"]).to_owned()))];
    properties.push(("genre".to_owned(), text(format!("g{genre}"))));
    if !dice.one_in(10) {
        let seconds = dice.below(5000) as f64 / if dice.one_in(20) { 10.0 } else { 1.0 };
        properties.push(("seconds".to_owned(), Value::Number(seconds)));
    }
    Fact::Event(EventFact {
        seq,
        source: "web".to_owned(),
        user_id: Some(format!("user-{}", dice.below(USERS))),
        anonymous_id: None,
        message_id: format!("m{seq}"),
        name: if dice.one_in(5) { "ad" } else { "view" }.to_owned(),
        time,
        received_at: time,
        properties,
        raw_properties: String::new(),
        context: String::new(),
    })
}

fn facts() -> Vec<Fact> {
    let mut dice = Dice(7);
    let mut facts: Vec<Fact> = (0..USERS).map(|user| profile(user + 1, user, START, user as f64 % 90.0)).collect();
    facts.extend((0..24_000).map(|number| event(&mut dice, USERS + 1 + number)));
    // A few change their mind, late, so that these updates stay in memory where the rest lies in chunks.
    let seq = facts.len() as u64;
    facts.extend((0..20).map(|user| profile(seq + 1 + user, user * 29, NOW.0 - STEP, 30.0)));
    facts
}

fn rules() -> Vec<CheckedRule> {
    let genre = |value: &str| json!({"property": "genre", "op": "eq", "value": value});
    let filters = [
        json!([]),
        json!([genre("g0")]),
        json!([genre("g7")]),
        json!([{"property": "genre", "op": "in", "value": ["g1", "g2", "g0"]}]),
        json!([{"property": "device", "op": "eq", "value": "tv"}]),
        json!([genre("g7"), {"property": "device", "op": "neq", "value": "tv"}]),
        json!([{"property": "seconds", "op": "between", "value": [100, 2000]}]),
        json!([{"property": "seconds", "op": "is_not_set"}]),
        json!([{"property": "device", "op": "is_set"}, genre("g0")]),
    ];
    let windows = [
        None,
        Some(json!({"last": "7d"})),
        Some(json!({"last": "30d"})),
        Some(json!({"between_ago": ["60d", "20d"]})),
        Some(json!({"from": "2026-11-20T00:00:00Z", "to": "2026-12-20T12:00:00Z"})),
    ];
    let measures = [
        json!({}),
        json!({"op": "lt", "value": 1}),
        json!({"op": "gte", "value": 2}),
        json!({"op": "between", "value": [1, 3]}),
        json!({"op": "neq", "value": 2}),
        json!({"op": "eq", "value": 0}),
        json!({"agg": "sum", "of": "seconds", "op": "gt", "value": 6000}),
        json!({"agg": "distinct", "of": "genre", "op": "gte", "value": 3}),
        json!({"agg": "last", "of": "device", "op": "eq", "value": "tv"}),
    ];
    let mut rules = Vec::new();
    for filters in &filters {
        for window in &windows {
            let within = |mut node: Json| {
                if let Some(window) = window {
                    node["window"] = window.clone();
                }
                node
            };
            for measure in &measures {
                let mut node = within(json!({"event": "view", "where": filters}));
                node.as_object_mut().unwrap().extend(measure.as_object().unwrap().clone());
                rules.push(node);
            }
            rules.push(json!({"first_time": within(json!({"event": "*", "where": filters}))}));
            rules.push(within(json!({"sequence": [{"event": "ad"}, {"event": "view", "where": filters, "within": "2d"}]})));
        }
    }
    for (op, value) in [("gte", json!(30)), ("eq", json!(30)), ("lt", json!(30))] {
        rules.push(json!({"trait": "age", "op": op, "value": value}));
    }
    rules.extend(["gold", "free", "basic"].map(|plan| json!({"trait": "plan", "op": "eq", "value": plan})));
    rules.push(json!({"trait": "plan", "op": "neq", "value": "gold"}));
    let properties = [("device", ValueType::String), ("genre", ValueType::String), ("seconds", ValueType::Number)];
    let types = || properties.map(|(path, of)| (path.to_owned(), of)).into_iter().collect();
    let schema = Schema {
        traits: [("age".to_owned(), ValueType::Number), ("plan".to_owned(), ValueType::String)].into(),
        events: ["ad", "view"].map(|name| (name.to_owned(), types())).into(),
        ..Schema::default()
    };
    let checked = |rule: &Json| rollcall_rules::check(rule, None, &schema, &Nothing).map(|(rule, _)| rule);
    rules.iter().map(|rule| checked(rule).unwrap_or_else(|faults| panic!("{rule}: {faults:?}"))).collect()
}

struct Nothing;

impl References for Nothing {
    fn segment_rule(&self, _: &str) -> Option<Arc<Json>> {
        None
    }

    fn list_exists(&self, _: &str) -> bool {
        false
    }
}

/// An engine that flushed after so many facts.
fn laid_out(dir: &Path, part_rows: usize, facts: &[Fact], flushes: &[usize]) -> Engine {
    let options = EngineOptions { shards: 3, part_rows, answers_bytes: 0 };
    let engine = Engine::open(dir, options).unwrap();
    let mut done = 0;
    for until in flushes.iter().copied().chain([facts.len()]) {
        engine.append(&facts[done..until], until as u64);
        if until < facts.len() || flushes.contains(&until) {
            engine.flush().unwrap();
        }
        done = until;
    }
    engine
}

#[test]
fn however_facts_lie_the_answers_are_the_same() {
    let (facts, rules) = (facts(), rules());
    let (all, late) = (facts.len(), facts.len() - 20);
    let never = EngineOptions::default().part_rows;
    let layouts: [(&str, usize, &[usize]); 5] = [
        ("one chunk", never, &[all]),
        ("split by time", 1, &[all]),
        ("split where there are enough", 500, &[all]),
        ("a chunk and a tail", never, &[late]),
        ("chunks split by time and a tail", 1, &[USERS as usize, 9_000, late]),
    ];
    let folders: Vec<tempfile::TempDir> = (0..=layouts.len()).map(|_| tempfile::tempdir().unwrap()).collect();
    let in_memory = laid_out(folders[layouts.len()].path(), never, &facts, &[]);
    for ((name, part_rows, flushes), folder) in layouts.into_iter().zip(&folders) {
        let engine = laid_out(folder.path(), part_rows, &facts, flushes);
        for now in [NOW, Instant(NOW.0 - 31 * STEP), Instant(NOW.0 - 31 * STEP - 1)] {
            for rule in &rules {
                let (expected, found) = (in_memory.evaluate(rule, now).unwrap(), engine.evaluate(rule, now).unwrap());
                assert!(found.members == expected.members, "{name}, {now:?}: {}", rule.source);
                assert_eq!(found.nodes, expected.nodes, "{name}, {now:?}: {}", rule.source);
            }
        }
    }
}
