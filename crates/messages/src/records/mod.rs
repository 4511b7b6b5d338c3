//! Lists that are no EDIFACT: a table with a header ([`csv`]), or JSON ([`json`]). For
//! carriers without the equipment for either guide; both fill the same report.
//!
//! A value is known by the name of its column or key. Capitals, blanks and signs in a name
//! make no difference, and the names that people use for one thing all do:
//! [`fields::FIELDS`]. `docs/formats/records.md` is the page for carriers.

mod cells;
mod collect;
pub(crate) mod csv;
mod dates;
mod fields;
mod header;
pub(crate) mod json;
mod people;
mod tree;
mod values;

use std::borrow::Cow;

use edifact::{Mode, Span};
use encoding_rs::WINDOWS_1252;
use travel::{Dataset, Report};

use crate::reading::{Envelope, Finding, Format, MessageType, Reading, Understood};
use collect::Collector;
pub(crate) use fields::{Field, field};
use values::function;
pub(crate) use values::is_of_form;

/// The text, in UTF-8 or else in Windows-1252, where every byte is one character.
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}
/// What of a text is not shown: all but what `shown` names, given the text.
pub(crate) fn hidden(bytes: &[u8], shown: impl Fn(&str) -> Vec<Span>) -> Vec<Span> {
    let text = decoded(bytes);
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut shown = shown(&text[mark..]);
    shown.sort_by_key(|s| s.start);
    let (mut hidden, mut at) = (Vec::new(), 0);
    for span in shown.into_iter().map(|s| s.behind(mark)) {
        if span.start > at {
            hidden.push(Span { start: at, end: span.start });
        }
        at = at.max(span.end);
    }
    hidden.push(Span { start: at, end: text.len() });
    crate::pnrgov::xml::spans_in_bytes(hidden.iter_mut(), &text, 0, bytes.len());
    hidden
}

/// The reading of a table or document that has one list.
fn reading(
    format: Format,
    mode: Mode,
    envelope: Envelope,
    function: String,
    report: Report,
    mut findings: Vec<Finding>,
) -> Reading {
    findings.sort_by_key(|f| f.span.start);
    let pnr = report.dataset == Dataset::Pnr;
    let understood = Understood {
        kind: if pnr { MessageType::Pnrgov } else { MessageType::Paxlst },
        release: if format == Format::Csv { "CSV".to_owned() } else { "JSON".to_owned() },
        function,
        parts: 1,
        reference: report.reference.to_string(),
        report,
        access_reference: String::new(),
        messages: vec![0],
        repeated: Vec::new(),
        outcomes: Vec::new(),
        series: None,
        cut_off: false,
    };
    Reading {
        format,
        mode,
        envelope: Some(envelope),
        messages: vec![understood],
        findings,
        fatal: false,
        names: Vec::new(),
        groups: Vec::new(),
    }
}
