//! Collection: from tracking calls and files to facts, with every record ending in exactly one ledger column.
//!
//! Data flow: [`tracking::decode`] turns an HTTP request, and [`import`] turns the rows of a file, into envelopes
//! ([`envelope`]). The caller appends them to the event log; once that resolves they are durable and may be acknowledged.
//! [`TakeIn`] follows the log on its own thread: [`intake`] makes of every record a fact, a duplicate or a quarantined
//! record; facts go to the engine at once (visible within a moment) and, by size or age, with everything else to the
//! lake and the ledger in one crash-safe flush. See [`take_in`] for the protocol. [`catalogue`] reads uploaded catalogues.

pub mod catalogue;
pub mod envelope;
pub mod error;
pub mod import;
pub mod intake;
pub mod limits;
pub mod live;
mod message;
#[cfg(test)]
mod rig;
pub mod take_in;
mod tally;
pub mod tracking;

pub use error::{CollectError, TrackingError};
pub use intake::{Intake, Outcome};
pub use limits::Limits;
pub use live::{LiveOutcome, LiveRecord};
pub use message::Refusal;
pub use take_in::{ImportCounts, TakeIn, TakeInOptions, TakeInStatus};
pub use tracking::{Decoded, MessageType, RouteKind, TrackingRequest, decode, write_key_of_headers};
