//! What the sender is told, and what it says is to be done.

use std::time::Duration;

use jiff::Timestamp;
use policy::AgreementId;

use crate::{Digest, MAX_TOGETHER, ParcelId, PublicKeys, Receipt};

/// Parcels of one stream in a round: bounds memory, and what is sent twice after a crash.
pub const ROUND: u32 = MAX_TOGETHER as u32;

/// A parcel of the outbox, as far as its sender has to know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Queued {
    /// Its stream.
    pub agreement: AgreementId,
    /// Its number there.
    pub sequence: u64,
    /// Its id.
    pub parcel: ParcelId,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// How often it was sent before.
    pub attempts: u32,
    /// When its flight departs.
    pub departs_at: Option<Timestamp>,
    /// How long it is, in bytes; `None` when its bytes are not here any more.
    pub bytes: Option<usize>,
}

/// What a partner's node said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// When to come back, where it says so.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: Vec<u8>,
}

/// What happened since the last step.
#[derive(Clone, Debug)]
pub enum Happened {
    /// The outbox was looked at: what may be sent at this moment, each stream in order,
    /// at most [`ROUND`] parcels of each, and the partner's keys.
    Looked(Vec<Vec<Queued>>, Box<PublicKeys>),
    /// The partner answered what was posted.
    Replied(Reply),
    /// Nobody knows whether what was posted arrived; why, for people.
    Unreached(String),
    /// It was not posted: its agreement was suspended, or ended, since the look.
    Withheld,
    /// The earlier parcel that was asked for, if it is here.
    Found(Option<Queued>),
    /// What was noted is durable.
    Stored,
}

/// What to do next.
#[derive(Clone, PartialEq, Debug)]
#[must_use]
pub enum Effect {
    /// Post these to the partner as one delivery, unless their agreement (it is the same of
    /// all) is suspended at this moment; then [`Happened::Replied`],
    /// [`Happened::Unreached`] or [`Happened::Withheld`].
    Post(Vec<Queued>),
    /// Look for an earlier parcel of a stream; then [`Happened::Found`].
    Find {
        /// The stream.
        agreement: AgreementId,
        /// Its number.
        sequence: u64,
    },
    /// Store these in one transaction; then [`Happened::Stored`].
    Store(Vec<Note>),
    /// The round is over: wait, look at the outbox, then [`Happened::Looked`].
    Wait(Pause),
}

/// Something to be stored.
#[derive(Clone, PartialEq, Debug)]
pub enum Note {
    /// A receipt that proves itself: the parcel is done.
    Receipted {
        /// The parcel.
        row: Queued,
        /// Its receipt, byte for byte.
        bytes: Vec<u8>,
        /// What it says.
        receipt: Receipt,
    },
    /// It was sent and is not done; not before then again.
    Retry {
        /// The parcel.
        row: Queued,
        /// When.
        not_before: Timestamp,
    },
    /// What the partner said, when it is new or was noted a while ago.
    Answered(String),
    /// A person has to look.
    Alarm {
        /// The parcel that waits.
        row: Queued,
        /// One word.
        kind: &'static str,
        /// What the partner said or did.
        said: String,
    },
}

/// How a round ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pause {
    /// Everything went that can; wait for the bell.
    Idle,
    /// There is more.
    None,
    /// Leave the partner alone for so long.
    For(Duration),
}
