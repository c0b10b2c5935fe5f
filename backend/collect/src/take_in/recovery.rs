//! What a start does before the first record: making good, or dropping, what the last process left behind.

use futures::StreamExt;
use rollcall_engine::Engine;
use rollcall_lake::Lake;
use rollcall_log::EventLog;
use rollcall_rules::Schema;
use rollcall_store::{Checkpoint, Store};

use crate::error::CollectError;

/// Facts between two flushes of an index that is being rebuilt.
const REBUILD_FLUSH: usize = 1_000_000;

/// Where taking in goes on.
#[derive(Debug, Clone)]
pub struct Recovered {
    /// Everything up to it is in lake, engine files and ledger.
    pub checkpoint: Checkpoint,
    /// The types known there.
    pub schema: Schema,
}

/// Brings store and index to one state and checks that the log goes on from there.
///
/// # Errors
/// If a part fails, or the parts are not of one history.
pub async fn recover(log: &dyn EventLog, engine: &Engine, lake: &Lake, store: &Store) -> Result<Recovered, CollectError> {
    let checkpoint = settle_plan(engine, store).await?;
    let schema = store.schema().await?;
    let durable = engine.durable_seq();
    if durable > checkpoint.seq {
        return Err(CollectError::IndexAhead { durable, checkpoint: checkpoint.seq });
    }
    if durable < checkpoint.seq {
        rebuild(engine, lake, &schema, checkpoint.seq).await?;
    }
    let (start, end, next) = (log.start(), log.end(), checkpoint.seq + 1);
    // A log that ends before the checkpoint would give the same offsets again.
    if start > next || end < next {
        return Err(CollectError::LogGap { start, end, next });
    }
    Ok(Recovered { checkpoint, schema })
}

/// Commits a plan whose lake and index parts were done, drops any other.
async fn settle_plan(engine: &Engine, store: &Store) -> Result<Checkpoint, CollectError> {
    if let Some(plan) = store.flush_plan().await? {
        if engine.durable_seq() == plan.to_seq {
            tracing::info!(take_in.to_seq = plan.to_seq, "finished an interrupted flush");
            return Ok(store.commit_flush_plan(plan.to_seq).await?);
        }
        tracing::info!(take_in.to_seq = plan.to_seq, "dropped an interrupted flush; the log will be read again");
        store.drop_flush_plan().await?;
    }
    Ok(store.checkpoint().await?)
}

/// Fills the index from the lake, from where it stands up to `up_to`.
///
/// # Errors
/// If lake or engine fail; what was flushed so far stays, and a later call goes on from there.
pub async fn rebuild(engine: &Engine, lake: &Lake, schema: &Schema, up_to: u64) -> Result<(), CollectError> {
    let after = engine.durable_seq();
    tracing::info!(take_in.after = after, take_in.up_to = up_to, "rebuilding the index from the lake");
    let mut stream = lake.facts(after, up_to, schema).await?;
    let mut unflushed = 0;
    while let Some(facts) = stream.next().await {
        let facts = facts?;
        let Some(last) = facts.last().map(rollcall_rules::Fact::seq) else { continue };
        engine.append(&facts, last);
        unflushed += facts.len();
        if unflushed >= REBUILD_FLUSH {
            engine.flush()?;
            unflushed = 0;
        }
    }
    engine.append(&[], up_to);
    engine.flush()?;
    Ok(())
}
