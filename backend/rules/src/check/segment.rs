//! References to other segments.

use std::sync::Arc;

use super::place::Place;
use super::walk::{Walk, check_rule};
use super::{Fault, FaultCode, MAX_NESTING};
use crate::tree::{CheckedRule, NodeKind};

/// What the check of a segment gave.
#[derive(Clone)]
pub(super) enum Known {
    /// Its rule, and the rule's nesting.
    Valid(Arc<CheckedRule>, usize),
    /// The fault of any reference to it.
    Refused(FaultCode, String),
}

impl Walk<'_, '_> {
    /// Checks a reference that stands at a depth.
    pub fn segment(&mut self, content: &Place<'_>, depth: usize) -> Option<NodeKind> {
        let id = self.text(content, "the id of a segment, a text")?;
        match self.resolve(id, self.outer + depth) {
            Known::Valid(rule, height) => {
                self.height = self.height.max(depth + height);
                self.catalogues.extend(rule.catalogues.clone());
                Some(NodeKind::Segment { id: id.to_owned(), rule })
            }
            Known::Refused(code, detail) => {
                self.fault(&content.pointer, code, detail);
                None
            }
        }
    }

    fn resolve(&mut self, id: &str, nesting: usize) -> Known {
        if self.shared.open.iter().any(|open| open == id) {
            let detail = format!("The segment “{id}” would be part of itself. Remove this reference or the one that leads back.");
            return Known::Refused(FaultCode::Cycle, detail);
        }
        let known = match self.shared.known.get(id) {
            Some(known) => known.clone(),
            None => self.check_segment(id, nesting),
        };
        match known {
            Known::Valid(_, height) if nesting + height > MAX_NESTING => {
                let detail = format!(
                    "The segments that the segment “{id}” leads to are nested too deep in each other. Refer to fewer levels."
                );
                Known::Refused(FaultCode::TooDeep, detail)
            }
            known => known,
        }
    }

    fn check_segment(&mut self, id: &str, nesting: usize) -> Known {
        let Some(rule) = self.shared.references.segment_rule(id) else {
            return Known::Refused(
                FaultCode::UnknownSegment,
                format!("There is no segment “{id}”. Choose another, or create it first."),
            );
        };
        self.shared.open.push(id.to_owned());
        let outcome = if nesting < MAX_NESTING {
            check_rule(&rule, self.shared, nesting)
        } else {
            let detail = "segments are nested too deep in each other".to_owned();
            Err(vec![Fault { pointer: String::new(), code: FaultCode::TooDeep, detail }])
        };
        self.shared.open.pop();
        let known = match outcome {
            Ok(checked) => Known::Valid(Arc::new(checked.rule), checked.height),
            Err(faults) => refused(id, &faults),
        };
        self.shared.known.insert(id.to_owned(), known.clone());
        known
    }
}

/// What a reference gets to hear of the faults in the segment itself: a cycle first, as it may lead through here.
fn refused(id: &str, faults: &[Fault]) -> Known {
    let telling = faults.iter().find(|fault| fault.code == FaultCode::Cycle).or(faults.first());
    let Some(fault) = telling else {
        return Known::Refused(FaultCode::UnknownSegment, format!("The segment “{id}” cannot be used."));
    };
    let detail = format!("The segment “{id}” is itself not valid, correct it first: {}", fault.detail);
    Known::Refused(fault.code, detail)
}
