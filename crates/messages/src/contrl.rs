//! CONTRL on a submission, from what its [`Reading`] holds: the faults of syntax alone.
//!
//! `edifact::contrl` writes one on an interchange that is still at hand; an answer is
//! made after the door has judged, when only the reading is.

use edifact::Severity;

use crate::output::Output;
use crate::{Finding, Reading, Verdict, codes};

/// 0083: this level and all below rejected; this level acknowledged.
const REJECTED: &str = "4";
const ACKNOWLEDGED: &str = "7";
/// Most faults reported per message (ISO 9735-4: UCS repeats 999 times).
const MOST: usize = 999;

/// Writes the message into `out`.
pub(crate) fn write(out: &mut Output, reading: &Reading, verdicts: &[Verdict<'_>]) {
    let e = reading.envelope.clone().unwrap_or_default();
    let version = if e.syntax_version == "4" { "4" } else { "3" };
    out.segment("UNH", &[&["CONTRL"], &["CONTRL", "D", version, "UN"]]);
    let syntax =
        || reading.findings.iter().filter(|f| f.is_syntax() && f.severity > Severity::Note);
    let own = |f: &&Finding| f.message.is_none() && f.group.is_none();
    let worst = syntax().filter(own).max_by_key(|f| f.severity);
    let dead = reading.names.is_empty() || worst.is_some_and(|f| f.severity == Severity::Fatal);
    let (code, tag, element, component) = worst.map(whole).unwrap_or_default();
    out.segment(
        "UCI",
        &[
            &[&e.reference],
            &[&e.sender, &e.sender_qualifier],
            &[&e.recipient, &e.recipient_qualifier],
            &[if dead { REJECTED } else { ACKNOWLEDGED }],
            &[&code],
            &[tag],
            &[&element, &component],
        ],
    );
    let taken = taken(reading, verdicts);
    let passed_over = reading.findings.iter().filter(|f| is_passed_over(f));
    let mut inside: Vec<&Finding> =
        syntax().chain(passed_over).filter(|f| f.message.is_some()).collect();
    inside.sort_by_key(|f| (f.message, f.span.start));
    let mut group = None;
    for (i, name) in reading.names.iter().enumerate() {
        // Groups without a message have none to stand before: they come last.
        if name.group != group {
            group = name.group;
            write_group(out, reading, group);
        }
        let kind: Vec<&str> = name.kind.iter().map(String::as_str).collect();
        let action = if taken[i] { ACKNOWLEDGED } else { REJECTED };
        out.segment("UCM", &[&[&name.reference], &kind, &[action]]);
        let from = inside.partition_point(|f| f.message < Some(i));
        let mine = inside[from..].iter().take_while(|f| f.message == Some(i));
        mine.take(MOST).for_each(|f| placed(out, f));
    }
    let full: Vec<usize> = reading.names.iter().filter_map(|n| n.group).collect();
    let empty = (0..reading.groups.len()).filter(|g| !full.contains(g));
    empty.for_each(|g| write_group(out, reading, Some(g)));
}

/// `UCF`, which opens a group and has its worst fault.
fn write_group(out: &mut Output, reading: &Reading, group: Option<usize>) {
    let Some((index, named)) = group.and_then(|g| Some((g, reading.groups.get(g)?))) else {
        return;
    };
    let syntax = |f: &&Finding| f.is_syntax() && f.severity > Severity::Note;
    let mine = reading.findings.iter().filter(syntax).filter(|f| f.group == Some(index));
    let worst = mine.max_by_key(|f| f.severity);
    let empty = worst.is_some_and(|f| f.code == "32");
    let (code, tag, element, component) = worst.map(of_group).unwrap_or_default();
    let action = if empty { REJECTED } else { ACKNOWLEDGED };
    out.segment(
        "UCF",
        &[
            &[&named.reference],
            &[&named.sender],
            &[&named.recipient],
            &[action],
            &[&code],
            &[tag],
            &[&element, &component],
        ],
    );
}

/// Code, segment, element and component of a fault of a group itself.
fn of_group(f: &Finding) -> (String, &'static str, String, String) {
    let tag = match f.code.as_str() {
        "28" | "29" | "37" => "UNE",
        "13" if f.expected == "UNE" => "UNE",
        _ => "UNG",
    };
    (f.code.clone(), tag, number(f.element), number(f.component))
}

/// Whether each message of the interchange was taken.
fn taken(reading: &Reading, verdicts: &[Verdict<'_>]) -> Vec<bool> {
    let mut taken = vec![false; reading.names.len()];
    for (message, verdict) in reading.messages.iter().zip(verdicts) {
        for part in &message.messages {
            if let Some(t) = taken.get_mut(*part) {
                *t = verdict.is_taken();
            }
        }
    }
    taken
}

/// Code, segment, element and component of a fault of the interchange itself.
fn whole(f: &Finding) -> (String, &'static str, String, String) {
    // Counts and references are the trailer's (28, 29, 37); `UNA` has its own (22).
    let tag = match f.code.as_str() {
        "28" | "29" | "37" => "UNZ",
        "13" if f.expected == "UNZ" => "UNZ",
        "22" => "UNA",
        _ => "UNB",
    };
    (f.code.clone(), tag, number(f.element), number(f.component))
}

/// A segment that the message has no place for: to CONTRL, not supported there.
fn is_passed_over(f: &Finding) -> bool {
    f.code == codes::SEGMENT_UNKNOWN.code
}

const NOT_SUPPORTED_HERE: &str = "15";

fn placed(out: &mut Output, f: &Finding) {
    let Some(position) = f.segment else { return };
    let position = position.to_string();
    let code = if is_passed_over(f) { NOT_SUPPORTED_HERE } else { &f.code };
    if f.element.is_some() {
        out.segment("UCS", &[&[&position]]);
        out.segment("UCD", &[&[code], &[&number(f.element), &number(f.component)]]);
    } else {
        out.segment("UCS", &[&[&position], &[code]]);
    }
}

fn number(n: Option<usize>) -> String {
    n.map(|n| n.to_string()).unwrap_or_default()
}
