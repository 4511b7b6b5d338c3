//! Criteria: tried on stored lists when they are proposed, approved by somebody else, used
//! until the day by which they have to be looked at again, taken out of use at any time.

use std::collections::HashMap;

use audit::{Digest, Event};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use screening::{Criteria, CriteriaError, KnownLeg};
use serde::Serialize;
use store::{
    Change, Store, StoreError,
    rows::{CriteriaRow, List},
};
use travel::PassengerList;

use crate::{Api, Caller, Error, Operation, flights::checked_reason};

/// On how many lists a proposal is tried: the newest ones.
const TRIED: usize = 1_000;
/// How many are read at a time.
const PAGE: u32 = 100;

/// Shown in the place of a title: an older or newer program wrote the document.
const UNREADABLE: &str = "This document cannot be read by this version, and is not used";

/// What criteria find in stored traffic.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Trial {
    /// Lists that were read.
    pub lists: u64,
    /// Travellers on them.
    pub travellers: u64,
    /// How many of them met each criterion, in order.
    pub met: Vec<u64>,
}

/// A version of criteria.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CriteriaView {
    /// Its name.
    pub name: String,
    /// SHA-256 of the document.
    pub digest: String,
    /// Title, from the document.
    pub title: String,
    /// Purpose, in words.
    pub purpose: String,
    /// The last day on which it may be used.
    pub review_by: Date,
    /// `proposed`, `in use`, `to be reviewed` or `withdrawn`.
    pub state: &'static str,
    /// Who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// Why, as long as that is kept.
    pub reason: Option<String>,
    /// On what it was tried.
    pub lists: u64,
    /// Travellers on those lists.
    pub travellers: u64,
    /// Its criteria, with how many met them.
    pub criteria: Vec<CriterionView>,
}

/// One criterion, for people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct CriterionView {
    /// Its id.
    pub id: String,
    /// What it looks for.
    pub title: String,
    /// Why.
    pub why: String,
    /// What must be so, as written, and what each fact is.
    pub when: Vec<(String, &'static str)>,
    /// What must not be so.
    pub unless: Vec<(String, &'static str)>,
    /// How many travellers of the trial met it.
    pub met: u64,
}

/// The facts of which criteria are made, each with what it is.
pub fn facts() -> Vec<(&'static str, &'static str)> {
    screening::Fact::ALL.iter().map(|f| (f.name(), f.words())).collect()
}

/// Reads the document of a row, as it was proposed.
///
/// # Errors
/// It is no document of criteria (of an older or newer program).
pub fn read(row: &CriteriaRow) -> Result<Criteria, CriteriaError> {
    Criteria::parse(&row.document, day(row.proposed_at))
}

/// Of how many travellers one met each criterion when it was tried; all of them, when nobody
/// did.
pub fn one_in(row: &CriteriaRow) -> Vec<u64> {
    counts(&row.met).map(|met| row.travellers / met.max(1)).collect()
}

fn counts(met: &str) -> impl Iterator<Item = u64> {
    met.split_whitespace().map(|n| n.parse().unwrap_or(0))
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Looks for criteria on the newest lists that are stored, up to that many; `progress` is
/// told how many have been read. Nothing is raised and nobody named: what comes back is
/// counts. Legs on other lists are known as far as those lists are among the ones read.
///
/// # Errors
/// The store.
pub fn try_on(
    store: &Store,
    criteria: &Criteria,
    at_most: usize,
    mut progress: impl FnMut(u64),
) -> Result<Trial, StoreError> {
    let lists = newest(store, at_most, &mut progress)?;
    let mut legs: HashMap<Digest, Vec<KnownLeg>> = HashMap::new();
    let journeys = criteria.needs_journeys();
    let who = |list: &PassengerList, n: usize| {
        let traveller = &list.travellers()[n];
        screening::names_one_person(traveller).then(|| Digest::of(&screening::identity(traveller)))
    };
    for list in lists.iter().filter(|_| journeys) {
        for (n, traveller) in list.travellers().iter().enumerate() {
            let Some(who) = who(list, n) else { continue };
            let booking = traveller.booking.and_then(|b| list.bookings().get(b as usize));
            let locator = booking.map(|b| b.locator.clone()).unwrap_or_default();
            legs.entry(who).or_default().extend(KnownLeg::of(list.flight(), &locator));
        }
    }
    let mut trial = Trial { met: vec![0; criteria.criteria.len()], ..Trial::default() };
    let measured = vec![1; criteria.criteria.len()];
    for list in &lists {
        trial.lists += 1;
        trial.travellers += list.travellers().len() as u64;
        let legs_of =
            |n: &usize| who(list, *n).and_then(|w| legs.get(&w)).cloned().unwrap_or_default();
        let mut elsewhere = |asked: &[usize]| asked.iter().map(legs_of).collect();
        for hit in criteria.apply(list, "", &measured, &mut elsewhere) {
            let which = criteria.criteria.iter().position(|c| c.id == hit.entry.id);
            if let Some(met) = which.and_then(|w| trial.met.get_mut(w)) {
                *met += 1;
            }
        }
    }
    Ok(trial)
}

fn newest(
    store: &Store,
    at_most: usize,
    progress: &mut impl FnMut(u64),
) -> Result<Vec<PassengerList>, StoreError> {
    let mut lists = Vec::new();
    let mut before: Option<String> = None;
    while lists.len() < at_most {
        let page: Vec<List> = store.newest_lists(before.as_deref(), PAGE)?;
        let Some(last) = page.last() else { break };
        before = Some(last.id.clone());
        for row in page.iter().take(at_most - lists.len()) {
            match store.open_list(row) {
                Ok(list) => lists.push(list),
                // Masked or erased in this moment.
                Err(StoreError::Sealed { .. }) => {}
                Err(e) => return Err(e),
            }
        }
        progress(lists.len() as u64);
    }
    Ok(lists)
}

impl Api {
    /// Every version of criteria, the newest of each name first.
    ///
    /// # Errors
    /// Rights; the store.
    pub fn criteria(&self, caller: &Caller, at: Timestamp) -> Result<Vec<CriteriaView>, Error> {
        caller.demand(Operation::Criteria)?;
        let with_reason = |row: CriteriaRow| {
            let reason = self.withdrawn_because(&row)?;
            Ok(CriteriaView { reason, ..view(row, day(at)) })
        };
        self.store.criteria()?.into_iter().map(with_reason).collect()
    }

    /// Tries criteria on what is stored, and proposes them. The same document can be
    /// proposed again, to be tried on newer lists, as long as nobody has decided on it.
    ///
    /// # Errors
    /// The document is none, all that is wrong with it in [`Error::Invalid`]; rights; the
    /// store.
    pub fn propose_criteria(
        &self,
        caller: &Caller,
        document: &str,
        at: Timestamp,
    ) -> Result<(String, Trial), Error> {
        caller.demand(Operation::ProposeCriteria)?;
        let invalid = |text: String| Error::Invalid { field: "document", text };
        let criteria = Criteria::parse(document, day(at)).map_err(|e| invalid(e.to_string()))?;
        if policy::Purpose::named(&criteria.purpose).is_none() {
            let known: Vec<&str> = policy::Purpose::ALL.iter().map(|p| p.name()).collect();
            return Err(invalid(format!(
                "purpose: {:?} is none; there are {}",
                criteria.purpose,
                known.join(", ")
            )));
        }
        let trial = try_on(&self.store, &criteria, TRIED, |_| {})?;
        let digest = Digest::of(document.as_bytes());
        let met: Vec<String> = trial.met.iter().map(u64::to_string).collect();
        let row = CriteriaRow {
            name: criteria.name.clone(),
            digest: digest.to_string(),
            document: document.to_owned(),
            review_by: criteria.review_by,
            lists: trial.lists,
            travellers: trial.travellers,
            met: met.join(" "),
            proposed_by: caller.officer().to_owned(),
            proposed_at: at,
            approved_by: None,
            approved_at: None,
            withdrawn_by: None,
            withdrawn_at: None,
            reason: None,
        };
        let event = Event::CriteriaProposed {
            criteria: criteria.name,
            digest,
            lists: trial.lists,
            travellers: trial.travellers,
        };
        self.commit(caller, vec![Change::Criteria(row)], vec![event], at)?;
        Ok((digest.to_string(), trial))
    }

    /// Approves what somebody else proposed; the version before is no longer used.
    ///
    /// # Errors
    /// The author is the caller; it was tried on nobody; it is no proposal any more; rights;
    /// the store.
    pub fn approve_criteria(
        &self,
        caller: &Caller,
        (name, digest): (&str, &str),
        at: Timestamp,
    ) -> Result<(), Error> {
        caller.demand(Operation::ApproveCriteria)?;
        let row = self.criteria_row(name, digest)?;
        if row.approved_at.is_some() || row.withdrawn_at.is_some() {
            return Err(Error::Conflict("these criteria were decided on already".into()));
        }
        if row.proposed_by == caller.officer() {
            let text = "you proposed these criteria; somebody else approves them";
            return Err(Error::Conflict(text.into()));
        }
        if row.travellers == 0 {
            let text =
                "these criteria were tried on nobody; propose them again when lists are here";
            return Err(Error::Conflict(text.into()));
        }
        if row.review_by < day(at) {
            return Err(Error::Conflict("the day of their review has passed".into()));
        }
        let change = Change::CriteriaApproved {
            name: name.to_owned(),
            digest: row.digest.clone(),
            officer: caller.officer().to_owned(),
            at,
        };
        let event = Event::CriteriaApproved {
            criteria: name.to_owned(),
            digest: Digest::of(row.document.as_bytes()),
            until: row.review_by.to_string(),
        };
        self.commit(caller, vec![change], vec![event], at)
    }

    /// Takes criteria out of use, or a proposal back. Hits that they raised stay with their
    /// officers.
    ///
    /// # Errors
    /// No reason; withdrawn already; rights; the store.
    pub fn withdraw_criteria(
        &self,
        caller: &Caller,
        (name, digest): (&str, &str),
        reason: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        caller.demand(Operation::WithdrawCriteria)?;
        let reason = checked_reason("reason", reason)?;
        let row = self.criteria_row(name, digest)?;
        let key = (store::CARRIERS, day(at));
        let sealed = self.store.seal(key, ("criteria", &row.digest), reason.as_bytes(), at)?;
        let digest_of_reason = Digest::of(&sealed);
        let change = Change::CriteriaWithdrawn {
            name: name.to_owned(),
            digest: row.digest.clone(),
            officer: caller.officer().to_owned(),
            reason: sealed,
            at,
        };
        let event = Event::CriteriaWithdrawn {
            criteria: name.to_owned(),
            digest: Digest::of(row.document.as_bytes()),
            reason: digest_of_reason,
        };
        self.commit(caller, vec![change], vec![event], at)
    }

    fn withdrawn_because(&self, row: &CriteriaRow) -> Result<Option<String>, Error> {
        match self.store.open_criteria_reason(row) {
            // It went with the day on which it was written.
            Err(StoreError::Sealed { .. }) => Ok(None),
            other => Ok(other?),
        }
    }

    /// The version whose digest begins so.
    fn criteria_row(&self, name: &str, digest: &str) -> Result<CriteriaRow, Error> {
        let missing = || Error::Missing { what: "criteria", id: format!("{name} {digest}") };
        let mut found = self.store.criteria()?.into_iter();
        let is =
            |r: &CriteriaRow| r.name == name && digest.len() >= 8 && r.digest.starts_with(digest);
        found.find(is).ok_or_else(missing)
    }
}

/// What is told of a row.
pub fn view(row: CriteriaRow, today: Date) -> CriteriaView {
    let document = read(&row).ok();
    let purpose = document.as_ref().and_then(|d| policy::Purpose::named(&d.purpose));
    let conditions = |all: &[screening::Condition]| {
        all.iter().map(|c| (c.written().to_owned(), c.fact().words())).collect()
    };
    let criteria = document.iter().flat_map(|d| &d.criteria).zip(counts(&row.met));
    let criteria = criteria.map(|(c, met)| CriterionView {
        id: c.id.clone(),
        title: c.title.clone(),
        why: c.why.clone(),
        when: conditions(&c.when),
        unless: conditions(&c.unless),
        met,
    });
    CriteriaView {
        criteria: criteria.collect(),
        title: document.as_ref().map_or_else(|| UNREADABLE.to_owned(), |d| d.title.clone()),
        purpose: purpose.map(|p| p.words().to_owned()).unwrap_or_default(),
        state: state(&row, today),
        name: row.name,
        digest: row.digest,
        review_by: row.review_by,
        proposed_by: row.proposed_by,
        proposed_at: row.proposed_at,
        approved_by: row.approved_by,
        withdrawn_at: row.withdrawn_at,
        reason: None,
        lists: row.lists,
        travellers: row.travellers,
    }
}

fn state(row: &CriteriaRow, today: Date) -> &'static str {
    match (row.withdrawn_at, row.approved_at) {
        (Some(_), _) => "withdrawn",
        (None, Some(_)) if row.review_by < today => "to be reviewed",
        (None, Some(_)) => "in use",
        (None, None) => "proposed",
    }
}
