//! Sizes, depths, and references to other segments.

use super::*;

fn nots(depth: usize, inner: Json) -> Json {
    (0..depth).fold(inner, |node, _| json!({ "not": node }))
}

fn refused(rule: &Json, own_id: Option<&str>, segments: &Json) -> Vec<(String, String)> {
    let stored = Stored::from(segments, &["staff"]);
    pairs(&check(rule, own_id, &schema(), &stored).err().unwrap_or_default()).into_iter().collect()
}

fn fault(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

#[test]
fn a_thousand_nodes_are_allowed() {
    let lists = |count: usize| json!({"any": vec![json!({"list": "staff"}); count]});
    assert!(refused(&lists(999), None, &json!({})).is_empty());
    assert_eq!(refused(&lists(1000), None, &json!({})), fault("", "too_many_nodes"));
}

#[test]
fn filters_count_and_referenced_segments_count_as_one() {
    let filters = |count: usize| json!({"event": "view", "where": vec![json!({"property": "s", "op": "is_set"}); count]});
    assert!(refused(&filters(999), None, &json!({})).is_empty());
    assert_eq!(refused(&filters(1000), None, &json!({})), fault("", "too_many_nodes"));
    let rule = json!({"any": vec![json!({"segment": "big"}); 900]});
    assert!(refused(&rule, None, &json!({ "big": filters(900) })).is_empty());
}

#[test]
fn steps_count_and_the_filters_of_what_is_no_node() {
    let sequence = |count: usize| json!({"sequence": vec![json!({"event": "view"}); count]});
    assert!(refused(&sequence(999), None, &json!({})).is_empty());
    assert_eq!(refused(&sequence(1000), None, &json!({})), fault("", "too_many_nodes"));
    let filters = |count: usize| vec![json!({"property": "s", "op": "is_set"}); count];
    let ranked = |count: usize| json!({"top": {"count": 1, "by": {"event": "view", "where": filters(count)}}});
    assert!(refused(&ranked(999), None, &json!({})).is_empty());
    assert_eq!(refused(&ranked(1000), None, &json!({})), fault("", "too_many_nodes"));
    let without = |count: usize| {
        let without = json!({"event": "buy", "where": filters(count)});
        json!({"sequence": [{"event": "view"}, {"event": "view", "without": without}]})
    };
    assert!(refused(&without(997), None, &json!({})).is_empty());
    assert_eq!(refused(&without(998), None, &json!({})), fault("", "too_many_nodes"));
}

#[test]
fn filters_of_what_is_no_node_lie_one_level_deeper() {
    let filter = json!({"property": "s", "op": "is_set"});
    let ranked = json!({"top": {"count": 1, "by": {"event": "view", "where": [filter]}}});
    assert!(refused(&nots(30, ranked.clone()), None, &json!({})).is_empty());
    let pointer = format!("{}/top/by/where/0", "/not".repeat(31));
    assert_eq!(refused(&nots(31, ranked), None, &json!({})), fault(&pointer, "too_deep"));
    let step = |depth: usize| {
        let nested = (1..depth).fold(filter.clone(), |inner, _| json!({ "not": inner }));
        json!({"sequence": [{"event": "view"}, {"event": "view", "without": {"event": "buy", "where": [nested]}}]})
    };
    // The sequence is 1, its steps 2, the filters of `without` 3.
    assert!(refused(&step(30), None, &json!({})).is_empty());
    let pointer = format!("/sequence/1/without/where/0{}", "/not".repeat(30));
    assert_eq!(refused(&step(31), None, &json!({})), fault(&pointer, "too_deep"));
}

/// Generous: a test shares the machine with others. `cargo run --example limits` tells how long it takes.
const SOON: std::time::Duration = std::time::Duration::from_secs(20);

fn soon(rule: &Json) -> Vec<(String, String)> {
    let start = std::time::Instant::now();
    let faults = refused(rule, None, &json!({}));
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    faults
}

#[test]
fn hostile_rules_are_refused_soon() {
    // Deeper JSON is not even read (see the extractor of the API); text is (see the tests of the text form).
    let deeper = |node, _| Json::Object([("not".to_owned(), node)].into_iter().collect());
    let deep = (0..1_000).fold(json!({"everyone": true}), deeper);
    assert_eq!(soon(&deep), fault(&"/not".repeat(32), "too_deep"));
    assert_eq!(soon(&json!({"any": vec![json!({"everyone": true}); 100_000]})), fault("", "too_many_nodes"));
    let filters = vec![json!({"property": "s", "op": "is_set"}); 100_000];
    assert_eq!(soon(&json!({"event": "view", "where": filters})), fault("", "too_many_nodes"));
    let long = "9".repeat(1 << 20);
    assert_eq!(soon(&json!({"trait": "age", "op": "eq", "value": long})), fault("/value", "wrong_type"));
    assert_eq!(soon(&json!({"trait": "plan", "op": "regex", "value": long.clone() + "("})), fault("/value", "bad_regex"));
    assert_eq!(soon(&json!({"event": "view", "window": {"last": long.clone() + "d"}})), fault("/window/last", "bad_duration"));
    assert_eq!(soon(&json!({"everyone": true, "tz": long})), fault("/tz", "bad_timezone"));
    assert_eq!(soon(&json!({"trait": "age", "op": long, "value": 1})), fault("/op", "unknown_operator"));
    for bomb in ["((((a{99}){99}){99}){99})", "(a{1000}){1000}", "\\w{10000}", "(?:x{0,999}){0,999}", &"(".repeat(100_000)] {
        assert_eq!(soon(&json!({"trait": "plan", "op": "regex", "value": bomb})), fault("/value", "bad_regex"), "{bomb:.40}");
    }
}

#[test]
fn a_sentence_does_not_repeat_all_of_a_long_literal() {
    for rule in [
        json!({"trait": "age", "op": "eq", "value": "9".repeat(1 << 20)}),
        json!({"trait": "plan", "op": "regex", "value": "(é".repeat(1 << 20)}),
        json!({"list": "l".repeat(1 << 20)}),
    ] {
        let faults = check_here(&rule).unwrap_err();
        assert!(faults.iter().all(|fault| fault.detail.len() < 5_000 && fault.detail.ends_with('.')), "{faults:?}");
    }
}

#[test]
fn expressions_may_not_be_large_together() {
    let rule =
        |pattern: &str, count: usize| json!({"all": vec![json!({"trait": "plan", "op": "regex", "value": pattern}); count]});
    assert!(soon(&rule("^(gold|silver)[0-9]+$", 998)).is_empty());
    // Each fits by itself.
    let large = "\\w{50}";
    assert!(soon(&rule(large, 1)).is_empty());
    let faults = soon(&rule(large, 900));
    assert!(!faults.is_empty() && faults.iter().all(|(_, code)| code == "bad_regex"), "{faults:?}");
}

#[test]
fn thirty_two_levels_are_allowed() {
    let leaf = json!({"list": "staff"});
    assert!(refused(&nots(31, leaf.clone()), None, &json!({})).is_empty());
    assert_eq!(refused(&nots(32, leaf.clone()), None, &json!({})), fault(&"/not".repeat(32), "too_deep"));
    let filter = json!({"event": "view", "where": [{"property": "s", "op": "is_set"}]});
    assert!(refused(&nots(30, filter.clone()), None, &json!({})).is_empty());
    let pointer = format!("{}/where/0", "/not".repeat(31));
    assert_eq!(refused(&nots(31, filter), None, &json!({})), fault(&pointer, "too_deep"));
    let deep = json!({ "deep": nots(31, leaf) });
    assert!(refused(&nots(31, json!({"segment": "deep"})), None, &deep).is_empty());
}

#[test]
fn a_segment_cannot_contain_itself() {
    let segments =
        json!({"a": {"not": {"segment": "b"}}, "b": {"any": [{"list": "staff"}, {"segment": "a"}]}, "self": {"segment": "self"}});
    assert_eq!(refused(&json!({"segment": "a"}), None, &segments), fault("/segment", "cycle"));
    assert_eq!(refused(&json!({"all": [{"segment": "new"}]}), Some("new"), &json!({})), fault("/all/0/segment", "cycle"));
    assert_eq!(refused(&json!({"segment": "self"}), None, &segments), fault("/segment", "cycle"));
    let leads_back = json!({"x": {"segment": "y"}, "y": {"segment": "new"}});
    assert_eq!(refused(&json!({"segment": "x"}), Some("new"), &leads_back), fault("/segment", "cycle"));
    // Stored before, and not part of itself any more.
    assert!(refused(&json!({"segment": "c"}), Some("a"), &json!({"a": {"segment": "a"}, "c": {"list": "staff"}})).is_empty());
}

#[test]
fn a_referenced_segment_that_is_wrong_is_told_of() {
    let segments = json!({"a": {"segment": "gone"}, "b": {"list": "gone"}, "c": {"all": []}});
    assert_eq!(refused(&json!({"segment": "a"}), None, &segments), fault("/segment", "unknown_segment"));
    assert_eq!(refused(&json!({"segment": "b"}), None, &segments), fault("/segment", "unknown_list"));
    assert_eq!(refused(&json!({"segment": "c"}), None, &segments), fault("/segment", "empty_group"));
}

#[test]
fn diamonds_are_checked_once() {
    let mut segments = serde_json::Map::new();
    segments.insert("s0".to_owned(), json!({"list": "staff"}));
    for level in 1..60 {
        let below = format!("s{}", level - 1);
        segments.insert(format!("s{level}"), json!({"all": [{"segment": below}, {"not": {"segment": below}}]}));
    }
    let stored = Stored::from(&Json::Object(segments), &["staff"]);
    let (checked, _) = check(&json!({"segment": "s59"}), None, &schema(), &stored).unwrap();
    assert_eq!(checked.list_ids(), ["staff"]);
}

#[test]
fn chains_of_segments_end() {
    let mut segments = serde_json::Map::new();
    segments.insert("s0".to_owned(), json!({"list": "staff"}));
    for level in 1..2000 {
        segments.insert(format!("s{level}"), nots(20, json!({"segment": format!("s{}", level - 1)})));
    }
    let segments = Json::Object(segments);
    assert!(refused(&json!({"segment": "s14"}), None, &segments).is_empty());
    assert_eq!(refused(&json!({"segment": "s1999"}), None, &segments), fault("/segment", "too_deep"));
    // Reaching a long chain by way of one checked already does not make it longer.
    let both = json!({"all": [{"segment": "s14"}, {"segment": "s28"}]});
    assert_eq!(refused(&both, None, &segments), fault("/all/1/segment", "too_deep"));
}

#[test]
fn a_segment_keeps_its_own_zone() {
    let stored = Stored::from(&json!({"today": {"event": "view", "window": {"calendar": "today"}, "tz": "Asia/Tokyo"}}), &[]);
    let rule = json!({"segment": "today", "tz": "Europe/Paris"});
    let (checked, _) = check(&rule, None, &schema(), &stored).unwrap();
    assert_eq!(checked.zone.name(), "Europe/Paris");
    let crate::tree::NodeKind::Segment { rule, .. } = &checked.root.kind else { panic!("a segment") };
    assert_eq!(rule.zone.name(), "Asia/Tokyo");
}
