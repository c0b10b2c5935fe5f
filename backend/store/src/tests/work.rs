//! Imports and recounts.

use crate::tests::fixtures::{NOW, build, create, source};
use crate::tests::{Fresh, assert_conflict, on_both};
use crate::{
    BuildId, ImportEnd, ImportId, ImportProgress, ImportState, MembersPayload, NewImport, NewRecount, RecountId, RecountOutcome,
    RecountSide, RecountState, SegmentId, SourceId,
};

on_both!(an_import_runs_to_its_end, an_import_is_cancelled, a_recount_runs_to_its_end, recounts_are_listed);

fn import(id: &str) -> NewImport {
    NewImport {
        id: ImportId::new(id),
        source_id: SourceId::new("s"),
        name: "events.csv.gz".to_owned(),
        format: "csv".to_owned(),
        compression: "gz".to_owned(),
        mapping: Some("user_id = \"uid\"".to_owned()),
        spool_path: "/data/spool/1".to_owned(),
        file_digest: "cd".repeat(32),
        bytes_total: 4096,
        created_by: None,
    }
}

async fn an_import_runs_to_its_end(fresh: &Fresh) {
    let store = &fresh.store;
    assert_conflict(store.create_import(import("i0"), NOW).await, "foreign_key");
    store.create_source(source("s"), NOW).await.unwrap();
    let first = store.create_import(import("i1"), NOW).await.unwrap();
    let second = store.create_import(import("i2"), NOW + 1).await.unwrap();
    assert_eq!(store.import(&first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(store.next_import().await.unwrap(), Some(first.clone()));
    let progress = ImportProgress { rows_total: None, rows_read: 10, accepted: 7, duplicate: 2, quarantined: 1, bytes_read: 512 };
    assert!(!store.update_import(&first.id, &progress).await.unwrap(), "not started");
    assert!(store.start_import(&second.id, NOW + 2).await.unwrap());
    assert_eq!(store.next_import().await.unwrap().unwrap().id, second.id, "an interrupted one goes first");
    assert!(store.start_import(&second.id, NOW + 9).await.unwrap(), "picked up again");
    let open: Vec<_> = store.open_imports().await.unwrap().into_iter().map(|import| import.id).collect();
    assert_eq!(open, [first.id.clone(), second.id.clone()]);
    assert!(store.update_import(&second.id, &progress).await.unwrap());
    assert!(store.finish_import(&second.id, &ImportEnd::Done, NOW + 3).await.unwrap());
    let done = store.import(&second.id).await.unwrap().unwrap();
    assert_eq!((done.state, done.progress, done.started_at), (ImportState::Done, progress, Some(NOW + 2)));
    assert!(!store.start_import(&second.id, NOW).await.unwrap());

    store.start_import(&first.id, NOW).await.unwrap();
    let failed = ImportEnd::Failed { error: "not gzip".to_owned() };
    assert!(store.finish_import(&first.id, &failed, NOW + 4).await.unwrap());
    assert!(!store.finish_import(&first.id, &ImportEnd::Done, NOW + 5).await.unwrap());
    assert_eq!(store.import(&first.id).await.unwrap().unwrap().error.as_deref(), Some("not gzip"));
    assert_eq!(store.next_import().await.unwrap(), None);
    assert_eq!(store.open_imports().await.unwrap(), []);
    let listed = store.imports(1).await.unwrap();
    assert_eq!(listed.iter().map(|import| &import.id).collect::<Vec<_>>(), [&second.id]);
}

async fn an_import_is_cancelled(fresh: &Fresh) {
    let store = &fresh.store;
    store.create_source(source("s"), NOW).await.unwrap();
    let id = store.create_import(import("i"), NOW).await.unwrap().id;
    store.start_import(&id, NOW).await.unwrap();
    let cancelled = store.cancel_import(&id, NOW + 1).await.unwrap().unwrap();
    assert_eq!((cancelled.state, cancelled.finished_at), (ImportState::Cancelled, Some(NOW + 1)));
    assert_eq!(store.cancel_import(&id, NOW + 2).await.unwrap(), Some(cancelled));
    assert!(!store.update_import(&id, &ImportProgress::default()).await.unwrap(), "the reader learns it");
    assert!(!store.finish_import(&id, &ImportEnd::Done, NOW).await.unwrap());
    assert_eq!(store.cancel_import(&ImportId::new("none"), NOW).await.unwrap(), None);
    let done = store.create_import(import("j"), NOW).await.unwrap().id;
    store.start_import(&done, NOW).await.unwrap();
    store.finish_import(&done, &ImportEnd::Done, NOW).await.unwrap();
    assert_conflict(store.cancel_import(&done, NOW).await, "import_ended");
}

fn recount(id: &str, build: &str) -> NewRecount {
    NewRecount { id: RecountId::new(id), build_id: BuildId::new(build), requested_by: "auditor".to_owned() }
}

async fn a_recount_runs_to_its_end(fresh: &Fresh) {
    let store = &fresh.store;
    create(store, "s").await;
    store.insert_build(build("b", "s", None, MembersPayload::Base(vec![1])), NOW).await.unwrap();
    assert_eq!(store.create_recount(recount("r", "none"), NOW).await.unwrap(), None);
    let queued = store.create_recount(recount("r", "b"), NOW).await.unwrap().unwrap();
    assert_eq!((queued.state, queued.segment_id.as_str(), queued.instant), (RecountState::Queued, "s", NOW));
    assert_eq!((queued.engine.count, queued.watermark_seq), (12, 77));
    assert_eq!(store.next_recount().await.unwrap(), Some(queued.clone()));

    let outcome = RecountOutcome {
        lake: RecountSide { count: 11, digest: "cd".repeat(32) },
        agree: false,
        only_engine: vec!["u1".to_owned(), "ü\u{1F980}".to_owned()],
        only_lake: vec![],
        only_engine_count: 2,
        only_lake_count: 0,
        cost_ms: 1234,
    };
    assert!(!store.finish_recount(&queued.id, &outcome, NOW).await.unwrap(), "not started");
    assert!(store.start_recount(&queued.id, NOW + 1).await.unwrap());
    assert!(!store.start_recount(&queued.id, NOW + 1).await.unwrap());
    assert_eq!(store.requeue_recounts().await.unwrap(), 1);
    assert!(store.start_recount(&queued.id, NOW + 2).await.unwrap());
    assert!(store.finish_recount(&queued.id, &outcome, NOW + 3).await.unwrap());
    let done = store.recount(&queued.id).await.unwrap().unwrap();
    assert_eq!((done.state, done.outcome), (RecountState::Done, Some(outcome)));
    assert_eq!((done.started_at, done.finished_at), (Some(NOW + 2), Some(NOW + 3)));
    assert!(!store.fail_recount(&queued.id, "late", NOW).await.unwrap());
    assert_eq!(store.next_recount().await.unwrap(), None);
}

async fn recounts_are_listed(fresh: &Fresh) {
    let store = &fresh.store;
    for segment in ["s", "t"] {
        create(store, segment).await;
        store.insert_build(build(segment, segment, None, MembersPayload::Base(vec![1])), NOW).await.unwrap();
    }
    for (id, build, at) in [("1", "s", 0), ("2", "t", 1), ("3", "s", 2)] {
        store.create_recount(recount(id, build), NOW + at).await.unwrap();
    }
    assert_conflict(store.create_recount(recount("1", "s"), NOW).await, "recounts_pkey");
    assert!(store.fail_recount(&RecountId::new("1"), "no such list", NOW + 5).await.unwrap());
    let ids = |recounts: Vec<crate::Recount>| recounts.iter().map(|recount| recount.id.to_string()).collect::<Vec<_>>();
    assert_eq!(ids(store.recounts(None, 10).await.unwrap()), ["3", "2", "1"]);
    assert_eq!(ids(store.recounts(None, 2).await.unwrap()), ["3", "2"]);
    let of_s = store.recounts(Some(&SegmentId::new("s")), 10).await.unwrap();
    assert_eq!(of_s[1].error.as_deref(), Some("no such list"));
    assert_eq!(ids(of_s), ["3", "1"]);
}
