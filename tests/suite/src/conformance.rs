//! The conformance cases of the rule language, on both paths, through the use cases that the API calls.
//!
//! Each case gets an instance of its own. Its events go in as tracking envelopes, its rule is stored as a segment, whose
//! members are compared (the engine), and whose build is recounted (SQL over raw events). Our own cases are in
//! `tests/conformance/cases.jsonl`; a larger collection beside the repository is run when it is there.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rollcall_app::App;
use rollcall_app::access::Caller;
use rollcall_app::ambient::Ambient;
use rollcall_app::catalogues::{CatalogueInput, RowFormat, RowUpload};
use rollcall_app::config::Config;
use rollcall_app::schema::Declaration;
use rollcall_app::segments::SegmentInput;
use rollcall_rules::Instant;
use serde_json::{Value, json};

/// A clock that stands still, and dice that count.
struct Still {
    now: Instant,
    next: AtomicU64,
}

impl Ambient for Still {
    fn now(&self) -> Instant {
        self.now
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&number[8 - chunk.len()..]);
        }
    }
}

fn instant(text: &Value) -> Instant {
    Instant::parse(text.as_str().unwrap()).unwrap()
}

fn envelopes(case: &Value) -> Vec<(Vec<u8>, i64)> {
    let list = |key: &str| case[key].as_array().cloned().unwrap_or_default();
    // Received after everything happened, so that no time counts as a wrong clock.
    let received = i64::MAX / 4;
    let mut messages = Vec::new();
    for user in list("users") {
        messages.push(json!({"type": "identify", "userId": user, "timestamp": "1970-01-01T00:00:00Z", "traits": {}}));
    }
    for update in list("identifies") {
        messages
            .push(json!({"type": "identify", "userId": update["user"], "timestamp": update["ts"], "traits": update["traits"]}));
    }
    for event in list("events") {
        let mut message = json!({"type": "track", "event": event["event"], "userId": event["user"], "timestamp": event["ts"]});
        for (from, to) in [("properties", "properties"), ("message_id", "messageId")] {
            if let Some(value) = event.get(from) {
                message[to] = value.clone();
            }
        }
        messages.push(message);
    }
    messages.iter().map(|message| (json!({"v": 1, "message": message}).to_string().into_bytes(), received)).collect()
}

fn types(declared: &Value) -> BTreeMap<String, String> {
    let declared = declared.as_object().into_iter().flatten();
    declared.map(|(path, kind)| (path.clone(), kind.as_str().unwrap().to_owned())).collect()
}

fn declaration(case: &Value) -> Declaration {
    Declaration { traits: types(&case["schema"]["traits"]), properties: types(&case["schema"]["properties"]) }
}

async fn store_catalogues(app: &App, case: &Value) -> Result<(), String> {
    let who = &Caller::System;
    for (name, catalogue) in case["catalogues"].as_object().into_iter().flatten() {
        let links = case["links"].as_object().into_iter().flatten().filter(|(_, linked)| *linked == name);
        let links = links.map(|(property, _)| property.clone()).collect();
        let attributes = types(&case["schema"]["catalogues"][name]);
        let input = CatalogueInput { name: name.clone(), links, attributes };
        let made = app.create_catalogue(who, input).await.map_err(|error| format!("catalogue: {}", error.detail))?;
        let rows = catalogue["rows"].to_string().into();
        let uploaded = app.upload_rows(who, &made.id, rows, RowFormat::Json, None, RowUpload::Replace).await;
        uploaded.map_err(|error| format!("rows: {} {:?}", error.detail, error.faults))?;
    }
    Ok(())
}

/// The rule with the ids that stored segments really got.
fn with_ids(rule: &Value, ids: &BTreeMap<String, String>) -> Value {
    match rule {
        Value::Object(object) => object
            .iter()
            .map(|(key, value)| {
                let stored = if key == "segment" { value.as_str().and_then(|id| ids.get(id)) } else { None };
                (key.clone(), stored.map_or_else(|| with_ids(value, ids), |id| json!(id)))
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(values) => values.iter().map(|value| with_ids(value, ids)).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

async fn store_segments(app: &App, case: &Value) -> Result<BTreeMap<String, String>, String> {
    let mut waiting: Vec<(String, Value)> =
        case["segments"].as_object().into_iter().flatten().map(|(id, rule)| (id.clone(), rule.clone())).collect();
    let mut ids = BTreeMap::new();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut rest = Vec::new();
        let mut last = String::new();
        for (id, rule) in waiting {
            let input =
                SegmentInput { name: id.clone(), description: String::new(), rule: with_ids(&rule, &ids), if_version: None };
            match app.create_segment(&Caller::System, input).await {
                Ok(segment) => {
                    ids.insert(id, segment.id);
                }
                Err(error) => {
                    last = format!("{:?} {}", error.faults, error.detail);
                    rest.push((id, rule));
                }
            }
        }
        if rest.len() == before {
            return Err(format!("segments of the case are refused: {last}"));
        }
        waiting = rest;
    }
    Ok(ids)
}

async fn open(case: &Value, folder: &Path) -> App {
    let config = Config { data_dir: folder.to_owned(), ..Config::default() };
    let ambient = Arc::new(Still { now: instant(&case["now"]), next: AtomicU64::new(1) });
    App::open(config, ambient).await.unwrap()
}

async fn prepare(case: &Value, app: &App) -> Result<Value, String> {
    let who = &Caller::System;
    app.declare(who, declaration(case)).await.map_err(|error| format!("declaration: {}", error.detail))?;
    for (id, users) in case["lists"].as_object().into_iter().flatten() {
        let users = users.as_array().unwrap().iter().map(|user| user.as_str().unwrap().to_owned()).collect();
        app.create_list(who, Some(id.clone()), id, users).await.map_err(|error| format!("list: {}", error.detail))?;
    }
    store_catalogues(app, case).await?;
    let source = app.create_source(who, "case").await.map_err(|error| error.detail)?;
    let envelopes = envelopes(case);
    if !envelopes.is_empty() {
        app.load(who, &source.id, envelopes).await.map_err(|error| error.detail)?;
        app.settle().await.map_err(|error| error.detail)?;
    }
    let ledger = app.ledger(who, None, 36_500).await.map_err(|error| error.detail)?;
    if ledger.totals.quarantined > 0 {
        let found = app.quarantined(who, None, None, 10).await.map_err(|error| error.detail)?;
        return Err(format!("quarantined: {found:?}"));
    }
    let mut rule = with_ids(&case["rule"], &store_segments(app, case).await?);
    if let Some(zone) = case.get("tz") {
        rule["tz"] = zone.clone();
    }
    Ok(rule)
}

async fn members(app: &App, rule: Value, expected: &[String]) -> Result<(), String> {
    let who = &Caller::System;
    let input = SegmentInput { name: "the case".into(), description: String::new(), rule: rule.clone(), if_version: None };
    let segment =
        app.create_segment(who, input).await.map_err(|error| format!("refused: {:?} {}", error.faults, error.detail))?;
    let page = app.segment_members(who, &segment.id, None, 1000).await.map_err(|error| error.detail)?;
    let mut found: Vec<String> = page.items.into_iter().map(|member| member.user_id).collect();
    found.sort();
    if found != expected {
        return Err(format!("engine: {found:?}, expected {expected:?}"));
    }
    let preview = app.preview(who, &rule).await.map_err(|error| error.detail)?;
    if preview.count != expected.len() as u64 || preview.nodes.first().map(|node| node.count) != Some(preview.count) {
        return Err(format!("preview: {preview:?}"));
    }
    let recount = app.request_recount(who, &segment.id, None).await.map_err(|error| error.detail)?;
    app.run_next_recount().await.map_err(|error| error.detail)?;
    let recount = app.recount(who, &recount.id).await.map_err(|error| error.detail)?;
    if recount.agree == Some(true) { Ok(()) } else { Err(format!("lake: {recount:?}")) }
}

async fn faults(app: &App, rule: &Value, expected: &Value) -> Result<(), String> {
    let verdict = app.validate_rule(&Caller::System, rule).await.map_err(|error| error.detail)?;
    let mut found: Vec<(String, String)> = verdict.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut wanted: Vec<(String, String)> =
        expected.as_array().unwrap().iter().map(|fault| (text(&fault["pointer"]), text(&fault["code"]))).collect();
    found.sort();
    found.dedup();
    wanted.sort();
    if found == wanted { Ok(()) } else { Err(format!("faults: {found:?}, expected {wanted:?}")) }
}

async fn run(case: &Value) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let app = open(case, folder.path()).await;
    let rule = prepare(case, &app).await?;
    let result = match case.get("expect") {
        Some(expected) => {
            let mut expected: Vec<String> =
                expected.as_array().unwrap().iter().map(|user| user.as_str().unwrap().to_owned()).collect();
            expected.sort();
            members(&app, rule, &expected).await
        }
        None => faults(&app, &rule, &case["refused"]).await,
    };
    app.stop().await.map_err(|error| error.detail)?;
    result
}

fn run_file(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let cases: Vec<Value> =
        text.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect();
    let wanted = std::env::var("ROLLCALL_TEST_CASE").ok();
    let chosen: Vec<&Value> = cases.iter().filter(|case| wanted.as_ref().is_none_or(|id| case["id"] == id.as_str())).collect();
    assert!(!chosen.is_empty(), "no cases in {}", file.display());
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
                while let Some(case) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(error) = runtime.block_on(run(case)) {
                        failures.lock().unwrap().push(format!("{}: {error}\n    {}", case["id"], case["rule"]));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap();
    failures.sort();
    println!("{}: {} of {} cases run, {} failed", file.display(), chosen.len(), cases.len(), failures.len());
    assert!(failures.is_empty(), "{} cases failed:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn our_cases() {
    run_file(&crate::tree::root().join("tests/conformance/cases.jsonl"));
}

#[test]
fn the_collection_beside_the_repository() {
    let file = crate::tree::root().join("../shared/conformance/cases.jsonl");
    if file.exists() {
        run_file(&file);
    } else {
        println!("{} is not there", file.display());
    }
}
