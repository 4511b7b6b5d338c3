//! The carriers' door: `POST /intake` over TLS, answered when durable.
//!
//! | what comes | status | body |
//! |---|---|---|
//! | a list for this state | 200 | CONTRL and CUSRES, or ACKRES; a table for a table, JSON for JSON |
//! | the same bytes again | as before | the same bytes as before |
//! | a list for another state, a flight a year away | 422 | the answer in the carrier's format, naming it |
//! | an interchange that cannot be understood | 422 | CONTRL with every fault |
//! | a ZIP, a page, a PDF; nothing at all | 415; 400 | plain words |
//! | another address or method | 404; 405 | plain words |
//! | nobody we know | 401 | plain words |
//! | more bytes than the node takes | 413 | plain words |
//! | a body that comes too slowly | 408 | plain words |
//! | the disk is full, too many at once | 503, Retry-After | plain words |

use std::time::Duration;

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use http_body_util::BodyExt;

use crate::{
    bodies::Unread,
    clock,
    pipeline::{self, Answer},
    serve::Served,
    tls::Caller,
};

/// How much of a message that is too large is read so that its sender sees the answer,
/// and for how long.
const MOST_DRAINED: usize = 512 << 20;
const LONGEST_DRAIN: Duration = Duration::from_secs(20);

const NOWHERE: &str = "Carriers send one interchange (UNB to UNZ) as the body of POST /intake; nothing else is here.\n";

/// The routes of the intake listener.
pub fn router(served: Served) -> Router {
    Router::new()
        .route("/intake", post(take))
        .route("/health", get(health))
        .fallback(|| async { plain(StatusCode::NOT_FOUND, NOWHERE) })
        .method_not_allowed_fallback(|| async { plain(StatusCode::METHOD_NOT_ALLOWED, NOWHERE) })
        .layer(DefaultBodyLimit::disable())
        .with_state(served)
}

/// Says that the node is up, how far its log has come, and nothing else.
pub async fn health(State(served): State<Served>) -> impl IntoResponse {
    match served.node.health() {
        Ok(text) => (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], text),
        Err(e) => {
            tracing::error!(error = %e, "health check failed");
            let text = "{\"ok\":false}".to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "application/json")], text)
        }
    }
}

async fn take(
    State(served): State<Served>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    mut body: Body,
) -> Response<Body> {
    let node = served.node.clone();
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
        .map(|(_, token)| token);
    let carrier = match node.carrier(token, caller.certificate.as_ref()) {
        Ok(Some(carrier)) => carrier,
        Ok(None) => {
            drain(body, node.config().intake.max_bytes).await;
            return plain(
                StatusCode::UNAUTHORIZED,
                "No carrier is known by this certificate or token. Send the token that the state \
                 gave you as `Authorization: Bearer TOKEN`, or show your client certificate.\n",
            );
        }
        Err(e) => return failed(&e),
    };
    let max = node.config().intake.max_bytes;
    if too_long(&headers, max) {
        if !headers.contains_key(header::EXPECT) {
            drain(body, MOST_DRAINED).await;
        }
        return too_large(max);
    }
    let held = match node.bodies().read(&carrier.id, &mut body, max).await {
        Ok(held) => held,
        Err(why) => return unread(why, body, max).await,
    };
    if held.bytes.is_empty() {
        return plain(
            StatusCode::BAD_REQUEST,
            "The request has no body. Send one interchange (UNB to UNZ) as the body of a POST.\n",
        );
    }
    let Some(turn) = node.bodies().turn(held.bytes.len()).await else {
        return busy("The node is working on as many messages as it can; nothing was kept.\n");
    };
    let (work, bytes) = (node.clone(), held.bytes.clone());
    let result = tokio::task::spawn_blocking(move || {
        pipeline::submit(&work, &carrier, &bytes, clock::now())
    })
    .await;
    drop((turn, held));
    served.bell.kept.notify_one();
    served.bell.parts.notify_one();
    match result {
        Ok(Ok(answer)) => answered(answer),
        Ok(Err(e)) => failed(&e),
        Err(_) => {
            plain(StatusCode::INTERNAL_SERVER_ERROR, "The node failed. Nothing was answered.\n")
        }
    }
}

/// The answer to a body that was not read to its end.
async fn unread(why: Unread, body: Body, max: usize) -> Response<Body> {
    match why {
        Unread::TooLarge => {
            drain(body, MOST_DRAINED).await;
            too_large(max)
        }
        Unread::Busy => {
            drain(body, max).await;
            busy("The node is reading as many messages as it can; nothing was kept.\n")
        }
        Unread::TooSlow => plain(
            StatusCode::REQUEST_TIMEOUT,
            "The message came too slowly and was not waited for; nothing was kept.\n",
        ),
        Unread::Broken => plain(
            StatusCode::BAD_REQUEST,
            "The connection ended before the message did; nothing was kept. Send it again.\n",
        ),
    }
}

/// Throws away the rest of a body that is not wanted: a sender that is still writing when
/// the connection closes never sees the answer. Only so much, and only so long.
async fn drain(mut body: Body, most: usize) {
    let reading = async {
        let mut left = most;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(LONGEST_DRAIN, reading).await;
}

fn too_long(headers: &HeaderMap, max: usize) -> bool {
    headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<u64>().ok())
        .is_some_and(|n| n > max as u64)
}

fn answered(answer: Answer) -> Response<Body> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = Response::new(Body::from(Bytes::from(answer.body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.media_type));
    let repeat = if answer.repeat { "true" } else { "false" };
    headers.insert("passerelle-repeat", HeaderValue::from_static(repeat));
    if let Ok(id) = HeaderValue::from_str(&answer.digest) {
        headers.insert("passerelle-digest", id);
    }
    response
}

fn failed(error: &anyhow::Error) -> Response<Body> {
    match error.downcast_ref::<store::StoreError>() {
        Some(e) if e.is_busy_or_full() => {
            tracing::error!(error = %e, "the store takes nothing at the moment");
            busy("The node cannot store anything at the moment; nothing was kept.\n")
        }
        _ => {
            tracing::error!(error = %format!("{error:#}"), "a submission failed");
            busy("The node failed; nothing was kept.\n")
        }
    }
}

fn busy(text: &'static str) -> Response<Body> {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, text);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn too_large(max: usize) -> Response<Body> {
    let text = format!(
        "The message is larger than {max} bytes, which is what this node takes at once; nothing \
         was kept. Split it into parts (UNH S010), or ask the state for a larger limit.\n"
    );
    plain(StatusCode::PAYLOAD_TOO_LARGE, text)
}

fn plain(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    let mut response = Response::new(Body::from(text.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
