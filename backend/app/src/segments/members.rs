//! Who is in a segment, and who came and went.

use std::sync::Arc;

use rollcall_engine::Uid;
use rollcall_rules::Instant;
use serde::Serialize;
use utoipa::ToSchema;

use super::book;
use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Code, Result};
use crate::lists_out::{Guarded as _, Purpose};

/// A member.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MemberView {
    /// User id, or its pseudonym.
    pub user_id: String,
    /// Traits at this moment; none for auditors.
    #[schema(value_type = Object)]
    pub traits: serde_json::Map<String, serde_json::Value>,
}

/// Members of the latest build.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MembersPage {
    /// This page.
    pub items: Vec<MemberView>,
    /// Size of the whole segment.
    pub count: u64,
    /// The build they are of.
    pub build_id: Option<String>,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
    /// Whether `user_id` is a pseudonym.
    pub pseudonymous: bool,
}

/// From the list of a build, taken at any time while it was the latest, to the list of now. Both sides are sets to apply:
/// the same delta applied twice changes nothing, `added` may name users that are held already, and `removed` users that are
/// not held. Nobody is on both sides.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DeltaView {
    /// The build whose list the caller holds.
    pub from_build: String,
    /// The latest build: the next delta's `since`.
    pub to_build: String,
    /// Users to add unless they are held.
    pub added: Vec<String>,
    /// Users to remove if they are held: no longer in the segment, or not to be reached for the purpose any more.
    pub removed: Vec<String>,
    /// Size of the list after the change.
    pub count: u64,
    /// Digest of the list after the change. If the caller's differs, it takes the whole list.
    pub digest: String,
}

impl App {
    /// Top-level traits of a user as JSON.
    pub(crate) fn traits_json(&self, uid: Uid, now: Instant) -> serde_json::Map<String, serde_json::Value> {
        self.engine.traits_of(uid, now).into_iter().map(|(path, value)| (path, value.to_json())).collect()
    }

    /// Members of the latest build, a page at a time.
    ///
    /// # Errors
    /// No such segment; a cursor that is not ours.
    pub async fn segment_members(&self, caller: &Caller, id: &str, cursor: Option<String>, limit: usize) -> Result<MembersPage> {
        caller.require(Permission::ReadMembers)?;
        let entry = self.entry(id)?;
        let pseudonymous = caller.sees_pseudonyms();
        let Some(current) = entry.current else {
            return Ok(MembersPage { items: Vec::new(), count: 0, build_id: None, next_cursor: None, pseudonymous });
        };
        let from = match cursor {
            Some(cursor) => u64::from_str_radix(&cursor, 16)
                .map_err(|_| AppError::field("", "bad_cursor", "This cursor is not one of ours."))?,
            None => 0,
        };
        let limit = limit.clamp(1, 1000);
        let app = self.clone();
        let now = self.now();
        tokio::task::spawn_blocking(move || {
            let mut items = Vec::with_capacity(limit);
            let mut next_cursor = None;
            for uid in current.members.iter().skip_while(|uid| uid.to_u64() < from) {
                if items.len() == limit {
                    next_cursor = Some(format!("{:x}", uid.to_u64()));
                    break;
                }
                let Some(user_id) = app.engine.user_id(uid) else { continue };
                items.push(if pseudonymous {
                    MemberView { user_id: app.pseudonym(&user_id), traits: serde_json::Map::new() }
                } else {
                    MemberView { user_id, traits: app.traits_json(uid, now) }
                });
            }
            Ok(MembersPage {
                items,
                count: current.build.count,
                build_id: Some(current.build.id.into_string()),
                next_cursor,
                pseudonymous,
            })
        })
        .await?
    }

    /// What changed since a build, for a purpose.
    ///
    /// # Errors
    /// [`Code::BuildGone`] if the build is unknown or of another segment: take the whole list.
    pub async fn segment_delta(&self, caller: &Caller, id: &str, since: &str, purpose: Purpose) -> Result<DeltaView> {
        caller.require(purpose.permission())?;
        let entry = self.entry(id)?;
        let gone = || {
            AppError::new(
                Code::BuildGone,
                "This build is not one of the segment's, or its members are no longer kept. Take the whole list.",
            )
        };
        let from = self
            .store
            .build(&rollcall_store::BuildId::new(since))
            .await?
            .filter(|build| build.segment_id == entry.segment.id)
            .ok_or_else(gone)?;
        let before = book::members_of(&self.store, &from).await?.ok_or_else(gone)?;
        let current = entry.current.ok_or_else(gone)?;
        let held = self.delivered(&from, Arc::new(before), purpose).await?;
        let allowed = self.drops(&current.members, purpose).await?.deliverable;
        let added = allowed.and_not(&held.certainly);
        let removed = held.possibly.and_not(&allowed);
        let detail = serde_json::json!({
            "purpose": purpose.as_str(), "added": added.len(), "removed": removed.len(), "since": from.id.as_str(), "build_id": current.build.id.as_str(),
        });
        self.record(caller, "list.delta", "segment", id, detail).await?;
        let engine = self.engine.clone();
        let (to_build, from_build) = (current.build.id.into_string(), from.id.into_string());
        Ok(tokio::task::spawn_blocking(move || DeltaView {
            from_build,
            to_build,
            added: engine.sorted_user_ids(&added),
            removed: engine.sorted_user_ids(&removed),
            count: allowed.len(),
            digest: engine.digest(&allowed),
        })
        .await?)
    }
}
