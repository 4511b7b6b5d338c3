//! The domain of passenger lists: flights, travellers, their documents and
//! bookings, and the door through which a carrier's message becomes a list.
//!
//! A reader of a carrier format (crate `messages`) makes a [`Report`]: what the
//! message says, nothing left out, nothing judged. [`PassengerList::admit`] is
//! the only way from there to a [`PassengerList`]: it drops what may not be kept
//! (EU-04, EU-30), and refuses what is no list for this state. Everything after
//! the door (store, screening, exchange) takes a `PassengerList`.
//!
//! This crate is pure: no input or output, no clock. Time is handed in.
#![warn(missing_docs)]

mod admission;
mod airport;
mod country;
pub mod current;
mod date;
mod document;
pub mod eights;
mod element;
mod few;
mod flight;
mod headings;
mod list;
pub mod mrz;
mod quality;
mod split;
mod text;
mod traveller;

pub use admission::{Admission, Rejection};
pub use airport::Airport;
pub use country::{Country, code_today, is_country_code, is_retired, is_state};
pub use date::PartialDate;
pub use document::{DocumentKind, TravelDocument};
pub use element::{Element, ElementSet};
pub use few::Few;
pub use flight::{Flight, FlightKind, Leg, LocalTime};
pub use headings::{HEADINGS, Heading};
pub use list::{Dataset, DecodeError, Function, PassengerList};
pub use quality::{Doubt, doubts, ends_with_title, has_signs};
pub use text::Text;
pub use traveller::{
    Act, Bag, Booking, CodeShare, Contact, Kind, Report, Revision, Sex, Status, Traveller,
};
