//! Finding whom a traveller may be: a few persons of a list of many, then each compared
//! in full.
//!
//! Each word of the name is looked up (the rarest first); the persons that have a word
//! like it gather what it is worth, if their birth date is not apart from the traveller's:
//! of those whose date is, only they are looked at whose names could make up for it. Who
//! has gathered so little that neither birth date nor nationality nor sex could bring them
//! to the lowest band is left aside, and so is whose names come to too little
//! ([`bound`](crate::bound)); the rest is compared by [`judge`], which alone decides.
//! [`Screener::scan`] leaves nobody aside: it is what tests and evaluation hold the
//! retrieval against.

use names::{Token, TokenKind};
use travel::{PassengerList, Traveller};

use crate::{
    Candidate, Entry, Hit, Index, Screened, Watchlist,
    bound::{self, Asked},
    glance::Glance,
    room::{Known, Room},
    score::{Desk, SHORTEST_DOCUMENT, Verdict, hit, judge},
    weights as w,
};

/// At most so many entries are noted for one traveller.
const MOST_HITS: usize = 8;
/// What initials, particles and words cut off may add at most to what words gather.
const ADDED: f32 = 6.3;
/// What a word may stand for at so little evidence brings nobody near.
const LEAST: f32 = 0.5;
/// So that nobody whom an officer would see is left out; of those whom nobody would, some are,
/// for they are most of the work.
const SLACK: f32 = ADDED - (w::POSSIBLE - w::SILENT) as f32;

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
    let mut desk = Desk::default();
    let verdict = judge(candidate, &index, 0, &mut desk).unwrap_or_else(Verdict::nothing);
    hit(candidate, &index, 0, (verdict, &desk), candidate.allowance())
}

/// An index with room to work in: for one traveller after another.
pub struct Screener<'i> {
    index: &'i Index,
    room: Room,
}

impl Drop for Screener<'_> {
    fn drop(&mut self) {
        self.index.leave(std::mem::take(&mut self.room));
    }
}

impl<'i> Screener<'i> {
    /// Room to work with this index.
    pub fn new(index: &'i Index) -> Self {
        Self { index, room: index.room() }
    }

    /// Whom a traveller may be, the strongest first.
    pub fn screen(&mut self, traveller: &Traveller) -> Vec<Hit> {
        self.room.clear();
        let (candidate, numbers) = Candidate::remembered(traveller, &mut self.room.memory);
        let glance = Glance::of(&candidate, self.index);
        self.by_words(&numbers, &glance);
        let mut kept = self.worth_comparing(&numbers, &glance);
        for (number, _) in candidate.documents.iter().filter(|d| d.0.len() >= SHORTEST_DOCUMENT) {
            kept.extend(self.index.documents(number));
        }
        kept.sort_unstable();
        kept.dedup();
        self.judged(&candidate, kept.into_iter())
    }

    /// The same, with every person of the index compared in full.
    pub fn scan(&mut self, traveller: &Traveller) -> Vec<Hit> {
        self.judged(&Candidate::of(traveller), 0..self.index.len() as u32)
    }

    fn judged(&mut self, candidate: &Candidate, persons: impl Iterator<Item = u32>) -> Vec<Hit> {
        let index = self.index;
        let desk = &mut self.room.desk;
        let mut found: Vec<(u32, Verdict)> = Vec::new();
        for number in persons {
            if let Some(verdict) = judge(candidate, index, number, desk)
                && verdict.is_noted()
            {
                found.push((number, verdict));
            }
        }
        let id = |n: u32| &index.persons[n as usize].entry.id;
        found.sort_by(|a, b| b.1.nats.total_cmp(&a.1.nats).then_with(|| id(a.0).cmp(id(b.0))));
        found.truncate(MOST_HITS);
        if found.is_empty() {
            return Vec::new();
        }
        let allowance = candidate.allowance();
        let write = |(number, _): (u32, Verdict)| {
            // Once more, for the ledger: few get here.
            let verdict = judge(candidate, index, number, desk)?;
            Some(hit(candidate, index, number, (verdict, desk), allowance))
        };
        found.into_iter().filter_map(write).collect()
    }

    fn by_words(&mut self, numbers: &[u32], glance: &Glance<'_>) {
        let (index, room) = (self.index, &mut self.room);
        let mut words = looked_up(numbers, index, room);
        // Rarest first: who has only the common words left to gather is let in by their
        // birth date alone.
        words.sort_by(|a, b| b.1.total_cmp(&a.1));
        let near = index.seats.near(glance.born());
        let mut left: f32 = words.iter().map(|w| w.1).sum();
        let mut to_come = most_of_name(&words, numbers, index, room);
        let enough = bound::enough(w::SILENT as f32 - glance.most_apart(), &index.weights);
        for (place, (number, information)) in words.iter().enumerate() {
            to_come -= information.max(index.weights.initial);
            for found in &*room.memory.found(*number, index) {
                room.notes.write(*found, *number, place);
                if found.nats < LEAST {
                    continue;
                }
                let posting = index.posting(found.word);
                for seat in near.of(posting).into_iter().flatten() {
                    let may_reach = || f64::from(left + SLACK + glance.most(*seat)) >= w::SILENT;
                    if room.has(*seat) || may_reach() {
                        room.gather(*seat, place as u32, found.nats);
                    }
                }
                if found.nats.max(index.weights.initial) + to_come >= enough {
                    room.far.extend(posting.iter().filter(|seat| !near.has(**seat)));
                }
            }
            left -= information;
        }
        room.far.extend(index.seats.anniversaries(glance.born()));
        room.far.sort_unstable();
        room.far.dedup();
    }

    /// Seats that have gathered enough, and what they have beside their names.
    fn hopeful(&self, glance: &Glance<'_>) -> Vec<(u32, f32)> {
        let (index, room) = (self.index, &self.room);
        let near = room.touched.iter().map(|seat| (*seat, room.gathered(*seat)));
        let far = room.far.iter().map(|seat| {
            let names = index.names_of(index.seats.person(*seat));
            (*seat, room.notes.gathered(names.flat_map(|(name, _)| name)))
        });
        let enough = |(seat, gathered): (u32, f32)| {
            let rest = glance.most(seat);
            let needed = w::SILENT as f32 - rest;
            let all = || bound::enough(needed, &index.weights) <= gathered + ADDED;
            (gathered + SLACK >= needed && all()).then_some((seat, rest))
        };
        near.chain(far).filter_map(enough).collect()
    }

    /// The persons whom nothing yet rules out.
    fn worth_comparing(&mut self, numbers: &[u32], glance: &Glance<'_>) -> Vec<u32> {
        let hopeful = self.hopeful(glance);
        let (index, room) = (self.index, &mut self.room);
        let ours: Vec<(u32, &Known)> =
            numbers.iter().map(|n| (*n, room.memory.known(*n))).collect();
        let byname = names::is_byname_of(ours.iter().map(|(_, known)| &*known.word));
        let mut asked = Asked { index, notes: &room.notes, pairs: &mut room.pairs };
        let reaches = |(seat, rest): (u32, f32)| {
            let person = index.seats.person(seat);
            let most = |name| bound::most((&ours, byname), name, &mut asked);
            let mut most = index.names_of(person).map(|(name, _)| name).map(most);
            most.any(|nats| f64::from(nats + rest) >= w::SILENT).then_some(person)
        };
        hopeful.into_iter().filter_map(reaches).collect()
    }
}

/// What the words of a traveller's name can be worth at most beside any other, where each of
/// those that are looked up agrees in full.
fn most_of_name(words: &[(u32, f32)], numbers: &[u32], index: &Index, room: &Room) -> f32 {
    let weights = &index.weights;
    let looked_up = words.iter().map(|w| w.1.max(weights.initial));
    let small = numbers.iter().map(|n| match room.memory.known(*n).brief.kind {
        TokenKind::Word => 0.0,
        TokenKind::Particle => weights.particle,
        TokenKind::Initial => weights.initial,
    });
    looked_up.chain(small).sum()
}

/// The words that are looked up, with what each is worth: those of the name, neighbours
/// written together, and the parts of a word that is several known ones.
fn looked_up(numbers: &[u32], index: &Index, room: &mut Room) -> Vec<(u32, f32)> {
    let memory = &mut room.memory;
    let is_word =
        |memory: &crate::room::Memory, n: u32| memory.known(n).brief.kind == TokenKind::Word;
    let only = numbers.iter().all(|n| !is_word(memory, *n));
    let mut looked: Vec<u32> =
        numbers.iter().copied().filter(|n| only || is_word(memory, *n)).collect();
    for number in numbers {
        if is_word(memory, *number) {
            looked.extend(&*memory.parts(*number, index));
        }
    }
    let mut joined = String::new();
    for pair in numbers.windows(2) {
        joined.clear();
        pair.iter().for_each(|n| joined.push_str(&memory.known(*n).word.text));
        if joined.len() >= 5 && index.has(&joined) {
            looked.push(memory.number(Token::new(&joined)));
        }
    }
    looked.into_iter().map(|n| (n, memory.known(n).brief.information)).collect()
}
