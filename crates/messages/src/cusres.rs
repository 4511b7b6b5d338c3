//! CUSRES: what a state says of a PAXLST, and what a carrier says of that.
//!
//! | BGM | who says it | what |
//! |---|---|---|
//! | 962 | state | the answer to a list: all of it (ERP 1), or each person (ERP 2) |
//! | 132 | state | a decision has changed; nobody asked |
//! | 312 | carrier | acknowledges a 132, or says with an error number that it cannot |
//!
//! `ERP` opens a result, `RFF` says about whom, `ERC` what, `FTX` why in words.

use edifact::{Message, Segment};
use jiff::civil::Date;
use travel::{Flight, Leg, LocalTime};

use crate::answer::Outgoing;
use crate::codes;
use crate::output::Output;
use crate::reading::Finding;
use crate::sink::Sink;
use crate::text::{self, few};

/// What a result code (ERC 9321) comes to, in words that are no state's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decision {
    /// May board.
    Board,
    /// May not board.
    NoBoard,
    /// May board; the carrier is advised to do something first.
    Advice,
    /// The data do not suffice: complete them and send again.
    Insufficient,
    /// The message was taken.
    Accepted,
    /// The message, or something in it, was not taken.
    Exception,
    /// An error number of PADIS: the message could not be worked on.
    Failed,
    /// A code that no table here has.
    Unknown,
}

/// One row of [`RESULTS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResultCode {
    /// The code; of two characters the first alone, when the second is the state's own.
    pub code: &'static str,
    /// What it comes to.
    pub decision: Decision,
    /// In words.
    pub text: &'static str,
}

/// Result codes as states were seen to send them. The second of two characters tells of
/// the travel authority (`Z` when there is nothing to say) and differs between states.
pub const RESULTS: &[ResultCode] = &[
    ResultCode { code: "0", decision: Decision::Accepted, text: "accepted" },
    ResultCode { code: "1", decision: Decision::Exception, text: "not accepted" },
    ResultCode { code: "0?", decision: Decision::Board, text: "board" },
    ResultCode { code: "1?", decision: Decision::NoBoard, text: "do not board" },
    ResultCode { code: "2?", decision: Decision::Advice, text: "board, with advice" },
    ResultCode { code: "4?", decision: Decision::Insufficient, text: "data insufficient" },
    ResultCode { code: "103", decision: Decision::Failed, text: "invalid departure time" },
    ResultCode { code: "114", decision: Decision::Failed, text: "invalid flight number" },
    ResultCode { code: "118", decision: Decision::Failed, text: "unable to process" },
];

impl Decision {
    /// What a code comes to.
    ///
    /// ```
    /// use messages::cusres::Decision;
    /// assert_eq!(Decision::of("1Z"), Decision::NoBoard);
    /// assert_eq!(Decision::of("999"), Decision::Failed);
    /// ```
    pub fn of(code: &str) -> Decision {
        if let Some(row) = row(code) {
            return row.decision;
        }
        let number = code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit());
        if number { Decision::Failed } else { Decision::Unknown }
    }
}

/// The row of a code.
fn row(code: &str) -> Option<&'static ResultCode> {
    let fits = |r: &&ResultCode| match r.code.strip_suffix('?') {
        Some(first) => code.len() == 2 && code.starts_with(first),
        None => code == r.code,
    };
    RESULTS.iter().find(fits)
}

/// One result of an answer.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Whether it is about one person (ERP 2) and not the whole message.
    pub person: bool,
    /// The booking's locator (RFF AVF).
    pub locator: String,
    /// The carrier's reference for the person (RFF ABO).
    pub reference: String,
    /// Result or error code (ERC 9321).
    pub code: String,
    /// Text for people (FTX AAP).
    pub text: String,
}

impl Outcome {
    /// What the code comes to.
    pub fn decision(&self) -> Decision {
        Decision::of(&self.code)
    }

    /// The code in words; empty when it is not known.
    pub fn meaning(&self) -> &'static str {
        row(&self.code).map_or("", |r| r.text)
    }
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outcome")
            .field("person", &self.person)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// What a CUSRES says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cusres {
    /// BGM 1001: 962 answer, 132 change of decision, 312 acknowledgement.
    pub function: String,
    /// The request's transaction reference (RFF TN).
    pub reference: String,
    /// The request's common access reference (UNH 0068).
    pub access_reference: String,
    /// Flights answered (RFF AF), with their legs.
    pub flights: Vec<Flight>,
    /// The results, in order.
    pub outcomes: Vec<Outcome>,
}

/// Reads a CUSRES. `received_on` settles the century of two-digit years.
pub fn read(message: &Message<'_>, received_on: Date) -> Cusres {
    let mut findings = Vec::new();
    understand(message, received_on, &mut Sink::new(&mut findings))
}

/// Reads a CUSRES and says what is wrong with it.
pub(crate) fn understand(message: &Message<'_>, today: Date, sink: &mut Sink<'_>) -> Cusres {
    let mut out = Cusres {
        access_reference: message.access_reference().unwrap_or("").to_owned(),
        ..Cusres::default()
    };
    let mut opened = Vec::new();
    for s in message.segments() {
        match &s.code() {
            b"BGM" => {
                out.function = s.text(1, 1).into_owned();
                if !matches!(out.function.as_str(), "962" | "132" | "312") {
                    sink.at(codes::FUNCTION_UNKNOWN, s, (1, 1), None);
                }
            }
            b"ERP" => {
                opened.push(s);
                out.outcomes.push(Outcome { person: s.raw(1, 1) == b"2", ..Outcome::default() });
            }
            b"RFF" => reference(&mut out, s, sink),
            b"DTM" => leg_time(&mut out, s, today, sink),
            b"LOC" => leg_place(&mut out, s, sink),
            b"ERC" => result(&mut out, s, sink),
            b"FTX" => {
                if let Some(last) = out.outcomes.last_mut() {
                    let words: Vec<_> = (1..=few(s.components(4))).map(|c| s.text(4, c)).collect();
                    last.text = words.join(" ");
                }
            }
            b"UNH" | b"UNT" => {}
            _ => sink.segment(codes::SEGMENT_UNKNOWN, s, None),
        }
    }
    for (outcome, s) in out.outcomes.iter().zip(opened) {
        if outcome.code.is_empty() {
            sink.segment(codes::RESULT_MISSING, s, None);
        }
        if outcome.person && outcome.locator.is_empty() && outcome.reference.is_empty() {
            sink.segment(codes::RESULT_OWNER, s, None);
        }
    }
    if out.function.is_empty()
        && let Some(unh) = message.segment(0)
    {
        sink.segment(codes::FUNCTION_MISSING, unh, None);
    }
    out
}

fn result(out: &mut Cusres, s: Segment<'_>, sink: &mut Sink<'_>) {
    let code = s.text(1, 1).into_owned();
    if Decision::of(&code) == Decision::Unknown {
        sink.at(codes::RESULT_UNKNOWN, s, (1, 1), None);
    }
    match out.outcomes.last_mut() {
        Some(last) => last.code = code,
        // Nothing opened it: it can only be about the whole.
        None => out.outcomes.push(Outcome { code, ..Outcome::default() }),
    }
}

fn reference(out: &mut Cusres, s: Segment<'_>, sink: &mut Sink<'_>) {
    let value = s.text(1, 2).into_owned();
    match (s.raw(1, 1), out.outcomes.last_mut()) {
        (b"TN", _) => out.reference = value,
        (b"AF", _) => {
            let (carrier, number) = Flight::designator(&value, None);
            let leg = Leg::default();
            match out.flights.iter_mut().find(|f| f.carrier == carrier && f.number == number) {
                Some(flight) => flight.legs.push(leg),
                None => out.flights.push(Flight {
                    carrier,
                    number,
                    legs: [leg].into(),
                    ..Flight::default()
                }),
            }
        }
        (b"AVF", Some(last)) => last.locator = value,
        (b"ABO", Some(last)) => last.reference = value,
        _ => sink.at(codes::QUALIFIER_UNKNOWN, s, (1, 1), None),
    }
}

fn leg_time(out: &mut Cusres, s: Segment<'_>, today: Date, sink: &mut Sink<'_>) {
    let time = text::local_time(s.raw(1, 2), today);
    if time.is_none() {
        sink.at(codes::TIME_INVALID, s, (1, 2), None);
    }
    let leg = out.flights.last_mut().and_then(|f| f.legs.last_mut());
    match (leg, s.raw(1, 1)) {
        (Some(leg), b"189") => leg.departs = time,
        (Some(leg), b"232") => leg.arrives = time,
        (Some(_), _) => sink.at(codes::QUALIFIER_UNKNOWN, s, (1, 1), None),
        (None, _) => sink.segment(codes::SEGMENT_PLACE, s, None),
    }
}

fn leg_place(out: &mut Cusres, s: Segment<'_>, sink: &mut Sink<'_>) {
    let code = text::airport(&s.text(2, 1));
    let leg = out.flights.last_mut().and_then(|f| f.legs.last_mut());
    match (leg, s.raw(1, 1)) {
        (Some(leg), b"125") => leg.from = code,
        (Some(leg), b"87") => leg.to = code,
        (Some(leg), b"92") if leg.from.is_empty() => leg.from = code,
        (Some(leg), b"92") => leg.to = code,
        (Some(_), _) => sink.at(codes::QUALIFIER_UNKNOWN, s, (1, 1), None),
        (None, _) => sink.segment(codes::SEGMENT_PLACE, s, None),
    }
}

/// One interchange with one CUSRES.
///
/// ```
/// use messages::{Outgoing, cusres};
/// # let out = Outgoing {
/// #     sender: "GBR".into(), recipient: "TK".into(), reference: "R1".into(),
/// #     message_reference: "M1".into(), made_at: jiff::civil::datetime(2026, 3, 1, 9, 0, 0, 0),
/// #     test: false, release: "05B".into(),
/// # };
/// let outcome = cusres::Outcome {
///     person: true, reference: "P1".into(), code: "0Z".into(), ..Default::default()
/// };
/// let said = cusres::Cusres {
///     function: "132".into(), reference: "T1".into(), outcomes: vec![outcome], ..Default::default()
/// };
/// let bytes = cusres::write(&said, &out);
/// let (interchange, faults) = edifact::read(&bytes, edifact::Mode::Strict);
/// assert!(faults.is_empty());
/// let read = cusres::read(&interchange.messages()[0], jiff::civil::date(2026, 3, 1));
/// assert_eq!(read, said);
/// ```
pub fn write(cusres: &Cusres, out: &Outgoing) -> Vec<u8> {
    let mut w = Output::open(out, "APIS");
    put(&mut w, &out.message_reference, &out.release, cusres);
    w.close()
}

/// Writes the message, `UNH` on.
pub(crate) fn put(w: &mut Output, reference: &str, release: &str, said: &Cusres) {
    w.segment(
        "UNH",
        &[&[reference], &["CUSRES", "D", release, "UN", "IATA"], &[&said.access_reference]],
    );
    w.segment("BGM", &[&[&said.function]]);
    if !said.reference.is_empty() {
        w.segment("RFF", &[&["TN", &said.reference]]);
    }
    for flight in &said.flights {
        put_legs(w, flight);
    }
    for outcome in &said.outcomes {
        put_result(w, outcome);
    }
}

fn put_legs(w: &mut Output, flight: &Flight) {
    for leg in &flight.legs {
        w.segment("RFF", &[&["AF", &flight.name()]]);
        for (code, time) in [("189", leg.departs), ("232", leg.arrives)] {
            if let Some(time) = time {
                w.segment("DTM", &[&[code, &local(time), "201"]]);
            }
        }
        for (code, place) in [("125", &leg.from), ("87", &leg.to)] {
            if !place.is_empty() {
                w.segment("LOC", &[&[code], &[place]]);
            }
        }
    }
}

fn local(time: LocalTime) -> String {
    time.0.strftime("%y%m%d%H%M").to_string()
}

/// FTX 4440 has 512 characters.
const MOST_TEXT: usize = 512;

fn put_result(w: &mut Output, outcome: &Outcome) {
    w.segment("ERP", &[&[if outcome.person { "2" } else { "1" }]]);
    for (what, value) in [("AVF", &outcome.locator), ("ABO", &outcome.reference)] {
        if !value.is_empty() {
            w.segment("RFF", &[&[what, value]]);
        }
    }
    w.segment("ERC", &[&[&outcome.code]]);
    if !outcome.text.is_empty() {
        let text: String = outcome.text.chars().take(MOST_TEXT).collect();
        w.segment("FTX", &[&["AAP"], &[], &[], &[&text]]);
    }
}

/// A finding about an answer has no flight or traveller to stand at.
pub(crate) fn findings_of(findings: &mut Vec<Finding>, message: usize) -> Sink<'_> {
    let mut sink = Sink::new(findings);
    sink.message = message;
    sink
}
