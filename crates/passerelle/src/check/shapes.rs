//! What `check --json` prints for programs; `docs/outputs.md` fixes these shapes.

use std::{
    io::{self, Write},
    path::Path,
};

use messages::{Finding, Reading, Understood, cusres::Outcome};
use serde::Serialize;
use travel::Flight;

use super::severity_name;

#[derive(Serialize)]
struct FileShape<'a> {
    file: &'a str,
    severity: &'static str,
    messages: Vec<MessageShape<'a>>,
    faults: Vec<FaultShape<'a>>,
}

#[derive(Serialize)]
pub(super) struct MessageShape<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    release: &'a str,
    function: &'a str,
    parts: u32,
    flights: Vec<FlightShape<'a>>,
    travellers: Vec<TravellerShape>,
    bookings: usize,
    dropped_sensitive: u32,
    /// How often check-in or history name somebody again who stands among `travellers`.
    named_again: usize,
    /// What an answer (CUSRES, ACKRES) says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<ResultShape<'a>>,
}

#[derive(Serialize)]
struct ResultShape<'a> {
    about: &'static str,
    locator: &'a str,
    reference: &'a str,
    code: &'a str,
    meaning: &'static str,
    text: &'a str,
}

fn result_shape(o: &Outcome) -> ResultShape<'_> {
    ResultShape {
        about: if o.person { "person" } else { "message" },
        locator: &o.locator,
        reference: &o.reference,
        code: &o.code,
        meaning: o.meaning(),
        text: &o.text,
    }
}

#[derive(Serialize)]
struct FlightShape<'a> {
    carrier: &'a str,
    number: &'a str,
    from: &'a str,
    to: &'a str,
    departs: Option<String>,
}

#[derive(Serialize)]
struct TravellerShape {
    name: String,
    kind: &'static str,
    birth_date: Option<String>,
    documents: usize,
}

#[derive(Serialize)]
pub(super) struct FaultShape<'a> {
    code: &'a str,
    severity: &'static str,
    offset: usize,
    length: usize,
    message: Option<usize>,
    segment: Option<usize>,
    element: Option<usize>,
    component: Option<usize>,
    traveller: Option<usize>,
    found: &'a str,
    expected: &'a str,
    text: &'a str,
    /// What to do about it.
    advice: &'static str,
}

pub(super) fn write_json(out: &mut impl Write, name: &str, reading: &Reading) -> io::Result<()> {
    let shape = FileShape {
        file: name,
        severity: severity_name(reading.severity()),
        messages: reading.messages.iter().map(message_shape).collect(),
        faults: reading.findings.iter().map(fault_shape).collect(),
    };
    serde_json::to_writer(&mut *out, &shape)?;
    writeln!(out)
}

/// The line of a file that cannot be read.
pub(super) fn unreadable(out: &mut impl Write, path: &Path) -> io::Result<()> {
    let file = path.display().to_string();
    let shape =
        FileShape { file: &file, severity: "fatal", messages: Vec::new(), faults: Vec::new() };
    serde_json::to_writer(&mut *out, &shape)?;
    writeln!(out)
}

pub(super) fn message_shape(m: &Understood) -> MessageShape<'_> {
    MessageShape {
        kind: m.kind.name(),
        release: &m.release,
        function: &m.function,
        parts: m.parts,
        flights: m.report.flights.iter().flat_map(leg_shapes).collect(),
        travellers: traveller_shapes(m).collect(),
        bookings: m.report.bookings.len(),
        dropped_sensitive: m.report.dropped_sensitive,
        named_again: m.repeated.len(),
        results: m.outcomes.iter().map(result_shape).collect(),
    }
}

/// Those whom the message lists, each once.
fn traveller_shapes(m: &Understood) -> impl Iterator<Item = TravellerShape> {
    m.report.travellers.iter().map(|t| TravellerShape {
        name: t.written_name(),
        kind: t.kind.name(),
        birth_date: t.birth_date.map(|d| d.to_string()),
        documents: t.documents.len(),
    })
}

/// One element per leg.
fn leg_shapes(flight: &Flight) -> impl Iterator<Item = FlightShape<'_>> {
    flight.legs.iter().map(|leg| FlightShape {
        carrier: &flight.carrier,
        number: &flight.number,
        from: &leg.from,
        to: &leg.to,
        departs: leg.departs.map(|t| t.rfc3339(&leg.from)),
    })
}

pub(super) fn fault_shape(f: &Finding) -> FaultShape<'_> {
    FaultShape {
        code: &f.code,
        severity: f.severity.name(),
        offset: f.span.start,
        length: f.span.len(),
        message: f.message,
        segment: f.segment,
        element: f.element,
        component: f.component,
        traveller: f.traveller,
        found: &f.found,
        expected: &f.expected,
        text: &f.text,
        advice: f.advice,
    }
}
