//! Telling a partner unasked (EU-16): sealed when an officer decides so, kept with its reason
//! when a partner does.

use api::{Error, Tell};
use audit::{Actor, Digest, Event, Logged};
use exchange::{Chosen, Content, Opened};
use jiff::Timestamp;
use policy::{Mode, Request};
use store::{
    CARRIERS, Change, Store, StoreError,
    rows::{List, TellingRow},
};
use travel::Country;

use super::{
    asking::{ours, partner, refused, sealing},
    disclosing::{permitted_event, render},
};
use crate::node::Node;

/// Tells a partner of travellers of a list. Gives the parcel.
///
/// # Errors
/// No such list or traveller, a field cannot be taken, agreement or law forbid it, or the store
/// refuses.
pub fn tell(node: &Node, tell: &Tell, by: (&str, Timestamp)) -> Result<String, Error> {
    let (officer, now) = by;
    let (to, purpose, telling) = tell.read()?;
    let partner = partner(node, to.code())?;
    let missing = || Error::Missing { what: "list", id: tell.list.clone() };
    let row = node.store().list(&tell.list)?.ok_or_else(missing)?;
    let list = node.store().open_list(&row)?;
    let mut numbers: Vec<usize> = tell.travellers.iter().map(|n| *n as usize).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let origin = Country::parse(&row.origin).filter(|_| row.origin != CARRIERS);
    sealing(node, by, |disclosing, batch| {
        let request = Request {
            origin,
            reviewed: true,
            ..Request::about(&list, (node.state(), to), Mode::Spontaneous, purpose, now)
        };
        let permit = policy::decide(&request, &disclosing.agreements, &node.regimes())
            .map_err(|refusal| refused("to", &refusal))?;
        let rules = permit.rules().iter().map(ToString::to_string).collect();
        permitted_event(&row, None, &permit, batch, now);
        let chosen = Chosen::of(&list, &numbers, permit, &|l| render(node, to, l, now));
        let content = chosen.and_then(|chosen| Content::telling(chosen, telling.clone()));
        let content = content.map_err(|e| Error::Invalid {
            field: "travellers",
            text: format!("It cannot be told: {e}."),
        })?;
        let (header, _) =
            disclosing.send(content, &partner, (&row.id, None), batch).map_err(ours)?;
        let parcel = header.parcel.to_string();
        let sealed = seal(node.store(), &row, (&parcel, &telling), now)?;
        batch.rests_on(&row.scope, row.day);
        let event = Event::Told {
            parcel: parcel.clone(),
            partner: partner.state.clone(),
            list: row.id.clone(),
            travellers: numbers.len() as u64,
            purpose: purpose.name().to_owned(),
            // Of the sealed form, at which nobody can guess.
            reason: Digest::of(&sealed),
            rules,
        };
        batch.events.push(Logged::new(now, Actor::Node, event));
        batch.changes.push(Change::Telling(TellingRow {
            partner: partner.state.clone(),
            parcel: parcel.clone(),
            outgoing: true,
            purpose: purpose.name().to_owned(),
            list: row.id.clone(),
            travellers: written(&numbers),
            told_by: Some(officer.to_owned()),
            at: now,
            seen_by: None,
            seen_at: None,
            sealed,
        }));
        Ok(parcel)
    })
}

/// Keeps why a partner told of the travellers of a list that is being kept. Nothing, when it is
/// no telling.
pub(crate) fn told(
    store: &Store,
    (row, travellers): (&List, usize),
    opened: &Opened,
    now: Timestamp,
) -> Result<Option<(Change, Event)>, StoreError> {
    let Some(telling) = &opened.telling else { return Ok(None) };
    let (header, parcel) = (&opened.header, opened.header.parcel.to_string());
    let sealed = seal(store, row, (&parcel, telling), now)?;
    let event = Event::ToldByPartner {
        parcel: parcel.clone(),
        partner: header.from.to_string(),
        purpose: header.purpose.name().to_owned(),
        list: row.id.clone(),
    };
    let row = TellingRow {
        partner: header.from.to_string(),
        parcel,
        outgoing: false,
        purpose: header.purpose.name().to_owned(),
        list: row.id.clone(),
        travellers: written(&(0..travellers).collect::<Vec<_>>()),
        told_by: None,
        at: now,
        seen_by: None,
        seen_at: None,
        sealed,
    };
    Ok(Some((Change::Telling(row), event)))
}

/// The reason is under the key of the list's day: it goes with those whom it is about.
fn seal(
    store: &Store,
    row: &List,
    (parcel, telling): (&str, &exchange::Statement),
    now: Timestamp,
) -> Result<Vec<u8>, StoreError> {
    store.seal((&row.scope, row.day), ("telling", parcel), &telling.encode(), now)
}

fn written(numbers: &[usize]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    numbers.join(" ")
}
