//! The conformance cases, as far as this version evaluates them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollcall_rules::{Catalogue, check};
use serde_json::Value as Json;

use super::support::{World, at};

/// Our own, and those kept beside the project when they are there.
fn cases() -> Vec<Json> {
    let mut text = std::fs::read_to_string("../../tests/conformance/cases.jsonl").unwrap();
    text += &std::fs::read_to_string("../../../shared/conformance/cases.jsonl").unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn world_of(case: &Json) -> World {
    let mut world = World::default();
    let types = |of: &Json| serde_json::from_value(of.clone()).unwrap_or_default();
    world.schema.traits = types(&case["schema"]["traits"]);
    world.schema.properties = types(&case["schema"]["properties"]);
    let entries = |key: &str| case[key].as_array().cloned().unwrap_or_default();
    for user in entries("users") {
        world.identify(user.as_str().unwrap(), "2000-01-01T00:00:00Z", Json::Object(Default::default()));
    }
    for identify in entries("identifies") {
        world.identify(identify["user"].as_str().unwrap(), identify["ts"].as_str().unwrap(), identify["traits"].clone());
    }
    for event in entries("events") {
        let (user, name, time) = (event["user"].as_str(), event["event"].as_str().unwrap(), event["ts"].as_str().unwrap());
        let properties =
            if event["properties"].is_object() { event["properties"].clone() } else { Json::Object(Default::default()) };
        world.event_with(user, name, time, properties, event["message_id"].as_str());
    }
    let objects = |key: &str| case[key].as_object().cloned().unwrap_or_default();
    world.segments = objects("segments").into_iter().map(|(id, rule)| (id, Arc::new(rule))).collect();
    for (property, name) in objects("links") {
        let mut catalogue = Catalogue::default();
        let types = serde_json::from_value(case["schema"]["catalogues"][name.as_str().unwrap()].clone()).unwrap_or_default();
        for row in case["catalogues"][name.as_str().unwrap()]["rows"].as_array().into_iter().flatten() {
            catalogue.put(row.as_object().unwrap(), &types).unwrap();
        }
        world.catalogues.insert(property, Arc::new(catalogue));
    }
    world.lists = objects("lists").into_iter().map(|(id, _)| (id, 1)).collect();
    world
}

/// A report if the members are wrong.
async fn run(case: &Json) -> Result<(), String> {
    let world = world_of(case);
    let mut rule = case["rule"].clone();
    if let (Some(object), Some(zone)) = (rule.as_object_mut(), case.get("tz")) {
        object.insert("tz".to_owned(), zone.clone());
    }
    let checked = match check(&rule, None, &world.schema, &world) {
        Ok((checked, _)) => checked,
        Err(faults) => return Err(format!("{}: refused {faults:?}", case["id"])),
    };
    let folder = tempfile::tempdir().unwrap();
    let lake = world.lake(&folder).await;
    for (id, users) in case["lists"].as_object().into_iter().flatten() {
        let users: Vec<String> = serde_json::from_value(users.clone()).unwrap();
        lake.write_list(id, 0, &users).await.unwrap();
    }
    let expected: Vec<String> = serde_json::from_value(case["expect"].clone()).unwrap();
    let lists: BTreeMap<String, u64> = world.lists.clone();
    let now = at(case["now"].as_str().unwrap());
    match lake.evaluate(&checked, now, world.up_to(), &lists).await {
        Ok(members) if members == expected => Ok(()),
        other => {
            let sql = lake.explain_sql(&checked, now, world.up_to(), &lists).await.unwrap_or_default();
            Err(format!("{}: {rule}\n expected {expected:?}\n got {other:?}\n{sql}", case["id"]))
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_give_exactly_their_members() {
    let (mut right, mut wrong) = (0, Vec::new());
    for case in cases().iter().filter(|case| case.get("expect").is_some()) {
        match run(case).await {
            Ok(()) => right += 1,
            Err(report) => wrong.push(report),
        }
    }
    eprintln!("{right} right, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(right >= 10, "only {right} cases were found");
}
