//! `edifact::read` on any bytes: every place lies inside, nothing between separators
//! is lost, and what is read can be written and read again.
#![no_main]

use edifact::{Mode, Separators, Writer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for mode in passerelle_fuzz::MODES {
        let (interchange, faults) = edifact::read(bytes, mode);
        for fault in &faults {
            assert!(fault.span.start <= fault.span.end && fault.span.end <= bytes.len());
            assert!(fault.message.is_none_or(|m| m < interchange.messages().len()));
            assert!(fault.found.chars().count() <= 80);
        }
        let mut end = 0;
        for message in interchange.messages() {
            for segment in message.segments() {
                let span = segment.span();
                assert!(end <= span.start && span.start <= span.end, "in order, none twice");
                end = span.end;
            }
        }
        let accepted = vec![true; interchange.messages().len()];
        let mut out = Writer::new(Separators::default());
        out.segment("UNB", &[&["UNOC", "3"], &["A"], &["B"], &["260301", "0900"], &["1"]]);
        edifact::contrl::write(&mut out, "1", &interchange, &faults, &accepted);
        out.segment("UNZ", &[&["1"], &["1"]]);
        assert!(edifact::contrl::reports(&out.finish()).is_some());
    }
    written_is_read(bytes);
});

/// Writes the first message's segments with the standard's characters, and compares.
fn written_is_read(bytes: &[u8]) {
    let (interchange, _) = edifact::read(bytes, Mode::Tolerant);
    let Some(message) = interchange.messages().first() else { return };
    let contents = texts(message);
    if contents.is_empty() {
        return;
    }
    let mut out = Writer::new(Separators::default());
    for (tag, elements) in &contents {
        let parts: Vec<Vec<&str>> =
            elements.iter().map(|e| e.iter().map(String::as_str).collect()).collect();
        let parts: Vec<&[&str]> = parts.iter().map(Vec::as_slice).collect();
        out.segment(tag, &parts);
    }
    let written = out.finish();
    let (again, _) = edifact::read(&written, Mode::Tolerant);
    assert_eq!(again.messages().first().map(texts), Some(contents));
}

type Segments = Vec<(String, Vec<Vec<String>>)>;

/// Whether a text holds a sign with a tag behind it: written without `UNA`, nobody can tell
/// whether that sign ends the segments, and the reader goes by the more frequent one.
fn may_end_segments(text: &str) -> bool {
    let tag = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let signs = text.char_indices().filter(|(_, c)| !c.is_alphanumeric());
    let mut behind = signs.filter_map(|(at, c)| text.as_bytes().get(at + c.len_utf8()..));
    behind.any(|rest| rest.len() >= 3 && rest[..3].iter().all(tag))
}

/// Tags and texts up to the first tag that is none, or text that may be several; control characters as blanks, and
/// empty ends cut off, as a writer does.
fn texts(message: &edifact::Message<'_>) -> Segments {
    let mut all: Segments = Vec::new();
    for s in message.segments() {
        let plain = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
        if s.tag().len() != 3 || !s.tag().bytes().all(plain) || (s.tag() == "UNH") != all.is_empty()
        {
            break;
        }
        let clean = |t: &str| t.replace(|c: char| c < ' ', " ");
        let mut elements: Vec<Vec<String>> = (1..=s.elements().min(40))
            .map(|e| (1..=s.components(e).min(40)).map(|c| clean(&s.text(e, c))).collect())
            .collect();
        if elements.iter().flatten().any(|t| may_end_segments(t)) {
            break;
        }
        for element in &mut elements {
            while element.last().is_some_and(String::is_empty) {
                element.pop();
            }
        }
        while elements.last().is_some_and(Vec::is_empty) {
            elements.pop();
        }
        all.push((s.tag().to_owned(), elements));
    }
    all
}
