use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::world::{OWN_ID, World, schema};
use super::*;
use crate::check::check;
use crate::text::{parse, print};

/// Every row of the tables that has an example, with the section that it stands in.
fn examples() -> Vec<(&'static str, Row, Example)> {
    let rows = reference().sections.into_iter().flat_map(|section| section.rows.into_iter().map(move |row| (section.id, row)));
    rows.filter_map(|(section, row)| row.example.clone().map(|example| (section, row, example))).collect()
}

#[test]
fn every_row_has_an_example_but_those_that_need_pages_or_a_history() {
    let without: Vec<String> = reference()
        .sections
        .into_iter()
        .filter(|section| section.id != "limits")
        .flat_map(|section| section.rows)
        .filter(|row| row.example.is_none())
        .map(|row| row.name)
        .collect();
    assert_eq!(without, ["too_many_nodes", "too_deep", "before_oldest_event", "unhealthy_days"]);
}

#[test]
fn examples_are_valid_or_get_the_very_fault_that_they_are_about() {
    for (section, row, example) in examples() {
        let outcome = check(&example.rule, Some(OWN_ID), &schema(), &World::new());
        let codes: Vec<&str> = example.given.iter().map(|given| given.code.as_str()).collect();
        match section {
            "refusals" => assert!(outcome.is_err() && codes == [row.name.as_str()], "{}: {codes:?}", example.rule),
            "warnings" => assert!(outcome.is_ok() && codes == [row.name.as_str()], "{}: {codes:?}", example.rule),
            _ => assert!(outcome.is_ok() && codes.is_empty(), "{}: {:?}", example.rule, example.given),
        }
    }
}

#[test]
fn examples_survive_their_text() {
    for (section, row, example) in examples() {
        let Some(text) = &example.text else {
            assert_eq!(section, "refusals", "{} has no text: {}", row.name, example.rule);
            continue;
        };
        assert_eq!(parse(text).as_ref(), Ok(&example.rule), "{text}");
        assert_eq!(print(&example.rule).as_ref(), Ok(text));
        let vague = example.english.contains("something") || example.french.contains("quelque chose");
        assert!(section == "refusals" || !vague, "{}", example.english);
    }
}

/// Whether a rule says this word: as a field, an operator, an aggregate, a period or a unit.
fn says(rule: &Json, word: &str) -> bool {
    match rule {
        Json::Object(object) => object.iter().any(|(name, value)| name == word || says(value, word)),
        Json::Array(items) => items.iter().any(|item| says(item, word)),
        Json::String(text) => text == word || text.strip_suffix(word).is_some_and(|number| number.parse::<u32>().is_ok()),
        _ => false,
    }
}

#[test]
fn examples_use_the_word_that_they_explain() {
    for (section, row, example) in examples() {
        let implied = row.name == "count" || section == "types" || section == "refusals" || section == "warnings";
        assert!(implied || says(&example.rule, &row.name), "{} is not in {}", row.name, example.rule);
    }
}

#[test]
fn nothing_is_told_twice_or_left_untold() {
    for section in reference().sections {
        let names: BTreeSet<&String> = section.rows.iter().map(|row| &row.name).collect();
        assert_eq!(names.len(), section.rows.len(), "{}", section.id);
        for row in &section.rows {
            assert!(row.means.len() > 5 && row.means.ends_with('.'), "{}: {}", row.name, row.means);
            assert!(row.boundary.as_ref().is_none_or(|boundary| boundary.ends_with('.')), "{}", row.name);
            assert!(row.fields.iter().all(|field| field.means.ends_with('.')), "{}", row.name);
        }
    }
}

#[test]
fn the_page_has_every_word() {
    let page = reference().markdown();
    for section in reference().sections {
        assert!(page.contains(&format!("\n## {}\n", section.title)), "{}", section.title);
        for row in section.rows {
            assert!(page.contains(&row.name), "{}", row.name);
        }
    }
}
