//! Undoing what transport does to a text: lines broken in the middle of segments (Type-B
//! has 63 or 69 characters a line), and two bytes for each character (UTF-16).
//!
//! A reader that compares bytes must not find a line break in a qualifier. So a text that
//! has any inside a segment is copied without them, once, and every place in the copy can
//! be turned back into its place in what arrived. A text that needs nothing is not touched.

use memchr::{memchr2_iter, memchr3};

use crate::{Separators, Span, opening::Opening};

/// A copy without what transport added, and where its bytes stood.
///
/// ```
/// let broken = b"UNB+UNOA:4+TK+GBR+260101:0900+R1'UNH+1+PAXLST:D:05B:UN'BG\r\nM+74\r\n5'UNT+3+1'UNZ+1+R1'";
/// let straight = edifact::straighten(broken).unwrap();
/// let (interchange, faults) = edifact::read(straight.bytes(), edifact::Mode::Strict);
/// assert!(faults.is_empty());
/// let bgm = interchange.messages()[0].segment(1).unwrap();
/// assert_eq!(bgm.raw(1, 1), b"745");
/// let there = straight.original(bgm.span_of(1, 1));
/// assert_eq!(&broken[there.start..there.end], b"74\r\n5");
/// ```
pub struct Straight {
    bytes: Vec<u8>,
    /// Ascending.
    runs: Vec<Run>,
    /// Length of what arrived.
    arrived: usize,
}

/// Bytes that stood one behind the other.
#[derive(Clone, Copy)]
struct Run {
    /// Where it begins in the copy.
    to: u32,
    /// Where it began in what arrived.
    from: u32,
    /// How many bytes of what arrived make one of the copy: 2 for ASCII in UTF-16.
    step: u32,
}

impl Straight {
    /// What is to be read.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where a stretch of the copy stood in what arrived.
    pub fn original(&self, span: Span) -> Span {
        let start = self.at(span.start);
        let end = match span.end {
            end if end <= span.start => start,
            end => self.at(end - 1) + self.step(end - 1),
        };
        Span { start, end: end.clamp(start, self.arrived) }
    }

    fn at(&self, offset: usize) -> usize {
        match self.run(offset) {
            Some(run) if offset < self.bytes.len() => {
                run.from as usize + (offset - run.to as usize) * run.step as usize
            }
            _ => self.arrived,
        }
    }

    fn step(&self, offset: usize) -> usize {
        self.run(offset).map_or(1, |r| r.step as usize)
    }

    fn run(&self, offset: usize) -> Option<&Run> {
        let after = self.runs.partition_point(|r| r.to as usize <= offset);
        self.runs.get(after.checked_sub(1)?)
    }
}

/// The text without line breaks in its segments, and in UTF-8 if it came in UTF-16;
/// `None` when there is nothing to undo (or nothing to read).
pub fn straighten(bytes: &[u8]) -> Option<Straight> {
    if bytes.len() > crate::MOST_BYTES {
        return None;
    }
    let wide = from_utf16(bytes);
    let text = wide.as_ref().map_or(bytes, |w| &w.bytes);
    let joined = Opening::find(text).and_then(|o| without_breaks(text, o.start, &o.separators));
    match (wide, joined) {
        (Some(wide), Some(joined)) => Some(compose(&wide, joined)),
        (wide, joined) => joined.or(wide),
    }
}

/// Looks for a line break in the middle of a segment, in a text that comes in pieces: what a
/// whole text needs [`straighten`] for.
///
/// ```
/// let text = b"UNB+UNOA:4+TK+GBR+260101:0900+R1'\r\nUNH+1+PAXLST:D:05B:UN'\r\nBGM+7\r\n45'";
/// let mut breaks = edifact::Breaks::of(text).unwrap();
/// assert!(!breaks.feed(&text[..64]));
/// assert!(breaks.feed(&text[64..]));
/// ```
pub struct Breaks {
    separators: Separators,
    /// How much of the text stands before the interchange.
    noise: usize,
    /// Whether a segment is open, and its last character is one that releases the next.
    inside: bool,
    released: bool,
    found: bool,
}

impl Breaks {
    /// For a text that begins so; `None` when no interchange begins in it.
    pub fn of(head: &[u8]) -> Option<Self> {
        let Opening { start, separators, .. } = Opening::find(head)?;
        Some(Self { separators, noise: start, inside: false, released: false, found: false })
    }

    /// Takes what comes next; whether there was such a break, here or before.
    pub fn feed(&mut self, piece: &[u8]) -> bool {
        let before = self.noise.min(piece.len());
        self.noise -= before;
        let mut rest = &piece[before..];
        let end = self.separators.terminator;
        while !self.found && !rest.is_empty() {
            let (here, next) = match memchr3(b'\r', b'\n', end, rest) {
                Some(at) => (at, at + 1),
                None => (rest.len(), rest.len()),
            };
            self.pass(&rest[..here]);
            match rest.get(here) {
                Some(b) if *b != end => self.found = self.inside,
                Some(_) if self.released => self.released = false,
                Some(_) => self.inside = false,
                None => {}
            }
            rest = &rest[next..];
        }
        self.found
    }

    /// Takes text in which nothing ends.
    fn pass(&mut self, text: &[u8]) {
        if text.iter().all(|b| *b <= b' ' || *b >= 0x80 && self.separators.terminator >= 0x80) {
            self.released &= text.is_empty();
            return;
        }
        self.inside = true;
        self.released = self.separators.release.is_some_and(|release| {
            let run = text.iter().rev().take_while(|b| **b == release).count();
            (run + usize::from(run == text.len() && self.released)) % 2 == 1
        });
    }
}

/// The copy of a copy.
fn compose(first: &Straight, second: Straight) -> Straight {
    let mut runs = Vec::with_capacity(first.runs.len() + second.runs.len());
    for (i, run) in second.runs.iter().enumerate() {
        let next = second.runs.get(i + 1).map_or(second.bytes.len() as u32, |r| r.to);
        let (mut to, mut from) = (run.to, run.from);
        while to < next {
            let after = first.runs.partition_point(|r| r.to <= from);
            let Some(inner) = after.checked_sub(1).and_then(|i| first.runs.get(i)) else { break };
            let ends = first.runs.get(after).map_or(u32::MAX, |r| r.to);
            let at = inner.from + (from - inner.to) * inner.step;
            runs.push(Run { to, from: at, step: inner.step });
            let length = (ends - from).min(next - to);
            (to, from) = (to + length, from + length);
        }
    }
    Straight { bytes: second.bytes, runs, arrived: first.arrived }
}

/// Leaves out the line breaks from `start` on, if one of them stands in a segment.
fn without_breaks(bytes: &[u8], start: usize, separators: &Separators) -> Option<Straight> {
    let terminator = separators.terminator;
    let part_of_line = |b: u8| b != terminator && matches!(b, b'\r' | b'\n');
    // Behind a break that stands in no segment, blanks alone open none: a run of breaks is
    // passed once, however long it is.
    let mut passed = start;
    let mut inside = |at: usize| {
        let opened = bytes[passed..at].iter().any(|b| *b > b' ' || *b == terminator);
        passed = at;
        opened && is_inside(bytes, start, at, separators)
    };
    memchr2_iter(b'\r', b'\n', &bytes[start..])
        .find(|at| part_of_line(bytes[start + at]) && inside(start + at))?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut runs = vec![Run { to: 0, from: 0, step: 1 }];
    let mut from = 0;
    for at in memchr2_iter(b'\r', b'\n', &bytes[start..]).map(|at| start + at) {
        if !part_of_line(bytes[at]) {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        from = at + 1;
        match runs.last_mut() {
            // Nothing lies between this break and the one before.
            Some(last) if last.to as usize == out.len() => last.from = from as u32,
            _ => runs.push(Run { to: out.len() as u32, from: from as u32, step: 1 }),
        }
    }
    out.extend_from_slice(&bytes[from..]);
    Some(Straight { bytes: out, runs, arrived: bytes.len() })
}

/// Whether the line break at `at` stands in a segment, and not behind its terminator.
fn is_inside(bytes: &[u8], start: usize, at: usize, separators: &Separators) -> bool {
    let before = &bytes[start..at];
    let Some(last) = before.iter().rposition(|b| *b > b' ' || *b == separators.terminator) else {
        return false;
    };
    let released = separators.release.is_some_and(|release| {
        before[..last].iter().rev().take_while(|b| **b == release).count() % 2 == 1
    });
    let ends = match before[last] {
        b if b == separators.terminator => true,
        // The rest of a typographic quote.
        0x80..=0xbf => separators.terminator >= 0x80,
        _ => false,
    };
    released || !ends
}

/// UTF-16 with a byte-order mark, or without one where every other byte of the beginning
/// is NUL.
fn from_utf16(bytes: &[u8]) -> Option<Straight> {
    let (little, skip) = match bytes {
        [0xff, 0xfe, ..] => (true, 2),
        [0xfe, 0xff, ..] => (false, 2),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => (true, 0),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => (false, 0),
        _ => return None,
    };
    let unit = |c: &[u8]| match little {
        true => u16::from_le_bytes([c[0], c[1]]),
        false => u16::from_be_bytes([c[0], c[1]]),
    };
    let units = bytes[skip..].chunks_exact(2).map(unit);
    let mut out = Vec::with_capacity(bytes.len() / 2);
    let mut runs: Vec<Run> = Vec::new();
    let (mut from, mut ascii) = (skip, false);
    for c in char::decode_utf16(units) {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        if !(ascii && c.is_ascii()) {
            let step = if c.is_ascii() { 2 } else { 0 };
            runs.push(Run { to: out.len() as u32, from: from as u32, step });
        }
        ascii = c.is_ascii();
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        from += 2 * c.len_utf16();
    }
    Some(Straight { bytes: out, runs, arrived: bytes.len() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const WHOLE: &str = "UNB+UNOA:4+TK+GBR+260101:0900+R1'UNH+1+PAXLST:D:05B:UN'NAD+FL+++O?'LEARY:ANN'UNT+3+1'UNZ+1+R1'";

    fn wrapped(width: usize, end: &str) -> String {
        let lines: Vec<&str> =
            WHOLE.as_bytes().chunks(width).map(|l| std::str::from_utf8(l).unwrap()).collect();
        lines.join(end)
    }

    #[test]
    fn a_text_wrapped_anywhere_is_read_as_the_whole_one() {
        for width in 3..90 {
            for end in ["\r\n", "\n", "\r", "\r\n\r\n"] {
                let text = wrapped(width, end);
                let straight = straighten(text.as_bytes());
                let read = straight.as_ref().map_or(text.as_bytes(), |s| s.bytes());
                let plain: String = String::from_utf8_lossy(read).replace(['\r', '\n'], "");
                assert_eq!(plain, WHOLE, "{width} {end:?}");
                let (interchange, _) = crate::read(read, crate::Mode::Tolerant);
                assert_eq!(interchange.messages()[0].segment(1).unwrap().raw(1, 1), b"FL");
            }
        }
    }

    #[test]
    fn every_place_can_be_turned_back() {
        let text = wrapped(7, "\r\n");
        let straight = straighten(text.as_bytes()).unwrap();
        for at in 0..straight.bytes().len() {
            let there = straight.original(Span { start: at, end: at + 1 });
            assert_eq!(straight.bytes()[at], text.as_bytes()[there.start], "{at}");
        }
    }

    #[test]
    fn a_break_is_seen_wherever_the_text_is_cut_in_pieces() {
        let lines = WHOLE.replace('\'', "'\r\n").replace("?'\r\n", "?'");
        for (text, wrapped) in [
            (WHOLE.to_owned(), false),
            (format!("QU LONBA\r\n.X\r\n{lines}"), false),
            (WHOLE.replace("O?'L", "O?'\nL"), true),
            (WHOLE.replace("O?'L", "O??'\nL"), false),
            (lines.replace("ANN'", "ANN\r'"), true),
        ] {
            for size in [1, 2, 5, 64, 1000] {
                let mut breaks = Breaks::of(text.as_bytes()).unwrap();
                let found = text.as_bytes().chunks(size).fold(false, |_, piece| breaks.feed(piece));
                assert_eq!(found, wrapped, "{size} {text:?}");
                assert_eq!(straighten(text.as_bytes()).is_some(), wrapped, "{text:?}");
            }
        }
    }

    #[test]
    fn breaks_behind_the_last_segment_need_nothing_however_many() {
        let long = format!("{WHOLE}{}", "\n".repeat(1 << 20));
        assert!(straighten(long.as_bytes()).is_none());
        let long = format!("{}NAD+\n", long);
        assert!(straighten(long.as_bytes()).is_some());
    }

    #[test]
    fn a_text_that_needs_nothing_is_not_copied() {
        assert!(straighten(WHOLE.as_bytes()).is_none());
        assert!(straighten(WHOLE.replace("N'", "N'\r\n").as_bytes()).is_none());
        assert!(straighten(b"").is_none());
    }

    #[test]
    fn utf_16_is_turned_into_utf_8_wrapped_or_not() {
        for text in [WHOLE.replace("LEARY", "L\u{c9}ARY"), wrapped(11, "\r\n")] {
            let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            for (mark, bytes) in [(0, wide.clone()), (2, [b"\xff\xfe", &wide[..]].concat())] {
                let straight = straighten(&bytes).unwrap();
                assert_eq!(String::from_utf8_lossy(straight.bytes()), text.replace("\r\n", ""));
                let whole = Span { start: 0, end: straight.bytes().len() };
                assert_eq!(straight.original(whole), Span { start: mark, end: bytes.len() });
                let unb = straight.original(Span { start: 0, end: 3 });
                assert_eq!(&bytes[unb.start..unb.end], b"U\0N\0B\0");
            }
        }
    }
}
