//! Keys for machines: shown once, stored as a hash, scoped.

use rollcall_store::{ApiKey, ApiKeyId, NewApiKey, Scope};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{Caller, Machine, Permission};
use crate::App;
use crate::ambient::{new_id, new_secret};
use crate::error::{AppError, Code, Result};
use crate::view::time;

/// A key, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApiKeyView {
    /// Id.
    pub id: String,
    /// What it is for, in words.
    pub name: String,
    /// `collect`, `pull`, `crm`, `segments`.
    pub scopes: Vec<String>,
    /// The key's first characters, to recognise it.
    pub prefix: String,
    /// When it was made.
    pub created_at: String,
    /// Last use, to the minute.
    pub last_used_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
}

/// A new key; the only time that its secret is shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NewKeyView {
    /// Id.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// The key itself: send it as `Authorization: Bearer rk_...`.
    pub key: String,
}

fn words(scopes: &[Scope]) -> Vec<String> {
    scopes.iter().map(|scope| scope.as_str().to_owned()).collect()
}

fn view(key: ApiKey) -> ApiKeyView {
    ApiKeyView {
        id: key.id.into_string(),
        name: key.name,
        scopes: words(&key.scopes),
        prefix: key.prefix,
        created_at: time(key.created_at),
        last_used_at: key.last_used_at.map(time),
        revoked_at: key.revoked_at.map(time),
    }
}

fn hash(key: &str) -> Vec<u8> {
    // A key has 256 random bits, so a fast hash is enough.
    Sha256::digest(key.as_bytes()).to_vec()
}

impl App {
    /// All keys.
    ///
    /// # Errors
    /// Forbidden to all but administrators.
    pub async fn list_api_keys(&self, caller: &Caller) -> Result<Vec<ApiKeyView>> {
        caller.require(Permission::ManageAccounts)?;
        Ok(self.store.api_keys().await?.into_iter().map(view).collect())
    }

    /// Makes a key.
    ///
    /// # Errors
    /// Unknown scopes, or none.
    pub async fn create_api_key(&self, caller: &Caller, name: &str, scopes: &[String]) -> Result<NewKeyView> {
        caller.require(Permission::ManageAccounts)?;
        if name.trim().is_empty() || name.len() > 200 {
            return Err(AppError::field("/name", "bad_name", "A name has 1 to 200 characters."));
        }
        let mut parsed = Vec::new();
        for (index, word) in scopes.iter().enumerate() {
            let scope = Scope::parse(word).ok_or_else(|| {
                AppError::field(&format!("/scopes/{index}"), "unknown_scope", "A scope is collect, pull, crm or segments.")
            })?;
            if !parsed.contains(&scope) {
                parsed.push(scope);
            }
        }
        if parsed.is_empty() {
            return Err(AppError::field(
                "/scopes",
                "empty_scopes",
                "A key needs at least one scope: collect, pull, crm or segments.",
            ));
        }
        let key = format!("rk_{}", new_secret(self.ambient.as_ref(), 32));
        let id = ApiKeyId::new(new_id(self.ambient.as_ref()));
        let new = NewApiKey {
            id: id.clone(),
            name: name.to_owned(),
            prefix: key.chars().take(9).collect(),
            hash: hash(&key),
            scopes: parsed.clone(),
            created_by: caller.account().cloned(),
        };
        self.store.create_api_key(new, self.now().0).await?;
        let detail = serde_json::json!({"name": name, "scopes": words(&parsed)});
        self.record(caller, "api_key.create", "api_key", id.as_str(), detail).await?;
        Ok(NewKeyView { id: id.into_string(), name: name.to_owned(), scopes: words(&parsed), key })
    }

    /// Revokes a key at once.
    ///
    /// # Errors
    /// No such key.
    pub async fn revoke_api_key(&self, caller: &Caller, id: &str) -> Result<()> {
        caller.require(Permission::ManageAccounts)?;
        let name = self.store.revoke_api_key(&ApiKeyId::new(id), self.now().0).await?;
        let name = name.ok_or_else(|| AppError::not_found("API key"))?;
        self.record(caller, "api_key.revoke", "api_key", id, serde_json::json!({"name": name})).await
    }

    /// The machine behind a key.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`] if it is unknown or revoked.
    pub async fn machine(&self, key: &str) -> Result<Caller> {
        let refused = || AppError::new(Code::NotSignedIn, "This API key is not known or was revoked.");
        let found =
            self.store.api_key_by_hash(&hash(key)).await?.filter(|found| found.revoked_at.is_none()).ok_or_else(refused)?;
        let now = self.now().0;
        if found.last_used_at.is_none_or(|last| now - last > 60_000_000) {
            self.store.touch_api_key(&found.id, now).await?;
        }
        Ok(Caller::Machine(Machine { id: found.id, name: found.name, scopes: found.scopes }))
    }
}
