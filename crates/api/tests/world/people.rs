//! Flights and travellers, all invented.

use super::*;

const SURNAMES: &[&str] = &[
    "DEMIR", "KAYA", "SMITH", "TAYLOR", "AYDIN", "OZTURK", "BROWN", "EVANS", "CELIK", "ARSLAN",
    "WALKER", "ROBERTS", "SAHIN", "HUGHES", "POLAT", "GREEN",
];
const GIVEN: &[&str] =
    &["AYSE", "MUSTAFA", "EMMA", "OLIVER", "ZEYNEP", "CAN", "GRACE", "HARRY", "ELIF", "BURAK"];

pub fn flight(carrier: &str, number: i64, (from, to): (&str, &str), departs: Timestamp) -> Flight {
    let local = |at: Timestamp, airport: &str| {
        let zone = TimeZone::get(travel::Airport::find(airport).unwrap().zone).unwrap();
        LocalTime(
            at.to_zoned(zone).datetime().with().second(0).subsec_nanosecond(0).build().unwrap(),
        )
    };
    Flight {
        carrier: carrier.into(),
        number: number.to_string().into(),
        legs: [Leg {
            from: from.into(),
            to: to.into(),
            departs: Some(local(departs, from)),
            arrives: Some(local(departs + minutes(235), to)),
        }]
        .into(),
        ..Flight::default()
    }
}

pub fn person(
    surname: &str,
    given: &str,
    (year, month, day): (i16, i8, i8),
    sex: Sex,
    nationality: &str,
    document: &str,
) -> Traveller {
    assert!(date(year, month, day).year() == year);
    Traveller {
        surname: surname.into(),
        given: given.into(),
        birth_date: PartialDate::ymd(year, month as u8, day as u8),
        sex,
        nationality: Some(country(nationality)),
        documents: [TravelDocument {
            kind: DocumentKind::Passport,
            number: document.into(),
            issuer: Some(country(nationality)),
            expires: PartialDate::ymd(2031, 4, 30),
            issued: None,
        }]
        .into(),
        seat: Some("14C".into()),
        booking: Some(0),
        ..Traveller::default()
    }
}

pub fn passengers(count: usize, seed: usize, listed: Vec<Traveller>) -> Vec<Traveller> {
    let mut all: Vec<Traveller> = (0..count)
        .map(|i| {
            let n = i * 7 + seed * 13;
            let year = 1950 + (n % 55) as i16;
            let (surname, given) = (SURNAMES[n % SURNAMES.len()], GIVEN[(n / 3) % GIVEN.len()]);
            let number = format!("P{:07}", n * 131 + 4000);
            let sex = if n.is_multiple_of(2) { Sex::Female } else { Sex::Male };
            let state = if n.is_multiple_of(3) { "GBR" } else { "TUR" };
            person(
                surname,
                given,
                (year, 1 + (n % 12) as i8, 1 + (n % 28) as i8),
                sex,
                state,
                &number,
            )
        })
        .collect();
    all.push(person(UNREMARKABLE, "JOAN", (1961, 2, 3), Sex::Female, "GBR", "502118833"));
    let middle = all.len() / 2;
    for t in listed {
        all.insert(middle, t);
    }
    all
}
