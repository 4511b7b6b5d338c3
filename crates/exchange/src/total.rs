//! Daily totals: what a stream carried, said by both sides over the same stretch of it.
//!
//! The sender signs a [`Total`] for each day of a stream: from which number to which, how many
//! parcels of each kind, and a digest over all of them. It goes as a parcel of that stream, so
//! that its place says what came before it, whatever either clock shows. The receiver counts its
//! own durable rows of the same stretch; its [`Reckoning`] stands in the receipt. Where it is the
//! same, the receipt is the countersignature; where not, it is the receiver's own count, and both
//! sides tell a person. Both are functions of what is durable: a repeat brings the same bytes.

use std::collections::BTreeMap;

use coset::{Header as CoseHeader, HeaderBuilder};
use jiff::civil::Date;
use minicbor::{Decode, Encode};
use policy::{AgreementId, Purpose, Recall};
use travel::{Country, Dataset, Flight};

use crate::{Content, Digest, ExchangeError, Kind, PROTOCOL, PublicKeys, StateKeys, codec, cose};

const CONTEXT: &[u8] = b"passerelle total v1";
const DIGEST_CONTEXT: &[u8] = b"passerelle totals v1\0";
const CONTENT_TYPE: &str = "application/cbor";
/// The longest signed total read, in bytes.
const MAX_BYTES: usize = 16 << 10;
/// Of a kind that the receiver does not know; it has refused such a parcel.
const UNKNOWN: u32 = u32::MAX;

/// A parcel of a stream, as either side's store holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counted {
    /// Its number.
    pub sequence: u64,
    /// Its kind; `None` for one that this side does not know.
    pub kind: Option<Kind>,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Whether it was taken, as far as this side knows; else it was refused for good.
    pub taken: bool,
}

/// How many of a kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Tally {
    /// The number of the kind.
    #[n(0)]
    pub kind: u32,
    /// How many.
    #[n(1)]
    pub parcels: u64,
}

impl Tally {
    /// The name of its kind.
    pub fn name(&self) -> &'static str {
        let known = Kind::ALL.iter().find(|kind| kind.number() == self.kind);
        known.map_or("other", |kind| kind.name())
    }
}

/// What the sender says of a day of a stream.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Total {
    /// The version of the protocol.
    #[n(0)]
    pub protocol: u32,
    /// The stream's agreement.
    #[n(1)]
    pub agreement: AgreementId,
    /// The sender.
    #[n(2)]
    pub from: Country,
    /// The receiver.
    #[n(3)]
    pub to: Country,
    /// The day, UTC, by the sender's clock: `2026-03-01`.
    #[n(4)]
    pub day: String,
    /// The number of the first parcel that is counted: the one after the last that was before.
    #[n(5)]
    pub first: u64,
    /// That of the last.
    #[n(6)]
    pub last: u64,
    /// The digest of the last.
    #[cbor(n(7), with = "crate::codec::digest")]
    pub head: Digest,
    /// A digest over the numbers and digests of all of them.
    #[cbor(n(8), with = "crate::codec::digest")]
    pub digest: Digest,
    /// How many of each kind, the kinds ascending.
    #[n(9)]
    pub sent: Vec<Tally>,
}

/// What the receiver counts of the same stretch.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Reckoning {
    /// The number of the first parcel that it had not counted before.
    #[n(0)]
    pub first: u64,
    /// That of the last that the total counts.
    #[n(1)]
    pub last: u64,
    /// The digest of the last; zeros when it is not here.
    #[cbor(n(2), with = "crate::codec::digest")]
    pub head: Digest,
    /// A digest over the numbers and digests of all that are here.
    #[cbor(n(3), with = "crate::codec::digest")]
    pub digest: Digest,
    /// How many of each kind were taken.
    #[n(4)]
    pub taken: Vec<Tally>,
    /// How many of each kind were refused for good.
    #[n(5)]
    pub refused: Vec<Tally>,
}

/// What the receiver's store holds of a stream since the total before, and whose word a total is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counting {
    /// The number after the last that a total counted.
    pub first: u64,
    /// Every parcel from there on, in order.
    pub parcels: Vec<Counted>,
    /// The sender's keys.
    pub keys: PublicKeys,
}

fn tallies<'a>(parcels: impl Iterator<Item = &'a Counted>) -> Vec<Tally> {
    let mut by_kind = BTreeMap::new();
    for parcel in parcels {
        *by_kind.entry(parcel.kind.map_or(UNKNOWN, Kind::number)).or_insert(0) += 1;
    }
    by_kind.into_iter().map(|(kind, parcels)| Tally { kind, parcels }).collect()
}

/// The digest of a total: over the numbers and digests of parcels in order.
pub fn totals_digest(parcels: &[Counted]) -> Digest {
    let mut bytes = DIGEST_CONTEXT.to_vec();
    for parcel in parcels {
        bytes.extend(parcel.sequence.to_be_bytes());
        bytes.extend(parcel.digest.0);
    }
    Digest::of(&bytes)
}

impl Total {
    /// The total of these parcels of a stream; `None` when there are none, or one is missing.
    pub fn of(
        (agreement, from, to): (AgreementId, Country, Country),
        day: Date,
        parcels: &[Counted],
    ) -> Option<Self> {
        let (first, last) = (parcels.first()?, parcels.last()?);
        let in_order = parcels.windows(2).all(|two| two[1].sequence == two[0].sequence + 1);
        in_order.then(|| Self {
            protocol: PROTOCOL,
            agreement,
            from,
            to,
            day: day.to_string(),
            first: first.sequence,
            last: last.sequence,
            head: last.digest,
            digest: totals_digest(parcels),
            sent: tallies(parcels.iter()),
        })
    }

    /// Signs it, so that it proves itself also without its parcel.
    ///
    /// # Errors
    /// A key of ours is refused.
    pub fn sign(&self, keys: &StateKeys) -> Result<Vec<u8>, ExchangeError> {
        cose::sign(keys, CONTEXT, protected(), codec::to_vec(self))
    }

    /// Reads a signed total; `None` when it is none, or not by `keys`.
    pub fn read(bytes: &[u8], keys: &PublicKeys) -> Option<Self> {
        let signed = cose::read(bytes).filter(|_| bytes.len() <= MAX_BYTES)?;
        if signed.protected.header != protected() {
            return None;
        }
        cose::verify(&signed, CONTEXT, keys).ok()?;
        let total: Self = signed.payload.as_deref().and_then(codec::exactly)?;
        total.is_sound().then_some(total)
    }

    /// What a signed total says that is kept in a store: its signatures were made here, or were
    /// verified when it came. Nothing is proven by it.
    pub fn kept(bytes: &[u8]) -> Option<Self> {
        cose::read(bytes)?.payload.as_deref().and_then(codec::exactly)
    }

    fn is_sound(&self) -> bool {
        let sum = self.sent.iter().try_fold(0u64, |sum, t| sum.checked_add(t.parcels));
        self.protocol == PROTOCOL
            && self.day.parse::<Date>().is_ok_and(|day| day.to_string() == self.day)
            && (1..=self.last).contains(&self.first)
            && self.sent.windows(2).all(|two| two[0].kind < two[1].kind)
            && sum == Some(self.last - self.first + 1)
    }

    /// How many parcels.
    pub fn parcels(&self) -> u64 {
        self.sent.iter().map(|tally| tally.parcels).sum()
    }
}

impl Reckoning {
    /// The receiver's count of its own rows, from the first that it has not counted to `last`.
    pub fn of(counting: &Counting, last: u64) -> Self {
        let counted = |c: &&Counted| (counting.first..=last).contains(&c.sequence);
        let parcels: Vec<Counted> = counting.parcels.iter().filter(counted).copied().collect();
        let head = parcels.last().filter(|parcel| parcel.sequence == last);
        Self {
            first: counting.first,
            last,
            head: head.map_or(Digest([0; 32]), |parcel| parcel.digest),
            digest: totals_digest(&parcels),
            taken: tallies(parcels.iter().filter(|p| p.taken)),
            refused: tallies(parcels.iter().filter(|p| !p.taken)),
        }
    }

    /// Whether it is a countersignature: the same stretch of the same parcels.
    pub fn agrees(&self, total: &Total) -> bool {
        let mut here: BTreeMap<u32, u64> = BTreeMap::new();
        for tally in self.taken.iter().chain(&self.refused) {
            let sum = here.entry(tally.kind).or_default();
            *sum = sum.saturating_add(tally.parcels);
        }
        // What this side could not name may be of any kind.
        let mut unnamed = here.remove(&UNKNOWN).unwrap_or(0);
        for sent in &total.sent {
            let missing = sent.parcels.checked_sub(here.remove(&sent.kind).unwrap_or(0));
            match missing.and_then(|missing| unnamed.checked_sub(missing)) {
                Some(left) => unnamed = left,
                None => return false,
            }
        }
        here.is_empty()
            && unnamed == 0
            && (self.first, self.last) == (total.first, total.last)
            && (self.head, self.digest) == (total.head, total.digest)
    }

    /// How many parcels are here.
    pub fn parcels(&self) -> u64 {
        let tallies = self.taken.iter().chain(&self.refused);
        tallies.fold(0, |sum, tally| sum.saturating_add(tally.parcels))
    }
}

impl Content {
    /// A signed total as a parcel of the stream that it is about. It tells of nobody, and goes
    /// also when the agreement has ended. `None` when it is of another stream.
    pub fn total(leave: Recall, total: &Total, signed: Vec<u8>) -> Option<Self> {
        let stream = (leave.agreement(), leave.from(), leave.to());
        let of = (Flight::default(), Dataset::Api, Purpose::Terrorism);
        (stream == (total.agreement, total.from, total.to))
            .then(|| Self::new(stream, Kind::Total, of, (signed, crate::kind::CBOR)))
    }
}

fn protected() -> CoseHeader {
    HeaderBuilder::new().content_type(CONTENT_TYPE.to_owned()).build()
}
