//! The meaning of rules, written down as plainly as possible: every user, every fact, no index.

use std::collections::{BTreeMap, BTreeSet};

use rollcall_rules::exact::billionths;
use rollcall_rules::flatten::null_mark;
use rollcall_rules::{
    Catalogue, CheckedRule, Clock, EventFact, EventLeaf, EventMatch, EventNames, Fact, Filter, Instant, Linked, Measure, Node,
    NodeKind, Operand, ProfileFact, SequenceLeaf, TraitLeaf, Value, Window, Zone,
};

use super::behaviour::{best, did_in_order, is_regular, score};

pub struct Naive<'a> {
    pub facts: &'a [Fact],
    pub lists: &'a BTreeMap<String, Vec<String>>,
}

type Users = BTreeSet<String>;

impl Naive<'_> {
    pub fn members(&self, rule: &CheckedRule, now: Instant) -> Users {
        self.node(&rule.root, &rule.zone, now)
    }

    pub fn population(&self, now: Instant) -> Users {
        self.facts.iter().filter(|fact| fact.time() <= now).filter_map(|fact| fact.user_id().map(str::to_owned)).collect()
    }

    pub fn node(&self, node: &Node, zone: &Zone, now: Instant) -> Users {
        let population = self.population(now);
        let clock = Clock { now, zone: zone.clone() };
        match &node.kind {
            NodeKind::All(children) => {
                let members = children.iter().map(|child| self.node(child, zone, now));
                members.fold(population, |all, next| all.intersection(&next).cloned().collect())
            }
            NodeKind::Any(children) => children.iter().flat_map(|child| self.node(child, zone, now)).collect(),
            NodeKind::Not(child) => population.difference(&self.node(child, zone, now)).cloned().collect(),
            NodeKind::Everyone => population,
            NodeKind::Trait(leaf) => population.into_iter().filter(|user| self.has_trait(user, leaf, &clock)).collect(),
            NodeKind::LinkedTrait(linked) => {
                let value = |user: &str, path: &str| self.trait_value(user, path, now);
                let holds = |user: &String| {
                    let (literal, key) = (value(user, &linked.path), value(user, &linked.key));
                    let hidden = self.has_key(user, &linked.path, now);
                    linked_holds(linked, literal.as_ref(), key.as_ref().filter(|_| !hidden), &clock)
                };
                population.into_iter().filter(holds).collect()
            }
            NodeKind::Event(leaf) => population.into_iter().filter(|user| self.did(user, leaf, &clock)).collect(),
            NodeKind::Sequence(leaf) => population.into_iter().filter(|user| self.in_order(user, leaf, &clock)).collect(),
            NodeKind::FirstTime(leaf) => {
                let window = leaf.window.resolve(&clock);
                let first =
                    |user: &String| self.matching(user, &leaf.matching, &Window::Always, &clock).first().map(|event| event.time);
                population.into_iter().filter(|user| first(user).is_some_and(|time| window.contains(time))).collect()
            }
            NodeKind::Regular(leaf) => {
                let events = |user: &String| self.matching(user, &leaf.matching, &Window::Always, &clock);
                population.into_iter().filter(|user| is_regular(leaf, &events(user), &clock)).collect()
            }
            NodeKind::Top(top) => {
                let among = top.among.as_ref().map_or(population, |among| self.node(among, zone, now));
                let scored = |user: String| {
                    let events = self.matching(&user, &top.by.matching, &top.by.window, &clock);
                    score(&top.by.by, &events, &clock).map(|score| (user, score))
                };
                best(top.size, &among.into_iter().filter_map(scored).collect()).into_iter().collect()
            }
            NodeKind::Segment { rule, .. } => self.members(rule, now),
            NodeKind::List { id } => {
                population.into_iter().filter(|user| self.lists.get(id).is_some_and(|ids| ids.contains(user))).collect()
            }
        }
    }

    pub fn trait_value(&self, user: &str, path: &str, now: Instant) -> Option<Value> {
        let updates: Vec<&ProfileFact> = self.facts.iter().filter_map(profile).filter(|update| update.time <= now).collect();
        let mut key = path;
        loop {
            let of_key = |update: &&&ProfileFact| {
                update.user_id.as_deref() == Some(user) && update.traits.iter().any(|entry| entry.key == key)
            };
            if let Some(last) = updates.iter().filter(of_key).max_by_key(|update| (update.time, update.seq)) {
                return last.traits.iter().find(|entry| entry.key == key && entry.path == path)?.value.clone();
            }
            key = &key[..key.rfind('.')?];
        }
    }

    /// Whether a profile ever had a literal key.
    fn has_key(&self, user: &str, key: &str, now: Instant) -> bool {
        let updates = self.facts.iter().filter_map(profile).filter(|update| update.time <= now);
        updates
            .filter(|update| update.user_id.as_deref() == Some(user))
            .any(|update| update.traits.iter().any(|at| at.key == key))
    }

    fn has_trait(&self, user: &str, leaf: &TraitLeaf, clock: &Clock) -> bool {
        leaf.predicate.holds(self.trait_value(user, &leaf.path, clock.now).as_ref(), clock)
    }

    fn did(&self, user: &str, leaf: &EventLeaf, clock: &Clock) -> bool {
        measure_holds(&self.matching(user, &leaf.matching, &leaf.window, clock), &leaf.measure, clock)
    }

    fn in_order(&self, user: &str, leaf: &SequenceLeaf, clock: &Clock) -> bool {
        let events = |matching: &EventMatch| self.matching(user, matching, &leaf.window, clock);
        let roles = leaf.steps.iter().map(|step| (events(&step.matching), step.without.as_ref().map(events).unwrap_or_default()));
        did_in_order(leaf, &roles.collect::<Vec<_>>(), clock)
    }

    /// Matching events by time, then order of taking in.
    pub fn matching(&self, user: &str, matching: &EventMatch, window: &Window, clock: &Clock) -> Vec<&EventFact> {
        let window = window.resolve(clock);
        let mut events: Vec<&EventFact> = self
            .facts
            .iter()
            .filter_map(event)
            .filter(|event| event.user_id.as_deref() == Some(user))
            .filter(|event| match &matching.events {
                EventNames::Every => true,
                EventNames::Named(names) => names.contains(&event.name),
            })
            .filter(|event| event.time <= clock.now && window.contains(event.time))
            .filter(|event| matching.filters.iter().all(|filter| passes(event, filter, clock)))
            .collect();
        events.sort_by_key(|event| (event.time, event.seq));
        events
    }
}

pub fn numbers(events: &[&EventFact], of: &Operand) -> Vec<f64> {
    let number = |event: &&EventFact| match operand(event, of) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    };
    events.iter().filter_map(number).collect()
}

pub fn distinct_days(events: &[&EventFact], clock: &Clock) -> usize {
    events.iter().map(|event| clock.zone.day_of(event.time)).collect::<BTreeSet<_>>().len()
}

pub fn distinct_values(events: &[&EventFact], of: &Operand) -> usize {
    events.iter().filter_map(|event| operand(event, of)).flat_map(elements).collect::<BTreeSet<String>>().len()
}

fn measure_holds(events: &[&EventFact], measure: &Measure, clock: &Clock) -> bool {
    let numbers = |of: &Operand| numbers(events, of);
    match measure {
        Measure::Count(predicate) => predicate.holds(events.len() as f64),
        Measure::Days(predicate) => predicate.holds(distinct_days(events, clock) as f64),
        Measure::Distinct { of, predicate } => predicate.holds(distinct_values(events, of) as f64),
        Measure::Sum { of, test, negated } => test.holds(numbers(of).into_iter().filter_map(billionths).sum(), 1) != *negated,
        Measure::Avg { of, test, negated } => {
            let parts: Vec<i128> = numbers(of).into_iter().filter_map(billionths).collect();
            !parts.is_empty() && test.holds(parts.iter().sum(), parts.len() as u64) != *negated
        }
        Measure::Min { of, predicate } => {
            numbers(of).into_iter().min_by(f64::total_cmp).is_some_and(|number| predicate.holds(number))
        }
        Measure::Max { of, predicate } => {
            numbers(of).into_iter().max_by(f64::total_cmp).is_some_and(|number| predicate.holds(number))
        }
        Measure::First { condition } => events.first().is_some_and(|event| passes(event, condition, clock)),
        Measure::Last { condition } => events.last().is_some_and(|event| passes(event, condition, clock)),
    }
}

/// The attribute of the row whose key a value is.
fn attribute<'a>(catalogue: &'a Catalogue, attribute: &str, key: Option<&Value>) -> Option<&'a Value> {
    let key = match key? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        _ => return None,
    };
    catalogue.rows.get(&key)?.attributes.get(attribute)
}

/// The literal key decides; without one, the attribute.
fn linked_holds(linked: &Linked, literal: Option<&Value>, key: Option<&Value>, clock: &Clock) -> bool {
    let value = literal.or_else(|| attribute(&linked.catalogue, &linked.attribute, key));
    linked.predicate.holds(value, clock)
}

/// The value of the linked property, unless the literal key is there with null.
fn key_of<'a>(event: &'a EventFact, key: &str, path: &str) -> Option<&'a Value> {
    property(event, key).filter(|_| property(event, &null_mark(path)).is_none())
}

pub fn operand<'a>(event: &'a EventFact, of: &'a Operand) -> Option<&'a Value> {
    match of {
        Operand::Property(path) => property(event, path),
        Operand::Attribute(of) => {
            let row = || attribute(&of.catalogue, &of.attribute, key_of(event, &of.key, &of.path));
            property(event, &of.path).or_else(row)
        }
    }
}

fn passes(event: &EventFact, filter: &Filter, clock: &Clock) -> bool {
    match filter {
        Filter::Property { path, predicate } => predicate.holds(property(event, path), clock),
        Filter::Linked(linked) => {
            linked_holds(linked, property(event, &linked.path), key_of(event, &linked.key, &linked.path), clock)
        }
        Filter::All(filters) => filters.iter().all(|filter| passes(event, filter, clock)),
        Filter::Any(filters) => filters.iter().any(|filter| passes(event, filter, clock)),
        Filter::Not(filter) => !passes(event, filter, clock),
    }
}

pub fn elements(value: &Value) -> Vec<String> {
    match value {
        Value::StringList(texts) => texts.iter().map(|text| format!("{:?}", Value::String(text.clone()))).collect(),
        Value::NumberList(numbers) => numbers.iter().map(|number| format!("{:?}", Value::Number(*number))).collect(),
        value => vec![format!("{value:?}")],
    }
}

fn property<'a>(event: &'a EventFact, path: &str) -> Option<&'a Value> {
    event.properties.iter().find(|(at, _)| at == path).map(|(_, value)| value)
}

pub fn event(fact: &Fact) -> Option<&EventFact> {
    match fact {
        Fact::Event(event) => Some(event),
        Fact::Profile(_) => None,
    }
}

fn profile(fact: &Fact) -> Option<&ProfileFact> {
    match fact {
        Fact::Profile(profile) => Some(profile),
        Fact::Event(_) => None,
    }
}
