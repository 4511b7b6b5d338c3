//! Errors as pages: what happened, and what to do.

use api::Error;
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, Method, StatusCode, header},
    response::Response,
};

use crate::{
    Site,
    frame::Frame,
    visit::{html, run, token},
};

#[derive(Template)]
#[template(path = "failure.html")]
struct Failure {
    frame: Frame,
    heading: &'static str,
    what: String,
    advice: &'static str,
    status: u16,
}

fn heading(e: &Error) -> &'static str {
    match e {
        Error::SignedOut | Error::WrongPassword | Error::Locked { .. } => "You are not signed in",
        Error::Forbidden { .. } => "Your role does not allow this",
        Error::Forged => "This form was not accepted",
        Error::Missing { .. } => "There is nothing here",
        Error::Invalid { .. } => "Something is missing",
        Error::SameOfficer | Error::Decided => "This was decided already",
        Error::Conflict(_) => "This is not as it was",
        Error::Gone(_) => "This record is no longer open",
        Error::Busy => "The node is busy",
        Error::Ours(_) => "Something went wrong here",
    }
}

/// What is said in the page: our own failures are for the node's log, not for pages.
fn what(e: &Error) -> String {
    match e {
        Error::Ours(text) => {
            tracing::error!(error = %text, "an operation failed");
            "The node could not do this. The cause is in its own log.".to_owned()
        }
        other => {
            let mut text = other.to_string();
            if let Some(first) = text.get(..1) {
                text = format!("{}{}", first.to_uppercase(), &text[1..]);
            }
            text + "."
        }
    }
}

/// The frame for somebody who is not signed in.
pub fn frame(site: &Site) -> Frame {
    Frame::open("", site.api.state(), (site.notice)())
}

/// The page of an error.
pub fn page(e: &Error, frame: Option<Frame>) -> Response {
    let frame = frame.unwrap_or(Frame {
        title: String::new(),
        notice: None,
        state: String::new(),
        state_name: String::new(),
        signed: None,
        links: Vec::new(),
        crumbs: Vec::new(),
    });
    let heading = heading(e);
    let frame = Frame { title: heading.to_owned(), ..frame };
    let status = StatusCode::from_u16(e.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let page = Failure { frame, heading, what: what(e), advice: e.advice(), status: e.status() };
    retry_after(html(status, &page), e)
}

/// Says to programs when to come back, where waiting helps.
pub fn retry_after(mut response: Response, e: &Error) -> Response {
    if let Some(seconds) = e.retry_after_s() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// An address that leads nowhere.
pub async fn no_such_page(State(site): State<Site>, headers: HeaderMap) -> Response {
    let heading = "There is nothing here";
    let page = Failure {
        frame: Frame { title: heading.to_owned(), ..frame_of(&site, &headers).await },
        heading,
        what: "There is no page at this address.".to_owned(),
        advice: "Check the address, or go on from the navigation.",
        status: 404,
    };
    html(StatusCode::NOT_FOUND, &page)
}

/// A known address, asked for in a way that it does not answer.
pub async fn not_so(State(site): State<Site>, method: Method, headers: HeaderMap) -> Response {
    let heading = "This address does not take that";
    let frame = Frame { title: heading.to_owned(), ..frame_of(&site, &headers).await };
    let page = Failure {
        frame,
        heading,
        what: format!("The page at this address cannot be asked for with {method}."),
        advice: "Open it from the navigation, and send forms from the page that shows them.",
        status: 405,
    };
    html(StatusCode::METHOD_NOT_ALLOWED, &page)
}

/// The frame for whoever the request's session says it is.
async fn frame_of(site: &Site, headers: &HeaderMap) -> Frame {
    let caller = match token(headers) {
        Some(token) => run(site, move |api, at| api.authenticate(&token, at)).await.ok(),
        None => None,
    };
    let open = frame(site);
    match caller {
        Some(caller) => open.of(&caller, None),
        None => open,
    }
}
