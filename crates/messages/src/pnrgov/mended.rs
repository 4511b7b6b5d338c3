//! What stands in the wrong shape: tags that nobody knows, segments that run together, and
//! several people in one `TIF`.

use edifact::Segment;
use travel::{Kind, Traveller};

use super::document::{Pending, give};
use super::shapes::{SHAPES, is_kind, is_traveller};
use super::{Place, Reader};
use crate::reading::Finding;
use crate::sink::Origin;
use crate::{codes, tags, text};

/// Segments of words, whose rest has no tag if a quote in them is not released.
const OF_WORDS: &[[u8; 3]] = &[*b"SSR", *b"IFT", *b"OSI", *b"LTS", *b"ADD"];

impl Reader<'_> {
    /// Reads a segment that has more elements than one of its kind as several, if it is such.
    #[inline]
    pub(super) fn together(&mut self, s: &Segment<'_>, most: usize) -> bool {
        s.elements() > most && self.run_together(s)
    }

    #[cold]
    fn run_together(&mut self, s: &Segment<'_>) -> bool {
        tags::apart(SHAPES, s, |part, behind_another| {
            if behind_another {
                self.sink.run_together(part);
            }
            self.segment(part.code(), part);
        })
    }

    /// A segment of no tag that is known.
    #[cold]
    pub(super) fn odd(&mut self, s: &Segment<'_>) {
        let untagged = s.code() == *b"   ";
        if s.span().is_empty() || self.run_together(s) {
            return;
        }
        // Behind a surname without a given name, what has no tag is the rest of it.
        if untagged && self.last == *b"TIF" && self.surname_alone {
            self.rest_of_name(s);
            return;
        }
        let read = tags::meant(SHAPES, s, |tag, meant| self.meant(tag, s, meant));
        if read.is_some() {
            return;
        }
        // No tag: the rest of a text that an unreleased quote ended.
        if untagged && (OF_WORDS.contains(&self.last) || self.rest_of_name(s)) {
            return;
        }
        if !untagged {
            self.sink.segment(codes::SEGMENT_UNKNOWN, *s, self.current);
        }
        if self.place != Place::Passenger {
            return;
        }
        self.unread = Some(Origin::of(self.sink.message, *s));
        if tags::is_bad(s) || tags::is_near_to(s, *b"TIF") {
            self.sink.segment(codes::ASIDE, *s, None);
            self.current = None;
        }
    }

    /// Reads a segment as one of another tag.
    fn meant(&mut self, tag: [u8; 3], s: &Segment<'_>, meant: &Segment<'_>) {
        self.sink.meant(tags::written(s), tag, s, None);
        self.segment(tag, meant);
    }

    /// A `TIF` under the tag of another segment.
    #[cold]
    pub(super) fn is_person_by_another_tag(&mut self, s: &Segment<'_>) -> bool {
        let is = is_traveller(s);
        if is {
            self.meant(*b"TIF", s, s);
        }
        is
    }

    /// The people whom a `TIF` names behind the first: given names of the same family, or pairs
    /// of surname and given names.
    #[cold]
    pub(super) fn further_names(&mut self, s: &Segment<'_>) {
        let mut surname = s.text(1, 1);
        for element in 2..=text::few(s.elements()) {
            for repetition in 1..=text::few(s.repetitions(element)) {
                if (element, repetition) == (2, 1) {
                    continue;
                }
                let part = |c| s.text_rep(element, repetition, c);
                let told =
                    is_kind(part(2).as_bytes()) && part(3).bytes().all(|b| b.is_ascii_digit());
                let named = tags::is_name(part(1).as_bytes()) && told;
                let pair = element < s.elements() && part(2).is_empty() && part(3).is_empty();
                match (named, pair) {
                    (false, _) => {}
                    (true, true) => surname = part(1),
                    (true, false) => {
                        self.named_beside(s, (element, &surname), [&part(1), &part(2), &part(3)]);
                    }
                }
            }
        }
    }

    fn named_beside(
        &mut self,
        s: &Segment<'_>,
        (element, surname): (usize, &str),
        [given, kind, number]: [&str; 3],
    ) {
        let index = self.report.travellers.len();
        self.sink.at(codes::NAMES_SEVERAL, *s, (element, 1), Some(index));
        self.places.travellers.push(Origin::of(self.sink.message, *s));
        let (surname, _) = text::one_name(surname.into());
        let (given, _) = text::one_name(given.into());
        self.report.travellers.push(Traveller {
            kind: if kind == "IN" { Kind::Infant } else { Kind::Passenger },
            surname: (&*surname).into(),
            given: text::without_title(&given).into(),
            booking: self.report.bookings.len().checked_sub(1).map(|b| b as u32),
            ..Traveller::default()
        });
        if !number.is_empty() {
            self.numbers.give(number, index);
        }
        // What follows is of one of them, and does not say of whom.
        self.current = None;
    }

    /// A document that names somebody of whom the booking says nothing, behind a segment that
    /// could not be read: it was theirs.
    pub(super) fn named_by_document(&mut self, pending: Pending, unread: Origin) {
        let index = self.report.travellers.len();
        let mut finding = Finding::new(codes::PERSON_BY_DOCUMENT, edifact::Span::default(), "");
        unread.place(&mut finding);
        finding.traveller = Some(index);
        self.sink.push(finding);
        self.places.travellers.push(unread);
        self.report.travellers.push(Traveller {
            kind: if pending.infant { Kind::Infant } else { Kind::Passenger },
            surname: pending.surname.clone(),
            given: pending.given.clone(),
            booking: self.report.bookings.len().checked_sub(1).map(|b| b as u32),
            ..Traveller::default()
        });
        give(&mut self.report.travellers[index], pending);
    }
}
