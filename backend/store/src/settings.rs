//! Settings: a few named texts, such as the organisation's name, the instance id and sealed secrets.

use crate::database::Store;
use crate::error::StoreError;
use crate::row::Columns;

impl Store {
    /// The value of a setting.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query("SELECT value FROM settings WHERE key = $1").bind(key);
        query.fetch_optional(self.reader()).await?.map(|row| row.text("value")).transpose()
    }

    /// Sets a setting.
    pub async fn put_setting(&self, key: &str, value: &str, now: i64) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
        )
        .bind(key)
        .bind(value)
        .bind(now)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// Sets a setting unless it is set, and returns what it is then: of several that start at once, all see one value.
    pub async fn setting_or_put(&self, key: &str, value: &str, now: i64) -> Result<String, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("INSERT INTO settings (key, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(key)
            .bind(value)
            .bind(now)
            .execute(&mut *transaction)
            .await?;
        let row = sqlx::query("SELECT value FROM settings WHERE key = $1").bind(key).fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        row.text("value")
    }

    /// Removes a setting. False if it was not set.
    pub async fn delete_setting(&self, key: &str) -> Result<bool, StoreError> {
        let query = sqlx::query("DELETE FROM settings WHERE key = $1").bind(key);
        Ok(query.execute(self.writer()).await?.rows_affected() == 1)
    }
}
