//! Which segments a user is in.

use std::sync::Arc;

use rollcall_engine::{Members, Uid};
use rollcall_store::SegmentId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::access::Caller;
use crate::error::{AppError, Code, Result};
use crate::lists_out::{Guarded as _, Purpose};

/// Most users in one batch.
pub const BATCH: usize = 1000;

/// Segments of a user.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LookupView {
    /// The user.
    pub user_id: String,
    /// Ids of the segments that the user is in and may be used for the purpose; empty without consent.
    pub segments: Vec<String>,
    /// Everything up to this record had been taken in.
    pub watermark_seq: u64,
}

/// Segments of one of many users.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LookupItem {
    /// The user.
    pub user_id: String,
    /// Whether any event, profile or upload has named the user.
    pub known: bool,
    /// Ids of the segments.
    pub segments: Vec<String>,
}

/// Segments of many users.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LookupBatchView {
    /// In the order asked for.
    pub items: Vec<LookupItem>,
    /// Everything up to this record had been taken in.
    pub watermark_seq: u64,
}

impl App {
    /// Segments of one user, for a purpose.
    ///
    /// # Errors
    /// [`Code::UnknownUser`].
    pub async fn lookup(&self, caller: &Caller, user_id: &str, purpose: Purpose) -> Result<LookupView> {
        caller.require(purpose.permission())?;
        let uid = self
            .engine
            .uid(user_id)
            .ok_or_else(|| AppError::new(Code::UnknownUser, "No event, profile or upload has named this user."))?;
        let segments = self.segments_of(&[Some(uid)], purpose).await?.pop().unwrap_or_default();
        Ok(LookupView { user_id: user_id.to_owned(), segments, watermark_seq: self.engine.watermark() })
    }

    /// Segments of up to 1,000 users, for a purpose.
    ///
    /// # Errors
    /// [`Code::TooLarge`] for more.
    pub async fn lookup_batch(&self, caller: &Caller, user_ids: Vec<String>, purpose: Purpose) -> Result<LookupBatchView> {
        caller.require(purpose.permission())?;
        if user_ids.len() > BATCH {
            return Err(AppError::new(
                Code::TooLarge,
                format!("At most {BATCH} users in one request; this one has {}.", user_ids.len()),
            ));
        }
        let uids: Vec<Option<Uid>> = user_ids.iter().map(|user_id| self.engine.uid(user_id)).collect();
        let segments = self.segments_of(&uids, purpose).await?;
        let items = user_ids.into_iter().zip(uids).zip(segments).map(|((user_id, uid), segments)| LookupItem {
            user_id,
            known: uid.is_some(),
            segments,
        });
        Ok(LookupBatchView { items: items.collect(), watermark_seq: self.engine.watermark() })
    }

    async fn segments_of(&self, uids: &[Option<Uid>], purpose: Purpose) -> Result<Vec<Vec<String>>> {
        let mut asked = Members::default();
        for uid in uids.iter().flatten() {
            asked.insert(*uid);
        }
        let mut segments = Vec::new();
        for entry in self.book.entries() {
            let Some(current) = entry.current else { continue };
            let found = current.members.and(&asked);
            if !found.is_empty() {
                // Who keeps a shared address depends on all members, consent on nobody else.
                segments.push((entry.segment.id, if purpose == Purpose::Email { current.members } else { Arc::new(found) }));
            }
        }
        let among = segments.iter().fold(Members::default(), |among, (_, members)| among.or(members));
        let reach = self.reach(purpose, among).await?;
        let uids = uids.to_vec();
        Ok(tokio::task::spawn_blocking(move || {
            let reached: Vec<(SegmentId, Members)> =
                segments.into_iter().map(|(id, members)| (id, reach.of(&members).deliverable.and(&asked))).collect();
            let of = |uid: Uid| reached.iter().filter(move |(_, members)| members.contains(uid));
            uids.iter().map(|uid| uid.iter().flat_map(|uid| of(*uid)).map(|(id, _)| id.as_str().to_owned()).collect()).collect()
        })
        .await?)
    }
}
