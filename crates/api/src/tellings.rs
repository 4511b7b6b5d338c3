//! Telling partners unasked (EU-16), and what they tell this state: an officer finds that a
//! traveller concerns a partner and says why; the partner's officers see that it came, open it,
//! and read the reason beside the record.
//!
//! What an officer tells is sealed by the node ([`crate::Office::tell`]), which asks agreement
//! and law. Who told, and who opened it, is in the log first.

use audit::Event;
use exchange::Statement;
use jiff::{Timestamp, civil::Date};
use policy::Purpose;
use serde::{Deserialize, Serialize};
use store::{
    Change, Store,
    rows::{List, TellingRow},
};
use travel::Country;

use crate::{
    Api, Caller, Error, FoundLine, OpenedRecord, Operation,
    partners::name_of,
    records::record,
    requests::{purpose_named, stated},
    search,
};

/// What an officer tells a partner.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tell {
    /// The partner's state.
    pub to: String,
    /// For what the partner may use it: `terrorism` …
    pub purpose: String,
    /// The list on which they are.
    pub list: String,
    /// Who, by number on it, from 0.
    pub travellers: Vec<u32>,
    /// The law on which it rests.
    pub legal_ground: String,
    /// Why it concerns the partner.
    pub reason: String,
    /// The file here.
    pub reference: String,
}

/// Shows nobody.
impl std::fmt::Debug for Tell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tell")
            .field("to", &self.to)
            .field("list", &self.list)
            .finish_non_exhaustive()
    }
}

impl Tell {
    /// The partner's state, for what it may be used, and what its officers will read.
    ///
    /// # Errors
    /// A field that cannot be taken.
    pub fn read(&self) -> Result<(Country, Purpose, Statement), Error> {
        let wrong = |field, text: String| Error::Invalid { field, text };
        let to = Country::parse(self.to.trim()).ok_or_else(|| {
            wrong("to", "Name the partner by the code of its state, as in TUR.".into())
        })?;
        if self.travellers.is_empty() {
            return Err(wrong("travellers", "Say of whom the partner is told.".into()));
        }
        let said = [&self.legal_ground, &self.reason, &self.reference];
        let telling = stated(said.map(String::as_str), "It cannot be told")?;
        Ok((to, purpose_named(&self.purpose)?, telling))
    }
}

/// Something that was told, in a table; names nobody.
#[derive(Clone, Serialize)]
pub struct TellingLine {
    /// The parcel.
    pub parcel: String,
    /// The partner's state.
    pub partner: String,
    /// Its name.
    pub partner_name: String,
    /// Whether this state told.
    pub outgoing: bool,
    /// For what the receiver may use it.
    pub purpose: String,
    /// How many travellers.
    pub travellers: usize,
    /// Of which list and flight.
    pub place: FoundLine,
    /// When it was sealed, or came.
    pub at: Timestamp,
    /// The officer who told, where this state did.
    pub told_by: Option<String>,
    /// The officer who opened it first, where a partner told.
    pub seen_by: Option<String>,
}

/// One of them, opened.
#[derive(Clone, Serialize)]
pub struct TellingPage {
    /// What the table says of it.
    pub line: TellingLine,
    /// The law on which it rests.
    pub legal_ground: String,
    /// Why it concerns the receiver.
    pub reason: String,
    /// The telling state's file.
    pub reference: String,
    /// The travellers.
    pub records: Vec<OpenedRecord>,
    /// The first day on which it must be gone here.
    pub keep_until: Date,
}

impl Api {
    /// What was told unasked, by partners and to them, the newest first. Nobody is named.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn tellings(&self, caller: &Caller, limit: u32) -> Result<Vec<TellingLine>, Error> {
        caller.demand(Operation::Tellings)?;
        telling_lines(&self.store, limit)
    }

    /// Opens one: the travellers, and why it was told. That it was opened is in the log first.
    ///
    /// # Errors
    /// No such parcel, it was taken back, or its key is gone; rights; the store.
    pub fn telling(
        &self,
        caller: &Caller,
        of: (&str, &str),
        at: Timestamp,
    ) -> Result<TellingPage, Error> {
        caller.demand(Operation::OpenTelling)?;
        let (page, changes, event) = open_telling(&self.store, of, (caller.officer(), at))?;
        self.commit(caller, changes, vec![event], at)?;
        Ok(page)
    }

    /// Tells a partner of travellers. Gives the parcel.
    ///
    /// # Errors
    /// Agreement or law forbid it, a field cannot be taken; rights; the store.
    pub fn tell(&self, caller: &Caller, tell: &Tell, at: Timestamp) -> Result<String, Error> {
        caller.demand(Operation::Tell)?;
        self.office.tell(tell, caller.officer(), at)
    }

    /// The partners whom an officer may tell of a traveller, and the flight; no data of anybody.
    ///
    /// # Errors
    /// No such traveller; rights; the store.
    pub fn before_telling(
        &self,
        caller: &Caller,
        (list, number): (&str, u32),
        at: Timestamp,
    ) -> Result<(FoundLine, Vec<(String, String)>), Error> {
        caller.demand(Operation::Tell)?;
        let (row, _) = self.traveller(list, number)?;
        Ok((search::line(&row, Some(number)), self.in_touch(caller, at)?))
    }
}

/// What was told, for a command at the node's own machine as well.
///
/// # Errors
/// The store.
pub fn telling_lines(store: &Store, limit: u32) -> Result<Vec<TellingLine>, Error> {
    store.tellings(limit.min(500))?.iter().map(|row| Ok(line(row, &list(store, row)?))).collect()
}

/// Opens one; gives what has to be in the store and the log before anything is shown.
///
/// # Errors
/// No such parcel, it was taken back, or its key is gone; the store.
pub fn open_telling(
    store: &Store,
    (partner, parcel): (&str, &str),
    (officer, at): (&str, Timestamp),
) -> Result<(TellingPage, Vec<Change>, Event), Error> {
    let missing = || Error::Missing { what: "telling", id: parcel.to_owned() };
    let row = store.telling(partner, parcel)?.ok_or_else(missing)?;
    if row.sealed.is_empty() {
        let text = "it was taken back, or erased when its clock struck";
        return Err(Error::Gone(text.into()));
    }
    let telling = Statement::decode(&store.open_telling(&row)?)
        .ok_or_else(|| Error::Ours("a stored reason of a telling is not in its form".into()))?;
    let list = list(store, &row)?;
    let opened = store.open_list(&list)?;
    let here = |n: &u32| (*n as usize) < opened.travellers().len();
    let travellers: Vec<u32> = numbers(&row).filter(here).collect();
    let page = TellingPage {
        line: line(&row, &list),
        legal_ground: telling.legal_ground,
        reason: telling.reason,
        reference: telling.reference,
        records: travellers.iter().map(|n| record(&list, &opened, *n)).collect(),
        keep_until: list.keep_until,
    };
    let event = Event::RecordOpened {
        list: row.list.clone(),
        traveller: travellers.first().copied().filter(|_| travellers.len() == 1),
        purpose: "telling_review".to_owned(),
    };
    let (partner, parcel) = (row.partner.clone(), row.parcel.clone());
    let seen = Change::TellingSeen { partner, parcel, officer: officer.to_owned(), at };
    let changes = if row.outgoing { Vec::new() } else { vec![seen] };
    Ok((page, changes, event))
}

fn list(store: &Store, row: &TellingRow) -> Result<List, Error> {
    let missing = || Error::Missing { what: "list", id: row.list.clone() };
    store.list(&row.list)?.ok_or_else(missing)
}

fn numbers(row: &TellingRow) -> impl Iterator<Item = u32> {
    row.travellers.split_whitespace().filter_map(|n| n.parse().ok())
}

fn line(row: &TellingRow, list: &List) -> TellingLine {
    TellingLine {
        parcel: row.parcel.clone(),
        partner: row.partner.clone(),
        partner_name: name_of(&row.partner),
        outgoing: row.outgoing,
        purpose: row.purpose.clone(),
        travellers: numbers(row).count(),
        place: search::line(list, None),
        at: row.at,
        told_by: row.told_by.clone(),
        seen_by: row.seen_by.clone(),
    }
}
