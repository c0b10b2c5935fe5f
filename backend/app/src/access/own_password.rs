//! Changing one's own password.

use std::net::IpAddr;

use rollcall_store::AccountChange;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Caller, SignedIn, password};
use crate::App;
use crate::error::{AppError, Code, Result};

/// A person's new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPassword {
    /// The password that holds until now.
    pub current_password: String,
    /// At least 10 characters.
    pub new_password: String,
}

impl App {
    /// Changes the password of whoever asks. Every session of the account ends; the answer is a new one in place of theirs.
    ///
    /// # Errors
    /// Fields with faults: the current password is wrong, the new one too short; [`Code::TooManyRequests`] after many failures.
    pub async fn change_own_password(&self, caller: &Caller, change: OwnPassword, peer: Option<IpAddr>) -> Result<SignedIn> {
        let id = caller.account().ok_or_else(|| AppError::new(Code::Forbidden, "Only a person has a password."))?;
        let OwnPassword { current_password, new_password } = change;
        password::check("/new_password", &new_password)?;
        let email = self.store.account(id).await?.ok_or_else(|| AppError::not_found("account"))?.email;
        if self.account_of(&email, current_password, peer).await?.is_none() {
            return Err(AppError::field("/current_password", "wrong_password", "This is not your current password."));
        }
        let ambient = self.ambient.clone();
        let hash = tokio::task::spawn_blocking(move || password::hash(&new_password, ambient.as_ref())).await??;
        let change = AccountChange { password_hash: Some(hash), ..AccountChange::default() };
        let account = self.store.update_account(id, change).await?.ok_or_else(|| AppError::not_found("account"))?;
        self.record(caller, "account.change_password", "account", id.as_str(), serde_json::json!({})).await?;
        self.begin_session(&account)
    }
}
