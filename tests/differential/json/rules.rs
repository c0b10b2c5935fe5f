//! Random valid rules as JSON, over the data of [`super::population`].

use serde_json::{Value as Json, json};

use super::super::dice::Dice;

const PERIODS: [&str; 11] = [
    "today",
    "yesterday",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_year",
    "last_year",
    "last_1_days",
    "last_3_days",
    "last_40_days",
];

fn with(mut object: Json, field: &str, value: Option<Json>) -> Json {
    if let Some(value) = value {
        object[field] = value;
    }
    object
}

fn merged(mut left: Json, right: Json) -> Json {
    let fields = right.as_object().cloned().unwrap_or_default();
    left.as_object_mut().unwrap().extend(fields);
    left
}

impl Dice {
    pub fn json_rule(&mut self, depth: u64) -> Json {
        let zone =
            self.pick(&[None, Some("Europe/Paris"), Some("America/St_Johns"), Some("Pacific/Apia"), Some("America/Sao_Paulo")]);
        let node = self.json_node(depth, depth > 1);
        with(node, "tz", zone.map(Json::from))
    }

    fn json_nodes(&mut self, depth: u64, segments: bool) -> Json {
        (0..1 + self.below(3)).map(|_| self.json_node(depth - 1, segments)).collect()
    }

    fn json_node(&mut self, depth: u64, segments: bool) -> Json {
        let node = match self.below(if depth == 0 { 13 } else { 18 }) {
            0 if self.one_in(3) => json!({"everyone": true}),
            1 if segments && self.one_in(2) => json!({"segment": "own"}),
            1 => json!({"list": self.pick(&["one", "two"])}),
            0 | 2..=4 => self.json_condition("trait"),
            5..=8 => {
                let matching = self.json_matching();
                let window = self.json_window();
                let measure = self.json_measure(matching["event"] == "view");
                with(merged(matching, measure), "window", window)
            }
            9 | 10 => self.json_sequence(),
            11 => {
                let window = self.json_window();
                json!({"first_time": with(self.json_matching(), "window", window)})
            }
            12 => self.json_regular(),
            13 => self.json_top(depth, segments),
            14 | 15 => json!({"all": self.json_nodes(depth, segments)}),
            16 => json!({"any": self.json_nodes(depth, segments)}),
            _ => json!({"not": self.json_node(depth - 1, segments)}),
        };
        let label = self.one_in(12).then(|| self.text_json());
        with(node, "label", label)
    }

    fn json_matching(&mut self) -> Json {
        let names =
            [json!("view"), json!("view"), json!("order"), json!(["view", "order"]), json!(["click", "order"]), json!("*")];
        let filters: Json = (0..self.below(3)).map(|_| self.json_filter(1)).collect();
        let filters = (filters != json!([]) || self.one_in(4)).then_some(filters);
        with(json!({"event": self.pick(&names)}), "where", filters)
    }

    fn json_filter(&mut self, depth: u64) -> Json {
        let several = |dice: &mut Dice| (0..1 + dice.below(2)).map(|_| dice.json_filter(depth - 1)).collect::<Json>();
        match self.below(if depth == 0 { 3 } else { 6 }) {
            3 => json!({"all": several(self)}),
            4 => json!({"any": several(self)}),
            5 => json!({"not": self.json_filter(depth - 1)}),
            _ => self.json_condition("property"),
        }
    }

    /// A condition on a trait or property of any type, or on an attribute of a catalogue.
    fn json_condition(&mut self, field: &str) -> Json {
        let path = self.pick(&["b", "d", "n", "nl", "o", "o.k", "s", "s", "sl", "t", "t", "s.genre", "s.rank"]);
        merged(json!({ field: path }), self.json_test(path))
    }

    fn json_test(&mut self, path: &str) -> Json {
        if path == "o" || self.one_in(10) {
            return json!({"op": self.pick(&["is_set", "is_not_set"])});
        }
        let of = |op: &str, value: Json| json!({"op": op, "value": value});
        match path {
            "b" => of(self.pick(&["eq", "neq"]), self.pick(&[json!(true), json!(false), json!("true")])),
            "n" | "s.rank" => self.json_number_test(),
            "nl" if self.one_in(2) => {
                let op = self.pick(&["has", "has_any", "has_all", "has_none"]);
                let value =
                    if op == "has" { self.number_json() } else { (0..1 + self.below(2)).map(|_| self.number_json()).collect() };
                of(op, value)
            }
            "nl" => self.json_number_test(),
            "d" | "t" => self.json_time_test(),
            _ => {
                let ops = ["eq", "neq", "contains", "not_contains", "starts_with", "ends_with", "regex", "in", "not_in"];
                let list_ops = ["has", "has_any", "has_all", "has_none"];
                let op = if path == "sl" && self.one_in(2) { self.pick(&list_ops) } else { self.pick(&ops) };
                let value = match op {
                    "in" | "not_in" | "has_any" | "has_all" | "has_none" => {
                        (0..1 + self.below(3)).map(|_| self.text_json()).collect()
                    }
                    "regex" => json!(self.pick(&["^[xX].?$", "ß|é", "^$", "(?i)drama", "."])),
                    _ if path == "s.genre" => json!(self.pick(&["Drama", "DRAMA", "News", "ra"])),
                    _ => self.text_json(),
                };
                with(of(op, value), "ignore_case", self.one_in(3).then(|| json!(true)))
            }
        }
    }

    fn json_number_test(&mut self) -> Json {
        let op = self.pick(&["eq", "neq", "gt", "gte", "lt", "lte", "in", "not_in", "between"]);
        let value = match op {
            "in" | "not_in" => (0..1 + self.below(3)).map(|_| self.number_json()).collect(),
            "between" => self.pick(&[json!([0, 2]), json!([-0.0, 0.1]), json!([0.1, 0.3]), json!([-1e17, 1]), json!([1, 1])]),
            _ if self.one_in(6) => json!(self.pick(&["3", "-2.5"])),
            _ => self.number_json(),
        };
        json!({"op": op, "value": value})
    }

    fn json_time_test(&mut self) -> Json {
        let op = self.pick(&["before", "after", "on", "between", "within_last", "within_next", "more_than_ago", "anniversary"]);
        let point = |dice: &mut Dice| if dice.one_in(2) { dice.day_json() } else { dice.moment_json() };
        let value = match op {
            "between" => {
                let mut ends = [point(self), point(self)];
                ends.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
                json!(ends)
            }
            "anniversary" => json!(self.pick(&[0, 1, 2, 30, 365, 366])),
            "within_last" | "within_next" | "more_than_ago" => self.json_duration(),
            _ => point(self),
        };
        json!({"op": op, "value": value})
    }

    fn json_duration(&mut self) -> Json {
        let known = ["1mo", "1y", "12mo", "1d", "24h", "30d", "365d", "1w", "3600s", "60m", "2mo"];
        if self.one_in(2) { json!(self.pick(&known)) } else { json!(format!("{}h", 1 + self.below(72))) }
    }

    fn json_window(&mut self) -> Option<Json> {
        let point = |dice: &mut Dice| if dice.one_in(2) { dice.day_json() } else { dice.moment_json() };
        let window = match self.below(8) {
            0 => json!({"last": self.json_duration()}),
            1 => {
                let pairs =
                    [["60h", "30h"], ["2d", "1d"], ["2mo", "1mo"], ["2y", "1y"], ["1y", "1mo"], ["32d", "1mo"], ["61d", "2mo"]];
                json!({"between_ago": self.pick(&pairs)})
            }
            2 => return Some(json!({"from": point(self), "to": point(self)})),
            3 => return Some(if self.one_in(2) { json!({"from": point(self)}) } else { json!({"to": point(self)}) }),
            4 => json!({"calendar": self.pick(&PERIODS)}),
            5 => {
                let season = json!({"property": "s", "value": self.pick(&["x", "X", "Straße", "3", "fixed", "gone"])});
                let which = self.pick(&[None, Some(0), Some(-1), Some(-2)]);
                json!({"season": with(season, "which", which.map(Json::from))})
            }
            _ => return None,
        };
        let shift = self.one_in(3).then(|| self.json_duration());
        Some(with(window, "shift", shift))
    }

    fn json_measure(&mut self, of_views: bool) -> Json {
        let agg = self.pick(&["count", "count", "days", "sum", "distinct", "avg", "min", "max", "first", "last"]);
        if agg == "count" && self.one_in(3) {
            return json!({});
        }
        let small = |dice: &mut Dice| {
            let op = dice.pick(&["gt", "gte", "lt", "lte", "eq", "neq", "between"]);
            let value = dice.below(4);
            json!({"op": op, "value": if op == "between" { json!([value, value + 1]) } else { json!(value) }})
        };
        let measure = json!({ "agg": agg });
        match agg {
            "count" | "days" => merged(measure, small(self)),
            "distinct" => {
                let path = self.pick(&["s", "n", "b", "d", "t", "sl", "nl", "o.k", "mixed"]);
                merged(merged(measure, json!({ "of": path })), small(self))
            }
            "first" | "last" => {
                let path = self.pick(&["b", "d", "n", "nl", "s", "sl", "t", "o.k"]);
                merged(merged(measure, json!({ "of": path })), self.json_test(path))
            }
            _ => {
                let path = if of_views { "n" } else { self.pick(&["n", "n", "mixed"]) };
                let test = self.json_number_test();
                let fits = !matches!(test["op"].as_str(), Some("in" | "not_in")) && !test["value"].is_string();
                merged(merged(measure, json!({ "of": path })), if fits { test } else { small(self) })
            }
        }
    }

    fn json_sequence(&mut self) -> Json {
        let count = 1 + self.below(4);
        let steps: Json = (0..count)
            .map(|at| {
                let within = (at > 0 && self.one_in(2)).then(|| self.json_duration());
                let without = (at > 0 && self.one_in(3)).then(|| self.json_matching());
                with(with(self.json_matching(), "within", within), "without", without)
            })
            .collect();
        let (window, within) = (self.json_window(), self.one_in(3).then(|| self.json_duration()));
        with(with(json!({ "sequence": steps }), "window", window), "within", within)
    }

    fn json_regular(&mut self) -> Json {
        let periods = 1 + self.below(5);
        let least = 1 + self.below(periods);
        let content = json!({"period": self.json_duration(), "periods": periods, "min_periods": least});
        let count = self.one_in(2).then(|| json!(1 + self.below(3)));
        json!({"regular": with(merged(self.json_matching(), content), "count", count)})
    }

    fn json_top(&mut self, depth: u64, segments: bool) -> Json {
        let by = match self.pick(&["count", "days", "sum", "distinct", "avg", "min", "max"]) {
            "count" => json!({}),
            "days" => json!({"agg": "days"}),
            "distinct" => json!({"agg": "distinct", "of": self.pick(&["s", "n", "sl", "nl", "mixed"])}),
            agg => json!({"agg": agg, "of": "n"}),
        };
        let window = self.json_window();
        let by = with(merged(self.json_matching(), by), "window", window);
        let percents = [json!(10), json!(33.3), json!(50), json!(55), json!(100), json!(0.001)];
        let size = if self.one_in(2) { json!({"count": 1 + self.below(6)}) } else { json!({"percent": self.pick(&percents)}) };
        let among = self.one_in(2).then(|| self.json_node(depth - 1, segments));
        json!({"top": with(merged(size, json!({ "by": by })), "among", among)})
    }
}
