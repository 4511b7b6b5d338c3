//! Flights of a day, and one flight. Travellers are numbers here until screening has raised
//! a hit on them, or somebody says for what purpose they open a record (`records.rs`).

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use store::rows::{HitRow, List};
use travel::{
    Airport, Flight, PassengerList, Traveller,
    current::{Current, Standing, Version, current},
};

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
    /// Travellers on the newest whole list of each kind, crew apart.
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
    /// Under which number it came: the flight's, or that of a code share.
    pub flight: String,
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
    /// What it did to what was known before; `None` when it cannot be read any more.
    pub step: Option<StepView>,
    /// That it was wrong and another stands in its place, where that is so.
    pub replaced: Option<Correction>,
    /// That it stands in the place of one that was wrong, where that is so.
    pub corrects: Option<Correction>,
}

/// A list that was replaced by the right one: which of them was believed when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// The other of the two.
    pub list: String,
    /// Why, in one word.
    pub cause: String,
    /// Since when the wrong one was here.
    pub believed_from: Timestamp,
    /// When it was replaced.
    pub at: Timestamp,
}

/// What a list did to what its sender had said before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StepView {
    /// Named for the first time.
    pub added: usize,
    /// Named before, with other data.
    pub changed: usize,
    /// Named before, with the same data.
    pub same: usize,
    /// Taken to travel until then, and not any more.
    pub gone: usize,
}

/// Who is on the flight by the latest word of everybody who sent lists.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CurrentView {
    /// How many people were named, and how many of them stand how: `on board`, `listed` …
    pub standings: Vec<(&'static str, usize)>,
    /// Lists of which it is made.
    pub read: usize,
    /// Lists that cannot be read any more, masked or erased.
    pub closed_lists: usize,
    /// Whether the last word is that the flight is cancelled.
    pub cancelled: bool,
    /// Whether the flight was closed.
    pub closed: bool,
}

/// One traveller, on one list or by the latest word; named only with a hit.
#[derive(Clone, Debug, Serialize)]
pub struct TravellerLine {
    /// The list on which the newest word stands.
    pub list: String,
    /// Number on that list, from 0.
    pub number: u32,
    /// How they stand by the latest word.
    pub standing: Option<&'static str>,
    /// On how many lists they are named.
    pub lists: usize,
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
    /// What all of them come to.
    pub current: CurrentView,
    /// The list that is shown; empty when it is what all of them come to.
    pub shown: String,
    /// Its travellers, those with hits first.
    pub travellers: Vec<TravellerLine>,
    /// How many travellers that is.
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
            .filter_map(|(_, lists)| {
                let first = lists.first()?;
                Some(departure(first, lists, |l| hits.get(&l.id).copied().unwrap_or_default()))
            })
            .collect();
        let next = queries::first_departure(&self.store, end)?;
        let next = next.map(|at| at.to_zoned(TimeZone::UTC).date());
        Ok(Today { day, flights, cut, next })
    }

    /// Hits of a list that officers see: silent ones stay silent.
    fn shown_hits(&self, list: &str) -> Result<Vec<HitRow>, Error> {
        Ok(self.store.hits_of_list(list)?.into_iter().filter(|h| h.band != "silent").collect())
    }

    /// One flight with the travellers of one of its lists, or, where none is named, of the
    /// current list that all of them come to; `limit` of them from `start` on, or from the
    /// first when there are not so many.
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
        let mut lists = self.store.lists_of_flight(key)?;
        lists.extend(self.code_shared(key, &lists)?);
        lists.sort_by(|a, b| (b.received_at, &b.id).cmp(&(a.received_at, &a.id)));
        let named = list.map(|id| lists.iter().find(|l| l.id == id).ok_or_else(missing));
        let named = named.transpose()?;
        let own = lists.iter().find(|l| l.flight == key).ok_or_else(missing)?;
        let mut hits: HashMap<&str, Vec<HitRow>> = HashMap::new();
        for list in &lists {
            hits.insert(&list.id, self.shown_hits(&list.id)?);
        }
        let folded = self.fold(&lists)?;
        let (all, gone) = match named {
            None if folded.opened.is_empty() => (Vec::new(), Some(NONE_OPENS.to_owned())),
            None => (folded.lines(&hits), None),
            Some(row) => match folded.opened.iter().find(|(r, _)| r.id == row.id) {
                Some((_, list)) => (lines(row, list, &hits), None),
                None => (
                    Vec::new(),
                    self.store.open_list(row).err().map(|e| Error::from(e).to_string()),
                ),
            },
        };
        let total = all.len();
        let start = if start < total { start } else { 0 };
        let travellers = all.into_iter().skip(start).take(limit).collect();
        let of = |l: &List| {
            let all = hits.get(l.id.as_str()).map_or(&[][..], Vec::as_slice);
            (all.len() as u32, all.iter().filter(|h| is_waiting(h)).count() as u32)
        };
        Ok(FlightPage {
            flight: departure(own, &lists, of),
            lists: self.list_views(&lists, |l| (of(l).0, folded.step(l)))?,
            current: folded.view(lists.len()),
            shown: named.map(|l| l.id.clone()).unwrap_or_default(),
            travellers,
            total,
            start,
            gone,
        })
    }

    /// The lists of a flight, with what was corrected of them.
    fn list_views(
        &self,
        lists: &[List],
        said: impl Fn(&List) -> (u32, Option<StepView>),
    ) -> Result<Vec<ListView>, Error> {
        let mut views = Vec::with_capacity(lists.len());
        for list in lists {
            let corrections = self.store.corrections_of(&list.id)?;
            let found = |wrong: bool| {
                let mut rows = corrections.iter();
                let row = rows.find(|row| wrong == (row.replaced == list.id))?;
                Some(Correction {
                    list: if wrong { &row.list } else { &row.replaced }.clone(),
                    cause: row.cause.clone(),
                    believed_from: row.believed_from,
                    at: row.at,
                })
            };
            let (replaced, corrects) = (found(true), found(false));
            let (hits, step) = said(list);
            views.push(ListView { replaced, corrects, ..list_view(list, hits, step) });
        }
        Ok(views)
    }

    /// Lists of the same flight under the numbers of its code shares, as bookings tell of them.
    fn code_shared(&self, key: &str, lists: &[List]) -> Result<Vec<List>, Error> {
        let Some((own, rest)) = key.split_once('/') else { return Ok(Vec::new()) };
        let mut names = BTreeSet::new();
        for row in lists.iter().filter(|l| l.dataset == "pnr") {
            let list = match self.store.open_list(row).map_err(Error::from) {
                Ok(list) => list,
                Err(Error::Gone(_)) => continue,
                Err(e) => return Err(e),
            };
            for share in list.bookings().iter().flat_map(|b| &b.code_shares) {
                let name = |text: &str| {
                    let (carrier, number) = Flight::designator(text, None);
                    format!("{carrier}{number}")
                };
                let both = [name(&share.marketed), name(&share.operated)];
                if both.iter().any(|n| n == own) {
                    names.extend(both.into_iter().filter(|n| n != own));
                }
            }
        }
        let mut found = Vec::new();
        for name in names {
            found.extend(self.store.lists_of_flight(&format!("{name}/{rest}"))?);
        }
        Ok(found)
    }

    /// Opens what can be opened of a flight's lists (which are the newest first), and folds it.
    fn fold<'r>(&self, lists: &'r [List]) -> Result<Folded<'r>, Error> {
        let mut opened: Vec<(&List, PassengerList)> = Vec::with_capacity(lists.len());
        for row in lists.iter().rev() {
            match self.store.open_list(row).map_err(Error::from) {
                Ok(list) => opened.push((row, list)),
                Err(Error::Gone(_)) => {}
                Err(e) => return Err(e),
            }
        }
        let versions: Vec<Version<'_>> =
            opened.iter().map(|(row, list)| Version { list, source: &row.origin }).collect();
        let current = current(&versions);
        Ok(Folded { opened, current })
    }
}

const NONE_OPENS: &str = "all of them are masked or erased";

/// The lists of a flight that can be read, the oldest first, and what they come to.
struct Folded<'r> {
    opened: Vec<(&'r List, PassengerList)>,
    current: Current,
}

impl Folded<'_> {
    fn step(&self, row: &List) -> Option<StepView> {
        let at = self.opened.iter().position(|(r, _)| r.id == row.id)?;
        let step = self.current.steps.get(at)?;
        let (added, changed, same, gone) = (step.added, step.changed, step.same, step.gone);
        Some(StepView { added, changed, same, gone })
    }

    fn view(&self, lists: usize) -> CurrentView {
        let counted = Standing::ALL.into_iter().map(|s| (s.name(), self.current.count(s)));
        CurrentView {
            standings: counted.filter(|(_, n)| *n > 0).collect(),
            read: self.opened.len(),
            closed_lists: lists - self.opened.len(),
            cancelled: self.current.cancelled,
            closed: self.current.closed,
        }
    }

    /// Everybody, with the hits of every list on which they are named.
    fn lines(&self, hits: &HashMap<&str, Vec<HitRow>>) -> Vec<TravellerLine> {
        let mut lines = Vec::with_capacity(self.current.people.len());
        for person in &self.current.people {
            let Some(newest) = person.places.first() else { continue };
            let (row, list) = &self.opened[newest.version];
            let traveller = &list.travellers()[newest.traveller];
            let mut own: Vec<&HitRow> = Vec::new();
            for place in &person.places {
                let of_list = hits.get(self.opened[place.version].0.id.as_str());
                let here = of_list.into_iter().flatten();
                own.extend(here.filter(|h| h.traveller as usize == place.traveller));
            }
            lines.push(TravellerLine {
                standing: Some(person.standing.name()),
                lists: person.places.len(),
                ..line((row, newest.traveller as u32), traveller, &own)
            });
        }
        lines.sort_by_key(|l| (l.name.is_none(), l.hits.is_empty()));
        lines
    }
}

fn lines(
    row: &List,
    list: &PassengerList,
    hits: &HashMap<&str, Vec<HitRow>>,
) -> Vec<TravellerLine> {
    let hits = hits.get(row.id.as_str()).map_or(&[][..], Vec::as_slice);
    let one = |(number, t): (usize, &Traveller)| {
        let own: Vec<&HitRow> = hits.iter().filter(|h| h.traveller as usize == number).collect();
        line((row, number as u32), t, &own)
    };
    let mut lines: Vec<TravellerLine> = list.travellers().iter().enumerate().map(one).collect();
    lines.sort_by_key(|l| (l.name.is_none(), l.hits.is_empty(), l.number));
    lines
}

fn list_view(l: &List, hits: u32, step: Option<StepView>) -> ListView {
    ListView {
        id: l.id.clone(),
        origin: l.origin.clone(),
        flight: format!("{}{}", l.carrier, l.number),
        dataset: l.dataset.clone(),
        function: l.function.clone(),
        travellers: l.travellers,
        dropped: l.dropped,
        received_at: l.received_at,
        keep_until: l.keep_until,
        screened_at: l.screened_at,
        hits,
        step,
        replaced: None,
        corrects: None,
    }
}

/// What the lists of one flight say together; `hits` counts those of a list, and those
/// that wait. `first` is one of the flight's own.
fn departure(first: &List, lists: &[List], hits: impl Fn(&List) -> (u32, u32)) -> Departure {
    let (all, waiting) = lists.iter().map(hits).fold((0, 0), |sum, n| (sum.0 + n.0, sum.1 + n.1));
    // A change names a few of them: the newest list that is whole tells how many they are.
    let newest = |dataset: &str| {
        let of_kind = || lists.iter().filter(|l| l.dataset == dataset);
        let whole = |l: &&List| matches!(l.function.as_str(), "full" | "closed, on board");
        let all = of_kind().filter(whole).max_by_key(|l| l.received_at);
        all.or_else(|| of_kind().max_by_key(|l| l.received_at)).map_or(0, |l| l.travellers)
    };
    let named = |f: fn(&List) -> &str| {
        let mut all: Vec<String> = lists.iter().map(|l| f(l).to_owned()).collect();
        all.sort();
        all.dedup();
        all
    };
    Departure {
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
    }
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

fn line((row, number): (&List, u32), t: &Traveller, own: &[&HitRow]) -> TravellerLine {
    let named = own.iter().any(|h| h.state != "dismissed");
    TravellerLine {
        list: row.id.clone(),
        number,
        standing: None,
        lists: 1,
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
