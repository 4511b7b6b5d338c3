//! What carriers send.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use travel::{
    Admission, Country, DocumentKind, ElementSet, Flight, Leg, LocalTime, PartialDate,
    PassengerList, Report as CarrierReport, Sex, TravelDocument, Traveller,
};

/// A carrier's list: a flight of its own, two travellers whom nobody knows.
pub(crate) fn list(number: u64, now: Timestamp) -> PassengerList {
    let at = |hours: i64| {
        let at = now + SignedDuration::from_hours(hours);
        Some(LocalTime(at.to_zoned(TimeZone::UTC).datetime()))
    };
    let traveller = |n: usize| Traveller {
        surname: format!("TRAVELLER{number}").into(),
        given: ["A", "B"][n].into(),
        birth_date: PartialDate::parse("1980-05-17"),
        sex: Sex::Female,
        nationality: Some(Country::new("UTO")),
        documents: [TravelDocument {
            kind: DocumentKind::Passport,
            number: format!("U{number:08}").into(),
            issuer: Some(Country::new("UTO")),
            expires: None,
            issued: None,
        }]
        .into(),
        seat: Some(format!("{}C", n + 11).into()),
        ..Traveller::default()
    };
    let leg = Leg { from: "IST".into(), to: "LHR".into(), departs: at(5), arrives: at(8) };
    let flight = Flight {
        carrier: "ZZ".into(),
        number: number.to_string().into(),
        legs: [leg].into(),
        ..Flight::default()
    };
    let report = CarrierReport {
        flights: vec![flight],
        travellers: (0..2).map(traveller).collect(),
        ..CarrierReport::default()
    };
    let admission = Admission {
        state: Country::new("UTO"),
        permitted: ElementSet::ALL,
        received_at: now,
        must_touch: false,
    };
    PassengerList::admit(report, &admission).expect("a list with a flight and travellers")
}
