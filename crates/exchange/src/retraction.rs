//! Taking back what went to a partner: a withdrawal, or an erasure.
//!
//! It names the parcel of before on its outside and holds one word of why; it tells nobody
//! anything about a person. Both have the same effect at the receiver: what came with that
//! parcel is gone. A withdrawal says that it should not have been sent, an erasure that
//! nobody may hold it any more.

use policy::Recall;
use travel::{Dataset, Flight};

use crate::{DisclosureError, Header, Kind, ParcelId};

/// Why something is taken back: a closed list, so that no person is described in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// It was sent by mistake, or to the wrong state.
    Mistake,
    /// It is about somebody else than it says.
    WrongPerson,
    /// It was not lawful to send or to hold it.
    Unlawful,
    /// A court or the data protection authority ordered it.
    Ordered,
    /// Its time is over.
    Expired,
    /// The flight was cancelled: nobody boards.
    Cancelled,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 6] = [
        Reason::Mistake,
        Reason::WrongPerson,
        Reason::Unlawful,
        Reason::Ordered,
        Reason::Expired,
        Reason::Cancelled,
    ];

    /// Its word on the wire and in the log.
    ///
    /// ```
    /// use exchange::Reason;
    /// assert!(Reason::ALL.iter().all(|r| Reason::named(r.name()) == Some(*r)));
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Mistake => "mistake",
            Reason::WrongPerson => "wrong_person",
            Reason::Unlawful => "unlawful",
            Reason::Ordered => "ordered",
            Reason::Expired => "expired",
            Reason::Cancelled => "cancelled",
        }
    }

    /// The reason of that word.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Something that is taken back, once. Made from a [`Recall`], which it uses up;
/// [`crate::Outgoing::seal`] uses it up in turn.
#[must_use = "a retraction that is not sealed reaches nobody"]
pub struct Retraction {
    pub(crate) recall: Recall,
    pub(crate) kind: Kind,
    pub(crate) earlier: ParcelId,
    pub(crate) flight: Flight,
    pub(crate) dataset: Dataset,
    pub(crate) purpose: policy::Purpose,
    pub(crate) reason: Reason,
}

impl Retraction {
    /// Takes back the parcel with that outside, as a [`Kind::Withdrawal`] or a
    /// [`Kind::Erasure`].
    ///
    /// # Errors
    /// The leave is for another agreement or partner, or the parcel or the kind is none of
    /// which something could be taken back.
    pub fn of(
        recall: Recall,
        earlier: &Header,
        (kind, reason): (Kind, Reason),
    ) -> Result<Self, DisclosureError> {
        let said = (recall.agreement(), recall.from(), recall.to());
        if said != (earlier.agreement, earlier.from, earlier.to)
            || !kind.takes_back()
            || !earlier.kind.tells()
        {
            return Err(DisclosureError::WrongList);
        }
        Ok(Self {
            recall,
            kind,
            earlier: earlier.parcel,
            flight: earlier.flight.clone(),
            dataset: earlier.dataset,
            purpose: earlier.purpose,
            reason,
        })
    }
}
