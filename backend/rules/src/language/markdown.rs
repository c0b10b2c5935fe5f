//! The reference as one page of Markdown.

use std::fmt::Write as _;

use super::reference::{Example, Reference, Row, Section};

const HEAD: &str = "# The rule language: reference

Printed by `rollcall reference` from the tables that validation uses; do not edit. What the words mean together, to the
boundary, is in [the contract](../backend/rules/README.md). Each example stands in its three forms: words, text, JSON.
";

pub(super) fn page(reference: &Reference) -> String {
    let mut page = HEAD.to_owned();
    page.push('\n');
    for section in &reference.sections {
        let _ = writeln!(page, "- [{}](#{})", section.title, anchor(section.title));
    }
    reference.sections.iter().for_each(|section| write_section(&mut page, section));
    page
}

fn anchor(title: &str) -> String {
    title.to_lowercase().replace(' ', "-")
}

// Writing to a string cannot fail.
fn write_section(page: &mut String, section: &Section) {
    let _ = write!(page, "\n## {}\n\n{}\n", section.title, section.lead);
    if section.rows.iter().all(|row| row.example.is_none()) {
        page.push_str("\n| | | |\n|---|---|---|\n");
        for row in &section.rows {
            let facts: Vec<String> =
                row.facts.iter().map(|fact| format!("{} {}", fact.label.to_lowercase(), fact.text)).collect();
            let _ = writeln!(page, "| {} | {} | {} |", row.name, facts.join(", "), row.means);
        }
        return;
    }
    section.rows.iter().for_each(|row| write_row(page, row));
}

fn write_row(page: &mut String, row: &Row) {
    let _ = match &row.title {
        Some(title) => write!(page, "\n### {title} (`{}`)\n\n", row.name),
        None => write!(page, "\n### `{}`\n\n", row.name),
    };
    let _ = writeln!(page, "{}", row.means);
    if let Some(boundary) = &row.boundary {
        let _ = write!(page, "\n*{boundary}*\n");
    }
    if !row.facts.is_empty() {
        page.push('\n');
        row.facts.iter().for_each(|fact| {
            let _ = writeln!(page, "- {}: {}", fact.label, fact.text);
        });
    }
    if !row.fields.is_empty() {
        page.push_str("\n| field | |\n|---|---|\n");
        let mut of = None;
        for field in &row.fields {
            if field.of != of {
                of = field.of;
                let _ = writeln!(page, "| **{}** | |", of.unwrap_or_default());
            }
            let _ = writeln!(page, "| `{}` | {} |", field.name, field.means.replace('|', "\\|"));
        }
    }
    if let Some(example) = &row.example {
        write_example(page, example);
    }
}

fn write_example(page: &mut String, example: &Example) {
    let _ = write!(page, "\n> {}\n\n```text\n", example.english);
    if let Some(text) = &example.text {
        let _ = write!(page, "{text}\n```\n```json\n");
    } else {
        page.truncate(page.len() - "text\n".len());
        page.push_str("json\n");
    }
    let _ = write!(page, "{}\n```\n", example.rule);
    for given in &example.given {
        let place = if given.pointer.is_empty() { "the whole rule" } else { &given.pointer };
        let _ = write!(page, "\n`{}` at `{place}`: {}\n", given.code, given.detail);
    }
}
