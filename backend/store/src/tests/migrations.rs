//! The two folders of migrations, and the names that errors map to.

use std::collections::BTreeSet;

use crate::database::{POSTGRES_MIGRATIONS, SQLITE_MIGRATIONS};
use crate::error::UNIQUE;
use crate::tests::Fresh;

const OWN: &str = "-- Only in this dialect.\n";

/// The statements that both dialects share.
fn shared(sql: &str) -> &str {
    sql.split_once(OWN).map_or(sql, |(shared, _)| shared)
}

#[test]
fn the_dialects_hold_the_same_tables() {
    let (sqlite, postgres) = (&SQLITE_MIGRATIONS, &POSTGRES_MIGRATIONS);
    assert_eq!(sqlite.iter().count(), postgres.iter().count());
    assert!(sqlite.iter().count() > 0);
    for (sqlite, postgres) in sqlite.iter().zip(postgres.iter()) {
        assert_eq!((sqlite.version, &sqlite.description), (postgres.version, &postgres.description));
        let translated = shared(postgres.sql.as_str()).replace("TEXT COLLATE \"C\"", "TEXT").replace("BYTEA", "BLOB");
        assert_eq!(shared(sqlite.sql.as_str()), translated, "migration {}", sqlite.version);
    }
}

#[test]
fn postgres_compares_every_text_by_bytes() {
    for migration in POSTGRES_MIGRATIONS.iter() {
        for line in shared(migration.sql.as_str()).lines().filter(|line| line.contains(" TEXT")) {
            assert!(line.contains("TEXT COLLATE \"C\""), "{line}");
        }
    }
}

#[test]
fn every_unique_index_has_a_name_for_its_error() {
    let known: BTreeSet<&str> = UNIQUE.iter().map(|(name, _)| *name).collect();
    let sql = SQLITE_MIGRATIONS.iter().map(|migration| migration.sql.as_str()).collect::<Vec<_>>().join("\n");
    for line in sql.lines() {
        if let Some(rest) = line.strip_prefix("CREATE UNIQUE INDEX ") {
            let name = rest.split(' ').next().unwrap();
            assert!(known.contains(name) || name == "recipients_address_key", "{name}");
        }
    }
}

/// Readers go on while a writer holds the database, and a second writer waits instead of failing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_readers_do_not_wait_for_the_writer() {
    let fresh = Fresh::sqlite().await;
    fresh.store.put_setting("key", "before", 0).await.unwrap();
    let mut transaction = fresh.store.begin().await.unwrap();
    sqlx::query("UPDATE settings SET value = 'after'").execute(&mut *transaction).await.unwrap();
    assert_eq!(fresh.store.setting("key").await.unwrap().as_deref(), Some("before"));
    let store = fresh.store.clone();
    let waiting = tokio::spawn(async move { store.put_setting("key", "last", 1).await });
    transaction.commit().await.unwrap();
    waiting.await.unwrap().unwrap();
    assert_eq!(fresh.store.setting("key").await.unwrap().as_deref(), Some("last"));

    let refused = sqlx::query("DELETE FROM settings").execute(fresh.store.reader()).await;
    assert!(refused.is_err(), "readers cannot write");
    for (pragma, expected) in [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1), ("PRAGMA busy_timeout", 30_000)] {
        let value: i64 = sqlx::query_scalar(pragma).fetch_one(fresh.store.writer()).await.unwrap();
        assert_eq!(value, expected, "{pragma}");
    }
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(fresh.store.reader()).await.unwrap();
    assert_eq!(journal, "wal");
    fresh.close().await;
}
