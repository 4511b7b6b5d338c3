//! Requests between states (EU-17): an officer asks a partner about somebody, a document or
//! a flight; an officer of the asked state reads it in a queue, sees which records here it
//! may mean, and decides. Nothing is answered by itself.
//!
//! What an officer decides is sealed by the node ([`crate::Office::ask`], [`crate::Office::answer`]), which
//! asks agreement and law again. Who reads a request, and who decided so, is in the log first.

use audit::Event;
use exchange::{Inquiry, Outcome, Statement, Subject};
use jiff::{Timestamp, civil::Date};
use policy::{Purpose, Question};
use screening::Sought;
use serde::{Deserialize, Serialize};
use store::{
    Store, StoreError,
    rows::{AnswerRow, List, RequestRow},
};
use travel::{Country, Dataset, Element, ElementSet, Flight, PartialDate};

use crate::{Api, Caller, Error, FoundLine, Operation, partners::name_of, search};

/// As many records as are shown of what a request may mean.
const MOST: usize = 100;

/// What an officer asks a partner.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asking {
    /// The partner's state.
    pub to: String,
    /// For what the answer is used: `terrorism` …
    pub purpose: String,
    /// Out of which dataset: `api`, `crew`, `pnr`.
    pub dataset: String,
    /// What is asked for of a record; everything that is agreed when it is empty.
    pub elements: Vec<String>,
    /// Whether it is an emergency.
    pub urgent: bool,
    /// A name, in any writing; with `born`.
    pub name: String,
    /// Date of birth: `1990-01-02`, or `1990`.
    pub born: String,
    /// Number of a travel document.
    pub document: String,
    /// Locator of a booking.
    pub booking: String,
    /// Telephone number or mail address.
    pub contact: String,
    /// A flight: `TK1980`.
    pub flight: String,
    /// Its local day of departure.
    pub day: String,
    /// The law on which the request rests.
    pub legal_ground: String,
    /// Why it is necessary, in this case.
    pub reason: String,
    /// The file here.
    pub reference: String,
}

/// Shows nobody.
impl std::fmt::Debug for Asking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Asking(..)")
    }
}

fn wrong(field: &'static str, text: impl Into<String>) -> Error {
    Error::Invalid { field, text: text.into() }
}

pub(crate) fn purpose_named(name: &str) -> Result<Purpose, Error> {
    Purpose::named(name).ok_or_else(|| {
        let names = Purpose::ALL.map(Purpose::name).join(", ");
        wrong("purpose", format!("Say for what purpose, one of: {names}."))
    })
}

/// The dataset of that name in rows and forms.
pub fn dataset_named(name: &str) -> Option<Dataset> {
    match name {
        "api" => Some(Dataset::Api),
        "crew" => Some(Dataset::Crew),
        "pnr" => Some(Dataset::Pnr),
        _ => None,
    }
}

impl Asking {
    /// The question to agreement and law, and what the partner's officers will read.
    ///
    /// # Errors
    /// A field that cannot be taken.
    pub fn read(&self, from: Country, at: Timestamp) -> Result<(Question, Inquiry), Error> {
        let to = Country::parse(self.to.trim())
            .ok_or_else(|| wrong("to", "Name the partner by the code of its state, as in TUR."))?;
        let dataset = dataset_named(self.dataset.trim())
            .ok_or_else(|| wrong("dataset", "Say out of which dataset: api, crew or pnr."))?;
        let named = |e: &String| {
            Element::named(e).ok_or_else(|| wrong("elements", format!("No element is called {e}.")))
        };
        let elements = match self.elements.is_empty() {
            true => ElementSet::ALL,
            false => self.elements.iter().map(named).collect::<Result<ElementSet, Error>>()?,
        };
        let said = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        let subject = Subject {
            name: said(&self.name),
            born: said(&self.born),
            document: said(&self.document),
            booking: said(&self.booking),
            contact: said(&self.contact),
            flight: said(&self.flight),
            day: said(&self.day),
        };
        let inquiry = Inquiry {
            subject,
            legal_ground: self.legal_ground.trim().to_owned(),
            reason: self.reason.trim().to_owned(),
            reference: self.reference.trim().to_owned(),
            answer_by: None,
            justify_by: None,
        };
        inquiry.check().map_err(|e| wrong("request", format!("The request cannot go: {e}.")))?;
        let (purpose, urgent) = (purpose_named(&self.purpose)?, self.urgent);
        Ok((Question { from, to, purpose, dataset, elements, urgent, at }, inquiry))
    }
}

/// What an officer decides on a partner's request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answering {
    /// `given`, `nothing`, `unreasoned`, `too_wide`, `not_lawful`, `harmful`.
    pub outcome: String,
    /// With `given`: the lists, each with a traveller's number, or whole.
    pub records: Vec<(String, Option<u32>)>,
    /// Why, for the file here; the partner is not told.
    pub reason: String,
}

/// Why a request that was made in an emergency could not wait.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Justifying {
    /// The law on which it rests.
    pub legal_ground: String,
    /// Why it was necessary, and could not wait.
    pub reason: String,
    /// The file here.
    pub reference: String,
}

impl Justifying {
    /// What the partner's officers will read.
    ///
    /// # Errors
    /// A field that cannot be taken.
    pub fn read(&self) -> Result<Statement, Error> {
        let said = [&self.legal_ground, &self.reason, &self.reference];
        stated(said.map(String::as_str), "It justifies nothing")
    }
}

/// Law, reason and file as an officer wrote them; `lacking` says what they do not do otherwise.
pub(crate) fn stated(said: [&str; 3], lacking: &str) -> Result<Statement, Error> {
    let [legal_ground, reason, reference] = said.map(|text| text.trim().to_owned());
    let statement = Statement { legal_ground, reason, reference };
    statement.check().map_err(|e| wrong("reason", format!("{lacking}: {e}.")))?;
    Ok(statement)
}

/// A request in a queue; names nobody.
#[derive(Clone, Debug, Serialize)]
pub struct RequestLine {
    /// Its id.
    pub id: String,
    /// The partner's state.
    pub partner: String,
    /// Its name.
    pub partner_name: String,
    /// Whether this state asked.
    pub outgoing: bool,
    /// For what the answer is used.
    pub purpose: String,
    /// Out of which dataset.
    pub dataset: String,
    /// When it was sent, or came.
    pub at: Timestamp,
    /// In an emergency: until when it is to be decided on.
    pub answer_by: Option<Timestamp>,
    /// In an emergency: until when the asking state justifies it.
    pub justify_by: Option<Timestamp>,
    /// When it did.
    pub justified_at: Option<Timestamp>,
    /// Who asked, where this state did.
    pub asked_by: Option<String>,
    /// `waiting`, `given`, `nothing` …
    pub state: String,
    /// Parcels of its answer.
    pub answers: Vec<AnswerLine>,
}

/// A parcel of an answer.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerLine {
    /// Which, from 1.
    pub number: u32,
    /// Of how many.
    pub parts: u32,
    /// The parcel.
    pub parcel: String,
    /// What became of the request, for people.
    pub words: String,
    /// The rules that decided.
    pub rules: Vec<String>,
    /// The list of which it was made, or that was kept of it.
    pub list: Option<String>,
    /// The flight's key and name.
    pub flight: Option<(String, String)>,
    /// When.
    pub at: Timestamp,
}

/// A record that a request may mean.
#[derive(Clone, Serialize)]
pub struct FoundRecord {
    /// Where.
    pub place: FoundLine,
    /// Who, as written, with the date of birth; of a flight, how many travel.
    pub who: String,
}

/// A request, opened.
#[derive(Clone, Serialize)]
pub struct RequestPage {
    /// What the queue says of it.
    pub line: RequestLine,
    /// About whom or what: label and value.
    pub subject: Vec<(&'static str, String)>,
    /// The law on which it rests.
    pub legal_ground: String,
    /// Why it is necessary.
    pub reason: String,
    /// The asking state's file.
    pub reference: String,
    /// What is asked for of a record.
    pub elements: Vec<String>,
    /// By what it was justified afterwards: label and value.
    pub justification: Vec<(&'static str, String)>,
    /// The records here that it may mean, where a partner asked and nobody has decided.
    pub found: Vec<FoundRecord>,
    /// Who decided here.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why.
    pub decided_because: Option<String>,
}

impl Api {
    /// Requests of partners and to partners; emergencies that wait first, then the newest.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn requests(&self, caller: &Caller, limit: u32) -> Result<Vec<RequestLine>, Error> {
        caller.demand(Operation::Requests)?;
        request_lines(&self.store, limit)
    }

    /// Opens a request, with the records here that it may mean. That it was read is in the
    /// log first.
    ///
    /// # Errors
    /// No such request, or its key is gone; rights; the store.
    pub fn request(
        &self,
        caller: &Caller,
        (partner, id): (&str, &str),
        at: Timestamp,
    ) -> Result<RequestPage, Error> {
        caller.demand(Operation::OpenRequest)?;
        let (page, event) = open_request(&self.store, (partner, id))?;
        self.commit(caller, Vec::new(), vec![event], at)?;
        Ok(page)
    }

    /// The partners whom an officer may ask: code and name of their states.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn whom_to_ask(
        &self,
        caller: &Caller,
        at: Timestamp,
    ) -> Result<Vec<(String, String)>, Error> {
        caller.demand(Operation::Ask)?;
        self.in_touch(caller, at)
    }

    /// The partners with whom this state exchanges: code and name of their states.
    pub(crate) fn in_touch(
        &self,
        caller: &Caller,
        at: Timestamp,
    ) -> Result<Vec<(String, String)>, Error> {
        let partners = self.partners(caller, at)?.into_iter().filter(|p| p.enabled);
        Ok(partners.map(|p| (p.state, p.name)).collect())
    }

    /// Asks a partner. Gives the id of the request.
    ///
    /// # Errors
    /// Agreement or law forbid it, a field cannot be taken; rights; the store.
    pub fn ask(&self, caller: &Caller, asking: &Asking, at: Timestamp) -> Result<String, Error> {
        caller.demand(Operation::Ask)?;
        self.office.ask(asking, caller.officer(), at)
    }

    /// Justifies a request that this state made in an emergency.
    ///
    /// # Errors
    /// No such request, made in no emergency, or justified already; a field cannot be taken;
    /// rights; the store.
    pub fn justify(
        &self,
        caller: &Caller,
        of: (&str, &str),
        justifying: &Justifying,
        at: Timestamp,
    ) -> Result<(), Error> {
        caller.demand(Operation::Justify)?;
        self.office.justify(of, justifying, caller.officer(), at)
    }

    /// Decides on a partner's request, and answers it.
    ///
    /// # Errors
    /// Decided already, agreement or law let a chosen record not go, no reason; rights; the
    /// store.
    pub fn answer_request(
        &self,
        caller: &Caller,
        (partner, id): (&str, &str),
        answering: &Answering,
        at: Timestamp,
    ) -> Result<(), Error> {
        caller.demand(Operation::AnswerRequest)?;
        crate::flights::checked_reason("reason", &answering.reason)?;
        self.office.answer((partner, id), answering, caller.officer(), at)
    }
}

/// What an officer may say instead of giving records: the word, and what it says.
pub fn refusals() -> Vec<(&'static str, &'static str)> {
    let without = Outcome::ALL.iter().filter(|o| **o != Outcome::Given);
    without.map(|o| (o.name(), o.words())).collect()
}

/// The queue, for a command at the node's own machine as well.
///
/// # Errors
/// The store.
pub fn request_lines(store: &Store, limit: u32) -> Result<Vec<RequestLine>, Error> {
    let rows = store.requests(limit.min(500))?;
    let mut lines: Vec<RequestLine> =
        rows.iter().map(|row| line(store, row)).collect::<Result<_, _>>()?;
    // The others stay in their order.
    lines.sort_by_key(|l| match l.answer_by {
        Some(by) if l.state == "waiting" && !l.outgoing => (0, Some(by)),
        _ => (1, None),
    });
    Ok(lines)
}

/// Opens a request; gives the event that has to be in the log before anything is shown.
///
/// # Errors
/// No such request, or its key is gone; the store.
pub fn open_request(
    store: &Store,
    (partner, id): (&str, &str),
) -> Result<(RequestPage, Event), Error> {
    let missing = || Error::Missing { what: "request", id: id.to_owned() };
    let row = store.request(partner, id)?.ok_or_else(missing)?;
    let inquiry = match row.sealed.is_empty() {
        true => return Err(Error::Gone("it was erased when its clock struck".into())),
        false => Inquiry::decode(&store.open_request(&row)?)
            .ok_or_else(|| Error::Ours("a stored request is not in its form".into()))?,
    };
    let waits = !row.outgoing && row.outcome.is_none();
    let found = if waits { found(store, &row, &inquiry.subject)? } else { Vec::new() };
    let event = Event::RequestOpened {
        request: row.id.clone(),
        partner: row.partner.clone(),
        found: found.len() as u64,
    };
    let page = RequestPage {
        line: line(store, &row)?,
        subject: subject_lines(&inquiry.subject),
        legal_ground: inquiry.legal_ground,
        reason: inquiry.reason,
        reference: inquiry.reference,
        elements: ElementSet::from_bits(row.elements)
            .unwrap_or_default()
            .iter()
            .map(|e| e.name().replace('_', " "))
            .collect(),
        justification: justification(store, &row)?,
        found,
        decided_because: store.open_request_reason(&row)?,
        decided_by: row.decided_by,
        decided_at: row.decided_at,
    };
    Ok((page, event))
}

fn subject_lines(subject: &Subject) -> Vec<(&'static str, String)> {
    let Subject { name, born, document, booking, contact, flight, day } = subject.clone();
    let all = [
        ("Name", name),
        ("Born", born),
        ("Document", document),
        ("Booking", booking),
        ("Contact", contact),
        ("Flight", flight),
        ("Day of departure", day),
    ];
    all.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

fn justification(store: &Store, row: &RequestRow) -> Result<Vec<(&'static str, String)>, Error> {
    let Some(sealed) = store.open_justification(row)? else { return Ok(Vec::new()) };
    let Statement { legal_ground, reason, reference } = Statement::decode(&sealed)
        .ok_or_else(|| Error::Ours("a stored justification is not in its form".into()))?;
    Ok(vec![("Why", reason), ("Law", legal_ground), ("File", reference)])
}

fn line(store: &Store, row: &RequestRow) -> Result<RequestLine, Error> {
    let answers = store.answers(&row.partner, &row.id)?;
    let whole = answers.first().is_some_and(|a| a.parts as usize == answers.len());
    let state = match (&row.outcome, row.outgoing) {
        (Some(outcome), false) => outcome.clone(),
        (_, true) if whole => answers[0].outcome.clone(),
        _ => "waiting".to_owned(),
    };
    let answers = answers.iter().map(|a| answer_line(store, a)).collect::<Result<_, _>>()?;
    Ok(RequestLine {
        id: row.id.clone(),
        partner: row.partner.clone(),
        partner_name: name_of(&row.partner),
        outgoing: row.outgoing,
        purpose: row.purpose.clone(),
        dataset: row.dataset.clone(),
        at: row.at,
        answer_by: row.answer_by,
        justify_by: row.justify_by,
        justified_at: row.justified_at,
        asked_by: row.asked_by.clone(),
        state,
        answers,
    })
}

fn answer_line(store: &Store, row: &AnswerRow) -> Result<AnswerLine, Error> {
    let list = match &row.list {
        Some(id) => store.list(id)?,
        None => None,
    };
    Ok(AnswerLine {
        number: row.number,
        parts: row.parts,
        parcel: row.parcel.clone(),
        words: Outcome::named(&row.outcome).map_or("", Outcome::words).to_owned(),
        rules: row.rules.split_whitespace().map(str::to_owned).collect(),
        list: row.list.clone(),
        flight: list.map(|l| (l.flight, format!("{}{}", l.carrier, l.number))),
        at: row.at,
    })
}

/// A place: a list, and a traveller on it unless the flight itself is meant.
type Place = (String, Option<u32>);

/// The records here that all of the subject holds of, the newest lists first. What the asking
/// state itself had sent is not among them.
fn found(store: &Store, row: &RequestRow, subject: &Subject) -> Result<Vec<FoundRecord>, Error> {
    let places = match persons(store, subject)? {
        Some(places) => places,
        None => on_flight(store, subject)?,
    };
    let prefix = subject.flight.as_deref().map(|f| prefix(f, subject.day.as_deref()));
    let mut found = Vec::new();
    for (id, traveller) in places.into_iter().rev() {
        let Some(list) = store.list(&id)? else { continue };
        let flies = prefix.as_ref().is_none_or(|prefix| list.flight.starts_with(prefix));
        if !flies || list.dataset != row.dataset || list.origin == row.partner {
            continue;
        }
        // What is masked is not shown, and cannot be answered.
        if let Some(who) = who(store, &list, traveller)? {
            found.push(FoundRecord { place: search::line(&list, traveller), who });
        }
        if found.len() == MOST {
            break;
        }
    }
    Ok(found)
}

/// The travellers whom every mark of the subject finds; `None` when it names no person.
fn persons(store: &Store, subject: &Subject) -> Result<Option<Vec<Place>>, Error> {
    let born = subject.born.as_deref().and_then(|b| PartialDate::parse(b.trim()));
    let marks = [
        subject.document.clone().map(Sought::Document),
        subject.booking.clone().map(Sought::Booking),
        subject.contact.clone().map(Sought::Contact),
        subject.name.clone().zip(born).map(|(name, born)| Sought::Name { name, born }),
    ];
    let mut all: Option<Vec<Place>> = None;
    for sought in marks.into_iter().flatten() {
        let these = match sought.marks().is_empty() {
            true => Vec::new(),
            false => store.search(&sought)?.travellers,
        };
        let these: Vec<Place> = these.into_iter().map(|(id, n)| (id, Some(n))).collect();
        all = Some(match all {
            None => these,
            Some(before) => before.into_iter().filter(|p| these.contains(p)).collect(),
        });
    }
    Ok(all)
}

fn on_flight(store: &Store, subject: &Subject) -> Result<Vec<Place>, Error> {
    let Some(flight) = subject.flight.as_deref() else { return Ok(Vec::new()) };
    let lists = store.lists_under_flight(&prefix(flight, subject.day.as_deref()), MOST as u32)?;
    Ok(lists.into_iter().rev().map(|l| (l.id, None)).collect())
}

/// How the key of such a flight begins.
fn prefix(flight: &str, day: Option<&str>) -> String {
    let (carrier, number) = Flight::designator(flight, None);
    let day = day.and_then(|d| d.parse::<Date>().ok()).map(|d| format!("{d}/"));
    format!("{carrier}{number}/{}", day.unwrap_or_default())
}

fn who(store: &Store, list: &List, traveller: Option<u32>) -> Result<Option<String>, Error> {
    let opened = match store.open_list(list) {
        Ok(opened) => opened,
        Err(StoreError::Sealed { .. }) => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let Some(number) = traveller else {
        return Ok(Some(format!("{} travellers", opened.travellers().len())));
    };
    let found = opened.travellers().get(number as usize);
    Ok(found.map(|t| match t.birth_date {
        Some(born) => format!("{}, {born}", t.written_name()),
        None => t.written_name(),
    }))
}
