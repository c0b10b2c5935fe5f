use std::path::Path;

use rollcall_engine::{Engine, EngineOptions};
use rollcall_rules::Fact;
use serde_json::{Value as Json, json};

use super::flush::Step;
use super::*;
use crate::live::LiveOutcome;
use crate::rig::{RECEIVED, Rig, quiet, until};

const NOW: Instant = Instant(RECEIVED + 86_400_000_000);

fn track(event: &str, user: u64, id: &str, properties: Json) -> Json {
    json!({"type": "track", "event": event, "userId": format!("u{user}"), "messageId": id,
           "timestamp": "2026-11-20T11:00:00Z", "properties": properties})
}

/// 8 accepted (1 of nobody known), 2 duplicates, 2 quarantined.
fn first() -> Vec<Json> {
    vec![
        track("view", 1, "m1", json!({"programme": "ncis", "seconds": 3})),
        track("view", 2, "m2", json!({"programme": "lost"})),
        track("view", 1, "m1", json!({"programme": "ncis"})),
        json!({"type": "identify", "userId": "u1", "messageId": "m3", "traits": {"age": 30}}),
        json!({"type": "track", "event": "view", "anonymousId": "a", "messageId": "m4"}),
        json!({"type": "track", "userId": "u1"}),
        track("buy", 3, "m5", json!({"amount": 1.5})),
        track("buy", 3, "m6", json!({"amount": "dear"})),
        json!({"type": "page", "userId": "u4", "messageId": "m7"}),
        track("view", 2, "m2", json!({})),
        track("view", 5, "m8", json!({})),
        track("buy", 1, "m9", json!({"amount": 2})),
    ]
}

/// 4 accepted, 3 duplicates (1 of the first part), 1 quarantined.
fn second() -> Vec<Json> {
    vec![
        track("view", 1, "m1", json!({})),
        track("rate", 1, "n1", json!({"stars": 4})),
        track("rate", 1, "n1", json!({"stars": 5})),
        track("view", 9, "n2", json!({"seconds": 12})),
        track("view", 9, "n3", json!({"seconds": "long"})),
        json!({"type": "identify", "userId": "u9", "messageId": "n4", "traits": {"age": 31, "city": "Rome"}}),
        track("rate", 9, "n5", json!({"stars": "3"})),
        track("rate", 9, "n5", json!({"stars": 3})),
    ]
}

const TOTALS: LedgerCounts = LedgerCounts { received: 20, accepted: 12, anonymous: 1, duplicate: 5, quarantined: 3 };

async fn assert_complete(rig: &Rig, fingerprint: &str) {
    assert_eq!(rig.take_in.ledger_totals(None).await.unwrap(), TOTALS);
    assert_eq!(rig.engine.fingerprint(NOW), fingerprint);
    let facts = rig.lake_facts().await;
    let seqs: Vec<u64> = facts.iter().map(Fact::seq).collect();
    assert_eq!(seqs, [1, 2, 4, 5, 7, 9, 11, 12, 14, 16, 18, 19]);
    let mut quarantined: Vec<_> = rig.lake_quarantined().await.into_iter().map(|held| (held.seq, held.reason)).collect();
    quarantined.sort();
    let expected = [(6, "event_not_defined"), (8, "type_clash"), (17, "type_clash")];
    assert_eq!(quarantined, expected.map(|(seq, reason)| (seq, reason.to_owned())));
    assert_eq!(rig.take_in.schema().property_type("rate", "stars"), Some(ValueType::Number));
}

async fn fingerprint_without_crash() -> String {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    rig.append(&first()).await;
    rig.append(&second()).await;
    assert_eq!(rig.take_in.flush().await.unwrap(), 20);
    let fingerprint = rig.engine.fingerprint(NOW);
    assert_complete(&rig, &fingerprint).await;
    fingerprint
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_end_in_engine_lake_and_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    rig.append(&first()).await;
    rig.settle().await;
    let summary = rig.engine.summary(NOW);
    assert_eq!((summary.users, summary.events), (5, 6), "visible before any flush");
    let totals = LedgerCounts { received: 12, accepted: 8, anonymous: 1, duplicate: 2, quarantined: 2 };
    assert_eq!(rig.take_in.ledger_totals(None).await.unwrap(), totals, "counted before any flush");
    assert_eq!(rig.take_in.status().checkpoint, 0);
    rig.append(&second()).await;
    assert_eq!(rig.take_in.flush().await.unwrap(), 20);
    assert_eq!(rig.take_in.flush().await.unwrap(), 20);
    let rows = rig.take_in.ledger(Some(&"web".into()), Day(0)).await.unwrap();
    assert_eq!((rows.len(), rows[0].counts, rows[0].last_received_at), (1, TOTALS, RECEIVED));
    assert!(rig.take_in.ledger(Some(&"app".into()), Day(0)).await.unwrap().is_empty());
    let status = rig.take_in.status();
    assert_eq!((status.checkpoint, status.watermark, status.waiting_rows, status.last_error), (20, 20, 0, None));
    let raw = rig.lake_quarantined().await.into_iter().find(|held| held.seq == 6).unwrap().raw;
    assert_eq!(serde_json::from_slice::<Json>(&raw).unwrap(), first()[5]);
    rig.take_in.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_after_any_step_changes_nothing() {
    let fingerprint = fingerprint_without_crash().await;
    let steps = [None, Some(Step::PlanSaved), Some(Step::LakeCommitted), Some(Step::EngineFlushed), Some(Step::PlanCommitted)];
    for flushed_before in [false, true] {
        for step in steps {
            let dir = tempfile::tempdir().unwrap();
            let rig = Rig::open(dir.path(), quiet()).await;
            rig.append(&first()).await;
            if flushed_before {
                rig.take_in.flush().await.unwrap();
            }
            rig.append(&second()).await;
            rig.settle().await;
            if step.is_some() {
                *rig.take_in.shared.halt_after.lock() = step;
                rig.take_in.flush().await.unwrap_err();
            }
            rig.crash().await;
            let rig = Rig::open(dir.path(), quiet()).await;
            rig.settle().await;
            assert_eq!(rig.engine.fingerprint(NOW), fingerprint, "after {step:?}, before the flush");
            assert_eq!(rig.take_in.flush().await.unwrap(), 20);
            assert_complete(&rig, &fingerprint).await;
            rig.take_in.stop().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_in_a_second_try_changes_nothing() {
    let fingerprint = fingerprint_without_crash().await;
    let dir = tempfile::tempdir().unwrap();
    for step in [Step::LakeCommitted, Step::PlanSaved, Step::LakeCommitted, Step::EngineFlushed] {
        let rig = Rig::open(dir.path(), quiet()).await;
        if rig.log.end() == 1 {
            rig.append(&first()).await;
            rig.append(&second()).await;
        }
        rig.settle().await;
        *rig.take_in.shared.halt_after.lock() = Some(step);
        rig.take_in.flush().await.unwrap_err();
        rig.crash().await;
    }
    let rig = Rig::open(dir.path(), quiet()).await;
    assert_eq!(rig.take_in.status().checkpoint, 20, "the plan was made good");
    assert_complete(&rig, &fingerprint).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_index_is_rebuilt_from_the_lake() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    rig.append(&first()).await;
    rig.take_in.flush().await.unwrap();
    rig.append(&second()).await;
    rig.settle().await;
    let fingerprint = rig.engine.fingerprint(NOW);
    rig.crash().await;
    std::fs::remove_dir_all(dir.path().join("index")).unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    rig.settle().await;
    assert_eq!(rig.engine.fingerprint(NOW), fingerprint);
    rig.take_in.flush().await.unwrap();
    assert_complete(&rig, &fingerprint).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_of_different_histories_are_refused() {
    async fn refused(dir: &Path) -> CollectError {
        let rig = |name: &str| dir.join(name);
        let log = rollcall_log::FileLog::open(&rig("log"), rollcall_log::FileLogOptions::default()).unwrap();
        let engine = Engine::open(&rig("index"), EngineOptions::default()).unwrap();
        let url = url::Url::from_directory_path(rig("lake")).unwrap();
        let lake = Lake::open(&url, rollcall_lake::LakeOptions::default()).await.unwrap();
        let store = Store::open(&format!("sqlite://{}", rig("rollcall.db").display())).await.unwrap();
        recovery::recover(&log, &engine, &lake, &store).await.unwrap_err()
    }
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    rig.append(&first()).await;
    rig.take_in.stop().await;
    drop((rig.log, rig.engine, rig.lake, rig.store));
    std::fs::rename(dir.path().join("log"), dir.path().join("old-log")).unwrap();
    assert!(matches!(refused(dir.path()).await, CollectError::LogGap { next: 13, .. }));
    std::fs::remove_dir_all(dir.path().join("log")).unwrap();
    std::fs::rename(dir.path().join("old-log"), dir.path().join("log")).unwrap();
    let other = tempfile::tempdir().unwrap();
    std::fs::rename(dir.path().join("index"), other.path().join("index")).unwrap();
    std::fs::rename(dir.path().join("log"), other.path().join("log")).unwrap();
    std::fs::create_dir_all(other.path().join("lake")).unwrap();
    assert!(matches!(refused(other.path()).await, CollectError::IndexAhead { durable: 12, checkpoint: 0 }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flushes_happen_by_age_and_by_size() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), TakeInOptions { flush_age: Duration::from_millis(30), ..quiet() }).await;
    rig.append(&first()).await;
    until("the flush by age", || rig.take_in.status().checkpoint == 12).await;
    rig.take_in.stop().await;
    drop((rig.log, rig.engine, rig.lake, rig.store));
    let options = TakeInOptions { flush_rows: 8, early_rows: 2, batch_records: 3, ..quiet() };
    let rig = Rig::open(dir.path(), options).await;
    rig.append(&second()).await;
    until("the flush by size", || rig.take_in.status().checkpoint == 20).await;
    assert_eq!(rig.take_in.ledger_totals(None).await.unwrap(), TOTALS);
    assert_eq!(rig.lake_facts().await.len(), 12);
    rig.take_in.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_records_through_early_commits_are_each_taken_once() {
    let dir = tempfile::tempdir().unwrap();
    let options = TakeInOptions { flush_rows: 700, early_rows: 100, batch_records: 300, ..quiet() };
    let rig = Rig::open(dir.path(), options).await;
    for part in 0..20_u64 {
        let messages: Vec<Json> =
            (0..250).map(|n| track("view", n % 50, &format!("{}", part * 200 + n), json!({"n": n}))).collect();
        rig.append(&messages).await;
    }
    rig.take_in.flush().await.unwrap();
    let totals = rig.take_in.ledger_totals(None).await.unwrap();
    assert!(totals.is_balanced());
    assert_eq!(totals.received, 5000);
    let facts = rig.lake_facts().await;
    assert_eq!(facts.len() as u64, totals.accepted);
    assert!(facts.windows(2).all(|pair| pair[0].seq() < pair[1].seq()));
    assert_eq!(rig.engine.summary(NOW).events, totals.accepted);
    rig.take_in.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_in_goes_on_while_the_lake_fails() {
    let dir = tempfile::tempdir().unwrap();
    let options = TakeInOptions { retry_after: Duration::from_millis(20), flush_age: Duration::from_millis(20), ..quiet() };
    let rig = Rig::open(dir.path(), options).await;
    // A file where the folder of event tables belongs.
    let obstacle = dir.path().join("lake/events");
    let _ = std::fs::remove_dir_all(&obstacle);
    std::fs::write(&obstacle, "").unwrap();
    rig.append(&first()).await;
    until("the lake has failed", || rig.take_in.status().last_error.is_some()).await;
    rig.append(&second()).await;
    rig.settle().await;
    assert_eq!(rig.engine.summary(NOW).watermark, 20);
    assert!(rig.take_in.flush().await.is_err());
    assert_eq!(rig.take_in.status().checkpoint, 0);
    std::fs::remove_file(&obstacle).unwrap();
    let made_good = |status: TakeInStatus| status.checkpoint == 20 && status.last_error.is_none();
    until("the flush has been made good", || made_good(rig.take_in.status())).await;
    assert_complete(&rig, &rig.engine.fingerprint(NOW)).await;
    rig.take_in.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_trigger_flushes_and_are_bounded_while_the_lake_fails() {
    let dir = tempfile::tempdir().unwrap();
    let hundred = Duration::from_millis(100);
    let options = TakeInOptions { flush_bytes: 1000, max_waiting_bytes: 1500, batch_bytes: 500, retry_after: hundred, ..quiet() };
    let rig = Rig::open(dir.path(), options).await;
    let obstacle = dir.path().join("lake/events");
    let _ = std::fs::remove_dir_all(&obstacle);
    std::fs::write(&obstacle, "").unwrap();
    rig.append(&first()).await;
    rig.append(&second()).await;
    until("the lake has failed", || rig.take_in.status().failures > 1).await;
    assert!((5..20).contains(&rig.take_in.status().watermark), "the rest stays in the log");
    std::fs::remove_file(&obstacle).unwrap();
    rig.settle().await;
    rig.take_in.flush().await.unwrap();
    assert_complete(&rig, &fingerprint_without_crash().await).await;
    rig.take_in.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_a_thread_that_has_ended() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    assert!(rig.take_in.is_running());
    let mut watermark = rig.take_in.watermark();
    rig.take_in.abandon().await;
    assert!(!rig.take_in.is_running());
    rig.append(&first()).await;
    assert!(watermark.wait_for(|&reached| reached >= 12).await.is_err());
    assert!(matches!(rig.take_in.flush().await, Err(CollectError::Stopped)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_live_feed_keeps_the_beginning_of_large_messages() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    rig.append(&[track(&"é".repeat(100_000), 1, "m1", json!({})), track("view", 1, "m2", json!({}))]).await;
    rig.settle().await;
    let recent = rig.take_in.recent("web", 2);
    assert_eq!(recent.iter().map(|record| record.raw_cut).collect::<Vec<_>>(), [false, true]);
    assert!((30 << 10..=32 << 10).contains(&recent[1].raw.len()) && recent[1].raw.starts_with('{'));
    assert_eq!(recent[1].name.as_ref().map(String::len), Some(1024));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn declarations_stand_between_two_records() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    rig.append(&[track("view", 1, "m1", json!({"seconds": 3}))]).await;
    rig.settle().await;
    let one = |path: &str, of| BTreeMap::from([(path.to_owned(), of)]);
    let refused = rig.take_in.declare(BTreeMap::new(), one("seconds", ValueType::String), NOW).await;
    assert!(matches!(refused, Err(CollectError::TypeInUse { .. })));
    let schema = rig.take_in.declare(one("born", ValueType::Date), one("at", ValueType::DateTime), NOW).await.unwrap();
    assert_eq!(schema.trait_type("born"), Some(ValueType::Date));
    assert_eq!(rig.take_in.status().checkpoint, 1, "flushed before");
    rig.append(&[
        track("view", 1, "m2", json!({"at": "2026-01-01T00:00:00Z"})),
        json!({"type": "identify", "userId": "u1", "traits": {"born": "soon"}}),
    ])
    .await;
    rig.settle().await;
    let fingerprint = rig.engine.fingerprint(NOW);
    rig.crash().await;
    let rig = Rig::open(dir.path(), quiet()).await;
    rig.settle().await;
    assert_eq!(rig.engine.fingerprint(NOW), fingerprint);
    assert!(rig.take_in.schema().declared_traits.contains("born"));
    assert_eq!(rig.take_in.ledger_totals(None).await.unwrap().quarantined, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_live_feed_shows_what_became_of_records() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    let mut live = rig.take_in.live();
    rig.append(&first()).await;
    rig.settle().await;
    let recent = rig.take_in.recent("web", 100);
    assert_eq!(recent.iter().map(|record| record.seq).collect::<Vec<_>>(), (1..=12).rev().collect::<Vec<_>>());
    let refused = recent.iter().find(|record| record.seq == 8).unwrap();
    assert_eq!((refused.outcome, refused.reason), (LiveOutcome::Quarantined, Some("type_clash")));
    assert!(refused.detail.as_deref().unwrap().starts_with("amount"));
    assert_eq!(recent.iter().find(|record| record.seq == 6).unwrap().reason, Some("event_not_defined"));
    let duplicate = recent.iter().find(|record| record.seq == 3).unwrap();
    assert_eq!((duplicate.outcome, duplicate.message_id.as_deref()), (LiveOutcome::Duplicate, Some("m1")));
    let heard = live.recv().await.unwrap();
    assert_eq!((heard.seq, heard.kind.as_deref(), heard.name.as_deref()), (1, Some("track"), Some("view")));
    assert_eq!(heard.user_id.as_deref(), Some("u1"));
    assert_eq!(serde_json::from_str::<Json>(&heard.raw).unwrap(), first()[0]);
    assert_eq!(rig.take_in.recent("web", 3).len(), 3);
    assert!(rig.take_in.recent("app", 3).is_empty());
}

/// Run with `--ignored --nocapture bench`; `ROLLCALL_BENCH_EVENTS` says how many (default a million).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn bench_take_in() {
    use rollcall_log::NewRecord;
    let events: u64 = std::env::var("ROLLCALL_BENCH_EVENTS").map_or(1_000_000, |text| text.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), TakeInOptions { flush_age: Duration::from_secs(10), ..TakeInOptions::default() }).await;
    rig.take_in.flush().await.unwrap();
    let mut bytes = 0;
    let started = std::time::Instant::now();
    for batch in 0..events / 2000 {
        let record = |n: u64| {
            let at = batch * 2000 + n;
            let message = format!(
                concat!(
                    r#"{{"type":"track","event":"video_view","userId":"u{:07}","messageId":"b{:012}","#,
                    r#""timestamp":"2026-10-{:02}T10:00:00.{:03}Z","properties":{{"programme":"p{:04}","device":"tv","#,
                    r#""duration_s":{},"campaign":"c{:02}"}},"context":{{"library":{{"name":"bench","version":"1"}}}}}}"#
                ),
                at * 7919 % 200_000,
                at,
                at % 28 + 1,
                at % 1000,
                at % 2000,
                at % 7200,
                at % 50
            );
            let payload = format!("{{\"v\":1,\"sent_at\":\"2026-11-20T12:00:00Z\",\"message\":{message}}}").into_bytes();
            NewRecord { source: "web".into(), received_at: RECEIVED, payload }
        };
        let records: Arc<[_]> = (0..2000).map(record).collect();
        bytes += records.iter().map(|record| record.payload.len()).sum::<usize>();
        while rig.log.append(records.clone()).await.is_err() {}
    }
    println!("appended: {:.0} events/s, {} bytes each", events as f64 / started.elapsed().as_secs_f64(), bytes as u64 / events);
    rig.settle().await;
    println!("visible:  {:.0} events/s", events as f64 / started.elapsed().as_secs_f64());
    rig.take_in.flush().await.unwrap();
    println!("flushed:  {:.0} events/s", events as f64 / started.elapsed().as_secs_f64());
    assert_eq!(rig.take_in.ledger_totals(None).await.unwrap().accepted, events);
}
