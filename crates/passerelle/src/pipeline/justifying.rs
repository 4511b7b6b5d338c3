//! Emergencies between states (EU-18): a request that could not wait is justified afterwards, in
//! a parcel of its own. Where nobody does so in time, [`super::tell_of_late`].

use api::{Error, Justifying};
use audit::{Actor, Digest, Event, Logged};
use exchange::{Content, Header, ParcelId, Statement};
use jiff::Timestamp;
use policy::AgreementId;
use store::{Change, Store, StoreError, rows::RequestRow};
use travel::Country;

use super::asking::{asked, ours, partner, refused, sealing};
use crate::node::Node;

/// Justifies a request that this state made in an emergency.
///
/// # Errors
/// No such request, made in no emergency, or justified already; a field cannot be taken; the
/// store refuses.
pub fn justify(
    node: &Node,
    (state, id): (&str, &str),
    justifying: &Justifying,
    by: (&str, Timestamp),
) -> Result<(), Error> {
    let missing = || Error::Missing { what: "request", id: id.to_owned() };
    let row = node.store().request(state, id)?.filter(|r| r.outgoing).ok_or_else(missing)?;
    if row.justify_by.is_none() || row.justified_at.is_some() {
        let text = "this request was made in no emergency, or is justified already";
        return Err(Error::Conflict(text.into()));
    }
    let statement = justifying.read()?;
    let partner = partner(node, state)?;
    let to = Country::parse(state).ok_or_else(|| ours("a partner of no state"))?;
    let agreement = AgreementId::parse(&row.agreement)
        .ok_or_else(|| ours("a stored request names no agreement"))?;
    let asked = asked(&row, Vec::new()).ok_or_else(|| ours("a stored request is not whole"))?;
    sealing(node, by, |disclosing, batch| {
        let signed = [&disclosing.agreements[..], &node.ended().map_err(ours)?].concat();
        let leave = policy::justify(agreement, (node.state(), to), &signed)
            .map_err(|refusal| refused("request", &refusal))?;
        let rules = leave.rules().iter().map(ToString::to_string).collect();
        let content = Content::justification(leave, &asked, &statement).map_err(ours)?;
        let nothing = (&String::new(), None);
        let (header, _) = disclosing.send(content, &partner, nothing, batch).map_err(ours)?;
        let (change, reason) = stated(node.store(), &row, &statement, by.1)?;
        batch.changes.push(change);
        let event = Event::Justified {
            request: row.id.clone(),
            partner: row.partner.clone(),
            parcel: header.parcel.to_string(),
            reason,
            rules,
        };
        batch.events.push(Logged::new(by.1, Actor::Node, event));
        Ok(())
    })
}

/// Seals a statement under the key of its request; gives the digest of the sealed form, at
/// which nobody can guess.
fn stated(
    store: &Store,
    row: &RequestRow,
    statement: &Statement,
    at: Timestamp,
) -> Result<(Change, Digest), StoreError> {
    let key = (row.scope.as_str(), row.day);
    let statement = store.seal(key, ("justification", &row.id), &statement.encode(), at)?;
    let digest = Digest::of(&statement);
    let (partner, id) = (row.partner.clone(), row.id.clone());
    Ok((Change::RequestJustified { partner, id, statement, at }, digest))
}

/// What is to be stored of a partner's justification; nothing when the request was forgotten
/// meanwhile, with the key of its day.
pub(crate) fn justified(
    store: &Store,
    header: &Header,
    (request, statement): (ParcelId, &Statement),
    waits: Option<&RequestRow>,
    now: Timestamp,
) -> Result<(Option<Change>, Event), StoreError> {
    let (partner, request) = (header.from.to_string(), request.to_string());
    let row = match waits {
        Some(row) => Some(row.clone()),
        None => store.request(&partner, &request)?,
    };
    let change = match row.filter(|row| !row.sealed.is_empty()) {
        Some(row) => Some(stated(store, &row, statement, now)?.0),
        None => None,
    };
    let parcel = header.parcel.to_string();
    Ok((change, Event::JustifiedByPartner { request, partner, parcel }))
}
