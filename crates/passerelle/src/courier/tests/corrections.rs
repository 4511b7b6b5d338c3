//! What went to a partner was wrong, and the right record stands in its place.

use exchange::Cause;
use store::{CARRIERS, rows::List};

use super::*;
use crate::{
    courier::sending,
    invariants::{self, NodeAt},
    pipeline::{self, Corrected, Provenance},
};

/// A carrier's list is kept in Turkey.
fn sent_to_nobody(world: &World) -> List {
    let (node, now) = (&world.tur, clock::now());
    let from = Provenance { submission: None, parcel: None, agreed: None };
    let (row, event) = pipeline::keep(node, &list(now), CARRIERS, from, now).unwrap();
    node.record(vec![Change::List(row.clone())], Actor::Node, vec![event]).unwrap();
    row
}

/// A carrier's list is kept in Turkey, screened, and goes to the United Kingdom.
fn sent(world: &World) -> List {
    let row = sent_to_nobody(world);
    pipeline::screen_kept(&world.tur, &row.id, clock::now()).unwrap();
    row
}

/// The same flight, with another name for the second traveller.
fn right(world: &World, wrong: &List) -> Vec<u8> {
    let mut report = world.tur.store().open_list(wrong).unwrap().to_report();
    report.travellers[1].surname = "DEMIREL".into();
    let admission = Admission {
        state: TUR,
        permitted: ElementSet::ALL,
        received_at: clock::now(),
        must_touch: true,
    };
    paxlst(&PassengerList::admit(report, &admission).unwrap())
}

fn correct(world: &World, wrong: &List, message: &[u8]) -> Result<Corrected> {
    let by = (Actor::Officer("dpo".into()), clock::now());
    pipeline::correct(&world.tur, &wrong.id, (message, Cause::Rectified), by)
}

/// The lists that the United Kingdom holds of Turkey, the oldest first.
fn held(world: &World, flight: &str) -> Vec<List> {
    let mut lists = world.gbr.store().lists_of_flight(flight).unwrap();
    lists.reverse();
    lists
}

fn promises_are_kept(world: &World) {
    let both = [&world.gbr, &world.tur].map(|n| NodeAt::of(n.layout().root()).unwrap());
    let report = invariants::check(&both, &[], clock::now()).unwrap();
    assert!(report.ok(), "{:?}", report.promises);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_list_stands_in_the_place_of_the_wrong_one_at_both_ends() {
    let world = World::new();
    let wrong = sent(&world);
    let mut sender = world.sender(&world.wire());
    sender.round().await.unwrap();
    let done = correct(&world, &wrong, &right(&world, &wrong)).unwrap();
    assert_eq!((done.corrected, done.withdrawn), (vec!["GBR".to_owned()], Vec::new()));
    // It went as a correction; screening it sends nothing more.
    assert_eq!(world.tur.store().unscreened(9).unwrap(), [done.list.as_str()]);
    pipeline::screen_kept(&world.tur, &done.list, clock::now()).unwrap();
    sender.round().await.unwrap();
    let modes: Vec<_> = world.tur.store().outbox().unwrap().into_iter().map(|p| p.mode).collect();
    assert_eq!(modes, ["list", "correction"]);

    let theirs = held(&world, &wrong.flight);
    assert!(theirs[0].sealed.is_empty(), "the wrong one is gone");
    let now_held = world.gbr.store().open_list(&theirs[1]).unwrap();
    assert_eq!(now_held.travellers()[1].written_name(), "DEMIREL/AYSE");
    let unscreened = world.gbr.store().unscreened(9).unwrap();
    assert!(unscreened.contains(&theirs[1].id) && !unscreened.contains(&theirs[0].id));
    // Which was believed when, at both ends.
    for node in [&world.gbr, &world.tur] {
        let row = node.store().corrections(9).unwrap().remove(0);
        let before = node.store().list(&row.replaced).unwrap().unwrap();
        assert_eq!((row.believed_from, row.cause.as_str()), (before.received_at, "rectified"));
        assert_eq!(node.store().list(&row.list).unwrap().unwrap().received_at, row.at);
        World::log_holds(node);
    }
    assert!(World::kinds(&world.tur).contains(&"corrected"));
    assert!(World::kinds(&world.tur).contains(&"list_corrected"));
    assert!(World::kinds(&world.gbr).contains(&"corrected_by_partner"));
    assert!(World::alarms(&world.gbr).is_empty() && World::alarms(&world.tur).is_empty());
    promises_are_kept(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_corrected_and_taken_back_like_the_first() {
    let world = World::new();
    let wrong = sent(&world);
    let message = right(&world, &wrong);
    let first = correct(&world, &wrong, &message).unwrap();
    let first = world.tur.store().list(&first.list).unwrap().unwrap();
    assert!(correct(&world, &wrong, &message).is_err(), "it is not there any more");
    let second = correct(&world, &first, &message).unwrap();
    // All three come in one delivery.
    let wire = world.wire();
    let mut sender = world.sender(&wire);
    sender.round().await.unwrap();
    assert_eq!(*wire.posts.lock(), 1);
    let theirs = held(&world, &wrong.flight);
    let readable: Vec<bool> = theirs.iter().map(|l| !l.sealed.is_empty()).collect();
    assert_eq!(readable, [false, false, true]);
    let how = (exchange::Kind::Withdrawal, exchange::Reason::Mistake);
    let by = (Actor::Officer("dpo".into()), clock::now());
    pipeline::take_back(&world.tur, &second.list, how, by).unwrap();
    sender.round().await.unwrap();
    assert!(held(&world, &wrong.flight).iter().all(|l| l.sealed.is_empty()));
    promises_are_kept(&world);
}

#[test]
fn a_list_that_went_to_nobody_is_corrected_with_an_event() {
    let world = World::new();
    let wrong = sent_to_nobody(&world);
    let done = correct(&world, &wrong, &right(&world, &wrong)).unwrap();
    assert!(done.corrected.is_empty() && done.withdrawn.is_empty());
    assert!(World::kinds(&world.tur).contains(&"list_corrected"));
    assert!(!World::kinds(&world.tur).contains(&"corrected"));
    World::log_holds(&world.tur);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_does_not_put_right_is_told_of_unless_it_has_nothing() {
    let world = World::new();
    let wrong = sent(&world);
    world.sender(&world.wire()).round().await.unwrap();
    correct(&world, &wrong, &right(&world, &wrong)).unwrap();
    let rows = world.tur.store().outbox().unwrap();
    let refused = |reason: &str| ReceiptVerdict::Refused {
        reason: reason.to_owned(),
        rules: vec!["AG-10".to_owned()],
    };
    let said = |row: usize, verdict| sending::still_believed(&rows[row], &verdict, "GBR");
    assert_eq!(rows.iter().map(|r| r.mode.as_str()).collect::<Vec<_>>(), ["list", "correction"]);
    let told = said(1, refused("not_permitted")).unwrap();
    assert!(told.contains("AG-10") && told.contains(&rows[1].parcel), "{told}");
    assert_eq!(said(0, refused("not_permitted")), None, "that was nothing that puts right");
    assert_eq!(said(1, refused("nothing_to_correct")), None);
    assert_eq!(said(1, ReceiptVerdict::Accepted), None);
}

#[test]
fn another_flight_or_no_list_corrects_nothing() {
    let world = World::new();
    let wrong = sent(&world);
    let other = paxlst(&list_between(("IST", "MAN"), clock::now(), true));
    for (message, why) in [(&other[..], "take that back"), (b"UNB+", "messages")] {
        let error = correct(&world, &wrong, message).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    assert!(world.tur.store().open_list(&wrong).is_ok());
    assert_eq!(world.outbox().len(), 1);
}
