//! PNRGOV 10.1 to 20.1: booking records, in EDIFACT ([`Reader`]) and XML ([`xml`]).
//!
//! Level 0 names the flight. `SRC` opens a booking; in it `TIF` names a traveller
//! (Gr2), `TVL` a flight (Gr5), `DAT` or `TRI` a check-in (Gr6, Gr7), `ABI` or `SAC`
//! a piece of history (Gr10, Gr11). A `TIF` of Gr2 is one traveller. A `TIF` at
//! check-in or in history names somebody again; only if the booking names nobody
//! like that is it one more traveller, with a finding: people are changed, added and
//! boarded late, and nobody whom the message names is lost. Whom the history says to have
//! been taken out of the booking (SAC X) does not travel, and is a finding alone.
//!
//! Documents (`SSR DOCS`) may stand with any traveller of the booking, before or after
//! the one they belong to: who is named already gets theirs at once, the others when the
//! booking ends. Meals,
//! assistance and free text never leave this reader; they are counted (EU-30).

mod booking;
mod document;
mod mended;
mod numbers;
mod people;
mod progress;
mod shapes;
mod ssr;
mod write;
mod written;
pub(crate) mod xml;

use std::collections::HashMap;

use edifact::{Message, Segment};
use jiff::civil::Date;
use travel::{CodeShare, Dataset, Flight, Function, Leg, LocalTime, Report, Text};

use crate::codes;
use crate::limits;
use crate::quality::Places;
use crate::reading::{Finding, Mention, MessageType};
use crate::sink::{Origin, Sink};
use crate::text;
use numbers::Numbers;

pub(crate) use ssr::is_neutral;
pub use write::write;
pub(crate) use written::written;
pub use xml::{ATTRIBUTES, Names, UnknownName};

/// Whose segments come now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Level 0: the message and its flight.
    Message,
    /// Gr1, before the first traveller.
    Booking,
    /// Gr2 and what hangs on it.
    Passenger,
    /// Gr5.
    Flight,
    /// Gr6 and Gr7.
    CheckIn,
    /// Gr8 and Gr9: split bookings, hotels and cars.
    Aside,
    /// Gr10 to Gr12.
    History,
}

/// Reads the parts of one push, one after another.
pub(crate) struct Reader<'f> {
    pub(crate) report: Report,
    pub(crate) function: String,
    received_on: Date,
    place: Place,
    /// Index of the first traveller of the open booking.
    first: usize,
    open: bool,
    /// Whom the segments of Gr2 or Gr7 are about.
    current: Option<usize>,
    /// The travellers of the open booking by the number that refers to them.
    numbers: Numbers,
    /// Those of a large booking by surname, as far as they were looked at.
    surnames: HashMap<String, Vec<usize>>,
    indexed: usize,
    documents: Vec<document::Pending>,
    empty_org: bool,
    /// Whether the segments of Gr8 come, which name the bookings that this was divided from.
    splitting: bool,
    /// The flight of the itinerary, by its index, that the last code share is about.
    shared: Option<usize>,
    /// When the change of the history happened whose segments come (UTC), and who made it.
    changed_at: Option<LocalTime>,
    changed_by: Option<Text>,
    /// Whether the history has said what is done to that which comes (SAC).
    act_said: bool,
    /// The tag of the last segment; of the last of words, while what follows has no tag.
    last: [u8; 3],
    /// Whether the dates of flights have the year first, against the guide.
    year_first: bool,
    /// Whether the last `TIF` has a surname alone.
    surname_alone: bool,
    /// The last segment behind the last `TIF` that could not be read.
    unread: Option<Origin>,
    /// Whether a quote that was not released parted somebody's name.
    halves: bool,
    /// Whether the history tells of something that was cancelled (SAC X).
    taken_out: bool,
    /// The segment that names the flight, with what it says: bookings repeat it.
    pushed: Option<(Vec<u8>, Flight)>,
    repeated: Vec<Mention>,
    places: Places,
    sink: Sink<'f>,
}

impl<'f> Reader<'f> {
    pub(crate) fn new(received_on: Date, findings: &'f mut Vec<Finding>) -> Self {
        Reader {
            report: Report { dataset: Dataset::Pnr, ..Report::default() },
            function: String::new(),
            received_on,
            place: Place::Message,
            first: 0,
            open: false,
            current: None,
            numbers: Numbers::default(),
            surnames: HashMap::new(),
            indexed: 0,
            documents: Vec::new(),
            empty_org: false,
            splitting: false,
            shared: None,
            changed_at: None,
            changed_by: None,
            act_said: false,
            last: *b"   ",
            year_first: false,
            surname_alone: false,
            unread: None,
            halves: false,
            taken_out: false,
            pushed: None,
            repeated: Vec::new(),
            places: Places::default(),
            sink: Sink::new(findings),
        }
    }

    pub(crate) fn repeated(&mut self) -> Vec<Mention> {
        std::mem::take(&mut self.repeated)
    }

    /// Reads one message of the series.
    pub(crate) fn part(&mut self, message: &Message<'_>, index: usize) {
        self.sink.message = index;
        self.place = Place::Message;
        // Growing would copy everybody.
        let [people, bookings] = message.counts([*b"TIF", *b"SRC"]);
        self.report.travellers.reserve(people);
        self.places.travellers.reserve(people);
        self.report.bookings.reserve(bookings);
        for segment in message.segments() {
            self.segment(segment.code(), &segment);
        }
        self.close_booking();
    }

    /// Reads a segment as one of that tag.
    fn segment(&mut self, code: [u8; 3], s: &Segment<'_>) {
        // What has more elements may be two segments that run together.
        let most = match &code {
            b"SSR" | b"TIF" | b"FTI" | b"IFT" | b"RCI" | b"ADD" | b"EBD" | b"RPI" | b"TRI" => 2,
            b"TVL" | b"SSD" | b"TBD" | b"ORG" => 7,
            _ => 3,
        };
        if self.together(s, most) {
            return;
        }
        match &code {
            b"UNH" => {
                self.places.flight.get_or_insert(Origin::of(self.sink.message, *s));
            }
            // One in the middle of the message is a fault of the envelope.
            b"UNT" | b"UNE" | b"UNZ" => {}
            b"SRC" => {
                self.open_booking();
                self.within(s, 3);
            }
            b"MSG" => self.message(s),
            b"TVL" => self.flight(s),
            b"EQN" => {
                self.number(s);
                self.within(s, 8);
            }
            b"RCI" => self.record(s),
            b"ORG" => self.origin(s),
            b"TIF" => {
                self.traveller(s);
                self.within(s, 56);
            }
            b"SSR" => self.service(s),
            b"FTI" => {
                if s.components(1) > 1 || !self.is_person_by_another_tag(s) {
                    self.frequent(s);
                }
            }
            b"IFT" => {
                let coded = s.qualifier().first().is_some_and(u8::is_ascii_digit);
                if coded || !self.is_person_by_another_tag(s) {
                    self.free_text(s);
                }
            }
            b"REF" => self.unique(s),
            b"ADD" => self.address(s),
            b"EBD" => self.bags(s),
            b"TKT" => self.ticket(s),
            b"FOP" => self.payment(s),
            b"SSD" => self.seat(s),
            b"TBD" => self.checked_bags(s),
            b"DAT" => self.event(s),
            b"TRI" => self.check_in(s),
            b"ABI" => self.changer(s),
            b"SAC" => self.change(s),
            b"RPI" => self.confirmation(s),
            b"TRA" => self.operating(s),
            // The booking's history as free text goes no further (EU-30).
            b"LTS" => self.report.dropped_sensitive += 1,
            // Fares, taxes, equipment: read by nobody here.
            b"FAR" | b"MON" | b"PTK" | b"TXD" | b"APD" | b"ERC" | b"RCT" | b"LUG" => {}
            _ => return self.odd(s),
        }
        self.last = code;
        if self.place == Place::History {
            self.changed(s);
        }
    }

    /// Holds a segment against the guide's table if it is longer than sound ones mostly are.
    #[inline]
    fn within(&mut self, s: &Segment<'_>, usual: usize) {
        if s.span().len() > usual {
            limits::check(&MessageType::Pnrgov, s, self.current, &mut self.sink);
        }
    }

    fn message(&mut self, s: &Segment<'_>) {
        if self.place != Place::Message {
            (self.place, self.splitting) = (Place::Aside, false);
            return;
        }
        let code = s.text(1, 2);
        self.report.function = match &*code {
            "22" => Function::Full,
            "141" => Function::Change,
            _ => {
                self.sink.at(codes::FUNCTION_UNKNOWN, *s, (1, 2), None);
                Function::Full
            }
        };
        if self.function.is_empty() {
            self.function = code.into_owned();
        }
    }

    fn flight(&mut self, s: &Segment<'_>) {
        match self.place {
            Place::Message => self.pushed_flight(s),
            Place::Aside | Place::History => {}
            _ => {
                self.place = Place::Flight;
                self.current = None;
                let flight = match &self.pushed {
                    Some((segment, flight)) if segment == s.bytes() => flight.clone(),
                    _ => flight_of(s, (self.received_on, self.year_first)),
                };
                // `TVL+++++972:M` is the operating number of the flight before.
                let Some(booking) = self.report.bookings.last_mut() else { return };
                if !flight.legs.iter().any(|l| !l.from.is_empty() || !l.to.is_empty()) {
                    self.operating_number(&flight.number);
                    return;
                }
                if let operator @ [_, ..] = s.raw(4, 2) {
                    let operated = String::from_utf8_lossy(operator).trim().into();
                    let marketed = flight.name().into();
                    booking.code_shares.push(CodeShare { marketed, operated });
                    self.shared = Some(booking.itinerary.len());
                }
                let timed = flight.legs.iter().all(|l| l.departs.is_some() && l.arrives.is_some());
                booking.itinerary.push(flight);
                if !timed {
                    self.days_of(s);
                }
            }
        }
    }

    /// A flight of the itinerary may be without a day (`OPEN`); one that has a day has one of the
    /// calendar, and an hour of the clock.
    fn days_of(&mut self, s: &Segment<'_>) {
        let written = |c| !s.element(1).raw(c).iter().all(|b| *b == b' ');
        for day in [1, 3].into_iter().filter(|c| written(*c)) {
            let hour = day + 1;
            let read = match self.year_first {
                true => text::local_time_year_first,
                false => text::local_time_dmy,
            };
            let whole = read(s.raw(1, day), s.raw(1, hour), self.received_on);
            if whole.is_none() {
                let known = text::date_dmy(s.raw(1, day), self.received_on).is_some();
                self.sink.at(codes::TIME_INVALID, *s, (1, day + usize::from(known)), None);
            }
        }
    }

    fn pushed_flight(&mut self, s: &Segment<'_>) {
        if self.report.flights.is_empty() {
            self.places.flight = Some(Origin::of(self.sink.message, *s));
        }
        let today = self.received_on;
        let mut flight = flight_of(s, (today, self.year_first));
        let written = flight.legs.first().and_then(|leg| leg.departs);
        let other = || flight_of(s, (today, true)).legs.first().and_then(|leg| leg.departs);
        if !self.year_first && text::turned(written, other, today).is_some() {
            self.sink.at(codes::DATE_TURNED, *s, (1, 1), None);
            self.year_first = true;
            flight = flight_of(s, (today, true));
        }
        self.pushed = Some((s.bytes().to_vec(), flight.clone()));
        if flight.carrier.is_empty() || flight.number.is_empty() {
            self.sink.at(codes::FLIGHT_NUMBER, *s, (5, 1), None);
        }
        if flight.legs.iter().any(|l| l.departs.is_none()) {
            // The day, or if there is one, the hour.
            let day = text::date_dmy(s.raw(1, 1), self.received_on);
            self.sink.at(codes::TIME_INVALID, *s, (1, 1 + usize::from(day.is_some())), None);
        }
        match self.report.flights.first() {
            None => self.report.flights.push(flight),
            Some(known) if *known == flight => {}
            Some(_) => {
                self.sink.segment(codes::SERIES_HEADER, *s, None);
                self.report.flights.push(flight);
            }
        }
    }

    fn number(&mut self, s: &Segment<'_>) {
        if self.place != Place::Message {
            (self.place, self.splitting) = (Place::Aside, true);
            return;
        }
        match s.text(1, 1).trim().parse() {
            Ok(n) => {
                self.report.stated_bookings = Some(n);
                self.places.total = Some(Origin::of(self.sink.message, *s));
            }
            Err(_) => self.sink.at(codes::COUNT_INVALID, *s, (1, 1), None),
        }
    }

    fn event(&mut self, s: &Segment<'_>) {
        if self.place == Place::History {
            self.changed_at = text::local_time_dmy(s.raw(1, 2), s.raw(1, 3), self.received_on);
        }
        if matches!(self.place, Place::Flight | Place::CheckIn) {
            self.place = Place::CheckIn;
            self.current = None;
        }
    }

    fn check_in(&mut self, s: &Segment<'_>) {
        if matches!(self.place, Place::Message | Place::History) {
            return;
        }
        self.place = Place::CheckIn;
        let reference = s.element(2).text(4);
        self.current = self.by_reference(&reference);
        if self.current.is_none() && !reference.is_empty() {
            self.sink.at(codes::REFERENCED_NOBODY, *s, (2, 4), None);
        }
        self.checked_in();
    }

    /// All parts are read.
    pub(crate) fn finish(mut self, complete: bool) -> (Report, String) {
        if self.function.is_empty() {
            let at = edifact::Span { start: 0, end: 0 };
            self.sink.push(Finding::new(codes::FUNCTION_MISSING, at, ""));
        }
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

/// A flight as `TVL` writes it: one leg.
fn flight_of(s: &Segment<'_>, (today, year_first): (Date, bool)) -> Flight {
    let carrier = s.text(4, 1);
    let (carrier, number) = Flight::designator(&s.text(5, 1), Some(&carrier));
    let times = s.element(1);
    let time = if year_first { text::local_time_year_first } else { text::local_time_dmy };
    let leg = Leg {
        from: text::airport(&s.text(2, 1)),
        to: text::airport(&s.text(3, 1)),
        departs: time(times.raw(1), times.raw(2), today),
        arrives: time(times.raw(3), times.raw(4), today),
    };
    Flight { carrier, number, legs: [leg].into(), ..Flight::default() }
}
