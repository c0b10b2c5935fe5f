//! The schema registry: one document, learnt by taking in and declared by people.

use rollcall_rules::Schema;

use crate::database::{Store, WriteTransaction};
use crate::error::StoreError;
use crate::row::{Columns, to_json};

impl Store {
    /// The schema as of the checkpoint; empty before the first flush.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        let row = sqlx::query("SELECT document FROM schema_registry").fetch_optional(self.reader()).await?;
        row.map_or_else(|| Ok(Schema::default()), |row| row.json("document"))
    }

    /// Stores the schema outside a flush, after types were declared. Its one writer is taking in.
    pub async fn save_schema(&self, schema: &Schema, now: i64) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        write(&mut transaction, schema, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}

pub(crate) async fn write(transaction: &mut WriteTransaction, schema: &Schema, now: i64) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO schema_registry (id, document, updated_at) VALUES (1, $1, $2) \
         ON CONFLICT (id) DO UPDATE SET document = excluded.document, updated_at = excluded.updated_at",
    )
    .bind(to_json(schema)?)
    .bind(now)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
