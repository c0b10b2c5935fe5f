//! Every node, aggregate and kind of test, with hand-written facts.

use rollcall_rules::ValueType;
use serde_json::{Value as Json, json};

use super::support::{NOW, World, at};
use crate::{Lake, LakeError};

/// Five known users: ann and bob watch, cyd buys, dan has only a profile, eve did something after now.
fn world() -> World {
    let mut world = World::default();
    world.schema.traits.extend([("born".to_owned(), ValueType::Date), ("seen_at".to_owned(), ValueType::DateTime)]);
    world.schema.properties.extend([("due".to_owned(), ValueType::DateTime), ("day".to_owned(), ValueType::Date)]);
    world.event("ann", "view", "2026-11-18T23:30:00Z", json!({"genre": "Drama", "minutes": 0.1, "tags": ["Crime", "FR"]}));
    world.event("ann", "view", "2026-11-19T00:30:00Z", json!({"genre": "News", "minutes": 0.2, "marks": [1, 5]}));
    world.event("ann", "view", "2026-11-19T09:00:00Z", json!({"minutes": 10}));
    world.event("bob", "view", "2026-10-01T09:00:00Z", json!({"genre": "Straße", "minutes": 7, "live": true}));
    world.event("cyd", "buy", "2026-11-20T12:00:00Z", json!({"price": 3, "due": "2026-11-25T00:00:00Z", "day": "2026-11-20"}));
    world.identify("dan", "2026-11-01T00:00:00Z", json!({"plan": "gold", "born": "1990-11-22", "address": {"city": "Paris"}}));
    world.identify("ann", "2026-11-02T00:00:00Z", json!({"plan": "gold", "langs": ["fr", "DE"], "scores": [1, 2.5]}));
    world.identify("ann", "2026-11-01T00:00:00Z", json!({"plan": "silver", "vip": false}));
    world.event("eve", "view", "2026-11-20T12:00:00.000001Z", json!({"genre": "Drama"}));
    world.event_with(None, "view", "2026-11-19T00:00:00Z", json!({"genre": "Drama"}), None);
    world
}

const EVERYONE: [&str; 4] = ["ann", "bob", "cyd", "dan"];

/// Rules and their members.
async fn expect<'a>(world: &World, lake: &Lake, cases: impl IntoIterator<Item = (Json, &'a [&'a str])>) {
    for (rule, members) in cases {
        assert_eq!(world.members(lake, rule.clone()).await, members, "{rule}");
    }
}

fn view(property: &str, op: &str, value: impl Into<Json>) -> Json {
    json!({"event": "view", "where": [{"property": property, "op": op, "value": value.into()}]})
}

fn measured(aggregate: &str, op: &str, value: impl Into<Json>) -> Json {
    json!({"event": "view", "agg": aggregate, "of": "minutes", "op": op, "value": value.into()})
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_and_the_population() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = world();
    world.lists.insert("it's".to_owned(), 3);
    world.segments.insert("watchers".to_owned(), json!({"event": "view"}).into());
    let lake = world.lake(&folder).await;
    lake.write_list("it's", 2, &["cyd".to_owned(), "unknown".to_owned(), "cyd".to_owned()]).await.unwrap();
    let (watches, gold) = (json!({"event": "view"}), json!({"trait": "plan", "op": "eq", "value": "gold"}));
    expect(
        &world,
        &lake,
        [
            (json!({"everyone": true}), &EVERYONE[..]),
            (watches.clone(), &["ann", "bob"]),
            (json!({"event": "*"}), &["ann", "bob", "cyd"]),
            (json!({"event": ["buy", "never", "view"]}), &["ann", "bob", "cyd"]),
            (json!({"event": "never"}), &[]),
            (json!({"not": {"event": "never"}}), &EVERYONE),
            (json!({"not": watches}), &["cyd", "dan"]),
            (json!({"all": [watches, gold]}), &["ann"]),
            (json!({"any": [watches, gold]}), &["ann", "bob", "dan"]),
            (json!({"all": [{"not": watches}, {"not": {"not": gold}}]}), &["dan"]),
            (json!({"list": "it's"}), &["cyd"]),
            (json!({"any": [{"segment": "watchers"}, {"not": {"segment": "watchers"}}]}), &EVERYONE),
            (json!({"not": {"segment": "watchers"}}), &["cyd", "dan"]),
        ],
    )
    .await;
    let everyone = json!({"everyone": true});
    assert_eq!(world.members_at(&lake, &everyone, at(NOW), 4).await, ["ann", "bob"]);
    assert_eq!(world.members_at(&lake, &everyone, at("2026-11-20T11:59:59.999999Z"), world.up_to()).await, ["ann", "bob", "dan"]);
    assert_eq!(world.members_at(&lake, &everyone, at("2026-11-21T00:00:00Z"), world.up_to()).await.len(), 5);
    let listed = world.check(&json!({"list": "it's"}));
    let missing = lake.evaluate(&listed, at(NOW), 9, &[("it's".to_owned(), 4)].into()).await;
    assert!(matches!(missing, Err(LakeError::UnknownList { version: 4, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn traits_take_the_newest_update_of_a_key_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = world();
    world.identify("bob", "2026-11-01T00:00:00Z", json!({"a": {"b": 1, "c": 2}, "x.y": 1, "x": {"y": 2, "z": 5}}));
    world.identify("bob", "2026-11-03T00:00:00Z", json!({"a": {"b": 3}, "gone": null, "plan": "gold"}));
    world.identify("bob", "2026-11-02T00:00:00Z", json!({"a": {"b": 9, "c": 9}, "gone": 1}));
    world.identify("bob", "2026-11-03T00:00:00Z", json!({"plan": null}));
    world.identify("cyd", "2026-11-03T00:00:00Z", json!({"x.y": 1}));
    world.identify("cyd", "2026-11-04T00:00:00Z", json!({"x.y": null, "x": {"y": 2}}));
    world.identify("eve", "2026-11-21T00:00:00Z", json!({"plan": "gold"}));
    let lake = world.lake(&folder).await;
    let number = |path: &str, value: f64| json!({"trait": path, "op": "eq", "value": value});
    let set = |path: &str| json!({"trait": path, "op": "is_set"});
    expect(
        &world,
        &lake,
        [
            (json!({"trait": "plan", "op": "eq", "value": "gold"}), &["ann", "dan"][..]),
            (json!({"trait": "plan", "op": "neq", "value": "gold"}), &["bob", "cyd"]),
            (json!({"trait": "vip", "op": "eq", "value": false}), &["ann"]),
            (number("a.b", 3.0), &["bob"]),
            (set("a.c"), &[]),
            (set("a"), &["bob"]),
            (set("gone"), &[]),
            (json!({"trait": "gone", "op": "is_not_set"}), &EVERYONE),
            (number("x.y", 1.0), &["bob"]),
            (number("x.y", 2.0), &[]),
            (number("x.z", 5.0), &["bob"]),
            (json!({"trait": "address.city", "op": "in", "value": ["Paris", "Rome"]}), &["dan"]),
            (json!({"trait": "langs", "op": "has", "value": "de", "ignore_case": true}), &["ann"]),
            (json!({"trait": "langs", "op": "has", "value": "de"}), &[]),
            (json!({"trait": "langs", "op": "has_all", "value": ["DE", "fr"]}), &["ann"]),
            (json!({"trait": "langs", "op": "has_none", "value": ["fr"]}), &["bob", "cyd", "dan"]),
            (json!({"trait": "scores", "op": "has_any", "value": [2.5, 7]}), &["ann"]),
            (json!({"trait": "born", "op": "before", "value": "1990-11-23"}), &["dan"]),
            (json!({"trait": "born", "op": "anniversary", "value": 2}), &["dan"]),
            (json!({"trait": "born", "op": "anniversary", "value": 3}), &[]),
        ],
    )
    .await;
    let early = json!({"trait": "plan", "op": "eq", "value": "silver"});
    assert_eq!(world.members_at(&lake, &early, at("2026-11-01T12:00:00Z"), world.up_to()).await, ["ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_on_every_type() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let lake = world.lake(&folder).await;
    let cased = |op: &str, value: &str| json!({"event": "view", "where": [{"property": "genre", "op": op, "value": value, "ignore_case": true}]});
    expect(
        &world,
        &lake,
        [
            (view("genre", "eq", "Drama"), &["ann"][..]),
            (view("genre", "neq", "Straße"), &["ann"]),
            (view("genre", "in", json!(["News", "x"])), &["ann"]),
            (view("genre", "contains", "traß"), &["bob"]),
            (view("genre", "starts_with", "Dr"), &["ann"]),
            (view("genre", "ends_with", "%"), &[]),
            (view("genre", "regex", "^N.w"), &["ann"]),
            (cased("eq", "STRASSE"), &["bob"]),
            (cased("contains", "RAM"), &["ann"]),
            (cased("regex", "^dra"), &["ann"]),
            (cased("not_contains", "STRASSE"), &["ann"]),
            (view("live", "eq", true), &["bob"]),
            (view("live", "neq", true), &["ann"]),
            (view("minutes", "between", json!([0.2, 7])), &["ann", "bob"]),
            (view("minutes", "gt", 7), &["ann"]),
            (view("minutes", "not_in", json!([0.1, 0.2, 10])), &["bob"]),
            (view("tags", "has_any", json!(["Crime"])), &["ann"]),
            (view("tags", "has_all", json!(["FR", "Crime"])), &["ann"]),
            (view("tags", "starts_with", "Cri"), &["ann"]),
            (view("tags", "regex", "^F"), &["ann"]),
            (view("marks", "gt", 4), &["ann"]),
            (view("marks", "between", json!([2, 4])), &[]),
            (view("marks", "has_all", json!([5, 1])), &["ann"]),
            (json!({"event": "view", "where": [{"property": "genre", "op": "is_not_set"}]}), &["ann"]),
            (json!({"event": "view", "where": [{"property": "nothing", "op": "is_set"}]}), &[]),
            (json!({"event": "view", "where": [{"any": [{"property": "minutes", "op": "lt", "value": 0.2}, {"not": {"property": "minutes", "op": "lt", "value": 7}}]}, {"property": "genre", "op": "is_set"}]}), &["ann", "bob"]),
            (json!({"event": "*", "where": [{"property": "price", "op": "gte", "value": 3}]}), &["cyd"]),
            (json!({"event": "*", "where": [{"property": "price", "op": "is_not_set"}]}), &["ann", "bob"]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn times_windows_and_zones() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let lake = world.lake(&folder).await;
    let buy = |property: &str, op: &str, value: Json| json!({"tz": "America/New_York", "event": "buy", "where": [{"property": property, "op": op, "value": value}]});
    let windowed = |window: Json| json!({"event": "view", "window": window});
    let days = |zone: &str| json!({"tz": zone, "event": "view", "agg": "days", "op": "eq", "value": 2});
    expect(
        &world,
        &lake,
        [
            (buy("due", "on", json!("2026-11-24")), &["cyd"][..]),
            (buy("due", "after", json!("2026-11-24")), &[]),
            (buy("due", "within_next", json!("5d")), &["cyd"]),
            (buy("due", "more_than_ago", json!("1d")), &[]),
            (buy("day", "on", json!("2026-11-20")), &["cyd"]),
            (buy("day", "between", json!(["2026-11-19", "2026-11-20T05:00:00Z"])), &["cyd"]),
            (buy("day", "before", json!("2026-11-20T05:00:00Z")), &[]),
            (buy("day", "before", json!("2026-11-20T05:00:01Z")), &["cyd"]),
            (buy("due", "anniversary", json!(4)), &["cyd"]),
            (windowed(json!({"last": "2d"})), &["ann"]),
            (windowed(json!({"between_ago": ["60d", "30d"]})), &["bob"]),
            (windowed(json!({"from": "2026-11-19T09:00:00Z", "to": "2026-11-19T09:00:00.000001Z"})), &["ann"]),
            (windowed(json!({"from": "2026-11-19T09:00:00.000001Z"})), &[]),
            (windowed(json!({"to": "2026-10-01"})), &["bob"]),
            (windowed(json!({"calendar": "yesterday"})), &["ann"]),
            (days("UTC"), &["ann"]),
            (days("Europe/Berlin"), &[]),
            (days("America/New_York"), &["ann"]),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn aggregates_and_users_without_any_event() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let lake = world.lake(&folder).await;
    let count = |op: &str, value: Json| json!({"event": "view", "agg": "count", "op": op, "value": value});
    let of = |aggregate: &str, path: &str, op: &str, value: Json| json!({"event": "view", "agg": aggregate, "of": path, "op": op, "value": value});
    expect(
        &world,
        &lake,
        [
            (count("gte", json!(3)), &["ann"][..]),
            (count("lte", json!(2)), &["bob", "cyd", "dan"]),
            (count("eq", json!(0)), &["cyd", "dan"]),
            (count("neq", json!(0)), &["ann", "bob"]),
            (count("neq", json!(1)), &["ann", "cyd", "dan"]),
            (count("between", json!([1, 3])), &["ann", "bob"]),
            (count("gt", json!(0.5)), &["ann", "bob"]),
            (measured("sum", "eq", 10.3), &["ann"]),
            (measured("sum", "neq", 10.3), &["bob", "cyd", "dan"]),
            (measured("sum", "lt", 8), &["bob", "cyd", "dan"]),
            (measured("sum", "gte", 7), &["ann", "bob"]),
            (measured("sum", "between", json!([-1, 7])), &["bob", "cyd", "dan"]),
            (measured("avg", "eq", 7), &["bob"]),
            (measured("avg", "lt", 3.433_333_334), &["ann"]),
            (measured("avg", "neq", 7), &["ann"]),
            (measured("avg", "lt", 1e20), &["ann", "bob"]),
            (measured("min", "lte", 0.1), &["ann"]),
            (measured("max", "neq", 10), &["bob"]),
            (of("distinct", "genre", "eq", json!(2)), &["ann"]),
            (of("distinct", "genre", "lt", json!(2)), &["bob", "cyd", "dan"]),
            (of("distinct", "tags", "gte", json!(2)), &["ann"]),
            (of("distinct", "marks", "eq", json!(0)), &["bob", "cyd", "dan"]),
            (of("distinct", "minutes", "eq", json!(3)), &["ann"]),
            (of("first", "genre", "eq", json!("Drama")), &["ann"]),
            (of("last", "genre", "eq", json!("News")), &[]),
            (of("last", "genre", "neq", json!("News")), &["ann", "bob"]),
            (json!({"event": "view", "agg": "last", "of": "genre", "op": "is_not_set"}), &["ann"]),
            (of("last", "minutes", "gt", json!(8)), &["ann"]),
            (of("sum", "price", "eq", json!(0)), &EVERYONE),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn first_and_last_at_the_same_time_go_by_the_order_of_taking_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::default();
    for name in ["one", "two", "one"] {
        for value in ["a", "b", "c"] {
            world.event("ann", name, NOW, json!({"v": format!("{name} {value}")}));
        }
    }
    let lake = world.lake(&folder).await;
    let rule =
        |aggregate: &str, value: &str| json!({"event": ["one", "two"], "agg": aggregate, "of": "v", "op": "eq", "value": value});
    expect(
        &world,
        &lake,
        [(rule("first", "one a"), &["ann"][..]), (rule("last", "one c"), &["ann"]), (rule("last", "two c"), &[])],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exact_sums_do_not_depend_on_size() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::default();
    for value in [1e20, 0.1, -1e20, 0.2, 1e21] {
        world.event("ann", "pay", NOW, json!({"v": value}));
    }
    let lake = world.lake(&folder).await;
    let rule = |aggregate: &str, value: f64| json!({"event": "pay", "agg": aggregate, "of": "v", "op": "eq", "value": value});
    expect(&world, &lake, [(rule("sum", 0.3), &["ann"][..]), (rule("avg", 0.075), &["ann"]), (rule("max", 1e21), &["ann"])])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_lake_has_no_members() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::default();
    let lake = world.lake(&folder).await;
    for rule in [json!({"everyone": true}), json!({"not": {"event": "x"}}), json!({"trait": "t", "op": "is_not_set"})] {
        assert!(world.members(&lake, rule).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_rule_is_still_one_query() {
    let folder = tempfile::tempdir().unwrap();
    let world = world();
    let lake = world.lake(&folder).await;
    let leaves: Vec<Json> = (0..150).map(|minute| measured("max", "gt", minute)).collect();
    assert_eq!(world.members(&lake, json!({"any": leaves})).await, ["ann", "bob"]);
    let nested = (0..30).fold(json!({"event": "view"}), |inner, _| json!({"not": inner}));
    assert_eq!(world.members(&lake, nested).await, ["ann", "bob"]);
}
