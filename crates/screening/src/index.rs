//! The index: distinct words, who has them, and the documents.
//!
//! Names of a list share few distinct words. A traveller's word is looked up among them
//! by what is left when any one letter is deleted, of its letters and of its sound, by
//! its consonants and by its group of spellings; what is found is compared word by word,
//! and only then are persons touched. Everything lies in a few flat arrays, so that a
//! list of a million persons is ready in seconds and can be swapped while in use.

mod build;
mod glimpse;
mod keys;
mod seats;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use names::{TokenKind, Word, compare};

use self::{build::Vocabulary, keys::Keys};
pub(crate) use self::{
    glimpse::{Born, Brief, Glimpse, Nationality},
    keys::Ready,
    seats::{Near, Seats},
};
use crate::{
    Candidate, Entry, Watchlist, align,
    room::Room,
    score::{Desk, judge},
    weights::{STANDARD, Weights},
};

/// A person of a list.
pub(crate) struct Person {
    pub list: u32,
    pub entry: Entry,
}

/// A name of a person: its words, in [`Index::sequence`].
#[derive(Clone, Copy)]
struct Name {
    from: u32,
    words: u16,
    /// Which of the entry's names.
    alias: u16,
}

/// Several watchlists, ready to be compared with.
pub struct Index {
    pub(crate) lists: Vec<(String, String)>,
    pub(crate) persons: Vec<Person>,
    pub(crate) weights: Weights,
    names: Vec<Name>,
    /// Where the names of each person are in `names`.
    spans: Vec<(u32, u32)>,
    /// Words of names, one name after the other.
    sequence: Vec<u32>,
    vocabulary: Vocabulary,
    /// The little of each word that most comparisons need.
    briefs: Vec<Brief>,
    by_key: Keys,
    /// Where the seats of each word begin in `postings`.
    starts: Vec<u32>,
    postings: Vec<u32>,
    pub(crate) seats: Seats,
    by_document: HashMap<String, Vec<u32>>,
    /// Rooms to work in that nobody is in. What is remembered there stays true, for an
    /// index does not change.
    rooms: Mutex<Vec<Room>>,
}

/// A word of the index that a traveller's word may stand for.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub word: u32,
    /// What the agreement can be worth at most.
    pub nats: f32,
    /// What it is worth as the two are written.
    pub worth: f32,
    /// Where in the postings its seats begin; its seat, where it has but one, as most words
    /// have.
    from: u32,
    seats: u32,
}

impl Index {
    /// An index over these lists.
    pub fn build(lists: Vec<Watchlist>) -> Self {
        let mut index = Self {
            lists: Vec::new(),
            persons: Vec::with_capacity(lists.iter().map(|l| l.entries.len()).sum()),
            weights: STANDARD,
            names: Vec::new(),
            spans: Vec::new(),
            sequence: Vec::new(),
            vocabulary: Vocabulary::default(),
            briefs: Vec::new(),
            by_key: Keys::default(),
            starts: Vec::new(),
            postings: Vec::new(),
            seats: Seats::default(),
            by_document: HashMap::new(),
            rooms: Mutex::default(),
        };
        for list in lists {
            index.lists.push((list.name, list.version));
            for part in build::read(&list.entries) {
                index.add_names(part);
            }
            for entry in list.entries {
                index.add(entry);
            }
        }
        index.seats = Seats::of(index.persons.iter().map(|p| &p.entry));
        index.settle();
        index.briefs = index.vocabulary.words.iter().map(Brief::of).collect();
        index.post();
        index.by_key = Keys::of(&index.vocabulary.words);
        index
    }

    /// Scores with other weights from now on: for whoever tunes them.
    pub fn set_weights(&mut self, weights: Weights) {
        self.weights = weights;
        self.rooms.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// A room to work in, one that was left if there is any.
    pub(crate) fn room(&self) -> Room {
        let left = self.rooms.lock().unwrap_or_else(PoisonError::into_inner).pop();
        left.unwrap_or_else(|| Room::new(self))
    }

    /// Keeps a room for whoever comes next.
    pub(crate) fn leave(&self, room: Room) {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).push(room);
    }

    /// What a traveller scores against person number `person`.
    ///
    /// # Panics
    /// When there are not so many persons.
    pub fn score(&self, candidate: &Candidate, person: usize) -> f64 {
        let mut desk = Desk::default();
        judge(candidate, self, person as u32, &mut desk).map_or(0.0, |v| v.nats)
    }

    /// Adds names that were read; the entries follow in the same order.
    fn add_names(&mut self, part: build::Part) {
        let numbers = self.vocabulary.take(part.vocabulary);
        let mut from = self.sequence.len() as u32;
        self.sequence.extend(part.sequence.iter().map(|word| numbers[*word as usize]));
        let mut first = self.names.len() as u32;
        for (words, alias) in part.names {
            self.names.push(Name { from, words, alias });
            from += u32::from(words);
        }
        for names in part.entries {
            self.spans.push((first, first + names));
            first += names;
        }
    }

    fn add(&mut self, entry: Entry) {
        let person = self.persons.len() as u32;
        for document in &entry.documents {
            self.by_document.entry(document.number.clone()).or_default().push(person);
        }
        let list = self.lists.len() as u32 - 1;
        self.persons.push(Person { list, entry });
    }

    /// Puts names in the order of seats: whose dates are near one another is looked at
    /// together, and should lie together.
    fn settle(&mut self) {
        let (old, all) = (std::mem::take(&mut self.names), std::mem::take(&mut self.sequence));
        self.names.reserve_exact(old.len());
        self.sequence.reserve_exact(all.len());
        // Where the words of each person's names begin and end, once they are moved.
        let mut moved: Vec<Option<(u32, u32)>> = vec![None; self.persons.len()];
        for seat in 0..self.seats.len() {
            let person = self.seats.person(seat as u32) as usize;
            let words = moved[person].unwrap_or_else(|| {
                let (first, from) = (self.names.len() as u32, self.sequence.len() as u32);
                let names = self.spans[person];
                for name in &old[names.0 as usize..names.1 as usize] {
                    let from = self.sequence.len() as u32;
                    self.names.push(Name { from, ..*name });
                    let words = name.from as usize..name.from as usize + usize::from(name.words);
                    self.sequence.extend_from_slice(&all[words]);
                }
                self.spans[person] = (first, self.names.len() as u32);
                (from, self.sequence.len() as u32)
            });
            moved[person] = Some(words);
            self.seats.settle(seat, self.spans[person], words);
        }
    }

    /// Makes the postings: for each word the seats of the persons that have it, in rising
    /// order.
    fn post(&mut self) {
        let words = self.vocabulary.words.len();
        let mut starts = vec![0u32; words + 1];
        let mut last = vec![u32::MAX; words];
        for seat in 0..self.seats.len() as u32 {
            self.each_word(seat, &mut last, |word| starts[word + 1] += 1);
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut postings = vec![0u32; starts.last().copied().unwrap_or(0) as usize];
        last.fill(u32::MAX);
        for seat in 0..self.seats.len() as u32 {
            self.each_word(seat, &mut last, |word| {
                postings[next[word] as usize] = seat;
                next[word] += 1;
            });
        }
        (self.starts, self.postings) = (starts, postings);
    }

    /// Each word of the person on a seat, once. Initials find nobody.
    fn each_word(&self, seat: u32, last: &mut [u32], mut see: impl FnMut(usize)) {
        for name in self.names_on(seat) {
            let only =
                name.iter().all(|w| self.vocabulary.words[*w as usize].kind != TokenKind::Word);
            for word in name.iter().map(|w| *w as usize) {
                let kind = self.vocabulary.words[word].kind;
                let counts = kind == TokenKind::Word || only && kind != TokenKind::Initial;
                if counts && last[word] != seat {
                    last[word] = seat;
                    see(word);
                }
            }
        }
    }

    /// The names of a person: the words of each, and which of the entry's names it is.
    pub(crate) fn names_of(&self, person: u32) -> impl Iterator<Item = (&[u32], usize)> {
        self.names_in(self.spans[person as usize])
    }

    /// The words of each name of who sits on a seat.
    pub(crate) fn names_on(&self, seat: u32) -> impl Iterator<Item = &[u32]> {
        self.names_in(self.seats.names(seat)).map(|(words, _)| words)
    }

    /// The words of all names of who sits on a seat.
    pub(crate) fn words_on(&self, seat: u32) -> &[u32] {
        let (from, to) = self.seats.words(seat);
        &self.sequence[from as usize..to as usize]
    }

    fn names_in(&self, (from, to): (u32, u32)) -> impl Iterator<Item = (&[u32], usize)> {
        self.names[from as usize..to as usize].iter().map(|name| {
            let from = name.from as usize;
            (&self.sequence[from..from + usize::from(name.words)], usize::from(name.alias))
        })
    }

    pub(crate) fn word(&self, id: u32) -> &Word {
        &self.vocabulary.words[id as usize]
    }

    pub(crate) fn brief(&self, id: u32) -> Brief {
        self.briefs[id as usize]
    }

    /// The names and versions of the lists in it.
    pub fn lists(&self) -> &[(String, String)] {
        &self.lists
    }

    /// How many persons are in it.
    pub fn len(&self) -> usize {
        self.persons.len()
    }

    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty()
    }

    /// About how much memory it takes beyond the entries themselves.
    pub fn bytes(&self) -> usize {
        self.vocabulary.bytes()
            + size_of::<(u32, u32)>() * self.spans.len()
            + self.by_key.bytes()
            + 4 * (self.starts.len() + self.postings.len() + self.sequence.len())
            + size_of::<Name>() * self.names.len()
            + size_of::<Brief>() * self.briefs.len()
            + self.seats.bytes()
            + self.by_document.capacity() * 64
    }

    /// Words that `word` may stand for, with what the agreement is worth, the most first.
    pub(crate) fn find(&self, word: &Word, keys: &mut Vec<u64>, ids: &mut Vec<u32>) -> Vec<Found> {
        ids.clear();
        word.keys(keys);
        for key in &*keys {
            ids.extend(self.by_key.get(*key));
        }
        ids.sort_unstable();
        ids.dedup();
        let worth = |id: &u32| {
            let other = &self.vocabulary.words[*id as usize];
            let share = compare(word, other)?.share;
            let nats = share * word.information.min(other.information);
            let worth = align::worth(word, other, share, &self.weights);
            let (from, to) = (self.starts[*id as usize], self.starts[*id as usize + 1]);
            let from = if to - from == 1 { self.postings[from as usize] } else { from };
            let seats = to - self.starts[*id as usize];
            (seats > 0).then_some(Found { word: *id, nats, worth, from, seats })
        };
        let mut found: Vec<Found> = ids.iter().filter_map(worth).collect();
        found.sort_by(|a, b| b.nats.total_cmp(&a.nats));
        found
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.vocabulary.has(text)
    }

    /// The seats of a word that was found, in rising order.
    pub(crate) fn posting<'f>(&'f self, found: &'f Found) -> &'f [u32] {
        match found.seats {
            1 => std::slice::from_ref(&found.from),
            seats => &self.postings[found.from as usize..(found.from + seats) as usize],
        }
    }

    pub(crate) fn distinct_words(&self) -> usize {
        self.vocabulary.words.len()
    }

    pub(crate) fn documents(&self, number: &str) -> &[u32] {
        self.by_document.get(number).map_or(&[], Vec::as_slice)
    }
}
