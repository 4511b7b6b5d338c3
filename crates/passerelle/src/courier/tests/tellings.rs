//! An officer of one state tells the other unasked: two nodes, and what both keep of it.

use api::{Error, Tell, tellings};

use super::{
    requests::{WITH_REQUESTS, carry, keep, promises_are_kept},
    *,
};
use crate::{
    invariants::{self, NodeAt},
    pipeline,
};

fn telling(list: &str) -> Tell {
    Tell {
        to: "GBR".into(),
        purpose: "terrorism".into(),
        list: list.into(),
        travellers: vec![1],
        legal_ground: "art. 4 of the example arrangement".into(),
        reason: "is expected by somebody sought there (invented)".into(),
        reference: "2026/31".into(),
    }
}

fn tell(world: &World, telling: &Tell) -> Result<String, Error> {
    pipeline::tell(&world.tur, telling, ("b.jones", clock::now()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_officer_tells_reaches_the_partners_officers_with_its_reason() {
    let world = World::under(WITH_REQUESTS);
    let list = keep(&world);
    let parcel = tell(&world, &telling(&list)).unwrap();
    carry(&world.tur, &world.gbr).await;
    let lines = tellings::telling_lines(world.gbr.store(), 9).unwrap();
    assert_eq!((lines.len(), lines[0].outgoing, lines[0].travellers), (1, false, 1));
    let of = ("TUR", parcel.as_str());
    let by = ("a.smith", clock::now());
    let (page, seen, event) = tellings::open_telling(world.gbr.store(), of, by).unwrap();
    assert_eq!((seen.len(), event.kind()), (1, "record_opened"));
    assert_eq!(page.reason, telling(&list).reason);
    assert!(page.records.len() == 1 && page.records[0].name.contains("DEMIR"));
    assert!(page.records[0].booking.is_empty(), "the term names no more");
    // Whoever told keeps why, with whom it was about.
    let of = ("GBR", parcel.as_str());
    let (page, seen, _) = tellings::open_telling(world.tur.store(), of, by).unwrap();
    assert_eq!((page.line.told_by.as_deref(), seen.len()), (Some("b.jones"), 0));
    assert!(page.records.len() == 1 && page.records[0].name.contains("DEMIR"));
    assert!(World::kinds(&world.tur).contains(&"told"));
    assert!(World::kinds(&world.gbr).contains(&"told_by_partner"));
    assert!(World::alarms(&world.gbr).is_empty() && World::alarms(&world.tur).is_empty());
    promises_are_kept(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telling_that_is_taken_back_is_gone_with_its_reason() {
    let world = World::under(WITH_REQUESTS);
    let list = keep(&world);
    let parcel = tell(&world, &telling(&list)).unwrap();
    let how = (exchange::Kind::Withdrawal, exchange::Reason::WrongPerson);
    pipeline::take_back(&world.tur, &parcel, how, (Actor::Node, clock::now())).unwrap();
    carry(&world.tur, &world.gbr).await;
    let of = ("TUR", parcel.as_str());
    let opened = tellings::open_telling(world.gbr.store(), of, ("a.smith", clock::now()));
    assert!(matches!(opened, Err(Error::Gone(_))));
    let kept = tellings::open_telling(world.tur.store(), ("GBR", &parcel), ("b", clock::now()));
    assert!(kept.is_ok(), "what was told wrongly stays to be accounted for");
    promises_are_kept(&world);
}

#[test]
fn agreement_and_law_are_asked_about_what_is_told() {
    // The first version tells nothing unasked, and covers no such flight.
    let world = World::new();
    let list = keep(&world);
    let refused = tell(&world, &telling(&list));
    let Err(Error::Invalid { text, .. }) = refused else { panic!("{refused:?}") };
    assert!(text.contains("AG-02"), "{text}");
    let world = World::under(WITH_REQUESTS);
    let list = keep(&world);
    let elsewhere = Tell { purpose: "criteria_development".into(), ..telling(&list) };
    assert!(matches!(tell(&world, &elsewhere), Err(Error::Invalid { .. })));
    let ninth = Tell { travellers: vec![9], ..telling(&list) };
    let refused = tell(&world, &ninth);
    assert!(matches!(refused, Err(Error::Invalid { field: "travellers", .. })), "{refused:?}");
    world.agree(&world.tur, GBR, Some(TUR));
    let refused = tell(&world, &telling(&list));
    let Err(Error::Invalid { text, .. }) = refused else { panic!("{refused:?}") };
    assert!(text.contains("AG-05"), "{text}");
    assert!(world.outbox().is_empty() && world.tur.store().tellings(9).unwrap().is_empty());
}

#[test]
fn a_telling_on_which_no_officer_decided_breaks_a_promise() {
    let world = World::under(WITH_REQUESTS);
    tell(&world, &telling(&keep(&world))).unwrap();
    let at = [NodeAt::of(world.tur.layout().root()).unwrap()];
    assert!(invariants::check(&at, &[], clock::now()).unwrap().promises[1].kept());
    let row = world.tur.store().outbox().unwrap().remove(0);
    let parcel = Uuid::now_v7().to_string();
    let forged = Outgoing { parcel, sequence: row.sequence + 1, ..row };
    world.tur.record(vec![Change::Queue(forged)], Actor::Node, vec![]).unwrap();
    let report = invariants::check(&at, &[], clock::now()).unwrap();
    assert!(!report.promises[1].kept(), "nobody decided on it");
}
