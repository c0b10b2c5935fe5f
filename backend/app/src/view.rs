//! Small conversions shared by the views that use cases return.

use rollcall_rules::Instant;

/// Microseconds as RFC 3339 in UTC.
pub(crate) fn time(micros: i64) -> String {
    Instant(micros).to_rfc3339()
}
