//! An event with its time and its author, and its canonical CBOR form.
//!
//! ```text
//! event = { 0: at (microseconds since 1970, signed), ? 1: [kind of actor, id], 2: kind, 3: { field number: value } }
//! ```
//! Definite lengths, shortest integers, keys ascending (RFC 8949 §4.2): one event has
//! exactly one form, and [`Logged::decode`] takes no other. At most 65,535 bytes, so
//! that it fits into an entry bundle of C2SP `tlog-tiles`.

use std::fmt;

use jiff::Timestamp;
use minicbor::{Decoder, Encoder, decode};

use crate::Event;

/// The longest form that an event may have, in bytes.
pub const MAX_EVENT_BYTES: usize = 65_535;

/// An event could not be written, or bytes are no event.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// Ours: the event's strings are far longer than ids are.
    #[error("an event of kind {kind} has {bytes} bytes; at most 65,535 may be")]
    TooLong {
        /// The kind of the event.
        kind: &'static str,
        /// How long its form would be.
        bytes: usize,
    },
    /// Theirs: not the canonical form of any event.
    #[error("not an event in canonical form: {0}")]
    NotAnEvent(String),
}

/// Who did it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// The node itself.
    Node,
    /// An officer, by account id.
    Officer(String),
    /// A carrier, by its id here.
    Carrier(String),
    /// A partner state, by its code.
    Partner(String),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Node => f.write_str("node"),
            Actor::Officer(id) => write!(f, "officer {id}"),
            Actor::Carrier(id) => write!(f, "carrier {id}"),
            Actor::Partner(id) => write!(f, "partner {id}"),
        }
    }
}

/// An event as it stands in the log: when, by whom, what.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Logged {
    /// When it happened, by the node's clock; kept to the microsecond.
    pub at: Timestamp,
    /// Who did it; [`Actor::Node`] when nobody asked.
    pub actor: Actor,
    /// What happened.
    pub event: Event,
}

impl Logged {
    /// An event at an instant, by somebody.
    pub fn new(at: Timestamp, actor: Actor, event: Event) -> Self {
        let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
        Self { at, actor, event }
    }

    /// The canonical form.
    ///
    /// # Errors
    /// [`EventError::TooLong`].
    pub fn encode(&self) -> Result<Vec<u8>, EventError> {
        let bytes = self.write();
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(EventError::TooLong { kind: self.event.kind(), bytes: bytes.len() });
        }
        Ok(bytes)
    }

    fn write(&self) -> Vec<u8> {
        const MEMORY: &str = "writing to memory cannot fail";
        let mut out = Encoder::new(Vec::with_capacity(192));
        let (author, id) = match &self.actor {
            Actor::Node => (0u8, None),
            Actor::Officer(id) => (1, Some(id)),
            Actor::Carrier(id) => (2, Some(id)),
            Actor::Partner(id) => (3, Some(id)),
        };
        out.map(if id.is_some() { 4 } else { 3 }).expect(MEMORY);
        out.u8(0).expect(MEMORY).i64(self.at.as_microsecond()).expect(MEMORY);
        if let Some(id) = id {
            out.u8(1).expect(MEMORY).array(2).expect(MEMORY);
            out.u8(author).expect(MEMORY).str(id).expect(MEMORY);
        }
        out.u8(2).expect(MEMORY).u32(self.event.number()).expect(MEMORY);
        out.u8(3).expect(MEMORY);
        self.event.write_fields(&mut out);
        out.into_writer()
    }

    /// Reads the canonical form, and nothing else.
    ///
    /// # Errors
    /// [`EventError::NotAnEvent`].
    pub fn decode(bytes: &[u8]) -> Result<Self, EventError> {
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(EventError::NotAnEvent(format!("{} bytes long", bytes.len())));
        }
        let logged = read(bytes).map_err(|e| EventError::NotAnEvent(e.to_string()))?;
        if logged.write() != bytes {
            return Err(EventError::NotAnEvent("written otherwise than we would".to_owned()));
        }
        Ok(logged)
    }
}

fn read(bytes: &[u8]) -> Result<Logged, decode::Error> {
    let wrong = decode::Error::message;
    let d = &mut Decoder::new(bytes);
    let members = d.map()?.ok_or_else(|| wrong("map of indefinite length"))?;
    if !(3..=4).contains(&members) || d.u8()? != 0 {
        return Err(wrong("an event has a time, an actor, a kind and fields"));
    }
    let at = Timestamp::from_microsecond(d.i64()?).map_err(|_| wrong("time out of range"))?;
    let actor = if members == 4 { read_actor(d)? } else { Actor::Node };
    if d.u8()? != 2 {
        return Err(wrong("no kind"));
    }
    let number = d.u32()?;
    if d.u8()? != 3 {
        return Err(wrong("no fields"));
    }
    let event = Event::read_fields(number, d)?;
    if d.position() != bytes.len() {
        return Err(wrong("bytes after the end"));
    }
    Ok(Logged { at, actor, event })
}

fn read_actor(d: &mut Decoder<'_>) -> Result<Actor, decode::Error> {
    let wrong = decode::Error::message;
    if d.u8()? != 1 || d.array()? != Some(2) {
        return Err(wrong("not an actor"));
    }
    let author = d.u8()?;
    let id = d.str()?.to_owned();
    match author {
        1 => Ok(Actor::Officer(id)),
        2 => Ok(Actor::Carrier(id)),
        3 => Ok(Actor::Partner(id)),
        _ => Err(wrong("an actor of an unknown kind")),
    }
}
