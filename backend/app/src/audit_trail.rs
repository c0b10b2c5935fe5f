//! Who did what, append-only and chained by hash.

use rollcall_store::NewAuditEntry;
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
        let (actor_kind, _) = caller.identity();
        let entry = NewAuditEntry {
            actor: caller.name().to_owned(),
            actor_kind: actor_kind.to_owned(),
            action: action.to_owned(),
            target_kind: target_kind.to_owned(),
            target_id: target_id.to_owned(),
            detail,
        };
        self.store.append_audit(entry, self.now().0).await?;
        Ok(())
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
            action: found.entry.action,
            target_kind: found.entry.target_kind,
            target_id: found.entry.target_id,
            detail: found.entry.detail,
            hash: found.hash,
        });
        Ok(TrailPage { items: items.collect(), next_cursor: page.next.map(|next| next.to_string()) })
    }
}
