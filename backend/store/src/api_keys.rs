//! Keys of machines. Only a hash of the key is stored; the prefix is what people recognise it by.

use sqlx::any::AnyRow;

use crate::database::{Store, TOUCH_EVERY};
use crate::error::StoreError;
use crate::ids::{AccountId, ApiKeyId};
use crate::row::Columns;
use crate::words::words;

words! {
    /// What a machine may do.
    Scope {
        /// Send events and files.
        Collect = "collect",
        /// Pull lists for advertising.
        Pull = "pull",
        /// Pull lists for e-mail, and run campaigns.
        Crm = "crm",
        /// Check, preview, make, change and build segments.
        Segments = "segments",
    }
}

/// A key of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Id.
    pub id: ApiKeyId,
    /// Name given by a person.
    pub name: String,
    /// The beginning of the key, not secret.
    pub prefix: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// Who made it.
    pub created_by: Option<AccountId>,
    /// When it was made.
    pub created_at: i64,
    /// When it was last used.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// A key to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApiKey {
    /// Id.
    pub id: ApiKeyId,
    /// Name given by a person.
    pub name: String,
    /// The beginning of the key, not secret.
    pub prefix: String,
    /// Digest of the whole key.
    pub hash: Vec<u8>,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// Who makes it.
    pub created_by: Option<AccountId>,
}

impl Store {
    /// Stores a new key.
    ///
    /// # Errors
    /// `Conflict("api_keys_hash_key")` if the very same key exists.
    pub async fn create_api_key(&self, key: NewApiKey, now: i64) -> Result<ApiKey, StoreError> {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        sqlx::query(
            "INSERT INTO api_keys (id, name, prefix, hash, scopes, created_by, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(key.id.as_str())
        .bind(&key.name)
        .bind(&key.prefix)
        .bind(key.hash.as_slice())
        .bind(scopes.join(" "))
        .bind(key.created_by.as_ref().map(AccountId::as_str))
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(ApiKey {
            id: key.id,
            name: key.name,
            prefix: key.prefix,
            scopes: key.scopes,
            created_by: key.created_by,
            created_at: now,
            last_used_at: None,
            revoked_at: None,
        })
    }

    /// The key of a hash, unless it is revoked.
    pub async fn api_key_by_hash(&self, hash: &[u8]) -> Result<Option<ApiKey>, StoreError> {
        let query = sqlx::query("SELECT * FROM api_keys WHERE hash = $1 AND revoked_at IS NULL").bind(hash);
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// Every key, revoked ones too, newest first.
    pub async fn api_keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let query = sqlx::query("SELECT * FROM api_keys ORDER BY created_at DESC, id DESC");
        query.fetch_all(self.reader()).await?.iter().map(read).collect()
    }

    /// Revokes a key for good and gives its name; `None` if there is no such key that was not revoked before.
    pub async fn revoke_api_key(&self, id: &ApiKeyId, now: i64) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("UPDATE api_keys SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL RETURNING name");
        Ok(query.bind(id.as_str()).bind(now).fetch_optional(self.writer()).await?)
    }

    /// Notes that a key was used, to the minute: most calls write nothing.
    pub async fn touch_api_key(&self, id: &ApiKeyId, now: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)")
            .bind(id.as_str())
            .bind(now)
            .bind(now - TOUCH_EVERY)
            .execute(self.writer())
            .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<ApiKey, StoreError> {
    let scopes = row.text("scopes")?;
    let scopes: Option<Vec<Scope>> = scopes.split_whitespace().map(Scope::parse).collect();
    Ok(ApiKey {
        id: row.id("id")?,
        name: row.text("name")?,
        prefix: row.text("prefix")?,
        scopes: scopes.ok_or_else(|| StoreError::Corrupt("an API key has an unknown scope".to_owned()))?,
        created_by: row.optional_id("created_by")?,
        created_at: row.integer("created_at")?,
        last_used_at: row.optional_integer("last_used_at")?,
        revoked_at: row.optional_integer("revoked_at")?,
    })
}
