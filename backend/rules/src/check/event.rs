//! Conditions on what a user did.

use super::place::Place;
use super::walk::Walk;
use crate::tree::{EventLeaf, EventNames};

impl Walk<'_, '_> {
    /// Checks an event node at a depth.
    pub fn event_leaf(&mut self, place: &Place<'_>, depth: usize) -> Option<EventLeaf> {
        let events = self.event_names(place);
        let measure = self.measure(place, events.as_ref());
        let matching = self.filtered(place, events, depth);
        let window = self.window(place);
        Some(EventLeaf { matching: matching?, window: window?, measure: measure? })
    }

    /// Checks `event`: a name, a list of names, or `"*"`.
    pub fn event_names(&mut self, place: &Place<'_>) -> Option<EventNames> {
        let Some(content) = place.field("event") else {
            self.missing(place, "event", "say which event, or \"*\" for any");
            return None;
        };
        if let Some(name) = content.json.as_str() {
            if name == "*" {
                return Some(EventNames::Every);
            }
            self.warn_unseen(&content, name);
            return Some(EventNames::Named(vec![name.to_owned()]));
        }
        if content.json.as_array().is_none() {
            self.wrong_type(&content, "the name of an event, a list of names, or \"*\"");
            return None;
        }
        let items = self.filled_list(&content, "names of events")?;
        let mut names = Vec::new();
        for item in &items {
            if let Some(name) = self.text(item, "the name of an event, a text") {
                self.warn_unseen(item, name);
                names.push(name.to_owned());
            }
        }
        if names.len() < items.len() {
            return None;
        }
        names.sort();
        names.dedup();
        Some(EventNames::Named(names))
    }

    fn warn_unseen(&mut self, place: &Place<'_>, name: &str) {
        if !self.shared.schema.events.contains_key(name) {
            let detail = format!("No event “{name}” has been seen so far. Check its spelling.");
            self.warn(&place.pointer, "never_seen_event", detail);
        }
    }
}
