//! A sieve before the screening, for travellers by the hundred million.
//!
//! Many travellers share few words. What a word of a name brings each seat of the
//! [index](crate::Index) is worked out once and remembered; it is then added up for each traveller
//! and held against birth date, sex and nationality, as
//! [`Screener::screen`](crate::Screener::screen) does it. Only who may reach the lowest band by that,
//! and by the [bound](crate::bound) of the names, is worth being screened.
//!
//! A *piece* of a name is a word of plain letters that is the same wherever it stands; where there is
//! anything else in a field (a title, a particle, another script, a name that is
//! [joined](names::join)), the whole field is one piece.
//!
//! Nobody is held back whom the screening would note by name:
//!
//! | the screening | the sieve |
//! |---|---|
//! | reads both fields as one name | so it does where words could be [joined](names::stay) from piece to piece, and takes these travellers |
//! | adds what each word brings a seat | adds the same, of any seat, whatever its birth date |
//! | looks for neighbours written together | so it does in a piece, and takes whoever has such from piece to piece |
//! | leaves aside whose sum is too little | by the same measure |
//! | leaves aside whose [bound](crate::bound) is too low | by the same bound |

use std::collections::{BTreeMap, HashMap, HashSet};

use names::{Token, TokenKind};
use travel::{Country, PartialDate, Sex};

use crate::{
    Index,
    bound::{self, Asked, Ours},
    glance::Glance,
    index::Brief,
    room::{Memory, Notes, Pairs},
    score::{given_tokens, tokens},
    screener::{ADDED, SHORTEST_JOINED, SLACK, looked_up},
    weights as w,
};

/// So many pieces are remembered.
const MOST_PIECES: usize = 100_000;
/// A field that is longer is one piece.
const LONGEST_APART: usize = 100;

/// What is known of a traveller beside the name and the documents.
#[derive(Clone, Copy)]
pub struct Beside {
    /// The birth date, as far as it is known.
    pub birth_date: Option<PartialDate>,
    /// As on the list.
    pub sex: Sex,
    /// If it is known.
    pub nationality: Option<Country>,
}

/// Tells who is worth being screened, of travellers one after the other. It is quickest
/// where those of one surname follow each other.
pub struct Sieve<'i> {
    index: &'i Index,
    memory: Memory,
    notes: Notes,
    pairs: Pairs,
    seams: Seams,
    pieces: Vec<Piece>,
    known: [HashMap<Box<str>, u32>; 4],
    surname: Surname,
    /// The pieces of the given names at hand.
    given: Vec<u32>,
    desk: Desk,
    /// What a seat has to gather whose birth date is apart.
    far: f32,
}

/// How a text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Word,
    Surname,
    Given,
    /// A whole name in the field of the surname.
    Alone,
}

/// A piece of a name.
struct Piece {
    /// Its words.
    numbers: Box<[u32]>,
    /// Seats, in rising order, with what they gather.
    seats: Box<[(u32, f32)]>,
    /// The most of it.
    most: f32,
    /// It is one word, and the same one wherever it stands.
    inert: bool,
    /// Words of it may be one with words of another.
    open: bool,
    /// Its last word begins a word of the index.
    begins: bool,
    /// Its first word ends one.
    ends: bool,
}

/// The surname that was looked at last.
#[derive(Default)]
struct Surname {
    text: Box<str>,
    alone: bool,
    pieces: Vec<u32>,
    /// Seats, in rising order, with what they gather of all pieces.
    seats: Vec<(u32, f32)>,
    most: f32,
    /// The same, by seat.
    brings: Vec<f32>,
}

/// Room to add up what a traveller brings.
#[derive(Default)]
struct Desk {
    /// By seat: what the given names bring.
    brings: Vec<f32>,
    touched: Vec<u32>,
    /// Seats that gather enough, and what they have beside their names.
    hopeful: Vec<(u32, f32)>,
}

/// Hashes of what words of the index begin and end with.
#[derive(Default)]
struct Seams {
    begin: HashSet<u64>,
    end: HashSet<u64>,
}

impl Seams {
    fn of(index: &Index) -> Self {
        let mut seams = Self::default();
        let words = (0..index.distinct_words() as u32).map(|id| &*index.word(id).text);
        for word in words.filter(|text| text.len() >= SHORTEST_JOINED) {
            for (first, second) in (1..word.len()).filter_map(|at| word.split_at_checked(at)) {
                seams.begin.insert(names::hash_of(first));
                seams.end.insert(names::hash_of(second));
            }
        }
        seams
    }
}

impl std::fmt::Debug for Sieve<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sieve").field("pieces", &self.pieces.len()).finish_non_exhaustive()
    }
}

impl<'i> Sieve<'i> {
    /// A sieve for this index.
    pub fn new(index: &'i Index) -> Self {
        let nobody = Glance::beside((None, Sex::Unknown, None), index);
        let apart = w::SILENT as f32 - nobody.most_apart();
        let by_seat = vec![0.0; index.seats.len()];
        Self {
            index,
            memory: Memory::default(),
            notes: Notes::new(index),
            pairs: Pairs::new(),
            seams: Seams::of(index),
            pieces: Vec::new(),
            known: Default::default(),
            surname: Surname { brings: by_seat.clone(), ..Surname::default() },
            given: Vec::new(),
            desk: Desk { brings: by_seat, ..Desk::default() },
            far: (apart - SLACK).max(bound::enough(apart, &index.weights) - ADDED),
        }
    }

    /// Whether a traveller of this surname and these given names may be noted when screened.
    /// Documents are not looked at: see [`listed_document`](Self::listed_document).
    pub fn keeps(&mut self, (surname, given): (&str, &str), beside: &Beside) -> bool {
        self.forget_if_full();
        self.read_surname(surname, given.is_empty());
        let mut pieces = std::mem::take(&mut self.given);
        pieces.clear();
        self.read(given, Reading::Given, &mut pieces);
        self.given = pieces;
        if self.may_be_read_otherwise() {
            return true;
        }
        let glance =
            Glance::beside((beside.birth_date, beside.sex, beside.nationality), self.index);
        self.gather(&glance);
        !self.desk.hopeful.is_empty() && self.reaches()
    }

    /// Whether the number of a document, in capitals and digits alone, is of somebody listed.
    pub fn listed_document(&self, number: &str) -> bool {
        !self.index.documents(number).is_empty()
    }

    fn forget_if_full(&mut self) {
        if self.pieces.len() >= MOST_PIECES {
            self.lay_out(Vec::new());
            self.surname.text = Box::default();
            self.pieces.clear();
            self.memory.clear();
            self.pairs.clear();
            self.known.iter_mut().for_each(HashMap::clear);
        }
    }

    fn read_surname(&mut self, text: &str, alone: bool) {
        if *self.surname.text == *text && self.surname.alone == alone {
            return;
        }
        let mut pieces = Vec::new();
        self.read(text, if alone { Reading::Alone } else { Reading::Surname }, &mut pieces);
        self.lay_out(pieces);
        (self.surname.text, self.surname.alone) = (text.into(), alone);
    }

    /// Lays out by seat what a surname brings, and takes away what the last one brought.
    fn lay_out(&mut self, pieces: Vec<u32>) {
        let Surname { seats, brings, most, .. } = &mut self.surname;
        seats.drain(..).for_each(|(seat, _)| brings[seat as usize] = 0.0);
        *most = 0.0;
        for piece in pieces.iter().map(|piece| &self.pieces[*piece as usize]) {
            piece.seats.iter().for_each(|(seat, nats)| brings[*seat as usize] += nats);
            seats.extend(&*piece.seats);
            *most += piece.most;
        }
        seats.sort_unstable_by_key(|(seat, _)| *seat);
        seats.dedup_by_key(|(seat, _)| *seat);
        seats.iter_mut().for_each(|(seat, nats)| *nats = brings[*seat as usize]);
        self.surname.pieces = pieces;
    }

    /// The pieces of a field.
    fn read(&mut self, text: &str, reading: Reading, pieces: &mut Vec<u32>) {
        let plain = |b: u8| b.is_ascii_alphabetic() || b == b' ';
        if text.len() <= LONGEST_APART && text.bytes().all(plain) && reading != Reading::Alone {
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                let piece = self.piece(word, Reading::Word);
                if !self.pieces[piece as usize].inert {
                    pieces.clear();
                    break;
                }
                pieces.push(piece);
            }
        }
        if pieces.is_empty() && !text.is_empty() {
            pieces.push(self.piece(text, reading));
        }
    }

    /// What a text is as one piece.
    fn piece(&mut self, text: &str, reading: Reading) -> u32 {
        if let Some(piece) = self.known[reading as usize].get(text) {
            return *piece;
        }
        let words = match reading {
            Reading::Word | Reading::Surname => names::tokens(text),
            Reading::Given => given_tokens(text),
            Reading::Alone => tokens(text, ""),
        };
        let mut piece = self.work_out(&words);
        // What is a particle beside other words is a name where it stands alone.
        piece.inert = reading == Reading::Word
            && names::split_titles(text) == text
            && matches!(&*words, [one] if one.text.eq_ignore_ascii_case(text)
                && !one.is_title() && !piece.open
                && Token::new(&one.text).kind == TokenKind::Word);
        // Several words may have been turned or joined, which another field could undo:
        // `Mohammed Abdul` before `Rahman`.
        let word_opens = |word: &str| !names::stay(&names::tokens(word));
        piece.open |=
            reading != Reading::Word && text.split(|c: char| !c.is_alphanumeric()).any(word_opens);
        piece.open &= reading != Reading::Alone;
        let number = self.pieces.len() as u32;
        self.pieces.push(piece);
        self.known[reading as usize].insert(text.into(), number);
        number
    }

    /// Works out what words bring.
    fn work_out(&mut self, words: &[Token]) -> Piece {
        let (index, memory) = (self.index, &mut self.memory);
        let numbers: Box<[u32]> = words.iter().map(|t| memory.number(t.clone())).collect();
        let mut seats: BTreeMap<u32, f32> = BTreeMap::new();
        for (number, _) in looked_up(&numbers, index, memory) {
            let mut of_word: BTreeMap<u32, f32> = BTreeMap::new();
            for found in &*memory.found(number, index) {
                for seat in index.posting(found) {
                    let best = of_word.entry(*seat).or_default();
                    *best = best.max(found.nats);
                }
            }
            of_word.into_iter().for_each(|(seat, nats)| *seats.entry(seat).or_default() += nats);
        }
        let is_in = |set: &HashSet<u64>, word: Option<&Token>| {
            word.is_some_and(|token| set.contains(&token.hash()))
        };
        Piece {
            numbers,
            most: seats.values().copied().fold(0.0, f32::max),
            seats: seats.into_iter().collect(),
            inert: false,
            open: !names::stay(words),
            begins: is_in(&self.seams.begin, words.last()),
            ends: is_in(&self.seams.end, words.first()),
        }
    }

    /// The pieces of both fields, in their order.
    fn all(&self) -> impl Iterator<Item = &Piece> {
        let numbers = self.surname.pieces.iter().chain(&self.given);
        numbers.map(|piece| &self.pieces[*piece as usize])
    }

    /// Whether what stands in two pieces may be one word, or several may be joined.
    fn may_be_read_otherwise(&self) -> bool {
        let mut before: Option<&Piece> = None;
        self.all().any(|piece| {
            let seam = before.is_some_and(|before| self.one_over_the_seam(before, piece));
            before = Some(piece);
            piece.open || seam
        })
    }

    /// Whether the last word of the one and the first of the other are a word of the index.
    fn one_over_the_seam(&self, first: &Piece, second: &Piece) -> bool {
        if !first.begins || !second.ends {
            return false;
        }
        let text = |number: Option<&u32>| {
            number.map_or("", |number| &*self.memory.known(*number).word.text)
        };
        let joined = [text(first.numbers.last()), text(second.numbers.first())].concat();
        joined.len() >= SHORTEST_JOINED && self.index.has(&joined)
    }

    /// Finds the seats that gather enough. Of those whose birth date is apart none is looked
    /// at unless somebody may gather as much as makes up for it.
    fn gather(&mut self, glance: &Glance<'_>) {
        let Self { index, pieces, surname, given, desk, .. } = self;
        desk.hopeful.clear();
        let given = || given.iter().map(|piece| &pieces[*piece as usize]);
        if surname.seats.is_empty() && given().all(|piece| piece.seats.is_empty()) {
            return;
        }
        let most: f32 = surname.most + given().map(|piece| piece.most).sum::<f32>();
        let everybody = most >= self.far;
        let near = index.seats.near(glance.born());
        let among = |seats| match everybody {
            true => [seats, &[][..]],
            false => near.among(seats),
        };
        for piece in given() {
            for (seat, nats) in among(&piece.seats).into_iter().flatten() {
                desk.add(*seat, *nats);
            }
        }
        for (seat, _) in among(&surname.seats).into_iter().flatten() {
            desk.add(*seat, 0.0);
        }
        if !everybody {
            for seat in index.seats.anniversaries(glance.born()) {
                let of = |p: &Piece| {
                    p.seats.binary_search_by_key(&seat, |s| s.0).map(|at| p.seats[at].1)
                };
                desk.add(seat, given().filter_map(|piece| of(piece).ok()).sum());
            }
        }
        desk.judge(&surname.brings, |seat, gathered| {
            let rest = glance.most(seat);
            let needed = w::SILENT as f32 - rest;
            let enough = gathered + SLACK >= needed
                && bound::enough(needed, &index.weights) <= gathered + ADDED;
            enough.then_some(rest)
        });
    }

    /// Whether a name of somebody hopeful can come to enough.
    fn reaches(&mut self) -> bool {
        let of = |pieces: &[u32]| -> Vec<u32> {
            pieces
                .iter()
                .flat_map(|piece| &*self.pieces[*piece as usize].numbers)
                .copied()
                .collect()
        };
        let (mut numbers, given) = (of(&self.surname.pieces), of(&self.given));
        // A single name is sometimes given twice.
        if numbers != given {
            numbers.extend(given);
        }
        let Self { index, memory, notes, pairs, desk, .. } = self;
        notes.clear();
        for (place, number) in numbers.iter().enumerate() {
            memory.found(*number, index).iter().for_each(|f| notes.write(*f, *number, place));
        }
        let ours = Ours::of(&numbers, memory);
        let mut asked = Asked { index, notes, pairs };
        desk.hopeful.iter().any(|(seat, rest)| {
            let mut names = index.names_of(index.seats.person(*seat));
            names.any(|(name, _)| {
                let briefs: Vec<Brief> = name.iter().map(|id| index.brief(*id)).collect();
                f64::from(bound::most(&ours, (name, &briefs), &mut asked) + rest) >= w::SILENT
            })
        })
    }
}

impl Desk {
    fn add(&mut self, seat: u32, nats: f32) {
        self.touched.push(seat);
        self.brings[seat as usize] += nats;
    }

    /// Notes as hopeful who gathers enough, of the surname and the given names together.
    fn judge(&mut self, surname: &[f32], enough: impl Fn(u32, f32) -> Option<f32>) {
        let Self { brings, touched, hopeful } = self;
        for seat in &*touched {
            let gathered = brings[*seat as usize] + surname[*seat as usize];
            hopeful.extend(enough(*seat, gathered).map(|rest| (*seat, rest)));
        }
        touched.drain(..).for_each(|seat| brings[seat as usize] = 0.0);
    }
}
