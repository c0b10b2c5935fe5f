//! Rules that are accepted, and the trees they become.

use super::*;

#[test]
fn catalogues_that_are_read_are_told_through_segments_too() {
    let at = |id: &str, version| {
        let mut catalogue = Catalogue { version: CatalogueVersion { id: id.to_owned(), version }, ..Catalogue::default() };
        catalogue.put(json!({"key": "a", "genre": "x"}).as_object().unwrap(), &BTreeMap::new()).unwrap();
        Arc::new(catalogue)
    };
    let mut stored = stored();
    stored.catalogues =
        BTreeMap::from([("s".to_owned(), at("one", 3)), ("n".to_owned(), at("two", 5)), ("b".to_owned(), at("no", 1))]);
    let season = json!({"event": "view", "window": {"season": {"property": "n", "value": "a"}}});
    stored.segments.insert("seasonal".to_owned(), Arc::new(season));
    let filter = json!({"property": "s.genre", "op": "eq", "value": "x"});
    let rule = json!({"all": [{"segment": "seasonal"}, {"event": "view", "where": [filter, {"property": "b", "op": "is_set"}]}]});
    let (checked, _) = check(&rule, None, &schema(), &stored).unwrap();
    let read: Vec<(&str, &str, u64)> =
        checked.catalogues.iter().map(|(property, used)| (property.as_str(), used.id.as_str(), used.version)).collect();
    assert_eq!(read, [("n", "two", 5), ("s", "one", 3)]);
    assert!(checked.resolved(crate::Instant(0)).catalogues.is_empty());
}

#[test]
fn long_lists_of_numbers_are_found_as_short_ones_are() {
    for many in [3, 300] {
        let wanted: Vec<i32> = (0..many).rev().map(|number| number * 2 - 10).collect();
        let rule = json!({"trait": "age", "op": "in", "value": wanted});
        let (checked, _) = check_here(&rule).unwrap();
        let crate::NodeKind::Trait(leaf) = checked.root.kind else { panic!("{rule}") };
        let clock = crate::Clock { now: crate::Instant(0), zone: crate::Zone::utc() };
        for (number, holds) in [(-10.0, true), (-9.0, false), (-6.0, true), (-12.0, false), (f64::from(many) * 2.0 - 10.0, false)]
        {
            assert_eq!(leaf.predicate.holds(Some(&crate::Value::Number(number)), &clock), holds, "{number} of {many}");
        }
    }
}
use crate::predicate::{NumberTest, PathPredicate, StringTest, Test};
use crate::time::{Clock, Day, Instant, TimeTest, Window, Zone};
use crate::tree::{EventLeaf, EventNames, Filter, Measure, NodeKind, NumberPredicate, Operand, RankBy, SumTest};
use crate::value::Value;

fn root(rule: Json) -> NodeKind {
    check_here(&rule).unwrap_or_else(|faults| panic!("{rule}: {faults:?}")).0.root.kind
}

fn event(rule: Json) -> EventLeaf {
    let NodeKind::Event(leaf) = root(rule) else { panic!("an event") };
    leaf
}

fn predicate(rule: Json) -> PathPredicate {
    let NodeKind::Trait(leaf) = root(rule) else { panic!("a trait") };
    leaf.predicate
}

fn holds(rule: Json, value: impl Into<Option<Value>>) -> bool {
    let clock = Clock { now: Instant::parse("2026-11-20T12:00:00Z").unwrap(), zone: Zone::utc() };
    predicate(rule).holds(value.into().as_ref(), &clock)
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn texts(texts: &[&str]) -> Value {
    Value::StringList(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn nodes_know_their_pointers() {
    let rule = json!({"all": [{"not": {"everyone": true, "label": "all"}},
        {"any": [{"list": "staff"}, {"segment": "women"}]}], "label": "x", "tz": "Europe/Paris"});
    let (checked, warnings) = check_here(&rule).unwrap();
    assert!(warnings.is_empty());
    assert_eq!(checked.source, rule);
    assert_eq!(checked.zone.name(), "Europe/Paris");
    let NodeKind::All(children) = &checked.root.kind else { panic!("all") };
    let NodeKind::Not(inner) = &children[0].kind else { panic!("not") };
    let NodeKind::Any(others) = &children[1].kind else { panic!("any") };
    assert_eq!(
        (checked.root.pointer.as_str(), inner.pointer.as_str(), others[1].pointer.as_str()),
        ("", "/all/0/not", "/all/1/any/1")
    );
}

#[test]
fn what_is_set() {
    for value in [text(""), Value::Number(0.0), Value::Boolean(false), texts(&[]), Value::Object("{}".to_owned())] {
        for path in ["plan", "address", "unseen"] {
            assert!(holds(json!({"trait": path, "op": "is_set"}), value.clone()));
            assert!(!holds(json!({"trait": path, "op": "is_not_set"}), value.clone()));
        }
    }
    assert!(!holds(json!({"trait": "plan", "op": "is_set"}), None));
    assert!(holds(json!({"trait": "plan", "op": "is_not_set"}), None));
}

#[test]
fn operators_on_texts() {
    let plan = |op: &str, value: Json, of: &str| holds(json!({"trait": "plan", "op": op, "value": value}), text(of));
    for (op, value, yes, no) in [
        ("eq", json!("gold"), "gold", "Gold"),
        ("neq", json!("gold"), "Gold", "gold"),
        ("in", json!(["a", "b"]), "b", "c"),
        ("not_in", json!(["a", "b"]), "c", "b"),
        ("contains", json!("ol"), "gold", "OL"),
        ("not_contains", json!("ol"), "OL", "gold"),
        ("starts_with", json!("go"), "gold", "a go"),
        ("ends_with", json!("ld"), "gold", "ld "),
        ("regex", json!("^g.l"), "gold", "a gold"),
        ("eq", json!(3), "3", "03"),
        ("eq", json!(true), "true", "TRUE"),
        ("contains", json!(""), "x", "never"),
    ] {
        assert!(plan(op, value.clone(), yes), "{op} {value} {yes}");
        assert!(no == "never" || !plan(op, value.clone(), no), "{op} {value} {no}");
    }
}

#[test]
fn ignoring_case_folds_fully() {
    let plan =
        |op: &str, value: Json, of: Value| holds(json!({"trait": "plan", "op": op, "value": value, "ignore_case": true}), of);
    assert!(plan("eq", json!("STRASSE"), text("straße")));
    assert!(plan("eq", json!("straße"), text("STRASSE")));
    assert!(plan("in", json!(["École"]), text("éCOLE")));
    assert!(!plan("neq", json!("GOLD"), text("gold")));
    assert!(plan("contains", json!("OL"), text("gold")));
    assert!(plan("starts_with", json!("Ñ"), text("ñandú")));
    assert!(plan("ends_with", json!("LD"), text("gold")));
    assert!(plan("regex", json!("^GO|x"), text("gold")));
    let langs = |op: &str, value: Json| {
        holds(json!({"trait": "langs", "op": op, "value": value, "ignore_case": true}), texts(&["FR", "de"]))
    };
    assert!(langs("has", json!("fr")) && langs("has_all", json!(["fr", "DE"])) && langs("has_any", json!(["fr"])));
    assert!(!langs("has_none", json!(["x", "fr"])) && !langs("has_all", json!(["fr", "x"])));
}

#[test]
fn operators_on_numbers() {
    let age = |op: &str, value: Json, of: f64| holds(json!({"trait": "age", "op": op, "value": value}), Value::Number(of));
    for (op, value, yes, no) in [
        ("eq", json!(30), 30.0, 31.0),
        ("eq", json!("30"), 30.0, 31.0),
        ("eq", json!(-0.0), 0.0, 1.0),
        ("neq", json!(30), 31.0, 30.0),
        ("in", json!([1, "2"]), 2.0, 3.0),
        ("not_in", json!([1, 2]), 3.0, 2.0),
        ("gt", json!(1), 1.5, 1.0),
        ("gte", json!(1), 1.0, 0.5),
        ("lt", json!(1), 0.5, 1.0),
        ("lte", json!(1), 1.0, 1.5),
        ("between", json!([25, 49]), 49.0, 49.5),
    ] {
        assert!(age(op, value.clone(), yes), "{op} {value} {yes}");
        assert!(!age(op, value.clone(), no), "{op} {value} {no}");
        let negative = op == "neq" || op == "not_in";
        assert_eq!(holds(json!({"trait": "age", "op": op, "value": value}), None), negative, "{op} missing");
    }
}

#[test]
fn operators_on_booleans() {
    let vip = |op: &str, value: Json, of: bool| holds(json!({"trait": "vip", "op": op, "value": value}), Value::Boolean(of));
    assert!(vip("eq", json!(true), true) && vip("eq", json!("false"), false) && vip("neq", json!(true), false));
    assert!(!vip("eq", json!(true), false));
}

#[test]
fn operators_on_lists() {
    let langs = |op: &str, value: Json, of: &[&str]| holds(json!({"trait": "langs", "op": op, "value": value}), texts(of));
    assert!(langs("has", json!("fr"), &["de", "fr"]) && !langs("has", json!("fr"), &["de"]));
    assert!(langs("has_any", json!(["fr", "it"]), &["it"]) && !langs("has_any", json!(["fr"]), &[]));
    assert!(langs("has_all", json!(["fr", "it"]), &["it", "de", "fr"]) && !langs("has_all", json!(["fr", "it"]), &["it"]));
    assert!(langs("has_none", json!(["fr"]), &["it"]) && !langs("has_none", json!(["fr"]), &["fr"]));
    assert!(langs("eq", json!("fr"), &["de", "fr"]) && !langs("neq", json!("fr"), &["de", "fr"]));
    assert!(langs("contains", json!("r"), &["de", "fr"]) && langs("in", json!(["fr"]), &["de", "fr"]));
    assert!(langs("regex", json!("^f"), &["de", "fr"]));
    let scores =
        |op: &str, value: Json| holds(json!({"trait": "scores", "op": op, "value": value}), Value::NumberList(vec![1.0, 5.0]));
    assert!(scores("has", json!("5")) && scores("has_all", json!([5, 1])) && scores("gt", json!(4)) && scores("eq", json!(1)));
    assert!(!scores("has_all", json!([5, 2])) && !scores("has_none", json!([5])) && scores("has_none", json!([2])));
}

#[test]
fn operators_on_time() {
    let noon = |text: &str| Value::DateTime(Instant::parse(text).unwrap());
    let born = |op: &str, value: Json, of: Value| holds(json!({"trait": "born", "op": op, "value": value}), of);
    assert!(born("before", json!("2026-01-01"), noon("2025-12-31T23:59:59Z")));
    assert!(born("after", json!("2026-01-01"), noon("2026-01-02T00:00:00Z")));
    assert!(born("on", json!("2026-01-01T00:00:00Z"), noon("2026-01-01T00:00:00.9Z")));
    assert!(born("between", json!(["2026-01-01", "2026-01-01"]), noon("2026-01-01T23:59:59Z")));
    assert!(born("within_last", json!("1d"), noon("2026-11-19T12:00:00Z")));
    assert!(born("within_next", json!("1mo"), noon("2026-12-20T12:00:00Z")));
    assert!(born("more_than_ago", json!("1y"), noon("2025-11-20T11:59:59Z")));
    assert!(born("anniversary", json!(1), noon("1990-11-21T12:00:00Z")));
    assert!(born("anniversary", json!("1"), noon("1990-11-21T12:00:00Z")));
    assert!(holds(
        json!({"trait": "name_day", "op": "on", "value": "2026-01-01"}),
        Value::Date(Day::parse("2026-01-01").unwrap())
    ));
    assert!(matches!(
        predicate(json!({"trait": "name_day", "op": "anniversary", "value": 0})).tests[..],
        [(ValueType::Date, Test::Time(TimeTest::Anniversary(0)))]
    ));
}

#[test]
fn traits_are_looked_up_by_their_whole_path() {
    assert!(matches!(
        predicate(json!({"trait": "address.city", "op": "eq", "value": "Paris"})).tests[..],
        [(ValueType::String, _)]
    ));
    assert!(matches!(predicate(json!({"trait": "a.b", "op": "eq", "value": "1"})).tests[..], [(ValueType::Number, _)]));
}

#[test]
fn properties_of_several_types_get_a_test_for_each_that_fits() {
    let tests = |events: Json, op: &str, value: Json| {
        let leaf = event(json!({"event": events, "where": [{"property": "mixed", "op": op, "value": value}]}));
        let Filter::Property { predicate, .. } = &leaf.matching.filters[0] else { panic!("a property") };
        predicate.tests.iter().map(|(of, _)| *of).collect::<Vec<_>>()
    };
    let both = json!(["view", "buy"]);
    assert_eq!(tests(both.clone(), "eq", json!("1")), [ValueType::String, ValueType::Number]);
    assert_eq!(tests(both.clone(), "eq", json!("x")), [ValueType::String]);
    assert_eq!(tests(both, "gt", json!(1)), [ValueType::Number]);
    assert_eq!(tests(json!("view"), "eq", json!("1")), [ValueType::String]);
    assert_eq!(tests(json!("*"), "eq", json!("1")), [ValueType::String, ValueType::Number]);
}

#[test]
fn what_was_never_seen_is_accepted_with_a_warning() {
    let rule = json!({"all": [
        {"trait": "unseen", "op": "eq", "value": 3},
        {"event": ["view", "unseen"], "where": [{"property": "gone", "op": "before", "value": "2026-01-01"}],
            "agg": "sum", "of": "lost", "op": "gt", "value": 1},
        {"event": "*", "where": [{"property": "due", "op": "is_set"}, {"property": "n", "op": "is_set"}]}
    ]});
    let (_, warnings) = check_here(&rule).unwrap();
    let told: Vec<(&str, &str)> = warnings.iter().map(|warning| (warning.pointer.as_str(), warning.code)).collect();
    let wanted = [
        ("/all/0/trait", "never_seen_trait"),
        ("/all/1/event/1", "never_seen_event"),
        ("/all/1/where/0/property", "never_seen_property"),
        ("/all/1/of", "never_seen_property"),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn a_path_never_seen_is_tested_by_every_type_that_fits() {
    let tests = |op: &str, value: Json| {
        predicate(json!({"trait": "unseen", "op": op, "value": value})).tests.iter().map(|(of, _)| *of).collect::<Vec<_>>()
    };
    assert_eq!(tests("eq", json!("a")), [ValueType::String, ValueType::StringList]);
    assert_eq!(tests("eq", json!(true)), [ValueType::String, ValueType::Boolean, ValueType::StringList]);
    assert_eq!(tests("gt", json!(1)), [ValueType::Number, ValueType::NumberList]);
    assert_eq!(tests("before", json!("2026-01-01")), [ValueType::DateTime, ValueType::Date]);
    assert_eq!(tests("between", json!(["2026-01-01", "2026-01-02"])), [ValueType::DateTime, ValueType::Date]);
    assert_eq!(tests("has", json!("a")), [ValueType::StringList]);
    assert!(predicate(json!({"trait": "unseen", "op": "neq", "value": 1})).negated);
}

#[test]
fn events_by_name() {
    assert_eq!(event(json!({"event": "*"})).matching.events, EventNames::Every);
    let named = event(json!({"event": ["view", "buy", "view"], "where": []}));
    assert_eq!(named.matching.events, EventNames::Named(vec!["buy".to_owned(), "view".to_owned()]));
    assert!(named.matching.filters.is_empty());
    assert_eq!(named.window, Window::Always);
}

#[test]
fn count_has_defaults() {
    for rule in
        [json!({"event": "view"}), json!({"event": "view", "agg": "count", "op": "gte"}), json!({"event": "view", "value": 1})]
    {
        let Measure::Count(predicate) = event(rule).measure else { panic!("a count") };
        assert_eq!(predicate, NumberPredicate { negated: false, test: NumberTest::Gte(1.0) });
    }
    let Measure::Count(predicate) = event(json!({"event": "view", "op": "neq"})).measure else { panic!("a count") };
    assert_eq!(predicate, NumberPredicate { negated: true, test: NumberTest::OneOf(vec![1.0]) });
}

#[test]
fn aggregates() {
    let measure = |agg: &str, of: Option<&str>, op: &str, value: Json| {
        let mut rule = json!({"event": "view", "agg": agg, "op": op, "value": value});
        if let Some(of) = of {
            rule["of"] = json!(of);
        }
        event(rule).measure
    };
    assert!(matches!(
        measure("days", None, "between", json!([1, 2])),
        Measure::Days(NumberPredicate { negated: false, test: NumberTest::Between(..) })
    ));
    assert!(matches!(measure("distinct", Some("s"), "lt", json!("3")), Measure::Distinct { .. }));
    assert!(matches!(
        measure("sum", Some("n"), "neq", json!(0.1)),
        Measure::Sum { test: SumTest::Eq(100_000_000), negated: true, .. }
    ));
    assert!(matches!(
        measure("avg", Some("n"), "between", json!([-1, 1.5])),
        Measure::Avg { test: SumTest::Between(-1_000_000_000, 1_500_000_000), negated: false, .. }
    ));
    assert!(matches!(measure("min", Some("n"), "lte", json!(1)), Measure::Min { .. }));
    assert!(matches!(measure("max", Some("n"), "gt", json!(1)), Measure::Max { .. }));
    assert!(matches!(measure("first", Some("s"), "regex", json!("x")), Measure::First { .. }));
    let Measure::Last { condition } = measure("last", Some("due"), "within_last", json!("1d")) else { panic!("last") };
    let Filter::Property { path, predicate } = condition else { panic!("a property") };
    assert_eq!(path, "due");
    assert!(matches!(predicate.tests[..], [(ValueType::DateTime, Test::Time(TimeTest::WithinLast(_)))]));
    assert!(matches!(
        event(json!({"event": "view", "agg": "last", "of": "s", "op": "is_not_set"})).measure,
        Measure::Last { .. }
    ));
    assert!(matches!(
        event(json!({"event": ["view", "buy"], "agg": "sum", "of": "mixed", "op": "gt", "value": 1})).measure,
        Measure::Sum { .. }
    ));
}

#[test]
fn aggregates_of_attributes() {
    let measure = |agg: &str, of: &str, op: &str, value: Json| {
        event(json!({"event": "view", "agg": agg, "of": of, "op": op, "value": value})).measure
    };
    let Measure::Distinct { of: Operand::Attribute(genre), .. } = measure("distinct", "s.genre", "gte", json!(2)) else {
        panic!("an attribute")
    };
    assert_eq!((genre.path.as_str(), genre.key.as_str(), genre.attribute.as_str()), ("s.genre", "s", "genre"));
    assert_eq!(genre.rows().map(|row| (row.text, row.value.clone())).collect::<Vec<_>>(), [("t", Value::String("Crime".into()))]);
    assert!(matches!(measure("sum", "s.length", "gt", json!(1)), Measure::Sum { of: Operand::Attribute(_), .. }));
    assert!(matches!(measure("avg", "s.length", "gt", json!(1)), Measure::Avg { of: Operand::Attribute(_), .. }));
    assert!(matches!(measure("distinct", "s.tags", "lt", json!(3)), Measure::Distinct { of: Operand::Attribute(_), .. }));
    let Measure::First { condition: Filter::Linked(first) } = measure("first", "s.premiere", "before", json!("2026-02-01"))
    else {
        panic!("a condition on an attribute")
    };
    assert!(matches!(first.predicate.tests[..], [(ValueType::Date, Test::Time(_))]));
    let NodeKind::Top(top) = root(json!({"top": {"count": 1, "by": {"event": "view", "agg": "max", "of": "s.length"}}})) else {
        panic!("a ranking")
    };
    assert!(matches!(top.by.by, RankBy::Max(Operand::Attribute(_))));
    let never = json!({"event": "view", "agg": "sum", "of": "s.gerne", "op": "gte", "value": 1});
    let (checked, warnings) = check_here(&never).unwrap();
    let told: Vec<(&str, &str)> = warnings.iter().map(|warning| (warning.pointer.as_str(), warning.code)).collect();
    assert_eq!(told, [("/of", "never_seen_attribute")]);
    assert!(checked.catalogues.contains_key("s") && checked.attributes().len() == 1);
}

#[test]
fn conditions_on_attributes_of_the_first_event_are_resolved() {
    let rule = json!({"event": "view", "agg": "last", "of": "s.genre", "op": "neq", "value": "Crime"});
    let (checked, _) = check_here(&rule).unwrap();
    let resolved = checked.resolved(Instant(0));
    let NodeKind::Event(EventLeaf { measure: Measure::Last { condition: Filter::Not(holds) }, .. }) = &resolved.root.kind else {
        panic!("{:?}", resolved.root.kind)
    };
    assert!(matches!(holds.as_ref(), Filter::Any(ways) if ways.len() == 2));
}

#[test]
fn filters_nest() {
    let leaf = event(json!({"event": "view", "where": [{"not": {"any": [
        {"property": "s", "op": "eq", "value": "A", "ignore_case": true},
        {"all": [{"property": "n", "op": "is_set"}]}]}}]}));
    let Filter::Not(inner) = &leaf.matching.filters[0] else { panic!("not") };
    let Filter::Any(filters) = inner.as_ref() else { panic!("any") };
    let Filter::Property { path, predicate } = &filters[0] else { panic!("a property") };
    assert_eq!(path, "s");
    assert!(matches!(&predicate.tests[0].1, Test::String(StringTest::OneOf { texts, ignore_case: true }) if texts == &["a"]));
    assert!(matches!(&filters[1], Filter::All(all) if all.len() == 1));
}

#[test]
fn windows() {
    for (window, wanted) in [
        (json!({"last": "30d"}), "Last"),
        (json!({"last": "30d", "shift": "1y"}), "Last"),
        (json!({"between_ago": ["60d", "30d"], "shift": "1w"}), "BetweenAgo"),
        (json!({"between_ago": ["1mo", "29d"]}), "BetweenAgo"),
        (json!({"from": "2026-01-01"}), "Range"),
        (json!({"to": "2026-01-01T00:00:00Z"}), "Range"),
        (json!({"from": "2026-01-02", "to": "2026-01-01"}), "Range"),
        (json!({"calendar": "last_30_days", "shift": "1mo"}), "Calendar"),
    ] {
        let resolved = event(json!({"event": "view", "window": window})).window;
        assert!(format!("{resolved:?}").starts_with(wanted), "{window}");
    }
}

#[test]
fn a_regex_ignores_case_by_its_own_text() {
    let tests = predicate(json!({"trait": "plan", "op": "regex", "value": "a|b", "ignore_case": true})).tests;
    assert!(matches!(&tests[0].1, Test::String(StringTest::Regex(regex)) if regex.as_str() == "(?i)a|b" && regex.is_match("xB")));
}
