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
            "did buy, and the last time shop is A or B",
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

#[test]
fn rules_read_well_in_both_languages() {
    let on = |op: &str, value: Json| json!({"trait": "t", "op": op, "value": value});
    let staff = json!({"not": {"list": "staff"}});
    for (rule, english, french) in [
        (
            json!({"all": [
                {"trait": "gender", "op": "eq", "value": "F"},
                {"trait": "age", "op": "between", "value": [25, 49]},
                staff,
                {"event": "video_view", "where": [{"property": "programme", "op": "eq", "value": "NCIS"}],
                    "window": {"season": {"property": "programme", "value": "NCIS", "which": -1}}, "op": "gte", "value": 3}
            ]}),
            "gender is F and age between 25 and 49, and did video_view (programme is NCIS) at least 3 times during the season \
             before the latest of programme NCIS, except those on list staff",
            "gender vaut F et age est entre 25 et 49, et a fait video_view (programme vaut NCIS) au moins 3 fois pendant \
             l’avant-dernière saison de programme NCIS, sauf ceux qui sont sur la liste staff",
        ),
        (
            json!({"any": [{"all": [{"segment": "a b"}, staff, {"not": {"segment": "x"}}]}, {"not": {"everyone": true}}]}),
            "(in segment “a b”, except those on list staff or in segment x), or nobody",
            "(dans le segment «\u{a0}a b\u{a0}», sauf ceux qui sont sur la liste staff ou dans le segment x), ou personne",
        ),
        (
            json!({"not": {"event": "*", "window": {"last": "1w"}}}),
            "did not do anything in the last week",
            "n’a fait aucun événement dans la dernière semaine",
        ),
        (
            json!({"event": ["a", "b"], "op": "lt", "value": 1, "window": {"calendar": "last_month", "shift": "1y"}}),
            "did not do a or b last month, counted from 1 year ago",
            "n’a pas fait a ou b le mois dernier, compté à partir d’il y a 1 an",
        ),
        (
            json!({"event": "buy", "agg": "sum", "of": "price", "op": "gt", "value": 99.5, "window": {"last": "12h"}}),
            "did buy with price adding up to more than 99.5 in the last 12 hours",
            "a fait buy avec pour somme de price : plus de 99,5 dans les 12 dernières heures",
        ),
        (
            json!({"event": "buy", "agg": "days", "op": "gte", "value": 1, "window": {"between_ago": ["2mo", "1w"]}}),
            "did buy on at least 1 day between 2 months and 1 week ago",
            "a fait buy sur au moins 1 jour entre il y a 2 mois et il y a 1 semaine",
        ),
        (
            json!({"event": "buy", "agg": "distinct", "of": "shop", "op": "neq", "value": 3, "window": {"to": "2026-01-01"}}),
            "did buy with any number but 3 different values of shop until 2026-01-01",
            "a fait buy avec tout nombre sauf 3 valeurs différentes de shop jusqu’au 2026-01-01",
        ),
        (
            json!({"event": "view", "agg": "distinct", "of": "programme.genre", "op": "gte", "value": 2}),
            "did view with at least 2 different values of programme.genre",
            "a fait view avec au moins 2 valeurs différentes de programme.genre",
        ),
        (
            json!({"event": "x", "agg": "first", "of": "device", "op": "not_in", "value": ["tv", "web"], "ignore_case": true}),
            "did x, and the first time device is not tv or web (in upper or lower case)",
            "a fait x, et la première fois device ne vaut ni tv ni web (en majuscules ou minuscules)",
        ),
        (
            json!({"sequence": [{"event": "a"}, {"event": "b", "within": "3d", "without": {"event": "c"}}],
                "within": "1w", "window": {"from": "2026-01-01", "to": "2026-03-31"}}),
            "did a, then b within 3 days without c in between, all within 1 week, from 2026-01-01 to 2026-03-31",
            "a fait a, puis b en au plus 3 jours sans c entre les deux, le tout en au plus 1 semaine, du 2026-01-01 au 2026-03-31",
        ),
        (
            json!({"first_time": {"event": "x", "where": [{"not": {"property": "live", "op": "eq", "value": true}}],
                "window": {"calendar": "last_30_days"}}}),
            "did x (not (live is true)) for the first time in the 30 days up to today",
            "a fait x (non (live vaut vrai)) pour la première fois dans les 30 jours jusqu’à aujourd’hui",
        ),
        (
            json!({"regular": {"event": "x", "period": "1mo", "periods": 6, "min_periods": 4, "count": 2}}),
            "did x at least 2 times in each of at least 4 of the last 6 periods of 1 month",
            "a fait x au moins 2 fois dans chacune d’au moins 4 des 6 dernières périodes de 1 mois",
        ),
        (
            json!({"top": {"percent": 12.8, "by": {"event": "x", "agg": "avg", "of": "n", "window": {"last": "1y"}},
                "among": {"trait": "plan", "op": "eq", "value": "gold"}}}),
            "in the top 12.8 % by mean n in x in the last year, among: plan is gold",
            "parmi les 12,8 % en tête du classement par moyenne de n dans x dans la dernière année, parmi : plan vaut gold",
        ),
        (
            json!({"top": {"count": 100, "by": {"event": "x"}}, "tz": "Europe/Paris"}),
            "in the top 100 by number of x (time zone Europe/Paris)",
            "parmi les 100 en tête du classement par nombre de x (fuseau horaire Europe/Paris)",
        ),
        (on("is_set", json!(null)), "t is set", "t est défini"),
        (on("is_not_set", json!(null)), "t is not set", "t n’est pas défini"),
        (on("neq", json!("a")), "t is not a", "t ne vaut pas a"),
        (on("in", json!(["a", "b"])), "t is a or b", "t vaut a ou b"),
        (on("not_in", json!(["a"])), "t is not a", "t ne vaut pas a"),
        (on("contains", json!("a")), "t contains a", "t contient a"),
        (on("not_contains", json!("a")), "t does not contain a", "t ne contient pas a"),
        (on("starts_with", json!("a")), "t starts with a", "t commence par a"),
        (on("ends_with", json!("a")), "t ends with a", "t finit par a"),
        (on("regex", json!("^a")), "t matches “^a”", "t correspond à «\u{a0}^a\u{a0}»"),
        (on("gt", json!(1.5)), "t above 1.5", "t dépasse 1,5"),
        (on("gte", json!(3)), "t at least 3", "t vaut au moins 3"),
        (on("lt", json!(3)), "t below 3", "t vaut moins de 3"),
        (on("lte", json!(3)), "t at most 3", "t vaut au plus 3"),
        (on("before", json!("2026-01-01")), "t before 2026-01-01", "t est avant le 2026-01-01"),
        (on("after", json!("2026-01-01")), "t after 2026-01-01", "t est après le 2026-01-01"),
        (on("on", json!("2026-01-01")), "t on 2026-01-01", "t est le 2026-01-01"),
        (on("within_last", json!("2w")), "t within the last 2 weeks", "t est dans les 2 dernières semaines"),
        (on("within_next", json!("1mo")), "t within the next month", "t est dans le prochain mois"),
        (on("more_than_ago", json!("2y")), "t more than 2 years ago", "t remonte à plus de 2 ans"),
        (on("anniversary", json!(1)), "t has its anniversary tomorrow", "t a son anniversaire demain"),
        (on("anniversary", json!(7)), "t has its anniversary in 7 days", "t a son anniversaire dans 7 jours"),
        (on("has", json!("a")), "t includes a", "t comprend a"),
        (on("has_any", json!(["a", "b"])), "t includes a or b", "t comprend a ou b"),
        (on("has_all", json!(["a", "b"])), "t includes a and b", "t comprend a et b"),
        (on("has_none", json!(["a", "b"])), "t includes neither a nor b", "t ne comprend ni a ni b"),
        (json!({}), "something", "quelque chose"),
    ] {
        assert_eq!(describe(&rule), english, "{rule}");
        assert_eq!(describe_in(&rule, Language::French), french, "{rule}");
    }
}

#[test]
fn deep_rules_are_cut() {
    let deep = (0..100).fold(json!({"list": "a"}), |node, _| json!({"any": [{"everyone": true}, {"not": node}]}));
    assert!(describe(&deep).contains("something") && describe_in(&deep, Language::French).len() < 2_000);
}

#[test]
fn languages_have_tags() {
    let tags = ["en", "fr-FR", "FR", "de", ""].map(Language::by_tag);
    assert_eq!(tags, [Some(Language::English), Some(Language::French), Some(Language::French), None, None]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn every_valid_rule_is_understood(rule in crate::generate::rules()) {
        for (language, unknown) in [(Language::English, "something"), (Language::French, "quelque chose")] {
            proptest::prop_assert!(!describe_in(&rule, language).contains(unknown), "{rule}");
        }
    }
}
