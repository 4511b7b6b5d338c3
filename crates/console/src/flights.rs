//! Today, the flights of a day, one flight, and a record opened for a purpose.

use api::{
    Departure, Error, FlightPage, HitLine, OpenedRecord, Operation, QueueState, Summary, Today,
};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use policy::Purpose;
use serde::Deserialize;

use crate::{
    chart::Bars,
    frame::{Frame, Section},
    visit::{Asked, Entered, Named, Shown, Visit, html},
    words,
};

/// Flights on one page.
const FLIGHTS: usize = 50;
/// Travellers on one page.
const TRAVELLERS: usize = 100;
/// Hits on the first page.
const SOONEST: u32 = 8;

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

#[derive(Template)]
#[template(path = "today.html")]
struct TodayTemplate {
    frame: Frame,
    now: Timestamp,
    summary: Summary,
    hits: Vec<HitLine>,
    sees_hits: bool,
    sees_flights: bool,
    by_hour: Bars,
    lists: Bars,
}

/// Counts, what waits, and what departs soonest.
pub async fn today(visit: Visit) -> Shown {
    let summary = visit.ask(|api, caller, at| api.summary(caller, at)).await?;
    let sees_hits = visit.caller.may(Operation::Hits);
    let hits = match sees_hits {
        true => {
            let soonest = |api: &api::Api, caller: &api::Caller, _| {
                api.hits(caller, QueueState::Waiting, (None, SOONEST))
            };
            visit.ask(soonest).await?.hits
        }
        false => Vec::new(),
    };
    let page = TodayTemplate {
        frame: visit.frame("Today", Some(Section::Today)),
        now: visit.at,
        hits,
        sees_hits,
        sees_flights: visit.caller.may(Operation::Flights),
        by_hour: Bars::by_hour(&summary.hits_by_hour, "hits"),
        lists: Bars::by_hour(&summary.lists_by_hour, "lists"),
        summary,
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OfDay {
    day: String,
    only: String,
    page: usize,
}

#[derive(Template)]
#[template(path = "flights.html")]
struct Flights {
    frame: Frame,
    today: Today,
    is_today: bool,
    before: Option<Date>,
    after: Option<Date>,
    only_hits: bool,
    shown: Vec<Departure>,
    found: usize,
    page: usize,
    pages: usize,
}

/// The flights of a day.
pub async fn of_day(visit: Visit, Asked(asked): Asked<OfDay>) -> Shown {
    let day = match asked.day.as_str() {
        "" => day_of(visit.at),
        text => text.parse().map_err(|_| {
            let text = "The day is a date, as in 2026-03-01".to_owned();
            visit.failed(&Error::Invalid { field: "day", text })
        })?,
    };
    let today = visit.ask(move |api, caller, _| api.flights(caller, day)).await?;
    let only_hits = asked.only == "hits";
    let wanted: Vec<&Departure> =
        today.flights.iter().filter(|f| !only_hits || f.hits > 0).collect();
    let found = wanted.len();
    let pages = found.div_ceil(FLIGHTS).max(1);
    let page = asked.page.clamp(1, pages);
    let shown =
        wanted.into_iter().skip((page - 1) * FLIGHTS).take(FLIGHTS).cloned().collect::<Vec<_>>();
    let page = Flights {
        frame: visit.frame("Flights", Some(Section::Flights)),
        is_today: day == day_of(visit.at),
        before: day.yesterday().ok(),
        after: day.tomorrow().ok(),
        only_hits,
        shown,
        found,
        page,
        pages,
        today,
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct OfFlight {
    list: Option<String>,
    from: usize,
}

#[derive(Template)]
#[template(path = "flight.html")]
struct Flight {
    frame: Frame,
    now: Timestamp,
    view: FlightPage,
    may_open: bool,
    earlier: Option<usize>,
    later: Option<usize>,
}

/// One flight.
pub async fn flight(
    visit: Visit,
    Named(key): Named<String>,
    Asked(asked): Asked<OfFlight>,
) -> Shown {
    let start = asked.from;
    let view = visit
        .ask(move |api, caller, _| {
            api.flight(caller, (&key, asked.list.as_deref()), (start, TRAVELLERS))
        })
        .await?;
    let title = format!("Flight {}", view.flight.flight);
    let page = Flight {
        frame: visit.frame(&title, Some(Section::Flights)).under(&[("Flights", "/flights")]),
        now: visit.at,
        may_open: visit.caller.may(Operation::OpenTraveller),
        earlier: (view.start > 0).then(|| view.start.saturating_sub(TRAVELLERS)),
        later: Some(view.start + TRAVELLERS).filter(|next| *next < view.total),
        view,
    };
    Ok(html(StatusCode::OK, &page))
}

#[derive(Template)]
#[template(path = "purpose.html")]
struct PurposeForm {
    frame: Frame,
    flight: String,
    key: String,
    list: String,
    number: u32,
    purposes: [Purpose; 5],
    chosen: String,
    reason: String,
    problem: Option<(&'static str, String)>,
}

async fn purpose_form(visit: &Visit, list: String, number: u32) -> Result<PurposeForm, Response> {
    let id = list.clone();
    let (key, flight) =
        visit.ask(move |api, caller, _| api.before_opening(caller, &id, number)).await?;
    let title = format!("Open the record of traveller {}", number + 1);
    let address = format!("/flights/{}", words::encoded(&key));
    let name = format!("Flight {flight}");
    let steps = [("Flights", "/flights"), (name.as_str(), address.as_str())];
    Ok(PurposeForm {
        frame: visit.frame(&title, Some(Section::Flights)).under(&steps),
        flight,
        key,
        list,
        number,
        purposes: Purpose::ALL,
        chosen: String::new(),
        reason: String::new(),
        problem: None,
    })
}

/// Asks for a purpose; shows nothing of anybody.
pub async fn purpose(visit: Visit, Named((list, number)): Named<(String, u32)>) -> Shown {
    Ok(html(StatusCode::OK, &purpose_form(&visit, list, number).await?))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ForPurpose {
    csrf: String,
    purpose: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "record.html")]
struct Record {
    frame: Frame,
    record: OpenedRecord,
    purpose: &'static str,
    reason: String,
    may_tell: bool,
}

/// Opens a record: the answer to this very form, and to no address.
pub async fn open(
    visit: Visit,
    Named((list, number)): Named<(String, u32)>,
    Entered(form): Entered<ForPurpose>,
) -> Shown {
    visit.check_form(&form.csrf)?;
    let (id, purpose, reason) = (list.clone(), form.purpose.clone(), form.reason.clone());
    let opened = visit
        .attempt(move |api, caller, at| {
            api.open_traveller(caller, (&id, number), (&purpose, &reason), at)
        })
        .await;
    let record = match opened {
        Ok(record) => record,
        Err(Error::Invalid { field, text }) => {
            let form = PurposeForm {
                chosen: form.purpose,
                reason: form.reason,
                problem: Some((field, text)),
                ..purpose_form(&visit, list, number).await?
            };
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &form));
        }
        Err(e) => return Err(visit.failed(&e)),
    };
    let address = format!("/flights/{}", words::encoded(&record.key));
    let name = format!("Flight {}", record.flight);
    let steps = [("Flights", "/flights"), (name.as_str(), address.as_str())];
    let title = format!("Traveller {}", record.number + 1);
    let page = Record {
        frame: visit.frame(&title, Some(Section::Flights)).under(&steps),
        purpose: Purpose::named(&form.purpose).map_or("", |p| p.words()),
        reason: form.reason,
        may_tell: visit.caller.may(Operation::Tell),
        record,
    };
    Ok(html(StatusCode::OK, &page))
}
