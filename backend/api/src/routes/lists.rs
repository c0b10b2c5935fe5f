//! Lists that people upload.

use axum::Json;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use rollcall_app::App;
use rollcall_app::access::Permission;
use rollcall_app::error::{AppError, Code};
use rollcall_app::lists::{ListView, Upload};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::extract::{Params, Signed, parse, too_large};
use crate::problem::ApiResult;

/// Largest upload, bytes.
pub const LARGEST_UPLOAD: usize = 512 << 20;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_lists, create_list))
        .routes(routes!(replace_list, delete_list))
        .routes(routes!(append_list))
        .layer(axum::extract::DefaultBodyLimit::max(LARGEST_UPLOAD))
}

/// A list as JSON. As `text/csv` or `text/plain` the body is one user id a line, and the name a query parameter.
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

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Id, for uploads as text.
    id: Option<String>,
    /// Name, for uploads as text.
    name: Option<String>,
}

/// One user id a line; of a CSV the first column, without a header named user_id.
fn ids_of(text: &str) -> Vec<String> {
    let ids = text.lines().map(|line| {
        let line = line.trim_end_matches('\r').trim_start_matches('\u{feff}');
        match line.strip_prefix('"') {
            Some(quoted) => quoted.replace("\"\"", "\u{0}").split('"').next().unwrap_or_default().replace('\u{0}', "\""),
            None => line.split(',').next().unwrap_or_default().to_owned(),
        }
    });
    ids.enumerate().filter(|(index, id)| !(id.is_empty() || *index == 0 && id == "user_id")).map(|(_, id)| id).collect()
}

async fn upload(request: Request, query: ListQuery) -> ApiResult<ListInput> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = Bytes::from_request(request, &()).await.map_err(too_large)?;
    if kind.starts_with("text/") {
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| AppError::new(Code::BadRequest, format!("The upload is not UTF-8: {error}.")))?;
        return Ok(ListInput { id: query.id, name: query.name, user_ids: ids_of(text) });
    }
    parse(&bytes)
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
    let input = upload(request, query).await?;
    Ok((StatusCode::CREATED, Json(app.create_list(&caller, input.id, &input.name.unwrap_or_default(), input.user_ids).await?)))
}

/// Replace a list's users.
#[utoipa::path(put, path = "/api/v1/lists/{id}", tag = "lists", params(("id" = String, Path), ListQuery), request_body = ListInput, responses((status = 200, body = ListView)))]
async fn replace_list(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<ListQuery>,
    request: Request,
) -> ApiResult<Json<ListView>> {
    caller.require(Permission::EditLists)?;
    Ok(Json(app.upload_list(&caller, &id, upload(request, query).await?.user_ids, Upload::Replace).await?))
}

/// Add users to a list.
#[utoipa::path(post, path = "/api/v1/lists/{id}/append", tag = "lists", params(("id" = String, Path), ListQuery), request_body = ListInput, responses((status = 200, body = ListView)))]
async fn append_list(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<ListQuery>,
    request: Request,
) -> ApiResult<Json<ListView>> {
    caller.require(Permission::EditLists)?;
    Ok(Json(app.upload_list(&caller, &id, upload(request, query).await?.user_ids, Upload::Append).await?))
}

/// Delete a list.
#[utoipa::path(delete, path = "/api/v1/lists/{id}", tag = "lists", params(("id" = String, Path)), responses((status = 204)))]
async fn delete_list(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<StatusCode> {
    app.delete_list(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
