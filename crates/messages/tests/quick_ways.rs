//! A booking is read the same whether its documents are given at once or wait for its end, and
//! whether a flight repeats the segment that was pushed or says the same in other bytes.
#![allow(clippy::unwrap_used)]

use edifact::Mode;
use jiff::civil::date;
use messages::Reading;
use proptest::prelude::*;
use travel::{Flight, Report};

/// A push of one booking.
fn push(flight: &str, booking: &[String]) -> Vec<u8> {
    let head = format!(
        "UNB+IATA:1+ZZ+GBR+260301:0900+1++PNRGOV'UNH+1+PNRGOV:13:1:IA+A1'MSG+:22'ORG+ZZ:IST'\
         {flight}'EQN+1'SRC'RCI+ZZ:ABC123'"
    );
    let booking: String = booking.iter().map(|s| format!("{s}'")).collect();
    let count = head.matches('\'').count() + booking.matches('\'').count();
    format!("{head}{booking}UNT+{count}+1'UNZ+1+1'").into_bytes()
}

fn read(flight: &str, booking: &[String]) -> Reading {
    messages::read(&push(flight, booking), Mode::Tolerant, date(2026, 3, 1))
}

fn report(reading: &Reading) -> &Report {
    &reading.messages[0].report
}

/// What was found, wherever.
fn found(reading: &Reading) -> Vec<String> {
    let say = |f: &messages::Finding| format!("{} {} {:?}", f.code, f.found, f.traveller);
    reading.findings.iter().map(say).collect()
}

const PUSHED: &str = "TVL+020326:1130:020326:1330+IST+LHR+ZZ+101";

fn one_of(all: &[&'static str]) -> impl Strategy<Value = &'static str> + use<> {
    prop::sample::select(all.to_vec())
}

/// `::n`, or no reference; of some numbers nobody is named.
fn reference() -> impl Strategy<Value = &'static str> {
    one_of(&["+::0", "+::1", "+::2", "+::2", "+::3", "+::9", "++::1", ""])
}

fn named() -> impl Strategy<Value = String> {
    let surname = one_of(&["SMITH", "DUPONT", "TBA", ""]);
    let given = one_of(&["ANN", "ANN MRS", "JOHNMR", ""]);
    (surname, given, one_of(&["A", "IN", "G"]), one_of(&["1", "2", "3", ""]))
        .prop_map(|(surname, given, kind, number)| format!("TIF+{surname}+{given}:{kind}:{number}"))
}

fn identity() -> impl Strategy<Value = String> {
    let document = (one_of(&["P", "V", "I"]), one_of(&["GBR", ""]), one_of(&["N1", "N2", ""]));
    let person = (
        one_of(&["GBR", "TUR", ""]),
        one_of(&["02APR88", "01JAN90", "01XXX90", ""]),
        one_of(&["M", "F", "MI", "FI", "U", ""]),
        one_of(&["01JAN30", "01JAN31", ""]),
    );
    let name = (one_of(&["SMITH", "DUPONT", ""]), one_of(&["ANN", "JOHN", "ANN/MARIE", ""]));
    (document, person, name, reference()).prop_map(|(d, p, n, reference)| {
        let (d, p) = ([d.0, d.1, d.2].join("/"), [p.0, p.1, p.2, p.3].join("/"));
        format!("SSR+DOCS:HK:1::::::/{d}/{p}/{}/{}{reference}", n.0, n.1)
    })
}

fn other() -> impl Strategy<Value = String> {
    let service = one_of(&[
        "DOCA:HK:1::::::/R/GBR/1 HIGH STREET/LEEDS",
        "DOCO:HK:1::::::/PARIS/V/N1/LON/01JAN20/TUR",
        "DOCO:HK:1::::::/ROME/V/N2/LON/01JAN20/GBR/I",
        "CTCM:HK:1::::::123456",
    ]);
    let service = (service, reference()).prop_map(|(words, to)| format!("SSR+{words}{to}"));
    let rest = one_of(&[PUSHED, "TRI++:::1", "TRI++:::2", "SSD+12B"]).prop_map(str::to_owned);
    prop_oneof![3 => service, 1 => rest]
}

fn flight() -> impl Strategy<Value = String> {
    let times = one_of(&["020326:1130:020326:1330", "020326:1130", "310226:1130", ""]);
    let places = one_of(&["IST+LHR", "NZAKL+lhr", "+", "IST+"]);
    let carrier = one_of(&["ZZ", "ZZ:XX", "Z?+Z", ""]);
    (times, places, carrier, one_of(&["101", "ZZ101", "101A:Y", ""]))
        .prop_map(|(times, places, by, number)| format!("TVL+{times}+{places}+{by}+{number}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn documents_given_at_once_are_given_as_those_that_wait(
        booking in prop::collection::vec(
            prop_oneof![3 => named(), 6 => identity(), 1 => other()], 1..14),
    ) {
        let first = "TIF+SMITH+ANN:A:0".to_owned();
        // It says nothing, but waits, and all others behind it.
        let waits = "SSR+DOCO:HK:1::::::/+::0".to_owned();
        let at_once = read(PUSHED, &[std::slice::from_ref(&first), &booking].concat());
        let waiting = read(PUSHED, &[&[first, waits], &booking[..]].concat());
        prop_assert_eq!(&report(&at_once).travellers, &report(&waiting).travellers);
        prop_assert_eq!(&report(&at_once).bookings, &report(&waiting).bookings);
        prop_assert_eq!(found(&at_once), found(&waiting));
    }

    #[test]
    fn a_flight_that_repeats_the_pushed_segment_is_read_as_one_that_does_not(
        pushed in flight(),
        flights in prop::collection::vec(prop::option::of(flight()), 1..4),
    ) {
        let flights: Vec<&String> = flights.iter().map(|f| f.as_ref().unwrap_or(&pushed)).collect();
        // An element more, in which nothing stands, and the bytes differ.
        let with = |tail: &str| -> Vec<String> {
            flights.iter().map(|f| format!("{f}{tail}")).collect()
        };
        let (same, other) = (read(&pushed, &with("")), read(&pushed, &with("+")));
        prop_assert_eq!(&report(&same).bookings, &report(&other).bookings);
        prop_assert_eq!(&report(&same).flights, &report(&other).flights);
        // Each, as it is read where nothing was pushed before it.
        let alone = flights.iter().map(|f| report(&read(f, &[])).flights[0].clone());
        let somewhere = |f: &Flight| f.legs.iter().any(|l| !l.from.is_empty() || !l.to.is_empty());
        let alone: Vec<Flight> = alone.filter(somewhere).collect();
        prop_assert_eq!(&report(&same).bookings[0].itinerary, &alone);
    }
}

#[test]
fn a_document_waits_for_its_owner_and_for_those_before_it() {
    let docs = |number: &str, sex: &str| {
        format!("SSR+DOCS:HK:1::::::/P/GBR/{number}/GBR/02APR88/{sex}/01JAN30/SMITH/ANN+::1")
    };
    let named = "TIF+SMITH+ANN:A:1".to_owned();
    let booking = [docs("N1", "F"), named, docs("N2", "M")];
    let reading = read(PUSHED, &booking);
    let [ann] = &report(&reading).travellers[..] else { panic!("one is named") };
    let numbers: Vec<&str> = ann.documents.iter().map(|d| d.number.as_str()).collect();
    assert_eq!((numbers, ann.sex), (vec!["N1", "N2"], travel::Sex::Female));
}
