//! A lake in a temporary folder, and short ways to write facts and rules.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rollcall_rules::{
    Catalogue, CheckedRule, EventFact, Fact, Instant, ProfileFact, References, Schema, TraitUpdate, Value, check, convert,
    flatten_properties, flatten_traits, infer,
};
use serde_json::{Value as Json, json};
use url::Url;

use crate::{Lake, LakeBatch, LakeOptions, Quarantined};

/// "Now" of most tests.
pub(crate) const NOW: &str = "2026-11-20T12:00:00Z";

pub(crate) fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

pub(crate) async fn open(folder: &tempfile::TempDir) -> Lake {
    let url = Url::from_directory_path(folder.path()).unwrap();
    let options = LakeOptions { memory_limit_bytes: 512 << 20, ..LakeOptions::default() };
    Lake::open(&url, options).await.unwrap()
}

/// Facts written down one after the other, as collection would make them.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) schema: Schema,
    pub(crate) facts: Vec<Fact>,
    pub(crate) quarantined: Vec<Quarantined>,
    pub(crate) segments: BTreeMap<String, Arc<Json>>,
    pub(crate) lists: BTreeMap<String, u64>,
    /// By linked property.
    pub(crate) catalogues: BTreeMap<String, Arc<Catalogue>>,
    messages: BTreeSet<(String, String)>,
    seq: u64,
}

impl References for World {
    fn segment_rule(&self, id: &str) -> Option<Arc<Json>> {
        self.segments.get(id).cloned()
    }

    fn list_exists(&self, id: &str) -> bool {
        self.lists.contains_key(id)
    }

    fn catalogue_of(&self, property: &str) -> Option<Arc<Catalogue>> {
        self.catalogues.get(property).cloned()
    }
}

impl World {
    fn next(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }

    fn typed(known: Option<rollcall_rules::ValueType>, value: &Json) -> Option<Value> {
        match known {
            Some(known) => convert(value, known).ok(),
            None => infer(value).unwrap().map(|(_, value)| value),
        }
    }

    /// Something a user did; a value that clashes with its known type quarantines the whole event.
    pub(crate) fn event(&mut self, user: &str, name: &str, time: &str, properties: Json) {
        self.event_with(Some(user), name, time, properties, None);
    }

    pub(crate) fn event_with(&mut self, user: Option<&str>, name: &str, time: &str, properties: Json, message_id: Option<&str>) {
        let seq = self.next();
        let message_id = message_id.map_or_else(|| format!("m{seq}"), ToOwned::to_owned);
        if !self.messages.insert((user.unwrap_or_default().to_owned(), message_id.clone())) {
            return;
        }
        let mut flat = Vec::new();
        for (path, value) in flatten_properties(&properties) {
            let Some(value) = Self::typed(self.schema.property_type(name, &path), value) else { return };
            flat.push((path, value));
        }
        let known = self.schema.events.entry(name.to_owned()).or_default();
        for (path, value) in &flat {
            known.entry(path.clone()).or_insert(value.value_type());
        }
        self.facts.push(Fact::Event(EventFact {
            seq,
            source: "web".to_owned(),
            user_id: user.map(ToOwned::to_owned),
            anonymous_id: user.is_none().then(|| format!("anonymous {seq}")),
            message_id,
            name: name.to_owned(),
            time: at(time),
            received_at: Instant(at(time).0 + 1_234_567),
            properties: flat,
            raw_properties: properties.to_string(),
            context: json!({"page": {"path": "/"}}).to_string(),
        }));
    }

    pub(crate) fn identify(&mut self, user: &str, time: &str, traits: Json) {
        self.identify_with(Some(user), time, traits);
    }

    pub(crate) fn identify_with(&mut self, user: Option<&str>, time: &str, traits: Json) {
        let seq = self.next();
        let mut updates = Vec::new();
        for (key, path, value) in flatten_traits(&traits) {
            let value = match value {
                None => None,
                Some(value) => match Self::typed(self.schema.trait_type(&path), value) {
                    None => return,
                    typed => typed,
                },
            };
            updates.push(TraitUpdate { key, path, value });
        }
        for update in &updates {
            if let Some(value) = &update.value {
                self.schema.traits.entry(update.path.clone()).or_insert(value.value_type());
            }
        }
        self.facts.push(Fact::Profile(ProfileFact {
            seq,
            source: "crm".to_owned(),
            user_id: user.map(ToOwned::to_owned),
            anonymous_id: None,
            message_id: format!("p{seq}"),
            time: at(time),
            received_at: at(time),
            traits: updates,
            raw_traits: traits.to_string(),
            context: "{}".to_owned(),
        }));
    }

    pub(crate) fn quarantine(&mut self, source: &str, raw: &[u8]) {
        let seq = self.next();
        self.quarantined.push(Quarantined {
            seq,
            source: source.to_owned(),
            received_at: at(NOW),
            reason: "type_clash".to_owned(),
            detail: "a 'text' where a number was".to_owned(),
            raw: raw.to_vec(),
        });
    }

    pub(crate) fn up_to(&self) -> u64 {
        self.seq
    }

    pub(crate) fn batch(&self) -> LakeBatch<'_> {
        LakeBatch { facts: &self.facts, quarantined: &self.quarantined, up_to: self.seq, schema: &self.schema }
    }

    /// The records up to a position, as a batch of their own.
    pub(crate) async fn commit_to(&self, lake: &Lake, up_to: u64) {
        let facts: Vec<Fact> = self.facts.iter().filter(|fact| fact.seq() <= up_to).cloned().collect();
        let batch = LakeBatch { facts: &facts, quarantined: &[], up_to, schema: &self.schema };
        lake.commit(batch).await.unwrap();
    }

    pub(crate) fn check(&self, rule: &Json) -> CheckedRule {
        match check(rule, None, &self.schema, self) {
            Ok((rule, _)) => rule,
            Err(faults) => panic!("{rule}: {faults:?}"),
        }
    }

    /// A lake that holds all of it.
    pub(crate) async fn lake(&self, folder: &tempfile::TempDir) -> Lake {
        let lake = open(folder).await;
        lake.commit(self.batch()).await.unwrap();
        lake
    }

    pub(crate) async fn members_at(&self, lake: &Lake, rule: &Json, now: Instant, watermark: u64) -> Vec<String> {
        let checked = self.check(rule);
        match lake.evaluate(&checked, now, watermark, &self.lists).await {
            Ok(members) => members,
            Err(error) => {
                let sql = lake.explain_sql(&checked, now, watermark, &self.lists).await;
                panic!("{rule}: {error}\n{}", sql.unwrap_or_default())
            }
        }
    }

    pub(crate) async fn members(&self, lake: &Lake, rule: Json) -> Vec<String> {
        self.members_at(lake, &rule, at(NOW), self.seq).await
    }
}
