//! What a handler leaves unread of a request's body.
//!
//! Over HTTP/1.1 the next request begins behind this one's body. If a request is refused before its body was read and the
//! rest has not arrived yet, the connection has to be closed, and a client that goes on using it finds it cut off without
//! a word; one that is still sending never sees the answer. So the rest is read before the answer leaves, within bounds,
//! and where that is too much, the answer says that the connection closes.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, Version, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt as _;
use http_body::{Frame, SizeHint};

/// Most of a body that is read for nothing, bytes.
const MOST: usize = 16 << 20;

/// Longest time that is waited for the rest of a body.
const LONGEST: Duration = Duration::from_secs(10);

/// Reads what the handler left of the body, or announces that the connection closes.
pub async fn read_on(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    // A client that waits for `100 Continue` has not begun to send: a final answer keeps it from doing so.
    let waits = request.headers().contains_key(header::EXPECT);
    let closes = request.version() <= Version::HTTP_11;
    let (parts, body) = request.into_parts();
    let body = Arc::new(Shared { body: Mutex::new(body), asked: AtomicBool::new(false) });
    let mut response = next.run(Request::from_parts(parts, Body::new(Lent(Arc::clone(&body))))).await;
    // A handler that reads on after its answer still holds it.
    let Some(Shared { body, asked }) = Arc::into_inner(body) else { return response };
    let body = body.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Once somebody asked for the body the client was told to go on, and is sending.
    let waits = waits && !asked.into_inner();
    let read = body.is_end_stream() || (!waits && tokio::time::timeout(LONGEST, read_rest(body)).await.unwrap_or(false));
    if !read && closes {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Whether the end was reached.
async fn read_rest(body: Body) -> bool {
    let (mut rest, mut read) = (body.into_data_stream(), 0);
    while let Some(bytes) = rest.next().await {
        read += bytes.map_or(MOST, |bytes| bytes.len());
        if read >= MOST {
            return false;
        }
    }
    true
}

struct Shared {
    body: Mutex<Body>,
    /// Whether anybody began to read.
    asked: AtomicBool,
}

/// A body whose owner can have it back.
struct Lent(Arc<Shared>);

impl Lent {
    fn body(&self) -> std::sync::MutexGuard<'_, Body> {
        self.0.body.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.0.asked.store(true, Ordering::Relaxed);
        Pin::new(&mut *self.body()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body().size_hint()
    }
}
