//! Kinds of nodes.

use super::place::Place;
use super::walk::Walk;
use super::{FaultCode, MAX_DEPTH, MAX_LOOKED_AT};
use crate::language::{LABEL, NODES, ZONE};
use crate::tree::{Node, NodeKind, TraitLeaf};

impl Walk<'_, '_> {
    /// Checks a node at a depth; the root is 1.
    pub fn node(&mut self, place: &Place<'_>, depth: usize) -> Option<Node> {
        if !self.enter(place, depth) {
            return None;
        }
        if place.object().is_none() {
            self.wrong_type(place, "a condition, which is an object such as {\"everyone\": true}");
            return None;
        }
        let Some(kind) = NODES.iter().find(|kind| place.has(kind.name)) else {
            self.no_kind(place, &[LABEL.name, ZONE.name], &NODES.map(|kind| kind.name));
            return None;
        };
        let mut allowed = kind.field_names();
        allowed.push(LABEL.name);
        if place.pointer.is_empty() {
            allowed.push(ZONE.name);
        }
        self.refuse_others(place, &allowed);
        if let Some(label) = place.field(LABEL.name) {
            self.text(&label, "a text");
        }
        let content = place.field(kind.name)?;
        let kind = self.kind(kind.name, place, &content, depth)?;
        Some(Node { pointer: place.pointer.clone(), kind })
    }

    /// Counts a node, step or filter, and refuses one that lies too deep.
    pub fn enter(&mut self, place: &Place<'_>, depth: usize) -> bool {
        self.nodes += 1;
        if self.nodes > MAX_LOOKED_AT {
            return false;
        }
        self.height = self.height.max(depth);
        if depth > MAX_DEPTH {
            let detail =
                format!("Conditions may be nested {MAX_DEPTH} deep. Flatten this one, or make it a segment and refer to it.");
            self.fault(&place.pointer, FaultCode::TooDeep, detail);
        }
        depth <= MAX_DEPTH
    }

    /// Records that an object is of no known kind.
    pub fn no_kind(&mut self, place: &Place<'_>, harmless: &[&str], kinds: &[&str]) {
        let kinds = kinds.join(", ");
        let fields = place.object().into_iter().flat_map(|object| object.keys());
        let strange: Vec<&String> = fields.filter(|field| !harmless.contains(&field.as_str())).collect();
        if strange.is_empty() {
            self.fault(&place.pointer, FaultCode::MissingField, format!("This condition says nothing. Give it one of {kinds}."));
        }
        for field in strange {
            let detail = format!("“{field}” is no kind of condition. Use one of {kinds}.");
            self.fault(&place.pointer_to(field), FaultCode::UnknownField, detail);
        }
    }

    fn kind(&mut self, kind: &str, place: &Place<'_>, content: &Place<'_>, depth: usize) -> Option<NodeKind> {
        match kind {
            "all" => self.children(content, depth).map(NodeKind::All),
            "any" => self.children(content, depth).map(NodeKind::Any),
            "not" => self.node(content, depth + 1).map(|node| NodeKind::Not(Box::new(node))),
            "everyone" => {
                if content.json.as_bool() == Some(true) {
                    return Some(NodeKind::Everyone);
                }
                self.fault(
                    &content.pointer,
                    FaultCode::WrongType,
                    "“everyone” takes only the value true. For nobody, put it into “not”.",
                );
                None
            }
            "trait" => self.trait_leaf(place, content),
            "event" => self.event_leaf(place, depth).map(NodeKind::Event),
            "segment" => self.segment(content, depth),
            "list" => self.list(content),
            later => self.behaviour(later, place, content, depth),
        }
    }

    fn children(&mut self, content: &Place<'_>, depth: usize) -> Option<Vec<Node>> {
        let items = self.filled_list(content, "conditions")?;
        let nodes: Vec<Option<Node>> = items.iter().map(|item| self.node(item, depth + 1)).collect();
        nodes.into_iter().collect()
    }

    fn trait_leaf(&mut self, place: &Place<'_>, content: &Place<'_>) -> Option<NodeKind> {
        let path = self.text(content, "the name of a trait, a text");
        if let Some(link) = path.and_then(|path| self.link(path)) {
            let literal = self.shared.schema.trait_type(&link.path);
            return self.linked(place, content, link, literal.into_iter().collect()).map(NodeKind::LinkedTrait);
        }
        let known = path.and_then(|path| self.shared.schema.trait_type(path));
        if let Some(path) = path
            && known.is_none()
        {
            let detail = format!("No profile has had the trait “{path}” so far. Check its spelling.");
            self.warn(&content.pointer, "never_seen_trait", detail);
        }
        let types: Vec<_> = known.into_iter().collect();
        let predicate = self.predicate(place, &types)?;
        Some(NodeKind::Trait(TraitLeaf { path: path?.to_owned(), predicate, or_key: false }))
    }

    fn list(&mut self, content: &Place<'_>) -> Option<NodeKind> {
        let id = self.text(content, "the id of a list, a text")?;
        if !self.shared.references.list_exists(id) {
            self.fault(
                &content.pointer,
                FaultCode::UnknownList,
                format!("There is no list “{id}”. Upload it first, or choose another."),
            );
            return None;
        }
        Some(NodeKind::List { id: id.to_owned() })
    }
}
