//! Telling a partner unasked (EU-16): an officer finds that travellers concern it, and says why.
//!
//! The travellers go as those of an answer do, in the form of one list; beside them is what the
//! partner's officers have to read first: on what law, why it concerns them, and the file here.

use minicbor::{Decode, Encode};
use policy::Mode;

use crate::{
    Content, Disclosure, DisclosureError, Unreasoned,
    request::{MOST, MOST_REASON},
};

/// Why travellers are told of, as the partner's officers read it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Telling {
    /// The law on which it rests, as lawyers cite it.
    #[n(0)]
    pub legal_ground: String,
    /// Why it concerns the partner.
    #[n(1)]
    pub reason: String,
    /// The telling state's file.
    #[n(2)]
    pub reference: String,
}

impl Telling {
    /// Whether somebody could make use of it.
    ///
    /// # Errors
    /// What it lacks.
    ///
    /// ```
    /// let words = || "travels with a forged visa of your state".to_owned();
    /// let telling =
    ///     exchange::Telling { legal_ground: "art. 4".into(), reason: words(), reference: "7/26".into() };
    /// assert!(telling.check().is_ok());
    /// assert!(exchange::Telling { reason: " ".into(), ..telling }.check().is_err());
    /// ```
    pub fn check(&self) -> Result<(), Unreasoned> {
        let Self { legal_ground, reason, reference } = self;
        if [legal_ground, reason, reference].iter().any(|text| text.trim().is_empty()) {
            return Err(Unreasoned::Reason);
        }
        let long = legal_ground.len() > MOST_REASON
            || reason.len() > MOST_REASON
            || reference.len() > MOST;
        if long { Err(Unreasoned::TooLong) } else { Ok(()) }
    }

    /// The canonical binary form.
    pub fn encode(&self) -> Vec<u8> {
        crate::codec::to_vec(self)
    }

    /// Reads what [`encode`](Self::encode) wrote, if somebody could make use of it.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        crate::codec::exactly(bytes).filter(|telling: &Self| telling.check().is_ok())
    }
}

/// Shows nothing that was written.
impl std::fmt::Debug for Telling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Telling(..)")
    }
}

impl Content {
    /// Travellers of whom a partner is told unasked, and why.
    ///
    /// # Errors
    /// What is disclosed took leave for something else, or nothing says why.
    pub fn telling(disclosure: Disclosure, telling: Telling) -> Result<Self, DisclosureError> {
        let permitted = disclosure.permit().mode();
        if permitted != Mode::Spontaneous {
            return Err(DisclosureError::WrongMode { permitted, wanted: Mode::Spontaneous });
        }
        telling.check().map_err(|_| DisclosureError::NoReason)?;
        Ok(Self::from(disclosure).saying_why(telling))
    }
}
