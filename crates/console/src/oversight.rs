//! The log, the watchlists and the node itself.

use api::{LogPage, NodePage, Operation, WatchlistView};
use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    frame::{Frame, Section},
    visit::{Asked, Entered, Shown, Visit, html},
};

/// Events on one page.
const EVENTS: u32 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OfLog {
    before: Option<u64>,
}

#[derive(Template)]
#[template(path = "log.html")]
struct Log {
    frame: Frame,
    view: LogPage,
    may_verify: bool,
}

/// The log, the newest first.
pub async fn log(visit: Visit, Asked(asked): Asked<OfLog>) -> Shown {
    let view = visit.ask(move |api, caller, _| api.log(caller, asked.before, EVENTS)).await?;
    let page = Log {
        frame: visit.frame("Log", Some(Section::Log)),
        view,
        may_verify: visit.caller.may(Operation::VerifyLog),
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Verify {
    csrf: String,
}

/// Recomputes the log, and shows what was found on the log's page.
pub async fn verify(visit: Visit, Entered(form): Entered<Verify>) -> Shown {
    visit.check_form(&form.csrf)?;
    visit.ask(|api, caller, at| api.verify_log(caller, at)).await?;
    Ok(Redirect::to("/log").into_response())
}

#[derive(Template)]
#[template(path = "watchlists.html")]
struct Watchlists {
    frame: Frame,
    lists: Vec<WatchlistView>,
    entries: u64,
    left: u64,
    kept: u64,
}

/// Watchlists in use.
pub async fn watchlists(visit: Visit) -> Shown {
    let (lists, (left, kept)) =
        visit.ask(|api, caller, _| Ok((api.watchlists(caller)?, api.rescreening(caller)?))).await?;
    let page = Watchlists {
        frame: visit.frame("Watchlists", Some(Section::Watchlists)),
        entries: lists.iter().map(|l| l.entries).sum(),
        left,
        kept,
        lists,
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "node.html")]
struct Node {
    frame: Frame,
    now: Timestamp,
    view: NodePage,
}

/// The node, its carriers and accounts.
pub async fn node(visit: Visit) -> Shown {
    let view = visit.ask(|api, caller, _| api.node(caller)).await?;
    let frame = visit.frame("Node", Some(Section::Node));
    Ok(html(StatusCode::OK, &Node { frame, now: visit.at, view }))
}
