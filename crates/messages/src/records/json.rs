//! JSON: an object with the flight and `travellers` (or `passengers`, `crew`), each an
//! object whose keys are those of [`super::fields::FIELDS`]; `documents` holds several.
//!
//! [`super::tree`] reads the text and goes on behind every fault; [`super::people`] finds who
//! travels, wherever in the document they stand.

use edifact::{Mode, Span};
use jiff::civil::Date;

use super::people::{self, Walk};
use super::tree::{self, Flaw};
use super::{Collector, field};
use crate::codes;
use crate::reading::{Format, Reading};

/// So much of a text is looked at for a key that names people, in bytes.
const HEAD: usize = 1 << 20;

/// Whether it is JSON that names people. Comments may stand before it.
pub(crate) fn names_people(bytes: &[u8]) -> bool {
    let text = super::decoded(&bytes[..bytes.len().min(HEAD)]);
    let start = tree::behind_comments(&text);
    let begins = matches!(text.as_bytes().get(start), Some(b'{' | b'['));
    let is_key = |key: &str| people::is_of_people(key) || field(key).is_some_and(|f| f.is_name());
    begins && keys(&text[start..]).any(is_key)
}

/// The words before a colon, with quotes or without.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    let colons = memchr::memchr_iter(b':', text.as_bytes());
    let key = |at: usize| {
        let from = text.floor_char_boundary(at.saturating_sub(LONGEST_KEY));
        let before = text[from..at].trim_end().trim_end_matches(['"', '\'']);
        before.rsplit(['"', '\'', '{', ',', '\n']).next().unwrap_or_default().trim()
    };
    colons.map(key)
}

/// No key that names people is longer, in bytes.
const LONGEST_KEY: usize = 64;

/// Reads a document.
pub(crate) fn read(
    bytes: &[u8],
    mode: Mode,
    (received_on, month_first): (Date, Option<bool>),
) -> Reading {
    let text = super::decoded(bytes);
    let source = text.trim_start_matches('\u{feff}');
    let mark = text.len() - source.len();
    let mut findings = Vec::new();
    let tree = tree::read(source);
    let mut walk = Walk::new(Collector::new(received_on, month_first, &mut findings));
    // A template writes the same everywhere: where it begins is enough.
    let mut loose = false;
    for (flaw, span) in &tree.flaws {
        let again = *flaw == Flaw::Loose && std::mem::replace(&mut loose, true);
        if !again {
            walk.collector.find(code(*flaw), *span, false);
        }
    }
    walk.top(&tree.values);
    let Walk { collector, envelope, word, .. } = walk;
    let report = collector.finish();
    let broken = tree.flaws.iter().any(|(flaw, _)| matches!(flaw, Flaw::Broken | Flaw::Cut));
    let nothing = report.travellers.is_empty() && report.flights.is_empty();
    if broken {
        // What is not there may stand where it is broken: only that is to be mended.
        let missing = [codes::NO_FLIGHT, codes::NOBODY].map(|c| c.code);
        findings.retain(|f| !missing.contains(&f.code.as_str()));
    }
    findings.sort_by_key(|f| f.span.start);
    crate::pnrgov::xml::places_in_bytes(&mut findings, &text, mark, bytes.len());
    let mut reading = super::reading(Format::Json, mode, envelope, word, report, findings);
    if broken {
        // The break comes first, wherever it is: the rest may be its doing.
        reading.findings.sort_by_key(|f| f.code != codes::JSON_SYNTAX.code);
        reading.messages.iter_mut().for_each(|m| m.cut_off = true);
    }
    if broken && nothing {
        reading.messages.clear();
        reading.fatal = true;
    }
    reading
}

fn code(flaw: Flaw) -> crate::Code {
    match flaw {
        Flaw::Loose => codes::JSON_LOOSE,
        Flaw::Quote => codes::JSON_QUOTE,
        Flaw::Comma | Flaw::Broken | Flaw::Cut => codes::JSON_SYNTAX,
        Flaw::Twice => codes::KEY_TWICE,
    }
}

/// Where a text has what may be shown: keys that are known, and values under them that have
/// their form. Of a text with a broken quote, values are words that may have run together.
pub(crate) fn shown(source: &str) -> Vec<Span> {
    let tree = tree::read(source);
    let whole = tree.flaws.iter().all(|(flaw, _)| *flaw == Flaw::Twice);
    let mut shown = Vec::new();
    tree.values.iter().for_each(|value| people::shown(value, whole, &mut shown));
    shown
}
