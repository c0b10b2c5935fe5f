use serde_json::json;

use super::*;

fn properties(object: Json) -> Vec<(String, Json)> {
    flatten_properties(&object).into_iter().map(|(path, value)| (path, value.clone())).collect()
}

#[test]
fn objects_are_followed_and_kept() {
    let found = properties(json!({"b": 1, "a": {"c": {"d": "x"}}}));
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["a", "a.c", "a.c.d", "b"]);
    assert_eq!(found[0].1, json!({"c": {"d": "x"}}));
}

#[test]
fn the_literal_key_wins_in_any_order() {
    for object in [json!({"a.b": 1, "a": {"b": 2}}), json!({"a": {"b": 2}, "a.b": 1})] {
        assert!(properties(object).contains(&("a.b".to_owned(), json!(1))));
    }
}

#[test]
fn a_null_literal_key_hides_the_path() {
    let found = properties(json!({"a.b": null, "a": {"b": 2, "c": 3}}));
    let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["a", null_mark("a.b").as_str(), "a.c"]);
}

#[test]
fn only_a_null_literal_key_that_could_be_a_path_through_a_link_is_marked() {
    let found = properties(json!({"a": null, "b.c": null, "d.e": 1, "x": {"y.z": null}}));
    assert_eq!(found, [(null_mark("b.c"), json!(true)), ("d.e".to_owned(), json!(1)), ("x".to_owned(), json!({"y.z": null}))]);
    assert!(is_null_mark(&found[0].0) && !is_null_mark("b.c"));
}

#[test]
fn null_is_not_set() {
    assert_eq!(properties(json!({"a": null, "b": {"c": null}})), [("b".to_owned(), json!({"c": null}))]);
}

#[test]
fn the_longer_first_key_wins() {
    let found = properties(json!({"a": {"b.c": 1, "b": {"c": 2}}, "x.y": {"z": 3}, "x": {"y.z": 4}}));
    assert!(found.contains(&("a.b.c".to_owned(), json!(1))));
    assert!(found.contains(&("x.y.z".to_owned(), json!(3))));
}

#[test]
fn lists_are_not_entered() {
    assert_eq!(properties(json!({"a": [{"b": 1}]})), [("a".to_owned(), json!([{"b": 1}]))]);
}

#[test]
fn depth_is_limited() {
    let mut object = json!(1);
    for _ in 0..100 {
        object = json!({ "k": object });
    }
    assert_eq!(flatten_properties(&object).len(), MAX_DEPTH);
}

#[test]
fn what_is_no_object_has_no_properties() {
    assert!(flatten_properties(&json!([1])).is_empty());
    assert!(flatten_traits(&json!(null)).is_empty());
}

#[test]
fn trait_updates_name_their_key() {
    let object = json!({"b": null, "a": {"x": {"y": 1}, "n": null}, "a.x": 2});
    let updates: Vec<(String, String, Option<Json>)> =
        flatten_traits(&object).into_iter().map(|(key, path, value)| (key, path, value.cloned())).collect();
    let expected = [
        ("b", "b", None),
        ("a", "a", Some(json!({"x": {"y": 1}, "n": null}))),
        ("a", "a.x", Some(json!({"y": 1}))),
        ("a", "a.x.y", Some(json!(1))),
        ("a.x", "a.x", Some(json!(2))),
    ];
    let expected = expected.map(|(key, path, value)| (key.to_owned(), path.to_owned(), value));
    assert_eq!(updates, expected);
}

#[test]
fn an_empty_key_is_a_key() {
    assert_eq!(properties(json!({"": {"": 1}})), [("".to_owned(), json!({"": 1})), (".".to_owned(), json!(1))]);
}

/// What the contract says of one path, looked up without flattening.
fn look_up<'a>(object: &'a Json, path: &str) -> Option<&'a Json> {
    if let Some(value) = object.get(path) {
        return Some(value);
    }
    let dots: Vec<usize> = path.match_indices('.').map(|(at, _)| at).collect();
    dots.into_iter().rev().find_map(|at| look_up(object.get(&path[..at])?, &path[at + 1..]))
}

fn objects() -> impl proptest::strategy::Strategy<Value = Json> {
    use proptest::prelude::*;
    let leaf = prop_oneof![Just(json!(null)), Just(json!(1)), Just(json!([]))];
    leaf.prop_recursive(4, 24, 4, |inner| {
        proptest::collection::vec(("[ab](\\.[ab])?(\\.[ab])?", inner), 0..4)
            .prop_map(|fields| Json::Object(fields.into_iter().collect()))
    })
}

proptest::proptest! {
    #[test]
    fn flattening_agrees_with_looking_up(object in objects(), path in "[ab](\\.[ab]){0,4}") {
        let flat = flatten_properties(&object);
        let found = flat.iter().find(|(known, _)| *known == path).map(|(_, value)| *value);
        let wanted = look_up(&object, &path).filter(|value| !value.is_null());
        proptest::prop_assert_eq!(found, wanted);
        proptest::prop_assert!(flat.is_sorted_by(|a, b| a.0 < b.0));
    }
}
