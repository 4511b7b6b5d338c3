//! What was wrong with carriers' messages: told without anybody's data, and with the text
//! to those alone who may see it; thresholds that are shown before they are set.
#![allow(clippy::unwrap_used)]

mod world;

use api::{Api, Caller, Error, Role, thresholds::Origin};
use world::{DESK, PASSWORD, World};

fn now() -> jiff::Timestamp {
    "2026-11-23T09:00:00Z".parse().unwrap()
}

fn caller(api: &Api, who: &str) -> Caller {
    let signed = api.sign_in((who, PASSWORD), DESK, now()).unwrap();
    api.authenticate(&signed.token, now()).unwrap()
}

#[test]
fn a_fault_is_told_without_the_text_and_with_it_to_those_who_may() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let api = world.api();
    let (liaison, supervisor) = (caller(&api, "l.white"), caller(&api, "b.jones"));
    let newest = api.submissions(&liaison, None, (0, 10)).unwrap().remove(0);
    let page = api.submission(&liaison, &newest.id).unwrap();
    let told = serde_json::to_string(&page).unwrap();
    assert!(!told.contains("BLENKINSOP") && !told.contains("991300"), "{told}");
    let birth = page.faults.iter().find(|f| f.code == "P-BIRTH").unwrap();
    assert!(birth.place.starts_with("line 11, byte "), "{}", birth.place);
    assert!(!birth.text.is_empty() && !birth.expected.is_empty() && !birth.advice.is_empty());

    let refused = api.open_submission(&liaison, &newest.id, now());
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    let size = world.store.log_size().unwrap();
    let page = api.open_submission(&supervisor, &newest.id, now()).unwrap();
    assert_eq!(world.events_from(size), ["submission_opened"]);
    let birth = page.faults.iter().find(|f| f.code == "P-BIRTH").unwrap();
    let shown = birth.shown.as_ref().unwrap();
    assert_eq!(shown.found, "991300");
    assert_eq!(shown.around, ["DTM+329:", "991300", "'"]);
}

#[test]
fn quality_is_that_of_the_store_and_falls_into_weeks() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let api = world.api();
    let lines = api.quality(&caller(&api, "l.white"), now()).unwrap();
    let whole = world.store.quality().unwrap();
    for line in &lines {
        let known = whole.iter().find(|q| q.carrier == line.carrier);
        assert_eq!(line.score, known.and_then(store::Quality::score), "{}", line.carrier);
        assert_eq!(line.messages, known.map_or(0, |q| q.messages));
        let weeks = line.by_week.iter().flatten().count() as u64;
        assert_eq!(weeks, line.messages, "one came in each week");
    }
    assert!(lines.iter().any(|l| l.messages > 0) && lines.iter().any(|l| l.score.is_none()));
}

#[test]
fn thresholds_are_shown_on_stored_alerts_and_then_set_with_what_was_found() {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), now());
    let api = world.api();
    let supervisor = caller(&api, "b.jones");
    let before = api.thresholds(&supervisor, "national").unwrap();
    assert_eq!(before.origin, Origin::Scorer);
    let size = world.store.log_size().unwrap();
    let same = (before.possible, before.hit);
    let nothing = api.rehearse_thresholds(&supervisor, "national", same).unwrap();
    assert_eq!((nothing.appear.1, nothing.vanish.1), (0, 0));
    assert!(nothing.stored > 0);
    let all = api.rehearse_thresholds(&supervisor, "national", (90.0, 99.0)).unwrap();
    // A document alone alerts, whatever the threshold.
    assert_eq!(all.vanish.1 + all.would[1] + all.would[2], all.is[1] + all.is[2]);
    assert!(all.vanish.1 > 0);
    for crossed in [(20.0, 10.0), (f64::NAN, 10.0), (-5.0, 10.0)] {
        let refused = api.set_thresholds(&supervisor, "national", crossed, now());
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{crossed:?}");
    }
    assert!(matches!(
        api.set_thresholds(&supervisor, "nowhere", (9.0, 14.0), now()),
        Err(Error::Missing { .. })
    ));
    assert_eq!(world.store.log_size().unwrap(), size, "nothing was done");

    api.set_thresholds(&supervisor, "national", (90.0, 99.0), now()).unwrap();
    let holds = api::thresholds::holding((&world.store, &*world.office()), "national").unwrap();
    assert_eq!(holds.map(|t| (t.possible, t.hit)), Some((90.0, 99.0)));
    let log = api.log(&supervisor, None, 1).unwrap();
    let vanish = ("vanish", all.vanish.1.to_string());
    assert!(log.events[0].kind == "thresholds_set" && log.events[0].fields.contains(&vanish));
    let set = api.thresholds(&supervisor, "national").unwrap();
    assert!(matches!(set.origin, Origin::Set { by, .. } if by == "b.jones"));
    assert!(!api::Operation::SetThresholds.allows(&[Role::Administrator, Role::Officer]));
}
