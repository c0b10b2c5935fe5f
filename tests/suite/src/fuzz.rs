//! Random cases through the HTTP surface: what a client may declare, send and ask, against a meaning written down over the JSON.
//!
//! Every population is an instance of its own with some rules, each evaluated on both paths and sent as text, as the conformance
//! cases are. A case that fails is shrunk and printed as a line in their format; put into
//! `tests/differential/regressions.jsonl`, it is run for ever after. `ROLLCALL_DIFFERENTIAL_RULES=100000` makes a long run,
//! `ROLLCALL_DIFFERENTIAL_FROM=n` begins at another seed, `ROLLCALL_DIFFERENTIAL_SEED=n` repeats one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rollcall_rules::{Instant, text};
use serde_json::{Value, json};

use crate::conformance::instance::Template;
use crate::conformance::{Trouble, members, prepare, run, runtime, with_ids};
use crate::differential::number;
use crate::differential::random::dice::{self, Dice, HOUR, START};
use json::meaning::Meaning;

#[path = "../../differential/json/mod.rs"]
mod json;

/// Rules for each population.
const RULES: u64 = 25;
/// Rules of a run unless the environment says otherwise.
const DEFAULT: u64 = 2_000;
/// Cases tried while one is made smaller.
const TRIALS: usize = 400;

/// The case with the members that it should have.
fn with_meaning(case: &Value) -> Value {
    let mut case = case.clone();
    let members = Meaning::of(&case).members(&case["rule"]);
    case["expect"] = json!(members);
    case
}

/// Rule -> text -> rule, and text -> rule -> text.
fn survives_text(rule: &Value) -> Result<(), String> {
    let written = text::print(rule).map_err(|_| format!("no text for {rule}"))?;
    let read = text::parse(&written).map_err(|faults| format!("{written}: {faults:?}"))?;
    let again = text::print(&read).unwrap_or_default();
    if read == *rule && again == written { Ok(()) } else { Err(format!("{rule}\n{written}\n{read}\n{again}")) }
}

/// Shrinks one part of a case after another while it still fails.
struct Shrinking<'a> {
    template: &'a Template,
    trials: usize,
}

impl Shrinking<'_> {
    async fn fails(&mut self, case: &Value) -> bool {
        self.trials += 1;
        self.trials <= TRIALS && matches!(run(&with_meaning(case), self.template).await, Err(Trouble::Wrong(_)))
    }

    async fn smaller(&mut self, mut case: Value) -> Value {
        loop {
            let before = case.clone();
            for key in ["events", "identifies"] {
                self.fewer(&mut case, key).await;
            }
            self.simpler_rule(&mut case).await;
            for key in ["users", "lists", "segments", "catalogues", "links"] {
                let mut without = case.clone();
                without.as_object_mut().unwrap().remove(key);
                if key == "catalogues" {
                    without.as_object_mut().unwrap().remove("links");
                }
                if self.fails(&without).await {
                    case = without;
                }
            }
            if case == before || self.trials > TRIALS {
                return with_meaning(&case);
            }
        }
    }

    async fn fewer(&mut self, case: &mut Value, key: &str) {
        let mut count = case[key].as_array().map_or(0, Vec::len).div_ceil(2);
        while count > 0 {
            let mut at = 0;
            while at < case[key].as_array().map_or(0, Vec::len) {
                let mut fewer = case.clone();
                let items = fewer[key].as_array_mut().unwrap();
                items.drain(at..items.len().min(at + count));
                if self.fails(&fewer).await { *case = fewer } else { at += count }
            }
            count /= 2;
        }
    }

    /// Puts a part of a rule in place of the whole, and leaves out fields.
    async fn simpler_rule(&mut self, case: &mut Value) {
        'again: loop {
            let mut pointers = Vec::new();
            places(&case["rule"], String::new(), &mut pointers);
            for pointer in pointers {
                let mut without = case.clone();
                let (outer, key) = pointer.rsplit_once('/').unwrap();
                match without["rule"].pointer_mut(outer) {
                    Some(Value::Object(fields)) => drop(fields.remove(key)),
                    Some(Value::Array(items)) => drop(items.remove(key.parse().unwrap())),
                    _ => continue,
                }
                let mut part = case.clone();
                part["rule"] = case["rule"].pointer(&pointer).cloned().unwrap();
                if let Some(zone) = case["rule"].get("tz").filter(|_| part["rule"].is_object()) {
                    part["rule"]["tz"] = zone.clone();
                }
                for simpler in [part, without] {
                    // What is no rule is refused, which is not what is looked for; the meaning of nonsense is not asked.
                    let checked = json::is_rule(&simpler["rule"]);
                    if checked && self.fails(&simpler).await {
                        *case = simpler;
                        continue 'again;
                    }
                }
            }
            return;
        }
    }
}

fn places(json: &Value, at: String, into: &mut Vec<String>) {
    let mut visit = |key: &str, value: &Value| {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        into.push(pointer.clone());
        places(value, pointer, into);
    };
    match json {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| visit(key, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, value)| visit(&at.to_string(), value)),
        _ => {}
    }
}

/// How many rules of one population were compared, and how many were refused.
async fn check(seed: u64, template: &Template) -> Result<(u64, u64), String> {
    let mut dice = Dice(seed);
    let mut case = dice.population();
    let instance = template.open().await;
    let ids = prepare(&case, &instance).await.map_err(|trouble| format!("seed {seed}: {trouble}\n{case}"))?;
    let (mut compared, mut refused) = (0, 0);
    for _ in 0..RULES {
        let rule = dice.json_rule(2);
        let now = match dice.below(6) {
            0 | 1 => Instant(START + 200 * HOUR),
            2 => Instant(START + 495 * 24 * HOUR),
            _ => dice.moment(),
        };
        case["now"] = json!(now.to_rfc3339());
        case["rule"] = rule;
        survives_text(&case["rule"]).map_err(|error| format!("seed {seed}: {error}"))?;
        let expected: Vec<String> = Meaning::of(&case).members(&case["rule"]).into_iter().collect();
        instance.clock.set(now);
        match members(&instance, &with_ids(&case["rule"], &ids), &expected).await {
            Ok(()) => compared += 1,
            Err(Trouble::Refused(_)) => refused += 1,
            Err(Trouble::Wrong(error)) => {
                let small = Shrinking { template, trials: 0 }.smaller(case).await;
                return Err(format!("seed {seed}: {error}\n{small}"));
            }
        }
    }
    instance.app.stop().await.map_err(|error| error.detail)?;
    Ok((compared, refused))
}

#[test]
fn random_cases_mean_the_same_on_both_paths() {
    let seeds: Vec<u64> = match number("ROLLCALL_DIFFERENTIAL_SEED") {
        Some(seed) => vec![seed],
        None => {
            let from = number("ROLLCALL_DIFFERENTIAL_FROM").unwrap_or(1);
            (from..from + number("ROLLCALL_DIFFERENTIAL_RULES").unwrap_or(DEFAULT).div_ceil(RULES)).collect()
        }
    };
    let template = runtime().block_on(Template::make());
    let (next, compared, refused, failures) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let runtime = runtime();
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match runtime.block_on(check(*seed, &template)) {
                        Ok((more, not)) => {
                            compared.fetch_add(more, Ordering::Relaxed);
                            refused.fetch_add(not, Ordering::Relaxed);
                        }
                        Err(failure) => failures.lock().unwrap().push(failure),
                    }
                }
            });
        }
    });
    let (compared, refused, failures) = (compared.into_inner(), refused.into_inner(), failures.into_inner().unwrap());
    println!("{compared} rules compared on {} populations, {refused} refused, {} failures", seeds.len(), failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    assert!(refused * 5 <= compared, "too many random rules are refused: {refused} beside {compared}");
}
