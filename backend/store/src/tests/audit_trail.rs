//! The audit trail and its chain.

use serde_json::json;

use crate::tests::fixtures::NOW;
use crate::tests::{Fresh, assert_conflict, on_both};
use crate::{NewAuditEntry, StoreError, TrailFault};

on_both!(
    entries_are_chained,
    writers_at_once_make_one_chain,
    the_trail_refuses_changes,
    an_altered_entry_is_found,
    a_missing_entry_is_found,
    a_cut_tail_is_found,
    entries_of_format_1_are_verified,
);

fn entry(action: &str) -> NewAuditEntry {
    NewAuditEntry {
        actor: "Ada".to_owned(),
        actor_kind: "person".to_owned(),
        actor_id: "a1".to_owned(),
        action: action.to_owned(),
        target_kind: "segment".to_owned(),
        target_id: "s1".to_owned(),
        detail: json!({"version": 2, "name": "Ünïcode", "ratio": 0.1}),
    }
}

async fn fill(fresh: &Fresh, entries: i64) {
    for number in 0..entries {
        fresh.store.append_audit(entry(&format!("action.{number}")), NOW + number).await.unwrap();
    }
    let check = fresh.store.verify_audit_trail().await.unwrap();
    assert_eq!((check.entries, check.fault), (u64::try_from(entries).unwrap(), None));
}

/// Takes away the triggers, as one who owns the database can.
async fn disarm(fresh: &Fresh) {
    for (sqlite, postgres) in [
        ("DROP TRIGGER audit_trail_no_update", "DROP TRIGGER audit_trail_no_update ON audit_trail"),
        ("DROP TRIGGER audit_trail_no_delete", "DROP TRIGGER audit_trail_no_truncate ON audit_trail"),
    ] {
        fresh.raw(fresh.pick(sqlite, postgres)).await.unwrap();
    }
}

async fn entries_are_chained(fresh: &Fresh) {
    let store = &fresh.store;
    assert_eq!(store.verify_audit_trail().await.unwrap().entries, 0);
    let first = store.append_audit(entry("one"), NOW).await.unwrap();
    let second = store.append_audit(entry("two"), NOW + 1).await.unwrap();
    assert_eq!((first.id, first.previous_hash.as_str()), (1, "0".repeat(64).as_str()));
    assert_eq!((second.id, &second.previous_hash), (2, &first.hash));
    // Format 2, computed independently with Python's hashlib.
    assert_eq!(first.hash, FIRST_HASH);
    let page = store.audit_trail(None, 1).await.unwrap();
    assert_eq!((page.items.as_slice(), page.next), (std::slice::from_ref(&second), Some(2)));
    let page = store.audit_trail(page.next, 1).await.unwrap();
    assert_eq!((page.items, page.next), (vec![first], None));
    assert_eq!(store.verify_audit_trail().await.unwrap().head, second.hash);
}

const FIRST_HASH: &str = "4a94f6c05e62a6f9bfdf477e0bac6a7dd3c096e8f4246ffcae7a6beecaf2c727";

async fn writers_at_once_make_one_chain(fresh: &Fresh) {
    let tasks: Vec<_> = (0..30)
        .map(|number| {
            let store = fresh.store.clone();
            tokio::spawn(async move { store.append_audit(entry(&format!("action.{number}")), NOW).await.unwrap().id })
        })
        .collect();
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.unwrap());
    }
    ids.sort_unstable();
    assert_eq!(ids, (1..=30).collect::<Vec<u64>>());
    let check = fresh.store.verify_audit_trail().await.unwrap();
    assert_eq!((check.entries, check.fault), (30, None));
}

async fn the_trail_refuses_changes(fresh: &Fresh) {
    fill(fresh, 2).await;
    assert_conflict(fresh.raw("UPDATE audit_trail SET actor = 'b'").await, "audit_trail_append_only");
    assert_conflict(fresh.raw("DELETE FROM audit_trail WHERE id = 2").await, "audit_trail_append_only");
    let emptied = fresh.raw(fresh.pick("DELETE FROM audit_trail", "TRUNCATE audit_trail")).await;
    assert_conflict(emptied, "audit_trail_append_only");
    let replaced = fresh.raw("INSERT INTO audit_trail SELECT * FROM audit_trail WHERE id = 1").await;
    assert_conflict(replaced, "audit_trail_pkey");
    assert_eq!(fresh.store.verify_audit_trail().await.unwrap().fault, None);
}

async fn an_altered_entry_is_found(fresh: &Fresh) {
    fill(fresh, 1200).await;
    disarm(fresh).await;
    fresh.raw("UPDATE audit_trail SET actor = 'somebody else' WHERE id = 1100").await.unwrap();
    let check = fresh.store.verify_audit_trail().await.unwrap();
    assert_eq!((check.entries, check.fault), (1099, Some(TrailFault::Altered { id: 1100 })));
}

async fn a_missing_entry_is_found(fresh: &Fresh) {
    fill(fresh, 5).await;
    disarm(fresh).await;
    fresh.raw("DELETE FROM audit_trail WHERE id = 3").await.unwrap();
    let check = fresh.store.verify_audit_trail().await.unwrap();
    assert_eq!((check.entries, check.fault), (2, Some(TrailFault::Missing { id: 3 })));
}

async fn a_cut_tail_is_found(fresh: &Fresh) {
    fill(fresh, 5).await;
    disarm(fresh).await;
    fresh.raw("DELETE FROM audit_trail WHERE id >= 4").await.unwrap();
    let check = fresh.store.verify_audit_trail().await.unwrap();
    assert_eq!((check.entries, check.fault), (3, Some(TrailFault::Cut { id: 3 })));
    // What is left goes on being refused: the next entry does not follow.
    fresh.store.append_audit(entry("later"), NOW).await.unwrap();
    assert!(matches!(fresh.store.verify_audit_trail().await, Ok(check) if check.fault.is_some()));
    fresh.raw("UPDATE audit_trail SET detail = 'not json' WHERE id = 1").await.unwrap();
    assert!(matches!(fresh.store.audit_trail(None, 10).await, Err(StoreError::Corrupt(_))));
}

/// An entry as it was stored before actors had ids, with its hash as computed then.
macro_rules! entry_of_format_1 {
    ($none:literal, $hash:literal) => {
        concat!(
            "INSERT INTO audit_trail (id, created_at, actor, actor_kind, action, target_kind, target_id, detail, previous_hash, \
             hash) VALUES (1, 1800000000000000, 'a1', 'account', 'one', 'segment', 's1', \
             '{\"version\":2,\"name\":\"Ünïcode\",\"ratio\":0.1}', ",
            $none,
            ", ",
            $hash,
            ")"
        )
    };
}

async fn entries_of_format_1_are_verified(fresh: &Fresh) {
    let old = fresh.pick(
        entry_of_format_1!("zeroblob(32)", "x'ab0244ab407a8399e14dc94a4415374d0f1a21237cf8d88b91cfcd63532cd886'"),
        entry_of_format_1!(
            "decode(repeat('00', 32), 'hex')",
            "decode('ab0244ab407a8399e14dc94a4415374d0f1a21237cf8d88b91cfcd63532cd886', 'hex')"
        ),
    );
    fresh.raw(old).await.unwrap();
    fresh.raw("UPDATE audit_head SET last_id = 1, hash = (SELECT hash FROM audit_trail)").await.unwrap();
    fresh.store.append_audit(entry("two"), NOW).await.unwrap();
    let check = fresh.store.verify_audit_trail().await.unwrap();
    assert_eq!((check.entries, check.fault), (2, None));
    disarm(fresh).await;
    fresh.raw("UPDATE audit_trail SET actor_id = 'a2' WHERE id = 1").await.unwrap();
    assert_eq!(fresh.store.verify_audit_trail().await.unwrap().fault, Some(TrailFault::Altered { id: 1 }));
}
