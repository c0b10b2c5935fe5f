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
