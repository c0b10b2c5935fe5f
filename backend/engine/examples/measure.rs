//! Measures the engine on generated data: `cargo run --release -p rollcall-engine --example measure [events] [users]`.
//!
//! Prints rates of taking in, flushing and merging, the time to open, and how long leaves and rules take.

use std::error::Error;
use std::time::Instant as Clock;

use rollcall_engine::{Engine, EngineOptions};
use rollcall_rules::check::References;
use rollcall_rules::{CheckedRule, EventFact, Fact, Instant, ProfileFact, Schema, TraitUpdate, Value, ValueType, check};

/// 2026-11-20T12:00:00Z.
const NOW: i64 = 1_795_176_000_000_000;
const DAY: i64 = 86_400_000_000;
const BATCH: u64 = 100_000;

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    /// Small numbers more often.
    fn skewed(&mut self, limit: u64) -> u64 {
        let most = self.below(limit) + 1;
        self.below(most)
    }
}

fn user_id(number: u64) -> String {
    format!("user-{number:08}")
}

/// Events spread over two years, roughly in the order of time.
fn event(dice: &mut Dice, seq: u64, events: u64, users: u64) -> Fact {
    let time = Instant(
        NOW - 730 * DAY + (730 * DAY as i128 * i128::from(seq) / i128::from(events + users)) as i64
            - dice.below(3600) as i64 * 1_000_000,
    );
    let text = |name: &str, number: u64| Value::String(format!("{name} {number}"));
    let names = ["video_view", "page_view", "ad_view", "search", "login", "video_end", "like", "share", "order", "rate"];
    Fact::Event(EventFact {
        seq,
        source: "web".to_owned(),
        user_id: Some(user_id(dice.skewed(users))),
        anonymous_id: None,
        message_id: format!("message-{seq}"),
        name: names[dice.skewed(10) as usize].to_owned(),
        time,
        received_at: time,
        properties: vec![
            ("device".to_owned(), text("device", dice.below(4))),
            ("duration".to_owned(), Value::Number(dice.below(36_000) as f64 / 10.0)),
            ("finished".to_owned(), Value::Boolean(dice.below(3) == 0)),
            ("page".to_owned(), text("https://example.org/page", dice.skewed(50_000))),
            ("programme".to_owned(), text("programme", dice.skewed(500))),
        ],
        raw_properties: String::new(),
        context: String::new(),
    })
}

fn profile(dice: &mut Dice, seq: u64, user: u64) -> Fact {
    let time = Instant(NOW - dice.below(700) as i64 * DAY);
    let set = |key: &str, value| TraitUpdate { key: key.to_owned(), path: key.to_owned(), value: Some(value) };
    Fact::Profile(ProfileFact {
        seq,
        source: "crm".to_owned(),
        user_id: Some(user_id(user)),
        anonymous_id: None,
        message_id: format!("profile-{seq}"),
        time,
        received_at: time,
        traits: vec![
            set("age", Value::Number(dice.below(90) as f64)),
            set("city", Value::String(format!("city {}", dice.skewed(2000)))),
            set("email", Value::String(format!("{}@example.org", user_id(user)))),
            set("gender", Value::String(["F", "M", "X"][dice.below(3) as usize].to_owned())),
            set("consent_ads", Value::Boolean(dice.below(2) == 0)),
        ],
        raw_traits: String::new(),
        context: String::new(),
    })
}

struct Nothing;

impl References for Nothing {
    fn segment_rule(&self, _: &str) -> Option<std::sync::Arc<serde_json::Value>> {
        None
    }

    fn list_exists(&self, _: &str) -> bool {
        false
    }
}

fn rule(json: &str) -> Result<CheckedRule, Box<dyn Error>> {
    let mut schema = Schema::default();
    let types = [
        ("device", ValueType::String),
        ("duration", ValueType::Number),
        ("finished", ValueType::Boolean),
        ("page", ValueType::String),
        ("programme", ValueType::String),
    ];
    schema.properties = types.into_iter().map(|(path, of)| (path.to_owned(), of)).collect();
    let types = [
        ("age", ValueType::Number),
        ("city", ValueType::String),
        ("email", ValueType::String),
        ("gender", ValueType::String),
        ("consent_ads", ValueType::Boolean),
    ];
    schema.traits = types.into_iter().map(|(path, of)| (path.to_owned(), of)).collect();
    let checked = check(&serde_json::from_str(json)?, None, &schema, &Nothing);
    checked.map(|(rule, _)| rule).map_err(|faults| format!("{faults:?}").into())
}

const RULES: [(&str, &str); 22] = [
    ("trait eq, 1 in 3", r#"{"trait":"gender","op":"eq","value":"F"}"#),
    ("trait eq, rare", r#"{"trait":"city","op":"eq","value":"city 1500"}"#),
    ("trait between", r#"{"trait":"age","op":"between","value":[25,49]}"#),
    ("trait regex, unique texts", r#"{"trait":"email","op":"regex","value":"9@"}"#),
    ("count >= 1", r#"{"event":"video_view"}"#),
    ("count >= 5, 30 days", r#"{"event":"video_view","op":"gte","value":5,"window":{"last":"30d"}}"#),
    ("count = 0, 30 days", r#"{"event":"video_view","op":"eq","value":0,"window":{"last":"30d"}}"#),
    ("rare programme", r#"{"event":"video_view","where":[{"property":"programme","op":"eq","value":"programme 450"}]}"#),
    ("frequent programme", r#"{"event":"video_view","where":[{"property":"programme","op":"eq","value":"programme 1"}]}"#),
    ("programme not", r#"{"event":"video_view","where":[{"property":"programme","op":"neq","value":"programme 1"}]}"#),
    ("device in 2 of 4", r#"{"event":"video_view","where":[{"property":"device","op":"in","value":["device 1","device 2"]}]}"#),
    ("page contains", r#"{"event":"video_view","where":[{"property":"page","op":"contains","value":"page 77"}]}"#),
    (
        "duration > x and finished",
        r#"{"event":"video_view","where":[{"property":"duration","op":"gt","value":1800},{"property":"finished","op":"eq","value":true}]}"#,
    ),
    ("days in Paris", r#"{"event":"video_view","agg":"days","op":"gte","value":10,"tz":"Europe/Paris"}"#),
    ("sum", r#"{"event":"video_view","agg":"sum","of":"duration","op":"gte","value":20000}"#),
    ("avg", r#"{"event":"video_view","agg":"avg","of":"duration","op":"gte","value":1900}"#),
    ("max", r#"{"event":"video_view","agg":"max","of":"duration","op":"lt","value":3000}"#),
    ("distinct programmes", r#"{"event":"video_view","agg":"distinct","of":"programme","op":"gte","value":10}"#),
    ("last device", r#"{"event":"video_view","agg":"last","of":"device","op":"eq","value":"device 1"}"#),
    ("any event, count", r#"{"event":"*","op":"gte","value":20}"#),
    ("any event, days", r#"{"event":"*","agg":"days","op":"gte","value":20}"#),
    (
        "rule of 6 leaves",
        r#"{"all":[{"trait":"gender","op":"eq","value":"F"},{"trait":"age","op":"between","value":[25,49]},
        {"event":"video_view","where":[{"property":"programme","op":"eq","value":"programme 3"}],"op":"gte","value":2},
        {"not":{"event":"order","window":{"last":"90d"}}},
        {"any":[{"trait":"consent_ads","op":"eq","value":true},{"event":"login","window":{"last":"30d"}}]}]}"#,
    ),
];

/// Prints the median time of each rule, and the processor time (of all threads), which other work on the machine does not change.
fn evaluate_all(engine: &Engine, now: Instant) -> Result<(), Box<dyn Error>> {
    for (name, json) in RULES {
        let rule = rule(json)?;
        let mut members = engine.evaluate(&rule, now)?.members.len();
        let mut times = Vec::new();
        let before = processor_ms();
        for _ in 0..9 {
            let start = Clock::now();
            members = engine.evaluate(&rule, now)?.members.len();
            times.push(start.elapsed());
        }
        let processor = (processor_ms() - before) / times.len() as f64;
        times.sort();
        println!("  {name:28} {:8.2} ms, processor {processor:8.2} ms {members:9} members", ms(times[4]));
    }
    Ok(())
}

/// Time that this process's threads have run.
fn processor_ms() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let times = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    });
    times.sum::<f64>() / 1e6
}

fn ms(time: std::time::Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter(|line| line.starts_with("RssAnon") || line.starts_with("RssFile"));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let events = arguments.next().transpose()?.unwrap_or(5_000_000);
    let users = arguments.next().transpose()?.unwrap_or(100_000);
    let dir = std::env::temp_dir().join(format!("rollcall-measure-{}", std::process::id()));
    let engine = Engine::open(&dir, EngineOptions::default())?;
    let mut dice = Dice(7);
    let (mut seq, mut appending, mut flushing) = (0, 0.0, 0.0);
    while seq < events + users {
        let until = (events + users).min(seq + BATCH);
        let fact = |seq: u64| if seq <= users { profile(&mut dice, seq, seq - 1) } else { event(&mut dice, seq, events, users) };
        let facts: Vec<Fact> = (seq + 1..=until).map(fact).collect();
        let start = processor_ms();
        engine.append(&facts, until);
        appending += (processor_ms() - start) / 1e3;
        seq = until;
        if seq % (5 * BATCH) == 0 && seq < events + users - 2 * BATCH {
            let start = processor_ms();
            engine.flush()?;
            flushing += (processor_ms() - start) / 1e3;
        }
    }
    println!("{events} events, {users} users; {}", memory());
    println!("for each processor second: append {:.0} facts, flush {:.0} facts", seq as f64 / appending, seq as f64 / flushing);
    println!("chunks of 500,000 facts and a tail:");
    evaluate_all(&engine, Instant(NOW))?;
    engine.flush()?;
    let (start, mut merges) = (Clock::now(), 0);
    while engine.compact()? {
        merges += 1;
    }
    println!("{merges} merges in {:.2} s", start.elapsed().as_secs_f64());
    drop(engine);
    let start = Clock::now();
    let engine = Engine::open(&dir, EngineOptions::default())?;
    println!("open {:.0} ms; {}", ms(start.elapsed()), memory());
    println!("merged:");
    evaluate_all(&engine, Instant(NOW))?;
    println!("half a year earlier:");
    evaluate_all(&engine, Instant(NOW - 180 * DAY))?;
    let everyone = engine.evaluate(&rule(r#"{"everyone":true}"#)?, Instant(NOW))?.members;
    let start = Clock::now();
    engine.digest(&everyone);
    let first = start.elapsed();
    let start = Clock::now();
    engine.digest(&everyone);
    println!("digest of {} users: first {:.0} ms, then {:.0} ms", everyone.len(), ms(first), ms(start.elapsed()));
    let start = Clock::now();
    let fingerprint = engine.fingerprint(Instant(NOW));
    println!("fingerprint {} in {:.0} ms", &fingerprint[..8], ms(start.elapsed()));
    let size: u64 = std::fs::read_dir(dir.join("chunks"))?.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum();
    println!("{:.1} bytes on disk per event", size as f64 / events as f64);
    drop(engine);
    std::fs::remove_dir_all(dir)?;
    Ok(())
}
