//! What agreements do to what is sent: purposes, and suspension.

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
    suspend(node, &id, true).unwrap();
    let refused = accept(node, &world.signed).unwrap_err().to_string();
    assert!(refused.contains("passerelle agreement resume"), "{refused}");
    assert_eq!(status(), "suspended");
    suspend(node, &id, false).unwrap();
    assert_eq!(status(), "in_force");
    screen(&world);
    assert_eq!(world.outbox(), [(1, "queued".into())]);
    let at = NodeAt::of(node.layout().root()).unwrap();
    let report = invariants::check(&[at], &[], clock::now()).unwrap();
    assert!(report.promises[2].kept(), "{:?}", report.promises[2].findings);
}
