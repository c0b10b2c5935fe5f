//! Accounts of people.

use rollcall_store::{Account, AccountChange, AccountId, NewAccount, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Caller, Permission, password};
use crate::App;
use crate::ambient::new_id;
use crate::error::{AppError, Result};
use crate::view::time;

/// An account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountView {
    /// Id.
    pub id: String,
    /// E-mail address; the name to sign in with.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// `admin`, `marketer` or `auditor`.
    pub role: String,
    /// Cannot sign in.
    pub disabled: bool,
    /// When it was made.
    pub created_at: String,
    /// Last sign-in.
    pub last_seen_at: Option<String>,
}

/// Accounts, in order of creation.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountsPage {
    /// This page.
    pub items: Vec<AccountView>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
}

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountInput {
    /// E-mail address.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// `admin`, `marketer` or `auditor`.
    pub role: String,
    /// At least 10 characters.
    pub password: String,
}

impl AccountInput {
    /// Looks for faults that need no look at other accounts.
    ///
    /// # Errors
    /// The first field with a fault.
    pub fn check(&self) -> Result<Role> {
        let role = role(&self.role)?;
        password::check("/password", &self.password)?;
        let email = &self.email;
        if !email.contains('@') || email.len() > 254 || email.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(AppError::field("/email", "bad_email", "This is not an e-mail address."));
        }
        if self.name.trim().is_empty() || self.name.len() > 200 {
            return Err(AppError::field("/name", "bad_name", "A name has 1 to 200 characters."));
        }
        Ok(role)
    }
}

/// A change of an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPatch {
    /// New name.
    pub name: Option<String>,
    /// New role.
    pub role: Option<String>,
    /// New password; ends the account's sessions.
    pub password: Option<String>,
    /// Whether it is locked out.
    pub disabled: Option<bool>,
}

fn view(account: Account) -> AccountView {
    AccountView {
        id: account.id.into_string(),
        email: account.email,
        name: account.name,
        role: account.role.as_str().into(),
        disabled: account.disabled,
        created_at: time(account.created_at),
        last_seen_at: account.last_seen_at.map(time),
    }
}

fn role(word: &str) -> Result<Role> {
    Role::parse(word).ok_or_else(|| AppError::field("/role", "unknown_role", "A role is admin, marketer or auditor."))
}

impl App {
    /// Accounts, in order of creation.
    ///
    /// # Errors
    /// Forbidden to all but administrators.
    pub async fn list_accounts(&self, caller: &Caller, cursor: Option<String>) -> Result<AccountsPage> {
        caller.require(Permission::ManageAccounts)?;
        let page = self.store.accounts(cursor.map(AccountId::new).as_ref(), 100).await?;
        Ok(AccountsPage { items: page.items.into_iter().map(view).collect(), next_cursor: page.next.map(AccountId::into_string) })
    }

    /// Makes an account.
    ///
    /// # Errors
    /// Fields with faults; the address is taken.
    pub async fn create_account(&self, caller: &Caller, input: AccountInput) -> Result<AccountView> {
        caller.require(Permission::ManageAccounts)?;
        let role = input.check()?;
        let ambient = self.ambient.clone();
        let password_hash = tokio::task::spawn_blocking(move || password::hash(&input.password, ambient.as_ref())).await??;
        let id = AccountId::new(new_id(self.ambient.as_ref()));
        let account = NewAccount { id, email: input.email, name: input.name, role, password_hash };
        let account = self.store.create_account(account, self.now().0).await?;
        self.record(caller, "account.create", "account", account.id.as_str(), serde_json::json!({"role": account.role.as_str()}))
            .await?;
        Ok(view(account))
    }

    /// Changes an account. An administrator cannot lock out or demote themself.
    ///
    /// # Errors
    /// Fields with faults; no such account.
    pub async fn update_account(&self, caller: &Caller, id: &str, patch: AccountPatch) -> Result<AccountView> {
        caller.require(Permission::ManageAccounts)?;
        let id = AccountId::new(id);
        let role = patch.role.as_deref().map(role).transpose()?;
        if caller.account() == Some(&id) && (patch.disabled == Some(true) || role.is_some_and(|role| role != Role::Admin)) {
            return Err(AppError::field("", "own_account", "You cannot lock out or demote yourself. Ask another administrator."));
        }
        let password_hash = match patch.password {
            Some(new) => {
                password::check("/password", &new)?;
                let ambient = self.ambient.clone();
                Some(tokio::task::spawn_blocking(move || password::hash(&new, ambient.as_ref())).await??)
            }
            None => None,
        };
        let detail = serde_json::json!({"role": patch.role, "disabled": patch.disabled, "password": password_hash.is_some()});
        let change = AccountChange { name: patch.name, role, password_hash, disabled: patch.disabled };
        let account = self.store.update_account(&id, change).await?.ok_or_else(|| AppError::not_found("account"))?;
        self.record(caller, "account.update", "account", id.as_str(), detail).await?;
        Ok(view(account))
    }
}
