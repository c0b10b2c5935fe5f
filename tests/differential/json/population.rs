//! Random small data with nasty values, as a client sends it.

use rollcall_rules::{Day, Instant};
use serde_json::{Map, Value as Json, json};

use super::super::dice::{Dice, HOUR, START};

/// What traits and properties are declared as; besides, the property `mixed` is a text in views and a number in orders.
pub const TYPES: [(&str, &str); 9] = [
    ("b", "boolean"),
    ("d", "date"),
    ("n", "number"),
    ("nl", "list<number>"),
    ("o", "object"),
    ("o.k", "string"),
    ("s", "string"),
    ("sl", "list<string>"),
    ("t", "datetime"),
];

/// Where events gather, in hours from [`START`]: there, a month and a year earlier, around a clock change in spring, and around
/// two leap days.
const PLACES: [i64; 8] = [0, 0, 0, -30 * 24, -365 * 24, -209 * 24, -968 * 24, 493 * 24];

impl Dice {
    /// Few distinct times, so that many are equal and lie on edges.
    pub fn moment(&mut self) -> Instant {
        let hours = self.pick(&PLACES) + self.below(72) as i64;
        Instant(START + hours * HOUR + self.pick(&[0, 0, 0, 1, -1]))
    }

    pub fn moment_json(&mut self) -> Json {
        json!(self.moment().to_rfc3339())
    }

    pub fn day_json(&mut self) -> Json {
        let day = (self.moment().0).div_euclid(24 * HOUR) as i32;
        let leap = ["2024-02-29", "2028-02-29", "1996-02-29", "2027-02-28"];
        if self.one_in(4) { json!(self.pick(&leap)) } else { json!(Day(day).to_iso()) }
    }

    pub fn text_json(&mut self) -> Json {
        json!(self.pick(&[
            "x",
            "X",
            "y",
            "",
            "Straße",
            "STRASSE",
            "xy",
            "Zoë",
            "Zoe\u{308}",
            "İ",
            "ﬁn",
            "3",
            "true",
            "🙂",
            "%",
            "a'b\"c\\"
        ]))
    }

    pub fn number_json(&mut self) -> Json {
        let whole = [0_i64, 1, 2, 3, -1, 9_007_199_254_740_991, 9_007_199_254_740_992, -9_007_199_254_740_992];
        let other = [-0.0, 0.1, 0.2, 0.3, 2.5, -2.5, 1e17, -1e17, 1e20, 5e-10, 4e-10, 1e-9];
        if self.one_in(2) { json!(self.pick(&whole)) } else { json!(self.pick(&other)) }
    }

    pub fn user_json(&mut self) -> Json {
        json!(self.pick(&["a", "A", "b", "c", "d", "é", "e\u{301}", " f", "🙂", "h"]))
    }

    /// A value that collection takes as `of`; some are converted.
    fn sent(&mut self, of: &str) -> Json {
        if self.one_in(8) {
            return Json::Null;
        }
        let few = 0..self.below(4);
        match of {
            "boolean" => self.pick(&[json!(true), json!(false), json!("true")]),
            "date" => self.day_json(),
            "datetime" => self.moment_json(),
            "number" if self.one_in(6) => json!(self.pick(&["3", "-2.5", "0"])),
            "number" => self.number_json(),
            "list<number>" => few.map(|_| self.number_json()).collect(),
            "list<string>" => few.map(|_| self.text_json()).collect(),
            "string" if self.one_in(8) => self.pick(&[json!(3), json!(true)]),
            _ => self.text_json(),
        }
    }

    fn fields(&mut self, one_in: u64) -> Map<String, Json> {
        let mut fields = Map::new();
        for (path, of) in TYPES {
            let object = of == "object";
            // The literal key `o.k` beside the path through `o`.
            if self.one_in(if path == "o.k" { 3 * one_in } else { one_in }) {
                let value = if object && !self.one_in(6) {
                    json!({"k": self.sent("string")})
                } else if object {
                    Json::Null
                } else {
                    self.sent(of)
                };
                fields.insert(path.to_owned(), value);
            }
        }
        fields
    }

    fn event(&mut self) -> Json {
        let name = self.pick(&["view", "view", "view", "order", "click"]);
        let mut properties = self.fields(2);
        match name {
            "view" if self.one_in(2) => properties.insert("mixed".to_owned(), self.text_json()),
            "order" if self.one_in(2) => properties.insert("mixed".to_owned(), self.number_json()),
            _ => None,
        };
        if self.one_in(10) {
            properties.insert("s.genre".to_owned(), json!("Drama"));
        }
        let mut event = json!({"user": self.user_json(), "event": name, "ts": self.moment_json(), "properties": properties});
        if self.one_in(4) {
            // Few ids, so that some are retries.
            event["message_id"] = json!(format!("m{}", self.below(6)));
        }
        event
    }

    fn catalogues(&mut self) -> Json {
        let mut rows = vec![json!({"key": "fixed", "genre": "Drama", "rank": 1})];
        for key in ["x", "X", "Straße", "3"] {
            let mut row = json!({ "key": key });
            if !self.one_in(4) {
                row["genre"] = self.pick(&[json!("Drama"), json!("News"), json!("DRAMA"), json!(""), Json::Null]);
            }
            if self.one_in(2) {
                row["rank"] = self.number_json();
            }
            row["seasons"] = (0..self.below(4)).map(|_| self.season()).collect();
            rows.push(row);
        }
        json!({"c": {"rows": rows}})
    }

    fn season(&mut self) -> Json {
        let point = |dice: &mut Dice| if dice.one_in(2) { dice.day_json() } else { dice.moment_json() };
        let mut season = json!({ "from": point(self) });
        if !self.one_in(3) {
            season["to"] = point(self);
        }
        season
    }

    /// A case without a rule.
    pub fn population(&mut self) -> Json {
        let types: Map<String, Json> = TYPES.iter().map(|(path, of)| ((*path).to_owned(), json!(of))).collect();
        let events: Vec<Json> = (0..20 + self.below(100)).map(|_| self.event()).collect();
        let identifies: Vec<Json> = (0..self.below(30))
            .map(|_| json!({"user": self.user_json(), "ts": self.moment_json(), "traits": self.fields(4)}))
            .collect();
        let mut case = json!({
            "now": self.moment_json(),
            "events": events,
            "identifies": identifies,
            "users": ["uploaded"],
            "schema": {"traits": types, "properties": types},
            "catalogues": self.catalogues(),
            "links": {"s": "c"},
            "lists": {"one": ["a", "🙂", "stranger"], "two": ["b"]},
        });
        let own = self.json_rule(1);
        case["segments"] = json!({ "own": own });
        case
    }
}
