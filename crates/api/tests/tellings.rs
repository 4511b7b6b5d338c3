//! What partners tell unasked, as officers see it, and what they tell themselves.
#![allow(clippy::unwrap_used)]

mod world;

use api::{Api, Caller, Error, Tell};
use world::{DESK, PASSWORD, World};

fn now() -> jiff::Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

fn caller(api: &Api, who: &str) -> Caller {
    let signed = api.sign_in((who, PASSWORD), DESK, now()).unwrap();
    api.authenticate(&signed.token, now()).unwrap()
}

#[test]
fn an_officer_reads_why_a_partner_tells_of_whom_and_that_is_logged_first() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let api = world.api();
    let officer = caller(&api, "a.smith");
    let lines = api.tellings(&officer, 10).unwrap();
    let line = &lines[0];
    assert_eq!((line.outgoing, line.seen_by.clone(), line.travellers), (false, None, 1));
    assert!(!serde_json::to_string(&lines).unwrap().contains("OKAFOR"), "the table names nobody");
    let (before, of) = (world.store.log_size().unwrap(), ("TUR", line.parcel.as_str()));
    let page = api.telling(&officer, of, now()).unwrap();
    assert_eq!(world.events_from(before), ["record_opened"]);
    assert!(page.reason.contains("is expected by") && page.records[0].name.contains("OKAFOR"));
    let other = caller(&api, "b.jones");
    api.telling(&other, of, now()).unwrap();
    let seen = api.tellings(&other, 10).unwrap().remove(0).seen_by;
    assert_eq!(seen.as_deref(), Some("a.smith"), "who opened it first");
}

#[test]
fn nobody_is_told_of_without_a_reason_or_of_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let api = world.api();
    let officer = caller(&api, "a.smith");
    let list = world.store.newest_lists(None, 1).unwrap().remove(0).id;
    for (tell, wrong) in [
        (Tell { reason: " ".into(), ..World::telling(&list) }, "reason"),
        (Tell { travellers: Vec::new(), ..World::telling(&list) }, "travellers"),
        (Tell { purpose: "curiosity".into(), ..World::telling(&list) }, "purpose"),
        (Tell { to: "nowhere".into(), ..World::telling(&list) }, "to"),
    ] {
        let refused = api.tell(&officer, &tell, now());
        assert!(matches!(refused, Err(Error::Invalid { field, .. }) if field == wrong), "{wrong}");
    }
    let missing = api.telling(&officer, ("TUR", "nothing"), now());
    assert!(matches!(missing, Err(Error::Missing { .. })));
    assert!(!format!("{:?}", World::telling(&list)).contains("case"), "nothing is shown");
}
