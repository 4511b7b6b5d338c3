//! A stream that stopped goes on when a person says so.

use super::*;
use crate::{
    commands::partner::resume,
    invariants::{self, NodeAt, Promise},
};

/// What `passerelle doctor` says of a node's streams.
fn sixth(node: &Node) -> Promise {
    let at = NodeAt::of(node.layout().root()).unwrap();
    let [.., sixth] = invariants::check(&[at], &[], clock::now()).unwrap().promises;
    sixth
}

fn render(restricted: &PassengerList, _: &PassengerList) -> Vec<u8> {
    paxlst(restricted)
}

fn receive(world: &World, parcel: &Parcel) -> Answer {
    let partner = world.partner(&world.gbr);
    receive_parcel(&world.gbr, &partner, &parcel.bytes, clock::now()).unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_stopped_by_a_second_parcel_under_one_id_goes_on() {
    let world = World::new();
    world.queue();
    world.sender(&world.wire()).round().await.unwrap();
    let inbox = world.gbr.store().inbox().unwrap();
    let id = ParcelId(*Uuid::parse_str(&inbox[0].parcel).unwrap().as_bytes());
    let (other, _) = world.seal(&world.stream_out(), id, &render);
    assert_eq!(receive(&world, &other), Answer::Stopped { alarm: "id_reused".into() });

    world.queue();
    world.sender(&world.wire()).round().await.unwrap();
    assert_eq!(world.outbox(), [(1, "receipted".into()), (2, "queued".into())]);
    assert_eq!(sixth(&world.gbr).broken, 2, "the stream, and the alarm");

    resume(&world.gbr, (TUR, None), "a test of theirs took an old id").unwrap();
    assert!(sixth(&world.gbr).kept(), "{:?}", sixth(&world.gbr).findings);
    world.sender(&world.wire()).round().await.unwrap();
    assert_eq!(world.outbox(), [(1, "receipted".into()), (2, "receipted".into())]);
    assert!(sixth(&world.gbr).kept());
    for kind in ["stream_resumed", "alarm_settled"] {
        assert!(World::kinds(&world.gbr).contains(&kind), "{kind}");
    }
    World::log_holds(&world.gbr);
    let again = resume(&world.gbr, (TUR, None), "once more").unwrap_err();
    assert_eq!(again.to_string(), "no such stream from TUR is stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stopped_a_stream_stops_it_again_until_it_is_put_right() {
    let world = World::new();
    world.queue();
    world.sender(&world.wire()).round().await.unwrap();
    // Turkey's node stands again where it stood before its first parcel.
    let (beginning, id) = (Stream::new(world.agreement, TUR, GBR), ParcelId([7; 16]));
    let (first_again, _) = world.seal(&beginning, id, &render);
    let stopped = Answer::Stopped { alarm: "sequence_reused".into() };
    for _ in 0..2 {
        assert_eq!(receive(&world, &first_again), stopped);
        assert_eq!(World::alarms(&world.gbr)[0], "sequence_reused");
        assert_eq!(sixth(&world.gbr).broken, 2);
        resume(&world.gbr, (TUR, None), "they have put their store right").unwrap();
        assert!(sixth(&world.gbr).kept());
    }
    assert_eq!(World::alarms(&world.gbr).len(), 2);
    world.queue();
    world.sender(&world.wire()).round().await.unwrap();
    assert_eq!(world.outbox(), [(1, "receipted".into()), (2, "receipted".into())]);
    assert!(sixth(&world.gbr).kept());
}

#[test]
fn a_reason_is_needed_and_a_state_that_sends_nothing_has_no_stream() {
    let world = World::new();
    let none = resume(&world.gbr, (TUR, None), " ").unwrap_err();
    assert!(none.to_string().contains("Enter a reason"), "{none}");
    assert!(resume(&world.gbr, (Country::new("FRA"), None), "it was nothing").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_longer_than_a_round_closes_over_several() {
    let world = World::new();
    (0..5).for_each(|_| drop(world.queue()));
    world.sender(&world.wire()).round().await.unwrap();
    let count = |world: &World| world.gbr.store().inbox().unwrap().len();
    assert_eq!(count(&world), 5);
    // The United Kingdom's store is put back to its beginning.
    let db = world.gbr.layout().store().join("passerelle.db");
    let db = rusqlite::Connection::open(db).unwrap();
    db.execute_batch("DELETE FROM inbox; DELETE FROM streams_in;").unwrap();
    world.queue();
    let mut sender = world.sender(&world.wire());
    sender.core = sender.core.going_back_at_most(2);
    for there in [2, 4, 6] {
        sender.round().await.unwrap();
        assert_eq!(count(&world), there);
    }
    assert!(World::alarms(&world.tur).is_empty() && World::alarms(&world.gbr).is_empty());
    assert!(world.outbox().iter().all(|(_, status)| status == "receipted"));
}
