use serde_json::{Value as Json, json};

use super::*;

/// The text is canonical, and means this rule.
fn same(text: &str, rule: Json) {
    assert_eq!(parse(text).as_ref(), Ok(&rule), "{text}");
    assert_eq!(print(&rule).as_deref(), Ok(text), "{rule}");
}

/// Line, column and code of every fault.
fn faults(text: &str) -> Vec<(usize, usize, TextFaultCode)> {
    parse(text).unwrap_err().iter().map(|fault| (fault.line, fault.column, fault.code)).collect()
}

#[test]
fn the_example_of_the_contract() {
    let text = "gender = \"F\" and age between 25 and 49 and count(video_view where programme = \"NCIS\", \
                season previous of programme \"NCIS\") >= 3 and not (list \"staff\")";
    let rule = json!({"all": [
        {"trait": "gender", "op": "eq", "value": "F"},
        {"trait": "age", "op": "between", "value": [25, 49]},
        {"event": "video_view", "where": [{"property": "programme", "op": "eq", "value": "NCIS"}],
            "window": {"season": {"property": "programme", "value": "NCIS", "which": -1}}, "op": "gte", "value": 3},
        {"not": {"list": "staff"}}
    ]});
    assert_eq!(parse(text).as_ref(), Ok(&rule));
    let printed = "gender = \"F\"\nand age between 25 and 49\nand count(video_view where programme = \"NCIS\", \
                   season previous of programme \"NCIS\") >= 3\nand not (list \"staff\")";
    same(printed, rule);
}

#[test]
fn groups() {
    let (a, b, c) = (json!({"list": "a"}), json!({"list": "b"}), json!({"segment": "c"}));
    same("list \"a\" and list \"b\"", json!({"all": [a, b]}));
    same("(list \"a\" and list \"b\") or segment \"c\"", json!({"any": [{"all": [a, b]}, c]}));
    same("(list \"a\" and list \"b\") and segment \"c\"", json!({"all": [{"all": [a, b]}, c]}));
    same("all(list \"a\") or any(list \"b\")", json!({"any": [{"all": [a]}, {"any": [b]}]}));
    same("all() or not (any())", json!({"any": [{"all": []}, {"not": {"any": []}}]}));
    same("not (not (everyone))", json!({"not": {"not": {"everyone": true}}}));
    assert_eq!(parse("list \"a\" AND list \"b\" Or segment \"c\""), Ok(json!({"any": [{"all": [a, b]}, c]})));
    assert_eq!(parse("((list \"a\"))"), Ok(a.clone()));
    assert_eq!(parse("not not list \"a\" and list \"b\""), Ok(json!({"all": [{"not": {"not": a}}, b]})));
    assert_eq!(parse("any(list \"a\", list \"b\" and segment \"c\")"), Ok(json!({"any": [a, {"all": [b, c]}]})));
}

#[test]
fn labels_and_zones() {
    same(
        "(not (everyone as \"x\")) as \"y\" in zone \"Europe/Paris\"",
        json!({"not": {"everyone": true, "label": "x"}, "label": "y", "tz": "Europe/Paris"}),
    );
    same(
        "(everyone and list \"a\" as \"b\") as \"c\"",
        json!({"all": [{"everyone": true}, {"list": "a", "label": "b"}], "label": "c"}),
    );
    same("did buy in zone \"No/Where\"", json!({"event": "buy", "tz": "No/Where"}));
    same("count(all buy) in zone \"UTC\"", json!({"event": "buy", "agg": "count", "tz": "UTC"}));
}

#[test]
fn every_operator() {
    let on = |op: &str, value: Json| json!({"trait": "t", "op": op, "value": value});
    same("t is set", json!({"trait": "t", "op": "is_set"}));
    same("t is not set", json!({"trait": "t", "op": "is_not_set"}));
    for (text, op, value) in [
        ("t = \"a\"", "eq", json!("a")),
        ("t = true", "eq", json!(true)),
        ("t = 3.0", "eq", json!(3.0)),
        ("t != -2.5", "neq", json!(-2.5)),
        ("t in [\"a\", \"b\"]", "in", json!(["a", "b"])),
        ("t not in [1, 2.5]", "not_in", json!([1, 2.5])),
        ("t in []", "in", json!([])),
        ("t contains \"x\"", "contains", json!("x")),
        ("t not contains \"x\"", "not_contains", json!("x")),
        ("t starts with \"x\"", "starts_with", json!("x")),
        ("t ends with \"\\\"\\n\"", "ends_with", json!("\"\n")),
        ("t matches \"^a\\\\d\"", "regex", json!("^a\\d")),
        ("t > 1", "gt", json!(1)),
        ("t >= 1", "gte", json!(1)),
        ("t < 1e-7", "lt", json!(1e-7)),
        ("t <= 1", "lte", json!(1)),
        ("t between 1 and 2", "between", json!([1, 2])),
        ("t between 2026-01-01 and 2026-01-02T00:00:00Z", "between", json!(["2026-01-01", "2026-01-02T00:00:00Z"])),
        ("t before 2026-01-01", "before", json!("2026-01-01")),
        ("t after 2026-01-01T00:00:00+01:00", "after", json!("2026-01-01T00:00:00+01:00")),
        ("t on \"2026-02-30\"", "on", json!("2026-02-30")),
        ("t within last 30d", "within_last", json!("30d")),
        ("t within next 1mo", "within_next", json!("1mo")),
        ("t more than \"30 days\" ago", "more_than_ago", json!("30 days")),
        ("t anniversary in 0 days", "anniversary", json!(0)),
        ("t has \"fr\"", "has", json!("fr")),
        ("t has any of [\"fr\", \"de\"]", "has_any", json!(["fr", "de"])),
        ("t has all of [\"fr\"]", "has_all", json!(["fr"])),
        ("t has none of [1]", "has_none", json!([1])),
    ] {
        same(text, on(op, value));
    }
    same("t = \"a\" ignoring case", json!({"trait": "t", "op": "eq", "value": "a", "ignore_case": true}));
    same("t in [\"a\"] matching case", json!({"trait": "t", "op": "in", "value": ["a"], "ignore_case": false}));
}

#[test]
fn names() {
    for (text, name) in [
        ("a.b", "a.b"),
        ("$x", "$x"),
        ("`list`", "list"),
        ("`Or`", "Or"),
        ("`a b`", "a b"),
        ("`a``b`", "a`b"),
        ("``", ""),
        ("é", "é"),
    ] {
        same(&format!("{text} is set"), json!({"trait": name, "op": "is_set"}));
    }
    same("did any event", json!({"event": "*"}));
    same("did [`*`]", json!({"event": ["*"]}));
    same("did [a, `b c`]", json!({"event": ["a", "b c"]}));
}

#[test]
fn what_users_did() {
    same(
        "did (x where a = 1, last 30d)",
        json!({"event": "x", "where": [{"property": "a", "op": "eq", "value": 1}],
        "window": {"last": "30d"}}),
    );
    same("did x 3 times", json!({"event": "x", "value": 3}));
    same("count(all x) 3 times", json!({"event": "x", "agg": "count", "value": 3}));
    same("count(x) = once", json!({"event": "x", "op": "eq"}));
    same("count(x) between 1 and 3", json!({"event": "x", "op": "between", "value": [1, 3]}));
    same("days(x) >= 2", json!({"event": "x", "agg": "days", "op": "gte", "value": 2}));
    same(
        "sum(duration_s of video_view where genre = \"Crime\", last 30d) > 14400",
        json!({"event": "video_view", "where": [{"property": "genre", "op": "eq", "value": "Crime"}],
            "window": {"last": "30d"}, "agg": "sum", "of": "duration_s", "op": "gt", "value": 14400}),
    );
    same(
        "distinct(programme.genre of video_view, last 1y) >= 3",
        json!({"event": "video_view", "window": {"last": "1y"}, "agg": "distinct", "of": "programme.genre", "op": "gte", "value": 3}),
    );
    same(
        "first(device of x) = \"tv\" ignoring case",
        json!({"event": "x", "agg": "first", "of": "device", "op": "eq", "value": "tv", "ignore_case": true}),
    );
    same("last(`of` of x) is set", json!({"event": "x", "agg": "last", "of": "of", "op": "is_set"}));
    let filter = |name: &str| json!({"property": name, "op": "is_set"});
    for (text, filters) in [
        ("()", json!([])),
        ("a is set and b is set", json!([filter("a"), filter("b")])),
        ("(a is set and b is set)", json!([{"all": [filter("a"), filter("b")]}])),
        ("a is set or b is set", json!([{"any": [filter("a"), filter("b")]}])),
        ("(a is set or b is set) and not (c is set)", json!([{"any": [filter("a"), filter("b")]}, {"not": filter("c")}])),
        ("all(a is set)", json!([{"all": [filter("a")]}])),
    ] {
        same(&format!("did (x where {text})"), json!({"event": "x", "where": filters}));
    }
}

#[test]
fn windows() {
    for (text, window) in [
        ("last 30d", json!({"last": "30d"})),
        ("last \"30 d\"", json!({"last": "30 d"})),
        ("between 60d and 30d ago", json!({"between_ago": ["60d", "30d"]})),
        ("from 2026-01-01 to 2026-03-31", json!({"from": "2026-01-01", "to": "2026-03-31"})),
        ("from \"soon\"", json!({"from": "soon"})),
        ("to 2026-01-01T00:00:00Z", json!({"to": "2026-01-01T00:00:00Z"})),
        ("this_month shifted 1y", json!({"calendar": "this_month", "shift": "1y"})),
        ("calendar \"next_month\"", json!({"calendar": "next_month"})),
        ("season of programme \"NCIS\"", json!({"season": {"property": "programme", "value": "NCIS"}})),
        ("season latest of p 3", json!({"season": {"property": "p", "value": 3, "which": 0}})),
        ("season -2 of p true shifted 1y", json!({"season": {"property": "p", "value": true, "which": -2}, "shift": "1y"})),
    ] {
        same(&format!("did (x, {text})"), json!({"event": "x", "window": window}));
    }
}

#[test]
fn behaviour() {
    same(
        "sequence(a where p = 1, then b within 1d without c where q = 2, then d, within 7d, last 30d)",
        json!({"sequence": [
            {"event": "a", "where": [{"property": "p", "op": "eq", "value": 1}]},
            {"event": "b", "within": "1d", "without": {"event": "c", "where": [{"property": "q", "op": "eq", "value": 2}]}},
            {"event": "d"}
        ], "within": "7d", "window": {"last": "30d"}}),
    );
    same("sequence()", json!({"sequence": []}));
    same("first time(x, this_week)", json!({"first_time": {"event": "x", "window": {"calendar": "this_week"}}}));
    same(
        "regular(x, in 3 of last 4 periods of 1w)",
        json!({"regular": {"event": "x", "period": "1w", "periods": 4, "min_periods": 3}}),
    );
    same(
        "regular(x where a is set, 2 times in 3 of last 4 periods of 1w)",
        json!({"regular": {"event": "x", "where": [{"property": "a", "op": "is_set"}], "period": "1w", "periods": 4,
            "min_periods": 3, "count": 2}}),
    );
    same(
        "top 5% by sum(price of buy, last 30d) among (plan = \"gold\" or everyone) as \"best\"",
        json!({"top": {"percent": 5, "by": {"event": "buy", "agg": "sum", "of": "price", "window": {"last": "30d"}},
            "among": {"any": [{"trait": "plan", "op": "eq", "value": "gold"}, {"everyone": true}]}}, "label": "best"}),
    );
    same("top 12.8% by (count(x) as \"l\")", json!({"top": {"percent": 12.8, "by": {"event": "x", "label": "l"}}}));
    same("top 100 by count(all x)", json!({"top": {"count": 100, "by": {"event": "x", "agg": "count"}}}));
}

#[test]
fn long_rules_are_broken_into_lines() {
    let long = |name: &str| json!({"trait": name, "op": "eq", "value": "x".repeat(40)});
    let rule = json!({"all": [{"any": [long("a"), long("b"), {"all": [long("c"), long("d")]}]}, {"list": "staff"}]});
    let text = print(&rule).unwrap();
    let starts: Vec<&str> = text.lines().map(|line| line.split(['=', '"']).next().unwrap()).collect();
    assert_eq!(
        starts,
        ["(", "    a ", "    or b ", "    or (", "        c ", "        and d ", "    )", ")", "and list "],
        "{text}"
    );
    assert_eq!(parse(&text), Ok(rule));
}

#[test]
fn faults_have_places() {
    use TextFaultCode::*;
    for (text, expected) in [
        ("", vec![(1, 1, ExpectedCondition)]),
        ("gender", vec![(1, 7, ExpectedOperator)]),
        ("gender = F", vec![(1, 10, ExpectedValue)]),
        ("gender == \"F\"", vec![(1, 9, ExpectedValue)]),
        ("gender is \"F\"", vec![(1, 11, ExpectedOperator)]),
        ("a = 1 and\n  b = ", vec![(2, 7, ExpectedValue)]),
        ("a = and b > 3 or c", vec![(1, 5, ExpectedValue), (1, 19, ExpectedOperator)]),
        ("count(x where a = , last 30d) >= 3 and b", vec![(1, 19, ExpectedValue), (1, 41, ExpectedOperator)]),
        ("a between 1 x and 3", vec![(1, 13, ExpectedWord)]),
        ("(a = 1", vec![(1, 7, ExpectedWord)]),
        ("a = 1)", vec![(1, 6, ExpectedEnd)]),
        ("a = \"x", vec![(1, 5, UnclosedQuote)]),
        ("`a = 1", vec![(1, 1, UnclosedQuote)]),
        ("a = \"\\x\"", vec![(1, 5, BadText)]),
        ("é🙂 = 1 # x", vec![(1, 2, UnexpectedCharacter), (1, 8, UnexpectedCharacter)]),
        ("a = 007", vec![(1, 5, BadNumber)]),
        ("a = 1e999", vec![(1, 5, BadNumber)]),
        ("did (x, last 30days)", vec![(1, 14, BadDuration)]),
        ("did (x, last 30 days)", vec![(1, 14, ExpectedDuration)]),
        ("did (x, from 2026-02-30)", vec![(1, 14, BadDate)]),
        ("did (x, recently)", vec![(1, 9, ExpectedWindow)]),
        ("did where", vec![(1, 5, ExpectedName)]),
        ("sum(p of x)", vec![(1, 12, ExpectedOperator)]),
        ("everyone as \"a\" as \"b\"", vec![(1, 17, ExpectedEnd)]),
        ("(everyone as \"a\") as \"b\"", vec![(1, 19, Repeated)]),
        ("sequence(a, within 1d, within 2d)", vec![(1, 24, Repeated)]),
        ("segment staff", vec![(1, 9, ExpectedValue)]),
    ] {
        assert_eq!(faults(text), expected, "{text}");
    }
    let fault = parse("`🙂` = 1 and a = b").unwrap_err().remove(0);
    assert_eq!((fault.offset, fault.length, fault.column), (17, 1, 17));
    assert_eq!(
        fault.detail,
        "Expected a value: a number, true, false, a date such as 2026-11-20, or a text in double quotes, but “b” stands here."
    );
}

#[test]
fn hostile_texts_are_refused() {
    use TextFaultCode::*;
    assert_eq!(faults(&"x".repeat(MAX_LENGTH + 1)), [(1, 1, TooLong)]);
    assert_eq!(faults(&"(".repeat(MAX_LENGTH)), [(1, 101, TooDeep)]);
    assert_eq!(faults(&format!("{}everyone", "not ".repeat(250_000))), [(1, 1, TooDeep)]);
    assert_eq!(faults(&"#".repeat(MAX_LENGTH)).len(), 20);
    assert_eq!(faults(&"a and ".repeat(MAX_LENGTH / 6)).len(), 20);
    assert!(parse(&"\"".repeat(MAX_LENGTH)).is_err());
    assert!(parse(&"all(".repeat(MAX_LENGTH / 4)).is_err());
    assert!(parse(&"[".repeat(MAX_LENGTH)).is_err());
    assert!(parse(&"count(x where (".repeat(10_000)).is_err());
    assert!(parse(&format!("a in [{}1]", "1, ".repeat(300_000))).is_ok());
}

#[test]
fn depth_is_limited_as_in_validation() {
    let nested = |levels: usize, innermost: Json| (1..levels).fold(innermost, |node, _| json!({"not": node, "label": "l"}));
    let deepest = nested(32, json!({"everyone": true}));
    let text = print(&deepest).unwrap();
    assert_eq!(parse(&text), Ok(deepest.clone()));
    assert!(print(&json!({"not": deepest})).is_err());
    assert_eq!(parse(&format!("not ({text})")).unwrap_err()[0].code, TextFaultCode::TooDeep);
    let filtered = json!({"event": "x", "where": [{"property": "a", "op": "is_set"}]});
    assert!(print(&nested(31, filtered.clone())).is_ok_and(|text| parse(&text).is_ok()));
    assert_eq!(print(&nested(32, filtered)).unwrap_err().pointer, format!("{}/where/0", "/not".repeat(31)));
}

#[test]
fn what_has_no_text() {
    for (rule, pointer) in [
        (json!(3), ""),
        (json!({}), ""),
        (json!({"foo": 1}), ""),
        (json!({"everyone": false}), "/everyone"),
        (json!({"everyone": true, "a/b": 1}), "/a~1b"),
        (json!({"all": [{"everyone": true}, {"list": 3}]}), "/all/1/list"),
        (json!({"not": {"everyone": true, "tz": "UTC"}}), "/not/tz"),
        (json!({"trait": "a", "op": "like", "value": 1}), "/op"),
        (json!({"trait": "a", "op": "eq"}), ""),
        (json!({"trait": "a", "op": "eq", "value": null}), "/value"),
        (json!({"trait": "a", "op": "in", "value": [1, {}]}), "/value/1"),
        (json!({"trait": "a", "op": "is_set", "value": 1}), "/value"),
        (json!({"event": "x", "agg": "median"}), "/agg"),
        (json!({"event": "x", "agg": "sum", "of": "p"}), ""),
        (json!({"event": "x", "window": {}}), "/window"),
        (json!({"event": "x", "window": {"last": 3}}), "/window/last"),
        (json!({"event": "x", "where": [{"property": "a", "op": "is_set", "label": "x"}]}), "/where/0/label"),
    ] {
        assert_eq!(print(&rule).map_err(|fault| fault.pointer), Err(pointer.to_owned()), "{rule}");
    }
}

#[test]
fn shared_cases_survive_their_text() {
    let Ok(lines) = std::fs::read_to_string("../../../shared/conformance/cases.jsonl") else { return };
    for line in lines.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        match print(&case["rule"]) {
            Ok(text) => assert_eq!(parse(&text).as_ref(), Ok(&case["rule"]), "{text}"),
            Err(fault) => assert!(case.get("refused").is_some(), "{}: {fault}", case["id"]),
        }
    }
}

/// What of a text stands at a pointer.
fn spelt<'t>(text: &'t str, pointer: &str) -> &'t str {
    let place = locate(text, &[pointer])[0].unwrap();
    &text[place.offset..place.offset + place.length]
}

#[test]
fn pointers_lead_to_what_the_text_spells_there() {
    let text =
        "age contains \"x\"\nand sum(minutes of view where genre in [\"a\", \"b\"], last 30d) >= 3\nand not (plan is not set)";
    let cases = [
        ("", text.get(..text.len() - 1).unwrap()),
        ("/all/0", "age contains \"x\""),
        ("/all/0/trait", "age"),
        ("/all/0/op", "contains"),
        ("/all/0/value", "\"x\""),
        ("/all/1/agg", "sum"),
        ("/all/1/of", "minutes"),
        ("/all/1/event", "view"),
        ("/all/1/where/0/value/1", "\"b\""),
        ("/all/1/where/0/value", "\"a\", \"b\""),
        ("/all/1/window", "last 30d"),
        ("/all/1/window/last", "30d"),
        ("/all/1/op", ">="),
        ("/all/2/not/op", "is not set"),
        ("/all/2/not/nothing/there", "plan is not set"),
    ];
    for (pointer, wanted) in cases {
        assert_eq!(spelt(text, pointer), wanted, "{pointer}");
    }
    let place = locate(text, &["/all/1/window/last"])[0].unwrap();
    assert_eq!((place.line, place.column), (2, 57));
    assert_eq!(spelt("top 5% by avg(price of buy) among (segment \"x\")", "/top/by/agg"), "avg");
    assert_eq!(spelt("everyone in zone \"Nowhere\"", "/tz"), "\"Nowhere\"");
    assert_eq!(spelt("did buy", "/value"), "did buy");
    assert_eq!(locate("did (", &[""]), [None]);
}
