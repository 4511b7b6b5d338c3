//! Values, one after the other, become a report.

use std::collections::HashMap;

use edifact::Span;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use travel::{
    Airport, Booking, Contact, Dataset, Flight, Kind, Leg, LocalTime, Report, Text, Traveller,
};

use super::Field;
use super::dates::{Dates, Slashed};
use super::values::{date, is_of_form, is_time, kind, new_document, put_document, sex};
use crate::codes;
use crate::quality::Places;
use crate::reading::Finding;
use crate::sink::{Origin, Sink};
use crate::text::{self, Century};

/// A flight as far as values have named it.
#[derive(Clone, Default, PartialEq, Eq)]
struct Named {
    carrier: String,
    number: String,
    from: Text,
    to: Text,
    departs: String,
    arrives: String,
}

/// Makes a report of values.
pub(crate) struct Collector<'f> {
    pub(crate) report: Report,
    places: Places,
    pub(crate) sink: Sink<'f>,
    today: Date,
    bookings: HashMap<String, u32>,
    open: Option<Named>,
    dates: Dates,
    /// Who has their whole name in one value, with its place.
    whole_names: Vec<(usize, Span)>,
    /// What was said of the last person, for what may be said once alone.
    said: Vec<(Field, String)>,
}

impl<'f> Collector<'f> {
    pub(crate) fn new(
        today: Date,
        month_first: Option<bool>,
        findings: &'f mut Vec<Finding>,
    ) -> Self {
        Collector {
            report: Report::default(),
            places: Places::default(),
            sink: Sink::new(findings),
            today,
            bookings: HashMap::new(),
            open: None,
            dates: Dates::by_terms(month_first),
            whole_names: Vec::new(),
            said: Vec::new(),
        }
    }

    /// The number of the last person, from 0.
    pub(super) fn last(&self) -> Option<usize> {
        self.report.travellers.len().checked_sub(1)
    }

    /// A finding on a place, and on the last person if `person`.
    pub(super) fn find(&mut self, code: crate::Code, span: Span, person: bool) {
        let mut finding = Finding::new(code, span, "");
        finding.traveller = self.last().filter(|_| person);
        self.sink.push(finding);
    }

    /// Somebody begins, at that place.
    pub(crate) fn person(&mut self, span: Span) {
        self.said.clear();
        self.report.travellers.push(Traveller::default());
        self.places.travellers.push(Origin::stretch(span));
    }

    /// A flight, or a leg of one, begins.
    pub(crate) fn flight(&mut self, span: Span) {
        self.places.flight.get_or_insert(Origin::stretch(span));
        self.open = Some(Named::default());
    }

    /// What was said of a flight is complete; the same said again changes nothing.
    pub(crate) fn close_flight(&mut self) {
        let Some(named) = self.open.take().filter(|n| *n != Named::default()) else { return };
        let carrier = (!named.carrier.is_empty()).then_some(named.carrier.as_str());
        let (carrier, number) = Flight::designator(&named.number, carrier);
        let leg = Leg {
            departs: self.instant(&named.departs, &named.from),
            arrives: self.instant(&named.arrives, &named.to),
            from: named.from,
            to: named.to,
        };
        let same = |f: &&mut Flight| f.carrier == carrier && f.number == number;
        match self.report.flights.iter_mut().find(same) {
            Some(flight) if flight.legs.contains(&leg) => {}
            Some(flight) => flight.legs.push(leg),
            None => {
                let legs = [leg].into();
                self.report.flights.push(Flight { carrier, number, legs, ..Flight::default() });
            }
        }
    }

    /// A time on the airport's clock; with an offset or `Z`, turned to that clock.
    fn instant(&self, value: &str, airport: &str) -> Option<LocalTime> {
        if let Ok(instant) = value.parse::<Timestamp>()
            && let Some(zone) = Airport::find(airport).and_then(|a| TimeZone::get(a.zone).ok())
        {
            return Some(LocalTime(instant.to_zoned(zone).datetime()));
        }
        let digits: String = value.chars().filter(char::is_ascii_digit).take(12).collect();
        let local = text::local_time(digits.as_bytes(), self.today);
        // The day as people write it, and the time behind it.
        let (day, time) = value.rsplit_once([' ', 'T']).unwrap_or((value, ""));
        let (day, time) = if is_time(time) { (day, time) } else { (value, "") };
        let written = || {
            let day = date(day.trim(), Century::Near, self.today)?.whole()?;
            let time: String = time.chars().filter(char::is_ascii_digit).take(4).collect();
            let whole = format!("{}{time:0<4}", day.strftime("%Y%m%d"));
            text::local_time(whole.as_bytes(), self.today)
        };
        let plain = value.len() == digits.len() || value.as_bytes().get(4) == Some(&b'-');
        local.filter(|_| plain).or_else(written)
    }

    fn doubt(&mut self, code: crate::Code, (field, value): (Field, &str), span: Span) {
        let value = if is_of_form(field, value) { value } else { "" };
        let mut finding = Finding::new(code, span, value);
        finding.field = Some(field.name());
        finding.traveller = self.last().filter(|_| !field.is_of_flight());
        self.sink.push(finding);
    }

    /// A value of the open flight or the last person.
    pub(crate) fn put(&mut self, field: Field, value: &str, span: Span) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        match field {
            Field::Sensitive => self.report.dropped_sensitive += 1,
            Field::Carrier
            | Field::Flight
            | Field::From
            | Field::To
            | Field::Departs
            | Field::Arrives => self.put_flight(field, value, span),
            _ if self.is_said_otherwise(field, value) => {
                self.doubt(codes::SAID_TWICE, (field, ""), span);
            }
            _ => self.put_person(field, value, span),
        }
    }

    /// Whether what can be said of somebody once was said before, and is another now.
    fn is_said_otherwise(&mut self, field: Field, value: &str) -> bool {
        use Field::{BirthDate, BirthPlace, Nationality, Residence, Seat, Sex};
        let once = [BirthDate, BirthPlace, Nationality, Residence, Seat, Sex];
        if !once.contains(&field) {
            return false;
        }
        match self.said.iter().find(|(known, _)| *known == field) {
            Some((_, known)) => known != value,
            None => {
                self.said.push((field, value.to_owned()));
                false
            }
        }
    }

    fn put_flight(&mut self, field: Field, value: &str, span: Span) {
        let named = self.open.get_or_insert_default();
        match field {
            Field::Carrier => named.carrier = value.to_owned(),
            Field::Flight => named.number = value.to_owned(),
            Field::From => named.from = text::airport(value),
            Field::To => named.to = text::airport(value),
            Field::Departs => put_time(&mut named.departs, value),
            _ => put_time(&mut named.arrives, value),
        }
        let of_day = matches!(field, Field::Departs | Field::Arrives) && !is_clock(value);
        if of_day && self.instant(value, "").is_none() && value.parse::<Timestamp>().is_err() {
            self.doubt(codes::TIME_INVALID, (field, value), span);
        }
    }

    /// Keeps a date with slashes that does not say itself whether its day stands first, and
    /// takes note of one that does; whether it was kept.
    fn waits(&mut self, field: Field, value: &str, span: Span) -> bool {
        use Field::{BirthDate, DocumentExpires, DocumentIssued};
        let Some(date) = Slashed::read(value) else { return false };
        if !matches!(field, BirthDate | DocumentExpires | DocumentIssued) {
            return false;
        }
        self.dates.heard(field, date);
        let Some(index) = self.report.travellers.len().checked_sub(1) else { return false };
        if !date.is_ambiguous() {
            return false;
        }
        let t = &mut self.report.travellers[index];
        if field != BirthDate && t.documents.is_empty() {
            t.documents.push(new_document());
        }
        let document = t.documents.len().saturating_sub(1);
        self.dates.wait((field, date), (index, document), (span, value));
        true
    }

    fn put_person(&mut self, field: Field, value: &str, span: Span) {
        if self.waits(field, value, span) {
            return;
        }
        let today = self.today;
        let Some(t) = self.report.travellers.last_mut() else { return };
        let mut wrong = None;
        match field {
            Field::Kind => match kind(value) {
                Some(kind) => t.kind = kind,
                None => wrong = Some(codes::QUALIFIER_UNKNOWN),
            },
            Field::Surname | Field::Given | Field::FullName => {
                let (name, odd) = text::given_names(std::iter::once(value.into()));
                wrong = odd.map(|_| codes::NAME_PLACEHOLDER);
                let place = if field == Field::Given { &mut t.given } else { &mut t.surname };
                if !place.is_empty() && !name.is_empty() {
                    place.push(' ');
                }
                place.push_str(&name);
            }
            Field::BirthDate => {
                t.birth_date = date(value, Century::Past, today);
                wrong = t.birth_date.is_none().then_some(codes::BIRTH_INVALID);
            }
            Field::Sex => {
                let sex = sex(value);
                wrong = sex.is_none().then_some(codes::SEX_UNKNOWN);
                t.sex = sex.unwrap_or_default();
            }
            Field::Nationality | Field::Residence => {
                let country = text::country(value).or_else(|| travel::Country::of_name(value));
                wrong = country.is_none().then_some(codes::COUNTRY_INVALID);
                if field == Field::Nationality {
                    t.nationality = country;
                } else {
                    t.residence = country;
                }
            }
            Field::BirthPlace => t.birth_place = Some(value.into()),
            Field::Seat => t.seat = Some(value.into()),
            Field::Reference => t.reference = Some(value.into()),
            Field::Contact => t.contacts.push(Contact { text: value.into() }),
            Field::FrequentFlyer => t.frequent_flyer.push(value.into()),
            Field::Ticket => t.tickets.push(value.into()),
            Field::JourneyFrom => t.journey_from = Some(value.into()),
            Field::JourneyTo => t.journey_to = Some(value.into()),
            Field::Bags => match value.parse() {
                Ok(count) => t.bags.count = Some(count),
                Err(_) => wrong = Some(codes::BAGS_INVALID),
            },
            Field::BagTag => {
                let tags = value.split(['|', ' ', ';']).filter(|t| !t.is_empty());
                t.bags.tags.extend(tags.map(Into::into));
            }
            Field::Locator => self.book(value),
            _ => wrong = put_document(t, field, value, today),
        }
        if field == Field::FullName {
            self.whole_names.extend(self.last().map(|index| (index, span)));
        }
        if let Some(code) = wrong {
            self.doubt(code, (field, value), span);
        }
    }

    fn book(&mut self, locator: &str) {
        let next = self.report.bookings.len() as u32;
        let at = *self.bookings.entry(locator.to_owned()).or_insert(next);
        if at == next {
            self.report.bookings.push(Booking { locator: locator.into(), ..Booking::default() });
        }
        if let Some(t) = self.report.travellers.last_mut().filter(|t| t.booking.is_none()) {
            self.report.bookings[at as usize].travellers += 1;
            t.booking = Some(at);
        }
    }

    /// Parts the names that stand in one value at their slash or comma; whose has neither is
    /// kept whole, for which of its words is the surname is not to be guessed.
    fn part_names(&mut self) {
        let mut whole = std::mem::take(&mut self.whole_names).into_iter().peekable();
        for (index, t) in self.report.travellers.iter_mut().enumerate() {
            let mut place = None;
            while let Some((_, span)) = whole.next_if(|(of, _)| *of == index) {
                place.get_or_insert(span);
            }
            if !t.given.is_empty() {
                continue;
            }
            let parted = parted(&t.surname);
            let code = match (&parted, place) {
                (Some(_), _) => codes::NAME_TOGETHER,
                (None, Some(_)) if t.surname.trim().contains(' ') => codes::NAME_WHOLE,
                _ => continue,
            };
            let mut finding = Finding::new(code, Span::default(), "");
            self.places.travellers[index].place(&mut finding);
            finding.span = place.unwrap_or(finding.span);
            finding.traveller = Some(index);
            finding.field = Some(Field::FullName.name());
            if let Some((surname, given)) = parted {
                (t.surname, t.given) = (surname, given);
            }
            self.sink.push(finding);
        }
    }

    /// A further document of the last person begins.
    pub(crate) fn document(&mut self) {
        if let Some(t) = self.report.travellers.last_mut() {
            t.documents.push(new_document());
        }
    }

    /// All is read.
    pub(super) fn finish(mut self) -> Report {
        self.close_flight();
        self.part_names();
        let people = &mut self.report.travellers;
        std::mem::take(&mut self.dates).settle(&mut self.sink, |field, (index, document), date| {
            let Some(t) = people.get_mut(index) else { return };
            if field == Field::BirthDate {
                t.birth_date = Some(date);
            } else if let Some(d) = t.documents.get_mut(document) {
                let issued = field == Field::DocumentIssued;
                *(if issued { &mut d.issued } else { &mut d.expires }) = Some(date);
            }
        });
        for (index, t) in self.report.travellers.iter_mut().enumerate() {
            // A kind or an expiry alone is no document.
            t.documents.retain(|d| !d.number.is_empty());
            if t.surname.is_empty() {
                t.surname = std::mem::take(&mut t.given);
            }
            if t.surname.is_empty() && t.kind != Kind::Unnamed {
                let mut finding = Finding::new(codes::NAME_MISSING, Span::default(), "");
                self.places.travellers[index].place(&mut finding);
                finding.traveller = Some(index);
                self.sink.push(finding);
            }
        }
        let people = &self.report.travellers;
        let crew = !people.is_empty() && people.iter().all(|t| t.kind == Kind::Crew);
        if crew && self.report.dataset == Dataset::Api {
            self.report.dataset = Dataset::Crew;
        }
        crate::quality::check(&self.report, &self.places, self.today, true, &mut self.sink);
        self.report
    }
}

/// Surname and given names that a slash or a comma parts (`SMITH/JOHNMR`), and nothing else.
fn parted(name: &str) -> Option<(Text, Text)> {
    let mut parts = name.split(['/', ',']);
    let (surname, given) = (parts.next()?.trim(), parts.next()?.trim());
    let suffix = ["JR", "SR", "II", "III", "IV"].iter().any(|s| s.eq_ignore_ascii_case(given));
    let whole = parts.next().is_none() && !surname.is_empty() && !given.is_empty() && !suffix;
    whole.then(|| (surname.into(), text::without_title(given).into()))
}

/// A day, and the time on it, may come in two values, whichever comes first.
fn put_time(known: &mut String, value: &str) {
    match (is_clock(known), is_clock(value)) {
        (false, true) if !known.is_empty() => {
            let day = known.split([' ', 'T']).next().filter(|d| d.len() >= 8).unwrap_or(known);
            *known = format!("{day} {value}");
        }
        (true, false) => *known = format!("{value} {known}"),
        _ => value.clone_into(known),
    }
}

/// Whether it is a time without a day.
fn is_clock(value: &str) -> bool {
    value.len() <= 8 && value.contains(':') && is_time(value)
}
