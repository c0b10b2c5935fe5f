//! Which instants and days satisfy a test on a datetime or date.

use super::{Clock, Day, Instant, TimePoint, TimeRange, TimeTest};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// `from <= day < to`; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    /// Included.
    pub from: Option<Day>,
    /// Excluded.
    pub to: Option<Day>,
}

impl DayRange {
    /// Whether `day` lies in it.
    pub fn contains(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }
}

impl TimeTest {
    /// The instants that satisfy it; `None` for `Anniversary`.
    pub fn range(&self, clock: &Clock) -> Option<TimeRange> {
        let (from, to) = match *self {
            TimeTest::Before(point) => (None, Some(point.start(clock))),
            TimeTest::After(point) => (Some(point.end(clock)), None),
            TimeTest::On(TimePoint::Instant(instant)) => {
                let (from, to) = second_of(instant);
                (Some(from), Some(to))
            }
            TimeTest::On(point) => (Some(point.start(clock)), Some(point.end(clock))),
            TimeTest::Between(first, last) => (Some(first.start(clock)), Some(last.end(clock))),
            TimeTest::WithinLast(duration) => (Some(clock.ago(duration)), Some(clock.now.next())),
            TimeTest::WithinNext(duration) => (Some(clock.now), Some(clock.ahead(duration).next())),
            TimeTest::MoreThanAgo(duration) => (None, Some(clock.ago(duration))),
            TimeTest::Anniversary(_) => return None,
        };
        Some(TimeRange { from, to })
    }

    /// The days that satisfy it, as values of type date; `None` for `Anniversary`. With a day they are compared as
    /// days; with an instant the first instant of a day in the zone stands for it.
    pub fn days(&self, clock: &Clock) -> Option<DayRange> {
        let (from, to) = match *self {
            TimeTest::Before(TimePoint::Day(day)) => (None, Some(day)),
            TimeTest::After(TimePoint::Day(day)) => (Some(day.next()), None),
            TimeTest::On(TimePoint::Day(day)) => (Some(day), Some(day.next())),
            TimeTest::Between(first, last) => {
                let from = match first {
                    TimePoint::Day(day) => day,
                    TimePoint::Instant(instant) => first_day_from(instant, clock),
                };
                let to = match last {
                    TimePoint::Day(day) => day.next(),
                    TimePoint::Instant(instant) => first_day_from(instant.next(), clock),
                };
                (Some(from), Some(to))
            }
            _ => {
                let range = self.range(clock)?;
                let day = |instant| first_day_from(instant, clock);
                (range.from.map(day), range.to.map(day))
            }
        };
        Some(DayRange { from, to })
    }

    /// The (month, day) pairs that satisfy an `Anniversary` at `clock`; empty for other tests.
    pub fn anniversary_days(&self, clock: &Clock) -> Vec<(u8, u8)> {
        let TimeTest::Anniversary(ahead) = *self else { return Vec::new() };
        let date = clock.today().plus(i64::from(ahead)).date();
        let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
        let mut days = vec![(month, day)];
        if (month, day) == (2, 28) && !date.in_leap_year() {
            days.push((2, 29));
        }
        days
    }

    /// Whether an instant satisfies it.
    pub fn holds_instant(&self, instant: Instant, clock: &Clock) -> bool {
        match self.range(clock) {
            Some(range) => range.contains(instant),
            None => self.holds_anniversary(clock.zone.day_of(instant), clock),
        }
    }

    /// Whether a day satisfies it: its first instant in the zone stands for it.
    pub fn holds_day(&self, day: Day, clock: &Clock) -> bool {
        match self.days(clock) {
            Some(range) => range.contains(day),
            None => self.holds_anniversary(day, clock),
        }
    }

    fn holds_anniversary(&self, day: Day, clock: &Clock) -> bool {
        let (_, month, day) = day.civil();
        self.anniversary_days(clock).contains(&(month, day))
    }
}

/// The second that an instant lies in.
fn second_of(instant: Instant) -> (Instant, Instant) {
    let from = instant.0.saturating_sub(instant.0.rem_euclid(MICROS_PER_SECOND));
    (Instant(from), Instant(from.saturating_add(MICROS_PER_SECOND)))
}

/// The first day that starts at this instant or later. It is near the day of the instant: a skipped day starts together
/// with the next one, and a clock turned back over midnight shows the day before once more.
fn first_day_from(instant: Instant, clock: &Clock) -> Day {
    let eve = clock.zone.day_of(instant).plus(-1);
    let candidates = (0..3).map(|days| eve.plus(days));
    candidates.into_iter().find(|day| clock.zone.day_start(*day) >= instant).unwrap_or(eve.plus(3))
}
