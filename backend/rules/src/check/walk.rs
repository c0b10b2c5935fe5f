//! The state of one walk over a rule, and what all its parts need.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;

use super::place::{Place, sort_by_position};
use super::regexes::Regexes;
use super::segment::Known;
use super::{Fault, FaultCode, MAX_NODES, References, Warning};
use crate::catalogue::CatalogueVersion;
use crate::convert::kind_of;
#[cfg(test)]
use crate::language::WARNINGS;
use crate::language::ZONE;
use crate::schema::Schema;
use crate::time::Zone;
use crate::tree::CheckedRule;

/// Most letters of a sentence about a fault.
const LONGEST_DETAIL: usize = 1_000;

/// What the check of a rule shares with the checks of the segments it refers to.
pub(super) struct Shared<'a> {
    pub schema: &'a Schema,
    pub references: &'a dyn References,
    /// Segments checked already. Without it, shared references would be checked once per way to reach them.
    pub known: HashMap<String, Known>,
    /// Ids of the segments being checked, outermost first.
    pub open: Vec<String>,
    pub regexes: Regexes,
}

impl<'a> Shared<'a> {
    pub fn new(schema: &'a Schema, references: &'a dyn References, own_id: Option<&str>) -> Shared<'a> {
        let open = own_id.map(str::to_owned).into_iter().collect();
        Shared { schema, references, known: HashMap::new(), open, regexes: Regexes::default() }
    }
}

/// A rule that passed.
pub(super) struct Checked {
    pub rule: CheckedRule,
    pub warnings: Vec<Warning>,
    /// Deepest nesting, through referenced segments.
    pub height: usize,
}

/// One walk over one rule.
pub(super) struct Walk<'s, 'a> {
    pub shared: &'s mut Shared<'a>,
    pub zone: Zone,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Warning>,
    pub nodes: usize,
    /// Nesting of the rules that refer to this one.
    pub outer: usize,
    pub height: usize,
    /// Catalogues used, by linked property or trait.
    pub catalogues: BTreeMap<String, CatalogueVersion>,
}

/// Checks one rule that stands `outer` levels deep in others.
pub(super) fn check_rule(rule: &Json, shared: &mut Shared<'_>, outer: usize) -> Result<Checked, Vec<Fault>> {
    let mut walk = Walk {
        shared,
        zone: Zone::utc(),
        faults: Vec::new(),
        warnings: Vec::new(),
        nodes: 0,
        outer,
        height: 0,
        catalogues: BTreeMap::new(),
    };
    let root = Place::root(rule);
    walk.read_zone(&root);
    let node = walk.node(&root, 1);
    if walk.nodes > MAX_NODES {
        let detail = format!(
            "This rule has {} conditions; {MAX_NODES} are allowed. Split it into segments and refer to them.",
            walk.nodes
        );
        walk.fault("", FaultCode::TooManyNodes, detail);
    }
    let Walk { zone, mut faults, mut warnings, height, catalogues, .. } = walk;
    match node {
        Some(root) if faults.is_empty() => {
            sort_by_position(rule, &mut warnings, |warning| &warning.pointer);
            Ok(Checked { rule: CheckedRule { root, zone, source: rule.clone(), catalogues }, warnings, height })
        }
        _ => {
            sort_by_position(rule, &mut faults, |fault| &fault.pointer);
            Err(faults)
        }
    }
}

/// A sentence without the middle of what it quotes, if that is very long.
fn shortened(detail: String) -> String {
    let letters = detail.chars().count();
    if letters <= LONGEST_DETAIL {
        return detail;
    }
    let (start, end) = (LONGEST_DETAIL / 2, letters - LONGEST_DETAIL / 2);
    let kept = |from: usize, to: usize| detail.chars().skip(from).take(to - from).collect::<String>();
    format!("{} ... {}", kept(0, start), kept(end, letters))
}

impl Walk<'_, '_> {
    /// Records a fault.
    pub fn fault(&mut self, pointer: &str, code: FaultCode, detail: impl Into<String>) {
        self.faults.push(Fault { pointer: pointer.to_owned(), code, detail: shortened(detail.into()) });
    }

    /// Records a warning.
    pub fn warn(&mut self, pointer: &str, code: &'static str, detail: String) {
        #[cfg(test)]
        assert!(WARNINGS.iter().any(|row| row.code == code), "the reference does not explain {code}: see language/warnings.rs");
        self.warnings.push(Warning { pointer: pointer.to_owned(), code, detail });
    }

    /// Records that something stands where something else must.
    pub fn wrong_type(&mut self, place: &Place<'_>, wanted: &str) {
        let detail = format!("Here must be {wanted}, not {}.", kind_of(place.json));
        self.fault(&place.pointer, FaultCode::WrongType, detail);
    }

    /// Records that a field is missing.
    pub fn missing(&mut self, place: &Place<'_>, field: &str, meaning: &str) {
        self.fault(&place.pointer, FaultCode::MissingField, format!("The field “{field}” is missing: {meaning}."));
    }

    /// Records that a field does not belong where it is, if it is there.
    pub fn refuse(&mut self, place: &Place<'_>, field: &str, reason: &str) {
        if place.has(field) {
            self.fault(
                &place.pointer_to(field),
                FaultCode::UnknownField,
                format!("The field “{field}” does not belong here: {reason}. Remove it."),
            );
        }
    }

    /// Records every field that is not among the allowed ones.
    pub fn refuse_others(&mut self, place: &Place<'_>, allowed: &[&str]) {
        let fields = place.object().into_iter().flat_map(|object| object.keys());
        for field in fields.filter(|field| !allowed.contains(&field.as_str())) {
            let detail = format!(
                "The field “{field}” does not belong here. Remove it, or correct its spelling: allowed are {}.",
                allowed.join(", ")
            );
            self.fault(&place.pointer_to(field), FaultCode::UnknownField, detail);
        }
    }

    /// A text, else a fault.
    pub fn text<'j>(&mut self, place: &Place<'j>, wanted: &str) -> Option<&'j str> {
        let text = place.json.as_str();
        if text.is_none() {
            self.wrong_type(place, wanted);
        }
        text
    }

    /// The elements of a list that may not be empty, else a fault.
    pub fn filled_list<'j>(&mut self, place: &Place<'j>, wanted: &str) -> Option<Vec<Place<'j>>> {
        let Some(items) = place.items() else {
            self.wrong_type(place, &format!("a list of {wanted}"));
            return None;
        };
        if items.is_empty() {
            self.fault(&place.pointer, FaultCode::EmptyGroup, format!("This list is empty. Add {wanted}, or remove it."));
            return None;
        }
        Some(items)
    }

    fn read_zone(&mut self, root: &Place<'_>) {
        let Some(place) = root.field(ZONE.name) else { return };
        let Some(name) = self.text(&place, "the name of a time zone, such as Europe/Paris") else { return };
        match Zone::by_name(name) {
            Some(zone) => self.zone = zone,
            None => {
                let detail = format!("There is no time zone “{name}”. Use a name such as Europe/Paris or UTC.");
                self.fault(&place.pointer, FaultCode::BadTimezone, detail);
            }
        }
    }
}
