//! What a node's store holds. Everything is made of the journal: a start replays it.

use std::collections::BTreeMap;

use audit::{Digest, Logged};
use exchange::{Asked, Incoming, Kind, Outgoing, ParcelId, Receipt, Total};
use minicbor::{Decode, Encode};
use policy::{AgreementId, Purpose};
use travel::{Country, Dataset, ElementSet};

use crate::parties;

/// One transaction: all of it is there, or nothing.
#[derive(Clone, Default, Encode, Decode)]
pub(crate) struct Transaction {
    #[n(0)]
    pub(crate) writes: Vec<Write>,
    #[n(1)]
    events: Vec<Bytes>,
}

#[derive(Clone, Encode, Decode)]
#[cbor(transparent)]
struct Bytes(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>);

impl Transaction {
    pub(crate) fn new(writes: Vec<Write>, events: &[Logged]) -> Self {
        let events = events.iter().filter_map(|e| e.encode().ok().map(Bytes)).collect();
        Self { writes, events }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        minicbor::decode(bytes).ok()
    }

    /// The events; `None` for one that cannot be read.
    pub(crate) fn events(&self) -> impl Iterator<Item = Option<Logged>> {
        self.events.iter().map(|e| Logged::decode(&e.0).ok())
    }

    pub(crate) fn take_events(&mut self) -> Transaction {
        Self { writes: Vec::new(), events: std::mem::take(&mut self.events) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.events.is_empty()
    }
}

/// A carrier's list.
#[derive(Clone, Encode, Decode)]
pub(crate) struct ListRow {
    #[n(0)]
    pub(crate) number: u64,
    #[n(1)]
    pub(crate) flight: String,
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(crate) bytes: Vec<u8>,
}

/// A parcel on its way out.
#[derive(Clone, Encode, Decode)]
pub(crate) struct OutRow {
    #[n(0)]
    pub(crate) partner: Country,
    #[n(1)]
    pub(crate) agreement: AgreementId,
    #[n(2)]
    pub(crate) sequence: u64,
    #[n(3)]
    pub(crate) parcel: ParcelId,
    #[cbor(n(4), with = "minicbor::bytes")]
    pub(crate) digest: Vec<u8>,
    #[cbor(n(5), with = "minicbor::bytes")]
    pub(crate) bytes: Vec<u8>,
    #[n(6)]
    pub(crate) flight: String,
    #[n(7)]
    pub(crate) attempts: u32,
    #[cbor(n(8), with = "minicbor::bytes")]
    pub(crate) receipt: Option<Vec<u8>>,
    /// The parcel that it takes back.
    #[n(9)]
    pub(crate) about: Option<ParcelId>,
    /// The request that it answers.
    #[n(10)]
    pub(crate) answers: Option<ParcelId>,
    /// The parcel that it corrects.
    #[n(11)]
    pub(crate) corrects: Option<ParcelId>,
    /// Whether it is a daily total.
    #[n(12)]
    pub(crate) total: bool,
}

/// A parcel that came.
#[derive(Clone, Encode, Decode)]
pub(crate) struct InRow {
    #[n(0)]
    pub(crate) partner: Country,
    #[n(1)]
    pub(crate) agreement: AgreementId,
    #[n(2)]
    pub(crate) sequence: u64,
    #[n(3)]
    pub(crate) parcel: ParcelId,
    #[cbor(n(4), with = "minicbor::bytes")]
    pub(crate) digest: Vec<u8>,
    #[cbor(n(5), with = "minicbor::bytes")]
    pub(crate) previous: Vec<u8>,
    #[cbor(n(6), with = "minicbor::bytes")]
    pub(crate) receipt: Vec<u8>,
    /// The list that is kept of it, when it was not refused.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub(crate) list: Option<Vec<u8>>,
    /// The parcel that it took back.
    #[n(8)]
    pub(crate) about: Option<ParcelId>,
    /// The request that it answers.
    #[n(9)]
    pub(crate) answers: Option<ParcelId>,
    /// Whether it asks something.
    #[n(10)]
    pub(crate) asks: bool,
    /// Whether it was taken, not refused.
    #[n(11)]
    pub(crate) taken: bool,
    /// The parcel that it corrected.
    #[n(12)]
    pub(crate) corrects: Option<ParcelId>,
    /// Its kind.
    #[n(13)]
    pub(crate) kind: Kind,
}

/// A request, of this state or to it.
#[derive(Clone, Encode, Decode)]
pub(crate) struct RequestRow {
    #[n(0)]
    pub(crate) partner: Country,
    #[n(1)]
    pub(crate) parcel: ParcelId,
    #[n(2)]
    pub(crate) agreement: AgreementId,
    #[cbor(n(3), with = "minicbor::bytes")]
    pub(crate) digest: Vec<u8>,
    #[n(4)]
    pub(crate) elements: ElementSet,
    /// The flight that it asks about.
    #[n(5)]
    pub(crate) flight: String,
    /// Numbers of the parcels of its answer that came.
    #[n(6)]
    pub(crate) answered: Vec<u32>,
}

impl RequestRow {
    /// What an answer is held against.
    pub(crate) fn asked(&self) -> Asked {
        Asked {
            parcel: self.parcel,
            digest: Digest(self.digest.as_slice().try_into().unwrap_or_default()),
            purpose: Purpose::Terrorism,
            dataset: Dataset::Api,
            elements: self.elements,
            answered: self.answered.clone(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum Status {
    #[n(0)]
    InForce,
    #[n(1)]
    Suspended,
    #[n(2)]
    Ended,
}

#[derive(Clone, Encode, Decode)]
pub(crate) enum Write {
    #[n(0)]
    List(#[n(0)] ListRow),
    #[n(1)]
    Disclosed(#[n(0)] u64),
    #[n(2)]
    Queue(#[n(0)] OutRow),
    #[n(3)]
    StreamOut(#[n(0)] AgreementId, #[cbor(n(1), with = "minicbor::bytes")] Vec<u8>),
    #[n(4)]
    Tried(#[n(0)] AgreementId, #[n(1)] u64),
    #[n(5)]
    Receipted(#[n(0)] AgreementId, #[n(1)] u64, #[cbor(n(2), with = "minicbor::bytes")] Vec<u8>),
    #[n(6)]
    Inbox(#[n(0)] InRow),
    #[n(7)]
    StreamIn(#[n(0)] AgreementId, #[cbor(n(1), with = "minicbor::bytes")] Vec<u8>),
    #[n(8)]
    Agreement(#[n(0)] AgreementId, #[n(1)] Status),
    #[n(9)]
    Alarm(#[n(0)] Country, #[n(1)] String),
    #[n(10)]
    Settled(#[n(0)] Country),
    /// The epoch to which a state is sealed; the node's own, or a partner's.
    #[n(11)]
    Epoch(#[n(0)] Country, #[n(1)] u32),
    /// The list that came with a parcel is gone.
    #[n(12)]
    Gone(#[n(0)] Country, #[n(1)] ParcelId),
    /// This state asked.
    #[n(13)]
    Asked(#[n(0)] RequestRow),
    /// A partner asked, and waits for an officer.
    #[n(14)]
    Waits(#[n(0)] RequestRow),
    /// An officer decided on a partner's request.
    #[n(15)]
    Decided(#[n(0)] Country, #[n(1)] ParcelId),
    /// A parcel of the answer to a request of this state came.
    #[n(16)]
    Answered(#[n(0)] Country, #[n(1)] ParcelId, #[n(2)] u32),
    /// A daily total of this state, signed.
    #[n(17)]
    Stated(#[n(0)] AgreementId, #[cbor(n(1), with = "minicbor::bytes")] Vec<u8>),
    /// A partner's daily total, signed, and the receipt with what is counted here.
    #[n(18)]
    Counted(
        #[n(0)] AgreementId,
        #[cbor(n(1), with = "minicbor::bytes")] Vec<u8>,
        #[cbor(n(2), with = "minicbor::bytes")] Vec<u8>,
    ),
}

/// The store, as its journal makes it.
#[derive(Clone, Default)]
pub(crate) struct Books {
    pub(crate) lists: BTreeMap<u64, ListRow>,
    pub(crate) undisclosed: BTreeMap<u64, ()>,
    pub(crate) out: BTreeMap<(AgreementId, u64), OutRow>,
    pub(crate) streams_out: BTreeMap<AgreementId, Outgoing>,
    pub(crate) inbox: BTreeMap<(Country, ParcelId), InRow>,
    pub(crate) streams_in: BTreeMap<AgreementId, Incoming>,
    pub(crate) agreements: BTreeMap<AgreementId, Status>,
    pub(crate) alarms: Vec<(Country, String)>,
    pub(crate) epochs: BTreeMap<Country, u32>,
    pub(crate) asked: BTreeMap<(Country, ParcelId), RequestRow>,
    pub(crate) waiting: BTreeMap<(Country, ParcelId), RequestRow>,
    /// Up to which number totals count each stream from here, and to here.
    pub(crate) stated: BTreeMap<AgreementId, u64>,
    pub(crate) counted: BTreeMap<AgreementId, u64>,
}

impl Books {
    pub(crate) fn apply(&mut self, write: &Write) {
        match write {
            Write::List(row) => {
                self.lists.insert(row.number, row.clone());
                self.undisclosed.insert(row.number, ());
            }
            Write::Disclosed(number) => {
                self.undisclosed.remove(number);
            }
            Write::Queue(row) => {
                self.out.insert((row.agreement, row.sequence), row.clone());
            }
            Write::StreamOut(id, state) => {
                if let Ok(stream) = Outgoing::decode(state) {
                    self.streams_out.insert(*id, stream);
                }
            }
            Write::Tried(id, sequence) => {
                if let Some(row) = self.out.get_mut(&(*id, *sequence)) {
                    row.attempts += 1;
                }
            }
            Write::Receipted(id, sequence, receipt) => {
                if let Some(row) = self.out.get_mut(&(*id, *sequence)) {
                    row.receipt = Some(receipt.clone());
                }
            }
            Write::Inbox(row) => {
                self.inbox.insert((row.partner, row.parcel), row.clone());
            }
            Write::StreamIn(id, state) => {
                if let Ok(stream) = Incoming::decode(state) {
                    self.streams_in.insert(*id, stream);
                }
            }
            Write::Agreement(id, status) => {
                self.agreements.insert(*id, *status);
            }
            Write::Alarm(partner, kind) => self.alarms.push((*partner, kind.clone())),
            Write::Settled(partner) => self.alarms.retain(|(p, _)| p != partner),
            Write::Epoch(state, epoch) => {
                self.epochs.insert(*state, *epoch);
            }
            Write::Asked(row) => {
                self.asked.insert((row.partner, row.parcel), row.clone());
            }
            Write::Waits(row) => {
                self.waiting.insert((row.partner, row.parcel), row.clone());
            }
            Write::Decided(partner, request) => {
                self.waiting.remove(&(*partner, *request));
            }
            Write::Answered(partner, request, number) => {
                if let Some(row) = self.asked.get_mut(&(*partner, *request)) {
                    row.answered.push(*number);
                }
            }
            Write::Stated(id, total) => {
                if let Some(total) = Total::kept(total) {
                    self.stated.insert(*id, total.last);
                }
            }
            Write::Counted(id, _, receipt) => {
                let receipt = Receipt::kept(receipt);
                if let Some(reckoning) = receipt.and_then(|r| r.reckoning) {
                    self.counted.insert(*id, reckoning.last);
                }
            }
            Write::Gone(partner, parcel) => {
                if let Some(row) = self.inbox.get_mut(&(*partner, *parcel)) {
                    row.list = None;
                }
            }
        }
    }

    /// The agreements of that status, as both states signed them.
    pub(crate) fn agreed(&self, wanted: &[Status]) -> Vec<policy::InForce> {
        let these = self.agreements.iter().filter(|(_, status)| wanted.contains(status));
        these
            .filter_map(|(id, status)| {
                let signed = parties::agreement_of(*id)?;
                let by = (*status == Status::Suspended).then(|| signed.agreement().parties[0]);
                Some(signed.suspended(by))
            })
            .collect()
    }
}
