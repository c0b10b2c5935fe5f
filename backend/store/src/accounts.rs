//! Accounts of people. Sessions are stateless tokens that carry the account's `session_epoch`; raising it ends them all.

use sqlx::any::AnyRow;

use crate::database::{Store, TOUCH_EVERY, WriteTransaction, hold};
use crate::error::StoreError;
use crate::ids::AccountId;
use crate::page::{Page, one_more};
use crate::row::Columns;
use crate::words::words;

words! {
    /// What a person may do.
    Role {
        /// Everything.
        Admin = "admin",
        /// Segments, lists and campaigns.
        Marketer = "marketer",
        /// Reading under pseudonyms, and recounts.
        Auditor = "auditor",
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Id.
    pub id: AccountId,
    /// Address in lower case; unique.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// PHC string of the password hash.
    pub password_hash: String,
    /// May not sign in.
    pub disabled: bool,
    /// Sessions made under a lower epoch are over.
    pub session_epoch: u64,
    /// When it was created.
    pub created_at: i64,
    /// When it was last used.
    pub last_seen_at: Option<i64>,
}

/// An account to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Id.
    pub id: AccountId,
    /// Address; stored in lower case.
    pub email: String,
    /// Name shown to others.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// PHC string of the password hash.
    pub password_hash: String,
}

/// What to change of an account; `None` leaves it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChange {
    /// New name.
    pub name: Option<String>,
    /// New role; ends the sessions.
    pub role: Option<Role>,
    /// New password hash; ends the sessions.
    pub password_hash: Option<String>,
    /// Disabled or not; disabling ends the sessions.
    pub disabled: Option<bool>,
}

impl Store {
    /// Creates an account.
    ///
    /// # Errors
    /// `Conflict("accounts_email_key")` if the address is taken.
    pub async fn create_account(&self, account: NewAccount, now: i64) -> Result<Account, StoreError> {
        let email = account.email.to_lowercase();
        sqlx::query("INSERT INTO accounts (id, email, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(account.id.as_str())
            .bind(&email)
            .bind(&account.name)
            .bind(account.role.as_str())
            .bind(&account.password_hash)
            .bind(now)
            .execute(self.writer())
            .await?;
        Ok(Account {
            id: account.id,
            email,
            name: account.name,
            role: account.role,
            password_hash: account.password_hash,
            disabled: false,
            session_epoch: 0,
            created_at: now,
            last_seen_at: None,
        })
    }

    /// The account of an id.
    pub async fn account(&self, id: &AccountId) -> Result<Option<Account>, StoreError> {
        let query = sqlx::query("SELECT * FROM accounts WHERE id = $1").bind(id.as_str());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// The account of an address, in any case.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let query = sqlx::query("SELECT * FROM accounts WHERE email = $1").bind(email.to_lowercase());
        query.fetch_optional(self.reader()).await?.as_ref().map(read).transpose()
    }

    /// Accounts in order of id (of creation, with ids that grow).
    pub async fn accounts(&self, after: Option<&AccountId>, limit: u32) -> Result<Page<Account, AccountId>, StoreError> {
        let rows = sqlx::query("SELECT * FROM accounts WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.map_or("", AccountId::as_str))
            .bind(one_more(limit))
            .fetch_all(self.reader())
            .await?;
        let accounts = rows.iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page::of(accounts, limit, |account| account.id.clone()))
    }

    /// How many accounts there are; none before the first administrator is set up.
    pub async fn account_count(&self) -> Result<u64, StoreError> {
        sqlx::query("SELECT COUNT(*) AS number FROM accounts").fetch_one(self.reader()).await?.count("number")
    }

    /// Changes an account; a new role or password, or disabling, ends its sessions.
    ///
    /// # Errors
    /// `Conflict("accounts_last_admin")` if no administrator who can sign in would be left.
    pub async fn update_account(&self, id: &AccountId, change: AccountChange) -> Result<Option<Account>, StoreError> {
        let mut transaction = self.begin().await?;
        hold(&mut transaction, "accounts").await?;
        let Some(mut account) = fetch(&mut transaction, id).await? else {
            return Ok(None);
        };
        let was_admin = account.role == Role::Admin && !account.disabled;
        if apply(&mut account, change) {
            account.session_epoch += 1;
        }
        sqlx::query(
            "UPDATE accounts SET name = $2, role = $3, password_hash = $4, disabled = $5, session_epoch = $6 WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(&account.name)
        .bind(account.role.as_str())
        .bind(&account.password_hash)
        .bind(i64::from(account.disabled))
        .bind(crate::row::signed(account.session_epoch)?)
        .execute(&mut *transaction)
        .await?;
        if was_admin && active_admins(&mut transaction).await? == 0 {
            return Err(StoreError::Conflict("accounts_last_admin"));
        }
        transaction.commit().await?;
        Ok(Some(account))
    }

    /// Ends every session of an account. False if there is none.
    pub async fn end_sessions(&self, id: &AccountId) -> Result<bool, StoreError> {
        let query = sqlx::query("UPDATE accounts SET session_epoch = session_epoch + 1 WHERE id = $1").bind(id.as_str());
        Ok(query.execute(self.writer()).await?.rows_affected() == 1)
    }

    /// Notes that an account was used, to the minute: most calls write nothing.
    pub async fn touch_account(&self, id: &AccountId, now: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE accounts SET last_seen_at = $2 WHERE id = $1 AND (last_seen_at IS NULL OR last_seen_at <= $3)")
            .bind(id.as_str())
            .bind(now)
            .bind(now - TOUCH_EVERY)
            .execute(self.writer())
            .await?;
        Ok(())
    }
}

/// Applies a change; true if it ends the sessions.
fn apply(account: &mut Account, change: AccountChange) -> bool {
    let mut ends = change.disabled == Some(true);
    if let Some(name) = change.name {
        account.name = name;
    }
    if let Some(role) = change.role {
        ends |= role != account.role;
        account.role = role;
    }
    if let Some(hash) = change.password_hash {
        ends = true;
        account.password_hash = hash;
    }
    if let Some(disabled) = change.disabled {
        account.disabled = disabled;
    }
    ends
}

async fn fetch(transaction: &mut WriteTransaction, id: &AccountId) -> Result<Option<Account>, StoreError> {
    let query = sqlx::query("SELECT * FROM accounts WHERE id = $1").bind(id.as_str());
    query.fetch_optional(&mut **transaction).await?.as_ref().map(read).transpose()
}

async fn active_admins(transaction: &mut WriteTransaction) -> Result<u64, StoreError> {
    sqlx::query("SELECT COUNT(*) AS number FROM accounts WHERE role = 'admin' AND disabled = 0")
        .fetch_one(&mut **transaction)
        .await?
        .count("number")
}

fn read(row: &AnyRow) -> Result<Account, StoreError> {
    Ok(Account {
        id: row.id("id")?,
        email: row.text("email")?,
        name: row.text("name")?,
        role: row.word("role")?,
        password_hash: row.text("password_hash")?,
        disabled: row.flag("disabled")?,
        session_epoch: row.count("session_epoch")?,
        created_at: row.integer("created_at")?,
        last_seen_at: row.optional_integer("last_seen_at")?,
    })
}
