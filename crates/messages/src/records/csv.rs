//! A table with a header: one row for each person. Columns are parted by a comma, a
//! semicolon, a tab or `|`; what stands in the flight's columns may stand in every row.

use edifact::{Mode, Span};
use jiff::civil::Date;

use super::cells::{Cell, Quote, Row, Rows};
use super::header::{self, Header};

use super::{Collector, Field, field, is_of_form};
use crate::codes;
use crate::reading::{Envelope, Finding, Format, Reading};

/// Whether it is a table whose header names somebody, as its first row, or anywhere near its
/// beginning.
pub(crate) fn is_table(bytes: &[u8], first: bool) -> bool {
    let head = &bytes[..bytes.len().min(64 << 10)];
    // The last character may be cut.
    let text = match std::str::from_utf8(head) {
        Ok(text) => text.into(),
        Err(e) if e.error_len().is_none() => String::from_utf8_lossy(&head[..e.valid_up_to()]),
        Err(_) => super::decoded(head),
    };
    header::find(text.trim_start(), first).is_some()
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
    let header = header::find(source, false);
    let place = header.as_ref().map(|h| h.span);
    if let Some(header) = header {
        Table { collector: &mut collector, header, flight: Vec::new() }.rows(source);
    }
    let report = collector.finish();
    // What the flight lacks, its columns lack: it is nobody's row.
    let lacking = [codes::NO_FLIGHT, codes::AIRPORT_MISSING, codes::TIME_MISSING];
    for f in findings.iter_mut().filter(|f| lacking.iter().any(|code| code.code == f.code)) {
        f.span = place.unwrap_or_default();
    }
    findings.iter_mut().for_each(|finding| quoted(finding, source));
    findings.sort_by_key(|f| f.span.start);
    crate::pnrgov::xml::places_in_bytes(&mut findings, &whole, mark, bytes.len());
    super::reading(Format::Csv, mode, Envelope::default(), String::new(), report, findings)
}

/// Where a table has what may be shown: names of columns that are known, and values of these
/// that have their form, in rows in which all stands where it should.
pub(crate) fn shown(text: &str) -> Vec<Span> {
    let source = text.trim_start();
    let from = text.len() - source.len();
    let Some(header) = header::find(source, false) else { return Vec::new() };
    let names = header.names.iter().zip(&header.fields).filter(|(_, field)| field.is_some());
    let mut shown: Vec<Span> = names.map(|(name, _)| name.span).collect();
    let before = header.before.iter().flat_map(|b| &b.flight);
    shown.extend(before.filter(|(f, c)| is_of_form(*f, &c.value)).map(|(_, c)| c.span));
    let columns = header.fields.len();
    let mut rows = Rows::of(source, header.rows_at, (header.delimiter, columns));
    while let Some(row) = rows.next() {
        let whole = row.quotes.is_empty() && row.cells.len() <= columns;
        let known = row.cells.iter().zip(&header.fields);
        let known = known.filter_map(|(cell, field)| Some((cell, (*field)?)));
        let may = |(cell, field): &(&Cell<'_>, Field)| {
            is_of_form(*field, &cell.value) && (whole || !field.is_of_words())
        };
        shown.extend(known.filter(may).map(|(cell, _)| cell.span));
    }
    shown.iter_mut().for_each(|span| *span = span.behind(from));
    shown
}

/// Longer rows are not searched for the value that a finding quotes, in bytes.
const LONGEST_ROW: usize = 4 << 10;

/// Moves a finding from the row of somebody to the value in it that the finding quotes.
fn quoted(finding: &mut Finding, source: &str) {
    let Some(row) = source.get(finding.span.start..finding.span.end) else { return };
    let found = finding.found.as_str();
    if finding.traveller.is_none() || found.is_empty() || row == found || row.len() > LONGEST_ROW {
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

/// A table that is being read.
struct Table<'t, 'f, 's> {
    collector: &'t mut Collector<'f>,
    header: Header<'s>,
    /// What stands before the header of the flight.
    flight: Vec<(Field, Cell<'s>)>,
}

impl<'s> Table<'_, '_, 's> {
    fn rows(&mut self, source: &'s str) {
        for before in std::mem::take(&mut self.header.before) {
            if before.flight.is_empty() {
                self.collector.find(codes::TABLE_TITLE, before.span, false);
            }
            self.flight.extend(before.flight);
        }
        self.columns();
        let Header { delimiter, rows_at, .. } = self.header;
        let mut rows = Rows::of(source, rows_at, (delimiter, self.header.fields.len()));
        while let Some(row) = rows.next() {
            if row.cells.iter().all(|cell| cell.value.trim().is_empty()) {
                continue;
            }
            if header::repeats(&row.cells) {
                self.another_header(row);
                rows.expect(self.header.fields.len());
                continue;
            }
            self.row(row);
        }
    }

    /// Several tables in one text each have their header.
    fn another_header(&mut self, row: Row<'s>) {
        self.header.fields = row.cells.iter().map(|c| field(&c.value)).collect();
        self.header.names = row.cells;
        self.columns();
    }

    fn columns(&mut self) {
        let columns = self.header.names.iter().zip(&self.header.fields);
        let unknown = columns.filter(|(name, f)| f.is_none() && !name.value.trim().is_empty());
        unknown.for_each(|(name, _)| {
            self.collector.find(codes::COLUMN_UNKNOWN, name.span, false);
        });
    }

    fn row(&mut self, row: Row<'s>) {
        let says = |f: &Option<Field>, cell: &Cell<'_>| {
            f.is_some_and(|f| !f.is_of_flight()) && !cell.value.trim().is_empty()
        };
        if self.is_total(&row) {
            return;
        }
        let filled = self.header.fields.iter().zip(&row.cells);
        let somebody = filled.clone().any(|(f, cell)| says(f, cell));
        let surplus = row.cells.get(self.header.fields.len()..).unwrap_or_default();
        let surplus = surplus.iter().find(|cell| !cell.value.trim().is_empty());
        let is_person = somebody || surplus.is_some();
        if is_person {
            self.collector.person(row.span);
        }
        for (quote, at) in &row.quotes {
            let code = if *quote == Quote::Open { codes::QUOTE_OPEN } else { codes::QUOTE_STRAY };
            self.collector.find(code, Span { start: *at, end: at + 1 }, is_person);
        }
        if let Some(cell) = surplus {
            self.collector.find(codes::ROW_LONG, cell.span, is_person);
        } else if row.cells.len() < self.header.fields.len() && is_person {
            self.collector.find(codes::ROW_SHORT, row.span, true);
        }
        self.collector.flight(row.span);
        for (field, cell) in &self.flight {
            self.collector.put(*field, &cell.value, cell.span);
        }
        for (field, cell) in self.header.fields.iter().zip(&row.cells) {
            if let Some(field) = field {
                self.collector.put(*field, &cell.value, cell.span);
            }
        }
        self.collector.close_flight();
    }

    /// Whether a row is the sum below the others, and nobody's: it says so where a name would
    /// stand, and has no other value but a number. What it states is compared.
    fn is_total(&mut self, row: &Row<'s>) -> bool {
        const WORDS: [&str; 9] =
            ["total", "totals", "sum", "count", "all", "passengers", "pax", "grand", "of"];
        let filled = || row.cells.iter().filter(|c| !c.value.trim().is_empty());
        let Some(first) = filled().next() else { return false };
        let says = |word: &str| WORDS.contains(&word.to_lowercase().as_str());
        let words = first.value.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty());
        let total = matches!(words.clone().next(), Some(w) if says(w) && w.len() > 2)
            && words.clone().all(says);
        let number = |text: &str| text.parse::<u32>().ok();
        let mut numbers = filled().flat_map(|c| c.value.split(|c: char| !c.is_ascii_digit()));
        let stated = numbers.find_map(number);
        let others = filled().skip(1).all(|c| number(c.value.trim()).is_some());
        if !(total && others && stated.is_some() && filled().count() <= 2) {
            return false;
        }
        self.collector.report.stated_total = stated;
        true
    }
}
