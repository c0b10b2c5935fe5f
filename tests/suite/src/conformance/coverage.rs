//! Our own cases have a row for everything that the contract's tables name, so that none is lost unseen.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What the contract names, a line for each of its tables; words of one line share what is before the colon.
const CONTRACT: &[&str] = &[
    "node: all any not everyone trait event sequence first_time regular top segment list label tz",
    "event: name names any",
    "filter: property all any not",
    "string: is_set is_not_set eq neq in not_in contains not_contains starts_with ends_with regex",
    "string, any case: eq neq in not_in contains not_contains starts_with ends_with regex",
    "number: is_set is_not_set eq neq in not_in gt gte lt lte between",
    "boolean: is_set is_not_set eq neq",
    "datetime: before after on between within_last within_next more_than_ago anniversary",
    "date: before after on between within_last within_next more_than_ago anniversary",
    "list<string>: is_set is_not_set has has_any has_all has_none eq neq in not_in contains not_contains starts_with ends_with regex",
    "list<string>, any case: has has_all has_none eq",
    "list<number>: has has_any has_all has_none eq neq in not_in gt gte lt lte between",
    "window: none last between_ago from to calendar season",
    "shifted: last between_ago calendar season",
    "calendar: today yesterday this_week last_week this_month last_month this_year last_year last_7_days last_30_days",
    "season: open which-0 which--1 which--2",
    "unit: s m h d w mo y",
    "count: gt gte lt lte eq neq between",
    "days: gt gte lt lte eq neq between",
    "sum: gt gte lt lte eq neq between",
    "distinct: gt gte lt lte eq neq between",
    "avg: gt gte lt lte eq neq between",
    "min: gt gte lt lte eq neq between",
    "max: gt gte lt lte eq neq between",
    "first: is_set is_not_set eq neq in not_in has_none between",
    "last: is_set eq neq contains not_contains starts_with regex gte within_last",
    "sequence: step where window within step-within step-without without-where",
    "regular: period periods min_periods count where",
    "top: percent count among where window",
    "ranked by: count days sum distinct avg min max",
    "refused: unknown_field missing_field unknown_operator operator_not_for_type wrong_type out_of_range bad_duration bad_date",
    "refused: bad_regex bad_timezone empty_group reversed_between unknown_segment unknown_list cycle too_many_nodes too_deep",
    "data: retry upload later identify list catalogue linked-trait linked-property null",
];

/// What the cases hold, in the words of the table above.
struct Seen<'a> {
    found: BTreeSet<String>,
    case: &'a Value,
}

impl Seen<'_> {
    fn add(&mut self, table: &str, word: &str) {
        self.found.insert(format!("{table}: {word}"));
    }

    fn node(&mut self, node: &Value) {
        let Some(fields) = node.as_object() else { return };
        for kind in ["all", "any", "not", "everyone", "trait", "sequence", "first_time", "regular", "top", "segment", "list"] {
            if fields.contains_key(kind) {
                self.add("node", kind);
            }
        }
        for word in ["label", "tz"] {
            if fields.contains_key(word) {
                self.add("node", word);
            }
        }
        for group in ["all", "any"] {
            fields.get(group).and_then(Value::as_array).into_iter().flatten().for_each(|child| self.node(child));
        }
        fields.get("not").into_iter().for_each(|child| self.node(child));
        if let Some(path) = node["trait"].as_str() {
            self.condition("traits", path, node);
        }
        if fields.contains_key("event") {
            self.add("node", "event");
            self.matching(node);
            self.measure(fields);
        }
        self.behaviour(node);
    }

    fn measure(&mut self, node: &Map<String, Value>) {
        let word = |key: &str, otherwise: &'static str| node.get(key).and_then(Value::as_str).unwrap_or(otherwise).to_owned();
        self.add(&word("agg", "count"), &word("op", "gte"));
        match node.get("window") {
            Some(window) => self.window(window),
            None => self.add("window", "none"),
        }
    }

    fn matching(&mut self, of: &Value) {
        let kind = match &of["event"] {
            Value::Array(_) => "names",
            Value::String(name) if name == "*" => "any",
            _ => "name",
        };
        self.add("event", kind);
        of["where"].as_array().into_iter().flatten().for_each(|filter| self.filter(filter));
    }

    fn filter(&mut self, filter: &Value) {
        for kind in ["property", "all", "any", "not"] {
            if filter.get(kind).is_some() {
                self.add("filter", kind);
            }
        }
        for group in ["all", "any"] {
            filter[group].as_array().into_iter().flatten().for_each(|inner| self.filter(inner));
        }
        if filter["not"].is_object() {
            self.filter(&filter["not"]);
        }
        if let Some(path) = filter["property"].as_str() {
            self.condition("properties", path, filter);
        }
    }

    /// A condition counts for its type if the case declares the type.
    fn condition(&mut self, of: &str, path: &str, condition: &Value) {
        let op = condition["op"].as_str().unwrap_or_default();
        if let Some(kind) = self.case["schema"][of][path].as_str() {
            let table = if condition["ignore_case"] == true { format!("{kind}, any case") } else { kind.to_owned() };
            self.add(&table, op);
        }
        let linked = path.split_once('.').is_some_and(|(key, _)| self.case["links"][key].is_string());
        if linked {
            self.add("data", if of == "traits" { "linked-trait" } else { "linked-property" });
        }
        if matches!(op, "within_last" | "within_next" | "more_than_ago") {
            self.unit(&condition["value"]);
        }
    }

    fn unit(&mut self, duration: &Value) {
        let unit = duration.as_str().unwrap_or_default().trim_start_matches(|letter: char| letter.is_ascii_digit());
        self.add("unit", unit);
    }

    fn window(&mut self, window: &Value) {
        for kind in ["last", "between_ago", "from", "to", "calendar", "season"] {
            if window.get(kind).is_some() {
                self.add("window", kind);
                if window.get("shift").is_some() {
                    self.add("shifted", kind);
                }
            }
        }
        self.unit(&window["last"]);
        self.add("calendar", window["calendar"].as_str().unwrap_or_default());
        if let Some(season) = window.get("season") {
            self.add("season", &format!("which-{}", season["which"].as_i64().unwrap_or_default()));
        }
    }

    fn behaviour(&mut self, node: &Value) {
        for (at, step) in node["sequence"].as_array().into_iter().flatten().enumerate() {
            self.add("sequence", "step");
            self.matching(step);
            let mut note = |there: bool, word: &str| {
                if there {
                    self.found.insert(format!("sequence: {word}"));
                }
            };
            note(step.get("where").is_some(), "where");
            note(at > 0 && step.get("within").is_some(), "step-within");
            note(at > 0 && step.get("without").is_some(), "step-without");
            note(at > 0 && step["without"].get("where").is_some(), "without-where");
            note(node.get("window").is_some(), "window");
            note(node.get("within").is_some(), "within");
        }
        for kind in ["first_time", "regular", "top"] {
            let Some(content) = node.get(kind) else { continue };
            let by = if kind == "top" { &content["by"] } else { content };
            self.matching(by);
            for fields in [content, by] {
                for word in fields.as_object().into_iter().flat_map(|fields| fields.keys()) {
                    self.add(kind, word);
                }
            }
            if kind == "top" {
                self.add("ranked by", by["agg"].as_str().unwrap_or("count"));
                self.node(&content["among"]);
            }
        }
    }

    fn data(&mut self) {
        let case = self.case;
        let entries = |key: &str| case[key].as_array().into_iter().flatten();
        for (key, word) in [("users", "upload"), ("identifies", "identify"), ("lists", "list"), ("catalogues", "catalogue")] {
            if case.get(key).is_some() {
                self.add("data", word);
            }
        }
        let now = case["now"].as_str().unwrap_or_default();
        if entries("events").any(|event| event["ts"].as_str().is_some_and(|time| time[..10] > now[..10])) {
            self.add("data", "later");
        }
        let ids: Vec<&str> = entries("events").filter_map(|event| event["message_id"].as_str()).collect();
        if ids.iter().collect::<BTreeSet<_>>().len() < ids.len() {
            self.add("data", "retry");
        }
        let nulls = |of: &Value| of.as_object().into_iter().flatten().any(|(_, value)| value.is_null());
        if entries("events").any(|event| nulls(&event["properties"])) && case.get("expect").is_some() {
            self.add("data", "null");
        }
        let rows = case["catalogues"].as_object().into_iter().flatten().flat_map(|(_, catalogue)| catalogue["rows"].as_array());
        if rows.flatten().flat_map(|row| row["seasons"].as_array()).flatten().any(|season| season.get("to").is_none()) {
            self.add("season", "open");
        }
    }
}

#[test]
fn our_cases_have_everything_that_the_contract_names() {
    let cases = super::cases(&crate::tree::root().join("tests/conformance/cases.jsonl"));
    let mut found = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for case in &cases {
        let mut seen = Seen { found: BTreeSet::new(), case };
        for fault in case["refused"].as_array().into_iter().flatten() {
            seen.add("refused", fault["code"].as_str().unwrap());
        }
        if case.get("expect").is_some() {
            seen.data();
            seen.node(&case["rule"]);
            seen.found.extend(case.get("tz").map(|_| "node: tz".to_owned()));
        }
        found.extend(seen.found);
        assert!(ids.insert(case["id"].as_str().unwrap()), "{} is there twice", case["id"]);
        assert!(case["id"].as_str().unwrap().starts_with("own-"), "{} is not our own", case["id"]);
    }
    let wanted = CONTRACT.iter().flat_map(|line| {
        let (table, words) = line.split_once(": ").unwrap();
        words.split(' ').map(move |word| format!("{table}: {word}"))
    });
    let missing: Vec<String> = wanted.filter(|word| !found.contains(word)).collect();
    assert!(missing.is_empty(), "no case of our own has {missing:#?}");
}
