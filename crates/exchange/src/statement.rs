//! Statements of reasons: on what law, why, and under which file a state does something.
//!
//! One stands beside travellers of whom a partner is told unasked (EU-16): they go as those of
//! an answer do, in the form of one list, and the partner's officers read first why it concerns
//! them. One justifies afterwards a request that was made in an emergency (EU-18): it names that
//! request on its outside, and goes in the stream in which the request went.

use minicbor::{Decode, Encode};
use policy::{Mode, Recall};
use travel::Flight;

use crate::{Asked, Chosen, Content, DisclosureError, Kind, Unreasoned, request::reasoned};

/// Why something is done, as the partner's officers read it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Statement {
    /// The law on which it rests, as lawyers cite it.
    #[n(0)]
    pub legal_ground: String,
    /// Why it concerns the partner, or why it could not wait.
    #[n(1)]
    pub reason: String,
    /// The file of the state that says so.
    #[n(2)]
    pub reference: String,
}

impl Statement {
    /// Whether somebody could make use of it.
    ///
    /// # Errors
    /// What it lacks.
    ///
    /// ```
    /// let words = || "travels with a forged visa of your state".to_owned();
    /// let said =
    ///     exchange::Statement { legal_ground: "art. 4".into(), reason: words(), reference: "7/26".into() };
    /// assert!(said.check().is_ok());
    /// assert!(exchange::Statement { reason: " ".into(), ..said }.check().is_err());
    /// ```
    pub fn check(&self) -> Result<(), Unreasoned> {
        reasoned([&self.legal_ground, &self.reason], &self.reference)
    }

    /// The canonical binary form.
    pub fn encode(&self) -> Vec<u8> {
        crate::codec::to_vec(self)
    }

    /// Reads what [`encode`](Self::encode) wrote, if somebody could make use of it.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        crate::codec::exactly(bytes).filter(|said: &Self| said.check().is_ok())
    }
}

/// Shows nothing that was written.
impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Statement(..)")
    }
}

impl Content {
    /// Travellers of whom a partner is told unasked, and why.
    ///
    /// # Errors
    /// What was chosen took leave for something else, or nothing says why.
    pub fn telling(chosen: Chosen, why: Statement) -> Result<Self, DisclosureError> {
        let content = chosen.into_content(Mode::Spontaneous, Kind::Spontaneous)?;
        why.check().map_err(|_| DisclosureError::NoReason)?;
        Ok(content.saying_why(why))
    }

    /// The justification of a request that was made in an emergency. It tells of nobody, and
    /// goes also when the agreement has ended.
    ///
    /// # Errors
    /// Nothing says why.
    pub fn justification(
        leave: Recall,
        asked: &Asked,
        why: &Statement,
    ) -> Result<Self, DisclosureError> {
        why.check().map_err(|_| DisclosureError::NoReason)?;
        let stream = (leave.agreement(), leave.from(), leave.to());
        let of = (Flight::default(), asked.dataset, asked.purpose);
        let body = (why.encode(), crate::kind::CBOR);
        Ok(Self::new(stream, Kind::Justification, of, body).naming(asked.parcel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Arrived, Outgoing, ParcelId, Sealing, StateKeys, Unread, kind::MEDIA_TYPE};

    /// Nobody can make such a parcel with this crate; a partner's own program may.
    #[test]
    fn a_telling_that_does_not_say_why_does_not_open() {
        let state = |code| travel::Country::parse(code).expect("a state");
        let (from, to) = (state("TUR"), state("GBR"));
        let keys = StateKeys::generate().expect("randomness");
        let agreement = policy::AgreementId([7; 32]);
        let of = (Flight::default(), travel::Dataset::Api, policy::Purpose::Terrorism);
        let stream = (agreement, from, to);
        let silent = Content::new(stream, Kind::Spontaneous, of, (b"UNB".to_vec(), MEDIA_TYPE));
        let (id, made_at) = (ParcelId([7; 16]), jiff::Timestamp::UNIX_EPOCH);
        let sealing = Sealing { id, made_at, keys: &keys, to: keys.public(), checkpoint: None };
        let (parcel, _) = Outgoing::new(agreement, from, to).seal(silent, sealing).expect("sealed");
        let arrived = Arrived::read(&parcel.bytes).expect("a parcel");
        let verified = arrived.verify((from, keys.public()), to).expect("signed");
        let why = Unread::Body("a reason where none belongs, or none");
        assert_eq!(verified.open(&keys).err(), Some(why));
    }
}
