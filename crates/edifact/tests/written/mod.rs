//! Interchanges made at random: what is written, and what of it must be read again.

use edifact::{Segment, Separators, Span, Writer};
use proptest::{collection::vec, prelude::*, sample::subsequence};

/// Elements, each a list of repetitions, each a list of components.
pub type Elements = Vec<Vec<Vec<String>>>;
pub type Written = (String, Elements);

const SIGNS: &[u8] = b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// Six service characters that differ; syntax version 4 may have the fifth.
pub fn separators(version: u8) -> impl Strategy<Value = Separators> {
    let any = subsequence(SIGNS.to_vec(), 6).prop_shuffle().prop_map(|s| Separators {
        component: s[0],
        element: s[1],
        decimal: s[2],
        release: Some(s[3]),
        repetition: Some(s[4]),
        terminator: s[5],
    });
    let usual = Separators { repetition: Some(b'*'), ..Separators::default() };
    prop_oneof![3 => any, 1 => Just(usual)]
        .prop_map(move |s| Separators { repetition: s.repetition.filter(|_| version == 4), ..s })
}

/// Text without control characters, rich in signs that may separate.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Z0-9 ]{0,8}",
        2 => "[!-/:-@\\[-`{-~]{0,4}",
        1 => "[ -~\u{a0}-\u{24f}\u{400}-\u{45f}\u{4e00}-\u{4e2f}]{0,6}",
        1 => "\\PC{0,6}",
    ]
}

/// A segment that is no service segment.
pub fn segment() -> impl Strategy<Value = Written> {
    let tag = "[A-TV-Z][A-Z]{2}";
    (tag, vec(vec(vec(text(), 0..4), 1..3), 0..6))
}

/// What can be understood again: empty ends are not written.
pub fn without_empty_ends((tag, elements): &Written) -> Written {
    fn cut<T>(items: &mut Vec<T>, empty: impl Fn(&T) -> bool) {
        while items.last().is_some_and(&empty) {
            items.pop();
        }
    }
    let mut elements = elements.clone();
    for element in &mut elements {
        element.iter_mut().for_each(|r| cut(r, String::is_empty));
        cut(element, Vec::is_empty);
    }
    cut(&mut elements, Vec::is_empty);
    (tag.clone(), elements)
}

/// All that a segment says.
pub fn all_of(segment: &Segment<'_>) -> Written {
    let repetition = |e, r| -> Vec<String> {
        let components = segment.components_rep(e, r);
        (1..=components).map(|c| segment.text_rep(e, r, c).into_owned()).collect()
    };
    let element = |e| (1..=segment.repetitions(e)).map(|r| repetition(e, r)).collect();
    let elements = (1..=segment.elements()).map(element).collect();
    without_empty_ends(&(segment.tag().to_owned(), elements))
}

/// An interchange of these messages, and where each message lies in it.
pub fn written(
    separators: Separators,
    version: u8,
    messages: &[Vec<Written>],
) -> (Vec<u8>, Vec<Span>) {
    let mut w = Writer::new(separators);
    let version = version.to_string();
    w.advice();
    let unb: &[&[&str]] = &[&["UNOW", &version], &["TK"], &["GBR"], &["260101", "0900"], &["R1"]];
    w.segment("UNB", unb);
    let mut spans = Vec::new();
    for (i, segments) in messages.iter().enumerate() {
        let (start, reference) = (w.len(), (i + 1).to_string());
        w.segment("UNH", &[&[&reference], &["PAXLST", "D", "05B", "UN"]]);
        for (tag, elements) in segments {
            let elements: Vec<Vec<Vec<&str>>> = elements
                .iter()
                .map(|e| e.iter().map(|r| r.iter().map(String::as_str).collect()).collect())
                .collect();
            let elements: Vec<Vec<&[&str]>> =
                elements.iter().map(|e| e.iter().map(Vec::as_slice).collect()).collect();
            let elements: Vec<&[&[&str]]> = elements.iter().map(Vec::as_slice).collect();
            w.repeated(tag, &elements);
        }
        w.segment("UNT", &[&[&(segments.len() + 2).to_string()], &[&reference]]);
        spans.push(Span { start, end: w.len() });
    }
    w.segment("UNZ", &[&[&messages.len().to_string()], &["R1"]]);
    (w.finish(), spans)
}
