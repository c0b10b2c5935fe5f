//! Windows and durations.

use std::sync::Arc;

use super::FaultCode;
use super::literal::bad_duration;
use super::place::Place;
use super::walk::Walk;
use crate::language::{PERIODS, SEASON, WINDOWS};
use crate::time::{Duration, Period, Season, TimePoint, Window};

impl Walk<'_, '_> {
    /// Checks `window`; without one it is all of history.
    pub fn window(&mut self, place: &Place<'_>) -> Option<Window> {
        let Some(content) = place.field("window") else { return Some(Window::Always) };
        let Some(object) = content.object() else {
            self.wrong_type(&content, "a window, which is an object such as {\"last\": \"30d\"}");
            return None;
        };
        if object.is_empty() {
            self.fault(
                &content.pointer,
                FaultCode::EmptyGroup,
                "This window is empty. Say when, or remove it for all of history.",
            );
            return None;
        }
        let Some(kind) = WINDOWS.iter().find(|kind| content.has(kind.name)) else {
            self.no_kind(&content, &["shift"], &WINDOWS.map(|kind| kind.name));
            return None;
        };
        let fields = kind.field_names();
        self.refuse_others(&content, &fields);
        let shift = if fields.contains(&"shift") { self.optional_duration(&content, "shift") } else { Some(None) };
        match kind.name {
            "last" => {
                let duration = self.duration(&content.field("last")?);
                Some(Window::Last { duration: duration?, shift: shift? })
            }
            "between_ago" => {
                let (older, newer) = self.between_ago(&content.field("between_ago")?)?;
                Some(Window::BetweenAgo { older, newer, shift: shift? })
            }
            "calendar" => {
                let period = self.period(&content.field("calendar")?);
                Some(Window::Calendar { period: period?, shift: shift? })
            }
            "season" => {
                let (seasons, back) = self.season(&content.field("season")?)?;
                Some(Window::Season { seasons, back, shift: shift? })
            }
            _ => {
                let (from, to) = (self.end(&content, "from"), self.end(&content, "to"));
                Some(Window::Range { from: from?, to: to? })
            }
        }
    }

    /// Checks a duration.
    pub fn duration(&mut self, place: &Place<'_>) -> Option<Duration> {
        let text = self.text(place, "a duration, such as \"30d\"")?;
        let duration = Duration::parse(text);
        if duration.is_none() {
            self.fault(&place.pointer, FaultCode::BadDuration, bad_duration(text));
        }
        duration
    }

    /// Checks a duration that may be absent; `None` if it is at fault.
    pub fn optional_duration(&mut self, place: &Place<'_>, field: &str) -> Option<Option<Duration>> {
        match place.field(field) {
            Some(content) => self.duration(&content).map(Some),
            None => Some(None),
        }
    }

    fn between_ago(&mut self, content: &Place<'_>) -> Option<(Duration, Duration)> {
        let items = content.items().filter(|items| items.len() == 2);
        let Some([older, newer]) = items.as_deref() else {
            self.fault(
                &content.pointer,
                FaultCode::WrongType,
                "Here must be a list of two durations, the longer first, such as [\"60d\", \"30d\"].",
            );
            return None;
        };
        let (older, newer) = (self.duration(older), self.duration(newer));
        let (older, newer) = (older?, newer?);
        if newer.nominal_seconds() >= older.nominal_seconds() {
            let detail = "The second duration must be the shorter one, such as [\"60d\", \"30d\"]: from 60 to 30 days ago.";
            self.fault(&content.pointer, FaultCode::ReversedBetween, detail);
            return None;
        }
        Some((older, newer))
    }

    fn period(&mut self, content: &Place<'_>) -> Option<Period> {
        let name = self.text(content, "a calendar period, such as \"this_week\"")?;
        let period = Period::parse(name);
        if period.is_none() {
            let known = PERIODS.map(|(known, _, _)| known).join(", ");
            let detail = format!("There is no calendar period “{name}”. Use {known} or last_7_days (any number).");
            self.fault(&content.pointer, FaultCode::BadDate, detail);
        }
        period
    }

    fn end(&mut self, place: &Place<'_>, field: &str) -> Option<Option<TimePoint>> {
        let Some(content) = place.field(field) else { return Some(None) };
        let wanted = "a date such as \"2026-11-20\", or an instant such as \"2026-11-20T12:00:00Z\"";
        let text = self.text(&content, wanted)?;
        let point = TimePoint::parse(text);
        if point.is_none() {
            self.fault(&content.pointer, FaultCode::BadDate, format!("“{text}” is no date that exists. Write {wanted}."));
        }
        point.map(Some)
    }

    fn season(&mut self, content: &Place<'_>) -> Option<(Arc<[Season]>, u32)> {
        if content.object().is_none() {
            self.wrong_type(content, "a season, which is an object with a property and a value");
            return None;
        }
        self.refuse_others(content, &SEASON.field_names());
        let value = content.field("value");
        let key = value.as_ref().filter(|value| value.json.is_string() || value.json.is_number() || value.json.is_boolean());
        match (&value, key) {
            (None, _) => self.missing(content, "value", "say which catalogue row's seasons are meant"),
            (Some(value), None) => self.wrong_type(value, "the key of a catalogue row"),
            _ => {}
        }
        let seasons = match content.field("property") {
            Some(property) => self.seasons(&property, key),
            None => {
                self.missing(content, "property", "say which property names the catalogue row");
                None
            }
        };
        let back = self.which(content);
        Some((seasons?, back?))
    }

    /// How many seasons before the latest; the rule counts down from 0.
    fn which(&mut self, content: &Place<'_>) -> Option<u32> {
        let Some(which) = content.field("which") else { return Some(0) };
        match which.json.as_f64().filter(|which| which.fract() == 0.0) {
            None => self.wrong_type(&which, "a whole number: 0 for the latest season, -1 for the one before"),
            Some(number) if number > 0.0 => {
                let detail =
                    "Use 0 for the latest season that has begun, -1 for the one before, and so on; later ones are not known.";
                self.fault(&which.pointer, FaultCode::OutOfRange, detail);
            }
            // No row has more seasons than that.
            Some(number) => return Some((-number).min(f64::from(u32::MAX)) as u32),
        }
        None
    }
}
