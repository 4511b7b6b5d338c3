//! Keys with a clock: masked, erased, copied away, put back.

use std::path::Path;

use audit::{Event, Logged};
use jiff::civil::{Date, date};
use store::{
    CARRIERS, Change, KeptKey, NewCase, Store, StoreError,
    authority::{AuthorityKey, Grant, Request},
    restore,
    rows::List,
};

use super::world::*;

const KEY: (&str, Date) = (CARRIERS, date(2026, 9, 22));

/// A store with one kept list and its original.
fn kept(place: &impl Place) -> Store {
    let store = place.create().unwrap();
    let row = sealed_list(&store, "list-1", &passengers_many(3));
    let mut s = submission("s-1", digest("message"), "yes");
    let original = format!("NAD+FL+++{SURNAME}:ANNA MARIA'");
    s.original = store.seal(KEY, ("original", "s-1"), original.as_bytes(), at(1)).unwrap();
    s.answer = store.seal(KEY, ("answer", "s-1"), b"fine", at(1)).unwrap();
    let mut h = hit("hit-1", "list-1", "QDi.001");
    h.sealed = store.seal(KEY, ("hit", "hit-1"), b"why", at(1)).unwrap();
    done(&store, vec![Change::Submission(s), Change::List(row), Change::Hit(h)]);
    store
}

fn row(store: &Store) -> List {
    store.list("list-1").unwrap().unwrap()
}

fn gone<T>(result: Result<T, StoreError>) {
    match result {
        Err(StoreError::Sealed { .. }) => {}
        Err(other) => panic!("the wrong error: {other}"),
        Ok(_) => panic!("it opens"),
    }
}

fn case<'a>(id: &'a str) -> NewCase<'a> {
    NewCase {
        id,
        ground: "an order of the court",
        keep_until: date(2030, 1, 1),
        hold: false,
        officer: "first",
    }
}

fn events(store: &Store) -> Vec<Event> {
    let all = store.events(0, u32::MAX).unwrap();
    all.iter().map(|(_, bytes)| Logged::decode(bytes).unwrap().event).collect()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

pub fn a_masked_day_keeps_its_remainder_and_shows_nobody(place: &impl Place) {
    let authority = AuthorityKey::generate().unwrap();
    let store = kept(place);
    assert_eq!(store.mask_day(KEY, Some(authority.public()), at(9)).unwrap(), 1);
    for store in [store, place.open()] {
        gone(store.open_list(&row(&store)));
        gone(store.open_original(&store.submission("s-1").unwrap().unwrap()));
        gone(store.open_hit(&store.hit("hit-1").unwrap().unwrap()));
        let left = store.open_remainder(&row(&store)).unwrap().unwrap();
        assert_eq!(left.flight().number, "1980");
        assert!(left.travellers().iter().all(|t| t.surname.is_empty() && t.birth_date.is_none()));
        assert_eq!(store.hit("hit-1").unwrap().unwrap().state, "lapsed");
    }
    let store = place.open();
    let masked = Event::Masked { key: "carrier/2026-09-22".into(), lists: 1 };
    assert_eq!(events(&store).last(), Some(&masked));
    let again = store.mask_day(KEY, None, at(9));
    assert!(again.is_err(), "it is masked once");
    log_is_whole(&store);
}

pub fn the_authority_opens_one_list_and_the_log_knows_first(place: &impl Place) {
    let authority = AuthorityKey::generate().unwrap();
    let store = kept(place);
    let other = sealed_list(&store, "list-2", &passengers_many(2));
    done(&store, vec![Change::List(other)]);
    store.open_case(&case("c-1"), at(2)).unwrap();
    store.mask_day(KEY, Some(authority.public()), at(9)).unwrap();
    let case = store.case("c-1").unwrap().unwrap();
    let asked = store.ask_to_unmask((&row(&store), &case), ("an order", "first"), at(10)).unwrap();
    let asked = Request::decode(&asked.encode()).unwrap();
    let grant = Grant::decode(&authority.grant(&asked).unwrap().encode()).unwrap();
    // Neither another authority, nor the same word about another list.
    let stranger = AuthorityKey::generate().unwrap();
    assert!(stranger.grant(&asked).is_err());
    assert!(store.unmask((&grant, stranger.public()), &[], ("first", at(11))).is_err());
    let bent = Grant { list: "list-2".into(), ..grant.clone() };
    assert!(store.unmask((&bent, authority.public()), &[], ("first", at(11))).is_err());

    let list = store.unmask((&grant, authority.public()), &[2], ("first", at(11))).unwrap();
    assert!(list == passengers_many(3));
    let records = store.case_records("c-1").unwrap();
    assert_eq!((records.len(), records[0].traveller), (1, 2));
    assert_eq!(store.open_case_record(&case, &records[0]).unwrap().travellers().len(), 1);
    let told = events(&store);
    let unmasked = told.iter().position(|e| matches!(e, Event::Unmasked { .. })).unwrap();
    let held = told.iter().position(|e| matches!(e, Event::Held { .. })).unwrap();
    assert!(unmasked < held);
    // Used once; the day as such stays masked.
    assert!(store.unmask((&grant, authority.public()), &[], ("first", at(12))).is_err());
    gone(store.open_list(&row(&store)));
    gone(store.open_list(&store.list("list-2").unwrap().unwrap()));
    log_is_whole(&store);
}

pub fn without_an_authority_a_masked_day_is_masked_for_good(place: &impl Place) {
    let store = kept(place);
    store.open_case(&case("c-1"), at(2)).unwrap();
    store.mask_day(KEY, None, at(9)).unwrap();
    let case = store.case("c-1").unwrap().unwrap();
    gone(store.ask_to_unmask((&row(&store), &case), ("an order", "first"), at(10)));
}

pub fn who_is_in_a_case_outlives_the_day_alone_and_until_its_own_day(place: &impl Place) {
    let store = kept(place);
    store.open_case(&case("c-1"), at(2)).unwrap();
    let opened = store.case("c-1").unwrap().unwrap();
    store.copy_to_case(&opened, (&row(&store), 1), ("first", at(3))).unwrap();
    let missing = store.copy_to_case(&opened, (&row(&store), 3), ("first", at(3)));
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
    store.erase_day(KEY.0, KEY.1, (&[], at(9))).unwrap();
    gone(store.open_list(&row(&store)));
    let record = store.case_records("c-1").unwrap().remove(0);
    let one = store.open_case_record(&opened, &record).unwrap();
    assert!(one.travellers()[0] == passengers_many(3).travellers()[1]);
    assert_eq!(store.open_case_ground(&opened).unwrap(), "an order of the court");
    // The case has a clock of its own.
    assert!(store.due_keys(date(2029, 12, 31)).unwrap().is_empty());
    assert_eq!(store.due_keys(date(2030, 1, 1)).unwrap()[0].scope, "case:c-1");
    store.close_case(&opened, "first", at(20)).unwrap();
    gone(store.open_case_record(&opened, &record));
    assert!(store.close_case(&opened, "first", at(21)).is_err());
    log_is_whole(&store);
}

pub fn a_day_is_due_by_the_strictest_clock_of_its_lists(place: &impl Place) {
    let store = kept(place);
    let (mask, erase) = (date(2026, 10, 22), date(2027, 3, 22));
    assert!(store.due_keys(date(2026, 10, 21)).unwrap().is_empty());
    assert_eq!(store.due_keys(mask).unwrap()[0].mask_due, Some(mask));
    let early = List {
        keep_until: date(2026, 10, 1),
        mask_due: None,
        clock: "CJ-08".into(),
        ..sealed_list(&store, "list-2", &passengers())
    };
    done(&store, vec![Change::List(early)]);
    let due = store.due_keys(date(2026, 10, 1)).unwrap().remove(0);
    assert_eq!((due.erase_due, due.mask_due), (date(2026, 10, 1), Some(mask)));
    assert!(erase > due.erase_due);
    assert_eq!(store.rules_of_day(KEY.0, KEY.1).unwrap(), ["CJ-08", "DF-03", "DF-08"]);
}

pub fn what_comes_for_a_day_that_is_gone_gets_keys_of_its_own(place: &impl Place) {
    let store = kept(place);
    assert_eq!(store.open_scope(KEY.0, KEY.1).unwrap(), KEY.0);
    store.mask_day(KEY, None, at(9)).unwrap();
    let again = store.open_scope(KEY.0, KEY.1).unwrap();
    assert_eq!(again, "carrier~2");
    store.seal((&again, KEY.1), ("original", "s-2"), b"again", at(10)).unwrap();
    assert_eq!(store.open_scope(KEY.0, KEY.1).unwrap(), "carrier~2");
    store.erase_day(&again, KEY.1, (&[], at(11))).unwrap();
    assert_eq!(store.open_scope(KEY.0, KEY.1).unwrap(), "carrier~3");
}

pub fn another_process_erases_and_this_one_opens_nothing_more(place: &impl Place) {
    let node = kept(place);
    node.open_list(&row(&node)).unwrap();
    let command = place.open();
    command.erase_day(KEY.0, KEY.1, (&[], at(9))).unwrap();
    gone(node.open_list(&row(&node)));
    gone(node.open_remainder(&row(&node)));
}

pub fn neither_names_nor_keys_are_on_the_disk_after_erasure(place: &impl Place) {
    let store = kept(place);
    let sealed = row(&store).sealed;
    let keys = KeptKey::encode(&store.kept_keys().unwrap());
    // The wrapped keys stand whole in what is kept of them: 32 bytes out of each middle.
    let parts: Vec<&[u8]> = keys.chunks_exact(24).skip(2).collect();
    let before = place.disk();
    assert!(!holds(&before, SURNAME.as_bytes()), "sealed, no name is in clear");
    assert!(holds(&before, &sealed[..40]), "this is not where the rows are");
    let there = parts.iter().filter(|p| holds(&before, p)).count();
    assert!(there >= 3, "this is not where the keys are");

    store.erase_day(KEY.0, KEY.1, (&[], at(9))).unwrap();
    assert_eq!(store.unpurged().unwrap(), [(KEY.0.to_owned(), KEY.1)]);
    store.purge_day(KEY.0, KEY.1, at(9)).unwrap();
    assert!(store.unpurged().unwrap().is_empty());
    assert!(store.scrub().unwrap());
    let after = place.disk();
    assert!(!holds(&after, SURNAME.as_bytes()));
    assert!(parts.iter().all(|p| !holds(&after, p)), "a wrapped key is still on the disk");
    if place.overwrites() {
        assert!(!holds(&after, &sealed[..40]), "what was sealed is still on the disk");
    }
    log_is_whole(&store);
}

fn put_back(copy: &Path, keys: &[KeptKey]) -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let restored = restore(copy, dir.path(), keys).unwrap();
    let log = log_key("gw.gbr.example/log");
    let store = Store::open(dir.path(), node_key(1), log).unwrap();
    store.tell_again(&restored, at(50)).unwrap();
    (dir, store)
}

pub fn yesterdays_backup_opens_nothing_that_was_erased_today(place: &impl Place) {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("yesterday.db");
    let store = kept(place);
    let key = ("TUR", KEY.1);
    let other = store.seal(key, ("list", "list-2"), &passengers().encode(), at(1)).unwrap();
    let (scope, remainder) = ("TUR".to_owned(), Vec::new());
    done(&store, vec![Change::List(List { scope, sealed: other, remainder, ..list("list-2") })]);
    let size = store.backup(&copy, |_| {}, at(5)).unwrap();
    assert!(store.backup(&copy, |_| {}, at(5)).is_err(), "nothing is written over");
    let bytes = std::fs::read(&copy).unwrap();
    let keys = KeptKey::encode(&store.kept_keys().unwrap());
    let parts: Vec<&[u8]> = keys.chunks_exact(24).skip(2).collect();
    assert!(parts.iter().all(|p| !holds(&bytes, p)), "a key is in the copy");
    assert!(!holds(&bytes, SURNAME.as_bytes()));
    store.erase_day(KEY.0, KEY.1, (&["DF-03".to_owned()], at(9))).unwrap();

    // With the keys of today: the one day is gone, the other opens.
    let now = KeptKey::decode(&KeptKey::encode(&store.kept_keys().unwrap())).unwrap();
    let (_dir, restored) = put_back(&copy, &now);
    gone(restored.open_list(&row(&restored)));
    gone(restored.open_original(&restored.submission("s-1").unwrap().unwrap()));
    restored.open_list(&restored.list("list-2").unwrap().unwrap()).unwrap();
    let told = events(&restored);
    assert_eq!(told.len() as u64, size + 2, "restored, and erased again");
    assert!(matches!(told.last(), Some(Event::Erased { lists: 1, .. })));
    log_is_whole(&restored);
    // With no keys nothing opens at all.
    let (_dir, locked) = put_back(&copy, &[]);
    assert!(locked.open_list(&row(&locked)).is_err());
    assert!(locked.open_list(&locked.list("list-2").unwrap().unwrap()).is_err());
    // Over a store that is there, nothing is put back.
    assert!(restore(&copy, _dir.path(), &now).is_err());
}

pub fn a_backup_made_under_load_is_whole(place: &impl Place) {
    let dir = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(kept(place));
    let writer = store.clone();
    let running = std::thread::spawn(move || {
        (0..200).for_each(|_| done(&writer, Vec::new()));
    });
    for i in 0..5 {
        let copy = dir.path().join(format!("{i}.db"));
        let size = store.backup(&copy, |_| {}, at(5)).unwrap();
        let keys = store.kept_keys().unwrap();
        let (_dir, restored) = put_back(&copy, &keys);
        assert_eq!(restored.log_size().unwrap(), size + 1);
        assert!(restored.integrity().unwrap().is_empty());
        restored.open_list(&row(&restored)).unwrap();
        log_is_whole(&restored);
    }
    running.join().unwrap();
}
