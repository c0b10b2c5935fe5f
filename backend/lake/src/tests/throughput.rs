//! How fast batches go in and come out. Run with `--ignored --nocapture`.

use std::time::Instant as Stopwatch;

use futures::TryStreamExt;
use rollcall_rules::{EventFact, Fact, Instant, Value};
use serde_json::json;

use super::support::{NOW, World, at, open};
use crate::LakeBatch;

const ROWS: u64 = 200_000;
const NAMES: [&str; 10] =
    ["page", "video_view", "video_end", "login", "search", "share", "ad_view", "ad_click", "Order Completed", "rate"];

fn facts(from: u64) -> Vec<Fact> {
    let mut state = from;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let now = at(NOW).0;
    (from..from + ROWS)
        .map(|seq| {
            let (genre, minutes, device) = (random(20), random(9_000) as f64 / 100.0, random(5));
            Fact::Event(EventFact {
                seq,
                source: "web".to_owned(),
                user_id: Some(format!("user-{:08}", random(1_000_000))),
                anonymous_id: Some(format!("{:032x}", random(u64::MAX >> 34))),
                message_id: format!("{:016x}-{seq:016x}", random(u64::MAX >> 34)),
                name: NAMES[(random(100) * random(100) / 1_000) as usize % 10].to_owned(),
                time: Instant(now - i64::try_from(random(1 << 30)).unwrap() * 1_000),
                received_at: Instant(now),
                properties: vec![
                    ("device".to_owned(), Value::String(format!("device {device}"))),
                    ("genre".to_owned(), Value::String(format!("genre {genre}"))),
                    ("live".to_owned(), Value::Boolean(genre == 1)),
                    ("minutes".to_owned(), Value::Number(minutes)),
                    ("programme".to_owned(), Value::String(format!("programme {}", random(5_000)))),
                ],
                raw_properties: json!({"device": format!("device {device}"), "genre": format!("genre {genre}"), "live": genre == 1,
                    "minutes": minutes, "programme": format!("programme {}", random(5_000))})
                .to_string(),
                context: json!({"ip": format!("10.0.{}.{}", random(256), random(256)), "library": {"name": "analytics.js", "version": "2.1"},
                    "page": {"path": format!("/p/{}", random(300))}})
                .to_string(),
            })
        })
        .collect()
}

/// Processor time of this process so far; tells more than the clock on a busy machine.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(") ").next().into_iter().flat_map(|rest| rest.split(' ').skip(11).take(2));
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn batches_of_200_000_events() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::default();
    let lake = open(&folder).await;
    let (mut rates, mut spent) = (Vec::new(), Vec::new());
    for batch in 0..6 {
        let facts = facts(1 + batch * ROWS);
        let up_to = (batch + 1) * ROWS;
        let (stopwatch, processor) = (Stopwatch::now(), processor_seconds());
        lake.commit(LakeBatch { facts: &facts, quarantined: &[], up_to, schema: &world.schema }).await.unwrap();
        rates.push(ROWS as f64 / stopwatch.elapsed().as_secs_f64());
        spent.push(processor_seconds() - processor);
    }
    eprintln!("commit, events/s for each batch: {rates:.0?}, processor seconds: {spent:.2?}");
    let total = 6 * ROWS;
    for rule in [
        json!({"everyone": true}),
        json!({"event": "page", "agg": "count", "op": "gte", "value": 2}),
        json!({"event": "page", "where": [{"property": "genre", "op": "eq", "value": "genre 3"}], "window": {"last": "7d"}}),
        json!({"not": {"event": "*", "where": [{"property": "genre", "op": "eq", "value": "genre 3"}]}}),
        json!({"event": "page", "agg": "last", "of": "genre", "op": "eq", "value": "genre 3"}),
        json!({"event": ["page", "login"], "agg": "sum", "of": "minutes", "op": "gt", "value": 100}),
        json!({"event": "*", "agg": "days", "op": "gte", "value": 3}),
    ] {
        let stopwatch = Stopwatch::now();
        let members = world.members_at(&lake, &rule, at(NOW), total).await.len();
        eprintln!("evaluate {rule}: {members} members in {:?}", stopwatch.elapsed());
    }
    let stopwatch = Stopwatch::now();
    let read: Vec<usize> =
        lake.facts(0, total, &world.schema).await.unwrap().map_ok(|facts| facts.len()).try_collect().await.unwrap();
    let seconds = stopwatch.elapsed().as_secs_f64();
    eprintln!("facts: {} in {} batches, {:.0} events/s", read.iter().sum::<usize>(), read.len(), total as f64 / seconds);
    assert!(rates.iter().all(|rate| *rate > 20_000.0));
}
