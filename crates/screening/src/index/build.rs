//! Reading the names of many entries, on several cores.
//!
//! Names are most of the work of making an index. Entries are cut into [`PARTS`] parts, always
//! as many, so that the index is the same on every machine; each part is read by itself,
//! with a vocabulary of its own, and the parts are then put together.

use std::{collections::HashMap, hash::BuildHasherDefault, thread};

use names::{TokenKind, Word};

use super::keys::Ready;
use crate::Entry;

const PARTS: usize = 4;
/// So many names of one entry are read: a name's number has sixteen bits.
const MOST_NAMES: usize = 1 << 16;
/// Fewer entries than this are read faster than threads are started.
const FEW: usize = 2_000;

/// Words, each once.
#[derive(Default)]
pub(super) struct Vocabulary {
    pub words: Vec<Word>,
    /// By the hash of its text, or the next number that is free.
    by_hash: HashMap<u64, u32, BuildHasherDefault<Ready>>,
}

/// The names of some entries.
#[derive(Default)]
pub(super) struct Part {
    pub vocabulary: Vocabulary,
    /// Numbers of words in [`vocabulary`](Self::vocabulary), one name after the other.
    pub sequence: Vec<u32>,
    /// Of each name, how many words it has and which of its entry's names it is.
    pub names: Vec<(u16, u16)>,
    /// Of each entry, how many names it has.
    pub entries: Vec<u32>,
}

/// Reads all names, in their order.
pub(super) fn read(entries: &[Entry]) -> Vec<Part> {
    let size = entries.len().div_ceil(PARTS).max(1);
    if entries.len() < FEW {
        return entries.chunks(size).map(Part::of).collect();
    }
    thread::scope(|scope| {
        let parts: Vec<_> =
            entries.chunks(size).map(|some| scope.spawn(|| Part::of(some))).collect();
        parts.into_iter().map(|p| p.join().expect("reading names does not panic")).collect()
    })
}

impl Part {
    fn of(entries: &[Entry]) -> Self {
        let mut part = Self::default();
        for entry in entries {
            let first = part.names.len();
            for (alias, written) in entry.names.iter().enumerate().take(MOST_NAMES) {
                let from = part.sequence.len();
                for token in names::tokens(&written.text) {
                    let known = part.vocabulary.get(&token.text, token.kind, token.hash());
                    let id = known.unwrap_or_else(|| part.vocabulary.add(Word::of(token)));
                    part.sequence.push(id);
                }
                let words = (part.sequence.len() - from) as u16;
                if words > 0 {
                    part.names.push((words, alias as u16));
                }
            }
            part.entries.push((part.names.len() - first) as u32);
        }
        part
    }
}

impl Vocabulary {
    /// The number of a word of a kind, if it is there; `hash` is that of its text.
    fn get(&self, text: &str, kind: TokenKind, hash: u64) -> Option<u32> {
        self.all(text, hash).find(|id| self.words[*id as usize].kind == kind)
    }

    /// Whether there is such a word, of any kind.
    pub fn has(&self, text: &str) -> bool {
        self.all(text, names::hash_of(text)).next().is_some()
    }

    /// The words of this text: of each kind one.
    fn all(&self, text: &str, hash: u64) -> impl Iterator<Item = u32> {
        // Other words may be there too: of one hash, for lists are strangers' bytes.
        let places = (0..).map_while(move |n| self.by_hash.get(&hash.wrapping_add(n)).copied());
        places.filter(move |id| *self.words[*id as usize].text == *text)
    }

    /// Adds a word that is not there.
    pub fn add(&mut self, word: Word) -> u32 {
        let mut at = word.hash();
        while self.by_hash.contains_key(&at) {
            at = at.wrapping_add(1);
        }
        let id = self.words.len() as u32;
        self.by_hash.insert(at, id);
        self.words.push(word);
        id
    }

    /// The numbers here of all words of another vocabulary, added where they were not.
    pub fn take(&mut self, other: Self) -> Vec<u32> {
        let number = |word: Word| match self.get(&word.text, word.kind, word.hash()) {
            Some(id) => id,
            None => self.add(word),
        };
        other.words.into_iter().map(number).collect()
    }

    pub fn bytes(&self) -> usize {
        let words = self.words.iter().map(|w| size_of::<Word>() + 2 * w.text.len());
        words.sum::<usize>() + self.by_hash.capacity() * 17
    }
}
