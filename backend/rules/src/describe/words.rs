//! Values and comparisons in words.

use serde_json::Value as Json;

use super::{Language, Speaker};
use crate::convert::number_text;

/// `a, b or c`.
pub(super) fn join(speaker: Speaker, parts: &[String], word: &str) -> String {
    match parts {
        [] => speaker.something().to_owned(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} {word} {last}", most.join(", ")),
    }
}

impl Speaker {
    /// A value as a reader expects it: quoted where its ends would not be seen.
    pub fn name(self, value: &Json) -> String {
        match value {
            Json::String(text) => {
                let plain = !text.is_empty()
                    && text.chars().all(|character| character.is_alphanumeric() || "-_.:@$/+%".contains(character));
                match self.language {
                    _ if plain => text.clone(),
                    Language::English => format!("“{text}”"),
                    Language::French => format!("«\u{a0}{text}\u{a0}»"),
                }
            }
            Json::Number(number) => {
                let text = number.as_f64().filter(|_| number.is_f64()).map(number_text).unwrap_or_else(|| number.to_string());
                if self.language == Language::French { text.replace('.', ",") } else { text }
            }
            Json::Bool(true) => self.say("true", "vrai").to_owned(),
            Json::Bool(false) => self.say("false", "faux").to_owned(),
            Json::Null => self.something().to_owned(),
            other => other.to_string(),
        }
    }

    fn names(self, value: &Json, word: &str) -> String {
        match value.as_array() {
            Some(values) => join(self, &values.iter().map(|value| self.name(value)).collect::<Vec<_>>(), word),
            None => self.name(value),
        }
    }

    /// A name and what its value is compared with.
    pub fn compared(self, name: &Json, rule: &Json) -> String {
        format!("{} {}", self.name(name), self.comparison(rule))
    }

    /// `op` and `value` of a condition on one value: what follows its name.
    pub fn comparison(self, rule: &Json) -> String {
        let words = match self.language {
            Language::English => self.in_english(rule),
            Language::French => self.in_french(rule),
        };
        if rule["ignore_case"] == true {
            format!("{words} {}", self.say("(in upper or lower case)", "(en majuscules ou minuscules)"))
        } else {
            words
        }
    }

    fn in_english(self, rule: &Json) -> String {
        let value = &rule["value"];
        let one = |before: &str| format!("{before} {}", self.name(value));
        match rule["op"].as_str().unwrap_or_default() {
            "is_set" => "is set".to_owned(),
            "is_not_set" => "is not set".to_owned(),
            "eq" => one("is"),
            "neq" => one("is not"),
            "in" => format!("is {}", self.names(value, "or")),
            "not_in" => format!("is not {}", self.names(value, "or")),
            "contains" => one("contains"),
            "not_contains" => one("does not contain"),
            "starts_with" => one("starts with"),
            "ends_with" => one("ends with"),
            "regex" => one("matches"),
            "gt" => one("above"),
            "gte" => one("at least"),
            "lt" => one("below"),
            "lte" => one("at most"),
            "between" => format!("between {}", self.names(value, "and")),
            "before" => one("before"),
            "after" => one("after"),
            "on" => one("on"),
            "within_last" => format!("within {}", self.the_last(value)),
            "within_next" => format!("within {}", self.the_next(value)),
            "more_than_ago" => format!("more than {} ago", self.duration(value)),
            "anniversary" => self.anniversary(value),
            "has" => one("includes"),
            "has_any" => format!("includes {}", self.names(value, "or")),
            "has_all" => format!("includes {}", self.names(value, "and")),
            "has_none" if is_single(value) => format!("does not include {}", self.names(value, "nor")),
            "has_none" => format!("includes neither {}", self.names(value, "nor")),
            _ => "is something".to_owned(),
        }
    }

    fn in_french(self, rule: &Json) -> String {
        let value = &rule["value"];
        let one = |before: &str| format!("{before} {}", self.name(value));
        match rule["op"].as_str().unwrap_or_default() {
            "is_set" => "est défini".to_owned(),
            "is_not_set" => "n’est pas défini".to_owned(),
            "eq" => one("vaut"),
            "neq" => one("ne vaut pas"),
            "in" => format!("vaut {}", self.names(value, "ou")),
            "not_in" if is_single(value) => format!("ne vaut pas {}", self.names(value, "ni")),
            "not_in" => format!("ne vaut ni {}", self.names(value, "ni")),
            "contains" => one("contient"),
            "not_contains" => one("ne contient pas"),
            "starts_with" => one("commence par"),
            "ends_with" => one("finit par"),
            "regex" => one("correspond à"),
            "gt" => one("dépasse"),
            "gte" => one("vaut au moins"),
            "lt" => one("vaut moins de"),
            "lte" => one("vaut au plus"),
            "between" => format!("est entre {}", self.names(value, "et")),
            "before" => one("est avant le"),
            "after" => one("est après le"),
            "on" => one("est le"),
            "within_last" => format!("est dans {}", self.the_last(value)),
            "within_next" => format!("est dans {}", self.the_next(value)),
            "more_than_ago" => format!("remonte à plus de {}", self.duration(value)),
            "anniversary" => self.anniversary(value),
            "has" => one("comprend"),
            "has_any" => format!("comprend {}", self.names(value, "ou")),
            "has_all" => format!("comprend {}", self.names(value, "et")),
            "has_none" if is_single(value) => format!("ne comprend pas {}", self.names(value, "ni")),
            "has_none" => format!("ne comprend ni {}", self.names(value, "ni")),
            _ => "vaut quelque chose".to_owned(),
        }
    }

    fn anniversary(self, value: &Json) -> String {
        let has = self.say("has its anniversary", "a son anniversaire");
        match value.as_f64() {
            Some(0.0) => format!("{has} {}", self.say("today", "aujourd’hui")),
            Some(1.0) => format!("{has} {}", self.say("tomorrow", "demain")),
            _ => format!("{has} {} {} {}", self.say("in", "dans"), self.name(value), self.say("days", "jours")),
        }
    }

    /// `op` and `value` of an aggregate: `at least 3`.
    pub fn amount(self, rule: &Json) -> String {
        let default = Json::from(1);
        let value = rule.get("value").unwrap_or(&default);
        let before = match rule.get("op").and_then(Json::as_str).unwrap_or("gte") {
            "eq" => self.say("exactly", "exactement"),
            "neq" => self.say("any number but", "tout nombre sauf"),
            "gt" => self.say("more than", "plus de"),
            "gte" => self.say("at least", "au moins"),
            "lt" => self.say("less than", "moins de"),
            "lte" => self.say("at most", "au plus"),
            "between" => {
                let between = self.say("between", "entre");
                return match value.as_array() {
                    Some(ends) if ends.len() == 2 => format!("{between} {}", self.names(value, self.and())),
                    _ => format!("{between} {}", self.something()),
                };
            }
            _ => return self.something().to_owned(),
        };
        format!("{before} {}", self.name(value))
    }
}

/// Whether an amount is followed by a word in the singular.
pub(super) fn is_singular(rule: &Json) -> bool {
    rule["op"] != "between" && rule.get("value").is_none_or(|value| value.as_f64() == Some(1.0))
}

fn is_single(value: &Json) -> bool {
    value.as_array().is_some_and(|values| values.len() == 1)
}
