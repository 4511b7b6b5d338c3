//! A synthetic world for tests and the demo: people, watchlists, airlines, flights, and
//! the messages that airlines would send. A seed decides all of it; nobody in it exists.
//!
//! ```
//! let world = testkit::World::new(1);
//! let now = "2026-03-01T08:00:00Z".parse().unwrap();
//! let submission = world.submission(0, now);
//! assert!(submission.report.travellers.len() >= 60);
//! ```
//!
//! Nothing here is part of a node. The crate is pure: no input or output, no clock.
#![warn(missing_docs)]

mod cultures;
mod damage;
mod people;
mod render;
mod rng;
mod schedule;
mod traffic;
mod watchlist;

pub use cultures::{CULTURES, Culture};
pub use damage::{DAMAGES, Damage, Damaged, Survivors};
pub use people::{Document, Person, birth, nationalities, passport_number};
pub use render::render;
pub use rng::Rng;
pub use schedule::{AIRLINES, Airline, Place, states_of};
pub use traffic::{LISTED, STATES, Submission, Truth, World};
pub use watchlist::{Listed, to_csv, watchlist};

#[cfg(test)]
mod tests;
