//! The quick way over common text: 64 bytes at a time are compared with what is plain,
//! the outcome is a bit for each byte, and only bytes whose bit is set are looked at.
//!
//! The comparison has no branch, for how long a name is, nobody can foresee. Which
//! separator follows which, the grammar makes likely, and there branches are cheap.

use crate::{
    Repertoire, Separators,
    token::{Classes, PLAIN, Stretch, Tokens, skip_between},
};

/// How many bytes are compared at once: as many as a word has bits.
const WORD: usize = 64;
/// How many bytes are looked at before the lists grow. A power of two: the mask that it
/// makes shows the compiler that no index can be out of bounds.
const BLOCK: usize = 1024;
const MASK: usize = BLOCK - 1;

/// What is found in a block, before the lists grow by it.
pub(crate) struct Scan<'a> {
    bytes: &'a [u8],
    class: &'a Classes,
    separators: &'a Separators,
    /// Letters are the 26 bytes from `first` on, once `fold` is set in them.
    fold: u8,
    first: u8,
    elements: [u32; BLOCK],
    components: [u32; BLOCK],
    stretches: [Stretch; BLOCK],
}

/// How much of each is found.
#[derive(Clone, Copy)]
struct Found {
    elements: usize,
    components: usize,
    stretches: usize,
    /// How many elements and components were in the lists before.
    before: (u32, u32),
    /// The segment that is open.
    open: Stretch,
    /// Where its tag must end; [`ENDED`] once it has.
    tag: u32,
}

/// No offset: texts are shorter.
const ENDED: u32 = u32::MAX;

impl Found {
    fn nothing(tokens: &Tokens) -> Self {
        let before = (tokens.elements.len() as u32, tokens.components.len() as u32);
        let open = tokens.open;
        let tag = if before.0 > open.elements { ENDED } else { open.start.saturating_add(3) };
        Self { elements: 0, components: 0, stretches: 0, before, open, tag }
    }
}

impl<'a> Scan<'a> {
    /// `None` when the service characters are such that this way cannot be gone: a letter,
    /// a digit, white space, or the first byte of a longer character.
    pub fn new(
        bytes: &'a [u8],
        class: &'a Classes,
        separators: &'a Separators,
        repertoire: Repertoire,
    ) -> Option<Self> {
        let s = separators;
        let some = [Some(s.component), Some(s.element), Some(s.terminator)];
        let mut used = some.into_iter().chain([s.release, s.repetition]).flatten();
        if !used.all(|b| b.is_ascii_punctuation()) {
            return None;
        }
        let small = repertoire != Repertoire::A;
        Some(Self {
            bytes,
            class,
            separators,
            fold: if small { 0x20 } else { 0 },
            first: if small { b'a' } else { b'A' },
            elements: [0; BLOCK],
            components: [0; BLOCK],
            stretches: [Stretch::default(); BLOCK],
        })
    }

    /// Goes over `bytes[from..]` as far as whole words go; gives where it stopped.
    pub fn run(&mut self, tokens: &mut Tokens, from: usize) -> usize {
        let mut at = from;
        let mut bits = [0u64; BLOCK / WORD];
        let (words, _) = self.bytes[from..].as_chunks::<WORD>();
        for block in words.chunks(BLOCK / WORD) {
            // First all bits, then all that they say: what is mispredicted there would
            // make these wait.
            for (bits, word) in bits.iter_mut().zip(block) {
                *bits = self.not_plain(word);
            }
            let mut found = Found::nothing(tokens);
            for (&bits, word) in bits.iter().zip(block) {
                // A release character at the end of the word before reaches into this one.
                let behind = at < tokens.resume as usize && tokens.resume != found.open.start;
                let rest = if behind { bits } else { self.find(&mut found, word, bits, at as u32) };
                if rest != 0 {
                    self.keep(tokens, &found);
                    self.take(tokens, rest, at);
                    found = Found::nothing(tokens);
                }
                at += WORD;
            }
            self.keep(tokens, &found);
        }
        at
    }

    /// Gives the bits from the first on that is not ordinary: a release character, a
    /// repetition, a byte outside the repertoire, a tag that is not three long, or one
    /// with components.
    #[inline]
    fn find(&mut self, found: &mut Found, word: &[u8; WORD], mut bits: u64, base: u32) -> u64 {
        let Separators { element, terminator, component, .. } = *self.separators;
        while bits != 0 {
            let bit = bits.trailing_zeros();
            let others = bits & (bits - 1);
            let at = base + bit;
            let byte = word[bit as usize & (WORD - 1)];
            // Not a `match` on a class: its jump table was mispredicted two times of three.
            if byte == element {
                if found.tag != ENDED && found.tag != at {
                    break;
                }
                found.tag = ENDED;
                self.elements[found.elements & MASK] = at + 1;
                found.elements += 1;
            } else if byte == terminator {
                if found.tag != ENDED && found.tag != at {
                    break;
                }
                self.stretches[found.stretches & MASK] = Stretch { end: at, ..found.open };
                found.stretches += 1;
                let start = self.begin(at + 1);
                found.tag = start.saturating_add(3);
                found.open.start = start;
                found.open.elements = found.before.0 + found.elements as u32;
                found.open.components = found.before.1 + found.components as u32;
            } else if byte == component {
                if found.tag != ENDED {
                    break;
                }
                self.components[found.components & MASK] = at;
                found.components += 1;
            } else if self.class[byte as usize] != PLAIN {
                break;
            }
            bits = others;
        }
        bits
    }

    /// Where a segment begins when the one before it ended at `at`.
    #[inline]
    fn begin(&self, at: u32) -> u32 {
        match self.bytes.get(at as usize) {
            Some(b'!'..) => at,
            _ => skip_between(self.bytes, at as usize, self.separators) as u32,
        }
    }

    /// Looks closely at what in this word is not plain.
    fn take(&self, tokens: &mut Tokens, mut bits: u64, base: usize) {
        while bits != 0 {
            let at = base + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            tokens.take(self.bytes, at as u32, self.class, self.separators);
        }
    }

    /// A bit for each byte that is neither a letter nor a digit nor a blank.
    #[inline]
    fn not_plain(&self, word: &[u8; WORD]) -> u64 {
        let mut flags = [0u8; WORD];
        for (i, (flag, &byte)) in flags.iter_mut().zip(word).enumerate() {
            let letter = (byte | self.fold).wrapping_sub(self.first) < 26;
            let digit = byte.wrapping_sub(b'0') < 10;
            let plain = letter | digit | (byte == b' ');
            *flag = if plain { 0 } else { 1 << (i / 8) };
        }
        let (eights, _) = flags.as_chunks::<8>();
        let bits = eights.iter().fold(0, |bits, eight| bits | u64::from_le_bytes(*eight));
        transposed(bits)
    }

    /// Lets the lists grow by what was found.
    fn keep(&self, tokens: &mut Tokens, found: &Found) {
        tokens.elements.extend_from_slice(&self.elements[..found.elements]);
        tokens.components.extend_from_slice(&self.components[..found.components]);
        tokens.stretches.extend_from_slice(&self.stretches[..found.stretches]);
        if found.stretches > 0 {
            tokens.open = found.open;
            tokens.resume = tokens.resume.max(found.open.start);
            tokens.has_foreign = false;
        }
    }
}

/// Bits of eight by eight, rows for columns (Hacker's Delight, 7-3).
#[inline]
fn transposed(bits: u64) -> u64 {
    [(7, 0x00aa_00aa_00aa_00aa), (14, 0x0000_cccc_0000_cccc), (28, 0x0000_0000_f0f0_f0f0)]
        .into_iter()
        .fold(bits, |x: u64, (by, mask)| {
            let moved = (x ^ x >> by) & mask;
            x ^ moved ^ moved << by
        })
}
