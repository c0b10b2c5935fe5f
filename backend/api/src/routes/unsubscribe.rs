//! Unsubscribing: a page that asks (GET never unsubscribes), and the one-click POST of RFC 8058. Whoever comes here reads a
//! page, also when something is wrong.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _};
use rollcall_app::App;
use rollcall_app::error::AppError;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::problem::ApiError;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(ask, unsubscribe))
}

fn page(organisation: &str, text: &str, button: bool) -> Html<String> {
    let name = organisation.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let form = if button {
        "<form method=\"post\"><button name=\"List-Unsubscribe\" value=\"One-Click\">Unsubscribe</button></form>"
    } else {
        ""
    };
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>Unsubscribe - {name}</title><style>body{{font:17px/1.5 system-ui,sans-serif;\
         max-width:32rem;margin:15vh auto;padding:0 1.5rem;color:#1d2433}}button{{font:inherit;padding:.6rem 1.4rem;border:0;\
         border-radius:.5rem;background:#3b3fb8;color:#fff;cursor:pointer}}</style></head><body><main><h1>{name}</h1><p>{text}</p>{form}</main></body></html>"
    ))
}

/// A failure, told to a reader; it is logged as every other.
fn failed(app: &App, error: AppError) -> (StatusCode, Html<String>) {
    let status = ApiError(error).into_response().status();
    let text = if status == StatusCode::NOT_FOUND {
        "This link does not work; it may have been cut short. Please open the whole link from the e-mail."
    } else {
        "This did not work just now, and nothing has changed. Please try again in a few minutes."
    };
    (status, page(app.organisation(), text, false))
}

/// Asks whether to unsubscribe. Changes nothing.
#[utoipa::path(get, path = "/u/{token}", tag = "unsubscribe", params(("token" = String, Path)), responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String, description = "A link that was cut short")), security(()))]
async fn ask(State(app): State<App>, Path(token): Path<String>) -> (StatusCode, Html<String>) {
    let question = match app.check_unsubscribe(&token) {
        Ok(Some(_)) => "Do you want to stop receiving these e-mails?",
        Ok(None) => "This link is of a test mail. In the real one it asks whether to stop receiving these e-mails.",
        Err(error) => return failed(&app, error),
    };
    (StatusCode::OK, page(app.organisation(), question, true))
}

/// Unsubscribes at once. Idempotent; needs no cookie and no body.
#[utoipa::path(post, path = "/u/{token}", tag = "unsubscribe", params(("token" = String, Path)), responses((status = 200, content_type = "text/html", body = String), (status = 404, content_type = "text/html", body = String, description = "A link that was cut short")), security(()))]
async fn unsubscribe(State(app): State<App>, Path(token): Path<String>) -> (StatusCode, Html<String>) {
    let answer = match app.unsubscribe(&token).await {
        Ok(true) => "You are unsubscribed. No more of these e-mails will be sent to you.",
        Ok(false) => "This link is of a test mail: nobody was unsubscribed.",
        Err(error) => return failed(&app, error),
    };
    (StatusCode::OK, page(app.organisation(), answer, false))
}
