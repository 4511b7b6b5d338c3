//! The answer to a parcel, as it stands in the body of the response.

use minicbor::{Decode, Encode};

use crate::{MAX_RECEIPT_BYTES, codec};

/// What a receiver says to a parcel. Only a receipt is signed and ends the matter;
/// after anything else the sender keeps the parcel.
///
/// ```
/// let answer = exchange::Answer::Gap { expected: 7 };
/// assert_eq!((answer.status(), answer.encode()), (409, vec![0x82, 1, 0x81, 7]));
/// assert_eq!(exchange::Answer::decode(&answer.encode()), Some(answer));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Answer {
    /// It is kept, or refused for good: the signed receipt.
    #[n(0)]
    Receipt(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// Something before it has not come.
    #[n(1)]
    Gap {
        /// The number that is to come next.
        #[n(0)]
        expected: u64,
    },
    /// The stream waits for a person on the receiver's side.
    #[n(2)]
    Stopped {
        /// A short name of the alarm.
        #[n(0)]
        alarm: String,
    },
    /// Not taken; nothing was kept.
    #[n(3)]
    Refused {
        /// A short name of the reason.
        #[n(0)]
        reason: String,
    },
}

impl Answer {
    /// The HTTP status with which it goes.
    pub const fn status(&self) -> u16 {
        match self {
            Answer::Receipt(_) => 200,
            Answer::Gap { .. } => 409,
            Answer::Stopped { .. } => 423,
            Answer::Refused { .. } => 422,
        }
    }

    /// The body.
    pub fn encode(&self) -> Vec<u8> {
        codec::to_vec(self)
    }

    /// Reads a body; `None` if it is none of ours.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_RECEIPT_BYTES + 16 {
            return None;
        }
        codec::exactly(bytes)
    }
}
