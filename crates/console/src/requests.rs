//! Requests between states: the queue, one of them with the records that it may mean, and
//! the form with which an officer asks.

use api::{Answering, Asking, Error, Justifying, Operation, RequestLine, RequestPage};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use jiff::Timestamp;
use policy::Purpose;
use serde::Deserialize;

use crate::{
    frame::{Frame, Section},
    visit::{Entered, Named, Shown, Visit, html},
    words::Is,
};

/// Rows of the page.
const LAST: u32 = 200;

#[derive(Template)]
#[template(path = "requests.html")]
struct Requests {
    frame: Frame,
    now: Timestamp,
    waiting: Vec<RequestLine>,
    others: Vec<RequestLine>,
    may_ask: bool,
    may_open: bool,
}

/// What the state of a request is called.
pub fn state(state: &str, outgoing: impl Is<bool>) -> &'static str {
    match (state, outgoing.is()) {
        ("waiting", true) => "Not answered yet",
        ("waiting", false) => "Waits for a decision",
        ("given", _) => "Records given",
        ("nothing", _) => "Nothing there",
        ("unreasoned", _) => "Refused: reason",
        ("too_wide", _) => "Refused: too wide",
        ("not_lawful", _) => "Refused: not lawful",
        ("harmful", _) => "Refused: harmful",
        _ => "Unknown",
    }
}

/// What a purpose is called.
pub fn purpose(name: &str) -> &'static str {
    Purpose::named(name).map_or("another purpose", Purpose::words)
}

/// The queue: what partners ask and nobody has decided on, then all others.
pub async fn all(visit: Visit) -> Shown {
    let lines = visit.ask(|api, caller, _| api.requests(caller, LAST)).await?;
    let (waiting, others) = lines.into_iter().partition(|l| l.state == "waiting" && !l.outgoing);
    let page = Requests {
        frame: visit.frame("Requests", Some(Section::Requests)),
        now: visit.at,
        waiting,
        others,
        may_ask: visit.caller.may(Operation::Ask),
        may_open: visit.caller.may(Operation::OpenRequest),
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "request.html")]
struct Request {
    frame: Frame,
    now: Timestamp,
    problem: Option<(&'static str, String)>,
    view: RequestPage,
    reason: String,
    refusals: Vec<(&'static str, &'static str)>,
    may_decide: bool,
    may_justify: bool,
}

async fn drawn(
    visit: &Visit,
    (partner, id): (String, String),
) -> Result<Request, axum::response::Response> {
    let view = visit.ask(move |api, caller, at| api.request(caller, (&partner, &id), at)).await?;
    let title = match view.line.outgoing {
        true => format!("Request to {}", view.line.partner_name),
        false => format!("Request of {}", view.line.partner_name),
    };
    let frame = visit.frame(&title, Some(Section::Requests));
    let waits = !view.line.outgoing && view.line.state == "waiting";
    let unjustified = view.line.justify_by.is_some() && view.line.justified_at.is_none();
    let ours = view.line.outgoing && unjustified;
    Ok(Request {
        frame: frame.under(&[("Requests", "/requests")]),
        now: visit.at,
        problem: None,
        view,
        reason: String::new(),
        refusals: api::requests::refusals(),
        may_justify: ours && visit.caller.may(Operation::Justify),
        may_decide: waits && visit.caller.may(Operation::AnswerRequest),
    })
}

/// One of them, opened.
pub async fn one(visit: Visit, Named(of): Named<(String, String)>) -> Shown {
    Ok(html(StatusCode::OK, &drawn(&visit, of).await?))
}

/// What an officer decides: an outcome, a reason, and the records that were chosen.
pub async fn decide(
    visit: Visit,
    Named(of): Named<(String, String)>,
    Entered(form): Entered<Vec<(String, String)>>,
) -> Shown {
    let field = |name: &str| {
        let found = form.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    visit.check_form(&field("csrf"))?;
    let chosen = form.iter().filter(|(name, _)| name == "record");
    let record = |text: &str| match text.split_once('/') {
        Some((list, number)) => Some((list.to_owned(), Some(number.parse().ok()?))),
        None => Some((text.to_owned(), None)),
    };
    let records: Vec<(String, Option<u32>)> =
        chosen.filter_map(|(_, value)| record(value)).collect();
    let reason = field("reason");
    let answering = Answering { outcome: field("outcome"), records, reason: reason.clone() };
    let which = of.clone();
    let done = visit
        .attempt(move |api, caller, at| {
            api.answer_request(caller, (&which.0, &which.1), &answering, at)
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/requests/{}/{}", of.0, of.1)).into_response()),
        Err(Error::Invalid { field, text }) => {
            let problem = Some((field, text));
            let page = Request { problem, reason, ..drawn(&visit, of).await? };
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(e) => Err(visit.failed(&e)),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Said {
    csrf: String,
    legal_ground: String,
    reason: String,
    reference: String,
}

/// Justifies what was asked in an emergency.
pub async fn justify(
    visit: Visit,
    Named(of): Named<(String, String)>,
    Entered(form): Entered<Said>,
) -> Shown {
    visit.check_form(&form.csrf)?;
    let Said { legal_ground, reason, reference, .. } = form;
    let justifying = Justifying { legal_ground, reason, reference };
    let which = of.clone();
    let done = visit
        .attempt(move |api, caller, at| api.justify(caller, (&which.0, &which.1), &justifying, at))
        .await;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("/requests/{}/{}", of.0, of.1)).into_response()),
        Err(Error::Invalid { field, text }) => {
            let page = Request { problem: Some((field, text)), ..drawn(&visit, of).await? };
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(e) => Err(visit.failed(&e)),
    }
}

/// The address of the form alone leads to the request.
pub async fn to_one(Named(of): Named<(String, String)>) -> Redirect {
    Redirect::to(&format!("/requests/{}/{}", of.0, of.1))
}

#[derive(Template)]
#[template(path = "request_new.html")]
struct New {
    frame: Frame,
    problem: Option<(&'static str, String)>,
    asking: Asking,
    partners: Vec<(String, String)>,
    purposes: Vec<Purpose>,
    datasets: [&'static str; 3],
}

async fn empty(visit: &Visit) -> Result<New, axum::response::Response> {
    let partners = visit.ask(|api, caller, at| api.whom_to_ask(caller, at)).await?;
    let frame = visit.frame("Ask a partner", Some(Section::Requests));
    Ok(New {
        frame: frame.under(&[("Requests", "/requests")]),
        problem: None,
        asking: Asking::default(),
        partners,
        purposes: Purpose::ALL.to_vec(),
        datasets: ["api", "pnr", "crew"],
    })
}

/// The form with which an officer asks.
pub async fn form(visit: Visit) -> Shown {
    Ok(html(StatusCode::OK, &empty(&visit).await?))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Asked {
    csrf: String,
    to: String,
    purpose: String,
    dataset: String,
    urgent: Option<String>,
    name: String,
    born: String,
    document: String,
    booking: String,
    contact: String,
    flight: String,
    day: String,
    legal_ground: String,
    reason: String,
    reference: String,
}

/// Asks.
pub async fn ask(visit: Visit, Entered(form): Entered<Asked>) -> Shown {
    visit.check_form(&form.csrf)?;
    let asking = Asking {
        to: form.to,
        purpose: form.purpose,
        dataset: form.dataset,
        elements: Vec::new(),
        urgent: form.urgent.is_some(),
        name: form.name,
        born: form.born,
        document: form.document,
        booking: form.booking,
        contact: form.contact,
        flight: form.flight,
        day: form.day,
        legal_ground: form.legal_ground,
        reason: form.reason,
        reference: form.reference,
    };
    let asked = asking.clone();
    match visit.attempt(move |api, caller, at| api.ask(caller, &asked, at)).await {
        Ok(_) => Ok(Redirect::to("/requests").into_response()),
        Err(Error::Invalid { field, text }) => {
            let page = New { problem: Some((field, text)), asking, ..empty(&visit).await? };
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(e) => Err(visit.failed(&e)),
    }
}
