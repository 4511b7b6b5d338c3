//! By what the segments of a list are told when their tags do not tell.

use edifact::Segment;
use travel::DocumentKind;

use crate::tags::{Shape, is_digits, is_name, is_one_of, shape};
use crate::text;

/// What a person is on board (NAD 3035).
const ROLES: &[&str] = &["FL", "FM", "DDU", "DDT", "ZZZ"];
/// The same in the dialect before the UN directory.
const OLD_ROLES: &[&str] = &["PAX", "CRW", "ITI"];

/// The segments that may stand behind `BGM`.
pub(super) const SHAPES: &[Shape] = &[
    Shape { tag: *b"NAD", fits: may_be_person, alone: is_person },
    Shape { tag: *b"PDT", fits: is_old_person, alone: is_old_person },
    shape(b"BGM", |s| is_one_of(s.qualifier(), &["745", "250", "266", "336", "655"])),
    shape(b"ATT", |s| s.qualifier() == b"2" && s.elements() <= 3 && is_sex(s)),
    shape(b"DTM", |s| {
        is_one_of(s.qualifier(), &["329", "36", "182", "189", "232"])
            && is_digits(s.raw(1, 2), 4..=14)
    }),
    shape(b"NAT", |s| s.qualifier() == b"2" && s.elements() == 2 && is_country(s.raw(2, 1))),
    shape(b"RFF", |s| {
        is_one_of(s.qualifier(), &["AVF", "ABO", "SEA", "CR", "YZY", "AEA", "TN"])
            && !s.raw(1, 2).is_empty()
    }),
    shape(b"DOC", |s| is_document(s.qualifier()) && !s.raw(2, 1).is_empty()),
    shape(b"LOC", |s| is_place(s.qualifier()) && s.elements() >= 2),
    shape(b"MEA", |s| is_one_of(s.qualifier(), &["CT", "WT"]) && s.elements() >= 3),
    shape(b"GEI", |s| s.qualifier() == b"4" && s.elements() == 2),
    shape(b"FTX", |s| s.qualifier() == b"BAG" && s.elements() >= 4),
    shape(b"TDT", |s| is_digits(s.qualifier(), 2..=2) && s.elements() >= 5),
    shape(b"CNT", |s| is_one_of(s.qualifier(), &["41", "42"]) && is_digits(s.raw(1, 2), 1..=6)),
    shape(b"UNT", |s| is_digits(s.qualifier(), 1..=7) && s.elements() == 2),
];

/// Somebody on board, and nothing else: the role is said, and a name follows in its place, or
/// one before.
pub(super) fn is_person(s: &Segment<'_>) -> bool {
    is_one_of(s.qualifier(), ROLES) && [4, 3].into_iter().any(|e| is_name(s.raw(e, 1)))
}

/// A `NAD`, if its tag is near: the role is said, or else a name stands where only `NAD` has one.
fn may_be_person(s: &Segment<'_>) -> bool {
    let nobody = s.qualifier() == b"ZZZ" && s.elements() == 1;
    let role = s.qualifier().len() <= 3 && s.raw(3, 1).is_empty() && is_name(s.raw(4, 1));
    nobody || is_person(s) || role
}

fn is_old_person(s: &Segment<'_>) -> bool {
    is_one_of(s.raw(3, 1), OLD_ROLES) && s.components(2) >= 2 && is_name(s.raw(2, 1))
}

fn is_sex(s: &Segment<'_>) -> bool {
    [2, 3].into_iter().any(|e| is_one_of(s.raw(e, 1), &["M", "F", "U", "X"]))
}

fn is_country(raw: &[u8]) -> bool {
    matches!(raw.len(), 1..=3) && raw.iter().all(u8::is_ascii_alphabetic)
}

/// The code of a kind of document.
pub(super) fn is_document(qualifier: &[u8]) -> bool {
    text::document_kind(qualifier) != DocumentKind::Unknown
}

/// The code of what a place is to a flight, a person or a document.
pub(super) fn is_place(qualifier: &[u8]) -> bool {
    is_one_of(qualifier, &["125", "87", "92", "91", "174", "178", "179", "180", "22"])
}
