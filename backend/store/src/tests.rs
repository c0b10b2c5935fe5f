//! One suite, run against a fresh SQLite file and a fresh PostgreSQL database.
//!
//! PostgreSQL runs when `ROLLCALL_TEST_POSTGRES_URL` names a server (`tests/postgres.sh` starts one); with `CI` set it
//! has to.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection};
use tempfile::TempDir;

use crate::database::{Dialect, Store};

mod access;
mod audit_trail;
mod builds;
mod campaigns;
mod catalogues;
mod fixtures;
mod migrations;
mod segments;
mod take_in;
mod work;

const POSTGRES_URL: &str = "ROLLCALL_TEST_POSTGRES_URL";

/// A store of its own for one test.
struct Fresh {
    store: Store,
    url: String,
    /// Holds the SQLite file.
    _folder: Option<TempDir>,
    /// PostgreSQL: the server's URL and the database's name.
    database: Option<(String, String)>,
}

impl Fresh {
    async fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("rollcall.db").display());
        Self { store: Store::open(&url).await.unwrap(), url, _folder: Some(folder), database: None }
    }

    /// `None` if no server is named, which is not allowed in CI.
    async fn postgres() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var(POSTGRES_URL) else {
            let in_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false");
            assert!(!in_ci, "{POSTGRES_URL} must be set in CI");
            eprintln!("skipped: {POSTGRES_URL} is not set");
            return None;
        };
        let name = format!("rollcall_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        administer(&server, &format!("DROP DATABASE IF EXISTS {name}")).await;
        administer(&server, &format!("CREATE DATABASE {name} TEMPLATE template0")).await;
        let (base, _) = server.rsplit_once('/').unwrap();
        let url = format!("{base}/{name}");
        let store = Store::open(&url).await.unwrap();
        Some(Self { store, url, _folder: None, database: Some((server, name)) })
    }

    async fn close(self) {
        self.store.close().await;
        if let Some((server, name)) = self.database {
            administer(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    /// Runs SQL behind the store's back.
    async fn raw(&self, sql: &'static str) -> Result<u64, crate::StoreError> {
        Ok(sqlx::query(sql).execute(self.store.writer()).await?.rows_affected())
    }

    fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self.store.dialect() {
            Dialect::Sqlite => sqlite,
            Dialect::Postgres => postgres,
        }
    }
}

async fn administer(server: &str, sql: &str) {
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Makes of `async fn name(fresh: &Fresh)` two tests, one per dialect.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let fresh = crate::tests::Fresh::sqlite().await;
                super::$name(&fresh).await;
                fresh.close().await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(fresh) = crate::tests::Fresh::postgres().await else { return };
                super::$name(&fresh).await;
                fresh.close().await;
            })+
        }
    };
}
use on_both;

/// Asserts that a result is the named conflict.
#[track_caller]
fn assert_conflict<T: std::fmt::Debug>(result: Result<T, crate::StoreError>, name: &str) {
    match result {
        Err(crate::StoreError::Conflict(found)) => assert_eq!(found, name),
        other => panic!("expected the conflict {name}, got {other:?}"),
    }
}
