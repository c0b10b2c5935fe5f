//! What is accepted with a warning.

use super::Told;

/// A warning: legal, but perhaps not what was meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WarningRow {
    /// Stable code.
    pub code: &'static str,
    pub told: Told,
}

const fn row(code: &'static str, means: &'static str, boundary: &'static str, example: &'static str) -> WarningRow {
    WarningRow { code, told: Told { means, boundary, example } }
}

/// Every warning that a check may give.
pub(crate) const WARNINGS: &[WarningRow] = &[
    row(
        "never_seen_event",
        "No event of this name has ever arrived.",
        "It may be a slip of the pen, or an event that is still to come. Until then nobody did it.",
        r#"{"event":"vidoe_view"}"#,
    ),
    row(
        "never_seen_property",
        "None of these events has ever had this property.",
        "Until one has, only “not” comparisons hold.",
        r#"{"event":"purchase","where":[{"property":"colour","op":"eq","value":"red"}]}"#,
    ),
    row(
        "never_seen_trait",
        "No profile has ever had this trait.",
        "Until one has, only “not” comparisons hold.",
        r#"{"trait":"shoe_size","op":"gte","value":40}"#,
    ),
    row(
        "never_seen_attribute",
        "No row of the catalogue has ever had this attribute.",
        "It may come with the next upload of the catalogue.",
        r#"{"event":"video_view","where":[{"property":"programme.colour","op":"eq","value":"red"}]}"#,
    ),
    row(
        "never_seen_row",
        "The catalogue has no such row, so the season's window is empty.",
        "It may come with the next upload of the catalogue.",
        r#"{"event":"video_view","window":{"season":{"property":"programme","value":"NICS"}}}"#,
    ),
    row(
        "before_oldest_event",
        "The window begins before the oldest event that is kept.",
        "Nothing is known of the time before it. “Ever”, without a window, is not warned of.",
        "",
    ),
    row(
        "unhealthy_days",
        "It asks who did not do something on days on which events may not have arrived.",
        "What did not arrive counts as not done, so there may be too many users. The source's ledger marks such days.",
        "",
    ),
];
