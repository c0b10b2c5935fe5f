//! What users did over time: sequences, first times, habits and rankings.

use super::{EventNames, Filter, Node, Operand};
use crate::time::{Clock, Duration, Instant, Window};

/// Events by name and properties.
#[derive(Debug, Clone)]
pub struct EventMatch {
    /// Which events.
    pub events: EventNames,
    /// All required.
    pub filters: Vec<Filter>,
}

/// Users who did the steps in order. Any choice of different events fits: each at the same time as or later than the
/// one before it, all inside the window.
#[derive(Debug, Clone)]
pub struct SequenceLeaf {
    /// The steps; never empty.
    pub steps: Vec<Step>,
    /// When.
    pub window: Window,
    /// The last event at most so long after the first (`last <= first + d`).
    pub within: Option<Duration>,
}

/// One step of a sequence.
#[derive(Debug, Clone)]
pub struct Step {
    /// The event.
    pub matching: EventMatch,
    /// At most so long after the step before (`t <= previous + d`); absent on the first step.
    pub within: Option<Duration>,
    /// No such event strictly between the step before and this one; absent on the first step.
    pub without: Option<EventMatch>,
}

/// Users whose earliest matching event of all history lies in the window.
#[derive(Debug, Clone)]
pub struct FirstTimeLeaf {
    /// Which events.
    pub matching: EventMatch,
    /// When the earliest one has to lie.
    pub window: Window,
}

/// Users with enough matching events in enough of the last periods.
#[derive(Debug, Clone)]
pub struct RegularLeaf {
    /// Which events.
    pub matching: EventMatch,
    /// How long a period is.
    pub period: Duration,
    /// How many periods back from now.
    pub periods: u32,
    /// In how many of them at least.
    pub min_periods: u32,
    /// Matching events in a period at least.
    pub count: u64,
}

impl RegularLeaf {
    /// The edges of the periods, newest first: `now`, `now - d`, `now - 2 d`... one more than there are periods. The newest
    /// period is `[edge 1, now]`; period i before it is `[edge i + 1, edge i)`.
    pub fn edges(&self, clock: &Clock) -> Vec<Instant> {
        let back = |times: u32| clock.ago(Duration { amount: self.period.amount.saturating_mul(times), ..self.period });
        std::iter::once(clock.now).chain((1..=self.periods).map(back)).collect()
    }

    /// The period in which an instant lies, 0 for the newest; `edges` are [`RegularLeaf::edges`].
    pub fn period_of(edges: &[Instant], time: Instant) -> Option<usize> {
        let (now, older) = edges.split_first()?;
        let period = older.partition_point(|edge| *edge > time);
        (time <= *now && period < older.len()).then_some(period)
    }
}

/// The highest users by an aggregate, among some. Users tied with the last kept are kept too.
#[derive(Debug, Clone)]
pub struct TopNode {
    /// How many are kept.
    pub size: TopSize,
    /// By what they are ranked.
    pub by: Ranking,
    /// Who is ranked, of those with a matching event and a value; `None`: everyone.
    pub among: Option<Box<Node>>,
}

/// What users are ranked by.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Which events.
    pub matching: EventMatch,
    /// When.
    pub window: Window,
    /// What is computed over them.
    pub by: RankBy,
}

/// An aggregate that ranks.
#[derive(Debug, Clone)]
pub enum RankBy {
    /// Number of events.
    Count,
    /// Distinct calendar days in the rule's zone.
    Days,
    /// Distinct set values.
    Distinct(Operand),
    /// Exact sum.
    Sum(Operand),
    /// Exact mean; users without a value are not ranked.
    Avg(Operand),
    /// Smallest number; users without one are not ranked.
    Min(Operand),
    /// Greatest number; users without one are not ranked.
    Max(Operand),
}

/// How many of the ranked are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopSize {
    /// So many.
    Count(u64),
    /// The best ceil(x / 100 of the ranked).
    Percent(Percent),
}

impl TopSize {
    /// How many of so many ranked are kept, before ties.
    pub fn of(self, ranked: u64) -> u64 {
        match self {
            TopSize::Count(count) => count.min(ranked),
            TopSize::Percent(percent) => percent.of(ranked),
        }
    }
}

/// A percentage above 0 and up to 100, exact on its decimal text: `digits / 10^places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent {
    digits: u64,
    places: u32,
}

/// With more places than this a percentage of any number of users is less than one user.
const MOST_PLACES: u32 = 36;

impl Percent {
    /// Reads a JSON number's text; `None` unless it is above 0 and up to 100.
    pub fn parse(text: &str) -> Option<Percent> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: u64 = format!("{whole}{fraction}").parse().ok()?;
        let mut places = i32::try_from(fraction.len()).ok()? - exponent;
        while places < 0 {
            (digits, places) = (digits.checked_mul(10)?, places + 1);
        }
        while places > 0 && digits.is_multiple_of(10) && digits > 0 {
            (digits, places) = (digits / 10, places - 1);
        }
        let places = u32::try_from(places).ok()?.min(MOST_PLACES);
        let most = 10_u128.pow(places) * 100;
        (digits > 0 && u128::from(digits) <= most).then_some(Percent { digits, places })
    }

    /// The percentage is this, divided by 10^[`Percent::places`].
    pub fn digits(self) -> u64 {
        self.digits
    }

    /// See [`Percent::digits`].
    pub fn places(self) -> u32 {
        self.places
    }

    /// The least whole number that is not below this share of `number`.
    pub fn of(self, number: u64) -> u64 {
        let whole = 10_u128.pow(self.places) * 100;
        let share = (u128::from(self.digits) * u128::from(number)).div_ceil(whole);
        u64::try_from(share).unwrap_or(number).min(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Unit, Zone};

    #[test]
    fn percentages_are_exact() {
        for (text, number, share) in [
            ("10", 100, 10),
            ("10", 101, 11),
            ("0.1", 1_000, 1),
            ("0.1", 1_001, 2),
            ("33.3", 1_000, 333),
            ("100", 7, 7),
            ("1e-7", 1_000_000_000, 1),
            ("1e-7", 1_000_000_001, 2),
            ("1e1", 30, 3),
            ("5e-324", u64::MAX, 1),
            ("12.5", 0, 0),
        ] {
            assert_eq!(Percent::parse(text).map(|percent| percent.of(number)), Some(share), "{text} of {number}");
        }
        for text in ["0", "0.0", "-1", "100.0001", "1e3", "x"] {
            assert_eq!(Percent::parse(text), None, "{text}");
        }
    }

    #[test]
    fn periods_roll_back_from_now_by_the_calendar() {
        let now = Instant::parse("2026-05-31T10:00:00Z").unwrap_or(Instant(0));
        let clock = Clock { now, zone: Zone::utc() };
        let matching = EventMatch { events: EventNames::Every, filters: Vec::new() };
        let period = Duration { amount: 1, unit: Unit::Month };
        let edges = RegularLeaf { matching, period, periods: 2, min_periods: 1, count: 1 }.edges(&clock);
        let wanted = ["2026-05-31T10:00:00Z", "2026-04-30T10:00:00Z", "2026-03-31T10:00:00Z"].map(Instant::parse);
        assert_eq!(edges.iter().copied().map(Some).collect::<Vec<_>>(), wanted);
        let period = |text| RegularLeaf::period_of(&edges, Instant::parse(text).unwrap_or(Instant(0)));
        assert_eq!(period("2026-05-31T10:00:00Z"), Some(0));
        assert_eq!(period("2026-04-30T10:00:00Z"), Some(0));
        assert_eq!(period("2026-04-30T09:59:59Z"), Some(1));
        assert_eq!(period("2026-03-31T10:00:00Z"), Some(1));
        assert_eq!(period("2026-03-31T09:59:59Z"), None);
        assert_eq!(period("2026-05-31T10:00:01Z"), None);
    }
}
