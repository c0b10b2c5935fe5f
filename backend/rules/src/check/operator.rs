//! Operators, and which types of values they work on.

use crate::schema::ValueType;

/// A positive operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    IsSet,
    Eq,
    In,
    Contains,
    StartsWith,
    EndsWith,
    Regex,
    Gt,
    Gte,
    Lt,
    Lte,
    Between,
    Before,
    After,
    On,
    WithinLast,
    WithinNext,
    MoreThanAgo,
    Anniversary,
    Has,
    HasAny,
    HasAll,
}

/// Every operator by name; `true` for the complement of a positive one.
const NAMES: [(&str, Operator, bool); 27] = [
    ("is_set", Operator::IsSet, false),
    ("is_not_set", Operator::IsSet, true),
    ("eq", Operator::Eq, false),
    ("neq", Operator::Eq, true),
    ("in", Operator::In, false),
    ("not_in", Operator::In, true),
    ("contains", Operator::Contains, false),
    ("not_contains", Operator::Contains, true),
    ("starts_with", Operator::StartsWith, false),
    ("ends_with", Operator::EndsWith, false),
    ("regex", Operator::Regex, false),
    ("gt", Operator::Gt, false),
    ("gte", Operator::Gte, false),
    ("lt", Operator::Lt, false),
    ("lte", Operator::Lte, false),
    ("between", Operator::Between, false),
    ("before", Operator::Before, false),
    ("after", Operator::After, false),
    ("on", Operator::On, false),
    ("within_last", Operator::WithinLast, false),
    ("within_next", Operator::WithinNext, false),
    ("more_than_ago", Operator::MoreThanAgo, false),
    ("anniversary", Operator::Anniversary, false),
    ("has", Operator::Has, false),
    ("has_any", Operator::HasAny, false),
    ("has_all", Operator::HasAll, false),
    ("has_none", Operator::HasAny, true),
];

impl Operator {
    /// The positive operator of a name, and whether the name means its complement.
    pub fn by_name(name: &str) -> Option<(Operator, bool)> {
        NAMES.iter().find(|(known, _, _)| *known == name).map(|(_, operator, negated)| (*operator, *negated))
    }

    /// Whether it works on values of a type.
    pub fn fits(self, of: ValueType) -> bool {
        let list = matches!(of, ValueType::StringList | ValueType::NumberList);
        let text = matches!(of, ValueType::String | ValueType::StringList);
        let number = matches!(of, ValueType::Number | ValueType::NumberList);
        let time = matches!(of, ValueType::DateTime | ValueType::Date);
        match self {
            Operator::IsSet => true,
            Operator::Eq => text || number || of == ValueType::Boolean,
            Operator::In => text || number,
            Operator::Contains | Operator::StartsWith | Operator::EndsWith | Operator::Regex => text,
            Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte => number,
            Operator::Between => number || time,
            Operator::Before | Operator::After | Operator::On | Operator::WithinLast => time,
            Operator::WithinNext | Operator::MoreThanAgo | Operator::Anniversary => time,
            Operator::Has | Operator::HasAny | Operator::HasAll => list,
        }
    }

    /// Whether it compares a number that an aggregate gives.
    pub fn compares_aggregates(self) -> bool {
        matches!(self, Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte | Operator::Eq | Operator::Between)
    }

    /// Names of the operators that work on values of any of these types, for sentences.
    pub fn names_for(types: &[ValueType]) -> String {
        let fitting = NAMES.iter().filter(|(_, operator, _)| types.iter().any(|of| operator.fits(*of)));
        let names: Vec<&str> = fitting.map(|(name, _, _)| *name).collect();
        names.join(", ")
    }
}
