//! The quick way over a text finds what the slow one does, whatever the text and whatever
//! vectors the machine has.

use proptest::{collection::vec, prelude::*};

use super::*;

/// What this machine has, from nothing to the widest.
fn levels() -> Vec<Level> {
    let widest = Level::new();
    #[cfg(target_arch = "x86_64")]
    let between = [widest.as_sse4_2().map(Level::Sse4_2), widest.as_avx2().map(Level::Avx2)];
    #[cfg(not(target_arch = "x86_64"))]
    let between = [None];
    let ends = [Some(Level::baseline()), Some(widest)];
    ends.into_iter().chain(between).flatten().collect()
}

/// Everything in the lists.
fn lists(tokens: &Tokens) -> impl PartialEq + std::fmt::Debug {
    let stretches = tokens.stretches.iter().map(|s| (s.start, s.end, s.elements, s.components));
    (
        stretches.collect::<Vec<_>>(),
        (tokens.elements.clone(), tokens.components.clone(), tokens.repeats.clone()),
        (tokens.foreign.clone(), tokens.wrapped.clone()),
        (tokens.closed, tokens.release_at_end),
    )
}

/// The lists are those that are made one byte after the other.
fn same(bytes: &[u8], separators: Separators, repertoire: Repertoire) {
    let mut slow = Tokens::default();
    slow.tokenise_with(None, bytes, 0, &separators, repertoire);
    for level in levels() {
        let mut quick = Tokens::default();
        quick.tokenise_with(Some(level), bytes, 0, &separators, repertoire);
        let text = String::from_utf8_lossy(bytes);
        assert_eq!(lists(&quick), lists(&slow), "{level:?} {repertoire:?} {text:?}");
    }
}

fn repertoires() -> impl Strategy<Value = Repertoire> {
    use Repertoire::{A, B, Latin, Unicode};
    prop_oneof![Just(A), Just(B), Just(Latin(1)), Just(Unicode)]
}

fn separators() -> impl Strategy<Value = Separators> {
    let usual = Separators::default();
    prop_oneof![
        6 => Just(usual),
        2 => Just(Separators { repetition: Some(b'*'), ..usual }),
        1 => Just(Separators { release: None, ..usual }),
        1 => Just(Separators { element: b'|', component: b'#', terminator: b'~', ..usual }),
        1 => Just(Separators { element: b':', ..usual }),
        1 => Just(Separators { terminator: b'\n', ..usual }),
    ]
}

/// Segments as they are, and now and then what should not be there.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        12 => "[A-Z]{3}(\\+[A-Z0-9]{0,9}(:[A-Z0-9 ]{0,5}){0,3}){0,5}'",
        2 => "[A-Z]{3}\\+{0,70}:{0,70}'(\r\n){0,3}",
        1 => "[ \r\n\u{3}]{0,130}",
        1 => "[A-Z:+?*'\r\n]{0,8}",
        1 => "[A-Z0-9 ,.-]{0,100}",
        1 => "'{0,3}",
        1 => "\\?'|\\?\\+|[a-z]{1,4}|\u{e9}|#|~|\\|",
    ];
    vec(part, 0..60).prop_map(|parts| parts.concat().into_bytes())
}

proptest! {
    #[test]
    fn the_quick_way_finds_what_the_slow_one_does(
        bytes in text(), separators in separators(), repertoire in repertoires()
    ) {
        same(&bytes, separators, repertoire);
    }

    #[test]
    fn bytes_without_any_sense_are_split_alike(
        bytes in vec(prop_oneof![4 => prop::sample::select(&b"+:'?* \rABC"[..]), 1 => any::<u8>()], 0..400),
        separators in separators(), repertoire in repertoires()
    ) {
        same(&bytes, separators, repertoire);
    }
}

#[test]
fn words_that_are_full_of_one_thing_are_noted_whole() {
    let usual = Separators::default();
    for n in [1, 5, 6, 7, 11, 12, 13, 63, 64, 65, 1024, 3000] {
        for (before, what) in [("NAD", "+"), ("NAD+", ":"), ("", "NAD'"), ("", "NAD'\r\n")] {
            let text = format!("{before}{}'UNT'{:70}'", what.repeat(n), "");
            same(text.as_bytes(), usual, Repertoire::A);
        }
    }
}

#[test]
fn a_release_character_reaches_over_the_end_of_a_word() {
    for shift in 0..70 {
        for odd in ["?'X", "??'BGM+", "'\r\n", "'  '", "NADX+", ":"] {
            let text = format!("NAD+{}{odd}+X:Y'UNT+{:70}'", "A".repeat(shift), "");
            same(text.as_bytes(), Separators::default(), Repertoire::B);
        }
    }
}
