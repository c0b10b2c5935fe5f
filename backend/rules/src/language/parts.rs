//! Objects inside conditions and windows.

use super::kinds::{EVENT_FIELD, WHERE_FIELD, WINDOW_FIELD};
use super::{Field, Kind, Told, field};

const NOTHING: Told = Told { means: "", boundary: "", example: "" };

const fn part(title: &'static str, fields: &'static [Field]) -> Kind {
    Kind { title, name: "", fields, parts: &[], told: NOTHING }
}

/// A step of a sequence.
pub(crate) const STEP: Kind = part(
    "Each step",
    &[
        EVENT_FIELD,
        WHERE_FIELD,
        field("within", "Longest time since the step before it; not on the first step."),
        field("without", "An event that may not lie between the step before and this one; not on the first step."),
    ],
);

/// `without` of a step.
pub(crate) const WITHOUT: Kind = part("“without” of a step", &[EVENT_FIELD, WHERE_FIELD]);

/// Content of `first_time`.
pub(crate) const FIRST_TIME: Kind = part("Inside", &[EVENT_FIELD, WHERE_FIELD, WINDOW_FIELD]);

/// Content of `regular`.
pub(crate) const REGULAR: Kind = part(
    "Inside",
    &[
        EVENT_FIELD,
        WHERE_FIELD,
        field("period", "How long a period is, such as 1w."),
        field("periods", "How many periods to look at, back from now."),
        field("min_periods", "In how many of them at least."),
        field("count", "How often in a period at least; 1 if it is left out."),
    ],
);

/// Content of `top`.
pub(crate) const TOP: Kind = part(
    "Inside",
    &[
        field("percent", "Which share of the ranked users to keep, above 0 and up to 100; either this or `count`."),
        field("count", "How many users to keep; either this or `percent`."),
        field("by", "What they are ranked by."),
        field("among", "A condition: who is ranked. Everyone if it is left out."),
    ],
);

/// `by` of `top`.
pub(crate) const RANKING: Kind = part(
    "“by”",
    &[
        EVENT_FIELD,
        WHERE_FIELD,
        WINDOW_FIELD,
        field("agg", "What is computed over the events; `count` if it is left out. Not `first` or `last`."),
        field("of", "The property that it is computed over; not for `count` and `days`."),
        super::LABEL,
    ],
);

/// Content of the window `season`.
pub(crate) const SEASON: Kind = part(
    "Inside “season”",
    &[
        field("property", "A property that is linked to a catalogue, such as programme."),
        field("value", "Which row of the catalogue, such as NCIS."),
        field("which", "0 for the latest season that has begun, -1 for the one before, and so on; 0 if it is left out."),
    ],
);
