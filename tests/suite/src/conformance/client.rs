//! HTTP requests to the server's own router, without a socket between.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use rollcall_app::App;
use serde_json::Value;
use tower::ServiceExt as _;

/// What a browser holds after signing in.
#[derive(Clone)]
pub struct Session {
    cookie: String,
    csrf: String,
}

/// Somebody who is signed in.
pub struct Client {
    router: Router,
    session: Session,
}

/// An answer that was not expected.
fn unexpected(path: &str, status: StatusCode, body: &Value) -> String {
    format!("{path}: {status} {body}")
}

async fn answer(router: &Router, request: Request<Body>) -> (StatusCode, Option<String>, Value) {
    let response = router.clone().oneshot(request).await.unwrap();
    let cookie = response.headers().get(header::SET_COOKIE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, cookie, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

fn json_request(method: Method, path: &str, body: Option<&Value>) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path);
    if body.is_some() { request.header(header::CONTENT_TYPE, "application/json") } else { request }
}

fn body_of(body: Option<&Value>) -> Body {
    body.map_or_else(Body::empty, |body| Body::from(body.to_string()))
}

impl Session {
    pub async fn begin(app: &App, credentials: &Value) -> Result<Session, String> {
        let router = rollcall_api::router(app.clone());
        let path = "/api/v1/session";
        let request = json_request(Method::POST, path, Some(credentials)).body(body_of(Some(credentials))).unwrap();
        let (status, cookie, body) = answer(&router, request).await;
        let cookie = cookie.as_deref().and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let csrf = body["csrf_token"].as_str().map(str::to_owned);
        cookie.zip(csrf).map(|(cookie, csrf)| Session { cookie, csrf }).ok_or_else(|| unexpected(path, status, &body))
    }
}

impl Client {
    pub fn new(app: &App, session: Session) -> Client {
        Client { router: rollcall_api::router(app.clone()), session }
    }

    /// Sends a request of the management API; whatever the status, the body comes back with it.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let request = json_request(method, path, body)
            .header(header::COOKIE, &self.session.cookie)
            .header("x-csrf-token", &self.session.csrf)
            .body(body_of(body))
            .unwrap();
        let (status, _, body) = answer(&self.router, request).await;
        (status, body)
    }

    /// Sends a request that has to succeed.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let (status, body) = self.send(method, path, body).await;
        if status.is_success() { Ok(body) } else { Err(unexpected(path, status, &body)) }
    }

    pub async fn get(&self, path: &str) -> Result<Value, String> {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// Sends messages as an SDK does.
    pub async fn track(&self, write_key: &str, messages: &[Value]) -> Result<(), String> {
        let path = "/v1/batch";
        let body = serde_json::json!({"batch": messages, "writeKey": write_key});
        let request = json_request(Method::POST, path, Some(&body)).body(body_of(Some(&body))).unwrap();
        let (status, _, body) = answer(&self.router, request).await;
        if status == StatusCode::OK { Ok(()) } else { Err(unexpected(path, status, &body)) }
    }
}
