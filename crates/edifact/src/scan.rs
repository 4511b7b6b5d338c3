//! The quick way over common text: 64 bytes at a time are compared with each separator, and
//! the outcomes are words with a bit for each byte. Where segments begin, whether their tags
//! are as they should be, and how many elements stand before a terminator are then questions
//! of a few operations on words, without a branch that depends on the text.
//!
//! The comparison uses the widest vectors of the machine it runs on.

use fearless_simd::{Level, dispatch, prelude::*, u8x64};

use crate::{
    Repertoire, Separators,
    token::{Classes, Stretch, Tokens, skip_between},
};

/// How many bytes are compared at once: as many as a word has bits.
const WORD: usize = 64;
/// How many words are looked at before the lists grow.
const BLOCK: usize = 16;
/// So many elements, components and segments are noted in one go, without asking how many
/// there are: most words have no more.
const ELEMENTS: usize = 12;
const COMPONENTS: usize = 6;
const SEGMENTS: usize = 6;
/// More segments than a block can have: each is at least a tag and a terminator.
const MOST_SEGMENTS: usize = BLOCK * WORD / 4 + 2 * SEGMENTS;
/// As many runs of bytes as it takes to say which are no foreign ones in any repertoire.
const RUNS: usize = 5;

/// What is found in a block, before the lists grow by it.
pub(crate) struct Scan<'a> {
    bytes: &'a [u8],
    class: &'a Classes,
    separators: &'a Separators,
    /// The first byte of each run that belongs to the repertoire, and how many follow it.
    runs: [Run; RUNS],
    elements: [u32; BLOCK * WORD + ELEMENTS],
    components: [u32; BLOCK * WORD + COMPONENTS],
    /// The last one is open: its end is not known, and perhaps not its start.
    stretches: [Stretch; MOST_SEGMENTS],
}

/// Which bytes of a word are what, the first byte's bit being the lowest.
struct Bits {
    elements: u64,
    components: u64,
    terminators: u64,
    /// White space and control characters, which may stand between segments.
    blanks: u64,
    /// What only [`Tokens::take`] knows how to take.
    odd: u64,
}

/// What is compared with the bytes of a word.
struct Sought<S: Simd> {
    element: u8x64<S>,
    component: u8x64<S>,
    terminator: u8x64<S>,
    release: u8x64<S>,
    repetition: u8x64<S>,
    runs: [(u8x64<S>, u8x64<S>); RUNS],
    blank: u8x64<S>,
}

// Without `inline(always)`, this would not be compiled for the machine's own vectors; hence
// there are no closures either.
impl<S: Simd> Sought<S> {
    #[inline(always)]
    fn new(simd: S, separators: &Separators, runs: &[Run; RUNS]) -> Self {
        let nothing = u8x64::splat(simd, 0);
        let mut wide = [(nothing, nothing); RUNS];
        for (wide, (first, more)) in wide.iter_mut().zip(runs) {
            *wide = (u8x64::splat(simd, *first), u8x64::splat(simd, *more));
        }
        let s = separators;
        Self {
            element: u8x64::splat(simd, s.element),
            component: u8x64::splat(simd, s.component),
            terminator: u8x64::splat(simd, s.terminator),
            // Where there is none, NUL is sought: it is odd in any case.
            release: u8x64::splat(simd, s.release.unwrap_or(0)),
            repetition: u8x64::splat(simd, s.repetition.unwrap_or(0)),
            runs: wide,
            blank: u8x64::splat(simd, b' '),
        }
    }

    /// Compares a word with everything that matters.
    #[inline(always)]
    fn bits(&self, simd: S, word: &[u8; WORD]) -> Bits {
        let bytes = u8x64::simd_from(simd, *word);
        let elements = bytes.simd_eq(self.element);
        let components = bytes.simd_eq(self.component);
        let terminators = bytes.simd_eq(self.terminator);
        let mut known = elements | components | terminators;
        for (first, more) in self.runs {
            known |= (bytes - first).simd_le(more);
        }
        let odd = !known | bytes.simd_eq(self.release) | bytes.simd_eq(self.repetition);
        Bits {
            elements: elements.to_bitmask(),
            components: components.to_bitmask(),
            terminators: terminators.to_bitmask(),
            blanks: bytes.simd_le(self.blank).to_bitmask(),
            odd: odd.to_bitmask(),
        }
    }
}

impl Bits {
    #[inline(always)]
    fn hits(&self) -> u64 {
        self.elements | self.components | self.terminators
    }
}

/// How much of each is found, and how it goes on.
#[derive(Clone, Copy)]
struct Found {
    elements: usize,
    components: usize,
    stretches: usize,
    /// How many elements and components were in the lists before.
    before: (u32, u32),
    /// Bits of where segments began in the word before, as far as their tags may go on.
    starts: u64,
    /// 1 if the open segment begins in what comes, else 0.
    awaited: u64,
}

impl<'a> Scan<'a> {
    /// `None` when the service characters are such that this way cannot be gone: a letter,
    /// a digit, white space, the first byte of a longer character, or one for two things.
    pub fn new(
        bytes: &'a [u8],
        class: &'a Classes,
        separators: &'a Separators,
        repertoire: Repertoire,
    ) -> Option<Self> {
        let s = separators;
        let some = [Some(s.component), Some(s.element), Some(s.terminator)];
        let used = || some.into_iter().chain([s.release, s.repetition]).flatten();
        let good = |b: u8| b.is_ascii_punctuation() && used().filter(|u| *u == b).count() == 1;
        if !used().all(good) {
            return None;
        }
        Some(Self {
            bytes,
            class,
            separators,
            runs: OWN[repertoire.kind()],
            elements: [0; BLOCK * WORD + ELEMENTS],
            components: [0; BLOCK * WORD + COMPONENTS],
            stretches: [Stretch::default(); MOST_SEGMENTS],
        })
    }

    /// Goes over `bytes[from..]` as far as whole words go; gives where it stopped.
    pub fn run(&mut self, level: Level, tokens: &mut Tokens, from: usize) -> usize {
        dispatch!(level, simd => self.run_with(simd, tokens, from))
    }

    #[inline(always)]
    fn run_with<S: Simd>(&mut self, simd: S, tokens: &mut Tokens, from: usize) -> usize {
        let mut at = from;
        let sought = Sought::new(simd, self.separators, &self.runs);
        let (words, _) = self.bytes[from..].as_chunks::<WORD>();
        for block in words.chunks(BLOCK) {
            let mut found = self.go_on(tokens, at);
            for word in block {
                let bits = sought.bits(simd, word);
                let ordinary = match &mut found {
                    Some(found) => self.find(found, &bits, at as u32),
                    None => false,
                };
                if !ordinary {
                    if let Some(found) = found {
                        self.keep(tokens, &found, at);
                    }
                    self.take(tokens, bits.hits() | bits.odd, at);
                    found = self.go_on(tokens, at + WORD);
                }
                at += WORD;
            }
            if let Some(found) = found {
                self.keep(tokens, &found, at);
            }
        }
        at
    }

    /// Notes what a word has, and says so, if there is nothing in it but elements and
    /// components of segments with tags of three characters.
    #[inline(always)]
    fn find(&mut self, found: &mut Found, bits: &Bits, base: u32) -> bool {
        let Bits { elements, components, terminators, blanks, odd } = *bits;
        // A segment begins behind a terminator and the blanks that follow it. The sum carries
        // a bit through each run of blanks in front of which there is one.
        let behind = terminators << 1 | found.awaited;
        let (through, out) = (behind & blanks).overflowing_add(blanks);
        let starts = (behind | through) & !blanks;
        let before = found.starts;
        let tags = starts | starts << 1 | starts << 2 | before >> 63 | before >> 62;
        let ends = starts << 3 | before >> 61;
        if tags & bits.hits() | ends & !(elements | terminators) | odd != 0 {
            return false;
        }
        self.note_starts(found, starts, base);
        self.note_terminators(found, bits, base);
        note::<ELEMENTS>(&mut self.elements, &mut found.elements, elements, base + 1);
        note::<COMPONENTS>(&mut self.components, &mut found.components, components, base);
        found.starts = starts;
        found.awaited = terminators >> 63 | u64::from(out);
        true
    }

    /// The first of them is that of the open segment, if this is awaited.
    #[inline(always)]
    fn note_starts(&mut self, found: &Found, mut starts: u64, base: u32) {
        let mut at = found.stretches + 1 - found.awaited as usize;
        loop {
            let Some(out) = self.stretches[at..].first_chunk_mut::<SEGMENTS>() else { return };
            for stretch in out {
                stretch.start = base + starts.trailing_zeros();
                starts &= starts.wrapping_sub(1);
            }
            if starts == 0 {
                return;
            }
            at += SEGMENTS;
        }
    }

    /// Closes a segment at each, and opens the next.
    #[inline(always)]
    fn note_terminators(&mut self, found: &mut Found, bits: &Bits, base: u32) {
        let mut terminators = bits.terminators;
        let elements = found.before.0 + found.elements as u32;
        let components = found.before.1 + found.components as u32;
        let mut at = found.stretches;
        found.stretches += terminators.count_ones() as usize;
        loop {
            let Some(out) = self.stretches[at..].first_chunk_mut::<{ SEGMENTS + 1 }>() else {
                return;
            };
            for i in 0..SEGMENTS {
                let up_to = terminators ^ terminators.wrapping_sub(1);
                out[i].end = base + terminators.trailing_zeros();
                out[i + 1].elements = elements + (bits.elements & up_to).count_ones();
                out[i + 1].components = components + (bits.components & up_to).count_ones();
                terminators &= terminators.wrapping_sub(1);
            }
            if terminators == 0 {
                return;
            }
            at += SEGMENTS;
        }
    }

    /// Looks closely at what in this word is not plain.
    #[inline(never)]
    fn take(&self, tokens: &mut Tokens, mut bits: u64, base: usize) {
        while bits != 0 {
            let at = base + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            tokens.take(self.bytes, at as u32, self.class, self.separators);
        }
    }

    /// Goes on where the lists end; `None` if the word at `at` must be looked at closely.
    #[inline(always)]
    fn go_on(&mut self, tokens: &Tokens, at: usize) -> Option<Found> {
        let open = tokens.open;
        let before = (tokens.elements.len() as u32, tokens.components.len() as u32);
        let awaited = open.start as usize >= at;
        // A release character in the word before reaches into this one.
        if tokens.resume as usize > at && !awaited {
            return None;
        }
        let starts = match at.saturating_sub(open.start as usize) {
            // Its tag is over, or has not begun.
            _ if before.0 > open.elements || awaited => 0,
            passed @ 1..=3 => 1 << (WORD - passed),
            _ => return None,
        };
        self.stretches[0] = open;
        let awaited = u64::from(awaited);
        Some(Found { elements: 0, components: 0, stretches: 0, before, starts, awaited })
    }

    /// Lets the lists grow by what was found before `at`.
    #[inline(always)]
    fn keep(&self, tokens: &mut Tokens, found: &Found, at: usize) {
        tokens.elements.extend_from_slice(&self.elements[..found.elements]);
        tokens.components.extend_from_slice(&self.components[..found.components]);
        tokens.stretches.extend_from_slice(&self.stretches[..found.stretches]);
        if found.stretches > 0 {
            tokens.open = self.stretches[found.stretches];
            if found.awaited == 1 {
                tokens.open.start = skip_between(self.bytes, at, self.separators) as u32;
            }
            tokens.resume = tokens.resume.max(tokens.open.start);
            tokens.has_foreign = false;
        }
    }
}

/// Writes down the place of each bit, `N` at a time.
#[inline(always)]
fn note<const N: usize>(list: &mut [u32], length: &mut usize, mut bits: u64, base: u32) {
    let mut at = *length;
    *length += bits.count_ones() as usize;
    loop {
        let Some(out) = list[at..].first_chunk_mut::<N>() else { return };
        // What is too much is written over by what comes.
        for place in out {
            *place = base + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
        if bits == 0 {
            return;
        }
        at += N;
    }
}

/// A run of bytes that follow one another: the first, and how many more there are.
type Run = (u8, u8);

/// The runs of bytes that are no foreign ones, for each kind of repertoire.
static OWN: [[Run; RUNS]; Repertoire::KINDS.len()] = {
    let mut all = [[(0, 0); RUNS]; Repertoire::KINDS.len()];
    let mut kind = 0;
    while kind < all.len() {
        all[kind] = runs(Repertoire::KINDS[kind]);
        kind += 1;
    }
    all
};

/// The runs of one repertoire. Where there are fewer than there is room for, the first
/// stands again.
const fn runs(repertoire: Repertoire) -> [Run; RUNS] {
    let mut runs = [(0, 0); RUNS];
    let (mut count, mut byte) = (0, 0);
    while byte < 256 {
        let first = byte;
        while byte < 256 && repertoire.has(byte as u8) {
            byte += 1;
        }
        if byte > first {
            runs[count] = (first as u8, (byte - first - 1) as u8);
            count += 1;
        }
        byte += 1;
    }
    while count < RUNS {
        runs[count] = runs[0];
        count += 1;
    }
    runs
}

#[cfg(test)]
mod tests;
