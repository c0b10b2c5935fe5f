//! Why a node holds for a user or does not, in English sentences. The one place that words them.

use rollcall_engine::{
    AttributeEvidence, EventEvidence, Evidence, FirstTimeEvidence, Measured, Miss, NearMiss, OwnEvent, RegularEvidence,
    SequenceEvidence, TopEvidence, TraitEvidence,
};
use rollcall_rules::convert::number_text;
use rollcall_rules::describe::{Language, describe_amount, describe_filter};
use rollcall_rules::{Instant, Value, Zone};
use serde_json::Value as Json;

/// Longer values are cut.
const LONGEST: usize = 80;

/// Speaks about the nodes of one rule.
pub(super) struct Words<'a> {
    pub zone: &'a Zone,
}

/// What is said of a node besides its evidence.
pub(super) struct Said<'a> {
    /// The node as written.
    pub node: &'a Json,
    /// Whether it holds.
    pub holds: bool,
    /// Whether each node directly below holds.
    pub below: &'a [bool],
    /// Name of the segment it refers to.
    pub segment: &'a str,
}

impl Words<'_> {
    /// The sentence of a node.
    pub fn sentence(&self, said: &Said<'_>, evidence: &Evidence) -> String {
        match evidence {
            Evidence::Everyone => "Known at that time, so in.".to_owned(),
            Evidence::Below => below(said),
            Evidence::Trait(evidence) => self.holds_now(said.node["trait"].as_str().unwrap_or_default(), evidence),
            Evidence::Attribute(evidence) => self.attribute(said.node["trait"].as_str().unwrap_or_default(), evidence),
            Evidence::Event(evidence) => self.event(said, evidence),
            Evidence::Sequence(evidence) => self.sequence(said, evidence),
            Evidence::FirstTime(evidence) => self.first_time(said, evidence),
            Evidence::Regular(evidence) => self.regular(said, evidence),
            Evidence::Top(evidence) => top(said, evidence),
            Evidence::Segment { .. } if said.holds => format!("In the segment “{}”.", said.segment),
            Evidence::Segment { .. } => format!("Not in the segment “{}”.", said.segment),
            Evidence::List { .. } if said.holds => "On the list.".to_owned(),
            Evidence::List { .. } => "Not on the list.".to_owned(),
        }
    }

    fn at(&self, instant: Instant) -> String {
        let zone = self.zone.name();
        format!("{} {zone}", self.zone.shown(instant))
    }

    fn holds_now(&self, path: &str, found: &TraitEvidence) -> String {
        let before = found.before.as_ref().map(|value| format!(", before that {}", value_words(value))).unwrap_or_default();
        match (&found.value, found.since, found.updated) {
            (Some(value), Some(since), _) => format!("{path} is {} since {}{before}.", value_words(value), self.at(since)),
            (None, Some(since), _) if found.before.is_some() => format!("{path} is not set since {}{before}.", self.at(since)),
            _ => format!("{path} was never set."),
        }
    }

    fn attribute(&self, path: &str, found: &AttributeEvidence) -> String {
        // The trait of that name decides as soon as there ever was one, also without a value.
        match (&found.literal.value, found.literal.since) {
            (None, None) => {}
            (None, Some(since)) => return format!("{path} is not set since {}.", self.at(since)),
            _ => return self.holds_now(path, &found.literal),
        }
        let key = found.key_path.as_str();
        let attribute = path.strip_prefix(key).and_then(|rest| rest.strip_prefix('.')).unwrap_or(path);
        let Some(value) = &found.key.value else { return self.holds_now(key, &found.key) };
        let value = value_words(value);
        match &found.attribute {
            _ if !found.row => format!("{key} is {value}, and the catalogue has no such row."),
            Some(found) => format!("{key} is {value}, whose {attribute} is {}.", value_words(found)),
            None => format!("{key} is {value}, whose {attribute} is not set."),
        }
    }

    fn event(&self, said: &Said<'_>, found: &EventEvidence) -> String {
        let agg = said.node["agg"].as_str().unwrap_or("count");
        let of = said.node["of"].as_str().unwrap_or_default();
        let within = if said.node.get("window").is_some() { " in the window" } else { "" };
        if let ("first" | "last", Some(event)) = (agg, found.events.first()) {
            return self.with_near(self.end(agg, of, &found.measured, event), &found.near, &said.node["where"]);
        }
        let text = match &found.measured {
            Measured::Whole(0) if agg != "distinct" => format!("Never did it{within}."),
            Measured::Whole(number) => {
                let noun = noun(agg, of, *number);
                match short_by(said, &found.measured) {
                    Some((wanted, _)) => format!("{number} of {} {noun}{within}.", number_text(wanted)),
                    None => outcome(said, format!("{number} {noun}{within}"), None),
                }
            }
            measured @ Measured::Sum(sum) => {
                let is = format!("{of} adds up to {}{within}", billionths_words(*sum));
                outcome(said, is, short_by(said, measured))
            }
            measured @ Measured::Mean(_, values) => {
                let is = format!("The mean {of} is {} over {values} values{within}", measured_words(measured));
                outcome(said, is, short_by(said, measured))
            }
            measured @ Measured::Number(number) => {
                let which = if agg == "min" { "smallest" } else { "greatest" };
                let is = format!("The {which} {of} is {}{within}", number_text(*number));
                outcome(said, is, short_by(said, measured))
            }
            _ if found.matching == 0 => format!("Never did it{within}."),
            _ => format!("No event{within} has a number in {of}."),
        };
        self.with_near(text, &found.near, &said.node["where"])
    }

    /// The first or last event, and what it has.
    fn end(&self, which: &str, of: &str, measured: &Measured, event: &OwnEvent) -> String {
        match measured {
            Measured::Value(value) => format!("The {which} one, on {}, has {of} {}.", self.at(event.time), value_words(value)),
            _ => format!("The {which} one, on {}, has no {of}.", self.at(event.time)),
        }
    }

    fn sequence(&self, said: &Said<'_>, found: &SequenceEvidence) -> String {
        let steps = said.node["sequence"].as_array().map_or(0, Vec::len);
        let done = found.chain.len();
        if let (true, Some(first), Some(last)) = (said.holds, found.chain.first(), found.chain.last()) {
            return format!("All {steps} steps, from {} to {}.", self.at(first.time), self.at(last.time));
        }
        let missing = format!("{done} of {steps} steps: step {} is missing.", done + 1);
        self.with_near(missing, &found.near, &said.node["sequence"][done]["where"])
    }

    fn first_time(&self, said: &Said<'_>, found: &FirstTimeEvidence) -> String {
        let Some(first) = &found.first else {
            return self.with_near("Never did it.".to_owned(), &found.near, &said.node["first_time"]["where"]);
        };
        let far = match found.miss {
            Some(Miss::Early(by)) => format!(", {} too early", distance(by)),
            Some(Miss::Late(by)) => format!(", {} too late", distance(by)),
            _ => String::new(),
        };
        format!("Did it for the first time on {}{far}.", self.at(first.time))
    }

    fn regular(&self, said: &Said<'_>, found: &RegularEvidence) -> String {
        let rule = &said.node["regular"];
        let count = rule["count"].as_u64().unwrap_or(1);
        let enough = found.periods.iter().filter(|period| period.count >= count).count();
        let all = found.periods.len();
        if said.holds {
            return format!("Often enough in {enough} of the last {all} periods.");
        }
        let text = format!("Often enough in {enough} of the last {all} periods; {} are needed.", rule["min_periods"]);
        self.with_near(text, &found.near, &rule["where"])
    }

    fn with_near(&self, text: String, near: &[NearMiss], filters: &Json) -> String {
        match near.first() {
            Some(near) => format!("{text} {}", self.near(near, filters)),
            None => text,
        }
    }

    /// Why an event does not count; `filters` is the `where` it was held against.
    pub fn near(&self, near: &NearMiss, filters: &Json) -> String {
        let at = self.at(near.event.time);
        match &near.miss {
            Miss::Early(by) => format!("One on {at} is {} too early.", distance(*by)),
            Miss::Late(by) => format!("One on {at} is {} too late.", distance(*by)),
            Miss::OutOfOrder => format!("One on {at} came before the step that it should follow."),
            Miss::Taken => format!("The one on {at} is another step already."),
            Miss::AfterStep(by) => format!("One on {at} came {} too late after the step before.", distance(*by)),
            Miss::AfterFirst(by) => format!("One on {at} came {} too late after the first step.", distance(*by)),
            Miss::Between(event) => {
                format!("Before the one on {at} there was {} on {}.", event.name, self.at(event.time))
            }
            Miss::Filters(failed) => {
                let Some(filter) = failed.first().and_then(|place| filters.get(*place)) else {
                    return format!("One on {at} does not fit.");
                };
                let words = describe_filter(filter, Language::English);
                let has =
                    |path: &str| near.event.properties.iter().find(|(at, _)| at == path).map(|(_, value)| value_words(value));
                let is = filter["property"].as_str().map(|path| match has(path) {
                    Some(value) => format!("{path} is {value}"),
                    None => format!("{path} is not set"),
                });
                let is = is.unwrap_or_else(|| "it is not so".to_owned());
                format!("On {at} {is}, but the rule wants: {words}.")
            }
        }
    }
}

fn below(said: &Said<'_>) -> String {
    let (holding, of) = (said.below.iter().filter(|holds| **holds).count(), said.below.len());
    if said.node.get("not").is_some() {
        return if said.holds { "The line below does not hold." } else { "The line below holds." }.to_owned();
    }
    match (of, holding) {
        (1, 1) => "The line below holds.".to_owned(),
        (1, _) => "The line below does not hold.".to_owned(),
        (_, 0) => format!("None of the {of} lines below holds."),
        (all, holding) if all == holding => format!("All {of} lines below hold."),
        (_, 1) => format!("1 of the {of} lines below holds."),
        _ => format!("{holding} of the {of} lines below hold."),
    }
}

fn top(said: &Said<'_>, found: &TopEvidence) -> String {
    let (Some(rank), Some(score)) = (found.rank, &found.score) else {
        return match (said.below.first(), found.matching) {
            (Some(false), _) => "Not among those who are ranked.".to_owned(),
            (_, 0) => "Never did it, so not ranked.".to_owned(),
            _ => "None of the events has a value to rank by.".to_owned(),
        };
    };
    let least = found.least.as_ref().map(measured_words).unwrap_or_default();
    let kept = found.kept;
    format!("Rank {rank} of {} with {}; the best {kept} are in, down to {least}.", found.ranked, measured_words(score))
}

/// What is counted.
fn noun(agg: &str, of: &str, number: u64) -> String {
    match (agg, number) {
        ("days", 1) => "day".to_owned(),
        ("days", _) => "days".to_owned(),
        ("distinct", 1) => format!("value of {of}"),
        ("distinct", _) => format!("different values of {of}"),
        (_, 1) => "time".to_owned(),
        _ => "times".to_owned(),
    }
}

/// What is, and, where it is not what was wanted, what was.
fn outcome(said: &Said<'_>, is: String, short: Option<(f64, f64)>) -> String {
    match short {
        _ if said.holds => format!("{is}."),
        Some((wanted, missing)) => format!("{is}, {} short of {}.", number_text(rounded(missing)), number_text(wanted)),
        None if said.node["op"] == "neq" => format!("{is}, which it may not be."),
        None => format!("{is}, not {}.", describe_amount(said.node, Language::English)),
    }
}

/// The number that an aggregate has to reach and how much is missing, where being too small is why a node does not hold.
pub(super) fn short_by(said: &Said<'_>, measured: &Measured) -> Option<(f64, f64)> {
    let number = match measured {
        Measured::Whole(number) => *number as f64,
        Measured::Sum(sum) => billionths_words(*sum).parse().ok()?,
        Measured::Mean(sum, values) => mean(*sum, *values),
        Measured::Number(number) => *number,
        Measured::Value(_) | Measured::Nothing => return None,
    };
    let value = match said.node.get("value") {
        None => Some(1.0),
        Some(Json::Array(ends)) => ends.first().and_then(Json::as_f64),
        Some(value) => value.as_f64(),
    }?;
    let wanted = match said.node.get("op").and_then(Json::as_str).unwrap_or("gte") {
        "gte" | "eq" | "between" => value,
        // More than 2 times is 3 times.
        "gt" if matches!(measured, Measured::Whole(_)) => value.floor() + 1.0,
        "gt" => value,
        _ => return None,
    };
    (!said.holds && number < wanted).then_some((wanted, wanted - number))
}

/// A mean of billionths.
pub(super) fn mean(sum: i128, values: u64) -> f64 {
    sum as f64 / 1e9 / values as f64
}

fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

fn measured_words(measured: &Measured) -> String {
    match measured {
        Measured::Whole(number) => number.to_string(),
        Measured::Sum(sum) => billionths_words(*sum),
        Measured::Mean(sum, values) => number_text(rounded(mean(*sum, *values))),
        Measured::Number(number) => number_text(*number),
        Measured::Value(value) => value_words(value),
        Measured::Nothing => "nothing".to_owned(),
    }
}

/// A number of billionths as a decimal, exactly.
pub(super) fn billionths_words(sum: i128) -> String {
    let (whole, rest) = (sum.unsigned_abs() / 1_000_000_000, sum.unsigned_abs() % 1_000_000_000);
    let sign = if sum < 0 { "-" } else { "" };
    let fraction = format!("{rest:09}");
    match fraction.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        fraction => format!("{sign}{whole}.{fraction}"),
    }
}

fn value_words(value: &Value) -> String {
    let text = match value {
        Value::String(text) => format!("“{text}”"),
        Value::Number(number) => number_text(*number),
        other => match other.to_json() {
            Json::String(text) => text,
            json => json.to_string(),
        },
    };
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// A length of time in the largest unit of which it has two, whole ones only.
fn distance(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (number, unit) = match seconds {
        172_800.. => (seconds / 86_400, "day"),
        7_200.. => (seconds / 3_600, "hour"),
        120.. => (seconds / 60, "minute"),
        1.. => (seconds, "second"),
        _ => return "less than a second".to_owned(),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_read_well() {
        const SECOND: i64 = 1_000_000;
        for (seconds, words) in
            [(0, "less than a second"), (1, "1 second"), (119, "119 seconds"), (7_199, "119 minutes"), (86_400, "24 hours")]
        {
            assert_eq!(distance(seconds * SECOND), words);
        }
        assert_eq!(distance(4 * 86_400 * SECOND + 7 * 3_600 * SECOND), "4 days");
    }

    #[test]
    fn sums_are_told_exactly() {
        for (sum, words) in [(0, "0"), (1_500_000_000, "1.5"), (-300_000_000, "-0.3"), (1, "0.000000001")] {
            assert_eq!(billionths_words(sum), words);
        }
    }
}
