//! The types of every trait and property, learnt from data or declared.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The type of a trait or property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ValueType {
    /// Text.
    #[serde(rename = "string")]
    String,
    /// Double.
    #[serde(rename = "number")]
    Number,
    /// Boolean.
    #[serde(rename = "boolean")]
    Boolean,
    /// Instant.
    #[serde(rename = "datetime")]
    DateTime,
    /// Calendar day.
    #[serde(rename = "date")]
    Date,
    /// List of texts.
    #[serde(rename = "list<string>")]
    StringList,
    /// List of numbers.
    #[serde(rename = "list<number>")]
    NumberList,
    /// Object, reached by path.
    #[serde(rename = "object")]
    Object,
}

impl ValueType {
    /// All types, in the order in which literals are tried.
    pub const ALL: [ValueType; 8] = [
        ValueType::String,
        ValueType::Number,
        ValueType::Boolean,
        ValueType::DateTime,
        ValueType::Date,
        ValueType::StringList,
        ValueType::NumberList,
        ValueType::Object,
    ];
}

/// What is known of the data's shape. Paths are the flattened ones of [`crate::fact`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// Type of each trait by path (see [`crate::fact::TraitUpdate::path`]).
    pub traits: BTreeMap<String, ValueType>,
    /// Type of each property of each event name, as learnt: event -> path -> type.
    pub events: BTreeMap<String, BTreeMap<String, ValueType>>,
    /// Declared types of properties, for all events; they win over learning.
    pub properties: BTreeMap<String, ValueType>,
    /// Declared traits (a subset of the keys of `traits`).
    #[serde(default)]
    pub declared_traits: BTreeSet<String>,
}

impl Schema {
    /// The type of a trait path, if ever seen or declared.
    pub fn trait_type(&self, path: &str) -> Option<ValueType> {
        self.traits.get(path).copied()
    }

    /// The type of a property of one event: declared for all events, else learnt for this one.
    pub fn property_type(&self, event: &str, path: &str) -> Option<ValueType> {
        self.properties.get(path).copied().or_else(|| self.events.get(event)?.get(path).copied())
    }

    /// Every type that a property has over the named events (`None`: all events), without repeats.
    pub fn property_types(&self, events: Option<&[String]>, path: &str) -> BTreeSet<ValueType> {
        if let Some(declared) = self.properties.get(path) {
            return BTreeSet::from([*declared]);
        }
        match events {
            Some(names) => names.iter().filter_map(|name| self.events.get(name)?.get(path).copied()).collect(),
            None => self.events.values().filter_map(|paths| paths.get(path).copied()).collect(),
        }
    }
}
