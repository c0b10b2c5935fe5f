//! Signing in and out.

use std::net::{IpAddr, SocketAddr};

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rollcall_app::App;
use rollcall_app::access::{OwnPassword, SessionView};
use rollcall_app::error::AppError;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::extract::{Body, SESSION_COOKIE, SignedPerson};
use crate::problem::{ApiError, ApiResult};

/// Who signs in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// E-mail address of the account.
    email: String,
    /// Its password.
    password: String,
}

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(sign_in, session, sign_out)).routes(routes!(change_password))
}

fn with_cookie(mut response: Response, app: &App, value: &str, max_age: i64) -> ApiResult<Response> {
    let secure = if app.config().session.secure_cookie { "; Secure" } else { "" };
    let cookie = format!("{SESSION_COOKIE}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={max_age}{secure}");
    let cookie = HeaderValue::from_str(&cookie).map_err(|error| ApiError(AppError::internal(error)))?;
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn peer(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())
}

/// Sign in. The session is an HttpOnly cookie; unsafe requests need `X-CSRF-Token` besides.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = Credentials, responses((status = 200, body = SessionView)), security(()))]
async fn sign_in(State(app): State<App>, extensions: Extensions, Body(body): Body<Credentials>) -> ApiResult<Response> {
    let signed = app.sign_in(&body.email, body.password, peer(&extensions)).await?;
    with_cookie(Json(signed.view).into_response(), &app, &signed.token, signed.max_age)
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses((status = 200, body = SessionView)))]
async fn session(person: SignedPerson) -> ([(header::HeaderName, &'static str); 1], Json<SessionView>) {
    ([(header::CACHE_CONTROL, "no-store")], Json(person.view))
}

/// Sign out everywhere.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204)))]
async fn sign_out(State(app): State<App>, _headers: HeaderMap, person: SignedPerson) -> ApiResult<Response> {
    app.sign_out(&person.caller).await?;
    with_cookie(StatusCode::NO_CONTENT.into_response(), &app, "", 0)
}

/// Change one's own password. Every other session of the account ends; this one goes on with the new cookie and token.
#[utoipa::path(put, path = "/api/v1/session/password", tag = "session", request_body = OwnPassword, responses((status = 200, body = SessionView)))]
async fn change_password(
    State(app): State<App>,
    extensions: Extensions,
    person: SignedPerson,
    Body(body): Body<OwnPassword>,
) -> ApiResult<Response> {
    let signed = app.change_own_password(&person.caller, body, peer(&extensions)).await?;
    with_cookie(Json(signed.view).into_response(), &app, &signed.token, signed.max_age)
}
