//! A place to keep a store in, and rows to put into it.

use audit::{Actor, Digest, Event, LogKey, Logged};
use jiff::{
    Timestamp,
    civil::{Date, date},
};
use store::{Batch, CARRIERS, Change, Secret, Store, StoreError, rows::*};
use travel::{
    Admission, Country, Element, ElementSet, Flight, Leg, LocalTime, PartialDate, PassengerList,
    Report, Traveller,
};

/// Where an adapter keeps one store.
pub trait Place {
    /// A place where no store is yet; nothing where this machine lacks what it takes.
    fn fresh() -> Option<Self>
    where
        Self: Sized;
    /// Makes the store.
    fn create(&self) -> Result<Store, StoreError>;
    /// Opens it with a node key and a log key.
    fn open_with(&self, node_key: Secret, log_key: LogKey) -> Result<Store, StoreError>;
    /// Every byte that the store has on the disk.
    fn disk(&self) -> Vec<u8>;
    /// Whether it writes over what it takes away. A server leaves the bytes in its pages
    /// until it needs the room: sealed, and their keys are gone.
    fn overwrites(&self) -> bool {
        true
    }

    /// Opens it with the keys with which it was made.
    fn open(&self) -> Store {
        self.open_with(node_key(1), log_key("gw.gbr.example/log")).unwrap()
    }
}

pub const SURNAME: &str = "ESPECIMENOVA";

pub fn node_key(seed: u8) -> Secret {
    Secret::from_slice(&[seed; 32]).unwrap()
}

pub fn log_key(origin: &str) -> LogKey {
    LogKey::from_seed(origin, &[7; 32]).unwrap()
}

pub fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

pub fn day() -> Date {
    date(2026, 9, 22)
}

pub fn digest(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

pub fn event() -> Event {
    Event::ConfigChanged { config: digest("configuration") }
}

pub fn batch(changes: Vec<Change>) -> Batch {
    Batch::new(changes, vec![Logged::new(at(0), Actor::Node, event())])
}

pub fn done(store: &Store, changes: Vec<Change>) {
    store.commit(batch(changes)).unwrap();
}

/// A list of one flight with an invented traveller.
pub fn passengers() -> PassengerList {
    passengers_many(1)
}

/// A list of one flight with so many invented travellers.
pub fn passengers_many(count: u32) -> PassengerList {
    let departs = Some(LocalTime(day().at(11, 0, 0, 0)));
    let leg = Leg { from: "IST".into(), to: "LHR".into(), departs, arrives: None };
    let flight = Flight {
        carrier: "TK".into(),
        number: "1980".into(),
        legs: [leg].into(),
        ..Flight::default()
    };
    let traveller = |i: u32| Traveller {
        surname: SURNAME.into(),
        given: format!("ANNA {i:x} MARIA").into(),
        birth_date: PartialDate::ymd(1950 + (i % 60) as i16, 1 + (i % 12) as u8, 1),
        reference: Some(i.wrapping_mul(2_654_435_761).to_string().into()),
        ..Traveller::default()
    };
    let travellers = (0..count).map(traveller).collect();
    let report = Report { flights: vec![flight], travellers, ..Report::default() };
    let state = Country::new("GBR");
    let permitted = ElementSet::ALL;
    let door = Admission { state, permitted, received_at: at(0), must_touch: true };
    PassengerList::admit(report, &door).unwrap()
}

pub fn submission(id: &str, digest: Digest, answer: &str) -> Submission {
    Submission {
        id: id.into(),
        carrier: "TK".into(),
        digest: digest.to_string(),
        received_at: at(1),
        bytes: 900,
        scope: CARRIERS.into(),
        day: day(),
        keep_until: date(2027, 3, 22),
        original: vec![1, 2, 3],
        status: 200,
        media_type: "application/edifact".into(),
        answer: answer.into(),
        faults: 2,
        lists: 1,
        repeats: 0,
    }
}

pub fn list(id: &str) -> List {
    List {
        id: id.into(),
        submission: Some(format!("submission of {id}")),
        parcel: None,
        origin: CARRIERS.into(),
        agreement: None,
        flight: "TK1980/2026-09-22/IST-LHR".into(),
        carrier: "TK".into(),
        number: "1980".into(),
        origin_airport: "IST".into(),
        destination: "LHR".into(),
        departs_at: Some(at(60)),
        arrives_at: None,
        dataset: "api".into(),
        function: "full".into(),
        travellers: 1,
        dropped: 0,
        received_at: at(1),
        keep_until: date(2027, 3, 22),
        mask_due: Some(date(2026, 10, 22)),
        leave_due: None,
        clock: "DF-03 DF-08".into(),
        scope: CARRIERS.into(),
        day: day(),
        sealed: vec![9, 9, 9],
        remainder: vec![8],
        digest: digest(id).to_string(),
        screened_at: None,
        watchlists: None,
    }
}

/// The row of a list with the list sealed into it.
pub fn sealed_list(store: &Store, id: &str, list_: &PassengerList) -> List {
    let masked = [Element::Names, Element::BirthDate].into_iter().collect();
    let key = (CARRIERS, day());
    let (sealed, remainder) = store.seal_list(key, (id, list_), masked, at(1)).unwrap();
    List { sealed, remainder, ..list(id) }
}

pub fn hit(id: &str, of: &str, entry: &str) -> HitRow {
    HitRow {
        id: id.into(),
        list: of.into(),
        traveller: 0,
        watchlist: "un".into(),
        entry: entry.into(),
        entry_version: String::new(),
        pair: None,
        band: "hit".into(),
        nats: 12.5,
        state: "open".into(),
        raised_at: at(2),
        departs_at: Some(at(60)),
        disclosed_at: None,
        sealed: vec![4, 5],
    }
}

pub fn decision(of: &str, ordinal: u32, officer: &str) -> Change {
    let decision = DecisionRow {
        hit: of.into(),
        ordinal,
        officer: officer.into(),
        verdict: "uphold".into(),
        reason: vec![6],
        at: at(3),
    };
    let state = if ordinal == 1 { "half" } else { "upheld" };
    Change::Decision { decision, state: state.into() }
}

pub fn outgoing(parcel: &str, sequence: u64) -> Outgoing {
    Outgoing {
        parcel: parcel.into(),
        partner: "TUR".into(),
        agreement: digest("agreement").to_string(),
        sequence,
        mode: "list".into(),
        list: "list-1".into(),
        hit: None,
        elements: 7,
        digest: digest(parcel).to_string(),
        bytes: Some(vec![8; 64]),
        status: "queued".into(),
        attempts: 0,
        not_before: at(4),
        queued_at: at(4),
        receipted_at: None,
        receipt: None,
    }
}

/// A partner's request, not decided on.
pub fn request(id: &str) -> RequestRow {
    RequestRow {
        id: id.into(),
        partner: "TUR".into(),
        outgoing: false,
        agreement: digest("agreement").to_string(),
        digest: digest(id).to_string(),
        purpose: "terrorism".into(),
        dataset: "pnr".into(),
        elements: 3,
        answer_by: Some(at(60)),
        justify_by: None,
        asked_by: None,
        at: at(1),
        scope: "requests".into(),
        day: day(),
        sealed: vec![9; 32],
        outcome: None,
        decided_by: None,
        decided_at: None,
        reason: None,
        justified_at: None,
        justification: None,
        late_at: None,
        unanswered_at: None,
    }
}

pub fn incoming(parcel: &str, sequence: u64) -> Incoming {
    Incoming {
        parcel: parcel.into(),
        partner: "TUR".into(),
        agreement: digest("agreement").to_string(),
        sequence,
        mode: "list".into(),
        digest: digest(parcel).to_string(),
        list: Some("list-1".into()),
        verdict: "accepted".into(),
        receipt: vec![3; 32],
        received_at: at(5),
    }
}

/// The whole log, recomputed: every event under a signed checkpoint, and the newest
/// checkpoint covers them all.
pub fn log_is_whole(store: &Store) {
    let size = store.log_size().unwrap();
    let events = store.events(0, u32::MAX).unwrap();
    assert_eq!(events.len() as u64, size);
    let checkpoints = store.checkpoints().unwrap();
    let newest = store.last_checkpoint().unwrap().unwrap();
    let newest = audit::Checkpoint::verify(&newest, store.log_key()).unwrap();
    assert_eq!(newest.size, size, "the newest checkpoint does not cover every event");
    let found = audit::verify(store.log_key(), events, checkpoints);
    assert!(found.ok, "{found:?}");
}
