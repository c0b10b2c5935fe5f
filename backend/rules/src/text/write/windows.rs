//! Windows.

use serde_json::Value as Json;

use super::values::{duration, each, name, number, point, scalar, text};
use super::{PrintFault, Written, fields, optional, required};
use crate::time::Period;

/// A window.
pub(super) fn window(json: &Json) -> Written {
    let has = |field: &str| json.get(field).is_some();
    let words = if has("last") {
        format!("last {}", required(fields(json, &["last", "shift"])?, "last", duration)?)
    } else if has("between_ago") {
        required(fields(json, &["between_ago", "shift"])?, "between_ago", between_ago)?
    } else if has("calendar") {
        required(fields(json, &["calendar", "shift"])?, "calendar", calendar)?
    } else if has("season") {
        required(fields(json, &["season", "shift"])?, "season", season)?
    } else if has("from") || has("to") {
        let object = fields(json, &["from", "to"])?;
        let from = optional(object, "from", point)?.map(|from| format!("from {from}"));
        let to = optional(object, "to", point)?.map(|to| format!("to {to}"));
        from.into_iter().chain(to).collect::<Vec<_>>().join(" ")
    } else {
        return Err(PrintFault::here("This window says nothing, so it has no text."));
    };
    Ok(match json.get("shift") {
        Some(shift) => format!("{words} shifted {}", duration(shift).map_err(|fault| fault.inside("shift"))?),
        None => words,
    })
}

fn between_ago(json: &Json) -> Written {
    match json.as_array().map(Vec::as_slice) {
        Some(ends @ [_, _]) => Ok(format!("between {} ago", each(ends, duration)?.join(" and "))),
        _ => Err(PrintFault::here("These are not two durations.")),
    }
}

fn calendar(json: &Json) -> Written {
    match json.as_str() {
        Some(period) if Period::parse(period).is_some() => Ok(period.to_owned()),
        _ => Ok(format!("calendar {}", text(json)?)),
    }
}

fn season(json: &Json) -> Written {
    let object = fields(json, &["property", "value", "which"])?;
    let which = optional(object, "which", |which| match which.as_i64() {
        Some(0) => Ok("latest ".to_owned()),
        Some(-1) => Ok("previous ".to_owned()),
        _ => Ok(format!("{} ", number(which)?)),
    })?;
    let (property, value) = (required(object, "property", name)?, required(object, "value", scalar)?);
    Ok(format!("season {}of {property} {value}", which.unwrap_or_default()))
}
