//! Warnings about what was collected, through the use cases that the API calls: records are received on the days that the test says.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use rollcall_app::App;
use rollcall_app::access::Caller;
use rollcall_app::ambient::Ambient;
use rollcall_app::config::Config;
use rollcall_rules::Instant;
use serde_json::{Value, json};

const DAY: i64 = 86_400_000_000;

/// A clock that the test moves, and dice that count.
struct Moving {
    now: AtomicI64,
    next: AtomicU64,
}

impl Ambient for Moving {
    fn now(&self) -> Instant {
        Instant(self.now.load(Ordering::Relaxed))
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&number[8 - chunk.len()..]);
        }
    }
}

fn start() -> Instant {
    Instant::parse("2026-11-20T12:00:00Z").unwrap()
}

/// So many days before the start, at noon.
fn ago(days: i64) -> i64 {
    start().0 - days * DAY
}

fn viewed(at: i64, number: i64) -> (Vec<u8>, i64) {
    let timestamp = Instant(at).to_rfc3339();
    let message =
        json!({"type": "track", "event": "view", "userId": "u", "messageId": format!("m{at}-{number}"), "timestamp": timestamp});
    (json!({"v": 1, "message": message}).to_string().into_bytes(), at)
}

fn unusable(at: i64) -> (Vec<u8>, i64) {
    (json!({"v": 1, "message": {"type": "track", "userId": "u"}}).to_string().into_bytes(), at)
}

/// Pointer and code of each warning, as preview and validation tell them.
async fn warned(app: &App, rule: &Value) -> Vec<(String, String)> {
    let told = |warnings: Vec<rollcall_app::segments::WarningView>| -> Vec<(String, String)> {
        warnings.into_iter().map(|warning| (warning.pointer, warning.code)).collect()
    };
    let preview = told(app.preview(&Caller::System, rule, None).await.unwrap().warnings);
    assert_eq!(preview, told(app.validate_rule(&Caller::System, rule).await.unwrap().warnings));
    preview
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_before_the_oldest_event_and_days_that_were_not_healthy() {
    let (folder, who) = (tempfile::tempdir().unwrap(), &Caller::System);
    let clock = Arc::new(Moving { now: AtomicI64::new(start().0), next: AtomicU64::new(1) });
    let config = Config { data_dir: folder.path().to_owned(), ..Config::default() };
    let app = App::open(config, clock.clone()).await.unwrap();
    let (web, app_source) = (app.create_source(who, "web").await.unwrap(), app.create_source(who, "app").await.unwrap());
    // Silent 5 days ago only; a tenth is unusable 12 days ago.
    let days = (1..=20).filter(|day| *day != 5);
    let mut records: Vec<(Vec<u8>, i64)> = days.map(|day| viewed(ago(day), 0)).collect();
    records.extend((1..18).map(|number| viewed(ago(12), number)));
    records.extend([unusable(ago(12)), unusable(ago(12))]);
    app.load(who, &web.id, records).await.unwrap();
    app.load(who, &app_source.id, (0..20).map(|day| viewed(ago(day) + 1, day)).collect()).await.unwrap();
    app.settle().await.unwrap();

    let ledger = app.ledger(who, None, 30).await.unwrap();
    let unhealthy: Vec<(&str, &str, &str)> =
        ledger.unhealthy.iter().map(|day| (day.source_id.as_str(), day.day.as_str(), day.reason)).collect();
    assert_eq!(unhealthy, [(web.id.as_str(), "2026-11-15", "silent"), (web.id.as_str(), "2026-11-08", "quarantined")]);
    assert!(app.ledger(who, Some(&app_source.id), 30).await.unwrap().unhealthy.is_empty());
    assert_eq!(app.ledger(who, Some(&web.id), 6).await.unwrap().unhealthy.len(), 1, "only of the days asked for");

    let never = json!({"event": "view", "op": "eq", "value": 0, "window": {"last": "30d"}});
    let found = warned(&app, &never).await;
    assert_eq!(found, [("", "unhealthy_days"), ("/window", "before_oldest_event")].map(|(at, code)| (at.into(), code.into())));
    let detail = app.preview(who, &never, None).await.unwrap().warnings.remove(0).detail;
    assert!(detail.contains("“web”") && detail.contains("2026-11-08 and 2026-11-15"), "{detail}");
    assert!(warned(&app, &json!({"event": "view", "window": {"last": "19d"}})).await.is_empty());
    assert!(warned(&app, &json!({"not": {"event": "view", "window": {"last": "3d"}}})).await.is_empty());
    let text = json!("not did (view, last 6d)");
    assert_eq!(warned(&app, &text).await, [("/not".to_owned(), "unhealthy_days".to_owned())]);

    // The newest days are read again, but not with every keystroke.
    let recent = json!({"not": {"event": "view", "window": {"last": "3d"}}});
    app.load(who, &app_source.id, (0..30).map(|_| unusable(ago(1))).collect()).await.unwrap();
    app.settle().await.unwrap();
    assert!(warned(&app, &recent).await.is_empty());
    clock.now.fetch_add(11_000_000, Ordering::Relaxed);
    assert_eq!(warned(&app, &recent).await, [("/not".to_owned(), "unhealthy_days".to_owned())]);
    let both = app.preview(who, &json!({"not": {"event": "view"}}), None).await.unwrap().warnings;
    assert_eq!(both.len(), 2, "what was read before is kept: {both:?}");
    // Tomorrow the day is judged that is today: the web has been silent.
    clock.now.fetch_add(DAY, Ordering::Relaxed);
    let today = app
        .preview(who, &json!({"not": {"event": "view", "window": {"last": "1h", "shift": "1d"}}}), None)
        .await
        .unwrap()
        .warnings;
    assert!(today.len() == 1 && today[0].detail.contains("“web”") && today[0].detail.contains("2026-11-20"), "{today:?}");
    app.stop().await.unwrap();
}
