//! Habits that a reader relies on: short files, no silenced lints, nothing left for later, no registry pinned in a lock file.

use crate::tree;

/// A file is one thing and fits in a head.
const MOST_LINES: usize = 500;
const WORTH_A_LOOK: usize = 300;

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for folder in ["backend", "frontend/src", "tests"] {
        for path in tree::files(folder, &[".rs", ".ts", ".tsx", ".py", ".mjs"]) {
            let lines = tree::read(&path).lines().count();
            if lines > WORTH_A_LOOK && !tree::name(&path).ends_with(".d.ts") {
                long.push((lines, tree::shown(&path)));
            }
        }
    }
    long.sort();
    for (lines, path) in &long {
        println!("{lines:>5} {path}");
    }
    let too_long: Vec<_> = long.iter().filter(|(lines, _)| *lines > MOST_LINES).collect();
    assert!(too_long.is_empty(), "over {MOST_LINES} lines: {too_long:#?}");
}

#[test]
fn lints_are_never_silenced() {
    let attribute = ["#[", "#!["].map(|start| format!("{start}allow("));
    let wrong = lines_with(&["backend", "tests/suite"], &[".rs"], |line| attribute.iter().any(|text| line.contains(text)));
    assert!(wrong.is_empty(), "use #[expect(lint, reason = ...)]: {wrong:#?}");
}

#[test]
fn every_expectation_gives_its_reason() {
    let mut wrong = Vec::new();
    for path in tree::files("backend", &[".rs"]) {
        let text = tree::read(&path);
        for (at, _) in text.match_indices("[expect(") {
            let attribute = text[at..].split(")]").next().unwrap_or_default();
            if !attribute.contains("reason") {
                wrong.push(format!("{}: {attribute}", tree::shown(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    let words = ["TO DO", "FIX ME", "XX X"].map(|word| word.replace(' ', ""));
    let calls = ["todo!(", "unimplemented!(", "#[ignore]", ".only(", "test.skip("];
    let folders = ["backend", "frontend/src", "tests", "deploy", "migrations"];
    let endings = [".rs", ".ts", ".tsx", ".py", ".mjs", ".sh", ".sql", ".toml"];
    let wrong = lines_with(&folders, &endings, |line| {
        words.iter().any(|word| line.split(|c: char| !c.is_alphanumeric()).any(|part| part == word))
            || (!line.contains("let calls") && calls.iter().any(|call| line.contains(call)))
    });
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_crate_has_a_front_page() {
    for manifest in tree::files("backend", &["Cargo.toml"]) {
        let source = manifest.parent().unwrap().join("src");
        let file = ["lib.rs", "main.rs"].iter().map(|name| source.join(name)).find(|path| path.exists());
        let text = tree::read(&file.expect("a crate has lib.rs or main.rs"));
        let words: usize = text.lines().take_while(|line| line.starts_with("//!")).map(|l| l.split_whitespace().count()).sum();
        assert!(words >= 25, "{}: the front page explains the data flow ({words} words)", tree::shown(&manifest));
    }
}

/// Lock files name versions and digests, not the host that one machine happened to fetch from.
#[test]
fn npm_lock_files_name_no_host() {
    for folder in ["frontend", "tests/browser", "tests/sdk-node"] {
        let lock = tree::root().join(folder).join("package-lock.json");
        let text = tree::read(&lock);
        assert!(!text.contains("\"resolved\": \"http"), "{}", tree::shown(&lock));
    }
}

fn lines_with(folders: &[&str], endings: &[&str], wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders {
        for path in tree::files(folder, endings) {
            for (number, line) in tree::read(&path).lines().enumerate() {
                if wrong(line) {
                    found.push(format!("{}:{}: {}", tree::shown(&path), number + 1, line.trim()));
                }
            }
        }
    }
    found
}
