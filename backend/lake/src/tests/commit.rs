//! Nothing is lost and nothing doubled; columns are only added.

use futures::TryStreamExt;
use rollcall_rules::Fact;
use serde_json::json;

use super::support::{NOW, World, at, open};
use crate::tables::TableId;
use crate::{Lake, LakeBatch, LakeError, LakeOptions};

async fn read_all(lake: &Lake, world: &World) -> Vec<Fact> {
    let batches: Vec<Vec<Fact>> = lake.facts(0, u64::MAX, &world.schema).await.unwrap().try_collect().await.unwrap();
    batches.concat()
}

fn world() -> World {
    let mut world = World::default();
    for day in 1..=9 {
        let time = format!("2026-11-0{day}T10:00:00Z");
        world.event("ann", "view", &time, json!({"n": day}));
        world.event("bob", "buy", &time, json!({"price": 0.5, "tags": ["a", "b"]}));
        world.identify("ann", &time, json!({"plan": format!("plan {day}"), "address": {"city": "Paris"}}));
    }
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_committed_twice_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let lake = world.lake(&folder).await;
    lake.commit(world.batch()).await.unwrap();
    assert_eq!(read_all(&lake, &world).await, world.facts);
    let reopened = open(&folder).await;
    reopened.commit(world.batch()).await.unwrap();
    assert_eq!(read_all(&reopened, &world).await, world.facts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_two_tables_is_made_good_by_a_replay_cut_differently() {
    let world = world();
    let last = world.up_to();
    for survivor in ["buy", "view"] {
        let folder = tempfile::tempdir().unwrap();
        let lake = open(&folder).await;
        world.commit_to(&lake, 7).await;
        // Of the second batch only one table was committed.
        let some: Vec<Fact> =
            world.facts.iter().filter(|fact| matches!(fact, Fact::Event(event) if event.name == survivor)).cloned().collect();
        let partial: Vec<Fact> = some.into_iter().filter(|fact| fact.seq() <= 16).collect();
        lake.commit(LakeBatch { facts: &partial, quarantined: &[], up_to: 16, schema: &world.schema }).await.unwrap();
        drop(lake);
        let lake = open(&folder).await;
        for up_to in [7, 12, last] {
            world.commit_to(&lake, up_to).await;
        }
        assert_eq!(read_all(&lake, &world).await, world.facts, "after {survivor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_file_without_a_commit_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let lake = open(&folder).await;
    let orphan = folder.path().join("events/view");
    std::fs::create_dir_all(&orphan).unwrap();
    let last = world.facts.iter().rev().find(|fact| matches!(fact, Fact::Event(event) if event.name == "view")).unwrap().seq();
    std::fs::write(orphan.join(format!("part-{:020}-{last:020}.parquet", 1)), b"torn").unwrap();
    lake.commit(world.batch()).await.unwrap();
    assert_eq!(read_all(&lake, &world).await, world.facts);
    let files = std::fs::read_dir(orphan).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some());
    assert_eq!(files.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_flush_is_one_commit_and_one_file_for_each_table() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let lake = open(&folder).await;
    for up_to in [9, 18, world.up_to()] {
        world.commit_to(&lake, up_to).await;
    }
    for table in ["events/view", "events/buy", "profiles", "traits"] {
        let log = std::fs::read_dir(folder.path().join(table).join("_delta_log")).unwrap();
        let commits =
            log.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "json")).count();
        assert_eq!(commits, 3, "{table}");
        let id = lake.inner.event_tables().iter().map(|table| table.id.clone()).find(|id| id.folder() == table);
        let id = id.unwrap_or(if table == "traits" { TableId::Traits } else { TableId::Profiles });
        assert_eq!(lake.inner.table(&id).unwrap().state().unwrap().files.len(), 3, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_properties_become_new_columns_also_of_a_second_type() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(&folder).await;
    let mut world = World::default();
    world.event("ann", "view", NOW, json!({"genre": "Drama"}));
    world.event("bob", "view", NOW, json!({"Genre": "News", "a b": 1}));
    world.commit_to(&lake, 2).await;
    world.event("cyd", "view", NOW, json!({"minutes": 5, "seen": {"by": ["tv", "phone"]}}));
    // Declared later: earlier rows keep the type they were taken in with.
    world.schema.properties.insert("genre".to_owned(), rollcall_rules::ValueType::StringList);
    world.event("dan", "view", NOW, json!({"genre": ["Drama", "Crime"]}));
    let up_to = world.up_to();
    world.commit_to(&lake, up_to).await;
    let lake = open(&folder).await;
    assert_eq!(read_all(&lake, &world).await, world.facts);
    assert_eq!(
        world.members(&lake, json!({"event": "view", "where": [{"property": "seen.by", "op": "has", "value": "tv"}]})).await,
        ["cyd"]
    );
    assert_eq!(
        world.members(&lake, json!({"event": "view", "where": [{"property": "a b", "op": "eq", "value": 1}]})).await,
        ["bob"]
    );
    let columns = lake.inner.event_tables()[0].columns();
    let names: Vec<&str> = columns.properties.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["p.Genre", "p.a_b", "p.genre#2", "p.genre#3", "p.minutes", "p.seen", "p.seen.by"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_reader_sees_commits_after_a_refresh() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let writer = open(&folder).await;
    world.commit_to(&writer, 6).await;
    let reader = open(&folder).await;
    world.commit_to(&writer, world.up_to()).await;
    assert_eq!(read_all(&reader, &world).await.len(), 6);
    reader.refresh().await.unwrap();
    assert_eq!(read_all(&reader, &world).await, world.facts);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_looks_again_before_it_commits() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let (one, two) = (open(&folder).await, open(&folder).await);
    world.commit_to(&one, 6).await;
    world.commit_to(&two, 12).await;
    world.commit_to(&one, world.up_to()).await;
    two.commit(world.batch()).await.unwrap();
    for lake in [two, open(&folder).await] {
        assert_eq!(read_all(&lake, &world).await, world.facts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_commits_are_read_back_from_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(&folder).await;
    let mut world = World::default();
    for minute in 0..120_u32 {
        world.event("ann", "view", &format!("2026-11-20T{:02}:{:02}:00.000123Z", minute / 60, minute % 60), json!({"n": minute}));
    }
    for up_to in 1..=world.up_to() {
        let one = &world.facts[usize::try_from(up_to - 1).unwrap()..usize::try_from(up_to).unwrap()];
        lake.commit(LakeBatch { facts: one, quarantined: &[], up_to, schema: &world.schema }).await.unwrap();
    }
    let log = std::fs::read_dir(folder.path().join("events/view/_delta_log")).unwrap();
    assert!(log.filter_map(Result::ok).any(|entry| entry.path().extension().is_some_and(|ending| ending == "parquet")));
    let reopened = open(&folder).await;
    assert_eq!(read_all(&reopened, &world).await, world.facts);
    reopened.commit(world.batch()).await.unwrap();
    assert_eq!(read_all(&reopened, &world).await.len(), 120);
    let rule =
        json!({"event": "view", "window": {"from": "2026-11-20T01:59:00.000123Z"}, "agg": "count", "op": "eq", "value": 1});
    assert_eq!(world.members_at(&reopened, &rule, at(NOW), 120).await, ["ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn storage_that_cannot_be_reached_is_told_apart() {
    let options = LakeOptions {
        storage: [
            ("endpoint", "http://127.0.0.1:9"),
            ("region", "x"),
            ("access_key_id", "x"),
            ("secret_access_key", "x"),
            ("allow_http", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into(),
        ..LakeOptions::default()
    };
    let error = Lake::open(&url::Url::parse("s3://bucket/lake").unwrap(), options.clone()).await.err().unwrap();
    assert!(error.is_unavailable(), "{error:?}");
    let unknown = LakeOptions { storage: [("endpiont".to_owned(), String::new())].into(), ..LakeOptions::default() };
    let error = Lake::open(&url::Url::parse("s3://bucket/lake").unwrap(), unknown).await.err().unwrap();
    assert!(matches!(error, LakeError::Location(_)), "{error:?}");
    let error = Lake::open(&url::Url::parse("ftp://host/lake").unwrap(), options).await.err().unwrap();
    assert!(matches!(error, LakeError::Location(_)), "{error:?}");
}
