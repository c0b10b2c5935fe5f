//! What a window means at an instant.

use jiff::ToSpan;
use jiff::civil::Date;

use super::{Clock, Day, Duration, Instant, Period, Season, TimePoint, TimeRange, Window};

impl Window {
    /// The instants it means at `clock`; never looks past `now` by itself except `Range`/`Calendar` ends.
    pub fn resolve(&self, clock: &Clock) -> TimeRange {
        match *self {
            Window::Always => TimeRange { from: None, to: Some(clock.now.next()) },
            Window::Last { duration, shift } => {
                let clock = clock.earlier(shift);
                TimeRange { from: Some(clock.ago(duration)), to: Some(clock.now.next()) }
            }
            Window::BetweenAgo { older, newer, shift } => {
                let clock = clock.earlier(shift);
                TimeRange { from: Some(clock.ago(older)), to: Some(clock.ago(newer)) }
            }
            Window::Range { from, to } => TimeRange {
                from: from.map(|point| point.start(clock)),
                to: to.map(|point| match point {
                    TimePoint::Day(day) => clock.zone.day_start(day.next()),
                    TimePoint::Instant(instant) => instant,
                }),
            },
            Window::Season { ref seasons, back, shift } => season(seasons, back, shift, clock),
            Window::Calendar { period, shift } => {
                let clock = clock.earlier(shift);
                let (first, after) = period.days(clock.today());
                TimeRange { from: Some(clock.zone.day_start(first)), to: Some(clock.zone.day_start(after)) }
            }
        }
    }
}

/// The season that began last by now, or one so many before it; nothing if there is none.
fn season(seasons: &[Season], back: u32, shift: Option<Duration>, clock: &Clock) -> TimeRange {
    let mut begun: Vec<(Instant, &Season)> = seasons.iter().map(|season| (season.from.start(clock), season)).collect();
    begun.retain(|(from, _)| *from <= clock.now);
    // Stable: equal starts keep the row's order.
    begun.sort_by_key(|(from, _)| *from);
    let chosen = begun.len().checked_sub(1 + back as usize).and_then(|at| begun.get(at));
    let Some((from, season)) = chosen else { return TimeRange { from: Some(clock.now), to: Some(clock.now) } };
    let moved = |end: Instant| Clock { now: end, zone: clock.zone.clone() }.earlier(shift).now;
    let end = season.to.map(|to| match to {
        TimePoint::Day(_) => to.end(clock),
        TimePoint::Instant(instant) => instant,
    });
    TimeRange { from: Some(moved(*from)), to: end.map(moved) }
}

impl Period {
    /// Its first day, and the day after its last.
    pub fn days(self, today: Day) -> (Day, Day) {
        let date = today.date();
        let monday = today.plus(-i64::from(date.weekday().to_monday_zero_offset()));
        let month = date.first_of_month();
        let year = date.first_of_year();
        match self {
            Period::Today => (today, today.next()),
            Period::Yesterday => (today.plus(-1), today),
            Period::ThisWeek => (monday, monday.plus(7)),
            Period::LastWeek => (monday.plus(-7), monday),
            Period::ThisMonth => (Day::of_date(month), months_on(month, 1)),
            Period::LastMonth => (months_on(month, -1), Day::of_date(month)),
            Period::ThisYear => (Day::of_date(year), months_on(year, 12)),
            Period::LastYear => (months_on(year, -12), Day::of_date(year)),
            Period::LastDays(days) => (today.plus(1 - i64::from(days)), today.next()),
        }
    }
}

fn months_on(date: Date, months: i32) -> Day {
    Day::of_date(date.saturating_add(months.months()))
}

impl Instant {
    /// The next instant that can be told apart: a microsecond later.
    pub fn next(self) -> Instant {
        Instant(self.0.saturating_add(1))
    }
}

impl TimePoint {
    /// Its first instant.
    pub fn start(self, clock: &Clock) -> Instant {
        match self {
            TimePoint::Day(day) => clock.zone.day_start(day),
            TimePoint::Instant(instant) => instant,
        }
    }

    /// The first instant after it.
    pub fn end(self, clock: &Clock) -> Instant {
        match self {
            TimePoint::Day(day) => clock.zone.day_start(day.next()),
            TimePoint::Instant(instant) => instant.next(),
        }
    }
}
