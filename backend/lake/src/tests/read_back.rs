//! Facts, lists and quarantined records come back as they were.

use futures::TryStreamExt;
use rollcall_rules::{Day, EventFact, Fact, Instant, Value};
use serde_json::json;

use super::support::{NOW, World, open};
use crate::{LakeBatch, LakeError, QuarantineFilter};

#[tokio::test(flavor = "multi_thread")]
async fn facts_come_back_in_order_and_equal() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::default();
    world.event_with(None, "view", NOW, json!({}), None);
    world.identify_with(None, NOW, json!({"k": 1}));
    world.identify("ann", NOW, json!({}));
    world.identify("ann", NOW, json!({"z": {"y": {"x": 1}}, "a": null, "m": [], "l": [1, 2], "z.y": true, "e": {}}));
    world.event("ann", "view", NOW, json!({"o": {"p": [1, "x"], "q": null}, "n": -0.5, "t": "", "l": ["", "b"], "e": []}));
    for user in 0..50 {
        world.event(&format!("user {user}"), ["view", "buy", "click"][user % 3], NOW, json!({"n": user, "s": format!("{user}")}));
    }
    let all_types = [
        ("boolean", Value::Boolean(false)),
        ("date", Value::Date(Day(-719_162))),
        ("datetime", Value::DateTime(Instant(-62_135_596_800_000_001))),
        ("number", Value::Number(1.7e308)),
        ("numbers", Value::NumberList(vec![0.1, -1e-300])),
        ("object", Value::Object("{\"a\":1}".to_owned())),
        ("string", Value::String("\u{1F600}".to_owned())),
        ("strings", Value::StringList(vec![])),
    ];
    let Some(Fact::Event(last)) = world.facts.last().cloned() else { panic!("the last fact is an event") };
    let properties = all_types.map(|(path, value)| (path.to_owned(), value)).to_vec();
    world.facts.push(Fact::Event(EventFact { seq: last.seq + 1, properties, ..last }));
    let lake = open(&folder).await;
    let up_to = world.up_to() + 1;
    lake.commit(LakeBatch { up_to, ..world.batch() }).await.unwrap();

    let read = async |after: u64, up_to: u64| {
        let batches: Vec<Vec<Fact>> = lake.facts(after, up_to, &world.schema).await.unwrap().try_collect().await.unwrap();
        batches.concat()
    };
    assert_eq!(read(0, u64::MAX).await, world.facts);
    let middle: Vec<Fact> = world.facts.iter().filter(|fact| (11..=20).contains(&fact.seq())).cloned().collect();
    assert_eq!(read(10, 20).await, middle);
    assert!(read(up_to, u64::MAX).await.is_empty());
    assert!(read(20, 10).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn list_versions_stay_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let lake = open(&folder).await;
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<String>>();
    assert_eq!(lake.write_list("staff", 0, &ids(&["b", "a", "b", "é"])).await.unwrap(), 1);
    assert_eq!(lake.write_list("staff", 1, &[""; 0]).await.unwrap(), 2);
    assert_eq!(lake.write_list("other", 0, &ids(&["z"])).await.unwrap(), 1);
    let lake = open(&folder).await;
    assert_eq!(lake.write_list("staff", 0, &ids(&["changed"])).await.unwrap(), 3, "a version that exists is not given again");
    assert_eq!(lake.write_list("staff", 7, &[""; 0]).await.unwrap(), 8);
    assert_eq!(lake.read_list("staff", 1).await.unwrap(), ["a", "b", "é"]);
    assert!(lake.read_list("staff", 2).await.unwrap().is_empty());
    assert_eq!(lake.read_list("other", 1).await.unwrap(), ["z"]);
    assert_eq!(lake.read_list("staff", 3).await.unwrap(), ["changed"]);
    assert!(matches!(lake.read_list("staff", 4).await, Err(LakeError::UnknownList { version: 4, .. })));
    assert!(matches!(lake.read_list("nobody", 1).await, Err(LakeError::UnknownList { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn quarantined_records_are_listed_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::default();
    for number in 0..10_u8 {
        world.quarantine(if number % 2 == 0 { "web" } else { "app's" }, &[number, 0, 255]);
        world.event("ann", "view", NOW, json!({}));
    }
    let lake = world.lake(&folder).await;
    lake.commit(world.batch()).await.unwrap();
    let list = async |source: Option<&str>, before_seq: Option<u64>, limit: usize| {
        lake.quarantined(&QuarantineFilter { source: source.map(ToOwned::to_owned), before_seq, limit }).await.unwrap()
    };
    let mut newest_first = world.quarantined.clone();
    newest_first.reverse();
    assert_eq!(list(None, None, 100).await, newest_first);
    assert_eq!(list(None, None, 3).await, newest_first[..3]);
    assert_eq!(list(None, Some(newest_first[2].seq), 3).await, newest_first[3..6]);
    assert_eq!(list(Some("app's"), None, 2).await.iter().map(|record| record.raw[0]).collect::<Vec<_>>(), [9, 7]);
    assert!(
        open(&tempfile::tempdir().unwrap())
            .await
            .quarantined(&QuarantineFilter { limit: 5, ..Default::default() })
            .await
            .unwrap()
            .is_empty()
    );
}
