//! Stopped streams: which one is meant, and how long their alarm waits.
#![allow(clippy::unwrap_used)]

mod world;

use api::Error;
use audit::{Actor, Digest, Event, Logged};
use exchange::{Alarm, Incoming};
use policy::AgreementId;
use store::{Batch, Change, rows::AgreementRow};
use travel::Country;
use world::{DESK, PASSWORD, World};

fn now() -> jiff::Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

/// Another agreement with Turkey, whose stream is stopped as well.
fn second(world: &World) -> String {
    let id = AgreementId([0xee; 32]);
    let row = AgreementRow { id: id.to_string(), version: 2, ..first(world) };
    let stopped = Incoming {
        stopped: Some(Alarm::SequenceReused),
        ..Incoming::new(id, Country::new("TUR"), Country::new("GBR"))
    };
    let stream = Change::StreamIn {
        agreement: id.to_string(),
        partner: "TUR".into(),
        state: stopped.encode(),
        stopped: Some("sequence_reused".into()),
    };
    let event = Event::AgreementAccepted { agreement: Digest(id.0), partner: "TUR".into() };
    let event = Logged::new(now(), Actor::Node, event);
    world.store.commit(Batch::new(vec![Change::Agreement(row), stream], vec![event])).unwrap();
    id.to_string()
}

fn first(world: &World) -> AgreementRow {
    world.store.agreements().unwrap().into_iter().find(|a| a.version == 1).unwrap()
}

#[test]
fn of_several_stopped_streams_one_is_named_and_the_alarm_waits_for_the_last() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let (api, first, second) = (world.api(), first(&world).id, second(&world));
    let signed = api.sign_in(("l.white", PASSWORD), DESK, now()).unwrap();
    let caller = api.authenticate(&signed.token, now()).unwrap();
    let waits = || world.store.alarms(10).unwrap().iter().any(|a| a.settled_at.is_none());
    let resume = |id: Option<&str>| api.resume_stream(&caller, ("TUR", id), "put right", now());
    assert!(matches!(resume(None), Err(Error::Invalid { field: "agreement", .. })));
    assert!(matches!(resume(Some("no such")), Err(Error::Conflict(_))));

    resume(Some(&second[..8])).unwrap();
    assert!(waits(), "the first is still stopped for the same");
    let before = world.store.log_size().unwrap();
    resume(None).unwrap();
    assert!(!waits());
    assert_eq!(world.events_from(before), ["stream_resumed", "alarm_settled"]);
    for id in [&first, &second] {
        let (state, stopped) = world.store.stream_in(id).unwrap().unwrap();
        let stream = Incoming::decode(&state).unwrap();
        assert_eq!((stopped, stream.stopped), (None, None));
    }
    let (state, _) = world.store.stream_in(&first).unwrap().unwrap();
    assert_eq!(Incoming::decode(&state).unwrap().next_sequence, 10, "where it stood");
    assert!(matches!(resume(None), Err(Error::Conflict(_))));
}

#[test]
fn a_stream_that_was_resumed_meanwhile_is_not_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let resume = || {
        api::resuming(&world.store, ("TUR", None), ("l.white", "they put it right"), now()).unwrap()
    };
    let (one, other) = (resume(), resume());
    world.store.commit(one).unwrap();
    let size = world.store.log_size().unwrap();
    assert!(matches!(world.store.commit(other), Err(store::StoreError::Conflict(_))));
    assert_eq!(world.store.log_size().unwrap(), size);
}

#[test]
fn a_stream_stopped_by_its_first_parcel_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let second = second(&world);
    let api = world.api();
    let signed = api.sign_in(("l.white", PASSWORD), DESK, now()).unwrap();
    let caller = api.authenticate(&signed.token, now()).unwrap();
    let partners = api.partners(&caller, now()).unwrap();
    let stream = partners[0].streams.iter().find(|s| s.agreement == second).unwrap();
    assert!(!stream.outgoing && stream.parcels == 0);
    assert_eq!(stream.stopped.as_deref(), Some("sequence_reused"));
}
