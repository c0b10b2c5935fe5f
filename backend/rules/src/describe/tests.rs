use serde_json::json;

use super::*;

#[test]
fn rules_read_well() {
    let view = |more: Json| {
        let mut rule = json!({"event": "video_view", "where": [{"property": "programme", "op": "eq", "value": "NCIS"}]});
        for (key, value) in more.as_object().unwrap() {
            rule[key] = value.clone();
        }
        rule
    };
    let last = json!({"window": {"last": "30d"}, "op": "gte", "value": 3});
    for (rule, words) in [
        (
            json!({"all": [
            {"trait": "gender", "op": "eq", "value": "F"},
            {"trait": "age", "op": "between", "value": [25, 49]},
            view(last)
            ]}),
            "gender is F and age between 25 and 49, and did video_view (programme is NCIS) at least 3 times in the last 30 days",
        ),
        (json!({"everyone": true, "label": "x"}), "everyone"),
        (json!({"not": {"everyone": true}}), "nobody"),
        (json!({"not": {"list": "staff"}}), "not on list staff"),
        (json!({"any": [{"segment": "my seg"}, {"list": "staff"}]}), "in segment “my seg” or on list staff"),
        (
            json!({"all": [
{"any": [{"trait": "a", "op": "is_set"}, {"trait": "b", "op": "is_not_set"}]},
{"trait": "c", "op": "gt", "value": 1.5}]}),
            "(a is set or b is not set), and c above 1.5",
        ),
        (json!({"all": [{"any": [{"everyone": true}]}]}), "everyone"),
        (json!({"not": {"event": "buy", "window": {"last": "1mo"}}}), "did not do buy in the last month"),
        (json!({"event": "buy", "op": "eq", "value": 0}), "did not do buy"),
        (json!({"event": "buy", "op": "lt", "value": 1, "window": {"calendar": "this_week"}}), "did not do buy this week"),
        (json!({"event": "*", "op": "eq", "value": 1}), "did anything exactly 1 time"),
        (json!({"event": ["a", "b", "c"], "op": "between", "value": [1, 2]}), "did a, b or c between 1 and 2 times"),
        (
            json!({"event": "buy", "agg": "sum", "of": "price", "op": "gte", "value": 99.5}),
            "did buy with price adding up to at least 99.5",
        ),
        (
            json!({"event": "buy", "agg": "days", "op": "gt", "value": 3, "window": {"calendar": "last_7_days"}}),
            "did buy on more than 3 days in the 7 days up to today",
        ),
        (
            json!({"event": "buy", "agg": "last", "of": "shop", "op": "in", "value": ["A", "B"]}),
            "did buy, the last time with shop is A or B",
        ),
        (json!({"not": {"event": "buy", "op": "gte", "value": 2}}), "not (did buy at least 2 times)"),
        (
            json!({"event": "x", "where": [{"any": [
                {"property": "p", "op": "contains", "value": "a b", "ignore_case": true},
                {"not": {"property": "q", "op": "eq", "value": true}}
            ]}]}),
            "did x (p contains “a b” (in upper or lower case) or not (q is true))",
        ),
        (
            json!({"event": "x", "window": {"between_ago": ["60d", "1w"], "shift": "1y"}}),
            "did x between 60 days and 1 week ago, counted from 1 year ago",
        ),
        (json!({"event": "x", "window": {"from": "2026-01-01", "to": "2026-02-01"}}), "did x from 2026-01-01 to 2026-02-01"),
        (json!({"event": "x", "window": {"from": "2026-01-01"}}), "did x since 2026-01-01"),
        (
            json!({"event": "x", "window": {"season": {"property": "programme", "value": "NCIS", "which": -1}}}),
            "did x during the season before the latest of programme NCIS",
        ),
        (
            json!({"sequence": [{"event": "a"}, {"event": "b", "within": "3d", "without": {"event": "c"}}],
                "within": "5d", "window": {"last": "7d"}}),
            "did a, then b within 3 days without c in between, all within 5 days, in the last 7 days",
        ),
        (json!({"first_time": {"event": "x", "window": {"last": "2w"}}}), "did x for the first time in the last 2 weeks"),
        (
            json!({"regular": {"event": "x", "period": "1w", "periods": 4, "min_periods": 3, "count": 2}}),
            "did x at least 2 times in each of at least 3 of the last 4 periods of 1 week",
        ),
        (
            json!({"top": {"percent": 12.8, "by": {"event": "x", "agg": "sum", "of": "n"},
                "among": {"trait": "plan", "op": "eq", "value": "gold"}}}),
            "in the top 12.8 % by sum of n in x, among: plan is gold",
        ),
        (json!({"trait": "langs", "op": "has_none", "value": ["fr", "de"]}), "langs includes neither fr nor de"),
        (json!({"trait": "langs", "op": "has_none", "value": ["fr"]}), "langs does not include fr"),
        (
            json!({"trait": "born", "op": "anniversary", "value": 0, "tz": "Europe/Paris"}),
            "born has its anniversary today (time zone Europe/Paris)",
        ),
        (json!({"trait": "seen", "op": "within_last", "value": "1d", "tz": "UTC"}), "seen within the last day"),
    ] {
        assert_eq!(describe(&rule), words, "{rule}");
    }
}

#[test]
fn what_cannot_be_read_is_something() {
    for rule in [json!(null), json!({}), json!([]), json!({"all": []}), json!({"all": 3}), json!({"foo": 1}), json!("x")] {
        assert_eq!(describe(&rule), "something", "{rule}");
    }
    for rule in [
        json!({"event": {}, "where": [{}], "window": {"last": 3}, "op": 4, "value": {}}),
        json!({"top": 3}),
        json!({"regular": []}),
        json!({"sequence": 3, "window": 5}),
        json!({"trait": null, "op": "between", "value": 7}),
        json!({"first_time": null}),
        json!({"event": "x", "window": {"between_ago": "x"}}),
        json!({"event": "x", "agg": "last"}),
        json!({"not": null}),
    ] {
        assert!(!describe(&rule).is_empty());
    }
}
