//! Sequence, first time, regular and top.

use super::place::Place;
use super::walk::Walk;
use super::{FaultCode, MAX_PERIODS};
use crate::language::{FIRST_TIME, RANKING, REGULAR, STEP, TOP, WITHOUT};
use crate::time::Duration;
use crate::tree::{
    EventMatch, EventNames, FirstTimeLeaf, NodeKind, Percent, Ranking, RegularLeaf, SequenceLeaf, Step, TopNode, TopSize,
};

impl Walk<'_, '_> {
    /// Checks one of these nodes, which stands at `place` and has its kind's field at `content`.
    pub fn behaviour(&mut self, kind: &str, place: &Place<'_>, content: &Place<'_>, depth: usize) -> Option<NodeKind> {
        if kind == "sequence" {
            return self.sequence(place, content, depth).map(NodeKind::Sequence);
        }
        if content.object().is_none() {
            self.wrong_type(content, "an object with an event and more");
            return None;
        }
        match kind {
            "first_time" => self.first_time(content, depth).map(NodeKind::FirstTime),
            "regular" => self.regular(content, depth).map(NodeKind::Regular),
            _ => self.top(content, depth).map(NodeKind::Top),
        }
    }

    fn sequence(&mut self, place: &Place<'_>, content: &Place<'_>, depth: usize) -> Option<SequenceLeaf> {
        let steps = self.filled_list(content, "steps").map(|steps| {
            let steps = steps.iter().enumerate().map(|(index, step)| self.step(step, index == 0, depth + 1));
            // Collected in full first: a fault in one step does not hide those of the next.
            steps.collect::<Vec<Option<Step>>>()
        });
        let window = self.window(place);
        let within = self.optional_duration(place, "within");
        let steps = steps?.into_iter().collect::<Option<Vec<Step>>>();
        Some(SequenceLeaf { steps: steps?, window: window?, within: within? })
    }

    fn step(&mut self, place: &Place<'_>, first: bool, depth: usize) -> Option<Step> {
        if !self.enter(place, depth) {
            return None;
        }
        if place.object().is_none() {
            self.wrong_type(place, "a step, which is an object with an event");
            return None;
        }
        self.refuse_others(place, &STEP.field_names());
        let matching = self.matching(place, depth);
        if first {
            self.refuse(place, "within", "there is no step before the first");
            self.refuse(place, "without", "there is no step before the first");
            return Some(Step { matching: matching?, within: None, without: None });
        }
        let within = self.optional_duration(place, "within");
        let without = self.without(place, depth);
        Some(Step { matching: matching?, within: within?, without: without? })
    }

    fn without(&mut self, place: &Place<'_>, depth: usize) -> Option<Option<EventMatch>> {
        let Some(without) = place.field("without") else { return Some(None) };
        if without.object().is_none() {
            self.wrong_type(&without, "an object with an event");
            return None;
        }
        self.refuse_others(&without, &WITHOUT.field_names());
        self.matching(&without, depth).map(Some)
    }

    /// `event` and `where` of what stands at a depth.
    fn matching(&mut self, place: &Place<'_>, depth: usize) -> Option<EventMatch> {
        let events = self.event_names(place);
        self.filtered(place, events, depth)
    }

    /// `where` of what stands at a depth, for events read before.
    pub fn filtered(&mut self, place: &Place<'_>, events: Option<EventNames>, depth: usize) -> Option<EventMatch> {
        let filters = self.filters(place, events.as_ref(), depth + 1);
        Some(EventMatch { events: events?, filters: filters? })
    }

    fn first_time(&mut self, content: &Place<'_>, depth: usize) -> Option<FirstTimeLeaf> {
        self.refuse_others(content, &FIRST_TIME.field_names());
        let matching = self.matching(content, depth);
        let window = self.window(content);
        Some(FirstTimeLeaf { matching: matching?, window: window? })
    }

    fn regular(&mut self, content: &Place<'_>, depth: usize) -> Option<RegularLeaf> {
        self.refuse_others(content, &REGULAR.field_names());
        let matching = self.matching(content, depth);
        let period = self.period_length(content);
        let periods = self.whole(content, "periods", "say how many periods to look at");
        let least = self.whole(content, "min_periods", "say in how many of the periods");
        let count = if content.has("count") { self.whole(content, "count", "") } else { Some(1) };
        let (periods, least) = (periods?, least?);
        if periods > MAX_PERIODS {
            let detail = format!("At most {MAX_PERIODS} periods can be looked at. Use longer periods.");
            self.fault(&content.pointer_to("periods"), FaultCode::OutOfRange, detail);
        }
        if least > periods {
            let detail =
                format!("There are only {periods} periods, so nobody can be active in {least} of them. Use at most {periods}.");
            self.fault(&content.pointer_to("min_periods"), FaultCode::OutOfRange, detail);
        }
        let (periods, min_periods) = (u32::try_from(periods).ok()?, u32::try_from(least).ok()?);
        Some(RegularLeaf { matching: matching?, period: period?, periods, min_periods, count: count? })
    }

    fn period_length(&mut self, content: &Place<'_>) -> Option<Duration> {
        match content.field("period") {
            Some(period) => self.duration(&period),
            None => {
                self.missing(content, "period", "say how long a period is, such as 1w");
                None
            }
        }
    }

    fn top(&mut self, content: &Place<'_>, depth: usize) -> Option<TopNode> {
        let by_percent = content.has("percent");
        let other = if by_percent { "count" } else { "percent" };
        let allowed: Vec<&str> = TOP.field_names().into_iter().filter(|field| *field != other).collect();
        self.refuse_others(content, &allowed);
        let size = if by_percent {
            self.percent(content).map(TopSize::Percent)
        } else {
            self.whole(content, "count", "say how many users to keep, or use percent").map(TopSize::Count)
        };
        let by = self.ranked_by(content, depth);
        let among = match content.field("among") {
            Some(among) => self.node(&among, depth + 1).map(|node| Some(Box::new(node))),
            None => Some(None),
        };
        Some(TopNode { size: size?, by: by?, among: among? })
    }

    fn ranked_by(&mut self, content: &Place<'_>, depth: usize) -> Option<Ranking> {
        let Some(by) = content.field("by") else {
            self.missing(content, "by", "say by what users are ranked");
            return None;
        };
        if by.object().is_none() {
            self.wrong_type(&by, "an event condition without op and value");
            return None;
        }
        self.refuse_others(&by, &RANKING.field_names());
        let events = self.event_names(&by);
        let rank = self.ranking(&by, events.as_ref());
        let matching = self.filtered(&by, events, depth);
        let window = self.window(&by);
        Some(Ranking { matching: matching?, window: window?, by: rank? })
    }

    fn percent(&mut self, content: &Place<'_>) -> Option<Percent> {
        let place = content.field("percent")?;
        if !place.json.is_number() {
            self.wrong_type(&place, "a number above 0 and up to 100");
            return None;
        }
        let percent = Percent::parse(&place.json.to_string());
        if percent.is_none() {
            self.fault(&place.pointer, FaultCode::OutOfRange, "A percentage lies above 0 and goes up to 100.");
        }
        percent
    }

    /// A whole number of at least 1; a fault if it is missing.
    fn whole(&mut self, content: &Place<'_>, field: &str, meaning: &str) -> Option<u64> {
        let Some(place) = content.field(field) else {
            self.missing(content, field, meaning);
            return None;
        };
        let number = place.json.as_f64().filter(|number| number.fract() == 0.0);
        match number {
            None => self.wrong_type(&place, "a whole number"),
            Some(number) if number < 1.0 => self.fault(&place.pointer, FaultCode::OutOfRange, "This number must be at least 1."),
            Some(number) => return Some(number as u64),
        }
        None
    }
}
