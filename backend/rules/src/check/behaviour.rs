//! Sequence, first time, regular and top: validated in full, and refused as not available when they are otherwise valid.

use super::FaultCode;
use super::place::Place;
use super::walk::Walk;

/// Most periods of `regular`.
const MAX_PERIODS: u64 = 10_000;

impl Walk<'_, '_> {
    /// Checks one of these nodes, which stands at `place` and has its kind's field at `content`.
    pub fn behaviour(&mut self, kind: &str, place: &Place<'_>, content: &Place<'_>, depth: usize) {
        let before = self.real_faults();
        if kind == "sequence" {
            self.sequence(place, content, depth);
        } else if content.object().is_none() {
            self.wrong_type(content, "an object with an event and more");
        } else {
            match kind {
                "first_time" => self.first_time(content, depth),
                "regular" => self.regular(content, depth),
                _ => self.top(content, depth),
            }
        }
        if self.real_faults() == before {
            self.fault(
                &content.pointer,
                FaultCode::NotAvailable,
                format!("“{kind}” cannot be evaluated yet. Use event conditions instead."),
            );
        }
    }

    fn sequence(&mut self, place: &Place<'_>, content: &Place<'_>, depth: usize) {
        if let Some(steps) = self.filled_list(content, "steps") {
            for (index, step) in steps.iter().enumerate() {
                self.step(step, index == 0, depth + 1);
            }
        }
        self.window(place);
        self.optional_duration(place, "within");
    }

    fn step(&mut self, place: &Place<'_>, first: bool, depth: usize) {
        if !self.enter(place, depth) {
            return;
        }
        if place.object().is_none() {
            self.wrong_type(place, "a step, which is an object with an event");
            return;
        }
        self.refuse_others(place, &["event", "where", "within", "without"]);
        self.matching(place, depth);
        if first {
            self.refuse(place, "within", "there is no step before the first");
            self.refuse(place, "without", "there is no step before the first");
            return;
        }
        self.optional_duration(place, "within");
        let Some(without) = place.field("without") else { return };
        if without.object().is_none() {
            self.wrong_type(&without, "an object with an event");
            return;
        }
        self.refuse_others(&without, &["event", "where"]);
        self.matching(&without, depth);
    }

    /// `event` and `where` of what stands at a depth.
    fn matching(&mut self, place: &Place<'_>, depth: usize) {
        let names = self.event_names(place);
        self.filters(place, names.as_ref(), depth + 1);
    }

    fn first_time(&mut self, content: &Place<'_>, depth: usize) {
        self.refuse_others(content, &["event", "where", "window"]);
        self.matching(content, depth);
        self.window(content);
    }

    fn regular(&mut self, content: &Place<'_>, depth: usize) {
        self.refuse_others(content, &["event", "where", "period", "periods", "min_periods", "count"]);
        self.matching(content, depth);
        match content.field("period") {
            Some(period) => {
                self.duration(&period);
            }
            None => self.missing(content, "period", "say how long a period is, such as 1w"),
        }
        let periods = self.whole(content, "periods", "say how many periods to look at");
        let least = self.whole(content, "min_periods", "say in how many of the periods");
        if content.has("count") {
            self.whole(content, "count", "");
        }
        if let Some(periods) = periods
            && periods > MAX_PERIODS
        {
            let detail = format!("At most {MAX_PERIODS} periods can be looked at. Use longer periods.");
            self.fault(&content.pointer_to("periods"), FaultCode::OutOfRange, detail);
        }
        if let (Some(periods), Some(least)) = (periods, least)
            && least > periods
        {
            let detail =
                format!("There are only {periods} periods, so nobody can be active in {least} of them. Use at most {periods}.");
            self.fault(&content.pointer_to("min_periods"), FaultCode::OutOfRange, detail);
        }
    }

    fn top(&mut self, content: &Place<'_>, depth: usize) {
        let by_percent = content.has("percent");
        let size = if by_percent { "percent" } else { "count" };
        self.refuse_others(content, &[size, "by", "among"]);
        if by_percent {
            self.percent(content);
        } else {
            self.whole(content, "count", "say how many users to keep, or use percent");
        }
        match content.field("by") {
            None => self.missing(content, "by", "say by what users are ranked"),
            Some(by) if by.object().is_none() => self.wrong_type(&by, "an event condition without op and value"),
            Some(by) => {
                self.refuse_others(&by, &["event", "where", "window", "agg", "of", "label"]);
                let names = self.event_names(&by);
                self.filters(&by, names.as_ref(), depth + 1);
                self.window(&by);
                self.ranking(&by, names.as_ref());
            }
        }
        if let Some(among) = content.field("among") {
            self.node(&among, depth + 1);
        }
    }

    fn percent(&mut self, content: &Place<'_>) {
        let Some(percent) = content.field("percent") else { return };
        match percent.json.as_f64() {
            None => self.wrong_type(&percent, "a number above 0 and up to 100"),
            Some(number) if number > 0.0 && number <= 100.0 => {}
            Some(_) => self.fault(&percent.pointer, FaultCode::OutOfRange, "A percentage lies above 0 and goes up to 100."),
        }
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
