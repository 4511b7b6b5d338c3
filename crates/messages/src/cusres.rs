//! CUSRES: a state's answer to a PAXLST, as far as checking and tests read it.
//!
//! `ERP` opens a result (1 the whole message, 2 one person), `RFF` says about whom,
//! `ERC` what, `FTX` why in words.

use edifact::Message;

use crate::text::few;

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
    /// Flights answered (RFF AF).
    pub flights: Vec<String>,
    /// The results, in order.
    pub outcomes: Vec<Outcome>,
}

/// Reads a CUSRES.
pub fn read(message: &Message<'_>) -> Cusres {
    let mut out = Cusres::default();
    for s in message.segments() {
        match s.tag() {
            "BGM" => out.function = s.text(1, 1).into_owned(),
            "ERP" => {
                out.outcomes.push(Outcome { person: s.raw(1, 1) == b"2", ..Outcome::default() })
            }
            "RFF" => reference(&mut out, s),
            "ERC" => {
                if let Some(last) = out.outcomes.last_mut() {
                    last.code = s.text(1, 1).into_owned();
                }
            }
            "FTX" => {
                if let Some(last) = out.outcomes.last_mut() {
                    let words: Vec<_> = (1..=few(s.components(4))).map(|c| s.text(4, c)).collect();
                    last.text = words.join(" ");
                }
            }
            _ => {}
        }
    }
    out
}

fn reference(out: &mut Cusres, s: edifact::Segment<'_>) {
    let value = s.text(1, 2).into_owned();
    match (s.raw(1, 1), out.outcomes.last_mut()) {
        (b"TN", _) => out.reference = value,
        (b"AF", _) => out.flights.push(value),
        (b"AVF", Some(last)) => last.locator = value,
        (b"ABO", Some(last)) => last.reference = value,
        _ => {}
    }
}
