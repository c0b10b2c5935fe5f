//! Conditions on values and on single events.
//!
//! SQL's third truth value never leaves this file: every condition on a value is wrapped in `coalesce(..., FALSE)`
//! before it is negated or joined.

use rollcall_rules::{Clock, Filter, NumberTest, PathPredicate, StringTest, Test, TimePoint, TimeTest, ValueType};

use super::quote;
use crate::columns::Columns;

/// A condition on one event of a table.
pub(super) fn filter(columns: &Columns, filter: &Filter, clock: &Clock) -> String {
    let each = |filters: &[Filter]| filters.iter().map(|inner| self::filter(columns, inner, clock)).collect::<Vec<_>>();
    match filter {
        Filter::Property { path, predicate } => property(columns, path, predicate, clock),
        // Attributes were resolved before the translation.
        Filter::Linked(_) => "FALSE".to_owned(),
        Filter::All(filters) => quote::join(&each(filters), " AND "),
        Filter::Any(filters) => quote::join(&each(filters), " OR "),
        Filter::Not(inner) => format!("NOT {}", self::filter(columns, inner, clock)),
    }
}

/// A condition on a property of one event of a table: on each column that the path has there.
pub(super) fn property(columns: &Columns, path: &str, predicate: &PathPredicate, clock: &Clock) -> String {
    let typed = columns.of_path(path).map(|column| (quote::name(&column.name), column.value_type));
    let positive = positive(typed, predicate, clock);
    if predicate.negated { format!("NOT {positive}") } else { positive }
}

/// The positive test of a predicate on a value that is in the one of several typed columns that is not null.
pub(super) fn positive(columns: impl Iterator<Item = (String, ValueType)>, predicate: &PathPredicate, clock: &Clock) -> String {
    let tests: Vec<String> =
        columns.filter_map(|(column, value_type)| test(&column, value_type, predicate.test_for(value_type)?, clock)).collect();
    if tests.is_empty() { "FALSE".to_owned() } else { format!("coalesce({}, FALSE)", tests.join(" OR ")) }
}

/// A test on a column of a type; `None` if the test is not for values of that type.
fn test(column: &str, value_type: ValueType, test: &Test, clock: &Clock) -> Option<String> {
    Some(match (test, value_type) {
        (Test::IsSet, _) => format!("{column} IS NOT NULL"),
        (Test::String(test), ValueType::String) => string_test(column, test),
        (Test::String(test), ValueType::StringList) => any_string_test(column, test),
        (Test::Number(test), ValueType::Number) => number_test(column, test),
        (Test::Number(test), ValueType::NumberList) => any_number_test(column, test),
        (Test::Boolean(wanted), ValueType::Boolean) => format!("{column} = {wanted}"),
        (Test::Time(test), ValueType::DateTime) => instant_test(column, test, clock),
        (Test::Time(test), ValueType::Date) => day_test(column, test, clock),
        (Test::HasAllStrings { wanted, ignore_case }, ValueType::StringList) => {
            format!("all_present({}, {})", folded_list(column, *ignore_case), quote::texts(wanted))
        }
        (Test::HasAllNumbers(wanted), ValueType::NumberList) => format!("all_present({column}, {})", quote::numbers(wanted)),
        _ => return None,
    })
}

fn folded(column: &str, ignore_case: bool) -> String {
    if ignore_case { format!("fold({column})") } else { column.to_owned() }
}

fn folded_list(column: &str, ignore_case: bool) -> String {
    if ignore_case { format!("fold_each({column})") } else { column.to_owned() }
}

fn string_test(column: &str, test: &StringTest) -> String {
    match test {
        // No key of a catalogue satisfies the condition.
        StringTest::OneOf { texts, .. } if texts.is_empty() => "FALSE".to_owned(),
        StringTest::OneOf { texts, ignore_case } => format!("{} IN ({})", folded(column, *ignore_case), quote::texts(texts)),
        StringTest::Contains { text, ignore_case } => {
            format!("contains({}, {})", folded(column, *ignore_case), quote::text(text))
        }
        StringTest::StartsWith { text, ignore_case } => {
            format!("starts_with({}, {})", folded(column, *ignore_case), quote::text(text))
        }
        StringTest::EndsWith { text, ignore_case } => {
            format!("ends_with({}, {})", folded(column, *ignore_case), quote::text(text))
        }
        StringTest::Regex(regex) => format!("matches({column}, {})", quote::text(regex.as_str())),
    }
}

fn any_string_test(column: &str, test: &StringTest) -> String {
    match test {
        StringTest::OneOf { texts, ignore_case } => {
            format!("any_equals({}, {})", folded_list(column, *ignore_case), quote::texts(texts))
        }
        StringTest::Contains { text, ignore_case } => {
            format!("any_contains({}, {})", folded_list(column, *ignore_case), quote::text(text))
        }
        StringTest::StartsWith { text, ignore_case } => {
            format!("any_starts_with({}, {})", folded_list(column, *ignore_case), quote::text(text))
        }
        StringTest::EndsWith { text, ignore_case } => {
            format!("any_ends_with({}, {})", folded_list(column, *ignore_case), quote::text(text))
        }
        StringTest::Regex(regex) => format!("any_matches({column}, {})", quote::text(regex.as_str())),
    }
}

/// A test on anything numeric.
pub(super) fn number_test(value: &str, test: &NumberTest) -> String {
    match test {
        NumberTest::OneOf(numbers) if numbers.is_empty() => "FALSE".to_owned(),
        NumberTest::OneOf(numbers) => format!("{value} IN ({})", quote::numbers(numbers)),
        NumberTest::Gt(x) => format!("{value} > {}", quote::number(*x)),
        NumberTest::Gte(x) => format!("{value} >= {}", quote::number(*x)),
        NumberTest::Lt(x) => format!("{value} < {}", quote::number(*x)),
        NumberTest::Lte(x) => format!("{value} <= {}", quote::number(*x)),
        NumberTest::Between(low, high) => format!("{value} BETWEEN {} AND {}", quote::number(*low), quote::number(*high)),
    }
}

fn any_number_test(column: &str, test: &NumberTest) -> String {
    match test {
        NumberTest::OneOf(numbers) => format!("any_equals({column}, {})", quote::numbers(numbers)),
        NumberTest::Gt(x) => format!("any_above({column}, {})", quote::number(*x)),
        NumberTest::Gte(x) => format!("any_at_least({column}, {})", quote::number(*x)),
        NumberTest::Lt(x) => format!("any_below({column}, {})", quote::number(*x)),
        NumberTest::Lte(x) => format!("any_at_most({column}, {})", quote::number(*x)),
        NumberTest::Between(low, high) => format!("any_between({column}, {}, {})", quote::number(*low), quote::number(*high)),
    }
}

/// On an instant. Days in the rule are those of its zone.
fn instant_test(column: &str, test: &TimeTest, clock: &Clock) -> String {
    if matches!(test, TimeTest::Anniversary(_)) {
        let zone = quote::text(clock.zone.name());
        return anniversary(&format!("zone_day({column}, {zone})"), test, clock);
    }
    let Some(range) = test.range(clock) else { return "FALSE".to_owned() };
    let from = range.from.map(|from| format!("{column} >= {}", quote::instant(from)));
    let to = range.to.map(|to| format!("{column} < {}", quote::instant(to)));
    match (from, to) {
        (None, None) => format!("{column} IS NOT NULL"),
        (from, to) => format!("({})", from.into_iter().chain(to).collect::<Vec<_>>().join(" AND ")),
    }
}

/// On a date: with a date, days are compared; with an instant, the day's first instant in the zone stands for it.
fn day_test(column: &str, test: &TimeTest, clock: &Clock) -> String {
    let zone = quote::text(clock.zone.name());
    let start = format!("day_start({column}, {zone})");
    let from = |point: &TimePoint| match point {
        TimePoint::Day(day) => format!("{column} >= {}", quote::day(*day)),
        TimePoint::Instant(instant) => format!("{start} >= {}", quote::instant(*instant)),
    };
    let to = |point: &TimePoint| match point {
        TimePoint::Day(day) => format!("{column} <= {}", quote::day(*day)),
        TimePoint::Instant(instant) => format!("{start} <= {}", quote::instant(*instant)),
    };
    match test {
        TimeTest::Before(TimePoint::Day(day)) => format!("{column} < {}", quote::day(*day)),
        TimeTest::After(TimePoint::Day(day)) => format!("{column} > {}", quote::day(*day)),
        TimeTest::On(TimePoint::Day(day)) => format!("{column} = {}", quote::day(*day)),
        TimeTest::Between(low, high) => format!("({} AND {})", from(low), to(high)),
        TimeTest::Anniversary(_) => anniversary(column, test, clock),
        _ => instant_test(&start, test, clock),
    }
}

fn anniversary(day: &str, test: &TimeTest, clock: &Clock) -> String {
    let days = test.anniversary_days(clock);
    if days.is_empty() {
        return "FALSE".to_owned();
    }
    let wanted: Vec<String> = days.iter().map(|(month, day)| (u32::from(*month) * 100 + u32::from(*day)).to_string()).collect();
    format!("month_day({day}) IN ({})", wanted.join(", "))
}
