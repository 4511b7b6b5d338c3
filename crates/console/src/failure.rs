//! Errors as pages: what happened, and what to do.

use api::Error;
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
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
        Error::SameOfficer | Error::Decided | Error::Conflict(_) => "This was decided already",
        Error::Gone(_) => "This record was erased",
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
    html(status, &Failure { frame, heading, what: what(e), advice: e.advice(), status: e.status() })
}

/// An address that leads nowhere.
pub async fn no_such_page(State(site): State<Site>, headers: HeaderMap) -> Response {
    let caller = match token(&headers) {
        Some(token) => run(&site, move |api, at| api.authenticate(&token, at)).await.ok(),
        None => None,
    };
    let mut frame = frame(&site);
    if let Some(caller) = caller {
        frame = frame.of(&caller, None);
    }
    let e = Error::Missing { what: "page", id: "at this address".to_owned() };
    page(&e, Some(frame))
}
