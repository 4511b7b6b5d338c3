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
