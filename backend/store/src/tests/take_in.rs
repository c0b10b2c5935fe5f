//! Sources, ledger, schema and the flush protocol.

use rollcall_rules::{Day, Schema, ValueType};

use crate::tests::fixtures::{NOW, source};
use crate::tests::{Fresh, assert_conflict, on_both};
use crate::{Checkpoint, FlushPlan, LedgerCounts, LedgerDelta, SourceChange, SourceId};

on_both!(
    sources_are_found_by_write_key,
    a_flush_counts_exactly_once,
    a_dropped_plan_leaves_nothing,
    an_unbalanced_or_backward_plan_is_refused,
    the_ledger_is_read_by_source_and_day,
);

async fn sources_are_found_by_write_key(fresh: &Fresh) {
    let store = &fresh.store;
    let created = store.create_source(source("s1"), NOW).await.unwrap();
    assert_conflict(
        store.create_source(crate::NewSource { write_key: "wk_s1".to_owned(), ..source("s2") }, NOW).await,
        "sources_write_key_key",
    );
    store.create_source(source("s2"), NOW + 1).await.unwrap();
    assert_eq!(store.source_by_write_key("wk_s1").await.unwrap(), Some(created.clone()));

    let rotated = store.rotate_write_key(&created.id, "wk_new").await.unwrap().unwrap();
    assert_eq!(rotated.write_key, "wk_new");
    assert_eq!(store.source_by_write_key("wk_s1").await.unwrap(), None);
    assert_conflict(store.rotate_write_key(&created.id, "wk_s2").await, "sources_write_key_key");

    let change = SourceChange { name: None, disabled: Some(true) };
    let disabled = store.update_source(&created.id, change).await.unwrap().unwrap();
    assert!(disabled.disabled && disabled.name == "Source s1");
    let renamed = SourceChange { name: Some("Web".to_owned()), disabled: None };
    let renamed = store.update_source(&created.id, renamed).await.unwrap().unwrap();
    assert!(renamed.disabled && renamed.name == "Web");
    assert_eq!(store.source(&created.id).await.unwrap(), Some(renamed));
    assert_eq!(store.sources().await.unwrap().len(), 2);
    assert_eq!(store.update_source(&SourceId::new("none"), SourceChange::default()).await.unwrap(), None);
}

fn counts(accepted: u64, anonymous: u64, duplicate: u64, quarantined: u64) -> LedgerCounts {
    LedgerCounts { received: accepted + duplicate + quarantined, accepted, anonymous, duplicate, quarantined }
}

fn delta(source: &str, day: i32, counts: LedgerCounts) -> LedgerDelta {
    LedgerDelta { source_id: SourceId::new(source), day: Day(day), counts, last_received_at: NOW + i64::from(day) }
}

fn plan(to_seq: u64, deltas: Vec<LedgerDelta>) -> FlushPlan {
    let mut schema = Schema::default();
    schema.traits.insert(format!("seen_at_{to_seq}"), ValueType::Number);
    FlushPlan { to_seq, taken_in_at: NOW + i64::try_from(to_seq).unwrap(), deltas, schema }
}

async fn a_flush_counts_exactly_once(fresh: &Fresh) {
    let store = &fresh.store;
    assert_eq!(store.checkpoint().await.unwrap(), Checkpoint::default());
    assert_eq!(store.schema().await.unwrap(), Schema::default());
    assert_eq!(store.flush_plan().await.unwrap(), None);

    let first = plan(10, vec![delta("s", 20000, counts(7, 2, 2, 1))]);
    store.save_flush_plan(&first).await.unwrap();
    assert_eq!(store.flush_plan().await.unwrap(), Some(first.clone()));
    assert_eq!(store.ledger_totals(None).await.unwrap(), LedgerCounts::default());

    let reached = Checkpoint { seq: 10, taken_in_at: Some(NOW + 10) };
    assert_eq!(store.commit_flush_plan(10).await.unwrap(), reached);
    assert_eq!(store.commit_flush_plan(10).await.unwrap(), reached, "committing again changes nothing");
    assert_eq!(store.checkpoint().await.unwrap(), reached);
    assert_eq!(store.ledger_totals(None).await.unwrap(), counts(7, 2, 2, 1));
    assert_eq!(store.schema().await.unwrap(), first.schema);
    assert_eq!(store.flush_plan().await.unwrap(), None);

    // Two that commit at once, after a reconnect: still once.
    store.save_flush_plan(&plan(15, vec![delta("s", 20000, counts(1, 0, 0, 0))])).await.unwrap();
    let (left, right) = tokio::join!(store.commit_flush_plan(15), store.commit_flush_plan(15));
    assert_eq!(left.unwrap(), right.unwrap());
    assert_eq!(store.ledger_totals(None).await.unwrap(), counts(8, 2, 2, 1));
    assert_conflict(store.commit_flush_plan(16).await, "flush_plan_missing");
}

async fn a_dropped_plan_leaves_nothing(fresh: &Fresh) {
    let store = &fresh.store;
    store.save_flush_plan(&plan(5, vec![delta("s", 1, counts(5, 0, 0, 0))])).await.unwrap();
    // A later plan replaces one that was never committed.
    let replaced = plan(9, vec![delta("s", 1, counts(9, 0, 0, 0))]);
    store.save_flush_plan(&replaced).await.unwrap();
    assert_eq!(store.flush_plan().await.unwrap(), Some(replaced));
    assert_conflict(store.commit_flush_plan(5).await, "flush_plan_missing");
    store.drop_flush_plan().await.unwrap();
    assert_conflict(store.commit_flush_plan(9).await, "flush_plan_missing");
    assert_eq!(store.checkpoint().await.unwrap().seq, 0);
    assert_eq!(store.ledger_totals(None).await.unwrap(), LedgerCounts::default());

    let mut declared = Schema::default();
    declared.properties.insert("price".to_owned(), ValueType::Number);
    store.save_schema(&declared, NOW).await.unwrap();
    assert_eq!(store.schema().await.unwrap(), declared);
}

async fn an_unbalanced_or_backward_plan_is_refused(fresh: &Fresh) {
    let store = &fresh.store;
    let wrong = LedgerCounts { received: 3, ..counts(1, 0, 1, 0) };
    store.save_flush_plan(&plan(5, vec![delta("s", 1, counts(1, 0, 0, 0)), delta("s", 2, wrong)])).await.unwrap();
    assert_conflict(store.commit_flush_plan(5).await, "flush_plan_unbalanced");
    assert_eq!(store.ledger_totals(None).await.unwrap(), LedgerCounts::default());

    store.save_flush_plan(&plan(8, vec![])).await.unwrap();
    store.commit_flush_plan(8).await.unwrap();
    store.save_flush_plan(&plan(7, vec![])).await.unwrap();
    assert_conflict(store.commit_flush_plan(7).await, "flush_plan_behind");
    // The table itself refuses a ledger that does not add up.
    assert!(fresh.raw("INSERT INTO ledger VALUES ('s', 1, 2, 1, 0, 0, 0, 0)").await.is_err());
}

async fn the_ledger_is_read_by_source_and_day(fresh: &Fresh) {
    let store = &fresh.store;
    let deltas = vec![
        delta("a", 100, counts(1, 1, 0, 0)),
        delta("b", 100, counts(2, 0, 1, 0)),
        delta("a", 101, counts(3, 0, 0, 1)),
        delta("a", 102, counts(u64::from(u32::MAX), 0, 0, 0)),
    ];
    store.save_flush_plan(&plan(1, deltas)).await.unwrap();
    store.commit_flush_plan(1).await.unwrap();
    let rows = store.ledger(None, Day(101)).await.unwrap();
    assert_eq!(rows.iter().map(|row| (row.source_id.as_str(), row.day.0)).collect::<Vec<_>>(), [("a", 102), ("a", 101)]);
    let rows = store.ledger(None, Day(0)).await.unwrap();
    assert_eq!(rows[2..].iter().map(|row| row.source_id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(rows.iter().all(|row| row.counts.is_balanced()));
    let of_b = store.ledger(Some(&SourceId::new("b")), Day(0)).await.unwrap();
    assert_eq!((of_b.len(), of_b[0].counts), (1, counts(2, 0, 1, 0)));
    assert_eq!(store.ledger_totals(Some(&SourceId::new("b"))).await.unwrap(), counts(2, 0, 1, 0));
    let mut last = store.last_received().await.unwrap();
    last.sort();
    assert_eq!(last, [(SourceId::new("a"), NOW + 102), (SourceId::new("b"), NOW + 100)]);
}
