//! Calendar arithmetic on microseconds, without a time zone.

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;

/// Microseconds of a second.
pub const SECOND: i64 = 1_000_000;

/// Year, month and day (1 to 12, 1 to 31) of an instant, UTC. Howard Hinnant's `civil_from_days`.
pub fn civil(instant: i64) -> (i32, u32, u32) {
    let days = instant.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as i32, month as u32, day as u32)
}

/// Day of the week of an instant, UTC; 0 is Monday.
pub fn weekday(instant: i64) -> usize {
    // 1970-01-01 was a Thursday.
    (instant.div_euclid(DAY) + 3).rem_euclid(7) as usize
}
