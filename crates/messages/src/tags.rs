//! Segments whose tag is mistyped, or that run together because the terminator between them is
//! missing: what each must have been meant as, told by what stands in it.
//!
//! A person whose `NAD` or `TIF` is not read would be lost, and all that follows would go to
//! the one before: two people become one. So a tag that nobody knows is held against those of
//! the guide. One is taken for meant if it is no more than one slip away (a letter wrong, missing,
//! too many, or two swapped), or stands without its separator, *and* what follows has that
//! segment's own shape. Who is named by a segment that no other could be is read whatever its
//! tag is. None of this is asked of a segment with a tag that is known and no more elements than
//! such have.

use edifact::{Segment, Span};

/// A segment of a guide, and what tells it by its elements.
pub(crate) struct Shape {
    pub(crate) tag: [u8; 3],
    /// Whether elements are those of such a segment.
    pub(crate) fits: fn(&Segment<'_>) -> bool,
    /// Whether they can be those of no other.
    pub(crate) alone: fn(&Segment<'_>) -> bool,
}

/// A row whose tag must be near.
pub(crate) const fn shape(tag: &[u8; 3], fits: fn(&Segment<'_>) -> bool) -> Shape {
    Shape { tag: *tag, fits, alone: |_| false }
}

/// Hands over what a segment without a known tag was meant as: the tag, and the segment with its
/// elements where they were meant to be. `None` when there is no telling, or two are as near.
pub(crate) fn meant<R>(
    shapes: &[Shape],
    s: &Segment<'_>,
    mut read: impl FnMut([u8; 3], &Segment<'_>) -> R,
) -> Option<R> {
    let head = &s.bytes()[..s.head_len()];
    if let Some(tag) = only(shapes, |shape| is_near(head, shape.tag) && (shape.fits)(s)) {
        return Some(read(tag, s));
    }
    for (tag, gap) in [(3, 1), (3, 0), (2, 1), (4, 1), (2, 0), (4, 0)] {
        let first = tag + gap;
        let parts = head.len() > first && (gap == 0 || !head[tag].is_ascii_alphanumeric());
        if !parts {
            continue;
        }
        let near = only(shapes, |shape| {
            is_near(&head[..tag], shape.tag) && s.with_first_element(first, shape.fits)
        });
        if let Some(tag) = near {
            return Some(s.with_first_element(first, |s| read(tag, s)));
        }
    }
    let named = only(shapes, |shape| (shape.alone)(s));
    if let Some(tag) = named {
        return Some(read(tag, s));
    }
    // The tag itself is not there.
    let named = only(shapes, |shape| s.with_first_element(0, shape.alone))?;
    Some(s.with_first_element(0, |s| read(named, s)))
}

/// The tag of the one row for which that is so.
fn only(shapes: &[Shape], is_so: impl Fn(&Shape) -> bool) -> Option<[u8; 3]> {
    let mut found = shapes.iter().filter(|shape| is_so(shape)).map(|shape| shape.tag);
    let first = found.next()?;
    found.all(|tag| tag == first).then_some(first)
}

/// Gives the segments that run together in one, in order, each with whether it stands behind
/// another. Whether there were several; else none is given.
pub(crate) fn apart(
    shapes: &[Shape],
    s: &Segment<'_>,
    mut each: impl FnMut(&Segment<'_>, bool),
) -> bool {
    let (mut rest, mut any) = (*s, false);
    while let Some((end, start)) = another_within(shapes, &rest) {
        let (first, second) = rest.parted(end, start);
        each(&first, any);
        (rest, any) = (second, true);
    }
    if any {
        each(&rest, true);
    }
    any
}

/// Where in a segment another begins: the offset at which the text before ends, and that of the
/// tag. `None` if there is none.
fn another_within(shapes: &[Shape], s: &Segment<'_>) -> Option<(usize, usize)> {
    let (span, bytes) = (s.span(), s.bytes());
    (1..=s.elements()).find_map(|element| {
        let behind = s.span_of(element, 1).start - span.start;
        let tag = behind.checked_sub(4).filter(|at| *at > 0)?;
        let known = shapes.iter().any(|shape| bytes[tag..tag + 3] == shape.tag);
        if !known {
            return None;
        }
        let start = span.start + tag;
        let (_, second) = s.parted(start, start);
        let fits = |shape: &Shape| bytes[tag..tag + 3] == shape.tag && (shape.fits)(&second);
        if !shapes.iter().any(fits) {
            return None;
        }
        // What was typed for the terminator is no part of either.
        let text = bytes[..tag].trim_ascii_end();
        let sign = |b: &u8| b.is_ascii_punctuation() && !matches!(b, b')' | b'.');
        let signs = text.iter().rev().take_while(|b| sign(b)).count();
        Some((span.start + text.len() - signs, start))
    })
}

/// The place of what was read as another tag, and the tag as far as it is one.
pub(crate) fn written(s: &Segment<'_>) -> (Span, String) {
    let head = &s.bytes()[..s.head_len()];
    let start = s.span().start;
    let found = if is_bad(s) { String::new() } else { s.tag().to_owned() };
    (Span { start, end: start + head.len().min(4) }, found)
}

/// Whether what stands before the first element is no tag at all: not three letters or digits.
pub(crate) fn is_bad(s: &Segment<'_>) -> bool {
    let head = &s.bytes()[..s.head_len()];
    head.len() != 3 || !head.iter().all(u8::is_ascii_alphanumeric)
}

/// Whether what stands there is one slip from the tag.
pub(crate) fn is_near_to(s: &Segment<'_>, tag: [u8; 3]) -> bool {
    is_near(&s.bytes()[..s.head_len()], tag)
}

/// Whether it is one slip from what was written to the tag.
fn is_near(written: &[u8], tag: [u8; 3]) -> bool {
    let mut upper = [0; 4];
    let Some(out) = upper.get_mut(..written.len()) else { return false };
    out.copy_from_slice(written);
    out.make_ascii_uppercase();
    let [a, b, c] = tag;
    match *out {
        [x, y] => [[b, c], [a, c], [a, b]].contains(&[x, y]),
        [x, y, z] => {
            let wrong = [x != a, y != b, z != c].into_iter().filter(|w| *w).count();
            wrong <= 1 || [x, y, z] == [b, a, c] || [x, y, z] == [a, c, b]
        }
        [w, x, y, z] => [[x, y, z], [w, y, z], [w, x, z], [w, x, y]].contains(&tag),
        _ => false,
    }
}

/// Whether a component is one of these, blanks around it and small letters aside.
pub(crate) fn is_one_of(raw: &[u8], all: &[&str]) -> bool {
    let raw = raw.trim_ascii();
    all.iter().any(|one| raw.eq_ignore_ascii_case(one.as_bytes()))
}

/// Whether it is a number of so many digits.
pub(crate) fn is_digits(raw: &[u8], counts: std::ops::RangeInclusive<usize>) -> bool {
    let raw = raw.trim_ascii();
    counts.contains(&raw.len()) && raw.iter().all(u8::is_ascii_digit)
}

/// Whether a name may stand there: letters first, and no digit.
pub(crate) fn is_name(raw: &[u8]) -> bool {
    let raw = raw.trim_ascii();
    raw.first().is_some_and(|b| b.is_ascii_alphabetic() || !b.is_ascii())
        && !raw.iter().any(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_near_and_two_are_not() {
        for near in
            ["NAD", "nad", "NDA", "AND", "NA", "AD", "ND", "NAF", "BAD", "NADD", "XNAD", "NXAD"]
        {
            assert!(is_near(near.as_bytes(), *b"NAD"), "{near}");
        }
        for far in ["", "N", "DAN", "DNA", "NBF", "ADN", "NADXX", "DA", "NDAA"] {
            assert!(!is_near(far.as_bytes(), *b"NAD"), "{far}");
        }
    }
}
