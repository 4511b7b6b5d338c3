//! What went to a partner is taken back, and is gone there.

use exchange::{Kind, Reason};
use store::{CARRIERS, rows::List};
use travel::Function;

use super::*;
use crate::{
    invariants::{self, NodeAt},
    pipeline::{self, Provenance},
};

/// The list at the partner that came with a parcel.
fn kept(world: &World, parcel: &str) -> List {
    let inbox = world.gbr.store().incoming("TUR", parcel).unwrap().unwrap();
    world.gbr.store().list(&inbox.list.unwrap()).unwrap().unwrap()
}

fn take_back(world: &World, id: &str, kind: Kind) -> Result<Vec<String>> {
    let by = (Actor::Officer("dpo".into()), clock::now());
    pipeline::take_back(&world.tur, id, (kind, Reason::Ordered), by)
}

fn promises_are_kept(world: &World) {
    let both = [&world.gbr, &world.tur].map(|n| NodeAt::of(n.layout().root()).unwrap());
    let report = invariants::check(&both, &[], clock::now()).unwrap();
    assert!(report.ok(), "{:?}", report.promises);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_gone_at_the_partner_and_both_logs_tell_of_it() {
    let world = World::new();
    let (first, second) = (world.queue(), world.queue());
    let mut sender = world.sender(&world.wire());
    sender.round().await.unwrap();
    assert!(world.gbr.store().open_list(&kept(&world, &first)).is_ok());
    assert_eq!(take_back(&world, &first, Kind::Erasure).unwrap(), ["GBR"]);
    assert!(take_back(&world, &first, Kind::Erasure).is_err(), "once");
    sender.round().await.unwrap();
    assert_eq!(world.outbox()[2], (3, "receipted".into()));
    let gone = kept(&world, &first);
    assert!(gone.sealed.is_empty() && gone.remainder.is_empty());
    assert!(world.gbr.store().open_list(&gone).is_err());
    assert!(world.gbr.store().open_list(&kept(&world, &second)).is_ok(), "the other stays");
    assert!(!world.gbr.store().unscreened(9).unwrap().contains(&gone.id));
    assert!(World::kinds(&world.gbr).contains(&"taken_back"));
    assert!(World::alarms(&world.gbr).is_empty() && World::alarms(&world.tur).is_empty());
    promises_are_kept(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_before_it_went_arrives_and_goes_in_one_delivery() {
    let world = World::new();
    let parcel = world.queue();
    take_back(&world, &parcel, Kind::Withdrawal).unwrap();
    let wire = world.wire();
    world.sender(&wire).round().await.unwrap();
    assert_eq!(*wire.posts.lock(), 1);
    assert!(kept(&world, &parcel).sealed.is_empty());
    promises_are_kept(&world);
}

#[test]
fn what_never_went_cannot_be_taken_back() {
    let world = World::new();
    assert!(take_back(&world, "018f0000-1234-7abc-8def-000000000001", Kind::Erasure).is_err());
}

/// A carrier's list is kept in Turkey, screened, and goes to the United Kingdom.
fn screened(world: &World, change: impl FnOnce(&mut Report)) -> List {
    let (node, now) = (&world.tur, clock::now());
    let mut report = list(now).to_report();
    change(&mut report);
    let admission =
        Admission { state: TUR, permitted: ElementSet::ALL, received_at: now, must_touch: true };
    let list = PassengerList::admit(report, &admission).unwrap();
    let from = Provenance { submission: None, parcel: None, agreed: None };
    let (row, event) = pipeline::keep(node, &list, CARRIERS, from, now).unwrap();
    node.record(vec![Change::List(row.clone())], Actor::Node, vec![event]).unwrap();
    pipeline::screen_kept(node, &row.id, now).unwrap();
    row
}

fn modes(world: &World) -> Vec<String> {
    world.tur.store().outbox().unwrap().into_iter().map(|p| p.mode).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_sender_erases_by_its_clock_is_erased_at_the_partner_by_itself() {
    let world = World::new();
    let row = screened(&world, |_| {});
    let mut sender = world.sender(&world.wire());
    sender.round().await.unwrap();
    let parcel = world.tur.store().outbox().unwrap().remove(0).parcel;
    assert!(world.gbr.store().open_list(&kept(&world, &parcel)).is_ok());
    let key = (row.scope.as_str(), row.day);
    let late = clock::now() + SignedDuration::from_hours(24 * 181);
    let gone_there = pipeline::take_back_day(&world.tur, key, late).unwrap();
    assert_eq!(gone_there, 0, "the partner had to erase it before");
    assert_eq!(pipeline::take_back_day(&world.tur, key, clock::now()).unwrap(), 1);
    assert_eq!(pipeline::take_back_day(&world.tur, key, clock::now()).unwrap(), 0, "once");
    world.tur.store().erase_day(row.scope.as_str(), row.day, (&[], clock::now())).unwrap();
    sender.round().await.unwrap();
    assert_eq!(modes(&world), ["list", "erasure"]);
    assert!(kept(&world, &parcel).sealed.is_empty());
    promises_are_kept(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_of_a_flight_that_its_carrier_cancels_are_withdrawn_by_themselves() {
    let world = World::new();
    screened(&world, |_| {});
    screened(&world, |report| report.function = Function::FlightCancelled);
    let modes = modes(&world);
    assert!(
        modes.starts_with(&["list".into()]) && modes.contains(&"withdrawal".into()),
        "{modes:?}"
    );
    world.sender(&world.wire()).round().await.unwrap();
    let parcel = world.tur.store().outbox().unwrap().remove(0).parcel;
    assert!(kept(&world, &parcel).sealed.is_empty(), "nobody on it flies");
    assert!(World::kinds(&world.gbr).contains(&"taken_back"));
    promises_are_kept(&world);
}
