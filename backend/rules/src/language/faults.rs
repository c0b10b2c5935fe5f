//! Why rules are refused.

use serde::Serialize;

use super::Told;

/// Declares the codes, each with what it means, what to do, and a rule that is refused so.
macro_rules! faults {
    ($($name:ident: $means:literal, $remedy:literal, $example:literal;)+) => {
        /// A stable code of a fault. Serialised in snake case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FaultCode {
            $(#[doc = $means] $name),+
        }

        impl FaultCode {
            /// Every code.
            pub const ALL: &'static [FaultCode] = &[$(FaultCode::$name),+];

            pub(super) const fn told(self) -> Told {
                match self {
                    $(FaultCode::$name => Told { means: $means, boundary: $remedy, example: $example }),+
                }
            }
        }
    };
}

faults! {
    UnknownField: "A field that does not belong where it stands, or a kind of condition that does not exist.",
        "Correct the spelling or remove it. Also: a season of a property that is linked to no catalogue.",
        r#"{"event":"purchase","windw":{"last":"30d"}}"#;
    MissingField: "Something that is needed is not there.",
        "Every aggregate but `count` needs a comparison.",
        r#"{"event":"purchase","agg":"sum","of":"amount","op":"gt"}"#;
    UnknownOperator: "No operator, or no aggregate, has this name.",
        "The sentence lists those that there are.",
        r#"{"trait":"age","op":"above","value":18}"#;
    OperatorNotForType: "The operator or aggregate does not work on this type of value.",
        "There is no order of texts, and no sum of them.",
        r#"{"trait":"plan","op":"gt","value":"gold"}"#;
    WrongType: "The value is not of the type that it is compared with, or something else stands where it must not.",
        "Only what converts without loss is taken: \"3\" for 3, but not \"three\" or \"03\".",
        r#"{"trait":"age","op":"gte","value":"eighteen"}"#;
    OutOfRange: "A number beyond what makes sense here.",
        "Nobody can be active in 5 of 4 weeks.",
        r#"{"regular":{"event":"video_view","period":"1w","periods":4,"min_periods":5}}"#;
    BadDuration: "This is no duration.",
        "A positive whole number and one unit: 30d, 1mo. Not 1.5d, not 0d, not 1d12h.",
        r#"{"event":"purchase","window":{"last":"30 days"}}"#;
    BadDate: "This date, instant or calendar period does not exist.",
        "Dates are written 2026-11-20; instants need a zone: 2026-11-20T12:00:00Z.",
        r#"{"event":"purchase","window":{"from":"2026-02-30"}}"#;
    BadRegex: "This regular expression cannot be used.",
        "It has a fault, is too large, or looks around or back, which does not exist here.",
        r#"{"trait":"postcode","op":"regex","value":"75("}"#;
    BadTimezone: "There is no time zone of this name.",
        "Names are those of the IANA list, such as Europe/Paris. Offsets such as +01:00 are no names.",
        r#"{"everyone":true,"tz":"Paris"}"#;
    EmptyGroup: "A list or a window with nothing in it.",
        "Only `where` may be empty.",
        r#"{"all":[]}"#;
    ReversedBetween: "The ends are the wrong way round, so nothing could lie between.",
        "Equal ends are fine, except of `between_ago`.",
        r#"{"trait":"age","op":"between","value":[49,25]}"#;
    UnknownSegment: "There is no segment of this id, or it is in the trash.",
        "Make it first, or choose another.",
        r#"{"segment":"nobody-knows-it"}"#;
    UnknownList: "There is no list of this id.",
        "Upload it first, or choose another.",
        r#"{"list":"nobody-knows-it"}"#;
    Cycle: "The segment would be part of itself, perhaps through others.",
        "Remove this reference or the one that leads back.",
        r#"{"segment":"this-segment"}"#;
    TooManyNodes: "More conditions than a rule may have.",
        "Split it into segments and refer to them; a reference counts as one. For many ids upload a list.",
        "";
    TooDeep: "Conditions nested deeper than a rule may be.",
        "Flatten it, or make the inner part a segment.",
        "";
}
