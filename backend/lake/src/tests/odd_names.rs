//! Names and texts that would break out of SQL, paths or column names.

use futures::TryStreamExt;
use rollcall_rules::Fact;
use serde_json::json;

use super::support::{NOW, World, at};

const ODD: [&str; 12] = [
    "it's",
    "a \"quoted\" one",
    "a.b",
    "semi; colon -- comment",
    "/* x */",
    "back\\slash",
    "ünï 日本 \u{1F600}",
    "tab\tnew\nline",
    "%_'; DROP",
    "P.Q",
    "p.q",
    "=(){},",
];

#[tokio::test(flavor = "multi_thread")]
async fn odd_events_properties_values_and_users() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::default();
    for name in ODD {
        world.event(&format!("user {name}"), &format!("did {name}"), NOW, json!({name: name, "both": name}));
        world.identify(&format!("user {name}"), NOW, json!({format!("trait {name}"): [name]}));
        // All odd properties in one table.
        world.event(&format!("user {name}"), "all", NOW, json!({name: name}));
    }
    world.lists.extend(ODD.map(|name| (name.to_owned(), 1)));
    world.segments.insert("*/ odd\n'".to_owned(), json!({"event": "did it's"}).into());
    let lake = world.lake(&folder).await;
    for name in ODD {
        let user = format!("user {name}");
        lake.write_list(name, 0, std::slice::from_ref(&user)).await.unwrap();
        let filter = |property: &str, op: &str| json!([{"property": property, "op": op, "value": name}]);
        for rule in [
            json!({"event": format!("did {name}"), "where": filter(name, "eq")}),
            json!({"event": format!("did {name}"), "where": filter("both", "starts_with")}),
            json!({"event": "all", "where": filter(name, "contains")}),
            json!({"event": "all", "where": filter(name, "ends_with")}),
            json!({"event": "all", "agg": "last", "of": name, "op": "eq", "value": name}),
            json!({"event": "*", "agg": "distinct", "of": "both", "op": "gte", "value": 1, "where": filter("both", "eq")}),
            json!({"trait": format!("trait {name}"), "op": "has", "value": name}),
            json!({"list": name}),
        ] {
            assert_eq!(world.members(&lake, rule.clone()).await, [user.as_str()], "{rule}");
        }
    }
    assert_eq!(world.members(&lake, json!({"segment": "*/ odd\n'"})).await, ["user it's"]);
    let facts: Vec<Vec<Fact>> = lake.facts(0, u64::MAX, &world.schema).await.unwrap().try_collect().await.unwrap();
    assert_eq!(facts.concat(), world.facts);
}

#[tokio::test(flavor = "multi_thread")]
async fn literals_stay_literals() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::default();
    world.event("ann", "view", NOW, json!({"s": "plain"}));
    let lake = world.lake(&folder).await;
    for value in ["' OR TRUE --", "') OR ('a'='a", "\\' OR TRUE", "%", "_____", "plain'"] {
        for op in ["eq", "contains", "starts_with", "ends_with"] {
            let rule = json!({"event": "view", "where": [{"property": "s", "op": op, "value": value}]});
            assert!(world.members(&lake, rule).await.is_empty(), "{op} {value}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sql_reads_like_the_rule() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::default();
    world.event("ann", "Order Completed", NOW, json!({"price": 3.5}));
    let lake = world.lake(&folder).await;
    let rule = json!({"all": [
        {"event": "Order Completed", "where": [{"property": "price", "op": "gt", "value": 3}], "window": {"last": "30d"}},
        {"not": {"trait": "plan", "op": "eq", "value": "gold"}}
    ]});
    let sql = lake.explain_sql(&world.check(&rule), at(NOW), 7, &world.lists).await.unwrap();
    for part in [
        "-- /all/0\n",
        "FROM \"events/Order Completed\"",
        "seq <= 7",
        "/* 2026-10-21T12:00:00Z */",
        "coalesce(\"p.price\" > 3.0, FALSE)",
        "HAVING count(*) >= 1.0",
        "-- /all/1/not\n",
        "AND (bool_or(relation = 1)\n    AND NOT bool_or(relation = 2))",
    ] {
        assert!(sql.contains(part), "{part:?} is not in\n{sql}");
    }
}
