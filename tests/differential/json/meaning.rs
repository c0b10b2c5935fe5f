//! What a case's rule means: every user, every event, every choice.

use std::collections::{BTreeMap, BTreeSet};

use rollcall_rules::{Clock, Instant, Zone};
use serde_json::{Value as Json, json};

use super::predicate::{Set, holds, on_number};
use super::time::{Range, duration, instant, window};

type Users = BTreeSet<String>;

/// An event as taken in: retries are not there.
struct Event<'a> {
    user: &'a str,
    name: &'a str,
    time: Instant,
    at: usize,
    properties: &'a Json,
}

/// A case at an instant.
pub struct Meaning<'a> {
    case: &'a Json,
    now: Instant,
    events: Vec<Event<'a>>,
    population: Users,
}

fn list<'a>(of: &'a Json, key: &str) -> impl Iterator<Item = &'a Json> {
    of[key].as_array().into_iter().flatten()
}

fn word<'a>(of: &'a Json, key: &str) -> &'a str {
    of[key].as_str().unwrap_or_default()
}

impl<'a> Meaning<'a> {
    pub fn of(case: &'a Json) -> Meaning<'a> {
        let now = instant(&case["now"]);
        let mut taken = BTreeSet::new();
        let mut events = Vec::new();
        for (at, event) in list(case, "events").enumerate() {
            let user = word(event, "user");
            if event.get("message_id").is_none_or(|id| taken.insert((user, id.to_string()))) {
                let time = instant(&event["ts"]);
                events.push(Event { user, name: word(event, "event"), time, at, properties: &event["properties"] });
            }
        }
        events.retain(|event| event.time <= now);
        let updated = list(case, "identifies").filter(|update| instant(&update["ts"]) <= now).map(|update| word(update, "user"));
        let uploaded = list(case, "users").filter_map(Json::as_str);
        let seen = events.iter().map(|event| event.user);
        let population = uploaded.chain(updated).chain(seen).map(str::to_owned).collect();
        Meaning { case, now, events, population }
    }

    /// The members of a rule with its own zone.
    pub fn members(&self, rule: &Json) -> Users {
        let zone = rule["tz"].as_str().unwrap_or("UTC");
        self.node(rule, &Clock { now: self.now, zone: Zone::by_name(zone).unwrap() })
    }

    fn everyone(&self, holds: impl Fn(&str) -> bool) -> Users {
        self.population.iter().filter(|user| holds(user)).cloned().collect()
    }

    fn node(&self, node: &Json, clock: &Clock) -> Users {
        let children = |key| list(node, key).map(|child| self.node(child, clock)).collect::<Vec<Users>>();
        if node.get("all").is_some() {
            let children = children("all");
            self.everyone(|user| children.iter().all(|members| members.contains(user)))
        } else if node.get("any").is_some() {
            let children = children("any");
            self.everyone(|user| children.iter().any(|members| members.contains(user)))
        } else if let Some(child) = node.get("not") {
            let members = self.node(child, clock);
            self.everyone(|user| !members.contains(user))
        } else if node.get("everyone").is_some() {
            self.population.clone()
        } else if let Some(path) = node.get("trait") {
            let path = path.as_str().unwrap();
            self.everyone(|user| holds(node, self.trait_value(user, path).as_ref(), clock))
        } else if node.get("event").is_some() {
            self.everyone(|user| self.measured(node, &self.matching(user, node, self.window(node, clock), clock), clock))
        } else if node.get("sequence").is_some() {
            self.everyone(|user| self.in_order(user, node, clock))
        } else if let Some(content) = node.get("first_time") {
            let (from, to) = self.window(content, clock);
            let first = |user: &str| self.matching(user, content, EVER, clock).first().map(|event| event.time);
            self.everyone(|user| first(user).is_some_and(|time| from <= time && time < to))
        } else if let Some(content) = node.get("regular") {
            self.everyone(|user| self.is_regular(user, content, clock))
        } else if let Some(content) = node.get("top") {
            self.top(content, clock)
        } else if let Some(id) = node["segment"].as_str() {
            self.members(&self.case["segments"][id])
        } else {
            let users: Users =
                list(&self.case["lists"], word(node, "list")).filter_map(Json::as_str).map(str::to_owned).collect();
            self.everyone(|user| users.contains(user))
        }
    }

    fn window(&self, node: &Json, clock: &Clock) -> Range {
        if node.get("window").is_none() {
            return EVER;
        }
        window(node, clock, |season| {
            let row = self.row(word(season, "property"), &season["value"]);
            row.into_iter().flat_map(|row| list(row, "seasons")).cloned().collect()
        })
    }

    /// The row whose key a literal is, or a value written as one.
    fn row(&self, property: &str, key: &Json) -> Option<&'a Json> {
        let catalogue = word(&self.case["links"], property);
        list(&self.case["catalogues"][catalogue], "rows").filter(|row| row["key"] == *key).last()
    }

    fn attribute(&self, property: &str, key: Option<Set>, attribute: &str) -> Option<Set> {
        let key = match key? {
            Set::Text(text) => json!(text),
            _ => return None,
        };
        Set::shown(&self.row(property, &key)?[attribute])
    }

    fn property(&self, event: &Event, path: &str) -> Option<Set> {
        let of = |path: &str, json: &Json| match self.case["schema"]["properties"][path].as_str() {
            Some(of) => Set::of(json, of),
            None => Set::shown(json),
        };
        if let Some(literal) = event.properties.get(path) {
            return of(path, literal);
        }
        let (outer, inner) = path.split_once('.')?;
        if self.case["links"].get(outer).is_some() {
            return self.attribute(outer, self.property(event, outer), inner);
        }
        of(path, event.properties.get(outer)?.get(inner)?)
    }

    fn trait_value(&self, user: &str, path: &str) -> Option<Set> {
        let of = |path: &str, json: &Json| Set::of(json, word(&self.case["schema"]["traits"], path));
        if let Some(literal) = self.last_trait(user, path) {
            return of(path, literal);
        }
        let (outer, inner) = path.split_once('.')?;
        if self.case["links"].get(outer).is_some() {
            return self.attribute(outer, self.trait_value(user, outer), inner);
        }
        of(path, self.last_trait(user, outer)?.get(inner)?)
    }

    /// The last value of a top-level key, `null` included.
    fn last_trait(&self, user: &str, key: &str) -> Option<&'a Json> {
        let mine = list(self.case, "identifies").filter(|update| word(update, "user") == user);
        let with_key = mine.filter(|update| instant(&update["ts"]) <= self.now && update["traits"].get(key).is_some());
        // The last of those with the latest time.
        with_key.max_by_key(|update| instant(&update["ts"])).map(|update| &update["traits"][key])
    }

    /// A user's events that fit, by time, then order of taking in.
    fn matching(&self, user: &str, of: &Json, (from, to): Range, clock: &Clock) -> Vec<&Event<'a>> {
        let named = |event: &Event| match &of["event"] {
            Json::Array(names) => names.iter().any(|name| name == event.name),
            name => name == "*" || name == event.name,
        };
        let fits = |event: &Event| {
            let inside = from <= event.time && event.time < to;
            event.user == user && named(event) && inside && list(of, "where").all(|filter| self.passes(event, filter, clock))
        };
        let mut found: Vec<&Event> = self.events.iter().filter(|event| fits(event)).collect();
        found.sort_by_key(|event| (event.time, event.at));
        found
    }

    fn passes(&self, event: &Event, filter: &Json, clock: &Clock) -> bool {
        if filter.get("all").is_some() {
            list(filter, "all").all(|inner| self.passes(event, inner, clock))
        } else if filter.get("any").is_some() {
            list(filter, "any").any(|inner| self.passes(event, inner, clock))
        } else if let Some(inner) = filter.get("not") {
            !self.passes(event, inner, clock)
        } else {
            holds(filter, self.property(event, word(filter, "property")).as_ref(), clock)
        }
    }

    fn numbers(&self, events: &[&Event], path: &str) -> Vec<f64> {
        let number = |event: &&Event| match self.property(event, path) {
            Some(Set::Number(number)) => Some(number + 0.0),
            _ => None,
        };
        events.iter().filter_map(number).collect()
    }

    fn days(&self, events: &[&Event], clock: &Clock) -> usize {
        events.iter().map(|event| clock.zone.day_of(event.time)).collect::<BTreeSet<_>>().len()
    }

    fn distinct(&self, events: &[&Event], path: &str) -> usize {
        events.iter().filter_map(|event| self.property(event, path)).flat_map(|set| set.elements()).collect::<Users>().len()
    }

    fn measured(&self, node: &Json, events: &[&Event], clock: &Clock) -> bool {
        let of = word(node, "of");
        let value = match word(node, "agg") {
            "days" => Some(self.days(events, clock) as f64),
            "distinct" => Some(self.distinct(events, of) as f64),
            "min" => self.numbers(events, of).into_iter().reduce(f64::min),
            "max" => self.numbers(events, of).into_iter().reduce(f64::max),
            "sum" => {
                let sum = billionths(&self.numbers(events, of)).iter().sum();
                return compare(node, sum, 1);
            }
            "avg" => {
                let parts = billionths(&self.numbers(events, of));
                return !parts.is_empty() && compare(node, parts.iter().sum(), parts.len() as i128);
            }
            agg @ ("first" | "last") => {
                let event = if agg == "first" { events.first() } else { events.last() };
                return event.is_some_and(|event| holds(node, self.property(event, of).as_ref(), clock));
            }
            _ => Some(events.len() as f64),
        };
        let one = json!(1);
        let literal = node.get("value").unwrap_or(&one);
        value.is_some_and(|value| match node["op"].as_str().unwrap_or("gte") {
            "neq" => !on_number("eq", value, literal),
            op => on_number(op, value, literal),
        })
    }

    fn in_order(&self, user: &str, node: &Json, clock: &Clock) -> bool {
        let window = self.window(node, clock);
        let steps: Vec<&Json> = list(node, "sequence").collect();
        let fitting: Vec<Vec<&Event>> = steps.iter().map(|step| self.matching(user, step, window, clock)).collect();
        let forbidden = |step: &Json| match step.get("without") {
            Some(without) => self.matching(user, without, window, clock).iter().map(|event| event.time).collect(),
            None => Vec::new(),
        };
        let forbidden: Vec<Vec<Instant>> = steps.iter().map(|step| forbidden(step)).collect();
        choose(node, &steps, &fitting, &forbidden, &mut Vec::new(), clock)
    }

    fn is_regular(&self, user: &str, of: &Json, clock: &Clock) -> bool {
        let (number, period) = (|key: &str| of[key].as_u64(), duration(&of["period"]));
        let edge = |times: u64| clock.ago(rollcall_rules::Duration { amount: period.amount * times as u32, ..period });
        let active = (0..number("periods").unwrap()).filter(|at| {
            let newer = if *at == 0 { Instant(clock.now.0 + 1) } else { edge(*at) };
            self.matching(user, of, (edge(at + 1), newer), clock).len() as u64 >= number("count").unwrap_or(1)
        });
        active.count() as u64 >= number("min_periods").unwrap()
    }

    fn top(&self, of: &Json, clock: &Clock) -> Users {
        let (by, among) = (&of["by"], of.get("among").map_or_else(|| self.population.clone(), |among| self.node(among, clock)));
        let window = self.window(by, clock);
        let scores: BTreeMap<String, (i128, i128)> = among
            .into_iter()
            .filter_map(|user| {
                let events = self.matching(&user, by, window, clock);
                self.score(by, &events, clock).map(|score| (user, score))
            })
            .collect();
        let kept = match of.get("percent") {
            Some(percent) => share(percent, scores.len() as i128),
            None => of["count"].as_i64().map_or(0, i128::from),
        };
        let better = |one: &(i128, i128)| scores.values().filter(|other| other.0 * one.1 > one.0 * other.1).count() as i128;
        scores.iter().filter(|(_, score)| better(score) < kept).map(|(user, _)| user.clone()).collect()
    }

    /// A fraction that ranks; nothing for users without a matching event or a value.
    fn score(&self, by: &Json, events: &[&Event], clock: &Clock) -> Option<(i128, i128)> {
        let of = word(by, "of");
        let parts = || billionths(&self.numbers(events, of));
        // Doubles in the order of their size.
        let ordered = |number: f64| {
            let bits = number.to_bits() as i64;
            (i128::from(if bits < 0 { i64::MIN - bits } else { bits }), 1)
        };
        if events.is_empty() {
            return None;
        }
        match word(by, "agg") {
            "days" => Some((self.days(events, clock) as i128, 1)),
            "distinct" => Some((self.distinct(events, of) as i128, 1)),
            "sum" => Some((parts().iter().sum(), 1)),
            "avg" => (!parts().is_empty()).then(|| (parts().iter().sum(), parts().len() as i128)),
            "min" => self.numbers(events, of).into_iter().reduce(f64::min).map(ordered),
            "max" => self.numbers(events, of).into_iter().reduce(f64::max).map(ordered),
            _ => Some((events.len() as i128, 1)),
        }
    }
}

const EVER: Range = (Instant(i64::MIN), Instant(i64::MAX));

/// Tries every choice of different events.
fn choose(
    node: &Json,
    steps: &[&Json],
    fitting: &[Vec<&Event>],
    forbidden: &[Vec<Instant>],
    chosen: &mut Vec<(usize, Instant)>,
    clock: &Clock,
) -> bool {
    let at = chosen.len();
    let Some(step) = steps.get(at) else { return true };
    let soon = |bound: Option<&Json>, from: Instant, time: Instant| {
        bound.is_none_or(|bound| time <= Clock { now: from, zone: clock.zone.clone() }.ahead(duration(bound)))
    };
    fitting[at].iter().any(|event| {
        let follows = chosen.last().is_none_or(|(_, before)| {
            let between = |time: &Instant| *before < *time && *time < event.time;
            *before <= event.time && soon(step.get("within"), *before, event.time) && !forbidden[at].iter().any(between)
        });
        let in_time = chosen.first().is_none_or(|(_, first)| soon(node.get("within"), *first, event.time));
        if !follows || !in_time || chosen.iter().any(|(other, _)| *other == event.at) {
            return false;
        }
        chosen.push((event.at, event.time));
        let found = choose(node, steps, fitting, forbidden, chosen, clock);
        chosen.pop();
        found
    })
}

fn billionth(number: f64) -> Option<i128> {
    if number.abs() > 1e20 {
        return None;
    }
    Some(if number.fract() == 0.0 { number as i128 * 1_000_000_000 } else { (number * 1e9).round() as i128 })
}

fn billionths(numbers: &[f64]) -> Vec<i128> {
    numbers.iter().filter_map(|number| billionth(*number)).collect()
}

/// Compares a sum with a literal as often as there are values.
fn compare(node: &Json, sum: i128, values: i128) -> bool {
    let literal = |json: &Json| billionth(json.as_f64().unwrap()).unwrap() * values;
    let value = &node["value"];
    match word(node, "op") {
        "eq" => sum == literal(value),
        "neq" => sum != literal(value),
        "gt" => sum > literal(value),
        "gte" => sum >= literal(value),
        "lt" => sum < literal(value),
        "lte" => sum <= literal(value),
        _ => literal(&value[0]) <= sum && sum <= literal(&value[1]),
    }
}

/// ceil(x / 100 * ranked) on the decimal text of x.
fn share(percent: &Json, ranked: i128) -> i128 {
    let text = percent.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let scale = 100 * 10_i128.pow(decimals.len() as u32);
    let amount: i128 = format!("{whole}{decimals}").parse().unwrap();
    (amount * ranked + scale - 1) / scale
}
