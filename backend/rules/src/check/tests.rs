mod accepted;
mod limits;
mod proptests;
mod refused;
mod shared_cases;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;
use crate::catalogue::{Catalogue, CatalogueVersion};
use crate::convert::infer;
use crate::flatten::{flatten_properties, flatten_traits};
use crate::schema::ValueType;

/// Lists and stored segments of a test.
#[derive(Default)]
struct Stored {
    segments: BTreeMap<String, Arc<Json>>,
    lists: BTreeSet<String>,
    /// By linked property.
    catalogues: BTreeMap<String, Arc<Catalogue>>,
}

impl References for Stored {
    fn segment_rule(&self, id: &str) -> Option<Arc<Json>> {
        self.segments.get(id).cloned()
    }

    fn list_exists(&self, id: &str) -> bool {
        self.lists.contains(id)
    }

    fn catalogue_of(&self, property: &str) -> Option<Arc<Catalogue>> {
        self.catalogues.get(property).cloned()
    }
}

impl Stored {
    fn from(segments: &Json, lists: &[&str]) -> Stored {
        let segments = segments.as_object().into_iter().flatten().map(|(id, rule)| (id.clone(), Arc::new(rule.clone())));
        Stored { segments: segments.collect(), lists: lists.iter().map(|id| (*id).to_owned()).collect(), ..Stored::default() }
    }
}

fn types(of: &Json) -> BTreeMap<String, ValueType> {
    serde_json::from_value(of.clone()).unwrap_or_default()
}

/// What collection would learn from this data.
fn learn(schema: &mut Schema, events: &Json, identifies: &Json) {
    for event in events.as_array().into_iter().flatten() {
        let name = event["event"].as_str().unwrap().to_owned();
        let paths = schema.events.entry(name).or_default();
        for (path, value) in flatten_properties(&event["properties"]) {
            let (shown, _) = infer(value).unwrap().unwrap();
            paths.entry(path).or_insert(shown);
        }
    }
    for identify in identifies.as_array().into_iter().flatten() {
        for (_, path, value) in flatten_traits(&identify["traits"]) {
            if let Some((shown, _)) = value.and_then(|value| infer(value).unwrap()) {
                schema.traits.entry(path).or_insert(shown);
            }
        }
    }
}

/// The data that the cases written here are about.
fn schema() -> Schema {
    let mut schema = Schema {
        traits: types(&json!({"born": "datetime", "name_day": "date"})),
        properties: types(&json!({"due": "datetime", "day": "date"})),
        ..Schema::default()
    };
    let events = json!([
        {"event": "view", "properties": {"n": 1, "s": "t", "b": true, "tags": ["a"], "marks": [1], "o": {"x": 1}, "mixed": "a"}},
        {"event": "buy", "properties": {"price": 9.5, "mixed": 1}},
        {"event": "click"}
    ]);
    let profile =
        json!({"age": 30, "plan": "gold", "vip": true, "langs": ["fr"], "scores": [1], "address": {"city": "Paris"}, "a.b": 1});
    learn(&mut schema, &events, &json!([{ "traits": profile }]));
    schema
}

fn stored() -> Stored {
    let mut stored = Stored::from(&json!({"women": {"trait": "plan", "op": "eq", "value": "gold"}}), &["staff"]);
    stored.catalogues.insert("s".to_owned(), Arc::new(programmes()));
    stored
}

/// The catalogue that the property `s` is linked to.
fn programmes() -> Catalogue {
    let mut programmes = Catalogue::default();
    let row = json!({"key": "t", "genre": "Crime", "length": 42, "tags": ["sea"], "premiere": "2026-01-01"});
    programmes.put(row.as_object().unwrap(), &types(&json!({"premiere": "date"}))).unwrap();
    programmes
}

fn check_here(rule: &Json) -> Result<(CheckedRule, Vec<Warning>), Vec<Fault>> {
    check(rule, None, &schema(), &stored())
}

/// Pointers and codes of faults, as a set.
fn pairs(faults: &[Fault]) -> BTreeSet<(String, String)> {
    faults
        .iter()
        .map(|fault| (fault.pointer.clone(), serde_json::to_value(fault.code).unwrap().as_str().unwrap().to_owned()))
        .collect()
}

fn expected(refused: &Json) -> BTreeSet<(String, String)> {
    let text = |fault: &Json, key: &str| fault[key].as_str().unwrap().to_owned();
    refused.as_array().unwrap().iter().map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect()
}
