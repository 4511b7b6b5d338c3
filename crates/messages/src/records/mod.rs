//! Lists that are no EDIFACT: a table with a header ([`csv`]), or JSON ([`json`]). For
//! carriers without the equipment for either guide; both fill the same report.
//!
//! A value is known by the name of its column or key. Capitals, blanks and signs in a name
//! make no difference, and the names that people use for one thing all do: [`FIELDS`].
//! `docs/formats/records.md` is the page for carriers.

pub(crate) mod csv;
mod dates;
pub(crate) mod json;
mod once;

use std::borrow::Cow;
use std::collections::HashMap;

use edifact::{Mode, Span};
use encoding_rs::WINDOWS_1252;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use travel::{
    Airport, Booking, Contact, Dataset, DocumentKind, Flight, Function, Kind, Leg, LocalTime,
    PartialDate, Report, Text, TravelDocument, Traveller,
};

use crate::codes;
use crate::quality::Places;
use crate::reading::{Envelope, Finding, Format, MessageType, Reading, Understood};
use crate::sink::{Origin, Sink};
use crate::text::{self, Century};
use dates::{Dates, Slashed};

/// What a value is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Field {
    Kind,
    Surname,
    Given,
    BirthDate,
    Sex,
    Nationality,
    Residence,
    BirthPlace,
    DocumentKind,
    DocumentNumber,
    DocumentIssuer,
    DocumentExpires,
    DocumentIssued,
    Seat,
    Locator,
    Reference,
    Contact,
    FrequentFlyer,
    Ticket,
    Bags,
    BagTag,
    JourneyFrom,
    JourneyTo,
    Carrier,
    Flight,
    From,
    To,
    Departs,
    Arrives,
    /// Meals, assistance, remarks: counted and dropped (EU-30).
    Sensitive,
}

/// The names of each field, in small letters and digits alone; the first is ours.
#[rustfmt::skip]
pub(crate) const FIELDS: &[(Field, &[&str])] = &[
    (Field::Kind, &["kind", "type", "role", "paxtype", "travellertype", "passengertype"]),
    (Field::Surname, &["surname", "lastname", "familyname", "name"]),
    (Field::Given, &["given", "givenname", "givennames", "firstname", "first", "forename", "forenames", "second", "secondname", "middlename", "middlenames"]),
    (Field::BirthDate, &["birthdate", "dateofbirth", "dob", "born"]),
    (Field::Sex, &["sex", "gender"]),
    (Field::Nationality, &["nationality", "nat", "citizenship"]),
    (Field::Residence, &["residence", "countryofresidence"]),
    (Field::BirthPlace, &["birthplace", "placeofbirth"]),
    (Field::DocumentKind, &["documentkind", "documenttype", "doctype"]),
    (Field::DocumentNumber, &["documentnumber", "documentno", "docnumber", "docno", "number", "passport", "passportnumber", "passportno"]),
    (Field::DocumentIssuer, &["documentissuer", "issuer", "issuingcountry", "issuingstate", "documentcountry", "passportcountry"]),
    (Field::DocumentExpires, &["documentexpires", "expires", "expiry", "expirydate", "expirationdate", "documentexpiry"]),
    (Field::DocumentIssued, &["documentissued", "issued", "issuedate", "dateofissue"]),
    (Field::Seat, &["seat", "seatnumber", "seatno"]),
    (Field::Locator, &["locator", "pnr", "recordlocator", "bookingreference"]),
    (Field::Reference, &["reference", "paxid", "passengerid", "id"]),
    (Field::Contact, &["contact", "phone", "telephone", "email", "address", "mobile"]),
    (Field::FrequentFlyer, &["frequentflyer", "frequentflyernumber", "loyalty"]),
    (Field::Ticket, &["ticket", "ticketnumber"]),
    (Field::Bags, &["bags", "bagcount", "numberofbags"]),
    (Field::BagTag, &["bagtag", "bagtags", "tag"]),
    (Field::JourneyFrom, &["journeyfrom", "embarkation", "portofembarkation"]),
    (Field::JourneyTo, &["journeyto", "debarkation", "portofdebarkation"]),
    (Field::Carrier, &["carrier", "airline", "carriercode"]),
    (Field::Flight, &["flight", "flightnumber", "flightno"]),
    (Field::From, &["from", "origin", "departureairport", "departureport", "depport"]),
    (Field::To, &["to", "destination", "arrivalairport", "arrivalport", "arrport"]),
    (Field::Departs, &["departs", "departure", "departuretime", "std", "departuredate", "departuredatetime", "flightdate"]),
    (Field::Arrives, &["arrives", "arrival", "arrivaltime", "sta", "arrivaldatetime"]),
    (Field::Sensitive, &["meal", "meals", "mealcode", "specialmeal", "assistance", "ssr", "remark", "remarks", "religion", "health", "medical", "freetext", "comment", "comments", "ethnicity"]),
];

/// The field of that name.
pub(crate) fn field(name: &str) -> Option<Field> {
    let plain: String =
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    FIELDS.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(field, _)| *field)
}

/// The text, in UTF-8 or else in Windows-1252, where every byte is one character.
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

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
        }
    }

    /// Somebody begins, at that place.
    pub(crate) fn person(&mut self, span: Span) {
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
    fn instant(&mut self, value: &str, airport: &str) -> Option<LocalTime> {
        if let Ok(instant) = value.parse::<Timestamp>()
            && let Some(zone) = Airport::find(airport).and_then(|a| TimeZone::get(a.zone).ok())
        {
            return Some(LocalTime(instant.to_zoned(zone).datetime()));
        }
        let digits: String = value.chars().filter(char::is_ascii_digit).take(12).collect();
        text::local_time(digits.as_bytes(), self.today)
    }

    fn doubt(&mut self, code: crate::Code, value: &str, span: Span, person: bool) {
        let mut finding = Finding::new(code, span, value);
        finding.traveller = self.report.travellers.len().checked_sub(1).filter(|_| person);
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
            _ => self.put_person(field, value, span),
        }
    }

    fn put_flight(&mut self, field: Field, value: &str, span: Span) {
        let named = self.open.get_or_insert_default();
        match field {
            Field::Carrier => named.carrier = value.to_owned(),
            Field::Flight => named.number = value.to_owned(),
            Field::From => named.from = text::airport(value),
            Field::To => named.to = text::airport(value),
            Field::Departs => named.departs = value.to_owned(),
            _ => named.arrives = value.to_owned(),
        }
        let is_time = matches!(field, Field::Departs | Field::Arrives);
        if is_time && self.instant(value, "").is_none() && value.parse::<Timestamp>().is_err() {
            self.doubt(codes::TIME_INVALID, value, span, false);
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
            Field::Surname | Field::Given => {
                let (name, odd) = text::given_names(std::iter::once(value.into()));
                wrong = odd.map(|_| codes::NAME_PLACEHOLDER);
                let place = if field == Field::Surname { &mut t.surname } else { &mut t.given };
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
                let sex = text::sex(&value.as_bytes()[..1]);
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
        if let Some(code) = wrong {
            self.doubt(code, value, span, true);
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

    /// A further document of the last person begins.
    pub(crate) fn document(&mut self) {
        if let Some(t) = self.report.travellers.last_mut() {
            t.documents.push(new_document());
        }
    }

    /// All is read.
    fn finish(mut self) -> Report {
        self.close_flight();
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

fn new_document() -> TravelDocument {
    TravelDocument {
        kind: DocumentKind::Unknown,
        number: Text::new(),
        issuer: None,
        expires: None,
        issued: None,
    }
}

/// A value of the last document; there is one as soon as something is said of it.
fn put_document(t: &mut Traveller, field: Field, value: &str, today: Date) -> Option<crate::Code> {
    if t.documents.is_empty() {
        t.documents.push(new_document());
    }
    let d = t.documents.last_mut()?;
    match field {
        Field::DocumentNumber => {
            d.number = text::document_number(value);
            if d.kind == DocumentKind::Unknown {
                d.kind = DocumentKind::Passport;
            }
            None
        }
        Field::DocumentKind => {
            d.kind = match value.to_ascii_uppercase().as_str() {
                "PASSPORT" => DocumentKind::Passport,
                "VISA" => DocumentKind::Visa,
                "IDENTITYCARD" | "IDENTITY CARD" | "IDENTITY_CARD" => DocumentKind::IdentityCard,
                code => text::document_kind(code.as_bytes()),
            };
            (d.kind == DocumentKind::Unknown).then_some(codes::DOCUMENT_KIND)
        }
        Field::DocumentIssuer => {
            d.issuer = text::country(value).or_else(|| travel::Country::of_name(value));
            d.issuer.is_none().then_some(codes::COUNTRY_INVALID)
        }
        _ => {
            let day = date(value, Century::Near, today);
            let place = if field == Field::DocumentIssued { &mut d.issued } else { &mut d.expires };
            *place = day;
            day.is_none().then_some(codes::DOCUMENT_DATE)
        }
    }
}

fn kind(value: &str) -> Option<Kind> {
    Some(match value.to_ascii_uppercase().as_str() {
        "P" | "FL" | "PAX" | "PASSENGER" | "ADULT" | "ADT" | "A" | "CHILD" | "CHD" => {
            Kind::Passenger
        }
        "C" | "FM" | "CREW" | "CRW" => Kind::Crew,
        "T" | "DDU" | "DDT" | "TRANSIT" => Kind::Transit,
        "I" | "IN" | "INF" | "INFANT" => Kind::Infant,
        "UNNAMED" | "ZZZ" => Kind::Unnamed,
        _ => return None,
    })
}

/// `2031-10-25`, `20311025`, `311025`, `25OCT31`, `25.10.2031`, and `25/10/2031` or
/// `10/25/2031` where one number tells which of the two it is.
fn date(value: &str, century: Century, today: Date) -> Option<PartialDate> {
    if let Some(date) = Slashed::read(value) {
        return date.settled();
    }
    let parts: Vec<&str> = value.split('.').collect();
    if let [day, month, year] = parts[..]
        && year.len() == 4
    {
        return PartialDate::ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    }
    let value = value.split('T').next().filter(|d| d.len() == 10).unwrap_or(value);
    text::date_dmmmy(value, century, today)
}

/// What a function goes by in JSON.
fn function(word: &str) -> Option<Function> {
    Some(match word.to_ascii_lowercase().as_str() {
        "full" | "22" | "745" | "250" => Function::Full,
        "change" | "141" | "update" => Function::Change,
        "cancel" => Function::Cancel,
        "closed" | "on_board" => Function::CloseOnBoard,
        "not_on_board" => Function::CloseNotOnBoard,
        "flight_cancelled" => Function::FlightCancelled,
        _ => return None,
    })
}

/// The reading of a table or document that has one list.
fn reading(
    format: Format,
    mode: Mode,
    envelope: Envelope,
    function: String,
    report: Report,
    mut findings: Vec<Finding>,
) -> Reading {
    findings.sort_by_key(|f| f.span.start);
    let pnr = report.dataset == Dataset::Pnr;
    let understood = Understood {
        kind: if pnr { MessageType::Pnrgov } else { MessageType::Paxlst },
        release: if format == Format::Csv { "CSV".to_owned() } else { "JSON".to_owned() },
        function,
        parts: 1,
        reference: report.reference.to_string(),
        report,
        access_reference: String::new(),
        messages: vec![0],
        repeated: Vec::new(),
        outcomes: Vec::new(),
        series: None,
        cut_off: false,
    };
    Reading {
        format,
        mode,
        envelope: Some(envelope),
        messages: vec![understood],
        findings,
        fatal: false,
        names: Vec::new(),
        groups: Vec::new(),
    }
}
