//! Kinds of conditions: on users (nodes) and on one event (filters).

use super::parts::{FIRST_TIME, RANKING, REGULAR, STEP, TOP, WITHOUT};
use super::{Field, Kind, Told, field};

/// Any node may have it.
pub(crate) const LABEL: Field =
    field("label", "A name for the condition, shown to people. Every condition may have one; it changes nothing.");
/// The root may have it.
pub(crate) const ZONE: Field = field(
    "tz",
    "On the whole rule only: the time zone in which days, weeks and months begin and end, such as Europe/Paris. UTC if it is left out.",
);

const OP: &str = "How to compare; see the operators.";
const VALUE: &str = "What to compare with; its form depends on the operator.";
const IGNORE_CASE: &str = "`true` if upper and lower case are the same. Only where texts are compared.";
const EVENT: &str = "Which event: a name, a list of names (any of them counts), or `\"*\"` for every event.";
const WHERE: &str = "Filters on the event's properties; all of them have to hold.";
const WINDOW: &str = "When the events count; all of history if it is left out.";

/// Every kind of node, in the contract's order: the first whose field an object has is its kind.
pub(crate) const NODES: [Kind; 12] = [
    Kind {
        title: "All of these",
        name: "all",
        fields: &[field("all", "A list of conditions.")],
        parts: &[],
        told: Told {
            means: "Users who meet every condition of the list.",
            boundary: "An empty list is refused, so nobody gets everybody by mistake.",
            example: r#"{"all":[{"trait":"gender","op":"eq","value":"F"},{"trait":"age","op":"between","value":[25,49]}]}"#,
        },
    },
    Kind {
        title: "Any of these",
        name: "any",
        fields: &[field("any", "A list of conditions.")],
        parts: &[],
        told: Told {
            means: "Users who meet at least one condition of the list.",
            boundary: "Somebody who meets several is one user. So the sizes of the lines can add up to more than the whole.",
            example: r#"{"any":[{"trait":"plan","op":"eq","value":"gold"},{"event":"purchase","window":{"last":"90d"}}]}"#,
        },
    },
    Kind {
        title: "Not",
        name: "not",
        fields: &[field("not", "One condition.")],
        parts: &[],
        told: Told {
            means: "All known users who do not meet the condition. Nothing is ever “unknown”: everybody is in it or out of it.",
            boundary: "Users whom no event, profile or upload has named are not known, so they are not in it either.",
            example: r#"{"not":{"event":"purchase","window":{"last":"90d"}}}"#,
        },
    },
    Kind {
        title: "Everyone",
        name: "everyone",
        fields: &[field("everyone", "`true`.")],
        parts: &[],
        told: Told {
            means: "All known users: named by an event, a profile or an upload of profiles by now, and not erased.",
            boundary: "`false` is refused. For nobody, put it into “not”.",
            example: r#"{"everyone":true}"#,
        },
    },
    Kind {
        title: "By profile",
        name: "trait",
        fields: &[
            field("trait", "Name of the trait; `address.city` for a value inside an object."),
            field("op", OP),
            field("value", VALUE),
            field("ignore_case", IGNORE_CASE),
        ],
        parts: &[],
        told: Told {
            means: "Users by what their profile says now. The latest value counts, by the time it was given, not by when it arrived.",
            boundary: "A trait that was never given, or was removed, is not set: every comparison with it fails, and every “not” \
                       comparison holds. So “plan is not gold” includes users without a plan.",
            example: r#"{"trait":"plan","op":"neq","value":"gold"}"#,
        },
    },
    Kind {
        title: "By behaviour",
        name: "event",
        fields: &[
            field("event", EVENT),
            field("where", WHERE),
            field("window", WINDOW),
            field("agg", "What is computed over the events; `count` if it is left out. See the aggregates."),
            field("of", "The property that it is computed over; not for `count` and `days`."),
            field("op", "How to compare the result; “at least” if it is left out, for `count` only."),
            field("value", "What to compare with; 1 if it is left out, for `count` only."),
            field("ignore_case", "`true` if upper and lower case are the same. Only with `first` and `last`, on texts."),
        ],
        parts: &[],
        told: Told {
            means: "Users by what they did. With nothing but the event: users who did it at least once, ever.",
            boundary: "At most and exactly 0 include users who never did it: count(purchase) <= 2 is true of a user without any \
                       purchase. Sent again with the same message id, an event still is one event.",
            example: r#"{"event":"video_view","where":[{"property":"programme","op":"eq","value":"NCIS"}],"window":{"last":"30d"},"op":"gte","value":3}"#,
        },
    },
    Kind {
        title: "In this order",
        name: "sequence",
        fields: &[
            field("sequence", "The steps, first to last."),
            field("window", "When all the events have to lie; all of history if it is left out."),
            field("within", "Longest time from the first step to the last."),
        ],
        parts: &[&STEP, &WITHOUT],
        told: Told {
            means: "Users who did the steps in this order, each a different event. It is enough if the steps fit in one way.",
            boundary: "Two steps at the same instant are in order. “Within 1d” includes exactly 24 hours later.",
            example: r#"{"sequence":[{"event":"search"},{"event":"purchase","within":"1d","without":{"event":"video_view"}}],"window":{"last":"30d"},"within":"7d"}"#,
        },
    },
    Kind {
        title: "For the first time",
        name: "first_time",
        fields: &[field("first_time", "The event, filters and the window.")],
        parts: &[&FIRST_TIME],
        told: Told {
            means: "Users whose very first matching event, of all history, lies in the window.",
            boundary: "Somebody who also did it before the window is out, however often they did it inside.",
            example: r#"{"first_time":{"event":"purchase","window":{"calendar":"this_month"}}}"#,
        },
    },
    Kind {
        title: "Regularly",
        name: "regular",
        fields: &[field("regular", "The event, the periods and how many of them.")],
        parts: &[&REGULAR],
        told: Told {
            means: "Users who did it in at least so many of the last periods: a habit, not a burst.",
            boundary: "Periods roll back from now, they are no calendar weeks: with 1w the newest is the last 7 days. Twenty views \
                       in one of them still are one period.",
            example: r#"{"regular":{"event":"video_view","period":"1w","periods":4,"min_periods":3,"count":2}}"#,
        },
    },
    Kind {
        title: "The highest",
        name: "top",
        fields: &[field("top", "How many users, ranked by what, among whom.")],
        parts: &[&TOP, &RANKING],
        told: Told {
            means: "The users with the highest result, ranked by an aggregate: a share of them or a number.",
            boundary: "Ranked are only users with at least one matching event. Users level with the last one kept are kept too, so \
                       there may be more than asked for. 10 % of 7 users are 1: shares are rounded up.",
            example: r#"{"top":{"percent":5,"by":{"event":"purchase","agg":"sum","of":"amount","window":{"last":"1y"}},"among":{"trait":"plan","op":"eq","value":"gold"}}}"#,
        },
    },
    Kind {
        title: "Members of a segment",
        name: "segment",
        fields: &[field("segment", "Id of the segment.")],
        parts: &[],
        told: Told {
            means: "Members of another segment, counted anew at the same instant, with its rule as it is now.",
            boundary: "A segment that would contain itself, also through others, is refused. It keeps its own time zone.",
            example: r#"{"all":[{"segment":"women-25-49"},{"not":{"list":"staff"}}]}"#,
        },
    },
    Kind {
        title: "On a list",
        name: "list",
        fields: &[field("list", "Id of the list.")],
        parts: &[],
        told: Told {
            means: "Users whose ids were uploaded.",
            boundary: "An upload makes nobody known: an id that no event or profile has named is a member of nothing until one does.",
            example: r#"{"list":"staff"}"#,
        },
    },
];

/// Every kind of filter: the first whose field an object has is its kind.
pub(crate) const FILTERS: [Kind; 4] = [
    Kind {
        title: "By a property",
        name: "property",
        fields: &[
            field(
                "property",
                "Name of the property; `address.city` inside an object; `programme.genre` in the catalogue linked to it.",
            ),
            field("op", OP),
            field("value", VALUE),
            field("ignore_case", IGNORE_CASE),
        ],
        parts: &[],
        told: Told {
            means: "Events whose property compares so. A name with a dot may lead into a catalogue: genre of the programme that was watched.",
            boundary: "A property that an event lacks is not set: only “not” comparisons hold for it.",
            example: r#"{"event":"video_view","where":[{"property":"programme.genre","op":"eq","value":"Crime"}]}"#,
        },
    },
    Kind {
        title: "All of these, in one event",
        name: "all",
        fields: &[field("all", "A list of filters.")],
        parts: &[],
        told: Told {
            means: "Events for which every filter holds. The entries of `where` are joined so without it.",
            boundary: "One and the same event has to meet them all. For different events write two conditions.",
            example: r#"{"event":"video_view","where":[{"any":[{"all":[{"property":"programme","op":"eq","value":"NCIS"},{"property":"minutes","op":"gte","value":20}]},{"property":"completed","op":"eq","value":true}]}]}"#,
        },
    },
    Kind {
        title: "Any of these, in one event",
        name: "any",
        fields: &[field("any", "A list of filters.")],
        parts: &[],
        told: Told {
            means: "Events for which at least one filter holds.",
            boundary: "An empty list is refused; an empty `where` is no condition.",
            example: r#"{"event":"purchase","where":[{"any":[{"property":"product","op":"eq","value":"box set"},{"property":"amount","op":"gte","value":50}]}]}"#,
        },
    },
    Kind {
        title: "Not, of one event",
        name: "not",
        fields: &[field("not", "One filter.")],
        parts: &[],
        told: Told {
            means: "Events for which the filter does not hold.",
            boundary: "“Did view, not on a phone” are users with a view elsewhere; who also viewed on a phone is among them. Users \
                       who never viewed on a phone are “not (did view on a phone)”.",
            example: r#"{"event":"video_view","where":[{"not":{"property":"device","op":"eq","value":"phone"}}]}"#,
        },
    },
];

/// Shared with the parts.
pub(super) const EVENT_FIELD: Field = field("event", EVENT);
pub(super) const WHERE_FIELD: Field = field("where", WHERE);
pub(super) const WINDOW_FIELD: Field = field("window", WINDOW);
