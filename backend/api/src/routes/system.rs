//! Overview, audit trail and health.

use axum::Json;
use axum::extract::State;
use rollcall_app::{App, OverviewView, TrailCheckView, TrailPage};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Paging;
use crate::extract::{Params, Signed};
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(overview))
        .routes(routes!(audit_trail))
        .routes(routes!(check_audit_trail))
        .routes(routes!(healthz))
        .routes(routes!(readyz))
}

/// Users known, events, watermark.
#[utoipa::path(get, path = "/api/v1/overview", tag = "system", responses((status = 200, body = OverviewView)))]
async fn overview(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<OverviewView>> {
    Ok(Json(app.overview(&caller).await?))
}

/// Who did what, newest first.
#[utoipa::path(get, path = "/api/v1/audit-trail", tag = "audit", params(Paging), responses((status = 200, body = TrailPage)))]
async fn audit_trail(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(paging): Params<Paging>,
) -> ApiResult<Json<TrailPage>> {
    Ok(Json(app.audit_trail(&caller, paging.cursor, paging.limit.unwrap_or(100)).await?))
}

/// Whether the trail is as it was written: every entry's hash covers the one before it.
#[utoipa::path(get, path = "/api/v1/audit-trail/check", tag = "audit", responses((status = 200, body = TrailCheckView)))]
async fn check_audit_trail(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<TrailCheckView>> {
    Ok(Json(app.check_audit_trail(&caller).await?))
}

/// Health.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// `ok`.
    status: &'static str,
}

/// Whether the process answers.
#[utoipa::path(get, path = "/healthz", tag = "system", responses((status = 200, body = Health)), security(()))]
async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Whether the metadata database answers, the event log takes events, and taking in runs.
#[utoipa::path(get, path = "/readyz", tag = "system", responses((status = 200, body = Health)), security(()))]
async fn readyz(State(app): State<App>) -> ApiResult<Json<Health>> {
    app.ready().await?;
    Ok(Json(Health { status: "ok" }))
}
