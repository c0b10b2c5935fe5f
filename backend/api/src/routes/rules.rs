//! Rules that are being written.

use axum::Json;
use axum::extract::State;
use rollcall_app::App;
use rollcall_app::segments::{ExplainInput, ExplanationView, PreviewView, RuleFormsView, RuleReferenceView, ValidationView};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::extract::{Body, Signed};
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(preview_rule))
        .routes(routes!(validate_rule))
        .routes(routes!(rule_forms))
        .routes(routes!(rule_reference))
        .routes(routes!(explain_user))
}

/// A rule.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RuleInput {
    /// The rule: JSON, or a text in the rule language's text form.
    #[schema(value_type = Object)]
    rule: Value,
}

/// A rule, and as of when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RulePreviewInput {
    /// The rule: JSON, or a text in the rule language's text form.
    #[schema(value_type = Object)]
    rule: Value,
    /// What stands for "now": a past instant, RFC 3339. Everything that has come in by now is counted, as far as it happened by
    /// then.
    #[serde(default)]
    at: Option<String>,
}

/// Exact sizes of a rule and all its nodes, now or as of an instant.
#[utoipa::path(post, path = "/api/v1/rules/preview", tag = "rules", request_body = RulePreviewInput, responses((status = 200, body = PreviewView)))]
async fn preview_rule(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<RulePreviewInput>,
) -> ApiResult<Json<PreviewView>> {
    Ok(Json(app.preview(&caller, &body.rule, body.at.as_deref()).await?))
}

/// All faults of a rule, with pointers into it.
#[utoipa::path(post, path = "/api/v1/rules/validate", tag = "rules", request_body = RuleInput, responses((status = 200, body = ValidationView)))]
async fn validate_rule(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<RuleInput>,
) -> ApiResult<Json<ValidationView>> {
    Ok(Json(app.validate_rule(&caller, &body.rule).await?))
}

/// A rule in all its forms: JSON, text that reads back to the same JSON, and words in English and French. Faults of a text come
/// with their places in it.
#[utoipa::path(post, path = "/api/v1/rules/forms", tag = "rules", request_body = RuleInput, responses((status = 200, body = RuleFormsView)))]
async fn rule_forms(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<RuleInput>,
) -> ApiResult<Json<RuleFormsView>> {
    Ok(Json(app.rule_forms(&caller, &body.rule)?))
}

/// What every word of the rule language means, with an example each; printed from the tables that validation uses.
#[utoipa::path(get, path = "/api/v1/rules/reference", tag = "rules", responses((status = 200, body = RuleReferenceView)))]
async fn rule_reference(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<RuleReferenceView>> {
    Ok(Json(app.rule_reference(&caller)?))
}

/// Why one user is or is not in a rule, a segment or a build: for every node true or false, a sentence, and the events, traits and
/// near misses that show it. Noted in the audit trail, under the user's pseudonym.
#[utoipa::path(post, path = "/api/v1/rules/explain", tag = "rules", request_body = ExplainInput, responses((status = 200, body = ExplanationView)))]
async fn explain_user(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<ExplainInput>,
) -> ApiResult<Json<ExplanationView>> {
    Ok(Json(app.explain_user(&caller, body).await?))
}
