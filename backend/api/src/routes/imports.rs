//! Files of events and profiles.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use futures::TryStreamExt as _;
use rollcall_app::{App, ImportInput, ImportView};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::extract::{Params, Signed};
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_imports, create_import)).routes(routes!(get_import)).routes(routes!(cancel_import))
}

/// Imports, newest first.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", responses((status = 200, body = Items<ImportView>)))]
async fn list_imports(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<Items<ImportView>>> {
    Ok(Json(Items { items: app.list_imports(&caller).await? }))
}

/// Upload a file as the body of the request; it is read in the background. The same file again changes nothing: its rows
/// are counted as duplicates. A file that is queued or being read already is not queued again: the answer is that import.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", params(ImportInput), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 202, body = ImportView)))]
async fn create_import(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(input): Params<ImportInput>,
    request: Request,
) -> ApiResult<(StatusCode, Json<ImportView>)> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let bytes = request.into_body().into_data_stream().map_err(std::io::Error::other);
    Ok((StatusCode::ACCEPTED, Json(app.create_import(&caller, input, length, bytes).await?)))
}

/// One import with its progress.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports", params(("id" = String, Path)), responses((status = 200, body = ImportView)))]
async fn get_import(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<Json<ImportView>> {
    Ok(Json(app.import(&caller, &id).await?))
}

/// Stop an import; rows that were read stay.
#[utoipa::path(post, path = "/api/v1/imports/{id}/cancel", tag = "imports", params(("id" = String, Path)), responses((status = 200, body = ImportView)))]
async fn cancel_import(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<Json<ImportView>> {
    Ok(Json(app.cancel_import(&caller, &id).await?))
}
