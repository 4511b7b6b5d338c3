//! The head of the list: what it wants (BGM), the flight and its legs (TDT, LOC, DTM).

use edifact::{FaultKind, Segment, Span};
use travel::{Flight, FlightKind, Function, Leg, LocalTime, Text};

use super::{Place, Reader};
use crate::codes;
use crate::reading::Finding;
use crate::sink::{Origin, Sink};
use crate::text;

/// Most `TDT`, and most places in one, that are taken for a flight's; the guide has ten.
const MOST_LEGS: usize = 100;
/// As many as the guide has (groups 2 and 3).
const GUIDE_LEGS: usize = 10;

/// One place of group 3 with its times.
#[derive(Default)]
pub(super) struct Point {
    /// 3227: 125, 87, 92; the old dialect's 005 and 008 are read as 125 and 87.
    role: u16,
    code: Text,
    departs: Option<LocalTime>,
    arrives: Option<LocalTime>,
}

/// One `TDT` with its places.
pub(super) struct LegGroup {
    carrier: Text,
    number: Text,
    overflight: bool,
    points: Vec<Point>,
    span: Span,
    segment: usize,
}

impl LegGroup {
    /// Position of its `TDT` in the message.
    pub(super) fn position(&self) -> usize {
        self.segment
    }
}

/// BGM's function and the rows of `formats.md` §2.3.
fn function(name: &str, id: &str) -> Option<Function> {
    use Function::{
        Cancel, Change, CloseNotOnBoard, CloseOnBoard, FlightCancelled, Full, GatePass,
    };
    Some(match (name, id) {
        (_, "XF") => FlightCancelled,
        ("745" | "250", "CP" | "CC" | "BC" | "EC" | "FC") => Change,
        ("745" | "250", "XR" | "RP") => Cancel,
        ("266", "CL" | "CLOB") => CloseOnBoard,
        ("266", "CLNB") => CloseNotOnBoard,
        ("266", "CF") => Change,
        ("655", _) => GatePass,
        ("336", "G" | "I") => Change,
        ("336", "H") => Cancel,
        (_, id) if id.starts_with("DC") => CloseOnBoard,
        (_, id) if id.starts_with("CI") => Full,
        ("745", "" | "C") | ("250", "" | "A" | "B" | "C" | "D" | "E" | "F") | ("336", "") => Full,
        _ => return None,
    })
}

/// A master crew list goes by `ccxxMCL`: carrier and state. It is no flight's number.
fn master_list(text: &str) -> Option<(Text, Text)> {
    let text = text.trim();
    let named = text.is_ascii() && (6..=8).contains(&text.len()) && text.ends_with("MCL");
    named.then(|| (Text::from(&text[..2]), Text::from(&text[2..])))
}

impl Reader<'_> {
    pub(super) fn begin(&mut self, s: &Segment<'_>) {
        if std::mem::replace(&mut self.begun, true) {
            self.too_often(FaultKind::SegmentRepeats, s, "one BGM in a message");
        }
        let (name, id) = (s.text(1, 1), s.text(2, 1));
        let known = function(name.trim(), id.trim());
        if known.is_none() {
            self.sink.at(codes::FUNCTION_UNKNOWN, *s, (1, 1), None);
        }
        self.cargo = name == "250" && matches!(&*id, "B" | "BC" | "D" | "F" | "FC");
        if self.function.is_empty() {
            self.report.function = known.unwrap_or_default();
            self.function = if id.is_empty() { name.into_owned() } else { format!("{name}+{id}") };
        }
        self.place = Place::Header;
    }

    pub(super) fn transport(&mut self, s: &Segment<'_>) {
        self.place = Place::Leg;
        if self.legs.is_empty() && self.report.flights.is_empty() {
            self.places.flight = Some(Origin::of(self.sink.message, *s));
        }
        if self.legs.len() >= MOST_LEGS {
            self.sink.segment(codes::SEGMENT_PLACE, *s, None);
            return;
        }
        if self.legs.len() == GUIDE_LEGS {
            self.too_often(FaultKind::GroupRepeats, s, "at most 10 TDT in a message");
        }
        let main = s.text(5, 1);
        let carrier = if main.is_empty() { s.text(4, 1) } else { main };
        let (carrier, number) = master_list(&s.text(2, 1))
            .unwrap_or_else(|| Flight::designator(&s.text(2, 1), Some(&carrier)));
        if carrier.is_empty() || number.is_empty() {
            self.sink.at(codes::FLIGHT_NUMBER, *s, (2, 1), None);
        }
        let stage = s.qualifier();
        let overflight = self.without_blanks(s, stage).unwrap_or(stage) == b"34";
        self.legs.push(LegGroup {
            carrier,
            number,
            overflight,
            points: Vec::new(),
            span: s.span(),
            segment: s.position(),
        });
    }

    /// LOC of group 3.
    pub(super) fn leg_place(&mut self, s: &Segment<'_>, qualifier: &[u8]) {
        let role = match qualifier {
            b"125" | b"005" | b"5" => 125,
            b"87" | b"008" | b"8" => 87,
            b"92" | b"188" => 92,
            // Place of ultimate destination; points of transit: no ends of a leg.
            b"130" | b"PT" => return,
            _ => {
                self.sink.at(codes::QUALIFIER_UNKNOWN, *s, (1, 1), None);
                return;
            }
        };
        let code = text::airport(&s.text(2, 1));
        if code.is_empty() {
            self.sink.at(codes::AIRPORT_MISSING, *s, (2, 1), None);
        }
        if self.legs.last().is_some_and(|leg| leg.points.len() == GUIDE_LEGS) {
            self.too_often(FaultKind::GroupRepeats, s, "at most 10 LOC behind a TDT");
        }
        let point = Point { role, code, ..Point::default() };
        match self.legs.last_mut() {
            Some(leg) if leg.points.len() < MOST_LEGS => leg.points.push(point),
            _ => self.sink.segment(codes::SEGMENT_PLACE, *s, None),
        }
    }

    /// DTM of group 3.
    pub(super) fn leg_time(&mut self, s: &Segment<'_>, qualifier: &[u8]) {
        let departure = match qualifier {
            b"189" | b"136" => true,
            b"232" | b"132" => false,
            // From when a master crew list holds.
            b"554" => true,
            _ => {
                self.sink.at(codes::QUALIFIER_UNKNOWN, *s, (1, 1), None);
                return;
            }
        };
        let (raw, today) = (s.raw(1, 2), self.received_on);
        let written = text::local_time(raw, today);
        let turned = text::turned(written, || text::local_time_day_first(raw, today), today);
        if turned.is_some() {
            self.sink.at(codes::DATE_TURNED, *s, (1, 2), None);
        }
        let Some(time) = turned.or(written) else {
            self.sink.at(codes::TIME_INVALID, *s, (1, 2), None);
            return;
        };
        match self.legs.last_mut().and_then(|leg| leg.points.last_mut()) {
            Some(point) if departure => point.departs = Some(time),
            Some(point) => point.arrives = Some(time),
            None => self.sink.segment(codes::SEGMENT_PLACE, *s, None),
        }
    }
}

/// The legs of one `TDT`: its places, one after the other. Whether the border-crossing
/// one is marked comes with each.
fn chain(group: &LegGroup) -> Vec<(Leg, bool)> {
    let points = &group.points;
    if let [only] = points.as_slice() {
        let arrival = only.role == 87 || (only.departs.is_none() && only.arrives.is_some());
        let (from, to) = if arrival {
            (Text::new(), only.code.clone())
        } else {
            (only.code.clone(), Text::new())
        };
        let leg = Leg { from, to, departs: only.departs, arrives: only.arrives };
        return vec![(leg, false)];
    }
    // Arrival written before departure: the roles tell.
    if let [first, second] = points.as_slice()
        && ((first.role == 87 && second.role == 125)
            || (first.departs.is_none()
                && first.arrives.is_some()
                && second.departs.is_some()
                && first.role == second.role))
    {
        return vec![(leg(second, first), second.role == 125)];
    }
    points
        .windows(2)
        .filter(|pair| pair[0].code != pair[1].code || points.len() == 2)
        .map(|pair| (leg(&pair[0], &pair[1]), pair[0].role == 125 && pair[1].role == 87))
        .collect()
}

fn leg(from: &Point, to: &Point) -> Leg {
    Leg { from: from.code.clone(), to: to.code.clone(), departs: from.departs, arrives: to.arrives }
}

/// Puts the legs together: those of one designator are one flight, and so are those
/// that go on where the last one ended, whatever their number.
pub(super) fn flights(groups: Vec<LegGroup>, cargo: bool, sink: &mut Sink<'_>) -> Vec<Flight> {
    let mut flights: Vec<Flight> = Vec::new();
    for group in groups {
        let legs = chain(&group);
        let continues = |f: &Flight| {
            let same = f.carrier == group.carrier && f.number == group.number;
            let end = f.legs.last().map_or("", |l| l.to.as_str());
            same || legs.first().is_some_and(|(l, _)| !end.is_empty() && l.from == end)
        };
        let at = flights.iter().position(continues).unwrap_or_else(|| {
            flights.push(Flight {
                carrier: group.carrier.clone(),
                number: group.number.clone(),
                kind: match group.number.ends_with("MCL") {
                    true => FlightKind::MasterCrew,
                    false => super::kind(group.overflight, cargo),
                },
                ..Flight::default()
            });
            flights.len() - 1
        });
        let flight = &mut flights[at];
        if (&flight.carrier, &flight.number) != (&group.carrier, &group.number) {
            let found = format!("{}{}", group.carrier, group.number);
            let mut finding = Finding::new(codes::FLIGHT_OTHER_NUMBER, group.span, found);
            finding.segment = Some(group.segment);
            sink.push(finding);
        }
        for (leg, marked) in legs {
            if flight.legs.contains(&leg) {
                continue;
            }
            if marked && flight.marked_leg.is_none() {
                flight.marked_leg = Some(flight.legs.len() as u32);
            }
            flight.legs.push(leg);
        }
    }
    flights
}
