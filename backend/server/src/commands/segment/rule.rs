//! A rule as it was given, and the faults in it.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use rollcall_app::segments::{RuleFormsView, rule_forms};
use serde_json::{Value, json};

use crate::commands::remote::Refused;

/// Where the rule is.
#[derive(Debug, Args)]
pub struct RuleArg {
    /// The rule, as text or JSON; `-` reads it from standard input.
    #[arg(required_unless_present = "file")]
    rule: Option<String>,
    /// File with the rule.
    #[arg(long, value_name = "FILE", conflicts_with = "rule")]
    file: Option<PathBuf>,
}

/// A rule that was read.
#[derive(Debug)]
pub struct Rule {
    /// What to call it in messages.
    pub name: String,
    /// As it was written.
    pub written: String,
    /// For the API: JSON, or its text form as a JSON text.
    pub given: Value,
}

impl RuleArg {
    /// Reads it.
    ///
    /// # Errors
    /// There is no such file; [`Refused`] if it begins like JSON and is none.
    pub fn read(&self) -> anyhow::Result<Rule> {
        let (name, written) = match (&self.file, self.rule.as_deref()) {
            (Some(path), _) if path.as_os_str() != "-" => {
                let name = path.display().to_string();
                let written = std::fs::read_to_string(path).with_context(|| name.clone())?;
                (name, written)
            }
            (None, Some(rule)) if rule != "-" => ("rule".to_owned(), rule.to_owned()),
            _ => {
                let mut written = String::new();
                std::io::stdin().read_to_string(&mut written).context("standard input")?;
                ("stdin".to_owned(), written)
            }
        };
        let given = if is_json(&written) { parsed(&name, &written)? } else { Value::String(written.clone()) };
        Ok(Rule { name, written, given })
    }
}

/// No text form begins with a brace.
fn is_json(written: &str) -> bool {
    written.trim_start().starts_with('{')
}

fn parsed(name: &str, written: &str) -> anyhow::Result<Value> {
    serde_json::from_str(written).map_err(|error| {
        let place = Place { line: error.line(), column: error.column().max(1), length: 1 };
        eprintln!("{name}:{}:{}: this is not JSON\n{}", place.line, place.column, place.shown(written));
        let detail = format!("The rule begins like JSON, but is not: {error}.");
        Refused { code: "bad_request".into(), detail, errors: Vec::new() }.into()
    })
}

/// A place in a text; the length is in characters.
struct Place {
    line: usize,
    column: usize,
    length: usize,
}

impl Place {
    /// The place of a fault in the text form that was given.
    fn of(fault: &Value, written: &str) -> Option<Place> {
        let number = |name: &str| fault["text"][name].as_u64().and_then(|number| usize::try_from(number).ok());
        let (line, column, units) = (number("line")?, number("column")?, number("length")?);
        let mut left = units;
        let inside = written.lines().nth(line - 1).unwrap_or_default().chars().skip(column - 1).take_while(|character| {
            let fits = left > 0;
            left = left.saturating_sub(character.len_utf16());
            fits
        });
        Some(Place { line, column, length: inside.count() })
    }

    /// The line with carets below.
    fn shown(&self, written: &str) -> String {
        let line = written.lines().nth(self.line - 1).unwrap_or_default();
        let before = line.chars().take(self.column - 1);
        // A tab stays one, so that the carets stand where the terminal puts the text.
        let indent: String = before.map(|character| if character == '\t' { '\t' } else { ' ' }).collect();
        let number = self.line.to_string();
        format!("  {number} | {line}\n  {} | {indent}{}", " ".repeat(number.len()), "^".repeat(self.length.max(1)))
    }
}

impl Rule {
    /// All its forms.
    ///
    /// # Errors
    /// [`Refused`] with the faults of the text.
    pub fn forms(&self) -> anyhow::Result<RuleFormsView> {
        rule_forms(&self.given).map_err(|error| Refused::from(error).into())
    }

    /// Tells faults or warnings on standard error, each with its place.
    pub fn faults(&self, what: &str, faults: &Value) {
        for fault in faults.as_array().into_iter().flatten() {
            let text = |name: &str| fault[name].as_str().unwrap_or_default();
            let detail = text("detail");
            match Place::of(fault, &self.written) {
                Some(place) => {
                    let told = format!("Line {}, column {}: ", place.line, place.column);
                    let detail = detail.strip_prefix(&told).unwrap_or(detail);
                    let (line, column) = (place.line, place.column);
                    eprintln!("{}:{line}:{column}: {what}: {detail} ({})", self.name, text("code"));
                    eprintln!("{}", place.shown(&self.written));
                }
                None => {
                    let pointer = text("pointer");
                    let place = if pointer.is_empty() { "the whole rule" } else { pointer };
                    eprintln!("{}: {what} at {place}: {detail} ({})", self.name, text("code"));
                    if let Some(value) = self.given.pointer(pointer).filter(|_| !pointer.is_empty()) {
                        eprintln!("  {}", shortened(&value.to_string()));
                    }
                }
            }
        }
    }
}

/// Tells why something was refused: the faults of the rule, or a sentence.
pub fn tell(rule: Option<&Rule>, refused: &Refused) {
    match rule {
        Some(rule) if refused.code == "invalid_rule" && !refused.errors.is_empty() => {
            rule.faults("error", &json!(refused.errors));
        }
        _ => {
            eprintln!("rollcall: {refused}");
            for fault in refused.errors.iter().filter(|fault| fault["detail"] != refused.detail) {
                eprintln!(
                    "  {}: {}",
                    fault["pointer"].as_str().unwrap_or_default(),
                    fault["detail"].as_str().unwrap_or_default()
                );
            }
        }
    }
}

/// So much of a text as fits on a line.
pub fn shortened(text: &str) -> String {
    const MOST: usize = 100;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}
