//! Requests between states: sealed when an officer asks, answered when an officer decides.

use std::collections::BTreeMap;

use api::{Answering, Asking, Error};
use audit::{Actor, Digest, Event, Logged};
use exchange::{Asked, Chosen, Content, Inquiry, Outcome, ParcelId};
use jiff::{Timestamp, tz::TimeZone};
use policy::{AgreementId, Mode, Purpose, Refusal, Request};
use store::{
    Batch, CARRIERS, Change, Store,
    rows::{AnswerRow, Partner, RequestRow},
};
use travel::{Country, ElementSet};

use super::disclosing::{Disclosing, TRIES, permitted_event, render};
use crate::node::Node;

/// The scope of the keys of requests. They live for half a year: no law sets a period for
/// them here (DF-03).
const SCOPE: &str = "requests";

pub(super) fn ours(e: impl std::fmt::Display) -> Error {
    Error::Ours(format!("{e:#}"))
}

pub(super) fn refused(field: &'static str, refusal: &Refusal) -> Error {
    Error::Invalid { field, text: refusal.text.clone() }
}

/// Seals something for a request, with what says what; gives the row that keeps it.
fn kept(
    store: &Store,
    mut row: RequestRow,
    inquiry: &Inquiry,
    now: Timestamp,
) -> Result<RequestRow, Error> {
    row.day = now.to_zoned(TimeZone::UTC).date();
    row.scope = store.open_scope(SCOPE, row.day)?;
    (row.answer_by, row.justify_by) = (inquiry.answer_by, inquiry.justify_by);
    let key = (row.scope.as_str(), row.day);
    row.sealed = store.seal(key, ("request", &row.id), &inquiry.encode(), now)?;
    Ok(row)
}

/// The row of a request with that outside.
pub(crate) fn row(
    store: &Store,
    header: &exchange::Header,
    digest: Digest,
    (us, inquiry, asked_by): (Country, &Inquiry, Option<&str>),
    now: Timestamp,
) -> Result<RequestRow, Error> {
    let outgoing = header.from == us;
    let row = RequestRow {
        id: header.parcel.to_string(),
        partner: if outgoing { header.to } else { header.from }.to_string(),
        outgoing,
        agreement: header.agreement.to_string(),
        digest: digest.to_string(),
        purpose: header.purpose.name().to_owned(),
        dataset: super::dataset_name(header.dataset).to_owned(),
        elements: header.elements.bits(),
        answer_by: None,
        justify_by: None,
        asked_by: asked_by.map(str::to_owned),
        at: now,
        scope: String::new(),
        day: now.to_zoned(TimeZone::UTC).date(),
        sealed: Vec::new(),
        outcome: None,
        decided_by: None,
        decided_at: None,
        reason: None,
        justified_at: None,
        justification: None,
        late_at: None,
        unanswered_at: None,
    };
    kept(store, row, inquiry, now)
}

/// What an answer is held against.
pub(crate) fn asked(row: &RequestRow, answered: Vec<u32>) -> Option<Asked> {
    Some(Asked {
        parcel: ParcelId::parse(&row.id)?,
        digest: Digest::parse(&row.digest)?,
        purpose: Purpose::named(&row.purpose)?,
        dataset: api::requests::dataset_named(&row.dataset)?,
        elements: ElementSet::from_bits(row.elements)?,
        answered,
    })
}

pub(super) fn partner(node: &Node, state: &str) -> Result<Partner, Error> {
    let missing = || Error::Missing { what: "partner", id: state.to_owned() };
    node.store().partner(state)?.filter(|p| p.enabled).ok_or_else(missing)
}

/// Does something that gives out numbers of streams; again, when another process took them
/// first.
pub(super) fn sealing<T>(
    node: &Node,
    (officer, now): (&str, Timestamp),
    work: impl Fn(&mut Disclosing<'_>, &mut Batch) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut tries = 1;
    loop {
        let _sealing = node.sealing.lock();
        let (mut batch, mut disclosing) =
            (Batch::default(), Disclosing::new(node, now).map_err(ours)?);
        let done = work(&mut disclosing, &mut batch)?;
        let by = Actor::Officer(officer.to_owned());
        batch.events.iter_mut().for_each(|event| event.actor = by.clone());
        match node.store().commit(batch) {
            Err(store::StoreError::Constraint(_)) if tries < TRIES => tries += 1,
            committed => return committed.map(|_| done).map_err(Error::from),
        }
    }
}

/// Asks a partner. Gives the id of the request.
///
/// # Errors
/// Agreement or law forbid it, a field cannot be taken, or the store refuses.
pub fn ask(node: &Node, asking: &Asking, by: (&str, Timestamp)) -> Result<String, Error> {
    let (officer, now) = by;
    let (question, inquiry) = asking.read(node.state(), now)?;
    let partner = partner(node, question.to.code())?;
    sealing(node, by, |disclosing, batch| {
        let leave = policy::ask(&question, &disclosing.agreements, &node.regimes())
            .map_err(|refusal| refused("purpose", &refusal))?;
        let rules = leave.rules().iter().map(ToString::to_string).collect();
        let times = (leave.answer_by(), leave.justify_by());
        let inquiry = Inquiry { answer_by: times.0, justify_by: times.1, ..inquiry.clone() };
        let content = Content::request(leave, inquiry.clone()).map_err(ours)?;
        let nothing = (&String::new(), None);
        let (header, digest) = disclosing.send(content, &partner, nothing, batch).map_err(ours)?;
        let written = (node.state(), &inquiry, Some(officer));
        let row = row(node.store(), &header, digest, written, now)?;
        let event = Event::Requested {
            request: row.id.clone(),
            partner: row.partner.clone(),
            agreement: Digest(header.agreement.0),
            purpose: row.purpose.clone(),
            elements: row.elements,
            answer_by: row.answer_by.map(|at| at.to_string()),
            rules,
        };
        let id = row.id.clone();
        batch.events.push(Logged::new(now, Actor::Node, event));
        batch.changes.push(Change::Request(row));
        Ok(id)
    })
}

/// Answers a partner's request as an officer has decided.
///
/// # Errors
/// Decided already; a record that cannot be read any more, or that agreement or law let not
/// go; the store refuses.
pub fn answer(
    node: &Node,
    (state, id): (&str, &str),
    answering: &Answering,
    by: (&str, Timestamp),
) -> Result<(), Error> {
    let missing = || Error::Missing { what: "request", id: id.to_owned() };
    let row = node.store().request(state, id)?.filter(|r| !r.outgoing).ok_or_else(missing)?;
    if row.outcome.is_some() {
        return Err(Error::Conflict("somebody has decided on this request already".into()));
    }
    let outcome = Outcome::named(&answering.outcome).ok_or_else(|| {
        let names: Vec<&str> = Outcome::ALL.iter().map(|o| o.name()).collect();
        let text = format!("Say what becomes of the request, one of: {}.", names.join(", "));
        Error::Invalid { field: "outcome", text }
    })?;
    if (outcome == Outcome::Given) == answering.records.is_empty() {
        let text = "Choose the records that are given, or say that none are.".to_owned();
        return Err(Error::Invalid { field: "records", text });
    }
    let partner = partner(node, state)?;
    let asked = asked(&row, Vec::new()).ok_or_else(|| ours("a stored request is not whole"))?;
    let answer = Answer { node, row: &row, asked: &asked, partner: &partner, by };
    sealing(node, by, |disclosing, batch| {
        let parcels = match outcome {
            Outcome::Given => answer.given(&answering.records, disclosing, batch)?,
            _ => answer.without(outcome, disclosing, batch)?,
        };
        answer.decided((outcome, &answering.reason), parcels, batch)
    })
}

/// An answer that is being sealed.
struct Answer<'a> {
    node: &'a Node,
    row: &'a RequestRow,
    asked: &'a Asked,
    partner: &'a Partner,
    by: (&'a str, Timestamp),
}

impl Answer<'_> {
    /// One parcel for each list of which travellers were chosen; agreement and law are asked
    /// about each.
    fn given(
        &self,
        records: &[(String, Option<u32>)],
        disclosing: &mut Disclosing<'_>,
        batch: &mut Batch,
    ) -> Result<Vec<String>, Error> {
        let mut chosen: BTreeMap<&str, Vec<Option<u32>>> = BTreeMap::new();
        for (list, traveller) in records {
            chosen.entry(list).or_default().push(*traveller);
        }
        let of = chosen.len() as u32;
        let mut parcels = Vec::with_capacity(chosen.len());
        for (number, (list, travellers)) in (1..).zip(chosen) {
            parcels.push(self.record((list, &travellers), (number, of), disclosing, batch)?);
        }
        Ok(parcels)
    }

    fn record(
        &self,
        (id, travellers): (&str, &[Option<u32>]),
        place: (u32, u32),
        disclosing: &mut Disclosing<'_>,
        batch: &mut Batch,
    ) -> Result<String, Error> {
        let (node, now, asked) = (self.node, self.by.1, self.asked);
        let missing = || Error::Missing { what: "list", id: id.to_owned() };
        let list_row = node.store().list(id)?.ok_or_else(missing)?;
        let list = node.store().open_list(&list_row)?;
        let whole = travellers.contains(&None);
        let mut numbers: Vec<usize> = match whole {
            true => (0..list.travellers().len()).collect(),
            false => travellers.iter().flatten().map(|n| *n as usize).collect(),
        };
        numbers.sort_unstable();
        numbers.dedup();
        let to =
            Country::parse(&self.partner.state).ok_or_else(|| ours("a partner of no state"))?;
        let origin = Country::parse(&list_row.origin).filter(|_| list_row.origin != CARRIERS);
        let pair = (node.state(), to);
        let request = Request {
            elements: list.elements().intersection(asked.elements),
            origin,
            reviewed: true,
            ..Request::about(&list, pair, Mode::Answer, asked.purpose, now)
        };
        let permit = policy::decide(&request, &disclosing.agreements, &node.regimes())
            .map_err(|refusal| refused("records", &refusal))?;
        let rules = permit.rules().iter().map(|r| r.as_str()).collect::<Vec<_>>().join(" ");
        permitted_event(&list_row, None, &permit, batch, now);
        let chosen = Chosen::of(&list, &numbers, permit, &|l| render(node, to, l, now));
        let content = chosen.and_then(|chosen| Content::answer(chosen, asked, place));
        let content = content.map_err(|e| Error::Invalid {
            field: "records",
            text: format!("A chosen record cannot be given: {e}."),
        })?;
        let of = (&list_row.id, None);
        let (header, _) = disclosing.send(content, self.partner, of, batch).map_err(ours)?;
        let parcel = header.parcel.to_string();
        batch.rests_on(&list_row.scope, list_row.day);
        let list = Some(list_row.id.clone());
        self.note((Outcome::Given, place), (parcel.clone(), list, rules), batch);
        Ok(parcel)
    }

    fn without(
        &self,
        outcome: Outcome,
        disclosing: &mut Disclosing<'_>,
        batch: &mut Batch,
    ) -> Result<Vec<String>, Error> {
        let node = self.node;
        let to =
            Country::parse(&self.partner.state).ok_or_else(|| ours("a partner of no state"))?;
        let id = AgreementId::parse(&self.row.agreement)
            .ok_or_else(|| ours("a stored request names no agreement"))?;
        let signed = [&disclosing.agreements[..], &node.ended().map_err(ours)?].concat();
        let leave = policy::reply(id, (node.state(), to), &signed)
            .map_err(|refusal| refused("outcome", &refusal))?;
        let rules: Vec<String> = leave.rules().iter().map(ToString::to_string).collect();
        let told = rules.join(" ");
        let content = Content::answer_without(leave, self.asked, (outcome, rules)).map_err(ours)?;
        let nothing = (&String::new(), None);
        let (header, _) = disclosing.send(content, self.partner, nothing, batch).map_err(ours)?;
        let parcel = header.parcel.to_string();
        self.note((outcome, (1, 1)), (parcel.clone(), None, told), batch);
        Ok(vec![parcel])
    }

    fn note(
        &self,
        (outcome, (number, parts)): (Outcome, (u32, u32)),
        (parcel, list, rules): (String, Option<String>, String),
        batch: &mut Batch,
    ) {
        batch.changes.push(Change::Answer(AnswerRow {
            partner: self.row.partner.clone(),
            request: self.row.id.clone(),
            number,
            parts,
            parcel,
            list,
            outcome: outcome.name().to_owned(),
            rules,
            at: self.by.1,
        }));
    }

    fn decided(
        &self,
        (outcome, reason): (Outcome, &str),
        parcels: Vec<String>,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        let ((officer, at), row) = (self.by, self.row);
        let key = (row.scope.as_str(), row.day);
        let sealed = ("request reason", row.id.as_str());
        let reason = self.node.store().seal(key, sealed, reason.trim().as_bytes(), at)?;
        let event = Event::RequestAnswered {
            request: row.id.clone(),
            partner: row.partner.clone(),
            outcome: outcome.name().to_owned(),
            parcels,
            // Of the sealed form, at which nobody can guess.
            reason: Digest::of(&reason),
            rules: Vec::new(),
        };
        batch.events.push(Logged::new(at, Actor::Node, event));
        batch.changes.push(Change::RequestDecided {
            partner: row.partner.clone(),
            id: row.id.clone(),
            outcome: outcome.name().to_owned(),
            officer: officer.to_owned(),
            reason,
            at,
        });
        Ok(())
    }
}
