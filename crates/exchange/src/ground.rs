//! The ground of a hit: what a partner's officer is told about why it came.
//!
//! It names the list entry, never the officers; and it says what was compared, not
//! what stood on either side: the traveller is in the payload, the entry is the
//! sender's.

use jiff::Timestamp;
use minicbor::{Decode, Encode};

use crate::codec;

/// One line of the evidence.
#[derive(Clone, PartialEq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Line {
    /// What was compared: `birth date`.
    #[n(0)]
    pub feature: String,
    /// How the two stand to each other: `equal`, `day and month swapped`.
    #[n(1)]
    pub relation: String,
    /// Its weight, in nats.
    #[n(2)]
    pub nats: f64,
}

/// On what ground a hit was disclosed.
#[derive(Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Ground {
    /// The name of the watchlist.
    #[n(0)]
    pub list: String,
    /// Its version.
    #[n(1)]
    pub list_version: String,
    /// The id of the entry on it.
    #[n(2)]
    pub entry: String,
    /// Why the entry is on it, as the list says.
    #[n(3)]
    pub reason: String,
    /// `hit` or `possible`.
    #[n(4)]
    pub band: String,
    /// One traveller in so many would match this entry by chance.
    #[n(5)]
    pub one_in: u64,
    /// The evidence, in the order of the sender's ledger.
    #[n(6)]
    pub evidence: Vec<Line>,
    /// How many different officers upheld it.
    #[n(7)]
    pub officers: u32,
    /// When the last of them did.
    #[cbor(n(8), with = "crate::codec::instant")]
    pub decided_at: Timestamp,
}

impl Ground {
    /// The canonical binary form.
    pub fn encode(&self) -> Vec<u8> {
        codec::to_vec(self)
    }

    /// Reads what [`encode`](Self::encode) wrote; `None` for anything else.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        codec::exactly(bytes)
    }
}

/// Shows no reason and no entry.
impl std::fmt::Debug for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ground")
            .field("list", &self.list)
            .field("band", &self.band)
            .field("officers", &self.officers)
            .finish_non_exhaustive()
    }
}
