//! The hit queue and the decisions on it: two officers where it is strong, a reason
//! always, and nobody named who has no hit.
#![allow(clippy::unwrap_used)]

mod world;

use std::sync::Arc;

use api::{Api, Caller, Decided, Error, QueueState, Verdict};
use expect_test::{Expect, expect};
use jiff::Timestamp;
use world::{DESK, PASSWORD, UNREMARKABLE, World};

struct Node {
    _dir: tempfile::TempDir,
    world: World,
    api: Arc<Api>,
}

fn node() -> Node {
    let dir = tempfile::tempdir().unwrap();
    let world = World::busy(dir.path(), "2026-11-23T09:00:00Z".parse::<Timestamp>().unwrap());
    let api = world.api();
    Node { _dir: dir, world, api }
}

impl Node {
    fn caller(&self, name: &str) -> Caller {
        let token = self.api.sign_in((name, PASSWORD), DESK, self.world.now).unwrap().token;
        self.api.authenticate(&token, self.world.now).unwrap()
    }

    fn first_hit(&self, caller: &Caller) -> String {
        self.api.hits(caller, QueueState::Waiting, (None, 1)).unwrap().hits.remove(0).id
    }

    fn decide(&self, caller: &Caller, hit: &str, verdict: Verdict) -> Result<Decided, Error> {
        self.api.decide(caller, hit, (verdict, "  compared all identifiers "), self.world.now)
    }
}

#[test]
fn a_strong_hit_is_upheld_by_two_different_officers() {
    let node = node();
    let (one, other) = (node.caller("a.smith"), node.caller("b.jones"));
    let hit = node.first_hit(&one);
    let before = node.world.store.log_size().unwrap();

    assert_eq!(node.decide(&one, &hit, Verdict::Uphold).unwrap().state, "half");
    assert!(matches!(node.decide(&one, &hit, Verdict::Uphold), Err(Error::SameOfficer)));
    assert!(node.world.upheld.lock().is_empty());
    let page = node.api.hit(&one, &hit, node.world.now).unwrap();
    assert!(!page.may_decide);

    assert_eq!(node.decide(&other, &hit, Verdict::Uphold).unwrap().state, "upheld");
    assert_eq!(*node.world.upheld.lock(), ["SY-0117 by a.smith, b.jones"]);
    assert!(matches!(node.decide(&other, &hit, Verdict::Dismiss), Err(Error::Decided)));

    let events = node.world.events_from(before);
    assert_eq!(events, ["decision_made", "record_opened", "decision_made", "hit_upheld"]);
    let page = node.api.hit(&one, &hit, node.world.now).unwrap();
    let said: Vec<_> = page.decisions.iter().map(|d| (d.ordinal, d.reason.as_str())).collect();
    assert_eq!(said, [(1, "compared all identifiers"), (2, "compared all identifiers")]);
}

#[test]
fn one_officer_dismisses_and_nothing_is_handed_on() {
    let node = node();
    let one = node.caller("a.smith");
    let hit = node.first_hit(&one);
    assert_eq!(node.decide(&one, &hit, Verdict::Dismiss).unwrap().state, "dismissed");
    assert!(node.world.upheld.lock().is_empty());
    let waiting = node.api.hits(&one, QueueState::Waiting, (None, 50)).unwrap();
    assert!(waiting.hits.iter().all(|h| h.id != hit));
}

#[test]
fn the_second_officer_may_say_no() {
    let node = node();
    let (one, other) = (node.caller("a.smith"), node.caller("b.jones"));
    let hit = node.first_hit(&one);
    node.decide(&one, &hit, Verdict::Uphold).unwrap();
    assert_eq!(node.decide(&other, &hit, Verdict::Dismiss).unwrap().state, "dismissed");
    assert!(node.world.upheld.lock().is_empty());
}

#[test]
fn a_decision_without_a_reason_is_none() {
    let node = node();
    let one = node.caller("a.smith");
    let hit = node.first_hit(&one);
    for reason in ["", "  \n ", "ok"] {
        let done = node.api.decide(&one, &hit, (Verdict::Dismiss, reason), node.world.now);
        assert!(matches!(done, Err(Error::Invalid { field: "reason", .. })), "{reason:?}");
    }
    let long = "x".repeat(2001);
    let done = node.api.decide(&one, &hit, (Verdict::Dismiss, &long), node.world.now);
    assert!(matches!(done, Err(Error::Invalid { field: "reason", .. })));
}

#[test]
fn the_queue_is_paged_in_the_order_of_departure() {
    let node = node();
    let one = node.caller("a.smith");
    let whole = node.api.hits(&one, QueueState::Waiting, (None, 50)).unwrap();
    assert!(whole.next.is_none());
    assert!(whole.hits.is_sorted_by_key(|h| h.departs_at));
    let mut paged = Vec::new();
    let mut after = None;
    loop {
        let page = node.api.hits(&one, QueueState::Waiting, (after.as_deref(), 2)).unwrap();
        paged.extend(page.hits.into_iter().map(|h| h.id));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(paged, whole.hits.iter().map(|h| h.id.clone()).collect::<Vec<_>>());
}

#[test]
fn a_hit_shows_the_booking_beside_the_entry_with_each_weight() {
    let node = node();
    let one = node.caller("a.smith");
    let page = node.api.hit(&one, &node.first_hit(&one), node.world.now).unwrap();
    let mut text = format!("{} | {}\n", page.record.name, page.line.entry);
    for e in &page.evidence {
        text += &format!("{}: {} | {} | {}\n", e.feature, e.traveller, e.entry, e.relation);
    }
    let sum: f64 = page.evidence.iter().map(|e| e.nats).sum();
    assert!((sum - page.line.nats).abs() < 1e-6, "the ledger adds up to the score");
    check(
        &text,
        expect![[r#"
            ALKHALIDI/FARID | Farid al-Khalidi
            name: FARID | FARID | same
            name: ALKHALIDI | KHALIDI | with its article
            names that go together:  |  | names that often go together
            birth date: 1979-03-11 | 1979-03-11 | same
            sex: M | M | same
            nationality: SYR | SYR | same
            document: N00412877 | N00412877 | same number and issuer
        "#]],
    );
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(text);
}

#[test]
fn on_a_flight_only_those_with_a_hit_are_named() {
    let node = node();
    let one = node.caller("a.smith");
    let hit = node.api.hits(&one, QueueState::Waiting, (None, 1)).unwrap().hits.remove(0);
    let page = node.api.flight(&one, (&hit.key, None), (0, 500)).unwrap();
    let named: Vec<_> = page.travellers.iter().filter_map(|t| t.name.as_deref()).collect();
    assert_eq!(named, ["ALKHALIDI/FARID"]);
    assert_eq!(page.travellers.len(), page.total);

    node.decide(&one, &hit.id, Verdict::Dismiss).unwrap();
    let page = node.api.flight(&one, (&hit.key, None), (0, 500)).unwrap();
    assert!(page.travellers.iter().all(|t| t.name.is_none()), "a dismissed hit names nobody");
}

#[test]
fn a_record_is_opened_for_a_purpose_and_that_is_logged_first() {
    let node = node();
    let one = node.caller("a.smith");
    let now = node.world.now;
    let hit = node.api.hits(&one, QueueState::Waiting, (None, 1)).unwrap().hits.remove(0);
    let page = node.api.flight(&one, (&hit.key, None), (0, 500)).unwrap();
    let list = page.lists[0].id.clone();
    let page = node.api.flight(&one, (&hit.key, Some(&list)), (0, 500)).unwrap();
    let last = page.total as u32 - 1;
    let open =
        |purpose, reason| node.api.open_traveller(&one, (&list, last), (purpose, reason), now);

    let before = node.world.store.log_size().unwrap();
    assert!(matches!(open("curiosity", "wondering"), Err(Error::Invalid { field: "purpose", .. })));
    assert!(matches!(open("terrorism", " "), Err(Error::Invalid { field: "reason", .. })));
    assert!(node.world.events_from(before).is_empty());
    let record = open("serious_crime", "file 2026/118").unwrap();
    assert!(record.name.starts_with(UNREMARKABLE));
    assert_eq!(node.world.events_from(before), ["record_opened"]);
    let missing = node.api.open_traveller(&one, (&list, 9999), ("terrorism", "file"), now);
    assert!(matches!(missing, Err(Error::Missing { what: "traveller", .. })));
}

#[test]
fn somebody_is_looked_up_for_a_purpose_and_that_is_logged_before_anything_is_shown() {
    let node = node();
    let one = node.caller("a.smith");
    let now = node.world.now;
    let search = |document: &str, purpose: &str| {
        let (document, purpose) = (document.to_owned(), purpose.to_owned());
        let search = api::Search { document, purpose, ..Default::default() };
        node.api.search(&one, &search, now)
    };
    let before = node.world.store.log_size().unwrap();
    let curious = search("N00412877", "curiosity");
    assert!(matches!(curious, Err(Error::Invalid { field: "purpose", .. })));
    assert!(matches!(search("?", "terrorism"), Err(Error::Invalid { field: "document", .. })));
    assert!(node.world.events_from(before).is_empty());
    let page = search("n 00412877", "terrorism").unwrap();
    assert_eq!((page.by, page.cut, page.not_searched), ("document", false, 0));
    assert!(!page.found.is_empty());
    let place = &page.found[0];
    let record = (place.list.as_str(), place.traveller.unwrap());
    let record = node.api.open_traveller(&one, record, ("terrorism", "file 12"), now).unwrap();
    assert_eq!(record.name, "ALKHALIDI/FARID");
    assert_eq!(node.world.events_from(before), ["searched", "record_opened"]);
    assert!(search("N00412878", "terrorism").unwrap().found.is_empty());
    let day = place.key.split('/').nth(1).unwrap().parse().unwrap();
    let (flight, purpose) = (place.flight.clone(), "border_control".to_owned());
    let search = api::Search { flight, day: Some(day), purpose, ..Default::default() };
    let flights = node.api.search(&one, &search, now).unwrap();
    assert!(flights.found.iter().any(|f| f.list == place.list && f.traveller.is_none()));
}

#[test]
fn the_whole_log_is_recomputed_and_said_to_be_whole() {
    let node = node();
    let dpo = node.caller("d.green");
    let found = node.api.verify_log(&dpo, node.world.now).unwrap();
    assert!(found.ok, "{:?}", found.findings);
    assert_eq!(found.checked, node.world.store.log_size().unwrap());
    let page = node.api.log(&dpo, None, 10).unwrap();
    assert!(page.verified.unwrap().ok);
    assert_eq!((page.events.len(), page.events[0].position), (10, page.size - 1));
    let older = node.api.log(&dpo, page.older, 10).unwrap();
    assert_eq!(older.events[0].position, page.size - 11);
    assert_eq!(older.newer, Some(page.size));
}
