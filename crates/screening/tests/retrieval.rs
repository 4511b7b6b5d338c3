//! The retrieval, held against a scan by trigrams: whoever the scan brings near a traveller
//! and the scorer would put before an officer, the index finds too.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use screening::{
    Alias, AliasQuality, Band, BirthDate, Candidate, Entry, Index, Screener, Watchlist, screen_one,
};
use travel::{PartialDate, Traveller};

const SYLLABLES: &[&str] = &[
    "KA", "MO", "RI", "TAN", "BEL", "ZU", "FER", "DO", "SHA", "LIN", "GOR", "VE", "NAD", "PU",
    "HAM", "IS", "OR", "TES", "YA", "QUI",
];

/// A word of a made-up vocabulary.
fn word() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(SYLLABLES), 2..5).prop_map(|s| s.concat())
}

fn date() -> impl Strategy<Value = PartialDate> {
    (1950i16..2000, 1u8..=12, 1u8..=28).prop_map(|(year, month, day)| PartialDate {
        year,
        month: Some(month),
        day: Some(day),
    })
}

fn entry() -> impl Strategy<Value = Entry> {
    let names = proptest::collection::vec(proptest::collection::vec(word(), 2..4), 1..3);
    (names, date()).prop_map(|(names, born)| Entry {
        names: names
            .into_iter()
            .map(|words| Alias { text: words.join(" "), quality: AliasQuality::Good })
            .collect(),
        birth_dates: vec![BirthDate::On(born)],
        ..Entry::default()
    })
}

/// How an airline would write somebody's name wrongly.
#[derive(Clone, Copy, Debug)]
enum Slip {
    None,
    Deleted(usize),
    Swapped(usize),
    Doubled(usize),
    TurnedRound,
    Glued,
    MiddleDropped,
}

fn slip() -> impl Strategy<Value = Slip> {
    prop_oneof![
        Just(Slip::None),
        (0usize..40).prop_map(Slip::Deleted),
        (0usize..40).prop_map(Slip::Swapped),
        (0usize..40).prop_map(Slip::Doubled),
        Just(Slip::TurnedRound),
        Just(Slip::Glued),
        Just(Slip::MiddleDropped),
    ]
}

fn written(name: &str, slip: Slip) -> String {
    let mut words: Vec<String> = name.split(' ').map(str::to_owned).collect();
    // A slip of letters is within a word.
    let (Slip::Deleted(at) | Slip::Swapped(at) | Slip::Doubled(at)) = slip else {
        return match slip {
            Slip::TurnedRound => words.into_iter().rev().collect::<Vec<_>>().join(" "),
            Slip::Glued => words.concat(),
            Slip::MiddleDropped => format!("{} {}", words[0], words[words.len() - 1]),
            _ => name.to_owned(),
        };
    };
    let which = at % words.len();
    let word = &mut words[which];
    let at = at % (word.len() - 1);
    let letter = word.remove(at);
    match slip {
        Slip::Swapped(_) => word.insert(at + 1, letter),
        Slip::Doubled(_) => word.insert_str(at, &format!("{letter}{letter}")),
        _ => {}
    }
    words.join(" ")
}

fn trigrams(name: &str) -> BTreeSet<[u8; 3]> {
    let padded = format!(" {name} ");
    padded.as_bytes().windows(3).map(|w| [w[0], w[1], w[2]]).collect()
}

/// Numbers of the entries of which a name has a third of the traveller's trigrams.
fn near(entries: &[Entry], name: &str) -> Vec<usize> {
    let ours = trigrams(name);
    let alike = |entry: &Entry| {
        entry.names.iter().any(|n| 3 * trigrams(&n.text).intersection(&ours).count() >= ours.len())
    };
    (0..entries.len()).filter(|i| alike(&entries[*i])).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn whom_a_scan_by_trigrams_finds_the_index_finds_too(
        mut entries in proptest::collection::vec(entry(), 30..120),
        travelling in proptest::collection::vec((any::<proptest::sample::Index>(), slip(), date(), any::<bool>()), 12),
    ) {
        for (number, entry) in entries.iter_mut().enumerate() {
            entry.id = number.to_string();
        }
        let list =
            Watchlist { name: "l".into(), version: "1".into(), entries: entries.clone() };
        let index = Index::build(vec![list]);
        let mut screener = Screener::new(&index);
        for (of, slip, other, same_birth) in travelling {
            let entry = &entries[of.index(entries.len())];
            let name = written(&entry.names[0].text, slip);
            let born = match entry.birth_dates[0] {
                BirthDate::On(born) if same_birth => born,
                _ => other,
            };
            let traveller = Traveller {
                surname: name.as_str().into(),
                birth_date: Some(born),
                ..Traveller::default()
            };
            let found = screener.screen(&traveller);
            let candidate = Candidate::of(&traveller);
            for number in near(&entries, &name) {
                let wanted = screen_one(&candidate, &entries[number], ("l", "1"));
                if wanted.band >= Band::Possible {
                    let found = found.iter().find(|h| h.entry.id == wanted.entry.id);
                    prop_assert!(found.is_some(), "{name} ({slip:?}): {:?}", entries[number].names);
                    prop_assert_eq!(&found.unwrap().evidence, &wanted.evidence);
                }
            }
        }
    }
}

/// Persons of one name, or of names that have a word of it, in a list of their own.
fn namesakes() -> Watchlist {
    let names =
        ["KAMORI TANBEL FERDOSHA", "KAMORI TANBEL", "TANBEL FERDOSHA", "KAMORI GORVENAD", "LINZU"];
    let entry = |number: usize| Entry {
        id: format!("{number:03}"),
        names: vec![Alias { text: names[number % 5].into(), quality: AliasQuality::Good }],
        birth_dates: (!number.is_multiple_of(7))
            .then(|| PartialDate::ymd(1950 + (number % 40) as i16, 1 + (number % 9) as u8, 7))
            .flatten()
            .map(BirthDate::On)
            .into_iter()
            .collect(),
        ..Entry::default()
    };
    Watchlist { name: "l".into(), version: "1".into(), entries: (0..600).map(entry).collect() }
}

#[test]
fn of_many_namesakes_the_same_are_noted_as_by_a_scan() {
    let index = Index::build(vec![namesakes()]);
    let mut screener = Screener::new(&index);
    for name in ["KAMORI TANBEL FERDOSHA", "FERDOSHA KAMORI", "KAMORI TANBELL", "GORVENAD LINZU"] {
        for born in [None, PartialDate::ymd(1961, 4, 7), PartialDate::ymd(1899, 12, 31)] {
            let traveller =
                Traveller { surname: name.into(), birth_date: born, ..Traveller::default() };
            let noted = |hits: Vec<screening::Hit>| -> Vec<(String, f64)> {
                hits.into_iter().map(|h| (h.entry.id, h.nats)).collect()
            };
            let found = noted(screener.screen(&traveller));
            assert_eq!(found, noted(screener.scan(&traveller)), "{name}, born {born:?}");
        }
    }
}

#[test]
fn a_name_of_several_rare_words_is_found_though_the_birth_date_is_apart() {
    let index = Index::build(vec![namesakes()]);
    let mut screener = Screener::new(&index);
    let traveller = Traveller {
        surname: "KAMORI TANBEL FERDOSHA".into(),
        birth_date: PartialDate::ymd(1899, 12, 31),
        ..Traveller::default()
    };
    assert!(!screener.scan(&traveller).is_empty());
    assert!(!screener.screen(&traveller).is_empty());
}
