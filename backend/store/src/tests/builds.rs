//! Builds, their members, the chart.

use rollcall_rules::Day;
use serde_json::json;

use crate::tests::fixtures::{DAY, NOW, build, create, version};
use crate::tests::{Fresh, assert_conflict, on_both};
use crate::{BuildId, MembersChain, MembersDelta, MembersPayload, NewBuild, SegmentId, Store};

on_both!(
    a_build_is_stored_whole,
    a_build_follows_the_latest_one,
    builds_come_in_pages_newest_first,
    members_are_a_base_and_deltas,
    pruned_members_are_gone,
    the_chart_is_thinned_from_the_newest,
    each_day_keeps_its_last_build,
    purging_a_segment_takes_its_builds,
);

fn base(byte: u8) -> MembersPayload {
    MembersPayload::Base(vec![byte; 3])
}

fn step(byte: u8) -> MembersDelta {
    MembersDelta { added: vec![byte, byte], removed: Vec::new() }
}

/// Stores builds `1`, `2`, ... of segment `s`; `None` is a whole one.
async fn chain(store: &Store, payloads: &[MembersPayload]) {
    create(store, "s").await;
    for (index, payload) in payloads.iter().enumerate() {
        let previous = index.to_string();
        let previous = (index > 0).then_some(previous.as_str());
        let new = build(&(index + 1).to_string(), "s", previous, payload.clone());
        store.insert_build(new, NOW).await.unwrap().unwrap();
    }
}

async fn a_build_is_stored_whole(fresh: &Fresh) {
    let store = &fresh.store;
    let segment = create(store, "s").await;
    let new = build("b", "s", None, base(1));
    assert_eq!(store.latest_build(&segment.id).await.unwrap(), None);
    let stored = store.insert_build(new.clone(), NOW + 9).await.unwrap().unwrap();
    assert_eq!((stored.number, &stored.rule, stored.created_at), (1, &segment.rule, NOW + 9));
    assert_eq!((stored.count, stored.population, stored.events), (12, 1000, 5000));
    assert_eq!((stored.watermark_seq, stored.added, stored.removed, stored.cost_ms), (77, 2, 1, 4));
    assert_eq!((&stored.digest, &stored.inputs, stored.instant), (&new.digest, &new.inputs, NOW));
    assert_eq!(store.build(&new.id).await.unwrap().as_ref(), Some(&stored));
    assert_eq!(store.latest_build(&segment.id).await.unwrap(), Some(stored));

    // The rule stays that of the version, whatever comes later.
    store.update_segment(&segment.id, version("s", json!({"everyone": true}), &[]), None, NOW).await.unwrap();
    assert_eq!(store.build(&new.id).await.unwrap().unwrap().rule, segment.rule);
    assert_eq!(store.build(&BuildId::new("none")).await.unwrap(), None);
}

async fn a_build_follows_the_latest_one(fresh: &Fresh) {
    let store = &fresh.store;
    chain(store, &[base(1)]).await;
    assert_conflict(store.insert_build(build("x", "s", None, base(1)), NOW).await, "build_previous_changed");
    assert_conflict(store.insert_build(build("1", "s", Some("1"), base(1)), NOW).await, "builds_pkey");
    assert_eq!(store.insert_build(build("x", "none", None, base(1)), NOW).await.unwrap(), None);
    let unknown = NewBuild { segment_version: 7, ..build("x", "s", Some("1"), base(1)) };
    assert_conflict(store.insert_build(unknown, NOW).await, "foreign_key");

    let tasks = ["p", "q", "r"].map(|id| {
        let store = store.clone();
        tokio::spawn(async move { store.insert_build(build(id, "s", Some("1"), base(2)), NOW).await })
    });
    let mut stored = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(build) => {
                assert_eq!(build.unwrap().number, 2);
                stored += 1;
            }
            refused => assert_conflict(refused, "build_previous_changed"),
        }
    }
    assert_eq!(stored, 1);
    assert_eq!(store.latest_build(&SegmentId::new("s")).await.unwrap().unwrap().number, 2);
}

async fn builds_come_in_pages_newest_first(fresh: &Fresh) {
    let store = &fresh.store;
    chain(store, &[base(1), base(2), base(3)]).await;
    create(store, "t").await;
    store.insert_build(build("t1", "t", None, base(1)), NOW).await.unwrap();
    create(store, "unbuilt").await;
    let id = SegmentId::new("s");
    let first = store.builds(&id, None, 2).await.unwrap();
    assert_eq!(first.items.iter().map(|build| build.number).collect::<Vec<_>>(), [3, 2]);
    let second = store.builds(&id, first.next, 2).await.unwrap();
    assert_eq!(second.items.iter().map(|build| build.number).collect::<Vec<_>>(), [1]);
    assert_eq!(second.next, None);
    let latest = store.latest_builds().await.unwrap();
    assert_eq!(latest.iter().map(|build| build.id.as_str()).collect::<Vec<_>>(), ["3", "t1"]);
}

async fn members_are_a_base_and_deltas(fresh: &Fresh) {
    let store = &fresh.store;
    let delta = |byte| MembersPayload::Delta(step(byte));
    chain(store, &[base(1), delta(2), delta(3), base(4), delta(5)]).await;
    let members = |id: &'static str| async move { store.members_chain(&BuildId::new(id)).await.unwrap().unwrap() };
    assert_eq!(members("1").await, MembersChain { base: vec![1; 3], deltas: vec![] });
    assert_eq!(members("3").await, MembersChain { base: vec![1; 3], deltas: vec![step(2), step(3)] });
    assert_eq!(members("4").await, MembersChain { base: vec![4; 3], deltas: vec![] });
    assert_eq!(members("5").await, MembersChain { base: vec![4; 3], deltas: vec![step(5)] });
    assert_eq!(store.members_chain(&BuildId::new("none")).await.unwrap(), None);
    for (id, depth) in [("1", 0), ("2", 1), ("3", 2), ("4", 0), ("5", 1)] {
        assert_eq!(store.members_depth(&BuildId::new(id)).await.unwrap(), Some(depth), "{id}");
    }
    assert_eq!(store.members_depth(&BuildId::new("none")).await.unwrap(), None);

    let large = MembersPayload::Base((0..3_000_000_u32).flat_map(u32::to_le_bytes).collect());
    store.insert_build(build("6", "s", Some("5"), large.clone()), NOW).await.unwrap();
    assert_eq!(MembersPayload::Base(members("6").await.base), large);

    fresh.raw("DELETE FROM build_members WHERE build_id = '2'").await.unwrap();
    let broken = store.members_chain(&BuildId::new("3")).await;
    assert!(matches!(broken, Err(crate::StoreError::Corrupt(_))), "{broken:?}");
}

async fn pruned_members_are_gone(fresh: &Fresh) {
    let store = &fresh.store;
    let delta = MembersPayload::Delta(step(9));
    chain(store, &[base(1), delta.clone(), base(3), delta.clone(), delta]).await;
    fresh.raw("UPDATE builds SET instant = instant + number").await.unwrap();
    assert_eq!(store.prune_members(NOW + 2).await.unwrap(), 0, "build 2 still needs build 1");
    assert_eq!(store.prune_members(NOW + 4).await.unwrap(), 2);
    assert_eq!(store.members_chain(&BuildId::new("2")).await.unwrap(), None);
    assert_eq!(store.members_depth(&BuildId::new("2")).await.unwrap(), None);
    assert!(store.build(&BuildId::new("2")).await.unwrap().is_some());
    assert_eq!(store.prune_members(NOW + DAY).await.unwrap(), 0, "the latest build still needs build 3");
    assert_eq!(store.members_chain(&BuildId::new("5")).await.unwrap().unwrap().deltas.len(), 2);
}

async fn the_chart_is_thinned_from_the_newest(fresh: &Fresh) {
    let store = &fresh.store;
    create(store, "s").await;
    for number in 1..=10_i64 {
        let previous = (number - 1).to_string();
        let previous = (number > 1).then_some(previous.as_str());
        let new = NewBuild { instant: NOW + number, ..build(&number.to_string(), "s", previous, base(1)) };
        store.insert_build(new, NOW).await.unwrap();
    }
    let id = SegmentId::new("s");
    let points = |from: i64, to: i64, at_most: u32| {
        let id = &id;
        async move {
            let points = store.history(id, NOW + from, NOW + to, at_most).await.unwrap();
            points.iter().map(|point| point.at - NOW).collect::<Vec<_>>()
        }
    };
    assert_eq!(points(3, 5, 100).await, [3, 4, 5]);
    assert_eq!(points(0, 100, 10).await.len(), 10);
    assert_eq!(points(0, 100, 4).await, [1, 4, 7, 10]);
    assert_eq!(points(0, 8, 1).await, [8]);
    assert!(points(50, 60, 5).await.is_empty());
    assert!(points(0, 100, 0).await.len() <= 1);
}

async fn each_day_keeps_its_last_build(fresh: &Fresh) {
    let store = &fresh.store;
    create(store, "s").await;
    let day = i32::try_from(NOW.div_euclid(DAY)).unwrap();
    for (id, previous, days, count) in [("1", None, 0, 5), ("2", Some("1"), 0, 6), ("3", Some("2"), 1, 7), ("4", Some("3"), 3, 8)]
    {
        let new = NewBuild { instant: NOW + days * DAY, count, ..build(id, "s", previous, base(1)) };
        store.insert_build(new, NOW).await.unwrap();
    }
    let counts = store.day_counts(Some(&SegmentId::new("s")), Day(day)).await.unwrap();
    let found: Vec<_> = counts.iter().map(|count| (count.day.0 - day, count.count, count.build_id.as_str())).collect();
    assert_eq!(found, [(0, 6, "2"), (1, 7, "3"), (3, 8, "4")]);
    assert_eq!(store.day_counts(None, Day(day + 1)).await.unwrap().len(), 2);
}

async fn purging_a_segment_takes_its_builds(fresh: &Fresh) {
    let store = &fresh.store;
    chain(store, &[base(1), base(2)]).await;
    store.trash_segment(&SegmentId::new("s"), NOW).await.unwrap();
    store.purge_trash().await.unwrap();
    assert_eq!(store.build(&BuildId::new("1")).await.unwrap(), None);
    assert_eq!(store.members_chain(&BuildId::new("1")).await.unwrap(), None);
    assert!(store.latest_builds().await.unwrap().is_empty());
}
