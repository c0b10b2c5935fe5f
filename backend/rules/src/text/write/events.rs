//! What a user did.

use serde_json::Value as Json;

use super::values::{before_value, duration, each, name, number, operator, predicate, text, times};
use super::windows::window;
use super::{Leaf, Object, Piece, PrintFault, Written, condition, fields, optional, required, unbroken};

/// An event node at a depth.
pub(super) fn event(object: &Object, depth: usize) -> Written {
    let compared = object.contains_key("op");
    if !compared && object.contains_key("ignore_case") {
        return Err(PrintFault::here("Nothing is compared here, so case has no text.").inside("ignore_case"));
    }
    let counts = object.get("agg").is_none_or(|agg| agg == "count");
    if !counts || (compared && object.contains_key("value")) || unset(object) {
        return Ok(format!("{} {}", measure(object, depth)?, predicate(object)?));
    }
    if compared {
        return once(object, depth);
    }
    let plain = !object.contains_key("agg") && !object.contains_key("of");
    let what = if plain { did(object, depth)? } else { measure(object, depth)? };
    Ok(match optional(object, "value", times)? {
        Some(times) => format!("{what} {times}"),
        None => what,
    })
}

/// Whether the operator takes no value.
fn unset(object: &Object) -> bool {
    object.get("op").is_some_and(|op| op == "is_set" || op == "is_not_set")
}

/// A comparison with the default number, which is absent.
fn once(object: &Object, depth: usize) -> Written {
    let sign = required(object, "op", |op| operator(op).map(before_value))?;
    let comparison = ["=", "!=", "<", "<=", ">", ">="].contains(&sign);
    if !comparison || object.contains_key("ignore_case") {
        return Err(PrintFault::here("The field “value” is missing, so this has no text."));
    }
    Ok(format!("{} {sign} once", measure(object, depth)?))
}

fn did(object: &Object, depth: usize) -> Written {
    let inside = matching_in_window(object, depth)?;
    let bare = !object.contains_key("where") && !object.contains_key("window");
    Ok(if bare { format!("did {inside}") } else { format!("did ({inside})") })
}

/// An aggregate without what it is compared with.
fn measure(object: &Object, depth: usize) -> Written {
    let agg = optional(object, "agg", |agg| match agg.as_str() {
        Some(known @ ("count" | "days" | "sum" | "distinct" | "avg" | "min" | "max" | "first" | "last")) => Ok(known.to_owned()),
        _ => Err(PrintFault::here("There is no such aggregate, so this has no text.")),
    })?;
    let opening = match agg.as_deref() {
        None => "count(".to_owned(),
        Some("count") => "count(all ".to_owned(),
        Some(other) => format!("{other}("),
    };
    let of = optional(object, "of", name)?.map(|of| format!("{of} of ")).unwrap_or_default();
    Ok(format!("{opening}{of}{})", matching_in_window(object, depth)?))
}

fn matching_in_window(object: &Object, depth: usize) -> Written {
    let matching = matching(object, depth)?;
    Ok(match optional(object, "window", window)? {
        Some(window) => format!("{matching}, {window}"),
        None => matching,
    })
}

/// Events and the filters on them.
fn matching(object: &Object, depth: usize) -> Written {
    let events = required(object, "event", |json| match json {
        Json::String(every) if every == "*" => Ok("any event".to_owned()),
        Json::Array(names) => Ok(format!("[{}]", each(names, name)?.join(", "))),
        one => name(one),
    })?;
    Ok(match optional(object, "where", |entries| filters(entries, depth + 1))? {
        Some(filters) => format!("{events} where {filters}"),
        None => events,
    })
}

/// The entries of `where`, which stand at a depth.
fn filters(json: &Json, depth: usize) -> Written {
    let entries = json.as_array().ok_or_else(|| PrintFault::here("This is not a list of filters."))?;
    let write = |index: usize, entry: &Json| -> Written<Piece> {
        unbroken(entry, Leaf::Filter, depth).map_err(|fault| fault.inside(&index.to_string()))
    };
    match entries.as_slice() {
        [] => Ok("()".to_owned()),
        [only] => {
            let piece = write(0, only)?;
            // One entry that is a group of “and” is not the same as several entries.
            Ok(if only.get("all").is_some() { piece.bracketed_from(super::Hold::Chain) } else { piece.text })
        }
        several => {
            let pieces = several.iter().enumerate().map(|(index, entry)| write(index, entry));
            let texts: Vec<String> =
                pieces.map(|piece| Ok(piece?.bracketed_from(super::Hold::Chain))).collect::<Written<Vec<String>>>()?;
            Ok(texts.join(" and "))
        }
    }
}

/// A sequence node at a depth.
pub(super) fn sequence(object: &Object, depth: usize) -> Written {
    let steps = required(object, "sequence", |json| {
        let steps = json.as_array().ok_or_else(|| PrintFault::here("This is not a list of steps."))?;
        let write = |(index, json)| step(json, depth + 1).map_err(|fault| fault.inside(&usize::to_string(&index)));
        steps.iter().enumerate().map(write).collect::<Written<Vec<String>>>()
    })?;
    let mut text = steps.join(", then ");
    if let Some(within) = optional(object, "within", duration)? {
        text.push_str(&format!(", within {within}"));
    }
    if let Some(window) = optional(object, "window", window)? {
        text.push_str(&format!(", {window}"));
    }
    Ok(format!("sequence({text})"))
}

fn step(json: &Json, depth: usize) -> Written {
    if depth > super::MAX_DEPTH {
        return Err(PrintFault::here(format!("Conditions may be nested {} deep.", super::MAX_DEPTH)));
    }
    let object = fields(json, &["event", "where", "within", "without"])?;
    let mut text = matching(object, depth)?;
    if let Some(within) = optional(object, "within", duration)? {
        text.push_str(&format!(" within {within}"));
    }
    let without = optional(object, "without", |json| matching(fields(json, &["event", "where"])?, depth))?;
    if let Some(without) = without {
        text.push_str(&format!(" without {without}"));
    }
    Ok(text)
}

/// What a first-time node holds.
pub(super) fn first_time(json: &Json, depth: usize) -> Written {
    let object = fields(json, &["event", "where", "window"])?;
    Ok(format!("first time({})", matching_in_window(object, depth)?))
}

/// What a regular node holds.
pub(super) fn regular(json: &Json, depth: usize) -> Written {
    let object = fields(json, &["event", "where", "period", "periods", "min_periods", "count"])?;
    let often = optional(object, "count", number)?.map(|count| format!("{count} times ")).unwrap_or_default();
    Ok(format!(
        "regular({}, {often}in {} of last {} periods of {})",
        matching(object, depth)?,
        required(object, "min_periods", number)?,
        required(object, "periods", number)?,
        required(object, "period", duration)?
    ))
}

/// What a top node holds.
pub(super) fn top(json: &Json, depth: usize) -> Written {
    let object = fields(json, &["percent", "count", "by", "among"])?;
    let size = match optional(object, "percent", number)? {
        Some(_) if object.contains_key("count") => {
            return Err(PrintFault::here("A percentage and a count exclude each other.").inside("count"));
        }
        Some(percent) => format!("{percent}%"),
        None => required(object, "count", number)?,
    };
    let by = required(object, "by", |json| {
        let object = fields(json, &["event", "where", "window", "agg", "of", "label"])?;
        let measure = measure(object, depth)?;
        Ok(match optional(object, "label", text)? {
            Some(label) => format!("({measure} as {label})"),
            None => measure,
        })
    })?;
    let among = optional(object, "among", |json| condition(json, Leaf::Node, depth + 1, 0).map(|piece| piece.text))?;
    Ok(match among {
        Some(among) => format!("top {size} by {by} among ({among})"),
        None => format!("top {size} by {by}"),
    })
}
