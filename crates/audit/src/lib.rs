//! The log of everything a node does: events, a Merkle tree over them, and signed
//! checkpoints that partners and the oversight body can hold against it.
//!
//! Promise 4 (nothing happens unseen) is kept with this crate: each effect has one
//! [`Logged`] event, appended to a [`Tree`] (RFC 6962) in the same transaction, and
//! a [`Checkpoint`] in the text form of C2SP `tlog-checkpoint`, signed as a C2SP
//! signed note, so that tools made by others can check it. [`verify()`] recomputes a
//! whole log from nothing but its bytes.
//!
//! Events hold ids, digests, counts and keyed pseudonyms; never a person.
//!
//! This crate is pure: no input or output, no clock, no randomness.
#![warn(missing_docs)]

mod checkpoint;
mod digest;
mod event;
mod field;
mod table;
mod tree;
mod verify;

pub use checkpoint::{Checkpoint, LogKey, LogPublicKey, NoteError};
pub use digest::{Digest, Pseudonym};
pub use event::{Actor, EventError, Logged, MAX_EVENT_BYTES};
pub use table::{Event, KINDS, Kind};
pub use tree::{Hash, Tree, TreeError, leaf_hash, proof};
pub use verify::{Finding, Trouble, Verification, verify};
