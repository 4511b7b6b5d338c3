//! What is sealed opens with its own key, under its own name, unchanged, or not at all.

use std::sync::Arc;

use audit::{Event, Logged};
use jiff::civil::date;
use store::{CARRIERS, Change, StoreError, rows::*};

use super::world::*;

const KEY: &str = CARRIERS;

pub fn lists_originals_and_explanations_open_as_they_were_sealed(place: &impl Place) {
    let store = place.create().unwrap();
    let key = (KEY, day());
    let row = sealed_list(&store, "list-1", &passengers());
    let mut s = submission("s-1", digest("message"), "yes");
    s.original = store.seal(key, ("original", "s-1"), b"UNB+UNOA:4", at(1)).unwrap();
    let mut h = hit("hit-1", "list-1", "QDi.001");
    h.sealed = store.seal(key, ("hit", "hit-1"), b"why", at(1)).unwrap();
    let reason = store.seal(key, ("reason", "hit-1/1"), b"the same person", at(1)).unwrap();
    let Change::Decision { mut decision, state } = decision("hit-1", 1, "first") else {
        unreachable!()
    };
    decision.reason = reason;
    let ground = store.seal(key, ("ground", "r-1"), b"ground", at(1)).unwrap();
    let received = received_hit(ground);
    let why = store.seal(key, ("telling", "parcel-2"), b"why it is told", at(1)).unwrap();
    let telling = telling(why);
    done(
        &store,
        vec![
            Change::Submission(s),
            Change::List(row),
            Change::Hit(h),
            Change::Decision { decision, state },
            Change::ReceivedHit(received),
            Change::Telling(telling.clone()),
        ],
    );
    drop(store);

    let store = place.open();
    let row = store.list("list-1").unwrap().unwrap();
    assert!(store.open_list(&row).unwrap() == passengers());
    let s = store.submission("s-1").unwrap().unwrap();
    assert_eq!(store.open_original(&s).unwrap(), b"UNB+UNOA:4");
    let h = store.hit("hit-1").unwrap().unwrap();
    assert_eq!(store.open_hit(&h).unwrap(), b"why");
    let decisions = store.decisions("hit-1").unwrap();
    assert_eq!(store.open_reason(&h, &decisions[0]).unwrap(), "the same person");
    let received = store.received_hit("r-1").unwrap().unwrap();
    assert_eq!(store.open_ground(&received).unwrap(), b"ground");
    assert_eq!(store.telling("TUR", "parcel-2").unwrap(), Some(telling.clone()));
    assert_eq!(store.open_telling(&telling).unwrap(), b"why it is told");
    let seen = |officer: &str| {
        let (partner, parcel) = ("TUR".into(), "parcel-2".into());
        done(
            &store,
            vec![Change::TellingSeen { partner, parcel, officer: officer.into(), at: at(6) }],
        );
    };
    seen("a.smith");
    seen("b.jones");
    let first = TellingRow { seen_by: Some("a.smith".into()), seen_at: Some(at(6)), ..telling };
    assert_eq!(
        store.tellings(10).unwrap(),
        std::slice::from_ref(&first),
        "the first who opened it"
    );
    done(&store, vec![Change::TakeBack { list: "list-1".into(), at: at(7) }]);
    let gone = TellingRow { sealed: Vec::new(), ..first };
    assert_eq!(store.telling("TUR", "parcel-2").unwrap(), Some(gone), "it goes with its list");
}

fn telling(sealed: Vec<u8>) -> TellingRow {
    TellingRow {
        partner: "TUR".into(),
        parcel: "parcel-2".into(),
        outgoing: false,
        purpose: "terrorism".into(),
        list: "list-1".into(),
        travellers: "0".into(),
        told_by: None,
        at: at(5),
        seen_by: None,
        seen_at: None,
        sealed,
    }
}

fn received_hit(sealed: Vec<u8>) -> ReceivedHit {
    ReceivedHit {
        id: "r-1".into(),
        partner: "TUR".into(),
        parcel: "parcel-1".into(),
        list: "list-1".into(),
        received_at: at(5),
        seen_by: None,
        seen_at: None,
        sealed,
    }
}

pub fn a_changed_byte_is_found(place: &impl Place) {
    let store = place.create().unwrap();
    let row = sealed_list(&store, "list-1", &passengers());
    for i in 0..row.sealed.len() {
        let mut changed = row.clone();
        changed.sealed[i] ^= 0x10;
        does_not_open(store.open_list(&changed));
    }
    for length in 0..row.sealed.len() {
        let mut cut = row.clone();
        cut.sealed.truncate(length);
        does_not_open(store.open_list(&cut));
    }
}

pub fn a_list_does_not_open_under_another_id_day_origin_or_purpose(place: &impl Place) {
    let store = place.create().unwrap();
    let row = sealed_list(&store, "list-1", &passengers());
    // The other days have keys, too.
    let other_day = date(2026, 9, 23);
    store.seal((KEY, other_day), ("list", "x"), b"x", at(1)).unwrap();
    store.seal(("TUR", day()), ("list", "x"), b"x", at(1)).unwrap();
    does_not_open(store.open_list(&List { id: "list-2".into(), ..row.clone() }));
    does_not_open(store.open_list(&List { day: other_day, ..row.clone() }));
    does_not_open(store.open_list(&List { scope: "TUR".into(), ..row.clone() }));
    does_not_open(store.unseal((KEY, day()), ("hit", "list-1"), &row.sealed));
    store.open_list(&row).unwrap();
}

fn does_not_open<T>(result: Result<T, StoreError>) {
    match result {
        Err(StoreError::Sealed { .. }) => {}
        Err(other) => panic!("the wrong error: {other}"),
        Ok(_) => panic!("it opens"),
    }
}

pub fn another_node_key_opens_nothing(place: &impl Place) {
    let store = place.create().unwrap();
    let row = sealed_list(&store, "list-1", &passengers());
    done(&store, vec![Change::List(row)]);
    drop(store);
    let store = place.open_with(node_key(2), log_key("gw.gbr.example/log")).unwrap();
    let row = store.list("list-1").unwrap().unwrap();
    does_not_open(store.open_list(&row));
}

pub fn a_destroyed_day_takes_its_lists_and_no_others(place: &impl Place) {
    let store = place.create().unwrap();
    let (row, other) = (
        sealed_list(&store, "list-1", &passengers()),
        store.seal(("TUR", day()), ("list", "list-2"), &passengers().encode(), at(1)).unwrap(),
    );
    // As an older store has it: in one part.
    let scope = "TUR".to_owned();
    let other = List { scope, sealed: other, remainder: Vec::new(), ..list("list-2") };
    done(&store, vec![Change::List(row), Change::List(other)]);
    let rules = ["EU-21".to_owned()];
    assert_eq!(store.erase_day(KEY, day(), (&rules, at(9))).unwrap(), 1);

    for store in [store, place.open()] {
        does_not_open(store.open_list(&store.list("list-1").unwrap().unwrap()));
        store.open_list(&store.list("list-2").unwrap().unwrap()).unwrap();
        does_not_open(store.seal((KEY, day()), ("list", "list-3"), b"late", at(9)));
    }
    let store = place.open();
    let last = store.events(store.log_size().unwrap() - 1, 1).unwrap().remove(0).1;
    let key = format!("{KEY}/{}", day());
    let erased = Event::Erased { key, lists: 1, rules: rules.to_vec(), travellers: Vec::new() };
    assert_eq!(Logged::decode(&last).unwrap().event, erased);
    let again = store.erase_day(KEY, day(), (&rules, at(9)));
    assert!(matches!(again, Err(StoreError::Conflict(_))), "it is erased once");
    log_is_whole(&store);
}

pub fn a_day_has_one_key_however_many_ask_for_it_at_once(place: &impl Place) {
    let store = Arc::new(place.create().unwrap());
    let seal = |i: usize| {
        let store = store.clone();
        move || {
            let id = format!("list-{i}");
            (store.seal((KEY, day()), ("list", &id), id.as_bytes(), at(1)).unwrap(), id)
        }
    };
    let threads: Vec<_> = (0..12).map(|i| std::thread::spawn(seal(i))).collect();
    let sealed: Vec<_> = threads.into_iter().map(|t| t.join().unwrap()).collect();
    let store = place.open();
    for (bytes, id) in sealed {
        let plain = store.unseal((KEY, day()), ("list", &id), &bytes).unwrap();
        assert_eq!(plain, id.as_bytes());
    }
    log_is_whole(&store);
}

pub fn no_name_is_readable_on_the_disk(place: &impl Place) {
    let store = place.create().unwrap();
    let row = sealed_list(&store, "list-1", &passengers());
    let key = (KEY, day());
    let mut s = submission("s-1", digest("message"), "yes");
    let original = format!("NAD+FL+++{SURNAME}:ANNA MARIA'");
    s.original = store.seal(key, ("original", "s-1"), original.as_bytes(), at(1)).unwrap();
    assert!(!format!("{row:?}{s:?}").contains(SURNAME));
    done(&store, vec![Change::Submission(s), Change::List(row)]);
    let holds = |disk: &[u8], text: &str| disk.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds(&place.disk(), "TK1980/2026-09-22"), "this is not where the rows are");
    assert!(!holds(&place.disk(), SURNAME));
    drop(store);
    assert!(!holds(&place.disk(), SURNAME));
}
