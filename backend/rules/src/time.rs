//! Instants, days, durations, zones, and what relative times mean at an instant.
//!
//! All ranges are half-open over microseconds, so `between` with both ends included ends one microsecond later.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

mod text;
mod value_test;
mod window;
mod zone;

pub(crate) use text::MAX_DAYS;
pub use value_test::DayRange;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(pub i64);

/// A calendar day: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

/// An IANA time zone.
#[derive(Debug, Clone)]
pub struct Zone {
    name: String,
    zone: jiff::tz::TimeZone,
}

/// The instant of evaluation and the rule's zone.
#[derive(Debug, Clone)]
pub struct Clock {
    /// The instant that stands for "now".
    pub now: Instant,
    /// The rule's zone.
    pub zone: Zone,
}

/// A positive whole number and one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Duration {
    /// How many, at least 1.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

/// `s m h d w` are fixed (a day is 24 h); `mo y` are calendar units in the rule's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Second.
    Second,
    /// Minute.
    Minute,
    /// Hour.
    Hour,
    /// 24 hours.
    Day,
    /// 7 x 24 hours.
    Week,
    /// Calendar month.
    Month,
    /// Calendar year.
    Year,
}

/// A literal point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimePoint {
    /// The whole day in the rule's zone.
    Day(Day),
    /// An instant.
    Instant(Instant),
}

/// `from <= t < to`; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// Included.
    pub from: Option<Instant>,
    /// Excluded.
    pub to: Option<Instant>,
}

impl TimeRange {
    /// Whether `t` lies in it.
    pub fn contains(&self, t: Instant) -> bool {
        self.from.is_none_or(|from| from <= t) && self.to.is_none_or(|to| t < to)
    }

    /// Whether nothing lies in it.
    pub fn is_empty(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if from >= to)
    }
}

/// A test on a datetime or date value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeTest {
    /// Before a point (a day: before its first instant).
    Before(TimePoint),
    /// After a point (a day: from the next midnight on).
    After(TimePoint),
    /// On a day, or in the second of an instant.
    On(TimePoint),
    /// Between, both ends included (days whole, an instant end too).
    Between(TimePoint, TimePoint),
    /// now - d <= v <= now.
    WithinLast(Duration),
    /// now <= v <= now + d.
    WithinNext(Duration),
    /// v < now - d.
    MoreThanAgo(Duration),
    /// Month and day are those of today + n days; 29 February falls on 28 February in other years.
    Anniversary(u32),
}

/// When events count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// All of history up to now.
    Always,
    /// now - d <= t <= now.
    Last {
        /// How long.
        duration: Duration,
        /// Computed as if now were this much earlier.
        shift: Option<Duration>,
    },
    /// now - older <= t < now - newer.
    BetweenAgo {
        /// The longer duration.
        older: Duration,
        /// The shorter duration.
        newer: Duration,
        /// Computed as if now were this much earlier.
        shift: Option<Duration>,
    },
    /// From included; an instant `to` excluded; a date `to` includes that day.
    Range {
        /// Start.
        from: Option<TimePoint>,
        /// End.
        to: Option<TimePoint>,
    },
    /// A season of a catalogue row.
    Season {
        /// All its seasons, as given.
        seasons: Arc<[Season]>,
        /// How many before the last that has begun by now.
        back: u32,
        /// Both ends moved back by this much, once the season is chosen.
        shift: Option<Duration>,
    },
    /// Whole calendar periods in the zone.
    Calendar {
        /// Which.
        period: Period,
        /// Computed as if now were this much earlier.
        shift: Option<Duration>,
    },
}

/// A season of a catalogue row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Season {
    /// Start, included.
    pub from: TimePoint,
    /// End: an instant is excluded, a day is included; without one it goes on.
    pub to: Option<TimePoint>,
}

/// A calendar period; weeks start on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// Today.
    Today,
    /// Yesterday.
    Yesterday,
    /// This week.
    ThisWeek,
    /// The week before.
    LastWeek,
    /// This month.
    ThisMonth,
    /// The month before.
    LastMonth,
    /// This year.
    ThisYear,
    /// The year before.
    LastYear,
    /// The last n days, ending with today.
    LastDays(u32),
}

#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;
