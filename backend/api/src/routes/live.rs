//! Server-sent events: what arrives, and what moves.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use futures::StreamExt as _;
use rollcall_app::App;
use rollcall_app::access::Caller;
use tokio_stream::wrappers::BroadcastStream;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::extract::{Signed, caller_of};
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(live_records))
}

type Feed = Sse<axum::response::sse::KeepAliveStream<std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>>>;

/// How often a feed asks whether its caller is still who they were.
const RECHECK: Duration = Duration::from_secs(30);

/// Resolves when the caller is signed out, disabled, or may do other things than before. Whoever still may connects again.
async fn changed(app: &App, caller: &Caller, headers: &HeaderMap) {
    loop {
        tokio::time::sleep(RECHECK).await;
        if !caller_of(headers, app).await.is_ok_and(|now| now == *caller) {
            return;
        }
    }
}

fn feed(app: App, caller: Caller, headers: HeaderMap, events: impl Stream<Item = Event> + Send + 'static) -> Feed {
    let events = events.map(Ok).take_until(async move {
        tokio::select! {
            () = app.stopped() => {}
            () = changed(&app, &caller, &headers) => {}
        }
    });
    let boxed: std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>> = Box::pin(events);
    Sse::new(boxed).keep_alive(KeepAlive::default())
}

/// What moves: `watermark`, `segment`, `import`, `campaign`, `recount`. A `lagged` event tells how many were left out.
#[utoipa::path(get, path = "/api/v1/live", tag = "live", responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn live(State(app): State<App>, Signed(caller): Signed, headers: HeaderMap) -> ApiResult<Feed> {
    let events = BroadcastStream::new(app.watch(&caller)?).map(|event| match event {
        Ok(event) => Event::default().event(event.name()).json_data(&event).unwrap_or_default(),
        Err(lagged) => Event::default().event("lagged").data(lagged.to_string()),
    });
    Ok(feed(app, caller, headers, events))
}

/// Records of a source as they are taken in, each as a `record` event.
#[utoipa::path(get, path = "/api/v1/sources/{id}/live", tag = "live", params(("id" = String, Path)), responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn live_records(
    State(app): State<App>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> ApiResult<Feed> {
    let records = BroadcastStream::new(app.watch_records(&caller)?);
    let (viewer, viewed_by) = (app.clone(), caller.clone());
    let events = records.filter_map(move |record| {
        let event = match record {
            Ok(record) if record.source == id => {
                Some(Event::default().event("record").json_data(viewer.live_view(&viewed_by, &record)).unwrap_or_default())
            }
            Ok(_) => None,
            Err(lagged) => Some(Event::default().event("lagged").data(lagged.to_string())),
        };
        futures::future::ready(event)
    });
    Ok(feed(app, caller, headers, events))
}
