//! Two nodes with stores of their own, and a wire that does what a test wants.
#![allow(clippy::unwrap_used)]

mod agreements;
mod corrections;
mod door;
mod requests;
mod resuming;
mod retractions;
mod rollovers;
mod tellings;
mod together;
mod totals;
mod transfers;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Result, bail};
use audit::{Actor, Digest, Event};
use exchange::{
    Answer, Disclosure, Outgoing as Stream, Parcel, ParcelId, Receipt, ReceiptVerdict, Sealing,
    write_answers,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use parking_lot::Mutex;
use policy::{Agreement, AgreementId, Mode, Purpose, Request, SignedAgreement};
use store::{
    Change,
    rows::{AgreementRow, Outgoing, Partner},
};
use tempfile::TempDir;
use travel::{
    Admission, Country, DocumentKind, ElementSet, Flight, Leg, LocalTime, PartialDate,
    PassengerList, Report, Sex, TravelDocument, Traveller,
};
use uuid::Uuid;

use super::{
    receiving::{self, Received},
    sending::{Line, Pause, Reply, Sender},
};
use crate::{
    clock,
    init::{self, NewNode},
    node::Node,
    serve::Served,
    tls::{self, Caller, Fingerprint},
};

const GBR: Country = Country::new("GBR");
const TUR: Country = Country::new("TUR");
const AGREEMENT: &str = include_str!("../../../../docs/agreements/gbr-tur.toml");

/// Takes one parcel.
fn receive_parcel(
    node: &Node,
    partner: &Partner,
    bytes: &[u8],
    now: Timestamp,
) -> Result<(Answer, Option<String>)> {
    let Received { mut answers, mut kept } = receiving::receive(node, partner, &[bytes], now)?;
    Ok((answers.remove(0), kept.pop()))
}

struct World {
    gbr: Arc<Node>,
    tur: Arc<Node>,
    agreement: AgreementId,
    signed: SignedAgreement,
    _dir: TempDir,
}

pub(crate) fn node(dir: &TempDir, state: Country) -> Arc<Node> {
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let new = NewNode {
        state,
        intake: any,
        exchange: any,
        console: any,
        names: vec!["localhost".into()],
        regimes: init::usual_regimes(state),
        notice: None,
        administrator: None,
        store: None,
        token: None,
    };
    let dir = dir.path().join(state.code());
    init::make(&dir, &new).unwrap();
    Arc::new(Node::open(&dir).unwrap())
}

impl World {
    fn new() -> Self {
        Self::under(AGREEMENT)
    }

    fn under(agreement: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let (gbr, tur) = (node(&dir, GBR), node(&dir, TUR));
        let mut signed = SignedAgreement::unsigned(&Agreement::from_toml(agreement).unwrap());
        for node in [&gbr, &tur] {
            signed.add(node.keys().sign_agreement(node.state(), &signed.document).unwrap());
        }
        let world = Self { agreement: signed.id(), signed, gbr, tur, _dir: dir };
        for (node, other) in [(&world.gbr, &world.tur), (&world.tur, &world.gbr)] {
            let partner = Partner {
                state: other.state().to_string(),
                name: other.state().name().unwrap().to_owned(),
                url: "https://localhost".into(),
                authority: String::new(),
                certificate: other.state().to_string(),
                keys: other.keys().public().encode(),
                enabled: true,
                added_at: clock::now(),
                last_answer: None,
                last_answer_at: None,
            };
            let keys = other.keys().public().digest();
            let event = Event::PartnerAdded { partner: other.state().to_string(), keys };
            node.record(vec![Change::Partner(partner)], Actor::Node, vec![event]).unwrap();
            world.agree(node, other.state(), None);
        }
        world
    }

    /// Stores the agreement, suspended by somebody or in force.
    fn agree(&self, node: &Node, partner: Country, suspended_by: Option<Country>) {
        let row = AgreementRow {
            id: self.agreement.to_string(),
            partner: partner.to_string(),
            version: 1,
            signed: self.signed.to_cbor(),
            status: if suspended_by.is_some() { "suspended" } else { "in_force" }.into(),
            suspended_by: suspended_by.map(|s| s.to_string()),
            changed_at: clock::now(),
        };
        let (agreement, partner) = (Digest(self.agreement.0), partner.to_string());
        let event = Event::AgreementAccepted { agreement, partner };
        node.record(vec![Change::Agreement(row)], Actor::Node, vec![event]).unwrap();
    }

    fn partner(&self, of: &Node) -> Partner {
        let other = if of.state() == GBR { TUR } else { GBR };
        of.store().partner(other.code()).unwrap().unwrap()
    }

    /// Where Turkey's stream to the United Kingdom stands.
    fn stream_out(&self) -> Stream {
        match self.tur.store().stream_out(&self.agreement.to_string()).unwrap() {
            Some(state) => Stream::decode(&state).unwrap(),
            None => Stream::new(self.agreement, TUR, GBR),
        }
    }

    /// Seals a list as the next parcel of a stream from Turkey, without queueing it.
    fn seal(
        &self,
        stream: &Stream,
        id: ParcelId,
        render: &dyn Fn(&PassengerList, &PassengerList) -> Vec<u8>,
    ) -> (Parcel, Stream) {
        let (node, now) = (&self.tur, clock::now());
        let list = list(now);
        let agreements = node.agreements().unwrap();
        let request = Request::about(&list, (TUR, GBR), Mode::List, Purpose::Terrorism, now);
        let permit = policy::decide(&request, &agreements, &node.regimes()).unwrap();
        let disclosure = Disclosure::list(&list, permit, &|l| render(l, &list)).unwrap();
        let sealing = Sealing {
            id,
            made_at: now,
            keys: &node.keys(),
            to: &self.gbr.keys().public().clone(),
            checkpoint: node.store().last_checkpoint().unwrap(),
        };
        stream.seal(disclosure, sealing).unwrap()
    }

    /// Turkey queues a list for the United Kingdom. `render` is handed the restricted
    /// and the whole list.
    fn queue_as(&self, render: &dyn Fn(&PassengerList, &PassengerList) -> Vec<u8>) -> String {
        let (node, now) = (&self.tur, clock::now());
        let agreement = self.agreement.to_string();
        let id = ParcelId(*Uuid::now_v7().as_bytes());
        let (parcel, after) = self.seal(&self.stream_out(), id, render);
        let elements = parcel.header.elements.bits();
        let id = parcel.header.parcel.to_string();
        let event = Event::ParcelQueued {
            parcel: id.clone(),
            partner: "GBR".into(),
            agreement: Digest(self.agreement.0),
            sequence: parcel.header.sequence,
            digest: parcel.digest,
            mode: "list".into(),
            elements,
            list: "l".into(),
            hit: None,
        };
        let row = Outgoing {
            parcel: id.clone(),
            partner: "GBR".into(),
            agreement: agreement.clone(),
            sequence: parcel.header.sequence,
            mode: "list".into(),
            list: "l".into(),
            hit: None,
            elements,
            digest: parcel.digest.to_string(),
            bytes: Some(parcel.bytes),
            status: "queued".into(),
            attempts: 0,
            not_before: now,
            queued_at: now,
            receipted_at: None,
            receipt: None,
        };
        let stream = Change::StreamOut { agreement, partner: "GBR".into(), state: after.encode() };
        node.record(vec![stream, Change::Queue(row)], Actor::Node, vec![event]).unwrap();
        id
    }

    fn queue(&self) -> String {
        self.queue_as(&|restricted, _| paxlst(restricted))
    }

    fn sender(&self, wire: &Arc<Wire>) -> Sender<Wire> {
        Sender::new(self.tur.clone(), wire.clone(), "GBR".into())
    }

    fn wire(&self) -> Arc<Wire> {
        Arc::new(Wire { to: self.gbr.clone(), weather: Mutex::default(), posts: Mutex::default() })
    }

    fn outbox(&self) -> Vec<(u64, String)> {
        let outbox = self.tur.store().outbox().unwrap();
        outbox.into_iter().map(|p| (p.sequence, p.status)).collect()
    }

    fn alarms(node: &Node) -> Vec<String> {
        node.store().alarms(100).unwrap().into_iter().map(|a| a.kind).collect()
    }

    fn kinds(node: &Node) -> Vec<&'static str> {
        let events = node.store().events(0, 1000).unwrap();
        events.iter().map(|(_, e)| audit::Logged::decode(e).unwrap().event.kind()).collect()
    }

    fn log_holds(node: &Node) {
        let store = node.store();
        let events = store.events(0, 100_000).unwrap();
        let checkpoints = store.checkpoints().unwrap();
        let key = store.log_key();
        let verification = audit::verify(key, events, checkpoints);
        assert!(verification.ok, "{:?}", verification.findings);
    }
}

pub(crate) fn list(now: Timestamp) -> PassengerList {
    list_between(("IST", "LHR"), now, true)
}

/// The same three travellers on a flight between two airports; `must_touch` is whether it must
/// be one of Türkiye's.
pub(crate) fn list_between(
    (from, to): (&str, &str),
    now: Timestamp,
    must_touch: bool,
) -> PassengerList {
    let date = |text: &str| PartialDate::parse(text);
    let traveller = |n: usize| Traveller {
        surname: ["YILMAZ", "DEMIR", "KAYA"][n].into(),
        given: ["DENIZ", "AYSE", "MEHMET"][n].into(),
        birth_date: date("1980-05-17"),
        sex: Sex::Female,
        nationality: Some(TUR),
        documents: [TravelDocument {
            kind: DocumentKind::Passport,
            number: format!("U0000000{n}").into(),
            issuer: Some(TUR),
            expires: None,
            issued: None,
        }]
        .into(),
        seat: Some(format!("{}C", n + 11).into()),
        ..Traveller::default()
    };
    let at = |hours: i64| {
        let at = now + SignedDuration::from_hours(hours);
        let at = at.to_zoned(TimeZone::UTC).datetime();
        Some(LocalTime(at.round(jiff::Unit::Minute).unwrap()))
    };
    let leg = Leg { from: from.into(), to: to.into(), departs: at(5), arrives: at(8) };
    let flight = Flight {
        carrier: "TK".into(),
        number: "1980".into(),
        legs: [leg].into(),
        ..Flight::default()
    };
    let report = Report {
        flights: vec![flight],
        travellers: (0..3).map(traveller).collect(),
        ..Report::default()
    };
    let admission =
        Admission { state: TUR, permitted: ElementSet::ALL, received_at: now, must_touch };
    PassengerList::admit(report, &admission).unwrap()
}

fn paxlst(list: &PassengerList) -> Vec<u8> {
    let envelope = messages::Outgoing {
        sender: "TUR".into(),
        recipient: "GBR".into(),
        reference: "1".into(),
        message_reference: "1".into(),
        made_at: clock::utc().datetime(),
        test: false,
        release: "15B".into(),
    };
    messages::paxlst::write(&list.to_report(), &envelope)
}

/// What happens to one post.
enum Weather {
    Down,
    AnswerLost,
    Says(u16, Option<u64>),
    Answers(Answer),
    /// Something happens while the parcel is under way.
    Meanwhile(Box<dyn Fn() + Send>),
}

/// The wire between the nodes. Fair weather when none is left.
struct Wire {
    to: Arc<Node>,
    weather: Mutex<Vec<Weather>>,
    posts: Mutex<u32>,
}

impl Wire {
    fn expect(&self, weather: impl IntoIterator<Item = Weather>) {
        let mut weather: Vec<Weather> = weather.into_iter().collect();
        weather.reverse();
        *self.weather.lock() = weather;
    }
}

impl Line for Wire {
    async fn post(&self, _: &Partner, parcels: Vec<Vec<u8>>) -> Result<Reply> {
        *self.posts.lock() += 1;
        let reply = |status, seconds: Option<u64>, body| Reply {
            status,
            retry_after: seconds.map(Duration::from_secs),
            body,
        };
        let weather = self.weather.lock().pop();
        match &weather {
            Some(Weather::Down) => bail!("nobody answers"),
            Some(Weather::Says(status, after)) => return Ok(reply(*status, *after, Vec::new())),
            Some(Weather::Answers(answer)) => {
                return Ok(reply(answer.status(), None, answer.encode()));
            }
            Some(Weather::Meanwhile(then)) => then(),
            Some(Weather::AnswerLost) | None => {}
        }
        let partner = self.to.store().partner("TUR")?.unwrap();
        let together: Vec<&[u8]> = parcels.iter().map(Vec::as_slice).collect();
        let received = receiving::receive(&self.to, &partner, &together, clock::now())?;
        if matches!(weather, Some(Weather::AnswerLost)) {
            bail!("the connection broke");
        }
        let status = if parcels.len() == 1 { received.answers[0].status() } else { 200 };
        Ok(reply(status, None, write_answers(&received.answers, parcels.len())))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_arrives_is_kept_as_the_partners_and_is_receipted() {
    let world = World::new();
    let parcel = world.queue();
    assert_eq!(world.sender(&world.wire()).round().await.unwrap(), Pause::Idle);
    assert_eq!(world.outbox(), [(1, "receipted".into())]);

    let inbox = world.gbr.store().incoming("TUR", &parcel).unwrap().unwrap();
    assert_eq!(inbox.verdict, "accepted");
    let row = world.gbr.store().list(&inbox.list.unwrap()).unwrap().unwrap();
    assert_eq!((row.origin.as_str(), row.travellers), ("TUR", 3));
    assert_eq!(row.parcel.as_deref(), Some(&*parcel));
    let kept = world.gbr.store().open_list(&row).unwrap();
    assert_eq!(kept.travellers()[1].written_name(), "DEMIR/AYSE");
    assert_eq!(kept.flight().key(), row.flight);
    let outbox = world.tur.store().outbox().unwrap();
    assert_eq!(outbox[0].receipt.as_deref(), Some(&*inbox.receipt), "both hold the same receipt");
    assert!(World::alarms(&world.gbr).is_empty());
    for kind in ["parcel_received", "list_kept"] {
        assert!(World::kinds(&world.gbr).contains(&kind), "{kind}");
    }
    for kind in ["parcel_queued", "parcel_sent", "receipt_received"] {
        assert!(World::kinds(&world.tur).contains(&kind), "{kind}");
    }
    World::log_holds(&world.gbr);
    World::log_holds(&world.tur);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_weather_each_parcel_arrives_once_and_in_order() {
    use Weather::{AnswerLost, Down, Says};
    let world = World::new();
    let sent: Vec<String> = (0..5).map(|_| world.queue()).collect();
    let wire = world.wire();
    wire.expect([Down, AnswerLost, AnswerLost, Says(500, None), Says(429, Some(1)), Down]);
    let mut sender = world.sender(&wire);
    for _ in 0..20 {
        if sender.round().await.unwrap() == Pause::Idle {
            break;
        }
    }
    assert_eq!(world.outbox(), (1..=5).map(|n| (n, "receipted".into())).collect::<Vec<_>>());
    let inbox = world.gbr.store().inbox().unwrap();
    assert_eq!(inbox.iter().map(|p| p.parcel.clone()).collect::<Vec<_>>(), sent);
    assert_eq!(world.gbr.store().unscreened(100).unwrap().len(), 5);
    assert!(World::kinds(&world.gbr).contains(&"parcel_repeated"));
    assert!(World::alarms(&world.gbr).is_empty() && World::alarms(&world.tur).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn retry_after_is_obeyed_and_silence_waits_longer_each_time() {
    let world = World::new();
    world.queue();
    let wire = world.wire();
    let mut sender = world.sender(&wire);
    wire.expect([Weather::Says(503, Some(7))]);
    assert_eq!(sender.round().await.unwrap(), Pause::For(Duration::from_secs(7)));
    let mut waits = Vec::new();
    for _ in 0..12 {
        wire.expect([Weather::Down]);
        let Pause::For(wait) = sender.round().await.unwrap() else { panic!("it went through") };
        waits.push(wait);
    }
    assert!(waits[0] <= Duration::from_secs(1) && waits[11] >= Duration::from_secs(30));
    assert!(waits.iter().all(|w| *w <= Duration::from_secs(60)));
    let row = &world.tur.store().outbox().unwrap()[0];
    assert_eq!((row.status.as_str(), row.attempts), ("queued", 13));
    let partner = world.tur.store().partner("GBR").unwrap().unwrap();
    assert_eq!(partner.last_answer.as_deref(), Some("not reached: nobody answers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_agreement_sends_nothing_and_keeps_the_queue() {
    let world = World::new();
    world.queue();
    world.agree(&world.tur, GBR, Some(TUR));
    let wire = world.wire();
    world.sender(&wire).round().await.unwrap();
    assert_eq!(*wire.posts.lock(), 0);
    world.agree(&world.tur, GBR, None);
    // The receiver's suspension is kept as well, without a receipt and without an alarm.
    world.agree(&world.gbr, TUR, Some(GBR));
    world.sender(&wire).round().await.unwrap();
    assert_eq!(world.outbox(), [(1, "queued".into())]);
    assert!(world.gbr.store().inbox().unwrap().is_empty());
    assert!(World::alarms(&world.tur).is_empty());
    world.agree(&world.gbr, TUR, None);
    world.sender(&wire).round().await.unwrap();
    assert_eq!(world.outbox(), [(1, "receipted".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_does_not_prove_itself_ends_nothing_and_is_an_alarm() {
    let world = World::new();
    world.queue();
    let row = world.tur.store().outbox().unwrap().remove(0);
    let header = exchange::Arrived::read(row.bytes.as_ref().unwrap()).unwrap().header().clone();
    let digest = Digest::parse(&row.digest).unwrap();
    let receipt =
        |digest| Receipt::of(&header, digest, ReceiptVerdict::Accepted, clock::now(), None);
    let forged = receipt(digest).sign(&world.tur.keys()).unwrap();
    let other = receipt(Digest::of(b"other")).sign(&world.gbr.keys()).unwrap();
    for wrong in [forged, other] {
        let wire = world.wire();
        wire.expect([Weather::Answers(Answer::Receipt(wrong))]);
        world.sender(&wire).round().await.unwrap();
        assert_eq!(world.outbox(), [(1, "queued".into())]);
        assert_eq!(World::alarms(&world.tur), ["wrong_receipt"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_lost_parcels_gets_them_again_in_order() {
    let world = World::new();
    let sent: Vec<String> = (0..3).map(|_| world.queue()).collect();
    world.sender(&world.wire()).round().await.unwrap();
    // The partner's place is taken by one that stands where it stood at the beginning.
    let fresh = TempDir::new().unwrap();
    let lost = node(&fresh, GBR);
    drop(lost);
    let keys = std::fs::read(world.gbr.layout().state_key()).unwrap();
    let dir = fresh.path().join("GBR");
    std::fs::write(crate::config::Layout::of(&dir).state_key(), keys).unwrap();
    let restored = Arc::new(Node::open(&dir).unwrap());
    let partner = world.partner(&world.gbr);
    let event = Event::PartnerAdded { partner: "TUR".into(), keys: Digest::of(&partner.keys) };
    restored.record(vec![Change::Partner(partner)], Actor::Node, vec![event]).unwrap();
    world.agree(&restored, TUR, None);
    let fourth = world.queue();
    let wire =
        Arc::new(Wire { to: restored.clone(), weather: Mutex::default(), posts: Mutex::default() });
    world.sender(&wire).round().await.unwrap();
    let inbox = restored.store().inbox().unwrap();
    let there: Vec<String> = inbox.into_iter().map(|p| p.parcel).collect();
    assert_eq!(there, [sent, vec![fourth]].concat());
    assert!(world.outbox().iter().all(|(_, status)| status == "receipted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_outside_says_is_refused_for_good_and_shown() {
    let world = World::new();
    world.queue_as(&|_, whole| {
        let mut report = whole.to_report();
        report.travellers[0].bags.count = Some(3);
        report.travellers[0].reference = Some("ABC123".into());
        let envelope = messages::Outgoing {
            sender: "TUR".into(),
            recipient: "GBR".into(),
            reference: "1".into(),
            message_reference: "1".into(),
            made_at: clock::utc().datetime(),
            test: false,
            release: "15B".into(),
        };
        messages::paxlst::write(&report, &envelope)
    });
    world.queue();
    world.sender(&world.wire()).round().await.unwrap();
    assert_eq!(world.outbox(), [(1, "refused".into()), (2, "receipted".into())]);
    assert_eq!(World::alarms(&world.gbr), ["element_outside"]);
    let refusals = world.gbr.store().refusals(10).unwrap();
    assert_eq!((refusals[0].rules.as_str(), refusals[0].direction.as_str()), ("AG-10", "in"));
    assert_eq!(world.gbr.store().unscreened(10).unwrap().len(), 1);
    assert_eq!(world.tur.store().refusals(10).unwrap()[0].direction, "out");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused_with_a_receipt_and_the_stream_goes_on() {
    let world = World::new();
    world.queue_as(&|_, _| b"no message at all".to_vec());
    world.queue();
    world.sender(&world.wire()).round().await.unwrap();
    assert_eq!(world.outbox(), [(1, "refused".into()), (2, "receipted".into())]);
    World::log_holds(&world.gbr);
}

#[test]
fn bytes_that_are_no_parcel_of_the_partner_leave_nothing_but_an_event() {
    let world = World::new();
    world.queue();
    let good = world.tur.store().outbox().unwrap().remove(0).bytes.unwrap();
    let partner = world.partner(&world.gbr);
    let take = |bytes: &[u8]| match receive_parcel(&world.gbr, &partner, bytes, clock::now()) {
        Ok((answer, _)) => match answer {
            Answer::Refused { reason } => reason,
            other => panic!("{other:?}"),
        },
        Err(e) => panic!("{e}"),
    };
    assert_eq!(take(b""), "form");
    assert_eq!(take(&good[..good.len() / 2]), "form");
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(take(&changed), "signature");
    assert_eq!(World::alarms(&world.gbr), ["forged_parcel"]);
    assert!(world.gbr.store().inbox().unwrap().is_empty());
    let late = clock::now() - SignedDuration::from_hours(24);
    let early = receive_parcel(&world.gbr, &partner, &good, late).unwrap();
    assert_eq!(early.0, Answer::Refused { reason: "clock_ahead".into() });
    assert!(receive_parcel(&world.gbr, &partner, &good, clock::now()).unwrap().1.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_parcel_under_an_old_number_stops_the_stream_on_both_sides() {
    let world = World::new();
    world.queue();
    world.sender(&world.wire()).round().await.unwrap();
    // Turkey's store is put back to before the first parcel.
    let state = Stream::new(world.agreement, TUR, GBR).encode();
    let agreement = world.agreement.to_string();
    let back = Change::StreamOut { agreement, partner: "GBR".into(), state };
    world.tur.record(vec![back], Actor::Node, vec![]).unwrap();
    let list = list(clock::now());
    let request = Request::about(&list, (TUR, GBR), Mode::List, Purpose::Terrorism, clock::now());
    let agreements = world.tur.agreements().unwrap();
    let permit = policy::decide(&request, &agreements, &world.tur.regimes()).unwrap();
    let disclosure = Disclosure::list(&list, permit, &paxlst).unwrap();
    let sealing = Sealing {
        id: ParcelId(*Uuid::now_v7().as_bytes()),
        made_at: clock::now(),
        keys: &world.tur.keys(),
        to: &world.gbr.keys().public().clone(),
        checkpoint: None,
    };
    let stream = Stream::new(world.agreement, TUR, GBR);
    let (parcel, _) = stream.seal(disclosure, sealing).unwrap();
    let partner = world.partner(&world.gbr);
    let stopped = Answer::Stopped { alarm: "sequence_reused".into() };
    for _ in 0..2 {
        let answer = receive_parcel(&world.gbr, &partner, &parcel.bytes, clock::now()).unwrap().0;
        assert_eq!(answer, stopped);
    }
    assert_eq!(World::alarms(&world.gbr), ["sequence_reused"]);
    let (_, why) = world.gbr.store().stream_in(&world.agreement.to_string()).unwrap().unwrap();
    assert_eq!(why.as_deref(), Some("sequence_reused"));
}

#[test]
fn a_hit_reaches_the_partner_with_the_ground_on_which_it_came() {
    let world = World::new();
    let now = clock::now();
    let list = list_between(("MAN", "IST"), now, true);
    let mut request = Request::about(&list, (GBR, TUR), Mode::Hit, Purpose::Terrorism, now);
    request.reviewed = true;
    let agreements = world.gbr.agreements().unwrap();
    let permit = policy::decide(&request, &agreements, &world.gbr.regimes()).unwrap();
    let disclosure = Disclosure::hit(upheld(2, now), &list, permit, &paxlst).unwrap();
    let sealing = Sealing {
        id: ParcelId(*Uuid::now_v7().as_bytes()),
        made_at: now,
        keys: &world.gbr.keys(),
        to: &world.tur.keys().public().clone(),
        checkpoint: None,
    };
    let (parcel, _) = Stream::new(world.agreement, GBR, TUR).seal(disclosure, sealing).unwrap();
    let partner = world.partner(&world.tur);
    let received = receive_parcel(&world.tur, &partner, &parcel.bytes, now).unwrap();
    let store = world.tur.store();
    let kept = store.list(&received.1.unwrap()).unwrap().unwrap();
    let travellers = store.open_list(&kept).unwrap();
    assert_eq!(travellers.travellers().len(), 1);
    assert_eq!(travellers.travellers()[0].surname, "KAYA");
    let hits = store.received_hits(10).unwrap();
    assert_eq!((hits.len(), hits[0].list.as_str()), (1, kept.id.as_str()));
    let ground = exchange::Ground::decode(&store.open_ground(&hits[0]).unwrap()).unwrap();
    assert_eq!((ground.reason.as_str(), ground.officers), ("listed", 1));
    assert_eq!(ground.decided_at.as_microsecond(), now.as_microsecond());
}

fn upheld(traveller: u32, at: Timestamp) -> screening::UpheldHit {
    let hit = screening::Hit {
        traveller,
        entry: screening::EntryRef {
            list: "national".into(),
            list_version: "1".into(),
            id: "N-1".into(),
            name: "DENIZ KAYA".into(),
            alias: "DENIZ KAYA".into(),
            alias_quality: screening::AliasQuality::Primary,
            reason: "listed".into(),
            birth_dates: Vec::new(),
            nationalities: Vec::new(),
            documents: 0,
            of_documents: false,
        },
        band: screening::Band::Possible,
        nats: 9.0,
        probability: 0.5,
        one_in: 4_000,
        evidence: Vec::new(),
        weights: "1".into(),
        allowance: 0.0,
    };
    let decision = screening::Decision {
        officer: screening::OfficerId("a".into()),
        verdict: screening::Verdict::Uphold,
        reason: "the same".into(),
        at,
    };
    match hit.replay(&[decision]).unwrap() {
        screening::Reviewed::Upheld(upheld) => upheld,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_knows_partners_by_their_certificate_and_bounds_what_it_reads() {
    use axum::{body::Body, http::Request as Http};
    use http_body_util::BodyExt;
    use tower::Service;

    let world = World::new();
    world.queue();
    let parcel = world.tur.store().outbox().unwrap().remove(0).bytes.unwrap();
    let served = Served { node: world.gbr.clone(), bell: Arc::default() };
    let mut door = super::router(served);
    let mut knock = async |method: &str, path: &str, by: Option<&str>, body: Vec<u8>| {
        let mut request = Http::builder().method(method).uri(path).body(Body::from(body)).unwrap();
        let certificate = by.map(|c| Fingerprint(c.to_owned()));
        request.extensions_mut().insert(Caller { certificate });
        let response = door.call(request).await.unwrap();
        let status = response.status().as_u16();
        (status, response.into_body().collect().await.unwrap().to_bytes().to_vec())
    };
    let (status, hello) = knock("GET", "/exchange/hello", Some("TUR"), Vec::new()).await;
    let hello: serde_json::Value = serde_json::from_slice(&hello).unwrap();
    assert_eq!((status, &hello["state"], &hello["protocol"]), (200, &"GBR".into(), &1.into()));
    let parcels = "/exchange/parcels";
    assert_eq!(knock("POST", parcels, None, parcel.clone()).await.0, 401);
    assert_eq!(knock("POST", parcels, Some("FRA"), parcel.clone()).await.0, 401);
    assert_eq!(knock("POST", parcels, Some("TUR"), b"PK\x03\x04".to_vec()).await.0, 422);
    let too_long = vec![0; exchange::MAX_PARCEL_BYTES + 1];
    assert_eq!(knock("POST", parcels, Some("TUR"), too_long).await.0, 413);
    let (status, first) = knock("POST", parcels, Some("TUR"), parcel.clone()).await;
    assert_eq!(status, 200);
    assert_eq!(knock("POST", parcels, Some("TUR"), parcel).await, (200, first));
    assert_eq!(world.gbr.store().inbox().unwrap().len(), 1);
}

/// The partner's row of a node that listens on `port`, as an offer would make it.
fn real_partner(node: &Node, port: u16) -> Change {
    let (certificate, _) = node.layout().certificate();
    Change::Partner(Partner {
        state: node.state().to_string(),
        name: node.state().name().unwrap().to_owned(),
        url: format!("https://localhost:{port}"),
        authority: tls::read_text(&node.layout().ca().0).unwrap(),
        certificate: Fingerprint::of_pem(&tls::read_text(&certificate).unwrap()).unwrap().0,
        keys: node.keys().public().encode(),
        enabled: true,
        added_at: clock::now(),
        last_answer: None,
        last_answer_at: None,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn parcels_go_over_real_mutual_tls_from_the_bell_to_the_receipt() {
    let world = World::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for (node, other) in [(&world.tur, &world.gbr), (&world.gbr, &world.tur)] {
        node.record(vec![real_partner(other, port)], Actor::Node, vec![]).unwrap();
    }
    let authority = tls::read_text(&world.tur.layout().ca().0).unwrap();
    let config = tls::server(world.gbr.layout(), tls::Clients::Partners(&[authority])).unwrap();
    let acceptor =
        tls::CallerAcceptor::new(axum_server::tls_rustls::RustlsConfig::from_config(config.into()));
    let receiver = Served { node: world.gbr.clone(), bell: Arc::default() };
    let door = super::router(receiver.clone()).into_make_service();
    let server = axum_server::from_tcp(listener).unwrap().acceptor(acceptor).serve(door);
    let server = tokio::spawn(server);

    let sender = Served { node: world.tur.clone(), bell: Arc::default() };
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let courier = tokio::spawn(super::run(sender.clone(), stopping));
    for _ in 0..20 {
        world.queue();
    }
    sender.bell.queued.notify_one();
    let all = async {
        while world.outbox().iter().any(|(_, status)| status != "receipted") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all).await.unwrap();
    receiver.bell.kept.notified().await;
    assert_eq!(world.gbr.store().inbox().unwrap().len(), 20);
    assert!(!courier.is_finished());
    stop.send(true).unwrap();
    courier.await.unwrap().unwrap();

    // A node that is no partner does not get as far as the door.
    let stranger = TempDir::new().unwrap();
    let stranger = node(&stranger, Country::new("FRA"));
    let authority = tls::read_text(&world.gbr.layout().ca().0).unwrap();
    let client = tls::partner_client(stranger.layout(), &authority).unwrap();
    let url = format!("https://localhost:{port}/exchange/hello");
    assert!(client.get(&url).send().await.is_err());
    let client = tls::partner_client(world.tur.layout(), &authority).unwrap();
    assert_eq!(client.get(&url).send().await.unwrap().status().as_u16(), 200);
    server.abort();
    World::log_holds(&world.gbr);
    World::log_holds(&world.tur);
}
