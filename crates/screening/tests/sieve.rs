//! The sieve, held against the screening: whom the screening notes by name, it keeps.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use screening::{
    Alias, AliasQuality, Beside, BirthDate, Entry, Feature, Index, ListedDocument, Screener, Sieve,
    Watchlist,
};
use travel::{Country, DocumentKind, PartialDate, Sex, Traveller};

/// Few words and many ways to write them, so that much is alike; with everything that is
/// joined, parted, dropped or turned round where names are read.
const WORDS: &[&str] = &[
    "AHMED",
    "AHMAD",
    "MUHAMMAD",
    "MOHAMED",
    "MHMD",
    "HASSAN",
    "ALHASSAN",
    "EL",
    "AL",
    "ABD",
    "ABDI",
    "ABDUL",
    "ABDEL",
    "ABDURRAHMAN",
    "RAHMAN",
    "KARIM",
    "KARIMI",
    "DIN",
    "UDDIN",
    "EDDINE",
    "SALAH",
    "SHIHAB",
    "BIN",
    "ABU",
    "ISMAIL",
    "BAKR",
    "MARIA",
    "MARIANA",
    "IVANOV",
    "IVANOVA",
    "HAJI",
    "ZADEH",
    "HAJIZADEH",
    "LEE",
    "LI",
    "SONG",
    "IL",
    "NAM",
    "VAN",
    "DER",
    "BERG",
    "VANDERBERG",
    "BERGMANN",
    "MANN",
    "A",
    "J",
    "MR",
    "FNU",
    "XAVIER",
    "KOWALSKI",
    "KOVALSKY",
    "NGUYEN",
    "THI",
    "QWERTZUIOP",
    "Kowalski",
    "Mrs",
    "Van",
    "Abdul",
];

fn words(most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(WORDS), 0..=most)
        .prop_map(|words| words.join(" "))
}

fn date() -> impl Strategy<Value = PartialDate> {
    let part = |most: u8| prop_oneof![1 => Just(None), 6 => (1..=most).prop_map(Some)];
    // Few, so that many agree, or differ in a digit, or by a few years.
    (1968i16..1984, part(3), part(4)).prop_map(|(year, month, day)| PartialDate {
        year,
        month,
        day: day.filter(|_| month.is_some()),
    })
}

fn sex() -> impl Strategy<Value = Sex> {
    proptest::sample::select(vec![Sex::Unknown, Sex::Male, Sex::Female])
}

fn country() -> impl Strategy<Value = Option<Country>> {
    let codes = vec![None, Some("EGY"), Some("NLD"), Some("DEU"), Some("POL")];
    proptest::sample::select(codes).prop_map(|code| code.and_then(Country::parse))
}

fn entry() -> impl Strategy<Value = Entry> {
    let born = prop_oneof![
        6 => date().prop_map(BirthDate::On),
        1 => date().prop_map(BirthDate::About),
        1 => (1968i16..1980).prop_map(|year| BirthDate::Between(year, year + 4)),
    ];
    let names = proptest::collection::vec(words(4), 1..4);
    (names, proptest::collection::vec(born, 0..3), sex(), country()).prop_map(
        |(names, birth_dates, sex, nationality)| Entry {
            names: names
                .into_iter()
                .map(|text| Alias { text, quality: AliasQuality::Good })
                .collect(),
            birth_dates,
            sex,
            nationalities: nationality.into_iter().collect(),
            ..Entry::default()
        },
    )
}

fn traveller() -> impl Strategy<Value = Traveller> {
    // Half of them: both fields; the rest: one, taken apart or not.
    let name = prop_oneof![
        4 => (words(3), words(3)),
        1 => words(5).prop_map(|name| (name, String::new())),
        1 => (words(2), words(2)).prop_map(|(a, b)| (format!("{a}/{b}"), String::new())),
        1 => words(2).prop_map(|name| (name.clone(), name)),
    ];
    (name, proptest::option::weighted(0.9, date()), sex(), country()).prop_map(
        |((surname, given), birth_date, sex, nationality)| Traveller {
            surname: surname.as_str().into(),
            given: given.as_str().into(),
            birth_date,
            sex,
            nationality,
            ..Traveller::default()
        },
    )
}

fn kept(sieve: &mut Sieve<'_>, t: &Traveller) -> bool {
    let beside = Beside { birth_date: t.birth_date, sex: t.sex, nationality: t.nationality };
    sieve.keeps((&t.surname, &t.given), &beside)
}

fn index(mut entries: Vec<Entry>) -> Index {
    entries.iter_mut().enumerate().for_each(|(number, entry)| entry.id = number.to_string());
    Index::build(vec![Watchlist { name: "l".into(), version: "1".into(), entries }])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whom_the_screening_notes_the_sieve_keeps(
        entries in proptest::collection::vec(entry(), 5..60),
        travellers in proptest::collection::vec(traveller(), 100),
    ) {
        let index = index(entries);
        let (mut screener, mut sieve) = (Screener::new(&index), Sieve::new(&index));
        for traveller in &travellers {
            let hits = screener.screen(traveller);
            let by_name = |hit: &screening::Hit| {
                hit.evidence.iter().all(|e| e.feature != Feature::Document)
            };
            if let Some(hit) = hits.iter().find(|hit| by_name(hit)) {
                prop_assert!(
                    kept(&mut sieve, traveller),
                    "{:?} {:?} {:?}: {:?}",
                    &*traveller.surname, &*traveller.given, traveller.birth_date, hit
                );
            }
        }
    }

    #[test]
    fn what_the_sieve_says_does_not_hang_on_who_came_before(
        entries in proptest::collection::vec(entry(), 5..30),
        travellers in proptest::collection::vec(traveller(), 30),
    ) {
        let index = index(entries);
        let mut used = Sieve::new(&index);
        for traveller in travellers.iter().chain(travellers.iter().rev()) {
            prop_assert_eq!(
                kept(&mut used, traveller),
                kept(&mut Sieve::new(&index), traveller),
                "{:?} {:?}", &*traveller.surname, &*traveller.given
            );
        }
    }
}

#[test]
fn a_sieve_lets_strangers_pass_and_knows_the_documents_of_the_listed() {
    let document =
        ListedDocument { kind: DocumentKind::Passport, number: "AB123456".into(), issuer: None };
    let entry = Entry {
        names: vec![Alias { text: "Jan Kowalski".into(), quality: AliasQuality::Primary }],
        birth_dates: vec![BirthDate::On(PartialDate { year: 1970, month: Some(2), day: Some(3) })],
        documents: vec![document],
        ..Entry::default()
    };
    let index = index(vec![entry]);
    let mut sieve = Sieve::new(&index);
    let of = |surname: &str, given: &str, year| Traveller {
        surname: surname.into(),
        given: given.into(),
        birth_date: Some(PartialDate { year, month: Some(2), day: Some(3) }),
        ..Traveller::default()
    };
    assert!(kept(&mut sieve, &of("KOWALSKI", "JAN", 1970)));
    assert!(kept(&mut sieve, &of("KOVALSKY", "JAN", 1970)));
    assert!(!kept(&mut sieve, &of("GARCIA", "LUCIA", 1970)));
    assert!(!kept(&mut sieve, &of("KOWALSKI", "MIROSLAW", 1999)));
    assert!(sieve.listed_document("AB123456") && !sieve.listed_document("AB123457"));
}

#[test]
fn names_written_over_both_fields_and_names_stronger_than_a_birth_date_are_kept() {
    // Listed, the two fields, and whether the day of birth agrees.
    let table = [
        ("Qwertzuiop", ("QWERTZ", "UIOP"), true),
        ("Shihabuddin", ("UDDIN", "SHIHAB"), true),
        ("Salahuddin", ("SALAH AL", "DIN"), true),
        (
            "Qwertzuiop Kowalskowy Xanthippa Brzezinka",
            ("KOWALSKOWY BRZEZINKA", "QWERTZUIOP XANTHIPPA"),
            false,
        ),
    ];
    for (listed, (surname, given), same_birth) in table {
        let on = |year| PartialDate { year, month: Some(2), day: Some(year as u8 % 28 + 1) };
        let entry = Entry {
            names: vec![Alias { text: listed.into(), quality: AliasQuality::Primary }],
            birth_dates: vec![BirthDate::On(on(1970))],
            sex: Sex::Male,
            nationalities: Country::parse("POL").into_iter().collect(),
            ..Entry::default()
        };
        let traveller = Traveller {
            surname: surname.into(),
            given: given.into(),
            birth_date: Some(on(if same_birth { 1970 } else { 1993 })),
            sex: Sex::Male,
            nationality: Country::parse("POL"),
            ..Traveller::default()
        };
        let index = index(vec![entry]);
        assert_eq!(Screener::new(&index).screen(&traveller).len(), 1, "{listed}");
        assert!(kept(&mut Sieve::new(&index), &traveller), "{listed}");
    }
}
