//! Accounts and API keys.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use rollcall_app::App;
use rollcall_app::access::{AccountInput, AccountPatch, AccountView, AccountsPage, ApiKeyView, NewKeyView};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Items, Paging};
use crate::extract::{Body, Params, Signed};
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_users, create_user))
        .routes(routes!(update_user))
        .routes(routes!(list_api_keys, create_api_key))
        .routes(routes!(revoke_api_key))
}

/// Accounts of people.
#[utoipa::path(get, path = "/api/v1/users", tag = "access", params(Paging), responses((status = 200, body = AccountsPage)))]
async fn list_users(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(paging): Params<Paging>,
) -> ApiResult<Json<AccountsPage>> {
    Ok(Json(app.list_accounts(&caller, paging.cursor).await?))
}

/// Make an account.
#[utoipa::path(post, path = "/api/v1/users", tag = "access", request_body = AccountInput, responses((status = 201, body = AccountView)))]
async fn create_user(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<AccountInput>,
) -> ApiResult<(StatusCode, Json<AccountView>)> {
    Ok((StatusCode::CREATED, Json(app.create_account(&caller, body).await?)))
}

/// Change an account.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "access", params(("id" = String, Path)), request_body = AccountPatch, responses((status = 200, body = AccountView)))]
async fn update_user(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<AccountPatch>,
) -> ApiResult<Json<AccountView>> {
    Ok(Json(app.update_account(&caller, &id, body).await?))
}

/// A new key for a machine.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyInput {
    /// What it is for, in words.
    name: String,
    /// `collect`, `pull`, `crm`, `segments`.
    scopes: Vec<String>,
}

/// Keys of machines, without their secrets.
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "access", responses((status = 200, body = Items<ApiKeyView>)))]
async fn list_api_keys(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<Items<ApiKeyView>>> {
    Ok(Json(Items { items: app.list_api_keys(&caller).await? }))
}

/// Make a key. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "access", request_body = KeyInput, responses((status = 201, body = NewKeyView)))]
async fn create_api_key(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<KeyInput>,
) -> ApiResult<(StatusCode, Json<NewKeyView>)> {
    Ok((StatusCode::CREATED, Json(app.create_api_key(&caller, &body.name, &body.scopes).await?)))
}

/// Revoke a key at once.
#[utoipa::path(delete, path = "/api/v1/api-keys/{id}", tag = "access", params(("id" = String, Path)), responses((status = 204)))]
async fn revoke_api_key(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<StatusCode> {
    app.revoke_api_key(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
