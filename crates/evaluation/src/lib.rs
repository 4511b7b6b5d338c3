//! How good the screening is, measured: who is found that should be, at how many false
//! alerts, how fast, and how evenly over name cultures.
//!
//! A threshold is worth nothing by itself, so every share below is taken at the lowest
//! score at which at most one innocent traveller of a thousand is put before an officer.
//! [`Data::read`] reads labelled pairs, damaged queries and false-alert pairs;
//! [`evaluate`] scores them through the same functions as `passerelle screen`, and
//! screens made-up innocent travellers against the whole list. The result is printed line
//! by line, and drawn as one page by [`page`].
//!
//! Whoever tunes looks at one half of the persons only ([`Half`]); the other half is
//! reported beside it, and so are kinds of damage that nothing was tuned on ([`unseen`]).

mod calibration;
mod clock;
mod data;
mod goals;
mod innocents;
mod lines;
mod measure;
mod nomenklatura;
mod pairs;
mod peers;
mod population;
mod report;
mod run;
pub mod unseen;

pub use calibration::LISTED;
pub use clock::Watch;
pub use data::{Data, Half, Pair, Set};
pub use goals::Goal;
pub use lines::{CalibrationLine, CategoryLine, CultureLine, Evaluation, PeerLine, Score, Summary};
pub use measure::{Share, threshold};
pub use nomenklatura::{Nomenklatura, VERSION as NOMENKLATURA};
pub use pairs::{goals, scores};
pub use population::{Innocent, cultures, innocent};
pub use report::page;
pub use run::{Options, evaluate};
