//! What is on disk: crashes, damage, other versions, and reading while writing.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rollcall_engine::{Engine, EngineError, EngineOptions, MessageKey};
use rollcall_rules::{
    CheckedRule, EventFact, EventLeaf, EventMatch, EventNames, Fact, Instant, Measure, Node, NodeKind, NumberPredicate,
    NumberTest, ProfileFact, TraitUpdate, Value, Window, Zone,
};

const NOW: Instant = Instant(1_000_000_000);

fn options() -> EngineOptions {
    EngineOptions { shards: 2, ..EngineOptions::default() }
}

fn open(dir: &Path) -> Engine {
    Engine::open(dir, options()).unwrap()
}

fn event(seq: u64, user: u64) -> Fact {
    Fact::Event(EventFact {
        seq,
        source: "web".to_owned(),
        user_id: Some(format!("user-{user}")),
        anonymous_id: None,
        message_id: format!("m{seq}"),
        name: "view".to_owned(),
        time: Instant(seq as i64),
        received_at: Instant(seq as i64),
        properties: vec![("page".to_owned(), Value::String(format!("page {}", seq % 20)))],
        raw_properties: String::new(),
        context: String::new(),
    })
}

fn events(seqs: std::ops::RangeInclusive<u64>) -> Vec<Fact> {
    seqs.map(|seq| event(seq, seq % 10)).collect()
}

fn rule(kind: NodeKind) -> CheckedRule {
    CheckedRule {
        root: Node { pointer: String::new(), kind },
        zone: Zone::utc(),
        source: serde_json::Value::Null,
        catalogues: BTreeMap::new(),
    }
}

fn viewed(at_least: u64) -> CheckedRule {
    let predicate = NumberPredicate { negated: false, test: NumberTest::Gte(at_least as f64) };
    rule(NodeKind::Event(EventLeaf {
        matching: EventMatch { events: EventNames::Named(vec!["view".to_owned()]), filters: Vec::new() },
        window: Window::Always,
        measure: Measure::Count(predicate),
    }))
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir.join("chunks")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn leftovers_of_a_crash_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    engine.append(&events(1..=50), 50);
    assert_eq!(engine.flush().unwrap(), 50);
    let (fingerprint, whole) = (engine.fingerprint(NOW), files(dir.path()));
    drop(engine);
    // A flush that died: a file half written, a whole one not in the manifest, a cut one, and a manifest never renamed.
    fs::write(dir.path().join("chunks/00000099-0.chunk.tmp"), b"RLCCHUNK").unwrap();
    fs::copy(&whole[0], dir.path().join("chunks/00000098-1.chunk")).unwrap();
    fs::write(dir.path().join("chunks/00000097-1.chunk"), &fs::read(&whole[1]).unwrap()[..100]).unwrap();
    fs::write(dir.path().join("manifest.json.tmp"), b"{").unwrap();
    let engine = open(dir.path());
    assert_eq!(files(dir.path()), whole);
    assert_eq!((engine.durable_seq(), engine.fingerprint(NOW)), (50, fingerprint));
    engine.append(&events(51..=60), 60);
    engine.flush().unwrap();
    drop(engine);
    assert_eq!(open(dir.path()).summary(NOW).events, 60);
}

#[test]
fn any_damaged_byte_is_noticed_and_the_file_named() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    engine.append(&events(1..=30), 30);
    engine.flush().unwrap();
    drop(engine);
    let path = &files(dir.path())[0];
    let good = fs::read(path).unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(path, bytes).unwrap();
        let error = Engine::open(dir.path(), options()).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    };
    for at in (0..good.len()).step_by(37).chain(good.len() - 32..good.len()) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        // The four bytes after the checksum mean nothing.
        if !(good.len() - 12..good.len() - 8).contains(&at) {
            refused(&bad);
        }
    }
    for length in [0, 1, 15, 16, 47, 48, good.len() / 2, good.len() - 1] {
        refused(&good[..length]);
    }
    fs::remove_file(path).unwrap();
    assert!(matches!(Engine::open(dir.path(), options()), Err(EngineError::Io { path: named, .. }) if named == *path));
    fs::write(path, &good).unwrap();
    assert_eq!(open(dir.path()).summary(NOW).events, 30);
}

#[test]
fn other_versions_shards_and_processes_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    assert!(matches!(Engine::open(dir.path(), options()), Err(EngineError::Locked(_))));
    engine.append(&events(1..=5), 5);
    engine.flush().unwrap();
    drop(engine);
    let more = EngineOptions { shards: 3, ..EngineOptions::default() };
    assert!(matches!(Engine::open(dir.path(), more), Err(EngineError::ShardCount { found: 2, wanted: 3 })));
    let path = files(dir.path())[0].clone();
    let good = fs::read(&path).unwrap();
    let mut newer = good.clone();
    newer[8] = 3;
    fs::write(&path, newer).unwrap();
    assert!(matches!(Engine::open(dir.path(), options()), Err(EngineError::Version { version: 3, .. })));
    fs::write(&path, good).unwrap();
    let manifest = dir.path().join("manifest.json");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"version\": 1", "\"version\": 7")).unwrap();
    assert!(matches!(Engine::open(dir.path(), options()), Err(EngineError::Version { version: 7, .. })));
    fs::write(&manifest, &text[..text.len() / 2]).unwrap();
    assert!(matches!(Engine::open(dir.path(), options()), Err(EngineError::Corrupt { .. })));
}

/// Files written by old versions stay readable; those of version 1 had one table for the events of a name.
#[test]
fn old_versions_are_read() {
    reads("tests/fixtures/version-1", 1, &events(1..=40));
}

/// To make the fixture anew: `FIXTURE=1 cargo test -p rollcall-engine --test durability`.
#[test]
fn the_present_version_is_read() {
    let fixture = Path::new("tests/fixtures/version-2");
    // Every 25 days, back from now: several tables.
    let mut facts = events(1..=40);
    for (fact, back) in facts.iter_mut().rev().zip(0..) {
        if let Fact::Event(event) = fact {
            event.time = Instant(NOW.0 - (back << 41));
        }
    }
    if std::env::var_os("FIXTURE").is_some() {
        let _ = fs::remove_dir_all(fixture);
        let engine = Engine::open(fixture, EngineOptions { part_rows: 1, ..options() }).unwrap();
        engine.append(&facts, 41);
        engine.flush().unwrap();
        drop(engine);
        fs::remove_file(fixture.join("lock")).unwrap();
    }
    reads(fixture.to_str().unwrap(), 2, &facts);
}

fn reads(fixture: &str, version: u8, facts: &[Fact]) {
    let fixture = Path::new(fixture);
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("chunks")).unwrap();
    fs::copy(fixture.join("manifest.json"), dir.path().join("manifest.json")).unwrap();
    for file in files(fixture) {
        assert_eq!(fs::read(&file).unwrap()[8], version);
        fs::copy(&file, dir.path().join("chunks").join(file.file_name().unwrap())).unwrap();
    }
    let (old, fresh_dir) = (open(dir.path()), tempfile::tempdir().unwrap());
    let fresh = open(fresh_dir.path());
    fresh.append(facts, 41);
    assert_eq!((old.durable_seq(), old.fingerprint(NOW)), (41, fresh.fingerprint(NOW)));
    assert!(old.seen(MessageKey::of("user-3", "m3")));
    assert_eq!(old.evaluate(&viewed(4), NOW).unwrap().members.len(), 10);
}

#[test]
fn a_watermark_without_facts_becomes_durable() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    engine.append(&[], 7);
    assert_eq!((engine.watermark(), engine.durable_seq()), (7, 0));
    assert_eq!(engine.flush().unwrap(), 7);
    drop(engine);
    let engine = open(dir.path());
    assert_eq!((engine.watermark(), engine.durable_seq()), (7, 7));
    assert!(files(dir.path()).is_empty());
}

#[test]
fn lists_meet_users_when_they_become_known() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let listed = rule(NodeKind::List { id: "staff".to_owned() });
    assert!(matches!(engine.evaluate(&listed, NOW), Err(EngineError::UnknownList(id)) if id == "staff"));
    let ids: Vec<String> = (0..5).map(|user| format!("user-{user}")).collect();
    engine.set_list("staff", 3, &ids);
    let members = |now| engine.evaluate(&listed, now).unwrap().members.len();
    assert_eq!((engine.list_version("staff"), members(NOW)), (Some(3), 0));
    engine.append(&[event(1, 1), event(2, 7)], 2);
    assert_eq!((members(NOW), members(Instant(0))), (1, 0));
    engine.append(&[event(3, 2), event(4, 4)], 4);
    assert_eq!((members(NOW), members(Instant(3)), engine.list_known("staff")), (3, 2, Some(3)));
    engine.set_list("staff", 4, &["user-7"]);
    assert_eq!(members(NOW), 1);
    engine.remove_list("staff");
    assert!(engine.evaluate(&listed, NOW).is_err());
}

#[test]
fn updates_of_a_trait_since_a_record_are_found() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let update = |seq: u64, time: i64, key: &str| {
        let Fact::Event(event) = event(seq, seq) else { unreachable!() };
        let value = Some(Value::Boolean(true));
        Fact::Profile(ProfileFact {
            seq,
            source: event.source,
            user_id: event.user_id,
            anonymous_id: None,
            message_id: event.message_id,
            time: Instant(time),
            received_at: event.received_at,
            traits: vec![TraitUpdate { key: key.to_owned(), path: key.to_owned(), value }],
            raw_traits: String::new(),
            context: String::new(),
        })
    };
    engine.append(&[update(1, 1, "ads"), update(2, 99, "ads"), update(3, 1, "ads"), update(4, 1, "other")], 4);
    let found = |seq, at| {
        let members = engine.updated_since(&["ads".to_owned()], seq, Instant(at));
        engine.sorted_user_ids(&members)
    };
    for flushed in [false, true] {
        assert_eq!(found(2, 99), ["user-3"], "taken in later; flushed: {flushed}");
        assert_eq!(found(3, 50), ["user-2"], "dated later");
        assert_eq!(found(0, 0), ["user-1", "user-2", "user-3"]);
        engine.flush().unwrap();
    }
}

/// An evaluation sees all facts up to its watermark and none after it, whatever goes on meanwhile.
#[test]
fn reads_are_exact_while_writing() {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for batch in 0..60 {
                let first = batch * 100 + 1;
                engine.append(&events(first..=first + 99), first + 99);
                if batch % 3 == 0 {
                    engine.flush().unwrap();
                }
            }
            done.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                engine.compact().unwrap();
            }
        });
        let everything = viewed(1);
        loop {
            let last = done.load(Ordering::Acquire);
            let evaluation = engine.evaluate(&everything, NOW).unwrap();
            assert_eq!(evaluation.events, evaluation.watermark);
            assert_eq!(evaluation.members.len(), evaluation.watermark.min(10));
            if last {
                break;
            }
        }
    });
    while engine.compact().unwrap() {}
    let fingerprint = engine.fingerprint(NOW);
    engine.flush().unwrap();
    drop(engine);
    let engine = open(dir.path());
    assert_eq!((engine.summary(NOW).events, engine.fingerprint(NOW)), (6000, fingerprint));
}
