//! How long validation takes for a rule of 1,000 nodes, and for rules that are made to hurt:
//! `cargo run --release --locked -p rollcall-rules --example limits`.

use std::sync::Arc;
use std::time::Instant;

use rollcall_rules::{References, Schema, ValueType, check, text};
use serde_json::{Value, json};

struct Nothing;

impl References for Nothing {
    fn segment_rule(&self, _: &str) -> Option<Arc<Value>> {
        None
    }

    fn list_exists(&self, _: &str) -> bool {
        true
    }
}

fn schema() -> Schema {
    let mut schema = Schema::default();
    schema.traits.insert("age".to_owned(), ValueType::Number);
    schema.traits.insert("plan".to_owned(), ValueType::String);
    schema
}

/// The best of several runs, so that what else runs on the machine counts little.
fn time(name: &str, rule: &Value) {
    let schema = schema();
    let mut best = f64::MAX;
    let mut codes = String::new();
    for _ in 0..5 {
        let start = Instant::now();
        let outcome = check(rule, None, &schema, &Nothing);
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
        codes = outcome.err().and_then(|faults| faults.first().map(|fault| format!("{:?}", fault.code))).unwrap_or_default();
    }
    println!("{best:9.3} ms   {name}   {codes}");
}

fn time_text(name: &str, written: &str) {
    let start = Instant::now();
    let outcome = text::parse(written).err().and_then(|faults| faults.first().map(|fault| format!("{:?}", fault.code)));
    println!("{:9.3} ms   {name}   {}", start.elapsed().as_secs_f64() * 1e3, outcome.unwrap_or_default());
}

fn main() {
    let event = json!({"event": ["view", "order"], "where": [{"property": "genre", "op": "eq", "value": "Drama"},
        {"any": [{"property": "n", "op": "between", "value": [1, 3]}, {"property": "x", "op": "contains", "value": "a", "ignore_case": true}]}],
        "window": {"last": "30d", "shift": "1y"}, "agg": "sum", "of": "n", "op": "gte", "value": 3});
    time("1,000 nodes: 199 event nodes with filters", &json!({"any": vec![event; 199]}));
    time("1,000 nodes: traits", &json!({"all": vec![json!({"trait": "age", "op": "in", "value": [1, 2, 3]}); 999]}));
    let regex =
        |pattern: &str, count: usize| json!({"all": vec![json!({"trait": "plan", "op": "regex", "value": pattern}); count]});
    time("1,000 nodes: regular expressions", &regex("^(gold|silver)[0-9]+$", 999));
    time("1,000 nodes: large regular expressions", &regex("\\w{50}", 999));
    // Deeper JSON is not even read.
    let deeper = |node, _| Value::Object([("not".to_owned(), node)].into_iter().collect());
    time("depth 1,000", &(0..1_000).fold(json!({"everyone": true}), deeper));
    time("100,000 siblings", &json!({"any": vec![json!({"everyone": true}); 100_000]}));
    time("100,000 siblings at fault", &json!({"any": vec![json!({"trait": "age", "op": "like"}); 100_000]}));
    time("literal of 1 MB", &json!({"trait": "age", "op": "eq", "value": "9".repeat(1 << 20)}));
    time("list of 1 MB", &json!({"trait": "age", "op": "in", "value": vec!["x"; 1 << 18]}));
    for bomb in ["((((a{99}){99}){99}){99})", "(a{1000}){1000}", "\\w{10000}", "(?:x{0,999}){0,999}"] {
        time(bomb, &regex(bomb, 1));
    }
    time("expression of 1 MB", &regex(&"a|".repeat(1 << 19), 1));
    time_text("text: 1 MB of (", &"(".repeat(1 << 20));
    time_text("text: 250,000 not", &format!("{}everyone", "not ".repeat(250_000)));
    time_text("text: 1 MB of names", &"a and ".repeat((1 << 20) / 6));
    time_text("text: 10,000 open filters", &"count(x where (".repeat(10_000));
}
