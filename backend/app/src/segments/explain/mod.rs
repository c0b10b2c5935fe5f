//! Why one user is or is not in a rule, a segment or a build.

mod evidence;
mod view;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use rollcall_engine::{EngineError, Explanation, NodeExplanation};
use rollcall_rules::{CheckedRule, Instant, Node, NodeKind, describe};
use rollcall_store::{Build, SegmentId};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

pub use view::{
    EvidenceView, ExplainedBuildView, ExplainedNodeView, ExplainedSegmentView, ExplanationView, MeasuredView, NearView,
    OwnEventView, PeriodView, PropertyView, TraitView,
};

use super::book;
use super::text::as_json;
use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Code, Result};
use crate::view::time;
use evidence::evidence_view;
use words::{Said, Words};

/// Whom to explain, and in what: one of `rule`, `segment_id` and `build_id`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainInput {
    /// The user.
    pub user_id: String,
    /// A rule: JSON, or a text in the rule language's text form.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub rule: Option<Value>,
    /// A segment.
    #[serde(default)]
    pub segment_id: Option<String>,
    /// A version of the segment, by default the current one.
    #[serde(default)]
    pub version: Option<u64>,
    /// A build: its rule at its instant, with the catalogues and segments it was made with.
    #[serde(default)]
    pub build_id: Option<String>,
    /// The instant that stands for "now", RFC 3339, by default the present; not in the future, and none with a build.
    #[serde(default)]
    pub at: Option<String>,
}

/// What is asked: a rule that can be evaluated, and when.
struct Question {
    rule: CheckedRule,
    instant: Instant,
    build: Option<Build>,
}

impl App {
    /// Why a user is or is not in a rule, a segment or a build. Noted in the audit trail under the user's pseudonym: it is looking
    /// at a person.
    ///
    /// # Errors
    /// Faults of the rule; no such segment, version or build; an instant in the future; [`Code::WrongState`] if a list that a
    /// build used is gone.
    pub async fn explain_user(&self, caller: &Caller, input: ExplainInput) -> Result<ExplanationView> {
        caller.require(Permission::ExplainUsers)?;
        if input.user_id.is_empty() {
            return Err(AppError::field("/user_id", "missing_field", "Say which user."));
        }
        let question = Arc::new(self.question(&input).await?);
        let (engine, asked, user_id) = (self.engine.clone(), question.clone(), input.user_id.clone());
        let explained =
            tokio::task::spawn_blocking(move || engine.explain(&asked.rule, &user_id, asked.instant)).await?.map_err(gone)?;
        let detail = json!({
            "segment_id": input.segment_id,
            "version": input.version,
            "build_id": input.build_id,
            "instant": time(question.instant.0),
        });
        self.record(caller, "user.explain", "user", &self.pseudonym(&input.user_id), detail).await?;
        let build = match &question.build {
            Some(build) => Some(self.explained_build(build, &input.user_id).await?),
            None => None,
        };
        Ok(self.explanation_view(input.user_id, &question, explained, build))
    }

    async fn question(&self, input: &ExplainInput) -> Result<Question> {
        let at = self.instant_at(input.at.as_deref())?;
        let version_of = if input.segment_id.is_none() { input.version } else { None };
        if version_of.is_some() {
            return Err(AppError::field("/version", "unknown_field", "A version goes with `segment_id`."));
        }
        match (&input.rule, &input.segment_id, &input.build_id) {
            (Some(rule), None, None) => {
                let (rule, _) = self.check_rule(as_json(rule)?.as_ref(), None)?;
                Ok(Question { rule, instant: at, build: None })
            }
            (None, Some(id), None) => {
                let rule = self.rule_of_version(id, input.version).await?;
                let (rule, _) = self.check_rule(&rule, Some(id))?;
                Ok(Question { rule, instant: at, build: None })
            }
            (None, None, Some(id)) => {
                if input.at.is_some() {
                    return Err(AppError::field("/at", "unknown_field", "A build has its own instant."));
                }
                let build = self.stored_build(id).await?;
                let inputs = self.inputs_of_build(&build.inputs).await?;
                let checked = rollcall_rules::check(&build.rule, None, &self.take_in.schema(), &inputs);
                let (rule, _) = checked.map_err(|faults| AppError::rule(&faults))?;
                Ok(Question { rule, instant: Instant(build.instant), build: Some(build) })
            }
            _ => Err(AppError::field("", "missing_field", "Give one of `rule`, `segment_id` and `build_id`.")),
        }
    }

    async fn rule_of_version(&self, id: &str, version: Option<u64>) -> Result<Value> {
        let Some(version) = version else { return Ok(self.entry(id)?.segment.rule) };
        let versions = self.store.segment_versions(&SegmentId::new(id)).await?;
        let found = versions.into_iter().find(|found| found.version == version);
        Ok(found.ok_or_else(|| AppError::not_found("version of this segment"))?.rule)
    }

    async fn explained_build(&self, build: &Build, user_id: &str) -> Result<ExplainedBuildView> {
        let members = book::members_of(&self.store, build).await?;
        let uid = self.engine.uid(user_id);
        let member = members.map(|members| uid.is_some_and(|uid| members.contains(uid)));
        Ok(ExplainedBuildView { id: build.id.as_str().to_owned(), member, watermark_seq: build.watermark_seq })
    }

    fn explanation_view(
        &self,
        user_id: String,
        question: &Question,
        explained: Explanation,
        build: Option<ExplainedBuildView>,
    ) -> ExplanationView {
        let mut rules = BTreeMap::new();
        segments_in(&question.rule.root, &mut rules);
        let name = |id: &str| self.entry(id).map_or_else(|_| id.to_owned(), |entry| entry.segment.name);
        let names: BTreeMap<&str, String> = rules.keys().map(|id| (*id, name(id))).collect();
        let segments = explained.segments.iter().filter_map(|(id, nodes)| {
            let rule = rules.get(id.as_str())?;
            let (name, time_zone) = (names.get(id.as_str())?.clone(), rule.zone.name().to_owned());
            Some(ExplainedSegmentView { id: id.clone(), name, time_zone, nodes: nodes_view(rule, nodes, &names) })
        });
        let member = explained.is_member();
        ExplanationView {
            known: !explained.nodes.is_empty(),
            known_since: explained.first_seen.map(|at| time(at.0)),
            member,
            sentence: answer(&explained, member),
            instant: time(question.instant.0),
            watermark_seq: explained.watermark,
            time_zone: question.rule.zone.name().to_owned(),
            build,
            segments: segments.collect(),
            nodes: nodes_view(&question.rule, &explained.nodes, &names),
            user_id,
        }
    }
}

/// A list can go between the check of the rule and its evaluation; those of an old build may be gone for long.
fn gone(error: EngineError) -> AppError {
    match error {
        EngineError::UnknownList(id) => {
            AppError::new(Code::WrongState, format!("The list “{id}” is gone, so this can no longer be explained."))
        }
        other => other.into(),
    }
}

fn answer(explained: &Explanation, member: bool) -> String {
    match (explained.first_seen, explained.nodes.is_empty(), member) {
        (None, ..) => "Nobody with this id is known: no event, profile or upload has named the user.".to_owned(),
        (Some(at), true, _) => {
            format!("Not in: the user was not known yet at that time. What is known of the user begins on {}.", time(at.0))
        }
        (_, _, true) => "In.".to_owned(),
        (_, _, false) => "Not in.".to_owned(),
    }
}

/// The rules of all segments that a node leads to, by id.
fn segments_in<'a>(node: &'a Node, into: &mut BTreeMap<&'a str, &'a CheckedRule>) {
    if let NodeKind::Segment { id, rule } = &node.kind
        && into.insert(id, rule).is_none()
    {
        segments_in(&rule.root, into);
    }
    node.children().iter().for_each(|child| segments_in(child, into));
}

/// Every node of a rule as it leaves; nothing if nothing was explained.
fn nodes_view(rule: &CheckedRule, explained: &[NodeExplanation], names: &BTreeMap<&str, String>) -> Vec<ExplainedNodeView> {
    let found = explained.iter().map(|node| (node.pointer.as_str(), node)).collect();
    let mut teller = Teller { rule, found, names, told: Vec::with_capacity(explained.len()) };
    teller.tell(&rule.root, 0, true);
    teller.told
}

/// Walks a rule and tells each of its nodes.
struct Teller<'a> {
    rule: &'a CheckedRule,
    found: BTreeMap<&'a str, &'a NodeExplanation>,
    names: &'a BTreeMap<&'a str, String>,
    told: Vec<ExplainedNodeView>,
}

impl Teller<'_> {
    fn tell(&mut self, node: &Node, depth: usize, decisive: bool) {
        let Some(explained) = self.found.get(node.pointer.as_str()).copied() else { return };
        let source = self.rule.source.pointer(&node.pointer).unwrap_or(&Value::Null);
        let holds = |child: &Node| self.found.get(child.pointer.as_str()).is_some_and(|child| child.holds);
        let below: Vec<bool> = node.children().iter().map(holds).collect();
        let segment = match &node.kind {
            NodeKind::Segment { id, .. } => self.names.get(id.as_str()).map_or(id.as_str(), String::as_str),
            _ => "",
        };
        let words = Words { zone: &self.rule.zone };
        let said = Said { node: source, holds: explained.holds, below: &below, segment };
        self.told.push(ExplainedNodeView {
            pointer: node.pointer.clone(),
            depth,
            words: asks_for(node, source, segment),
            label: source["label"].as_str().map(str::to_owned),
            holds: explained.holds,
            decisive,
            sentence: words.sentence(&said, &explained.evidence),
            evidence: evidence_view(&words, &said, &explained.pointer, &explained.evidence),
        });
        for (child, holds) in node.children().iter().zip(&below) {
            self.tell(child, depth + 1, decisive && decides(&node.kind, explained.holds, *holds));
        }
    }
}

/// Whether a node's answer hangs on that of one below it.
fn decides(kind: &NodeKind, holds: bool, below: bool) -> bool {
    match kind {
        NodeKind::All(_) | NodeKind::Any(_) => holds == below,
        // Who is not among the ranked cannot be at the top; who is may be or not.
        NodeKind::Top(_) => holds || !below,
        _ => true,
    }
}

/// What a node asks for in words; of a group only how its lines combine.
fn asks_for(node: &Node, source: &Value, segment: &str) -> String {
    match &node.kind {
        NodeKind::All(_) => "All of these".to_owned(),
        NodeKind::Any(_) => "At least one of these".to_owned(),
        NodeKind::Not(_) => "Not this".to_owned(),
        NodeKind::Segment { .. } => format!("in segment “{segment}”"),
        _ => describe(source),
    }
}
