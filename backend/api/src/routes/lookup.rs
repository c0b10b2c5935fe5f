//! Which segments a user is in.

use axum::Json;
use axum::extract::{Path, State};
use rollcall_app::App;
use rollcall_app::lookup::{LookupBatchView, LookupView};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::lists_out::{PurposeQuery, purpose};
use crate::extract::{Body, Params, Signed};
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(lookup_user)).routes(routes!(lookup_users))
}

/// Many users.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserIds {
    /// At most 1,000.
    user_ids: Vec<String>,
}

/// Segments of one user, for a purpose; none without its consent.
#[utoipa::path(get, path = "/api/v1/lookup/{user_id}", tag = "lists out", params(("user_id" = String, Path), PurposeQuery), responses((status = 200, body = LookupView)))]
async fn lookup_user(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(user_id): Path<String>,
    Params(query): Params<PurposeQuery>,
) -> ApiResult<Json<LookupView>> {
    Ok(Json(app.lookup(&caller, &user_id, purpose(query.purpose.as_deref())?).await?))
}

/// Segments of up to 1,000 users, for a purpose.
#[utoipa::path(post, path = "/api/v1/lookup", tag = "lists out", params(PurposeQuery), request_body = UserIds, responses((status = 200, body = LookupBatchView)))]
async fn lookup_users(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(query): Params<PurposeQuery>,
    Body(body): Body<UserIds>,
) -> ApiResult<Json<LookupBatchView>> {
    Ok(Json(app.lookup_batch(&caller, body.user_ids, purpose(query.purpose.as_deref())?).await?))
}
