//! Two stores in which all is well, and what the checker says when something is not.
#![allow(clippy::unwrap_used)]

use audit::{Actor, Digest, Event, LogKey, Logged};
use exchange::StateKeys;
use jiff::civil::{Date, date};
use policy::{Agreement, SignedAgreement};
use store::{Batch, CARRIERS, Change, Secret, Store, rows::*};
use travel::ElementSet;

use super::*;

const AGREEMENT: &str = include_str!("../../../../docs/agreements/gbr-tur.toml");
const HIT_ELEMENTS: [travel::Element; 2] = [travel::Element::Flight, travel::Element::Names];

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_770_000_000 + second).unwrap()
}

struct TestNode {
    store: Store,
    at: NodeAt,
}

impl TestNode {
    fn new(dir: &Path, state: &str, seed: u8) -> Self {
        std::fs::create_dir_all(dir).unwrap();
        let origin = format!("gw.{}.example/log", state.to_lowercase());
        let key = LogKey::from_seed(&origin, &[seed; 32]).unwrap();
        let log_key = key.public().clone();
        let secret = Secret::from_slice(&[seed; 32]).unwrap();
        let store = Store::create(dir, state, secret, key, at(0)).unwrap();
        Self { store, at: NodeAt { store: dir.to_owned(), log_key } }
    }

    fn commit(&self, changes: Vec<Change>, events: Vec<Event>) {
        let events = events.into_iter().map(|e| Logged::new(at(9), Actor::Node, e)).collect();
        self.store.commit(Batch::new(changes, events)).unwrap();
    }

    fn sql(&self, sql: &str) {
        let db = rusqlite::Connection::open(self.at.store.join("passerelle.db")).unwrap();
        assert_ne!(db.execute(sql, []).unwrap(), 0, "{sql} changed nothing");
    }
}

struct World {
    _dir: tempfile::TempDir,
    gbr: TestNode,
    tur: TestNode,
    agreement: String,
    ledger: Vec<Answered>,
}

fn partner(state: &str, keys: &StateKeys) -> Change {
    Change::Partner(Partner {
        state: state.into(),
        name: state.into(),
        url: "https://localhost".into(),
        authority: String::new(),
        certificate: String::new(),
        keys: keys.public().encode(),
        enabled: true,
        added_at: at(1),
        last_answer: None,
        last_answer_at: None,
    })
}

fn submission(id: &str, lists: u32) -> Change {
    Change::Submission(Submission {
        id: id.into(),
        carrier: "TK".into(),
        digest: Digest::of(id.as_bytes()).to_string(),
        received_at: at(2),
        bytes: 9,
        scope: CARRIERS.into(),
        day: day(),
        keep_until: date(2026, 8, 2),
        original: vec![1],
        status: 200,
        media_type: "application/edifact".into(),
        answer: vec![2],
        faults: 0,
        lists,
        repeats: 0,
    })
}

fn day() -> Date {
    date(2026, 2, 2)
}

fn list(id: &str, submission: Option<&str>, parcel: Option<&str>, origin: &str) -> (Change, Event) {
    let sealed = id.as_bytes().to_vec();
    let digest = Digest::of(&sealed);
    let row = List {
        id: id.into(),
        submission: submission.map(Into::into),
        parcel: parcel.map(Into::into),
        origin: origin.into(),
        agreement: None,
        flight: "BA676/2026-02-02/MAN-IST".into(),
        carrier: "BA".into(),
        number: "676".into(),
        origin_airport: "MAN".into(),
        destination: "IST".into(),
        departs_at: None,
        arrives_at: None,
        dataset: "api".into(),
        function: "full".into(),
        travellers: 2,
        dropped: 0,
        received_at: at(2),
        keep_until: date(2026, 8, 2),
        mask_due: None,
        leave_due: None,
        clock: "DF-03".into(),
        scope: origin.into(),
        day: day(),
        sealed,
        remainder: Vec::new(),
        digest: digest.to_string(),
        screened_at: None,
        watchlists: None,
    };
    let event = Event::ListKept {
        list: id.into(),
        submission: Digest::of(submission.or(parcel).unwrap_or_default().as_bytes()),
        digest,
        travellers: 2,
        key: format!("{origin}/{}", day()),
        dropped: 0,
    };
    (Change::List(row), event)
}

impl World {
    /// The United Kingdom has kept a list, two officers have upheld a hit on it, and
    /// Turkey has it, receipted.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let gbr = TestNode::new(&dir.path().join("gbr"), "GBR", 1);
        let tur = TestNode::new(&dir.path().join("tur"), "TUR", 2);
        let agreement = Agreement::from_toml(AGREEMENT).unwrap();
        let id = agreement.digest().to_string();
        let ledger = vec![Answered {
            node: "GBR".into(),
            submission: Digest::of(b"s1").to_string(),
            answered_at: at(3),
            travellers: 2,
        }];
        let world = Self { _dir: dir, gbr, tur, agreement: id, ledger };
        world.agree(&agreement);
        world.keep("s1", "l1");
        world.raise("h1", "l1");
        world.decide("h1", 1, "first", "half");
        world.decide("h1", 2, "second", "upheld");
        world.send("p1", 1, Some("h1"));
        world.receive("p1", 1);
        world
    }

    fn agree(&self, agreement: &Agreement) {
        let (ours, theirs) = (StateKeys::generate().unwrap(), StateKeys::generate().unwrap());
        let mut signed = SignedAgreement::unsigned(agreement);
        let [a, b] = agreement.parties;
        signed.add(ours.sign_agreement(a, &signed.document).unwrap());
        signed.add(theirs.sign_agreement(b, &signed.document).unwrap());
        let row = |partner: &str| {
            Change::Agreement(AgreementRow {
                id: self.agreement.clone(),
                partner: partner.into(),
                version: 1,
                signed: signed.to_cbor(),
                status: "in_force".into(),
                suspended_by: None,
                changed_at: at(1),
            })
        };
        let event = |partner: &str| {
            let agreement = Digest::parse(&self.agreement).unwrap();
            vec![Event::AgreementAccepted { agreement, partner: partner.into() }]
        };
        self.gbr.commit(vec![partner("TUR", &theirs), row("TUR")], event("TUR"));
        self.tur.commit(vec![partner("GBR", &ours), row("GBR")], event("GBR"));
    }

    fn keep(&self, submitted: &str, id: &str) {
        let digest = Digest::of(submitted.as_bytes());
        let (list, kept) = list(id, Some(submitted), None, CARRIERS);
        let received = Event::SubmissionReceived { submission: digest, bytes: 9 };
        self.gbr.commit(vec![submission(submitted, 1), list], vec![received, kept]);
    }

    fn raise(&self, hit: &str, list: &str) {
        let row = HitRow {
            id: hit.into(),
            list: list.into(),
            traveller: 0,
            watchlist: "un".into(),
            entry: hit.into(),
            entry_version: String::new(),
            pair: None,
            band: "hit".into(),
            nats: 20.0,
            state: "open".into(),
            raised_at: at(4),
            departs_at: None,
            disclosed_at: None,
            sealed: vec![3],
        };
        let event =
            Event::HitRaised { hit: hit.into(), list: list.into(), band: "hit".into(), needs: 2 };
        self.gbr.commit(vec![Change::Hit(row)], vec![event]);
    }

    fn decide(&self, hit: &str, ordinal: u32, officer: &str, state: &str) {
        let decision = DecisionRow {
            hit: hit.into(),
            ordinal,
            officer: officer.into(),
            verdict: "uphold".into(),
            reason: vec![4],
            at: at(5),
        };
        let event = Event::DecisionMade {
            hit: hit.into(),
            ordinal,
            verdict: "uphold".into(),
            reason: Digest::of(b"reason"),
        };
        let logged = Logged::new(at(5), Actor::Officer(officer.into()), event);
        let change = Change::Decision { decision, state: state.into() };
        self.gbr.store.commit(Batch::new(vec![change], vec![logged])).unwrap();
    }

    fn send(&self, parcel: &str, sequence: u64, hit: Option<&str>) {
        self.send_with(parcel, sequence, hit, HIT_ELEMENTS.into_iter().collect());
    }

    fn send_with(&self, parcel: &str, sequence: u64, hit: Option<&str>, elements: ElementSet) {
        let digest = Digest::of(parcel.as_bytes());
        let mode = if hit.is_some() { "hit" } else { "list" };
        let row = Outgoing {
            parcel: parcel.into(),
            partner: "TUR".into(),
            agreement: self.agreement.clone(),
            sequence,
            mode: mode.into(),
            list: "l1".into(),
            hit: hit.map(Into::into),
            elements: elements.bits(),
            digest: digest.to_string(),
            bytes: Some(vec![5]),
            status: "queued".into(),
            attempts: 0,
            not_before: at(6),
            queued_at: at(6),
            receipted_at: None,
            receipt: None,
        };
        let queued = Event::ParcelQueued {
            parcel: parcel.into(),
            partner: "TUR".into(),
            agreement: Digest::parse(&self.agreement).unwrap(),
            sequence,
            digest,
            mode: mode.into(),
            elements: elements.bits(),
            list: "l1".into(),
            hit: hit.map(Into::into),
        };
        self.gbr.commit(vec![Change::Queue(row)], vec![queued]);
        self.receipt(parcel);
    }

    fn receipt(&self, parcel: &str) {
        let change = Change::Receipted {
            parcel: parcel.into(),
            status: "receipted".into(),
            receipt: vec![6],
            at: at(8),
        };
        let event = Event::ReceiptReceived {
            parcel: parcel.into(),
            partner: "TUR".into(),
            receipt: Digest::of(&[6]),
        };
        self.gbr.commit(vec![change], vec![event]);
    }

    fn receive(&self, parcel: &str, sequence: u64) {
        self.receive_in("hit", parcel, sequence);
    }

    fn receive_in(&self, mode: &str, parcel: &str, sequence: u64) {
        let digest = Digest::of(parcel.as_bytes());
        let id = format!("from {parcel}");
        let (list, kept) = list(&id, None, Some(parcel), "GBR");
        let row = Incoming {
            parcel: parcel.into(),
            partner: "GBR".into(),
            agreement: self.agreement.clone(),
            sequence,
            mode: mode.into(),
            digest: digest.to_string(),
            list: Some(id.clone()),
            verdict: "accepted".into(),
            receipt: vec![6],
            received_at: at(7),
        };
        let received = Event::ParcelReceived {
            parcel: parcel.into(),
            partner: "GBR".into(),
            agreement: Digest::parse(&self.agreement).unwrap(),
            sequence,
            digest,
            mode: mode.into(),
            list: Some(id),
        };
        self.tur.commit(vec![Change::Inbox(row), list], vec![received, kept]);
    }

    fn report(&self, now: Timestamp) -> Report {
        check(&[self.gbr.at.clone(), self.tur.at.clone()], &self.ledger, now).unwrap()
    }
}

/// Changes a good world and expects these findings, and no other.
fn breaks(change: impl FnOnce(&mut World), expected: &[(u8, &str)]) -> Report {
    let mut world = World::new();
    change(&mut world);
    let report = world.report(at(100));
    let mut found = Vec::new();
    for promise in &report.promises {
        found.extend(promise.findings.iter().map(|f| (promise.number, f.what.as_str())));
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((number, what), (n, part)) in found.iter().zip(expected) {
        assert!(number == n && what.contains(part), "{what:?} is not about {part:?}");
    }
    report
}

#[test]
fn in_a_good_world_every_promise_is_kept() {
    let report = breaks(|_| {}, &[]);
    assert!(report.ok());
    assert_eq!((report.lost, report.doubled), (0, 0));
    let words = report.promises_json().to_string();
    assert_eq!(words, r#"{"1":"kept","2":"kept","3":"kept","4":"kept","5":"kept","6":"kept"}"#);
    assert!(report.promises.iter().all(|p| p.checked > 0), "{:?}", report.promises);
    assert!(report.logs.iter().all(|l| l.verification.ok && l.verification.checked > 3));
}

/// What `kill -9` leaves: a database and its write-ahead log, and nobody to join them.
#[test]
fn a_store_whose_node_was_killed_can_be_looked_at() {
    let world = World::new();
    let dir = tempfile::tempdir().unwrap();
    for file in ["passerelle.db", "passerelle.db-wal"] {
        std::fs::copy(world.gbr.at.store.join(file), dir.path().join(file)).unwrap();
    }
    let left = NodeAt { store: dir.path().to_owned(), ..world.gbr.at.clone() };
    let report = check(&[left, world.tur.at.clone()], &world.ledger, at(100)).unwrap();
    assert!(report.ok(), "{:?}", report.json());
}

#[test]
fn promise_1_an_answered_submission_that_is_not_there_is_lost() {
    let mut other = World::new().ledger.remove(0);
    other.submission = Digest::of(b"never kept").to_string();
    let report = breaks(|w| w.ledger.push(other), &[(1, "is not there")]);
    assert_eq!((report.lost, report.doubled), (1, 0));
}

#[test]
fn promise_1_a_traveller_less_is_a_loss_and_one_more_is_a_double() {
    let report = breaks(|w| w.ledger[0].travellers = 3, &[(1, "2 of 3 travellers")]);
    assert_eq!((report.lost, report.doubled), (1, 0));
    let report = breaks(|w| w.ledger[0].travellers = 1, &[(1, "1 times, 2 travellers")]);
    assert_eq!((report.lost, report.doubled), (0, 1));
}

#[test]
fn promise_1_a_list_kept_twice_is_a_double() {
    let twice = |w: &mut World| {
        let (change, event) = list("l2", Some("s1"), None, CARRIERS);
        w.gbr.commit(vec![change], vec![event]);
    };
    let report = breaks(twice, &[(1, "1 times, 4 travellers"), (1, "has 2 lists, not 1")]);
    assert!(report.doubled > 0 && report.lost == 0);
}

#[test]
fn promise_2_a_hit_that_went_out_on_one_officers_word_is_found() {
    let one = |w: &mut World| {
        w.raise("h2", "l1");
        w.decide("h2", 1, "first", "half");
        w.send("p2", 2, Some("h2"));
        w.receive("p2", 2);
    };
    breaks(one, &[(2, "parcel p2 discloses a hit that officers had not upheld")]);
}

#[test]
fn promise_2_the_same_officer_twice_is_one_officer() {
    let same = |w: &mut World| {
        w.raise("h2", "l1");
        w.decide("h2", 1, "first", "half");
        w.decide("h2", 2, "first", "upheld");
    };
    breaks(same, &[(2, "hit h2 counts as upheld without the officers it needs")]);
}

#[test]
fn promise_3_what_no_term_covers_is_found() {
    let list = |w: &mut World| {
        w.send_with("p2", 2, None, [travel::Element::Payment].into_iter().collect());
        w.receive_in("list", "p2", 2);
    };
    breaks(list, &[(3, "no term covers mode list with these elements")]);
}

#[test]
fn promise_3_what_the_partner_may_not_send_is_not_taken() {
    let blind = |w: &mut World| {
        w.send("p2", 2, Some("h1"));
        w.receive_in("blind", "p2", 2);
    };
    breaks(blind, &[(3, "no term lets GBR send in mode blind")]);
}

#[test]
fn promise_3_nothing_goes_while_it_is_suspended() {
    let suspended = |w: &mut World| {
        let agreement = Digest::parse(&w.agreement).unwrap();
        let event = |by: &str| Event::AgreementSuspended { agreement, by: by.into(), reason: None };
        w.gbr.commit(Vec::new(), vec![event("TUR")]);
        w.send("p2", 2, Some("h1"));
        w.receive("p2", 2);
        let resumed = Event::AgreementResumed { agreement, by: "TUR".into(), reason: None };
        w.gbr.commit(Vec::new(), vec![resumed]);
        w.send("p3", 3, Some("h1"));
        w.receive("p3", 3);
    };
    breaks(suspended, &[(3, "parcel p2: its agreement was suspended")]);
}

#[test]
fn promise_3_an_agreement_that_one_party_did_not_sign_covers_nothing() {
    let unsigned = |w: &mut World| {
        let agreement = Agreement::from_toml(AGREEMENT).unwrap();
        let mut signed = SignedAgreement::unsigned(&agreement);
        let thief = StateKeys::generate().unwrap();
        for party in agreement.parties {
            signed.add(thief.sign_agreement(party, &signed.document).unwrap());
        }
        let row = AgreementRow {
            id: w.agreement.clone(),
            partner: "TUR".into(),
            version: 1,
            signed: signed.to_cbor(),
            status: "in_force".into(),
            suspended_by: None,
            changed_at: at(1),
        };
        w.gbr.commit(vec![Change::Agreement(row)], Vec::new());
    };
    breaks(unsigned, &[(3, "does not verify")]);
}

#[test]
fn promise_4_a_row_without_its_event_and_an_event_without_its_row() {
    let silent = |w: &mut World| {
        let (change, _) = list("l2", None, None, CARRIERS);
        w.gbr.commit(vec![change], Vec::new());
    };
    breaks(silent, &[(4, "the log does not tell of list l2")]);
    let gone = |w: &mut World| w.gbr.sql("DELETE FROM decisions WHERE ordinal = 2");
    breaks(
        gone,
        &[
            (2, "hit h1 counts as upheld"),
            (2, "parcel p1 discloses"),
            (4, "a decision on hit h1 stands in the log and is not there"),
        ],
    );
}

#[test]
fn promise_4_an_event_that_was_changed_or_taken_away_is_found() {
    let changed = |w: &mut World| {
        w.tur.sql("UPDATE log_events SET bytes = (SELECT bytes FROM log_events WHERE position = 0) WHERE position = 1");
    };
    let mut world = World::new();
    changed(&mut world);
    let report = world.report(at(100));
    assert!(!report.promises[3].kept());
    assert!(!report.logs[1].verification.ok && report.logs[0].verification.ok);
    let mut world = World::new();
    world.ledger.clear();
    world.gbr.sql("DELETE FROM log_events WHERE position = 2");
    assert!(!world.report(at(100)).promises[3].kept());
}

#[test]
fn promise_5_a_list_that_can_be_read_past_its_clock_is_found() {
    let world = World::new();
    world.gbr.store.seal((CARRIERS, day()), ("list", "x"), b"x", at(3)).unwrap();
    let before: Timestamp = "2026-08-01T23:59:59Z".parse().unwrap();
    let after: Timestamp = "2026-08-02T00:00:00Z".parse().unwrap();
    assert!(world.report(before).promises[4].kept());
    let late = world.report(after);
    assert_eq!(late.promises[4].broken, 1);
    assert!(late.promises[4].findings[0].what.contains("list l1 should be gone"));
    world.gbr.store.erase_day(CARRIERS, day(), (&[], after)).unwrap();
    assert!(world.report(after).promises[4].kept());
}

#[test]
fn promise_6_a_gap_in_a_stream_is_found_on_both_sides() {
    let gap = |w: &mut World| {
        w.send("p3", 3, Some("h1"));
        w.receive("p3", 3);
    };
    breaks(gap, &[(6, "the stream to TUR"), (6, "the stream from GBR")]);
}

#[test]
fn promise_6_a_receipted_parcel_that_the_partner_does_not_hold_is_lost() {
    let lost = |w: &mut World| w.send("p2", 2, Some("h1"));
    let report = breaks(lost, &[(6, "parcel p2 to TUR has a receipt and is not there")]);
    assert_eq!((report.lost, report.doubled), (1, 0));
}

#[test]
fn promise_6_a_parcel_that_nobody_sent_is_found() {
    breaks(|w| w.receive("p2", 2), &[(6, "parcel p2 from GBR was never sent so")]);
}

#[test]
fn promise_6_what_was_sealed_stays_as_it_was() {
    let changed = |w: &mut World| w.gbr.sql("UPDATE lists SET sealed = x'00' WHERE id = 'l1'");
    breaks(changed, &[(6, "list l1 is not what was kept")]);
}

#[test]
fn promise_6_an_alarm_waits_until_a_person_has_settled_it() {
    let alarm = |w: &mut World| {
        let (kind, what) = ("gap".to_owned(), "3 parcels are missing".to_owned());
        let change = Change::Alarm { partner: Some("TUR".into()), kind, what, at: at(9) };
        let subject = "TUR".to_owned();
        let event = Event::Alarm { alarm: "gap".into(), subject, digest: None };
        w.gbr.commit(vec![change], vec![event]);
    };
    breaks(alarm, &[(6, "alarm 1 (gap) waits: 3 parcels are missing")]);
    let settled = |w: &mut World| {
        alarm(w);
        let change = Change::SettleAlarm {
            id: 1,
            officer: "second".into(),
            reason: b"sealed".to_vec(),
            at: at(10),
        };
        let event = Event::AlarmSettled { alarm: 1, reason: Digest::of(b"reason") };
        w.gbr.commit(vec![change], vec![event]);
    };
    breaks(settled, &[]);
}
