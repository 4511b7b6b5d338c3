//! PNRGOV in XML (`IATA_PNRGOV_NotifRQ`), and bookings wrapped in a root of a state's own.
//!
//! Elements are known by their local names and told apart by what they stand in:
//! `Passenger` in `CheckInInfo` or in the history names somebody again. What the EDIFACT
//! form does with segments happens here with elements; both fill the same report.

use std::borrow::Cow;

use edifact::{Mode, Span};
use encoding_rs::WINDOWS_1252;
use jiff::civil::{Date, DateTime};
use quick_xml::Reader as Xml;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use travel::{
    Contact, Flight, Function, Kind, Leg, LocalTime, PartialDate, Text, TravelDocument, Traveller,
};

use super::{Reader, progress, ssr};
use crate::codes;
use crate::reading::{Envelope, Finding, Format, Mention, MessageType, Reading, Understood};
use crate::sink::Origin;
use crate::text;

/// Elements nested deeper than this belong to no PNRGOV.
const DEEPEST: usize = 64;

/// Reads a document. Broken XML ends it where it breaks; what came before is kept.
pub(crate) fn read(bytes: &[u8], mode: Mode, received_on: Date) -> Reading {
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    };
    let source = whole.trim_start_matches('\u{feff}');
    let mut findings = Vec::new();
    let mut document = Document::new(Reader::new(received_on, &mut findings));
    let broken = document.walk(source);
    let Document { mut reader, mut envelope, .. } = document;
    reader.close_booking();
    if reader.report.flights.is_empty() {
        reader.report.flights.extend(only_flight(&reader.report.bookings));
    }
    let repeated = reader.repeated();
    let release = std::mem::take(&mut envelope.1);
    let (report, function) = reader.finish(true);
    let cut_off = broken.is_some();
    findings.extend(broken);
    findings.sort_by_key(|f| f.span.start);
    let mark = whole.len() - source.len();
    places_in_bytes(&mut findings, &whole, mark, bytes.len());
    let understood = Understood {
        kind: MessageType::Pnrgov,
        release,
        function,
        parts: 1,
        reference: report.reference.clone(),
        report,
        access_reference: String::new(),
        messages: vec![0],
        repeated,
        outcomes: Vec::new(),
        series: None,
        cut_off,
    };
    Reading {
        format: Format::PnrgovXml,
        mode,
        envelope: Some(envelope.0),
        messages: vec![understood],
        findings,
        fatal: false,
        names: Vec::new(),
        groups: Vec::new(),
    }
}

/// Moves places, in ascending order, from `whole`, as decoded, behind its byte order mark, to the bytes as sent.
/// Where they differ in length, every character was one byte.
pub(crate) fn places_in_bytes(findings: &mut [Finding], whole: &str, mark: usize, len: usize) {
    let same = whole.len() == len;
    let (mut at, mut chars) = (0, 0);
    for finding in findings {
        let Span { start, end } = finding.span;
        let (start, end) = ((start + mark).min(whole.len()), (end + mark).min(whole.len()));
        if same {
            finding.span = Span { start, end };
            continue;
        }
        let count = |from: usize, to: usize| {
            let starts = |b: &&u8| **b & 0xc0 != 0x80;
            whole.as_bytes()[from..to.max(from)].iter().filter(starts).count()
        };
        chars += count(at, start);
        at = at.max(start);
        finding.span = Span { start: chars, end: chars + count(start, end) };
    }
}

/// Where no `FlightLeg` says which flight is meant: the one that all bookings are about.
fn only_flight(bookings: &[travel::Booking]) -> Option<Flight> {
    let mut flights = bookings.iter().flat_map(|b| &b.itinerary);
    let first = flights.next()?;
    flights.all(|f| f == first).then(|| first.clone())
}

struct Document<'f> {
    reader: Reader<'f>,
    /// Local names of the open elements.
    path: Vec<String>,
    envelope: (Envelope, String),
    /// The SSR whose text comes: code and reference.
    service: Option<(String, String, String)>,
    /// Name of somebody named again, until their `Passenger` ends.
    again: Option<(Text, Text, String)>,
    seat_of: String,
    /// The tag that is being read.
    at: Span,
}

impl<'f> Document<'f> {
    fn new(reader: Reader<'f>) -> Self {
        Document {
            reader,
            path: Vec::new(),
            envelope: Default::default(),
            service: None,
            again: None,
            seat_of: String::new(),
            at: Span::default(),
        }
    }

    /// Walks the events; the finding says where the XML breaks.
    fn walk(&mut self, source: &str) -> Option<Finding> {
        let mut xml = Xml::from_str(source);
        loop {
            let broken = |found: &str, at: u64| {
                let start = (at as usize).min(source.len());
                let span = Span { start, end: (start + 1).min(source.len()) };
                Some(Finding::new(codes::XML_SYNTAX, span, found))
            };
            let start = xml.buffer_position() as usize;
            let event = xml.read_event();
            self.at = Span { start, end: xml.buffer_position() as usize };
            match event {
                Ok(Event::Start(e)) => {
                    if self.path.len() >= DEEPEST {
                        return broken("nested too deep", xml.buffer_position());
                    }
                    self.open(&e);
                    self.path.push(e.local_name().as_ref().to_owned());
                }
                Ok(Event::Empty(e)) => {
                    self.open(&e);
                    self.close(e.local_name().as_ref());
                }
                Ok(Event::End(e)) => {
                    self.path.pop();
                    self.close(e.local_name().as_ref());
                }
                Ok(Event::Text(e)) => self.text(&e.xml_content(XmlVersion::Implicit1_0)),
                Ok(Event::CData(e)) => self.text(&e.xml_content(XmlVersion::Implicit1_0)),
                Ok(Event::GeneralRef(e)) => {
                    let known = match &*e.xml_content(XmlVersion::Implicit1_0) {
                        "amp" => "&",
                        "apos" => "'",
                        "quot" => "\"",
                        "lt" => "<",
                        "gt" => ">",
                        _ => "",
                    };
                    match e.resolve_char_ref() {
                        Ok(Some(c)) => self.text(&c.to_string()),
                        _ => self.text(known),
                    }
                }
                Ok(Event::Eof) if self.path.is_empty() => return None,
                Ok(Event::Eof) => return broken("end of the document", source.len() as u64),
                Ok(_) => {}
                Err(_) => return broken("", xml.error_position()),
            }
        }
    }

    fn within(&self, name: &str) -> bool {
        self.path.iter().any(|p| p == name)
    }

    fn parent(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    fn in_history(&self) -> bool {
        self.path
            .iter()
            .any(|p| p.contains("History") || p == "SplitPNR" || p == "OtherTravelSegment")
    }

    fn open(&mut self, e: &BytesStart<'_>) {
        match e.local_name().as_ref() {
            "IATA_PNRGOV_NotifRQ" => self.root(e),
            "Originator" => {
                self.envelope.0.sender = attribute(e, "AirlineCode").unwrap_or_default()
            }
            "FlightLeg" => {
                let flight = self.flight(e, "CarrierCode");
                self.reader.report.flights.push(flight);
            }
            "PNR" => self.booking(e),
            "BookingRefID" if self.parent() == "PNR" => self.locator(e),
            "BookingRefID" if self.within("SplitPNR") => {
                let id = attribute(e, "ID").filter(|id| !id.is_empty());
                if let Some(b) = self.reader.report.bookings.last_mut() {
                    b.split.extend(id.map(Text::from));
                }
            }
            "CompanyName" => self.company(e),
            "Passenger" => self.passenger(e),
            "Flight" if !self.in_history() => {
                let flight = self.flight(e, "MarketingAirline");
                if let Some(b) = self.reader.report.bookings.last_mut() {
                    b.itinerary.push(flight);
                }
            }
            "DepartureAirport" | "ArrivalAirport" | "MarketingAirline" => self.flight_part(e),
            "SSR" => {
                let code = attribute(e, "SSRCode").unwrap_or_default();
                let reference = attribute(e, "RPH").unwrap_or_default();
                self.service = Some((code, reference, String::new()));
            }
            "OSI" => self.reader.report.dropped_sensitive += 1,
            "DOC_SSR" => {
                let reference = attribute(e, "RPH").unwrap_or_default();
                self.service = Some((String::new(), reference, String::new()));
            }
            "DOCS" | "DOCO" | "DOCA" if self.parent() == "DOC_SSR" => self.document(e),
            "ContactInfo" => self.contact(e),
            "TicketDocument" => self.ticket(e),
            "BoardingNumber" => self.seat_of = attribute(e, "RPH").unwrap_or_default(),
            _ => {}
        }
    }

    fn root(&mut self, e: &BytesStart<'_>) {
        let function = attribute(e, "Function").unwrap_or_default();
        self.reader.report.function =
            if function == "141" { Function::Change } else { Function::Full };
        self.reader.function = function;
        self.envelope.0.reference = attribute(e, "TrxID")
            .or_else(|| attribute(e, "TransactionIdentifier"))
            .unwrap_or_default();
        self.reader.report.reference = self.envelope.0.reference.clone();
        self.envelope.1 = attribute(e, "Version").unwrap_or_default();
    }

    fn booking(&mut self, e: &BytesStart<'_>) {
        self.reader.open_booking();
        let made = attribute(e, "PNR_CreationDate").and_then(|t| date(&t));
        if let Some(b) = self.reader.report.bookings.last_mut() {
            b.made = made;
        }
    }

    fn locator(&mut self, e: &BytesStart<'_>) {
        let id = attribute(e, "ID").unwrap_or_default();
        if let Some(b) = self.reader.report.bookings.last_mut()
            && b.locator.is_empty()
        {
            b.locator = id.into();
        }
    }

    fn company(&mut self, e: &BytesStart<'_>) {
        let in_locator = self.parent() == "BookingRefID"
            && self.path.len() >= 2
            && self.path[self.path.len() - 2] == "PNR";
        let code = attribute(e, "Code").unwrap_or_default();
        if let Some(b) = self.reader.report.bookings.last_mut()
            && in_locator
            && b.carrier.is_empty()
        {
            b.carrier = code.into();
        }
    }

    /// A flight from attributes; its airports come as children.
    fn flight(&self, e: &BytesStart<'_>, carrier: &str) -> Flight {
        let carrier = attribute(e, carrier);
        let number = attribute(e, "FlightNumber").unwrap_or_default();
        let (carrier, number) = Flight::designator(&number, carrier.as_deref());
        let leg = Leg {
            departs: attribute(e, "DepartureDateTime").and_then(|t| time(&t)),
            arrives: attribute(e, "ArrivalDateTime").and_then(|t| time(&t)),
            ..Leg::default()
        };
        Flight { carrier, number, legs: vec![leg], ..Flight::default() }
    }

    fn flight_part(&mut self, e: &BytesStart<'_>) {
        let report = &mut self.reader.report;
        let flight = match self.path.last().map(String::as_str) {
            Some("FlightLeg") => report.flights.last_mut(),
            Some("Flight") => report.bookings.last_mut().and_then(|b| b.itinerary.last_mut()),
            _ => None,
        };
        let Some(flight) = flight else { return };
        let place = text::airport(&attribute(e, "LocationCode").unwrap_or_default());
        match (e.local_name().as_ref(), flight.legs.first_mut()) {
            ("DepartureAirport", Some(leg)) => leg.from = place,
            ("ArrivalAirport", Some(leg)) => leg.to = place,
            ("MarketingAirline", _) => {
                flight.carrier = attribute(e, "Code").unwrap_or_default().to_uppercase().into();
            }
            _ => {}
        }
    }

    fn passenger(&mut self, e: &BytesStart<'_>) {
        let reference = attribute(e, "RPH").unwrap_or_default();
        if self.in_history() || self.within("CheckInInfo") {
            let owner = if reference.is_empty() { self.seat_of.clone() } else { reference };
            self.again = Some((Text::new(), Text::new(), owner));
            return;
        }
        if self.reader.report.bookings.is_empty() {
            self.reader.open_booking();
        }
        self.add(reference, Text::new(), Text::new());
        let unique = attribute(e, "PaxID").or_else(|| attribute(e, "SurnameRefNumber"));
        let boarding = attribute(e, "BoardingStatus").and_then(|s| progress::status(&s));
        if let Some(t) = self.reader.report.travellers.last_mut() {
            t.reference = unique.filter(|u| !u.is_empty()).map(Text::from);
            t.status = boarding;
        }
    }

    fn add(&mut self, reference: String, surname: Text, given: Text) {
        let booking = self.reader.report.bookings.len().checked_sub(1).map(|b| b as u32);
        let index = self.reader.report.travellers.len();
        self.reader.report.travellers.push(Traveller {
            booking,
            surname,
            given,
            ..Traveller::default()
        });
        if !reference.is_empty() {
            self.reader.numbers.give(&reference, index);
        }
        self.reader.places.travellers.push(Origin::stretch(self.at));
        self.reader.current = Some(index);
    }

    fn document(&mut self, e: &BytesStart<'_>) {
        let today = self.reader.received_on;
        let get = |names: &[&str]| names.iter().find_map(|n| attribute(e, n)).unwrap_or_default();
        let country = |names: &[&str]| text::country(&get(names));
        let number = text::document_number(&get(&["TravelDocNbr", "DocumentNumber"]));
        let gender = get(&["Gender"]);
        let kind = match e.local_name().as_ref() {
            "DOCO" => "V".to_owned(),
            _ => get(&["TravelDocType", "DocType"]),
        };
        let given = [get(&["FirstGivenName", "GivenName"]), get(&["SecondGivenName"])].join(" ");
        let day = |t: String, c| date(&t).or_else(|| text::date_dmmmy(&t, c, today));
        let expires = day(get(&["ExpiryDate", "DateOfExpiry"]), text::Century::Near);
        let pending = ssr::Pending {
            identity: ssr::Identity {
                document: (!number.is_empty()).then(|| TravelDocument {
                    kind: text::document_kind(kind.as_bytes()),
                    number,
                    issuer: country(&["IssuingLoc", "IssuingCountry", "Country"]),
                    expires,
                    issued: None,
                }),
                birth_date: day(get(&["DateOfBirth", "BirthDate"]), text::Century::Past),
                sex: text::sex(gender.as_bytes()),
                nationality: country(&["PaxNationality", "PassengerNationality", "Nationality"]),
            },
            surname: get(&["Surname"]).into(),
            given: given.trim().into(),
            infant: matches!(gender.as_str(), "MI" | "FI"),
            reference: self.service.as_ref().map(|s| s.1.clone()).unwrap_or_default().into(),
            beside: self.beside(),
            ..ssr::Pending::default()
        };
        self.reader.documents.push(pending);
    }

    fn beside(&self) -> Option<usize> {
        self.reader.current.filter(|_| self.within("Passenger") && self.again.is_none())
    }

    fn contact(&mut self, e: &BytesStart<'_>) {
        let text =
            ["PhoneNumber", "Email", "EmailAddress", "Text"].iter().find_map(|n| attribute(e, n));
        let Some(text) = text.filter(|t| !t.trim().is_empty()) else { return };
        let contact = Contact { text: text.into() };
        match self.beside() {
            Some(i) => self.reader.report.travellers[i].contacts.push(contact),
            None => {
                if let Some(b) = self.reader.report.bookings.last_mut() {
                    b.contacts.push(contact);
                }
            }
        }
    }

    fn ticket(&mut self, e: &BytesStart<'_>) {
        let number = attribute(e, "TicketDocumentNbr").filter(|n| !n.is_empty());
        if let (Some(i), Some(number)) = (self.beside(), number) {
            self.reader.report.travellers[i].tickets.push(number.into());
        }
    }

    fn text(&mut self, content: &str) {
        let content = content.trim_matches(['\r', '\n', '\t']);
        if content.is_empty() {
            return;
        }
        let grand = self.path.len().checked_sub(2).map_or("", |i| self.path[i].as_str());
        match (self.parent(), grand) {
            ("Text", "SSR") => {
                if let Some(service) = &mut self.service {
                    service.2.push_str(content);
                }
            }
            ("SeatNumber", _) => {
                let owner = self.reader.by_reference(&self.seat_of);
                if let Some(i) = owner {
                    self.reader.report.travellers[i].seat = Some(content.into());
                }
            }
            (part @ ("Surname" | "SurnamePrefix" | "GivenName" | "MiddleName"), "Passenger") => {
                let part = part.to_owned();
                self.name(&part, content);
            }
            _ => {}
        }
    }

    fn name(&mut self, part: &str, content: &str) {
        let (surname, given) = match (&mut self.again, self.reader.current) {
            (Some((surname, given, _)), _) => (surname, given),
            (None, Some(i)) => {
                let t = &mut self.reader.report.travellers[i];
                (&mut t.surname, &mut t.given)
            }
            _ => return,
        };
        let field = if part.starts_with("Surname") { surname } else { given };
        // A text that an entity splits goes on without a blank.
        if part == "MiddleName" && !field.is_empty() {
            field.push(' ');
        }
        field.push_str(content);
        if part == "SurnamePrefix" {
            field.push(' ');
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "PNR" => self.reader.close_booking(),
            "SSR" => self.close_service(),
            "DOC_SSR" => self.service = None,
            "Passenger" => self.close_passenger(),
            _ => {}
        }
    }

    fn close_service(&mut self) {
        let Some((code, reference, words)) = self.service.take() else { return };
        if self.in_history() || !ssr::is_neutral(&code) {
            self.reader.report.dropped_sensitive += u32::from(!ssr::is_neutral(&code));
            return;
        }
        if code == "DOCS" && !words.is_empty() {
            let mut pending = ssr::Pending::from(ssr::Docs::read(&words, self.reader.received_on));
            pending.reference = reference.into();
            pending.beside = self.beside();
            self.reader.documents.push(pending);
        }
    }

    /// Somebody named again is sought in the booking, and added if nobody there bears
    /// that name.
    fn close_passenger(&mut self) {
        if let Some((surname, given, reference)) = self.again.take() {
            let people = self.reader.candidates(&surname);
            let found = people.iter().any(|i| {
                let t = &self.reader.report.travellers[i];
                text::same_letters(&t.surname, &surname)
                    && (text::begins_like(&t.given, &given) || text::begins_like(&given, &t.given))
            });
            if found || (surname.is_empty() && given.is_empty()) {
                let again = Mention { surname, given, ..Mention::default() };
                self.reader.repeated.push(again);
            } else {
                self.add(reference, surname, given);
                let index = self.reader.current;
                let mut finding = Finding::new(codes::LATE_TRAVELLER, self.at, "");
                finding.traveller = index;
                self.reader.sink.push(finding);
            }
        } else if let Some(t) =
            self.reader.current.and_then(|i| self.reader.report.travellers.get_mut(i))
            && t.surname.is_empty()
            && t.given.is_empty()
        {
            t.kind = Kind::Unnamed;
        }
    }
}

fn attribute(e: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = e.attributes();
    let attribute =
        attributes.with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name)?;
    let value = attribute
        .normalized_value(XmlVersion::Implicit1_0)
        .unwrap_or_else(|_| Cow::Owned(attribute.value.to_string()));
    Some(value.trim().to_owned())
}

/// `2024-01-01T10:15:00`; an offset behind it is of no use, times are local.
fn time(text: &str) -> Option<LocalTime> {
    let text = text.get(..19).or(text.get(..16)).unwrap_or(text);
    text.parse::<DateTime>().ok().map(LocalTime)
}

fn date(text: &str) -> Option<PartialDate> {
    PartialDate::parse(text.get(..10)?)
}
