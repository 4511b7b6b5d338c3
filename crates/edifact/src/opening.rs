//! Where an interchange begins, and by which characters it is split: `UNA`, the
//! defaults of the syntax version, or, where neither fits what stands there, a guess.

use memchr::memmem;

use crate::{Repertoire, Separators, Span};

/// How far behind the header to look for the next service segment when guessing.
const NEAR: usize = 4096;
/// How many bytes behind the header are enough to tell all of it.
pub(crate) const ENOUGH: usize = NEAR + 64;

/// What [`crate::read`] needs to know before it can split.
pub(crate) struct Opening {
    /// Where the first service segment stands.
    pub start: usize,
    /// How many bytes before that are no part of the interchange.
    pub noise: usize,
    pub separators: Separators,
    pub repertoire: Repertoire,
    /// What is wrong with `UNA`, or with there being none.
    pub advice: Option<(Span, String)>,
}

impl Opening {
    /// `None` when there is neither `UNB` nor `UNH` nor `UNG`.
    pub fn find(bytes: &[u8]) -> Option<Self> {
        let start = first_service_segment(bytes)?;
        let una = advice_before(bytes, start);
        let (mut separators, mut advice) = match una {
            Some(una) => from_advice(bytes, una, start),
            None => (Separators::default(), None),
        };
        let usable = separators.fault().is_none();
        if una.is_none() || !usable {
            separators = other_characters(bytes, start);
        }
        if let Some((terminator, why)) = other_terminator(bytes, start, &separators) {
            separators.terminator = terminator;
            let span = Span { start: una.unwrap_or(start), end: start + 3 };
            advice = Some((span, why.to_owned()));
        }
        let (id, version) = syntax(bytes, start, &separators);
        match version {
            Some(b'1'..=b'3') => separators.repetition = None,
            Some(b'4') if una.is_none() => separators.repetition = Some(b'*'),
            _ => {}
        }
        if separators.fault().is_some() {
            separators.repetition = None;
        }
        let repertoire = Repertoire::named(&id).unwrap_or(Repertoire::Unicode);
        let noise = una.unwrap_or(start);
        Some(Self { start, noise, separators, repertoire, advice })
    }
}

/// The first `UNB`, or what comes before it of an interchange that lost its `UNB`.
fn first_service_segment(bytes: &[u8]) -> Option<usize> {
    let header = find_tag(bytes, b"UNB");
    let until = &bytes[..header.unwrap_or(bytes.len())];
    let found = find_service(until, b"HG").or(header);
    small_header(&bytes[..found.unwrap_or(bytes.len())]).or(found)
}

/// A header in small letters. Words begin so as well, and people write of headers: only what
/// goes on as a header does is one.
fn small_header(bytes: &[u8]) -> Option<usize> {
    let first = |tag: &[u8; 4]| {
        let begins =
            |at: &usize| !at.checked_sub(1).is_some_and(|i| bytes[i].is_ascii_alphanumeric());
        memmem::find_iter(bytes, tag).find(|at| begins(at) && goes_on_as_header(&bytes[*at..]))
    };
    [b"unb+", b"unh+", b"ung+"].into_iter().filter_map(first).min()
}

/// Whether a syntax identifier follows `unb+`, or the type of a message `unh+ref+` or `ung+`.
fn goes_on_as_header(header: &[u8]) -> bool {
    let (tag, rest) = header.split_at(4);
    let name = |of: &[u8]| of.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    match tag {
        b"unb+" => {
            name(rest) == 4 && [b"uno", b"iat"].iter().any(|id| rest[..3].eq_ignore_ascii_case(*id))
        }
        b"ung+" => name(rest) == 6,
        _ => {
            let end = rest.iter().take(36).position(|b| *b == b'+' || b.is_ascii_whitespace());
            end.is_some_and(|end| rest[end] == b'+' && name(&rest[end + 1..]) == 6)
        }
    }
}

/// The first place where a tag stands at the beginning of something.
pub(crate) fn find_tag(bytes: &[u8], tag: &[u8; 3]) -> Option<usize> {
    memmem::find_iter(bytes, tag).find(|at| is_tag(bytes, *at))
}

/// Likewise of service segments, which have two letters in common.
fn find_service(bytes: &[u8], letters: &[u8]) -> Option<usize> {
    let one_of = |at: &usize| bytes.get(at + 2).is_some_and(|b| letters.contains(b));
    memmem::find_iter(bytes, b"UN").find(|at| one_of(at) && is_tag(bytes, *at))
}

/// Whether the tag there begins something: it is not behind a letter or digit (those of
/// `UNA` aside), and a character that is none follows.
fn is_tag(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|i| bytes.get(i));
    let after = bytes.get(at + 3);
    let word = |b: &u8| b.is_ascii_alphanumeric();
    // An advice that is nonsense may end with a letter.
    let advice = at.checked_sub(9).is_some_and(|i| bytes[i..].starts_with(b"UNA"));
    (advice || !before.is_some_and(word)) && after.is_some_and(|b| !word(b) && *b != b' ')
}

/// `UNA` directly before the header, line breaks aside. Searched there alone: the
/// three letters occur in data.
pub(crate) fn advice_before(bytes: &[u8], header: usize) -> Option<usize> {
    let from = header.saturating_sub(16);
    let at = memmem::rfind(&bytes[from..header], b"UNA")? + from;
    let between = bytes[at + 3..header].iter().filter(|b| !matches!(b, b'\r' | b'\n')).count();
    (4..=9).contains(&between).then_some(at)
}

type Advice = (Separators, Option<(Span, String)>);

fn from_advice(bytes: &[u8], una: usize, header: usize) -> Advice {
    let is_break = |b: &u8| matches!(b, b'\r' | b'\n');
    let given: Vec<u8> = bytes[una + 3..header].iter().copied().filter(|b| !is_break(b)).collect();
    let bad = |why: &str| Some((Span { start: una, end: header }, why.to_owned()));
    match given.as_slice() {
        [a, b, c, d, e, f, ..] => {
            let separators = Separators::from_una([*a, *b, *c, *d, *e, *f]);
            let why = separators.fault();
            (separators, why.and_then(|why| bad(&why)))
        }
        // One character short: `UNA:+\*'` has no decimal mark.
        [a, b, c, d, e] => {
            let separators = Separators::from_una([*a, *b, b'.', *c, *d, *e]);
            (separators, bad("one character is missing"))
        }
        _ => (Separators::default(), bad("there are not six characters")),
    }
}

/// Without advice: the standard's characters, or those that stand behind `UNB` when
/// they are evidently others.
fn other_characters(bytes: &[u8], header: usize) -> Separators {
    let mut separators = Separators::default();
    // `UNH'` has no element at all; that says nothing of the characters in use.
    let usual = [separators.element, separators.terminator];
    let odd = |b: &&u8| may_separate(**b) && !usual.contains(*b);
    if let Some(&element) = bytes.get(header + 3).filter(odd) {
        separators.element = element;
        separators.release = None;
        let id = &bytes[header + 4..bytes.len().min(header + 12)];
        if let Some(&component) = id.iter().find(|b| may_separate(**b) && **b != element) {
            separators.component = component;
        }
        if separators.component == element {
            separators.component = b'+';
        }
    }
    separators
}

/// Signs, and the information separators that UNOB has by the letter of the standard.
fn may_separate(b: u8) -> bool {
    b.is_ascii_punctuation() || matches!(b, 0x1c..=0x1f)
}

/// The terminator in use, when the announced one does not stand between the header and
/// the next service segment: a typographic quote, another sign, or the line end.
fn other_terminator(bytes: &[u8], header: usize, s: &Separators) -> Option<(u8, &'static str)> {
    let near = &bytes[header..bytes.len().min(header + NEAR)];
    let next = find_service(&near[3..], b"HGZT")? + 3;
    let between = &near[..next];
    if between.contains(&s.terminator) {
        return None;
    }
    let (ends, why) = end_of_segment(between, s)?;
    // A text may hold a sign and a tag behind it: the announced terminator then ends more.
    let often = |end: &[u8]| segments_ended_by(near, end, s.element);
    (often(ends) > often(&[s.terminator])).then_some((ends[0], why))
}

/// What seems to end a segment behind which another begins.
fn end_of_segment<'t>(segment: &'t [u8], s: &Separators) -> Option<(&'t [u8], &'static str)> {
    let line = segment.trim_ascii_end();
    let last = &line[line.len().checked_sub(1)?..];
    let quotes: [&[u8]; 5] =
        ["\u{2019}", "\u{2018}", "\u{b4}", "\u{2032}", "\u{201b}"].map(str::as_bytes);
    if let Some(quote) = quotes.into_iter().find(|quote| line.ends_with(quote)) {
        let quote = &line[line.len() - quote.len()..];
        return Some((quote, "segments end with a typographic quote"));
    }
    let taken = [s.component, s.element].into_iter().chain(s.release);
    match last[0] {
        0x91 | 0x92 | 0xb4 if single_byte(segment) => {
            Some((last, "segments end with a typographic quote"))
        }
        sign if may_separate(sign) && !taken.into_iter().any(|t| t == sign) => {
            Some((last, "segments end with another character than announced"))
        }
        _ => {
            let end = &segment[segment.len() - 1..];
            matches!(end, b"\n" | b"\r").then_some((end, "segments end with the line"))
        }
    }
}

/// Whether a text is in no encoding of several bytes a character, in which any of these
/// bytes may be the last of a letter.
fn single_byte(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_err()
}

/// How often something stands where a segment ends: before the tag of another with its
/// elements, or at the end of the text.
fn segments_ended_by(text: &[u8], end: &[u8], element: u8) -> usize {
    let tag = |rest: &[u8]| match rest {
        [] => true,
        [a, b, c, after, ..] => {
            [a, b, c].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
                && *after == element
        }
        _ => false,
    };
    let behind = |at: usize| text[at + end.len()..].trim_ascii_start();
    memmem::find_iter(text, end).filter(|at| tag(behind(*at))).count()
}

/// Syntax identifier and version of `UNB`, before anything is split.
fn syntax(bytes: &[u8], header: usize, s: &Separators) -> (String, Option<u8>) {
    // Another segment's first element is no syntax identifier.
    if !bytes[header..].get(..3).is_some_and(|tag| tag.eq_ignore_ascii_case(b"UNB")) {
        return (String::new(), None);
    }
    let rest = &bytes[(header + 4).min(bytes.len())..bytes.len().min(header + 20)];
    let rest: Vec<u8> = rest.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let id_end = rest.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let id = String::from_utf8_lossy(&rest[..id_end]).into_owned();
    let version = match rest.get(id_end) {
        Some(c) if *c == s.component => rest.get(id_end + 1).copied(),
        _ => None,
    };
    (id, version.filter(u8::is_ascii_digit))
}
