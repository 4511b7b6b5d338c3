//! Requests of partners, as officers see and decide them.
#![allow(clippy::unwrap_used)]

mod world;

use api::{Api, Caller, Error};
use world::{DESK, PASSWORD, World};

fn now() -> jiff::Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

fn caller(api: &Api, who: &str) -> Caller {
    let signed = api.sign_in((who, PASSWORD), DESK, now()).unwrap();
    api.authenticate(&signed.token, now()).unwrap()
}

#[test]
fn a_request_is_read_with_the_records_that_it_may_mean_and_that_is_logged_first() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let api = world.api();
    let officer = caller(&api, "a.smith");
    let lines = api.requests(&officer, 10).unwrap();
    assert_eq!((lines.len(), lines[0].state.as_str(), lines[0].outgoing), (1, "waiting", false));
    while world.store.project().unwrap() > 0 {}
    let before = world.store.log_size().unwrap();
    let page = api.request(&officer, ("TUR", "r-1"), now()).unwrap();
    assert_eq!(world.events_from(before), ["request_opened"]);
    assert_eq!(page.reason, "named in a case of theirs");
    assert!(page.subject.iter().any(|(label, _)| *label == "Flight"), "{:?}", page.subject);
    assert!(!page.found.is_empty(), "somebody on that flight is meant");
    assert!(page.found.iter().all(|f| f.place.dataset == page.line.dataset));
}

#[test]
fn a_decision_without_a_reason_is_none_and_nobody_is_asked_about_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let api = world.api();
    let officer = caller(&api, "a.smith");
    let silent = api::Answering { outcome: "nothing".into(), ..api::Answering::default() };
    let refused = api.answer_request(&officer, ("TUR", "r-1"), &silent, now());
    assert!(matches!(refused, Err(Error::Invalid { field: "reason", .. })), "{refused:?}");
    let nobody = api::Asking { document: String::new(), ..World::asking() };
    let refused = api.ask(&officer, &nobody, now());
    assert!(matches!(refused, Err(Error::Invalid { field: "request", .. })), "{refused:?}");
    let elsewhere = api::Asking { to: "nowhere".into(), ..World::asking() };
    assert!(api.ask(&officer, &elsewhere, now()).is_err());
    assert!(matches!(api.request(&officer, ("TUR", "r-9"), now()), Err(Error::Missing { .. })));
    assert!(!format!("{:?}", World::asking()).contains("U1234567"), "nobody is shown");
}
