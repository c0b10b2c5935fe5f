//! Catalogues as they are shown.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Held, time};
use crate::error::code_of;

/// An attribute of a catalogue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AttributeView {
    /// Name.
    pub name: String,
    /// `string`, `number`, `boolean`, `datetime`, `date`, `list<string>`, `list<number>` or `object`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Declared by a person rather than learnt from rows.
    pub declared: bool,
}

/// A catalogue.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CatalogueView {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Version of the rows: grows with each upload that changes something.
    pub version: u64,
    /// Rows in it.
    pub row_count: u64,
    /// Rows with seasons.
    pub rows_with_seasons: u64,
    /// Properties and traits whose values are keys of its rows.
    pub links: Vec<String>,
    /// Attributes by name.
    pub attributes: Vec<AttributeView>,
    /// When it was made.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
}

impl From<Held> for CatalogueView {
    fn from(held: Held) -> CatalogueView {
        let Held { stored, rows } = held;
        let attributes = rows.attributes.iter().map(|(name, kind)| AttributeView {
            name: name.clone(),
            kind: code_of(kind),
            declared: stored.declared.contains_key(name),
        });
        CatalogueView {
            attributes: attributes.collect(),
            id: stored.id.into_string(),
            name: stored.name,
            version: stored.version,
            row_count: stored.row_count,
            rows_with_seasons: rows.rows.values().filter(|row| !row.seasons.is_empty()).count() as u64,
            links: stored.links,
            created_at: time(stored.created_at),
            updated_at: time(stored.updated_at),
        }
    }
}

/// Rows of a catalogue, by key.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CatalogueRowsPage {
    /// This page: `key`, `seasons` and attributes, as an upload would send them.
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<serde_json::Map<String, serde_json::Value>>,
    /// How many rows there are, on all pages.
    pub total: u64,
    /// Cursor of the next page.
    pub next_cursor: Option<String>,
}
