//! PAXLST: passenger and crew lists, D:02B to D:17A and the old US dialect.
//!
//! The guide's table of segments is a wish: senders write group 4 in any order,
//! repeat the header in every part, and leave out what they do not have. So the
//! reader is a bag per person: `NAD` opens it, every segment until the next `NAD`
//! or `CNT` is put by its qualifier where it belongs, and what belongs nowhere is
//! a finding. One `NAD` with FL, FM, DDU, DDT or ZZZ, or one `PDT`, is one
//! traveller, whatever else is wrong with it.

mod header;
mod mended;
mod old;
mod person;
mod shapes;
mod write;

use std::collections::HashMap;

use edifact::{FaultKind, Message, Segment};
use jiff::civil::Date;
use travel::{Dataset, Flight, FlightKind, Report, Traveller};

use crate::codes;
use crate::dialect::Dialect;
use crate::limits;
use crate::quality::Places;
use crate::reading::{Finding, MessageType};
use crate::sink::{Origin, Sink};

use header::LegGroup;
pub use write::write;

/// Whose segments come now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    Header,
    /// Behind a `NAD` that is nobody on board.
    Party,
    /// Behind a `NAD` that names several people: what follows does not say whose it is.
    Several,
    Leg,
    Person,
    Document,
    Trailer,
}

/// Reads the parts of one list, one after another.
pub(crate) struct Reader<'f> {
    pub(crate) report: Report,
    pub(crate) function: String,
    received_on: Date,
    /// The guide that the list follows, where it is known.
    dialect: Option<&'static Dialect>,
    place: Place,
    legs: Vec<LegGroup>,
    cargo: bool,
    bookings: HashMap<String, u32>,
    total_of_part: Option<u32>,
    /// Whether this part has its `BGM`.
    begun: bool,
    /// Documents of one traveller that the release of this part allows (group 5).
    most_documents: usize,
    /// Places (LOC) of the last traveller themselves.
    own_places: u32,
    /// The first `UNH`.
    start: Option<Origin>,
    /// Whether there is a segment that only the old dialect has.
    old: bool,
    /// Whether the last segment was a `NAD` that ended in its name.
    named: bool,
    /// The last segment behind the last traveller that could not be read.
    unread: Option<Origin>,
    /// Who may be named second in one `NAD`, which only the stated total can tell.
    second: Vec<mended::Second>,
    places: Places,
    sink: Sink<'f>,
}

impl<'f> Reader<'f> {
    pub(crate) fn new(
        received_on: Date,
        dialect: Option<&'static Dialect>,
        findings: &'f mut Vec<Finding>,
    ) -> Self {
        Reader {
            report: Report::default(),
            function: String::new(),
            received_on,
            dialect,
            place: Place::Header,
            legs: Vec::new(),
            cargo: false,
            bookings: HashMap::new(),
            total_of_part: None,
            begun: false,
            most_documents: usize::MAX,
            own_places: 0,
            start: None,
            old: false,
            named: false,
            unread: None,
            second: Vec::new(),
            places: Places::default(),
            sink: Sink::new(findings),
        }
    }

    /// Reads one message of the series.
    pub(crate) fn part(&mut self, message: &Message<'_>, index: usize) {
        self.sink.message = index;
        self.place = Place::Header;
        self.total_of_part = None;
        self.begun = false;
        self.most_documents = most_documents(message.release());
        // Growing would copy everybody.
        let [people] = message.counts([*b"NAD"]);
        self.report.travellers.reserve(people);
        self.places.travellers.reserve(people);
        for segment in message.segments() {
            self.segment(segment.code(), &segment);
        }
        self.close_header(message);
    }

    /// Reads a segment as one of that tag.
    fn segment(&mut self, code: [u8; 3], s: &Segment<'_>) {
        match &code {
            b"UNH" => {
                self.start.get_or_insert(Origin::of(self.sink.message, *s));
                self.places.flight.get_or_insert(Origin::of(self.sink.message, *s));
            }
            // One in the middle of the message is a fault of the envelope.
            b"UNT" | b"UNE" | b"UNZ" => {}
            b"UNS" | b"CTA" => self.old = true,
            b"BGM" => {
                if self.together(s, 2) {
                    return;
                }
                self.begin(s);
                self.within(s, 12);
            }
            b"NAD" => {
                if self.together(s, 4) {
                    return;
                }
                self.name(s);
                self.within(s, 42);
            }
            b"TDT" => {
                if self.together(s, 5) {
                    return;
                }
                self.transport(s);
                self.within(s, 24);
            }
            b"LOC" => {
                if self.together(s, 2) {
                    return;
                }
                self.location(s, s.qualifier());
                self.within(s, 11);
            }
            b"DTM" => {
                if self.together(s, 1) {
                    return;
                }
                self.time(s, s.qualifier());
                self.within(s, 14);
            }
            b"ATT" => {
                if self.together(s, 3) {
                    return;
                }
                self.sex(s);
                self.within(s, 8);
            }
            b"NAT" => {
                if self.together(s, 2) || self.is_a_name(s) {
                    return;
                }
                self.nationality(s);
                self.within(s, 9);
            }
            b"DOC" => {
                if self.together(s, 2) {
                    return;
                }
                self.document(s);
                self.within(s, 30);
            }
            b"RFF" => {
                if self.together(s, 1) {
                    return;
                }
                self.reference(s, s.qualifier());
                self.within(s, 30);
            }
            b"COM" => {
                if !self.together(s, 1) {
                    self.contact(s);
                }
            }
            b"MEA" => {
                if self.together(s, 3) {
                    return;
                }
                self.baggage(s, s.qualifier());
                self.within(s, 16);
            }
            b"FTX" => {
                if self.together(s, 4) {
                    return;
                }
                self.free_text(s, s.qualifier());
                self.within(s, 80);
            }
            b"GEI" => {
                if self.together(s, 2) {
                    return;
                }
                self.verified(s);
                self.within(s, 9);
            }
            b"CNT" => {
                if self.together(s, 1) {
                    return;
                }
                self.count(s);
                self.within(s, 12);
            }
            b"PDT" => {
                if !self.together(s, 4) {
                    self.old_person(s);
                }
            }
            // The crew member's function: known, and not among what a report holds.
            b"EMP" => {
                self.together(s, 2);
            }
            _ => self.odd(s),
        }
        // A name is open at the end of `NAD` as long as no address follows it.
        self.named = code == *b"NAD" && s.elements() <= 4;
    }

    /// Holds a segment against the guide's table if it is longer than sound ones mostly are.
    #[inline]
    fn within(&mut self, s: &Segment<'_>, usual: usize) {
        if s.span().len() > usual && !self.old {
            self.look_into(s);
        }
    }

    #[cold]
    fn look_into(&mut self, s: &Segment<'_>) {
        limits::check(&MessageType::Paxlst, s, self.current(), &mut self.sink);
    }

    /// The qualifier without the blanks around it, if there are any: that is told.
    #[cold]
    fn without_blanks<'a>(&mut self, s: &Segment<'a>, qualifier: &'a [u8]) -> Option<&'a [u8]> {
        let trimmed = qualifier.trim_ascii();
        if trimmed.len() == qualifier.len() || trimmed.is_empty() {
            return None;
        }
        let index = self.current();
        self.sink.at(codes::QUALIFIER_BLANK, *s, (1, 1), index);
        Some(trimmed)
    }

    /// A segment, or the group that it opens, stands once more than the guide allows.
    #[cold]
    fn too_often(&mut self, kind: FaultKind, s: &Segment<'_>, expected: &str) {
        let index = self.current();
        self.sink.fault_of_segment(kind, s, expected, index);
    }

    /// Adds a traveller whom `s` names.
    fn push(&mut self, t: Traveller, s: &Segment<'_>) {
        self.own_places = 0;
        self.unread = None;
        self.report.travellers.push(t);
        self.places.travellers.push(Origin::of(self.sink.message, *s));
    }

    /// The traveller whose segments come now.
    fn current(&self) -> Option<usize> {
        match self.place {
            Place::Person | Place::Document => self.report.travellers.len().checked_sub(1),
            _ => None,
        }
    }

    /// The flight of this part joins those of the parts before.
    fn close_header(&mut self, message: &Message<'_>) {
        let legs = std::mem::take(&mut self.legs);
        let named = legs.first().map_or(0, LegGroup::position);
        let flights = header::flights(legs, self.cargo, &mut self.sink);
        if self.report.flights.is_empty() {
            self.report.flights = flights;
        } else if !flights.is_empty() && !same_flights(&flights, &self.report.flights) {
            if let Some(tdt) = message.segment(named.saturating_sub(1)) {
                self.sink.segment(codes::SERIES_HEADER, tdt, None);
            }
            for flight in flights {
                if !self.report.flights.contains(&flight) {
                    self.report.flights.push(flight);
                }
            }
        }
    }

    /// All parts are read.
    pub(crate) fn finish(mut self, complete: bool) -> (Report, String) {
        // The old dialect has no BGM.
        if self.function.is_empty()
            && !self.old
            && let Some(unh) = self.start
        {
            let at = edifact::Span { start: 0, end: 0 };
            let mut finding = Finding::new(codes::FUNCTION_MISSING, at, "");
            unh.place(&mut finding);
            self.sink.push(finding);
        }
        if complete && !self.second.is_empty() {
            self.tell_of_second_names();
        }
        let crew = self.function.starts_with("250") || self.function.starts_with("336");
        self.report.dataset = if crew { Dataset::Crew } else { Dataset::Api };
        crate::quality::check(
            &self.report,
            &self.places,
            self.received_on,
            complete,
            &mut self.sink,
        );
        (self.report, self.function)
    }
}

/// How often group 5 stands: twice up to D:05B, more in later directories.
fn most_documents(release: &str) -> usize {
    match release {
        "02B" | "03B" | "05B" => 2,
        _ => 99,
    }
}

/// Two parts mean the same flight if designator and ends agree.
fn same_flights(a: &[Flight], b: &[Flight]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| (&a.carrier, &a.number, a.ends()) == (&b.carrier, &b.number, b.ends()))
}

/// What the flight is, from the message's codes.
fn kind(overflight: bool, cargo: bool) -> FlightKind {
    match (overflight, cargo) {
        (true, _) => FlightKind::Overflight,
        (_, true) => FlightKind::Cargo,
        _ => FlightKind::Passenger,
    }
}
