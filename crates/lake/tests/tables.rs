//! What is put into a part comes back out of it, to whoever has its keys, and nothing of it
//! is to be seen outside of the seal.
#![allow(clippy::unwrap_used)]

use lake::{Disk, FileKey, Part, Place, Token};
use proptest::prelude::*;
use travel::{Country, DocumentKind, PartialDate, Sex, TravelDocument, Traveller};

fn key(seed: u8) -> FileKey {
    FileKey::new(&[seed; 32])
}

fn document(number: &str, issuer: Option<&str>) -> TravelDocument {
    let issuer = issuer.and_then(Country::parse);
    let (kind, number) = (DocumentKind::Passport, number.into());
    TravelDocument { kind, number, issuer, expires: None, issued: None }
}

/// Puts a part down; the two names and lengths.
fn put(place: &dyn Place, part: Part) -> [(&'static str, u64); 2] {
    let (people, marks) = part.seal(("2026-09/p", &key(1)), ("2026-09/m", &key(2))).unwrap();
    place.put("2026-09/p", &people).unwrap();
    place.put("2026-09/m", &marks).unwrap();
    [("2026-09/p", people.len() as u64), ("2026-09/m", marks.len() as u64)]
}

fn everybody(place: &dyn Place, file: (&str, u64)) -> Vec<(Traveller, (u32, u32))> {
    let people = lake::people(place, file, key(1)).unwrap();
    let mut all = Vec::new();
    for number in 0..people.groups() {
        let crowd = people.group(number).unwrap();
        let places = crowd.places().unwrap();
        all.extend((0..crowd.len()).map(|row| (crowd.traveller(row), places[row])));
    }
    all
}

fn travellers() -> impl Strategy<Value = Traveller> {
    let name = prop_oneof![Just("MÜLLER".to_owned()), "[A-ZÀ-Ö '-]{0,40}", "\\PC{0,12}"];
    let born = prop_oneof![
        Just(None),
        (1900i16..2030).prop_map(|y| Some(PartialDate::year(y))),
        (1900i16..2030, 1u8..13, 1u8..29).prop_map(|(y, m, d)| PartialDate::ymd(y, m, d)),
    ];
    let sex =
        prop_oneof![Just(Sex::Unknown), Just(Sex::Male), Just(Sex::Female), Just(Sex::Unspecified)];
    let state = prop_oneof![Just(None), "[A-Z]{3}".prop_map(|c| Country::parse(&c))];
    let documents = proptest::collection::vec(("[A-Z0-9]{1,12}", state.clone()), 0..3);
    (name.clone(), name, born, sex, state, documents).prop_map(|(s, g, born, sex, state, docs)| {
        let of = |(number, issuer): (String, Option<Country>)| TravelDocument {
            issuer,
            ..document(&number, None)
        };
        Traveller {
            surname: s.as_str().into(),
            given: g.as_str().into(),
            birth_date: born,
            sex,
            nationality: state,
            documents: docs.into_iter().map(of).collect(),
            ..Traveller::default()
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn everybody_comes_back_as_a_watchlist_is_compared_with_them(
        all in proptest::collection::vec((travellers(), 0u32..70_000, 0u32..900), 1..60)
    ) {
        let dir = tempfile::tempdir().unwrap();
        let place = Disk::new(dir.path());
        let mut part = Part::default();
        for (traveller, list, number) in &all {
            part.add((*list, *number), traveller, &[]);
        }
        let [people, _] = put(&place, part);
        let mut found = everybody(&place, people);
        let mut given: Vec<(Traveller, (u32, u32))> =
            all.into_iter().map(|(t, list, number)| (t, (list, number))).collect();
        let order = |a: &(Traveller, (u32, u32)), b: &(Traveller, (u32, u32))| {
            let key = |x: &(Traveller, (u32, u32))| {
                (x.0.surname.clone(), x.0.given.clone(), x.1, x.0.documents.len())
            };
            key(a).cmp(&key(b))
        };
        let names = |t: &Traveller| (t.surname.clone(), t.given.clone());
        let sorted = found.is_sorted_by(|a, b| names(&a.0) <= names(&b.0));
        prop_assert!(sorted, "not in the order of names");
        found.sort_by(order);
        given.sort_by(order);
        prop_assert!(found == given);
    }
}

#[test]
fn a_mark_is_found_wherever_it_stands_and_no_other_is() {
    let dir = tempfile::tempdir().unwrap();
    let place = Disk::new(dir.path());
    let mut part = Part::default();
    // More than one group of rows, and one mark that many have.
    for n in 0..70_000u32 {
        let marks = [format!("D X{n:07}"), "B COMMON".to_owned()];
        part.add((n / 100, n % 100), &Traveller::default(), &marks);
    }
    let [_, marks] = put(&place, part);
    let marks = lake::marks(&place, marks, key(2)).unwrap();
    for n in [0, 1, 34_567, 69_999] {
        let found = marks.find(&[Token::of(&format!("D X{n:07}"))]).unwrap();
        assert_eq!(found, [(0, (n / 100, n % 100))]);
    }
    assert_eq!(marks.find(&[Token::of("D X0070000")]).unwrap(), []);
    let both = [Token::of("D X0000007"), Token::of("B COMMON")];
    let found = marks.find(&both).unwrap();
    assert_eq!(found.iter().filter(|(token, _)| *token == 0).count(), 1);
    assert_eq!(found.iter().filter(|(token, _)| *token == 1).count(), 70_000);
}

#[test]
fn nothing_of_anybody_and_nothing_of_the_table_is_to_be_seen_outside_of_the_seal() {
    let dir = tempfile::tempdir().unwrap();
    let place = Disk::new(dir.path());
    let mut part = Part::default();
    for number in 0..3_000 {
        let traveller = Traveller {
            surname: "ESPECIMENOVA".into(),
            given: "ANNA MARIA".into(),
            birth_date: PartialDate::ymd(1990, 1, 2),
            documents: vec![document("L898902C3", Some("UTO"))].into(),
            ..Traveller::default()
        };
        part.add((0, number), &traveller, &["D L898902C3".to_owned()]);
    }
    put(&place, part);
    for file in place.list().unwrap() {
        let bytes = place.read(&file.name, 0..file.bytes).unwrap();
        for word in ["ESPECIMENOVA", "ANNA", "L898902C3", "surname", "token", "PAR1", "parquet"] {
            let found = memchr::memmem::find(&bytes, word.as_bytes());
            assert!(found.is_none(), "{word} stands in {}", file.name);
        }
    }
}

#[test]
fn a_part_of_nobody_can_be_written_and_read() {
    let dir = tempfile::tempdir().unwrap();
    let place = Disk::new(dir.path());
    let [people, marks] = put(&place, Part::default());
    assert!(everybody(&place, people).is_empty());
    let marks = lake::marks(&place, marks, key(2)).unwrap();
    assert_eq!(marks.find(&[Token::of("D X")]).unwrap(), []);
}

#[test]
fn a_file_that_was_changed_anywhere_is_found_out() {
    let dir = tempfile::tempdir().unwrap();
    let place = Disk::new(dir.path());
    let mut part = Part::default();
    for number in 0..9_000 {
        let text = format!("NAME{number:x}");
        let traveller = Traveller { surname: text.as_str().into(), ..Traveller::default() };
        part.add((0, number), &traveller, &[]);
    }
    let [(name, length), _] = put(&place, part);
    lake::verify(&place, (name, length), key(1)).unwrap();
    let whole = place.read(name, 0..length).unwrap();
    for at in (5..whole.len()).step_by(whole.len() / 7) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        place.put(name, &flipped).unwrap();
        let found = lake::verify(&place, (name, length), key(1)).unwrap_err();
        assert!(found.to_string().contains("does not open"), "{found}");
    }
    place.put(name, &whole[..whole.len() - 1]).unwrap();
    assert!(lake::verify(&place, (name, length), key(1)).is_err());
    place.remove(name).unwrap();
    assert!(lake::verify(&place, (name, length), key(1)).unwrap_err().is_missing());
}
