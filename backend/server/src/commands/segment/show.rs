//! What is printed.

use std::io::Write as _;

use rollcall_app::segments::rule_forms;
use serde_json::Value;

use super::rule::{Rule, shortened};

/// Writes to standard output; a reader that has seen enough is no failure.
pub fn line(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

pub fn json(value: &Value) -> anyhow::Result<()> {
    line(&serde_json::to_string_pretty(value)?)
}

/// A number in groups of three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn number(value: &Value) -> String {
    value.as_u64().map_or_else(|| "-".to_owned(), grouped)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// What a rule, or a part of it, says.
fn words(rule: &Value) -> String {
    rule_forms(rule).map(|forms| forms.words.en).unwrap_or_default()
}

/// The size of a rule and of each of its conditions.
pub fn preview(rule: &Rule, preview: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return json(preview);
    }
    rule.faults("warning", &preview["warnings"]);
    let tree = rule_forms(&rule.given).map(|forms| forms.rule).unwrap_or_default();
    let nodes: Vec<&Value> = preview["nodes"].as_array().into_iter().flatten().collect();
    let pointers: Vec<&str> = nodes.iter().map(|node| text(&node["pointer"])).collect();
    let within = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    let widest = nodes.iter().map(|node| number(&node["count"]).len()).max().unwrap_or(0);
    for (node, pointer) in nodes.iter().zip(&pointers) {
        let depth = pointers.iter().filter(|outer| within(pointer, outer)).count();
        let said = tree.pointer(pointer).map(words).unwrap_or_default();
        line(&format!("{:>widest$}  {}{}", number(&node["count"]), "  ".repeat(depth), shortened(&said)))?;
    }
    line(&format!(
        "\n{} of {} users, at {}",
        number(&preview["count"]),
        number(&preview["population"]),
        text(&preview["instant"])
    ))?;
    let since = preview["oldest_event_at"].as_str().map(|at| format!(" since {at}")).unwrap_or_default();
    let (events, mark, took) = (number(&preview["events"]), &preview["watermark_seq"], &preview["elapsed_ms"]);
    line(&format!("over {events} events{since}, watermark {mark}, in {took} ms"))
}

/// One line a segment.
pub fn segments(found: &[Value], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return json(&Value::from(found.to_vec()));
    }
    for segment in found {
        let (count, state) = (number(&segment["latest"]["count"]), text(&segment["freshness"]["state"]));
        line(&format!("{}  {count:>13}  {state:<8}  {}", text(&segment["id"]), text(&segment["name"])))?;
    }
    if found.is_empty() {
        eprintln!("No segments.");
    }
    Ok(())
}

/// All about one segment.
pub fn segment(segment: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return json(segment);
    }
    line(&format!("{} (version {})\n{}", text(&segment["name"]), segment["version"], text(&segment["id"])))?;
    if let Some(description) = segment["description"].as_str().filter(|description| !description.is_empty()) {
        line(description)?;
    }
    let latest = &segment["latest"];
    if latest.is_object() {
        let (count, population) = (number(&latest["count"]), number(&latest["population"]));
        line(&format!("\n{count} of {population} users at {}\ndigest {}", text(&latest["instant"]), text(&latest["digest"])))?;
    } else {
        line("\nNot built yet.")?;
    }
    if let Some(error) = segment["freshness"]["error"].as_str() {
        line(&format!("It cannot be refreshed: {error}"))?;
    }
    line(&format!("\n{}", text(&segment["words"])))?;
    match rule_forms(&segment["rule"]).ok().and_then(|forms| forms.text) {
        Some(written) => line(&format!("\n{written}")),
        None => json(&segment["rule"]),
    }
}

/// One build.
pub fn build(build: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return json(build);
    }
    let (count, population) = (number(&build["count"]), number(&build["population"]));
    let (added, removed) = (number(&build["added"]), number(&build["removed"]));
    line(&format!(
        "{count} of {population} users at {}: {added} came, {removed} left\ndigest {}\nbuild {}",
        text(&build["instant"]),
        text(&build["digest"]),
        text(&build["id"])
    ))
}
