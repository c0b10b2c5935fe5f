//! Segments, their versions, builds, members and recounts.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use rollcall_app::error::{AppError, Code};
use rollcall_app::lists_out::Purpose;
use rollcall_app::segments::{
    BuildView, BuildsPage, DeltaView, HistoryView, MembersPage, SegmentFilterInput, SegmentInput, SegmentView, VersionView,
};
use rollcall_app::{App, RecountView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::lists_out::purpose;
use super::{Items, Paging};
use crate::extract::{Body, Params, Signed};
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_segments, create_segment))
        .routes(routes!(get_segment, update_segment, trash_segment))
        .routes(routes!(restore_segment))
        .routes(routes!(empty_trash))
        .routes(routes!(list_versions))
        .routes(routes!(list_builds, build_segment))
        .routes(routes!(segment_history))
        .routes(routes!(list_members))
        .routes(routes!(segment_delta))
        .routes(routes!(request_recount))
        .routes(routes!(list_recounts))
        .routes(routes!(get_recount))
}

/// Segments by name, with size, change and freshness.
#[utoipa::path(get, path = "/api/v1/segments", tag = "segments", params(SegmentFilterInput), responses((status = 200, body = Items<SegmentView>)))]
async fn list_segments(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(filter): Params<SegmentFilterInput>,
) -> ApiResult<Json<Items<SegmentView>>> {
    Ok(Json(Items { items: app.list_segments(&caller, filter).await? }))
}

/// Make a segment and build it.
#[utoipa::path(post, path = "/api/v1/segments", tag = "segments", request_body = SegmentInput, responses((status = 201, body = SegmentView)))]
async fn create_segment(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<SegmentInput>,
) -> ApiResult<(StatusCode, Json<SegmentView>)> {
    Ok((StatusCode::CREATED, Json(app.create_segment(&caller, body).await?)))
}

/// One segment, also from the trash.
#[utoipa::path(get, path = "/api/v1/segments/{id}", tag = "segments", params(("id" = String, Path)), responses((status = 200, body = SegmentView)))]
async fn get_segment(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<Json<SegmentView>> {
    Ok(Json(app.segment(&caller, &id).await?))
}

/// Change a segment; a new name or rule makes a new version.
#[utoipa::path(put, path = "/api/v1/segments/{id}", tag = "segments", params(("id" = String, Path)), request_body = SegmentInput, responses((status = 200, body = SegmentView)))]
async fn update_segment(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<SegmentInput>,
) -> ApiResult<Json<SegmentView>> {
    Ok(Json(app.update_segment(&caller, &id, body).await?))
}

/// Put a segment in the trash.
#[utoipa::path(delete, path = "/api/v1/segments/{id}", tag = "segments", params(("id" = String, Path)), responses((status = 204)))]
async fn trash_segment(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<StatusCode> {
    app.trash_segment(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a segment out of the trash.
#[utoipa::path(post, path = "/api/v1/segments/{id}/restore", tag = "segments", params(("id" = String, Path)), responses((status = 200, body = SegmentView)))]
async fn restore_segment(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<Json<SegmentView>> {
    Ok(Json(app.restore_segment(&caller, &id).await?))
}

/// How many segments were deleted.
#[derive(Debug, Serialize, ToSchema)]
struct Deleted {
    /// Segments deleted for good.
    deleted: usize,
}

/// Delete everything in the trash for good.
#[utoipa::path(delete, path = "/api/v1/trash", tag = "segments", responses((status = 200, body = Deleted)))]
async fn empty_trash(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<Deleted>> {
    Ok(Json(Deleted { deleted: app.empty_trash(&caller).await? }))
}

/// Versions of a segment, newest first.
#[utoipa::path(get, path = "/api/v1/segments/{id}/versions", tag = "segments", params(("id" = String, Path)), responses((status = 200, body = Items<VersionView>)))]
async fn list_versions(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<Items<VersionView>>> {
    Ok(Json(Items { items: app.segment_versions(&caller, &id).await? }))
}

/// Builds of a segment, newest first.
#[utoipa::path(get, path = "/api/v1/segments/{id}/builds", tag = "segments", params(("id" = String, Path), Paging), responses((status = 200, body = BuildsPage)))]
async fn list_builds(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(paging): Params<Paging>,
) -> ApiResult<Json<BuildsPage>> {
    Ok(Json(app.segment_builds(&caller, &id, paging.cursor, paging.limit.unwrap_or(100)).await?))
}

/// Build a segment now, whether or not its members changed.
#[utoipa::path(post, path = "/api/v1/segments/{id}/builds", tag = "segments", params(("id" = String, Path)), responses((status = 201, body = BuildView)))]
async fn build_segment(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<BuildView>)> {
    Ok((StatusCode::CREATED, Json(app.build_segment(&caller, &id).await?)))
}

/// Between when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Span {
    /// RFC 3339; from the first build on by default.
    from: Option<String>,
    /// RFC 3339; up to the last build by default.
    to: Option<String>,
}

fn instant(text: Option<&str>) -> ApiResult<Option<i64>> {
    Ok(text.map(rollcall_app::parse_instant).transpose()?)
}

/// Size over time, for a chart.
#[utoipa::path(get, path = "/api/v1/segments/{id}/history", tag = "segments", params(("id" = String, Path), Span), responses((status = 200, body = HistoryView)))]
async fn segment_history(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(span): Params<Span>,
) -> ApiResult<Json<HistoryView>> {
    let (from, to) = (instant(span.from.as_deref())?, instant(span.to.as_deref())?);
    Ok(Json(app.segment_history(&caller, &id, from, to).await?))
}

/// Members of the latest build, a page at a time. Auditors see pseudonyms and no traits.
#[utoipa::path(get, path = "/api/v1/segments/{id}/members", tag = "segments", params(("id" = String, Path), Paging), responses((status = 200, body = MembersPage)))]
async fn list_members(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(paging): Params<Paging>,
) -> ApiResult<Json<MembersPage>> {
    Ok(Json(app.segment_members(&caller, &id, paging.cursor, paging.limit.unwrap_or(50) as usize).await?))
}

/// Since which build, and for what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Since {
    /// The build that the caller holds.
    since: Option<String>,
    /// `ads` or `email`.
    purpose: Option<String>,
}

/// From the list of a build, taken at any time while it was the latest, to the list of now: remove `removed`, add `added`,
/// compare the digest. Both are sets: `added` may name users that are held already, `removed` users that are not, and the
/// same delta may be applied twice. 410: take the whole list.
#[utoipa::path(get, path = "/api/v1/segments/{id}/delta", tag = "lists out", params(("id" = String, Path), Since), responses((status = 200, body = DeltaView)))]
async fn segment_delta(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<Since>,
) -> ApiResult<Json<DeltaView>> {
    let purpose: Purpose = purpose(query.purpose.as_deref())?;
    let since = query.since.ok_or_else(|| AppError::new(Code::BadRequest, "Name the build that you hold: ?since=<build id>."))?;
    Ok(Json(app.segment_delta(&caller, &id, &since, purpose).await?))
}

/// Which build to recount.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecountInput {
    /// A build of the segment; the latest by default.
    #[serde(default)]
    build_id: Option<String>,
}

/// Run a build again by SQL over raw events.
#[utoipa::path(post, path = "/api/v1/segments/{id}/recount", tag = "audit", params(("id" = String, Path)), request_body = RecountInput, responses((status = 202, body = RecountView)))]
async fn request_recount(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<RecountInput>,
) -> ApiResult<(StatusCode, Json<RecountView>)> {
    Ok((StatusCode::ACCEPTED, Json(app.request_recount(&caller, &id, body.build_id).await?)))
}

/// Which recounts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfSegment {
    /// Only of this segment.
    segment_id: Option<String>,
}

/// Recounts, newest first.
#[utoipa::path(get, path = "/api/v1/recounts", tag = "audit", params(OfSegment), responses((status = 200, body = Items<RecountView>)))]
async fn list_recounts(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(query): Params<OfSegment>,
) -> ApiResult<Json<Items<RecountView>>> {
    Ok(Json(Items { items: app.list_recounts(&caller, query.segment_id).await? }))
}

/// One recount.
#[utoipa::path(get, path = "/api/v1/recounts/{id}", tag = "audit", params(("id" = String, Path)), responses((status = 200, body = RecountView)))]
async fn get_recount(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<Json<RecountView>> {
    Ok(Json(app.recount(&caller, &id).await?))
}
