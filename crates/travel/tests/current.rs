//! What the versions of a flight's list come to: text in, text out; and what must hold
//! whatever comes in whatever order.
#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, fmt::Write};

use expect_test::{Expect, expect};
use proptest::prelude::*;
use travel::{
    Admission, Booking, Country, Dataset, DocumentKind, ElementSet, Flight, Function, PartialDate,
    PassengerList, Report, Status, TravelDocument, Traveller,
    current::{Standing, Version, current},
};

/// `full: YILMAZ P1, SMITH` is a list of two, the first with a document; `@X` puts somebody
/// into the booking X, `!` says on board; `change pnr X<A` names a booking divided from A.
fn list(line: &str) -> (PassengerList, &'static str) {
    let (head, people) = line.split_once(':').unwrap();
    let mut words = head.split_whitespace();
    let function = match words.next().unwrap() {
        "full" => Function::Full,
        "change" => Function::Change,
        "cancel" => Function::Cancel,
        "boarded" => Function::CloseOnBoard,
        "left" => Function::CloseNotOnBoard,
        "cancelled" => Function::FlightCancelled,
        "gate" => Function::GatePass,
        other => panic!("{other}"),
    };
    let mut report = Report { function, ..Report::default() };
    let mut flight = Flight { carrier: "TK".into(), number: "1980".into(), ..Flight::default() };
    let mut source = "carrier";
    for word in words {
        match word {
            "pnr" => report.dataset = Dataset::Pnr,
            "TUR" => source = "TUR",
            "AJ77" => (flight.carrier, flight.number) = ("AJ".into(), "77".into()),
            booking => {
                let (locator, from) = booking.split_once('<').unwrap_or((booking, ""));
                let cancelled = locator.ends_with('-');
                let split = if from.is_empty() {
                    vec![]
                } else {
                    vec![format!("TK {from}").as_str().into()]
                };
                let locator = locator.trim_end_matches('-').into();
                report.bookings.push(Booking { locator, split, cancelled, ..Booking::default() });
            }
        }
    }
    report.flights = vec![flight];
    for person in people.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let mut words = person.split_whitespace();
        let mut t = Traveller { surname: words.next().unwrap().into(), ..Traveller::default() };
        for word in words {
            match word.split_at(1) {
                ("@", locator) => {
                    let at = report.bookings.iter().position(|b| b.locator == locator);
                    t.booking = at.map(|at| at as u32);
                }
                ("!", _) => t.status = Some(Status::Boarded),
                ("#", reference) => t.reference = Some(reference.into()),
                ("*", year) => t.birth_date = PartialDate::ymd(year.parse().unwrap(), 1, 2),
                ("+", seat) => t.seat = Some(seat.into()),
                _ => t.documents.push(TravelDocument {
                    kind: DocumentKind::Passport,
                    number: word.into(),
                    issuer: Some(Country::new("UTO")),
                    expires: None,
                    issued: None,
                }),
            }
        }
        report.travellers.push(t);
    }
    let door = Admission {
        state: Country::new("GBR"),
        permitted: ElementSet::ALL,
        received_at: "2026-03-01T09:00:00Z".parse().unwrap(),
        must_touch: false,
    };
    (PassengerList::admit(report, &door).unwrap(), source)
}

fn check(lines: &str, expected: Expect) {
    let lists: Vec<(PassengerList, &str)> =
        lines.lines().map(str::trim).filter(|l| !l.is_empty()).map(list).collect();
    let versions: Vec<Version<'_>> =
        lists.iter().map(|(list, source)| Version { list, source }).collect();
    let now = current(&versions);
    let mut out = String::new();
    for person in &now.people {
        let newest = person.places[0];
        let name = lists[newest.version].0.travellers()[newest.traveller].surname.as_str();
        let places: Vec<String> =
            person.places.iter().map(|p| format!("{}.{}", p.version, p.traveller)).collect();
        writeln!(out, "{name} {} {}", person.standing.name(), places.join(" ")).unwrap();
    }
    for (at, s) in now.steps.iter().enumerate() {
        writeln!(out, "{at}: +{} ~{} ={} -{}", s.added, s.changed, s.same, s.gone).unwrap();
    }
    if now.cancelled {
        out += "the flight is cancelled\n";
    }
    expected.assert_eq(&out);
}

#[test]
fn a_full_list_replaces_the_one_before_and_who_is_missing_shows() {
    check(
        "full: YILMAZ P1, SMITH P2
         full: SMITH P2 +12A, BROWN P3",
        expect![[r#"
            YILMAZ not on the newest list 0.0
            SMITH listed 1.0 0.1
            BROWN listed 1.1
            0: +2 ~0 =0 -0
            1: +1 ~1 =0 -1
        "#]],
    );
}

#[test]
fn changes_cancellations_and_closure_come_one_after_the_other() {
    check(
        "full: YILMAZ #1, SMITH #2, BROWN #3
         change: YILMAZ #1 +14C, GREEN #4
         cancel: SMITH #2
         boarded: YILMAZ #1, GREEN #4",
        expect![[r#"
            YILMAZ on board 3.0 1.0 0.0
            SMITH cancelled 2.0 0.1
            BROWN not on board 0.2
            GREEN on board 3.1 1.1
            0: +3 ~0 =0 -0
            1: +1 ~1 =0 -0
            2: +0 ~0 =1 -1
            3: +0 ~1 =1 -1
        "#]],
    );
}

#[test]
fn a_list_sent_again_after_closure_opens_nothing() {
    check(
        "full: YILMAZ P1, SMITH P2
         left: SMITH P2
         full: YILMAZ P1, SMITH P2",
        expect![[r#"
            YILMAZ on board 2.0 0.0
            SMITH not on board 2.1 1.0 0.1
            0: +2 ~0 =0 -0
            1: +0 ~0 =1 -1
            2: +0 ~0 =2 -0
        "#]],
    );
}

#[test]
fn two_of_one_name_stay_two() {
    check(
        "full: SMITH *1980, SMITH *1981, SMITH
         full: SMITH *1981, SMITH, SMITH *1980",
        expect![[r#"
            SMITH listed 1.2 0.0
            SMITH listed 1.0 0.1
            SMITH listed 1.1 0.2
            0: +3 ~0 =0 -0
            1: +0 ~0 =3 -0
        "#]],
    );
}

#[test]
fn who_has_got_a_document_since_is_the_same_person() {
    check(
        "full: YILMAZ
         change: YILMAZ *1988 P1
         full TUR: YILMAZ *1988 P9",
        expect![[r#"
            YILMAZ listed 2.0 1.0 0.0
            0: +1 ~0 =0 -0
            1: +0 ~1 =0 -0
            2: +1 ~0 =0 -0
        "#]],
    );
}

#[test]
fn a_booking_that_is_divided_takes_its_travellers_along() {
    check(
        "full pnr AAA BBB: YILMAZ @AAA, SMITH @AAA, SMITH @BBB
         change pnr CCC<AAA AAA: SMITH @CCC, YILMAZ @AAA",
        expect![[r#"
            YILMAZ listed 1.1 0.0
            SMITH listed 1.0 0.1
            SMITH listed 0.2
            0: +3 ~0 =0 -0
            1: +0 ~0 =2 -0
        "#]],
    );
}

#[test]
fn who_leaves_a_booking_and_a_booking_that_is_cancelled_are_gone() {
    check(
        "full pnr AAA BBB: YILMAZ @AAA, SMITH @AAA, BROWN @BBB
         change pnr AAA: YILMAZ @AAA
         change pnr BBB-:",
        expect![[r#"
            YILMAZ listed 1.0 0.0
            SMITH not on the newest list 0.1
            BROWN cancelled 0.2
            0: +3 ~0 =0 -0
            1: +0 ~0 =1 -1
            2: +0 ~0 =0 -1
        "#]],
    );
}

#[test]
fn documents_bookings_and_a_code_share_are_laid_over_each_other() {
    check(
        "full: YILMAZ P1 *1988, SMITH P2 *1990
         full pnr AAA: YILMAZ *1988 @AAA, BROWN @AAA
         full pnr AJ77 ZZZ: SMITH P2 @ZZZ
         full pnr AAA: YILMAZ *1988 @AAA",
        expect![[r#"
            YILMAZ listed 3.0 1.0 0.0
            SMITH listed 2.0 0.1
            BROWN not on the newest list 1.1
            0: +2 ~0 =0 -0
            1: +2 ~0 =0 -0
            2: +1 ~0 =0 -0
            3: +0 ~0 =1 -1
        "#]],
    );
}

#[test]
fn a_cancelled_flight_has_nobody_until_it_is_listed_again() {
    check(
        "full: YILMAZ P1
         cancelled:
         gate: SMITH",
        expect![[r#"
            YILMAZ cancelled 0.0
            SMITH at the gate only 2.0
            0: +1 ~0 =0 -0
            1: +0 ~0 =0 -1
            2: +1 ~0 =0 -0
            the flight is cancelled
        "#]],
    );
    check(
        "full: YILMAZ P1
         cancelled:
         full: YILMAZ P1",
        expect![[r#"
            YILMAZ listed 2.0 0.0
            0: +1 ~0 =0 -0
            1: +0 ~0 =0 -1
            2: +0 ~0 =1 -0
        "#]],
    );
}

fn lines() -> impl Strategy<Value = Vec<String>> {
    let person = (0..4u8, 0..3u8, 0..3u8, 0..3u8).prop_map(|(name, document, born, reference)| {
        let mut text = format!("N{name}");
        if document > 0 {
            text += &format!(" P{document}");
        }
        if born > 0 {
            text += &format!(" *198{born}");
        }
        if reference > 0 {
            text += &format!(" #{reference}");
        }
        text
    });
    let functions = ["full", "full", "change", "cancel", "boarded", "left", "cancelled", "gate"]
        .map(str::to_owned);
    let head = (prop::sample::select(functions.to_vec()), 0..5u8).prop_map(|(f, kind)| {
        f + ["", " pnr AAA", " TUR", " AJ77", " pnr AAA BBB<AAA"][kind as usize]
    });
    let booked = (person, 0..3u8).prop_map(|(p, b)| p + ["", " @AAA", " @BBB"][b as usize]);
    let one = (head, prop::collection::vec(booked, 0..6))
        .prop_map(|(head, people)| format!("{head}: {}", people.join(", ")));
    prop::collection::vec(one, 1..8)
}

proptest! {
    #[test]
    fn every_word_about_anybody_is_in_the_result_once(lines in lines()) {
        let lists: Vec<_> = lines.iter().map(|l| list(l)).collect();
        let versions: Vec<_> = lists.iter().map(|(list, source)| Version { list, source }).collect();
        let now = current(&versions);
        let mut seen: BTreeMap<_, usize> = BTreeMap::new();
        for place in now.people.iter().flat_map(|p| &p.places) {
            *seen.entry(*place).or_default() += 1;
        }
        let all: usize = lists.iter().map(|(l, _)| l.travellers().len()).sum();
        prop_assert_eq!(seen.len(), all);
        prop_assert!(seen.values().all(|n| *n == 1));
        prop_assert_eq!(now.steps.len(), lists.len());
        for (step, (list, _)) in now.steps.iter().zip(&lists) {
            prop_assert_eq!(step.added + step.changed + step.same, list.travellers().len());
        }
        for person in &now.people {
            prop_assert!(person.places.is_sorted_by(|a, b| a > b), "the newest first");
        }
    }

    #[test]
    fn a_list_that_one_source_sends_twice_in_a_row_changes_nothing(lines in lines()) {
        let one = |line: &String| {
            let (head, people) = line.split_once(':').unwrap();
            let function = head.split(' ').next().unwrap().replace("gate", "full");
            list(&format!("{function} pnr AAA BBB<AAA:{people}"))
        };
        let lists: Vec<_> = lines.iter().map(one).collect();
        let mut versions: Vec<_> =
            lists.iter().map(|(list, source)| Version { list, source }).collect();
        let once = current(&versions);
        versions.push(versions[versions.len() - 1]);
        let twice = current(&versions);
        let standings = |c: &travel::current::Current| {
            let mut all: Vec<Standing> = c.people.iter().map(|p| p.standing).collect();
            all.sort();
            all
        };
        prop_assert_eq!(standings(&once), standings(&twice));
        let last = twice.steps.last().unwrap();
        prop_assert_eq!((last.added, last.gone), (0, 0));
    }

    #[test]
    fn after_a_full_list_of_the_only_source_those_on_it_travel_and_nobody_else(
        people in prop::collection::vec(0..6u8, 0..6), before in lines(),
    ) {
        let only = |line: &String| {
            let (head, people) = line.split_once(':').unwrap();
            let function = head.split(' ').next().unwrap();
            let people = people.replace("@AAA", "").replace("@BBB", "");
            // Who was on board by a list of closure stays so.
            (!["boarded", "left", "gate"].contains(&function)).then(|| format!("{function}:{people}"))
        };
        let mut lines: Vec<String> = before.iter().filter_map(only).collect();
        let named: Vec<String> = people.iter().map(|p| format!("N{p}")).collect();
        lines.push(format!("full: {}", named.join(", ")));
        let lists: Vec<_> = lines.iter().map(|l| list(l)).collect();
        let versions: Vec<_> = lists.iter().map(|(list, source)| Version { list, source }).collect();
        let now = current(&versions);
        prop_assert_eq!(now.count(Standing::Listed), people.len());
        let last = versions.len() - 1;
        for person in &now.people {
            let on_it = person.places[0].version == last;
            prop_assert_eq!(on_it, person.standing == Standing::Listed);
        }
        prop_assert!(!now.cancelled && !now.closed);
    }
}
