//! Sources, their ledgers, and what was put aside.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use rollcall_app::App;
use rollcall_app::sources::{LedgerView, LiveRecordView, QuarantinePage, SourceView};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, Paging};
use crate::extract::{Body, Params, Signed};
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_sources, create_source))
        .routes(routes!(update_source))
        .routes(routes!(rotate_write_key))
        .routes(routes!(source_ledger))
        .routes(routes!(ledger))
        .routes(routes!(recent_records))
        .routes(routes!(list_quarantine))
}

/// A new source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SourceInput {
    /// Name.
    name: String,
}

/// A change of a source.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SourcePatch {
    /// New name.
    #[serde(default)]
    name: Option<String>,
    /// Whether it refuses events.
    #[serde(default)]
    disabled: Option<bool>,
}

/// How far back.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Days {
    /// Days up to today (30 by default).
    days: Option<u32>,
}

/// Sources with today's counts. Write keys are shown to administrators.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources", responses((status = 200, body = Items<SourceView>)))]
async fn list_sources(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<Items<SourceView>>> {
    Ok(Json(Items { items: app.list_sources(&caller).await? }))
}

/// Make a source.
#[utoipa::path(post, path = "/api/v1/sources", tag = "sources", request_body = SourceInput, responses((status = 201, body = SourceView)))]
async fn create_source(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<SourceInput>,
) -> ApiResult<(StatusCode, Json<SourceView>)> {
    Ok((StatusCode::CREATED, Json(app.create_source(&caller, &body.name).await?)))
}

/// Rename, disable or enable a source.
#[utoipa::path(patch, path = "/api/v1/sources/{id}", tag = "sources", params(("id" = String, Path)), request_body = SourcePatch, responses((status = 200, body = SourceView)))]
async fn update_source(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<SourcePatch>,
) -> ApiResult<Json<SourceView>> {
    Ok(Json(app.update_source(&caller, &id, body.name, body.disabled).await?))
}

/// Give a source a new write key; the old one is refused at once.
#[utoipa::path(post, path = "/api/v1/sources/{id}/rotate-key", tag = "sources", params(("id" = String, Path)), responses((status = 200, body = SourceView)))]
async fn rotate_write_key(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<Json<SourceView>> {
    Ok(Json(app.rotate_write_key(&caller, &id).await?))
}

/// The ledger of a source, newest day first.
#[utoipa::path(get, path = "/api/v1/sources/{id}/ledger", tag = "sources", params(("id" = String, Path), Days), responses((status = 200, body = LedgerView)))]
async fn source_ledger(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<Days>,
) -> ApiResult<Json<LedgerView>> {
    Ok(Json(app.ledger(&caller, Some(&id), query.days.unwrap_or(30)).await?))
}

/// The ledger of all sources, newest day first.
#[utoipa::path(get, path = "/api/v1/ledger", tag = "sources", params(Days), responses((status = 200, body = LedgerView)))]
async fn ledger(State(app): State<App>, Signed(caller): Signed, Params(query): Params<Days>) -> ApiResult<Json<LedgerView>> {
    Ok(Json(app.ledger(&caller, None, query.days.unwrap_or(30)).await?))
}

/// The last records of a source (at most 200), newest first.
#[utoipa::path(get, path = "/api/v1/sources/{id}/recent", tag = "sources", params(("id" = String, Path), Paging), responses((status = 200, body = Items<LiveRecordView>)))]
async fn recent_records(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(paging): Params<Paging>,
) -> ApiResult<Json<Items<LiveRecordView>>> {
    Ok(Json(Items { items: app.recent_records(&caller, &id, paging.limit.unwrap_or(50) as usize)? }))
}

/// Of which source.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct QuarantineQuery {
    /// Only of this source.
    source_id: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most items of the page (50).
    limit: Option<u32>,
}

/// Records that were put aside, with the bytes as they came and the reason; newest first.
#[utoipa::path(get, path = "/api/v1/quarantine", tag = "sources", params(QuarantineQuery), responses((status = 200, body = QuarantinePage)))]
async fn list_quarantine(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(query): Params<QuarantineQuery>,
) -> ApiResult<Json<QuarantinePage>> {
    Ok(Json(app.quarantined(&caller, query.source_id, query.cursor, query.limit.unwrap_or(50) as usize).await?))
}
