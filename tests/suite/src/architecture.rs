//! Which crate may use which: the edges between rooms, and the libraries that only one room may name.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::tree;

/// The rooms, and what each may use of the others. Every crate of the workspace has a row.
const EDGES: &[(&str, &[&str])] = &[
    ("rules", &[]),
    ("engine", &["rules"]),
    ("log", &["rules"]),
    ("lake", &["rules"]),
    ("store", &["rules"]),
    ("collect", &["rules", "log", "lake", "engine", "store"]),
    ("activate", &["rules", "engine", "lake", "store"]),
    ("audit", &["rules", "engine", "lake", "store"]),
    ("app", &["rules", "engine", "log", "lake", "store", "collect", "activate", "audit"]),
    ("api", &["app"]),
    ("server", &["api", "app"]),
    ("tests", &["api", "app", "engine", "lake", "rules"]),
];

/// Libraries that are fenced in, and the rooms inside the fence.
const FENCES: &[(&str, &[&str])] = &[
    ("sqlx", &["store"]),
    ("axum", &["api", "server", "tests"]),
    ("tower", &["api", "server", "tests"]),
    ("tower-http", &["api", "server"]),
    ("utoipa", &["app", "api"]),
    ("utoipa-axum", &["api"]),
    ("datafusion", &["lake"]),
    ("deltalake", &["lake"]),
    ("object_store", &["lake"]),
    ("roaring", &["engine", "activate", "app"]),
    ("lettre", &["activate"]),
    ("anyhow", &["server"]),
    ("clap", &["server"]),
];

struct Dependency {
    from: String,
    on: String,
}

/// Direct dependencies of every workspace crate, of all kinds: a test that reaches across rooms is an edge too.
fn dependencies() -> (BTreeSet<String>, Vec<Dependency>) {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(tree::root())
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut rooms = BTreeSet::new();
    let mut found = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let from = room(package["name"].as_str().unwrap()).expect("workspace crates are called rollcall-<room>");
        for dependency in package["dependencies"].as_array().unwrap() {
            found.push(Dependency { from: from.clone(), on: dependency["name"].as_str().unwrap().to_owned() });
        }
        rooms.insert(from);
    }
    (rooms, found)
}

fn room(package: &str) -> Option<String> {
    if package == "rollcall" { Some("server".to_owned()) } else { package.strip_prefix("rollcall-").map(str::to_owned) }
}

#[test]
fn every_crate_has_a_row_and_every_row_a_crate() {
    let (rooms, _) = dependencies();
    let rows: BTreeSet<String> = EDGES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(rooms, rows);
}

#[test]
fn rooms_use_only_the_rooms_they_may() {
    let (_, dependencies) = dependencies();
    let edges: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let wrong: Vec<String> = dependencies
        .iter()
        .filter_map(|dependency| Some((&dependency.from, room(&dependency.on)?)))
        .filter(|(from, on)| !edges.get(from.as_str()).is_some_and(|allowed| allowed.contains(&on.as_str())))
        .map(|(from, on)| format!("{from} -> {on}"))
        .collect();
    assert!(wrong.is_empty(), "edges that the table does not have: {wrong:?}");
}

#[test]
fn fenced_libraries_stay_inside_their_rooms() {
    let (_, dependencies) = dependencies();
    for (library, inside) in FENCES {
        let users: Vec<&str> = dependencies.iter().filter(|d| d.on == *library).map(|d| d.from.as_str()).collect();
        let outside: Vec<&&str> = users.iter().filter(|user| !inside.contains(user)).collect();
        assert!(outside.is_empty(), "{library} is a dependency of {outside:?}; it belongs to {inside:?}");
    }
}

/// A library can also leak through a re-export, which no manifest shows.
#[test]
fn fenced_libraries_are_not_named_in_other_rooms() {
    let mut wrong = Vec::new();
    for path in tree::files("backend", &[".rs"]) {
        let shown = tree::shown(&path);
        let room = shown.split('/').nth(1).unwrap_or_default().to_owned();
        let text = tree::read(&path);
        for (library, inside) in FENCES {
            let named = format!("{}::", library.replace('-', "_"));
            if !inside.contains(&room.as_str()) && names(&text, &named) {
                wrong.push(format!("{shown} names {library}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether code (not a comment) has the word; `my_axum::` is another word than `axum::`.
fn names(text: &str, word: &str) -> bool {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).any(|line| {
        line.match_indices(word)
            .any(|(at, _)| !line[..at].chars().next_back().is_some_and(|before| before.is_alphanumeric() || before == '_'))
    })
}

#[test]
fn the_search_for_names_sees_words_not_parts_of_words() {
    assert!(names("use axum::Router;", "axum::"));
    assert!(names("let r: axum::Router = x;", "axum::"));
    assert!(!names("use utoipa_axum::router;", "axum::"));
    assert!(!names("// axum::Router", "axum::"));
}
