//! The mapping file: which columns of a table become which parts of a message.
//!
//! ```toml
//! type = "track"                 # or "identify"; default track
//! event = "purchase"             # a constant, or event_column = "..."
//! user_id = "ID"                 # column names
//! anonymous_id = "visitor"       # optional
//! message_id = "order"           # optional; should be unique in the source
//! time = { column = "Date", format = "%Y%m%d", zone = "Europe/Paris" }
//! delimiter = ";"                # CSV only, default ","
//! [properties]                   # track; [traits] for identify
//! amount = { column = "Amount", type = "number" }
//! tags = { column = "Tags", type = "list<string>", separator = "|" }
//! ```
//!
//! `format` of a time is `rfc3339` (the default), `unix`, `unix_ms`, `unix_us`, or a strftime pattern; `zone` (default
//! UTC) is the zone of patterns without an offset. Without `type` a CSV cell is text and a Parquet value keeps its type.
//! An empty CSV cell is absent. Unknown keys are refused.

use std::collections::BTreeMap;

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use rollcall_rules::{Day, Instant, ValueType, Zone};
use serde::Deserialize;

use super::ImportError;

/// What rows become.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MappedType {
    /// Events.
    #[default]
    Track,
    /// Profile updates.
    Identify,
}

/// A checked mapping.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub(super) kind: MappedType,
    pub(super) event: Option<String>,
    pub(super) event_column: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) anonymous_id: Option<String>,
    pub(super) message_id: Option<String>,
    pub(super) time: Option<(String, TimeFormat)>,
    pub(super) delimiter: u8,
    /// Properties or traits, by name.
    pub(super) values: Vec<MappedValue>,
    /// Types that JSON does not show, by name.
    pub(super) types: BTreeMap<String, ValueType>,
}

/// A property or trait from a column.
#[derive(Debug, Clone)]
pub(super) struct MappedValue {
    pub(super) name: String,
    pub(super) column: String,
    pub(super) of: Option<ValueType>,
    pub(super) time: TimeFormat,
    pub(super) separator: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default, rename = "type")]
    kind: MappedType,
    event: Option<String>,
    event_column: Option<String>,
    user_id: Option<String>,
    anonymous_id: Option<String>,
    message_id: Option<String>,
    time: Option<TimeColumn>,
    delimiter: Option<String>,
    #[serde(default)]
    properties: BTreeMap<String, ValueColumn>,
    #[serde(default)]
    traits: BTreeMap<String, ValueColumn>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeColumn {
    column: String,
    format: Option<String>,
    zone: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueColumn {
    column: String,
    #[serde(rename = "type")]
    of: Option<ValueType>,
    format: Option<String>,
    zone: Option<String>,
    separator: Option<String>,
}

impl Mapping {
    /// Reads and checks a mapping.
    ///
    /// # Errors
    /// [`ImportError::Mapping`] with the place.
    pub fn parse(text: &str) -> Result<Mapping, ImportError> {
        let document: Document = toml::from_str(text).map_err(|error| ImportError::Mapping(error.to_string()))?;
        check(document).map_err(ImportError::Mapping)
    }

    /// Every column that it names.
    pub(super) fn columns(&self) -> Vec<&str> {
        let ids = [&self.event_column, &self.user_id, &self.anonymous_id, &self.message_id];
        let ids = ids.into_iter().flatten().map(String::as_str);
        let time = self.time.iter().map(|(column, _)| column.as_str());
        ids.chain(time).chain(self.values.iter().map(|value| value.column.as_str())).collect()
    }
}

fn check(document: Document) -> Result<Mapping, String> {
    let Document { kind, event, event_column, user_id, anonymous_id, message_id, time, delimiter, properties, traits } = document;
    if user_id.is_none() && anonymous_id.is_none() {
        return Err("user_id (or anonymous_id) must name a column".into());
    }
    let values = match kind {
        MappedType::Track => {
            if event.is_some() == event_column.is_some() {
                return Err("exactly one of event and event_column must be there".into());
            }
            if !traits.is_empty() {
                return Err("[traits] belongs to type = \"identify\"; use [properties]".into());
            }
            properties
        }
        MappedType::Identify => {
            if event.is_some() || event_column.is_some() {
                return Err("event belongs to type = \"track\"".into());
            }
            if !properties.is_empty() {
                return Err("[properties] belongs to type = \"track\"; use [traits]".into());
            }
            traits
        }
    };
    let time = match time {
        Some(TimeColumn { column, format, zone }) => {
            let read = TimeFormat::new(format.as_deref(), zone.as_deref()).map_err(|fault| format!("time: {fault}"))?;
            Some((column, read))
        }
        None => None,
    };
    let delimiter = match delimiter.as_deref().map(str::as_bytes) {
        None => b',',
        Some([byte]) => *byte,
        Some(_) => return Err("delimiter must be one ASCII character".into()),
    };
    let values = values.into_iter().map(|(name, value)| mapped(name, value)).collect::<Result<Vec<_>, String>>()?;
    let hidden = |value: &&MappedValue| matches!(value.of, Some(ValueType::Date | ValueType::DateTime));
    let types = values.iter().filter(hidden).filter_map(|value| Some((value.name.clone(), value.of?))).collect();
    Ok(Mapping { kind, event, event_column, user_id, anonymous_id, message_id, time, delimiter, values, types })
}

fn mapped(name: String, value: ValueColumn) -> Result<MappedValue, String> {
    let ValueColumn { column, of, format, zone, separator } = value;
    let is_time = matches!(of, Some(ValueType::Date | ValueType::DateTime));
    if !is_time && (format.is_some() || zone.is_some()) {
        return Err(format!("{name}: format and zone belong to type = \"datetime\" or \"date\""));
    }
    let is_list = matches!(of, Some(ValueType::StringList | ValueType::NumberList));
    if !is_list && separator.is_some() {
        return Err(format!("{name}: separator belongs to a list"));
    }
    let time = TimeFormat::new(format.as_deref(), zone.as_deref()).map_err(|fault| format!("{name}: {fault}"))?;
    let separator = separator.filter(|separator| !separator.is_empty()).unwrap_or_else(|| ",".into());
    Ok(MappedValue { name, column, of, time, separator })
}

/// How a time is written.
#[derive(Debug, Clone)]
pub(super) struct TimeFormat {
    written: Written,
    zone: TimeZone,
}

#[derive(Debug, Clone)]
enum Written {
    Rfc3339,
    /// Units since 1970, each of so many microseconds.
    Epoch(i64),
    Pattern(String),
}

impl TimeFormat {
    fn new(format: Option<&str>, zone: Option<&str>) -> Result<TimeFormat, String> {
        let name = zone.unwrap_or("UTC");
        // The rules know which names are zones; jiff's bundled database is the same one.
        let known = Zone::by_name(name).ok_or_else(|| format!("{name:?} is not an IANA time zone"))?;
        let zone = TimeZone::get(known.name()).map_err(|error| error.to_string())?;
        let written = match format.unwrap_or("rfc3339") {
            "rfc3339" => Written::Rfc3339,
            "unix" => Written::Epoch(1_000_000),
            "unix_ms" => Written::Epoch(1_000),
            "unix_us" => Written::Epoch(1),
            pattern => {
                let probe = jiff::Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
                let printed = strtime::format(pattern, &probe).map_err(|error| format!("format {pattern:?}: {error}"))?;
                if printed == pattern {
                    return Err(format!("format {pattern:?} has no %"));
                }
                Written::Pattern(pattern.to_owned())
            }
        };
        Ok(TimeFormat { written, zone })
    }

    /// Reads an instant; a day alone is its first instant in the zone.
    pub(super) fn instant(&self, text: &str) -> Option<Instant> {
        match &self.written {
            Written::Rfc3339 => Instant::parse(text),
            Written::Epoch(micros) => {
                if let Ok(whole) = text.parse::<i64>() {
                    return whole.checked_mul(*micros).map(Instant);
                }
                let number: f64 = text.parse().ok()?;
                let scaled = (number * *micros as f64).round();
                (scaled.is_finite() && scaled.abs() < 9e18).then_some(Instant(scaled as i64))
            }
            Written::Pattern(pattern) => {
                let parsed = strtime::parse(pattern, text).ok()?;
                if parsed.offset().is_some() {
                    return Some(Instant(parsed.to_timestamp().ok()?.as_microsecond()));
                }
                let wall_clock = parsed.to_datetime().ok()?;
                let timestamp = self.zone.to_ambiguous_timestamp(wall_clock).compatible().ok()?;
                Some(Instant(timestamp.as_microsecond()))
            }
        }
    }

    /// Reads a day.
    pub(super) fn day(&self, text: &str) -> Option<Day> {
        match &self.written {
            Written::Rfc3339 => Day::parse(text),
            Written::Epoch(_) => None,
            Written::Pattern(pattern) => {
                let date = strtime::parse(pattern, text).ok()?.to_date().ok()?;
                Day::parse(&date.to_string())
            }
        }
    }
}
