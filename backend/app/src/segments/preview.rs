//! Exact sizes while a rule is being written.

use rollcall_rules::Warning;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::text::warnings_in;
use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{Place, Result, TextPlace};
use crate::view::time;

/// The exact size of one node of the rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NodeCountView {
    /// JSON pointer: `""` is the root, `/all/0` its first child.
    pub pointer: String,
    /// Users that satisfy the node, of the whole population.
    pub count: u64,
}

/// Something legal but surprising.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WarningView {
    /// JSON pointer.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// A sentence.
    pub detail: String,
    /// Where in the text, if the rule was given in its text form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<TextPlace>,
}

impl From<Warning> for WarningView {
    fn from(warning: Warning) -> Self {
        Self { pointer: warning.pointer, code: warning.code.to_owned(), detail: warning.detail, text: None }
    }
}

/// Sizes of a rule and all its nodes at one instant and watermark.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PreviewView {
    /// Members.
    pub count: u64,
    /// Users known.
    pub population: u64,
    /// One entry a node, in document order.
    pub nodes: Vec<NodeCountView>,
    /// Legal but surprising.
    pub warnings: Vec<WarningView>,
    /// What stood for "now".
    pub instant: String,
    /// Everything up to this record had been taken in.
    pub watermark_seq: u64,
    /// Events looked at: all up to the instant.
    pub events: u64,
    /// From when on there are events.
    pub oldest_event_at: Option<String>,
    /// How long the evaluation took.
    pub elapsed_ms: f64,
}

/// Whether a rule is valid.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ValidationView {
    /// No faults.
    pub valid: bool,
    /// All faults at once.
    pub errors: Vec<Place>,
    /// Legal but surprising.
    pub warnings: Vec<WarningView>,
}

impl App {
    /// Evaluates a rule that is not stored, now or as of an instant.
    ///
    /// # Errors
    /// Faults of the rule, with pointers into the rule; an instant in the future.
    pub async fn preview(&self, caller: &Caller, rule: &Value, at: Option<&str>) -> Result<PreviewView> {
        caller.require(Permission::CountRules)?;
        let instant = self.instant_at(at)?;
        let (_, checked, mut found) = self.check_given(rule, None)?;
        let engine = self.engine.clone();
        let (checked, evaluation, summary, elapsed) = tokio::task::spawn_blocking(move || {
            let start = std::time::Instant::now();
            let evaluation = engine.evaluate(&checked, instant);
            (checked, evaluation, engine.summary(instant), start.elapsed())
        })
        .await?;
        let evaluation = evaluation?;
        self.warn_of_collection(&checked, instant, summary.oldest_event, &mut found).await?;
        Ok(PreviewView {
            count: evaluation.members.len(),
            population: evaluation.population,
            nodes: evaluation.nodes.into_iter().map(|node| NodeCountView { pointer: node.pointer, count: node.count }).collect(),
            warnings: warnings_in(rule, found),
            instant: time(instant.0),
            watermark_seq: evaluation.watermark,
            events: evaluation.events,
            oldest_event_at: summary.oldest_event.map(|at| time(at.0)),
            elapsed_ms: (elapsed.as_secs_f64() * 1e6).round() / 1e3,
        })
    }

    /// Checks a rule without evaluating it.
    ///
    /// # Errors
    /// Forbidden without a role; the store fails.
    pub async fn validate_rule(&self, caller: &Caller, rule: &Value) -> Result<ValidationView> {
        caller.require(Permission::CheckRules)?;
        Ok(match self.check_given(rule, None) {
            Ok((_, checked, mut found)) => {
                self.warn_of_collection(&checked, self.now(), self.engine.oldest_event(), &mut found).await?;
                ValidationView { valid: true, errors: Vec::new(), warnings: warnings_in(rule, found) }
            }
            Err(error) => ValidationView { valid: false, errors: error.faults, warnings: Vec::new() },
        })
    }
}
