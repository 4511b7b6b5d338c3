//! The operations over HTTP, for programs that act as an officer.
//!
//! Paths are in the crate's description. Errors are problem documents (RFC 9457) that
//! say what happened and what to do. The token is the console's session: it ends the
//! same way.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{
        ConnectInfo, FromRequestParts, Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderName, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Api, Caller, Clock, Error, QueueState, Verdict, statistics::Period};

/// What the handlers work with.
#[derive(Clone)]
struct Node {
    api: Arc<Api>,
    clock: Clock,
}

impl Node {
    /// Runs an operation where it may block.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Api, Timestamp) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (api, at) = (self.api.clone(), (self.clock)());
        let done = tokio::task::spawn_blocking(move || work(&api, at)).await;
        done.unwrap_or_else(|e| Err(Error::Ours(format!("the operation did not end: {e}"))))
    }
}

/// The routes, to be nested at the root of a listener.
pub fn router(api: Arc<Api>, clock: Clock) -> Router {
    Router::new()
        .route("/api/v1/session", post(sign_in).merge(delete(sign_out)))
        .route("/api/v1/summary", get(summary))
        .route("/api/v1/map", get(map))
        .route("/api/v1/statistics", get(statistics))
        .route("/api/v1/agreements", get(agreements))
        .route("/api/v1/agreements/{id}", get(agreement))
        .route("/api/v1/agreements/{id}/{act}", post(act))
        .route("/api/v1/carriers", get(quality))
        .route("/api/v1/submissions", get(submissions))
        .route("/api/v1/submissions/{id}", get(submission))
        .route("/api/v1/flights", get(flights))
        .route("/api/v1/search", post(search))
        .route("/api/v1/recall", post(recall))
        .route("/api/v1/partners/{partner}/totals", get(totals))
        .route("/api/v1/requests", get(requests).post(ask))
        .route("/api/v1/requests/{partner}/{id}", get(request))
        .route("/api/v1/requests/{partner}/{id}/answer", post(answer_request))
        .route("/api/v1/requests/{partner}/{id}/justify", post(justify))
        .route("/api/v1/tellings", get(tellings).post(tell))
        .route("/api/v1/tellings/{partner}/{parcel}", get(telling))
        .route("/api/v1/hits", get(hits))
        .route("/api/v1/hits/{id}", get(hit))
        .route("/api/v1/hits/{id}/decisions", post(decide))
        .with_state(Node { api, clock })
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let problem = json!({
            "type": format!("urn:passerelle:problem:{}", self.name()),
            "title": self.to_string(),
            "status": self.status(),
            "detail": self.advice(),
        });
        let kind = (header::CONTENT_TYPE, "application/problem+json");
        let mut response = (status, [kind], problem.to_string()).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let bearer = header::HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
        }
        if let Some(seconds) = self.retry_after_s() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

const NO_STORE: (HeaderName, &str) = (header::CACHE_CONTROL, "no-store");

type Answer = Result<Response, Error>;

fn answer<T: Serialize>(value: &T) -> Answer {
    Ok(([NO_STORE], Json(value)).into_response())
}

fn malformed(what: &str) -> Error {
    Error::Invalid { field: "request", text: what.to_owned() }
}

/// Who calls, by the bearer token.
struct Bearer(Caller);

impl FromRequestParts<Node> for Bearer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, node: &Node) -> Result<Self, Error> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let token = value.and_then(|v| v.strip_prefix("Bearer ")).ok_or(Error::SignedOut)?;
        let token = token.trim().to_owned();
        node.run(move |api, at| api.authenticate(&token, at)).await.map(Bearer)
    }
}

#[derive(Deserialize)]
struct Credentials {
    officer: String,
    password: String,
}

/// Where a request came from. A listener that does not say (there is none in a test) is one
/// address.
pub struct From(pub IpAddr);

impl<S: Send + Sync> FromRequestParts<S> for From {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let known = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(known.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |c| c.0.ip())))
    }
}

async fn sign_in(
    State(node): State<Node>,
    From(from): From,
    body: Result<Json<Credentials>, JsonRejection>,
) -> Answer {
    let Json(c) = body.map_err(|_| malformed("Send {\"officer\": …, \"password\": …} as JSON."))?;
    let signed_in =
        node.run(move |api, at| api.sign_in((&c.officer, &c.password), from, at)).await?;
    answer(&signed_in)
}

async fn sign_out(State(node): State<Node>, Bearer(caller): Bearer) -> Answer {
    node.run(move |api, at| api.sign_out(&caller, at)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn summary(State(node): State<Node>, Bearer(caller): Bearer) -> Answer {
    answer(&node.run(move |api, at| api.summary(&caller, at)).await?)
}

async fn map(State(node): State<Node>, Bearer(caller): Bearer) -> Answer {
    answer(&node.run(move |api, _| api.map(&caller)).await?)
}

#[derive(Deserialize)]
struct OfPeriod {
    period: Option<String>,
}

async fn statistics(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    query: Result<Query<OfPeriod>, QueryRejection>,
) -> Answer {
    let wrong = || malformed("period is a month or a quarter, as in period=2026-11 or 2026-Q4.");
    let Query(query) = query.map_err(|_| wrong())?;
    let asked = query.period.map(|p| Period::parse(&p).ok_or_else(wrong)).transpose()?;
    let found = node.run(move |api, at| {
        let this = || Period::of(at.to_zoned(TimeZone::UTC).date(), false);
        api.statistics(&caller, asked.unwrap_or_else(this))
    });
    answer(&found.await?)
}

async fn agreements(State(node): State<Node>, Bearer(caller): Bearer) -> Answer {
    answer(&node.run(move |api, _| api.agreements(&caller)).await?)
}

async fn agreement(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    Path(id): Path<String>,
) -> Answer {
    answer(&node.run(move |api, _| api.agreement(&caller, &id)).await?)
}

#[derive(Deserialize)]
struct Because {
    #[serde(default)]
    reason: String,
}

/// Signs, takes up, suspends or resumes an agreement; gives it as it is then.
async fn act(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    Path((id, act)): Path<(String, String)>,
    body: Result<Json<Because>, JsonRejection>,
) -> Answer {
    let Json(because) = body.map_err(|_| malformed("Send {\"reason\": …} as JSON."))?;
    let done = node.run(move |api, at| {
        match act.as_str() {
            "sign" => api.sign_stored(&caller, &id, at)?,
            "accept" => api.accept_agreement(&caller, &id, at)?,
            "suspend" => api.suspend_agreement(&caller, (&id, &because.reason), at)?,
            "resume" => api.resume_agreement(&caller, (&id, &because.reason), at)?,
            _ => return Err(Error::Missing { what: "act of that name", id: act }),
        }
        api.agreement(&caller, &id)
    });
    answer(&done.await?)
}

async fn quality(State(node): State<Node>, Bearer(caller): Bearer) -> Answer {
    answer(&node.run(move |api, at| api.quality(&caller, at)).await?)
}

#[derive(Deserialize)]
struct OfSubmissions {
    carrier: Option<String>,
    #[serde(default)]
    from: u32,
    limit: Option<u32>,
}

async fn submissions(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    query: Result<Query<OfSubmissions>, QueryRejection>,
) -> Answer {
    let Query(q) = query.map_err(|_| malformed("from and limit are numbers."))?;
    let lines = node.run(move |api, _| {
        let page = (q.from, q.limit.unwrap_or(50));
        api.submissions(&caller, q.carrier.as_deref(), page)
    });
    answer(&lines.await?)
}

async fn submission(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    Path(id): Path<String>,
) -> Answer {
    answer(&node.run(move |api, _| api.submission(&caller, &id)).await?)
}

#[derive(Deserialize)]
struct OfDay {
    day: Option<Date>,
}

async fn flights(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    query: Result<Query<OfDay>, QueryRejection>,
) -> Answer {
    let Query(query) = query.map_err(|_| malformed("day is a date, as in day=2026-03-01."))?;
    let today = node.run(move |api, at| {
        let day = query.day.unwrap_or_else(|| at.to_zoned(TimeZone::UTC).date());
        api.flights(&caller, day)
    });
    answer(&today.await?)
}

async fn search(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    body: Result<Json<crate::Search>, JsonRejection>,
) -> Answer {
    let Json(search) = body.map_err(|_| {
        malformed("Send one of document, name with born, booking, contact, flight, and a purpose, as JSON.")
    })?;
    answer(&node.run(move |api, at| api.search(&caller, &search, at)).await?)
}

#[derive(Deserialize)]
struct Recalled {
    id: String,
    #[serde(default)]
    erase: bool,
    reason: String,
}

/// Takes back what went with a parcel, or of a list.
async fn recall(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    body: Result<Json<Recalled>, JsonRejection>,
) -> Answer {
    let Json(said) = body.map_err(|_| malformed("Send {\"id\": …, \"reason\": …} as JSON."))?;
    let how = (said.erase, said.reason);
    let partners =
        node.run(move |api, at| api.recall(&caller, &said.id, (how.0, &how.1), at)).await?;
    answer(&json!({ "partners": partners }))
}

async fn totals(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    Path(partner): Path<String>,
) -> Answer {
    answer(&node.run(move |api, _| api.totals(&caller, &partner, 500)).await?)
}

async fn requests(State(node): State<Node>, Bearer(caller): Bearer) -> Answer {
    answer(&node.run(move |api, _| api.requests(&caller, 500)).await?)
}

async fn request(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    Path((partner, id)): Path<(String, String)>,
) -> Answer {
    answer(&node.run(move |api, at| api.request(&caller, (&partner, &id), at)).await?)
}

async fn ask(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    body: Result<Json<crate::Asking>, JsonRejection>,
) -> Answer {
    let Json(asking) = body.map_err(|_| {
        malformed(
            "Send to, purpose, dataset, about whom, legal_ground, reason and reference, as JSON.",
        )
    })?;
    let id = node.run(move |api, at| api.ask(&caller, &asking, at)).await?;
    answer(&json!({ "id": id }))
}

async fn answer_request(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    Path((partner, id)): Path<(String, String)>,
    body: Result<Json<crate::Answering>, JsonRejection>,
) -> Answer {
    let Json(answering) = body.map_err(|_| {
        malformed("Send {\"outcome\": …, \"records\": [[list, number]], \"reason\": …} as JSON.")
    })?;
    let done = node.run(move |api, at| {
        api.answer_request(&caller, (&partner, &id), &answering, at)?;
        api.request(&caller, (&partner, &id), at)
    });
    answer(&done.await?)
}

async fn justify(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    Path((partner, id)): Path<(String, String)>,
    body: Result<Json<crate::Justifying>, JsonRejection>,
) -> Answer {
    let Json(justifying) =
        body.map_err(|_| malformed("Send {\"legal_ground\", \"reason\", \"reference\"} as JSON."))?;
    let done = node.run(move |api, at| {
        api.justify(&caller, (&partner, &id), &justifying, at)?;
        api.request(&caller, (&partner, &id), at)
    });
    answer(&done.await?)
}

async fn tellings(State(node): State<Node>, Bearer(caller): Bearer) -> Answer {
    answer(&node.run(move |api, _| api.tellings(&caller, 500)).await?)
}

async fn telling(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    Path((partner, parcel)): Path<(String, String)>,
) -> Answer {
    answer(&node.run(move |api, at| api.telling(&caller, (&partner, &parcel), at)).await?)
}

async fn tell(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    body: Result<Json<crate::Tell>, JsonRejection>,
) -> Answer {
    let Json(tell) = body.map_err(|_| {
        malformed(
            "Send {\"to\", \"purpose\", \"list\", \"travellers\": [number], \"legal_ground\", \"reason\", \
             \"reference\"} as JSON.",
        )
    })?;
    let parcel = node.run(move |api, at| api.tell(&caller, &tell, at)).await?;
    answer(&json!({ "parcel": parcel }))
}

#[derive(Deserialize)]
struct OfQueue {
    #[serde(default)]
    state: QueueState,
    after: Option<String>,
    limit: Option<u32>,
}

async fn hits(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    query: Result<Query<OfQueue>, QueryRejection>,
) -> Answer {
    let Query(q) =
        query.map_err(|_| malformed("state is one of waiting, open, half, upheld, dismissed."))?;
    let page = node
        .run(move |api, _| api.hits(&caller, q.state, (q.after.as_deref(), q.limit.unwrap_or(50))));
    answer(&page.await?)
}

async fn hit(State(node): State<Node>, Bearer(caller): Bearer, Path(id): Path<String>) -> Answer {
    answer(&node.run(move |api, at| api.hit(&caller, &id, at)).await?)
}

#[derive(Deserialize)]
struct Said {
    verdict: Verdict,
    reason: String,
}

async fn decide(
    State(node): State<Node>,
    Bearer(caller): Bearer,
    Path(id): Path<String>,
    body: Result<Json<Said>, JsonRejection>,
) -> Answer {
    let Json(said) = body.map_err(|_| {
        malformed("Send {\"verdict\": \"uphold\" or \"dismiss\", \"reason\": …} as JSON.")
    })?;
    let decided =
        node.run(move |api, at| api.decide(&caller, &id, (said.verdict, &said.reason), at));
    answer(&decided.await?)
}
