//! The forms of a rule: JSON, which is stored, text, and words.

use std::borrow::Cow;

use rollcall_rules::describe::{Language, describe_in};
use rollcall_rules::{CheckedRule, Warning, text};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::WarningView;
use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Result, TextPlace};

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

/// A rule in all its forms. It is read, not checked.
///
/// # Errors
/// Faults of the text.
pub fn rule_forms(rule: &Value) -> Result<RuleFormsView> {
    let rule = as_json(rule)?.into_owned();
    let words = WordsView { en: describe_in(&rule, Language::English), fr: describe_in(&rule, Language::French) };
    Ok(RuleFormsView { text: text::print(&rule).ok(), words, rule })
}

impl App {
    /// A rule in all its forms. It is read, not checked.
    ///
    /// # Errors
    /// Forbidden without a role; faults of the text.
    pub fn rule_forms(&self, caller: &Caller, rule: &Value) -> Result<RuleFormsView> {
        caller.require(Permission::CheckRules)?;
        rule_forms(rule)
    }

    /// Checks a rule as it was given, JSON or text: its JSON, the checked rule and warnings.
    ///
    /// # Errors
    /// Faults of the rule, with their places if it was given as text.
    pub(crate) fn check_given(&self, given: &Value, own_id: Option<&str>) -> Result<(Value, CheckedRule, Vec<Warning>)> {
        let rule = as_json(given)?.into_owned();
        let (checked, warnings) = self.check_rule(&rule, own_id).map_err(|error| match given {
            Value::String(written) => error.in_text(written),
            _ => error,
        })?;
        Ok((rule, checked, warnings))
    }
}

/// Warnings about a rule, with their places if it was given as text.
pub(crate) fn warnings_in(given: &Value, warnings: Vec<Warning>) -> Vec<WarningView> {
    let Value::String(written) = given else { return warnings.into_iter().map(WarningView::from).collect() };
    let pointers: Vec<&str> = warnings.iter().map(|warning| warning.pointer.as_str()).collect();
    let places = if pointers.is_empty() { Vec::new() } else { text::locate(written, &pointers) };
    let placed = warnings.into_iter().zip(places);
    placed.map(|(warning, place)| WarningView { text: place.map(TextPlace::from), ..warning.into() }).collect()
}
