//! Nothing listed is missed, nothing else is found, and damage is an error.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashSet};

use expect_test::expect;
use proptest::prelude::*;
use travel::Country;

use super::*;

fn set_of(documents: &[ReportedDocument], at_once: usize) -> (DocumentSet, Sorted) {
    let mut sorter = Sorter::new(RunsInMemory::default(), at_once);
    documents.iter().for_each(|d| sorter.add(*d).unwrap());
    let mut pages = InMemory::default();
    let sorted = sorter.finish(&mut pages).unwrap();
    (pages.set().unwrap(), sorted)
}

fn lost(number: &str, state: &str) -> ReportedDocument {
    let key = Key::of(number, Country::new(state)).unwrap();
    ReportedDocument::new(key, DocumentKind::Passport, Why::Lost, None)
}

/// Numbers as states give them: in series, so that most have near neighbours, and some at random.
fn numbers() -> impl Strategy<Value = String> {
    prop_oneof!["[A-C]{2}00[0-9]{3}", "[A-Z0-9]{5,20}", "[0-9]{5,9}"]
}

fn documents() -> impl Strategy<Value = Vec<ReportedDocument>> {
    let kinds = prop::sample::select(&KINDS[..4]);
    let whys = prop::sample::select(&Why::ALL[..]);
    let states = prop::sample::select(vec!["AAA", "GBR", "UTO", "ZZZ"]);
    let one = (numbers(), states, kinds, whys, 0i32..60_000);
    let one = one.prop_map(|(number, state, kind, why, day)| {
        let day = FIRST.checked_add(jiff::Span::new().days(day)).unwrap();
        let key = Key::of(&number, Country::new(state)).unwrap();
        ReportedDocument::new(key, kind, why, Some(day))
    });
    prop::collection::vec(one, 0..1500)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_set_finds_what_a_hash_set_has_and_nothing_else(
        documents in documents(),
        asked in prop::collection::vec((numbers(), "GBR|UTO|ZZZ|AAB"), 0..300),
        at_once in 1usize..400,
    ) {
        let (set, sorted) = set_of(&documents, at_once);
        let mut latest: BTreeMap<(Key, u32), ReportedDocument> = BTreeMap::new();
        for d in &documents {
            let one = latest.entry((d.key, d.note.kind())).or_insert(*d);
            if (d.note.day(), d.note) > (one.note.day(), one.note) {
                *one = *d;
            }
        }
        prop_assert_eq!(sorted.entries, latest.len() as u64);
        prop_assert_eq!(sorted.repeated, (documents.len() - latest.len()) as u64);
        let all: Vec<ReportedDocument> = set.entries().map(Result::unwrap).collect();
        prop_assert_eq!(&all, &latest.values().copied().collect::<Vec<_>>());
        let keys: HashSet<Key> = documents.iter().map(|d| d.key).collect();
        for key in &keys {
            let found = set.find(*key).unwrap();
            let listed: Vec<_> = all.iter().filter(|d| d.key == *key).copied().collect();
            prop_assert_eq!(found, listed);
            // The neighbours of what is listed, of which most are not.
            for near in [Key(key.0.wrapping_sub(1)), Key(key.0 + 1)] {
                prop_assert_eq!(!set.find(near).unwrap().is_empty(), keys.contains(&near));
            }
        }
        for (number, state) in &asked {
            let key = Key::of(number, Country::parse(state).unwrap()).unwrap();
            prop_assert_eq!(!set.find(key).unwrap().is_empty(), keys.contains(&key));
        }
    }

    #[test]
    fn a_key_gives_its_number_and_state_back(number in "[A-Z0-9]{5,20}", state in "[A-Z]{3}") {
        let state = Country::parse(&state).unwrap();
        let key = Key::of(&number, state).unwrap();
        prop_assert_eq!((key.number(), key.issuer()), (number, state));
    }

    #[test]
    fn a_document_gives_back_what_was_reported(kind in 0usize..8, why in 0usize..6, day in 1i32..65_535) {
        let reported = FIRST.checked_add(jiff::Span::new().days(day)).unwrap();
        let key = Key::of("L898902C3", Country::new("UTO")).unwrap();
        let d = ReportedDocument::new(key, KINDS[kind], Why::ALL[why], Some(reported));
        prop_assert_eq!((d.kind(), d.why(), d.reported()), (KINDS[kind], Why::ALL[why], Some(reported)));
    }

    #[test]
    fn a_page_of_any_bytes_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), PAGE), first in any::<u128>()) {
        let page: Page = bytes.try_into().unwrap();
        let set = DocumentSet::new(vec![Key(first)], Box::new(vec![page])).unwrap();
        let _ = set.find(Key(first));
        let _ = set.find(Key(u128::MAX));
        for document in set.entries().flatten() {
            let _ = (document.key.number(), document.key.issuer(), document.kind(), document.reported());
        }
    }

    #[test]
    fn any_bytes_are_a_list_or_refused(text in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let head = b"number,issuing_state,type,reported,reason\n";
        for rest in [text.as_bytes(), &bytes[..]] {
            let _ = read(rest, &mut |_| Ok(()));
            let _ = read(&[head, rest].concat()[..], &mut |_| Ok(()));
        }
    }
}

fn check(text: &str, expected: expect_test::Expect) {
    let mut seen = String::new();
    let read = read(text.as_bytes(), &mut |d| {
        let day = d.reported().map(|day| format!(", {day}")).unwrap_or_default();
        let key = d.key;
        seen += &format!("{} {} {:?} {:?}{day}\n", key.issuer(), key.number(), d.kind(), d.why());
        Ok(())
    });
    match read {
        Ok(read) => {
            read.findings.iter().for_each(|f| seen += &format!("{f}\n"));
            seen += &format!("{} documents, {} left out", read.documents, read.left_out);
        }
        Err(e) => seen += &e.to_string(),
    }
    expected.assert_eq(&seen);
}

#[test]
fn a_list_is_read_line_by_line_and_what_is_wrong_is_told() {
    check(
        "number,issuing_state,type,reported,reason\n\
         L898902C3,UTO,P,2026-03-01,stolen\r\n\
         l 898-902 c4,D,passport,,\n\
         \"AB12345\",GB,I,01.03.2026,\"found, then lost\"\n\
         AB12345,GBR,spaceship,1960-01-01,revoked by its issuer\n\
         \n\
         1234,UTO,P,,lost\n\
         АБ123456,UTO,P,,lost\n\
         AB123456,Utopia,P,,lost\n\
         AB123456,QQQ,P,,stolen blank",
        expect![[r#"
            UTO L898902C3 Passport Stolen, 2026-03-01
            DEU L898902C4 Passport NotSaid
            GBR AB12345 IdentityCard Lost
            GBR AB12345 Unknown Revoked
            QQQ AB123456 Passport StolenBlank
            line 4: the day of the report is no date (YYYY-MM-DD); it is left out
            line 5: the type is none that is known; the document is listed without one
            line 7: a number has five to twenty letters and figures, of no other script; the line was left out
            line 8: a number has five to twenty letters and figures, of no other script; the line was left out
            line 9: the issuing state is no code of two or three letters; the line was left out
            line 10: the issuing state is no code of ISO 3166-1 or Doc 9303; it is compared as it stands
            5 documents, 3 left out"#]],
    );
    check(
        "Type;Remark;Issuer;Number\nP;seen;UTO;L898902C3\n",
        expect![[r#"
            UTO L898902C3 Passport NotSaid
            1 documents, 0 left out"#]],
    );
}

#[test]
fn what_is_cut_off_or_no_list_is_refused() {
    check(
        "number,issuing_state,type\nL898902C3,UTO,P\nL898902C4,UT",
        expect![[r#"
            UTO L898902C3 Passport NotSaid
            byte 42: the file ends in the middle of a line: it is cut off, and no list"#]],
    );
    let long = format!("number,issuing_state,type\n\"{}", "L898902C3,UTO,P\n".repeat(2));
    check(
        &long,
        expect![[r#"
            UTO L898902C3 Passport NotSaid
            line 2: the issuing state is no code of two or three letters; the line was left out
            1 documents, 1 left out"#]],
    );
    let endless = format!("number,issuing_state,type\n{}", "9".repeat(70_000));
    check(
        &endless,
        expect!["byte 26: a line has more than 65,536 bytes: this is no list of documents"],
    );
    assert!(read(&b"id,name,alias\n"[..], &mut |_| Ok(())).is_err());
    assert!(read(&b""[..], &mut |_| Ok(())).is_err());
}

#[test]
fn two_versions_are_told_apart() {
    let old = [lost("AA00001", "UTO"), lost("AA00002", "UTO"), lost("AA00003", "UTO")];
    let stolen = |d: &ReportedDocument| ReportedDocument::new(d.key, d.kind(), Why::Stolen, None);
    let new = [old[0], stolen(&old[2]), lost("AA00000", "UTO"), lost("AA00002", "GBR")];
    let mut seen = Vec::new();
    let see = &mut |became, d: ReportedDocument| {
        seen.push((became, format!("{} {}", d.key.issuer(), d.key.number())));
    };
    compare(&set_of(&old, 9).0, &set_of(&new, 9).0, see).unwrap();
    let of = |became, text: &str| (became, text.to_owned());
    let expected = [
        of(Became::Added, "GBR AA00002"),
        of(Became::Added, "UTO AA00000"),
        of(Became::Removed, "UTO AA00002"),
        of(Became::Changed, "UTO AA00003"),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn entries_of_a_serial_range_take_few_bytes() {
    let numbers = (0..100_000u32).map(|n| format!("AB{:07}", n * 37));
    let documents: Vec<_> = numbers.map(|n| lost(&n, "UTO")).collect();
    let mut sorter = Sorter::new(RunsInMemory::default(), 10_000);
    documents.iter().for_each(|d| sorter.add(*d).unwrap());
    #[derive(Default)]
    struct Count(usize);
    impl Output for Count {
        fn page(&mut self, _: Key, _: &Page) -> std::io::Result<()> {
            self.0 += PAGE;
            Ok(())
        }
    }
    let mut bytes = Count::default();
    sorter.finish(&mut bytes).unwrap();
    assert!(bytes.0 < documents.len() * 6, "{} bytes an entry", bytes.0 / documents.len());
}
