//! Accounts, keys, settings.

use crate::tests::fixtures::{NOW, account};
use crate::tests::{Fresh, assert_conflict, on_both};
use crate::{AccountChange, AccountId, ApiKeyId, NewApiKey, Role, Scope, StoreError};

on_both!(
    accounts_are_found_by_id_and_by_address_in_any_case,
    an_address_is_taken_once,
    accounts_come_in_pages,
    changes_that_matter_end_sessions,
    the_last_administrator_stays,
    keys_are_found_by_hash_until_revoked,
    settings_are_set_once_or_again,
    a_database_of_a_newer_version_is_refused,
);

async fn accounts_are_found_by_id_and_by_address_in_any_case(fresh: &Fresh) {
    let store = &fresh.store;
    assert_eq!(store.account_count().await.unwrap(), 0);
    let created = store.create_account(account("a", Role::Marketer), NOW).await.unwrap();
    assert_eq!(created.email, "a@example.com");
    assert_eq!(store.account(&created.id).await.unwrap(), Some(created.clone()));
    assert_eq!(store.account_by_email("A@EXAMPLE.com").await.unwrap(), Some(created.clone()));
    assert_eq!(store.account_by_email("b@example.com").await.unwrap(), None);
    assert_eq!(store.account(&AccountId::new("b")).await.unwrap(), None);

    let minute = 60_000_000;
    for (at, noted) in [(NOW, NOW), (NOW + minute - 1, NOW), (NOW + minute, NOW + minute), (NOW, NOW + minute)] {
        store.touch_account(&created.id, at).await.unwrap();
        assert_eq!(store.account(&created.id).await.unwrap().unwrap().last_seen_at, Some(noted));
    }
    assert_eq!(store.account_count().await.unwrap(), 1);
}

async fn an_address_is_taken_once(fresh: &Fresh) {
    let store = &fresh.store;
    store.create_account(account("a", Role::Admin), NOW).await.unwrap();
    let mut second = account("b", Role::Admin);
    second.email = "A@example.COM".to_owned();
    assert_conflict(store.create_account(second, NOW).await, "accounts_email_key");
    assert_conflict(
        store.create_account(crate::NewAccount { email: "c@example.com".to_owned(), ..account("a", Role::Admin) }, NOW).await,
        "accounts_pkey",
    );
}

async fn accounts_come_in_pages(fresh: &Fresh) {
    let store = &fresh.store;
    for id in ["c", "B", "a", "ä"] {
        store.create_account(account(id, Role::Auditor), NOW).await.unwrap();
    }
    let first = store.accounts(None, 3).await.unwrap();
    let ids: Vec<&str> = first.items.iter().map(|account| account.id.as_str()).collect();
    assert_eq!(ids, ["B", "a", "c"], "ids are ordered by bytes");
    let second = store.accounts(first.next.as_ref(), 3).await.unwrap();
    assert_eq!(second.items.len(), 1);
    assert_eq!(second.next, None);
    assert_eq!(store.accounts(None, 4).await.unwrap().next, None);
}

async fn changes_that_matter_end_sessions(fresh: &Fresh) {
    let store = &fresh.store;
    store.create_account(account("root", Role::Admin), NOW).await.unwrap();
    let id = store.create_account(account("a", Role::Marketer), NOW).await.unwrap().id;
    let change = |change: AccountChange| async { store.update_account(&id, change).await.unwrap().unwrap() };

    let renamed = change(AccountChange { name: Some("New".to_owned()), ..AccountChange::default() }).await;
    assert_eq!((renamed.name.as_str(), renamed.session_epoch), ("New", 0));
    let same = change(AccountChange { role: Some(Role::Marketer), ..AccountChange::default() }).await;
    assert_eq!(same.session_epoch, 0);
    let promoted = change(AccountChange { role: Some(Role::Auditor), ..AccountChange::default() }).await;
    assert_eq!((promoted.role, promoted.session_epoch), (Role::Auditor, 1));
    let rehashed = change(AccountChange { password_hash: Some("x".to_owned()), ..AccountChange::default() }).await;
    assert_eq!(rehashed.session_epoch, 2);
    let disabled = change(AccountChange { disabled: Some(true), ..AccountChange::default() }).await;
    assert_eq!((disabled.disabled, disabled.session_epoch), (true, 3));
    let enabled = change(AccountChange { disabled: Some(false), ..AccountChange::default() }).await;
    assert_eq!((enabled.disabled, enabled.session_epoch), (false, 3));

    assert!(store.end_sessions(&id).await.unwrap());
    let stored = store.account(&id).await.unwrap().unwrap();
    assert_eq!(stored.session_epoch, 4);
    assert!(!store.end_sessions(&AccountId::new("nobody")).await.unwrap());
    let nobody = store.update_account(&AccountId::new("nobody"), AccountChange::default()).await.unwrap();
    assert_eq!(nobody, None);
}

async fn the_last_administrator_stays(fresh: &Fresh) {
    let store = &fresh.store;
    let ids = [AccountId::new("a"), AccountId::new("b")];
    for id in &ids {
        store.create_account(account(id.as_str(), Role::Admin), NOW).await.unwrap();
    }
    let demote = AccountChange { role: Some(Role::Marketer), ..AccountChange::default() };
    let disable = AccountChange { disabled: Some(true), ..AccountChange::default() };
    // Both at once: one of them must be refused.
    let (first, second) = tokio::join!(store.update_account(&ids[0], demote), store.update_account(&ids[1], disable));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
    let refused = if first.is_ok() { second } else { first };
    assert_conflict(refused, "accounts_last_admin");
}

async fn keys_are_found_by_hash_until_revoked(fresh: &Fresh) {
    let store = &fresh.store;
    let new = |id: &str, hash: u8| NewApiKey {
        id: ApiKeyId::new(id),
        name: "Ad server".to_owned(),
        prefix: "rk_abc".to_owned(),
        hash: vec![hash; 32],
        scopes: vec![Scope::Pull, Scope::Collect],
        created_by: None,
    };
    let key = store.create_api_key(new("k1", 1), NOW).await.unwrap();
    assert_conflict(store.create_api_key(new("k2", 1), NOW).await, "api_keys_hash_key");
    assert_conflict(store.create_api_key(new("k1", 2), NOW).await, "api_keys_pkey");
    assert_eq!(store.api_key_by_hash(&[1; 32]).await.unwrap(), Some(key.clone()));
    assert_eq!(store.api_key_by_hash(&[2; 32]).await.unwrap(), None);
    store.touch_api_key(&key.id, NOW + 1).await.unwrap();
    assert!(store.revoke_api_key(&key.id, NOW + 2).await.unwrap().is_some());
    assert!(store.revoke_api_key(&key.id, NOW + 3).await.unwrap().is_none());
    assert_eq!(store.api_key_by_hash(&[1; 32]).await.unwrap(), None);
    let listed = store.api_keys().await.unwrap();
    assert_eq!((listed[0].last_used_at, listed[0].revoked_at), (Some(NOW + 1), Some(NOW + 2)));

    let unknown = NewApiKey { created_by: Some(AccountId::new("nobody")), ..new("k3", 3) };
    assert_conflict(store.create_api_key(unknown, NOW).await, "foreign_key");
}

async fn settings_are_set_once_or_again(fresh: &Fresh) {
    let store = &fresh.store;
    assert_eq!(store.setting("organisation").await.unwrap(), None);
    store.put_setting("organisation", "Ours", NOW).await.unwrap();
    store.put_setting("organisation", "Ours, Inc.", NOW).await.unwrap();
    assert_eq!(store.setting("organisation").await.unwrap().as_deref(), Some("Ours, Inc."));

    let (first, second) =
        tokio::join!(store.setting_or_put("session_key", "one", NOW), store.setting_or_put("session_key", "two", NOW));
    assert_eq!(first.unwrap(), second.unwrap());
    match (fresh.store.dialect(), store.put_setting("key", "a\0b", NOW).await) {
        (crate::Dialect::Sqlite, stored) => stored.unwrap(),
        (crate::Dialect::Postgres, refused) => assert_conflict(refused, "text_with_nul"),
    }
    assert!(store.delete_setting("session_key").await.unwrap());
    assert!(!store.delete_setting("session_key").await.unwrap());
}

async fn a_database_of_a_newer_version_is_refused(fresh: &Fresh) {
    let store = &fresh.store;
    store.put_setting("kept", "yes", NOW).await.unwrap();
    let again = crate::Store::open(&fresh.url).await.unwrap();
    assert_eq!(again.setting("kept").await.unwrap().as_deref(), Some("yes"));
    again.ping().await.unwrap();
    again.close().await;

    let newer = fresh.pick(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) \
         VALUES (9999, 'from the future', CURRENT_TIMESTAMP, TRUE, X'00', 0)",
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) \
         VALUES (9999, 'from the future', now(), TRUE, '\\x00', 0)",
    );
    fresh.raw(newer).await.unwrap();
    assert!(matches!(crate::Store::open(&fresh.url).await, Err(StoreError::Sql(_))));
}

#[tokio::test]
async fn other_urls_are_refused() {
    for url in ["mysql://host/database", "rollcall.db", "", "sqlite::memory:"] {
        assert!(matches!(crate::Store::open(url).await, Err(StoreError::Url(_))), "{url}");
    }
    let missing = crate::Store::open("sqlite:///nowhere/at/all/rollcall.db").await;
    assert!(matches!(missing, Err(StoreError::Unavailable(_))), "{missing:?}");
}
