//! Every kind of fault has a small interchange that has it and no other: found, placed,
//! coded and weighed. The table is held against `FaultKind::ALL`, so that no kind can be
//! without.
#![allow(clippy::unwrap_used)]

use edifact::{Fault, FaultKind, Mode, Severity, read, read_up_to};
use edifact::{FaultKind as K, Interchange};

/// An interchange with one fault, and where it must be found.
struct Case {
    kind: FaultKind,
    bytes: &'static str,
    /// The bytes that the fault underlines.
    span: &'static str,
    /// Message (counted from 0), segment, element and component; 0 for none.
    place: (Option<usize>, usize, usize, usize),
    expected: &'static str,
}

const fn case(
    kind: FaultKind,
    bytes: &'static str,
    span: &'static str,
    place: (Option<usize>, usize, usize, usize),
    expected: &'static str,
) -> Case {
    Case { kind, bytes, span, place, expected }
}

/// `UNB` of syntax version 4, as it should be.
macro_rules! unb {
    () => {
        "UNB+UNOA:4+TK+GBR+260101:0900+R1'"
    };
}
/// A message of three segments, as it should be.
macro_rules! message {
    () => {
        message!("1")
    };
    ($reference:literal) => {
        concat!("UNH+", $reference, "+PAXLST:D:05B:UN'BGM+745'UNT+3+", $reference, "'")
    };
}
macro_rules! sound {
    () => {
        concat!(unb!(), message!(), "UNZ+1+R1'")
    };
}
const NOWHERE: (Option<usize>, usize, usize, usize) = (None, 0, 0, 0);

#[rustfmt::skip]
const CASES: &[Case] = &[
    case(K::NoInterchange, "BGM+745'", "BGM+745'", NOWHERE, "UNB"),
    case(K::NoInterchange, "", "", NOWHERE, "UNB"),
    case(K::NoHeader, concat!(message!(), "UNZ+1+R1'"), "UNH+1+PAXLST:D:05B:UN", NOWHERE, "UNB"),
    case(K::NoHeader, concat!("UNG+PAXLST+TK+GBR+260101:0900+G1'", message!(), "UNE+1+G1'UNZ+1+R1'"),
        "UNG+PAXLST+TK+GBR+260101:0900+G1", NOWHERE, "UNB"),
    case(K::SecondHeader, concat!(unb!(), "UNB+UNOA:4+TK+GBR+260101:0901+R1'", message!(), "UNZ+1+R1'"),
        "UNB+UNOA:4+TK+GBR+260101:0901+R1", NOWHERE, ""),
    case(K::SeveralInterchanges, concat!(sound!(), "\n", "UNB+UNOA:4+TK+GBR+260101:0901+R2'", message!(), "UNZ+1+R2'"),
        "UNB+UNOA:4+TK+GBR+260101:0901+R2", NOWHERE, ""),
    case(K::NoTrailer, concat!(unb!(), message!()), "", NOWHERE, "UNZ"),
    case(K::TextBefore, concat!("QD GBRAPXS\r\n", sound!()), "QD GBRAPXS\r\n", NOWHERE, ""),
    case(K::TextAfter, concat!(sound!(), "\r\n--\r\nThis mail is confidential"), "--\r\nThis mail is confidential", NOWHERE, ""),
    case(K::NoTerminator, concat!(unb!(), message!(), "UNZ+1+R1"), "UNZ+1+R1", NOWHERE, ""),
    case(K::UnknownSyntax, concat!("UNB+UNOZ:4+TK+GBR+260101:0900+R1'", message!(), "UNZ+1+R1'"), "UNOZ", (None, 0, 1, 1),
        "UNOA to UNOY, IATA or IATB, version 1 to 4"),
    case(K::UnknownSyntax, concat!("UNB+UNOA:7+TK+GBR+260101:0900+R1'", message!(), "UNZ+1+R1'"), "7", (None, 0, 1, 2),
        "UNOA to UNOY, IATA or IATB, version 1 to 4"),
    case(K::BadAdvice, concat!("UNA:+.?+'", sound!()), "UNA:+.?+'", NOWHERE, "UNA:+.? '"),
    case(K::ReleaseAtEnd, concat!(unb!(), message!(), "UNZ+1+R1?"), "?", NOWHERE, ""),
    case(K::ReleaseAtEnd, concat!(unb!(), message!(), "UNZ+1+R1?\r\n"), "?\r\n", NOWHERE, ""),
    case(K::ReferenceDiffers, concat!(unb!(), message!(), "UNZ+1+R9'"), "R9", (None, 0, 2, 1), "R1"),
    case(K::ReferenceDiffers, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+3+2'UNZ+1+R1'"), "2", (Some(0), 3, 2, 1), "1"),
    case(K::ReferenceDiffers, concat!(unb!(), "UNG+PAXLST+TK+GBR+260101:0900+G1'", message!(), "UNE+1+G2'UNZ+1+R1'"),
        "G2", (None, 0, 2, 1), "G1"),
    case(K::CountDiffers, concat!(unb!(), message!(), "UNZ+2+R1'"), "2", (None, 0, 1, 1), "1"),
    case(K::CountDiffers, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+5+1'UNZ+1+R1'"), "5", (Some(0), 3, 1, 1), "3"),
    case(K::CountDiffers, concat!(unb!(), "UNG+PAXLST+TK+GBR+260101:0900+G1'", message!(), "UNE+2+G1'UNZ+1+R1'"),
        "2", (None, 0, 1, 1), "1"),
    case(K::CountNotNumeric, concat!(unb!(), message!(), "UNZ+I+R1'"), "I", (None, 0, 1, 1), "1"),
    case(K::CountNotNumeric, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'BGM+745'UNT++1'UNZ+1+R1'"), "", (Some(0), 3, 1, 1), "3"),
    case(K::GroupsMixed, concat!(unb!(), message!(), "UNG+PAXLST+TK+GBR+260101:0900+G1'", message!("2"), "UNE+1+G1'UNZ+1+R1'"),
        "UNG+PAXLST+TK+GBR+260101:0900+G1", NOWHERE, "UNH"),
    case(K::GroupsMixed, concat!(unb!(), "UNG+PAXLST+TK+GBR+260101:0900+G1'", message!(), "UNE+1+G1'", message!("2"), "UNZ+1+R1'"),
        "UNH+2+PAXLST:D:05B:UN", NOWHERE, "UNG"),
    case(K::TypeDiffers, concat!(unb!(), "UNG+CUSRES+TK+GBR+260101:0900+G1'", message!(), "UNE+1+G1'UNZ+1+R1'"),
        "PAXLST", (Some(0), 1, 2, 1), "CUSRES"),
    case(K::Empty, concat!(unb!(), "UNZ+0+R1'"), "UNB+UNOA:4+TK+GBR+260101:0900+R1", NOWHERE, "a message"),
    case(K::Empty, concat!(unb!(), "UNG+PAXLST+TK+GBR+260101:0900+G1'UNE+0+G1'UNZ+1+R1'"),
        "UNG+PAXLST+TK+GBR+260101:0900+G1", NOWHERE, "a message"),
    case(K::Empty, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'UNT+2+1'UNZ+1+R1'"), "UNH+1+PAXLST:D:05B:UN", (Some(0), 1, 0, 0), ""),
    case(K::NoMessageHeader, concat!(unb!(), "BGM+745'CNT+42:1'UNT+3+1'UNZ+1+R1'"), "BGM+745", (Some(0), 1, 0, 0), "UNH"),
    case(K::NoMessageHeader, concat!(unb!(), message!(), "BGM+745'CNT+42:1'UNT+4+1'UNZ+2+R1'"), "BGM+745", (Some(1), 1, 0, 0), "UNH"),
    case(K::Duplicate, concat!(sound!(), "UNB+UNOA:4+TK+GBR+260101:0900+R1'", message!("2"), "UNZ+1+R1'"), "R1", (None, 0, 5, 1), ""),
    case(K::OutsideMessage, concat!(unb!(), "BGM+745'", message!(), "UNZ+1+R1'"), "BGM+745", NOWHERE, "UNH"),
    case(K::OutsideMessage, concat!(unb!(), message!(), "CNT+42:1'UNZ+1+R1'"), "CNT+42:1", NOWHERE, "UNH"),
    case(K::EarlyTrailer, concat!(unb!(), message!(), "UNZ+1+R1'", message!("2"), "UNZ+2+R1'"), "UNZ+1+R1", NOWHERE, ""),
    case(K::EarlyTrailer, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'BGM+745'UNZ+1+R1'CNT+42:1'UNT+4+1'UNZ+1+R1'"),
        "UNZ+1+R1", (Some(0), 3, 0, 0), "UNT"),
    case(K::EarlyTrailer, concat!(unb!(), "UNG+PAXLST+TK+GBR+260101:0900+G1'UNH+1+PAXLST:D:05B:UN'BGM+745'UNE+1+G1'CNT+42:1'UNT+5+1'UNE+1+G1'UNZ+1+R1'"),
        "UNE+1+G1", (Some(0), 3, 0, 0), "UNT"),
    case(K::NoMessageTrailer, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'BGM+745'UNZ+1+R1'"), "BGM+745", (Some(0), 2, 0, 0), "UNT"),
    case(K::NoMessageTrailer, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'BGM+745'", message!("2"), "UNZ+2+R1'"),
        "BGM+745", (Some(0), 2, 0, 0), "UNT"),
    case(K::TrailerWithoutHeader, concat!(unb!(), message!(), "UNT+3+1'UNZ+1+R1'"), "UNT+3+1", NOWHERE, "UNH"),
    case(K::TrailerWithoutHeader, concat!(unb!(), message!(), "UNE+1+G1'UNZ+1+R1'"), "UNE+1+G1", NOWHERE, "UNG"),
    case(K::NoGroupTrailer, concat!(unb!(), "UNG+PAXLST+TK+GBR+260101:0900+G1'", message!(), "UNZ+1+R1'"),
        "UNG+PAXLST+TK+GBR+260101:0900+G1", NOWHERE, "UNE"),
    case(K::MissingElement, concat!("UNB+UNOA:4++GBR+260101:0900+R1'", message!(), "UNZ+1+R1'"), "", (None, 0, 2, 1), "the sender"),
    case(K::MissingElement, concat!("UNB+UNOA:4+TK++260101:0900+R1'", message!(), "UNZ+1+R1'"), "", (None, 0, 3, 1), "the recipient"),
    case(K::MissingElement, concat!("UNB+UNOA:4+TK+GBR++R1'", message!(), "UNZ+1+R1'"), "", (None, 0, 4, 1), "the date"),
    case(K::MissingElement, concat!("UNB+UNOA:4+TK+GBR+260101:0900'", message!(), "UNZ+1'"), "", (None, 0, 5, 1), "the control reference"),
    case(K::MissingElement, concat!(unb!(), "UNH+1'BGM+745'UNT+3+1'UNZ+1+R1'"), "", (Some(0), 1, 2, 1), "the message type"),
    case(K::MissingElement, concat!(unb!(), "UNH++PAXLST:D:05B:UN'BGM+745'UNT+3'UNZ+1+R1'"), "", (Some(0), 1, 1, 1), "the message reference"),
    case(K::MissingElement, concat!(unb!(), "UNG+PAXLST+TK+GBR+260101:0900'", message!(), "UNE+1'UNZ+1+R1'"), "", (None, 0, 5, 1), "the group reference"),
    case(K::BadTag, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'BG+745'UNT+3+1'UNZ+1+R1'"), "BG+745", (Some(0), 2, 0, 0), "a tag, such as NAD"),
    case(K::BadTag, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'BGM+745''UNT+4+1'UNZ+1+R1'"), "", (Some(0), 3, 0, 0), "a tag, such as NAD"),
    case(K::OutsideRepertoire, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'FTX+A:Bcd'UNT+3+1'UNZ+1+R1'"), "c", (Some(0), 2, 1, 2), "characters of UNOA"),
    case(K::OutsideRepertoire, concat!("UNB+UNOA:4+TKx+GBR+260101:0900+R1'", message!(), "UNZ+1+R1'"), "x", (None, 0, 2, 1), "characters of UNOA"),
    case(K::TooLong, concat!("UNB+UNOA:4+TK+GBR+260101:0900+R12345678901234'", message!(), "UNZ+1+R12345678901234'"),
        "R12345678901234", (None, 0, 5, 1), "at most 14 characters"),
    case(K::TooLong, concat!(unb!(), "UNH+M12345678901234+PAXLST:D:05B:UN'BGM+745'UNT+3+M12345678901234'UNZ+1+R1'"),
        "M12345678901234", (Some(0), 1, 1, 1), "at most 14 characters"),
    case(K::TooMany, concat!("UNB+UNOA:4+TK+GBR+260101:0900+R1+++++++X'", message!(), "UNZ+1+R1'"), "X", (None, 0, 12, 1), "at most 11 elements"),
    case(K::TooMany, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+3+1+X'UNZ+1+R1'"), "X", (Some(0), 3, 3, 1), "2 elements"),
    case(K::TooMany, concat!(unb!(), "UNH+1+PAXLST:D:05B:UN++++++X'BGM+745'UNT+3+1'UNZ+1+R1'"), "X", (Some(0), 1, 8, 1), "at most 7 elements"),
    case(K::BadDate, concat!("UNB+UNOA:4+TK+GBR+261301:0900+R1'", message!(), "UNZ+1+R1'"), "261301", (None, 0, 4, 1), "YYMMDD:HHMM"),
    case(K::BadDate, concat!("UNB+UNOA:4+TK+GBR+260101:2400+R1'", message!(), "UNZ+1+R1'"), "2400", (None, 0, 4, 2), "YYMMDD:HHMM"),
    case(K::SameReference, concat!(unb!(), message!(), message!(), "UNZ+2+R1'"), "1", (Some(1), 1, 1, 1), ""),
];

/// What [`CASES`] cannot show, and the test that does.
/// The guides of messages, which this crate does not know, are held by who does.
const ELSEWHERE: &[FaultKind] = &[
    K::TooLarge,
    K::NotForUs,
    K::TestIndicator,
    K::Surplus,
    K::TooShort,
    K::SegmentRepeats,
    K::GroupRepeats,
    K::OutOfOrder,
];

fn severity_in(mode: Mode, kind: FaultKind) -> Severity {
    match mode {
        Mode::Strict => kind.tolerant().max(Severity::Error),
        _ => kind.tolerant(),
    }
}

#[track_caller]
fn check(bytes: &[u8], fault: &Fault, case: &Case) {
    let what = format!("{:?} in {}", case.kind, case.bytes);
    let some = |n: usize| (n > 0).then_some(n);
    let (message, segment, element, component) = case.place;
    assert_eq!(fault.kind, case.kind, "{what}");
    assert_eq!(fault.code(), case.kind.code(), "{what}");
    let underlined = std::str::from_utf8(&bytes[fault.span.start..fault.span.end]).unwrap();
    assert_eq!(underlined, case.span, "{what}");
    assert_eq!(
        (fault.message, fault.segment, fault.element, fault.component),
        (message, some(segment), some(element), some(component)),
        "{what}"
    );
    assert_eq!(fault.expected, case.expected, "{what}");
    assert!(fault.text.starts_with(case.kind.text()), "{what}");
}

#[test]
fn a_sound_interchange_has_no_fault_in_any_mode() {
    for mode in [Mode::Strict, Mode::Tolerant, Mode::Cleaning] {
        assert_eq!(read(sound!().as_bytes(), mode).1, []);
    }
}

#[test]
fn every_kind_of_fault_is_found_where_it_is_and_alone() {
    for case in CASES {
        let bytes = case.bytes.as_bytes();
        for mode in [Mode::Strict, Mode::Tolerant, Mode::Cleaning] {
            let (_, faults) = read(bytes, mode);
            let noise = matches!(case.kind, K::TextBefore | K::TextAfter);
            if noise && mode == Mode::Cleaning {
                assert_eq!(faults, [], "{}", case.bytes);
                continue;
            }
            let [fault] = &faults[..] else {
                panic!("{:?} in {} gave {faults:?}", case.kind, case.bytes);
            };
            check(bytes, fault, case);
            assert_eq!(fault.severity, severity_in(mode, case.kind), "{}", case.bytes);
        }
    }
}

#[test]
fn no_kind_of_fault_is_without_an_interchange_that_has_it() {
    for kind in FaultKind::ALL {
        let shown = CASES.iter().any(|c| c.kind == *kind);
        assert_ne!(shown, ELSEWHERE.contains(kind), "{kind:?}");
    }
}

/// The codes of element 0085 that `formats.md` has for these checks, and no others.
#[test]
fn every_code_is_one_of_the_iso_list() {
    for kind in FaultKind::ALL {
        let code = kind.code();
        assert!(matches!(code, 2 | 7 | 12..=40), "{kind:?} has {code}");
        assert!(kind.text().ends_with('.'), "{kind:?}");
    }
}

#[test]
fn what_is_too_large_is_read_up_to_there() {
    let bytes = concat!(sound!(), "Another interchange").as_bytes();
    for mode in [Mode::Strict, Mode::Tolerant, Mode::Cleaning] {
        let (interchange, faults) = read_up_to(bytes, mode, sound!().len());
        assert_eq!(interchange.messages().len(), 1);
        let [fault] = &faults[..] else { panic!("{faults:?}") };
        assert_eq!((fault.kind, fault.code()), (K::TooLarge, 18));
        assert_eq!((fault.span.start, fault.span.end), (sound!().len(), sound!().len()));
        assert_eq!(fault.severity, Severity::Error);
    }
}

/// What the receiver alone can know: whom it is for, by which channel it came, and
/// whether it came before.
#[test]
fn what_no_grammar_knows_is_asked_of_the_interchange() {
    const TEST: &str = concat!("UNB+UNOA:4+TK+GBR+260101:0900+R1++++++1'", message!(), "UNZ+1+R1'");
    let place = |element| (None, 0, element, 1);
    let none = |_: &Interchange<'_>| None;
    type Ask = fn(&Interchange<'_>) -> Option<Fault>;
    let asked: [(Case, Ask, Ask); 4] = [
        (
            case(K::NotForUs, sound!(), "GBR", place(3), "TUR or TURAPIS"),
            |i| i.misaddressed(&["TUR", "TURAPIS"]),
            |i| i.misaddressed(&["TUR", "gbr"]),
        ),
        (
            case(K::TestIndicator, TEST, "1", place(11), ""),
            |i| i.wrong_channel(false),
            |i| i.wrong_channel(true),
        ),
        (
            case(K::TestIndicator, sound!(), "", place(11), "1"),
            |i| i.wrong_channel(true),
            |i| i.wrong_channel(false),
        ),
        (case(K::Duplicate, sound!(), "R1", place(5), ""), |i| i.repeated(), none),
    ];
    for (case, wrong, right) in asked {
        let bytes = case.bytes.as_bytes();
        let (interchange, faults) = read(bytes, Mode::Strict);
        assert_eq!(faults, []);
        let fault = wrong(&interchange).unwrap();
        check(bytes, &fault, &case);
        assert_eq!(fault.severity, Severity::Error);
        assert_eq!(right(&interchange), None);
    }
    let (no_header, _) = read(message!().as_bytes(), Mode::Tolerant);
    assert_eq!(no_header.misaddressed(&["GBR"]), None);
    assert_eq!(no_header.wrong_channel(true), None);
    assert_eq!(no_header.repeated(), None);
}

#[test]
fn a_fault_says_in_one_sentence_what_and_where() {
    let bytes = concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+9+1'").as_bytes();
    let (_, faults) = read(bytes, Mode::Tolerant);
    let sentences: Vec<String> = faults.iter().map(Fault::sentence).collect();
    assert_eq!(
        sentences,
        [
            "Message 1, segment 3, element 1, component 1: The count in the trailer is not the \
             number that is there. Found \"9\", expected \"3\" (0085 = 29).",
            "Byte 72: The interchange trailer UNZ is missing. Found nothing, expected \"UNZ\" \
             (0085 = 13).",
        ]
    );
}

/// Neither a log nor a panic may name a person by way of a fault.
#[test]
fn debug_never_shows_what_was_found() {
    let bytes = concat!(unb!(), "UNH+1+PAXLST:D:05B:UN'NAD+FL+++Eriksson'UNT+3+1'UNZ+1+R1'");
    let (interchange, faults) = read(bytes.as_bytes(), Mode::Tolerant);
    assert_eq!(faults[0].found, "r");
    let nad = interchange.messages()[0].segment(1).unwrap();
    let shown = format!("{faults:?} {nad:?}");
    assert!(shown.contains("OutsideRepertoire") && shown.contains("NAD"), "{shown}");
    assert!(!shown.contains("found") && !shown.to_lowercase().contains("eriksson"), "{shown}");
}
