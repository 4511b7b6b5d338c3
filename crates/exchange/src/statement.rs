//! Statements of reasons: on what law, why, and under which file a state does something.
//!
//! One stands beside travellers of whom a partner is told unasked (EU-16): they go as those of
//! an answer do, in the form of one list, and the partner's officers read first why it concerns
//! them. One justifies afterwards a request that was made in an emergency (EU-18): it names that
//! request on its outside, and goes in the stream in which the request went.

use minicbor::{Decode, Encode};
use policy::{Mode, Recall};
use travel::Flight;

use crate::{Asked, Content, Disclosure, DisclosureError, Kind, Unreasoned, request::reasoned};

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
    /// What is disclosed took leave for something else, or nothing says why.
    pub fn telling(disclosure: Disclosure, why: Statement) -> Result<Self, DisclosureError> {
        let permitted = disclosure.permit().mode();
        if permitted != Mode::Spontaneous {
            return Err(DisclosureError::WrongMode { permitted, wanted: Mode::Spontaneous });
        }
        why.check().map_err(|_| DisclosureError::NoReason)?;
        Ok(Self::from(disclosure).saying_why(why))
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
