//! Evidence as typed values.

use rollcall_engine::{
    AttributeEvidence, EventEvidence, Evidence, Measured, Miss, NearMiss, OwnEvent, PeriodCount, RegularEvidence,
    SequenceEvidence, TopEvidence, TraitEvidence,
};
use rollcall_rules::{Instant, TimeRange, Value};
use serde_json::Value as Json;

use super::view::{EvidenceView, MeasuredView, NearView, OwnEventView, PeriodView, PropertyView, TraitView};
use super::words::{Said, Words, billionths_words, mean, short_by};
use crate::view::time;

/// What shows that a node holds or does not; `pointer` is where it stands in its rule.
pub(super) fn evidence_view(words: &Words<'_>, said: &Said<'_>, pointer: &str, evidence: &Evidence) -> EvidenceView {
    let told = Told { words, said, pointer };
    match evidence {
        Evidence::Everyone => EvidenceView::Everyone,
        Evidence::Below => {
            EvidenceView::Below { holding: said.below.iter().filter(|holds| **holds).count(), of: said.below.len() }
        }
        Evidence::Trait(found) => EvidenceView::Trait(trait_view(said.node["trait"].as_str().unwrap_or_default(), found)),
        Evidence::Attribute(found) => attribute_view(said, found),
        Evidence::Event(found) => told.event(found),
        Evidence::Sequence(found) => told.sequence(found),
        Evidence::FirstTime(found) => {
            let (from, to) = ends(found.window);
            let first = found.first.as_ref().map(event_view);
            EvidenceView::FirstTime { from, to, first, near: told.near(&found.near, "/first_time/where") }
        }
        Evidence::Regular(found) => told.regular(found),
        Evidence::Top(found) => top_view(found),
        Evidence::Segment { id } => EvidenceView::Segment { id: id.clone(), name: said.segment.to_owned() },
        Evidence::List { id, version } => EvidenceView::List { id: id.clone(), version: *version },
    }
}

/// A node and what is said of it.
struct Told<'a> {
    words: &'a Words<'a>,
    said: &'a Said<'a>,
    pointer: &'a str,
}

impl Told<'_> {
    fn event(&self, found: &EventEvidence) -> EvidenceView {
        let (from, to) = ends(found.window);
        let measured = MeasuredView {
            short_by: short_by(self.said, &found.measured).map(|(_, missing)| missing),
            ..measured_view(&found.measured)
        };
        let (events, near) = (events(&found.events), self.near(&found.near, "/where"));
        EvidenceView::Event { from, to, measured, matching: found.matching, events, near }
    }

    fn sequence(&self, found: &SequenceEvidence) -> EvidenceView {
        let (from, to) = ends(found.window);
        EvidenceView::Sequence {
            from,
            to,
            steps: self.said.node["sequence"].as_array().map_or(0, Vec::len),
            chain: events(&found.chain),
            candidates: found.candidates,
            near: self.near(&found.near, &format!("/sequence/{}/where", found.chain.len())),
        }
    }

    fn regular(&self, found: &RegularEvidence) -> EvidenceView {
        let count = self.said.node["regular"]["count"].as_u64().unwrap_or(1);
        let period = |period: &PeriodCount| PeriodView {
            from: shown(period.from),
            to: shown(period.to),
            count: period.count,
            enough: period.count >= count,
        };
        EvidenceView::Regular {
            periods: found.periods.iter().map(period).collect(),
            matching: found.matching,
            events: events(&found.events),
            near: self.near(&found.near, "/regular/where"),
        }
    }

    /// Near misses of the filters at a place in the node.
    fn near(&self, found: &[NearMiss], place: &str) -> Vec<NearView> {
        let filters = self.said.node.pointer(place).unwrap_or(&Json::Null);
        found.iter().map(|near| near_view(self.words, near, filters, &format!("{}{place}", self.pointer))).collect()
    }
}

fn attribute_view(said: &Said<'_>, found: &AttributeEvidence) -> EvidenceView {
    let path = said.node["trait"].as_str().unwrap_or_default();
    EvidenceView::Attribute {
        literal: trait_view(path, &found.literal),
        key: trait_view(&found.key_path, &found.key),
        row: found.row,
        attribute: found.attribute.as_ref().map(Value::to_json),
    }
}

fn top_view(found: &TopEvidence) -> EvidenceView {
    let (from, to) = ends(found.window);
    EvidenceView::Top {
        from,
        to,
        score: found.score.as_ref().map(measured_view),
        rank: found.rank,
        ranked: found.ranked,
        kept: found.kept,
        least: found.least.as_ref().map(measured_view),
        matching: found.matching,
        events: events(&found.events),
    }
}

fn shown(instant: Instant) -> String {
    time(instant.0)
}

fn ends(window: TimeRange) -> (Option<String>, Option<String>) {
    (window.from.map(shown), window.to.map(shown))
}

fn trait_view(path: &str, found: &TraitEvidence) -> TraitView {
    TraitView {
        path: path.to_owned(),
        value: found.value.as_ref().map(Value::to_json),
        since: found.since.map(shown),
        updated_at: found.updated.map(|(at, _)| shown(at)),
        updated_seq: found.updated.map(|(_, seq)| seq),
        before: found.before.as_ref().map(Value::to_json),
    }
}

fn measured_view(measured: &Measured) -> MeasuredView {
    let (value, values) = match measured {
        Measured::Whole(number) => (Some(Json::from(*number)), None),
        // Text would be exact; a number is what programs expect, and is so up to 2^53 billionths.
        Measured::Sum(sum) => (billionths_words(*sum).parse::<f64>().ok().map(Json::from), None),
        Measured::Mean(sum, values) => (Some(Json::from(mean(*sum, *values))), Some(*values)),
        Measured::Number(number) => (Some(Value::Number(*number).to_json()), None),
        Measured::Value(value) => (Some(value.to_json()), None),
        Measured::Nothing => (None, None),
    };
    MeasuredView { value, values, short_by: None }
}

fn events(events: &[OwnEvent]) -> Vec<OwnEventView> {
    events.iter().map(event_view).collect()
}

fn event_view(event: &OwnEvent) -> OwnEventView {
    let property = |(path, value): &(String, Value)| PropertyView { path: path.clone(), value: value.to_json() };
    OwnEventView {
        name: event.name.clone(),
        at: shown(event.time),
        seq: event.seq,
        properties: event.properties.iter().map(property).collect(),
    }
}

fn near_view(words: &Words<'_>, near: &NearMiss, filters: &Json, place: &str) -> NearView {
    let (why, micros) = match &near.miss {
        Miss::Early(by) => ("early", Some(*by)),
        Miss::Late(by) => ("late", Some(*by)),
        Miss::Filters(_) => ("filters", None),
        Miss::OutOfOrder => ("out_of_order", None),
        Miss::Taken => ("taken", None),
        Miss::AfterStep(by) => ("after_step", Some(*by)),
        Miss::AfterFirst(by) => ("after_first", Some(*by)),
        Miss::Between(_) => ("between", None),
    };
    let failed = if let Miss::Filters(failed) = &near.miss { failed.as_slice() } else { &[] };
    NearView {
        event: event_view(&near.event),
        why,
        seconds: micros.map(|micros| micros as f64 / 1e6),
        filters: failed.iter().map(|filter| format!("{place}/{filter}")).collect(),
        between: if let Miss::Between(event) = &near.miss { Some(Box::new(event_view(event))) } else { None },
        sentence: words.near(near, filters),
    }
}
