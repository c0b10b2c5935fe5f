//! Catalogues: rows of attributes that values of properties and traits are keys of, such as programmes with genre and seasons.
//!
//! A path `programme.genre` where `programme` is linked to a catalogue means the attribute `genre` of the row whose key is the
//! value of `programme`, unless the event or profile has a literal key `programme.genre` (one that is null counts as there, and
//! not set). Rules are checked against the
//! catalogue's attribute types; before an evaluation [`CheckedRule::resolved`] turns every condition on an attribute into one on
//! the keys of the rows that satisfy it. What an aggregate computes over stays an [`Attribute`], whose [`Attribute::rows`] both
//! evaluation paths look keys up in, each in its way.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::predicate::PathPredicate;
use crate::schema::ValueType;
use crate::time::Season;
use crate::value::Value;

mod attribute;
mod read;
mod resolve;

pub use attribute::Row;
pub use read::{RowFault, key_text};

/// The rows of a catalogue at one version.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    /// Which catalogue it is, and at which version.
    pub version: CatalogueVersion,
    /// Type of each attribute.
    pub attributes: BTreeMap<String, ValueType>,
    /// Rows by key, as text: a number or boolean key is written as JSON writes it.
    pub rows: BTreeMap<String, CatalogueRow>,
}

/// Names what an evaluation read, so that a recount can read the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogueVersion {
    /// Id of the catalogue.
    pub id: String,
    /// Version.
    pub version: u64,
}

/// One row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatalogueRow {
    /// Set attributes, each of its catalogue's type.
    pub attributes: BTreeMap<String, Value>,
    /// Seasons, as given.
    pub seasons: Arc<[Season]>,
}

/// An attribute of the row that a value is the key of.
#[derive(Clone)]
pub struct Attribute {
    /// The path as written: where an event or profile has it as a literal key, that decides.
    pub path: String,
    /// The linked property or trait.
    pub key: String,
    /// The attribute.
    pub attribute: String,
    /// The rows.
    pub catalogue: Arc<Catalogue>,
}

/// A condition on an attribute of the row that a value is the key of.
#[derive(Debug, Clone)]
pub struct Linked {
    /// The path as written: where an event or profile has it as a literal key, that decides.
    pub path: String,
    /// The linked property or trait.
    pub key: String,
    /// The attribute.
    pub attribute: String,
    /// The rows.
    pub catalogue: Arc<Catalogue>,
    /// The condition.
    pub predicate: PathPredicate,
}
