//! The US dialect before the UN directory (`PAXLST:001:000`): one `PDT` a person.
//!
//! `PDT+P/number:expiry:issuer+SURNAME:FIRST:MIDDLE:yymmdd:sex+PAX+from:to`. The
//! components of the name are not padded when a middle name is missing, so the birth
//! date is found by its form.

use edifact::Segment;
use travel::{Kind, TravelDocument, Traveller};

use super::{Place, Reader};
use crate::codes;
use crate::text::{self, Century, few};

impl Reader<'_> {
    pub(super) fn old_person(&mut self, s: &Segment<'_>) {
        self.place = Place::Person;
        let index = self.report.travellers.len();
        let kind = match s.raw(3, 1) {
            b"CRW" => Kind::Crew,
            b"ITI" => Kind::Transit,
            _ => Kind::Passenger,
        };
        let mut t = Traveller { kind, ..Traveller::default() };
        self.old_name(s, &mut t, index);
        t.documents.extend(self.old_document(s, index));
        let (from, to) = (text::airport(&s.text(4, 1)), text::airport(&s.text(4, 2)));
        t.journey_from = (!from.is_empty()).then_some(from);
        t.journey_to = (!to.is_empty()).then_some(to);
        self.push(t, s);
    }

    fn old_name(&mut self, s: &Segment<'_>, t: &mut Traveller, index: usize) {
        let count = few(s.components(2));
        let is_date = |c: &usize| {
            let raw = s.raw(2, *c);
            matches!(raw.len(), 6 | 8) && raw.iter().all(u8::is_ascii_digit)
        };
        let born = (2..=count).find(is_date);
        let names_end = born.unwrap_or(count.min(3) + 1);
        let (surname, a) = text::given_names(std::iter::once(s.text(2, 1)));
        let (given, b) = text::given_names((2..names_end).map(|c| s.text(2, c)));
        (t.surname, t.given) = (surname, given);
        if a.or(b).is_some() {
            self.sink.at(codes::NAME_PLACEHOLDER, *s, (2, 1), Some(index));
        }
        if t.surname.is_empty() {
            self.sink.at(codes::NAME_MISSING, *s, (2, 1), Some(index));
        }
        let Some(born) = born else { return };
        t.birth_date = text::date_ymd(s.raw(2, born), Century::Past, self.received_on);
        if t.birth_date.is_none() {
            self.sink.at(codes::BIRTH_INVALID, *s, (2, born), Some(index));
        }
        t.sex = text::sex(s.raw(2, born + 1)).unwrap_or_default();
    }

    fn old_document(&mut self, s: &Segment<'_>, index: usize) -> Option<TravelDocument> {
        let field = s.text(1, 1);
        let (kind, number) = field.split_once('/').unwrap_or(("", &field));
        let number = text::document_number(number);
        if number.is_empty() {
            return None;
        }
        let expires = text::date_ymd(s.raw(1, 2), Century::Near, self.received_on);
        if expires.is_none() && !s.raw(1, 2).is_empty() {
            self.sink.at(codes::DOCUMENT_DATE, *s, (1, 2), Some(index));
        }
        Some(TravelDocument {
            kind: text::document_kind(kind.trim().as_bytes()),
            number,
            issuer: text::country(&s.text(1, 3)),
            expires,
            issued: None,
        })
    }
}
