//! PNRGOV in XML (`IATA_PNRGOV_NotifRQ`), and bookings wrapped in a root of a state's own.
//!
//! Elements are known by their local names and told apart by what they stand in:
//! `Passenger` in `CheckInInfo` or in the history names somebody again. What the EDIFACT
//! form does with segments happens here with elements; both fill the same report.

mod flight;
mod history;
mod names;
mod person;
mod repair;
mod spelling;
mod value;

use std::borrow::Cow;

use edifact::{Mode, Span};
use encoding_rs::{Encoding, WINDOWS_1252};
use jiff::civil::Date;
use quick_xml::Reader as Xml;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use travel::{Flight, Function, Text};

use super::Reader;
use crate::codes;
use crate::reading::{Envelope, Finding, Format, MessageType, Reading, Understood};
use crate::sink::Origin;
use names::Said;
use value::{attribute, date, one_of};

pub use names::{ATTRIBUTES, Names, UnknownName};

/// Elements nested deeper than this belong to no PNRGOV.
const DEEPEST: usize = 64;

/// Reads a document. Broken XML ends it where it breaks; what came before is kept.
pub(crate) fn read(bytes: &[u8], mode: Mode, received_on: Date, names: &Names) -> Reading {
    let whole = decoded(bytes);
    let source = whole.trim_start_matches('\u{feff}');
    let mut findings = Vec::new();
    let (text, repaired) = repair::repaired(source);
    let mut document = Document::new(Reader::new(received_on, &mut findings), names);
    repaired.into_iter().for_each(|f| document.reader.sink.push(f));
    let broken = document.walk(&text);
    let Document { mut reader, mut envelope, .. } = document;
    reader.close_booking();
    if reader.report.flights.is_empty() {
        reader.report.flights.extend(only_flight(&reader.report.bookings));
    }
    let repeated = reader.repeated();
    let release = std::mem::take(&mut envelope.1);
    let cut_off = broken.is_some();
    let (report, function) = reader.finish(!cut_off);
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

/// The text: in UTF-8, else as its first line declares it, else in Windows-1252.
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    let head = &bytes[..bytes.len().min(256)];
    let line = head.split(|b| *b == b'>').next().unwrap_or_default();
    let at = memchr::memmem::find(line, b"encoding").map(|at| &line[at + 8..]);
    let sign = |b: &u8| matches!(b, b'"' | b'\'');
    let label = at.and_then(|rest| rest.split(sign).nth(1)).and_then(Encoding::for_label);
    // What is no UTF-8 though it says so is Windows-1252, where every byte is a character; so
    // is what has several bytes to a character, whose places could not be told.
    let single = label.filter(|l| l.is_single_byte());
    single.unwrap_or(WINDOWS_1252).decode_without_bom_handling(bytes).0
}

/// Moves places, in ascending order, from `whole`, as decoded, behind its byte order mark, to the bytes as sent.
/// Where they differ in length, every character was one byte.
pub(crate) fn places_in_bytes(findings: &mut [Finding], whole: &str, mark: usize, len: usize) {
    spans_in_bytes(findings.iter_mut().map(|f| &mut f.span), whole, mark, len);
}

/// The same of spans.
pub(crate) fn spans_in_bytes<'s>(
    spans: impl Iterator<Item = &'s mut Span>,
    whole: &str,
    mark: usize,
    len: usize,
) {
    let same = whole.len() == len;
    let (mut at, mut chars) = (0, 0);
    for span in spans {
        let Span { start, end } = *span;
        let (start, end) = ((start + mark).min(whole.len()), (end + mark).min(whole.len()));
        if same {
            *span = Span { start, end };
            continue;
        }
        let count = |from: usize, to: usize| {
            let starts = |b: &&u8| **b & 0xc0 != 0x80;
            whole.as_bytes()[from..to.max(from)].iter().filter(starts).count()
        };
        chars += count(at, start);
        at = at.max(start);
        *span = Span { start: chars, end: chars + count(start, end) };
    }
}

/// Where no `FlightLeg` says which flight is meant: the one that all bookings are about.
fn only_flight(bookings: &[travel::Booking]) -> Option<Flight> {
    let mut flights = bookings.iter().flat_map(|b| &b.itinerary);
    let first = flights.next()?;
    flights.all(|f| f == first).then(|| first.clone())
}

/// Whether a document that has no root of the guide has people in it all the same.
pub(crate) fn names_people(head: &[u8]) -> bool {
    spelling::names_people(&String::from_utf8_lossy(head))
}

struct Document<'f> {
    reader: Reader<'f>,
    /// How the sender calls its attributes.
    names: &'f Names,
    /// Local names of the open elements.
    path: Vec<String>,
    envelope: (Envelope, String),
    /// The SSR whose text comes: code and reference.
    service: Option<(String, String, String)>,
    /// Name of somebody named again, until their `Passenger` ends.
    again: Option<(Text, Text, String)>,
    seat_of: String,
    /// Of the open `Flight`.
    said: flight::Said,
    /// How many changes the booking had before the open one.
    changes: usize,
    /// The tag that is being read.
    at: Span,
    /// Surname and given names of the open `Passenger` that stand in no element of theirs.
    in_attributes: [String; 2],
    /// How many elements are open that are nested too deep to be looked at.
    deeper: usize,
    /// Elements that the sender spells otherwise.
    spelt: Vec<&'static str>,
}

impl<'f> Document<'f> {
    fn new(reader: Reader<'f>, names: &'f Names) -> Self {
        Document {
            reader,
            names,
            path: Vec::new(),
            envelope: Default::default(),
            service: None,
            again: None,
            seat_of: String::new(),
            said: flight::Said::default(),
            changes: 0,
            at: Span::default(),
            in_attributes: Default::default(),
            deeper: 0,
            spelt: Vec::new(),
        }
    }

    /// Walks the events; the finding says where the XML breaks.
    fn walk(&mut self, source: &str) -> Option<Finding> {
        let mut xml = Xml::from_str(source);
        let config = xml.config_mut();
        (config.check_end_names, config.allow_unmatched_ends) = (false, true);
        loop {
            let broken = |found: &str, at: u64| {
                let start = source.floor_char_boundary((at as usize).min(source.len()));
                let end = source.ceil_char_boundary((start + 1).min(source.len()));
                Some(Finding::new(codes::XML_SYNTAX, Span { start, end }, found))
            };
            let start = xml.buffer_position() as usize;
            let event = xml.read_event();
            self.at = Span { start, end: xml.buffer_position() as usize };
            match event {
                Ok(Event::Start(e)) if self.path.len() + self.deeper >= DEEPEST => {
                    if self.deeper == 0 {
                        self.tell(codes::XML_DEEP);
                    }
                    self.deeper += 1;
                    let _ = e;
                }
                Ok(Event::Start(e)) => {
                    let name = self.named(&e);
                    self.open(&e, name);
                    self.path.push(
                        name.map_or_else(|| e.local_name().as_ref().to_owned(), str::to_owned),
                    );
                }
                Ok(Event::Empty(e)) => {
                    let name = self.named(&e);
                    self.open(&e, name);
                    self.close(name.unwrap_or(e.local_name().as_ref()));
                }
                Ok(Event::End(_)) if self.deeper > 0 => self.deeper -= 1,
                Ok(Event::End(e)) => self.end(e.local_name().as_ref()),
                Ok(Event::Text(e)) => {
                    self.text(&repair::plain(&e.xml_content(XmlVersion::Implicit1_0)))
                }
                Ok(Event::CData(e)) => self.text(&e.xml_content(XmlVersion::Implicit1_0)),
                Ok(Event::GeneralRef(e)) => {
                    let name = e.xml_content(XmlVersion::Implicit1_0);
                    let known = repair::entity(&name);
                    let text = known.map_or_else(|| format!("&{name};"), |c| c.to_string());
                    self.text(&text);
                }
                Ok(Event::Eof) if self.path.is_empty() => return None,
                Ok(Event::Eof) => return broken("", source.len() as u64),
                Ok(_) => {}
                Err(_) => return broken("", xml.error_position()),
            }
        }
    }

    fn tell(&mut self, code: crate::Code) {
        self.reader.sink.push(Finding::new(code, self.at, ""));
    }

    /// The guide's name of an element that is spelt otherwise; the sender is told once of each.
    fn named(&mut self, e: &BytesStart<'_>) -> Option<&'static str> {
        let name = spelling::element(e.local_name().as_ref())?;
        if !self.spelt.contains(&name) {
            self.spelt.push(name);
            self.tell(codes::XML_ELEMENT);
        }
        Some(name)
    }

    /// An end tag: it closes the element of its name, and all that is open in it; one of no open
    /// element closes the innermost, if nothing but text stands in it.
    fn end(&mut self, written: &str) {
        let name = spelling::element(written).unwrap_or(written);
        match self.path.iter().rposition(|open| open == name) {
            Some(at) => {
                if at + 1 < self.path.len() {
                    self.tell(codes::XML_END);
                }
                while self.path.len() > at {
                    let Some(open) = self.path.pop() else { return };
                    self.close(&open);
                }
            }
            None => {
                self.tell(codes::XML_END);
                let of_text = ["Surname", "GivenName", "MiddleName", "SurnamePrefix", "SeatNumber"];
                if self.path.last().is_some_and(|open| of_text.contains(&open.as_str())) {
                    self.path.pop();
                }
            }
        }
    }

    /// What an attribute says, under the first of its names that is there.
    fn one(&self, e: &BytesStart<'_>, said: Said) -> String {
        one_of(e, self.names.of(said))
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

    fn open(&mut self, e: &BytesStart<'_>, name: Option<&'static str>) {
        match name.unwrap_or(e.local_name().as_ref()) {
            "IATA_PNRGOV_NotifRQ" => self.root(e),
            "Originator" => {
                self.envelope.0.sender = attribute(e, "AirlineCode").unwrap_or_default()
            }
            "FlightLeg" => {
                self.reader.places.flight.get_or_insert(Origin::stretch(self.at));
                let flight = self.flight(e, "CarrierCode");
                if flight.carrier.is_empty() || flight.number.is_empty() {
                    self.reader.sink.push(Finding::new(codes::FLIGHT_NUMBER, self.at, ""));
                }
                self.reader.report.flights.push(flight);
            }
            "PNRs" => {
                self.reader.report.stated_bookings =
                    attribute(e, "NumberOfPnrs").and_then(|n| n.parse().ok());
                self.reader.places.total = Some(Origin::stretch(self.at));
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
            "Flight" if !self.in_history() => self.itinerary(e),
            "OperatingAirline" if !self.in_history() => self.operating(e),
            "Source" if self.within("POS") && !self.in_history() => self.agency(e),
            "CustLoyalty" => self.loyalty(e),
            "PaymentInfo" | "CreditCardInfo" if !self.in_history() => self.payment(e),
            "CheckedBag" => self.bag(e),
            "DepartureAirport" | "ArrivalAirport" | "MarketingAirline" => self.flight_part(e),
            "SSR" => {
                let code = attribute(e, "SSRCode").unwrap_or_default();
                let reference = self.one(e, Said::Reference);
                self.service = Some((code, reference, String::new()));
            }
            "OSI" | "UnstructuredPNR_History" => self.reader.report.dropped_sensitive += 1,
            "DOC_SSR" => {
                let reference = self.one(e, Said::Reference);
                self.service = Some((String::new(), reference, String::new()));
            }
            "DOCS" | "DOCO" | "DOCA" if self.parent() == "DOC_SSR" => self.document(e),
            "ContactInfo" => self.contact(e),
            "TicketDocument" => self.ticket(e),
            "BoardingNumber" => self.boards(e),
            _ => {}
        }
        if self.in_history() || e.local_name().as_ref() == history::CHANGE {
            self.changed(e);
        }
    }

    fn root(&mut self, e: &BytesStart<'_>) {
        let function = attribute(e, "Function").unwrap_or_default();
        self.reader.report.function =
            if function == "141" { Function::Change } else { Function::Full };
        if !matches!(&*function, "" | "22" | "141") {
            self.reader.sink.push(Finding::new(codes::FUNCTION_UNKNOWN, self.at, &*function));
        }
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
            ("Passenger", _) if self.again.is_none() && !content.trim().is_empty() => {
                self.in_attributes[0].push_str(content.trim());
            }
            (part @ ("Surname" | "SurnamePrefix" | "GivenName" | "MiddleName"), "Passenger") => {
                let part = part.to_owned();
                self.name(&part, content);
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "PNR" => self.reader.close_booking(),
            "Flight" if !self.in_history() => self.close_flight(),
            history::CHANGE => self.close_change(),
            "SSR" => self.close_service(),
            "DOC_SSR" => self.service = None,
            "Passenger" => self.close_passenger(),
            _ => {}
        }
    }
}
