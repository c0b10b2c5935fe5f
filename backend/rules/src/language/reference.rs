//! The rule reference: the tables of the language, told, with an example each.

use serde::Serialize;
use serde_json::Value as Json;

use super::limits::limits;
use super::world::{OWN_ID, World, schema};
use super::{
    AGGREGATES, Aggregate, FILTERS, FaultCode, Kind, LABEL, NODES, OPERATORS, PERIODS, Told, UNITS, WARNINGS, WINDOWS, ZONE,
    durations, markdown, types,
};
use crate::check::check;
use crate::describe::{Language, describe_in};
use crate::schema::{Schema, ValueType};
use crate::text::print;

/// The rule language, told to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// In reading order.
    pub sections: Vec<Section>,
}

/// One table of the language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Stable name, for addresses.
    pub id: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What the table is about.
    pub lead: &'static str,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// One word of the language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The word as rules write it in JSON.
    pub name: String,
    /// What people call it, where that is another word.
    pub title: Option<String>,
    /// What it means.
    pub means: String,
    /// What happens at its edges.
    pub boundary: Option<String>,
    /// Further facts, such as the types that an operator works on.
    pub facts: Vec<Line>,
    /// Fields that belong to it.
    pub fields: Vec<FieldLine>,
    /// A rule that uses it.
    pub example: Option<Example>,
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What it is about.
    pub label: &'static str,
    /// The fact.
    pub text: String,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldLine {
    /// The object that has it, where that is not the condition itself.
    pub of: Option<&'static str>,
    /// Name.
    pub name: &'static str,
    /// What it means.
    pub means: &'static str,
}

/// A rule in its three forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// JSON.
    pub rule: Json,
    /// Text; nothing if a part of the rule has none.
    pub text: Option<String>,
    /// In English.
    pub english: String,
    /// In French.
    pub french: String,
    /// What a check says of it, where it is not simply valid.
    pub given: Vec<Given>,
}

/// A fault or warning that an example gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Given {
    /// JSON pointer.
    pub pointer: String,
    /// Code.
    pub code: String,
    /// The sentence.
    pub detail: String,
}

/// The whole reference.
pub fn reference() -> Reference {
    let maker = Maker { schema: schema(), world: World::new() };
    let sections = vec![
        maker.section("conditions", "Conditions on users", CONDITIONS, NODES.iter().map(|kind| maker.kind(kind)).collect()),
        maker.section("filters", "Filters on events", FILTERING, FILTERS.iter().map(|kind| maker.kind(kind)).collect()),
        maker.section("operators", "Comparisons", COMPARING, maker.operators()),
        maker.section("aggregates", "What is computed over events", COMPUTING, maker.aggregates()),
        maker.section("windows", "When events count", WHEN, WINDOWS.iter().map(|kind| maker.kind(kind)).collect()),
        maker.section("periods", "Calendar periods", CALENDAR, maker.periods()),
        maker.section("durations", "Durations", LENGTHS, maker.durations()),
        maker.section("types", "Types of values", TYPES, maker.types()),
        maker.section("whole", "Of the whole rule", WHOLE, maker.whole()),
        maker.section("refusals", "Why a rule is refused", REFUSED, maker.refusals()),
        maker.section("warnings", "Warnings", WARNED, maker.warnings()),
        maker.section("limits", "Limits", LIMITED, maker.limits()),
    ];
    Reference { sections }
}

impl Reference {
    /// As one page of Markdown.
    pub fn markdown(&self) -> String {
        markdown::page(self)
    }
}

const CONDITIONS: &str =
    "A rule is one condition, usually several joined by “all” or “any”. Each is true or false of every known user.";
const FILTERING: &str =
    "Filters stand in `where` and choose events by their properties. All of them have to hold for one and the same event.";
const COMPARING: &str = "They compare a trait, a property, or the result of an aggregate. There are two answers only: a comparison with a \
                         value that is missing fails, and a “not” comparison with it holds.";
const COMPUTING: &str = "Over the events of one user that match, one number or value, which is then compared.";
const WHEN: &str = "A window says which events count, by when they happened, not by when they arrived. Without one all of history counts; \
                    there is no hidden look-back.";
const CALENDAR: &str = "Whole days, weeks, months and years in the rule's time zone. What lies after now has not happened yet.";
const LENGTHS: &str = "A positive whole number and one unit, without a space: 30d, 1mo.";
const TYPES: &str = "Every trait and property has one type, learnt from the data or declared. What a rule compares it with has to be of that \
                     type, or convert to it without loss.";
const WHOLE: &str = "Fields that belong to no one kind of condition.";
const REFUSED: &str = "A rule with faults is refused, and all its faults are told at once: where, which code, and a sentence.";
const WARNED: &str = "A rule with warnings is valid and counted. They say what may not have been meant.";
const LIMITED: &str = "Far above what people write; they keep a slip from stopping the server.";

struct Maker {
    schema: Schema,
    world: World,
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn line(label: &'static str, text: impl Into<String>) -> Line {
    Line { label, text: text.into() }
}

fn fields(of: Option<&'static str>, kind: &Kind) -> Vec<FieldLine> {
    kind.fields.iter().map(|field| FieldLine { of, name: field.name, means: field.means }).collect()
}

impl Maker {
    fn section(&self, id: &'static str, title: &'static str, lead: &'static str, rows: Vec<Row>) -> Section {
        Section { id, title, lead, rows }
    }

    fn row(&self, name: impl Into<String>, told: &Told) -> Row {
        Row {
            name: name.into(),
            title: None,
            means: told.means.to_owned(),
            boundary: some(told.boundary),
            facts: Vec::new(),
            fields: Vec::new(),
            example: self.example(told.example),
        }
    }

    /// An example in all its forms, with what a check says of it.
    fn example(&self, json: &str) -> Option<Example> {
        let rule: Json = serde_json::from_str(json).ok()?;
        let given = |pointer: String, code: String, detail: String| Given { pointer, code, detail };
        let word = |code: FaultCode| serde_json::to_value(code).ok().and_then(|code| code.as_str().map(str::to_owned));
        let given = match check(&rule, Some(OWN_ID), &self.schema, &self.world) {
            Ok((_, warnings)) => {
                warnings.into_iter().map(|warning| given(warning.pointer, warning.code.to_owned(), warning.detail)).collect()
            }
            Err(faults) => {
                faults.into_iter().map(|fault| given(fault.pointer, word(fault.code).unwrap_or_default(), fault.detail)).collect()
            }
        };
        Some(Example {
            text: print(&rule).ok(),
            english: describe_in(&rule, Language::English),
            french: describe_in(&rule, Language::French),
            given,
            rule,
        })
    }

    fn kind(&self, kind: &Kind) -> Row {
        let mut all = fields(None, kind);
        all.extend(kind.parts.iter().flat_map(|part| fields(Some(part.title), part)));
        Row { title: Some(kind.title.to_owned()), fields: all, ..self.row(kind.name, &kind.told) }
    }

    fn operators(&self) -> Vec<Row> {
        let rows = OPERATORS.iter().map(|row| {
            let on = if row.on.len() == ValueType::ALL.len() {
                "anything".to_owned()
            } else {
                row.on.iter().map(|of| types::told(*of).0).collect::<Vec<_>>().join(", ")
            };
            let mut facts = vec![line("Works on", on), line("Value", row.takes)];
            if row.negated {
                let positive = OPERATORS.iter().find(|other| other.operator == row.operator && !other.negated);
                let positive = positive.map_or("", |positive| positive.name);
                facts.push(line("Exactly the opposite of", format!("`{positive}`")));
            }
            if row.compares_aggregates {
                facts.push(line("Also compares", "the number that an aggregate gives"));
            }
            Row { facts, ..self.row(row.name, &row.told) }
        });
        rows.collect()
    }

    fn aggregates(&self) -> Vec<Row> {
        let numbers: Vec<&str> = OPERATORS.iter().filter(|row| row.compares_aggregates).map(|row| row.name).collect();
        let rows = AGGREGATES.iter().map(|row| {
            let (over, compared) = match row.aggregate {
                Aggregate::Events { .. } => ("the events themselves; `of` is refused", numbers.join(", ")),
                Aggregate::Numbers(_) => ("a property that is a number", numbers.join(", ")),
                Aggregate::Distinct => ("any property", numbers.join(", ")),
                Aggregate::Picked { .. } => ("any property", "every comparison that works on the property".to_owned()),
            };
            let facts = vec![line("Over", over), line("Compared with", compared), line("Without a matching event", row.empty)];
            Row { facts, ..self.row(row.name, &row.told) }
        });
        rows.collect()
    }

    fn periods(&self) -> Vec<Row> {
        let fixed = PERIODS.iter().map(|(name, _, told)| self.row(*name, told));
        fixed.chain([self.row("last_7_days", &durations::LAST_DAYS)]).collect()
    }

    fn durations(&self) -> Vec<Row> {
        UNITS.iter().map(|(name, _, told)| self.row(*name, told)).collect()
    }

    fn types(&self) -> Vec<Row> {
        let rows = ValueType::ALL.into_iter().map(|of| {
            let (title, told) = types::told(of);
            let name = serde_json::to_value(of).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
            let fitting = OPERATORS.iter().filter(|row| row.on.contains(&of)).map(|row| row.name);
            let facts = vec![line("Comparisons", fitting.collect::<Vec<_>>().join(", "))];
            Row { title: Some(title.to_owned()), facts, ..self.row(name, &told) }
        });
        rows.collect()
    }

    fn whole(&self) -> Vec<Row> {
        let label =
            Told { means: LABEL.means, boundary: "", example: r#"{"trait":"age","op":"gte","value":18,"label":"adults"}"# };
        let zone = Told {
            means: ZONE.means,
            boundary: "A segment that is referred to keeps its own.",
            example: r#"{"event":"purchase","window":{"calendar":"today"},"tz":"Europe/Paris"}"#,
        };
        vec![self.row(LABEL.name, &label), self.row(ZONE.name, &zone)]
    }

    fn refusals(&self) -> Vec<Row> {
        let rows = FaultCode::ALL.iter().map(|code| {
            let name = serde_json::to_value(code).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
            self.row(name, &code.told())
        });
        rows.collect()
    }

    fn warnings(&self) -> Vec<Row> {
        WARNINGS.iter().map(|row| self.row(row.code, &row.told)).collect()
    }

    fn limits(&self) -> Vec<Row> {
        let rows = limits().into_iter().map(|(name, number, means)| {
            let told = Told { means, boundary: "", example: "" };
            Row { facts: vec![line("At most", number)], ..self.row(name, &told) }
        });
        rows.collect()
    }
}
