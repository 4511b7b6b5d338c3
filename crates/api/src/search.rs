//! Looking somebody up: by document, by name and date of birth, by booking, by contact; and
//! flights. What is looked for, by whom and for what purpose is in the log before anything
//! is shown, as a keyed digest; what comes back are places on lists, and no record: that is opened by itself, for
//! a purpose ([`Api::open_traveller`]).

use audit::{Actor, Event, Logged};
use jiff::{Timestamp, civil::Date};
use policy::Purpose;
use screening::Sought;
use serde::{Deserialize, Serialize};
use store::{Batch, Store, rows::List};
use travel::{Flight, PartialDate};

use crate::{
    Api, Caller, Error, Operation,
    flights::{Place, local},
};

/// No more places than these are given.
const MOST: usize = 500;

/// What is looked for: one of the first five, with what belongs to it, and the purpose.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Search {
    /// Number of a travel document.
    pub document: String,
    /// A name, in any writing and order; with `born`.
    pub name: String,
    /// Date of birth: `1990-01-02`, or `1990`.
    pub born: String,
    /// Locator of a booking.
    pub booking: String,
    /// Telephone number or mail address.
    pub contact: String,
    /// Carrier and number: `TK1980`; with `day` or without.
    pub flight: String,
    /// The local day of departure.
    pub day: Option<Date>,
    /// For what purpose: `terrorism`, `serious_crime`, …
    pub purpose: String,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Search(..)")
    }
}

/// A place where somebody, or the flight, was found.
#[derive(Clone, Serialize)]
pub struct FoundLine {
    /// The list.
    pub list: String,
    /// Number of the traveller on it, from 0; `None` for a flight.
    pub traveller: Option<u32>,
    /// [`travel::Flight::key`].
    pub key: String,
    /// Carrier and number.
    pub flight: String,
    /// From where.
    pub from: Place,
    /// To where.
    pub to: Place,
    /// Scheduled departure.
    pub departs_at: Option<Timestamp>,
    /// Departure as the clocks of the airport show it.
    pub departs_local: String,
    /// `api`, `crew`, `pnr`.
    pub dataset: String,
    /// `carrier`, or the partner's state.
    pub origin: String,
    /// When the list came.
    pub received_at: Timestamp,
}

/// What a search found.
#[derive(Clone, Serialize)]
pub struct SearchPage {
    /// By what was looked: `document`, `name` …
    pub by: &'static str,
    /// Where; the newest lists first.
    pub found: Vec<FoundLine>,
    /// Whether there were more places than are given.
    pub cut: bool,
    /// Lists that were not looked at: so many still wait to be projected.
    pub not_searched: u64,
}

enum Target {
    Person(Sought),
    Flight(String),
}

impl Target {
    fn by(&self) -> &'static str {
        match self {
            Target::Person(sought) => sought.kind(),
            Target::Flight(_) => "flight",
        }
    }

    /// One spelling of what is looked for, for the digest.
    fn text(&self) -> String {
        let marks = match self {
            Target::Person(sought) => sought.marks(),
            Target::Flight(prefix) => vec![(vec![prefix.clone()], 1)],
        };
        marks.into_iter().flat_map(|(marks, _)| marks).collect::<Vec<_>>().join("\n")
    }
}

impl Search {
    fn target(&self) -> Result<Target, Error> {
        let wrong = |field, text: &str| Err(Error::Invalid { field, text: text.to_owned() });
        let person = |field, sought: Sought| match sought.marks().is_empty() {
            true => wrong(field, "That is too little to look for."),
            false => Ok(Target::Person(sought)),
        };
        let given = [&self.document, &self.name, &self.booking, &self.contact, &self.flight];
        if given.iter().filter(|g| !g.trim().is_empty()).count() != 1 {
            return wrong(
                "search",
                "Look for one thing: a document, a name with a date of birth, a booking, a contact, or a flight.",
            );
        }
        if !self.document.trim().is_empty() {
            return person("document", Sought::Document(self.document.clone()));
        }
        if !self.booking.trim().is_empty() {
            return person("booking", Sought::Booking(self.booking.clone()));
        }
        if !self.contact.trim().is_empty() {
            return person("contact", Sought::Contact(self.contact.clone()));
        }
        if !self.name.trim().is_empty() {
            return match PartialDate::parse(self.born.trim()) {
                Some(born) => person("name", Sought::Name { name: self.name.clone(), born }),
                None => wrong("born", "Give the date of birth with the name, as in 1990-01-02."),
            };
        }
        let (carrier, number) = Flight::designator(&self.flight, None);
        if carrier.is_empty() || number.is_empty() {
            return wrong("flight", "The flight is carrier and number, as in TK1980.");
        }
        let day = self.day.map(|d| format!("{d}/")).unwrap_or_default();
        Ok(Target::Flight(format!("{carrier}{number}/{day}")))
    }
}

impl Api {
    /// Looks somebody or a flight up, after writing down who does so and for what purpose.
    ///
    /// # Errors
    /// No purpose, nothing to look for; rights; the store.
    pub fn search(
        &self,
        caller: &Caller,
        search: &Search,
        at: Timestamp,
    ) -> Result<SearchPage, Error> {
        caller.demand(Operation::Search)?;
        search_as(&self.store, caller.officer(), search, at)
    }
}

/// The same for a command at the node's own machine, by the name that it goes under.
///
/// # Errors
/// No purpose, nothing to look for; the store.
pub fn search_as(
    store: &Store,
    officer: &str,
    search: &Search,
    at: Timestamp,
) -> Result<SearchPage, Error> {
    let purpose = Purpose::named(&search.purpose).ok_or_else(|| {
        let names = Purpose::ALL.map(Purpose::name).join(", ");
        let text = format!("Say for what purpose you look, one of: {names}.");
        Error::Invalid { field: "purpose", text }
    })?;
    let target = search.target()?;
    let (mut places, mut not_searched) = (Vec::new(), 0);
    let mut lists: Vec<List> = Vec::new();
    match &target {
        Target::Flight(prefix) => {
            lists = store.lists_under_flight(prefix, MOST as u32 + 1)?;
            places.extend(lists.iter().map(|l| (l.id.clone(), None)));
        }
        Target::Person(sought) => {
            let found = store.search(sought)?;
            not_searched = found.not_searched;
            // Ids begin with the time: the newest first.
            places.extend(found.travellers.into_iter().rev().map(|(id, n)| (id, Some(n))));
        }
    }
    // Before anything of it is shown.
    let event = Event::Searched {
        purpose: purpose.name().to_owned(),
        query: store.pseudonym(&format!("{}\n{}", target.by(), target.text())),
        found: places.len() as u64,
    };
    let logged = Logged::new(at, Actor::Officer(officer.to_owned()), event);
    store.commit(Batch::new(Vec::new(), vec![logged]))?;
    let cut = places.len() > MOST;
    places.truncate(MOST);
    let mut found = Vec::with_capacity(places.len());
    for (id, traveller) in places {
        if !lists.iter().any(|l| l.id == id) {
            lists.extend(store.list(&id)?);
        }
        let row = lists.iter().find(|l| l.id == id);
        found.extend(row.map(|row| line(row, traveller)));
    }
    Ok(SearchPage { by: target.by(), found, cut, not_searched })
}

pub(crate) fn line(row: &List, traveller: Option<u32>) -> FoundLine {
    FoundLine {
        list: row.id.clone(),
        traveller,
        key: row.flight.clone(),
        flight: format!("{}{}", row.carrier, row.number),
        from: Place::of(&row.origin_airport),
        to: Place::of(&row.destination),
        departs_at: row.departs_at,
        departs_local: local(row.departs_at, &row.origin_airport),
        dataset: row.dataset.clone(),
        origin: row.origin.clone(),
        received_at: row.received_at,
    }
}
