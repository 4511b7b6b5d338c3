//! What states say to each other: disclosures sealed as parcels, streams in which
//! nothing is lost or counted twice, and receipts that prove it.
//!
//! A [`Disclosure`] ends the walk of a record: it consumes the leave to send
//! ([`policy::Permit`]) and, for a hit, the officers' decision
//! ([`screening::UpheldHit`]); a request its leave to ask ([`policy::Leave`]). [`Outgoing::seal`] makes a [`Parcel`] of it: signed by
//! Ed25519 and ML-DSA-65, sealed to the receiver's epoch key, next in its stream.
//! The other side reads it step by step, and no step can be left out:
//! [`Arrived::read`] (size, form), [`Arrived::verify`] (both signatures, parties),
//! [`Incoming::receive`] (order, repeats, alarms), [`Verified::open`]. Its
//! [`Receipt`] is kept with the verdict, so that a repeat gets the same bytes. Several
//! parcels of a stream go in one [`Delivery`].
//!
//! Two state machines decide, and whoever drives them does: [`Desk::receive`] what
//! becomes of a parcel that came, [`Sender::step`] what goes next, when again, and when a
//! person has to look. A real node and a simulated world drive the same two.
//!
//! This crate is pure: no input or output, no clock. Keys and nonces are drawn from
//! the cryptographic library's own system source; everything else is handed in.
#![warn(missing_docs)]

mod answer;
mod chosen;
mod codec;
mod correction;
mod cose;
mod delivery;
mod disclosure;
mod ground;
mod keys;
mod kind;
mod parcel;
mod quota;
mod receipt;
mod reception;
mod request;
mod retraction;
mod rollover;
mod seal;
mod sender;
mod statement;
mod stream;
mod total;
mod transfer;

pub use answer::Answer;
pub use audit::Digest;
pub use chosen::Chosen;
pub use correction::Cause;
pub use delivery::{
    Delivery, MAX_ANSWERS_BYTES, MAX_TOGETHER, MAX_TOGETHER_BYTES, read_answers, read_together,
    write_answers, write_together,
};
pub use disclosure::{Disclosure, DisclosureError};
pub use ground::{Ground, Line};
pub use keys::{Epoch, EpochKey, PublicKeys, Signatures, StateKeys};
pub use kind::Kind;
pub use parcel::{Arrived, Content, Header, Opened, Parcel, ParcelId, Sealing, Unread, Verified};
pub use quota::{Meter, Quota};
pub use receipt::{Receipt, ReceiptError, ReceiptVerdict};
pub use reception::{Desk, Earlier, Facts, NEWER_EPOCH, Reception, Taken, Wrong, carried};
pub use request::{Asked, Inquiry, Outcome, Response, Subject, Unreasoned};
pub use retraction::{Reason, Retraction};
pub use rollover::Rollover;
pub use sender::{Effect, Happened, Note, Pause, Queued, ROUND, Reply, Sender};
pub use statement::Statement;
pub use stream::{Alarm, Incoming, Kept, Known, Outgoing, Refusal, Verdict};
pub use total::{Counted, Counting, Reckoning, Tally, Total, totals_digest};
pub use transfer::{CHUNK_BYTES, Chunk, Offered, content_digest, read_held, write_held};

/// The version of the wire protocol that this crate speaks.
pub const PROTOCOL: u32 = 1;

/// The longest parcel read or made, in bytes.
pub const MAX_PARCEL_BYTES: usize = 16 << 20;

/// The longest receipt read, in bytes.
pub const MAX_RECEIPT_BYTES: usize = 64 << 10;

/// Ours went wrong: a key, a cipher, or a size. Never the partner's doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The cryptographic library gave no randomness or refused a key of ours.
    #[error("the cryptographic library refused: {0}")]
    Crypto(&'static str),
    /// The bytes are no keys in our form.
    #[error("not keys in the form of this version: {0}")]
    Keys(&'static str),
    /// A parcel would be longer than [`MAX_PARCEL_BYTES`].
    #[error("a parcel of {bytes} bytes is longer than partners take")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// A disclosure for another stream.
    #[error("the disclosure is under another agreement or for another state than the stream")]
    OtherStream,
    /// A stream as the store kept it is not in our form.
    #[error("stored state of a stream cannot be read")]
    StreamState,
}
