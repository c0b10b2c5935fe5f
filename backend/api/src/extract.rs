//! Extractors: who asks, and typed input whose faults leave as problem+json.

use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{FromRef, FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;
use rollcall_app::App;
use rollcall_app::access::{Caller, SessionView};
use rollcall_app::error::{AppError, Code};
use rollcall_app::segments::MAX_DEPTH;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::problem::ApiError;

/// Name of the session cookie.
pub const SESSION_COOKIE: &str = "rollcall_session";

/// Whoever asks: a person with a session (and a CSRF token on unsafe methods) or a machine with a key.
pub struct Signed(pub Caller);

/// A person with a session, and the session.
pub struct SignedPerson {
    /// The person.
    pub caller: Caller,
    /// The session, as the page is told of it.
    pub view: SessionView,
}

/// The session cookie's value.
pub fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(SESSION_COOKIE)?.strip_prefix('='))
}

/// The API key, if the request carries one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())?;
    authorization.strip_prefix("Bearer ").map(str::trim)
}

/// Whoever a request's headers name, without the check against forged requests.
pub async fn caller_of(headers: &HeaderMap, app: &App) -> Result<Caller, ApiError> {
    if let Some(key) = bearer(headers) {
        return Ok(app.machine(key).await?);
    }
    Ok(app.session(session_cookie(headers).ok_or_else(not_signed_in)?).await?.0)
}

fn not_signed_in() -> AppError {
    AppError::new(Code::NotSignedIn, "Sign in, or send an API key as `Authorization: Bearer rk_...`.")
}

async fn person(parts: &Parts, app: &App) -> Result<SignedPerson, ApiError> {
    let token = session_cookie(&parts.headers).ok_or_else(not_signed_in)?;
    let (caller, view) = app.session(token).await?;
    if !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        app.check_csrf(token, parts.headers.get("x-csrf-token").and_then(|value| value.to_str().ok()))?;
    }
    Ok(SignedPerson { caller, view })
}

impl<S> FromRequestParts<S> for Signed
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let app = App::from_ref(state);
        if let Some(key) = bearer(&parts.headers) {
            return Ok(Self(app.machine(key).await?));
        }
        Ok(Self(person(parts, &app).await?.caller))
    }
}

impl<S> FromRequestParts<S> for SignedPerson
where
    App: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let app = App::from_ref(state);
        if let Some(key) = bearer(&parts.headers) {
            app.machine(key).await?;
            return Err(AppError::new(Code::Forbidden, "An API key has no session. Sign in as a person.").into());
        }
        person(parts, &app).await
    }
}

/// A JSON body.
pub struct Body<T>(pub T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, state).await.map_err(too_large)?;
        parse(&bytes).map(Self)
    }
}

/// Why a body could not be read.
pub fn too_large(rejection: BytesRejection) -> ApiError {
    if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return ApiError(AppError::new(Code::TooLarge, "The body is larger than this route takes."));
    }
    ApiError(AppError::new(Code::BadRequest, "The body could not be read to its end."))
}

/// What the JSON reader says of more nesting than it follows (128 levels), which no rule may have.
const TOO_DEEP: &str = "recursion limit exceeded";

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// The first condition of the body's `rule` that lies too deep, on a path that leads deeper; `None` if that leads elsewhere.
fn too_deep(path: &serde_path_to_error::Path) -> Option<String> {
    let mut segments = path.iter();
    segments.next().filter(|first| matches!(first, Segment::Map { key } if key == "rule"))?;
    let (mut pointer, mut depth, mut in_group) = (String::new(), 1, false);
    for segment in segments {
        if depth > MAX_DEPTH {
            break;
        }
        match segment {
            Segment::Seq { index } => {
                pointer += &format!("/{index}");
                depth += usize::from(in_group);
                in_group = false;
            }
            Segment::Map { key } => {
                pointer += &format!("/{}", escaped(key));
                depth += usize::from(matches!(key.as_str(), "not" | "among"));
                in_group = matches!(key.as_str(), "all" | "any" | "where" | "sequence");
            }
            _ => {}
        }
    }
    (depth > MAX_DEPTH).then_some(pointer)
}

/// Reads JSON; a fault is reported with its place.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let inner = error.inner();
        if inner.to_string().starts_with(TOO_DEEP)
            && let Some(pointer) = too_deep(error.path())
        {
            return ApiError(AppError::too_deep(pointer));
        }
        if inner.is_syntax() || inner.is_eof() {
            return ApiError(AppError::new(Code::BadRequest, format!("The body is not JSON: {inner}.")));
        }
        let pointer: String = error
            .path()
            .iter()
            .filter_map(|segment| match segment {
                Segment::Seq { index } => Some(format!("/{index}")),
                Segment::Map { key } => Some(format!("/{}", escaped(key))),
                _ => None,
            })
            .collect();
        ApiError(AppError::field(&pointer, "bad_field", &inner.to_string()))
    })?;
    reader
        .end()
        .map_err(|error| ApiError(AppError::new(Code::BadRequest, format!("There is something after the JSON: {error}."))))?;
    Ok(value)
}

/// A typed query string.
pub struct Params<T>(pub T);

impl<T, S> FromRequestParts<S> for Params<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(value) = Query::<T>::from_request_parts(parts, state).await.map_err(|error: QueryRejection| {
            ApiError(AppError::new(Code::BadRequest, format!("The query string: {}.", error.body_text())))
        })?;
        Ok(Self(value))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::Value;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Input {
        #[expect(dead_code, reason = "only read")]
        rule: Value,
    }

    fn refusal(rule: &str) -> AppError {
        parse::<Input>(format!("{{\"rule\":{rule}}}").as_bytes()).unwrap_err().0
    }

    fn nested(start: &str, inner: &str, end: &str) -> String {
        format!("{}{inner}{}", start.repeat(10_000), end.repeat(10_000))
    }

    #[test]
    fn nesting_that_is_not_even_read_is_too_deep_like_any_other() {
        let everyone = r#"{"everyone":true}"#;
        for (rule, pointer) in [
            (nested(r#"{"not":"#, everyone, "}"), "/not".repeat(32)),
            (nested(r#"{"all":["#, everyone, "]}"), "/all/0".repeat(32)),
            (nested(r#"{"top":{"count":1,"by":{"event":"e"},"among":"#, everyone, "}}"), "/top/among".repeat(32)),
        ] {
            let refused = refusal(&rule);
            assert_eq!((refused.code, refused.faults[0].code.as_str()), (Code::InvalidRule, "too_deep"));
            assert_eq!(refused.faults[0].pointer, pointer);
        }
    }

    #[test]
    fn other_nesting_is_a_malformed_request() {
        assert_eq!(refusal(&nested("[", "1", "]")).code, Code::BadRequest);
        assert_eq!(refusal("{").code, Code::BadRequest);
    }
}
