//! Windows: when events count.

use super::parts::SEASON;
use super::{Field, Kind, Told, field};

const SHIFT: Field = field("shift", "Moves the window back by a duration: the same window a year ago, with 1y.");
const FROM: Field = field("from", "First moment: a date or an instant.");
const TO: Field = field("to", "Last moment: a date, which is included, or an instant, which is not.");

/// Every kind of window: the first whose field an object has is its kind.
pub(crate) const WINDOWS: [Kind; 6] = [
    Kind {
        title: "The last so long",
        name: "last",
        fields: &[field("last", "A duration."), SHIFT],
        parts: &[],
        told: Told {
            means: "From so long ago until now. It rolls: tomorrow it is a day later.",
            boundary: "Both ends are in: exactly 30 days ago counts. A day is 24 hours here; for whole days take a calendar window.",
            example: r#"{"event":"video_view","window":{"last":"30d"}}"#,
        },
    },
    Kind {
        title: "Between so long ago and so long ago",
        name: "between_ago",
        fields: &[field("between_ago", "Two durations, the longer first."), SHIFT],
        parts: &[],
        told: Told {
            means: "A stretch of the past, such as from 60 to 30 days ago.",
            boundary: "The older end is in, the newer end is not, so it meets the last 30 days without an overlap.",
            example: r#"{"event":"video_view","window":{"between_ago":["60d","30d"]}}"#,
        },
    },
    Kind {
        title: "From a date on",
        name: "from",
        fields: &[FROM, TO],
        parts: &[],
        told: Told {
            means: "From a fixed moment, up to another one or to now.",
            boundary: "A date as the end includes that whole day in the rule's time zone; an instant as the end is not included.",
            example: r#"{"event":"purchase","window":{"from":"2026-01-01","to":"2026-03-31"}}"#,
        },
    },
    Kind {
        title: "Up to a date",
        name: "to",
        fields: &[FROM, TO],
        parts: &[],
        told: Told {
            means: "All of history up to a fixed moment.",
            boundary: "Events after now are never seen, even if the end lies in the future.",
            example: r#"{"event":"purchase","window":{"to":"2025-12-31"}}"#,
        },
    },
    Kind {
        title: "A calendar period",
        name: "calendar",
        fields: &[field("calendar", "Name of the period; see the calendar periods."), SHIFT],
        parts: &[],
        told: Told {
            means: "Whole days, weeks, months or years of the calendar, in the rule's time zone.",
            boundary: "This month is the 1st until now: on the 1st it holds a few hours only. With a shift of 1y, “this month” is the \
                       whole of that month a year ago.",
            example: r#"{"event":"purchase","window":{"calendar":"this_month","shift":"1y"}}"#,
        },
    },
    Kind {
        title: "A season",
        name: "season",
        fields: &[field("season", "Whose season, and which one."), SHIFT],
        parts: &[&SEASON],
        told: Told {
            means: "When a season of a catalogue row ran: the last season of NCIS, the one before. Next year the same rule means next \
                    year's season.",
            boundary: "0 is the last season that has begun, also if it is over. If there is no such season the window is empty.",
            example: r#"{"event":"video_view","where":[{"property":"programme","op":"eq","value":"NCIS"}],"window":{"season":{"property":"programme","value":"NCIS","which":-1}},"op":"gte","value":3}"#,
        },
    },
];
