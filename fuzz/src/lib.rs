//! What the targets have in common: reading as the node does, and what must then hold.

use edifact::Mode;
use jiff::civil::{Date, date, datetime};
use messages::{Format, Reading, Verdict};

/// The three modes.
pub const MODES: [Mode; 3] = [Mode::Strict, Mode::Tolerant, Mode::Cleaning];

/// The day on which everything arrives.
pub fn today() -> Date {
    date(2026, 3, 1)
}

/// Reads `bytes` in a mode that their length chooses, answers, and reads the answer.
pub fn read_and_answer(bytes: &[u8]) {
    let mode = MODES[bytes.len() % MODES.len()];
    let reading = messages::read(bytes, mode, today());
    places_lie_inside(&reading, bytes.len());
    let refused = Verdict::Refused("Not today.");
    let verdicts: Vec<Verdict<'_>> = reading
        .messages
        .iter()
        .enumerate()
        .map(|(i, _)| if i % 2 == 0 { Verdict::Accepted } else { refused })
        .collect();
    let answer = messages::answer(&reading, &verdicts, datetime(2026, 3, 1, 9, 0, 0, 0), "GBR");
    assert!(!answer.is_empty(), "whatever arrives is answered");
    // Answers in XML, CSV and JSON are for the carrier alone; nothing here reads them.
    if matches!(reading.format, Format::Edifact | Format::Unknown) {
        let understood = messages::read(&answer, Mode::Tolerant, today());
        assert!(!understood.fatal, "our own answer can be read");
    }
}

fn places_lie_inside(reading: &Reading, len: usize) {
    for finding in &reading.findings {
        assert!(finding.span.start <= finding.span.end && finding.span.end <= len);
        assert!(!finding.code.is_empty() && !finding.text.is_empty());
    }
}

/// Puts `body` into an envelope, so that the fuzzer need not find one first. A body
/// that brings its own is left as it is.
pub fn enveloped(kind: &str, body: &[u8]) -> Vec<u8> {
    if body.starts_with(b"UN") || body.starts_with(b"<") {
        return body.to_vec();
    }
    let mut bytes = b"UNA:+.?*'UNB+UNOC:4+TK+GBR+260301:0900+1++APIS'UNH+1+".to_vec();
    bytes.extend_from_slice(kind.as_bytes());
    bytes.push(b'\'');
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(b"'UNT+9+1'UNZ+1+1'");
    bytes
}
