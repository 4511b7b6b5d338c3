//! UN/EDIFACT syntax (ISO 9735, versions 1 to 4): interchange, group, message,
//! segment, element. Knows no travel.
//!
//! [`read`] never fails and never stops at the first fault: it gives what it could
//! make out together with every [`Fault`], each with its place in the bytes, so that
//! one `CONTRL` ([`contrl::write`]) tells the sender all there is to mend.
//!
//! ```
//! let bytes = b"UNB+UNOA:4+TK+GBR+260101:0900+R1'UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+3+1'UNZ+1+R1'";
//! let (interchange, faults) = edifact::read(bytes, edifact::Mode::Tolerant);
//! let message = &interchange.messages()[0];
//! assert_eq!((message.kind(), message.release()), ("PAXLST", "05B"));
//! assert_eq!(message.segment(1).unwrap().text(1, 1), "745");
//! assert!(faults.is_empty());
//! ```
//!
//! This crate is pure: no input or output, no clock.
#![warn(missing_docs)]

mod context;
pub mod contrl;
mod envelope;
mod fault;
mod mended;
mod opening;
mod read;
mod repertoire;
mod scan;
mod segment;
mod separators;
mod service;
mod straight;
mod stream;
mod token;
mod writer;

pub use envelope::{Group, Header, Interchange, Message, Sequence};
pub use fault::{Fault, FaultKind, Severity};
pub use read::{read, read_up_to};
pub use repertoire::Repertoire;
pub use segment::{Element, Segment};
pub use separators::Separators;
pub use straight::{Breaks, Straight, straighten};
pub use stream::Stream;
pub use token::Tokens;
pub use writer::Writer;

/// Offsets are kept in 32 bits; what is larger is read up to there, and said to be.
pub(crate) const MOST_BYTES: usize = u32::MAX as usize - 1;

/// A stretch of the input, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// How many bytes.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }
    /// The same stretch of a text that stands behind so many bytes.
    #[must_use]
    pub const fn behind(self, bytes: usize) -> Self {
        Self { start: self.start + bytes, end: self.end + bytes }
    }
    /// Whether it covers nothing.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// How patient the reader is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// What the standard forbids is an error.
    Strict,
    /// What can be understood is understood; the rest is listed as warnings.
    #[default]
    Tolerant,
    /// As tolerant; transport noise (telex lines, disclaimers) is not even mentioned.
    Cleaning,
}
