//! Instants, days, durations and periods as text.

use std::fmt;

use jiff::civil::Date;

use super::{Day, Duration, Instant, Period, TimePoint, zone::stamp};
use crate::language::{PERIODS, UNITS};

/// Longest duration and longest `last_n_days`, in days: ten thousand years, more than any history.
pub(crate) const MAX_DAYS: i64 = 3_660_000;

impl Instant {
    /// Reads RFC 3339 with an offset or Z; digits beyond microseconds are cut.
    pub fn parse(text: &str) -> Option<Instant> {
        let (date, rest) = text.split_at_checked(10)?;
        let day = Day::parse(date)?;
        let rest = rest.strip_prefix(['T', 't'])?;
        let (clock, rest) = rest.split_at_checked(8)?;
        let seconds = parse_clock(clock)?;
        let (micros, zone) = match rest.strip_prefix('.') {
            Some(fraction) => parse_fraction(fraction)?,
            None => (0, rest),
        };
        let offset = parse_offset(zone)?;
        Some(Instant((i64::from(day.0) * 86_400 + seconds - offset) * 1_000_000 + micros))
    }

    /// RFC 3339 in UTC, with as many fraction digits as needed.
    pub fn to_rfc3339(self) -> String {
        stamp(self).to_string()
    }
}

impl Day {
    /// Reads `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Day> {
        let (year, rest) = text.split_at_checked(4)?;
        let (month, rest) = rest.strip_prefix('-')?.split_at_checked(2)?;
        let day = rest.strip_prefix('-')?;
        if day.len() != 2 {
            return None;
        }
        let year = i16::try_from(digits(year)?).ok()?;
        let (month, day) = (i8::try_from(digits(month)?).ok()?, i8::try_from(digits(day)?).ok()?);
        Date::new(year, month, day).ok().map(Day::of_date)
    }

    /// `YYYY-MM-DD`.
    pub fn to_iso(self) -> String {
        self.date().to_string()
    }
}

impl TimePoint {
    /// Reads a date or an instant.
    pub fn parse(text: &str) -> Option<TimePoint> {
        Day::parse(text).map(TimePoint::Day).or_else(|| Instant::parse(text).map(TimePoint::Instant))
    }
}

impl Duration {
    /// Reads a positive whole number and one unit: `s m h d w mo y`. At most ten thousand years.
    pub fn parse(text: &str) -> Option<Duration> {
        let end = text.find(|character: char| !character.is_ascii_digit())?;
        let (amount, unit) = text.split_at(end);
        let unit = UNITS.iter().find(|(written, _, _)| *written == unit).map(|(_, unit, _)| *unit)?;
        if amount.starts_with('0') {
            return None;
        }
        let duration = Duration { amount: amount.parse().ok()?, unit };
        (duration.nominal_seconds() <= MAX_DAYS * 86_400).then_some(duration)
    }
}

/// As a rule writes it, such as `30d`.
impl fmt::Display for Duration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, unit, _)| *unit == self.unit).map_or("", |(written, _, _)| written);
        write!(formatter, "{}{unit}", self.amount)
    }
}

impl Period {
    /// Reads the name of a calendar period, such as `this_week` or `last_7_days`.
    pub fn parse(text: &str) -> Option<Period> {
        if let Some((_, period, _)) = PERIODS.iter().find(|(name, _, _)| *name == text) {
            return Some(*period);
        }
        let days = text.strip_prefix("last_")?.strip_suffix("_days")?;
        if days.starts_with('0') || days.len() > 7 {
            return None;
        }
        let days = digits(days)?;
        (i64::from(days) <= MAX_DAYS).then_some(Period::LastDays(days))
    }
}

/// `HH:MM:SS` as seconds; a leap second counts as the one before it.
fn parse_clock(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 8 || bytes[2] != b':' || bytes[5] != b':' {
        return None;
    }
    let part = |from: usize| digits(text.get(from..from + 2)?);
    let (hour, minute, second) = (part(0)?, part(3)?, part(6)?);
    let valid = hour <= 23 && minute <= 59 && second <= 60;
    valid.then(|| i64::from(hour * 3_600 + minute * 60 + second.min(59)))
}

/// Digits of a fraction as microseconds, and what follows them.
fn parse_fraction(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit())?;
    let (fraction, rest) = text.split_at(end);
    if fraction.is_empty() {
        return None;
    }
    let micros = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
    Some((micros.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')), rest))
}

/// `Z` or `+HH:MM` as seconds east of UTC.
fn parse_offset(text: &str) -> Option<i64> {
    if text == "Z" || text == "z" {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hour, minute) = rest.split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute) = (digits(hour)?, digits(minute)?);
    (hour <= 23 && minute <= 59).then(|| sign * i64::from(hour * 3_600 + minute * 60))
}

/// A number of ASCII digits only.
fn digits(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}
