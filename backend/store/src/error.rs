//! What can go wrong, and the one place where database errors get a name.

use sqlx::error::DatabaseError;

/// A failure of the store. Texts of the database stay in the source chain, for the log only.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule of the data would be broken; the stable name of the constraint, the same on both dialects.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The database cannot be reached, is busy, or its disk is full; trying again may help.
    #[error("the metadata store is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored cannot be read as what it should be.
    #[error("the metadata store holds something unreadable: {0}")]
    Corrupt(String),
    /// A number does not fit 63 bits.
    #[error("a number is too large to be stored")]
    OutOfRange,
    /// The URL is not one that the store understands.
    #[error("the store's URL is not usable: {0}")]
    Url(String),
    /// Anything else the database says.
    #[error("the metadata store failed")]
    Sql(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Unique indexes and primary keys: the name, and the columns as SQLite names them in its message.
pub(crate) const UNIQUE: &[(&str, &str)] = &[
    ("accounts_pkey", "accounts.id"),
    ("accounts_email_key", "accounts.email"),
    ("api_keys_pkey", "api_keys.id"),
    ("api_keys_hash_key", "api_keys.hash"),
    ("sources_pkey", "sources.id"),
    ("sources_write_key_key", "sources.write_key"),
    ("segments_pkey", "segments.id"),
    ("segment_versions_pkey", "segment_versions.segment_id, segment_versions.version"),
    ("builds_pkey", "builds.id"),
    ("builds_number_key", "builds.segment_id, builds.number"),
    ("lists_pkey", "lists.id"),
    ("list_versions_pkey", "list_versions.list_id, list_versions.version"),
    ("catalogues_pkey", "catalogues.id"),
    ("catalogue_versions_pkey", "catalogue_versions.catalogue_id, catalogue_versions.version"),
    ("campaigns_pkey", "campaigns.id"),
    ("imports_pkey", "imports.id"),
    ("recounts_pkey", "recounts.id"),
    ("jobs_pkey", "jobs.id"),
    ("jobs_active_key", "jobs.kind, jobs.key"),
    ("audit_trail_pkey", "audit_trail.id"),
];

/// What the triggers say.
const TRIGGERS: &[&str] = &["audit_trail_append_only"];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => from_database(error),
            error @ (sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::WorkerCrashed) => Self::Unavailable(Box::new(error)),
            error @ (sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => Self::Corrupt(error.to_string()),
            error => Self::Sql(Box::new(error)),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            error => Self::Sql(Box::new(error)),
        }
    }
}

fn from_database(error: Box<dyn DatabaseError>) -> StoreError {
    if let Some(name) = constraint(error.as_ref()) {
        return StoreError::Conflict(name);
    }
    let retry = error.code().is_some_and(|code| is_passing(&code));
    let error = sqlx::Error::Database(error);
    if retry { StoreError::Unavailable(Box::new(error)) } else { StoreError::Sql(Box::new(error)) }
}

/// The stable name of the constraint that an error is about.
fn constraint(error: &dyn DatabaseError) -> Option<&'static str> {
    let message = error.message();
    // PostgreSQL cannot hold U+0000 in text.
    if error.code().as_deref() == Some("22021") {
        return Some("text_with_nul");
    }
    if let Some(name) = TRIGGERS.iter().find(|name| message.contains(*name)) {
        return Some(name);
    }
    if error.is_foreign_key_violation() {
        return Some("foreign_key");
    }
    if !error.is_unique_violation() {
        return None;
    }
    let columns = message.strip_prefix("UNIQUE constraint failed: ");
    let known = UNIQUE.iter().find(|(name, fields)| error.constraint() == Some(name) || columns == Some(fields));
    Some(known.map_or("unique", |(name, _)| name))
}

/// Whether a code says "not now". Five characters: a PostgreSQL class (connection, resources, operator, rollback to be
/// tried again); otherwise an SQLite result code whose low byte is BUSY, LOCKED, IOERR, FULL or CANTOPEN.
fn is_passing(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "53", "57", "40"].iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13 | 14))
}
