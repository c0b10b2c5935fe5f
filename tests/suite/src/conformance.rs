//! The conformance cases of the rule language, on both paths, through the HTTP surface that clients use.
//!
//! Each case gets an instance of its own. Its events go in as an SDK sends them, its rule is stored as a segment, whose
//! members are compared (the engine), and whose build is recounted (SQL over raw events); it is sent as text, too. A rule that
//! has to be refused is, with exactly the faults that the case says. Our own cases are in `tests/conformance/cases.jsonl`; a
//! larger collection beside the repository is run when it is there. `ROLLCALL_TEST_CASE` picks one case.

mod client;
mod coverage;
pub mod instance;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{Method, StatusCode};
use rollcall_rules::Instant;
use serde_json::{Value, json};

use client::Client;
use instance::{Instance, Template};

/// Why a case did not end as it should.
pub enum Trouble {
    /// It could not be set up, or its rule was refused.
    Refused(String),
    /// The members or faults are other ones.
    Wrong(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Trouble::Refused(error) | Trouble::Wrong(error)) = self;
        to.write_str(error)
    }
}

impl From<String> for Trouble {
    fn from(error: String) -> Trouble {
        Trouble::Wrong(error)
    }
}

fn instant(text: &Value) -> Instant {
    Instant::parse(text.as_str().unwrap()).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(case: &Value, key: &str) -> Vec<Value> {
    case[key].as_array().cloned().unwrap_or_default()
}

fn object(case: &Value, key: &str) -> serde_json::Map<String, Value> {
    case[key].as_object().cloned().unwrap_or_default()
}

fn messages(case: &Value) -> Vec<Value> {
    let users = list(case, "users").into_iter().map(|user| json!({"user": user, "ts": "1970-01-01T00:00:00Z", "traits": {}}));
    let identify = |update: Value| json!({"type": "identify", "userId": update["user"], "timestamp": update["ts"], "traits": update["traits"]});
    let track = |event: Value| {
        let mut message = json!({"type": "track", "event": event["event"], "userId": event["user"], "timestamp": event["ts"]});
        for (from, to) in [("properties", "properties"), ("message_id", "messageId")] {
            if let Some(value) = event.get(from) {
                message[to] = value.clone();
            }
        }
        message
    };
    let updates = users.chain(list(case, "identifies")).map(identify);
    updates.chain(list(case, "events").into_iter().map(track)).collect()
}

async fn store_catalogues(client: &Client, case: &Value) -> Result<(), String> {
    for (name, catalogue) in object(case, "catalogues") {
        let links = object(case, "links").into_iter().filter(|(_, linked)| *linked == *name);
        let links: Vec<String> = links.map(|(property, _)| property).collect();
        let attributes = object(&case["schema"]["catalogues"], &name);
        let input = json!({"name": name, "links": links, "attributes": attributes});
        let made = client.post("/api/v1/catalogues", &input).await?;
        client.put(&format!("/api/v1/catalogues/{}/rows", text(&made["id"])), &catalogue["rows"]).await?;
    }
    Ok(())
}

/// The rule with the ids that stored segments really got.
pub fn with_ids(rule: &Value, ids: &BTreeMap<String, String>) -> Value {
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

fn segment(name: &str, rule: &Value) -> Value {
    json!({"name": name, "rule": rule})
}

/// Stores the case's segments, those that others refer to first, and under `as` what the rule is to replace.
async fn store_segments(client: &Client, case: &Value) -> Result<BTreeMap<String, String>, String> {
    let mut waiting: Vec<(String, Value)> = object(case, "segments").into_iter().collect();
    waiting.extend(case["as"].as_str().map(|id| (id.to_owned(), json!({"everyone": true}))));
    let mut ids = BTreeMap::new();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut rest = Vec::new();
        let mut last = Value::Null;
        for (id, rule) in waiting {
            let (status, body) = client.send(Method::POST, "/api/v1/segments", Some(&segment(&id, &with_ids(&rule, &ids)))).await;
            if status == StatusCode::CREATED {
                ids.insert(id, text(&body["id"]));
            } else {
                last = body;
                rest.push((id, rule));
            }
        }
        if rest.len() == before {
            return Err(format!("segments of the case are refused: {last}"));
        }
        waiting = rest;
    }
    Ok(ids)
}

/// Puts everything in place, moves the clock to the case's instant, and gives the ids of stored segments.
pub async fn prepare(case: &Value, instance: &Instance) -> Result<BTreeMap<String, String>, Trouble> {
    let client = &instance.client;
    let declared = |key: &str| object(&case["schema"], key);
    let declaration = json!({"traits": declared("traits"), "properties": declared("properties")});
    client.put("/api/v1/schema", &declaration).await?;
    for (id, user_ids) in object(case, "lists") {
        client.post("/api/v1/lists", &json!({"id": id, "name": id, "user_ids": user_ids})).await?;
    }
    store_catalogues(client, case).await?;
    let source = client.post("/api/v1/sources", &json!({"name": "case"})).await?;
    let messages = messages(case);
    if !messages.is_empty() {
        client.track(&text(&source["write_key"]), &messages).await?;
        instance.app.settle().await.map_err(|error| error.detail)?;
    }
    let quarantine = client.get("/api/v1/quarantine").await?;
    if quarantine["items"] != json!([]) {
        return Err(Trouble::Refused(format!("quarantined: {}", quarantine["items"])));
    }
    instance.clock.set(instant(&case["now"]));
    store_segments(client, case).await.map_err(Trouble::Refused)
}

/// Stores a rule and compares its members on both paths.
pub async fn members(instance: &Instance, rule: &Value, expected: &[String]) -> Result<(), Trouble> {
    let client = &instance.client;
    let (status, stored) = client.send(Method::POST, "/api/v1/segments", Some(&segment("the case", rule))).await;
    if status == StatusCode::UNPROCESSABLE_ENTITY {
        return Err(Trouble::Refused(format!("refused: {}", stored["errors"])));
    } else if status != StatusCode::CREATED {
        return Err(Trouble::Wrong(format!("stored: {status} {stored}")));
    }
    let id = text(&stored["id"]);
    let page = client.get(&format!("/api/v1/segments/{id}/members?limit=1000")).await?;
    let mut found: Vec<String> = list(&page, "items").iter().map(|member| text(&member["user_id"])).collect();
    found.sort();
    if found != expected || stored["latest"]["count"] != expected.len() {
        return Err(Trouble::Wrong(format!("engine: {found:?}, expected {expected:?}")));
    }
    let forms = client.post("/api/v1/rules/forms", &json!({ "rule": rule })).await?;
    let preview = client.post("/api/v1/rules/preview", &json!({"rule": forms["text"]})).await?;
    if preview["count"] != expected.len() || preview["nodes"][0]["count"] != preview["count"] {
        return Err(Trouble::Wrong(format!("preview of {}: {preview}", forms["text"])));
    }
    let asked = client.post(&format!("/api/v1/segments/{id}/recount"), &json!({})).await?;
    // What the background does as soon as it is asked.
    instance.app.run_next_recount().await.map_err(|error| error.detail)?;
    let recount = client.get(&format!("/api/v1/recounts/{}", text(&asked["id"]))).await?;
    if recount["agree"] == true { Ok(()) } else { Err(Trouble::Wrong(format!("lake: {recount}"))) }
}

fn places(faults: &Value) -> Vec<(String, String)> {
    let faults = faults.as_array().into_iter().flatten();
    let mut places: Vec<(String, String)> = faults.map(|fault| (text(&fault["pointer"]), text(&fault["code"]))).collect();
    places.sort();
    places.dedup();
    places
}

/// `stored` is the segment that the rule is to replace, if it is to replace one.
async fn faults(client: &Client, rule: &Value, stored: Option<&String>, expected: &Value) -> Result<(), String> {
    let wanted = places(expected);
    let compare = |by: &str, found: Vec<(String, String)>| {
        if found == wanted { Ok(()) } else { Err(format!("{by}: {found:?}, expected {wanted:?}")) }
    };
    let before = client.get("/api/v1/segments").await?;
    let input = segment("the case", rule);
    let (status, body) = match stored {
        Some(id) => client.send(Method::PUT, &format!("/api/v1/segments/{id}"), Some(&input)).await,
        None => client.send(Method::POST, "/api/v1/segments", Some(&input)).await,
    };
    if status != StatusCode::UNPROCESSABLE_ENTITY || body["code"] != "invalid_rule" {
        return Err(format!("stored: {status} {body}"));
    }
    compare("stored", places(&body["errors"]))?;
    if client.get("/api/v1/segments").await? != before {
        return Err("something was stored".to_owned());
    }
    if stored.is_none() {
        let verdict = client.post("/api/v1/rules/validate", &json!({ "rule": rule })).await?;
        compare("validated", places(&verdict["errors"]))?;
    }
    Ok(())
}

/// Runs one case in an instance of its own.
pub async fn run(case: &Value, template: &Template) -> Result<(), Trouble> {
    let instance = template.open().await;
    let ids = prepare(case, &instance).await?;
    let mut rule = with_ids(&case["rule"], &ids);
    if let Some(zone) = case.get("tz") {
        rule["tz"] = zone.clone();
    }
    let result = match case.get("expect") {
        Some(expected) => {
            let mut expected: Vec<String> = expected.as_array().unwrap().iter().map(text).collect();
            expected.sort();
            members(&instance, &rule, &expected).await
        }
        None => {
            let stored = case["as"].as_str().and_then(|id| ids.get(id));
            faults(&instance.client, &rule, stored, &case["refused"]).await.map_err(Trouble::Wrong)
        }
    };
    instance.app.stop().await.map_err(|error| error.detail)?;
    result
}

fn cases(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

fn run_file(file: &Path) {
    let cases = cases(file);
    let wanted = std::env::var("ROLLCALL_TEST_CASE").ok();
    let chosen: Vec<&Value> = cases.iter().filter(|case| wanted.as_ref().is_none_or(|id| case["id"] == id.as_str())).collect();
    let template = runtime().block_on(Template::make());
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                let runtime = runtime();
                while let Some(case) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(trouble) = runtime.block_on(run(case, &template)) {
                        failures.lock().unwrap().push(format!("{}: {trouble}\n    {}", case["id"], case["rule"]));
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
    // What random cases have found.
    run_file(&crate::tree::root().join("tests/differential/regressions.jsonl"));
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
