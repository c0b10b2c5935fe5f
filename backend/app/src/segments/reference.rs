//! The rule reference: what every word of the rule language means, printed from the tables that validation uses.

use rollcall_rules::language::{self, Example, Reference};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::WordsView;
use crate::App;
use crate::access::{Caller, Permission};
use crate::error::Result;

/// The rule language, told to people.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleReferenceView {
    /// In reading order.
    pub sections: Vec<ReferenceSectionView>,
}

/// One table of the language.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReferenceSectionView {
    /// Stable name, for addresses.
    pub id: String,
    /// Heading.
    pub title: String,
    /// What the table is about.
    pub lead: String,
    /// Its rows.
    pub rows: Vec<ReferenceRowView>,
}

/// One word of the language.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReferenceRowView {
    /// The word as rules write it in JSON.
    pub name: String,
    /// What people call it, where that is another word.
    pub title: Option<String>,
    /// What it means.
    pub means: String,
    /// What happens at its edges.
    pub boundary: Option<String>,
    /// Further facts, such as the types that an operator works on.
    pub facts: Vec<ReferenceFactView>,
    /// Fields that belong to it.
    pub fields: Vec<ReferenceFieldView>,
    /// A rule that uses it.
    pub example: Option<ReferenceExampleView>,
}

/// A fact.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReferenceFactView {
    /// What it is about.
    pub label: String,
    /// The fact.
    pub text: String,
}

/// A field.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReferenceFieldView {
    /// The object that has it, where that is not the condition itself.
    pub of: Option<String>,
    /// Name.
    pub name: String,
    /// What it means.
    pub means: String,
}

/// A rule in its three forms.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReferenceExampleView {
    /// JSON.
    #[schema(value_type = Object)]
    pub rule: Value,
    /// Text; nothing if a part of the rule has none.
    pub text: Option<String>,
    /// In words.
    pub words: WordsView,
    /// What a check says of it, where it is not simply valid.
    pub given: Vec<ReferenceGivenView>,
}

/// A fault or warning that an example gets.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReferenceGivenView {
    /// JSON pointer.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// A sentence.
    pub detail: String,
}

fn example(example: Example) -> ReferenceExampleView {
    let given = example.given.into_iter().map(|given| ReferenceGivenView {
        pointer: given.pointer,
        code: given.code,
        detail: given.detail,
    });
    ReferenceExampleView {
        rule: example.rule,
        text: example.text,
        words: WordsView { en: example.english, fr: example.french },
        given: given.collect(),
    }
}

fn row(row: language::Row) -> ReferenceRowView {
    let facts = row.facts.into_iter().map(|fact| ReferenceFactView { label: fact.label.to_owned(), text: fact.text });
    let fields = row.fields.into_iter().map(|field| ReferenceFieldView {
        of: field.of.map(str::to_owned),
        name: field.name.to_owned(),
        means: field.means.to_owned(),
    });
    ReferenceRowView {
        name: row.name,
        title: row.title,
        means: row.means,
        boundary: row.boundary,
        facts: facts.collect(),
        fields: fields.collect(),
        example: row.example.map(example),
    }
}

impl From<Reference> for RuleReferenceView {
    fn from(reference: Reference) -> Self {
        let sections = reference.sections.into_iter().map(|section| ReferenceSectionView {
            id: section.id.to_owned(),
            title: section.title.to_owned(),
            lead: section.lead.to_owned(),
            rows: section.rows.into_iter().map(row).collect(),
        });
        Self { sections: sections.collect() }
    }
}

/// The rule reference as one page of Markdown.
pub fn rule_reference_markdown() -> String {
    language::reference().markdown()
}

impl App {
    /// The rule reference.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub fn rule_reference(&self, caller: &Caller) -> Result<RuleReferenceView> {
        caller.require(Permission::CheckRules)?;
        Ok(language::reference().into())
    }
}
