//! Travellers whom an officer chose: in answer to a request, or to tell a partner unasked.
//!
//! They are no [`crate::Disclosure`] and cannot be sealed as they are. What makes something to
//! send of them asks for the rest: [`Content::answer`] for the request that it answers (EU-17),
//! [`Content::telling`] for the statement of why it concerns the partner (EU-16).

use policy::{Mode, Permit};
use travel::{Dataset, ElementSet, Flight, PassengerList};

use crate::{Content, DisclosureError, Kind, disclosure::covers, kind::MEDIA_TYPE};

/// Travellers of one list, made ready for one partner, who do not go by themselves. Made from a
/// [`Permit`], which it uses up.
///
/// ```compile_fail
/// fn sealed_without_a_statement(chosen: exchange::Chosen) -> exchange::Content {
///     chosen.into() // there is no way from one to the other but with a statement or a request
/// }
/// ```
#[must_use = "what nobody is told or answered reaches nobody"]
pub struct Chosen {
    permit: Permit,
    payload: Vec<u8>,
    flight: Flight,
    dataset: Dataset,
    elements: ElementSet,
}

impl Chosen {
    /// Those travellers of the list, as far as the permit goes. `render` writes the restricted
    /// list in a standard message format; it sees nothing else.
    ///
    /// # Errors
    /// The permit is not one for this list in mode `answer` or `spontaneous`, or somebody
    /// chosen is not on it, or nobody is.
    pub fn of(
        list: &PassengerList,
        travellers: &[usize],
        permit: Permit,
        render: &dyn Fn(&PassengerList) -> Vec<u8>,
    ) -> Result<Self, DisclosureError> {
        let wanted = match permit.mode() {
            Mode::Spontaneous => Mode::Spontaneous,
            _ => Mode::Answer,
        };
        covers(&permit, wanted, list)?;
        let there = |n: &usize| *n < list.travellers().len();
        if travellers.is_empty() || !travellers.iter().all(there) {
            return Err(DisclosureError::NoSuchTraveller);
        }
        let list = list.restricted_to(permit.elements(), Some(travellers));
        let (flight, dataset, elements) = (list.flight().clone(), list.dataset(), list.elements());
        Ok(Self { permit, payload: render(&list), flight, dataset, elements })
    }

    /// The leave under which they go.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// What is sealed of them, if the leave was for that.
    pub(crate) fn into_content(self, mode: Mode, kind: Kind) -> Result<Content, DisclosureError> {
        let permitted = self.permit.mode();
        if permitted != mode {
            return Err(DisclosureError::WrongMode { permitted, wanted: mode });
        }
        let permit = &self.permit;
        let stream = (permit.agreement(), permit.from(), permit.to());
        let of = (self.flight.clone(), self.dataset, permit.purpose());
        Ok(Content::new(stream, kind, of, (self.payload, MEDIA_TYPE)).asking_for(self.elements))
    }
}
