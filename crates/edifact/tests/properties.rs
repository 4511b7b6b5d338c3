//! What holds for every text: what is written is read as it was; nothing panics; places
//! are in order; damage stays where it is; the answer on faults has none itself.
#![allow(clippy::unwrap_used)]

mod written;

use edifact::{Interchange, Message, Mode, Repertoire, Separators, Span, Tokens, Writer};
use edifact::{contrl, read};
use proptest::{collection::vec, prelude::*};
use written::{Written, all_of, segment, separators, without_empty_ends, written};

/// The segments between `UNH` and `UNT`.
fn inner(message: &Message<'_>) -> Vec<Written> {
    let all: Vec<Written> = message.segments().map(|s| all_of(&s)).collect();
    all[1..all.len() - 1].to_vec()
}

/// Without a repetition separator the first repetition alone is written.
fn expected(separators: Separators, segments: &[Written]) -> Vec<Written> {
    let once = |(tag, elements): &Written| {
        let mut elements = elements.clone();
        if separators.repetition.is_none() {
            elements.iter_mut().for_each(|e| e.truncate(1));
        }
        without_empty_ends(&(tag.clone(), elements))
    };
    segments.iter().map(once).collect()
}

/// Bytes that look like EDIFACT here and there.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "UNA:+.? '",
        "UNA:+.?*'",
        "UNA",
        "UNB",
        "UNB+UNOA:4+TK+GBR+260101:0900+R1'",
        "UNB+UNOC:3+",
        "UNG+PAXLST+A+B+260101:0900+G1'",
        "UNG",
        "UNH",
        "UNH+1+PAXLST:D:05B:UN'",
        "UNH+2+CUSRES'",
        "UNT+3+1'",
        "UNT",
        "UNE+1+G1'",
        "UNE",
        "UNZ+1+R1'",
        "UNZ",
        "BGM+745'",
        "NAD+FL+++A:B'",
        "'",
        "'",
        "+",
        ":",
        "?",
        "??",
        "?'",
        "*",
        "\r\n",
        "\r",
        "\n",
        " ",
        "\0",
        "a",
        "X",
        "9",
        "\u{2019}",
        "\u{d6}",
        "$",
        "~",
        "|",
    ];
    let piece = prop_oneof![
        8 => proptest::sample::select(words.to_vec()).prop_map(|w| w.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..6),
        1 => "[A-Z +:']{0,80}".prop_map(String::into_bytes),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn walk(interchange: &Interchange<'_>, len: usize) {
    let mut last = 0;
    for (m, message) in interchange.messages().iter().enumerate() {
        let whole = message.span();
        assert!(whole.start >= last && whole.end <= len, "message {m}");
        assert!(!message.is_empty());
        assert_eq!(message.segments().count(), message.len());
        for (i, segment) in message.segments().enumerate() {
            let span = segment.span();
            assert!(last <= span.start && span.start <= span.end && span.end <= whole.end);
            assert_eq!((segment.position(), segment.tag().len() <= span.len()), (i + 1, true));
            assert_eq!(interchange.segment_at(span.start).map(|s| s.span()), Some(span));
            let mut within = span.start;
            for e in 1..=segment.elements() {
                for c in 1..=segment.components(e).max(1) {
                    let at = segment.span_of(e, c);
                    assert!(within <= at.start && at.start <= at.end && at.end <= span.end);
                    assert_eq!(segment.raw(e, c).len(), at.len());
                    within = at.end;
                }
            }
            // One after another they are told which of them have escapes; one alone is not.
            let alone = message.segment(i).unwrap();
            assert_eq!(all_of(&segment), all_of(&alone));
            assert_eq!((segment.qualifier(), segment.code()), (alone.raw(1, 1), alone.code()));
            for e in 0..=segment.elements() + 1 {
                let element = segment.element(e);
                assert_eq!(element.components(), alone.components(e));
                for c in 0..=element.components() + 1 {
                    assert_eq!(element.raw(c), alone.raw(e, c));
                    assert_eq!(element.text(c), alone.text(e, c));
                }
            }
            assert_eq!(segment.text(segment.elements() + 1, 1), "");
            assert_eq!(segment.text(0, 0), "");
            last = span.end;
        }
        last = whole.end;
    }
}

/// The tokeniser's rules one byte at a time: segments, and how many elements and
/// component separators there are.
fn one_by_one(bytes: &[u8], s: Separators) -> (Vec<(usize, usize)>, usize, usize) {
    let (mut spans, mut elements, mut components) = (Vec::new(), 0, 0);
    let (mut at, mut open, mut in_tag) = (0, None, true);
    let mut end = |start: usize, at: usize| {
        if start != at || spans.last().is_none_or(|(a, b)| a != b) {
            spans.push((start, at));
        }
    };
    while at < bytes.len() {
        let b = bytes[at];
        if open.is_none() && b <= b' ' {
            at += 1;
            continue;
        }
        let start = *open.get_or_insert(at);
        if b == s.terminator {
            end(start, at);
            (open, in_tag) = (None, true);
        } else if Some(b) == s.release {
            at += 1;
            while at < bytes.len() && matches!(bytes[at], b'\r' | b'\n') {
                at += 1;
            }
        } else if b == s.element {
            elements += 1;
            in_tag = false;
        } else if b == s.component && !in_tag {
            components += 1;
        }
        at += 1;
    }
    if let Some(start) = open {
        end(start, bytes.len());
    }
    (spans, elements, components)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_it_was(
        (version, s) in prop_oneof![Just(3u8), Just(4)].prop_flat_map(|v| (Just(v), separators(v))),
        messages in vec(vec(segment(), 1..6), 1..3),
    ) {
        let (bytes, spans) = written(s, version, &messages);
        let (interchange, faults) = read(&bytes, Mode::Strict);
        prop_assert_eq!(faults, []);
        prop_assert_eq!(interchange.separators(), s);
        prop_assert_eq!(interchange.messages().len(), messages.len());
        for ((message, segments), span) in interchange.messages().iter().zip(&messages).zip(spans) {
            prop_assert_eq!(inner(message), expected(s, segments));
            prop_assert_eq!(message.span(), Span { end: span.end - 1, ..span });
        }
    }

    #[test]
    fn line_breaks_change_nothing(
        s in separators(4), messages in vec(vec(segment(), 1..6), 1..3),
        at in vec(any::<prop::sample::Index>(), 1..30), line_break in "\r\n|\n|\r",
    ) {
        let (mut bytes, spans) = written(s, 4, &messages);
        let first = spans[0].start;
        let mut at: Vec<usize> = at.iter().map(|i| first + i.index(bytes.len() - first)).collect();
        at.sort_unstable();
        for at in at.into_iter().rev() {
            bytes.splice(at..at, line_break.bytes());
        }
        let (interchange, faults) = read(&bytes, Mode::Strict);
        prop_assert_eq!(faults, []);
        let found: Vec<Vec<Written>> = interchange.messages().iter().map(inner).collect();
        let expected: Vec<Vec<Written>> = messages.iter().map(|m| expected(s, m)).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_bytes_make_it_panic_and_all_places_are_in_order(bytes in soup()) {
        for mode in [Mode::Strict, Mode::Tolerant, Mode::Cleaning] {
            let (interchange, faults) = read(&bytes, mode);
            walk(&interchange, bytes.len());
            for fault in &faults {
                prop_assert!(fault.span.start <= fault.span.end && fault.span.end <= bytes.len());
                prop_assert!(fault.message.is_none_or(|m| m < interchange.messages().len()));
                if let (Some(m), Some(s)) = (fault.message, fault.segment) {
                    let segment = interchange.messages()[m].segment(s - 1).unwrap().span();
                    prop_assert!(segment.start <= fault.span.start, "{fault:?}");
                    prop_assert!(fault.span.end <= segment.end, "{fault:?}");
                }
                prop_assert!(fault.sentence().contains("0085"));
            }
        }
        let (interchange, _) = read(&bytes, Mode::Tolerant);
        for at in 0..bytes.len() + 2 {
            let start = interchange.segment_at(at).map(|s| s.span().start);
            prop_assert!(start.is_none_or(|start| start <= at));
        }
    }

    #[test]
    fn the_tokeniser_splits_as_one_that_looks_at_every_byte(
        pieces in vec(soup(), 0..12), s in separators(3),
        repertoire in prop_oneof![Just(Repertoire::A), Just(Repertoire::B), Just(Repertoire::Latin(1)), Just(Repertoire::Unicode)],
    ) {
        let bytes = pieces.concat();
        let mut tokens = Tokens::default();
        for s in [s, Separators::default()] {
            tokens.tokenise(&bytes, s, repertoire);
            let spans: Vec<_> = (0..tokens.segments()).filter_map(|i| tokens.span(i)).collect();
            let spans: Vec<_> = spans.iter().map(|s| (s.start, s.end)).collect();
            let (segments, elements, components) = one_by_one(&bytes, s);
            prop_assert_eq!(spans, segments);
            prop_assert_eq!((tokens.elements(), tokens.components()), (elements, components));
        }
    }

    #[test]
    fn damage_to_one_message_leaves_the_others_as_they_were(
        messages in vec(vec(segment(), 1..5), 2..5), which in any::<prop::sample::Index>(),
        (from, to) in any::<(prop::sample::Index, prop::sample::Index)>(),
        cut in any::<bool>(), put in soup(),
    ) {
        let s = Separators { repetition: Some(b'*'), ..Separators::default() };
        let (mut bytes, spans) = written(s, 4, &messages);
        let which = which.index(messages.len());
        // The last two bytes stay: they close the message.
        let Span { start, end } = spans[which];
        let (from, to) = (start + from.index(end - start - 2), start + to.index(end - start - 2));
        let (from, to) = (from.min(to), if cut { from.max(to) } else { from.min(to) });
        bytes.splice(from..to, put);
        let (interchange, _) = read(&bytes, Mode::Tolerant);
        let found: Vec<Vec<Written>> = interchange.messages().iter().map(inner_or_less).collect();
        for (i, segments) in messages.iter().enumerate().filter(|(i, _)| *i != which) {
            prop_assert!(found.contains(&expected(s, segments)), "message {i} is gone: {found:?}");
        }
    }

    #[test]
    fn the_answer_on_any_faults_has_none_itself(bytes in soup(), taken in vec(any::<bool>(), 0..6)) {
        let (interchange, faults) = read(&bytes, Mode::Tolerant);
        let mut w = Writer::new(Separators { repetition: Some(b'*'), ..Separators::default() });
        let unb: &[&[&str]] = &[&["UNOW", "4"], &["GBR"], &["TK"], &["260101", "0901"], &["A1"]];
        w.segment("UNB", unb);
        contrl::write(&mut w, "1", &interchange, &faults, &taken);
        w.segment("UNZ", &[&["1"], &["A1"]]);
        let answer = w.finish();
        let (of_answer, own) = read(&answer, Mode::Strict);
        prop_assert_eq!(own, []);
        prop_assert_eq!(of_answer.messages().len(), 1);
        let report = contrl::reports(&answer).unwrap();
        let given: Vec<(String, bool)> = interchange
            .messages()
            .iter()
            .enumerate()
            .map(|(i, m)| (plain(m.reference()), taken.get(i).copied().unwrap_or(false)))
            .collect();
        prop_assert_eq!(report.messages, given);
        prop_assert_eq!(report.interchange, plain(interchange.header().map_or("", |h| &h.reference)));
        prop_assert_eq!(report.rejected, interchange.messages().is_empty());
        let severe = |f: &&edifact::Fault| f.severity > edifact::Severity::Note;
        let placed = faults.iter().filter(|f| f.message.is_some() && f.segment.is_some()).filter(severe);
        // The worst of the interchange, and the worst of each group.
        let whole = faults.iter().filter(|f| f.message.is_none()).filter(severe);
        let owners: std::collections::BTreeSet<_> =
            whole.map(|f| interchange.group_at(f.span.start)).collect();
        prop_assert!(report.faults.len() >= placed.count() + owners.len());
        prop_assert!(report.groups.len() >= interchange.groups().len());
    }
}

/// As [`inner`]; a message that nothing closes may have its `UNH` alone.
fn inner_or_less(message: &Message<'_>) -> Vec<Written> {
    if message.len() < 2 { Vec::new() } else { inner(message) }
}

/// Control characters are written as blanks.
fn plain(text: &str) -> String {
    let blank = |c: char| if (c as u32) < 0x20 { ' ' } else { c };
    text.chars().map(blank).collect()
}
