//! The tokeniser: finds every service character, and keeps flat lists of where segments,
//! elements, repetitions and components begin. Nothing is copied, nothing is allocated
//! for a segment, and each place can be looked up without a search.
//!
//! Two steps for a block at a time. [`gather`] writes down the offsets of bytes that may
//! matter, without a branch (measured: a branch at every byte costs half the speed, for
//! it is mispredicted at every other service character). [`Tokens::take`] then looks at
//! those alone.

use crate::{Repertoire, Separators, Span};

/// What a byte may be; `PLAIN` is all that [`gather`] leaves out.
const PLAIN: u8 = 0;
const ELEMENT: u8 = 1;
const COMPONENT: u8 = 2;
const TERMINATOR: u8 = 3;
const RELEASE: u8 = 4;
const REPETITION: u8 = 5;
const FOREIGN: u8 = 6;

/// How many bytes are gathered at a time. A power of two: the mask that it makes shows
/// the compiler that no index can be out of bounds.
const BLOCK: usize = 1024;

/// A segment, from its tag to its terminator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    /// First byte of the tag.
    pub start: u32,
    /// The terminator, or the end of the data.
    pub end: u32,
    /// Its elements: `elements[here..]` up to the next segment's.
    pub elements: u32,
}

/// An element, or a further repetition of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// First byte.
    pub start: u32,
    /// Its component separators: `components[here..]` up to the next element's.
    pub components: u32,
}

/// Where everything lies in a text: the first layer of reading, without any knowledge
/// of envelopes. [`crate::read`] does this itself; on its own it is for tools that only
/// split or count.
///
/// ```
/// use edifact::{Repertoire, Separators, Tokens};
/// let mut tokens = Tokens::default();
/// tokens.tokenise(b"BGM+745'NAD+FL+++O?'LEARY:ANN'", Separators::default(), Repertoire::B);
/// assert_eq!((tokens.segments(), tokens.elements(), tokens.components()), (2, 5, 1));
/// ```
#[derive(Debug, Default)]
pub struct Tokens {
    pub(crate) stretches: Vec<Stretch>,
    pub(crate) elements: Vec<Part>,
    /// Offsets of component separators.
    pub(crate) components: Vec<u32>,
    /// Repetitions after the first: the element's index, and the part; ascending.
    pub(crate) repeats: Vec<(u32, Part)>,
    /// The first byte outside the repertoire of each segment that has one; ascending.
    pub(crate) foreign: Vec<u32>,
    /// Tags that a line break parts: the segment's index, and the tag; ascending.
    pub(crate) wrapped: Vec<(u32, Box<str>)>,
    /// Whether the last segment was closed.
    pub(crate) closed: bool,
    /// Whether the text ends with a release character.
    pub(crate) release_at_end: bool,
    /// First byte of the segment that is open.
    open: u32,
    /// Its first element.
    first: u32,
    /// Service characters before this have been dealt with.
    resume: u32,
    /// Whether the open segment has a foreign byte already.
    has_foreign: bool,
}

impl Tokens {
    /// Splits `bytes`. Lists of an earlier call are used again. At most 4 GiB are looked at.
    pub fn tokenise(&mut self, bytes: &[u8], separators: Separators, repertoire: Repertoire) {
        self.tokenise_from(bytes, 0, &separators, repertoire);
    }

    /// How many segments there are.
    pub fn segments(&self) -> usize {
        self.stretches.len()
    }
    /// How many elements.
    pub fn elements(&self) -> usize {
        self.elements.len()
    }
    /// How many component separators.
    pub fn components(&self) -> usize {
        self.components.len()
    }
    /// Where a segment lies, counted from 0, without its terminator.
    pub fn span(&self, segment: usize) -> Option<Span> {
        let stretch = self.stretches.get(segment)?;
        Some(Span { start: stretch.start as usize, end: stretch.end as usize })
    }

    /// Splits `bytes[start..]`. What stands between segments (white space, control
    /// characters) belongs to none.
    pub(crate) fn tokenise_from(
        &mut self,
        bytes: &[u8],
        start: usize,
        separators: &Separators,
        repertoire: Repertoire,
    ) {
        let bytes = &bytes[..bytes.len().min(crate::MOST_BYTES)];
        self.clear(bytes.len().saturating_sub(start));
        let class = classes(separators, repertoire);
        let mut matters = [0u8; 256];
        for (flag, class) in matters.iter_mut().zip(&class) {
            *flag = u8::from(*class != PLAIN);
        }
        self.open = skip_between(bytes, start.min(bytes.len()), separators) as u32;
        self.resume = self.open;
        let mut block = [0u32; BLOCK];
        let mut base = self.open;
        for chunk in bytes[self.open as usize..].chunks(BLOCK) {
            let found = gather(chunk, base, &matters, &mut block);
            for &at in &block[..found] {
                self.take(bytes, at, &class, separators);
            }
            base += chunk.len() as u32;
        }
        self.closed = self.open as usize >= bytes.len();
        if !self.closed {
            self.close(bytes, bytes.len() as u32);
        }
    }

    fn clear(&mut self, len: usize) {
        self.stretches.clear();
        self.elements.clear();
        self.components.clear();
        self.repeats.clear();
        self.foreign.clear();
        self.wrapped.clear();
        (self.first, self.has_foreign, self.release_at_end) = (0, false, false);
        self.stretches.reserve(len / 20);
        self.elements.reserve(len / 10);
        self.components.reserve(len / 20);
    }

    /// Looks at one byte that may matter.
    #[inline]
    fn take(&mut self, bytes: &[u8], at: u32, class: &[u8; 256], separators: &Separators) {
        if at < self.resume {
            return;
        }
        match class[bytes[at as usize] as usize] {
            ELEMENT => {
                let components = self.components.len() as u32;
                self.elements.push(Part { start: at + 1, components });
            }
            // In front of the first element it is a part of the tag (explicit nesting).
            COMPONENT if self.has_elements() => self.components.push(at),
            REPETITION if self.has_elements() => {
                let part = Part { start: at + 1, components: self.components.len() as u32 };
                self.repeats.push((self.elements.len() as u32 - 1, part));
            }
            TERMINATOR => {
                self.close(bytes, at);
                self.open = skip_between(bytes, at as usize + 1, separators) as u32;
                self.resume = self.open;
            }
            RELEASE => {
                // A line break between the two is the transport's.
                let rest = &bytes[at as usize + 1..];
                let breaks = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
                self.release_at_end = breaks == rest.len();
                self.resume = at + 2 + breaks as u32;
            }
            FOREIGN if !self.has_foreign => {
                self.has_foreign = true;
                self.foreign.push(at);
            }
            _ => {}
        }
    }

    #[inline]
    fn has_elements(&self) -> bool {
        self.elements.len() as u32 > self.first
    }

    /// Ends the open segment. Of several empty ones in a row, one is kept.
    #[inline]
    fn close(&mut self, bytes: &[u8], end: u32) {
        let (start, elements) = (self.open, self.first);
        self.has_foreign = false;
        self.first = self.elements.len() as u32;
        let empty = |s: &Stretch| s.start == s.end;
        if start == end && self.stretches.last().is_some_and(empty) {
            return;
        }
        let tag_end = self.elements.get(elements as usize).map_or(end, |e| e.start - 1);
        if tag_end - start > 3 {
            self.join_tag(&bytes[start as usize..tag_end as usize]);
        }
        self.stretches.push(Stretch { start, end, elements });
    }

    /// Remembers the tag of a segment if a line break parts it.
    #[cold]
    fn join_tag(&mut self, raw: &[u8]) {
        let is_break = |b: &u8| matches!(b, b'\r' | b'\n');
        let joined: Vec<u8> = raw.iter().copied().filter(|b| !is_break(b)).take(4).collect();
        if raw.iter().take(8).any(is_break)
            && let [a, b, c] = joined[..]
            && [a, b, c].iter().all(u8::is_ascii)
        {
            let tag: String = [a, b, c].map(char::from).iter().collect();
            self.wrapped.push((self.stretches.len() as u32, tag.into()));
        }
    }
}

/// Writes down where in `chunk`, which begins at `base`, bytes lie that matter; gives
/// their number.
#[inline]
fn gather(chunk: &[u8], base: u32, matters: &[u8; 256], found: &mut [u32; BLOCK]) -> usize {
    let mut n = 0usize;
    for (at, &byte) in (base..).zip(chunk) {
        found[n & (BLOCK - 1)] = at;
        n += usize::from(matters[byte as usize]);
    }
    n
}

fn classes(separators: &Separators, repertoire: Repertoire) -> [u8; 256] {
    let mut class = [PLAIN; 256];
    for (byte, class) in (0u8..=255).zip(class.iter_mut()) {
        if !repertoire.has(byte) && byte != b'\r' && byte != b'\n' {
            *class = FOREIGN;
        }
    }
    class[separators.component as usize] = COMPONENT;
    class[separators.element as usize] = ELEMENT;
    if let Some(repetition) = separators.repetition {
        class[repetition as usize] = REPETITION;
    }
    if let Some(release) = separators.release {
        class[release as usize] = RELEASE;
    }
    class[separators.terminator as usize] = TERMINATOR;
    class
}

/// Skips what may stand between segments: white space, control characters, and the rest
/// of a typographic quote whose first byte is the terminator.
#[inline]
fn skip_between(bytes: &[u8], mut at: usize, separators: &Separators) -> usize {
    let several_bytes = separators.terminator >= 0xc2;
    while let Some(&b) = bytes.get(at) {
        if b > b' ' && !(several_bytes && (0x80..=0xbf).contains(&b)) {
            break;
        }
        at += 1;
    }
    at
}
