//! Writing a report and reading it back gives the report again, as far as the message
//! has a place for it.
#![allow(clippy::unwrap_used)]

use edifact::{Mode, Severity};
use jiff::civil::{date, datetime};
use messages::{Outgoing, Verdict};
use proptest::prelude::*;
use travel::{
    Bag, Booking, Contact, Country, Dataset, DocumentKind, Flight, Function, Kind, Leg, LocalTime,
    PartialDate, Report, Sex, Text, TravelDocument, Traveller,
};

fn texts(all: Vec<String>) -> Vec<Text> {
    all.into_iter().map(Text::from).collect()
}

fn outgoing(release: &str) -> Outgoing {
    Outgoing {
        sender: "TK".into(),
        recipient: "GBR".into(),
        reference: "R1".into(),
        message_reference: "M1".into(),
        made_at: datetime(2026, 3, 1, 9, 0, 0, 0),
        test: false,
        release: release.into(),
    }
}

/// Words as names have them: separators, apostrophes and other alphabets among them.
fn word() -> impl Strategy<Value = String> {
    "[A-Z][A-Z'+:?ÄÖÜĞŞа-я*]{1,11}".prop_filter("a placeholder or a title", |w| {
        !w.starts_with("XX")
            && !["FNU", "LNU", "MR", "MRS", "MS", "MISS", "MSTR", "DR", "PROF", "CHD"]
                .iter()
                .any(|t| w.ends_with(t))
    })
}

fn country() -> impl Strategy<Value = Country> {
    prop::sample::select(["GBR", "TUR", "DEU", "USA", "CHN", "GBN"].map(Country::new).to_vec())
}

fn day(from: i16, to: i16) -> impl Strategy<Value = PartialDate> {
    (from..to, 1u8..13, 1u8..29).prop_map(|(y, m, d)| PartialDate::ymd(y, m, d).unwrap())
}

fn document() -> impl Strategy<Value = TravelDocument> {
    use DocumentKind::*;
    let kind =
        prop::sample::select(vec![Passport, PassportCard, IdentityCard, Visa, Other, Unknown]);
    (kind, "[A-Z0-9]{5,12}", prop::option::of(country()), prop::option::of(day(2020, 2040)))
        .prop_map(|(kind, number, issuer, expires)| TravelDocument {
            kind,
            number: number.into(),
            issuer,
            expires,
            issued: None,
        })
}

fn documents() -> impl Strategy<Value = Vec<TravelDocument>> {
    prop::collection::vec(document(), 0..3).prop_map(|mut documents| {
        documents.dedup_by(|a, b| a.number == b.number);
        documents
    })
}

prop_compose! {
    fn traveller()(
        surname in word(),
        given in prop::collection::vec(word(), 0..3),
        birth_date in prop::option::of(day(1930, 2025)),
        sex in prop::sample::select(vec![Sex::Male, Sex::Female, Sex::Unknown, Sex::Unspecified]),
        nationality in prop::option::of(country()),
        residence in prop::option::of(country()),
        birth_place in prop::option::of("[A-Z]{3,9}"),
        documents in documents(),
        seat in prop::option::of("[0-9]{2}[A-K]"),
        contacts in prop::collection::vec("[0-9]{6,14}|[A-Z0-9]{2,8}@[A-Z0-9]{2,8}[.][A-Z]{2,3}", 0..2),
        frequent in prop::collection::vec("TK [0-9]{8}", 0..2),
        tickets in prop::collection::vec("[0-9]{13}", 0..2),
        number in any::<u16>(),
    ) -> Traveller {
        Traveller {
            surname: surname.into(), given: given.join(" ").into(), birth_date, sex, nationality, residence,
            birth_place: birth_place.map(Text::from),
            documents: documents.into(), seat: seat.map(Text::from),
            frequent_flyer: texts(frequent), tickets: texts(tickets),
            contacts: contacts.into_iter().map(|text| Contact { text: text.into() }).collect(),
            reference: Some(format!("P{number}").into()),
            ..Traveller::default()
        }
    }
}

fn flight() -> Flight {
    Flight {
        carrier: "TK".into(),
        number: "1980".into(),
        legs: [Leg {
            from: "LHR".into(),
            to: "IST".into(),
            departs: Some(LocalTime(datetime(2026, 3, 2, 11, 30, 0, 0))),
            arrives: Some(LocalTime(datetime(2026, 3, 2, 18, 20, 0, 0))),
        }]
        .into(),
        marked_leg: Some(0),
        ..Flight::default()
    }
}

fn api_report() -> impl Strategy<Value = Report> {
    let people = prop::collection::vec((traveller(), 0u32..4, any::<u8>()), 0..6);
    let function = prop::sample::select(vec![
        Function::Full,
        Function::Change,
        Function::Cancel,
        Function::CloseOnBoard,
        Function::CloseNotOnBoard,
    ]);
    (people, function, any::<bool>()).prop_map(|(people, function, second)| {
        let mut report = Report { function, flights: vec![flight()], ..Report::default() };
        if second {
            let home = Leg { from: "IST".into(), to: "ESB".into(), departs: None, arrives: None };
            report.flights[0].legs.push(home);
        }
        report.stated_total = Some(people.len() as u32);
        for (mut t, booking, dice) in people {
            let locator = format!("LOC{booking}");
            let at =
                report.bookings.iter().position(|b| b.locator == locator).unwrap_or_else(|| {
                    report.bookings.push(Booking { locator: locator.into(), ..Booking::default() });
                    report.bookings.len() - 1
                });
            report.bookings[at].travellers += 1;
            t.booking = Some(at as u32);
            t.kind = if dice % 5 == 0 { Kind::Transit } else { Kind::Passenger };
            t.verified = [None, Some(true), Some(false)][dice as usize % 3];
            let count = u16::from(dice % 4);
            t.bags =
                Bag { count: Some(count), weight_kg: Some(count * 11), tags: vec!["TK123".into()] };
            t.journey_from = (dice % 2 == 0).then(|| "LHR".into());
            report.travellers.push(t);
        }
        report
    })
}

fn pnr_report() -> impl Strategy<Value = Report> {
    let booking = (prop::collection::vec(traveller(), 1..4), "[A-Z0-9]{6}", any::<bool>());
    prop::collection::vec(booking, 1..4).prop_map(|bookings| {
        let mut flight = flight();
        flight.marked_leg = None;
        let mut report =
            Report { dataset: Dataset::Pnr, flights: vec![flight.clone()], ..Report::default() };
        let marketed = flight.name().into();
        let share = travel::CodeShare { marketed, operated: "AJ77".into() };
        for (i, (people, locator, child)) in bookings.into_iter().enumerate() {
            report.bookings.push(Booking {
                locator: format!("{locator}{i}").into(),
                carrier: "TK".into(),
                made: PartialDate::ymd(2026, 1, 5),
                agency: Some("LON AGENCY".into()),
                itinerary: [flight.clone()].into(),
                contacts: vec![Contact { text: "1 HIGH STREET, LONDON".into() }],
                payments: vec!["CC VI XXXXXXXXXXXX1186".into()],
                cancelled: false,
                travellers: people.len() as u32,
                split: if child { vec!["TK ABC999".into()] } else { Vec::new() },
                code_shares: if child { vec![share.clone()] } else { Vec::new() },
                confirmations: vec![format!("{} HK", flight.name()).into()],
                history: Vec::new(),
            });
            for (n, mut t) in people.into_iter().enumerate() {
                // Names apart, so that a document has one owner by name as by reference.
                t.surname = format!("{}{}", t.surname, "ABCD".chars().nth(n).unwrap()).into();
                t.booking = Some(i as u32);
                // Weights and tags are those of somebody who checked in.
                t.status = match t.bags.weight_kg.is_some() || !t.bags.tags.is_empty() {
                    true => Some(travel::Status::CheckedIn),
                    false => child.then_some(travel::Status::NoShow),
                };
                if child && n == 0 {
                    t.kind = Kind::Infant;
                }
                report.travellers.push(t);
            }
        }
        report.stated_bookings = Some(report.bookings.len() as u32);
        report
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_paxlst_says_what_the_report_said(report in api_report()) {
        let bytes = messages::paxlst::write(&report, &outgoing("15B"));
        let reading = messages::read(&bytes, Mode::Strict, date(2026, 3, 1));
        let syntax: Vec<_> = reading.findings.iter().filter(|f| f.is_syntax()).collect();
        prop_assert!(syntax.is_empty(), "{syntax:?} {}", String::from_utf8_lossy(&bytes));
        let read = &reading.messages[0].report;
        for (a, b) in report.travellers.iter().zip(&read.travellers) {
            prop_assert!(a == b, "{}", String::from_utf8_lossy(&bytes));
        }
        prop_assert_eq!(&report, read);
    }

    #[test]
    fn a_pnrgov_says_what_the_report_said(report in pnr_report()) {
        let bytes = messages::pnrgov::write(&report, &outgoing("17:1"));
        let reading = messages::read(&bytes, Mode::Strict, date(2026, 3, 1));
        let syntax: Vec<_> = reading.findings.iter().filter(|f| f.is_syntax()).collect();
        prop_assert!(syntax.is_empty(), "{syntax:?} {}", String::from_utf8_lossy(&bytes));
        let read = &reading.messages[0].report;
        for (a, b) in report.travellers.iter().zip(&read.travellers) {
            prop_assert!(a == b, "{a:?} {b:?} {}", String::from_utf8_lossy(&bytes));
        }
        prop_assert_eq!(&report, read);
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for opening in [&b""[..], b"UNA:+.? '", b"\xef\xbb\xbf<PNR>", b"<PNR><Name>\xdc</Nam"] {
            let bytes = [opening, &bytes].concat();
            let reading = messages::read(&bytes, Mode::Tolerant, date(2026, 3, 1));
            for f in &reading.findings {
                prop_assert!(f.span.start <= f.span.end && f.span.end <= bytes.len(), "{f:?}");
            }
        }
    }

    #[test]
    fn a_damaged_message_is_read_without_a_panic(
        report in api_report(), pnr in pnr_report(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        for mut bytes in [messages::paxlst::write(&report, &outgoing("05B")), messages::pnrgov::write(&pnr, &outgoing("11:1"))] {
            let i = at.index(bytes.len());
            bytes[i] = byte;
            let reading = messages::read(&bytes, Mode::Tolerant, date(2026, 3, 1));
            messages::answer(&reading, &[], datetime(2026, 3, 1, 9, 0, 0, 0), "GBR");
            bytes.truncate(cut.index(bytes.len()));
            messages::read(&bytes, Mode::Cleaning, date(2026, 3, 1));
        }
    }

    #[test]
    fn every_answer_is_itself_a_sound_interchange(report in api_report(), pnr in pnr_report()) {
        for bytes in [messages::paxlst::write(&report, &outgoing("05B")), messages::pnrgov::write(&pnr, &outgoing("11:1"))] {
            let reading = messages::read(&bytes, Mode::Tolerant, date(2026, 3, 1));
            let answer = messages::answer(&reading, &[Verdict::Accepted], datetime(2026, 3, 1, 9, 0, 0, 0), "GBR");
            let (interchange, faults) = edifact::read(&answer, Mode::Strict);
            let bad: Vec<_> = faults.iter().filter(|f| f.severity > Severity::Note).collect();
            prop_assert!(bad.is_empty(), "{bad:?} {}", String::from_utf8_lossy(&answer));
            prop_assert!(!interchange.messages().is_empty());
        }
    }
}
