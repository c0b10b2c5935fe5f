//! The OpenAPI document, printed from the handlers.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi as _, ToSchema};

use crate::problem::Problem;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Rollcall",
        description = "Exact audience segments over everything that logged-in users did. Times are RFC 3339 in UTC; counts are the \
                       cardinality of the very set that is exported. Machines send `Authorization: Bearer rk_...`; the page uses a \
                       session cookie, and `X-CSRF-Token` with unsafe methods. Every failure is problem+json (RFC 9457) with a stable \
                       `code`; only the pages to unsubscribe, which people read, are HTML. The tracking routes (`POST /v1/track` and \
                       so on) follow Segment's HTTP API and are not repeated here.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Everywhere)
)]
struct Document;

/// The document without its paths; the routers add them.
pub fn base() -> OpenApi {
    Document::openapi()
}

struct Everywhere;

impl Modify for Everywhere {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(crate::extract::SESSION_COOKIE))),
        );
        components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// Adds what every operation has: how to sign in, and how failures look.
pub fn complete(document: &mut OpenApi) {
    let name = Problem::name();
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten() {
            finish(operation, &name);
        }
    }
}

fn finish(operation: &mut Operation, problem: &str) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(problem))).build();
    let response = ResponseBuilder::new()
        .description("A problem (RFC 9457); its `code` is stable.")
        .content("application/problem+json", content)
        .build();
    operation.responses.responses.insert("default".into(), response.into());
    if operation.security.is_none() {
        let none: [&str; 0] = [];
        operation.security = Some(vec![SecurityRequirement::new("session", none), SecurityRequirement::new("key", none)]);
    }
}
