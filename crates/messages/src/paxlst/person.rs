//! Group 4: one person, as a bag of segments in any order.

use std::borrow::Cow;

use edifact::{FaultKind, Segment};
use travel::{Booking, Contact, DocumentKind, Kind, Sex, Text, TravelDocument, Traveller};

use super::shapes::{is_document, is_place};
use super::{Place, Reader};
use crate::bags::{self, MOST_TAGS};
use crate::codes;
use crate::sink::Origin;
use crate::tags::{self, is_name};
use crate::text::{self, Century, few};

/// Places of one person themselves (LOC of group 4).
const MOST_OWN_PLACES: u32 = 5;

impl Reader<'_> {
    fn traveller(&mut self) -> Option<&mut Traveller> {
        match self.place {
            Place::Person | Place::Document => self.report.travellers.last_mut(),
            _ => None,
        }
    }

    pub(super) fn name(&mut self, s: &Segment<'_>) {
        let kind = match s.qualifier() {
            b"FL" => Kind::Passenger,
            b"FM" => Kind::Crew,
            b"DDU" | b"DDT" => Kind::Transit,
            b"ZZZ" => Kind::Unnamed,
            b"MS" => {
                self.place = Place::Party;
                return;
            }
            other => match self.plain_role(s, other).to_ascii_uppercase().as_slice() {
                b"FL" => Kind::Passenger,
                b"FM" => Kind::Crew,
                b"DDU" | b"DDT" => Kind::Transit,
                b"ZZZ" => Kind::Unnamed,
                // The separator behind the tag is another: `NAD:FL+++KAYA:CAN`.
                b"" if s.head_len() > 3 => {
                    let who = Some(self.report.travellers.len());
                    self.sink.meant(tags::written(s), *b"NAD", s, who);
                    return s.with_first_element(4, |s| self.name(s));
                }
                code if code != b"MS" && self.is_somebody(s) => {
                    let index = self.report.travellers.len();
                    self.sink.at(codes::PERSON_KIND, *s, (1, 1), Some(index));
                    Kind::Passenger
                }
                _ => {
                    self.place = Place::Party;
                    self.sink.at(codes::QUALIFIER_UNKNOWN, *s, (1, 1), None);
                    return;
                }
            },
        };
        self.person(s, kind);
    }

    /// Whether a `NAD` of no role that is known is a person: behind the flight, and behind
    /// somebody who is on it, there is nobody else in the guide. A name must follow, or what
    /// people alone have.
    #[cold]
    fn is_somebody(&self, s: &Segment<'_>) -> bool {
        let next = || s.behind().next().map(|s| (s.code(), s.qualifier()));
        let behind = !self.legs.is_empty() || !self.report.travellers.is_empty();
        behind
            && (!s.text(4, 1).is_empty()
                || next().is_some_and(|(code, qualifier)| match &code {
                    b"ATT" | b"NAT" | b"DOC" => true,
                    b"DTM" => qualifier == b"329",
                    b"RFF" => qualifier == b"ABO",
                    _ => false,
                }))
    }

    /// A role without blanks around it. Nobody is open here.
    fn plain_role<'a>(&mut self, s: &Segment<'a>, role: &'a [u8]) -> &'a [u8] {
        self.place = Place::Header;
        self.without_blanks(s, role).unwrap_or(role)
    }

    fn person(&mut self, s: &Segment<'_>, kind: Kind) {
        self.place = Place::Person;
        let index = self.report.travellers.len();
        let mut t = Traveller { kind, ..Traveller::default() };
        let mut element = 4;
        let name = s.element(4);
        if name.components() < 2 && name.text(1).is_empty() && !s.text(3, 1).is_empty() {
            element = 3;
        } else if name.components() == 0 && s.text(3, 1).is_empty() {
            let named =
                |e: &usize| s.components(*e) >= 2 && [1, 2].iter().all(|c| is_name(s.raw(*e, *c)));
            element = [5, 2].into_iter().find(named).unwrap_or(4);
        }
        if element != 4 {
            self.sink.at(codes::NAME_PLACE, *s, (element, 1), Some(index));
        }
        self.put_names(s, element, &mut t, index);
        if kind == Kind::Unnamed && !t.surname.is_empty() {
            t.kind = Kind::Passenger;
        }
        if t.kind != Kind::Unnamed && t.surname.is_empty() {
            self.sink.at(codes::NAME_MISSING, *s, (element, 1), Some(index));
        }
        if s.elements() > 4 && element != 5 {
            t.contacts.extend(address(s));
        }
        let kind = t.kind;
        self.push(t, s);
        let two_names = s.components(4) == 4 || s.elements() == 5;
        if two_names || s.repetitions(4) > 1 {
            self.further_names(s, kind);
        }
    }

    fn put_names(&mut self, s: &Segment<'_>, element: usize, t: &mut Traveller, index: usize) {
        let name = s.element(element);
        let (surname, odd) = text::given_names(std::iter::once(name.text(1)));
        let rest = 2..=few(name.components());
        let (given, odd_given) = text::given_names(rest.map(|c| name.text(c)));
        if odd.is_some() {
            self.sink.at(codes::NAME_PLACEHOLDER, *s, (element, 1), Some(index));
        }
        if let Some(part) = odd_given {
            self.sink.at(codes::NAME_PLACEHOLDER, *s, (element, part + 2), Some(index));
        }
        // A surname is what single-name persons have.
        (t.surname, t.given) =
            if surname.is_empty() { (given, Text::new()) } else { (surname, given) };
    }

    /// What stands behind a quote that was not released (`O'LEARY:ANN` for `O?'LEARY:ANN`)
    /// and so begins a segment without a tag: the rest of the name, when a name was open.
    pub(super) fn rest_of_name(&mut self, s: &Segment<'_>) -> bool {
        let Some(index) = self.current().filter(|_| self.named) else { return false };
        let t = &mut self.report.travellers[index];
        let Some((_, rest)) = text::put_half(t, s) else { return false };
        let (more, _) = text::given_names(rest.into_iter());
        match (more.is_empty(), t.given.is_empty()) {
            (true, _) => {}
            (false, true) => t.given = more,
            (false, false) => t.given.push_word(&more),
        }
        self.sink.segment(codes::NAME_QUOTE, *s, Some(index));
        true
    }

    pub(super) fn sex(&mut self, s: &Segment<'_>) {
        // ATT+2++M; some write ATT+2+M.
        let (element, code) = match s.raw(3, 1) {
            b"" => (2, s.raw(2, 1)),
            code => (3, code),
        };
        let sex = text::sex(code);
        let again = self.traveller().is_some_and(|t| t.sex != Sex::Unknown);
        let again = again && !self.another_begins(s);
        if self.current().is_none() {
            self.begins_nameless(s);
        }
        let index = self.current();
        if sex.is_none() {
            self.sink.at(codes::SEX_UNKNOWN, *s, (element, 1), index);
        }
        // What stands as well where the sex is not known says nothing.
        let sex = sex.filter(|_| {
            self.dialect.is_none_or(|d| d.sex_not_known.as_bytes() != code.to_ascii_uppercase())
        });
        match self.traveller() {
            Some(t) => {
                t.sex = sex.unwrap_or_default();
                if again {
                    self.too_often(FaultKind::SegmentRepeats, s, "one ATT behind a NAD");
                }
            }
            None => self.sink.segment(codes::SEGMENT_PLACE, *s, None),
        }
    }

    pub(super) fn nationality(&mut self, s: &Segment<'_>) {
        let again = self.traveller().is_some_and(|t| t.nationality.is_some());
        let again = again && !self.another_begins(s);
        if self.current().is_none() {
            self.begins_nameless(s);
        }
        let index = self.current();
        let country = self.country(s, index);
        match self.traveller() {
            Some(t) => {
                t.nationality = t.nationality.or(country);
                if again {
                    self.too_often(FaultKind::SegmentRepeats, s, "one NAT behind a NAD");
                }
            }
            None => self.sink.segment(codes::SEGMENT_PLACE, *s, None),
        }
    }

    pub(super) fn time<'a>(&mut self, s: &Segment<'a>, qualifier: &'a [u8]) {
        let index = self.current();
        match (qualifier, index) {
            (b"329", Some(i)) => self.born(s, i),
            (b"36" | b"182", Some(i)) => self.document_date(s, i, qualifier == b"36"),
            (b"329", None) if self.begins_nameless(s) => self.time(s, qualifier),
            (b"329" | b"36" | b"182", None) => self.sink.segment(codes::SEGMENT_PLACE, *s, None),
            (b"189" | b"232", None) => self.leg_time(s, qualifier),
            (odd, _) if let Some(plain) = self.without_blanks(s, odd) => self.time(s, plain),
            (_, None) => self.leg_time(s, qualifier),
            _ => self.sink.at(codes::QUALIFIER_UNKNOWN, *s, (1, 1), index),
        }
    }

    fn born(&mut self, s: &Segment<'_>, index: usize) {
        let raw = s.element(1).raw(2);
        match text::date_ymd(raw, Century::Past, self.received_on) {
            Some(date) => {
                let again = self.report.travellers[index].birth_date.is_some();
                let other = again && self.another_begins(s);
                let index = if other { self.report.travellers.len() - 1 } else { index };
                if again && !other {
                    self.too_often(FaultKind::SegmentRepeats, s, "one DTM+329 behind a NAD");
                }
                if date.day.is_none() {
                    self.sink.at(codes::BIRTH_PARTIAL, *s, (1, 2), Some(index));
                }
                self.report.travellers[index].birth_date = Some(date);
            }
            None if raw.iter().all(|b| *b == b' ') => {}
            None => self.sink.at(codes::BIRTH_INVALID, *s, (1, 2), Some(index)),
        }
    }

    fn document_date(&mut self, s: &Segment<'_>, index: usize, expiry: bool) {
        let raw = s.element(1).raw(2);
        let date = text::date_ymd(raw, Century::Near, self.received_on);
        if date.is_none() {
            self.sink.at(codes::DOCUMENT_DATE, *s, (1, 2), Some(index));
        }
        let known = self.report.travellers[index].documents.last();
        if known.is_some_and(|d| if expiry { d.expires.is_some() } else { d.issued.is_some() }) {
            self.too_often(FaultKind::SegmentRepeats, s, "one such DTM behind a DOC");
        }
        match self.report.travellers[index].documents.last_mut() {
            Some(d) if expiry => d.expires = date,
            Some(d) => d.issued = date,
            None => self.sink.segment(codes::SEGMENT_PLACE, *s, Some(index)),
        }
    }

    pub(super) fn document(&mut self, s: &Segment<'_>) {
        if self.current().is_none() {
            self.begins_nameless(s);
        }
        let Some(index) = self.current() else {
            self.sink.segment(codes::SEGMENT_PLACE, *s, None);
            return;
        };
        self.place = Place::Document;
        if self.report.travellers[index].documents.len() == self.most_documents {
            let most = format!("at most {} DOC behind a NAD", self.most_documents);
            self.too_often(FaultKind::GroupRepeats, s, &most);
        }
        let code = s.qualifier();
        let kind = match text::document_kind(code) {
            DocumentKind::Unknown => {
                text::document_kind(self.without_blanks(s, code).unwrap_or(code))
            }
            kind => kind,
        };
        if matches!(kind, DocumentKind::Unknown) && is_place(code) {
            self.sink.meant(tags::written(s), *b"LOC", s, Some(index));
            return self.location(s, code);
        }
        if matches!(kind, DocumentKind::Unknown) {
            self.sink.at(codes::DOCUMENT_KIND, *s, (1, 1), Some(index));
        }
        let number = text::document_number(&s.text(2, 1));
        if number.is_empty() || !text::is_number(&number) {
            self.sink.at(codes::DOCUMENT_NUMBER, *s, (2, 1), Some(index));
        }
        let document = TravelDocument { kind, number, issuer: None, expires: None, issued: None };
        self.report.travellers[index].documents.push(document);
    }

    pub(super) fn location<'a>(&mut self, s: &Segment<'a>, qualifier: &'a [u8]) {
        let Some(index) = self.current() else {
            match (qualifier, self.legs.is_empty()) {
                (b"125" | b"87" | b"92", _) => self.leg_place(s, qualifier),
                (odd, _) => match self.without_blanks(s, odd) {
                    Some(plain) => self.leg_place(s, plain),
                    None => self.leg_place(s, odd),
                },
            }
            return;
        };
        if qualifier != b"91" {
            self.own_places += 1;
            if self.own_places == MOST_OWN_PLACES + 1 {
                self.too_often(FaultKind::SegmentRepeats, s, "at most 5 LOC behind a NAD");
            }
        }
        match qualifier {
            b"91" => self.issuer(s, index),
            b"174" => {
                let country = self.country(s, Some(index));
                self.report.travellers[index].residence = country;
            }
            b"178" => self.report.travellers[index].journey_from = place(s.text(2, 1)),
            b"179" => self.report.travellers[index].journey_to = place(s.text(2, 1)),
            b"180" => {
                let words = match (s.text(2, 4), s.text(2, 1)) {
                    (town, code) if code.is_empty() => town,
                    (town, code) if town.is_empty() => code,
                    (town, code) => format!("{town}, {code}").into(),
                };
                self.report.travellers[index].birth_place = place(words);
            }
            // The port of clearance follows from the flight.
            b"22" => {}
            b"125" | b"87" | b"92" => self.sink.segment(codes::SEGMENT_PLACE, *s, Some(index)),
            odd if let Some(plain) = self.without_blanks(s, odd) => {
                self.own_places -= 1;
                self.location(s, plain);
            }
            odd if is_document(odd) => {
                self.own_places -= 1;
                self.sink.meant(tags::written(s), *b"DOC", s, Some(index));
                self.document(s);
            }
            _ => self.sink.at(codes::QUALIFIER_UNKNOWN, *s, (1, 1), Some(index)),
        }
    }

    fn country(&mut self, s: &Segment<'_>, index: Option<usize>) -> Option<travel::Country> {
        let written = s.text(2, 1);
        let country = text::country(&written);
        if country.is_none() {
            self.sink.at(codes::COUNTRY_INVALID, *s, (2, 1), index);
        } else if written.len() == 2 {
            self.sink.at(codes::COUNTRY_SHORT, *s, (2, 1), index);
        }
        country
    }

    fn issuer(&mut self, s: &Segment<'_>, index: usize) {
        let named = s.element(2);
        // `LOC+91+:::place` names no country.
        if named.raw(1).is_empty() && !named.raw(4).is_empty() {
            return;
        }
        let country = self.country(s, Some(index));
        match self.report.travellers[index].documents.last_mut() {
            Some(d) => d.issuer = country,
            None => self.sink.segment(codes::SEGMENT_PLACE, *s, Some(index)),
        }
    }

    pub(super) fn reference<'a>(&mut self, s: &Segment<'a>, qualifier: &'a [u8]) {
        let value = s.element(1).text(2);
        let Some(index) = self.current() else {
            if qualifier.trim_ascii() == b"TN" {
                self.report.reference = value.into_owned();
            }
            return;
        };
        if value.is_empty() {
            return;
        }
        match qualifier {
            b"AVF" => self.booking(&value, index),
            b"ABO" => {
                let again = self.report.travellers[index].reference.is_some();
                let other = again && self.unread.is_some() && self.another_begins(s);
                let index = if other { self.report.travellers.len() - 1 } else { index };
                self.report.travellers[index].reference = Some(value.into());
            }
            b"SEA" => self.report.travellers[index].seat = Some(value.into()),
            b"CR" => self.report.travellers[index].frequent_flyer.push(value.into()),
            b"YZY" => {
                let coupon = self.dialect.is_some_and(|d| d.coupon);
                let ticket = if coupon { without_coupon(&value) } else { &value };
                self.report.travellers[index].tickets.push(ticket.into());
            }
            // A government's own reference (redress, known traveller).
            b"AEA" => {}
            odd if let Some(plain) = self.without_blanks(s, odd) => self.reference(s, plain),
            _ => self.sink.at(codes::QUALIFIER_UNKNOWN, *s, (1, 1), Some(index)),
        }
    }

    fn booking(&mut self, locator: &str, index: usize) {
        if self.report.travellers[index].booking.is_some() {
            return;
        }
        let at = match self.bookings.get(locator) {
            Some(at) => *at,
            None => {
                let at = self.report.bookings.len() as u32;
                self.bookings.insert(locator.to_owned(), at);
                let locator = locator.into();
                self.report.bookings.push(Booking { locator, ..Booking::default() });
                at
            }
        };
        self.report.bookings[at as usize].travellers += 1;
        self.report.travellers[index].booking = Some(at);
    }

    pub(super) fn contact(&mut self, s: &Segment<'_>) {
        let Some(t) = self.traveller() else { return };
        for element in 1..=few(s.elements()) {
            let text = s.text(element, 1);
            let text = text.trim();
            if !text.is_empty() {
                // UNOA has no `@`.
                let text = if s.raw(element, 2) == b"EM" {
                    text.replace(".AT.", "@").replace(".at.", "@")
                } else {
                    text.to_owned()
                };
                t.contacts.push(Contact { text: text.into() });
            }
        }
    }

    pub(super) fn baggage<'a>(&mut self, s: &Segment<'a>, qualifier: &'a [u8]) {
        let index = self.current();
        let value =
            [s.text(3, 2), s.text(3, 1)].into_iter().find(|v| !v.is_empty()).unwrap_or_default();
        let number = value.split(['.', ',']).next().and_then(|v| v.trim().parse::<u16>().ok());
        let Some(number) = number else {
            self.sink.at(codes::BAGS_INVALID, *s, (3, 2), index);
            return;
        };
        let pounds = s.raw(3, 1) == b"LBR";
        let qualifier = self.without_blanks(s, qualifier).unwrap_or(qualifier);
        match (self.traveller(), qualifier) {
            (Some(t), b"CT") => t.bags.count = Some(number),
            (Some(t), b"WT") => {
                let kg = if pounds { bags::kilograms(number.into()) } else { number };
                t.bags.weight_kg = Some(kg);
            }
            (None, _) => self.sink.segment(codes::SEGMENT_PLACE, *s, None),
            _ => self.sink.at(codes::QUALIFIER_UNKNOWN, *s, (1, 1), index),
        }
    }

    /// FTX BAG holds tags; any other text is free text and goes no further (EU-30).
    pub(super) fn free_text(&mut self, s: &Segment<'_>, qualifier: &[u8]) {
        if self.without_blanks(s, qualifier).unwrap_or(qualifier) != b"BAG" {
            self.report.dropped_sensitive += 1;
            return;
        }
        let index = self.current();
        let count = s.text(4, 2);
        let count = if count.is_empty() { 1 } else { count.trim().parse().unwrap_or(0) };
        if !(1..=MOST_TAGS).contains(&count) {
            self.sink.at(codes::BAGS_INVALID, *s, (4, 2), index);
        }
        let tag = s.text(4, 1);
        let tag = tag.trim();
        let Some(t) = self.traveller() else {
            self.sink.segment(codes::SEGMENT_PLACE, *s, None);
            return;
        };
        if tag.is_empty() || tag.eq_ignore_ascii_case("NULL") {
            return;
        }
        t.bags.tags.extend(bags::run_of_tags(tag, count.clamp(1, MOST_TAGS)));
    }

    pub(super) fn verified(&mut self, s: &Segment<'_>) {
        let verified = match s.raw(2, 1) {
            b"173" | b"ZZZ" => Some(true),
            b"174" => Some(false),
            _ => None,
        };
        let verified = verified.filter(|_| self.dialect.is_none_or(|d| !d.check_in_place));
        let Some(t) = self.traveller() else { return };
        let again = verified.is_some() && t.verified.is_some();
        t.verified = verified.or(t.verified);
        if again {
            self.too_often(FaultKind::SegmentRepeats, s, "one GEI behind a NAD");
        }
    }

    pub(super) fn count(&mut self, s: &Segment<'_>) {
        self.place = Place::Trailer;
        let Ok(n) = s.text(1, 2).trim().parse::<u32>() else {
            self.sink.at(codes::COUNT_INVALID, *s, (1, 2), None);
            return;
        };
        self.places.total = Some(Origin::of(self.sink.message, *s));
        self.put_total(n);
    }

    /// Totals of passengers (42) and of crew (41) in one message add up; a part that
    /// repeats the total does not.
    fn put_total(&mut self, n: u32) {
        let parts_total = self.total_of_part.map_or(n, |t| t.saturating_add(n));
        self.total_of_part = Some(parts_total);
        let known = self.report.stated_total.unwrap_or(0);
        self.report.stated_total = Some(known.max(parts_total));
    }
}

/// The address of `NAD`: street, city, region, post code, country.
fn address(s: &Segment<'_>) -> Option<Contact> {
    let streets = (1..=few(s.components(5))).map(|c| s.text(5, c));
    let rest = [s.text(6, 1), s.text(7, 4), s.text(7, 1), s.text(8, 1), s.text(9, 1)];
    let words: Vec<Cow<'_, str>> = streets.chain(rest).filter(|w| !w.trim().is_empty()).collect();
    (!words.is_empty()).then(|| Contact { text: words.join(", ").into() })
}

/// A ticket's number without the coupon behind it: `9991234567890C2`.
fn without_coupon(ticket: &str) -> &str {
    match ticket.rsplit_once('C') {
        Some((number, "1" | "2" | "3" | "4")) if number.len() >= 13 => number,
        _ => ticket,
    }
}

fn place(text: Cow<'_, str>) -> Option<Text> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.into())
}
