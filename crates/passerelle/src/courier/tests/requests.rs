//! One state asks, an officer of the other answers: two nodes, and what both keep of it.

use api::{Answering, Asking, Error, Justifying, requests};
use exchange::Outcome;
use store::CARRIERS;

use super::*;
use crate::{
    invariants::{self, NodeAt},
    pipeline::{self, Provenance},
};

pub(super) const WITH_REQUESTS: &str =
    include_str!("../../../../../docs/agreements/gbr-tur-requests.toml");

fn asking() -> Asking {
    Asking {
        to: "TUR".into(),
        purpose: "terrorism".into(),
        dataset: "api".into(),
        document: "U00000001".into(),
        legal_ground: "art. 5 of the example arrangement".into(),
        reason: "named in a case here".into(),
        reference: "2026/17".into(),
        ..Asking::default()
    }
}

fn answering(outcome: &str, records: &[(&str, u32)]) -> Answering {
    let records = records.iter().map(|(list, n)| ((*list).to_owned(), Some(*n))).collect();
    Answering { outcome: outcome.into(), records, reason: "looked at by an officer".into() }
}

/// A carrier's list of a flight that goes nowhere near the United Kingdom is kept in Turkey.
pub(super) fn keep(world: &World) -> String {
    let (node, now) = (&world.tur, clock::now());
    let from = Provenance { submission: None, parcel: None, agreed: None };
    let list = list_between(("IST", "CDG"), now, true);
    let (row, event) = pipeline::keep(node, &list, CARRIERS, from, now).unwrap();
    let id = row.id.clone();
    node.record(vec![Change::List(row)], Actor::Node, vec![event]).unwrap();
    while node.store().project().unwrap() > 0 {}
    id
}

fn ask(world: &World) -> String {
    pipeline::ask(&world.gbr, &asking(), ("a.smith", clock::now())).unwrap()
}

fn answer(world: &World, id: &str, answering: &Answering) -> Result<(), Error> {
    pipeline::answer(&world.tur, ("GBR", id), answering, ("b.jones", clock::now()))
}

/// What the one has queued goes to the other.
pub(super) async fn carry(from: &Arc<Node>, to: &Arc<Node>) {
    let wire = Both { to: to.clone(), from: from.state().to_string() };
    let mut sender = Sender::new(from.clone(), Arc::new(wire), to.state().to_string());
    sender.round().await.unwrap();
}

/// A wire in fair weather, either way.
struct Both {
    to: Arc<Node>,
    from: String,
}

impl Line for Both {
    async fn post(&self, _: &Partner, parcels: Vec<Vec<u8>>) -> Result<Reply> {
        let partner = self.to.store().partner(&self.from)?.unwrap();
        let together: Vec<&[u8]> = parcels.iter().map(Vec::as_slice).collect();
        let received = receiving::receive(&self.to, &partner, &together, clock::now())?;
        let status = if parcels.len() == 1 { received.answers[0].status() } else { 200 };
        let body = write_answers(&received.answers, parcels.len());
        Ok(Reply { status, retry_after: None, body })
    }
}

pub(super) fn promises_are_kept(world: &World) {
    let both = [&world.gbr, &world.tur].map(|n| NodeAt::of(n.layout().root()).unwrap());
    let report = invariants::check(&both, &[], clock::now()).unwrap();
    assert!(report.ok(), "{:?}", report.promises);
}

fn state_of(node: &Node) -> String {
    requests::request_lines(node.store(), 9).unwrap().remove(0).state
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_officer_chooses_reaches_who_asked_and_both_logs_tell_of_it() {
    let world = World::under(WITH_REQUESTS);
    let (list, id) = (keep(&world), ask(&world));
    carry(&world.gbr, &world.tur).await;
    assert_eq!(
        (state_of(&world.tur).as_str(), state_of(&world.gbr).as_str()),
        ("waiting", "waiting")
    );
    assert!(world.tur.store().outbox().unwrap().is_empty(), "nothing is answered by itself");
    let (page, event) = requests::open_request(world.tur.store(), ("GBR", &id)).unwrap();
    assert_eq!((page.reason.as_str(), event.kind()), ("named in a case here", "request_opened"));
    let found: Vec<_> =
        page.found.iter().map(|f| (f.place.list.clone(), f.place.traveller)).collect();
    assert_eq!(found, [(list.clone(), Some(1))]);
    assert!(page.found[0].who.contains("DEMIR"));

    answer(&world, &id, &answering("given", &[(&list, 1)])).unwrap();
    assert!(matches!(answer(&world, &id, &answering("nothing", &[])), Err(Error::Conflict(_))));
    carry(&world.tur, &world.gbr).await;
    assert_eq!((state_of(&world.tur).as_str(), state_of(&world.gbr).as_str()), ("given", "given"));
    let answers = world.gbr.store().answers("TUR", &id).unwrap();
    let kept = world.gbr.store().list(answers[0].list.as_ref().unwrap()).unwrap().unwrap();
    let travellers = world.gbr.store().open_list(&kept).unwrap();
    assert_eq!(travellers.travellers().len(), 1);
    assert_eq!(travellers.travellers()[0].surname, "DEMIR");
    assert!(answers[0].rules.contains("AG-11"), "{}", answers[0].rules);
    assert!(World::kinds(&world.gbr).contains(&"requested"));
    assert!(World::kinds(&world.gbr).contains(&"answer_received"));
    assert!(World::kinds(&world.tur).contains(&"request_received"));
    assert!(World::kinds(&world.tur).contains(&"request_answered"));
    assert!(World::alarms(&world.gbr).is_empty() && World::alarms(&world.tur).is_empty());
    promises_are_kept(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_its_word_and_goes_while_nothing_else_does() {
    let world = World::under(WITH_REQUESTS);
    let id = ask(&world);
    carry(&world.gbr, &world.tur).await;
    answer(&world, &id, &answering("too_wide", &[])).unwrap();
    carry(&world.tur, &world.gbr).await;
    assert_eq!(state_of(&world.gbr), "too_wide");
    let answers = world.gbr.store().answers("TUR", &id).unwrap();
    assert_eq!((answers[0].list.clone(), answers[0].parts), (None, 1));
    promises_are_kept(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn agreement_and_law_are_asked_again_about_what_an_officer_chooses() {
    let world = World::under(WITH_REQUESTS);
    let id = ask(&world);
    carry(&world.gbr, &world.tur).await;
    let nobody = answer(&world, &id, &answering("given", &[]));
    assert!(matches!(nobody, Err(Error::Invalid { field: "records", .. })), "{nobody:?}");
    let list = keep(&world);
    let ninth = answer(&world, &id, &answering("given", &[(&list, 9)]));
    assert!(matches!(ninth, Err(Error::Invalid { field: "records", .. })), "{ninth:?}");
    // The asked state suspends: nothing goes, and the officer is told by which rule.
    world.agree(&world.tur, GBR, Some(TUR));
    let suspended = answer(&world, &id, &answering("given", &[(&list, 1)]));
    let Err(Error::Invalid { text, .. }) = suspended else { panic!("{suspended:?}") };
    assert!(text.contains("AG-05"), "{text}");
    assert!(world.tur.store().request("GBR", &id).unwrap().unwrap().outcome.is_none());
}

#[test]
fn nothing_is_asked_where_no_term_answers() {
    let world = World::new();
    let refused = pipeline::ask(&world.gbr, &asking(), ("a.smith", clock::now()));
    let Err(Error::Invalid { text, .. }) = refused else { panic!("{refused:?}") };
    assert!(text.contains("AG-03"), "{text}");
    assert!(world.gbr.store().requests(9).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_on_which_no_officer_decided_breaks_a_promise() {
    let world = World::under(WITH_REQUESTS);
    let id = ask(&world);
    carry(&world.gbr, &world.tur).await;
    // A machine that answers by itself: the same parcel, without anybody's decision.
    answer(&world, &id, &answering("nothing", &[])).unwrap();
    let both = [&world.tur].map(|n| NodeAt::of(n.layout().root()).unwrap());
    assert!(invariants::check(&both, &[], clock::now()).unwrap().promises[1].kept());
    let row = world.tur.store().outbox().unwrap().remove(0);
    let parcel = Uuid::now_v7().to_string();
    let forged = Outgoing { parcel, sequence: row.sequence + 1, ..row };
    world.tur.record(vec![Change::Queue(forged)], Actor::Node, vec![]).unwrap();
    let report = invariants::check(&both, &[], clock::now()).unwrap();
    assert!(!report.promises[1].kept(), "nobody decided on it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_first_in_the_queue_with_its_time() {
    let world = World::under(WITH_REQUESTS);
    ask(&world);
    let urgent = Asking { urgent: true, ..asking() };
    let id = pipeline::ask(&world.gbr, &urgent, ("a.smith", clock::now())).unwrap();
    ask(&world);
    carry(&world.gbr, &world.tur).await;
    let lines = requests::request_lines(world.tur.store(), 9).unwrap();
    assert_eq!((lines.len(), lines[0].id.as_str()), (3, id.as_str()));
    assert!(lines[0].answer_by.unwrap() > clock::now() && lines[1].answer_by.is_none());
    assert_eq!(Outcome::named(&lines[0].state), None);
}

/// An emergency request of the United Kingdom.
fn urgent(world: &World) -> String {
    let urgent = Asking { urgent: true, ..asking() };
    pipeline::ask(&world.gbr, &urgent, ("a.smith", clock::now())).unwrap()
}

fn justify(world: &World, id: &str) -> Result<(), Error> {
    let justifying = Justifying {
        legal_ground: "art. 5(3) of the example arrangement".into(),
        reason: "the flight departed within the hour (invented)".into(),
        reference: "2026/18".into(),
    };
    pipeline::justify(&world.gbr, ("TUR", id), &justifying, ("a.smith", clock::now()))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_justified_once_and_both_sides_can_read_why() {
    let world = World::under(WITH_REQUESTS);
    let (plain, id) = (ask(&world), urgent(&world));
    assert!(matches!(justify(&world, &plain), Err(Error::Conflict(_))), "it was no emergency");
    carry(&world.gbr, &world.tur).await;
    justify(&world, &id).unwrap();
    assert!(matches!(justify(&world, &id), Err(Error::Conflict(_))), "once");
    carry(&world.gbr, &world.tur).await;
    promises_are_kept(&world);
    for (node, partner) in [(&world.gbr, "TUR"), (&world.tur, "GBR")] {
        let (page, _) = requests::open_request(node.store(), (partner, &id)).unwrap();
        assert!(page.line.justified_at.is_some());
        assert!(page.justification[0].1.contains("within the hour"));
        let later = clock::now() + SignedDuration::from_hours(24 * 30);
        pipeline::tell_of_late(node, later).unwrap();
        assert!(!World::alarms(node).contains(&"not_justified".to_owned()));
    }
    assert!(World::kinds(&world.gbr).contains(&"justified"));
    assert!(World::kinds(&world.tur).contains(&"justified_by_partner"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_and_its_justification_may_come_together() {
    let world = World::under(WITH_REQUESTS);
    let id = urgent(&world);
    justify(&world, &id).unwrap();
    carry(&world.gbr, &world.tur).await;
    let (page, _) = requests::open_request(world.tur.store(), ("GBR", &id)).unwrap();
    assert!(page.line.justified_at.is_some(), "in one delivery");
    promises_are_kept(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_that_nobody_justifies_in_time_is_one_alarm_at_each_end() {
    let world = World::under(WITH_REQUESTS);
    let id = urgent(&world);
    carry(&world.gbr, &world.tur).await;
    answer(&world, &id, &answering("nothing", &[])).unwrap();
    carry(&world.tur, &world.gbr).await;
    let row = world.tur.store().request("GBR", &id).unwrap().unwrap();
    let due = row.justify_by.unwrap();
    for node in [&world.gbr, &world.tur] {
        pipeline::tell_of_late(node, due).unwrap();
        assert!(World::alarms(node).is_empty(), "there is time until then");
        let after = due + SignedDuration::from_secs(1);
        pipeline::tell_of_late(node, after).unwrap();
        pipeline::tell_of_late(node, after).unwrap();
        assert_eq!(World::alarms(node), ["not_justified"], "once");
    }
    // Better late: the alarm stays for a person to settle.
    justify(&world, &id).unwrap();
    carry(&world.gbr, &world.tur).await;
    let row = world.tur.store().request("GBR", &id).unwrap().unwrap();
    assert!(row.justified_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_that_nobody_answers_in_time_is_one_alarm_at_each_end() {
    let world = World::under(WITH_REQUESTS);
    let (id, answered) = (urgent(&world), urgent(&world));
    ask(&world);
    carry(&world.gbr, &world.tur).await;
    answer(&world, &answered, &answering("nothing", &[])).unwrap();
    carry(&world.tur, &world.gbr).await;
    let row = world.tur.store().request("GBR", &id).unwrap().unwrap();
    let due = row.answer_by.unwrap();
    for node in [&world.gbr, &world.tur] {
        crate::keeper::keep(node, due).unwrap();
        assert!(World::alarms(node).is_empty(), "there is time until then");
        let after = due + SignedDuration::from_secs(1);
        crate::keeper::keep(node, after).unwrap();
        crate::keeper::keep(node, after).unwrap();
        assert_eq!(World::alarms(node), ["not_answered"], "once, and for that one alone");
        let what = &node.store().alarms(9).unwrap()[0].what;
        assert!(what.contains(&id), "{what}");
    }
    // Better late: it can still be answered.
    answer(&world, &id, &answering("nothing", &[])).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_answer_is_no_answer_in_time() {
    let world = World::under(WITH_REQUESTS);
    let (list, other, id) = (keep(&world), keep(&world), urgent(&world));
    carry(&world.gbr, &world.tur).await;
    let given = answering("given", &[(&list, 1), (&other, 1)]);
    answer(&world, &id, &given).unwrap();
    let store = world.gbr.store();
    let due = store.request("TUR", &id).unwrap().unwrap().answer_by.unwrap();
    let after = due + SignedDuration::from_secs(1);
    let half = store::rows::AnswerRow {
        number: 2,
        ..world.tur.store().answers("GBR", &id).unwrap().remove(1)
    };
    world
        .gbr
        .record(
            vec![Change::Answer(store::rows::AnswerRow { partner: "TUR".into(), ..half })],
            Actor::Node,
            Vec::new(),
        )
        .unwrap();
    let late = store.unanswered(after).unwrap();
    assert_eq!(late.len(), 1, "one of two parcels came");
    assert!(world.tur.store().unanswered(after).unwrap().is_empty(), "it was decided on");
}
