use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::generate::{rules, valid};

fn view(more: Json) -> Json {
    let mut rule = json!({"event": "view"});
    for (key, value) in more.as_object().unwrap() {
        rule[key] = value.clone();
    }
    rule
}

#[test]
fn written_differently() {
    let on = |op: &str, value: Json| json!({"trait": "t", "op": op, "value": value});
    let (a, b, c) = (json!({"list": "a"}), json!({"list": "b"}), json!({"segment": "c"}));
    let (p, q) = (json!({"property": "p", "op": "eq", "value": 1}), json!({"property": "q", "op": "is_set"}));
    for (left, right) in [
        (json!({"list": "a", "label": "x"}), a.clone()),
        (json!({"all": [a, b, a]}), json!({"all": [b, a], "label": "x", "tz": "UTC"})),
        (json!({"any": [a, {"any": [b, {"any": [c]}]}]}), json!({"any": [c, b, a]})),
        (json!({"all": [a, a], "tz": "Europe/Paris"}), json!({"tz": "Europe/Paris", "list": "a"})),
        (json!({"not": {"not": {"not": a}}}), json!({"not": {"all": [a]}})),
        (view(json!({"where": [p, {"all": [q, p]}]})), view(json!({"where": [q, p]}))),
        (view(json!({"where": [{"any": [p, q]}]})), view(json!({"where": [{"any": [q, {"all": [p]}]}]}))),
        (view(json!({"where": []})), view(json!({"agg": "count", "op": "gte", "value": 1.0}))),
        (view(json!({"value": "3"})), view(json!({"op": "gte", "value": 3}))),
        (json!({"event": ["view", "view"]}), view(json!({}))),
        (json!({"event": ["a", "b"]}), json!({"event": ["b", "a"]})),
        (on("in", json!(["x", "y"])), on("in", json!(["y", "x", "x"]))),
        (on("has_all", json!([1.0, 2])), on("has_all", json!([2.0, 1]))),
        (on("eq", json!(-0.0)), json!({"trait": "t", "op": "eq", "value": 0, "ignore_case": false})),
        (on("within_last", json!("24h")), on("within_last", json!("1d"))),
        (on("on", json!("2026-01-01T00:00:00Z")), on("on", json!("2026-01-01T01:00:00+01:00"))),
        (view(json!({"window": {"last": "7d", "shift": "12mo"}})), view(json!({"window": {"last": "168h", "shift": "1y"}}))),
        (view(json!({"window": {"between_ago": ["2w", "60m"]}})), view(json!({"window": {"between_ago": ["14d", "1h"]}}))),
        (view(json!({"window": {"calendar": "today"}})), view(json!({"window": {"calendar": "last_1_days"}}))),
        (
            view(json!({"window": {"season": {"property": "p", "value": 3}}})),
            view(json!({"window": {"season": {"property": "p", "value": 3.0, "which": -0.0}}})),
        ),
        (
            json!({"sequence": [{"event": ["a"], "where": []}, {"event": "b", "within": "48h"}], "within": "60s"}),
            json!({"sequence": [{"event": "a"}, {"event": "b", "within": "2d"}], "within": "1m"}),
        ),
        (
            json!({"regular": {"event": "a", "period": "7d", "periods": 4, "min_periods": 2, "count": 1}}),
            json!({"regular": {"event": "a", "period": "1w", "periods": 4.0, "min_periods": 2}}),
        ),
        (
            json!({"top": {"percent": 5.0, "by": {"event": "a", "label": "x"}, "among": {"all": [{"everyone": true}]}}}),
            json!({"top": {"percent": 5, "by": {"event": ["a"], "agg": "count"}}}),
        ),
    ] {
        assert_eq!(form(&left), form(&right), "{left} {right}");
        assert_eq!(hash(&left), hash(&right));
    }
}

#[test]
fn meant_differently() {
    let mut seen = HashMap::new();
    for rule in [
        json!({"everyone": true}),
        json!({"not": {"everyone": true}}),
        json!({"list": "a"}),
        json!({"segment": "a"}),
        json!({"list": "a", "tz": "Europe/Paris"}),
        json!({"all": [{"list": "a"}, {"list": "b"}]}),
        json!({"any": [{"list": "a"}, {"list": "b"}]}),
        json!({"all": [{"list": "a"}, {"any": [{"list": "b"}, {"list": "c"}]}]}),
        json!({"any": [{"list": "a"}, {"all": [{"list": "b"}, {"list": "c"}]}]}),
        json!({"all": []}),
        json!({"any": []}),
        json!({"trait": "t", "op": "eq", "value": "3"}),
        json!({"trait": "t", "op": "eq", "value": 3}),
        json!({"trait": "t", "op": "eq", "value": "3", "ignore_case": true}),
        json!({"trait": "t", "op": "between", "value": [1, 2]}),
        json!({"trait": "t", "op": "between", "value": [2, 1]}),
        json!({"trait": "t", "op": "on", "value": "2026-01-01"}),
        json!({"trait": "t", "op": "on", "value": "2026-01-01T00:00:00Z"}),
        json!({"trait": "t", "op": "eq", "value": "2026-01-01T00:00:00Z"}),
        json!({"trait": "t", "op": "eq", "value": "2026-01-01T01:00:00+01:00"}),
        json!({"trait": "t", "op": "eq", "value": "24h"}),
        json!({"trait": "t", "op": "eq", "value": "1d"}),
        json!({"event": "*"}),
        json!({"event": ["*"]}),
        json!({"event": "a"}),
        json!({"event": ["a", "b"]}),
        json!({"event": "a", "agg": "days", "op": "gte", "value": 1}),
        json!({"event": "a", "op": "lte"}),
        json!({"event": "a", "where": [{"property": "p", "op": "is_set"}]}),
        json!({"event": "a", "where": [{"not": {"property": "p", "op": "is_set"}}]}),
        json!({"event": "a", "window": {"last": "30d"}}),
        json!({"event": "a", "window": {"last": "1mo"}}),
        json!({"event": "a", "window": {"last": "365d"}}),
        json!({"event": "a", "window": {"last": "1y"}}),
        json!({"event": "a", "window": {"from": "2026-01-01"}}),
        json!({"event": "a", "window": {"to": "2026-01-01"}}),
        json!({"event": "a", "window": {"season": {"property": "p", "value": 1}}}),
        json!({"event": "a", "window": {"season": {"property": "p", "value": 1, "which": -1}}}),
        json!({"sequence": [{"event": "a"}, {"event": "b"}]}),
        json!({"sequence": [{"event": "b"}, {"event": "a"}]}),
        json!({"first_time": {"event": "a"}}),
        json!({"regular": {"event": "a", "period": "1d", "periods": 4, "min_periods": 2}}),
        json!({"top": {"percent": 5, "by": {"event": "a"}}}),
        json!({"top": {"count": 5, "by": {"event": "a"}}}),
        json!({"top": {"count": 5, "by": {"event": "a"}, "among": {"not": {"everyone": true}}}}),
    ] {
        if let Some(other) = seen.insert(hash(&rule), rule.clone()) {
            panic!("{rule} and {other}");
        }
    }
}

#[test]
fn the_hash_is_stable() {
    let rule = json!({"any": [{"list": "staff"}, {"event": "view", "window": {"last": "24h"}}]});
    let text = r#"{"any":[{"agg":"count","event":"view","op":"gte","value":1,"window":{"last":"1d"}},{"list":"staff"}]}"#;
    assert_eq!(form(&rule).to_string(), text);
    assert_eq!(hash(&rule), <[u8; 32]>::from(Sha256::digest(format!("\u{1}{text}"))));
}

#[test]
fn any_json_has_a_form() {
    for json in [json!(null), json!([1]), json!({}), json!({"all": 3}), json!({"event": 3, "where": 4, "window": 5, "value": {}})]
    {
        form(&json);
    }
    let deep = (0..100).fold(json!({"list": "a"}), |node, _| json!({"all": [node, {"everyone": true}]}));
    form(&deep);
}

/// Random choices that do not depend on anything but a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn shuffle(&mut self, items: &mut [Json]) {
        for index in (1..items.len()).rev() {
            let other = self.below(index + 1);
            items.swap(index, other);
        }
    }
}

/// The same rule, written differently. Only nodes have labels, not filters.
fn rewritten(json: &Json, dice: &mut Dice, labels: bool) -> Json {
    let Some(object) = json.as_object() else { return json.clone() };
    let mut copy = Object::new();
    let mut keys: Vec<Json> = object.keys().map(|key| json!(key)).collect();
    dice.shuffle(&mut keys);
    for key in keys.iter().filter_map(Json::as_str) {
        copy.insert(key.to_owned(), field(key, &object[key], object, dice, labels && key != "where"));
    }
    if !is_condition(json) {
        return Json::Object(copy);
    }
    if labels && !copy.contains_key("tz") && dice.below(3) == 0 {
        copy.insert("label".to_owned(), json!("another"));
    }
    let zone = copy.shift_remove("tz");
    let mut wrapped = match dice.below(6) {
        0 => json!({ "all": [copy] }),
        1 => json!({ "any": [copy, copy] }),
        2 => json!({ "not": { "not": copy } }),
        _ => Json::Object(copy),
    };
    if let Some(zone) = zone {
        wrapped["tz"] = zone;
    }
    wrapped
}

fn is_condition(json: &Json) -> bool {
    let kinds = ["all", "any", "not", "everyone", "trait", "sequence", "first_time", "regular", "top", "segment", "list"];
    let compared = ["property", "event"].iter().any(|kind| json.get(kind).is_some()) && json.get("op").is_some();
    compared || kinds.iter().any(|kind| json.get(kind).is_some())
}

fn field(key: &str, value: &Json, object: &Object, dice: &mut Dice, labels: bool) -> Json {
    let sets = ["in", "not_in", "has_any", "has_all", "has_none"];
    let unordered = ["all", "any", "where", "event"].contains(&key)
        || (key == "value" && object.get("op").and_then(Json::as_str).is_some_and(|op| sets.contains(&op)));
    let spelled = ["last", "shift", "within", "period", "between_ago"].contains(&key);
    match value {
        Json::Array(items) => {
            let mut items: Vec<Json> =
                items.iter().map(|item| if spelled { respelled(item) } else { rewritten(item, dice, labels) }).collect();
            if unordered {
                items.extend(items.first().cloned());
                dice.shuffle(&mut items);
            }
            Json::Array(items)
        }
        Json::Object(_) => rewritten(value, dice, labels),
        Json::String(_) if spelled => respelled(value),
        Json::Number(number) if key == "value" && number.is_i64() => json!(number.as_f64()),
        other => other.clone(),
    }
}

/// A duration in a smaller unit.
fn respelled(json: &Json) -> Json {
    let text = json.as_str().unwrap();
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap();
    let amount: u64 = text[..end].parse().unwrap();
    let (times, unit) = match &text[end..] {
        "w" => (7, "d"),
        "d" => (24, "h"),
        "h" => (60, "m"),
        "m" => (60, "s"),
        "y" => (12, "mo"),
        same => (1, same),
    };
    json!(format!("{}{unit}", amount * times))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn rewritten_rules_hash_alike(rule in rules(), seed in any::<u64>()) {
        let other = rewritten(&rule, &mut Dice(seed), true);
        prop_assert_eq!(form(&rule), form(&other), "{}\n{}", rule, other);
        prop_assert_eq!(hash(&rule), hash(&other));
    }

    #[test]
    fn the_form_is_its_own_form_and_valid(rule in rules()) {
        let normal = form(&rule);
        prop_assert_eq!(&form(&normal), &normal);
        prop_assert!(valid(&normal), "{normal}");
    }
}
