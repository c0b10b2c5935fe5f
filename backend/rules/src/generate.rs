//! Random valid rules for property tests: every kind of node, filter, operator, window and aggregate, with defaults
//! written and left out, awkward names and awkward texts. Valid means accepted over an empty schema, with every segment and
//! list known. Strategies are boxed: unboxed, their values would take more stack than a test thread has.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json, json};

/// Names of events, traits and properties: plain, reserved, quoted and empty.
pub(crate) fn names() -> BoxedStrategy<String> {
    let known = vec![
        "video_view",
        "gender",
        "age",
        "address.city",
        "$pageview",
        "Product Viewed",
        "where",
        "LIST",
        "set",
        "time",
        "this_month",
        "once",
        "a`b",
        "`",
        "",
        "é",
        "9lives",
        "a-b",
        "-",
        "star*",
        "line\nbreak",
        "“x”",
        "🙂",
        "zone",
        "event",
        "case",
    ];
    prop_oneof![
        8 => select(known).prop_map(str::to_owned),
        1 => ".{1,6}".prop_filter("any event is no name", |name| name != "*"),
    ]
    .boxed()
}

fn texts() -> BoxedStrategy<String> {
    let known = vec!["NCIS", "F", "", "a \"b\" \\ c", "\n\t\u{0}", "30d", "2026-01-01", "true", "3", "🙂 ß", "today", "`"];
    prop_oneof![3 => select(known).prop_map(str::to_owned), 1 => ".{0,6}"].boxed()
}

fn numbers() -> BoxedStrategy<Json> {
    prop_oneof![
        3 => (-5_i64..50).prop_map(Json::from),
        1 => select(vec![json!(3.0), json!(0.1), json!(-0.0), json!(1e20), json!(1e-7), json!(9_007_199_254_740_992_u64)]),
        1 => (-1e9_f64..1e9).prop_map(Json::from),
    ]
    .boxed()
}

/// Durations in every unit, spelled in several ways.
pub(crate) fn durations() -> BoxedStrategy<Json> {
    let known = vec!["24h", "1d", "7d", "1w", "60m", "1h", "12mo", "1y", "90s", "1mo", "365d"];
    let unit = select(vec!["s", "m", "h", "d", "w", "mo", "y"]);
    prop_oneof![
        select(known).prop_map(Json::from),
        (1_u32..100, unit).prop_map(|(amount, unit)| Json::from(format!("{amount}{unit}"))),
    ]
    .boxed()
}

fn points() -> BoxedStrategy<Json> {
    let known = vec![
        "2026-01-01",
        "2024-02-29",
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:00:00.5+01:00",
        "2026-03-29t02:30:00z",
        "1999-12-31T23:59:60-05:30",
    ];
    select(known).prop_map(Json::from).boxed()
}

fn pairs_of_numbers() -> BoxedStrategy<Json> {
    (-50_i64..50, 0_i64..50).prop_map(|(low, more)| json!([low, low + more])).boxed()
}

/// `op`, `value` and `ignore_case` of a condition on a value.
fn predicates() -> BoxedStrategy<Map<String, Json>> {
    let with = |ops: &[&'static str], values: BoxedStrategy<Json>| {
        (select(ops.to_vec()), values).prop_map(|(op, value)| json!({"op": op, "value": value}))
    };
    let text = texts().prop_map(Json::from).boxed();
    let several = vec(texts(), 1..4).prop_map(Json::from).boxed();
    let on_text = prop_oneof![
        with(&["eq", "neq", "contains", "not_contains", "starts_with", "ends_with", "has"], text),
        with(&["in", "not_in", "has_any", "has_all", "has_none"], several),
        with(&["regex"], select(vec!["^a.c$", "\\.com$", ""]).prop_map(Json::from).boxed()),
    ];
    let cased = (on_text, option::of(any::<bool>())).prop_map(|(mut test, case)| {
        if let Some(case) = case {
            test["ignore_case"] = json!(case);
        }
        test
    });
    let lists = vec(numbers(), 1..4).prop_map(Json::from).boxed();
    let ends = (points(), points()).prop_map(|(first, last)| json!([first, last])).boxed();
    let ordered = with(&["between"], ends).prop_filter("in order", |test| {
        let end = |index: usize| test["value"][index].as_str().and_then(|text| text.get(..4)).map(str::to_owned);
        end(0) < end(1)
    });
    let test = prop_oneof![
        4 => cased,
        1 => select(vec![json!({"op": "is_set"}), json!({"op": "is_not_set"})]),
        2 => with(&["eq", "neq", "gt", "gte", "lt", "lte", "has"], numbers().boxed()),
        1 => with(&["in", "not_in", "has_any", "has_all", "has_none"], lists),
        1 => with(&["between"], pairs_of_numbers().boxed()),
        1 => with(&["eq", "neq"], any::<bool>().prop_map(Json::from).boxed()),
        1 => with(&["before", "after", "on"], points().boxed()),
        1 => ordered,
        1 => with(&["within_last", "within_next", "more_than_ago"], durations().boxed()),
        1 => with(&["anniversary"], (0..400).prop_map(Json::from).boxed()),
    ];
    test.prop_map(|test| test.as_object().cloned().unwrap_or_default()).boxed()
}

fn conditions(field: &'static str) -> BoxedStrategy<Json> {
    (names(), predicates())
        .prop_map(move |(name, mut test)| {
            test.insert(field.to_owned(), Json::from(name));
            Json::Object(test)
        })
        .boxed()
}

/// Filters on events.
pub(crate) fn filters() -> BoxedStrategy<Json> {
    conditions("property")
        .prop_recursive(3, 8, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 1..4).prop_map(|items| json!({ "all": items })),
                vec(inner.clone(), 1..4).prop_map(|items| json!({ "any": items })),
                inner.prop_map(|item| json!({ "not": item })),
            ]
        })
        .boxed()
}

/// Windows of every kind.
pub(crate) fn windows() -> BoxedStrategy<Json> {
    let periods = vec![
        "today",
        "yesterday",
        "this_week",
        "last_week",
        "this_month",
        "last_month",
        "this_year",
        "last_year",
        "last_7_days",
        "last_365_days",
    ];
    let ago = vec![json!(["60d", "30d"]), json!(["1y", "12w"]), json!(["1w", "24h"]), json!(["2y", "12mo"])];
    let value = prop_oneof![texts().prop_map(Json::from), numbers(), any::<bool>().prop_map(Json::from)];
    let which = option::of(prop_oneof![(-4_i64..=0).prop_map(Json::from), Just(json!(-1.0))]);
    let season = (names(), value, which).prop_map(|(property, value, which)| {
        let mut season = json!({"property": property, "value": value});
        if let Some(which) = which {
            season["which"] = which;
        }
        json!({ "season": season })
    });
    let shiftable = prop_oneof![
        durations().prop_map(|last| json!({ "last": last })),
        select(ago).prop_map(|ends| json!({ "between_ago": ends })),
        select(periods).prop_map(|period| json!({ "calendar": period })),
        season,
    ];
    let shifted = (shiftable, option::of(durations())).prop_map(|(window, shift)| with_some(window, "shift", shift));
    prop_oneof![
        4 => shifted,
        1 => (points(), option::of(points())).prop_map(|(from, to)| with_some(json!({ "from": from }), "to", to)),
        1 => points().prop_map(|to| json!({ "to": to })),
    ]
    .boxed()
}

fn with_some(mut object: Json, field: &str, value: Option<Json>) -> Json {
    if let Some(value) = value {
        object[field] = value;
    }
    object
}

/// `event` and `where`.
fn matching() -> BoxedStrategy<Json> {
    let events = prop_oneof![
        3 => names().prop_map(Json::from),
        1 => vec(names(), 1..4).prop_map(Json::from),
        1 => Just(json!("*")),
        1 => Just(json!(["*"])),
    ];
    (events, option::of(vec(filters(), 0..4).prop_map(Json::from)))
        .prop_map(|(event, filters)| with_some(json!({ "event": event }), "where", filters))
        .boxed()
}

fn in_windows(inner: BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    (inner, option::of(windows())).prop_map(|(object, window)| with_some(object, "window", window)).boxed()
}

/// `agg` and `of`, other than `first` and `last`.
fn rankings() -> BoxedStrategy<Json> {
    let over = (select(vec!["sum", "distinct", "avg", "min", "max"]), names());
    prop_oneof![
        Just(json!({})),
        select(vec!["count", "days"]).prop_map(|agg| json!({ "agg": agg })),
        over.prop_map(|(agg, of)| json!({"agg": agg, "of": of})),
    ]
    .boxed()
}

fn merged(left: Json, right: Json) -> Json {
    let fields = [left, right].into_iter().filter_map(|json| json.as_object().cloned());
    Json::Object(fields.flatten().collect())
}

/// Aggregate and comparison of an event node.
fn measures() -> BoxedStrategy<Json> {
    let number = (select(vec!["gt", "gte", "lt", "lte", "eq", "neq"]), numbers())
        .prop_map(|(op, value)| json!({"op": op, "value": value}));
    let compared = prop_oneof![3 => number, 1 => pairs_of_numbers().prop_map(|ends| json!({"op": "between", "value": ends}))];
    let part = select(vec![json!({}), json!({"value": 3}), json!({"value": "2"}), json!({"op": "eq"}), json!({"op": "lte"})]);
    let count =
        (part, any::<bool>()).prop_map(|(part, written)| if written { merged(part, json!({"agg": "count"})) } else { part });
    let picked = (select(vec!["first", "last"]), names(), predicates())
        .prop_map(|(agg, of, test)| merged(json!({"agg": agg, "of": of}), Json::Object(test)));
    prop_oneof![3 => (rankings(), compared).prop_map(|(measure, test)| merged(measure, test)), 2 => count, 1 => picked].boxed()
}

fn sequences() -> BoxedStrategy<Json> {
    let later = (matching(), option::of(durations()), option::of(matching()))
        .prop_map(|(step, within, without)| with_some(with_some(step, "within", within), "without", without));
    (matching(), vec(later, 0..3), option::of(durations()))
        .prop_map(|(first, later, within)| {
            let steps: Vec<Json> = std::iter::once(first).chain(later).collect();
            with_some(json!({ "sequence": steps }), "within", within)
        })
        .boxed()
}

fn regulars() -> BoxedStrategy<Json> {
    (matching(), durations(), 1_u32..9, 0_u32..9, option::of(1_u32..4))
        .prop_map(|(matching, period, least, more, count)| {
            let more = json!({"period": period, "periods": least + more, "min_periods": least});
            let content = with_some(merged(matching, more), "count", count.map(Json::from));
            json!({ "regular": content })
        })
        .boxed()
}

fn tops(among: BoxedStrategy<Json>) -> BoxedStrategy<Json> {
    let size = prop_oneof![
        select(vec![json!(5), json!(12.8), json!(100), json!(0.5)]).prop_map(|percent| json!({ "percent": percent })),
        (1_u32..1000).prop_map(|count| json!({ "count": count })),
    ];
    let by = (in_windows(matching()), rankings(), option::of(texts()));
    (size, by, option::of(among))
        .prop_map(|(size, (matching, ranking, label), among)| {
            let by = with_some(merged(matching, ranking), "label", label.map(Json::from));
            json!({"top": with_some(merged(size, json!({ "by": by })), "among", among)})
        })
        .boxed()
}

/// Nodes, some with labels.
pub(crate) fn nodes() -> BoxedStrategy<Json> {
    let labelled = |nodes: BoxedStrategy<Json>| {
        let label = option::weighted(0.2, texts());
        (nodes, label).prop_map(|(node, label)| with_some(node, "label", label.map(Json::from))).boxed()
    };
    let leaves = prop_oneof![
        1 => Just(json!({"everyone": true})),
        4 => conditions("trait"),
        5 => (in_windows(matching()), measures()).prop_map(|(matching, measure)| merged(matching, measure)),
        2 => in_windows(sequences()),
        1 => in_windows(matching()).prop_map(|content| json!({ "first_time": content })),
        1 => regulars(),
        1 => texts().prop_map(|id| json!({ "segment": id })),
        1 => texts().prop_map(|id| json!({ "list": id })),
    ];
    labelled(leaves.boxed())
        .prop_recursive(4, 12, 3, move |inner| {
            let groups = prop_oneof![
                2 => vec(inner.clone(), 1..4).prop_map(|items| json!({ "all": items })),
                2 => vec(inner.clone(), 1..4).prop_map(|items| json!({ "any": items })),
                2 => inner.clone().prop_map(|item| json!({ "not": item })),
                1 => tops(inner),
            ];
            labelled(groups.boxed())
        })
        .boxed()
}

/// Rules: nodes, some with a zone.
pub(crate) fn rules() -> BoxedStrategy<Json> {
    let zone = option::weighted(0.3, select(vec!["UTC", "Europe/Paris", "America/New_York"]));
    (nodes(), zone).prop_map(|(node, zone)| with_some(node, "tz", zone.map(Json::from))).boxed()
}

struct Everything;

impl crate::References for Everything {
    fn segment_rule(&self, _: &str) -> Option<std::sync::Arc<Json>> {
        Some(std::sync::Arc::new(json!({"everyone": true})))
    }

    fn list_exists(&self, _: &str) -> bool {
        true
    }
}

/// Whether a rule is accepted. Windows over seasons are not looked at: they need a catalogue.
pub(crate) fn valid(rule: &Json) -> bool {
    let faults = crate::check(rule, None, &crate::Schema::default(), &Everything).err().unwrap_or_default();
    faults.iter().all(|fault| fault.pointer.contains("/season"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn generated_rules_are_valid(rule in rules()) {
        prop_assert!(valid(&rule), "{rule}");
    }
}
