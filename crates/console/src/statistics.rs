//! Travellers by nationality and route, small counts withheld.

use api::{
    Error, Statistics,
    statistics::{Period, Table},
};
use askama::Template;
use axum::http::StatusCode;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::{
    frame::{Frame, Section},
    visit::{Asked, Shown, Visit, html},
};

/// Months, and quarters, that can be chosen: this one and those before it.
const MONTHS: usize = 6;
const QUARTERS: usize = 4;

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
    period: Period,
    over: bool,
    months: Vec<Period>,
    quarters: Vec<Period>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OfPeriod {
    period: Option<String>,
}

/// The newest periods, this one first.
fn newest(of: Period, many: usize) -> Vec<Period> {
    std::iter::successors(Some(of), |p| Some(p.before())).take(many).collect()
}

/// The statistics of a month or a quarter.
pub async fn statistics(visit: Visit, Asked(asked): Asked<OfPeriod>) -> Shown {
    let today = visit.at.to_zoned(TimeZone::UTC).date();
    let (month, quarter) = (Period::of(today, false), Period::of(today, true));
    let wrong = || Error::Invalid {
        field: "period",
        text: "A period is a whole month or quarter, such as 2026-11 or 2026-Q4.".into(),
    };
    let period = match asked.period.as_deref() {
        None => month,
        Some(text) => Period::parse(text).ok_or_else(|| visit.failed(&wrong()))?,
    };
    let found = visit.ask(move |api, caller, _| api.statistics(caller, period)).await?;
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
    let (months, quarters) = (newest(month, MONTHS), newest(quarter, QUARTERS));
    let over = period.is_over(visit.at);
    let page = Page { frame, found, tables, period, over, months, quarters };
    Ok(html(StatusCode::OK, &page))
}
