//! The types of traits and properties, and the values that occur.

use axum::Json;
use axum::extract::State;
use rollcall_app::App;
use rollcall_app::schema::{Declaration, SchemaView, ValuesQuery, ValuesView};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::extract::{Body, Params, Signed};
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_schema, declare_types)).routes(routes!(list_values))
}

/// Event names, properties and traits with their types.
#[utoipa::path(get, path = "/api/v1/schema", tag = "schema", responses((status = 200, body = SchemaView)))]
async fn get_schema(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<SchemaView>> {
    Ok(Json(app.schema(&caller).await?))
}

/// Declare types before data comes (dates are never learnt from text).
#[utoipa::path(put, path = "/api/v1/schema", tag = "schema", request_body = Declaration, responses((status = 200, body = SchemaView)))]
async fn declare_types(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<Declaration>,
) -> ApiResult<Json<SchemaView>> {
    Ok(Json(app.declare(&caller, body).await?))
}

/// Values of a trait or property, most users first.
#[utoipa::path(get, path = "/api/v1/schema/values", tag = "schema", params(ValuesQuery), responses((status = 200, body = ValuesView)))]
async fn list_values(
    State(app): State<App>,
    Signed(caller): Signed,
    Params(query): Params<ValuesQuery>,
) -> ApiResult<Json<ValuesView>> {
    Ok(Json(app.values(&caller, query).await?))
}
