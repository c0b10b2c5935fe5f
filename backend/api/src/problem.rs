//! Every failure leaves as problem+json (RFC 9457): one table from code to status and title.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rollcall_app::error::{AppError, Code, Place, code_of};
use serde::Serialize;
use utoipa::ToSchema;

/// A failure.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the code says it all.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The same for every problem of this code.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: String,
    /// What happened, where, and what to do.
    pub detail: String,
    /// Request id; it finds the log line.
    pub instance: String,
    /// Faults with their places: JSON pointers into the request body, or for `invalid_rule` into the rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Place>,
    /// `false` on the tracking routes, whose SDKs look for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// `detail` once more on the tracking routes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// A use case's failure on its way out.
#[derive(Debug)]
pub struct ApiError(pub AppError);

impl<E: Into<AppError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// Result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

tokio::task_local! {
    /// Id of the request being answered.
    pub static REQUEST_ID: String;
}

/// The request's id, or nothing outside a request.
pub fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

/// Status and title of a code.
pub fn row(code: Code) -> (StatusCode, &'static str) {
    match code {
        Code::BadRequest => (StatusCode::BAD_REQUEST, "The request is malformed"),
        Code::PurposeRequired => (StatusCode::BAD_REQUEST, "A purpose is required"),
        Code::InvalidCredentials => (StatusCode::UNAUTHORIZED, "Wrong e-mail or password"),
        Code::NotSignedIn => (StatusCode::UNAUTHORIZED, "Not signed in"),
        Code::Forbidden => (StatusCode::FORBIDDEN, "Not allowed"),
        Code::CsrfFailed => (StatusCode::FORBIDDEN, "CSRF check failed"),
        Code::NotFound => (StatusCode::NOT_FOUND, "Not found"),
        Code::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
        Code::UnknownUser => (StatusCode::NOT_FOUND, "Unknown user"),
        Code::BuildGone => (StatusCode::GONE, "The build is gone"),
        Code::VersionConflict => (StatusCode::CONFLICT, "It has changed meanwhile"),
        Code::Taken => (StatusCode::CONFLICT, "Already taken"),
        Code::InUse => (StatusCode::CONFLICT, "Still in use"),
        Code::TypeInUse => (StatusCode::CONFLICT, "The type is in use"),
        Code::WrongState => (StatusCode::CONFLICT, "Not possible in this state"),
        Code::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
        Code::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
        Code::InvalidRule => (StatusCode::UNPROCESSABLE_ENTITY, "The rule is not valid"),
        Code::InvalidInput => (StatusCode::UNPROCESSABLE_ENTITY, "The input is not valid"),
        Code::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Not available at the moment"),
        Code::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side"),
    }
}

/// Seconds after which a client may try again.
fn retry_after(code: Code) -> Option<&'static str> {
    match code {
        Code::TooManyRequests => Some("5"),
        Code::Unavailable => Some("10"),
        _ => None,
    }
}

impl ApiError {
    /// The answer; `tracking` adds the members that tracking SDKs read.
    pub fn respond(self, tracking: bool) -> Response {
        let AppError { code, detail, faults } = self.0;
        let (status, title) = row(code);
        let instance = request_id();
        let detail = if code == Code::Internal {
            tracing::error!(request_id = instance, error = detail, "request failed");
            format!("The log has the details under request id {instance}.")
        } else {
            detail
        };
        let problem = Problem {
            kind: "about:blank",
            title,
            status: status.as_u16(),
            code: code_of(&code),
            success: tracking.then_some(false),
            message: tracking.then(|| detail.clone()),
            detail,
            instance,
            errors: faults,
        };
        let mut response = (status, axum::Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after(code) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(seconds));
            headers.insert("x-ratelimit-reset", HeaderValue::from_static(seconds));
        }
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.respond(false)
    }
}

/// What a handler that panicked answers.
pub fn panicked(panic: Box<dyn std::any::Any + Send>) -> Response {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic");
    ApiError(AppError::internal(text)).respond(false)
}
