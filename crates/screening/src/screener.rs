//! Finding whom a traveller may be: a few persons of a list of many, then each compared
//! in full.
//!
//! Each word of the name is looked up (the rarest first); the persons that have a word
//! like it gather what it is worth. Who has gathered so little that neither birth date
//! nor nationality nor sex could bring them to the lowest band is left aside; the rest
//! is compared by [`judge`], which alone decides. [`Screener::scan`] leaves nobody aside:
//! it is what tests and evaluation hold the retrieval against.

use std::{collections::HashMap, rc::Rc};

use names::{TokenKind, Word};
use travel::{PartialDate, PassengerList, Traveller};

use crate::{
    Band, Candidate, Entry, Hit, Index, Screened, Watchlist, birth,
    index::{Birth, Found},
    score::{Desk, SHORTEST_DOCUMENT, Verdict, band_of, hit, judge},
    weights as w,
};

/// At most so many entries are noted for one traveller.
const MOST_HITS: usize = 8;
/// What initials, particles and words cut off may add to what words gather.
const SLACK: f32 = 2.0;
/// So many words are remembered with what they stand for.
const REMEMBERED: usize = 60_000;

/// Compares every traveller of a list with the index.
pub fn screen(list: &PassengerList, index: &Index) -> Screened {
    screen_travellers(list.travellers(), index)
}

/// Compares travellers who stand in no admitted list; a hit's `traveller` is an index into
/// `travellers`.
pub fn screen_travellers(travellers: &[Traveller], index: &Index) -> Screened {
    let mut screener = Screener::new(index);
    let mut hits = Vec::new();
    for (number, traveller) in travellers.iter().enumerate() {
        let mut found = screener.screen(traveller);
        for hit in &mut found {
            hit.traveller = number as u32;
        }
        hits.append(&mut found);
    }
    Screened { hits }
}

/// Compares one traveller with one entry, as a full screening would.
pub fn screen_one(candidate: &Candidate, entry: &Entry, (list, version): (&str, &str)) -> Hit {
    let entries = vec![entry.clone()];
    let list = Watchlist { name: list.to_owned(), version: version.to_owned(), entries };
    let index = Index::build(vec![list]);
    let (person, mut desk) = (&index.persons[0], Desk::default());
    let verdict = judge(candidate, &index, person, &mut desk).unwrap_or_else(Verdict::nothing);
    hit(candidate, &index, person, (verdict, &desk))
}

/// What a person has gathered.
#[derive(Clone, Copy, Default)]
struct Gathered {
    /// Which traveller it is for.
    traveller: u32,
    /// Which of their words was last.
    word: u32,
    /// Of that word.
    last: f32,
    /// Of all.
    sum: f32,
}

/// An index with room to work in: for one traveller after another.
pub struct Screener<'i> {
    index: &'i Index,
    gathered: Vec<Gathered>,
    traveller: u32,
    touched: Vec<u32>,
    desk: Desk,
    keys: Vec<u64>,
    ids: Vec<u32>,
    /// What words that were looked up stand for. Travellers share most of theirs.
    remembered: HashMap<Box<str>, Rc<[Found]>>,
}

impl<'i> Screener<'i> {
    /// Room to work with this index.
    pub fn new(index: &'i Index) -> Self {
        Self {
            index,
            gathered: vec![Gathered::default(); index.len()],
            traveller: 0,
            touched: Vec::new(),
            desk: Desk::default(),
            keys: Vec::new(),
            ids: Vec::new(),
            remembered: HashMap::new(),
        }
    }

    /// Whom a traveller may be, the strongest first.
    pub fn screen(&mut self, traveller: &Traveller) -> Vec<Hit> {
        let candidate = Candidate::of(traveller);
        self.touched.clear();
        self.traveller += 1;
        for (number, _) in candidate.documents.iter().filter(|d| d.0.len() >= SHORTEST_DOCUMENT) {
            for person in self.index.documents(number) {
                self.gather(*person, u32::MAX, f32::MAX / 4.0);
            }
        }
        self.by_words(&candidate);
        let persons = std::mem::take(&mut self.touched);
        let glance = Glance::of(&candidate, self.index);
        let worth_it = |p: &u32| {
            let most = self.gathered[*p as usize].sum + SLACK + glance.most(*p);
            f64::from(most) >= w::SILENT
        };
        let kept: Vec<u32> = persons.iter().copied().filter(worth_it).collect();
        self.touched = persons;
        self.judged(&candidate, kept.into_iter())
    }

    /// The same, with every person of the index compared in full.
    pub fn scan(&mut self, traveller: &Traveller) -> Vec<Hit> {
        self.judged(&Candidate::of(traveller), 0..self.index.len() as u32)
    }

    fn judged(&mut self, candidate: &Candidate, persons: impl Iterator<Item = u32>) -> Vec<Hit> {
        let index = self.index;
        let mut found: Vec<(u32, Verdict)> = Vec::new();
        for number in persons {
            let person = &index.persons[number as usize];
            if let Some(verdict) = judge(candidate, index, person, &mut self.desk)
                && (verdict.nats >= w::SILENT
                    || band_of(verdict, verdict.quality(&person.entry)) >= Band::Possible)
            {
                found.push((number, verdict));
            }
        }
        let id = |n: u32| &index.persons[n as usize].entry.id;
        found.sort_by(|a, b| b.1.nats.total_cmp(&a.1.nats).then_with(|| id(a.0).cmp(id(b.0))));
        found.truncate(MOST_HITS);
        let write = |(number, _): (u32, Verdict)| {
            // Once more, for the ledger: few get here.
            let person = &index.persons[number as usize];
            let verdict = judge(candidate, index, person, &mut self.desk)?;
            Some(hit(candidate, index, person, (verdict, &self.desk)))
        };
        found.into_iter().filter_map(write).collect()
    }

    fn gather(&mut self, person: u32, word: u32, nats: f32) {
        let g = &mut self.gathered[person as usize];
        if g.traveller != self.traveller {
            *g = Gathered { traveller: self.traveller, word, last: nats, sum: nats };
            self.touched.push(person);
        } else if g.word != word {
            (g.word, g.last) = (word, nats);
            g.sum += nats;
        } else if nats > g.last {
            g.sum += nats - g.last;
            g.last = nats;
        }
    }

    fn by_words(&mut self, candidate: &Candidate) {
        let index = self.index;
        let glance = Glance::of(candidate, index);
        let mut words = looked_up(candidate, index);
        // Rarest first: who has only the common words left to gather is let in by their
        // birth date alone.
        words.sort_by(|a, b| b.information.total_cmp(&a.information));
        let mut left: f32 = words.iter().map(|w| w.information).sum();
        for (number, word) in words.iter().enumerate() {
            let found = self.find(word);
            for f in &*found {
                let posting = index.posting(f.word);
                for person in posting {
                    let known = self.gathered[*person as usize].traveller == self.traveller;
                    if known || f64::from(left + SLACK + glance.most(*person)) >= w::SILENT {
                        self.gather(*person, number as u32, f.nats);
                    }
                }
            }
            left -= word.information;
        }
    }

    fn find(&mut self, word: &Word) -> Rc<[Found]> {
        if let Some(found) = self.remembered.get(&word.text) {
            return Rc::clone(found);
        }
        let found: Rc<[Found]> = self.index.find(word, &mut self.keys, &mut self.ids).into();
        if self.remembered.len() >= REMEMBERED {
            self.remembered.clear();
        }
        self.remembered.insert(word.text.clone(), Rc::clone(&found));
        found
    }
}

/// The words that are looked up: those of the name, neighbours written together, and the
/// halves of a word that is two known ones.
fn looked_up(candidate: &Candidate, index: &Index) -> Vec<Word> {
    let only = candidate.words.iter().all(|w| w.kind != TokenKind::Word);
    let counts = |w: &&Word| w.kind == TokenKind::Word || only;
    let mut words: Vec<Word> = candidate.words.iter().filter(counts).cloned().collect();
    for word in candidate.words.iter().filter(|w| w.kind == TokenKind::Word) {
        if word.text.len() >= 6 && !index.has(&word.text) {
            for at in 2..=word.text.len() - 3 {
                let (a, b) = word.text.split_at(at);
                if index.has(b) && (index.has(a) || at <= 3) {
                    words.extend([a, b].into_iter().filter(|w| w.len() > 2).map(Word::new));
                }
            }
        }
    }
    for pair in candidate.words.windows(2) {
        let joined = format!("{}{}", pair[0].text, pair[1].text);
        if joined.len() >= 5 && index.has(&joined) {
            words.push(Word::new(&joined));
        }
    }
    words
}

/// What the rest of the evidence could bring a person at most, told at a glance.
struct Glance<'i> {
    index: &'i Index,
    born: Option<PartialDate>,
    rest: f32,
}

impl<'i> Glance<'i> {
    fn of(candidate: &Candidate, index: &'i Index) -> Self {
        let weights = &index.weights;
        let nationality =
            if candidate.nationality.is_some() { weights.nationality_same } else { 0.0 };
        Self { index, born: candidate.birth_date, rest: nationality + weights.sex_same }
    }

    fn most(&self, person: u32) -> f32 {
        let weights = &self.index.weights;
        let Some(ours) = self.born else { return self.rest };
        let theirs = self.index.birth(person);
        self.rest
            + match theirs {
                Birth { year: 0, .. } => 0.0,
                b if b.several() => {
                    let dates = &self.index.persons[person as usize].entry.birth_dates;
                    birth::best(ours, dates, weights).map_or(0.0, |b| b.1)
                }
                Birth { year, month, day } => {
                    let part = |p: u8| (p > 0).then_some(p);
                    let date = PartialDate { year, month: part(month), day: part(day) };
                    birth::compare(ours, crate::BirthDate::On(date), weights).0
                }
            }
    }
}
