//! Which events of one user do a sequence, or as much of its beginning as can be done.

use rollcall_rules::SequenceLeaf;

use super::{Occurrence, Role, Search, occurrences};
use crate::evaluate::Scope;
use crate::shard::Shard;

/// Time and seq of the events that do the most steps from the first on, of a shard that holds one user. Of all such choices the
/// one with the latest last event, then the latest event before it, and so on.
pub(crate) fn longest(scope: &Scope<'_>, leaf: &SequenceLeaf, shard: &Shard) -> Vec<(i64, u64)> {
    for steps in (1..=leaf.steps.len()).rev() {
        let beginning = SequenceLeaf { steps: leaf.steps[..steps].to_vec(), ..leaf.clone() };
        let mut found = occurrences(scope, &beginning, shard);
        let search = Search::new(&beginning, &scope.clock);
        if search.fits(&found) {
            for step in (0..steps).rev() {
                settle(&search, &mut found, step as u32);
            }
            return (0..steps).filter_map(|step| choices(&found, step as u32).pop()).collect();
        }
    }
    Vec::new()
}

/// Leaves one event for a step: the latest with which the rest still fits. With fewer events to choose from nothing fits that did
/// not fit before, so it is found by halving, and the question asked is the very one that decides membership.
fn settle(search: &Search<'_>, found: &mut Vec<Occurrence>, step: u32) {
    let choices = choices(found, step);
    let from = |at: usize| -> Vec<Occurrence> {
        let earlier =
            |occurrence: &Occurrence| occurrence.role == Role::Step(step) && (occurrence.time, occurrence.seq) < choices[at];
        found.iter().filter(|occurrence| !earlier(occurrence)).copied().collect()
    };
    let (mut fits, mut fails) = (0, choices.len());
    while fails - fits > 1 {
        let middle = (fits + fails) / 2;
        if search.fits(&from(middle)) { fits = middle } else { fails = middle }
    }
    if let Some(chosen) = choices.get(fits) {
        found.retain(|occurrence| occurrence.role != Role::Step(step) || (occurrence.time, occurrence.seq) == *chosen);
    }
}

/// Events that could be a step, earliest first.
fn choices(found: &[Occurrence], step: u32) -> Vec<(i64, u64)> {
    found
        .iter()
        .filter(|occurrence| occurrence.role == Role::Step(step))
        .map(|occurrence| (occurrence.time, occurrence.seq))
        .collect()
}
