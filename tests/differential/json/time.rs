//! Windows, from the contract's table.

use rollcall_rules::{Clock, Day, Duration, Instant};
use serde_json::Value as Json;

/// From included, to excluded.
pub type Range = (Instant, Instant);

const EVER: Instant = Instant(i64::MIN);
const NEVER: Instant = Instant(i64::MAX);

pub fn duration(json: &Json) -> Duration {
    Duration::parse(json.as_str().unwrap()).unwrap()
}

pub fn instant(json: &Json) -> Instant {
    Instant::parse(json.as_str().unwrap()).unwrap()
}

/// The day that a literal is, if it is one.
pub fn day(json: &Json) -> Option<Day> {
    Day::parse(json.as_str()?)
}

/// The first instant that a literal means.
pub fn start(json: &Json, clock: &Clock) -> Instant {
    day(json).map_or_else(|| instant(json), |day| clock.zone.day_start(day))
}

/// The first instant after a literal: an instant itself is excluded.
fn end(json: &Json, clock: &Clock) -> Instant {
    day(json).map_or_else(|| instant(json), |day| clock.zone.day_start(day.next()))
}

fn after(instant: Instant) -> Instant {
    Instant(instant.0 + 1)
}

fn at(now: Instant, clock: &Clock) -> Clock {
    Clock { now, zone: clock.zone.clone() }
}

/// The window of a node; `seasons` are those of the row that it names.
pub fn window(node: &Json, clock: &Clock, seasons: impl Fn(&Json) -> Vec<Json>) -> Range {
    let window = &node["window"];
    let shift = |instant: Instant| match window.get("shift") {
        Some(by) => at(instant, clock).ago(duration(by)),
        None => instant,
    };
    let then = at(shift(clock.now), clock);
    if let Some(last) = window.get("last") {
        (then.ago(duration(last)), after(then.now))
    } else if let Some(ends) = window.get("between_ago") {
        (then.ago(duration(&ends[0])), then.ago(duration(&ends[1])))
    } else if let Some(period) = window.get("calendar") {
        let (first, next) = calendar(period.as_str().unwrap(), then.zone.day_of(then.now));
        (clock.zone.day_start(first), clock.zone.day_start(next))
    } else if let Some(season) = window.get("season") {
        let mut begun: Vec<Json> = seasons(season).into_iter().filter(|one| start(&one["from"], clock) <= clock.now).collect();
        begun.sort_by_key(|one| start(&one["from"], clock));
        let back = season.get("which").map_or(0, |which| which.as_f64().unwrap().abs() as usize);
        match begun.iter().rev().nth(back) {
            Some(one) => (shift(start(&one["from"], clock)), one.get("to").map_or(NEVER, |to| shift(end(to, clock)))),
            None => (NEVER, NEVER),
        }
    } else {
        (window.get("from").map_or(EVER, |from| start(from, clock)), window.get("to").map_or(NEVER, |to| end(to, clock)))
    }
}

fn calendar(period: &str, today: Day) -> (Day, Day) {
    // 1 January 1970 was a Thursday.
    let monday = Day(today.0 - (today.0 + 3).rem_euclid(7));
    let (year, month, _) = today.civil();
    let year_start = |years: i32| first_of(i32::from(year) + years, 1);
    let month_start = |months: i32| {
        let count = i32::from(year) * 12 + i32::from(month) - 1 + months;
        first_of(count.div_euclid(12), count.rem_euclid(12) + 1)
    };
    match period {
        "today" => (today, Day(today.0 + 1)),
        "yesterday" => (Day(today.0 - 1), today),
        "this_week" => (monday, Day(monday.0 + 7)),
        "last_week" => (Day(monday.0 - 7), monday),
        "this_month" => (month_start(0), month_start(1)),
        "last_month" => (month_start(-1), month_start(0)),
        "this_year" => (year_start(0), year_start(1)),
        "last_year" => (year_start(-1), year_start(0)),
        days => {
            let count: i32 = days.trim_start_matches("last_").trim_end_matches("_days").parse().unwrap();
            (Day(today.0 + 1 - count), Day(today.0 + 1))
        }
    }
}

/// The first day of a month, by counting days from 1970 on.
fn first_of(year: i32, month: i32) -> Day {
    let leap = |year: i32| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years: i32 = (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum();
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    Day(years + lengths[..month as usize - 1].iter().sum::<i32>())
}

/// Whether month and day are those of so many days ahead of today.
pub fn is_anniversary(value: Day, days: i32, clock: &Clock) -> bool {
    let (year, month, day) = Day(clock.zone.day_of(clock.now).0 + days).civil();
    let leap = first_of(i32::from(year), 3).0 - first_of(i32::from(year), 2).0 == 29;
    match value.civil() {
        (_, 2, 29) if !leap => (month, day) == (2, 28),
        (_, of, on) => (month, day) == (of, on),
    }
}
