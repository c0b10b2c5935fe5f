//! The Segment tracking API: unmodified SDKs send here. Never takes cookies; any page may call it.

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use rollcall_app::error::{AppError, Code};
use rollcall_app::{App, Incoming};
use serde_json::json;
use tower_http::cors::{Any, CorsLayer};

use crate::extract::too_large;
use crate::problem::ApiError;

/// All routes that SDKs call. They are outside OpenAPI: their contract is Segment's.
pub fn router(app: &App) -> Router<App> {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        .allow_headers(Any)
        .expose_headers([header::RETRY_AFTER, HeaderName::from_static("x-ratelimit-reset")])
        .max_age(std::time::Duration::from_secs(86_400));
    // `Any` as `*` does not cover Authorization; SDKs send it, so preflights are answered with the names they ask for.
    let cors = cors.allow_headers(tower_http::cors::AllowHeaders::mirror_request());
    Router::new()
        .route("/v1/{kind}", post(track))
        .route("/api/s/{kind}", post(track))
        .route("/v1/projects/{write_key}/settings", get(settings))
        .route("/sourceConfig/", get(source_config))
        .route("/sourceConfig", get(source_config))
        .layer(DefaultBodyLimit::max(app.largest_tracking_body()))
        // Before the layer, so that preflights (OPTIONS) are answered by it.
        .method_not_allowed_fallback(crate::wrong_method)
        .layer(cors)
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

async fn track(State(app): State<App>, Path(kind): Path<String>, request: Request) -> Response {
    match take(&app, &kind, request).await {
        Ok(()) => (StatusCode::OK, axum::Json(json!({"success": true}))).into_response(),
        Err(error) => error.respond(true),
    }
}

async fn take(app: &App, kind: &str, request: Request) -> Result<(), ApiError> {
    let (parts, body) = request.into_parts();
    let peer = parts.extensions.get::<axum::extract::ConnectInfo<std::net::SocketAddr>>().map(|info| info.0.ip().to_string());
    let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await.map_err(too_large)?;
    let incoming = Incoming {
        route: kind.to_owned(),
        authorization: text(&parts.headers, "authorization"),
        write_key: text(&parts.headers, "x-write-key"),
        content_encoding: text(&parts.headers, "content-encoding"),
        anonymous_id: text(&parts.headers, "anonymousid"),
        remote_ip: peer,
        body,
    };
    app.collect(incoming).await.map_err(ApiError)
}

async fn settings(State(app): State<App>, Path(write_key): Path<String>) -> Response {
    match app.accepts(&write_key).await {
        Ok(true) => cached(json!({
            "integrations": {"Segment.io": {"apiKey": write_key, "unbundledIntegrations": [], "addBundledMetadata": false, "maybeBundledConfigIds": {}}},
            "plan": {"track": {"__default": {"enabled": true, "integrations": {}}}, "identify": {"__default": {"enabled": true}}, "group": {"__default": {"enabled": true}}},
            "edgeFunction": {}, "analyticsNextEnabled": true, "middlewareSettings": {}, "enabledMiddleware": {}, "metrics": {"sampleRate": 0},
            "legacyVideoPluginsEnabled": false, "remotePlugins": []
        })),
        Ok(false) => ApiError(AppError::new(Code::NotFound, "There is no source with this write key.")).respond(true),
        Err(error) => ApiError(error).respond(true),
    }
}

/// What RudderStack's browser SDK asks for when it loads: a source without destinations.
async fn source_config(State(app): State<App>, request: Request) -> Response {
    let query = request.uri().query().unwrap_or_default();
    let key = query.split('&').find_map(|pair| pair.strip_prefix("writeKey=")).unwrap_or_default().to_owned();
    let key = if key.is_empty() { basic_user(request.headers()).unwrap_or_default() } else { key };
    match app.accepts(&key).await {
        Ok(true) => cached(json!({
            "source": {"id": key, "name": "Rollcall", "writeKey": key, "enabled": true, "workspaceId": "rollcall", "destinations": [],
                "connections": [], "config": {"statsCollection": {"errors": {"enabled": false}, "metrics": {"enabled": false}}}, "dataplanes": {}},
            "updatedAt": "1970-01-01T00:00:00.000Z"
        })),
        Ok(false) => ApiError(AppError::new(Code::NotSignedIn, "There is no source with this write key.")).respond(true),
        Err(error) => ApiError(error).respond(true),
    }
}

fn basic_user(headers: &HeaderMap) -> Option<String> {
    use base64::Engine as _;
    let authorization = text(headers, "authorization")?;
    let encoded = authorization.strip_prefix("Basic ")?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    String::from_utf8(decoded).ok()?.split(':').next().map(str::to_owned)
}

fn cached(body: serde_json::Value) -> Response {
    let mut response = axum::Json(body).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    response
}
