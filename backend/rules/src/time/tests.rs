use super::*;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn d(text: &str) -> Duration {
    Duration::parse(text).unwrap()
}

fn clock(now: &str, zone: &str) -> Clock {
    Clock { now: at(now), zone: Zone::by_name(zone).unwrap() }
}

fn ago(now: &str, zone: &str, duration: &str) -> String {
    clock(now, zone).ago(d(duration)).to_rfc3339()
}

fn calendar(now: &str, zone: &str, period: &str, shift: Option<&str>) -> (String, String) {
    let window = Window::Calendar { period: Period::parse(period).unwrap(), shift: shift.map(d) };
    let range = window.resolve(&clock(now, zone));
    (range.from.unwrap().to_rfc3339(), range.to.unwrap().to_rfc3339())
}

#[test]
fn zones_are_iana_names() {
    for name in ["UTC", "Europe/Paris", "America/New_York", "Etc/GMT+3", "Asia/Kolkata", "US/Eastern", "GMT"] {
        assert_eq!(Zone::by_name(name).unwrap().name(), name);
    }
    for name in [
        "",
        "UTC+1",
        "+01:00",
        "Europe/Pariss",
        "europe/paris",
        "EUROPE/PARIS",
        "utc",
        "Etc/Unknown",
        "CET-1CEST",
        " UTC",
        "Paris",
    ] {
        assert!(Zone::by_name(name).is_none(), "{name}");
    }
}

#[test]
fn instants_are_rfc_3339() {
    for (text, micros) in [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T01:30:00+01:30", 0),
        ("1969-12-31T23:00:00-01:00", 0),
        ("1970-01-01t00:00:01z", 1_000_000),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01T00:00:00.1234567899Z", 123_456),
        ("1969-12-31T23:59:59.9999999Z", -1),
        ("2016-12-31T23:59:60Z", 1_483_228_799_000_000),
    ] {
        assert_eq!(Instant::parse(text), Some(Instant(micros)), "{text}");
    }
    for text in [
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01 00:00:00Z",
        "1970-01-01T00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-02-30T00:00:00Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00+0100",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00Z ",
        "",
        "now",
        "1970-01-01T0\u{e9}:00:00Z",
        "1970-01-01T00:00:00+01:00[Europe/Paris]",
        "197\u{e9}-01-01T00:00:00Z",
    ] {
        assert_eq!(Instant::parse(text), None, "{text}");
    }
    assert_eq!(at("2026-11-20T12:00:00.120Z").to_rfc3339(), "2026-11-20T12:00:00.12Z");
}

#[test]
fn days_are_iso() {
    assert_eq!(day("1970-01-01"), Day(0));
    assert_eq!(day("2000-02-29").civil(), (2000, 2, 29));
    assert_eq!(day("0001-01-01").to_iso(), "0001-01-01");
    for text in [
        "2025-02-29",
        "2026-13-01",
        "2026-1-1",
        "20260101",
        "20/11/2026",
        "2026-01-01T00:00:00Z",
        "-001-01-01",
        "2026-01-1\u{e9}",
    ] {
        assert_eq!(Day::parse(text), None, "{text}");
    }
}

#[test]
fn durations_are_a_number_and_a_unit() {
    assert_eq!(d("30d"), Duration { amount: 30, unit: Unit::Day });
    for (text, unit) in [
        ("1s", Unit::Second),
        ("1m", Unit::Minute),
        ("1h", Unit::Hour),
        ("1w", Unit::Week),
        ("1mo", Unit::Month),
        ("1y", Unit::Year),
    ] {
        assert_eq!(d(text), Duration { amount: 1, unit });
    }
    for text in [
        "",
        "d",
        "0d",
        "-7d",
        "+7d",
        "1.2y",
        "30 days",
        "7dd",
        "1d12h",
        "18 y",
        "1 d",
        "1D",
        "1M",
        "1min",
        "99999999999s",
        "99999y",
        "\u{0663}d",
    ] {
        assert_eq!(Duration::parse(text), None, "{text}");
    }
}

#[test]
fn periods_by_name() {
    assert_eq!(Period::parse("last_7_days"), Some(Period::LastDays(7)));
    for text in ["next_week", "last_0_days", "last_-1_days", "last_07_days", "last__days", "last_99999999_days", "TODAY", ""] {
        assert_eq!(Period::parse(text), None, "{text}");
    }
}

#[test]
fn calendar_units_keep_the_wall_clock() {
    assert_eq!(ago("2026-05-31T12:00:00Z", "UTC", "1mo"), "2026-04-30T12:00:00Z");
    assert_eq!(ago("2028-02-29T12:00:00Z", "UTC", "1y"), "2027-02-28T12:00:00Z");
    assert_eq!(ago("2028-02-29T12:00:00Z", "UTC", "4y"), "2024-02-29T12:00:00Z");
    // 07:00 in New York, UTC-5 now and UTC-4 then.
    assert_eq!(ago("2026-11-20T12:00:00Z", "America/New_York", "6mo"), "2026-05-20T11:00:00Z");
    // A day is 24 hours, over the change too.
    assert_eq!(ago("2026-03-29T12:00:00Z", "Europe/Paris", "1d"), "2026-03-28T12:00:00Z");
}

#[test]
fn wall_clocks_that_do_not_exist_or_exist_twice() {
    // 02:30 on 29 March does not exist in Paris: 03:30 is meant.
    assert_eq!(ago("2026-04-29T00:30:00Z", "Europe/Paris", "1mo"), "2026-03-29T01:30:00Z");
    // 02:30 on 25 October exists twice: the first is meant.
    assert_eq!(ago("2026-11-25T01:30:00Z", "Europe/Paris", "1mo"), "2026-10-25T00:30:00Z");
}

#[test]
fn days_start_at_their_first_instant() {
    let start = |zone: &str, text: &str| Zone::by_name(zone).unwrap().day_start(day(text)).to_rfc3339();
    assert_eq!(start("Europe/Paris", "2026-03-29"), "2026-03-28T23:00:00Z");
    // The clock jumps from 24:00 to 01:00.
    assert_eq!(start("America/Sao_Paulo", "2018-11-04"), "2018-11-04T03:00:00Z");
    // The clock jumps from 23:30 to 00:30.
    assert_eq!(start("America/Toronto", "1919-03-31"), "1919-03-31T04:30:00Z");
    // Midnight comes twice: 00:01 goes back to 23:01.
    assert_eq!(start("America/St_Johns", "2010-11-07"), "2010-11-07T02:30:00Z");
    // The whole day was skipped.
    assert_eq!(start("Pacific/Apia", "2011-12-30"), start("Pacific/Apia", "2011-12-31"));
    assert_eq!(Zone::by_name("Pacific/Auckland").unwrap().day_of(at("2026-11-20T12:00:00Z")), day("2026-11-21"));
}

#[test]
fn windows_by_duration() {
    let clock = clock("2026-11-20T12:00:00Z", "UTC");
    let last = Window::Last { duration: d("30d"), shift: None }.resolve(&clock);
    assert!(last.contains(clock.now) && last.contains(at("2026-10-21T12:00:00Z")));
    assert!(!last.contains(clock.now.next()) && !last.contains(at("2026-10-21T11:59:59.999999Z")));
    let before = Window::BetweenAgo { older: d("60d"), newer: d("30d"), shift: None }.resolve(&clock);
    assert_eq!(before.to, last.from);
    assert_eq!(before.from, Some(at("2026-09-21T12:00:00Z")));
    let shifted = Window::Last { duration: d("1d"), shift: Some(d("1y")) }.resolve(&clock);
    assert_eq!((shifted.from, shifted.to), (Some(at("2025-11-19T12:00:00Z")), Some(at("2025-11-20T12:00:00.000001Z"))));
    assert!(Window::Always.resolve(&clock).contains(Instant(i64::MIN)));
}

#[test]
fn a_window_may_turn_out_reversed() {
    let window = Window::BetweenAgo { older: d("1mo"), newer: d("29d"), shift: None };
    assert!(window.resolve(&clock("2026-03-28T12:00:00Z", "UTC")).is_empty());
}

#[test]
fn windows_by_range() {
    let clock = clock("2026-11-20T12:00:00Z", "Europe/Paris");
    let range = |from: &str, to: &str| Window::Range { from: TimePoint::parse(from), to: TimePoint::parse(to) }.resolve(&clock);
    assert_eq!(range("2026-10-24", "2026-10-25").from, Some(at("2026-10-23T22:00:00Z")));
    assert_eq!(range("2026-10-24", "2026-10-25").to, Some(at("2026-10-25T23:00:00Z")));
    assert_eq!(range("", "2026-10-25T00:00:00Z"), TimeRange { from: None, to: Some(at("2026-10-25T00:00:00Z")) });
    assert!(range("2026-10-26", "2026-10-25").is_empty());
}

#[test]
fn windows_by_calendar() {
    let text = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let friday = "2026-11-20T12:00:00Z";
    for (period, from, to) in [
        ("today", "2026-11-20", "2026-11-21"),
        ("yesterday", "2026-11-19", "2026-11-20"),
        ("this_week", "2026-11-16", "2026-11-23"),
        ("last_week", "2026-11-09", "2026-11-16"),
        ("this_month", "2026-11-01", "2026-12-01"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("this_year", "2026-01-01", "2027-01-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("last_7_days", "2026-11-14", "2026-11-21"),
        ("last_1_days", "2026-11-20", "2026-11-21"),
    ] {
        let expected = text(&format!("{from}T00:00:00Z"), &format!("{to}T00:00:00Z"));
        assert_eq!(calendar(friday, "UTC", period, None), expected, "{period}");
    }
    // 25 hours long.
    assert_eq!(
        calendar("2026-10-26T12:00:00Z", "Europe/Paris", "yesterday", None),
        text("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")
    );
    // Whole periods stay whole when shifted.
    assert_eq!(
        calendar("2026-03-31T12:00:00Z", "UTC", "this_month", Some("1mo")),
        text("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")
    );
    // Midnight does not exist today.
    assert_eq!(
        calendar("2018-11-04T12:00:00Z", "America/Sao_Paulo", "today", None),
        text("2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z")
    );
    // Sunday belongs to the week begun on Monday.
    assert_eq!(calendar("2026-11-22T23:59:59Z", "UTC", "this_week", None).0, "2026-11-16T00:00:00Z");
}

#[test]
fn tests_on_instants() {
    let clock = clock("2026-11-20T12:00:00Z", "Europe/Paris");
    let day_point = |text: &str| TimePoint::Day(day(text));
    let point = |text: &str| TimePoint::Instant(at(text));
    for (test, holds, fails) in [
        (TimeTest::Before(day_point("2026-11-01")), "2026-10-31T22:59:59.999999Z", "2026-10-31T23:00:00Z"),
        (TimeTest::After(day_point("2026-11-01")), "2026-11-01T23:00:00Z", "2026-11-01T22:59:59Z"),
        (TimeTest::On(day_point("2026-03-29")), "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"),
        (TimeTest::On(point("2026-11-01T10:00:00.7Z")), "2026-11-01T10:00:00.1Z", "2026-11-01T10:00:01Z"),
        (TimeTest::Before(point("2026-11-01T10:00:00Z")), "2026-11-01T09:59:59.999999Z", "2026-11-01T10:00:00Z"),
        (TimeTest::After(point("2026-11-01T10:00:00Z")), "2026-11-01T10:00:00.000001Z", "2026-11-01T10:00:00Z"),
        (TimeTest::Between(day_point("2026-11-01"), day_point("2026-11-02")), "2026-11-02T22:59:59Z", "2026-11-02T23:00:00Z"),
        (
            TimeTest::Between(day_point("2026-11-01"), point("2026-11-01T10:00:00Z")),
            "2026-11-01T10:00:00Z",
            "2026-11-01T10:00:00.000001Z",
        ),
        (TimeTest::WithinLast(d("7d")), "2026-11-13T12:00:00Z", "2026-11-20T12:00:00.000001Z"),
        (TimeTest::WithinLast(d("7d")), "2026-11-20T12:00:00Z", "2026-11-13T11:59:59.999999Z"),
        (TimeTest::WithinNext(d("7d")), "2026-11-27T12:00:00Z", "2026-11-27T12:00:00.000001Z"),
        (TimeTest::WithinNext(d("7d")), "2026-11-20T12:00:00Z", "2026-11-20T11:59:59Z"),
        (TimeTest::MoreThanAgo(d("7d")), "2026-11-13T11:59:59.999999Z", "2026-11-13T12:00:00Z"),
        (TimeTest::Anniversary(0), "1990-11-19T23:00:00Z", "1990-11-20T23:00:00Z"),
    ] {
        assert!(test.holds_instant(at(holds), &clock), "{test:?} {holds}");
        assert!(!test.holds_instant(at(fails), &clock), "{test:?} {fails}");
    }
}

#[test]
fn tests_on_days() {
    let clock = clock("2026-11-20T12:00:00Z", "America/New_York");
    let day_point = |text: &str| TimePoint::Day(day(text));
    let point = |text: &str| TimePoint::Instant(at(text));
    for (test, holds, fails) in [
        (TimeTest::Before(day_point("2026-11-20")), "2026-11-19", "2026-11-20"),
        (TimeTest::After(day_point("2026-11-20")), "2026-11-21", "2026-11-20"),
        (TimeTest::On(day_point("2026-11-20")), "2026-11-20", "2026-11-21"),
        (TimeTest::Between(day_point("2026-11-20"), day_point("2026-11-21")), "2026-11-21", "2026-11-22"),
        (TimeTest::Before(point("2026-11-20T05:00:00Z")), "2026-11-19", "2026-11-20"),
        (TimeTest::Before(point("2026-11-20T05:00:01Z")), "2026-11-20", "2026-11-21"),
        (TimeTest::After(point("2026-11-20T05:00:00Z")), "2026-11-21", "2026-11-20"),
        (TimeTest::On(point("2026-11-20T05:00:00Z")), "2026-11-20", "2026-11-21"),
        (TimeTest::Between(day_point("2026-11-19"), point("2026-11-20T05:00:00Z")), "2026-11-20", "2026-11-21"),
        (TimeTest::WithinLast(d("31h")), "2026-11-19", "2026-11-18"),
        (TimeTest::WithinLast(d("30h")), "2026-11-20", "2026-11-19"),
        (TimeTest::WithinNext(d("1d")), "2026-11-21", "2026-11-20"),
        (TimeTest::MoreThanAgo(d("36h")), "2026-11-18", "2026-11-19"),
        (TimeTest::Anniversary(0), "1990-11-20", "1990-11-19"),
    ] {
        assert!(test.holds_day(day(holds), &clock), "{test:?} {holds}");
        assert!(!test.holds_day(day(fails), &clock), "{test:?} {fails}");
    }
}

#[test]
fn anniversaries_of_leap_days() {
    let days = |now: &str, ahead: u32| TimeTest::Anniversary(ahead).anniversary_days(&clock(now, "UTC"));
    assert_eq!(days("2027-02-28T12:00:00Z", 0), [(2, 28), (2, 29)]);
    assert_eq!(days("2028-02-28T12:00:00Z", 0), [(2, 28)]);
    assert_eq!(days("2028-02-29T12:00:00Z", 0), [(2, 29)]);
    assert_eq!(days("2027-03-01T12:00:00Z", 0), [(3, 1)]);
    assert_eq!(days("2100-02-28T12:00:00Z", 0), [(2, 28), (2, 29)]);
    assert_eq!(days("2026-12-30T12:00:00Z", 5), [(1, 4)]);
    assert!(TimeTest::WithinLast(d("1d")).anniversary_days(&clock("2027-02-28T12:00:00Z", "UTC")).is_empty());
}

#[test]
fn a_skipped_day_compares_as_that_day() {
    let clock = clock("2012-01-05T12:00:00Z", "Pacific/Apia");
    let skipped = day("2011-12-30");
    assert!(TimeTest::On(TimePoint::Day(skipped)).holds_day(skipped, &clock));
    assert!(!TimeTest::On(TimePoint::Day(skipped.next())).holds_day(skipped, &clock));
    assert!(TimeTest::On(TimePoint::Day(skipped)).range(&clock).unwrap().is_empty());
    let both = TimeTest::On(TimePoint::Instant(clock.zone.day_start(skipped)));
    assert!(both.holds_day(skipped, &clock) && both.holds_day(skipped.next(), &clock));
}

#[test]
fn extremes_do_not_panic() {
    for zone in ["UTC", "Pacific/Apia", "America/New_York"] {
        for now in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
            let clock = Clock { now: Instant(now), zone: Zone::by_name(zone).unwrap() };
            for text in ["1s", "4294967295s", "1w", "1mo", "120000mo", "10000y"] {
                let _ = (clock.ago(d(text)), clock.ahead(d(text)));
                let _ = Window::Last { duration: d(text), shift: Some(d("10000y")) }.resolve(&clock);
                let _ = TimeTest::WithinNext(d(text)).days(&clock);
            }
            for period in ["today", "last_week", "this_month", "last_year", "last_3660000_days"] {
                let _ = Window::Calendar { period: Period::parse(period).unwrap(), shift: None }.resolve(&clock);
            }
            let _ = TimeTest::Anniversary(u32::MAX).anniversary_days(&clock);
            let _ = Instant(now).to_rfc3339();
        }
        for number in [i32::MIN, i32::MAX] {
            let clock = Clock { now: Instant(0), zone: Zone::by_name(zone).unwrap() };
            let point = TimePoint::Day(Day(number));
            let _ = (Day(number).civil(), Day(number).to_iso(), clock.zone.day_start(Day(number)));
            let _ = TimeTest::Between(point, point).holds_day(Day(number), &clock);
        }
    }
}
