//! Who is kept is found, by whatever was kept of them, as long as their day lives.

use screening::Sought;
use store::{CARRIERS, Change, Found, Store};
use travel::{
    Admission, Booking, Contact, Country, DocumentKind, ElementSet, Flight, PartialDate,
    PassengerList, Report, TravelDocument, Traveller,
};

use super::world::*;

pub const DOCUMENT: &str = "L898902C3";

fn document(number: &str) -> TravelDocument {
    let (kind, number) = (DocumentKind::Passport, number.into());
    TravelDocument { kind, number, issuer: None, expires: None, issued: None }
}

/// A list of two: a passenger of whom much is known, and another.
fn known(number: u32) -> PassengerList {
    let anna = Traveller {
        surname: SURNAME.into(),
        given: "ANNA MARIA".into(),
        birth_date: PartialDate::ymd(1990, 1, 2),
        documents: [document(DOCUMENT)].into(),
        contacts: vec![Contact { text: "+44 7700 900123".into() }],
        booking: Some(0),
        ..Traveller::default()
    };
    let other = Traveller {
        surname: format!("OTHER{number}").as_str().into(),
        documents: [document(&format!("X{number:07}"))].into(),
        ..Traveller::default()
    };
    let flight = Flight { carrier: "TK".into(), number: "1980".into(), ..Flight::default() };
    let report = Report {
        flights: vec![flight],
        travellers: vec![other, anna],
        bookings: vec![Booking { locator: "ABC123".into(), ..Booking::default() }],
        ..Report::default()
    };
    let state = Country::new("GBR");
    let permitted = ElementSet::ALL;
    let door = Admission { state, permitted, received_at: at(0), must_touch: false };
    PassengerList::admit(report, &door).unwrap()
}

pub fn keep(store: &Store, number: u32) -> String {
    let id = format!("list-{number:04}");
    let row = sealed_list(store, &id, &known(number));
    done(store, vec![Change::List(row)]);
    id
}

fn sought() -> Vec<Sought> {
    let born = PartialDate::ymd(1990, 1, 2).unwrap();
    vec![
        Sought::Document("l 898902-c3".into()),
        Sought::Name { name: format!("Anna {SURNAME}"), born },
        Sought::Booking("abc123".into()),
        Sought::Contact("07700 900123".into()),
    ]
}

fn strangers() -> Vec<Sought> {
    let born = PartialDate::ymd(1990, 1, 3).unwrap();
    vec![
        Sought::Document("L898902C4".into()),
        Sought::Name { name: format!("Anna {SURNAME}"), born },
        Sought::Booking("ABC124".into()),
        Sought::Contact("07700 900124".into()),
    ]
}

pub fn finds(store: &Store, ids: &[String]) {
    let expected =
        Found { travellers: ids.iter().map(|id| (id.clone(), 1)).collect(), not_searched: 0 };
    for one in sought() {
        assert_eq!(store.search(&one).unwrap(), expected, "{one:?}");
    }
    for one in strangers() {
        assert_eq!(store.search(&one).unwrap(), Found::default(), "{one:?}");
    }
}

pub fn somebody_is_found_by_what_was_kept_of_them(place: &impl Place) {
    let store = place.create().unwrap();
    let mut ids = vec![keep(&store, 0), keep(&store, 1)];
    // Not projected yet, and found all the same.
    finds(&store, &ids);
    assert_eq!(store.project().unwrap(), 2);
    assert_eq!(store.project().unwrap(), 0);
    finds(&store, &ids);
    ids.push(keep(&store, 2));
    finds(&store, &ids);
    // So many that segments are merged.
    for number in 3..30 {
        ids.push(keep(&store, number));
        store.project().unwrap();
    }
    finds(&store, &ids);
    let projected = store.projected().unwrap();
    assert_eq!((projected.lists, projected.waiting), (30, 0));
    assert!(projected.segments < 14, "{projected:?}");
    let last = store.search(&Sought::Document("X0000029".into())).unwrap();
    assert_eq!(last.travellers, [("list-0029".to_owned(), 0)]);
    drop(store);
    finds(&place.open(), &ids);
}

pub fn a_list_that_was_taken_back_is_found_no_more(place: &impl Place) {
    let store = place.create().unwrap();
    let ids: Vec<String> = (0..3).map(|n| keep(&store, n)).collect();
    while store.project().unwrap() > 0 {}
    done(&store, vec![Change::TakeBack { list: ids[1].clone(), at: at(5) }]);
    let left = [ids[0].clone(), ids[2].clone()];
    finds(&store, &left);
    while store.project().unwrap() > 0 {}
    finds(&store, &left);
}

pub fn projections_are_deleted_and_made_again(place: &impl Place) {
    let store = place.create().unwrap();
    let ids: Vec<String> = (0..70).map(|n| keep(&store, n)).collect();
    while store.project().unwrap() > 0 {}
    let before = store.projected().unwrap();
    store.forget_projections().unwrap();
    assert_eq!(store.projected().unwrap().bytes, 0);
    finds(&store, &ids);
    while store.project().unwrap() > 0 {}
    assert_eq!(store.projected().unwrap(), before);
    finds(&store, &ids);

    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy.db");
    store.backup(&copy, |_| {}, at(9)).unwrap();
    let copy = rusqlite::Connection::open(copy).unwrap();
    let sql = "SELECT (SELECT COUNT(*) FROM postings) + (SELECT COUNT(*) FROM segments)
               + (SELECT COUNT(*) FROM lists WHERE projected = 1)";
    let copied: i64 = copy.query_row(sql, [], |r| r.get(0)).unwrap();
    assert_eq!(copied, 0, "a copy has what cannot be made again");
}

pub fn who_is_masked_or_erased_is_found_no_more<P: Place>(_: &P) {
    for erase in [false, true] {
        let Some(place) = P::fresh() else { return };
        let store = place.create().unwrap();
        let id = keep(&store, 0);
        let later = keep(&store, 1);
        assert_eq!(store.project().unwrap(), 2);
        finds(&store, &[id, later]);
        let first = store.read(|db| db.number("SELECT COUNT(*) FROM postings", &[])).unwrap();
        assert!(first > 0);
        // In the middle of projecting, as another process might.
        let late = keep(&store, 2);
        if erase {
            store.erase_day(CARRIERS, day(), (&[], at(5))).unwrap();
        } else {
            store.mask_day((CARRIERS, day()), None, at(5)).unwrap();
        }
        finds(&store, &[]);
        store.project().unwrap();
        finds(&store, &[]);
        assert_eq!(store.projected().unwrap().waiting, 0, "{late} is not tried for ever");
        let left = store.read(|db| db.number("SELECT COUNT(*) FROM postings", &[])).unwrap();
        assert_eq!(left, 0);
        store.scrub().unwrap();
        let disk = place.disk();
        for word in [SURNAME, DOCUMENT, "ABC123"] {
            let found = memchr::memmem::find(&disk, word.as_bytes());
            assert!(found.is_none(), "{word} is on the disk");
        }
    }
}
