//! E-mail campaigns.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use rollcall_app::App;
use rollcall_app::campaigns::{CampaignInput, CampaignView, MailPreviewView, PreviewInput, RecipientsPage};
use rollcall_app::lists_out::WaterfallView;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Items;
use crate::extract::{Body, Params, Signed};
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_campaigns, create_campaign))
        .routes(routes!(preview_mail))
        .routes(routes!(get_campaign, update_campaign, delete_campaign))
        .routes(routes!(send_test))
        .routes(routes!(send_campaign))
        .routes(routes!(pause_campaign))
        .routes(routes!(cancel_campaign))
        .routes(routes!(resume_campaign))
        .routes(routes!(campaign_waterfall))
        .routes(routes!(list_recipients))
}

/// Campaigns, newest first.
#[utoipa::path(get, path = "/api/v1/campaigns", tag = "campaigns", responses((status = 200, body = Items<CampaignView>)))]
async fn list_campaigns(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Json<Items<CampaignView>>> {
    Ok(Json(Items { items: app.list_campaigns(&caller).await? }))
}

/// Write a draft.
#[utoipa::path(post, path = "/api/v1/campaigns", tag = "campaigns", request_body = CampaignInput, responses((status = 201, body = CampaignView)))]
async fn create_campaign(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<CampaignInput>,
) -> ApiResult<(StatusCode, Json<CampaignView>)> {
    Ok((StatusCode::CREATED, Json(app.create_campaign(&caller, body).await?)))
}

/// What a user would be sent.
#[utoipa::path(post, path = "/api/v1/campaigns/preview", tag = "campaigns", request_body = PreviewInput, responses((status = 200, body = MailPreviewView)))]
async fn preview_mail(
    State(app): State<App>,
    Signed(caller): Signed,
    Body(body): Body<PreviewInput>,
) -> ApiResult<Json<MailPreviewView>> {
    Ok(Json(app.preview_mail(&caller, body).await?))
}

/// One campaign with its report.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)), responses((status = 200, body = CampaignView)))]
async fn get_campaign(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<Json<CampaignView>> {
    Ok(Json(app.campaign(&caller, &id).await?))
}

/// Change a draft.
#[utoipa::path(put, path = "/api/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)), request_body = CampaignInput, responses((status = 200, body = CampaignView)))]
async fn update_campaign(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<CampaignInput>,
) -> ApiResult<Json<CampaignView>> {
    Ok(Json(app.update_campaign(&caller, &id, body).await?))
}

/// Delete a draft.
#[utoipa::path(delete, path = "/api/v1/campaigns/{id}", tag = "campaigns", params(("id" = String, Path)), responses((status = 204)))]
async fn delete_campaign(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<StatusCode> {
    app.delete_campaign(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where to send a test.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TestInput {
    /// An e-mail address.
    address: String,
}

/// Send one test mail to an address. It is made for some user of the segment and shows the traits of that user that the
/// template names; its link to unsubscribe suppresses nobody.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/test", tag = "campaigns", params(("id" = String, Path)), request_body = TestInput, responses((status = 202)))]
async fn send_test(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Body(body): Body<TestInput>,
) -> ApiResult<StatusCode> {
    app.send_test(&caller, &id, &body.address).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Start sending to everybody of the segment who consented and has an address.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/send", tag = "campaigns", params(("id" = String, Path)), responses((status = 202, body = CampaignView)))]
async fn send_campaign(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<CampaignView>)> {
    Ok((StatusCode::ACCEPTED, Json(app.send_campaign(&caller, &id).await?)))
}

/// Hold sending until it is resumed. What is on its way to the mail server still arrives.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/pause", tag = "campaigns", params(("id" = String, Path)), responses((status = 200, body = CampaignView)))]
async fn pause_campaign(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<Json<CampaignView>> {
    Ok(Json(app.pause_campaign(&caller, &id).await?))
}

/// Stop sending for good.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/cancel", tag = "campaigns", params(("id" = String, Path)), responses((status = 200, body = CampaignView)))]
async fn cancel_campaign(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<CampaignView>> {
    Ok(Json(app.cancel_campaign(&caller, &id).await?))
}

/// Go on after a failure or a pause. Nobody is sent it twice.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/resume", tag = "campaigns", params(("id" = String, Path)), responses((status = 202, body = CampaignView)))]
async fn resume_campaign(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<CampaignView>)> {
    Ok((StatusCode::ACCEPTED, Json(app.resume_campaign(&caller, &id).await?)))
}

/// The steps from the segment's users to those that would be mailed now; the drops add up.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/waterfall", tag = "campaigns", params(("id" = String, Path)), responses((status = 200, body = WaterfallView)))]
async fn campaign_waterfall(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
) -> ApiResult<Json<WaterfallView>> {
    Ok(Json(app.campaign_waterfall(&caller, &id).await?))
}

/// Which recipients.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RecipientsQuery {
    /// `queued`, `sending`, `sent`, `failed` or `unknown`.
    state: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Recipients and how each ended. Auditors see pseudonyms, and of what the mail server said the reply code.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/recipients", tag = "campaigns", params(("id" = String, Path), RecipientsQuery), responses((status = 200, body = RecipientsPage)))]
async fn list_recipients(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    Params(query): Params<RecipientsQuery>,
) -> ApiResult<Json<RecipientsPage>> {
    Ok(Json(app.recipients(&caller, &id, query.state, query.cursor).await?))
}
