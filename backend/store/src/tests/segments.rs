//! Segments, versions, trash, references, lists.

use serde_json::json;

use crate::tests::fixtures::{NOW, account, create, list, segment, version};
use crate::tests::{Fresh, assert_conflict, on_both};
use crate::{AccountId, CheckState, ListId, ListVersion, NewSegment, Person, Role, SegmentFilter, SegmentId};

on_both!(
    a_segment_keeps_every_version,
    one_of_two_authors_wins,
    segments_are_searched_in_any_case,
    a_segment_in_use_stays,
    the_trash_is_restored_or_emptied,
    rules_refer_only_to_what_is_there,
    rules_do_not_go_round_in_circles,
    checks_are_remembered,
    lists_advance_from_the_version_that_was_seen,
);

async fn a_segment_keeps_every_version(fresh: &Fresh) {
    let store = &fresh.store;
    let author = store.create_account(account("author", Role::Marketer), NOW).await.unwrap();
    let person = Some(Person { id: author.id.clone(), name: author.name.clone() });
    let new = NewSegment { owner: Some(author.id.clone()), ..segment("s", &[], &[]) };
    let created = store.create_segment(new.clone(), NOW).await.unwrap();
    assert_eq!((created.version, &created.owner, created.updated_at), (1, &person, NOW));
    assert_eq!(store.segment(&created.id).await.unwrap(), Some(created.clone()));
    assert_conflict(store.create_segment(new, NOW).await, "segments_pkey");

    // A description alone makes no version; a rule or a name does.
    let mut change = version(&created.name, created.rule.clone(), &[]);
    change.description = "For the summer".to_owned();
    let described = store.update_segment(&created.id, change.clone(), Some(1), NOW + 1).await.unwrap().unwrap();
    assert_eq!((described.version, described.description.as_str()), (1, "For the summer"));
    change.rule = json!({"trait": "age", "op": "gte", "value": 25.5});
    let ruled = store.update_segment(&created.id, change.clone(), Some(1), NOW + 2).await.unwrap().unwrap();
    assert_eq!((ruled.version, &ruled.rule, ruled.updated_at), (2, &change.rule, NOW + 2));
    change.name = "Renamed".to_owned();
    change.author = Some(author.id);
    assert_eq!(store.update_segment(&created.id, change.clone(), None, NOW + 3).await.unwrap().unwrap().version, 3);

    let versions = store.segment_versions(&created.id).await.unwrap();
    assert_eq!(versions.iter().map(|version| version.version).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!((versions[0].name.as_str(), &versions[0].author), ("Renamed", &person));
    assert_eq!((&versions[2].rule, &versions[2].author), (&created.rule, &person));
    assert_eq!(versions[1].author, None);
    assert_eq!(store.segment_version(&created.id, 2).await.unwrap().as_ref(), Some(&versions[1]));
    assert_eq!(store.segment_version(&created.id, 4).await.unwrap(), None);
    assert_eq!(store.update_segment(&SegmentId::new("none"), change, None, NOW).await.unwrap(), None);
}

async fn one_of_two_authors_wins(fresh: &Fresh) {
    let store = &fresh.store;
    let id = create(store, "s").await.id;
    let (first, second) = tokio::join!(
        store.update_segment(&id, version("One", json!({"everyone": true}), &[]), Some(1), NOW),
        store.update_segment(&id, version("Two", json!({"everyone": true}), &[]), Some(1), NOW),
    );
    let refused = if first.is_ok() { second } else { first };
    assert_conflict(refused, "version_conflict");
    assert_eq!(store.segment(&id).await.unwrap().unwrap().version, 2);
}

async fn segments_are_searched_in_any_case(fresh: &Fresh) {
    let store = &fresh.store;
    for (id, name, description) in
        [("1", "Ärger 100%", ""), ("2", "churn", "for ÄRZTE"), ("3", "Under_score", ""), ("4", "bang!", "")]
    {
        let new = NewSegment { name: name.to_owned(), description: description.to_owned(), ..segment(id, &[], &[]) };
        store.create_segment(new, NOW).await.unwrap();
    }
    let search = |text: &str| {
        let filter = SegmentFilter { trashed: false, containing: Some(text.to_owned()) };
        async move {
            let found = store.segments(&filter).await.unwrap();
            found.iter().map(|segment| segment.id.to_string()).collect::<Vec<_>>().join(",")
        }
    };
    assert_eq!(search("ä").await, "2,1");
    assert_eq!(search("CHURN").await, "2");
    assert_eq!(search("0%").await, "1");
    assert_eq!(search("%").await, "1");
    assert_eq!(search("r_s").await, "3");
    assert_eq!(search("_").await, "3");
    assert_eq!(search("!").await, "4");
    assert_eq!(search("").await, "4,2,3,1");
}

async fn a_segment_in_use_stays(fresh: &Fresh) {
    let store = &fresh.store;
    let base = create(store, "base").await.id;
    let list = store.create_list(list("l"), NOW).await.unwrap().id;
    let user = store.create_segment(segment("user", &["base"], &["l"]), NOW).await.unwrap().id;
    assert_eq!(store.segments_using_segment(&base).await.unwrap(), std::slice::from_ref(&user));
    assert_eq!(store.segments_using_list(&list).await.unwrap(), std::slice::from_ref(&user));
    assert_conflict(store.trash_segment(&base, NOW).await, "segment_in_use");
    assert_conflict(store.delete_list(&list).await, "list_in_use");

    // Only the current version counts.
    store.update_segment(&user, version("user", json!({"everyone": true}), &[]), None, NOW).await.unwrap();
    assert!(store.segments_using_segment(&base).await.unwrap().is_empty());
    assert!(store.trash_segment(&base, NOW).await.unwrap());
    assert!(store.delete_list(&list).await.unwrap());
    assert!(!store.delete_list(&list).await.unwrap());
}

async fn the_trash_is_restored_or_emptied(fresh: &Fresh) {
    let store = &fresh.store;
    let base = create(store, "base").await.id;
    let user = store.create_segment(segment("user", &["base"], &[]), NOW).await.unwrap().id;
    assert_eq!(store.segment_count().await.unwrap(), 2);
    assert!(store.trash_segment(&user, NOW + 1).await.unwrap());
    assert!(!store.trash_segment(&user, NOW + 2).await.unwrap());
    assert!(!store.trash_segment(&SegmentId::new("none"), NOW).await.unwrap());
    assert!(store.trash_segment(&base, NOW + 3).await.unwrap());
    assert_eq!(store.segment_count().await.unwrap(), 0);
    let trashed = store.segments(&SegmentFilter { trashed: true, containing: None }).await.unwrap();
    assert_eq!(trashed.iter().map(|segment| segment.trashed_at).collect::<Vec<_>>(), [Some(NOW + 3), Some(NOW + 1)]);
    let change = version("x", json!({}), &[]);
    assert_eq!(store.update_segment(&user, change, None, NOW).await.unwrap(), None, "nothing in the trash is changed");

    assert_conflict(store.restore_segment(&user, NOW).await, "reference_missing");
    assert_eq!(store.restore_segment(&base, NOW + 4).await.unwrap().unwrap().trashed_at, None);
    assert_eq!(store.restore_segment(&user, NOW + 5).await.unwrap().unwrap().updated_at, NOW + 5);
    assert_eq!(store.restore_segment(&SegmentId::new("none"), NOW).await.unwrap(), None);

    store.trash_segment(&user, NOW).await.unwrap();
    assert_eq!(store.purge_trash().await.unwrap(), std::slice::from_ref(&user));
    assert_eq!(store.purge_trash().await.unwrap(), []);
    assert_eq!(store.segment(&user).await.unwrap(), None);
    assert!(store.segment_versions(&user).await.unwrap().is_empty());
    assert!(store.segment(&base).await.unwrap().is_some());
}

async fn rules_refer_only_to_what_is_there(fresh: &Fresh) {
    let store = &fresh.store;
    assert_conflict(store.create_segment(segment("s", &["none"], &[]), NOW).await, "reference_missing");
    assert_conflict(store.create_segment(segment("s", &[], &["none"]), NOW).await, "reference_missing");
    assert_eq!(store.segment(&SegmentId::new("s")).await.unwrap(), None, "a refused segment leaves nothing");
    let id = create(store, "s").await.id;
    create(store, "other").await;
    store.trash_segment(&SegmentId::new("other"), NOW).await.unwrap();
    let change = version("s", json!({"segment": "other"}), &["other"]);
    assert_conflict(store.update_segment(&id, change, None, NOW).await, "reference_missing");
    assert_eq!(store.segment(&id).await.unwrap().unwrap().version, 1);
    let unknown = NewSegment { owner: Some(AccountId::new("nobody")), ..segment("t", &[], &[]) };
    assert_conflict(store.create_segment(unknown, NOW).await, "foreign_key");
}

async fn rules_do_not_go_round_in_circles(fresh: &Fresh) {
    let store = &fresh.store;
    let a = create(store, "a").await.id;
    let b = store.create_segment(segment("b", &["a"], &[]), NOW).await.unwrap().id;
    store.create_segment(segment("c", &["b"], &[]), NOW).await.unwrap();
    assert_conflict(store.create_segment(segment("d", &["d"], &[]), NOW).await, "segment_cycle");
    let refer = |name: &str, to: &'static str| version(name, json!({"segment": to}), &[to]);
    assert_conflict(store.update_segment(&a, refer("a", "a"), None, NOW).await, "segment_cycle");
    assert_conflict(store.update_segment(&a, refer("a", "c"), None, NOW).await, "segment_cycle");

    // Each alone would do.
    let (x, y) = (create(store, "x").await.id, create(store, "y").await.id);
    let (first, second) =
        tokio::join!(store.update_segment(&x, refer("x", "y"), None, NOW), store.update_segment(&y, refer("y", "x"), None, NOW));
    let refused = if first.is_ok() { second } else { first };
    assert_conflict(refused, "segment_cycle");
    assert!(store.update_segment(&b, refer("b", "x"), None, NOW).await.unwrap().is_some());
}

async fn checks_are_remembered(fresh: &Fresh) {
    let store = &fresh.store;
    let created = create(store, "s").await;
    assert_eq!(created.check, CheckState::default());
    store.record_check(&created.id, NOW).await.unwrap();
    store.record_check_failure(&created.id, "no memory").await.unwrap();
    store.record_check_failure(&created.id, "no disk").await.unwrap();
    let failing = store.segment(&created.id).await.unwrap().unwrap().check;
    assert_eq!(failing, CheckState { checked_at: Some(NOW), error: Some("no disk".to_owned()) });
    store.record_check(&created.id, NOW + 3).await.unwrap();
    let well = store.segment(&created.id).await.unwrap().unwrap().check;
    assert_eq!(well, CheckState { checked_at: Some(NOW + 3), error: None });
}

async fn lists_advance_from_the_version_that_was_seen(fresh: &Fresh) {
    let store = &fresh.store;
    let created = store.create_list(list("l"), NOW).await.unwrap();
    assert_conflict(store.create_list(list("l"), NOW).await, "lists_pkey");
    let next = ListVersion { version: 2, count: 10, known: 4, created_at: NOW + 1 };
    let advanced = store.advance_list(&created.id, 1, next, None).await.unwrap().unwrap();
    assert_eq!((advanced.name.as_str(), advanced.version, advanced.count), ("List l", 2, 10));
    assert_eq!((advanced.created_at, advanced.updated_at), (NOW, NOW + 1));
    let last = ListVersion { version: 4, ..next };
    assert_conflict(store.advance_list(&created.id, 1, last, None).await, "list_version_conflict");
    let renamed = store.advance_list(&created.id, 2, last, Some("New")).await.unwrap().unwrap();
    assert_eq!(store.list(&created.id).await.unwrap(), Some(renamed));
    assert_eq!(store.advance_list(&ListId::new("none"), 1, next, None).await.unwrap(), None);
    let versions = store.list_versions(&created.id).await.unwrap();
    assert_eq!(versions.iter().map(|version| version.version).collect::<Vec<_>>(), [4, 2, 1]);
    assert_eq!(store.lists().await.unwrap().len(), 1);
}
