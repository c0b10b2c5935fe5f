//! Paths through links to catalogues.

use std::sync::Arc;

use super::FaultCode;
use super::place::Place;
use super::walk::Walk;
use crate::catalogue::{Attribute, Linked, key_text};
use crate::schema::ValueType;
use crate::time::Season;

impl Walk<'_, '_> {
    /// The link that a path leads through; the longest linked name wins.
    pub fn link(&self, path: &str) -> Option<Attribute> {
        let mut ends = path.char_indices().rev().filter(|(_, letter)| *letter == '.').map(|(at, _)| at);
        ends.find_map(|at| {
            let (key, attribute) = (&path[..at], &path[at + 1..]);
            let catalogue = self.shared.references.catalogue_of(key)?;
            Some(Attribute { path: path.to_owned(), key: key.to_owned(), attribute: attribute.to_owned(), catalogue })
        })
    }

    /// The types that an attribute may have, `literal` being those of literal keys with the same name; a warning if there are none.
    pub fn attribute_types(&mut self, content: &Place<'_>, attribute: &Attribute, literal: Vec<ValueType>) -> Vec<ValueType> {
        let own = attribute.value_type();
        if own.is_none() && literal.is_empty() {
            let Attribute { key, attribute, .. } = attribute;
            let detail =
                format!("No row of the catalogue of “{key}” has had the attribute “{attribute}” so far. Check its spelling.");
            self.warn(&content.pointer, "never_seen_attribute", detail);
        }
        let mut types: Vec<ValueType> = own.into_iter().chain(literal).collect();
        types.sort();
        types.dedup();
        self.catalogues.insert(attribute.key.clone(), attribute.catalogue.version.clone());
        types
    }

    /// Checks a condition on an attribute.
    pub fn linked(
        &mut self,
        place: &Place<'_>,
        content: &Place<'_>,
        attribute: Attribute,
        literal: Vec<ValueType>,
    ) -> Option<Linked> {
        let types = self.attribute_types(content, &attribute, literal);
        let predicate = self.predicate(place, &types)?;
        Some(attribute.condition(predicate))
    }

    /// The seasons of a catalogue row.
    pub fn seasons(&mut self, property: &Place<'_>, value: Option<&Place<'_>>) -> Option<Arc<[Season]>> {
        let name = self.text(property, "the name of a property, a text")?;
        let Some(catalogue) = self.shared.references.catalogue_of(name) else {
            let detail =
                format!("“{name}” is not linked to a catalogue, so it has no seasons. Link it, or use another property.");
            self.fault(&property.pointer, FaultCode::UnknownField, detail);
            return None;
        };
        self.catalogues.insert(name.to_owned(), catalogue.version.clone());
        let value = value?;
        let Some(row) = key_text(value.json).and_then(|key| catalogue.rows.get(&key)) else {
            let detail = "The catalogue has no such row so far, so the window is empty. Check its spelling.".to_owned();
            self.warn(&value.pointer, "never_seen_row", detail);
            return Some(Arc::new([]));
        };
        Some(row.seasons.clone())
    }
}
