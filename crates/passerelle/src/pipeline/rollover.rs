//! Rollover of epoch keys: a new one is made, every partner is told by a parcel, and a partner's
//! newer one takes the place of the one that is known.
//!
//! The key file is written first. Whom the parcel does not reach then, as when the node dies, is
//! told by the keeper: who was told is read from the outbox.

use anyhow::{Context, Result};
use audit::{Actor, Event};
use exchange::{Content, Header, Kind, PublicKeys, Rollover};
use jiff::{Timestamp, tz::TimeZone};
use policy::InForce;
use store::{Batch, Change, StoreError, rows::Partner};
use travel::Country;

use super::disclosing::{Disclosing, TRIES};
use crate::node::Node;

/// Who was told of the newest epoch key.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RolledOver {
    /// Its number.
    pub epoch: u32,
    /// Partners to whom a parcel with it is on its way now.
    pub told: Vec<String>,
    /// Partners with whom no agreement is in force at the moment: they are told once one is.
    pub later: Vec<String>,
}

/// Makes a new epoch key, of a number above the newest here and above `known`, and tells every
/// partner. The old ones stay, and open what is on its way.
///
/// # Errors
/// The disk or the store. When the key was made and a partner was not told, the keeper tells it.
pub fn next_epoch(node: &Node, known: u32, (actor, now): (Actor, Timestamp)) -> Result<RolledOver> {
    let keys = node.change_keys(|keys| keys.next_epoch(known, now))?;
    let made = keys.public().epoch();
    let event = Event::EpochMade { epoch: made.epoch, key: made.digest() };
    node.record(Vec::new(), actor, vec![event])?;
    tell_epoch(node, now)
}

/// Tells the newest epoch key to every partner who has not been told. A state that has made none
/// since its first tells nothing: partners have that from its offer.
///
/// # Errors
/// The store, or a partner's keys.
pub fn tell_epoch(node: &Node, now: Timestamp) -> Result<RolledOver> {
    let keys = node.keys();
    let mut done = RolledOver { epoch: keys.public().epoch().epoch, ..RolledOver::default() };
    let Some(made_at) = keys.epochs().last().and_then(|epoch| epoch.made_at) else {
        return Ok(done);
    };
    let agreements = node.agreements()?;
    for partner in node.store().partners()?.into_iter().filter(|p| p.enabled) {
        let last = node.store().last_outgoing(&partner.state, Kind::Keys.name())?;
        if last.is_some_and(|parcel| parcel.queued_at >= made_at) {
            continue;
        }
        match agreed_with(node, &partner, &agreements, now) {
            Some((to, agreed)) => {
                tell(node, (&partner, to), (agreed, keys.public()), now)?;
                done.told.push(partner.state);
            }
            None => done.later.push(partner.state),
        }
    }
    Ok(done)
}

/// An agreement in force in whose stream it can go at once.
fn agreed_with<'a>(
    node: &Node,
    partner: &Partner,
    agreements: &'a [InForce],
    now: Timestamp,
) -> Option<(Country, &'a InForce)> {
    let to = Country::parse(&partner.state)?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let goes = |agreed: &&InForce| {
        let agreement = agreed.agreement();
        agreement.partner_of(node.state()) == Some(to)
            && agreed.suspended_by().is_none()
            && (agreement.from..=agreement.until).contains(&today)
    };
    agreements.iter().find(goes).map(|agreed| (to, agreed))
}

fn tell(
    node: &Node,
    (partner, to): (&Partner, Country),
    (agreed, keys): (&InForce, &PublicKeys),
    now: Timestamp,
) -> Result<()> {
    let mut tries = 1;
    loop {
        let _sealing = node.sealing.lock();
        let leave = policy::account(agreed.id(), (node.state(), to), std::slice::from_ref(agreed))
            .map_err(|e| anyhow::anyhow!("{e}"))?;
        let content = Content::keys(leave, &Rollover { keys: keys.clone() });
        let (mut batch, mut disclosing) = (Batch::default(), Disclosing::new(node, now)?);
        disclosing.send(content, partner, (&String::new(), None), &mut batch)?;
        match node.store().commit(batch) {
            Err(StoreError::Constraint(_)) if tries < TRIES => tries += 1,
            done => {
                done.with_context(|| format!("{} was not told the new key", partner.state))?;
                return Ok(());
            }
        }
    }
}

/// What is to be stored of a partner's newer epoch key, in place of the keys of before.
pub(crate) fn rolled_over(
    header: &Header,
    (keys, before): (&PublicKeys, Vec<u8>),
) -> (Change, Event) {
    let partner = header.from.to_string();
    let event = Event::PartnerRolledOver {
        partner: partner.clone(),
        parcel: header.parcel.to_string(),
        epoch: keys.epoch().epoch,
        key: keys.epoch().digest(),
    };
    (Change::PartnerKeys { state: partner, before, keys: keys.encode() }, event)
}
