//! Room to screen in, and what is remembered there.
//!
//! Travellers share most of their words. What a word is worth, which words of the index
//! it may stand for, and how it stands to one of them is worked out once and remembered,
//! within bounds. Nothing that is remembered can differ from what would be worked out
//! anew: a room belongs to one index, which does not change.

use std::{collections::HashMap, hash::BuildHasherDefault, sync::Arc};

use names::{Token, Word};

use crate::{
    Index,
    far::Far,
    index::{Brief, Found, Glimpse, Near, Ready},
    score::Desk,
};

/// So many words are remembered.
const MOST_WORDS: usize = 60_000;
/// So many pairs of words are remembered; a power of two.
const MOST_PAIRS: usize = 1 << 15;

/// So many words of one traveller are told apart when what a person gathers is summed up.
const PLACES: usize = 16;

/// A traveller's word, and what is known of it.
pub(crate) struct Known {
    pub word: Arc<Word>,
    pub brief: Brief,
    /// The words of the index that it may stand for, once somebody asked.
    found: Option<Arc<[Found]>>,
    /// The words that it is, written together, once somebody asked.
    parts: Option<Arc<[u32]>>,
}

/// What a seat has gathered: eight bytes, as a [`Glimpse`] is.
#[derive(Clone, Copy, Default)]
struct Gathered {
    /// Of all words.
    sum: f32,
    /// Which traveller it is for.
    traveller: u16,
    /// Which of their words was last.
    word: u16,
}

/// A seat that has gathered something.
pub(crate) struct Touched {
    pub seat: u32,
    /// Its number among the near ones.
    pub place: u32,
    /// What it has beside its names.
    pub rest: f32,
}

/// What is fetched from all over the memory, laid side by side before it is worked with:
/// the memory answers many who ask together in the time that one of them takes.
#[derive(Default)]
pub(crate) struct Laid {
    /// Seats that have a word, and what that is worth.
    pub reached: Vec<(u32, f32)>,
    pub glimpses: Vec<Glimpse>,
    /// Where the words of a name begin and end in `words`, and whose name it is.
    pub names: Vec<(u32, u32, u32)>,
    pub words: Vec<u32>,
    pub briefs: Vec<Brief>,
}

impl Laid {
    /// Lays out the names of who sits on these seats.
    pub fn names_on(&mut self, seats: impl Iterator<Item = u32>, index: &Index) {
        self.names.clear();
        self.words.clear();
        self.briefs.clear();
        for (seat, number) in seats.zip(0..) {
            for name in index.names_on(seat) {
                let from = self.words.len() as u32;
                self.words.extend_from_slice(name);
                self.names.push((from, self.words.len() as u32, number));
            }
        }
        self.briefs.extend(self.words.iter().map(|id| index.brief(*id)));
    }
}

/// Room to screen one traveller after another in.
#[derive(Default)]
pub(crate) struct Room {
    /// By the number of a seat among those that are near the traveller.
    gathered: Vec<Gathered>,
    /// Which traveller is screened, of those since `gathered` was empty; from 1.
    traveller: u16,
    /// Seats that have gathered anything.
    pub touched: Vec<Touched>,
    pub far: Far,
    pub laid: Laid,
    pub notes: Notes,
    pub desk: Desk,
    pub memory: Memory,
    pub pairs: Pairs,
}

impl Room {
    pub fn new(index: &Index) -> Self {
        Self {
            gathered: vec![Gathered::default(); index.seats.len()],
            far: Far::new(index.seats.len()),
            notes: Notes::new(index),
            pairs: Pairs::new(),
            ..Self::default()
        }
    }

    /// Makes room for another traveller.
    pub fn clear(&mut self) {
        self.touched.clear();
        self.far.found.clear();
        self.notes.clear();
        self.traveller = self.traveller.wrapping_add(1);
        if self.traveller == 0 {
            self.gathered.fill(Gathered::default());
            self.traveller = 1;
        }
        if self.memory.known.len() >= MOST_WORDS {
            self.memory.clear();
            self.pairs.clear();
        }
    }

    /// Notes all that is found for these words.
    #[cfg(test)]
    pub fn look_up_all(&mut self, numbers: &[u32], index: &Index) {
        for (place, number) in numbers.iter().enumerate() {
            for found in &*self.memory.found(*number, index) {
                self.notes.write(*found, *number, place);
            }
        }
    }

    /// What the near seat of this number has gathered.
    pub fn gathered(&self, place: u32) -> f32 {
        self.gathered[place as usize].sum
    }

    /// Gathers what was [reached](Laid::reached) by the traveller's word `word`, the most
    /// first: of each word a seat keeps what is worth most. A seat that has nothing yet is
    /// asked first whether it may: what it has beside its names, if so.
    pub fn gather(
        &mut self,
        word: u16,
        (index, near): (&Index, &Near),
        may: impl Fn((u32, f32), Glimpse) -> Option<f32>,
    ) {
        let Laid { reached, glimpses, .. } = &mut self.laid;
        glimpses.clear();
        glimpses.extend(reached.iter().map(|(seat, _)| index.seats.glimpse(*seat)));
        for ((seat, nats), glimpse) in reached.drain(..).zip(&*glimpses) {
            let place = near.place(seat);
            let g = &mut self.gathered[place as usize];
            if g.traveller != self.traveller {
                let Some(rest) = may((seat, nats), *glimpse) else { continue };
                *g = Gathered { sum: nats, traveller: self.traveller, word };
                self.touched.push(Touched { seat, place, rest });
            } else if g.word != word {
                // What comes later for the same word is worth no more.
                g.word = word;
                g.sum += nats;
            }
        }
    }
}

/// What words of the index are worth to a traveller.
#[derive(Default)]
pub(crate) struct Notes {
    /// By word of the index: one more than the number of its last note, or 0.
    by_word: Vec<u32>,
    all: Vec<Note>,
}

struct Note {
    found: Found,
    /// The number of the traveller's word that it may stand for.
    ours: u32,
    /// Which of the words that are looked up that is.
    place: u32,
    /// The note on the same word before this one, as `by_word` has it.
    before: u32,
}

impl Notes {
    pub fn new(index: &Index) -> Self {
        Self { by_word: vec![0; index.distinct_words()], all: Vec::new() }
    }

    pub fn clear(&mut self) {
        for note in self.all.drain(..) {
            self.by_word[note.found.word as usize] = 0;
        }
    }

    /// Notes what was found for the traveller's word `ours`, at `place` of those looked up.
    pub fn write(&mut self, found: Found, ours: u32, place: usize) {
        let last = &mut self.by_word[found.word as usize];
        self.all.push(Note { found, ours, place: place as u32, before: *last });
        *last = self.all.len() as u32;
    }

    /// The notes on a word of the index.
    fn on(&self, word: u32) -> impl Iterator<Item = &Note> {
        let note = |at: u32| at.checked_sub(1).map(|at| &self.all[at as usize]);
        std::iter::successors(note(self.by_word[word as usize]), move |n| note(n.before))
    }

    /// What a word of the index is worth to the traveller's word `ours`, if it was found.
    pub fn worth(&self, ours: u32, word: u32) -> Option<f32> {
        self.on(word).find(|n| n.ours == ours).map(|n| n.found.worth)
    }

    /// What who has these words gathers at the most.
    pub fn gathered(&self, words: &[u32]) -> f32 {
        let mut noted = words.iter().filter(|word| self.by_word[**word as usize] > 0).peekable();
        if noted.peek().is_none() {
            return 0.0;
        }
        let (mut most, mut further) = ([0.0f32; PLACES], 0.0);
        for note in noted.flat_map(|word| self.on(*word)) {
            match most.get_mut(note.place as usize) {
                Some(place) => *place = place.max(note.found.nats),
                None => further += note.found.nats,
            }
        }
        further + most.iter().sum::<f32>()
    }
}

/// Words that were looked up.
#[derive(Default)]
pub(crate) struct Memory {
    known: Vec<Known>,
    by_hash: HashMap<u64, u32, BuildHasherDefault<Ready>>,
    keys: Vec<u64>,
    ids: Vec<u32>,
}

impl Memory {
    pub fn clear(&mut self) {
        self.known.clear();
        self.by_hash.clear();
    }

    /// The number of a word.
    pub fn number(&mut self, token: Token) -> u32 {
        let mut at = token.hash();
        while let Some(number) = self.by_hash.get(&at) {
            let word = &self.known[*number as usize].word;
            if *word.text == *token.text && word.kind == token.kind {
                return *number;
            }
            at = at.wrapping_add(1);
        }
        let word = Word::of(token);
        let number = self.known.len() as u32;
        let brief = Brief::of(&word);
        self.known.push(Known { word: Arc::new(word), brief, found: None, parts: None });
        self.by_hash.insert(at, number);
        number
    }

    pub fn known(&self, number: u32) -> &Known {
        &self.known[number as usize]
    }

    /// The words of the index that a word may stand for.
    pub fn found(&mut self, number: u32, index: &Index) -> Arc<[Found]> {
        let known = &mut self.known[number as usize];
        let (keys, ids) = (&mut self.keys, &mut self.ids);
        let found = known.found.get_or_insert_with(|| index.find(&known.word, keys, ids).into());
        Arc::clone(found)
    }

    /// The words that a word is, written together.
    pub fn parts(&mut self, number: u32, index: &Index) -> Arc<[u32]> {
        if let Some(parts) = &self.known[number as usize].parts {
            return Arc::clone(parts);
        }
        let word = Arc::clone(&self.known[number as usize].word);
        let mut parts = Vec::new();
        if word.text.len() >= 6 && !index.has(&word.text) {
            apart(&word.text, index, &mut parts);
        }
        let parts = parts.into_iter().filter(|w| w.len() > 2);
        let parts: Vec<u32> = parts.map(|w| self.number(Token::new(w))).collect();
        let parts: Arc<[u32]> = parts.into();
        self.known[number as usize].parts = Some(Arc::clone(&parts));
        parts
    }
}

/// The two or three words that `text` is, written together, in every way that the index
/// has; of two, the first may be a particle or cut short.
fn apart<'t>(text: &'t str, index: &Index, parts: &mut Vec<&'t str>) {
    for at in 2..=text.len() - 3 {
        let (a, rest) = text.split_at(at);
        let begins = index.has(a);
        if index.has(rest) && (begins || at <= 3) {
            parts.extend([a, rest]);
        } else if begins {
            for (b, c) in (2..rest.len().saturating_sub(2)).map(|at| rest.split_at(at)) {
                if index.has(b) && index.has(c) {
                    parts.extend([a, b, c]);
                }
            }
        }
    }
}

/// What pairs of words are worth: each traveller's word with words of the index. A pair
/// has one place; another that has the same one takes it.
#[derive(Default)]
pub(crate) struct Pairs {
    /// The pair, and what it is worth; below zero where the two are different names.
    places: Vec<(u64, f32)>,
}

impl Pairs {
    pub fn new() -> Self {
        Self { places: vec![(u64::MAX, 0.0); MOST_PAIRS] }
    }

    pub fn clear(&mut self) {
        self.places.fill((u64::MAX, 0.0));
    }

    /// What the pair is worth, asked of `work_out` if it is not known.
    pub fn worth(&mut self, ours: u32, theirs: u32, work_out: impl FnOnce() -> f32) -> f32 {
        let pair = u64::from(ours) << 32 | u64::from(theirs);
        let mixed = pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let place = &mut self.places[mixed as usize & (MOST_PAIRS - 1)];
        if place.0 != pair {
            *place = (pair, work_out());
        }
        place.1
    }
}
