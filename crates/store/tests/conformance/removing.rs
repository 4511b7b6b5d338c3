//! Single travellers who go before their day does.

use audit::{Actor, Event, Logged};
use jiff::civil::{Date, date};
use policy::Ground;
use store::{
    Batch, CARRIERS, Change, KeptKey, Leaving, NewCase, Store, StoreError, restore,
    rows::{HitRow, List, Opening},
};
use travel::{ElementSet, Kind};

use super::world::*;

const KEY: (&str, Date) = (CARRIERS, date(2026, 9, 22));
const RULE: &str = "UK-09";

/// Two lists of one day, the first of a message that is kept; a hit of each of the first two
/// travellers on it, decided on and looked at.
fn kept(place: &impl Place) -> Store {
    let store = place.create().unwrap();
    let list = passengers_many(3);
    let first = List { submission: Some("s-1".into()), ..sealed_list(&store, "list-1", &list) };
    let first = List { travellers: 3, ..first };
    let second = List {
        submission: None,
        flight: "TK2/2026-09-22/IST-LHR".into(),
        ..sealed_list(&store, "list-2", &list)
    };
    let second = List { travellers: 3, ..second };
    let mut s = submission("s-1", digest("message"), "yes");
    s.original = sealed(&store, ("original", "s-1"), &format!("NAD+FL+++{SURNAME}:ANNA 0 MARIA'"));
    s.answer = sealed(&store, ("answer", "s-1"), "fine");
    let mut other = submission("s-2", digest("another"), "yes");
    other.original = sealed(&store, ("original", "s-2"), "nobody of these");
    other.answer = sealed(&store, ("answer", "s-2"), "fine");
    let mut changes = vec![
        Change::Submission(s),
        Change::Submission(other),
        Change::List(first),
        Change::List(second),
        screened("list-1"),
        screened("list-2"),
    ];
    for (id, traveller) in [("hit-0", 0), ("hit-1", 1)] {
        let why = sealed(&store, ("hit", id), "why");
        let pair = Some(format!("pair of {id}"));
        changes.push(Change::Hit(HitRow {
            traveller,
            pair,
            sealed: why,
            ..hit(id, "list-1", "QDi.001")
        }));
        let mut change = decision(id, 1, "first");
        let Change::Decision { decision, .. } = &mut change else { unreachable!() };
        decision.reason = sealed(
            &store,
            (
                "reason",
                match id {
                    "hit-0" => "hit-0/1",
                    _ => "hit-1/1",
                },
            ),
            "because",
        );
        changes.push(change);
        changes.push(Change::Opened(Opening {
            at: at(3),
            officer: "first".into(),
            list: "list-1".into(),
            traveller: Some(traveller),
            purpose: "terrorism".into(),
            reason: vec![traveller as u8 + 1; 40],
        }));
    }
    done(&store, changes);
    store
}

fn sealed(store: &Store, sealed_as: (&'static str, &str), text: &str) -> Vec<u8> {
    store.seal(KEY, sealed_as, text.as_bytes(), at(1)).unwrap()
}

fn screened(id: &str) -> Change {
    Change::Screened { list: id.into(), watchlists: "w1".into(), at: at(2) }
}

fn row(store: &Store, id: &str) -> List {
    store.list(id).unwrap().unwrap()
}

fn leaving(travellers: &[u32]) -> [Leaving; 1] {
    [Leaving { list: "list-1".into(), travellers: travellers.to_vec() }]
}

fn begin(store: &Store, travellers: &[u32]) -> Result<Vec<(String, Date)>, StoreError> {
    store.begin_removal(&leaving(travellers), &[RULE.to_owned()], (Actor::Node, at(9)))
}

/// Removes the first traveller of the first list.
fn remove(store: &Store) {
    assert_eq!(begin(store, &[0]).unwrap(), [(KEY.0.to_owned(), KEY.1)]);
    let gone = store.go_over(KEY.0, KEY.1, at(10)).unwrap();
    assert_eq!((gone.travellers, gone.lists), (1, 2));
    store.purge_day(KEY.0, KEY.1, at(10)).unwrap();
}

/// Whose names can be read of a list, by number.
fn names(store: &Store, id: &str) -> Vec<String> {
    let list = store.open_list(&row(store, id)).unwrap();
    list.travellers().iter().map(|t| t.written_name()).collect()
}

fn events(store: &Store) -> Vec<Event> {
    let all = store.events(0, u32::MAX).unwrap();
    all.iter().map(|(_, bytes)| Logged::decode(bytes).unwrap().event).collect()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

fn conflicts<T>(result: Result<T, StoreError>) {
    assert!(matches!(result, Err(StoreError::Conflict(_))), "{:?}", result.err());
}

pub fn who_is_removed_is_gone_alone_and_the_others_keep_their_numbers(place: &impl Place) {
    let store = kept(place);
    let before = names(&store, "list-1");
    remove(&store);
    for store in [store, place.open()] {
        let after = names(&store, "list-1");
        assert_eq!(after[0], "");
        assert_eq!(after[1..], before[1..]);
        assert_eq!(names(&store, "list-2"), before);
        let list = store.open_list(&row(&store, "list-1")).unwrap();
        assert_eq!(list.travellers()[0].kind, Kind::Removed);
        assert_eq!(list.restricted_to(ElementSet::ALL, None).travellers().len(), 2);
        // What is left of the list is masked as the whole was.
        let rest = store.open_remainder(&row(&store, "list-1")).unwrap().unwrap();
        assert!(rest.travellers().iter().all(|t| t.surname.is_empty()));
        // The message names everybody; another's stays.
        assert!(store.open_original(&store.submission("s-1").unwrap().unwrap()).is_err());
        assert!(store.open_answer(&store.submission("s-1").unwrap().unwrap()).is_err());
        let other = store.submission("s-2").unwrap().unwrap();
        assert_eq!(store.open_original(&other).unwrap(), b"nobody of these");
        // The hit is gone but for who decided on it and when; the other's stays.
        let gone = store.hit("hit-0").unwrap().unwrap();
        assert_eq!((gone.entry.as_str(), gone.pair.clone(), gone.nats), ("", None, 0.0));
        assert_eq!(gone.state, "lapsed");
        assert!(gone.sealed.is_empty() && store.decisions("hit-0").unwrap()[0].reason.is_empty());
        let stays = store.hit("hit-1").unwrap().unwrap();
        assert_eq!(store.open_hit(&stays).unwrap(), b"why");
        let reason = &store.decisions("hit-1").unwrap()[0];
        assert_eq!(store.open_reason(&stays, reason).unwrap(), "because");
        let told = store.removals_of("list-1").unwrap();
        assert_eq!(
            (told.len(), told[0].travellers.as_str(), told[0].rules.as_str()),
            (1, "0", RULE)
        );
        assert_eq!(store.removed_of("list-1").unwrap(), [0]);
        assert!(told[0].removed_at.is_some());
        assert!(store.going().unwrap().is_empty() && store.unpurged().unwrap().is_empty());
        log_is_whole(&store);
    }
    let store = place.open();
    let key = || "carrier/2026-09-22".to_owned();
    let (rules, travellers) = (vec![RULE.to_owned()], vec!["list-1/0".to_owned()]);
    let begun =
        Event::RemovalBegun { key: key(), rules: rules.clone(), travellers: travellers.clone() };
    let erased = Event::Erased { key: key(), lists: 0, rules, travellers };
    let told = events(&store);
    assert!(told.contains(&begun));
    assert_eq!(told.last(), Some(&erased));
    // Once more, of who is left; the new keys go as the old ones did.
    begin(&store, &[0]).unwrap_err();
    assert_eq!(begin(&store, &[2]).unwrap(), [("carrier~2".to_owned(), KEY.1)]);
    store.go_over("carrier~2", KEY.1, at(12)).unwrap();
    assert_eq!(names(&store, "list-1"), ["", &before[1], ""]);
    assert_eq!(row(&store, "list-1").scope, "carrier~3");
    assert_eq!(store.removed_of("list-1").unwrap(), [0, 2]);
}

pub fn a_day_that_went_over_has_the_clocks_that_it_had(place: &impl Place) {
    let store = kept(place);
    remove(&store);
    let keys = store.day_keys().unwrap();
    let new = keys.iter().find(|k| k.scope == "carrier~2").unwrap();
    assert_eq!((new.erase_due, new.mask_due), (date(2027, 3, 22), Some(date(2026, 10, 22))));
    assert!(new.live);
    store.erase_day("carrier~2", KEY.1, (&[RULE.to_owned()], at(20))).unwrap();
    assert!(store.open_list(&row(&store, "list-1")).is_err());
}

pub fn a_copy_of_the_day_before_opens_nobody_of_it(place: &impl Place) {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("yesterday.db");
    let store = kept(place);
    let other = ("TUR", KEY.1);
    let elsewhere = store.seal(other, ("list", "list-3"), &passengers().encode(), at(1)).unwrap();
    let (scope, remainder) = ("TUR".to_owned(), Vec::new());
    done(
        &store,
        vec![Change::List(List { scope, sealed: elsewhere, remainder, ..list("list-3") })],
    );
    store.backup(&copy, |_| {}, at(5)).unwrap();
    assert!(!holds(&std::fs::read(&copy).unwrap(), SURNAME.as_bytes()));
    remove(&store);
    let keys = KeptKey::decode(&KeptKey::encode(&store.kept_keys().unwrap())).unwrap();
    let back = tempfile::tempdir().unwrap();
    let restored = restore(&copy, back.path(), &keys).unwrap();
    assert_eq!(restored.erased, [(KEY.0.to_owned(), KEY.1)]);
    let old = Store::open(back.path(), node_key(1), log_key("gw.gbr.example/log")).unwrap();
    old.tell_again(&restored, at(50)).unwrap();
    for id in ["list-1", "list-2"] {
        assert!(old.open_list(&row(&old, id)).is_err(), "{id}");
        assert!(old.open_remainder(&row(&old, id)).is_err(), "{id}");
    }
    assert!(old.open_original(&old.submission("s-1").unwrap().unwrap()).is_err());
    assert!(old.open_hit(&old.hit("hit-0").unwrap().unwrap()).is_err());
    assert_eq!(names(&old, "list-3").len(), 1, "another day's key is as it was");
    log_is_whole(&old);
    // A copy of now has everybody else.
    let fresh = dir.path().join("today.db");
    store.backup(&fresh, |_| {}, at(60)).unwrap();
    let again = tempfile::tempdir().unwrap();
    restore(&fresh, again.path(), &keys).unwrap();
    let now = Store::open(again.path(), node_key(1), log_key("gw.gbr.example/log")).unwrap();
    assert_eq!(names(&now, "list-1"), names(&store, "list-1"));
}

pub fn neither_what_was_sealed_nor_its_keys_are_on_the_disk_after_a_removal(place: &impl Place) {
    let store = kept(place);
    let old = row(&store, "list-1");
    let original = store.submission("s-1").unwrap().unwrap().original;
    let why = store.hit("hit-0").unwrap().unwrap().sealed;
    let keys = KeptKey::encode(&store.kept_keys().unwrap());
    let wrapped: Vec<&[u8]> = keys.chunks_exact(24).skip(2).collect();
    remove(&store);
    assert!(store.scrub().unwrap());
    let disk = place.disk();
    assert!(!holds(&disk, SURNAME.as_bytes()));
    assert!(wrapped.iter().all(|p| !holds(&disk, p)), "a wrapped key is still on the disk");
    if place.overwrites() {
        for (what, bytes) in [("list", old.sealed), ("original", original), ("hit", why)] {
            assert!(!holds(&disk, &bytes[..24]), "the sealed {what} is still on the disk");
        }
        assert!(!holds(&disk, b"pair of hit-0"));
    }
}

pub fn nothing_more_is_sealed_under_the_keys_that_go(place: &impl Place) {
    let store = kept(place);
    // Sealed before the mark, and given to the writer after it.
    let late = HitRow {
        sealed: sealed(&store, ("hit", "hit-9"), "why"),
        ..hit("hit-9", "list-1", "QDi.009")
    };
    let list = List {
        flight: "TK3/2026-09-22/IST-LHR".into(),
        ..sealed_list(&store, "list-9", &passengers())
    };
    begin(&store, &[0]).unwrap();
    assert_eq!(store.open_scope(KEY.0, KEY.1).unwrap(), "carrier~2");
    conflicts(store.commit(batch(vec![Change::List(list)])));
    let mut rests = batch(vec![Change::Hit(late)]);
    rests.rests_on(KEY.0, KEY.1);
    conflicts(store.commit(rests));
    conflicts(begin(&store, &[1]));
    conflicts(store.commit(Batch::new(
        vec![Change::GoneOver { scope: KEY.0.into(), day: KEY.1, at: at(10) }],
        Vec::new(),
    )));
    // A row that was read before it went over opens all the same.
    let old = row(&store, "list-2");
    store.go_over(KEY.0, KEY.1, at(10)).unwrap();
    assert_eq!(store.open_list(&old).unwrap().travellers().len(), 3);
    let late = List {
        flight: "TK3/2026-09-22/IST-LHR".into(),
        ..sealed_list_in(&store, "carrier~2", "list-9")
    };
    done(&store, vec![Change::List(late)]);
    assert_eq!(names(&store, "list-9").len(), 1);
    conflicts(store.go_over("carrier~2", KEY.1, at(11)));
}

fn sealed_list_in(store: &Store, scope: &str, id: &str) -> List {
    let masked = [travel::Element::Names].into_iter().collect();
    let (sealed, remainder) =
        store.seal_list((scope, KEY.1), (id, &passengers()), masked, at(1)).unwrap();
    List { scope: scope.into(), sealed, remainder, ..list(id) }
}

pub fn who_cannot_go_now_is_left_alone(place: &impl Place) {
    let store = kept(place);
    assert!(matches!(begin(&store, &[3]), Err(StoreError::Missing { .. })));
    assert!(matches!(begin(&store, &[]), Err(StoreError::Missing { .. })));
    done(&store, vec![Change::Queue(outgoing("parcel-1", 1))]);
    conflicts(begin(&store, &[0]));
    let receipt = Change::Receipted {
        parcel: "parcel-1".into(),
        status: "receipted".into(),
        receipt: vec![1],
        at: at(6),
    };
    done(
        &store,
        vec![
            receipt,
            Change::List(List {
                flight: "TK4/x/y".into(),
                ..sealed_list(&store, "list-5", &passengers())
            }),
        ],
    );
    let unscreened = [Leaving { list: "list-5".into(), travellers: vec![0] }];
    conflicts(store.begin_removal(&unscreened, &[RULE.to_owned()], (Actor::Node, at(9))));
    store.mask_day(KEY, None, at(9)).unwrap();
    conflicts(begin(&store, &[0]));
    assert!(store.going().unwrap().is_empty() && store.removals().unwrap().is_empty());
    assert!(store.go_over(KEY.0, KEY.1, at(9)).is_err());
}

pub fn the_key_of_the_message_goes_where_it_is_another(place: &impl Place) {
    let store = kept(place);
    // A message of two lists that are under keys of their own; its own key is the second's.
    let other = ("carrier.other", KEY.1);
    let mut s = submission("s-3", digest("both"), "yes");
    s.scope = other.0.into();
    s.original = store.seal(other, ("original", "s-3"), b"names everybody", at(1)).unwrap();
    s.answer = store.seal(other, ("answer", "s-3"), b"fine", at(1)).unwrap();
    let first = List {
        submission: Some("s-3".into()),
        flight: "TK5/x/y".into(),
        ..sealed_list(&store, "list-6", &passengers())
    };
    let second = List {
        submission: Some("s-3".into()),
        flight: "TK6/x/y".into(),
        ..sealed_list_in(&store, other.0, "list-7")
    };
    done(
        &store,
        vec![Change::Submission(s), Change::List(first), Change::List(second), screened("list-6")],
    );
    let leaving = [Leaving { list: "list-6".into(), travellers: vec![0] }];
    let keys = store.begin_removal(&leaving, &[RULE.to_owned()], (Actor::Node, at(9))).unwrap();
    assert_eq!(keys, [(KEY.0.to_owned(), KEY.1), (other.0.to_owned(), other.1)]);
    keys.iter().for_each(|(scope, day)| drop(store.go_over(scope, *day, at(10)).unwrap()));
    assert!(store.open_original(&store.submission("s-3").unwrap().unwrap()).is_err());
    assert_eq!(names(&store, "list-6"), [""]);
    assert_eq!(names(&store, "list-7").len(), 1);
    assert!(names(&store, "list-7")[0].starts_with(SURNAME));
    assert!(store.removals().unwrap().iter().all(|r| r.removed_at.is_some()));
}

pub fn who_has_left_is_due_and_grounds_hold_them_one_by_one(place: &impl Place) {
    let store = kept(place);
    let (day, today) = (at(60), date(2026, 9, 30));
    let mut due = List {
        leave_due: Some(date(2026, 9, 23)),
        flight: "TK7/x/y".into(),
        ..sealed_list(&store, "list-8", &passengers_many(4))
    };
    due.travellers = 4;
    let later = List { leave_due: Some(date(2027, 1, 1)), id: "list-9".into(), ..due.clone() };
    done(&store, vec![Change::List(due), Change::List(later)]);
    let now = today.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    assert!(now > day && store.leaving(now).unwrap().is_empty(), "it waits to be screened");
    done(&store, vec![screened("list-8"), screened("list-9")]);
    assert_eq!(store.leaving(now).unwrap(), ["list-8"]);
    let upheld =
        HitRow { state: "upheld".into(), traveller: 1, ..hit("hit-8", "list-8", "QDi.001") };
    let open = HitRow { traveller: 2, ..hit("hit-9", "list-8", "QDi.001") };
    let silent =
        HitRow { band: "silent".into(), traveller: 3, ..hit("hit-10", "list-8", "QDi.001") };
    done(&store, vec![Change::Hit(upheld), Change::Hit(open), Change::Hit(silent)]);
    for (id, hold) in [("case-1", false), ("hold-1", true)] {
        let new = NewCase {
            id,
            ground: "an order",
            keep_until: date(2027, 2, 1),
            hold,
            officer: "first",
        };
        store.open_case(&new, at(9)).unwrap();
        let case = store.case(id).unwrap().unwrap();
        let number = u32::from(hold);
        store.copy_to_case(&case, (&row(&store, "list-8"), number), ("first", at(9))).unwrap();
    }
    let held = |day: Date| store.held("list-8", day).unwrap();
    let all = [(0, Ground::Case), (1, Ground::Hold), (1, Ground::UpheldHit), (2, Ground::OpenHit)];
    assert_eq!(held(today), all);
    // A case and a hold end on their own day.
    assert_eq!(held(date(2027, 2, 1)), [(1, Ground::UpheldHit), (2, Ground::OpenHit)]);
    let case = store.case("case-1").unwrap().unwrap();
    store.close_case(&case, "first", at(9)).unwrap();
    assert_eq!(held(today)[0], (1, Ground::Hold));
    done(&store, vec![Change::LeaveLater { list: "list-8".into(), due: date(2026, 10, 1) }]);
    assert!(store.leaving(now).unwrap().is_empty());
}
