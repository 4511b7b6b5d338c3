//! Writing a PAXLST: the standard form in which lists travel to partners, and what
//! the synthetic carriers send.

use jiff::civil::Date;
use travel::{
    Dataset, Flight, FlightKind, Function, Kind, LocalTime, PartialDate, Report, TravelDocument,
    Traveller,
};

use crate::answer::Outgoing;
use crate::output::Output;
use crate::text::{self, Century};

/// One interchange with one PAXLST that says what `report` says.
///
/// Reading it back gives the report again, as far as PAXLST has a place for it:
/// bookings keep their locators only.
pub fn write(report: &Report, out: &Outgoing) -> Vec<u8> {
    let mut w = Output::open(out, "APIS");
    w.segment("UNH", &[&[&out.message_reference], &["PAXLST", "D", &out.release, "UN", "IATA"]]);
    let (name, id) = function(report);
    w.segment("BGM", &[&[name], &[id]]);
    if !report.reference.is_empty() {
        w.segment("RFF", &[&["TN", &report.reference]]);
    }
    for flight in &report.flights {
        write_flight(&mut w, flight);
    }
    for t in &report.travellers {
        write_traveller(&mut w, t, report, out.made_at.date());
    }
    if let Some(total) = report.stated_total {
        let what = if report.dataset == Dataset::Crew { "41" } else { "42" };
        w.segment("CNT", &[&[what, &total.to_string()]]);
    }
    w.close()
}

/// BGM's two codes. Crew lists can be full or a change; XR and CL are of passengers.
fn function(report: &Report) -> (&'static str, &'static str) {
    let crew = report.dataset == Dataset::Crew;
    let first = report.flights.first().map(|f| f.kind);
    let cargo = first == Some(FlightKind::Cargo);
    if first == Some(FlightKind::MasterCrew) {
        return match report.function {
            Function::Full => ("336", ""),
            Function::Cancel => ("336", "H"),
            _ => ("336", "I"),
        };
    }
    match (report.function, crew, cargo) {
        (Function::Full, true, true) => ("250", "B"),
        (Function::Full, true, false) => ("250", "C"),
        (Function::Change, true, true) => ("250", "BC"),
        (Function::Change, true, false) => ("250", "CC"),
        (Function::Cancel, true, _) => ("250", "XR"),
        (Function::FlightCancelled, true, _) => ("250", "XF"),
        (Function::Full, ..) => ("745", ""),
        (Function::Change, ..) => ("745", "CP"),
        (Function::Cancel, ..) => ("745", "XR"),
        (Function::CloseOnBoard, ..) => ("266", "CLOB"),
        (Function::CloseNotOnBoard, ..) => ("266", "CLNB"),
        (Function::FlightCancelled, ..) => ("266", "XF"),
        (Function::GatePass, ..) => ("655", ""),
    }
}

fn write_flight(w: &mut Output, flight: &Flight) {
    let what = if flight.kind == FlightKind::Overflight { "34" } else { "20" };
    if flight.kind == FlightKind::MasterCrew {
        return write_master(w, flight);
    }
    for (i, leg) in flight.legs.iter().enumerate() {
        w.segment("TDT", &[&[what], &[&flight.name()], &[""], &[""], &[&flight.carrier]]);
        let marked = flight.marked_leg == Some(i as u32);
        let (from, to) = if marked { ("125", "87") } else { ("92", "92") };
        w.segment("LOC", &[&[from], &[&leg.from]]);
        time(w, "189", leg.departs);
        w.segment("LOC", &[&[to], &[&leg.to]]);
        time(w, "232", leg.arrives);
    }
    if flight.legs.is_empty() {
        w.segment("TDT", &[&[what], &[&flight.name()], &[""], &[""], &[&flight.carrier]]);
    }
}

/// A master crew list names a place and the day from which it holds.
fn write_master(w: &mut Output, flight: &Flight) {
    w.segment("TDT", &[&["20"], &[&flight.name()]]);
    for leg in &flight.legs {
        w.segment("LOC", &[&["188"], &[&leg.from]]);
        time(w, "554", leg.departs);
    }
}

fn time(w: &mut Output, what: &str, time: Option<LocalTime>) {
    if let Some(time) = time {
        w.segment("DTM", &[&[what, &time.0.strftime("%y%m%d%H%M").to_string(), "201"]]);
    }
}

fn write_traveller(w: &mut Output, t: &Traveller, report: &Report, today: Date) {
    let role = match (t.kind, report.dataset) {
        (Kind::Passenger | Kind::Infant, _) => "FL",
        (Kind::Crew, _) => "FM",
        (Kind::Transit, Dataset::Crew) => "DDT",
        (Kind::Transit, _) => "DDU",
        (Kind::Unnamed | Kind::Removed, _) => "ZZZ",
    };
    let (first, second) = t.given.split_once(' ').unwrap_or((&t.given, ""));
    w.segment("NAD", &[&[role], &[""], &[""], &[&t.surname, first, second]]);
    w.segment("ATT", &[&["2"], &[""], &[text::sex_code(t.sex)]]);
    if let Some(born) = t.birth_date {
        date(w, "329", born, Century::Past, today);
    }
    baggage(w, t);
    for (code, value) in [("178", &t.journey_from), ("179", &t.journey_to)] {
        if let Some(value) = value {
            w.segment("LOC", &[&[code], &[value]]);
        }
    }
    if let Some(country) = t.residence {
        w.segment("LOC", &[&["174"], &[country.code()]]);
    }
    if let Some(born) = &t.birth_place {
        w.segment("LOC", &[&["180"], &["", "", "", born]]);
    }
    for contact in &t.contacts {
        let mail = contact.text.contains('@');
        let text = contact.text.replace('@', ".AT.");
        w.segment("COM", &[&[&text, if mail { "EM" } else { "TE" }]]);
    }
    if let Some(nationality) = t.nationality {
        w.segment("NAT", &[&["2"], &[nationality.code()]]);
    }
    references(w, t, report);
    for document in &t.documents {
        write_document(w, document, today);
    }
}

fn baggage(w: &mut Output, t: &Traveller) {
    if let Some(count) = t.bags.count {
        w.segment("MEA", &[&["CT"], &[""], &["", &count.to_string()]]);
    }
    if let Some(kg) = t.bags.weight_kg {
        w.segment("MEA", &[&["WT"], &[""], &["KGM", &kg.to_string()]]);
    }
    if let Some(verified) = t.verified {
        w.segment("GEI", &[&["4"], &[if verified { "173" } else { "174" }]]);
    }
    for tag in &t.bags.tags {
        w.segment("FTX", &[&["BAG"], &[""], &[""], &[tag]]);
    }
}

fn references(w: &mut Output, t: &Traveller, report: &Report) {
    let locator = t.booking.and_then(|b| report.bookings.get(b as usize)).map(|b| &b.locator);
    let single = [("AVF", locator), ("ABO", t.reference.as_ref()), ("SEA", t.seat.as_ref())];
    for (code, value) in single {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            w.segment("RFF", &[&[code, value]]);
        }
    }
    for number in &t.frequent_flyer {
        w.segment("RFF", &[&["CR", number]]);
    }
    for number in &t.tickets {
        w.segment("RFF", &[&["YZY", number]]);
    }
}

fn write_document(w: &mut Output, d: &TravelDocument, today: Date) {
    w.segment("DOC", &[&[text::document_code(d.kind), "110", "111"], &[&d.number]]);
    for (code, day) in [("36", d.expires), ("182", d.issued)] {
        if let Some(day) = day {
            date(w, code, day, Century::Near, today);
        }
    }
    if let Some(issuer) = d.issuer {
        w.segment("LOC", &[&["91"], &[issuer.code()]]);
    }
}

/// `YYMMDD`, as the guide has it; with its century (format 102) when a reader on the
/// day of writing would take the short form for another date.
fn date(w: &mut Output, code: &str, date: PartialDate, century: Century, today: Date) {
    let (month, day) = (date.month.unwrap_or(0), date.day.unwrap_or(0));
    let long = format!("{:04}{month:02}{day:02}", date.year);
    if text::date_ymd(&long.as_bytes()[2..], century, today) == Some(date) {
        w.segment("DTM", &[&[code, &long[2..]]]);
    } else {
        w.segment("DTM", &[&[code, &long, "102"]]);
    }
}
