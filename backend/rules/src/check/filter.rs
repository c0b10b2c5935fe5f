//! Filters: conditions on one event.

use super::place::Place;
use super::walk::Walk;
use crate::language::FILTERS;
use crate::schema::ValueType;
use crate::tree::{EventNames, Filter};

impl Walk<'_, '_> {
    /// Checks `where`, whose entries are at `depth`. `names` are the events; `None` if those are themselves at fault.
    pub fn filters(&mut self, place: &Place<'_>, names: Option<&EventNames>, depth: usize) -> Option<Vec<Filter>> {
        let Some(content) = place.field("where") else { return Some(Vec::new()) };
        let Some(items) = content.items() else {
            self.wrong_type(&content, "a list of filters");
            return None;
        };
        self.each_filter(&items, names, depth)
    }

    fn each_filter(&mut self, items: &[Place<'_>], names: Option<&EventNames>, depth: usize) -> Option<Vec<Filter>> {
        let filters: Vec<Option<Filter>> = items.iter().map(|item| self.filter(item, names, depth)).collect();
        filters.into_iter().collect()
    }

    fn filter(&mut self, place: &Place<'_>, names: Option<&EventNames>, depth: usize) -> Option<Filter> {
        if !self.enter(place, depth) {
            return None;
        }
        if place.object().is_none() {
            self.wrong_type(place, "a filter, which is an object such as {\"property\": \"genre\", \"op\": \"is_set\"}");
            return None;
        }
        let Some(kind) = FILTERS.iter().find(|kind| place.has(kind.name)) else {
            self.no_kind(place, &[], &FILTERS.map(|kind| kind.name));
            return None;
        };
        self.refuse_others(place, &kind.field_names());
        let content = place.field(kind.name)?;
        match kind.name {
            "property" => {
                if let Some(link) = content.json.as_str().and_then(|path| self.link(path)) {
                    let literal = self.property_types(Some(&link.path), names);
                    return self.linked(place, &content, link, literal).map(Filter::Linked);
                }
                let path = self.property(&content, names);
                let types = self.property_types(path, names);
                let predicate = self.predicate(place, &types)?;
                Some(Filter::Property { path: path?.to_owned(), predicate })
            }
            "not" => self.filter(&content, names, depth + 1).map(|filter| Filter::Not(Box::new(filter))),
            group => {
                let items = self.filled_list(&content, "filters")?;
                let filters = self.each_filter(&items, names, depth + 1)?;
                Some(if group == "all" { Filter::All(filters) } else { Filter::Any(filters) })
            }
        }
    }

    /// The path of a property, with a warning if these events never had it.
    pub fn property<'j>(&mut self, content: &Place<'j>, names: Option<&EventNames>) -> Option<&'j str> {
        let path = self.text(content, "the name of a property, a text")?;
        if names.is_some() && self.property_types(Some(path), names).is_empty() {
            let detail = format!("None of these events has had the property “{path}” so far. Check its spelling.");
            self.warn(&content.pointer, "never_seen_property", detail);
        }
        Some(path)
    }

    /// The types of a property over the events; none if never seen or not known which.
    pub fn property_types(&self, path: Option<&str>, names: Option<&EventNames>) -> Vec<ValueType> {
        let (Some(path), Some(names)) = (path, names) else { return Vec::new() };
        let named = match names {
            EventNames::Every => None,
            EventNames::Named(names) => Some(names.as_slice()),
        };
        self.shared.schema.property_types(named, path).into_iter().collect()
    }
}
