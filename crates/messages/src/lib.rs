//! Carrier messages to and from the domain: PAXLST and PNRGOV are understood,
//! CUSRES, ACKRES and CONTRL are what is answered.
//!
//! [`read`] takes whatever arrived and never gives up on it: what it could make
//! out are [`Understood`] messages, each with a [`travel::Report`]; what was wrong
//! are [`Finding`]s, syntax faults and doubtful content alike, each with its place
//! in the bytes. Nobody whom a message names is lost, and nobody is invented.
//!
//! ```
//! let bytes = b"UNB+UNOA:4+TK+GBR+260301:0900+1++APIS'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'\
//!     TDT+20+TK1980+++TK'LOC+125+IST'DTM+189:2603011130:201'LOC+87+LHR'\
//!     DTM+232:2603011330:201'NAD+FL+++YILMAZ:AYSE'DTM+329:880402'CNT+42:1'UNT+10+1'UNZ+1+1'";
//! let today = jiff::civil::date(2026, 3, 1);
//! let reading = messages::read(bytes, edifact::Mode::Tolerant, today);
//! assert_eq!(reading.messages[0].report.travellers[0].surname, "YILMAZ");
//! ```
//!
//! This crate is pure: no input or output, no clock.
#![warn(missing_docs)]

pub mod ackres;
mod answer;
mod bags;
mod codes;
mod contrl;
pub mod cusres;
pub mod dialect;
mod hidden;
mod join;
mod limits;
mod output;
pub mod paxlst;
pub mod pnrgov;
mod quality;
mod reading;
mod records;
mod series;
mod sink;
mod sniff;
mod stream;
mod structured;
mod tags;
mod terms;
mod text;
mod written;

pub use answer::{Outgoing, Verdict, answer};
pub use codes::{CODES, Code};
pub use hidden::{hidden, hidden_behind};
pub use join::{read, read_on};
pub use reading::{Envelope, Finding, Format, Mention, MessageType, Reading, Understood};
pub use series::{Standing, Tally, Waiting, join as join_parts, numbered};
pub use stream::Stream;
pub use terms::Terms;
