//! Key rollover: a state tells a partner its new epoch key.
//!
//! It goes as a parcel of a stream between the two, signed by the identity that people compared:
//! `{0: public keys}`. The receiver takes it when the identity is the one that it knows, certifies the epoch key, and the epoch is not lower
//! than what it knows; from then on it seals to that. What was sealed to the old one opens as long
//! as the sender keeps its private part. An identity changes among people alone.

use minicbor::{Decode, Encode};
use policy::{Purpose, Recall};
use travel::{Dataset, Flight};

use crate::{Content, Kind, PublicKeys, codec, kind::CBOR};

/// The longest payload read, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// What a state tells of its keys.
///
/// ```
/// use exchange::{Rollover, StateKeys};
/// let now = "2026-03-01T09:00:00Z".parse().unwrap();
/// let keys = StateKeys::generate().unwrap().next_epoch(0, now).unwrap();
/// let told = Rollover { keys: keys.public().clone() };
/// assert_eq!(Rollover::read(&told.encode()), Some(told));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Rollover {
    /// The identity, and its newest epoch key.
    #[n(0)]
    pub keys: PublicKeys,
}

impl Rollover {
    /// The payload.
    pub fn encode(&self) -> Vec<u8> {
        codec::to_vec(self)
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for another form. Nothing is proven yet.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let told: Self = codec::exactly(bytes).filter(|_| bytes.len() <= MAX_BYTES)?;
        told.keys.has_lengths().then_some(told)
    }
}

impl Content {
    /// New keys as a parcel of a stream between the two. It tells of nobody, and goes also when
    /// the agreement has ended.
    pub fn keys(leave: Recall, told: &Rollover) -> Self {
        let stream = (leave.agreement(), leave.from(), leave.to());
        let of = (Flight::default(), Dataset::Api, Purpose::Terrorism);
        Self::new(stream, Kind::Keys, of, (told.encode(), CBOR))
    }
}
