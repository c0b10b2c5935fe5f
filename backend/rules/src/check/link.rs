//! Paths through links to catalogues.

use std::sync::Arc;

use super::FaultCode;
use super::place::Place;
use super::walk::Walk;
use crate::catalogue::{Catalogue, Linked, key_text};
use crate::schema::ValueType;
use crate::time::Season;
use crate::tree::EventNames;

/// A path that leads through a link.
pub(super) struct Link {
    pub path: String,
    key: String,
    attribute: String,
    catalogue: Arc<Catalogue>,
}

impl Walk<'_, '_> {
    /// The link that a path leads through; the longest linked name wins.
    pub fn link(&self, path: &str) -> Option<Link> {
        let mut ends = path.char_indices().rev().filter(|(_, letter)| *letter == '.').map(|(at, _)| at);
        ends.find_map(|at| {
            let (key, attribute) = (&path[..at], &path[at + 1..]);
            let catalogue = self.shared.references.catalogue_of(key)?;
            Some(Link { path: path.to_owned(), key: key.to_owned(), attribute: attribute.to_owned(), catalogue })
        })
    }

    /// Whether an aggregate may compute over a path; attributes of catalogues are for filters only.
    pub fn aggregated(&mut self, of: &Place<'_>, names: Option<&EventNames>) -> bool {
        let Some(link) = of.json.as_str().and_then(|path| self.link(path)) else { return true };
        if !link.catalogue.attributes.contains_key(&link.attribute) && !self.property_types(Some(&link.path), names).is_empty() {
            return true;
        }
        let detail = format!(
            "“{}” is an attribute of a catalogue, and nothing can be computed over those. Compare it in a filter, or use “{}” or \
             another property of the event.",
            link.path, link.key
        );
        self.fault(&of.pointer, FaultCode::OperatorNotForType, detail);
        false
    }

    /// Checks a condition on an attribute; `literal` are the types of literal keys with the same name.
    pub fn linked(&mut self, place: &Place<'_>, content: &Place<'_>, link: Link, literal: Vec<ValueType>) -> Option<Linked> {
        let Link { path, key, attribute, catalogue } = link;
        let own = catalogue.attributes.get(&attribute).copied();
        if own.is_none() && literal.is_empty() {
            let detail =
                format!("No row of the catalogue of “{key}” has had the attribute “{attribute}” so far. Check its spelling.");
            self.warn(&content.pointer, "never_seen_attribute", detail);
        }
        let mut types: Vec<ValueType> = own.into_iter().chain(literal).collect();
        types.sort();
        types.dedup();
        self.catalogues.insert(key.clone(), catalogue.version.clone());
        let predicate = self.predicate(place, &types)?;
        Some(Linked { path, key, attribute, catalogue, predicate })
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
