//! Instants and days.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{AsArray, Date32Array, Int32Array, Int64Array, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimestampMicrosecondType};
use datafusion::error::Result;
use datafusion::prelude::SessionContext;
use rollcall_rules::{Day, Instant, RegularLeaf, Zone};

use super::{column, literal_text, misused, register_rows};
use crate::columns::timestamp_type;

const MICROS_PER_DAY: i64 = 86_400_000_000;

pub(super) fn register(session: &SessionContext) {
    register_rows(session, "instant", vec![DataType::Int64], timestamp_type(), |arguments, rows| {
        let numbers = column(arguments, 0, rows)?;
        let instants: TimestampMicrosecondArray = numbers.as_primitive::<Int64Type>().iter().collect();
        Ok(Arc::new(instants.with_timezone("UTC")))
    });
    register_rows(session, "day", vec![DataType::Int64], DataType::Date32, |arguments, rows| {
        let numbers = column(arguments, 0, rows)?;
        let days = numbers.as_primitive::<Int64Type>().iter().map(|number| number.and_then(|number| i32::try_from(number).ok()));
        Ok(Arc::new(days.collect::<Date32Array>()))
    });
    register_rows(session, "zone_day", vec![timestamp_type(), DataType::Utf8], DataType::Date32, |arguments, rows| {
        let mut days = DayFinder::new(zone(literal_text(arguments, 1)?)?);
        let instants = column(arguments, 0, rows)?;
        let instants = instants.as_primitive::<TimestampMicrosecondType>().iter();
        Ok(Arc::new(instants.map(|instant| instant.map(|instant| days.day_of(instant))).collect::<Date32Array>()))
    });
    register_rows(session, "day_start", vec![DataType::Date32, DataType::Utf8], timestamp_type(), |arguments, rows| {
        let zone = zone(literal_text(arguments, 1)?)?;
        let days = column(arguments, 0, rows)?;
        let starts = days.as_primitive::<Date32Type>().iter().map(|day| day.map(|day| zone.day_start(Day(day)).0));
        Ok(Arc::new(starts.collect::<TimestampMicrosecondArray>().with_timezone("UTC")))
    });
    register_rows(session, "period_of", vec![timestamp_type(), DataType::Utf8], DataType::Int64, |arguments, rows| {
        let edges: Option<Vec<Instant>> =
            literal_text(arguments, 1)?.split(',').map(|edge| edge.parse().ok().map(Instant)).collect();
        let edges = edges.ok_or_else(|| misused("the edges must be numbers"))?;
        let instants = column(arguments, 0, rows)?;
        let periods = instants.as_primitive::<TimestampMicrosecondType>().iter().map(|instant| {
            let period = RegularLeaf::period_of(&edges, Instant(instant?))?;
            i64::try_from(period).ok()
        });
        Ok(Arc::new(periods.collect::<Int64Array>()))
    });
    register_rows(session, "month_day", vec![DataType::Date32], DataType::Int32, |arguments, rows| {
        let days = column(arguments, 0, rows)?;
        let days = days.as_primitive::<Date32Type>().iter().map(|day| {
            let (_, month, day) = Day(day?).civil();
            Some(i32::from(month) * 100 + i32::from(day))
        });
        Ok(Arc::new(days.collect::<Int32Array>()))
    });
}

fn zone(name: &str) -> Result<Zone> {
    Zone::by_name(name).ok_or_else(|| misused("no such time zone"))
}

/// Finds the days of many instants, asking the zone once for each day.
struct DayFinder {
    zone: Zone,
    /// The days that touch a UTC day: start (included), end (excluded), day.
    known: HashMap<i64, Vec<(i64, i64, i32)>>,
}

impl DayFinder {
    fn new(zone: Zone) -> DayFinder {
        DayFinder { zone, known: HashMap::new() }
    }

    fn day_of(&mut self, instant: i64) -> i32 {
        let days = self.known.entry(instant.div_euclid(MICROS_PER_DAY)).or_default();
        if let Some((_, _, day)) = days.iter().find(|(start, end, _)| (*start..*end).contains(&instant)) {
            return *day;
        }
        let day = self.zone.day_of(Instant(instant));
        let (start, end) = (self.zone.day_start(day).0, self.zone.day_start(Day(day.0.saturating_add(1))).0);
        days.push((start, end, day.0));
        day.0
    }
}
