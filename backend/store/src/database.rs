//! Opening a database, and what differs between the two dialects.

use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::migrate::Migrator;
use sqlx::{Any, AnyConnection, AnyPool, Transaction};

use crate::error::StoreError;

pub(crate) static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");
pub(crate) static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// Connections that only read, on SQLite.
const SQLITE_READERS: u32 = 4;
/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS: u32 = 10;
/// How long a caller waits for a connection before the store counts as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// How old a noted time of use must be before it is written again, microseconds.
pub(crate) const TOUCH_EVERY: i64 = 60_000_000;

const SQLITE_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA busy_timeout = 30000; PRAGMA temp_store = MEMORY;";

/// The kind of database behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A local file.
    Sqlite,
    /// A server.
    Postgres,
}

/// A write transaction; rolled back when dropped without commit.
pub(crate) type WriteTransaction = Transaction<'static, Any>;

/// The metadata store: a cheap handle, to be cloned freely.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Pools>,
}

struct Pools {
    dialect: Dialect,
    reader: AnyPool,
    writer: AnyPool,
}

impl Store {
    /// Opens the database of a URL, creates it if it is an SQLite file that is not there, and applies the migrations.
    ///
    /// # Errors
    /// `Url` for other schemes, `Unavailable` if the database cannot be opened, `Sql` if a migration fails or the
    /// database was migrated by a newer version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        install_default_drivers();
        let pools = if url.starts_with("sqlite:") {
            open_sqlite(url).await?
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            open_postgres(url).await?
        } else {
            return Err(StoreError::Url("expected sqlite:///path or postgres://host/database".to_owned()));
        };
        Ok(Self { inner: Arc::new(pools) })
    }

    /// The kind of database.
    pub fn dialect(&self) -> Dialect {
        self.inner.dialect
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// `Unavailable` or `Sql` if it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1 AS one").fetch_all(self.reader()).await?;
        Ok(())
    }

    /// Closes every connection; later calls on any clone fail.
    pub async fn close(&self) {
        self.inner.reader.close().await;
        self.inner.writer.close().await;
    }

    pub(crate) fn reader(&self) -> &AnyPool {
        &self.inner.reader
    }

    /// For single statements without `RETURNING`: a returned row is seen before its commit, so those need
    /// [`Store::begin`].
    pub(crate) fn writer(&self) -> &AnyPool {
        &self.inner.writer
    }

    pub(crate) async fn begin(&self) -> Result<WriteTransaction, StoreError> {
        Ok(match self.inner.dialect {
            Dialect::Sqlite => self.inner.writer.begin_with("BEGIN IMMEDIATE").await?,
            Dialect::Postgres => self.inner.writer.begin().await?,
        })
    }

    /// What to put after a claiming sub-select so that concurrent claimers do not wait for each other. SQLite has one
    /// writer and needs nothing.
    pub(crate) fn skip_locked(&self) -> &'static str {
        match self.inner.dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
        }
    }
}

impl std::fmt::Debug for Store {
    /// Says the dialect only: the options behind the pools hold a password.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Store").field("dialect", &self.inner.dialect).finish_non_exhaustive()
    }
}

/// Takes a named lock until the end of the transaction, where reading and then writing must not interleave.
pub(crate) async fn hold(connection: &mut AnyConnection, lock: &'static str) -> Result<(), StoreError> {
    let held = sqlx::query("UPDATE store_locks SET held = 1 WHERE name = $1").bind(lock).execute(connection).await?;
    if held.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Corrupt(format!("lock {lock} is missing"))) }
}

async fn open_sqlite(url: &str) -> Result<Pools, StoreError> {
    let options = sqlite_options(url)?;
    let pool = |connections: u32, after: &'static str| {
        AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    sqlx::raw_sql(SQLITE_PRAGMAS).execute(&mut *connection).await?;
                    sqlx::raw_sql(after).execute(connection).await?;
                    Ok(())
                })
            })
    };
    let writer = pool(1, "PRAGMA query_only = OFF").connect_with(options.clone()).await?;
    SQLITE_MIGRATIONS.run(&writer).await?;
    let reader = pool(SQLITE_READERS, "PRAGMA query_only = ON").connect_with(options).await?;
    Ok(Pools { dialect: Dialect::Sqlite, reader, writer })
}

/// The options of an SQLite URL; a file that is missing is created.
fn sqlite_options(url: &str) -> Result<AnyConnectOptions, StoreError> {
    if url.contains(":memory:") {
        return Err(StoreError::Url("the store needs a file: readers and the writer are separate connections".to_owned()));
    }
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = if url.contains("mode=") { url.to_owned() } else { format!("{url}{separator}mode=rwc") };
    url.parse().map_err(|error: sqlx::Error| StoreError::Url(error.to_string()))
}

async fn open_postgres(url: &str) -> Result<Pools, StoreError> {
    let options: AnyConnectOptions = url.parse().map_err(|_| StoreError::Url("not a PostgreSQL URL".to_owned()))?;
    let pool = AnyPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await?;
    POSTGRES_MIGRATIONS.run(&pool).await?;
    Ok(Pools { dialect: Dialect::Postgres, reader: pool.clone(), writer: pool })
}
