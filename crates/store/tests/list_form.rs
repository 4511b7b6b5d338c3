//! The example in `docs/formats/list.md` is what the program writes.
#![allow(clippy::unwrap_used)]

use travel::{
    Admission, Booking, Country, DocumentKind, Element, ElementSet, Flight, Leg, LocalTime,
    PartialDate, PassengerList, Report, Sex, TravelDocument, Traveller,
};

/// One invented passenger of one flight, with as few fields as show each form.
fn example() -> PassengerList {
    let day = jiff::civil::date(2026, 9, 22);
    let utopia = Country::parse("UTO");
    let flight = Flight {
        carrier: "TK".into(),
        number: "1980".into(),
        legs: [Leg {
            from: "IST".into(),
            to: "LHR".into(),
            departs: Some(LocalTime(day.at(11, 0, 0, 0))),
            arrives: None,
        }]
        .into(),
        ..Flight::default()
    };
    let passport = TravelDocument {
        kind: DocumentKind::Passport,
        number: "L898902C3".into(),
        issuer: utopia,
        expires: PartialDate::ymd(2035, 1, 1),
        issued: None,
    };
    let traveller = Traveller {
        surname: "ESPECIMEN".into(),
        given: "ANNA MARIA".into(),
        birth_date: Some(PartialDate::year(1990)),
        sex: Sex::Female,
        nationality: utopia,
        documents: [passport].into(),
        booking: Some(0),
        ..Traveller::default()
    };
    let booking = Booking { locator: "ABC123".into(), travellers: 1, ..Booking::default() };
    let report = Report {
        flights: vec![flight],
        travellers: vec![traveller],
        bookings: vec![booking],
        dropped_sensitive: 2,
        ..Report::default()
    };
    let permitted: ElementSet = [
        Element::Flight,
        Element::Names,
        Element::BirthDate,
        Element::Sex,
        Element::Nationality,
        Element::Documents,
        Element::Locator,
        Element::CoTravellers,
    ]
    .into_iter()
    .collect();
    let received_at = "2026-09-22T06:00:00Z".parse().unwrap();
    let state = Country::new("GBR");
    PassengerList::admit(report, &Admission { state, permitted, received_at, must_touch: true })
        .unwrap()
}

#[test]
fn the_page_shows_what_is_written() {
    let bytes = example().encode();
    assert!(PassengerList::decode(&bytes).unwrap() == example());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/formats/list.md");
    let page = std::fs::read_to_string(path).unwrap();
    let block = page.split("```cbor\n").nth(1).unwrap().split("```").next().unwrap();
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let written = minicbor::display(&bytes).to_string();
    assert_eq!(plain(block), plain(&written), "it is written so:\n{written}");
}
