//! Unsubscribing: a page that asks (GET never unsubscribes), and the one-click POST of RFC 8058.

use axum::extract::{Path, State};
use axum::response::Html;
use rollcall_app::App;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::problem::ApiResult;

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

/// Asks whether to unsubscribe. Changes nothing.
#[utoipa::path(get, path = "/u/{token}", tag = "unsubscribe", params(("token" = String, Path)), responses((status = 200, content_type = "text/html", body = String)), security(()))]
async fn ask(State(app): State<App>, Path(token): Path<String>) -> ApiResult<Html<String>> {
    let question = match app.check_unsubscribe(&token)? {
        Some(_) => "Do you want to stop receiving these e-mails?",
        None => "This link is of a test mail. In the real one it asks whether to stop receiving these e-mails.",
    };
    Ok(page(app.organisation(), question, true))
}

/// Unsubscribes at once. Idempotent; needs no cookie and no body.
#[utoipa::path(post, path = "/u/{token}", tag = "unsubscribe", params(("token" = String, Path)), responses((status = 200, content_type = "text/html", body = String)), security(()))]
async fn unsubscribe(State(app): State<App>, Path(token): Path<String>) -> ApiResult<Html<String>> {
    let answer = if app.unsubscribe(&token).await? {
        "You are unsubscribed. No more of these e-mails will be sent to you."
    } else {
        "This link is of a test mail: nobody was unsubscribed."
    };
    Ok(page(app.organisation(), answer, false))
}
