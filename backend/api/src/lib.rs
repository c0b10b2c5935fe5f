//! The HTTP surface: the REST API, the tracking API, and the page. Knows no driver.
//!
//! A request reads: [`extract`] (who asks, typed input) -> one use case of `rollcall-app` -> JSON, or a [`problem`].

mod extract;
mod openapi;
mod page;
pub mod problem;
mod routes;
mod unread;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use rollcall_app::App;
use rollcall_app::error::{AppError, Code};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::OpenApiRouter;

/// Largest JSON body of the management API, bytes.
const LARGEST_JSON: usize = 4 << 20;

fn api() -> (Router<App>, utoipa::openapi::OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(openapi::base())
        .merge(routes::session::router())
        .merge(routes::access::router())
        .merge(routes::system::router())
        .merge(routes::sources::router())
        .merge(routes::schema::router())
        .merge(routes::rules::router())
        .merge(routes::segments::router())
        .merge(routes::lookup::router())
        .merge(routes::campaigns::router())
        .merge(routes::unsubscribe::router())
        .merge(routes::live::router())
        .layer(DefaultBodyLimit::max(LARGEST_JSON))
        .merge(routes::lists::router())
        .merge(routes::catalogues::router())
        .merge(routes::lists_out::router())
        .merge(routes::imports::router())
        .split_for_parts();
    openapi::complete(&mut document);
    (router, document)
}

/// The OpenAPI document, as committed in `openapi/openapi.json`.
pub fn openapi_json() -> String {
    api().1.to_pretty_json().unwrap_or_default() + "\n"
}

/// Everything that the server answers.
pub fn router(app: App) -> Router {
    let (api, document) = api();
    // Lists are streamed, and their ETag names their very bytes: compressing them is the client's choice of format (`csv.gz`).
    let compressible = DefaultPredicate::new()
        .and(NotForContentType::new("text/csv"))
        .and(NotForContentType::new("application/x-ndjson"))
        .and(NotForContentType::new("application/octet-stream"))
        .and(NotForContentType::new("application/vnd"))
        .and(NotForContentType::new("application/gzip"));
    let docs: Router<App> = utoipa_swagger_ui::SwaggerUi::new("/docs").url("/openapi.json", document).into();
    api.merge(docs)
        .merge(routes::tracking::router(&app))
        .method_not_allowed_fallback(wrong_method)
        .fallback(page::serve)
        .layer(CompressionLayer::new().compress_when(compressible))
        .layer(SetResponseHeaderLayer::if_not_present(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")))
        .layer(SetResponseHeaderLayer::if_not_present(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), observe))
        .layer(middleware::from_fn(unread::read_on))
        .with_state(app)
}

/// Answers a known path with a method that it does not have.
async fn wrong_method(method: Method, uri: Uri) -> Response {
    let detail = format!("This path does not take {method}; the header Allow says what it takes.");
    problem::ApiError(AppError::new(Code::MethodNotAllowed, detail)).respond(uri.path().starts_with("/v1/"))
}

/// Gives each request an id and one log line.
async fn observe(axum::extract::State(app): axum::extract::State<App>, request: Request, next: Next) -> Response {
    let id = app.new_id();
    let (method, path) = (request.method().clone(), logged_path(request.uri().path()));
    let start = std::time::Instant::now();
    let mut response = problem::REQUEST_ID.scope(id.clone(), next.run(request)).await;
    let status = response.status().as_u16();
    let millis = start.elapsed().as_micros() as f64 / 1e3;
    if status >= 500 {
        tracing::warn!(request_id = id, %method, path, status, millis, "request");
    } else {
        tracing::debug!(request_id = id, %method, path, status, millis, "request");
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// A path without what could name a person.
fn logged_path(path: &str) -> String {
    for prefix in ["/api/v1/lookup/", "/u/", "/v1/projects/"] {
        if path.starts_with(prefix) {
            return format!("{prefix}...");
        }
    }
    path.to_owned()
}
