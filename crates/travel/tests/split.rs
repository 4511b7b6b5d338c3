//! A list in two parts is the list, whatever is masked, and each part holds its own alone.
#![allow(clippy::unwrap_used)]

use travel::*;

const NAME: &str = "ESPECIMENOVA";

/// A list with something in every field.
fn full() -> PassengerList {
    let leg = Leg { from: "IST".into(), to: "LHR".into(), departs: None, arrives: None };
    let flight = Flight {
        carrier: "TK".into(),
        number: "1980".into(),
        legs: [leg].into(),
        ..Flight::default()
    };
    let contact = || vec![Contact { text: "+90 555 0100".into() }];
    let traveller = Traveller {
        surname: NAME.into(),
        given: "ANNA".into(),
        birth_date: PartialDate::ymd(1990, 1, 2),
        sex: Sex::Female,
        nationality: Some(Country::new("UTO")),
        residence: Some(Country::new("UTO")),
        birth_place: Some("ZENITH".into()),
        documents: [TravelDocument {
            kind: DocumentKind::Passport,
            number: "L898902C3".into(),
            issuer: None,
            expires: None,
            issued: None,
        }]
        .into(),
        journey_from: Some("IST".into()),
        journey_to: Some("LHR".into()),
        seat: Some("12A".into()),
        booking: Some(0),
        reference: Some("REF1".into()),
        bags: Bag { count: Some(1), weight_kg: Some(20), tags: vec!["TK1".into()] },
        contacts: contact(),
        frequent_flyer: vec!["TK123".into()],
        tickets: vec!["2351".into()],
        verified: Some(true),
        status: Some(Status::CheckedIn),
        ..Traveller::default()
    };
    let booking = Booking {
        locator: "ABC123".into(),
        carrier: "TK".into(),
        made: PartialDate::ymd(2026, 1, 1),
        agency: Some("OFFICE".into()),
        itinerary: [flight.clone()].into(),
        contacts: contact(),
        payments: vec!["VI XXXX1111".into()],
        cancelled: true,
        travellers: 2,
        split: vec!["TK ABC124".into()],
        code_shares: vec![CodeShare { marketed: "TK1980".into(), operated: "AJ77".into() }],
        confirmations: vec!["TK1980 HK".into()],
        history: vec![Revision { at: None, act: Act::Added, about: Some(Element::Seat), by: None }],
    };
    let report = Report {
        dataset: Dataset::Pnr,
        flights: vec![flight],
        travellers: vec![traveller.clone(), Traveller { booking: None, ..traveller }],
        bookings: vec![booking],
        ..Report::default()
    };
    let admission = Admission {
        state: Country::new("GBR"),
        permitted: ElementSet::ALL,
        received_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        must_touch: false,
    };
    PassengerList::admit(report, &admission).unwrap()
}

#[test]
fn whatever_is_masked_the_two_parts_are_the_list() {
    let list = full();
    let last = 1u32 << Element::ALL.len();
    for bits in
        (0..last).step_by(97).chain((0..Element::ALL.len()).map(|i| 1 << i)).chain([last - 1])
    {
        let masked: ElementSet =
            Element::ALL.iter().copied().filter(|e| bits & (1 << *e as u8) != 0).collect();
        let (identity, remainder) = list.split(masked);
        assert!(identity.elements().intersection(remainder.elements()).is_empty());
        assert!(identity.joined(remainder).unwrap() == list, "{masked}");
    }
}

#[test]
fn what_stays_shows_neither_a_name_nor_who_travels_with_whom() {
    let masked = [Element::Names, Element::CoTravellers, Element::Contact].into_iter().collect();
    let (_, remainder) = full().split(masked);
    let bytes = remainder.encode();
    assert!(!bytes.windows(NAME.len()).any(|w| w == NAME.as_bytes()));
    assert!(remainder.travellers().iter().all(|t| t.booking.is_none() && t.contacts.is_empty()));
    assert_eq!(remainder.bookings()[0].travellers, 0);
    assert_eq!(remainder.bookings()[0].locator, "ABC123");
    assert_eq!(remainder.flight().number, "1980");
}

#[test]
fn parts_of_two_lists_make_none() {
    let list = full();
    let (identity, _) = list.split(ElementSet::ALL);
    let (_, other) = list.restricted_to(ElementSet::ALL, Some(&[0])).split(ElementSet::ALL);
    assert!(identity.joined(other).is_none());
}

/// What a list holds of a heading is there, and is all that is there.
#[test]
fn every_heading_of_annex_i_is_data_of_its_own_or_says_why_not() {
    let list = full();
    let nothing = list.restricted_to(ElementSet::EMPTY, None);
    for heading in HEADINGS {
        let elements: ElementSet = heading.elements().collect();
        let held = list.restricted_to(elements, None);
        let holds = held.travellers() != nothing.travellers()
            || held.bookings() != nothing.bookings()
            || held.flight() != nothing.flight();
        let says_why = heading.held.starts_with('(');
        assert_eq!(holds, !says_why, "{} {}", heading.number, heading.text);
        let decoded = PassengerList::decode(&held.encode()).unwrap();
        assert!(decoded == held, "{}", heading.text);
    }
}

/// A list that was kept before bookings had these fields.
#[test]
fn a_list_of_an_older_form_is_read() {
    let list = full();
    let mut kept = ElementSet::ALL;
    for element in [Element::Split, Element::CodeShare, Element::History, Element::Status] {
        kept = kept.difference([element].into_iter().collect());
    }
    let older = list.restricted_to(kept, None);
    let bytes = older.encode();
    // Four numbers of a booking and one of each traveller are not there.
    assert!(bytes.len() + 30 < list.encode().len());
    assert!(!bytes.windows(4).any(|w| w == b"AJ77"));
    assert!(PassengerList::decode(&bytes).unwrap() == older);
}
