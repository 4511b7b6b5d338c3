//! What criteria find, and what is no document of criteria.
#![allow(clippy::unwrap_used)]

use expect_test::{Expect, expect};
use jiff::civil::date;
use travel::{Admission, Booking, Country, Flight, Leg, LocalTime, PartialDate, Report, Traveller};

use super::*;

const HEAD: &str =
    "name = \"broken-travel\"\ntitle = \"Travel in pieces\"\npurpose = \"terrorism\"\n";
const ONWARD: &str = r#"
[[criterion]]
id = "onward"
title = "An onward leg on a second ticket"
why = "Recruits were sent on by tickets that others bought."
when = ["bookings >= 2", "journey_to in [TUR]", "booked_before <= 3"]
unless = ["crew", "booking_travellers >= 4", "bags >= 2"]
"#;
const MINOR: &str = r#"
[[criterion]]
id = "minor"
title = "A minor among strangers"
why = "Children were taken along under a booking of others."
when = ["minor", "not accompanied", "booking_travellers >= 2"]
unless = ["no_show"]
"#;

fn document(criteria: &str) -> String {
    format!("{HEAD}review_by = 2026-11-30\n{criteria}")
}

fn read(text: &str) -> Result<Criteria, CriteriaError> {
    Criteria::parse(text, date(2026, 3, 1))
}

fn flight(from: &str, to: &str, day: i8, hour: i8) -> Flight {
    let at = |hour| Some(LocalTime(date(2026, 3, day).at(hour, 0, 0, 0)));
    let leg = Leg { from: from.into(), to: to.into(), departs: at(hour), arrives: at(hour + 5) };
    Flight { carrier: "TK".into(), number: "1980".into(), legs: [leg].into(), ..Flight::default() }
}

/// An adult alone, booked two days before, and two minors in a booking of two.
fn list() -> PassengerList {
    let person = |surname: &str, born: i16, booking: u32| Traveller {
        surname: surname.into(),
        birth_date: PartialDate::ymd(born, 5, 17),
        booking: Some(booking),
        ..Traveller::default()
    };
    let booking = |locator: &str, travellers: u32| Booking {
        locator: locator.into(),
        made: PartialDate::ymd(2026, 2, 27),
        travellers,
        ..Booking::default()
    };
    let report = Report {
        dataset: travel::Dataset::Pnr,
        flights: vec![flight("LHR", "IST", 1, 11)],
        travellers: vec![
            person("VANDREY", 1990, 0),
            person("OLDCASTLE", 2010, 1),
            person("TORN", 2011, 1),
        ],
        bookings: vec![booking("AAA111", 1), booking("BBB222", 2)],
        ..Report::default()
    };
    let admission = Admission {
        state: Country::new("GBR"),
        permitted: ElementSet::ALL,
        received_at: "2026-02-27T12:00:00Z".parse().unwrap(),
        must_touch: true,
    };
    PassengerList::admit(report, &admission).unwrap()
}

fn onward() -> KnownLeg {
    KnownLeg::of(&flight("SAW", "GZT", 2, 8), &"CCC333".into()).remove(0)
}

fn check(criteria: &str, elsewhere: &[KnownLeg], expected: &Expect) {
    let criteria = read(&document(criteria)).unwrap();
    let measured = vec![40_000; criteria.criteria.len()];
    let legs_of = |n: &usize| if *n == 0 { elsewhere.to_vec() } else { Vec::new() };
    let mut legs = |asked: &[usize]| asked.iter().map(legs_of).collect();
    let mut text = String::new();
    for hit in criteria.apply(&list(), "1", &measured, &mut legs) {
        text += &format!("{} {} {}\n", hit.traveller, hit.entry.id, hit.band.name());
        for line in &hit.evidence {
            text += &format!(
                "  {}: {} | {} | {}\n",
                line.feature, line.entry, line.traveller, line.relation
            );
        }
    }
    expected.assert_eq(&text);
}

#[test]
fn an_onward_leg_on_a_second_ticket_is_found_when_the_other_list_is_known_and_only_then() {
    check(ONWARD, &[], &expect![[""]]);
    check(
        ONWARD,
        &[onward()],
        &expect![[r#"
        0 onward possible
          criterion: bookings >= 2 | 2 | bookings of the journey: so
          criterion: journey_to in [TUR] | TUR | country in which the journey ends, as far as is known: so
          criterion: booked_before <= 3 | 2 | days from booking to departure: so
          exonerating circumstance: crew |  | travels as crew: not so
          exonerating circumstance: booking_travellers >= 4 |  | travellers in the booking: not so
          exonerating circumstance: bags >= 2 |  | pieces of baggage: not known: look
    "#]],
    );
}

#[test]
fn other_lists_are_asked_only_about_those_of_whom_the_rest_is_so() {
    let asked = |criteria: &str| {
        let criteria = read(&document(criteria)).unwrap();
        let mut asked = Vec::new();
        let _ = criteria.apply(&list(), "1", &[1], &mut |numbers| {
            asked.extend_from_slice(numbers);
            Vec::new()
        });
        asked
    };
    assert_eq!(asked(ONWARD), [0, 1, 2], "all booked late");
    assert_eq!(asked(&ONWARD.replace("booked_before <= 3", "minor")), [1, 2]);
    assert_eq!(asked(&ONWARD.replace("booked_before <= 3", "crew")), [0; 0]);
    assert_eq!(asked(&ONWARD.replace("\"crew\"", "\"minor\"")), [0]);
    assert_eq!(asked(MINOR), [0; 0], "it looks at no journey");
}

#[test]
fn a_minor_in_a_booking_without_an_adult_is_found() {
    check(
        MINOR,
        &[],
        &expect![[r#"
        1 minor possible
          criterion: minor | yes | under 18 on the day of departure: so
          criterion: not accompanied | no | an adult is in the same booking: so
          criterion: booking_travellers >= 2 | 2 | travellers in the booking: so
          exonerating circumstance: no_show |  | did not turn up: not known: look
        2 minor possible
          criterion: minor | yes | under 18 on the day of departure: so
          criterion: not accompanied | no | an adult is in the same booking: so
          criterion: booking_travellers >= 2 | 2 | travellers in the booking: so
          exonerating circumstance: no_show |  | did not turn up: not known: look
    "#]],
    );
}

#[test]
fn an_exonerating_circumstance_speaks_for_the_traveller() {
    let excused = ONWARD.replace("\"crew\"", "\"booking_travellers = 1\"");
    check(&excused, &[onward()], &expect![[""]]);
}

#[test]
fn a_document_tells_all_that_is_wrong_with_it_at_once() {
    let said = |text: &str| read(text).unwrap_err().to_string();
    let wrong = document(
        &ONWARD
            .replace("unless = [\"crew\", \"booking_travellers >= 4\", \"bags >= 2\"]", "")
            .replace("\"journey_to in [TUR]\"", "\"nationality in [TUR]\", \"shoes\"")
            .replace("title = \"An", "title = \"\" #"),
    );
    expect![[r#"
        onward: title is empty
        onward: `unless` is empty: say what speaks for a traveller (CJ-05)
        onward: when `nationality in [TUR]`: `nationality` may not be used (CJ-05): it would decide by national and ethnic origin
        onward: when `shoes`: there is no fact called `shoes`; there are …"#]].assert_eq(&said(&wrong).replace(&names(), "…"));
    let day = |day: &str| said(&format!("{HEAD}review_by = {day}\n{MINOR}"));
    expect![[r#"
        review_by: 2027-03-02 is more than 12 months away (EU-07)
        review_by: 2026-03-01 is over
    "#]]
    .assert_eq(&format!("{}\n{}\n", day("2027-03-02"), day("2026-03-01")));
    assert!(said(&document(&MINOR.repeat(2))).contains("another criterion has this id"));
    assert!(said(&document("")).contains("no [[criterion]]"));
    assert!(said(&document("learns = true")).contains("unknown field"));
}

fn names() -> String {
    let names: Vec<&str> = Fact::ALL.iter().map(|f| f.name()).collect();
    names.join(", ")
}

#[test]
fn a_document_knows_which_elements_it_looks_at() {
    let elements = read(&document(MINOR)).unwrap().elements().to_string();
    expect![["birth_date, status, co_travellers"]].assert_eq(&elements);
    assert!(!read(&document(MINOR)).unwrap().needs_journeys());
    assert!(read(&document(ONWARD)).unwrap().needs_journeys());
}

#[test]
fn every_fact_is_known_by_its_name_and_takes_a_test_of_its_kind() {
    for fact in Fact::ALL {
        let test = match fact.kind() {
            FactKind::Truth => "",
            FactKind::Number => ">= 1",
            FactKind::Countries => "in [GBR]",
            FactKind::Airport => "in [LHR]",
        };
        let condition = Condition::parse(&format!("{} {test}", fact.name())).unwrap();
        assert_eq!(condition.fact(), *fact);
    }
}

#[test]
fn the_page_about_criteria_is_made_from_the_tables() {
    let kind = |kind| match kind {
        FactKind::Truth => "so or not",
        FactKind::Number => "number",
        FactKind::Countries => "countries",
        FactKind::Airport => "airport",
    };
    let mut page = include_str!("page.md").to_owned();
    page += "\n## Facts\n\n| fact | kind | what it is | told from |\n|---|---|---|---|\n";
    for f in Fact::ALL {
        page +=
            &format!("| `{}` | {} | {} | {} |\n", f.name(), kind(f.kind()), f.words(), f.element());
    }
    page +=
        "\n## What is refused\n\n| words | because they would decide by | rule |\n|---|---|---|\n";
    for (words, what, rule) in protected::PROTECTED {
        page += &format!("| {} | {what} | {rule} |\n", words.join(", "));
    }
    expect_test::expect_file!["../../../../docs/criteria.md"].assert_eq(&page);
}
