//! Warnings about what was collected, on rules that are checked as they would be in the product.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::*;
use crate::check::{References, check};
use crate::schema::{Schema, ValueType};

/// Stored segments.
struct Segments(BTreeMap<&'static str, Json>);

impl References for Segments {
    fn segment_rule(&self, id: &str) -> Option<Arc<Json>> {
        self.0.get(id).cloned().map(Arc::new)
    }

    fn list_exists(&self, _id: &str) -> bool {
        true
    }
}

const NOW: &str = "2026-11-20T12:00:00Z";
const OLDEST: &str = "2026-03-03T10:00:00Z";

fn schema() -> Schema {
    let paths = BTreeMap::from([("n".to_owned(), ValueType::Number)]);
    Schema { events: BTreeMap::from([("view".to_owned(), paths)]), ..Schema::default() }
}

fn warnings_with(rule: &Json, oldest: Option<&str>, unhealthy: &[UnhealthyDay]) -> Vec<Warning> {
    let segments = Segments(BTreeMap::from([
        ("viewers", json!({"event": "view", "window": {"last": "1y"}})),
        ("gone", json!({"not": {"segment": "viewers"}})),
    ]));
    let (checked, mut warnings) = check(rule, None, &schema(), &segments).unwrap_or_else(|faults| panic!("{rule}: {faults:?}"));
    let oldest_event = oldest.map(|text| Instant::parse(text).unwrap());
    warn(&checked, &Collected { now: Instant::parse(NOW).unwrap(), oldest_event, unhealthy }, &mut warnings);
    warnings
}

fn day(source: &str, text: &str) -> UnhealthyDay {
    UnhealthyDay { source: source.to_owned(), day: Day::parse(text).unwrap() }
}

/// Pointers of the warnings with a code.
fn at(warnings: &[Warning], code: &str) -> Vec<String> {
    warnings.iter().filter(|warning| warning.code == code).map(|warning| warning.pointer.clone()).collect()
}

fn reaching(rule: Json) -> Vec<String> {
    at(&warnings_with(&rule, Some(OLDEST), &[]), "before_oldest_event")
}

fn doubtful(rule: Json) -> Vec<String> {
    at(&warnings_with(&rule, None, &[day("web", "2026-11-10")]), "unhealthy_days")
}

#[test]
fn a_window_that_begins_before_the_oldest_event() {
    let view = |window: Json| json!({"event": "view", "window": window});
    for window in [
        json!({"last": "1y"}),
        json!({"last": "30d", "shift": "1y"}),
        json!({"between_ago": ["10mo", "1mo"]}),
        json!({"from": "2026-03-03"}),
        json!({"from": "2026-03-03T09:59:59Z", "to": "2026-04-01"}),
        json!({"calendar": "this_year"}),
        json!({"calendar": "last_year"}),
    ] {
        assert_eq!(reaching(view(window.clone())), ["/window"], "{window}");
    }
    for window in [
        json!({"last": "30d"}),
        json!({"to": "2026-01-01"}),
        json!({"from": "2026-03-03T10:00:00Z"}),
        json!({"from": "2026-03-04"}),
        json!({"from": "2026-02-02", "to": "2026-02-01"}),
        json!({"calendar": "this_month"}),
    ] {
        assert_eq!(reaching(view(window.clone())), [""; 0], "{window}");
    }
    assert_eq!(reaching(json!({"event": "view"})), [""; 0], "all of history begins with the oldest event");
    let without_events = warnings_with(&view(json!({"last": "1y"})), None, &[]);
    assert!(without_events.is_empty());
}

#[test]
fn the_window_of_every_node() {
    let (window, steps) = (json!({"last": "1y"}), json!([{"event": "view"}, {"event": "view"}]));
    let rule = json!({"all": [
        {"not": {"event": "view", "window": window}},
        {"sequence": steps, "window": window},
        {"first_time": {"event": "view", "window": window}},
        {"top": {"count": 1, "by": {"event": "view", "window": window}, "among": {"event": "view", "window": window}}},
        {"regular": {"event": "view", "period": "1mo", "periods": 12, "min_periods": 3}},
        {"regular": {"event": "view", "period": "1w", "periods": 4, "min_periods": 3}},
        {"segment": "viewers"},
        {"segment": "gone"}
    ]});
    let wanted = [
        "/all/0/not/window",
        "/all/1/window",
        "/all/2/first_time/window",
        "/all/3/top/by/window",
        "/all/3/top/among/window",
        "/all/4/regular/periods",
        "/all/6",
        "/all/7",
    ];
    assert_eq!(reaching(rule), wanted);
}

#[test]
fn the_sentence_names_both_dates_in_the_rules_zone() {
    let detail = |rule: Json, oldest: &str| warnings_with(&rule, Some(oldest), &[]).remove(0).detail;
    let from = |from: &str| json!({"event": "view", "window": {"from": from}, "tz": "Pacific/Auckland"});
    assert_eq!(
        detail(from("2026-01-01"), "2026-03-02T12:00:00Z"),
        "This window begins on 2026-01-01, but the oldest event that is kept is of 2026-03-03. What was done before is not known \
         and does not count."
    );
    let same_day = detail(from("2026-03-03"), "2026-03-03T00:00:00Z");
    assert!(same_day.contains("begins on 2026-03-02T11:00:00Z") && same_day.contains("of 2026-03-03T00:00:00Z"), "{same_day}");
    assert!(detail(json!({"segment": "viewers"}), OLDEST).starts_with("A window in this segment begins on 2025-11-20,"));
}

#[test]
fn what_was_not_done_is_doubtful_over_unhealthy_days() {
    let count = |op: &str, value: Json| json!({"event": "view", "op": op, "value": value});
    for rule in [
        count("eq", json!(0)),
        count("lt", json!(1)),
        count("lte", json!(2)),
        count("between", json!([0, 3])),
        count("neq", json!(3)),
        json!({"event": "view", "agg": "days", "op": "lt", "value": 2}),
        json!({"event": "view", "agg": "distinct", "of": "n", "op": "eq", "value": 0}),
        json!({"event": "view", "agg": "sum", "of": "n", "op": "lte", "value": 10}),
    ] {
        assert_eq!(doubtful(rule.clone()), [""], "{rule}");
        assert_eq!(doubtful(json!({"not": rule})), [""; 0], "did it after all: {rule}");
        assert_eq!(doubtful(json!({"not": {"not": rule}})), ["/not/not"], "{rule}");
    }
    for rule in [
        json!({"event": "view"}),
        count("gt", json!(2)),
        count("eq", json!(3)),
        count("neq", json!(0)),
        json!({"event": "view", "agg": "avg", "of": "n", "op": "lt", "value": 2}),
        json!({"event": "view", "agg": "last", "of": "n", "op": "neq", "value": 2}),
        json!({"first_time": {"event": "view"}}),
        json!({"regular": {"event": "view", "period": "1w", "periods": 4, "min_periods": 3}}),
        json!({"top": {"count": 1, "by": {"event": "view"}}}),
        json!({"sequence": [{"event": "view"}, {"event": "view"}]}),
    ] {
        assert_eq!(doubtful(rule.clone()), [""; 0], "{rule}");
        assert_eq!(doubtful(json!({"not": rule})), ["/not"], "{rule}");
    }
    assert_eq!(doubtful(count("gte", json!(0))), [""; 0], "holds for everybody");
}

#[test]
fn groups_keep_the_parity_and_segments_are_looked_into() {
    let rule = json!({"all": [
        {"any": [{"event": "view"}, {"event": "view", "op": "eq", "value": 0}]},
        {"not": {"any": [{"event": "view"}, {"all": [{"event": "view", "op": "lt", "value": 1}, {"everyone": true}]}]}},
        {"segment": "viewers"},
        {"segment": "gone"},
        {"not": {"segment": "gone"}},
        {"not": {"segment": "viewers"}},
        {"top": {"count": 1, "by": {"event": "view"}, "among": {"not": {"event": "view"}}}},
        {"trait": "plan", "op": "is_not_set"},
        {"not": {"list": "staff"}}
    ]});
    let wanted = ["/all/0/any/1", "/all/1/not/any/0", "/all/3", "/all/5/not", "/all/6/top/among/not"];
    assert_eq!(doubtful(rule), wanted);
    let steps = json!([{"event": "view"}, {"event": "view"}, {"event": "view", "without": {"event": "view"}}]);
    assert_eq!(doubtful(json!({"sequence": steps})), ["/sequence/2/without"]);
    assert_eq!(doubtful(json!({"not": {"sequence": steps}})), ["/not"]);
}

#[test]
fn only_days_that_the_window_touches_count() {
    let unhealthy = [day("web", "2026-11-10"), day("app", "2026-11-12"), day("app", "2026-11-12"), day("web", "2026-11-12")];
    let found = |window: Json| -> Vec<String> {
        let rule = json!({"event": "view", "op": "eq", "value": 0, "window": window});
        warnings_with(&rule, None, &unhealthy).into_iter().map(|warning| warning.detail).collect()
    };
    assert_eq!(
        found(json!({"last": "30d"})),
        [
            "Collection from “app” was not healthy on 2026-11-12. What users did then may be missing, and this condition may hold \
             for too many.",
            "Collection from “web” was not healthy on 2026-11-10 and 2026-11-12. What users did then may be missing, and this \
             condition may hold for too many."
        ]
    );
    assert_eq!(found(json!({"from": "2026-11-10T23:59:59Z", "to": "2026-11-12T00:00:00Z"})).len(), 1);
    assert_eq!(found(json!({"from": "2026-11-11", "to": "2026-11-12T00:00:00Z"})).len(), 0);
    assert_eq!(found(json!({"from": "2026-11-11", "to": "2026-11-12T00:00:01Z"})).len(), 2);
    assert_eq!(found(json!({"last": "7d"})).len(), 0);
}

#[test]
fn many_days_are_counted_and_warnings_stand_in_document_order() {
    let days: Vec<UnhealthyDay> = (1..=9).rev().map(|number| day("web", &format!("2026-11-0{number}"))).collect();
    let rule = json!({"all": [
        {"event": "view", "op": "eq", "value": 0, "window": {"last": "1y"}},
        {"event": "never", "op": "eq", "value": 0}
    ]});
    let warnings = warnings_with(&rule, Some(OLDEST), &days);
    let told: Vec<(&str, &str)> = warnings.iter().map(|warning| (warning.pointer.as_str(), warning.code)).collect();
    let wanted = [
        ("/all/0", "unhealthy_days"),
        ("/all/0/window", "before_oldest_event"),
        ("/all/1", "unhealthy_days"),
        ("/all/1/event", "never_seen_event"),
    ];
    assert_eq!(told, wanted);
    let named = "2026-11-05, 2026-11-06, 2026-11-07, 2026-11-08, 2026-11-09 and 4 days before.";
    assert!(warnings[0].detail.contains(named), "{}", warnings[0].detail);
}

#[test]
fn a_chain_of_segments_that_meet_again_and_again_is_looked_at_quickly() {
    let mut rule = Arc::new(check(&json!({"event": "view"}), None, &schema(), &Segments(BTreeMap::new())).unwrap().0);
    for level in 0..40 {
        let reference =
            || Node { pointer: String::new(), kind: NodeKind::Segment { id: level.to_string(), rule: Arc::clone(&rule) } };
        let not = Node { pointer: String::new(), kind: NodeKind::Not(Box::new(reference())) };
        let root = Node { pointer: String::new(), kind: NodeKind::Any(vec![reference(), not]) };
        rule = Arc::new(CheckedRule { root, ..rule.as_ref().clone() });
    }
    let unhealthy = [day("web", "2026-11-10")];
    let mut warnings = Vec::new();
    let now = Instant::parse(NOW).unwrap();
    warn(&rule, &Collected { now, oldest_event: None, unhealthy: &unhealthy }, &mut warnings);
    assert_eq!(warnings.len(), 1);
}
