//! Streams: one for each agreement and direction. Order, repeats, gaps and alarms, as
//! state machines over plain data that the store keeps.
//!
//! Nothing here reads a clock or a database. What [`Incoming::receive`] has to know
//! about earlier parcels is looked up by the caller and handed in as [`Known`].

use jiff::{SignedDuration, Timestamp};
use minicbor::{Decode, Encode};
use policy::AgreementId;
use travel::Country;

use crate::{Digest, ExchangeError, Header, ParcelId, codec};

/// How far a partner's clock may be ahead of ours.
const CLOCK_AHEAD: SignedDuration = SignedDuration::from_mins(10);
const BEFORE_THE_FIRST: Digest = Digest([0; 32]);

/// The sender's end of a stream.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Outgoing {
    /// Under which agreement.
    #[n(0)]
    pub agreement: AgreementId,
    /// The sender.
    #[n(1)]
    pub from: Country,
    /// The receiver.
    #[n(2)]
    pub to: Country,
    /// The number of the next parcel, counted from 1.
    #[n(3)]
    pub next_sequence: u64,
    /// The digest of the last parcel sealed.
    #[cbor(n(4), with = "crate::codec::digest")]
    pub previous: Digest,
}

/// The receiver's end of a stream.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Incoming {
    /// Under which agreement.
    #[n(0)]
    pub agreement: AgreementId,
    /// The sender.
    #[n(1)]
    pub from: Country,
    /// The receiver.
    #[n(2)]
    pub to: Country,
    /// The number of the next parcel, counted from 1.
    #[n(3)]
    pub next_sequence: u64,
    /// The digest of the last parcel taken.
    #[cbor(n(4), with = "crate::codec::digest")]
    pub previous: Digest,
    /// Why it stands still until a person resumes it.
    #[n(5)]
    pub stopped: Option<Alarm>,
}

/// What must not happen. The stream stops and waits for a person (promise 6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, thiserror::Error)]
#[cbor(index_only)]
pub enum Alarm {
    /// Another parcel under an id that is here already.
    #[n(0)]
    #[error("another parcel under an id that is here already")]
    IdReused,
    /// Another parcel under a number that is taken.
    #[n(1)]
    #[error("another parcel under a number that is taken")]
    SequenceReused,
    /// A parcel that follows another history than the one here.
    #[n(2)]
    #[error("a parcel that follows another history than the one here")]
    HistoryForked,
}

impl Alarm {
    /// A short name for events.
    pub const fn name(self) -> &'static str {
        match self {
            Alarm::IdReused => "id_reused",
            Alarm::SequenceReused => "sequence_reused",
            Alarm::HistoryForked => "history_forked",
        }
    }
}

/// A parcel that was taken earlier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// Its id.
    pub parcel: ParcelId,
    /// Its digest.
    pub digest: Digest,
    /// The receipt that was given for it.
    pub receipt: Vec<u8>,
}

/// What the store knows about a parcel that arrives.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Known {
    /// The one of this sender with the same id.
    pub by_id: Option<Kept>,
    /// The one in this stream with the same number.
    pub by_sequence: Option<Kept>,
}

/// Not now, and nothing was kept; the sender keeps the parcel and tries again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The stream waits for a person.
    #[error("the stream is stopped: {0}")]
    Stopped(Alarm),
    /// The parcel is of another stream.
    #[error("of another stream")]
    OtherStream,
    /// It was made in our future.
    #[error("made more than ten minutes ahead of our clock")]
    ClockAhead,
}

impl Refusal {
    /// A short name for events and answers.
    pub const fn name(self) -> &'static str {
        match self {
            Refusal::Stopped(_) => "stopped",
            Refusal::OtherStream => "other_stream",
            Refusal::ClockAhead => "clock_ahead",
        }
    }
}

/// What to do with a parcel whose signatures hold.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub enum Verdict {
    /// It is the next. Judge, open and keep it; store its receipt, and the stream in
    /// this state, in the same transaction.
    Accept {
        /// The stream after it.
        after: Incoming,
    },
    /// It is here already: answer with this receipt, byte for byte.
    Repeat {
        /// The receipt that was given.
        receipt: Vec<u8>,
    },
    /// Something before it has not come: ask for that.
    Gap {
        /// The number that is to come next.
        expected: u64,
    },
    /// Stop: store the stream in this state and tell a person.
    Alarm {
        /// What happened.
        alarm: Alarm,
        /// The stream, stopped.
        stopped: Incoming,
    },
    /// Not now.
    Refuse(Refusal),
}

impl Outgoing {
    /// A stream from which nothing has gone yet.
    pub const fn new(agreement: AgreementId, from: Country, to: Country) -> Self {
        Self { agreement, from, to, next_sequence: 1, previous: BEFORE_THE_FIRST }
    }

    /// The form that the store keeps.
    pub fn encode(&self) -> Vec<u8> {
        codec::to_vec(self)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// [`ExchangeError::StreamState`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ExchangeError> {
        codec::exactly(bytes).ok_or(ExchangeError::StreamState)
    }
}

impl Incoming {
    /// A stream on which nothing has come yet.
    pub const fn new(agreement: AgreementId, from: Country, to: Country) -> Self {
        let (next_sequence, previous, stopped) = (1, BEFORE_THE_FIRST, None);
        Self { agreement, from, to, next_sequence, previous, stopped }
    }

    /// The form that the store keeps.
    pub fn encode(&self) -> Vec<u8> {
        codec::to_vec(self)
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// [`ExchangeError::StreamState`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ExchangeError> {
        codec::exactly(bytes).ok_or(ExchangeError::StreamState)
    }

    /// Judges a parcel's place. Its signatures must have been verified.
    ///
    /// A repeat is answered even while the stream is stopped: the sender may have lost
    /// our answer, not its parcel.
    pub fn receive(
        &self,
        header: &Header,
        digest: Digest,
        known: &Known,
        now: Timestamp,
    ) -> Verdict {
        if (header.agreement, header.from, header.to) != (self.agreement, self.from, self.to) {
            return Verdict::Refuse(Refusal::OtherStream);
        }
        match &known.by_id {
            Some(kept) if kept.digest == digest => {
                return Verdict::Repeat { receipt: kept.receipt.clone() };
            }
            Some(_) => return self.alarm(Alarm::IdReused),
            None => {}
        }
        if let Some(alarm) = self.stopped {
            return Verdict::Refuse(Refusal::Stopped(alarm));
        }
        if known.by_sequence.is_some() || header.sequence < self.next_sequence {
            return self.alarm(Alarm::SequenceReused);
        }
        if header.sequence > self.next_sequence {
            return Verdict::Gap { expected: self.next_sequence };
        }
        if header.previous != self.previous {
            return self.alarm(Alarm::HistoryForked);
        }
        if header.made_at.duration_since(now) > CLOCK_AHEAD {
            return Verdict::Refuse(Refusal::ClockAhead);
        }
        let next_sequence = self.next_sequence + 1;
        Verdict::Accept { after: Self { next_sequence, previous: digest, ..self.clone() } }
    }

    fn alarm(&self, alarm: Alarm) -> Verdict {
        let stopped = Self { stopped: Some(self.stopped.unwrap_or(alarm)), ..self.clone() };
        Verdict::Alarm { alarm, stopped }
    }

    /// The stream after a person has looked at the alarm and let it go on.
    #[must_use]
    pub fn resumed(&self) -> Self {
        Self { stopped: None, ..self.clone() }
    }
}
