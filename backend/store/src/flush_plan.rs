//! The store's half of the flush protocol, which makes every record count exactly once across a crash.
//!
//! Taking in writes to three places: lake, engine files, ledger. Before the first it saves a plan here (one at a time);
//! after the others it commits the plan: ledger deltas, checkpoint and schema change in one transaction that also
//! deletes the plan. After a crash the plan that is still here says what to finish, or to drop.

use rollcall_rules::Schema;

use crate::database::Store;
use crate::error::StoreError;
use crate::ledger::{self, LedgerDelta};
use crate::row::{Columns, signed, to_json};
use crate::schema;

/// What a flush is about to do.
#[derive(Debug, Clone, PartialEq)]
pub struct FlushPlan {
    /// The last record of the flush.
    pub to_seq: u64,
    /// When its last record was received: the data are complete up to here.
    pub taken_in_at: i64,
    /// What it adds to the ledger.
    pub deltas: Vec<LedgerDelta>,
    /// The schema as learnt up to `to_seq`.
    pub schema: Schema,
}

/// How far the log has been taken in for good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Every record up to here is in lake, engine files and ledger; 0 before the first flush.
    pub seq: u64,
    /// When the last of these records was received.
    pub taken_in_at: Option<i64>,
}

impl Store {
    /// Saves the plan of a flush, in place of a plan that was never committed.
    pub async fn save_flush_plan(&self, plan: &FlushPlan) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO flush_plan (id, to_seq, taken_in_at, deltas, schema_document) VALUES (1, $1, $2, $3, $4) \
             ON CONFLICT (id) DO UPDATE SET to_seq = excluded.to_seq, taken_in_at = excluded.taken_in_at, \
             deltas = excluded.deltas, schema_document = excluded.schema_document",
        )
        .bind(signed(plan.to_seq)?)
        .bind(plan.taken_in_at)
        .bind(to_json(&plan.deltas)?)
        .bind(to_json(&plan.schema)?)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    /// The plan that was saved and neither committed nor dropped.
    pub async fn flush_plan(&self) -> Result<Option<FlushPlan>, StoreError> {
        let row = sqlx::query("SELECT * FROM flush_plan").fetch_optional(self.reader()).await?;
        row.as_ref().map(read).transpose()
    }

    /// Drops the saved plan, if any.
    pub async fn drop_flush_plan(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM flush_plan").execute(self.writer()).await?;
        Ok(())
    }

    /// Commits the saved plan: adds its deltas to the ledger, moves the checkpoint, stores the schema, deletes the plan.
    /// Committing the same `to_seq` again changes nothing.
    ///
    /// # Errors
    /// `Conflict("flush_plan_missing")` if there is no plan up to `to_seq` and the checkpoint is not there either;
    /// `Conflict("flush_plan_unbalanced")` if a delta does not add up; `Conflict("flush_plan_behind")` if the plan ends
    /// before the checkpoint.
    pub async fn commit_flush_plan(&self, to_seq: u64) -> Result<Checkpoint, StoreError> {
        let mut transaction = self.begin().await?;
        // The update takes the row's lock before anything is read.
        sqlx::query("UPDATE take_in_checkpoint SET seq = seq").execute(&mut *transaction).await?;
        let row = sqlx::query("SELECT * FROM take_in_checkpoint").fetch_one(&mut *transaction).await?;
        let checkpoint = read_checkpoint(&row)?;
        let row = sqlx::query("SELECT * FROM flush_plan").fetch_optional(&mut *transaction).await?;
        let Some(plan) = row.as_ref().map(read).transpose()?.filter(|plan| plan.to_seq == to_seq) else {
            let done = checkpoint.seq == to_seq;
            return if done { Ok(checkpoint) } else { Err(StoreError::Conflict("flush_plan_missing")) };
        };
        if plan.to_seq < checkpoint.seq {
            return Err(StoreError::Conflict("flush_plan_behind"));
        }
        if !plan.deltas.iter().all(|delta| delta.counts.is_balanced()) {
            return Err(StoreError::Conflict("flush_plan_unbalanced"));
        }
        ledger::add(&mut transaction, &plan.deltas).await?;
        schema::write(&mut transaction, &plan.schema, plan.taken_in_at).await?;
        sqlx::query("UPDATE take_in_checkpoint SET seq = $1, taken_in_at = $2")
            .bind(signed(plan.to_seq)?)
            .bind(plan.taken_in_at)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM flush_plan").execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Checkpoint { seq: plan.to_seq, taken_in_at: Some(plan.taken_in_at) })
    }

    /// How far the log has been taken in for good.
    pub async fn checkpoint(&self) -> Result<Checkpoint, StoreError> {
        let row = sqlx::query("SELECT * FROM take_in_checkpoint").fetch_one(self.reader()).await?;
        read_checkpoint(&row)
    }
}

fn read(row: &sqlx::any::AnyRow) -> Result<FlushPlan, StoreError> {
    Ok(FlushPlan {
        to_seq: row.count("to_seq")?,
        taken_in_at: row.integer("taken_in_at")?,
        deltas: row.json("deltas")?,
        schema: row.json("schema_document")?,
    })
}

fn read_checkpoint(row: &sqlx::any::AnyRow) -> Result<Checkpoint, StoreError> {
    Ok(Checkpoint { seq: row.count("seq")?, taken_in_at: row.optional_integer("taken_in_at")? })
}
