//! The calendar day of an instant in a zone, fast: day boundaries are computed once per evaluation and zone.

use rollcall_rules::{Day, Instant, Zone};

const DAY: i64 = 86_400_000_000;
/// Longer spans of data than this (about 110 years) ask the zone for every instant.
const MOST_DAYS: i32 = 40_000;

/// Days of a zone between two instants.
pub(crate) struct Days {
    zone: Zone,
    utc: bool,
    first: i32,
    /// First instant of each day from `first` on, one more than there are days.
    starts: Vec<i64>,
    /// Days that are not exactly 24 hours long: a clock change may even lead back into the day before, so the zone decides.
    odd: Vec<bool>,
}

impl Days {
    /// For instants between `from` and `to`; others are right too, but slow.
    pub fn between(zone: &Zone, from: i64, to: i64) -> Days {
        let mut days = Days { zone: zone.clone(), utc: zone.name() == "UTC", first: 0, starts: Vec::new(), odd: Vec::new() };
        if days.utc || from > to {
            return days;
        }
        days.first = zone.day_of(Instant(from)).0 - 1;
        let last = zone.day_of(Instant(to)).0 + 1;
        if last - days.first <= MOST_DAYS {
            days.starts = (days.first..=last + 1).map(|day| zone.day_start(Day(day)).0).collect();
            days.odd = days.starts.windows(2).map(|pair| pair[1] - pair[0] != DAY).collect();
        }
        days
    }

    /// Days since 1970-01-01.
    #[inline]
    pub fn of(&self, time: i64) -> i32 {
        if self.utc {
            return time.div_euclid(DAY) as i32;
        }
        let inside = self.starts.first().is_some_and(|start| *start <= time) && self.starts.last().is_some_and(|end| time < *end);
        if !inside {
            return self.zone.day_of(Instant(time)).0;
        }
        let mut at = (((time - self.starts[0]) / DAY) as usize).min(self.odd.len() - 1);
        while self.starts[at] > time {
            at -= 1;
        }
        while self.starts[at + 1] <= time {
            at += 1;
        }
        if self.odd[at] { self.zone.day_of(Instant(time)).0 } else { self.first + at as i32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_zone_around_clock_changes() {
        // St John's put the clock back at 00:01 until 2011; Apia skipped 2011-12-30; Paris changes at night.
        for name in ["America/St_Johns", "Pacific/Apia", "Europe/Paris", "America/Sao_Paulo", "UTC", "Asia/Kolkata"] {
            let zone = Zone::by_name(name).unwrap();
            let (from, to) = (1_230_000_000_000_000, 1_330_000_000_000_000);
            let days = Days::between(&zone, from, to);
            for time in (from..to).step_by(1_777 * 1_000_000).chain((from..from + 3 * DAY).step_by(29_000_000)) {
                assert_eq!(days.of(time), zone.day_of(Instant(time)).0, "{name} {time}");
            }
        }
        let zone = Zone::by_name("America/St_Johns").unwrap();
        let change = Instant::parse("2010-11-07T02:31:00Z").unwrap().0;
        let days = Days::between(&zone, change - 5 * DAY, change + 5 * DAY);
        for time in (change - 2 * DAY..change + 2 * DAY).step_by(7_000_000) {
            assert_eq!(days.of(time), zone.day_of(Instant(time)).0);
        }
    }
}
