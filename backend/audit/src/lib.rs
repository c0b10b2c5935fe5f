//! What lets an auditor believe a count: the recount by the second path, and pseudonyms that keep people out of it.
//!
//! Data flow: a stored build (rule, instant, watermark, its user ids and digest) -> [`recount`] evaluates the same rule by
//! SQL over the raw events of the lake -> both sets are compared user by user. The audit trail, chained by hash, is kept
//! by the store.

mod pseudonym;
mod recount;

pub use pseudonym::pseudonym;
pub use recount::{RecountRequest, Recounted, compare, recount};

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The lake could not answer.
    #[error(transparent)]
    Lake(#[from] rollcall_lake::LakeError),
}
