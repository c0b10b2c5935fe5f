//! Who did what, append-only and chained by hash.

use rollcall_store::{NewAuditEntry, TrailFault};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Result};
use crate::view::time;

/// Something that somebody did.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrailEntryView {
    /// Position, from 1, without gaps.
    pub id: u64,
    /// When.
    pub at: String,
    /// Name of who did it.
    pub actor: String,
    /// `person`, `machine` or `system`.
    pub actor_kind: String,
    /// Id of the account or API key; empty in the oldest entries.
    pub actor_id: String,
    /// What, as `thing.verb`.
    pub action: String,
    /// Kind of the thing it was done to.
    pub target_kind: String,
    /// Id of that thing.
    pub target_id: String,
    /// More.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// SHA-256 over this entry and the hash of the one before it.
    pub hash: String,
}

/// Whether the trail is as it was written.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrailCheckView {
    /// Whether every entry is there and as it was sealed.
    pub intact: bool,
    /// Entries that follow from each other, from the first on.
    pub entries: u64,
    /// Hash of the last of them. Written down elsewhere, it proves later that nothing before it was changed.
    pub head: String,
    /// The first fault, in words.
    pub fault: Option<String>,
}

/// The trail, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TrailPage {
    /// This page.
    pub items: Vec<TrailEntryView>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
}

impl App {
    /// Notes what a caller did.
    pub(crate) async fn record(
        &self,
        caller: &Caller,
        action: &str,
        target_kind: &str,
        target_id: &str,
        detail: Value,
    ) -> Result<()> {
        self.store.append_audit(trail_entry(caller, action, (target_kind, target_id), detail), self.now().0).await?;
        Ok(())
    }

    /// Follows the trail's chain of hashes from the first entry to the last.
    ///
    /// # Errors
    /// Forbidden to all but administrators and auditors.
    pub async fn check_audit_trail(&self, caller: &Caller) -> Result<TrailCheckView> {
        caller.require(Permission::ReadTrail)?;
        let found = self.store.verify_audit_trail().await?;
        let fault = found.fault.map(|fault| match fault {
            TrailFault::Missing { id } => format!("Entry {id} is missing."),
            TrailFault::Altered { id } => format!("Entry {id} is not what was written."),
            TrailFault::Cut { id } => format!("The trail does not end where it did: entry {id} is the last that is there."),
        });
        Ok(TrailCheckView { intact: fault.is_none(), entries: found.entries, head: found.head, fault })
    }

    /// The trail, newest first.
    ///
    /// # Errors
    /// Forbidden to all but administrators and auditors.
    pub async fn audit_trail(&self, caller: &Caller, cursor: Option<String>, limit: u32) -> Result<TrailPage> {
        caller.require(Permission::ReadTrail)?;
        let before = cursor
            .map(|cursor| cursor.parse::<u64>())
            .transpose()
            .map_err(|_| AppError::field("", "bad_cursor", "This cursor is not one of ours."))?;
        let page = self.store.audit_trail(before, limit.clamp(1, 500)).await?;
        let items = page.items.into_iter().map(|found| TrailEntryView {
            id: found.id,
            at: time(found.at),
            actor: found.entry.actor,
            actor_kind: found.entry.actor_kind,
            actor_id: found.entry.actor_id,
            action: found.entry.action,
            target_kind: found.entry.target_kind,
            target_id: found.entry.target_id,
            detail: found.entry.detail,
            hash: found.hash,
        });
        Ok(TrailPage { items: items.collect(), next_cursor: page.next.map(|next| next.to_string()) })
    }
}

/// What a caller did to a target, its kind and id.
pub(crate) fn trail_entry(caller: &Caller, action: &str, (target_kind, target_id): (&str, &str), detail: Value) -> NewAuditEntry {
    let (actor_kind, actor_id) = caller.identity();
    NewAuditEntry {
        actor: caller.name().to_owned(),
        actor_kind: actor_kind.to_owned(),
        actor_id: actor_id.to_owned(),
        action: action.to_owned(),
        target_kind: target_kind.to_owned(),
        target_id: target_id.to_owned(),
        detail,
    }
}
