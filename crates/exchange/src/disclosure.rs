//! The end of a record's walk: what was permitted, and nothing else, made ready for
//! one partner.

use policy::{AgreementId, Mode, Permit};
use screening::{Feature, UpheldHit};
use travel::{Element, ElementSet, PassengerList};

use crate::{Ground, Line};

/// Something that may leave, once, for one partner. Made from a [`Permit`], which it
/// uses up; [`crate::Outgoing::seal`] uses it up in turn. What an officer chose to answer or to
/// tell is a [`crate::Chosen`].
#[must_use = "a disclosure that is not sealed reaches nobody"]
pub struct Disclosure {
    pub(crate) permit: Permit,
    pub(crate) list: PassengerList,
    pub(crate) payload: Vec<u8>,
    pub(crate) ground: Option<Ground>,
}

/// The permit does not cover what was to be disclosed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DisclosureError {
    /// Leave for another form.
    #[error("the permit is for mode {permitted}, not {wanted}")]
    WrongMode {
        /// What it is for.
        permitted: Mode,
        /// What was wanted.
        wanted: Mode,
    },
    /// Leave for another flight or dataset.
    #[error("the permit is for another flight or dataset")]
    WrongList,
    /// The hit is about nobody on this list.
    #[error("the hit is about a traveller who is not on this list")]
    NoSuchTraveller,
    /// Nobody's decision is recorded with the hit.
    #[error("the hit carries no decision")]
    NoDecision,
    /// Nothing says why a partner is told, or at too great a length.
    #[error("nothing says on what law and why it goes, or at too great a length")]
    NoReason,
    /// An answer to something else than was asked.
    #[error("the answer is for another purpose or dataset, or says more, than was asked")]
    OtherRequest,
}

impl Disclosure {
    /// The whole list, as far as the permit goes. `render` writes the restricted list
    /// in a standard message format; it sees nothing else.
    ///
    /// # Errors
    /// The permit is not one for this list in mode `list`.
    pub fn list(
        list: &PassengerList,
        permit: Permit,
        render: &dyn Fn(&PassengerList) -> Vec<u8>,
    ) -> Result<Self, DisclosureError> {
        covers(&permit, Mode::List, list)?;
        let list = list.restricted_to(permit.elements(), None);
        let payload = render(&list);
        Ok(Self { permit, list, payload, ground: None })
    }

    /// One traveller of the list, about whom officers have upheld a hit, and the ground
    /// on which it goes. The decision is used up (promise 2).
    ///
    /// # Errors
    /// The permit is not one for this list in mode `hit`, or the hit is about somebody
    /// else.
    pub fn hit(
        upheld: UpheldHit,
        list: &PassengerList,
        permit: Permit,
        render: &dyn Fn(&PassengerList) -> Vec<u8>,
    ) -> Result<Self, DisclosureError> {
        covers(&permit, Mode::Hit, list)?;
        let number = upheld.hit().traveller as usize;
        if number >= list.travellers().len() {
            return Err(DisclosureError::NoSuchTraveller);
        }
        let ground = ground(&upheld, permit.elements())?;
        let list = list.restricted_to(permit.elements(), Some(&[number]));
        let payload = render(&list);
        Ok(Self { permit, list, payload, ground: Some(ground) })
    }

    /// The agreement under which it goes.
    pub fn agreement(&self) -> AgreementId {
        self.permit.agreement()
    }

    /// The leave under which it goes.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// Exactly what the partner will have.
    pub fn restricted(&self) -> &PassengerList {
        &self.list
    }

    /// The ground, where it is a hit.
    pub fn ground(&self) -> Option<&Ground> {
        self.ground.as_ref()
    }
}

pub(crate) fn covers(
    permit: &Permit,
    wanted: Mode,
    list: &PassengerList,
) -> Result<(), DisclosureError> {
    if permit.mode() != wanted {
        return Err(DisclosureError::WrongMode { permitted: permit.mode(), wanted });
    }
    if permit.flight_key() != list.flight().key() || permit.dataset() != list.dataset() {
        return Err(DisclosureError::WrongList);
    }
    Ok(())
}

/// What the partner's officer is told. A line about an element that may not go does
/// not go either.
fn ground(upheld: &UpheldHit, permitted: ElementSet) -> Result<Ground, DisclosureError> {
    let hit = upheld.hit();
    let last = upheld.decisions().last().ok_or(DisclosureError::NoDecision)?;
    let mut officers: Vec<&str> = upheld.decisions().iter().map(|d| d.officer.0.as_str()).collect();
    officers.sort_unstable();
    officers.dedup();
    let line = |e: &screening::Evidence| Line {
        feature: e.feature.name().to_owned(),
        relation: e.relation.clone(),
        nats: e.nats,
    };
    let may_go = |e: &&screening::Evidence| element(e).is_some_and(|e| permitted.contains(e));
    Ok(Ground {
        list: hit.entry.list.clone(),
        list_version: hit.entry.list_version.clone(),
        entry: hit.entry.id.clone(),
        reason: hit.entry.reason.clone(),
        band: hit.band.name().to_owned(),
        one_in: hit.one_in,
        evidence: hit.evidence.iter().filter(may_go).map(line).collect(),
        officers: officers.len() as u32,
        decided_at: last.at,
    })
}

/// What a line of the evidence speaks of; `None` when that is not known, and it cannot go.
fn element(line: &screening::Evidence) -> Option<Element> {
    Some(match line.feature {
        Feature::Name
        | Feature::MissingName
        | Feature::ExtraName
        | Feature::Redundancy
        | Feature::Alias => Element::Names,
        Feature::BirthDate => Element::BirthDate,
        Feature::Sex => Element::Sex,
        Feature::Nationality => Element::Nationality,
        Feature::Document => Element::Documents,
        Feature::Criterion | Feature::Exonerating => {
            screening::Condition::parse(&line.entry).ok()?.fact().element()
        }
    })
}
