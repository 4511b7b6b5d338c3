//! Agreements as TOML, as CBOR, as a page; signatures.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use expect_test::{Expect, expect};
use jiff::civil::date;
use policy::{
    Agreement, AgreementError, AgreementId, Direction, Emergency, Mode, Onward, Purpose, Regime,
    Route, Set, SignatureError, SignedAgreement, Term,
};
use proptest::prelude::*;
use travel::{Country, Dataset, Element, ElementSet, FlightKind};

fn check_words(agreement: &Agreement, expected: &Expect) {
    let mut page = String::new();
    for section in agreement.plain_words() {
        page.push_str(&format!("# {}\n", section.heading));
        for paragraph in section.paragraphs {
            page.push_str(&format!("{paragraph}\n"));
        }
    }
    expected.assert_eq(&page);
}

fn check_error(toml: &str, expected: &Expect) {
    expected.assert_eq(&Agreement::from_toml(toml).unwrap_err().to_string());
}

#[test]
fn the_demos_agreement_reads_as_a_lawyer_would_write_it() {
    check_words(
        &Agreement::from_toml(DEMO).unwrap(),
        &expect![[r#"
        # United Kingdom - Turkey: lists of air passengers
        An agreement between the United Kingdom and Türkiye, version 1.
        It rests on the bilateral arrangement on air passenger data (example text for the demo).
        It is in force from 2020-01-01 to the end of 2099-12-31. Either party can suspend it at any time, alone and at once.
        What it does not name does not leave.
        # What Türkiye sends to the United Kingdom
        1. Türkiye sends the whole list of travellers of civil passenger flights from anywhere to the United Kingdom (advance passenger information). Of each traveller it may say: flight, names, birth date, sex, nationality, documents, itinerary, seat.
        The United Kingdom may use it only for terrorist offences and travel for them, serious crime and border control.
        The United Kingdom may keep it for 180 days after receipt, and after 30 days only with what shows a person's identity masked.
        The United Kingdom may pass it on to another state only case by case, and only when Türkiye has consented before.
        Türkiye sends it at the latest 30 minutes before departure.
        # What the United Kingdom sends to Türkiye
        1. The United Kingdom sends the whole list of travellers of civil passenger flights from London (LCY), London (LGW), London (LHR), London (LTN) or London (STN) to Arnavutköy Istanbul (IST) or Istanbul (SAW) (advance passenger information). Of each traveller it may say: flight, names, birth date, nationality, documents.
        2. The United Kingdom sends a single traveller, when officers have upheld a hit, of civil passenger flights from the United Kingdom to Türkiye or from Türkiye to the United Kingdom (advance passenger information and booking records), but not from London (LCY), London (LGW), London (LHR), London (LTN) or London (STN) to Arnavutköy Istanbul (IST) or Istanbul (SAW). Of each traveller it may say: flight, names, birth date, sex, nationality, documents, itinerary.
        Türkiye may use it only for terrorist offences and travel for them and serious crime.
        Türkiye may keep it for 90 days after receipt, and after 14 days only with what shows a person's identity masked.
        Türkiye may not pass it on to another state.
    "#]],
    );
}

#[test]
fn the_demos_agreement_says_what_the_two_states_meant() {
    let a = Agreement::from_toml(DEMO).unwrap();
    assert_eq!(a.parties, [GBR, TUR]);
    let (tur, gbr) = (a.direction(TUR, GBR).unwrap(), a.direction(GBR, TUR).unwrap());
    let covers = |d: &Direction, from: &str, to: &str, mode: Mode| {
        d.terms.iter().any(|t| t.mode == mode && t.covers(&flight(&[(from, to)])))
    };
    assert!(covers(tur, "ESB", "MAN", Mode::List));
    assert!(!covers(tur, "LHR", "IST", Mode::List));
    assert!(!covers(tur, "IST", "CDG", Mode::List));
    assert!(covers(gbr, "LGW", "SAW", Mode::List));
    assert!(!covers(gbr, "MAN", "IST", Mode::List));
    assert!(covers(gbr, "MAN", "IST", Mode::Hit));
    assert!(covers(gbr, "IST", "LHR", Mode::Hit));
    assert!(!covers(gbr, "LHR", "IST", Mode::Hit));
    assert!(!covers(gbr, "LHR", "CDG", Mode::Hit));
    assert_ne!(tur.retention_days, gbr.retention_days);
    assert_ne!(tur.terms[0].elements, gbr.terms[0].elements);
}

/// What an agreement of before says, it says in the same bytes: the digest of the demo's was
/// noted before documents could say more.
#[test]
fn a_document_that_says_nothing_new_keeps_its_digest() {
    let digest = Agreement::from_toml(DEMO).unwrap().digest().to_string();
    assert_eq!(digest, "69eea97bb8b5c11c4fb88d6978734f80d404126175ca57775fb4736a35c2d365");
    let requests = include_str!("../../../docs/agreements/gbr-tur-requests.toml");
    let second = Agreement::from_toml(requests).unwrap();
    assert_eq!(Agreement::from_cbor(&second.to_cbor()).unwrap(), second);
    assert_eq!(Agreement::from_toml(&second.to_toml()).unwrap(), second);
    let new = Agreement::from_toml(DEMO).unwrap().diff(&second);
    assert!(new.widens.iter().any(|w| w.contains("answered in emergencies")), "{new:?}");
    assert!(new.widens.iter().any(|w| w.contains("answers to requests")), "{new:?}");
    assert!(new.narrows.is_empty(), "{new:?}");
    let words: Vec<String> =
        second.plain_words().into_iter().flat_map(|section| section.paragraphs).collect();
    assert!(words.iter().any(|w| w.contains("case by case, to a reasoned request")), "{words:?}");
}

#[test]
fn toml_and_cbor_are_two_views_of_one_document() {
    let a = Agreement::from_toml(DEMO).unwrap();
    assert_eq!(Agreement::from_toml(&a.to_toml()).unwrap(), a);
    assert_eq!(Agreement::from_cbor(&a.to_cbor()).unwrap(), a);
    assert_eq!(AgreementId::parse(&a.digest().to_string()), Some(a.digest()));
}

#[test]
fn the_order_in_which_a_set_is_written_is_not_part_of_the_agreement() {
    let other = DEMO.replace(
        r#"["LHR", "LGW", "STN", "LTN", "LCY"]"#,
        r#"["LCY", "LGW", "LHR", "LTN", "STN", "LHR"]"#,
    );
    let digest = |toml: &str| Agreement::from_toml(toml).unwrap().digest();
    assert_eq!(digest(&other), digest(DEMO));
    assert_ne!(digest(&DEMO.replace("retention_days = 90", "retention_days = 91")), digest(DEMO));
}

#[test]
fn a_word_outside_the_vocabulary_is_shown_on_its_line() {
    check_error(
        &DEMO.replace(r#""seat""#, r#""meal""#),
        &expect![[r#"
        TOML parse error at line 25, column 12
           |
        25 | elements = ["flight", "names", "birth_date", "sex", "nationality", "documents", "itinerary", "meal"]
           |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        no such element: "meal"
    "#]],
    );
    check_error(
        &DEMO.replace("onward = \"never\"", "onwards = \"never\""),
        &expect![[r#"
        TOML parse error at line 36, column 1
           |
        36 | onwards = "never"
           | ^^^^^^^
        unknown field `onwards`, expected one of `from`, `to`, `purposes`, `retention_days`, `mask_after_days`, `onward`, `latest_before_departure_minutes`, `emergency`, `term`
    "#]],
    );
}

#[test]
fn what_makes_no_sense_is_told_with_its_line() {
    check_error(
        &DEMO.replace("retention_days = 90", "retention_days = 0"),
        &expect!["line 30: direction 2: retention_days must be 1 to 3660"],
    );
    check_error(
        &DEMO.replace(r#"{ airports = ["IST", "SAW"] }"#, "{ airports = [] }"),
        &expect![
            "line 38: direction 2, term 1: a set of a route is empty, too long or holds what is no code"
        ],
    );
    check_error(
        &DEMO.replace("2099-12-31", "2019-12-31"),
        &expect!["the agreement: it ends before it starts"],
    );
}

#[test]
fn only_both_signatures_put_it_in_force() {
    let agreement = Agreement::from_toml(DEMO).unwrap();
    let (gbr, tur) = (Party::new(GBR), Party::new(TUR));
    let keys = [gbr.keys(), tur.keys()];
    let mut signed = SignedAgreement::unsigned(&agreement);
    assert_eq!(signed.verify(&keys).unwrap_err(), SignatureError::NotSigned(GBR));
    signed.add(gbr.sign(&signed.document));
    assert_eq!(signed.verify(&keys).unwrap_err(), SignatureError::NotSigned(TUR));
    signed.add(tur.sign(&signed.document));
    assert_eq!(signed.verify(&keys[..1]).unwrap_err(), SignatureError::UnknownKeys(TUR));
    let again = SignedAgreement::from_cbor(&signed.to_cbor()).unwrap();
    let in_force = again.verify(&keys).unwrap();
    assert_eq!((in_force.id(), in_force.agreement()), (agreement.digest(), &agreement));
}

#[test]
fn a_signature_over_anything_else_does_not_hold() {
    let agreement = Agreement::from_toml(DEMO).unwrap();
    let (gbr, tur) = (Party::new(GBR), Party::new(TUR));
    let keys = [gbr.keys(), tur.keys()];
    let mut other = agreement.clone();
    other.version = 2;
    let mut signed = SignedAgreement::unsigned(&agreement);
    signed.add(gbr.sign(&signed.document));
    signed.add(tur.sign(&other.to_cbor()));
    assert_eq!(signed.verify(&keys).unwrap_err(), SignatureError::BadSignature(TUR));
    let mut half = tur.sign(&signed.document);
    half.ml_dsa_65 = tur.sign(&other.to_cbor()).ml_dsa_65;
    signed.add(half);
    assert_eq!(signed.verify(&keys).unwrap_err(), SignatureError::BadSignature(TUR));
    let mut posing = gbr.sign(&signed.document);
    posing.party = TUR;
    signed.add(posing);
    assert_eq!(signed.verify(&keys).unwrap_err(), SignatureError::BadSignature(TUR));
}

#[test]
fn every_pack_that_is_shipped_can_be_read() {
    let names: Vec<String> = Regime::all().into_iter().map(|r| r.name).collect();
    let expected = [
        "eu_pnr",
        "eu_pnr_cjeu",
        "uk_eu_tca",
        "eu_us_2012",
        "uk_domestic",
        "icao_annex9",
        "national_default",
    ];
    assert_eq!(names, expected);
    assert!(Regime::named("none").is_err());
}

fn set() -> impl Strategy<Value = Set> {
    prop_oneof![
        Just(Set::Any),
        prop::collection::vec("[A-Z]{3}", 1..4).prop_map(Set::Airports),
        prop::collection::vec("[A-Z]{3}", 1..4)
            .prop_map(|c| Set::Countries(c.iter().filter_map(|c| Country::parse(c)).collect())),
    ]
}

fn route() -> impl Strategy<Value = Route> {
    (set(), set()).prop_map(|(from, to)| Route { from, to })
}

prop_compose! {
    fn term()(
        name in ".{0,20}",
        routes in prop::collection::vec(route(), 1..4),
        not in prop::collection::vec(route(), 0..3),
        mode in prop::sample::select(Mode::ALL.to_vec()),
        elements in prop::collection::vec(prop::sample::select(Element::ALL.to_vec()), 1..9),
        until in prop::option::of(Just(date(2030, 6, 1))),
    ) -> Term {
        Term {
            name, routes, not, mode, until, from: None,
            flight_kinds: vec![FlightKind::Passenger, FlightKind::Cargo],
            datasets: vec![Dataset::Pnr, Dataset::Api],
            elements: elements.into_iter().collect::<ElementSet>(),
        }
    }
}

prop_compose! {
    fn agreement()(
        title in "[A-Za-z\"\\\\\n']{1,30}x",
        terms in prop::collection::vec(term(), 1..4),
        retention_days in 20u32..3_000,
        mask_after_days in prop::option::of(1u32..20),
        onward in prop::sample::select(vec![Onward::Never, Onward::WithConsent]),
        emergency in prop::option::of((1u32..1_440, 1u32..720)),
    ) -> Agreement {
        let answers = terms.iter().any(|t| t.mode == Mode::Answer);
        let emergency = emergency.filter(|_| answers).map(|(minutes, hours)| Emergency {
            answer_within_minutes: minutes,
            justify_within_hours: hours,
        });
        Agreement {
            title, parties: [GBR, TUR], legal_basis: "a law".into(), version: 3,
            from: date(2026, 1, 1), until: date(2030, 12, 31),
            directions: vec![Direction {
                from: GBR, to: TUR, terms, retention_days, mask_after_days, onward,
                purposes: vec![Purpose::SeriousCrime, Purpose::Terrorism],
                latest_before_departure_minutes: None, emergency,
            }],
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_again(a in agreement()) {
        let cbor = a.to_cbor();
        let read = Agreement::from_cbor(&cbor).unwrap();
        prop_assert_eq!(read.to_cbor(), cbor);
        let again = Agreement::from_toml(&a.to_toml()).unwrap();
        prop_assert_eq!(again.digest(), a.digest());
    }

    #[test]
    fn no_bytes_make_the_readers_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..900, to: u8) {
        let _ = Agreement::from_cbor(&bytes);
        let _ = SignedAgreement::from_cbor(&bytes);
        let _ = Agreement::from_toml(&String::from_utf8_lossy(&bytes));
        bytes = Agreement::from_toml(DEMO).unwrap().to_cbor();
        let i = at % bytes.len();
        let changed = bytes[i] != to;
        bytes[i] = to;
        match Agreement::from_cbor(&bytes) {
            Ok(a) => prop_assert_eq!(a.to_cbor(), bytes),
            Err(e) => prop_assert!(changed, "{}", e),
        }
    }
}

#[test]
fn an_unknown_form_of_the_document_is_refused() {
    assert!(matches!(Agreement::from_cbor(b"\xa0"), Err(AgreementError::Cbor(_))));
}
