//! The metadata store: everything Rollcall remembers that is neither an event nor an index of events.
//!
//! Data flow: a caller opens one [`Store`] by URL (`sqlite:///path/rollcall.db` or `postgres://...`), which applies the
//! embedded migrations of that dialect and hands out a cloneable handle. Every method is one transaction: domain values
//! in, one or more SQL statements, domain values out. No SQL type leaves this crate and no clock or randomness is
//! consulted inside it: callers pass `now` (microseconds since 1970, UTC) and ids (UUID version 7 recommended, since ids
//! break ties in orders by time).
//!
//! One code base serves both dialects: SQL is written in the common subset, with `$n` placeholders, BIGINT for numbers,
//! times and booleans, TEXT for ids and JSON (binary collation on both), BLOB/BYTEA for bytes. The few places that
//! differ are in `database.rs`: how a write transaction begins, and how rows are claimed without waiting.
//!
//! Writes. SQLite has a single write connection whose transactions are `BEGIN IMMEDIATE`, so that no transaction is ever
//! refused for upgrading a read lock; readers have their own connections on the WAL. PostgreSQL uses READ COMMITTED:
//! read-then-write steps either take the row lock by their first `UPDATE` or hold a named row of `store_locks`.
//!
//! Errors: a missing row is `None` (or `false`), a broken rule is [`StoreError::Conflict`] with the constraint's stable
//! name, the same on both dialects.

pub mod accounts;
pub mod api_keys;
pub mod audit_trail;
pub mod builds;
pub mod campaigns;
pub mod catalogues;
mod database;
pub mod error;
pub mod flush_plan;
pub mod ids;
pub mod imports;
pub mod ledger;
pub mod lists;
pub mod members;
pub mod page;
pub mod recipients;
pub mod recounts;
mod references;
mod row;
pub mod schema;
pub mod segment_versions;
pub mod segments;
pub mod settings;
pub mod sources;
pub mod suppressions;
mod words;

#[cfg(test)]
mod tests;

pub use accounts::{Account, AccountChange, NewAccount, Role};
pub use api_keys::{ApiKey, NewApiKey, Scope};
pub use audit_trail::{AuditEntry, NewAuditEntry, TrailCheck, TrailFault};
pub use builds::{Build, DayCount, HistoryPoint, NewBuild};
pub use campaigns::{BodyFormat, Campaign, CampaignContent, CampaignDrops, CampaignState, NewCampaign};
pub use catalogues::Catalogue;
pub use database::{Dialect, Store};
pub use error::StoreError;
pub use flush_plan::{Checkpoint, FlushPlan};
pub use ids::{AccountId, ApiKeyId, BuildId, CampaignId, CatalogueId, ImportId, ListId, RecountId, SegmentId, SourceId};
pub use imports::{Import, ImportEnd, ImportProgress, ImportState, NewImport};
pub use ledger::{LedgerCounts, LedgerDelta, LedgerRow};
pub use lists::{List, ListVersion, NewList};
pub use members::{MembersChain, MembersDelta, MembersPayload};
pub use page::Page;
pub use recipients::{NewRecipient, Recipient, RecipientCounts, RecipientOutcome, RecipientState};
pub use recounts::{NewRecount, Recount, RecountOutcome, RecountSide, RecountState};
pub use segment_versions::{NewVersion, SegmentVersion};
pub use segments::{CheckState, NewSegment, Person, Segment, SegmentFilter};
pub use sources::{NewSource, Source, SourceChange};
pub use suppressions::{NewSuppression, Suppression};
