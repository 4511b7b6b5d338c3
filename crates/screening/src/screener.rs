//! Finding whom a traveller may be: a few persons of a list of many, then each compared
//! in full.
//!
//! Each word of the name is looked up (the rarest first); the persons that have a word
//! like it gather what it is worth, if their birth date is not apart from the traveller's:
//! of those whose date is, only they are looked at whose names could make up for it. Who
//! has gathered so little that neither birth date nor nationality nor sex could bring them
//! to the lowest band is left aside, and so is whose names come to too little
//! ([`bound`](crate::bound)); the rest is compared by [`judge`], which alone decides, those
//! who may come to most first, until nobody can come before those who are noted.
//! [`Screener::scan`] leaves nobody aside: it is what tests and evaluation hold the
//! retrieval against.

use names::{Token, TokenKind};
use travel::{PassengerList, Traveller};

use crate::{
    Candidate, Entry, Hit, Index, Screened, Watchlist,
    bound::{self, Asked, Ours},
    glance::Glance,
    index::Glimpse,
    room::{Memory, Room},
    score::{Desk, SHORTEST_DOCUMENT, Verdict, hit, judge},
    weights as w,
};

/// At most so many entries are noted for one traveller.
const MOST_HITS: usize = 8;
/// What initials, particles and words cut off may add at most to what words gather.
pub(crate) const ADDED: f32 = 6.3;
/// What a word may stand for at so little evidence brings nobody near.
const LEAST: f32 = 0.5;
/// So that nobody whom an officer would see is left out; of those whom nobody would, some are,
/// for they are most of the work.
pub(crate) const SLACK: f32 = ADDED - (w::POSSIBLE - w::SILENT) as f32;

/// Neighbouring words are one, written together, if they have so many letters.
pub(crate) const SHORTEST_JOINED: usize = 5;

/// Compares every traveller of a list with the index.
pub fn screen(list: &PassengerList, index: &Index) -> Screened {
    screen_travellers(list.travellers(), index)
}

/// Compares travellers who stand in no admitted list; a hit's `traveller` is an index into
/// `travellers`.
pub fn screen_travellers(travellers: &[Traveller], index: &Index) -> Screened {
    let mut screener = Screener::new(index);
    let mut hits = Vec::new();
    let there = travellers.iter().enumerate().filter(|(_, t)| !t.is_removed());
    for (number, traveller) in there {
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
            kept.extend(self.index.documents(number).iter().map(|p| (*p, f32::INFINITY)));
        }
        self.judged(&candidate, by_most(kept).into_iter())
    }

    /// The same, with every person of the index compared in full.
    pub fn scan(&mut self, traveller: &Traveller) -> Vec<Hit> {
        let all = (0..self.index.len() as u32).map(|person| (person, f32::INFINITY));
        self.judged(&Candidate::of(traveller), all)
    }

    /// Compares persons, each with the most that they may come to, the most first.
    fn judged(
        &mut self,
        candidate: &Candidate,
        persons: impl Iterator<Item = (u32, f32)>,
    ) -> Vec<Hit> {
        let index = self.index;
        let desk = &mut self.room.desk;
        let found = strongest(candidate, index, persons, desk);
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
        let mut words = looked_up(numbers, index, &mut room.memory);
        // Rarest first: who has only the common words left to gather is let in by their
        // birth date alone.
        words.sort_by(|a, b| b.1.total_cmp(&a.1));
        let near = index.seats.near(glance.born());
        let mut left: f32 = words.iter().map(|w| w.1).sum();
        for (place, (number, information)) in words.iter().enumerate() {
            left -= information;
            let may_reach = |(seat, nats): (u32, f32), glimpse: Glimpse| {
                let rest = glance.most_of(seat, glimpse);
                (f64::from(nats + left + SLACK + rest) >= w::SILENT).then_some(rest)
            };
            for found in &*room.memory.found(*number, index) {
                room.notes.write(*found, *number, place);
                if found.nats >= LEAST {
                    let seats = near.of(index.posting(found)).into_iter().flatten();
                    room.laid.reached.extend(seats.map(|seat| (*seat, found.nats)));
                }
            }
            room.gather(place as u16, (index, &near), may_reach);
        }
        if glance.born().is_some() {
            let apart = w::SILENT as f32 - glance.most_apart();
            let enough = (bound::enough(apart, &index.weights) - ADDED).max(apart - SLACK);
            let words: Vec<_> = words.iter().map(|w| room.memory.found(w.0, index)).collect();
            room.far.seek(&words, enough, &near, index);
            let anniversaries = index.seats.anniversaries(glance.born());
            room.far.found.extend(anniversaries.map(|seat| (seat, f32::INFINITY)));
        }
    }

    /// Seats that have gathered enough, and what they have beside their names.
    fn hopeful(&self, glance: &Glance<'_>) -> Vec<(u32, f32)> {
        let (index, room) = (self.index, &self.room);
        let near = room.touched.iter().map(|t| (t.seat, room.gathered(t.place), t.rest));
        let enough = |(seat, gathered, rest): (u32, f32, f32)| {
            let needed = w::SILENT as f32 - rest;
            let all = || bound::enough(needed, &index.weights) <= gathered + ADDED;
            (gathered + SLACK >= needed && all()).then_some((seat, rest))
        };
        let far = room.far.found.iter().filter_map(|(seat, most)| {
            // Nationality and sex rule most of them out before their words are looked at.
            let (_, rest) = enough((*seat, *most, glance.most(*seat)))?;
            let gathered = room.notes.gathered(index.words_on(*seat));
            (gathered > 0.0).then_some((*seat, gathered, rest))
        });
        near.chain(far).filter_map(enough).collect()
    }

    /// The persons whom nothing yet rules out, with the most that each may come to.
    fn worth_comparing(&mut self, numbers: &[u32], glance: &Glance<'_>) -> Vec<(u32, f32)> {
        let hopeful = self.hopeful(glance);
        let (index, room) = (self.index, &mut self.room);
        let ours = Ours::of(numbers, &room.memory);
        room.laid.names_on(hopeful.iter().map(|(seat, _)| *seat), index);
        let mut most = vec![f32::NEG_INFINITY; hopeful.len()];
        let mut asked = Asked { index, notes: &room.notes, pairs: &mut room.pairs };
        for (from, to, number) in &room.laid.names {
            let words = *from as usize..*to as usize;
            let name = (&room.laid.words[words.clone()], &room.laid.briefs[words]);
            let most = &mut most[*number as usize];
            *most = most.max(bound::most(&ours, name, &mut asked));
        }
        let reaches = |((seat, rest), most): ((u32, f32), f32)| {
            let most = rest + most;
            (f64::from(most) >= w::SILENT).then(|| (index.seats.person(seat), most))
        };
        hopeful.into_iter().zip(most).filter_map(reaches).collect()
    }
}

/// Those of the persons who are noted, the strongest first. Once there are as many as are
/// ever noted, whoever cannot come to more than the last of them is not compared.
fn strongest(
    candidate: &Candidate,
    index: &Index,
    persons: impl Iterator<Item = (u32, f32)>,
    desk: &mut Desk,
) -> Vec<(u32, Verdict)> {
    let id = |n: u32| &index.persons[n as usize].entry.id;
    let mut found: Vec<(u32, Verdict)> = Vec::new();
    for (number, most) in persons {
        if found.len() == MOST_HITS && f64::from(most) < found[MOST_HITS - 1].1.nats {
            break;
        }
        let verdict = judge(candidate, index, number, desk);
        let Some(verdict) = verdict.filter(|v| v.is_noted()) else { continue };
        let before = |(other, theirs): &(u32, Verdict)| {
            let order = verdict.nats.total_cmp(&theirs.nats);
            order.then_with(|| id(*other).cmp(id(number))).is_lt()
        };
        found.insert(found.partition_point(before), (number, verdict));
        found.truncate(MOST_HITS);
    }
    found
}

/// Each person once, whoever may come to most first.
fn by_most(mut persons: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    persons.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    persons.dedup_by_key(|(person, _)| *person);
    persons.sort_by(|a, b| b.1.total_cmp(&a.1));
    persons
}

/// The words that are looked up, with what each is worth: those of the name, neighbours
/// written together, and the parts of a word that is several known ones.
pub(crate) fn looked_up(numbers: &[u32], index: &Index, memory: &mut Memory) -> Vec<(u32, f32)> {
    let is_word = |memory: &Memory, n: u32| memory.known(n).brief.kind == TokenKind::Word;
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
        if joined.len() >= SHORTEST_JOINED && index.has(&joined) {
            looked.push(memory.number(Token::new(&joined)));
        }
    }
    looked.into_iter().map(|n| (n, memory.known(n).brief.information)).collect()
}
