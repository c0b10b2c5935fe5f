//! Conditions on what users did.

use rollcall_rules::{
    Clock, EventLeaf, EventMatch, EventNames, Filter, Measure, NumberPredicate, Operand, SumTest, TimeRange, ValueType,
};

use super::{EVERY_EVENT, Translator, attributes, filter, quote};
use crate::columns::Columns;
use crate::tables::TableId;

/// What a leaf takes from each matching event, besides its user.
pub(super) enum Taken<'a> {
    /// Nothing: the event itself counts.
    Nothing,
    /// A column that every table has, or an expression over one, as `v`.
    Base(String),
    /// Numbers as `v`; every event comes, perhaps without one.
    Number(&'a Operand),
    /// Each set value, and each element of a list, as text `v` that begins with its type.
    Values(&'a Operand),
    /// Whether the event satisfies a condition, 1 or 0, as `v`, with what orders the events.
    Holds(&'a Filter),
    /// A number that says what the event is to a sequence, as `v`, with what orders the events.
    Role(usize),
}

impl Translator<'_> {
    /// A query for user ids, and whether these are the users who fail instead of those who pass.
    pub(super) fn event_query(&self, leaf: &EventLeaf, clock: &Clock) -> (String, bool) {
        let zone = quote::text(clock.zone.name());
        let (taken, having, failing) = match &leaf.measure {
            Measure::Count(predicate) => counted(Taken::Nothing, "count(*)", predicate),
            Measure::Days(predicate) => {
                counted(Taken::Base(format!("zone_day(\"time\", {zone}) AS v")), "count(DISTINCT v)", predicate)
            }
            Measure::Distinct { of, predicate } => counted(Taken::Values(of), "count(DISTINCT v)", predicate),
            Measure::Sum { of, test, negated } => {
                let sum = format!("coalesce(sum(billionths(v)), {})", quote::billionths(0));
                let passes = signed(*negated, &sum_test(&sum, test, |literal| literal));
                let failing = test.holds(0, 1) != *negated;
                (Taken::Number(of), if failing { format!("NOT ({passes})") } else { passes }, failing)
            }
            Measure::Avg { of, test, negated } => {
                let scale = |literal: String| format!("times({literal}, count(billionths(v)))");
                let passes = signed(*negated, &sum_test("sum(billionths(v))", test, scale));
                (Taken::Number(of), format!("count(billionths(v)) > 0 AND {passes}"), false)
            }
            Measure::Min { of, predicate } => (Taken::Number(of), extreme("min(v)", predicate), false),
            Measure::Max { of, predicate } => (Taken::Number(of), extreme("max(v)", predicate), false),
            Measure::First { condition } => {
                (Taken::Holds(condition), "first_value(v ORDER BY \"time\", seq) = 1".to_owned(), false)
            }
            Measure::Last { condition } => {
                (Taken::Holds(condition), "first_value(v ORDER BY \"time\" DESC, seq DESC) = 1".to_owned(), false)
            }
        };
        let rows = self.matching(&leaf.matching, leaf.window.resolve(clock), &taken, clock);
        (format!("SELECT user_id FROM (\n      {rows}\n    ) GROUP BY user_id HAVING {having}"), failing)
    }

    /// The matching events of all tables, one below the other.
    pub(super) fn matching(&self, leaf: &EventMatch, range: TimeRange, taken: &Taken<'_>, clock: &Clock) -> String {
        let visible = format!("{}{}", self.visible(), window("\"time\"", range));
        let base_only = leaf.filters.is_empty() && matches!(taken, Taken::Nothing | Taken::Base(_) | Taken::Role(_));
        let mut rows = Vec::new();
        match &leaf.events {
            EventNames::Every if base_only => {
                rows.extend(select(
                    &quote::name(EVERY_EVENT),
                    &Columns::new(crate::columns::Kind::Events),
                    leaf,
                    taken,
                    &visible,
                    clock,
                ));
            }
            EventNames::Every => {
                for (name, state) in &self.catalog.events {
                    rows.extend(select(&table(name), &state.columns, leaf, taken, &visible, clock));
                }
            }
            EventNames::Named(names) => {
                for name in names {
                    // An event that was never seen has no table, and nothing matches it.
                    if let Some(state) = self.catalog.events.get(name) {
                        rows.extend(select(&table(name), &state.columns, leaf, taken, &visible, clock));
                    }
                }
            }
        }
        if rows.is_empty() {
            let nothing = match taken {
                Taken::Nothing => "",
                Taken::Base(value) => return format!("SELECT user_id, {value} FROM {EVERY_EVENT} WHERE FALSE"),
                Taken::Holds(_) | Taken::Role(_) => ", CAST(0 AS BIGINT) AS v",
                Taken::Number(_) => ", CAST(0 AS DOUBLE) AS v",
                Taken::Values(_) => ", source AS v",
            };
            return format!("SELECT user_id, \"time\", seq{nothing} FROM {EVERY_EVENT} WHERE FALSE");
        }
        rows.join("\n      UNION ALL\n      ")
    }
}

fn table(event: &str) -> String {
    quote::name(&TableId::Events(event.to_owned()).label())
}

/// That an expression lies in a range, to follow another condition.
pub(super) fn window(time: &str, range: TimeRange) -> String {
    if range.is_empty() {
        return " AND FALSE".to_owned();
    }
    let from = range.from.map(|from| format!(" AND {time} >= {}", quote::instant(from))).unwrap_or_default();
    let to = range.to.map(|to| format!(" AND {time} < {}", quote::instant(to))).unwrap_or_default();
    from + &to
}

/// The matching events of one table; several selects if a path has several columns there, none if it can match nothing.
fn select(table: &str, columns: &Columns, leaf: &EventMatch, taken: &Taken<'_>, visible: &str, clock: &Clock) -> Vec<String> {
    let filters: Vec<String> = leaf.filters.iter().map(|inner| filter::filter(columns, inner, clock)).collect();
    let condition = match filters.as_slice() {
        [] => visible.to_owned(),
        filters => format!("{visible}\n        AND {}", quote::join(filters, "\n        AND ")),
    };
    let rows = |value: &str| format!("SELECT user_id{value} FROM {table}\n        WHERE {condition}");
    match taken {
        Taken::Nothing => vec![rows("")],
        Taken::Base(value) => vec![rows(&format!(", {value}"))],
        Taken::Role(role) => vec![rows(&format!(", \"time\", seq, CAST({role} AS BIGINT) AS v"))],
        Taken::Number(of) => {
            let column = columns.column(of.path(), ValueType::Number).map(|column| quote::name(&column.name));
            let literal = rows(&format!(", {} AS v", column.as_deref().unwrap_or("CAST(NULL AS DOUBLE)")));
            let joins = of.attribute().filter(|attribute| attribute.value_type() == Some(ValueType::Number));
            let joined = joins.map(|attribute| attributes::joined(table, columns, attribute, &condition)).unwrap_or_default();
            std::iter::once(literal).chain(joined.iter().map(|rows| format!("SELECT user_id, v {rows}"))).collect()
        }
        Taken::Values(of) => {
            let literal =
                columns.of_path(of.path()).map(|column| values(&quote::name(&column.name), column.value_type, rows)).collect();
            let Some((attribute, value_type)) = of.attribute().and_then(|of| Some((of, of.value_type()?))) else {
                return literal;
            };
            let joined = attributes::joined(table, columns, attribute, &condition);
            let joined = joined.iter().map(|rows| values("v", value_type, |value| format!("SELECT user_id{value} {rows}")));
            literal.into_iter().chain(joined).collect()
        }
        Taken::Holds(inner) => {
            let holds = filter::filter(columns, inner, clock);
            vec![rows(&format!(", \"time\", seq, CASE WHEN {holds} THEN 1 ELSE 0 END AS v"))]
        }
    }
}

/// Set values as texts that differ exactly if the values do.
fn values(column: &str, value_type: ValueType, rows: impl Fn(&str) -> String) -> String {
    let (mark, element) = match value_type {
        ValueType::String => ('s', None),
        ValueType::Number => ('n', None),
        ValueType::Boolean => ('b', None),
        ValueType::DateTime => ('t', None),
        ValueType::Date => ('d', None),
        ValueType::Object => ('o', None),
        ValueType::StringList => ('s', Some(())),
        ValueType::NumberList => ('n', Some(())),
    };
    let inner = match element {
        None => rows(&format!(", {column} AS e")),
        Some(()) => rows(&format!(", unnest({column}) AS e")),
    };
    format!("SELECT user_id, concat('{mark}', CAST(e AS VARCHAR)) AS v FROM (\n        {inner}\n      ) WHERE e IS NOT NULL")
}

/// A measure that is 0 without events: if 0 passes, ask for those who fail.
fn counted<'a>(taken: Taken<'a>, measure: &str, predicate: &NumberPredicate) -> (Taken<'a>, String, bool) {
    let test = filter::number_test(measure, &predicate.test);
    let failing = predicate.holds(0.0);
    (taken, if failing != predicate.negated { format!("NOT ({test})") } else { test }, failing)
}

/// A measure that is missing without values.
fn extreme(measure: &str, predicate: &NumberPredicate) -> String {
    format!("{measure} IS NOT NULL AND {}", signed(predicate.negated, &filter::number_test(measure, &predicate.test)))
}

fn signed(negated: bool, test: &str) -> String {
    if negated { format!("NOT ({test})") } else { format!("({test})") }
}

fn sum_test(sum: &str, test: &SumTest, scale: impl Fn(String) -> String) -> String {
    let literal = |billionths: i128| scale(quote::billionths(billionths));
    match *test {
        SumTest::Eq(x) => format!("{sum} = {}", literal(x)),
        SumTest::Gt(x) => format!("{sum} > {}", literal(x)),
        SumTest::Gte(x) => format!("{sum} >= {}", literal(x)),
        SumTest::Lt(x) => format!("{sum} < {}", literal(x)),
        SumTest::Lte(x) => format!("{sum} <= {}", literal(x)),
        SumTest::Between(low, high) => format!("{sum} >= {} AND {sum} <= {}", literal(low), literal(high)),
    }
}
