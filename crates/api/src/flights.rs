//! Flights of a day, and one flight. Travellers are numbers here until screening has raised
//! a hit on them, or somebody says for what purpose they open a record (`records.rs`).

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use store::rows::{HitRow, List};
use travel::{Airport, PassengerList, Traveller};

use crate::{Api, Caller, Error, Operation, queries};

/// No more lists than these are looked at for one page.
const LISTS_OF_A_DAY: u32 = 20_000;
/// The longest text of a purpose, in characters.
pub(crate) const LONGEST_REASON: usize = 2000;

/// An airport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The code that the carrier used.
    pub code: String,
    /// Its city, when the airport is known.
    pub city: String,
}

impl Place {
    pub(crate) fn of(code: &str) -> Self {
        let city = Airport::find(code).map_or("", |a| a.city);
        Self { code: code.to_owned(), city: city.to_owned() }
    }
}

/// One flight in the table of a day.
#[derive(Clone, Debug, Serialize)]
pub struct Departure {
    /// [`travel::Flight::key`].
    pub key: String,
    /// Carrier and number: `TK1980`.
    pub flight: String,
    /// From where.
    pub from: Place,
    /// To where.
    pub to: Place,
    /// Scheduled departure.
    pub departs_at: Option<Timestamp>,
    /// Departure as the clocks of the airport show it.
    pub departs_local: String,
    /// Scheduled arrival, as the clocks of the airport show it.
    pub arrives_local: String,
    /// How many lists are here.
    pub lists: u32,
    /// Which kinds: `api`, `crew`, `pnr`.
    pub datasets: Vec<String>,
    /// Partners that sent some of them.
    pub partners: Vec<String>,
    /// Travellers on the newest list of each kind, crew apart.
    pub travellers: u32,
    /// Crew on the newest crew list.
    pub crew: u32,
    /// Hits, however decided.
    pub hits: u32,
    /// Those that wait for an officer.
    pub waiting: u32,
    /// Whether every list was screened.
    pub screened: bool,
}

/// The flights of a day.
#[derive(Clone, Debug, Serialize)]
pub struct Today {
    /// The day, in UTC.
    pub day: Date,
    /// In order of departure.
    pub flights: Vec<Departure>,
    /// Whether there were more lists than one page looks at.
    pub cut: bool,
    /// The next day on which a flight departs.
    pub next: Option<Date>,
}

/// A list of a flight.
#[derive(Clone, Debug, Serialize)]
pub struct ListView {
    /// Its id.
    pub id: String,
    /// `carrier`, or the partner's state.
    pub origin: String,
    /// `api`, `crew`, `pnr`.
    pub dataset: String,
    /// What the message wanted done: `full`, `change` …
    pub function: String,
    /// How many travellers.
    pub travellers: u32,
    /// Sensitive elements that were dropped at the door.
    pub dropped: u32,
    /// When it came.
    pub received_at: Timestamp,
    /// The first day on which it must be gone.
    pub keep_until: Date,
    /// When it was screened.
    pub screened_at: Option<Timestamp>,
    /// Hits on it.
    pub hits: u32,
}

/// One traveller of a list; named only with a hit.
#[derive(Clone, Debug, Serialize)]
pub struct TravellerLine {
    /// Number on the list, from 0.
    pub number: u32,
    /// `passenger`, `crew` …
    pub kind: &'static str,
    /// How many documents were sent.
    pub documents: usize,
    /// Whether a booking was sent with it.
    pub booking: bool,
    /// The name, when there is a hit that is not dismissed.
    pub name: Option<String>,
    /// The hits: id, band, state.
    pub hits: Vec<(String, String, String)>,
}

/// One flight with one of its lists.
#[derive(Clone, Debug, Serialize)]
pub struct FlightPage {
    /// The flight.
    pub flight: Departure,
    /// Its lists, the newest first.
    pub lists: Vec<ListView>,
    /// The list that is shown.
    pub shown: String,
    /// Its travellers, those with hits first.
    pub travellers: Vec<TravellerLine>,
    /// How many travellers the list has.
    pub total: usize,
    /// The first one shown, counted from 0.
    pub start: usize,
    /// Why the list cannot be read, when it cannot.
    pub gone: Option<String>,
}

impl Api {
    /// The flights that depart on a day (UTC), with totals of their lists.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn flights(&self, caller: &Caller, day: Date) -> Result<Today, Error> {
        caller.demand(Operation::Flights)?;
        let invalid = |_| Error::Invalid { field: "day", text: "That day is out of range.".into() };
        let next = day.tomorrow().map_err(invalid)?;
        let start = day.to_zoned(TimeZone::UTC).map_err(invalid)?.timestamp();
        let end = next.to_zoned(TimeZone::UTC).map_err(invalid)?.timestamp();
        let lists = queries::heads_between(&self.store, (start, end), LISTS_OF_A_DAY)?;
        let hits = queries::hits_by_list(&self.store, (start, end))?;
        let cut = lists.len() as u32 == LISTS_OF_A_DAY;
        let mut flights: Vec<(String, Vec<List>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for list in lists {
            match places.get(&list.flight) {
                Some(&i) => flights[i].1.push(list),
                None => {
                    places.insert(list.flight.clone(), flights.len());
                    flights.push((list.flight.clone(), vec![list]));
                }
            }
        }
        let flights = flights
            .iter()
            .map(|(_, lists)| departure(lists, |l| hits.get(&l.id).copied().unwrap_or_default()))
            .collect::<Result<Vec<_>, _>>()?;
        let next = queries::first_departure(&self.store, end)?;
        let next = next.map(|at| at.to_zoned(TimeZone::UTC).date());
        Ok(Today { day, flights, cut, next })
    }

    /// Hits of a list that officers see: silent ones stay silent.
    fn shown_hits(&self, list: &str) -> Result<Vec<HitRow>, Error> {
        Ok(self.store.hits_of_list(list)?.into_iter().filter(|h| h.band != "silent").collect())
    }

    /// One flight with the travellers of one of its lists (the newest, unless named),
    /// `limit` of them from `start` on, or from the first when there are not so many.
    ///
    /// # Errors
    /// There is no such flight; rights; the store.
    pub fn flight(
        &self,
        caller: &Caller,
        (key, list): (&str, Option<&str>),
        (start, limit): (usize, usize),
    ) -> Result<FlightPage, Error> {
        caller.demand(Operation::Flight)?;
        let missing = || Error::Missing { what: "flight", id: key.to_owned() };
        let lists = self.store.lists_of_flight(key)?;
        let shown = match list {
            Some(id) => lists.iter().find(|l| l.id == id).ok_or_else(missing)?,
            None => lists.first().ok_or_else(missing)?,
        };
        let (all, gone) = match self.store.open_list(shown).map_err(Error::from) {
            Ok(opened) => (self.lines(shown, &opened)?, None),
            Err(e @ Error::Gone(_)) => (Vec::new(), Some(e.to_string())),
            Err(e) => return Err(e),
        };
        let total = all.len();
        let start = if start < total { start } else { 0 };
        let travellers = all.into_iter().skip(start).take(limit).collect();
        let shown = shown.id.clone();
        let mut hits = HashMap::new();
        for list in &lists {
            let of_list = self.shown_hits(&list.id)?;
            let waiting = of_list.iter().filter(|h| is_waiting(h)).count();
            hits.insert(list.id.as_str(), (of_list.len() as u32, waiting as u32));
        }
        let of = |l: &List| hits.get(l.id.as_str()).copied().unwrap_or_default();
        let flight = departure(&lists, of)?;
        let lists = lists.iter().map(|l| list_view(l, of(l).0)).collect();
        Ok(FlightPage { flight, lists, shown, travellers, total, start, gone })
    }

    fn lines(&self, row: &List, list: &PassengerList) -> Result<Vec<TravellerLine>, Error> {
        let hits = self.shown_hits(&row.id)?;
        let mut lines: Vec<TravellerLine> =
            list.travellers().iter().enumerate().map(|(i, t)| line(i as u32, t, &hits)).collect();
        lines.sort_by_key(|l| (l.name.is_none(), l.hits.is_empty(), l.number));
        Ok(lines)
    }
}

fn list_view(l: &List, hits: u32) -> ListView {
    ListView {
        id: l.id.clone(),
        origin: l.origin.clone(),
        dataset: l.dataset.clone(),
        function: l.function.clone(),
        travellers: l.travellers,
        dropped: l.dropped,
        received_at: l.received_at,
        keep_until: l.keep_until,
        screened_at: l.screened_at,
        hits,
    }
}

/// What the lists of one flight say together; `hits` counts those of a list, and those
/// that wait. There is at least one list.
fn departure(lists: &[List], hits: impl Fn(&List) -> (u32, u32)) -> Result<Departure, Error> {
    let first = lists.first().ok_or(Error::Ours("a flight without a list".into()))?;
    let (all, waiting) = lists.iter().map(hits).fold((0, 0), |sum, n| (sum.0 + n.0, sum.1 + n.1));
    let newest = |dataset: &str| {
        let of_kind = lists.iter().filter(|l| l.dataset == dataset);
        of_kind.max_by_key(|l| l.received_at).map_or(0, |l| l.travellers)
    };
    let named = |f: fn(&List) -> &str| {
        let mut all: Vec<String> = lists.iter().map(|l| f(l).to_owned()).collect();
        all.sort();
        all.dedup();
        all
    };
    Ok(Departure {
        key: first.flight.clone(),
        flight: format!("{}{}", first.carrier, first.number),
        from: Place::of(&first.origin_airport),
        to: Place::of(&first.destination),
        departs_at: first.departs_at,
        departs_local: local(first.departs_at, &first.origin_airport),
        arrives_local: local(first.arrives_at, &first.destination),
        lists: lists.len() as u32,
        datasets: named(|l| &l.dataset),
        partners: named(|l| &l.origin).into_iter().filter(|o| o != store::CARRIERS).collect(),
        travellers: newest("api").max(newest("pnr")),
        crew: newest("crew"),
        hits: all,
        waiting,
        screened: lists.iter().all(|l| l.screened_at.is_some()),
    })
}

pub(crate) fn is_waiting(hit: &HitRow) -> bool {
    matches!(hit.state.as_str(), "open" | "half")
}

/// Text that somebody has to give: trimmed, not empty, not a book.
pub(crate) fn checked_reason(field: &'static str, text: &str) -> Result<String, Error> {
    let text = text.trim();
    let wrong = |text: &str| Err(Error::Invalid { field, text: text.to_owned() });
    match text.chars().count() {
        0..3 => wrong("Enter a reason: it is kept, and others will read it."),
        n if n > LONGEST_REASON => wrong("Shorten the reason to 2,000 characters."),
        _ => Ok(text.to_owned()),
    }
}

/// `23 Nov 2026, 14:05 +03` at the airport, or UTC where it is not known.
pub(crate) fn local(at: Option<Timestamp>, airport: &str) -> String {
    let Some(at) = at else { return String::new() };
    let zone = Airport::find(airport).and_then(|a| TimeZone::get(a.zone).ok());
    at.to_zoned(zone.unwrap_or(TimeZone::UTC)).strftime("%-d %b %Y, %H:%M").to_string()
}

fn line(number: u32, t: &Traveller, hits: &[HitRow]) -> TravellerLine {
    let own: Vec<&HitRow> = hits.iter().filter(|h| h.traveller == number).collect();
    let named = own.iter().any(|h| h.state != "dismissed");
    TravellerLine {
        number,
        kind: t.kind.name(),
        documents: t.documents.len(),
        booking: t.booking.is_some(),
        name: named.then(|| t.written_name()),
        hits: own.iter().map(|h| (h.id.clone(), h.band.clone(), h.state.clone())).collect(),
    }
}

pub(crate) fn country(c: Option<travel::Country>) -> String {
    c.map(|c| c.name().map_or_else(|| c.code().to_owned(), |n| format!("{n} ({})", c.code())))
        .unwrap_or_default()
}
