//! Travellers by nationality and route, small counts withheld.

use api::{
    Statistics,
    statistics::{MOST_DAYS, Table},
};
use askama::Template;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::{
    frame::{Frame, Section},
    visit::{Asked, Shown, Visit, html},
};

/// Days ahead that are counted: carriers send their lists before departure.
const AHEAD: u32 = 2;
/// What can be chosen.
const CHOICES: [u64; 4] = [1, 7, 30, 90];

/// A table with its headings.
struct Counted {
    name: &'static str,
    title: &'static str,
    what: &'static str,
    table: Table,
}

#[derive(Template)]
#[template(path = "statistics.html")]
struct Page {
    frame: Frame,
    found: Statistics,
    tables: Vec<Counted>,
    days: u64,
    choices: [u64; 4],
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OfDays {
    days: Option<u32>,
}

/// The statistics of the last days.
pub async fn statistics(visit: Visit, Asked(asked): Asked<OfDays>) -> Shown {
    let days = asked.days.unwrap_or(7).clamp(1, MOST_DAYS);
    let found = visit
        .ask(move |api, caller, at| api.statistics(caller, api::statistics::days(at, days, AHEAD)?))
        .await?;
    let tables = vec![
        Counted {
            name: "nationality",
            title: "By nationality",
            what: "Nationality",
            table: found.by_nationality.clone(),
        },
        Counted { name: "route", title: "By route", what: "Route", table: found.by_route.clone() },
        Counted {
            name: "both",
            title: "By route and nationality",
            what: "Route and nationality",
            table: found.by_route_and_nationality.clone(),
        },
    ];
    let frame = visit.frame("Statistics", Some(Section::Statistics));
    Ok(html(StatusCode::OK, &Page { frame, found, tables, days: days.into(), choices: CHOICES }))
}
