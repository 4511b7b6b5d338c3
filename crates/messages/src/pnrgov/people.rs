//! Gr2 and Gr7: who travels, their seats, bags and tickets.

use std::borrow::Cow;

use edifact::Segment;
use travel::{Kind, Text, Traveller};

use super::{Place, Reader};
use crate::bags;
use crate::codes;
use crate::reading::Mention;
use crate::sink::Origin;
use crate::text::{self, few};

/// Bookings up to this size are searched without an index.
const SMALL: usize = 32;
/// Namesakes in one booking that are looked at, so that a message made to hurt costs no
/// more than one that is not.
const SEARCH: usize = 256;

/// Travellers among whom somebody is sought.
pub(super) enum Candidates {
    All(std::ops::Range<usize>),
    Some(Vec<usize>),
}

impl Candidates {
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let (all, some) = match self {
            Candidates::All(range) => (range.clone(), [].as_slice()),
            Candidates::Some(listed) => (0..0, listed.as_slice()),
        };
        all.chain(some.iter().copied())
    }
}

/// A `TIF` as it names somebody.
struct Named<'a> {
    surname: Cow<'a, str>,
    given: Cow<'a, str>,
    kind: Kind,
    reference: Cow<'a, str>,
}

impl Named<'_> {
    /// Surname and given names; who has but one has a surname.
    fn names(&self) -> (&str, &str) {
        match (self.kind, &*self.surname) {
            (Kind::Unnamed, _) => ("", ""),
            (_, "") => (&*self.given, ""),
            (_, surname) => (surname, &*self.given),
        }
    }

    /// What the segment alone says.
    fn mention(&self) -> Mention {
        let (surname, given) = self.names();
        Mention { kind: self.kind, surname: surname.into(), given: given.into() }
    }
}

fn named<'a>(s: &Segment<'a>) -> (Named<'a>, Option<(usize, usize)>) {
    let (first, second) = (s.element(1), s.element(2));
    let kind = match (second.raw(2), first.raw(2)) {
        (b"IN", _) => Kind::Infant,
        (b"G", _) | (b"", b"G") => Kind::Unnamed,
        // A seat of a group whose name is to be announced.
        _ if first.raw(1) == b"TBA" => Kind::Unnamed,
        _ => Kind::Passenger,
    };
    let (surname, odd) = text::one_name(first.text(1));
    let (given, odd_given) = text::one_name(second.text(1));
    let given = match given {
        Cow::Borrowed(given) => text::without_title(given).into(),
        Cow::Owned(given) => text::without_title(&given).to_owned().into(),
    };
    let reference = second.text(3);
    let odd = odd.then_some((1, 1)).or(odd_given.then_some((2, 1)));
    (Named { surname, given, kind, reference }, odd)
}

impl Reader<'_> {
    pub(super) fn traveller(&mut self, s: &Segment<'_>) {
        if self.place == Place::Message {
            self.ensure_booking(s);
        }
        (self.unread, self.surname_alone) = (None, s.elements() < 2);
        // The separator behind the tag is another: `TIF:KAYA+CAN:A:1`.
        if s.head_len() > 3 && s.raw(1, 2).iter().any(u8::is_ascii_alphabetic) {
            let named = |s: &Segment<'_>| super::shapes::is_traveller(s);
            if s.with_first_element(4, named) {
                self.sink.meant(crate::tags::written(s), *b"TIF", s, None);
                return s.with_first_element(4, |s| self.traveller(s));
            }
        }
        let again = !matches!(self.place, Place::Booking | Place::Passenger);
        if again && let Some(known) = self.written_again(s) {
            return self.named_again(known, None);
        }
        let (who, placeholder) = named(s);
        let index = self.report.travellers.len();
        if again {
            if let Some(known) = self.known(&who) {
                return self.named_again(known, Some(&who));
            }
            if self.place == Place::History && self.taken_out {
                self.repeated.push(who.mention());
                self.current = None;
                self.sink.segment(codes::REMOVED_TRAVELLER, *s, None);
                return;
            }
            self.sink.segment(codes::LATE_TRAVELLER, *s, Some(index));
        } else {
            self.place = Place::Passenger;
        }
        if let Some(place) = placeholder {
            self.sink.at(codes::NAME_PLACEHOLDER, *s, place, Some(index));
        }
        if who.surname.is_empty() && who.kind != Kind::Unnamed {
            self.sink.at(codes::NAME_MISSING, *s, (1, 1), Some(index));
        }
        self.current = Some(index);
        self.places.travellers.push(Origin::of(self.sink.message, *s));
        self.add(&who);
        self.checked_in();
        if s.elements() > 2 || s.repetitions(2) > 1 {
            self.further_names(s);
        }
    }

    /// The traveller whom a `TIF` names byte for byte as the one did that named them first, and
    /// the same number with it: so nearly all do at check-in. Nobody, if a name went on behind
    /// its segment.
    fn written_again(&self, s: &Segment<'_>) -> Option<usize> {
        if self.halves {
            return None;
        }
        let known = self.by_reference(&s.element(2).text(3))?;
        let first = self.places.travellers.get(known)?;
        first.is_repeated(self.sink.message, s).then_some(known)
    }

    /// The segments that come are about somebody who is known; `as_who`, if that was said in
    /// other words than at first.
    fn named_again(&mut self, known: usize, as_who: Option<&Named<'_>>) {
        if self.repeated.is_empty() {
            self.repeated.reserve(self.report.travellers.capacity());
        }
        let t = &self.report.travellers[known];
        self.repeated.push(match as_who {
            Some(who) => who.mention(),
            None => Mention { kind: t.kind, surname: t.surname.clone(), given: t.given.clone() },
        });
        self.current = Some(known);
        self.checked_in();
    }

    /// What stands behind a quote that was not released (`O'LEARY+ANN:A:1` for
    /// `O?'LEARY+ANN:A:1`) and so begins a segment without a tag.
    pub(super) fn rest_of_name(&mut self, s: &Segment<'_>) -> bool {
        let named = self.last == *b"TIF" && self.place == Place::Passenger;
        let Some(index) = self.current.filter(|_| named) else { return false };
        let t = &mut self.report.travellers[index];
        let Some((surname, _)) = text::put_half(t, s) else { return false };
        self.halves = true;
        if surname && s.elements() > 0 {
            let given = s.element(1);
            t.given = text::without_title(&given.text(1)).into();
            if given.raw(2) == b"IN" {
                t.kind = Kind::Infant;
            }
            let number = given.text(3);
            if !number.is_empty() {
                self.numbers.give(&number, index);
            }
        }
        self.sink.segment(codes::NAME_QUOTE, *s, Some(index));
        self.last = *b"   ";
        true
    }

    fn add(&mut self, who: &Named<'_>) {
        let booking = self.report.bookings.len().checked_sub(1).map(|b| b as u32);
        let (surname, given) = who.names();
        self.report.travellers.push(Traveller {
            kind: who.kind,
            surname: surname.into(),
            given: given.into(),
            booking,
            ..Traveller::default()
        });
        if !who.reference.is_empty() {
            self.numbers.give(&who.reference, self.report.travellers.len() - 1);
        }
    }

    /// The traveller of this booking whom a later `TIF` names again.
    fn known(&mut self, who: &Named<'_>) -> Option<usize> {
        let referred = self.by_reference(&who.reference);
        let fits = |reader: &Self, i: &usize| {
            let t = &reader.report.travellers[*i];
            if t.kind == Kind::Unnamed || who.kind == Kind::Unnamed {
                return t.kind == who.kind;
            }
            (text::same_letters(&t.surname, &who.surname) || cut_by_a_quote(t, who))
                && (referred == Some(*i)
                    || text::begins_like(&t.given, &who.given)
                    || text::begins_like(&who.given, &t.given))
        };
        if let Some(known) = referred.filter(|i| fits(self, i)) {
            return Some(known);
        }
        let surname = if who.kind == Kind::Unnamed { "" } else { &who.surname };
        self.candidates(surname).iter().find(|i| fits(self, i))
    }

    /// Travellers of this booking who may bear that surname: all of a small booking; in a
    /// large one those who do, by an index made as far as the booking was read.
    pub(super) fn candidates(&mut self, surname: &str) -> Candidates {
        let people = self.first..self.report.travellers.len();
        if people.len() <= SMALL {
            return Candidates::All(people);
        }
        for i in self.indexed..people.end {
            let key = text::plain(&self.report.travellers[i].surname);
            self.surnames.entry(key).or_default().push(i);
        }
        self.indexed = people.end;
        let found = self.surnames.get(&text::plain(surname));
        let found = found.map(|f| f.iter().copied().take(SEARCH).collect());
        Candidates::Some(found.unwrap_or_default())
    }

    /// The traveller of this booking with that reference number (TIF component 3).
    pub(super) fn by_reference(&self, reference: &str) -> Option<usize> {
        self.numbers.get(reference)
    }

    fn of_passenger(&mut self) -> Option<&mut Traveller> {
        match (self.place, self.current) {
            (Place::Passenger, Some(i)) => self.report.travellers.get_mut(i),
            _ => None,
        }
    }

    fn of_check_in(&mut self) -> Option<&mut Traveller> {
        match (self.place, self.current) {
            (Place::CheckIn, Some(i)) => self.report.travellers.get_mut(i),
            _ => None,
        }
    }

    pub(super) fn frequent(&mut self, s: &Segment<'_>) {
        let Some(t) = self.of_passenger() else { return };
        for e in 1..=few(s.elements()) {
            let (airline, number) = (s.text(e, 1), s.text(e, 2));
            if !number.is_empty() {
                t.frequent_flyer.push(format!("{airline} {number}").trim_start().into());
            }
        }
    }

    pub(super) fn unique(&mut self, s: &Segment<'_>) {
        let reference = [s.text(1, 2), s.text(1, 1)].into_iter().find(|r| !r.is_empty());
        if let (Some(t), Some(reference)) = (self.of_passenger(), reference) {
            t.reference = Some(reference.into());
        }
    }

    pub(super) fn ticket(&mut self, s: &Segment<'_>) {
        let number = s.text(1, 1);
        if let Some(t) = self.of_passenger()
            && !number.is_empty()
        {
            t.tickets.push(number.into());
        }
    }

    pub(super) fn bags(&mut self, s: &Segment<'_>) {
        let count = s.text(2, 1);
        if let Some(t) = self.of_passenger() {
            t.bags.count = count.trim().parse::<f32>().ok().map(|n| n as u16).or(t.bags.count);
        }
    }

    pub(super) fn seat(&mut self, s: &Segment<'_>) {
        let seat = s.text(1, 1);
        if let Some(t) = self.of_check_in()
            && !seat.is_empty()
        {
            t.seat = Some(seat.into());
        }
    }

    /// `TBD++count:weight:unit++pool+carrier:tag:count:to`.
    pub(super) fn checked_bags(&mut self, s: &Segment<'_>) {
        let (count, weight) = (s.text(2, 1), s.text(2, 2));
        let pounds = s.raw(2, 3) == b"701";
        let run = |e: usize| {
            let tag = format!("{}{}", s.text(e, 1), s.text(e, 2));
            let count = s.text(e, 3).trim().parse().unwrap_or(1).clamp(1, bags::MOST_TAGS);
            bags::run_of_tags(&tag, count).collect::<Vec<_>>()
        };
        let tags: Vec<Text> =
            (5..=few(s.elements())).flat_map(run).filter(|tag| !tag.is_empty()).collect();
        let Some(t) = self.of_check_in() else { return };
        t.bags.count = count.trim().parse().ok().or(t.bags.count);
        let weight = weight.trim().parse::<u32>().ok();
        let kg = |w: u32| if pounds { Some(bags::kilograms(w)) } else { u16::try_from(w).ok() };
        t.bags.weight_kg = weight.and_then(kg).or(t.bags.weight_kg);
        t.bags.tags.extend(tags);
    }
}

/// Whether a later `TIF` names the traveller by what stands before a quote that was not
/// released: `O` for `O'LEARY`.
fn cut_by_a_quote(t: &Traveller, who: &Named<'_>) -> bool {
    let rest = t.surname.strip_prefix(&*who.surname);
    who.given.is_empty() && !who.surname.is_empty() && rest.is_some_and(|r| r.starts_with('\''))
}
