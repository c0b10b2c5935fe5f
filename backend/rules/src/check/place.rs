//! A JSON value together with the pointer where it stands.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

/// A JSON value and its pointer.
#[derive(Debug, Clone)]
pub(super) struct Place<'j> {
    pub json: &'j Json,
    pub pointer: String,
}

impl<'j> Place<'j> {
    /// The whole document.
    pub fn root(json: &'j Json) -> Place<'j> {
        Place { json, pointer: String::new() }
    }

    /// The value, if it is an object.
    pub fn object(&self) -> Option<&'j Map<String, Json>> {
        self.json.as_object()
    }

    /// Whether it is an object with this field.
    pub fn has(&self, field: &str) -> bool {
        self.json.get(field).is_some()
    }

    /// A field of an object.
    pub fn field(&self, name: &str) -> Option<Place<'j>> {
        let json = self.object()?.get(name)?;
        Some(Place { json, pointer: self.pointer_to(name) })
    }

    /// The pointer of a field, there or not.
    pub fn pointer_to(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    /// The elements, if it is a list.
    pub fn items(&self) -> Option<Vec<Place<'j>>> {
        let items = self.json.as_array()?.iter().enumerate();
        Some(items.map(|(index, json)| Place { json, pointer: format!("{}/{index}", self.pointer) }).collect())
    }
}

/// Sorts by where pointers stand in a document, in one walk over it.
pub(super) fn sort_by_position<T>(document: &Json, items: &mut [T], pointer: fn(&T) -> &str) {
    let mut positions: HashMap<String, usize> = items.iter().map(|item| (pointer(item).to_owned(), usize::MAX)).collect();
    number(&Place::root(document), &mut 0, &mut positions);
    items.sort_by_cached_key(|item| positions.get(pointer(item)).copied());
}

fn number(place: &Place<'_>, next: &mut usize, positions: &mut HashMap<String, usize>) {
    if let Some(position) = positions.get_mut(&place.pointer) {
        *position = *next;
    }
    *next += 1;
    let fields = place.object().into_iter().flat_map(|object| object.keys());
    let children = fields.filter_map(|name| place.field(name)).chain(place.items().unwrap_or_default());
    children.for_each(|child| number(&child, next, positions));
}
