//! The tokeniser: finds every service character, and keeps flat lists of where segments,
//! elements, repetitions and components begin. Nothing is copied, nothing is allocated
//! for a segment, and each place can be looked up without a search.
//!
//! Two ways lead to the same lists. [`Tokens::take`] looks at one byte and knows all the
//! rules. [`crate::scan`] takes 64 bytes at once, but knows the three common service
//! characters alone; where there is anything else among these (a release character, a
//! repetition, a byte outside the repertoire, a tag that is not three long, an empty
//! segment), it leaves them to the first.

use std::ops::Range;

use fearless_simd::Level;

use crate::{Repertoire, Separators, Span, scan::Scan, segment::are_capitals};

/// What a byte may be; `PLAIN` is what [`Tokens::take`] need not look at.
const PLAIN: u8 = 0;
const ELEMENT: u8 = 1;
const COMPONENT: u8 = 2;
const TERMINATOR: u8 = 3;
const RELEASE: u8 = 4;
const REPETITION: u8 = 5;
const FOREIGN: u8 = 6;

/// What each byte may be.
pub(crate) type Classes = [u8; 256];

/// A segment, from its tag to its terminator.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stretch {
    /// First byte of the tag.
    pub start: u32,
    /// The terminator, or the end of the data.
    pub end: u32,
    /// Its elements: `elements[here..]` up to the next segment's.
    pub elements: u32,
    /// Its component separators: `components[here..]` up to the next segment's.
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
    /// Offsets of the first bytes of elements.
    pub(crate) elements: Vec<u32>,
    /// Offsets of component separators.
    pub(crate) components: Vec<u32>,
    /// Repetitions after the first: the element's index, and the first byte; ascending.
    pub(crate) repeats: Vec<(u32, u32)>,
    /// The first byte outside the repertoire of each segment that has one; ascending.
    pub(crate) foreign: Vec<u32>,
    /// Tags that a line break parts: the segment's index, and the tag; ascending.
    pub(crate) wrapped: Vec<(u32, Box<str>)>,
    /// Whether the last segment was closed.
    pub(crate) closed: bool,
    /// The release character with which the text ends.
    pub(crate) release_at_end: Option<u32>,
    /// Whether there is a release character in any segment.
    pub(crate) released: bool,
    /// The segment that is open; its end is not known yet.
    pub(crate) open: Stretch,
    /// Service characters before this have been dealt with.
    pub(crate) resume: u32,
    /// Whether the open segment has a foreign byte already.
    pub(crate) has_foreign: bool,
    /// The element separator.
    element: u8,
}

impl Tokens {
    /// Splits `bytes`. Lists of an earlier call are used again. At most 4 GiB are looked at.
    pub fn tokenise(&mut self, bytes: &[u8], separators: Separators, repertoire: Repertoire) {
        self.tokenise_from(bytes, 0, &separators, repertoire);
    }

    /// Splits `bytes` in stretches of whole segments, of about `size` bytes (more where a
    /// segment is longer), and hands over the lists of each, whose places count from where
    /// it begins. The lists of a stretch that fits the core's own cache are made nearly
    /// twice as quickly as those of a text that does not.
    ///
    /// ```
    /// use edifact::{Repertoire, Separators, Tokens};
    /// let (mut segments, mut starts) = (0, Vec::new());
    /// let text = b"BGM+745'NAD+FL'NAD+FM'";
    /// Tokens::default().in_stretches(text, 16, Separators::default(), Repertoire::A, |tokens, at| {
    ///     segments += tokens.segments();
    ///     starts.push(at);
    /// });
    /// assert_eq!((segments, starts), (3, vec![0, 15]));
    /// ```
    pub fn in_stretches(
        &mut self,
        bytes: &[u8],
        size: usize,
        separators: Separators,
        repertoire: Repertoire,
        mut each: impl FnMut(&Tokens, usize),
    ) {
        let (mut from, mut most) = (0, size.max(1));
        while from < bytes.len() {
            let to = bytes.len().min(from.saturating_add(most));
            self.tokenise_from(&bytes[from..to], 0, &separators, repertoire);
            let whole = self.segments() - usize::from(!self.closed);
            let mut next = to;
            if to < bytes.len() && !self.closed {
                if whole == 0 {
                    most = most.saturating_mul(2);
                    continue;
                }
                next = from + self.stretches[whole].start as usize;
                self.truncate(whole);
            }
            each(self, from);
            (from, most) = (next, size.max(1));
        }
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

    /// Forgets all but so many segments; those are all closed.
    pub(crate) fn truncate(&mut self, segments: usize) {
        if let Some(next) = self.stretches.get(segments).copied() {
            self.stretches.truncate(segments);
            self.elements.truncate(next.elements as usize);
            self.components.truncate(next.components as usize);
            self.repeats.retain(|r| r.0 < next.elements);
            self.foreign.retain(|at| *at < next.start);
            self.wrapped.retain(|w| (w.0 as usize) < segments);
        }
        (self.closed, self.release_at_end) = (true, None);
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
        self.tokenise_with(Some(Level::new()), bytes, start, separators, repertoire);
    }

    /// Splits with the vectors of this level; without any, one byte after the other.
    pub(crate) fn tokenise_with(
        &mut self,
        level: Option<Level>,
        bytes: &[u8],
        start: usize,
        separators: &Separators,
        repertoire: Repertoire,
    ) {
        let bytes = &bytes[..bytes.len().min(crate::MOST_BYTES)];
        self.clear(bytes.len().saturating_sub(start));
        self.element = separators.element;
        let class = classes(separators, repertoire);
        self.open.start = skip_between(bytes, start.min(bytes.len()), separators) as u32;
        self.resume = self.open.start;
        let mut base = self.resume as usize;
        if let Some(level) = level
            && let Some(mut scan) = Scan::new(bytes, &class, separators, repertoire)
        {
            base = scan.run(level, self, base);
        }
        self.take_all(bytes, base..bytes.len(), &class, separators);
        self.closed = self.open.start as usize >= bytes.len();
        if !self.closed {
            self.close(bytes, bytes.len() as u32);
        }
    }

    /// The first segment from this one on whose tag is not three capital letters, or is that
    /// of a service segment. Most are ordinary, which is told without any list.
    pub(crate) fn first_odd(&self, from: usize, bytes: &[u8]) -> usize {
        let ordinary = |s: &Stretch| match bytes[s.start as usize..].first_chunk() {
            Some(&[a, b, c, end]) => {
                let alone = s.end == s.start + 3;
                are_capitals([a, b, c])
                    & ((end == self.element) | alone)
                    & ((a != b'U') | (b != b'N'))
            }
            None => false,
        };
        let rest = &self.stretches[from..];
        from + rest.iter().position(|s| !ordinary(s)).unwrap_or(rest.len())
    }

    /// Whether the last segment was closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    pub(crate) fn clear(&mut self, len: usize) {
        self.stretches.clear();
        self.elements.clear();
        self.components.clear();
        self.repeats.clear();
        self.foreign.clear();
        self.wrapped.clear();
        (self.open, self.has_foreign, self.release_at_end) = (Stretch::default(), false, None);
        self.released = false;
        // As many as there are in most lists: to grow is to copy.
        self.stretches.reserve(len / 12);
        self.elements.reserve(len / 7);
        self.components.reserve(len / 9);
    }

    /// Looks at each byte of a stretch that may matter.
    fn take_all(
        &mut self,
        bytes: &[u8],
        range: Range<usize>,
        class: &Classes,
        separators: &Separators,
    ) {
        for at in range {
            if class[bytes[at] as usize] != PLAIN {
                self.take(bytes, at as u32, class, separators);
            }
        }
    }

    /// Looks at one byte that may matter.
    pub(crate) fn take(&mut self, bytes: &[u8], at: u32, class: &Classes, separators: &Separators) {
        if at < self.resume {
            return;
        }
        match class[bytes[at as usize] as usize] {
            ELEMENT => {
                if !self.has_elements() {
                    self.end_tag(bytes, at);
                }
                self.elements.push(at + 1);
            }
            // In front of the first element it is a part of the tag (explicit nesting).
            COMPONENT if self.has_elements() => self.components.push(at),
            REPETITION if self.has_elements() => {
                self.repeats.push((self.elements.len() as u32 - 1, at + 1));
            }
            TERMINATOR => {
                self.close(bytes, at);
                self.open_after(bytes, at, separators);
            }
            RELEASE => {
                self.released = true;
                // A line break between the two is the transport's.
                let rest = &bytes[at as usize + 1..];
                let breaks = rest.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
                self.release_at_end = (breaks == rest.len()).then_some(at);
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
        self.elements.len() as u32 > self.open.elements
    }

    /// Ends the open segment. Of several empty ones in a row, one is kept.
    fn close(&mut self, bytes: &[u8], end: u32) {
        if !self.has_elements() {
            self.end_tag(bytes, end);
        }
        let start = self.open.start;
        self.has_foreign = false;
        let closed = Stretch { end, ..self.open };
        self.open.elements = self.elements.len() as u32;
        self.open.components = self.components.len() as u32;
        let empty = |s: &Stretch| s.start == s.end;
        if start == end && self.stretches.last().is_some_and(empty) {
            return;
        }
        self.stretches.push(closed);
    }

    /// The next segment begins after the terminator at `at`.
    #[inline]
    fn open_after(&mut self, bytes: &[u8], at: u32, separators: &Separators) {
        self.open.start = skip_between(bytes, at as usize + 1, separators) as u32;
        self.resume = self.open.start;
    }

    /// The tag of the open segment ends at `at`.
    fn end_tag(&mut self, bytes: &[u8], at: u32) {
        if at - self.open.start > 3 {
            self.join_tag(&bytes[self.open.start as usize..at as usize]);
        }
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

/// What each byte is before any of them separates, for each kind of repertoire.
static UNSEPARATED: [Classes; Repertoire::KINDS.len()] = {
    let mut all = [[PLAIN; 256]; Repertoire::KINDS.len()];
    let mut at = 0;
    while at < all.len() * 256 {
        let (kind, byte) = (at / 256, at % 256);
        if !Repertoire::KINDS[kind].has(byte as u8) {
            all[kind][byte] = FOREIGN;
        }
        at += 1;
    }
    all
};

fn classes(separators: &Separators, repertoire: Repertoire) -> Classes {
    let mut class = UNSEPARATED[repertoire.kind()];
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
pub(crate) fn skip_between(bytes: &[u8], mut at: usize, separators: &Separators) -> usize {
    let several_bytes = separators.terminator >= 0xc2;
    while let Some(&b) = bytes.get(at) {
        if b > b' ' && !(several_bytes && (0x80..=0xbf).contains(&b)) {
            break;
        }
        at += 1;
    }
    at
}
