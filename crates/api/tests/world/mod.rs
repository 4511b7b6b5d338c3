//! A small node to ask things of: a store with some flights of a day, hits that
//! screening really raised, a partner with streams, an alarm, a refusal. The console's
//! tests and its example look at the same one.
//!
//! Everybody in it is invented.
#![allow(clippy::unwrap_used, dead_code)]

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
use parking_lot::Mutex;
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

const WATCHLIST: &str = "\
id,name,alias,birth_date,sex,nationality,documents,reason
SY-0117,Farid al-Khalidi,Fareed Alkhalidi|?Abu Samir,1979-03-11,M,SYR,PASSPORT:SYR:N00412877,Facilitates travel of foreign fighters (invented)
SY-0204,Ivan Sergeyevich Morozov,Иван Морозов|Iwan Morosow,1968-10-30,M,RUS,,Trafficking in firearms (invented)
SY-0311,Ngozi Okonkwo-Bright,,1985,F,NGA,,Financing of terrorism (invented)
SY-0406,Mehmet Yıldırım,Memet Yildirim,1990-01-05|1991,M,TUR,,Wanted for a violent robbery (invented)
SY-0512,Carlos Ruiz Medina,,1972-07-01,M,COL,,Trafficking in drugs (invented)
";

const CARRIERS: &[(&str, &str)] =
    &[("TK", "Turkish Airlines"), ("BA", "British Airways"), ("PC", "Pegasus")];

const SURNAMES: &[&str] = &[
    "DEMIR", "KAYA", "SMITH", "TAYLOR", "AYDIN", "OZTURK", "BROWN", "EVANS", "CELIK", "ARSLAN",
    "WALKER", "ROBERTS", "SAHIN", "HUGHES", "POLAT", "GREEN",
];
const GIVEN: &[&str] =
    &["AYSE", "MUSTAFA", "EMMA", "OLIVER", "ZEYNEP", "CAN", "GRACE", "HARRY", "ELIF", "BURAK"];

/// A list with a count that is wrong and a date of birth that is none.
const FAULTY: &str = "\
UNB+UNOA:4+TK+GBR+260301:0900+1++APIS'
UNH+1+PAXLST:D:05B:UN:IATA'
BGM+745'
TDT+20+TK1980+++TK'
LOC+125+IST'
DTM+189:2603011130:201'
LOC+87+LHR'
DTM+232:2603011330:201'
NAD+FL+++BLENKINSOP:AYSE'
ATT+2++F'
DTM+329:991300'
DOC+P+U1234567'
CNT+42:3'
UNT+12+1'
UNZ+1+1'
";

struct NothingLeaves {
    store: Arc<Store>,
    upheld: Arc<Mutex<Vec<String>>>,
}

impl AfterUphold for NothingLeaves {
    fn disclose(
        &self,
        upheld: UpheldHit,
        row: &rows::HitRow,
        decided: Batch,
        _: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let officers: Vec<&str> = upheld.decisions().iter().map(|d| d.officer.0.as_str()).collect();
        self.upheld.lock().push(format!("{} by {}", row.entry, officers.join(", ")));
        self.store.commit(decided)
    }
}

/// The state's keys, in memory.
struct InMemory {
    keys: Arc<StateKeys>,
    store: Arc<Store>,
}

impl InMemory {
    fn note(&self, changes: Vec<Change>, event: Event, officer: &str, at: Timestamp) {
        let logged = Logged::new(at, Actor::Officer(officer.into()), event);
        self.store.commit(Batch::new(changes, vec![logged])).unwrap();
    }
}

impl Office for InMemory {
    fn state(&self) -> Country {
        country("GBR")
    }
    fn keys(&self) -> PublicKeys {
        self.keys.public().clone()
    }
    fn sign(&self, document: &[u8]) -> Result<PartySignature, api::Error> {
        Ok(self.keys.sign_agreement(self.state(), document).unwrap())
    }
    fn offer(&self) -> Result<Offer, api::Error> {
        Ok(offer("GBR", self.keys.public()))
    }
    fn could_trust(&self, authority: &str) -> Result<(), String> {
        match authority {
            "" => Err("It has no authority.".into()),
            _ => Ok(()),
        }
    }
    fn regimes(&self) -> Arc<Vec<Regime>> {
        Arc::new(vec![Regime::named("national_default").unwrap()])
    }
    fn reading_mode(&self) -> edifact::Mode {
        edifact::Mode::Tolerant
    }
    fn withheld_below(&self) -> u64 {
        api::statistics::THRESHOLD
    }
    fn configured_thresholds(&self, _: &str) -> Option<Thresholds> {
        None
    }
    /// Nothing is sealed here: that is the courier's side of a node.
    fn ask(&self, asking: &api::Asking, by: &str, at: Timestamp) -> Result<String, api::Error> {
        let (question, _) = asking.read(self.state(), at)?;
        let event = Event::Requested {
            request: "asked".into(),
            partner: question.to.to_string(),
            agreement: Digest([0; 32]),
            purpose: question.purpose.name().into(),
            elements: question.elements.bits(),
            answer_by: None,
            rules: Vec::new(),
        };
        self.note(Vec::new(), event, by, at);
        Ok("asked".into())
    }
    fn justify(
        &self,
        (partner, id): (&str, &str),
        justifying: &api::Justifying,
        by: &str,
        at: Timestamp,
    ) -> Result<(), api::Error> {
        justifying.read()?;
        let event = Event::Justified {
            request: id.into(),
            partner: partner.into(),
            parcel: "justification".into(),
            reason: Digest([0; 32]),
            rules: Vec::new(),
        };
        self.note(Vec::new(), event, by, at);
        Ok(())
    }
    fn tell(&self, tell: &api::Tell, by: &str, at: Timestamp) -> Result<String, api::Error> {
        let (to, purpose, _) = tell.read()?;
        let event = Event::Told {
            parcel: "told".into(),
            partner: to.to_string(),
            list: tell.list.clone(),
            travellers: tell.travellers.len() as u64,
            purpose: purpose.name().into(),
            reason: Digest([0; 32]),
            rules: Vec::new(),
        };
        self.note(Vec::new(), event, by, at);
        Ok("told".into())
    }
    fn recall(
        &self,
        id: &str,
        (kind, _): (exchange::Kind, exchange::Reason),
        by: &str,
        at: Timestamp,
    ) -> Result<Vec<String>, api::Error> {
        let event = Event::ParcelQueued {
            parcel: id.into(),
            partner: "TUR".into(),
            agreement: Digest([0; 32]),
            sequence: 9,
            digest: Digest([0; 32]),
            mode: kind.name().into(),
            elements: 0,
            list: String::new(),
            hit: None,
        };
        self.note(Vec::new(), event, by, at);
        Ok(vec!["TUR".into()])
    }
    fn answer(
        &self,
        (partner, id): (&str, &str),
        answering: &api::Answering,
        by: &str,
        at: Timestamp,
    ) -> Result<(), api::Error> {
        let event = Event::RequestAnswered {
            request: id.into(),
            partner: partner.into(),
            outcome: answering.outcome.clone(),
            parcels: Vec::new(),
            reason: Digest([0; 32]),
            rules: Vec::new(),
        };
        self.note(Vec::new(), event, by, at);
        Ok(())
    }
}

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

    /// The partner asks about a traveller who was on a list this morning.
    fn request(&self) {
        let list = self.store.newest_lists(None, 1).unwrap().remove(0);
        let born = self.store.open_list(&list).unwrap().travellers()[0].birth_date;
        let name = self.store.open_list(&list).unwrap().travellers()[0].written_name();
        let inquiry = exchange::Inquiry {
            subject: exchange::Subject {
                name: born.map(|_| name),
                born: born.map(|b| b.to_string()),
                flight: Some(format!("{}{}", list.carrier, list.number)),
                ..exchange::Subject::default()
            },
            legal_ground: "art. 9(2) of the example arrangement".into(),
            reason: "named in a case of theirs".into(),
            reference: "2026/17".into(),
            answer_by: None,
            justify_by: None,
        };
        let (at, day) = (self.now - minutes(90), date(2026, 11, 23));
        let sealed = self.store.seal(("requests", day), ("request", "r-1"), &inquiry.encode(), at);
        let row = rows::RequestRow {
            id: "r-1".into(),
            partner: "TUR".into(),
            outgoing: false,
            agreement: Digest([1; 32]).to_string(),
            digest: Digest::of(b"its parcel").to_string(),
            purpose: "terrorism".into(),
            dataset: list.dataset,
            elements: 3,
            answer_by: None,
            justify_by: None,
            asked_by: None,
            at,
            scope: "requests".into(),
            day,
            sealed: sealed.unwrap(),
            outcome: None,
            decided_by: None,
            decided_at: None,
            reason: None,
            justified_at: None,
            justification: None,
            late_at: None,
        };
        let event = Event::RequestReceived {
            request: "r-1".into(),
            partner: "TUR".into(),
            purpose: "terrorism".into(),
            answer_by: None,
            rules: vec!["AG-15".into()],
        };
        self.commit(vec![Change::Request(row)], vec![event]);
    }

    /// What an officer asks, whom nobody knows.
    pub fn asking() -> api::Asking {
        api::Asking {
            to: "TUR".into(),
            purpose: "terrorism".into(),
            dataset: "api".into(),
            document: "U1234567".into(),
            legal_ground: "art. 9(2) of the example arrangement".into(),
            reason: "named in a case".into(),
            reference: "2026/4".into(),
            ..api::Asking::default()
        }
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

    fn carriers(&self) {
        for (id, name) in CARRIERS {
            let carrier = rows::Carrier {
                id: (*id).into(),
                name: (*name).into(),
                token_hash: Some(Digest::of(id.as_bytes()).to_string()),
                certificate: None,
                flights: String::new(),
                enabled: true,
                added_at: self.now - minutes(60 * 24 * 20),
            };
            let event = Event::CarrierAdded { carrier: (*id).into() };
            self.commit(vec![Change::Carrier(carrier)], vec![event]);
        }
    }

    /// What carriers sent with faults in it, one a week.
    fn submissions(&self) {
        for n in 0..6i64 {
            let (id, carrier) = (uuid::Uuid::now_v7().to_string(), CARRIERS[n as usize % 2].0);
            let text = FAULTY.replace("BLENKINSOP", &format!("BLENKINSOP{n}"));
            let received_at = self.now - minutes(60 * 24 * 7 * n + 30);
            let day = received_at.to_zoned(TimeZone::UTC).date();
            let key = ("carrier", day);
            let seal =
                |what, plain: &[u8]| self.store.seal(key, (what, &id), plain, received_at).unwrap();
            let digest = Digest::of(text.as_bytes());
            let row = rows::Submission {
                carrier: carrier.into(),
                digest: digest.to_string(),
                received_at,
                bytes: text.len() as u64,
                scope: "carrier".into(),
                day,
                keep_until: day + jiff::ToSpan::days(180),
                original: seal("original", text.as_bytes()),
                status: if n == 4 { 422 } else { 200 },
                media_type: "text/plain".into(),
                answer: seal("answer", b"answer"),
                faults: 1 + n as u32 % 3,
                lists: 0,
                repeats: 0,
                id,
            };
            let event = Event::SubmissionReceived { submission: digest, bytes: row.bytes };
            self.commit(vec![Change::Submission(row)], vec![event]);
        }
    }

    fn watchlist(&self) -> Index {
        let (list, _) =
            screening::read_list("national", "2026-11-20", WATCHLIST.as_bytes()).unwrap();
        let digest = Digest::of(WATCHLIST.as_bytes());
        let row = rows::WatchlistRow {
            name: "national".into(),
            version: "2026-11-20".into(),
            digest: digest.to_string(),
            entries: list.entries.len() as u64,
            file: "national.csv".into(),
            loaded_at: self.now - minutes(60 * 50),
        };
        let event = Event::WatchlistLoaded {
            watchlist: "national".into(),
            version: "2026-11-20".into(),
            digest,
            entries: row.entries,
        };
        self.commit(vec![Change::Watchlist(row)], vec![event]);
        Index::build(vec![list])
    }

    fn flights(&self, index: &Index) {
        let listed = [
            (1, person("ALKHALIDI", "FARID", (1979, 3, 11), Sex::Male, "SYR", "N00412877")),
            (3, person("MOROZOV", "IVAN SERGEEVICH", (1968, 10, 30), Sex::Male, "RUS", "7315590")),
            (5, person("YILDIRIM", "MEHMET", (1990, 5, 1), Sex::Male, "TUR", "U1822340")),
            (8, person("OKONKWO BRIGHT", "NGOZI", (1985, 6, 19), Sex::Female, "NGA", "A0448201")),
        ];
        let routes =
            [("IST", "LHR"), ("LHR", "IST"), ("ESB", "LGW"), ("AYT", "MAN"), ("LHR", "AYT")];
        for i in 0..14i64 {
            let (from, to) = routes[i as usize % routes.len()];
            let carrier = CARRIERS[i as usize % CARRIERS.len()].0;
            let flight = flight(carrier, 1900 + i, (from, to), self.now + minutes(35 + i * 40));
            let extra: Vec<Traveller> =
                listed.iter().filter(|(n, _)| *n == i).map(|(_, t)| t.clone()).collect();
            let travellers = passengers(20 + i as usize * 3, i as usize, extra);
            self.list(flight, travellers, index, ("carrier", i));
        }
        let received = flight("TK", 1995, ("IST", "LHR"), self.now + minutes(300));
        self.list(received, passengers(40, 5, vec![listed[3].1.clone()]), index, ("TUR", 0));
    }

    /// Keeps and screens a list, received `hours` ago.
    fn list(
        &self,
        flight: Flight,
        travellers: Vec<Traveller>,
        index: &Index,
        (origin, hours): (&str, i64),
    ) -> String {
        let received_at = self.now - minutes(5 + hours * 55);
        let report = Report {
            dataset: Dataset::Api,
            flights: vec![flight],
            travellers,
            bookings: vec![Booking {
                locator: "K7QX2M".into(),
                carrier: "TK".into(),
                travellers: 1,
                ..Booking::default()
            }],
            ..Report::default()
        };
        let admission = Admission {
            state: country("GBR"),
            permitted: ElementSet::ALL,
            received_at,
            must_touch: false,
        };
        let list = PassengerList::admit(report, &admission).unwrap();
        let id = uuid::Uuid::now_v7().to_string();
        let day = self.now.to_zoned(TimeZone::UTC).date();
        let sealed =
            self.store.seal((origin, day), ("list", &id), &list.encode(), self.now).unwrap();
        let flight = list.flight();
        let (from, to) = flight.ends();
        let row = rows::List {
            id: id.clone(),
            submission: None,
            parcel: None,
            origin: origin.into(),
            agreement: None,
            flight: flight.key(),
            carrier: flight.carrier.to_string(),
            number: flight.number.to_string(),
            origin_airport: from.into(),
            destination: to.into(),
            departs_at: flight.departs_at(),
            arrives_at: flight.arrives_at(),
            dataset: "api".into(),
            function: "full".into(),
            travellers: list.travellers().len() as u32,
            dropped: 0,
            received_at,
            keep_until: day + jiff::ToSpan::days(180),
            mask_due: None,
            clock: "DF-03".into(),
            scope: origin.into(),
            day,
            remainder: Vec::new(),
            digest: Digest::of(&sealed).to_string(),
            sealed: sealed.clone(),
            screened_at: None,
            watchlists: None,
        };
        let departs_at = row.departs_at;
        let kept = Event::ListKept {
            list: id.clone(),
            submission: Digest::of(id.as_bytes()),
            digest: Digest::of(&sealed),
            travellers: list.travellers().len() as u64,
            key: format!("{origin}/{day}"),
            dropped: 0,
        };
        self.commit(vec![Change::List(row)], vec![kept]);
        self.screen(&id, &list, index, ((origin, day), departs_at));
        id
    }

    fn screen(
        &self,
        id: &str,
        list: &PassengerList,
        index: &Index,
        (key, departs_at): ((&str, jiff::civil::Date), Option<Timestamp>),
    ) {
        let mut changes = Vec::new();
        let mut events = Vec::new();
        let hits = screening::screen(list, index).hits;
        let digest = Digest::of(WATCHLIST.as_bytes());
        let count = hits.len() as u64;
        for hit in hits {
            let hit_id = uuid::Uuid::now_v7().to_string();
            let sealed = self.store.seal(key, ("hit", &hit_id), &hit.encode(), self.now).unwrap();
            events.push(Event::HitRaised {
                hit: hit_id.clone(),
                list: id.into(),
                band: hit.band.name().into(),
                needs: if hit.band == screening::Band::Hit { 2 } else { 1 },
            });
            changes.push(Change::Hit(rows::HitRow {
                id: hit_id,
                list: id.into(),
                traveller: hit.traveller,
                watchlist: hit.entry.list.clone(),
                entry: hit.entry.id.clone(),
                entry_version: String::new(),
                pair: None,
                band: hit.band.name().into(),
                nats: hit.nats,
                state: "open".into(),
                raised_at: self.now - minutes(3),
                departs_at,
                disclosed_at: None,
                sealed,
            }));
        }
        changes.push(Change::Screened {
            list: id.into(),
            watchlists: digest.to_string(),
            at: self.now,
        });
        events.push(Event::Screened {
            list: id.into(),
            watchlists: digest,
            travellers: list.travellers().len() as u64,
            hits: count,
        });
        self.commit(changes, events);
    }

    fn partner(&self) {
        let text = include_str!("../../../../docs/agreements/gbr-tur.toml");
        let agreement = Agreement::from_toml(text).unwrap();
        let mut signed = SignedAgreement::unsigned(&agreement);
        for (party, keys) in [("GBR", &self.own), ("TUR", &self.partners)] {
            signed.add(keys.sign_agreement(country(party), &signed.document).unwrap());
        }
        let id = signed.id();
        let partner = rows::Partner {
            state: "TUR".into(),
            name: "Türkiye".into(),
            url: "https://gateway.example.tr:7442".into(),
            authority: String::new(),
            certificate: "00".into(),
            keys: self.partners.public().encode(),
            enabled: true,
            added_at: self.now - minutes(60 * 24 * 9),
            last_answer: None,
            last_answer_at: None,
        };
        let row = rows::AgreementRow {
            id: id.to_string(),
            partner: "TUR".into(),
            version: 1,
            signed: signed.to_cbor(),
            status: "in_force".into(),
            suspended_by: None,
            changed_at: self.now - minutes(60 * 24 * 8),
        };
        let accepted = Event::AgreementAccepted { agreement: Digest(id.0), partner: "TUR".into() };
        self.commit(vec![Change::Partner(partner), Change::Agreement(row)], vec![accepted]);
        let answered = Change::PartnerAnswered {
            state: "TUR".into(),
            answer: "receipted 12 parcels".into(),
            at: self.now - minutes(2),
        };
        self.commit(vec![answered], Vec::new());
        self.streams(&id.to_string(), Digest(id.0));
        let stopped = exchange::Incoming {
            next_sequence: 10,
            stopped: Some(exchange::Alarm::SequenceReused),
            ..exchange::Incoming::new(id, country("TUR"), country("GBR"))
        };
        let stopped = Change::StreamIn {
            agreement: id.to_string(),
            partner: "TUR".into(),
            state: stopped.encode(),
            stopped: Some("sequence_reused".into()),
        };
        self.commit(vec![stopped], Vec::new());
        self.received_hit();
        self.told();
        let refused = rows::RefusalRow {
            at: self.now - minutes(45),
            partner: "TUR".into(),
            mode: "list".into(),
            list: None,
            hit: None,
            rules: "AG-02,UK-13".into(),
            direction: "out".into(),
        };
        let event = Event::Refused {
            list: "0192".into(),
            partner: "TUR".into(),
            mode: "list".into(),
            rules: vec!["AG-02".into(), "UK-13".into()],
            hit: None,
        };
        self.commit(vec![Change::Refused(refused)], vec![event]);
        let alarm = Change::Alarm {
            partner: Some("TUR".into()),
            kind: "sequence_reused".into(),
            what: "A second parcel came under number 14 of the stream from Türkiye. Nothing more is taken until somebody has looked at it.".into(),
            at: self.now - minutes(20),
        };
        let event =
            Event::Alarm { alarm: "sequence_reused".into(), subject: "TUR".into(), digest: None };
        self.commit(vec![alarm], vec![event]);
    }

    fn streams(&self, agreement: &str, digest: Digest) {
        for n in 1..=12u64 {
            let queued_at = self.now - minutes(n as i64 * 47);
            let parcel = rows::Outgoing {
                parcel: uuid::Uuid::now_v7().to_string(),
                partner: "TUR".into(),
                agreement: agreement.into(),
                sequence: 13 - n,
                mode: "list".into(),
                list: "l".into(),
                hit: None,
                elements: 1,
                digest: digest.to_string(),
                bytes: None,
                status: "queued".into(),
                attempts: 0,
                not_before: queued_at,
                queued_at,
                receipted_at: None,
                receipt: None,
            };
            let queued = Event::ParcelQueued {
                parcel: parcel.parcel.clone(),
                partner: "TUR".into(),
                agreement: digest,
                sequence: parcel.sequence,
                digest,
                mode: "list".into(),
                elements: 1,
                list: "l".into(),
                hit: None,
            };
            let id = parcel.parcel.clone();
            self.commit(vec![Change::Queue(parcel)], vec![queued]);
            if n > 1 {
                let receipted = Change::Receipted {
                    parcel: id.clone(),
                    status: "receipted".into(),
                    receipt: vec![1],
                    at: queued_at + minutes(1),
                };
                let event =
                    Event::ReceiptReceived { parcel: id, partner: "TUR".into(), receipt: digest };
                self.commit(vec![receipted], vec![event]);
            }
        }
        for n in 1..=9u64 {
            let parcel = rows::Incoming {
                parcel: uuid::Uuid::now_v7().to_string(),
                partner: "TUR".into(),
                agreement: agreement.into(),
                sequence: n,
                mode: "list".into(),
                digest: digest.to_string(),
                list: None,
                verdict: "accepted".into(),
                receipt: vec![1],
                received_at: self.now - minutes(20 + (9 - n as i64) * 80),
            };
            let event = Event::ParcelReceived {
                parcel: parcel.parcel.clone(),
                partner: "TUR".into(),
                agreement: digest,
                sequence: n,
                digest,
                mode: "list".into(),
                list: None,
            };
            self.commit(vec![Change::Inbox(parcel)], vec![event]);
        }
    }

    /// An emergency in which this state asked, and that it has not justified yet.
    pub fn emergency(&self) {
        let asked = self.store.request("TUR", "r-1").unwrap().unwrap();
        let inquiry = self.store.open_request(&asked).unwrap();
        let key = (asked.scope.as_str(), asked.day);
        let row = rows::RequestRow {
            id: "r-2".into(),
            outgoing: true,
            answer_by: Some(self.now + minutes(10)),
            justify_by: Some(self.now + minutes(600)),
            asked_by: Some("a.smith".into()),
            at: self.now - minutes(50),
            sealed: self.store.seal(key, ("request", "r-2"), &inquiry, self.now).unwrap(),
            ..asked.clone()
        };
        self.commit(vec![Change::Request(row)], Vec::new());
    }

    /// The partner tells of a traveller whom nobody asked about.
    fn told(&self) {
        let traveller = person("OKAFOR", "NGOZI", (1988, 2, 9), Sex::Female, "NGA", "A0088123");
        let flight = flight("TK", 1971, ("IST", "LHR"), self.now + minutes(700));
        let list = self.list(flight, vec![traveller], &Index::build(Vec::new()), ("TUR", 0));
        let telling = exchange::Statement {
            legal_ground: "art. 4 of the example arrangement".into(),
            reason: "is expected by somebody sought in your state (invented)".into(),
            reference: "2026/31".into(),
        };
        let (origin, day) = self.store.list_day(&list).unwrap();
        let (parcel, at) = ("018f0000-1234-7abc-8def-000000000009", self.now - minutes(8));
        let sealed = self.store.seal((&origin, day), ("telling", parcel), &telling.encode(), at);
        let event = Event::ToldByPartner {
            parcel: parcel.into(),
            partner: "TUR".into(),
            purpose: "terrorism".into(),
            list: list.clone(),
        };
        let row = rows::TellingRow {
            partner: "TUR".into(),
            parcel: parcel.into(),
            outgoing: false,
            purpose: "terrorism".into(),
            list,
            travellers: "0".into(),
            told_by: None,
            at,
            seen_by: None,
            seen_at: None,
            sealed: sealed.unwrap(),
        };
        self.commit(vec![Change::Telling(row)], vec![event]);
    }

    /// What an officer tells a partner of the first traveller of a list.
    pub fn telling(list: &str) -> api::Tell {
        api::Tell {
            to: "TUR".into(),
            purpose: "terrorism".into(),
            list: list.into(),
            travellers: vec![0],
            legal_ground: "art. 4 of the example arrangement".into(),
            reason: "named in a case that touches the partner".into(),
            reference: "2026/5".into(),
        }
    }

    fn received_hit(&self) {
        let traveller = person("RUIZ MEDINA", "CARLOS", (1972, 7, 1), Sex::Male, "COL", "AP118220");
        let flight = flight("TK", 1987, ("IST", "LHR"), self.now + minutes(500));
        let list = self.list(flight, vec![traveller], &Index::build(Vec::new()), ("TUR", 0));
        let line = |feature: &str, relation: &str, nats| exchange::Line {
            feature: feature.into(),
            relation: relation.into(),
            nats,
        };
        let ground = exchange::Ground {
            list: "national".into(),
            list_version: "2026-11-01".into(),
            entry: "T-7781".into(),
            reason: "Trafficking in drugs (invented)".into(),
            band: "hit".into(),
            one_in: 52_000,
            evidence: vec![
                line("name", "equal", 11.2),
                line("birth date", "equal", 7.9),
                line("nationality", "another", -1.1),
            ],
            officers: 2,
            decided_at: self.now - minutes(75),
        };
        let id = uuid::Uuid::now_v7().to_string();
        let (origin, day) = self.store.list_day(&list).unwrap();
        let sealed =
            self.store.seal((&origin, day), ("ground", &id), &ground.encode(), self.now).unwrap();
        let hit = rows::ReceivedHit {
            id,
            partner: "TUR".into(),
            parcel: uuid::Uuid::now_v7().to_string(),
            list,
            received_at: self.now - minutes(12),
            seen_by: None,
            seen_at: None,
            sealed,
        };
        let event = Event::KeyMade { key: "ground".into() };
        self.commit(vec![Change::ReceivedHit(hit)], vec![event]);
    }
}

fn flight(carrier: &str, number: i64, (from, to): (&str, &str), departs: Timestamp) -> Flight {
    let local = |at: Timestamp, airport: &str| {
        let zone = TimeZone::get(travel::Airport::find(airport).unwrap().zone).unwrap();
        LocalTime(
            at.to_zoned(zone).datetime().with().second(0).subsec_nanosecond(0).build().unwrap(),
        )
    };
    Flight {
        carrier: carrier.into(),
        number: number.to_string().into(),
        legs: [Leg {
            from: from.into(),
            to: to.into(),
            departs: Some(local(departs, from)),
            arrives: Some(local(departs + minutes(235), to)),
        }]
        .into(),
        ..Flight::default()
    }
}

fn person(
    surname: &str,
    given: &str,
    (year, month, day): (i16, i8, i8),
    sex: Sex,
    nationality: &str,
    document: &str,
) -> Traveller {
    assert!(date(year, month, day).year() == year);
    Traveller {
        surname: surname.into(),
        given: given.into(),
        birth_date: PartialDate::ymd(year, month as u8, day as u8),
        sex,
        nationality: Some(country(nationality)),
        documents: [TravelDocument {
            kind: DocumentKind::Passport,
            number: document.into(),
            issuer: Some(country(nationality)),
            expires: PartialDate::ymd(2031, 4, 30),
            issued: None,
        }]
        .into(),
        seat: Some("14C".into()),
        booking: Some(0),
        ..Traveller::default()
    }
}

fn passengers(count: usize, seed: usize, listed: Vec<Traveller>) -> Vec<Traveller> {
    let mut all: Vec<Traveller> = (0..count)
        .map(|i| {
            let n = i * 7 + seed * 13;
            let year = 1950 + (n % 55) as i16;
            let (surname, given) = (SURNAMES[n % SURNAMES.len()], GIVEN[(n / 3) % GIVEN.len()]);
            let number = format!("P{:07}", n * 131 + 4000);
            let sex = if n.is_multiple_of(2) { Sex::Female } else { Sex::Male };
            let state = if n.is_multiple_of(3) { "GBR" } else { "TUR" };
            person(
                surname,
                given,
                (year, 1 + (n % 12) as i8, 1 + (n % 28) as i8),
                sex,
                state,
                &number,
            )
        })
        .collect();
    all.push(person(UNREMARKABLE, "JOAN", (1961, 2, 3), Sex::Female, "GBR", "502118833"));
    let middle = all.len() / 2;
    for t in listed {
        all.insert(middle, t);
    }
    all
}
