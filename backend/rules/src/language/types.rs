//! Types of values, told.

use super::Told;
use crate::schema::ValueType;

/// What a type is called in the reference, and what is told of it.
pub(super) fn told(of: ValueType) -> (&'static str, Told) {
    match of {
        ValueType::String => (
            "text",
            Told {
                means: "Letters and signs, compared exactly as they were sent.",
                boundary: "Upper and lower case differ unless the rule says otherwise. Texts have no order, so “above” is refused.",
                example: r#"{"trait":"plan","op":"eq","value":"gold"}"#,
            },
        ),
        ValueType::Number => (
            "number",
            Told {
                means: "A whole or decimal number.",
                boundary: "Whole numbers are exact up to 9007199254740992; a larger one in a rule is refused. A rule may write \"3\" for \
                           3, but not \"03\" or \"3.0\".",
                example: r#"{"trait":"age","op":"gte","value":18}"#,
            },
        ),
        ValueType::Boolean => (
            "yes or no",
            Told {
                means: "true or false.",
                boundary: "1 and 0 are numbers, not yes and no.",
                example: r#"{"trait":"newsletter","op":"eq","value":true}"#,
            },
        ),
        ValueType::DateTime => (
            "instant",
            Told {
                means: "A point in time, to the microsecond, the same all over the world.",
                boundary: "Compared with a date, it lies on the day that it was in the rule's time zone: 23:30 UTC on 1 May is 2 May \
                           in Paris.",
                example: r#"{"trait":"last_login","op":"within_last","value":"7d"}"#,
            },
        ),
        ValueType::Date => (
            "date",
            Told {
                means: "A calendar day without a time, such as a birthday.",
                boundary: "It is that day in every time zone. Compared with an instant, its first moment in the rule's zone stands for it.",
                example: r#"{"trait":"birthday","op":"anniversary","value":0}"#,
            },
        ),
        ValueType::StringList => (
            "list of texts",
            Told {
                means: "Several texts, such as languages.",
                boundary: "Comparisons made for one text hold if any element meets them. An empty list is set.",
                example: r#"{"trait":"languages","op":"has","value":"fr"}"#,
            },
        ),
        ValueType::NumberList => (
            "list of numbers",
            Told {
                means: "Several numbers, such as scores.",
                boundary: "“Above 10” holds if any element is above 10.",
                example: r#"{"trait":"scores","op":"gt","value":10}"#,
            },
        ),
        ValueType::Object => (
            "object",
            Told {
                means: "Named values inside a value, such as an address. A rule reaches them by a path.",
                boundary: "The object itself can only be tested for being set.",
                example: r#"{"trait":"address.city","op":"eq","value":"Paris"}"#,
            },
        ),
    }
}
