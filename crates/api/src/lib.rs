//! What can be asked of a node: operations, and who may ask.
//!
//! The console's pages and the HTTP interface ([`http`]) draw from the same methods of
//! [`Api`]. Each takes a [`Caller`], which only [`Api::sign_in`] and
//! [`Api::authenticate`] give, looks up in [`rights::OPERATIONS`] whether one of the
//! caller's roles may, and commits its event in the same batch as its effect.
//!
//! The HTTP interface, for programs that act as an officer (JSON, errors as
//! `application/problem+json`):
//!
//! ```text
//! POST   /api/v1/session              {"officer","password"} → {"token","officer","roles"}
//! DELETE /api/v1/session
//! GET    /api/v1/summary              totals
//! GET    /api/v1/flights?day=2026-03-01
//! GET    /api/v1/map                  partners, and what goes each way
//! GET    /api/v1/statistics?period=2026-11   travellers by nationality and route, small counts withheld
//! GET    /api/v1/agreements           and /{id}: in plain words, with its signatures
//! POST   /api/v1/agreements/{id}/suspend|resume|sign|accept   {"reason"} → the agreement
//! GET    /api/v1/carriers             quality of their messages by week
//! GET    /api/v1/submissions?carrier=TK   those with faults; /{id}: each fault, without the text
//! POST   /api/v1/search               {"document"|"name"+"born"|"booking"|"contact"|"flight"(+"day"), "purpose"}
//! GET    /api/v1/hits?state=waiting&after=ID&limit=50   → {"hits":[…],"next":ID|null}
//! GET    /api/v1/hits/{id}            one hit with its evidence and decisions
//! POST   /api/v1/hits/{id}/decisions  {"verdict":"uphold|dismiss","reason"} → {"state":"half|upheld|dismissed"}
//! POST   /api/v1/recall               {"id","erase":false,"reason"} → {"partners":[…]}
//! GET    /api/v1/partners/{partner}/totals   what each day of its streams carried, said by both
//! GET    /api/v1/requests             of partners and to partners; /{partner}/{id}: one, opened
//! POST   /api/v1/requests             {"to","purpose","dataset",…,"legal_ground","reason","reference"} → {"id"}
//! POST   /api/v1/requests/{partner}/{id}/answer   {"outcome","records":[[list,number]],"reason"}
//! POST   /api/v1/requests/{partner}/{id}/justify   {"legal_ground","reason","reference"}
//! GET    /api/v1/tellings             told unasked, either way; /{partner}/{parcel}: one, opened
//! POST   /api/v1/tellings             {"to","purpose","list","travellers":[0],"legal_ground","reason","reference"} → {"parcel"}
//! ```
//! Every call but the first carries `Authorization: Bearer TOKEN`.
//!
//! The calls block (they read and write the store): asynchronous callers run them
//! where blocking is allowed.
#![warn(missing_docs)]

pub mod agreements;
mod alarms;
pub mod criteria;
mod decisions;
mod error;
pub mod findings;
mod flights;
mod hits;
pub mod http;
mod log;
mod map;
pub mod meeting;
mod office;
mod oversight;
mod partners;
mod password;
mod queries;
mod records;
pub mod requests;
pub mod rights;
mod search;
mod session;
pub mod statistics;
mod streams;
pub mod tellings;
pub mod thresholds;
mod totals;
mod tries;

use std::sync::Arc;

use audit::{Actor, Event, Logged};
use jiff::Timestamp;
use parking_lot::Mutex;
use screening::UpheldHit;
use store::{Batch, Change, Outcome, Store, StoreError, rows::HitRow};
use travel::Country;

pub use agreements::{
    ActLine, Acting, AgreementLine, AgreementPage, Compared, DraftPage, Next, SignatureView, Stands,
};
pub use alarms::AlarmView;
pub use decisions::{Decided, Verdict, reviewed};
pub use error::Error;
pub use findings::{FaultText, FaultView, QualityLine, SubmissionLine, SubmissionPage};
pub use flights::{
    CurrentView, Departure, FlightPage, ListView, Place, StepView, Today, TravellerLine,
};
pub use hits::{DecisionView, EvidenceLine, HitLine, HitPage, HitQueue, QueueState};
pub use log::{EventLine, LogPage, Verified};
pub use map::{MapPartner, Way};
pub use meeting::{Known, Offer, OfferView, SpokenFingerprint};
pub use office::Office;
pub use oversight::{CarrierLine, NodePage, OfficerLine, Summary, WatchlistView};
pub use partners::{
    PartnerView, ReceivedLine, ReceivedPage, RefusalLine, StreamView, recall_reasons,
};
pub use password::check as check_password;
pub use records::{DocumentView, OpenedRecord};
pub use requests::{
    AnswerLine, Answering, Asking, FoundRecord, Justifying, RequestLine, RequestPage,
};
pub use rights::{Operation, Role};
pub use screening::RAREST;
pub use search::{FoundLine, Search, SearchPage, search_as};
pub use session::{Caller, SignedIn};
pub use statistics::Statistics;
pub use streams::resuming;
pub use tellings::{Tell, TellingLine, TellingPage};
pub use totals::{DayLine, day_lines};

/// Where the operations read the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What happens when a hit has been upheld by as many officers as it needs.
pub trait AfterUphold: Send + Sync {
    /// Commits `decided` (the last decision with its events) together with whatever
    /// the agreements let leave now. An implementation may commit `decided` alone and
    /// disclose afterwards; [`Store::undisclosed`] names what is still to be asked.
    ///
    /// # Errors
    /// What the store refused; then the decision was not made.
    fn disclose(
        &self,
        upheld: UpheldHit,
        row: &HitRow,
        decided: Batch,
        at: Timestamp,
    ) -> Result<Outcome, StoreError>;
}

/// What the operations have to know about their node.
#[derive(Clone)]
pub struct Settings {
    /// Key of the pseudonyms under which failed sign-ins stand in the log.
    pub pseudonym_key: [u8; 32],
    /// The program's version.
    pub version: String,
    /// When the node started.
    pub started_at: Timestamp,
}

/// The operations of a node.
pub struct Api {
    store: Arc<Store>,
    settings: Settings,
    office: Arc<dyn Office>,
    after: Arc<dyn AfterUphold>,
    verified: Mutex<Option<Verified>>,
    strangers: Mutex<session::Strangers>,
}

impl Api {
    /// The operations over a store.
    pub fn new(
        store: Arc<Store>,
        settings: Settings,
        (office, after): (Arc<dyn Office>, Arc<dyn AfterUphold>),
    ) -> Self {
        Self {
            store,
            settings,
            office,
            after,
            verified: Mutex::new(None),
            strangers: Mutex::default(),
        }
    }

    /// The state whose node it is.
    pub fn state(&self) -> Country {
        self.office.state()
    }

    fn commit(
        &self,
        caller: &Caller,
        changes: Vec<Change>,
        events: Vec<Event>,
        at: Timestamp,
    ) -> Result<(), Error> {
        self.store.commit(batch(caller, changes, events, at))?;
        Ok(())
    }
}

fn batch(caller: &Caller, changes: Vec<Change>, events: Vec<Event>, at: Timestamp) -> Batch {
    let actor = Actor::Officer(caller.officer().to_owned());
    let events = events.into_iter().map(|e| Logged::new(at, actor.clone(), e)).collect();
    Batch::new(changes, events)
}
