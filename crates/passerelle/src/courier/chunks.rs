//! The partners' door for parcels in chunks.
//!
//! | request | answer |
//! |---|---|
//! | `GET /exchange/transfers/{digest}/{size}` | 200, how many bytes are here |
//! | `PUT /exchange/transfers/{digest}/{size}/{at}`, the next chunk | 202, how many bytes are here now |
//! | the same, another chunk than the next | 416, how many bytes are here |
//! | the same, not what its `Content-Digest` says, or of another length | 400; nothing is kept |
//! | the same, the last chunk | the answer to the parcel |
//!
//! Each request counts like a parcel against the partner's quota.

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use exchange::{Answer, CHUNK_BYTES, Offered, write_held};

use super::{
    Caller, Door, TOGETHER, answered, busy, failed, metered, plain, read_at_most,
    receiving::receive,
    too_many,
    transfers::{Added, Transfers},
    who,
};
use crate::clock;

/// How much of an offered parcel is here.
pub(super) async fn have(
    State(door): State<Door>,
    Extension(caller): Extension<Caller>,
    Path((digest, size)): Path<(String, String)>,
) -> Response<Body> {
    let (partner, place) = match who(&door, caller).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let Some(offered) = Offered::read(&digest, &size) else { return no_parcel() };
    if let Err(wait) = metered(&door, &place) {
        return too_many(wait);
    }
    let node = door.served.node.clone();
    let have = tokio::task::spawn_blocking(move || {
        let _one_at_a_time = place.work.lock();
        Transfers::of(&node, &partner.state).have(&offered)
    });
    match have.await {
        Ok(Ok(have)) => number(StatusCode::OK, have),
        Ok(Err(e)) => failed(&e.into()),
        Err(e) => failed(&e.into()),
    }
}

/// The next chunk of one.
pub(super) async fn add(
    State(door): State<Door>,
    Extension(caller): Extension<Caller>,
    Path((digest, size, at)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let (partner, place) = match who(&door, caller).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let (Some(offered), Ok(at)) = (Offered::read(&digest, &size), at.parse::<usize>()) else {
        return no_parcel();
    };
    let Ok(_body) = place.bodies.try_acquire() else { return busy() };
    if let Err(wait) = metered(&door, &place) {
        return too_many(wait);
    }
    let bytes = match read_at_most(body, CHUNK_BYTES).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    let said = headers.get("content-digest").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let (at_work, node) = (place.clone(), door.served.node.clone());
    let done = tokio::task::spawn_blocking(move || {
        let _one_at_a_time = at_work.work.lock();
        let transfers = Transfers::of(&node, &partner.state);
        match transfers.add(&offered, at, (&bytes, said.as_deref()))? {
            Added::Whole(parcel) => {
                let received = receive(&node, &partner, &[&parcel], clock::now())?;
                // What is not taken now comes again, and then it is here.
                if matches!(received.answers.first(), Some(Answer::Receipt(_))) {
                    transfers.forget(&offered)?;
                }
                anyhow::Ok((answered(&received.answers, 1), !received.kept.is_empty()))
            }
            Added::Have(have) => Ok((number(StatusCode::ACCEPTED, have), false)),
            Added::Elsewhere(have) => Ok((number(StatusCode::RANGE_NOT_SATISFIABLE, have), false)),
            Added::Wrong => Ok((wrong_chunk(), false)),
        }
    });
    match done.await {
        Ok(Ok((response, kept))) => {
            if kept {
                door.served.bell.kept.notify_one();
            }
            response
        }
        Ok(Err(e)) => failed(&e),
        Err(e) => failed(&e.into()),
    }
}

fn number(status: StatusCode, bytes: usize) -> Response<Body> {
    let mut response = Response::new(Body::from(write_held(bytes)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TOGETHER));
    response
}

fn no_parcel() -> Response<Body> {
    plain(StatusCode::NOT_FOUND, "No digest and length of a parcel that goes in chunks.\n")
}

fn wrong_chunk() -> Response<Body> {
    plain(StatusCode::BAD_REQUEST, "Not the chunk that it says it is; nothing was kept.\n")
}
