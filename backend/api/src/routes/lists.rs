//! Lists that people upload.

use axum::Json;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use rollcall_app::App;
use rollcall_app::access::Permission;
use rollcall_app::error::{AppError, Code};
use rollcall_app::lists::{IdFile, ListView, Upload, UserIds, read_user_ids};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use super::lists_out::{Asking, answer};
use crate::extract::{Params, Signed, parse, too_large};
use crate::problem::ApiResult;

/// Largest upload, bytes.
pub const LARGEST_UPLOAD: usize = 512 << 20;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_lists, create_list))
        .routes(routes!(replace_list, delete_list))
        .routes(routes!(append_list))
        .routes(routes!(unknown_ids))
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST_UPLOAD))
}

/// A list as JSON. As text the body is the user ids alone, and the rest query parameters: `text/plain` has one id a line, as
/// it stands; of `text/csv` the first column is read, without a header named `user_id`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ListInput {
    /// Id that rules name; made if missing.
    #[serde(default)]
    id: Option<String>,
    /// Name.
    #[serde(default)]
    name: Option<String>,
    /// User ids; known or not.
    user_ids: Vec<String>,
}

/// New contents of a list, and a new name if one is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ListReplacement {
    /// New name.
    #[serde(default)]
    name: Option<String>,
    /// User ids; known or not.
    user_ids: Vec<String>,
}

/// User ids to add to a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ListAddition {
    /// User ids; known or not.
    user_ids: Vec<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Id, for uploads as text.
    id: Option<String>,
    /// Name, for uploads as text.
    name: Option<String>,
}

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents the one parameter that a replacement as text takes")]
struct NameQuery {
    /// New name, for uploads as text.
    name: Option<String>,
}

/// What an upload holds.
enum Uploaded {
    UserIds(UserIds),
    Json(Bytes),
}

async fn uploaded(request: Request) -> ApiResult<Uploaded> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let written = match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "text/csv" => Some(IdFile::Csv),
        kind if kind.starts_with("text/") => Some(IdFile::Lines),
        _ => None,
    };
    Ok(match written {
        Some(written) => Uploaded::UserIds(read_user_ids(bounded(request), written).await?),
        None => Uploaded::Json(Bytes::from_request(request, &()).await.map_err(too_large)?),
    })
}

/// The body as it arrives, up to the largest that is taken.
fn bounded(request: Request) -> impl Stream<Item = std::io::Result<Bytes>> + Send {
    let mut left = LARGEST_UPLOAD;
    request.into_body().into_data_stream().map(move |chunk| -> std::io::Result<Bytes> {
        let chunk = chunk.map_err(std::io::Error::other)?;
        left = left.checked_sub(chunk.len()).ok_or(std::io::ErrorKind::FileTooLarge)?;
        Ok(chunk)
    })
}

/// Refuses a query parameter that would not be used.
fn refuse(parameter: &str, value: Option<&String>, place: &str) -> ApiResult<()> {
    match value {
        None => Ok(()),
        Some(_) => Err(AppError::new(Code::BadRequest, format!("`{parameter}` is not a query parameter here: {place}.")).into()),
    }
}

/// All lists, with how many of their users are known.
#[utoipa::path(get, path = "/api/v1/lists", tag = "lists", responses((status = 200, body = Items<ListView>)))]
async fn list_lists(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<Items<ListView>>> {
    Ok(Json(Items { items: app.all_lists(&caller).await? }))
}

/// Upload a list as JSON, or as text with one user id a line.
#[utoipa::path(post, path = "/api/v1/lists", tag = "lists", params(ListQuery), request_body = ListInput, responses((status = 201, body = ListView)))]
async fn create_list(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(query): Params<ListQuery>,
    request: Request,
) -> ApiResult<(StatusCode, Json<ListView>)> {
    caller.require(Permission::EditLists)?;
    let (id, name, user_ids) = match uploaded(request).await? {
        Uploaded::UserIds(user_ids) => (query.id, query.name, user_ids),
        Uploaded::Json(bytes) => {
            refuse("id", query.id.as_ref(), "it belongs in the JSON")?;
            refuse("name", query.name.as_ref(), "it belongs in the JSON")?;
            let ListInput { id, name, user_ids } = parse(&bytes)?;
            (id, name, user_ids.into_iter().collect())
        }
    };
    Ok((StatusCode::CREATED, Json(app.create_list(&caller, id, &name.unwrap_or_default(), user_ids).await?)))
}

/// Replace a list's users, and its name if one is given.
#[utoipa::path(put, path = "/api/v1/lists/{id}", tag = "lists", params(("id" = String, Path), NameQuery), request_body = ListReplacement, responses((status = 200, body = ListView)))]
async fn replace_list(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<ListQuery>,
    request: Request,
) -> ApiResult<Json<ListView>> {
    caller.require(Permission::EditLists)?;
    refuse("id", query.id.as_ref(), "a list keeps its id")?;
    let (name, user_ids) = match uploaded(request).await? {
        Uploaded::UserIds(user_ids) => (query.name, user_ids),
        Uploaded::Json(bytes) => {
            refuse("name", query.name.as_ref(), "it belongs in the JSON")?;
            let ListReplacement { name, user_ids } = parse(&bytes)?;
            (name, user_ids.into_iter().collect())
        }
    };
    Ok(Json(app.upload_list(&caller, &id, name, user_ids, Upload::Replace).await?))
}

/// Add users to a list.
#[utoipa::path(post, path = "/api/v1/lists/{id}/append", tag = "lists", params(("id" = String, Path)), request_body = ListAddition, responses((status = 200, body = ListView)))]
async fn append_list(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<ListQuery>,
    request: Request,
) -> ApiResult<Json<ListView>> {
    caller.require(Permission::EditLists)?;
    refuse("id", query.id.as_ref(), "a list keeps its id")?;
    refuse("name", query.name.as_ref(), "adding users does not rename a list")?;
    let user_ids = match uploaded(request).await? {
        Uploaded::UserIds(user_ids) => user_ids,
        Uploaded::Json(bytes) => parse::<ListAddition>(&bytes)?.user_ids.into_iter().collect(),
    };
    Ok(Json(app.upload_list(&caller, &id, None, user_ids, Upload::Append).await?))
}

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FormatQuery {
    /// `csv` (default), `csv.gz`, `ndjson`, `ndjson.gz` or `parquet`.
    format: Option<String>,
}

/// The ids of a list that no known user has, streamed, in one column `user_id`: correct them and upload them again.
#[utoipa::path(get, path = "/api/v1/lists/{id}/unknown", tag = "lists", params(("id" = String, Path), FormatQuery),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>, headers(("x-rollcall-count" = u64, description = "Unknown ids")))))]
async fn unknown_ids(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<FormatQuery>,
    asking: Asking,
) -> ApiResult<Response> {
    let download = app.unknown_ids(&caller, &id, query.format.as_deref().unwrap_or("csv")).await?;
    answer(&app, download, asking).await
}

/// Delete a list.
#[utoipa::path(delete, path = "/api/v1/lists/{id}", tag = "lists", params(("id" = String, Path)), responses((status = 204)))]
async fn delete_list(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<StatusCode> {
    app.delete_list(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
