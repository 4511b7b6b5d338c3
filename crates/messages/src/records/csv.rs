//! A table with a header: one row for each person. Columns are parted by a comma, a
//! semicolon, a tab or `|`; what stands in the flight's columns may stand in every row.

use csv::{ReaderBuilder, StringRecord};
use edifact::{Mode, Span};
use jiff::civil::Date;

use super::{Collector, Field, field};
use crate::codes;
use crate::reading::{Envelope, Finding, Format, Reading};

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The delimiter of a table whose header names somebody; `None` when it is no such table.
pub(crate) fn delimiter(bytes: &[u8]) -> Option<u8> {
    let line = bytes[..bytes.len().min(8192)].split(|b| matches!(b, b'\r' | b'\n')).next()?;
    let line = String::from_utf8_lossy(line);
    DELIMITERS.into_iter().find(|d| {
        let names = || line.split(*d as char).filter_map(field);
        names().any(|f| f == Field::Surname) && names().count() > 1
    })
}

/// Reads a table.
pub(crate) fn read(
    bytes: &[u8],
    mode: Mode,
    (received_on, month_first): (Date, Option<bool>),
) -> Reading {
    let whole = super::decoded(bytes);
    let source = whole.trim_start_matches('\u{feff}').trim_start();
    let mark = whole.len() - source.len();
    let mut findings = Vec::new();
    let mut collector = Collector::new(received_on, month_first, &mut findings);
    rows(source, &mut collector);
    let report = collector.finish();
    let header = source.find(['\r', '\n']).unwrap_or(source.len());
    // What the flight lacks, its columns lack: it is nobody's row.
    let lacking = [codes::NO_FLIGHT, codes::AIRPORT_MISSING, codes::TIME_MISSING];
    for f in findings.iter_mut().filter(|f| lacking.iter().any(|code| code.code == f.code)) {
        f.span = Span { start: 0, end: header };
    }
    findings.iter_mut().for_each(|finding| quoted(finding, source));
    findings.sort_by_key(|f| f.span.start);
    crate::pnrgov::xml::places_in_bytes(&mut findings, &whole, mark, bytes.len());
    super::reading(Format::Csv, mode, Envelope::default(), String::new(), report, findings)
}

/// Moves a finding from the row of somebody to the value in it that the finding quotes.
fn quoted(finding: &mut Finding, source: &str) {
    let Some(row) = source.get(finding.span.start..finding.span.end) else { return };
    let found = finding.found.as_str();
    if finding.traveller.is_none() || found.is_empty() || row == found {
        return;
    }
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let whole = |at: &usize| {
        apart(row[..*at].chars().next_back()) && apart(row[at + found.len()..].chars().next())
    };
    if let Some(at) = row.match_indices(found).map(|(at, _)| at).find(whole) {
        let start = finding.span.start + at;
        finding.span = Span { start, end: start + found.len() };
    }
}

fn rows(source: &str, collector: &mut Collector<'_>) {
    let Some(delimiter) = delimiter(source.as_bytes()) else { return };
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(source.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let fields: Vec<Option<Field>> = header.iter().map(field).collect();
    for (name, _) in header.iter().zip(&fields).filter(|(n, f)| f.is_none() && !n.is_empty()) {
        let start = source.find(name).unwrap_or(0);
        let span = Span { start, end: start + name.len() };
        collector.sink.push(Finding::new(codes::COLUMN_UNKNOWN, span, name));
    }
    let mut record = StringRecord::new();
    loop {
        let start = reader.position().byte() as usize;
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) | Err(_) => return,
        }
        if record.iter().all(|value| value.trim().is_empty()) {
            continue;
        }
        let end = (reader.position().byte() as usize).min(source.len());
        let start = record.position().map_or(start, |p| p.byte() as usize).min(end);
        let row = source[start..end].trim_end().len();
        let span = Span { start, end: start + row };
        collector.person(span);
        collector.flight(span);
        let mut from = start;
        for (value, field) in record.iter().zip(&fields) {
            // What a value doubles stands otherwise in the row.
            let span = match source[from..start + row].find(value) {
                Some(at) => Span { start: from + at, end: from + at + value.len() },
                None => span,
            };
            if span.start >= from {
                from = span.end;
            }
            if let Some(field) = field {
                collector.put(*field, value, span);
            }
        }
        collector.close_flight();
    }
}
