//! The tables that ship with the crate (NOTICE): groups of spellings, short forms.

use std::{collections::HashMap, sync::LazyLock};

use crate::word::hash;

type Lists<T> = HashMap<u64, Box<[T]>>;

/// Lines of words; all words of a line are spellings of one name.
static GROUPS: LazyLock<Lists<u32>> = LazyLock::new(|| {
    let mut of: HashMap<u64, Vec<u32>> = HashMap::new();
    for (number, line) in include_str!("variants.txt").lines().enumerate() {
        for word in line.split(' ') {
            of.entry(hash(word.as_bytes())).or_default().push(number as u32);
        }
    }
    of.into_iter().map(|(word, groups)| (word, groups.into())).collect()
});

/// Lines of two words, of which one is the short form of the other.
static SHORT_FORMS: LazyLock<Lists<u64>> = LazyLock::new(|| {
    let mut of: HashMap<u64, Vec<u64>> = HashMap::new();
    for (a, b) in include_str!("nicknames.txt").lines().filter_map(|l| l.split_once(' ')) {
        let (a, b) = (hash(a.as_bytes()), hash(b.as_bytes()));
        of.entry(a).or_default().push(b);
        of.entry(b).or_default().push(a);
    }
    of.into_iter().map(|(word, others)| (word, others.into())).collect()
});

/// The groups of spellings that a word is in, in rising order.
pub(crate) fn groups(word: &str) -> &'static [u32] {
    GROUPS.get(&hash(word.as_bytes())).map_or(&[], |g| g)
}

/// Hashes of the words that are short for this one, or that it is short for.
pub(crate) fn short_forms(word: u64) -> &'static [u64] {
    SHORT_FORMS.get(&word).map_or(&[], |s| s)
}

/// Whether two lists in rising order have an element in common.
pub(crate) fn share_a_group(a: &[u32], b: &[u32]) -> bool {
    let (mut i, mut j) = (0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
        }
    }
    false
}
