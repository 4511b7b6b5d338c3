//! What agreements do to what is sent: purposes, suspension, and new versions.

use store::CARRIERS;

use super::*;
use crate::{
    commands::agreement::{accept, suspend},
    invariants::{self, NodeAt},
    pipeline::{self, Provenance},
};

/// The agreement with other purposes for what Turkey sends.
fn for_purposes(purposes: &str) -> String {
    let before = r#"["terrorism", "serious_crime", "border_control"]"#;
    let after = AGREEMENT.replace(before, purposes);
    assert_ne!(after, AGREEMENT);
    after
}

/// A carrier's list is kept in Turkey and screened.
fn screen(world: &World) {
    let (node, now) = (&world.tur, clock::now());
    let from = Provenance { submission: None, parcel: None, agreed: None };
    let (row, event) = pipeline::keep(node, &list(now), CARRIERS, from, now).unwrap();
    let id = row.id.clone();
    node.record(vec![Change::List(row)], Actor::Node, vec![event]).unwrap();
    pipeline::screen_kept(node, &id, now).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_for_the_first_purpose_that_agreement_and_law_both_name() {
    for (purposes, goes_for) in [
        (r#"["serious_crime"]"#, Purpose::SeriousCrime),
        (r#"["serious_crime", "terrorism"]"#, Purpose::Terrorism),
        (r#"["serious_crime", "border_control"]"#, Purpose::SeriousCrime),
    ] {
        let world = World::under(&for_purposes(purposes));
        screen(&world);
        let outbox = world.tur.store().outbox().unwrap();
        let bytes = outbox[0].bytes.as_ref().unwrap();
        let header = exchange::Arrived::read(bytes).unwrap().header().clone();
        assert_eq!(header.purpose, goes_for, "{purposes}");
        assert!(world.tur.store().refusals(10).unwrap().is_empty());
        world.sender(&world.wire()).round().await.unwrap();
        assert_eq!(world.outbox(), [(1, "receipted".into())], "{purposes}: the partner agrees");
    }
}

#[test]
fn a_list_for_which_no_purpose_is_permitted_is_refused_once() {
    let world = World::under(&for_purposes(r#"["criteria_development"]"#));
    screen(&world);
    assert!(world.outbox().is_empty());
    let refusals = world.tur.store().refusals(10).unwrap();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!((refusals[0].mode.as_str(), refusals[0].direction.as_str()), ("list", "out"));
    assert_eq!(World::kinds(&world.tur).iter().filter(|k| **k == "refused").count(), 1);
}

#[test]
fn a_suspension_is_lifted_by_resuming_alone() {
    let world = World::new();
    let (node, id) = (&world.tur, world.agreement.to_string());
    let status = || node.store().agreement(&id).unwrap().unwrap().status;
    accept(node, &world.signed).unwrap();
    suspend(node, &id, true, None).unwrap();
    let refused = accept(node, &world.signed).unwrap_err().to_string();
    assert!(refused.contains("passerelle agreement resume"), "{refused}");
    assert_eq!(status(), "suspended");
    suspend(node, &id, false, None).unwrap();
    assert_eq!(status(), "in_force");
    screen(&world);
    assert_eq!(world.outbox(), [(1, "queued".into())]);
    let at = NodeAt::of(node.layout().root()).unwrap();
    let report = invariants::check(&[at], &[], clock::now()).unwrap();
    assert!(report.promises[2].kept(), "{:?}", report.promises[2].findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_stops_the_round_that_is_under_way() {
    let world = World::new();
    (0..3).for_each(|_| drop(world.queue()));
    let (wire, node, id) = (world.wire(), world.tur.clone(), world.agreement.to_string());
    let suspends = Box::new(move || drop(suspend(&node, &id, true, None).unwrap()));
    // After a failure a parcel goes alone, and the others after it in the same round.
    wire.expect([Weather::Down, Weather::Meanwhile(suspends)]);
    let mut sender = world.sender(&wire);
    sender.round().await.unwrap();
    sender.round().await.unwrap();
    let queued = |n: u64| (n, "queued".to_owned());
    assert_eq!(world.outbox(), [(1, "receipted".into()), queued(2), queued(3)]);
    assert_eq!(*wire.posts.lock(), 2, "nothing was posted after the suspension");
    suspend(&world.tur, &world.agreement.to_string(), false, None).unwrap();
    sender.round().await.unwrap();
    assert_eq!(world.outbox()[2], (3, "receipted".into()), "the queue was kept");
}

/// A second version in which something stands otherwise, taken up by both.
fn second(world: &World, (before, after): (&str, &str)) -> SignedAgreement {
    let text = AGREEMENT.replace("version = 1", "version = 2").replacen(before, after, 1);
    assert!(text.contains(after));
    let mut signed = SignedAgreement::unsigned(&Agreement::from_toml(&text).unwrap());
    for node in [&world.gbr, &world.tur] {
        signed.add(node.keys().sign_agreement(node.state(), &signed.document).unwrap());
    }
    for node in [&world.gbr, &world.tur] {
        accept(node, &signed).unwrap();
    }
    signed
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_ended_version_sealed_goes_as_far_as_the_next_permits() {
    let world = World::new();
    (0..2).for_each(|_| drop(world.queue()));
    let signed = second(&world, (r#""itinerary", "seat"]"#, r#""itinerary", "seat", "contact"]"#));
    screen(&world);
    world.sender(&world.wire()).round().await.unwrap();
    let outbox = world.tur.store().outbox().unwrap();
    assert!(outbox.iter().all(|row| row.status == "receipted"), "{:?}", world.outbox());
    let of_second = outbox.iter().filter(|row| row.agreement == signed.id().to_string());
    assert_eq!((outbox.len(), of_second.count()), (3, 1), "what is new goes under the second");
    let inbox = world.gbr.store().inbox().unwrap();
    assert!(inbox.iter().all(|row| row.verdict == "accepted"));
    assert!(World::alarms(&world.tur).is_empty() && World::alarms(&world.gbr).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_next_version_does_not_permit_waits_and_a_person_is_told() {
    let world = World::new();
    world.queue();
    second(&world, (r#""itinerary", "seat"]"#, r#""itinerary"]"#));
    let wire = world.wire();
    for _ in 0..2 {
        world.sender(&wire).round().await.unwrap();
    }
    assert_eq!((world.outbox(), *wire.posts.lock()), (vec![(1, "queued".into())], 0));
    assert_eq!(World::alarms(&world.tur), ["not_covered"], "once");
    // Had it been on its way already, the partner refuses it for good, and says why.
    let row = world.tur.store().outbox().unwrap().remove(0);
    let partner = world.partner(&world.gbr);
    receive_parcel(&world.gbr, &partner, &row.bytes.unwrap(), clock::now()).unwrap();
    let inbox = world.gbr.store().inbox().unwrap();
    assert_eq!(inbox[0].verdict, "refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_put_back_without_its_agreement_is_seen_by_a_person_until_it_has_it_again() {
    let world = World::new();
    world.queue();
    let mut sender = world.sender(&world.wire());
    sender.round().await.unwrap();
    // Its store is put back from a copy that is older than the agreement.
    let mut lost = Sender::new(world.tur.clone(), Arc::new(Amnesiac), "GBR".into());
    world.queue();
    lost.round().await.unwrap();
    lost.core = exchange::Sender::new(GBR);
    lost.round().await.unwrap();
    assert_eq!(World::alarms(&world.tur), ["agreement_unknown"], "once, however often it says so");
    let at = NodeAt::of(world.tur.layout().root()).unwrap();
    let report = invariants::check(std::slice::from_ref(&at), &[], clock::now()).unwrap();
    let found = &report.promises[5].findings;
    assert!(found.iter().any(|f| f.what.contains("agreement_unknown")), "{found:?}");
    assert_eq!(world.outbox(), [(1, "receipted".into()), (2, "queued".into())]);
    world.sender(&world.wire()).round().await.unwrap();
    assert_eq!(world.outbox()[1].1, "receipted", "it goes once the agreement is there again");
}

/// A node that knows no agreement.
struct Amnesiac;

impl Line for Amnesiac {
    async fn post(&self, _: &Partner, _: Vec<Vec<u8>>) -> Result<Reply> {
        let answer = Answer::Refused { reason: "unknown_agreement".into() };
        Ok(Reply { status: answer.status(), retry_after: None, body: answer.encode() })
    }
}
