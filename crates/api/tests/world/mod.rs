//! A small node to ask things of: a store with some flights of a day, hits that
//! screening really raised, a partner with streams, an alarm, a refusal. The console's
//! tests and its example look at the same one.
//!
//! Everybody in it is invented.
#![allow(clippy::unwrap_used, dead_code)]

mod office;
mod partner;
mod people;
mod traffic;

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    sync::Arc,
};

use api::{AfterUphold, Api, Offer, Office, Settings};
use argon2::{Argon2, Params, PasswordHasher, password_hash::phc::PasswordHash};
use audit::{Actor, Digest, Event, LogKey, Logged};
use exchange::{PublicKeys, StateKeys};
use jiff::{SignedDuration, Timestamp, civil::date, tz::TimeZone};
use office::{InMemory, NothingLeaves};
use parking_lot::Mutex;
use people::{flight, passengers, person};
use policy::{Agreement, PartySignature, Regime, SignedAgreement};
use screening::{Index, Thresholds, UpheldHit};
use store::{Batch, Change, Outcome, Secret, Store, StoreError, rows};
use travel::{
    Admission, Booking, Country, Dataset, DocumentKind, ElementSet, Flight, Leg, LocalTime,
    PartialDate, PassengerList, Report, Sex, TravelDocument, Traveller,
};

/// Where officers sign in.
pub const DESK: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
/// The password of every account.
pub const PASSWORD: &str = "correct horse battery";

/// A name that is on no list and has no hit.
pub const UNREMARKABLE: &str = "WHITTAKER";
/// Criteria that meet nobody here but minors.
pub const CRITERIA: &str = r#"name = "minors"
title = "Minors among strangers"
purpose = "serious_crime"
review_by = 2027-05-31

[[criterion]]
id = "alone"
title = "A minor in a booking without an adult"
why = "Children were taken along under a booking of others."
when = ["minor", "not accompanied"]
unless = ["crew"]
"#;

/// What a state would tell another.
pub fn offer(state: &str, keys: &PublicKeys) -> Offer {
    Offer {
        protocol: exchange::PROTOCOL,
        state: state.into(),
        url: format!("https://gateway.{}.example:7442", state.to_lowercase()),
        certificate: "00".into(),
        keys: keys.encode().iter().map(|b| format!("{b:02x}")).collect(),
        log_key: "passerelle".into(),
        authority: "PEM".into(),
    }
}

/// A node in a directory.
pub struct World {
    /// The keys of this state.
    pub own: Arc<StateKeys>,
    /// Those of its partner.
    pub partners: Arc<StateKeys>,
    pub store: Arc<Store>,
    pub now: Timestamp,
    /// Hits that became upheld here: entry and officers.
    pub upheld: Arc<Mutex<Vec<String>>>,
}

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

impl World {
    /// An empty node with its officers.
    pub fn empty(dir: &Path, now: Timestamp) -> Self {
        let key = LogKey::from_seed("passerelle/GBR", &[7; 32]).unwrap();
        let store = Store::create(dir, "GBR", Secret::random().unwrap(), key, now).unwrap();
        let keys = || Arc::new(StateKeys::generate().unwrap());
        let (own, partners) = (keys(), keys());
        let world = Self { own, partners, store: Arc::new(store), now, upheld: Arc::default() };
        for (id, roles) in [
            ("a.smith", "officer"),
            ("b.jones", "officer,supervisor"),
            ("d.green", "dpo"),
            ("l.white", "liaison"),
            ("root", "administrator"),
        ] {
            world.officer(id, roles);
        }
        world
    }

    /// A node on an ordinary day.
    pub fn busy(dir: &Path, now: Timestamp) -> Self {
        let world = Self::empty(dir, now);
        world.carriers();
        world.submissions();
        let index = world.watchlist();
        world.flights(&index);
        world.partner();
        world.criteria();
        world.request();
        world
    }

    /// Criteria that somebody proposed yesterday.
    fn criteria(&self) {
        let document = CRITERIA.replace("minors", "strangers");
        let digest = Digest::of(document.as_bytes());
        let row = rows::CriteriaRow {
            name: "strangers".into(),
            digest: digest.to_string(),
            document,
            review_by: date(2027, 5, 31),
            lists: 3,
            travellers: 420,
            met: "2".into(),
            proposed_by: "e.author".into(),
            proposed_at: self.now - minutes(1_000),
            approved_by: None,
            approved_at: None,
            withdrawn_by: None,
            withdrawn_at: None,
            reason: None,
        };
        let event = Event::CriteriaProposed {
            criteria: "strangers".into(),
            digest,
            lists: 3,
            travellers: 420,
        };
        let by = Actor::Officer("e.author".into());
        let logged = Logged::new(self.now - minutes(1_000), by, event);
        self.store.commit(Batch::new(vec![Change::Criteria(row)], vec![logged])).unwrap();
    }

    /// The operations over it. Upheld hits are committed and disclosed to nobody: there
    /// is no courier here.
    pub fn api(&self) -> Arc<Api> {
        let settings = Settings {
            pseudonym_key: [9; 32],
            version: "0.1.0".into(),
            started_at: self.now - minutes(600),
        };
        let after =
            Arc::new(NothingLeaves { store: self.store.clone(), upheld: self.upheld.clone() });
        Arc::new(Api::new(self.store.clone(), settings, (self.office(), after)))
    }

    /// What acts for the state, without anybody's rights.
    pub fn office(&self) -> Arc<dyn Office> {
        Arc::new(InMemory { keys: self.own.clone(), store: self.store.clone() })
    }

    /// The agreement with a partner as its next version.
    pub fn next_version(&self, partner: &str) -> String {
        let text = include_str!("../../../../docs/agreements/gbr-tur.toml");
        text.replace("version = 1", "version = 2").replace("TUR", partner)
    }

    /// The kinds of the events from a position on.
    pub fn events_from(&self, position: u64) -> Vec<&'static str> {
        let events = self.store.events(position, 1000).unwrap();
        events.iter().map(|(_, bytes)| Logged::decode(bytes).unwrap().event.kind()).collect()
    }

    fn commit(&self, changes: Vec<Change>, events: Vec<Event>) {
        let log = |e| Logged::new(self.now, Actor::Node, e);
        self.store.commit(Batch::new(changes, events.into_iter().map(log).collect())).unwrap();
    }

    /// Adds an account.
    pub fn officer(&self, id: &str, roles: &str) {
        // Cheap: tests sign in often. Verifying takes the parameters from the hash.
        let argon2 = Argon2::from(Params::new(64, 1, 1, None).unwrap());
        let hash: PasswordHash = argon2.hash_password(PASSWORD.as_bytes()).unwrap();
        let officer = rows::Officer {
            id: id.into(),
            roles: roles.into(),
            password: hash.to_string(),
            enabled: true,
            failed: 0,
            locked_until: None,
            added_at: self.now - minutes(60 * 24 * 30),
        };
        let event = Event::OfficerAdded { officer: id.into(), role: roles.into() };
        self.commit(vec![Change::Officer(officer)], vec![event]);
    }

    /// Closes an account.
    pub fn close_account(&self, id: &str) {
        let officer = self.store.officer(id).unwrap().unwrap();
        let closed = rows::Officer { enabled: false, ..officer };
        let event = Event::OfficerRemoved { officer: id.into() };
        self.commit(vec![Change::Officer(closed)], vec![event]);
    }

    /// Gives an account another password's hash.
    pub fn change_password(&self, id: &str, hash: &str) {
        let officer = self.store.officer(id).unwrap().unwrap();
        let changed = rows::Officer { password: hash.into(), ..officer };
        let event = Event::PasswordChanged { officer: id.into() };
        self.commit(vec![Change::Officer(changed)], vec![event]);
    }
}
