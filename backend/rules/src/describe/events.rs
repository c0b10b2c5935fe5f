//! What users did, in words.

use serde_json::Value as Json;

use super::words::{is_singular, join};
use super::{Language, Speaker};

/// Whether an event node says no more than that it happened.
pub(super) fn is_plain_occurrence(rule: &Json) -> bool {
    let count = rule.get("agg").is_none_or(|agg| agg == "count");
    let least = rule.get("op").is_none_or(|op| op == "gte");
    rule.get("event").is_some() && count && least && rule.get("value").is_none_or(|value| value.as_f64() == Some(1.0))
}

/// Whether a count holds only for users who never did it.
fn is_never(rule: &Json) -> bool {
    let number = rule.get("value").map_or(Some(1.0), Json::as_f64);
    match rule.get("op").and_then(Json::as_str) {
        Some("eq" | "lte") => number == Some(0.0),
        Some("lt") => number == Some(1.0),
        _ => false,
    }
}

impl Speaker {
    /// Names of events, and the filters in brackets.
    fn events_where(self, rule: &Json) -> String {
        let names = match &rule["event"] {
            Json::String(text) if text == "*" => self.say("anything", "un événement quelconque").to_owned(),
            Json::Array(names) => join(self, &names.iter().map(|name| self.name(name)).collect::<Vec<_>>(), self.or()),
            other => self.name(other),
        };
        format!("{names}{}", self.filters(rule))
    }

    fn filters(self, rule: &Json) -> String {
        match rule.get("where").and_then(Json::as_array) {
            Some(filters) if !filters.is_empty() => {
                format!(" ({})", self.group(&rule["where"], self.and(), Speaker::filter).words)
            }
            _ => String::new(),
        }
    }

    /// An event node.
    pub fn what_was_done(self, rule: &Json) -> String {
        let agg = rule.get("agg").and_then(Json::as_str).unwrap_or("count");
        if agg == "count" {
            return self.counted(rule);
        }
        let (what, when) = (self.events_where(rule), self.window(rule.get("window")));
        let did = self.say("did", "a fait");
        if let "first" | "last" = agg {
            let time = if agg == "first" {
                self.say("and the first time", "et la première fois")
            } else {
                self.say("and the last time", "et la dernière fois")
            };
            return format!("{did} {what}{when}, {time} {}", self.compared(&rule["of"], rule));
        }
        format!("{did} {what} {}{when}", self.measured(agg, rule))
    }

    /// An aggregate other than a count, and what it is compared with.
    fn measured(self, agg: &str, rule: &Json) -> String {
        let of = rule.get("of").map_or_else(|| self.something().to_owned(), |of| self.name(of));
        let (amount, one) = (self.amount(rule), is_singular(rule));
        match (agg, self.language) {
            ("days", Language::English) => format!("on {amount} {}", if one { "day" } else { "days" }),
            ("days", Language::French) => format!("sur {amount} {}", if one { "jour" } else { "jours différents" }),
            ("distinct", Language::English) => {
                format!("with {amount} different {} of {of}", if one { "value" } else { "values" })
            }
            ("distinct", Language::French) => {
                format!("avec {amount} {} de {of}", if one { "valeur" } else { "valeurs différentes" })
            }
            ("sum", Language::English) => format!("with {of} adding up to {amount}"),
            ("avg", Language::English) => format!("with a mean {of} of {amount}"),
            ("min", Language::English) => format!("with a smallest {of} of {amount}"),
            ("max", Language::English) => format!("with a greatest {of} of {amount}"),
            ("sum", Language::French) => format!("avec pour somme de {of} : {amount}"),
            ("avg", Language::French) => format!("avec pour moyenne de {of} : {amount}"),
            ("min", Language::French) => format!("avec pour minimum de {of} : {amount}"),
            ("max", Language::French) => format!("avec pour maximum de {of} : {amount}"),
            (_, Language::English) => "somehow".to_owned(),
            (_, Language::French) => "d’une certaine façon".to_owned(),
        }
    }

    fn counted(self, rule: &Json) -> String {
        if is_never(rule) {
            return self.never_done(rule);
        }
        let (what, when, did) = (self.events_where(rule), self.window(rule.get("window")), self.say("did", "a fait"));
        if is_plain_occurrence(rule) {
            return format!("{did} {what}{when}");
        }
        let times = match self.language {
            Language::English if is_singular(rule) => "time",
            Language::English => "times",
            Language::French => "fois",
        };
        format!("{did} {what} {} {times}{when}", self.amount(rule))
    }

    /// That users did not do what an event node says.
    pub fn never_done(self, rule: &Json) -> String {
        let when = self.window(rule.get("window"));
        if self.language == Language::French && rule["event"] == "*" {
            return format!("n’a fait aucun événement{}{when}", self.filters(rule));
        }
        format!("{} {}{when}", self.say("did not do", "n’a pas fait"), self.events_where(rule))
    }

    /// A sequence node.
    pub fn sequence(self, rule: &Json) -> String {
        let steps = rule["sequence"].as_array().map(Vec::as_slice).unwrap_or_default();
        let inside = self.deeper();
        let described: Vec<String> = steps.iter().map(|step| inside.step(step)).collect();
        let mut words = match described.as_slice() {
            [] => self.something().to_owned(),
            steps => steps.join(self.say(", then ", ", puis ")),
        };
        words.insert_str(0, self.say("did ", "a fait "));
        if let Some(within) = rule.get("within") {
            words.push_str(&format!(", {} {}", self.say("all within", "le tout en au plus"), self.duration(within)));
        }
        match rule.get("window") {
            Some(when) => format!("{words},{}", self.window(Some(when))),
            None => words,
        }
    }

    fn step(self, step: &Json) -> String {
        let mut words = self.events_where(step);
        if let Some(within) = step.get("within") {
            words.push_str(&format!(" {} {}", self.say("within", "en au plus"), self.duration(within)));
        }
        if let Some(without) = step.get("without") {
            let events = self.events_where(without);
            words.push_str(&format!(" {} {events} {}", self.say("without", "sans"), self.say("in between", "entre les deux")));
        }
        words
    }

    /// What a first-time node holds.
    pub fn first_time(self, rule: &Json) -> String {
        let (did, time) = (self.say("did", "a fait"), self.say("for the first time", "pour la première fois"));
        format!("{did} {} {time}{}", self.events_where(rule), self.window(rule.get("window")))
    }

    /// What a regular node holds.
    pub fn regular(self, rule: &Json) -> String {
        let count = rule.get("count").and_then(Json::as_f64).unwrap_or(1.0);
        let often = if count == 1.0 { None } else { Some(self.name(&rule["count"])) };
        let (least, periods) = (self.name(&rule["min_periods"]), self.name(&rule["periods"]));
        let (what, period) = (self.events_where(rule), self.duration(&rule["period"]));
        match self.language {
            Language::English => {
                let often = often.map(|count| format!(" at least {count} times")).unwrap_or_default();
                format!("did {what}{often} in each of at least {least} of the last {periods} periods of {period}")
            }
            Language::French => {
                let often = often.map(|count| format!(" au moins {count} fois")).unwrap_or_default();
                format!("a fait {what}{often} dans chacune d’au moins {least} des {periods} dernières périodes de {period}")
            }
        }
    }

    /// What a top node holds.
    pub fn top(self, rule: &Json) -> String {
        let by = &rule["by"];
        let (what, of) = (self.events_where(by), self.name(&by["of"]));
        let measure = match by.get("agg").and_then(Json::as_str).unwrap_or("count") {
            "count" => format!("{} {what}", self.say("number of", "nombre de")),
            "days" => format!("{} {what}", self.say("number of days with", "nombre de jours avec")),
            "distinct" => {
                let number = self.say("number of different values of", "nombre de valeurs différentes de");
                format!("{number} {of} {} {what}", self.say("in", "dans"))
            }
            "sum" => format!("{} {of} {} {what}", self.say("sum of", "somme de"), self.say("in", "dans")),
            "avg" => format!("{} {of} {} {what}", self.say("mean", "moyenne de"), self.say("in", "dans")),
            "min" => format!("{} {of} {} {what}", self.say("smallest", "minimum de"), self.say("in", "dans")),
            "max" => format!("{} {of} {} {what}", self.say("greatest", "maximum de"), self.say("in", "dans")),
            _ => format!("{} {} {what}", self.something(), self.say("of", "de")),
        };
        let place = self.place(rule);
        let among = match rule.get("among") {
            Some(among) => format!(", {} {}", self.say("among:", "parmi :"), self.deeper().node(among).words),
            None => String::new(),
        };
        format!("{place} {} {measure}{}{among}", self.say("by", "par"), self.window(by.get("window")))
    }

    /// `in the top 5 %`.
    fn place(self, rule: &Json) -> String {
        let size = match (rule.get("percent"), rule.get("count")) {
            (Some(percent), _) => Some(format!("{} %", self.name(percent))),
            (None, Some(count)) => Some(self.name(count)),
            (None, None) => None,
        };
        match (self.language, size) {
            (Language::English, size) => format!("in the top {}", size.as_deref().unwrap_or("users")),
            (Language::French, Some(size)) => format!("parmi les {size} en tête du classement"),
            (Language::French, None) => "en tête du classement".to_owned(),
        }
    }
}
