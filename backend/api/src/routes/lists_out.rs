//! Lists on their way out.

use std::convert::Infallible;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rollcall_app::App;
use rollcall_app::error::{AppError, Code};
use rollcall_app::lists_out::{Download, Purpose, WaterfallView};
use serde::Deserialize;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::extract::{Params, Signed};
use crate::problem::{ApiError, ApiResult};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(take_list))
        .routes(routes!(waterfall))
        .routes(routes!(user_map))
        .routes(routes!(segment_map))
}

/// For what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PurposeQuery {
    /// `ads` or `email`.
    pub purpose: Option<String>,
}

/// For what, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `ads` or `email`.
    purpose: Option<String>,
    /// `csv` (default), `csv.gz`, `ndjson`, `ndjson.gz`, `parquet`, or for a list `roaring`.
    format: Option<String>,
}

/// Reads a purpose.
pub fn purpose(word: Option<&str>) -> ApiResult<Purpose> {
    let word =
        word.ok_or_else(|| AppError::new(Code::PurposeRequired, "Say what the list is for: ?purpose=ads or ?purpose=email."))?;
    Purpose::parse(word)
        .ok_or_else(|| ApiError(AppError::new(Code::BadRequest, format!("`{word}` is not a purpose; there are ads and email."))))
}

/// What the asker wants: not what it holds already, and with HEAD the headers only.
#[derive(Debug)]
pub struct Asking {
    head: bool,
    held: Vec<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Asking, Infallible> {
        let tags = parts.headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        Ok(Asking { head: parts.method == Method::HEAD, held: tags.map(str::to_owned).collect() })
    }
}

/// A file as an answer; 304 if the asker holds it already. Only a file that is sent is noted in the audit trail.
pub async fn answer(app: &App, download: Download, asking: Asking) -> ApiResult<Response> {
    let unchanged = asking.held.iter().any(|tags| download.is_known(tags));
    let (etag, facts) = (download.etag.clone(), download.facts.clone());
    let (content_type, disposition) = (download.content_type, download.disposition.clone());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else if asking.head {
        // Of unknown length, as the body would be; an empty one would have length 0.
        Body::from_stream(futures::stream::empty::<Result<Bytes, Infallible>>()).into_response()
    } else {
        Body::from_stream(ReceiverStream::new(download.start(app).await?)).into_response()
    };
    let out = response.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|error| ApiError(AppError::internal(error)));
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    out.insert(header::VARY, HeaderValue::from_static("authorization, cookie"));
    if let Some(etag) = &etag {
        out.insert(header::ETAG, value(etag)?);
    }
    if !unchanged {
        out.insert(header::CONTENT_TYPE, value(content_type)?);
        out.insert(header::CONTENT_DISPOSITION, value(&disposition)?);
    }
    for (name, text) in &facts {
        out.insert(HeaderName::from_static(name), value(text)?);
    }
    Ok(response)
}

/// The users of a segment that may leave for the purpose, streamed. With `If-None-Match` an unchanged list is answered 304.
/// `roaring` is the portable 64-bit format; the map of its numbers to user ids is `/api/v1/map/users`.
#[utoipa::path(get, path = "/api/v1/segments/{id}/list", tag = "lists out", params(("id" = String, Path), ListQuery),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>, headers(
        ("etag" = String, description = "Of the list's digest, purpose and format"),
        ("x-rollcall-build" = String), ("x-rollcall-count" = u64, description = "Users on the list"),
        ("x-rollcall-matched" = u64, description = "Users that the rule matched"), ("x-rollcall-digest" = String, description = "Of the users on the list"))),
        (status = 304)))]
async fn take_list(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<ListQuery>,
    asking: Asking,
) -> ApiResult<Response> {
    let (purpose, format) = (purpose(query.purpose.as_deref())?, query.format.as_deref().unwrap_or("csv"));
    let download = app.take_list(&caller, &id, purpose, format).await?;
    answer(&app, download, asking).await
}

/// The steps from the rule's users to those that may be delivered; the drops add up.
#[utoipa::path(get, path = "/api/v1/segments/{id}/waterfall", tag = "lists out", params(("id" = String, Path), PurposeQuery), responses((status = 200, body = WaterfallView)))]
async fn waterfall(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<PurposeQuery>,
) -> ApiResult<Json<WaterfallView>> {
    Ok(Json(app.waterfall(&caller, &id, purpose(query.purpose.as_deref())?).await?))
}

/// The number of each user in roaring lists: `uid` (shard in the high 32 bits) and `user_id`, of users that may leave for
/// the purpose.
#[utoipa::path(get, path = "/api/v1/map/users", tag = "lists out", params(ListQuery), responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn user_map(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(query): Params<ListQuery>,
    asking: Asking,
) -> ApiResult<Response> {
    let download = app.user_map(&caller, purpose(query.purpose.as_deref())?, query.format.as_deref().unwrap_or("csv")).await?;
    answer(&app, download, asking).await
}

/// One line for each user of each segment, of users that may leave for the purpose.
#[utoipa::path(get, path = "/api/v1/map/segments", tag = "lists out", params(ListQuery), responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
async fn segment_map(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(query): Params<ListQuery>,
    asking: Asking,
) -> ApiResult<Response> {
    let download = app.segment_map(&caller, purpose(query.purpose.as_deref())?, query.format.as_deref().unwrap_or("csv")).await?;
    answer(&app, download, asking).await
}
