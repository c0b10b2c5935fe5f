use proptest::prelude::*;

use super::*;

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "America/St_Johns",
    "Pacific/Apia",
];

fn clocks() -> impl Strategy<Value = Clock> {
    (0..ZONES.len(), -2_000_000_000_i64..4_000_000_000, 0..1_000_000_i64).prop_map(|(zone, seconds, micros)| Clock {
        now: Instant(seconds * 1_000_000 + micros),
        zone: Zone::by_name(ZONES[zone]).unwrap(),
    })
}

fn durations() -> impl Strategy<Value = Duration> {
    (1_u32..400, 0..7_usize).prop_map(|(amount, unit)| {
        let units = [Unit::Second, Unit::Minute, Unit::Hour, Unit::Day, Unit::Week, Unit::Month, Unit::Year];
        Duration { amount, unit: units[unit] }
    })
}

proptest! {
    #[test]
    fn instants_survive_text(micros in -60_000_000_000_000_000_i64..250_000_000_000_000_000) {
        prop_assert_eq!(Instant::parse(&Instant(micros).to_rfc3339()), Some(Instant(micros)));
    }

    #[test]
    fn days_survive_text(number in -700_000_i32..2_900_000) {
        prop_assert_eq!(Day::parse(&Day(number).to_iso()), Some(Day(number)));
    }

    #[test]
    fn text_never_panics(text in "\\PC{0,30}", digits in "[0-9TZ:.+-]{0,30}") {
        for text in [text, digits] {
            let _ = (Instant::parse(&text), Day::parse(&text), Duration::parse(&text));
            let _ = (Period::parse(&text), Zone::by_name(&text));
        }
    }

    #[test]
    fn an_instant_lies_in_its_day(clock in clocks()) {
        let today = clock.today();
        prop_assert!(clock.zone.day_start(today) <= clock.now);
        prop_assert_eq!(clock.zone.day_of(clock.zone.day_start(today)), today);
    }

    #[test]
    fn day_starts_do_not_go_back(clock in clocks()) {
        let today = clock.today();
        prop_assert!(clock.zone.day_start(today) <= clock.zone.day_start(today.next()));
    }

    #[test]
    fn ago_is_in_the_past_and_close_to_nominal(clock in clocks(), duration in durations()) {
        let length = (clock.now.0 - clock.ago(duration).0) / 1_000_000;
        let nominal = duration.nominal_seconds();
        prop_assert!(length > 0);
        match duration.unit {
            Unit::Month | Unit::Year => prop_assert!((length - nominal).abs() <= nominal / 30 + 4 * 86_400),
            _ => prop_assert_eq!(length, nominal),
        }
    }

    #[test]
    fn longer_ago_is_earlier(clock in clocks(), duration in durations()) {
        let longer = Duration { amount: duration.amount + 1, unit: duration.unit };
        prop_assert!(clock.ago(longer) < clock.ago(duration));
    }

    #[test]
    fn last_and_between_ago_meet(clock in clocks(), duration in durations(), at in 0_i64..400_000_000) {
        let older = Duration { amount: duration.amount * 2, unit: duration.unit };
        let both = Window::Last { duration: older, shift: None }.resolve(&clock);
        let last = Window::Last { duration, shift: None }.resolve(&clock);
        let before = Window::BetweenAgo { older, newer: duration, shift: None }.resolve(&clock);
        let t = Instant(clock.now.0 - at * 1_000_000);
        prop_assert_eq!(both.contains(t), last.contains(t) != before.contains(t));
    }

    #[test]
    fn weeks_meet(clock in clocks()) {
        let of = |period| Window::Calendar { period, shift: None }.resolve(&clock);
        prop_assert_eq!(of(Period::LastWeek).to, of(Period::ThisWeek).from);
        prop_assert_eq!(of(Period::LastMonth).to, of(Period::ThisMonth).from);
        prop_assert_eq!(of(Period::LastYear).to, of(Period::ThisYear).from);
        prop_assert_eq!(of(Period::Yesterday).to, of(Period::Today).from);
        prop_assert!(of(Period::Today).from <= Some(clock.now));
    }

    #[test]
    fn a_day_answers_like_its_first_instant(clock in clocks(), days in -800_i64..800, seconds in -70_000_000_i64..70_000_000) {
        let point = TimePoint::Instant(Instant(clock.now.0 + seconds * 1_000_000));
        let day = clock.today().plus(days);
        let hour = Duration { amount: 700, unit: Unit::Hour };
        for test in [
            TimeTest::Before(point), TimeTest::After(point), TimeTest::On(point), TimeTest::Between(point, point),
            TimeTest::WithinLast(hour), TimeTest::WithinNext(hour), TimeTest::MoreThanAgo(hour),
        ] {
            let start = clock.zone.day_start(day);
            prop_assert_eq!(test.holds_day(day, &clock), test.holds_instant(start, &clock), "{:?} {}", test, day.to_iso());
        }
    }
}
