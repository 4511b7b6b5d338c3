//! By what the segments of a booking are told when their tags do not tell.

use edifact::Segment;

use crate::tags::{Shape, is_digits, is_name, is_one_of, shape};

/// What a traveller is to a fare (TIF C324 1): adult, child, infant, one of a group.
const KINDS: &[&str] = &["A", "C", "IN", "G", "ADT", "CHD", "INF"];

/// The segments that are sought. Others say too little by themselves.
pub(super) const SHAPES: &[Shape] = &[
    Shape { tag: *b"TIF", fits: may_be_traveller, alone: is_traveller },
    shape(b"RCI", |s| {
        matches!(s.raw(1, 1).len(), 2..=3)
            && matches!(s.raw(1, 2).len(), 5..=8)
            && s.raw(1, 2).iter().all(u8::is_ascii_alphanumeric)
    }),
    shape(b"SSR", |s| s.raw(1, 1).len() == 4 && s.raw(1, 2).len() == 2 && s.raw(1, 2).is_ascii()),
    shape(b"TVL", |s| is_digits(s.raw(1, 1), 6..=8) && s.raw(2, 1).len() == 3 && s.elements() > 4),
    shape(b"DAT", |s| is_digits(s.raw(1, 2), 6..=8) && s.components(1) >= 2),
    shape(b"FTI", |s| {
        matches!(s.raw(1, 1).len(), 2..=3) && s.raw(1, 2).iter().any(u8::is_ascii_digit)
    }),
    shape(b"TKT", |s| is_digits(s.raw(1, 1), 10..=16)),
    shape(b"FOP", |s| s.raw(1, 1).len() == 2 && s.components(1) >= 3),
    shape(b"RPI", |s| is_digits(s.raw(1, 1), 1..=3) && s.raw(2, 1).len() == 2),
    shape(b"TRI", |s| s.raw(1, 1).is_empty() && s.elements() == 2 && s.components(2) >= 1),
    shape(b"SSD", |s| {
        matches!(s.raw(1, 1).len(), 2..=5) && s.raw(1, 1).iter().any(u8::is_ascii_digit)
    }),
    shape(b"UNT", |s| is_digits(s.qualifier(), 1..=7) && s.elements() == 2),
];

/// Somebody, and nothing else: two names, what they are to the fare, and their number.
pub(super) fn is_traveller(s: &Segment<'_>) -> bool {
    let given = s.element(2);
    is_name(s.raw(1, 1))
        && is_name(given.raw(1))
        && is_one_of(given.raw(2), KINDS)
        && is_digits(given.raw(3), 1..=5)
}

/// A `TIF`, if its tag is near: a name, and perhaps another.
fn may_be_traveller(s: &Segment<'_>) -> bool {
    let given = s.element(2);
    is_name(s.raw(1, 1))
        && s.elements() <= 2
        && s.components(1) <= 2
        && given.components() <= 5
        && (given.raw(1).is_empty() || is_name(given.raw(1)))
        && is_kind(given.raw(2))
}

/// What somebody is to a fare, or nothing.
pub(super) fn is_kind(raw: &[u8]) -> bool {
    raw.is_empty() || is_one_of(raw, KINDS)
}
