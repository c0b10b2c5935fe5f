//! Server-sent events: what arrives, and what moves.

use std::convert::Infallible;

use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use futures::StreamExt as _;
use rollcall_app::App;
use tokio_stream::wrappers::BroadcastStream;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::extract::Signed;
use crate::problem::ApiResult;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(live)).routes(routes!(live_records))
}

type Feed = Sse<axum::response::sse::KeepAliveStream<std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>>>;

fn feed(app: App, events: impl Stream<Item = Event> + Send + 'static) -> Feed {
    let events = events.map(Ok).take_until(async move { app.stopped().await });
    let boxed: std::pin::Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>> = Box::pin(events);
    Sse::new(boxed).keep_alive(KeepAlive::default())
}

/// What moves: `watermark`, `segment`, `import`, `campaign`, `recount`. A `lagged` event tells how many were left out.
#[utoipa::path(get, path = "/api/v1/live", tag = "live", responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn live(State(app): State<App>, Signed(caller): Signed) -> ApiResult<Feed> {
    let events = BroadcastStream::new(app.watch(&caller)?).map(|event| match event {
        Ok(event) => Event::default().event(event.name()).json_data(&event).unwrap_or_default(),
        Err(lagged) => Event::default().event("lagged").data(lagged.to_string()),
    });
    Ok(feed(app, events))
}

/// Records of a source as they are taken in, each as a `record` event.
#[utoipa::path(get, path = "/api/v1/sources/{id}/live", tag = "live", params(("id" = String, Path)), responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn live_records(State(app): State<App>, Signed(caller): Signed, Path(id): Path<String>) -> ApiResult<Feed> {
    let records = BroadcastStream::new(app.watch_records(&caller)?);
    let viewer = app.clone();
    let events = records.filter_map(move |record| {
        let event = match record {
            Ok(record) if record.source == id => {
                Some(Event::default().event("record").json_data(viewer.live_view(&caller, &record)).unwrap_or_default())
            }
            Ok(_) => None,
            Err(lagged) => Some(Event::default().event("lagged").data(lagged.to_string())),
        };
        futures::future::ready(event)
    });
    Ok(feed(app, events))
}
