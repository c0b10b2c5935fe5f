//! The forms of a rule: JSON, which is stored, text, and words.

use std::borrow::Cow;

use rollcall_rules::describe::{Language, describe_in};
use rollcall_rules::text;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Result};

/// One rule in all its forms.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RuleFormsView {
    /// JSON.
    #[schema(value_type = Object)]
    pub rule: Value,
    /// Text, which reads back to the same JSON; nothing if a part of the rule has none.
    pub text: Option<String>,
    /// What it says.
    pub words: WordsView,
}

/// What a rule says, for people; the JSON is what counts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WordsView {
    /// In English.
    pub en: String,
    /// In French.
    pub fr: String,
}

/// A rule as JSON, whether it was given as JSON or as text.
///
/// # Errors
/// Faults of the text, with their places in it.
pub(crate) fn as_json(rule: &Value) -> Result<Cow<'_, Value>> {
    match rule {
        Value::String(written) => text::parse(written).map(Cow::Owned).map_err(AppError::rule_text),
        json => Ok(Cow::Borrowed(json)),
    }
}

impl App {
    /// A rule in all its forms. It is read, not checked.
    ///
    /// # Errors
    /// Forbidden without a role; faults of the text.
    pub fn rule_forms(&self, caller: &Caller, rule: &Value) -> Result<RuleFormsView> {
        caller.require(Permission::Preview)?;
        let rule = as_json(rule)?.into_owned();
        let words = WordsView { en: describe_in(&rule, Language::English), fr: describe_in(&rule, Language::French) };
        Ok(RuleFormsView { text: text::print(&rule).ok(), words, rule })
    }
}
