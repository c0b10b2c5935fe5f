//! Segments that show what the rule language can say, on the demo's data.

use serde_json::{Value, json};

/// Name, description and rule of each segment.
pub fn segments() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (
            "Women 25-49",
            "The classic target of television advertising, by what people told us in their profile.",
            json!({"all": [
                {"trait": "gender", "op": "eq", "value": "F"},
                {"trait": "age", "op": "between", "value": [25, 49]},
            ]}),
        ),
        (
            "Lapsed 60 days",
            "Watched something once, and nothing in the last 60 days.",
            json!({"all": [
                {"event": "video_view", "label": "Has watched"},
                {"event": "video_view", "window": {"last": "60d"}, "op": "eq", "value": 0, "label": "Not lately"},
            ]}),
        ),
        (
            "Drama binge watchers",
            "Finished at least three dramas in the last 90 days.",
            json!({
                "event": "video_view",
                "where": [
                    {"property": "genre", "op": "eq", "value": "Drama"},
                    {"property": "completed", "op": "eq", "value": true},
                ],
                "window": {"last": "90d"}, "op": "gte", "value": 3,
            }),
        ),
        (
            "NCIS fans (last year)",
            "Watched NCIS at least twice in the last twelve months: they will want to know when it is back.",
            json!({
                "event": "video_view",
                "where": [{"property": "programme", "op": "eq", "value": "NCIS"}],
                "window": {"last": "1y"}, "op": "gte", "value": 2,
            }),
        ),
        (
            "NCIS: lost this season",
            "Watched the previous season of NCIS and nothing of the latest one yet.",
            json!({"all": [
                {"event": "video_view", "where": [{"property": "programme", "op": "eq", "value": "NCIS"}],
                 "window": {"season": {"property": "programme", "value": "NCIS", "which": -1}}, "label": "Previous season"},
                {"event": "video_view", "where": [{"property": "programme", "op": "eq", "value": "NCIS"}],
                 "window": {"season": {"property": "programme", "value": "NCIS"}}, "op": "eq", "value": 0, "label": "Not this one"},
            ]}),
        ),
        (
            "Big viewers this month",
            "More than four hours in the last 30 days.",
            json!({
                "event": "video_view", "agg": "sum", "of": "duration_s",
                "window": {"last": "30d"}, "op": "gt", "value": 14_400,
            }),
        ),
        (
            "Reachable by e-mail and active",
            "Allows e-mail, has an address, has not cancelled lately and did something in the last 30 days.",
            json!({"all": [
                {"trait": "consent_email", "op": "eq", "value": true},
                {"trait": "email", "op": "is_set"},
                {"event": "*", "window": {"last": "30d"}},
                {"not": {"event": "cancel", "window": {"last": "90d"}}},
            ]}),
        ),
    ]
}
