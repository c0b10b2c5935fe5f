//! Days and instants in a zone, and what lies a duration away.
//!
//! Dates beyond the years -9999 to 9999 saturate: they are no dates that anybody means, and nothing may panic on them.

use std::sync::LazyLock;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Span, Timestamp};

use super::{Clock, Day, Duration, Instant, Unit, Zone};

/// The database inside the binary: the same on every machine.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
const EPOCH: Date = Date::constant(1970, 1, 1);

impl Zone {
    /// UTC.
    pub fn utc() -> Zone {
        Zone { name: "UTC".to_owned(), zone: TimeZone::UTC }
    }

    /// By IANA name; `None` if there is none (offsets such as `UTC+1` are not names). Upper and lower case count.
    pub fn by_name(name: &str) -> Option<Zone> {
        if name == "UTC" {
            return Some(Zone::utc());
        }
        if !DATABASE.available().any(|known| known.as_str() == name) {
            return None;
        }
        let zone = DATABASE.get(name).ok()?;
        Some(Zone { name: name.to_owned(), zone })
    }

    /// IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first instant of a day. A day that the zone skipped starts where the next one does.
    pub fn day_start(&self, day: Day) -> Instant {
        let midnight = day.date().at(0, 0, 0, 0);
        match self.zone.to_ambiguous_timestamp(midnight).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => at(midnight, offset),
            AmbiguousOffset::Gap { after, .. } => {
                // Midnight does not exist, perhaps because the clock jumped over it from the day before: the day then
                // begins with the jump itself.
                let before_jump = stamp(at(midnight, after));
                let jump = self.zone.following(before_jump).next();
                jump.map_or(Instant::from(before_jump), |transition| Instant::from(transition.timestamp()))
            }
        }
    }

    /// The day of an instant.
    pub fn day_of(&self, instant: Instant) -> Day {
        let offset = self.zone.to_offset(stamp(instant));
        let local = instant.0.saturating_add(i64::from(offset.seconds()) * MICROS_PER_SECOND);
        let days = local.div_euclid(MICROS_PER_DAY);
        Day(i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX }))
    }

    /// What clocks there show at an instant, to the minute, such as `3 Mar 2026 20:15`.
    pub fn shown(&self, instant: Instant) -> String {
        self.wall_clock(instant).strftime("%-d %b %Y %H:%M").to_string()
    }

    /// The wall clock at an instant.
    fn wall_clock(&self, instant: Instant) -> DateTime {
        self.zone.to_datetime(stamp(instant))
    }

    /// The instant of a wall clock: one that does not exist is moved forward by the gap, of two the first is meant.
    fn at_wall_clock(&self, wall_clock: DateTime) -> Instant {
        match self.zone.to_ambiguous_timestamp(wall_clock).offset() {
            AmbiguousOffset::Unambiguous { offset } => at(wall_clock, offset),
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => at(wall_clock, before),
        }
    }
}

impl Day {
    /// Year, month (1-12), day of month.
    pub fn civil(self) -> (i16, u8, u8) {
        let date = self.date();
        (date.year(), date.month().unsigned_abs(), date.day().unsigned_abs())
    }

    /// The next day.
    pub fn next(self) -> Day {
        self.plus(1)
    }

    /// So many days later, or earlier if negative.
    pub fn plus(self, days: i64) -> Day {
        let sum = i64::from(self.0).saturating_add(days);
        Day(i32::try_from(sum).unwrap_or(if sum < 0 { i32::MIN } else { i32::MAX }))
    }

    pub(super) fn date(self) -> Date {
        let limit = if self.0 < 0 { Date::MIN } else { Date::MAX };
        EPOCH.checked_add(SignedDuration::from_hours(i64::from(self.0) * 24)).unwrap_or(limit)
    }

    pub(super) fn of_date(date: Date) -> Day {
        let hours = date.duration_since(EPOCH).as_hours();
        Day((hours / 24) as i32)
    }
}

impl Clock {
    /// now - d.
    pub fn ago(&self, duration: Duration) -> Instant {
        self.moved(duration, -1)
    }

    /// now + d.
    pub fn ahead(&self, duration: Duration) -> Instant {
        self.moved(duration, 1)
    }

    /// The day that is today.
    pub fn today(&self) -> Day {
        self.zone.day_of(self.now)
    }

    /// The clock as it was a duration earlier.
    pub fn earlier(&self, duration: Option<Duration>) -> Clock {
        let now = duration.map_or(self.now, |duration| self.ago(duration));
        Clock { now, zone: self.zone.clone() }
    }

    /// The instant a duration away from any instant, in this clock's zone: `direction` is 1 or -1.
    fn moved(&self, duration: Duration, direction: i64) -> Instant {
        let amount = i64::from(duration.amount) * direction;
        let months = match duration.unit {
            Unit::Month => amount,
            Unit::Year => amount * 12,
            fixed => return Instant(self.now.0.saturating_add(fixed.seconds() * MICROS_PER_SECOND.saturating_mul(amount))),
        };
        let limit = if months < 0 { DateTime::MIN } else { DateTime::MAX };
        let wall_clock = self.zone.wall_clock(self.now);
        let moved = Span::new().try_months(months).and_then(|span| wall_clock.checked_add(span)).unwrap_or(limit);
        self.zone.at_wall_clock(moved)
    }
}

impl Unit {
    /// Seconds of one; nominally (1 mo = 30 d, 1 y = 365 d) for calendar units.
    pub fn seconds(self) -> i64 {
        match self {
            Unit::Second => 1,
            Unit::Minute => 60,
            Unit::Hour => 3_600,
            Unit::Day => 86_400,
            Unit::Week => 7 * 86_400,
            Unit::Month => 30 * 86_400,
            Unit::Year => 365 * 86_400,
        }
    }
}

impl Duration {
    /// Seconds; nominally (1 mo = 30 d, 1 y = 365 d) for calendar units.
    pub fn nominal_seconds(self) -> i64 {
        i64::from(self.amount) * self.unit.seconds()
    }

    /// Microseconds; `None` for calendar units, whose length depends on where they start.
    pub fn fixed_micros(self) -> Option<i64> {
        let fixed = !matches!(self.unit, Unit::Month | Unit::Year);
        fixed.then(|| self.nominal_seconds().saturating_mul(MICROS_PER_SECOND))
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Instant {
        Instant(timestamp.as_microsecond())
    }
}

/// The timestamp of an instant, saturated.
pub(super) fn stamp(instant: Instant) -> Timestamp {
    let limit = if instant.0 < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(instant.0).unwrap_or(limit)
}

/// The instant at which a clock with this offset shows this.
fn at(wall_clock: DateTime, offset: Offset) -> Instant {
    let days = i64::from(Day::of_date(wall_clock.date()).0);
    let time = wall_clock.time();
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    let micros = (seconds - i64::from(offset.seconds())) * MICROS_PER_SECOND + i64::from(time.subsec_nanosecond()) / 1_000;
    Instant(days * MICROS_PER_DAY + micros)
}
