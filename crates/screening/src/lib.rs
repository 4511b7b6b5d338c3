//! Watchlists, the comparison of travellers with them, and the review of what it finds.
//!
//! [`read_list`] reads a published list; [`Index::build`] makes one index of several;
//! [`screen`] compares a passenger list with it. Each [`Hit`] carries a ledger of
//! [`Evidence`] from which both its score and the officer's explanation are read. A
//! hit goes nowhere by itself: only an officer's decision ([`Hit::uphold`]) makes an
//! [`UpheldHit`] of it.
//!
//! [`Criteria`] are looked for in bookings and [journeys](Journey) the same way, and make hits
//! as well.
//!
//! This crate is pure: no input or output, no clock.
#![warn(missing_docs)]

mod align;
mod birth;
mod bound;
mod cleared;
pub mod criteria;
pub mod documents;
mod evidence;
mod far;
mod glance;
mod hit;
mod index;
mod journey;
mod ledger;
mod lists;
mod review;
mod room;
mod score;
mod screener;
mod sieve;
mod sought;
mod thresholds;
mod watchlist;
pub mod weights;

pub use cleared::{identity, names_one_person};
pub use criteria::{Condition, ConditionError, Criteria, CriteriaError, Criterion, Fact, FactKind};
pub use evidence::{Evidence, Feature};
pub use hit::{Band, EntryRef, Hit, HitDecodeError, Screened};
pub use index::Index;
pub use journey::{Journey, KnownLeg, STOPOVER};
pub use lists::{ListError, ListFinding, ListRead, read_list, read_whole_list};
pub use review::{
    Decision, DismissedHit, HalfUpheld, OfficerId, Reason, ReasonError, ReviewError, Reviewed,
    SameOfficer, UpheldHit, Upholding, Verdict,
};
pub use score::{Candidate, RAREST, rarity};
pub use screener::{Screener, screen, screen_one, screen_travellers};
pub use sieve::{Beside, Sieve};
pub use sought::{Sought, marks};
pub use thresholds::{ThresholdError, Thresholds};
pub use watchlist::{Alias, AliasQuality, BirthDate, Entry, ListedDocument, Watchlist};
