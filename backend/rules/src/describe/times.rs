//! Durations and windows in words.

use serde_json::Value as Json;

use super::{Language, Speaker};
use crate::time::{Duration, Period, Unit};

impl Speaker {
    /// A duration such as `30d` in words.
    pub fn duration(self, value: &Json) -> String {
        match value.as_str().and_then(Duration::parse) {
            Some(Duration { amount, unit }) => format!("{amount} {}", self.unit(unit, amount)),
            None => self.name(value),
        }
    }

    /// `the last 30 days`, `the last month`.
    pub fn the_last(self, value: &Json) -> String {
        self.the(value, "last", ["dernier", "dernière"])
    }

    /// `the next 30 days`, `the next month`.
    pub fn the_next(self, value: &Json) -> String {
        self.the(value, "next", ["prochain", "prochaine"])
    }

    fn the(self, value: &Json, english: &str, french: [&str; 2]) -> String {
        let parsed = value.as_str().and_then(Duration::parse);
        let [masculine, feminine] = french;
        match (self.language, parsed) {
            (Language::English, Some(Duration { amount: 1, unit })) => format!("the {english} {}", self.unit(unit, 1)),
            (Language::English, _) => format!("the {english} {}", self.duration(value)),
            (Language::French, Some(Duration { amount, unit })) => {
                let word = if is_feminine(unit) { feminine } else { masculine };
                let name = match (unit, amount) {
                    (Unit::Year, 1) => "année",
                    (Unit::Year, _) => "années",
                    _ => self.unit(unit, amount),
                };
                match (amount, is_feminine(unit)) {
                    (1, true) => format!("la {word} {name}"),
                    (1, false) => format!("le {word} {name}"),
                    _ => format!("les {amount} {word}s {name}"),
                }
            }
            (Language::French, None) => format!("les {masculine}s {}", self.name(value)),
        }
    }

    fn unit(self, unit: Unit, amount: u32) -> &'static str {
        let (singular, plural) = match unit {
            Unit::Second => (self.say("second", "seconde"), self.say("seconds", "secondes")),
            Unit::Minute => (self.say("minute", "minute"), self.say("minutes", "minutes")),
            Unit::Hour => (self.say("hour", "heure"), self.say("hours", "heures")),
            Unit::Day => (self.say("day", "jour"), self.say("days", "jours")),
            Unit::Week => (self.say("week", "semaine"), self.say("weeks", "semaines")),
            Unit::Month => (self.say("month", "mois"), self.say("months", "mois")),
            Unit::Year => (self.say("year", "an"), self.say("years", "ans")),
        };
        if amount == 1 { singular } else { plural }
    }

    /// A window with a space before it; nothing for all of history.
    pub fn window(self, window: Option<&Json>) -> String {
        let Some(window) = window else { return String::new() };
        let words = if let Some(last) = window.get("last") {
            format!("{} {}", self.say("in", "dans"), self.the_last(last))
        } else if let Some(ago) = window.get("between_ago") {
            let (older, newer) = (self.duration(&ago[0]), self.duration(&ago[1]));
            match self.language {
                Language::English => format!("between {older} and {newer} ago"),
                Language::French => format!("entre il y a {older} et il y a {newer}"),
            }
        } else if let Some(period) = window.get("calendar") {
            self.calendar(period)
        } else if let Some(season) = window.get("season") {
            let of = self.say("of", "de");
            format!("{} {of} {} {}", self.which_season(season), self.name(&season["property"]), self.name(&season["value"]))
        } else {
            self.range(window.get("from"), window.get("to"))
        };
        match (window.get("shift"), self.language) {
            (Some(shift), Language::English) => format!(" {words}, counted from {} ago", self.duration(shift)),
            (Some(shift), Language::French) => format!(" {words}, compté à partir d’il y a {}", self.duration(shift)),
            (None, _) => format!(" {words}"),
        }
    }

    fn which_season(self, season: &Json) -> String {
        match (season["which"].as_f64().unwrap_or(0.0) as i64, self.language) {
            (0, _) => self.say("during the latest season", "pendant la dernière saison").to_owned(),
            (-1, _) => self.say("during the season before the latest", "pendant l’avant-dernière saison").to_owned(),
            (which, Language::English) => format!("during the season {} before the latest", which.unsigned_abs()),
            (which, Language::French) => format!("pendant la saison qui précède de {} la dernière", which.unsigned_abs()),
        }
    }

    fn range(self, from: Option<&Json>, to: Option<&Json>) -> String {
        let name = |end| self.name(end);
        match (from.map(name), to.map(name)) {
            (Some(from), Some(to)) => format!("{} {from} {} {to}", self.say("from", "du"), self.say("to", "au")),
            (Some(from), None) => format!("{} {from}", self.say("since", "depuis le")),
            (None, Some(to)) => format!("{} {to}", self.say("until", "jusqu’au")),
            (None, None) => self.say("at some time", "à un moment").to_owned(),
        }
    }

    fn calendar(self, period: &Json) -> String {
        let words = match period.as_str().and_then(Period::parse) {
            Some(Period::Today | Period::LastDays(1)) => self.say("today", "aujourd’hui"),
            Some(Period::Yesterday) => self.say("yesterday", "hier"),
            Some(Period::ThisWeek) => self.say("this week", "cette semaine"),
            Some(Period::LastWeek) => self.say("last week", "la semaine dernière"),
            Some(Period::ThisMonth) => self.say("this month", "ce mois-ci"),
            Some(Period::LastMonth) => self.say("last month", "le mois dernier"),
            Some(Period::ThisYear) => self.say("this year", "cette année"),
            Some(Period::LastYear) => self.say("last year", "l’année dernière"),
            Some(Period::LastDays(days)) => {
                return match self.language {
                    Language::English => format!("in the {days} days up to today"),
                    Language::French => format!("dans les {days} jours jusqu’à aujourd’hui"),
                };
            }
            None => return format!("{} {}", self.say("in", "dans"), self.name(period)),
        };
        words.to_owned()
    }
}

/// Whether the French word is feminine; a year beside an adjective is an "année".
fn is_feminine(unit: Unit) -> bool {
    matches!(unit, Unit::Second | Unit::Minute | Unit::Hour | Unit::Week | Unit::Year)
}
