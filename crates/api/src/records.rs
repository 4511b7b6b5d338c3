//! A traveller's record, opened for a purpose: who opens it and why is in the log before
//! anything of it is on the screen.

use audit::Event;
use jiff::Timestamp;
use policy::Purpose;
use serde::Serialize;
use store::{
    Change,
    rows::{List, Opening},
};
use travel::{PassengerList, Traveller};

use crate::{
    Api, Caller, Error, Operation, batch,
    flights::{checked_reason, country},
};

/// A travel document, written for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentView {
    /// `passport`, `visa` …
    pub kind: String,
    /// Number.
    pub number: String,
    /// Issuing state.
    pub issuer: String,
    /// Expiry.
    pub expires: String,
}

/// A traveller's record: label and value, line by line.
#[derive(Clone, Serialize)]
pub struct OpenedRecord {
    /// The list.
    pub list: String,
    /// Number on it, from 0.
    pub number: u32,
    /// The flight's key.
    pub key: String,
    /// The flight.
    pub flight: String,
    /// Name as written.
    pub name: String,
    /// What else is known.
    pub fields: Vec<(&'static str, String)>,
    /// Documents.
    pub documents: Vec<DocumentView>,
    /// The booking.
    pub booking: Vec<(&'static str, String)>,
}

impl Api {
    /// Opens a traveller's record, after writing down who does so and why.
    ///
    /// # Errors
    /// No such traveller; no purpose, or no reason; rights; the store.
    pub fn open_traveller(
        &self,
        caller: &Caller,
        (list, number): (&str, u32),
        (purpose, reason): (&str, &str),
        at: Timestamp,
    ) -> Result<OpenedRecord, Error> {
        caller.demand(Operation::OpenTraveller)?;
        let (row, opened) = self.traveller(list, number)?;
        let purpose = Purpose::named(purpose).ok_or_else(|| Error::Invalid {
            field: "purpose",
            text: "Choose the purpose for which you open this record.".into(),
        })?;
        let reason = checked_reason("reason", reason)?;
        let sealed_as = format!("{}/{}/{}", row.id, number, at.as_microsecond());
        let reason = self.store.seal(
            (&row.scope, row.day),
            ("opening", &sealed_as),
            reason.as_bytes(),
            at,
        )?;
        let opening = Opening {
            at,
            officer: caller.officer().to_owned(),
            list: row.id.clone(),
            traveller: Some(number),
            purpose: purpose.name().to_owned(),
            reason,
        };
        let event = Event::RecordOpened {
            list: row.id.clone(),
            traveller: Some(number),
            purpose: purpose.name().to_owned(),
        };
        let mut written = batch(caller, vec![Change::Opened(opening)], vec![event], at);
        written.rests_on(&row.scope, row.day);
        self.store.commit(written)?;
        Ok(record(&row, &opened, number))
    }

    /// The flight of a list, for the form that asks for a purpose; no data of anybody.
    ///
    /// # Errors
    /// No such traveller; rights; the store.
    pub fn before_opening(
        &self,
        caller: &Caller,
        list: &str,
        number: u32,
    ) -> Result<(String, String), Error> {
        caller.demand(Operation::OpenTraveller)?;
        let (row, _) = self.traveller(list, number)?;
        Ok((row.flight, format!("{}{}", row.carrier, row.number)))
    }

    pub(crate) fn traveller(
        &self,
        list: &str,
        number: u32,
    ) -> Result<(List, PassengerList), Error> {
        let missing = || Error::Missing { what: "list", id: list.to_owned() };
        let row = self.store.list(list)?.ok_or_else(missing)?;
        let opened = self.store.open_list(&row)?;
        match opened.travellers().get(number as usize) {
            Some(there) if there.is_removed() => {
                Err(Error::Gone(format!("traveller {number} was removed from this list")))
            }
            Some(_) => Ok((row, opened)),
            None => Err(Error::Missing { what: "traveller", id: number.to_string() }),
        }
    }
}

pub(crate) fn record(row: &List, list: &PassengerList, number: u32) -> OpenedRecord {
    let traveller = &list.travellers()[number as usize];
    let booking = traveller.booking.and_then(|b| list.bookings().get(b as usize));
    OpenedRecord {
        list: row.id.clone(),
        number,
        key: row.flight.clone(),
        flight: format!("{}{}", row.carrier, row.number),
        name: traveller.written_name(),
        fields: fields(traveller),
        documents: traveller.documents.iter().map(document).collect(),
        booking: booking.map(booking_fields).unwrap_or_default(),
    }
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

fn fields(t: &Traveller) -> Vec<(&'static str, String)> {
    let sex = match t.sex {
        travel::Sex::Unknown => "",
        travel::Sex::Male => "M",
        travel::Sex::Female => "F",
        travel::Sex::Unspecified => "X",
    };
    let all = [
        ("Surname", t.surname.to_string()),
        ("Given names", t.given.to_string()),
        ("Date of birth", shown(t.birth_date)),
        ("Place of birth", shown(t.birth_place.clone())),
        ("Sex", sex.to_owned()),
        ("Nationality", country(t.nationality)),
        ("Residence", country(t.residence)),
        ("On the list as", t.kind.name().to_owned()),
        ("Journey from", shown(t.journey_from.clone())),
        ("Journey to", shown(t.journey_to.clone())),
        ("Status", t.status.map_or_else(String::new, |s| s.name().to_owned())),
        ("Seat", shown(t.seat.clone())),
        ("Bags", shown(t.bags.count)),
        ("Contacts", t.contacts.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join("; ")),
        ("Frequent flyer", t.frequent_flyer.join("; ")),
        ("Tickets", t.tickets.join("; ")),
    ];
    all.into_iter().filter(|(_, v)| !v.is_empty()).collect()
}

fn document(d: &travel::TravelDocument) -> DocumentView {
    let kind = format!("{:?}", d.kind);
    let mut words = String::new();
    for c in kind.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    DocumentView {
        kind: words,
        number: d.number.to_string(),
        issuer: country(d.issuer),
        expires: shown(d.expires),
    }
}

fn booking_fields(b: &travel::Booking) -> Vec<(&'static str, String)> {
    let flight = |f: &travel::Flight| {
        let (from, to) = f.ends();
        format!("{} {from}–{to}", f.name())
    };
    let share = |c: &travel::CodeShare| format!("{} flown as {}", c.marketed, c.operated);
    let change = |r: &travel::Revision| {
        let at = r.at.map_or_else(String::new, |at| format!("{at} UTC "));
        let what = r.about.map_or("something", travel::Element::name).replace('_', " ");
        let by = r.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
        format!("{at}{what} {}{by}", r.act.name())
    };
    let all = [
        ("Locator", [b.locator.as_str(), b.carrier.as_str()].join(" ").trim().to_owned()),
        ("Booked on", shown(b.made)),
        ("Agency", shown(b.agency.clone())),
        ("Itinerary", b.itinerary.iter().map(flight).collect::<Vec<_>>().join(", ")),
        ("Code shares", b.code_shares.iter().map(share).collect::<Vec<_>>().join(", ")),
        ("Confirmed", b.confirmations.join(", ")),
        ("Divided from or into", b.split.join(", ")),
        ("Changes", b.history.iter().map(change).collect::<Vec<_>>().join("; ")),
        ("Contacts", b.contacts.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join("; ")),
        ("Payment", b.payments.join("; ")),
        ("Travellers in it", b.travellers.to_string()),
        ("Cancelled", if b.cancelled { "yes".to_owned() } else { String::new() }),
    ];
    all.into_iter().filter(|(_, v)| !v.is_empty() && v != "0").collect()
}
