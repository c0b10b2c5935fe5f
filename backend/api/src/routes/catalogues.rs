//! Catalogues.

use axum::Json;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use rollcall_app::App;
use rollcall_app::access::{Caller, Permission};
use rollcall_app::catalogues::{CatalogueChange, CatalogueInput, CatalogueRowsPage, CatalogueView, RowFormat, RowUpload};
use rollcall_app::error::{AppError, Code};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::extract::{Body, Params, Signed, too_large};
use crate::problem::ApiResult;

/// Largest upload, bytes.
const LARGEST_UPLOAD: usize = 64 << 20;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_catalogues, create_catalogue))
        .routes(routes!(get_catalogue, change_catalogue, delete_catalogue))
        .routes(routes!(list_rows, replace_rows, upsert_rows))
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST_UPLOAD))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    /// Only rows in whose key or texts this occurs, in upper or lower case.
    q: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Most rows of the page (100; at most 1,000).
    limit: Option<usize>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UploadQuery {
    /// Field or column that holds the key; `key` if missing.
    key: Option<String>,
}

fn format_of(request: &Request) -> ApiResult<RowFormat> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "" | "application/json" => RowFormat::Json,
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" => RowFormat::Ndjson,
        "text/csv" => RowFormat::Csv,
        "application/vnd.apache.parquet" => RowFormat::Parquet,
        other => {
            let text = format!(
                "Rows are sent as application/json, application/x-ndjson, text/csv or application/vnd.apache.parquet, not {other}."
            );
            return Err(AppError::new(Code::BadRequest, text).into());
        }
    })
}

/// All catalogues.
#[utoipa::path(get, path = "/api/v1/catalogues", tag = "catalogues", responses((status = 200, body = Items<CatalogueView>)))]
async fn list_catalogues(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<Items<CatalogueView>>> {
    Ok(Json(Items { items: app.catalogues(&caller)? }))
}

/// Make a catalogue; its rows are uploaded afterwards.
#[utoipa::path(post, path = "/api/v1/catalogues", tag = "catalogues", request_body = CatalogueInput, responses((status = 201, body = CatalogueView)))]
async fn create_catalogue(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(input): Body<CatalogueInput>,
) -> ApiResult<(StatusCode, Json<CatalogueView>)> {
    Ok((StatusCode::CREATED, Json(app.create_catalogue(&caller, input).await?)))
}

/// One catalogue: attributes with their types, links, number of rows.
#[utoipa::path(get, path = "/api/v1/catalogues/{id}", tag = "catalogues", params(("id" = String, Path)), responses((status = 200, body = CatalogueView)))]
async fn get_catalogue(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<Json<CatalogueView>> {
    Ok(Json(app.catalogue(&caller, &id)?))
}

/// Change a catalogue's name, links or declared types.
#[utoipa::path(patch, path = "/api/v1/catalogues/{id}", tag = "catalogues", params(("id" = String, Path)), request_body = CatalogueChange, responses((status = 200, body = CatalogueView)))]
async fn change_catalogue(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(change): Body<CatalogueChange>,
) -> ApiResult<Json<CatalogueView>> {
    Ok(Json(app.change_catalogue(&caller, &id, change).await?))
}

/// Delete a catalogue that no segment uses.
#[utoipa::path(delete, path = "/api/v1/catalogues/{id}", tag = "catalogues", params(("id" = String, Path)), responses((status = 204)))]
async fn delete_catalogue(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<StatusCode> {
    app.delete_catalogue(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Rows of a catalogue, by key.
#[utoipa::path(get, path = "/api/v1/catalogues/{id}/rows", tag = "catalogues", params(("id" = String, Path), RowsQuery), responses((status = 200, body = CatalogueRowsPage)))]
async fn list_rows(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<RowsQuery>,
) -> ApiResult<Json<CatalogueRowsPage>> {
    let limit = query.limit.unwrap_or(100);
    Ok(Json(app.catalogue_rows(&caller, &id, query.q, query.cursor, limit).await?))
}

/// Replace all rows.
///
/// The body is a JSON list of objects, or by its content type NDJSON, CSV with a header, or Parquet. `key` is the key (or
/// `?key=` says which field is), `seasons` a list of `{from, to}`, everything else an attribute; null and empty cells are not
/// set. In CSV, lists, objects and `seasons` are JSON in a cell. At most 200,000 rows and 64 MiB. One row that does not fit
/// refuses the upload.
#[utoipa::path(put, path = "/api/v1/catalogues/{id}/rows", tag = "catalogues", params(("id" = String, Path), UploadQuery), request_body = Vec<Object>, responses((status = 200, body = CatalogueView)))]
async fn replace_rows(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<UploadQuery>,
    request: Request,
) -> ApiResult<Json<CatalogueView>> {
    upload(&app, &caller, &id, query, request, RowUpload::Replace).await
}

/// Add rows, or put them in place of those with the same key.
///
/// The body is that of the replacement. A row replaces the whole row of its key.
#[utoipa::path(post, path = "/api/v1/catalogues/{id}/rows", tag = "catalogues", params(("id" = String, Path), UploadQuery), request_body = Vec<Object>, responses((status = 200, body = CatalogueView)))]
async fn upsert_rows(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<UploadQuery>,
    request: Request,
) -> ApiResult<Json<CatalogueView>> {
    upload(&app, &caller, &id, query, request, RowUpload::Upsert).await
}

async fn upload(
    app: &App,
    caller: &Caller,
    id: &str,
    query: UploadQuery,
    request: Request,
    upload: RowUpload,
) -> ApiResult<Json<CatalogueView>> {
    caller.require(Permission::UploadRows)?;
    let format = format_of(&request)?;
    let file = Bytes::from_request(request, &()).await.map_err(too_large)?;
    Ok(Json(app.upload_rows(caller, id, file, format, query.key, upload).await?))
}
