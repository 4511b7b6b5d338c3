//! Where a person's segments say what a finding doubts.
//!
//! What is checked once all is read knows who is meant, and not in which segment the datum
//! stands: to remember that of everybody would cost every list what few need. So it is
//! looked up for the findings that there are.

use std::collections::HashSet;

use edifact::{Message, Segment, Span};
use jiff::civil::Date;

use crate::reading::Finding;
use crate::text::{self, Century, few};
use crate::{codes, pnrgov};

/// What of a person is doubted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Datum {
    Birth,
    Expiry,
    Number,
    Country,
    Reference,
}

/// What each code doubts.
const DOUBTED: &[(&str, Datum)] = &[
    (codes::BIRTH_FUTURE.code, Datum::Birth),
    (codes::BIRTH_AGE.code, Datum::Birth),
    (codes::BIRTH_NOBODY.code, Datum::Birth),
    (codes::DOCUMENT_EXPIRED.code, Datum::Expiry),
    (codes::DOCUMENT_NOBODY.code, Datum::Number),
    (codes::DOCUMENT_CHECK_DIGIT.code, Datum::Number),
    (codes::COUNTRY_UNKNOWN.code, Datum::Country),
    (codes::COUNTRY_UNK.code, Datum::Country),
    (codes::COUNTRY_SPECIMEN.code, Datum::Country),
    (codes::COUNTRY_RETIRED.code, Datum::Country),
    (codes::REFERENCE_DOUBLE.code, Datum::Reference),
];

/// A component of a segment.
pub(crate) type Written<'m> = (Segment<'m>, (usize, usize));

/// Which places findings have been moved to, by the row of [`DOUBTED`]: who has one doubtful
/// code twice has it in two places.
#[derive(Default)]
pub(crate) struct Taken(HashSet<(usize, Span)>);

impl Taken {
    /// Moves a finding on somebody from where they are named to where the datum stands.
    pub(crate) fn place(&mut self, finding: &mut Finding, message: &Message<'_>, today: Date) {
        let row = DOUBTED.iter().position(|(code, _)| *code == finding.code);
        let Some((row, named)) = row.zip(finding.segment).filter(|_| finding.element.is_none())
        else {
            return;
        };
        let sought = (DOUBTED[row].1, &*finding.found);
        let mut found = match message.kind() {
            "PAXLST" => in_group_4(message, named, sought, today),
            _ => pnrgov::written(message, named, sought),
        };
        let free = |(s, (e, c)): &Written<'_>| self.0.insert((row, s.span_of(*e, *c)));
        if let Some((s, (element, component))) = found.find(free) {
            finding.segment = Some(s.position());
            finding.span = s.span_of(element, component);
            (finding.element, finding.component) = (Some(element), Some(component));
        }
    }
}

/// Codes that quote a component of the segment at which they stand, or of the places and times
/// behind it.
const QUOTED: &[&str] = &[
    codes::AIRPORT_UNKNOWN.code,
    codes::AIRPORTS_SAME.code,
    codes::COUNT.code,
    codes::COUNT_BOOKINGS.code,
    codes::NAME_TITLE.code,
    codes::NAME_SIGNS.code,
];

/// Moves a finding from its segment to the component that it quotes.
pub(crate) fn quoted(finding: &mut Finding, message: &Message<'_>) {
    let own = QUOTED.contains(&&*finding.code) && finding.element.is_none();
    let Some(from) = finding.segment.filter(|_| own && !finding.found.is_empty()) else { return };
    let near = (from.saturating_sub(1)..message.len()).map_while(|i| message.segment(i));
    let near = near.take_while(|s| s.position() == from || matches!(&s.code(), b"LOC" | b"DTM"));
    for s in near.take(MOST_NEAR) {
        for element in 1..=few(s.elements()) {
            let says = |c: &usize| s.text(element, *c).trim() == finding.found;
            if let Some(component) = (1..=few(s.components(element))).find(says) {
                finding.segment = Some(s.position());
                finding.span = s.span_of(element, component);
                (finding.element, finding.component) = (Some(element), Some(component));
                return;
            }
        }
    }
}

/// So many segments are looked at for what a finding quotes.
const MOST_NEAR: usize = 20;

/// Places, one after the other.
pub(crate) type Places<'m> = Box<dyn Iterator<Item = Written<'m>> + 'm>;

/// In the segments of one person of a PAXLST, behind the `NAD` at that position.
fn in_group_4<'m>(
    message: &'m Message<'_>,
    nad: usize,
    (datum, found): (Datum, &'m str),
    today: Date,
) -> Places<'m> {
    let date = move |s: &Segment<'_>, century| {
        text::date_ymd(s.raw(1, 2), century, today).is_some_and(|d| d.to_string() == found)
    };
    let country = move |s: &Segment<'_>| {
        text::country(&s.text(2, 1)).is_some_and(|country| country.code() == found)
    };
    let place = move |s: &Segment<'_>| match (datum, &s.code(), s.qualifier()) {
        (Datum::Birth, b"DTM", b"329") => date(s, Century::Past).then_some((1, 2)),
        (Datum::Expiry, b"DTM", b"36") => date(s, Century::Near).then_some((1, 2)),
        (Datum::Number, b"DOC", _) => {
            (text::document_number(&s.text(2, 1)) == found).then_some((2, 1))
        }
        (Datum::Country, b"NAT", _) | (Datum::Country, b"LOC", b"91" | b"174") => {
            country(s).then_some((2, 1))
        }
        (Datum::Reference, b"RFF", b"ABO") => (s.text(1, 2) == found).then_some((1, 2)),
        _ => None,
    };
    let all = (nad..message.len()).map_while(|i| message.segment(i));
    let own = all.take_while(|s| !matches!(&s.code(), b"NAD" | b"CNT" | b"UNT"));
    Box::new(own.filter_map(move |s| Some((s, place(&s)?))))
}
