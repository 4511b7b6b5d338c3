//! The courier: what moves parcels between this node and its partners.
//!
//! Outbound ([`sending`]): one task for each partner, so that a slow one never slows
//! another. It takes each stream's parcels in order from the durable outbox, posts
//! them over mutual TLS, several together, checks the receipts and stores them with their
//! events. Inbound ([`receiving`]): verdicts, lists, receipts and streams of what came
//! together are one transaction.
//!
//! | `POST /exchange/parcels` answers | status |
//! |---|---|
//! | a signed receipt (kept, or refused for good) | 200 |
//! | several parcels: an answer for each, up to the first that is no receipt | 200 |
//! | a number before it has not come | 409 |
//! | not taken now: not a parcel, suspended, a clock ahead | 422 |
//! | the stream waits for a person | 423 |
//! | nobody we know | 401 |
//! | longer than a parcel may be | 413 |
//! | a body that comes too slowly | 408 |
//! | more than the partner's quota | 429, Retry-After |
//! | too many at once, or the disk is full | 503, Retry-After |
//!
//! What is longer than a chunk goes by `/exchange/transfers` ([`chunks`], [`transfers`]), and
//! gets the same answers once it is whole. Nothing but a receipt makes the sender forget a
//! parcel.

mod chunks;
pub mod receiving;
pub mod sending;
#[cfg(test)]
pub(crate) mod tests;
mod transfers;
mod wire;

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::Result;
use audit::{Actor, Digest, Event, Logged};
use axum::{
    Extension, Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, Response, StatusCode, header},
    routing::{get, post, put},
};
use exchange::{Answer, MAX_PARCEL_BYTES, Meter, Quota, read_together, write_answers};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use jiff::Timestamp;
use parking_lot::Mutex;
use store::{Batch, Change, StoreError, rows::Partner};
use tokio::{
    sync::{Notify, Semaphore, watch},
    task::JoinSet,
};
pub(crate) use transfers::Transfers;

use crate::{clock, node::Node, serve::Served, tls::Caller};
use receiving::receive;
use sending::{Sender, Wire};

/// The media type of a parcel, and of the answer to it.
pub const MEDIA_TYPE: &str = "application/cose";
/// That of several parcels in one request, and of the answers to them.
pub const TOGETHER: &str = "application/cbor";
/// How often the outbox is looked at when nobody rings.
const LOOK: Duration = Duration::from_secs(2);
/// Parcels worked on at the same time.
const AT_ONCE: usize = 8;
const WAIT_FOR_A_TURN: Duration = Duration::from_secs(10);
/// Deliveries of one partner that are read or wait for a turn at the same time: bounds memory
/// to so many times the longest parcel, for each partner. Its courier sends one by one.
const EACH: usize = 2;
/// How long a parcel may take to come in. The sender gives up then as well.
const READ_WITHIN: Duration = Duration::from_secs(60);

/// Sends what is queued, until the node stops.
pub async fn run(served: Served, mut stopping: watch::Receiver<bool>) -> Result<()> {
    let mut senders: HashMap<String, Arc<Notify>> = HashMap::new();
    let mut tasks: JoinSet<()> = JoinSet::new();
    let line = Arc::new(Wire::new(served.node.clone()));
    loop {
        let node = served.node.clone();
        match tokio::task::spawn_blocking(move || node.store().partners()).await? {
            Ok(partners) => {
                for partner in partners.into_iter().filter(|p| p.enabled) {
                    let bell = senders.entry(partner.state.clone()).or_insert_with(|| {
                        let bell = Arc::new(Notify::new());
                        let sender = Sender::new(served.node.clone(), line.clone(), partner.state);
                        tasks.spawn(sender.run(bell.clone(), stopping.clone()));
                        bell
                    });
                    bell.notify_one();
                }
            }
            Err(e) => tracing::error!(error = %e, "the partners cannot be read"),
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            () = served.bell.queued.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    senders.values().for_each(|bell| bell.notify_one());
    while tasks.join_next().await.is_some() {}
    Ok(())
}

/// The partners' door.
#[derive(Clone)]
struct Door {
    served: Served,
    turns: Arc<Semaphore>,
    partners: Arc<Mutex<HashMap<String, Arc<Place>>>>,
}

/// One partner's place at the door.
struct Place {
    /// Parcels that are read or wait.
    bodies: Semaphore,
    /// One parcel at a time: a stream's state is read, judged and written as one.
    work: Mutex<()>,
    /// What of its quota is used.
    meter: Mutex<Meter>,
}

impl Default for Place {
    fn default() -> Self {
        Self { bodies: Semaphore::new(EACH), work: Mutex::default(), meter: Mutex::default() }
    }
}

/// The routes of the partners' listener.
pub fn router(served: Served) -> Router {
    let door = Door { served, turns: Arc::new(Semaphore::new(AT_ONCE)), partners: Arc::default() };
    Router::new()
        .route("/exchange/parcels", post(take))
        .route("/exchange/transfers/{digest}/{size}", get(chunks::have))
        .route("/exchange/transfers/{digest}/{size}/{at}", put(chunks::add))
        .route("/exchange/hello", get(hello))
        .layer(DefaultBodyLimit::disable())
        .with_state(door)
}

/// What a partner may know before it sends anything.
async fn hello(State(door): State<Door>) -> Json<serde_json::Value> {
    Json(serde_json::json!({
        "state": door.served.node.state().code(),
        "protocol": exchange::PROTOCOL,
        "program": concat!("passerelle/", env!("CARGO_PKG_VERSION")),
        "epoch": door.served.node.keys().public().epoch().epoch,
    }))
}

async fn take(
    State(door): State<Door>,
    Extension(caller): Extension<Caller>,
    body: Body,
) -> Response<Body> {
    let (partner, place) = match who(&door, caller).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let Ok(_body) = place.bodies.try_acquire() else { return busy() };
    let quota = quota(&door);
    if let Err(wait) = metered(&door, &place) {
        return too_many(wait);
    }
    let bytes = match read_at_most(body, MAX_PARCEL_BYTES).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    let Ok(Ok(_turn)) = tokio::time::timeout(WAIT_FOR_A_TURN, door.turns.acquire()).await else {
        return busy();
    };
    let (at_work, node) = (place.clone(), door.served.node.clone());
    let received = tokio::task::spawn_blocking(move || {
        let Some(mut parcels) = read_together(&bytes) else {
            return Ok((vec![Answer::Refused { reason: "form".to_owned() }], 1, false));
        };
        let asked = parcels.len();
        // The first was counted before anything was read.
        let more = at_work.meter.lock().take_of(asked - 1, quota, clock::now());
        parcels.truncate(1 + more);
        let _one_at_a_time = at_work.work.lock();
        let received = receive(&node, &partner, &parcels, clock::now())?;
        anyhow::Ok((received.answers, asked, !received.kept.is_empty()))
    })
    .await;
    match received {
        Ok(Ok((answers, asked, kept))) => {
            if kept {
                door.served.bell.kept.notify_one();
            }
            answered(&answers, asked)
        }
        Ok(Err(e)) => failed(&e),
        Err(e) => failed(&e.into()),
    }
}

/// Takes one parcel, or one chunk, off the partner's quota; or how long it is to wait.
fn metered(door: &Door, place: &Place) -> Result<(), Duration> {
    place.meter.lock().take(quota(door), clock::now())
}

fn quota(door: &Door) -> Quota {
    Quota { parcels_per_minute: door.served.node.config().exchange.parcels_per_minute }
}

/// Who hands something over, and their place at the door; or why nothing is taken of them.
async fn who(door: &Door, caller: Caller) -> Result<(Partner, Arc<Place>), Response<Body>> {
    match known(door, caller).await {
        Ok(Some(partner)) => {
            let place = door.partners.lock().entry(partner.state.clone()).or_default().clone();
            Ok((partner, place))
        }
        Ok(None) => {
            Err(plain(StatusCode::UNAUTHORIZED, "No partner is known by this certificate.\n"))
        }
        Err(e) => Err(failed(&e)),
    }
}

/// The whole body, or why it is not taken.
async fn read_at_most(body: Body, most: usize) -> Result<Bytes, Response<Body>> {
    let whole = Limited::new(body, most).collect();
    match tokio::time::timeout(READ_WITHIN, whole).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(e)) if e.is::<LengthLimitError>() => {
            Err(plain(StatusCode::PAYLOAD_TOO_LARGE, "Longer than a parcel may be.\n"))
        }
        Ok(Err(_)) => Err(plain(StatusCode::BAD_REQUEST, "The connection ended too soon.\n")),
        Err(_) => {
            Err(plain(StatusCode::REQUEST_TIMEOUT, "It came too slowly; nothing was kept.\n"))
        }
    }
}

async fn known(door: &Door, caller: Caller) -> Result<Option<Partner>> {
    let Some(certificate) = caller.certificate else { return Ok(None) };
    let node = door.served.node.clone();
    let found =
        tokio::task::spawn_blocking(move || node.store().partner_by_certificate(&certificate.0));
    Ok(found.await??)
}

/// Tells a person of something about a partner, unless somebody is to look at the same already.
fn raise(
    node: &Node,
    (partner, kind, digest): (&str, &str, Option<Digest>),
    what: String,
    (actor, now): (Actor, Timestamp),
    batch: &mut Batch,
) -> Result<()> {
    let told = |c: &Change| matches!(c, Change::Alarm { kind: before, .. } if before == kind);
    if batch.changes.iter().any(told) || alarm_waits(node, partner, kind)? {
        return Ok(());
    }
    let event = Event::Alarm { alarm: kind.to_owned(), subject: partner.to_owned(), digest };
    batch.events.push(Logged::new(now, actor, event));
    let partner = Some(partner.to_owned());
    batch.changes.push(Change::Alarm { partner, kind: kind.to_owned(), what, at: now });
    Ok(())
}

/// Whether an alarm of this kind about this partner waits for a person already: one is
/// enough, however often the cause comes again.
fn alarm_waits(node: &Node, partner: &str, kind: &str) -> Result<bool, StoreError> {
    let alarms = node.store().alarms(1000)?;
    Ok(alarms
        .iter()
        .any(|a| a.kind == kind && a.partner.as_deref() == Some(partner) && a.settled_at.is_none()))
}

/// One answer goes with its status; several say each for itself.
fn answered(answers: &[Answer], parcels: usize) -> Response<Body> {
    let (status, media_type) = match answers {
        [alone] if parcels == 1 => (alone.status(), MEDIA_TYPE),
        _ => (200, TOGETHER),
    };
    let mut response = Response::new(Body::from(Bytes::from(write_answers(answers, parcels))));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn failed(error: &anyhow::Error) -> Response<Body> {
    tracing::error!(error = %format!("{error:#}"), "a parcel could not be taken");
    busy()
}

/// Nothing was kept; the partner tries again.
fn busy() -> Response<Body> {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "Not now; nothing was kept.\n");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// More than the partner's quota; nothing was read.
fn too_many(wait: Duration) -> Response<Body> {
    let text = "More parcels than you may send in a minute; nothing was kept.\n";
    let mut response = plain(StatusCode::TOO_MANY_REQUESTS, text);
    let seconds = HeaderValue::from(wait.as_secs() + 1);
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
