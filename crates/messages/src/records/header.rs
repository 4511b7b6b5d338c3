//! Where a table's header is. It is the first line, as a rule; but spreadsheets put `sep=;`
//! before it, and people a title, the date, the flight.

use edifact::Span;

use super::cells::{Cell, Rows};
use super::{Field, field};

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// So much of a text is looked at for its header, in bytes and in rows.
const HEAD: usize = 16 << 10;
const MOST_ROWS: usize = 40;

/// A header, and what stands before it.
pub(crate) struct Header<'s> {
    pub(super) delimiter: u8,
    pub(super) span: Span,
    /// What each column is about, and its name with its place.
    pub(super) fields: Vec<Option<Field>>,
    pub(super) names: Vec<Cell<'s>>,
    /// Rows before it that say something.
    pub(super) before: Vec<Before<'s>>,
    /// Where the rows below it begin.
    pub(super) rows_at: usize,
}

/// A row before the header.
pub(super) struct Before<'s> {
    pub(super) span: Span,
    /// Values of the flight that stand beside their names (`Flight;ZZ101`).
    pub(super) flight: Vec<(Field, Cell<'s>)>,
}

/// The header of a table that names somebody; `None` when it is no such table. Only the first
/// row is taken for one if `first`.
pub(crate) fn find(source: &str, first: bool) -> Option<Header<'_>> {
    let (said, start) = separator(source);
    let head = source.floor_char_boundary((start + HEAD).min(source.len()));
    let each = |delimiter: u8| {
        let mut rows = Rows::of(&source[..head], start, (delimiter, 0));
        let mut before = Vec::new();
        for _ in 0..if first { 1 } else { MOST_ROWS } {
            let row = loop {
                let row = rows.next()?;
                if row.cells.iter().any(|c| !c.value.trim().is_empty()) {
                    break row;
                }
            };
            let fields: Vec<_> = row.cells.iter().map(|c| field(&c.value)).collect();
            if is_header(&row.cells, &fields) {
                let (span, rows_at) = (row.span, rows.at());
                return Some(Header { delimiter, span, fields, names: row.cells, before, rows_at });
            }
            before.push(Before { span: row.span, flight: of_flight(row.cells) });
        }
        None
    };
    let known = |h: &Header<'_>| h.fields.iter().flatten().count();
    let said = said.filter(|said| each(*said).is_some());
    let all = DELIMITERS.into_iter().filter(|d| said.is_none_or(|said| said == *d));
    // Of those that part alike, the first; the header that comes first, and says most.
    all.filter_map(each).reduce(|best, h| {
        let earlier = h.before.len() < best.before.len();
        let more = h.before.len() == best.before.len() && known(&h) > known(&best);
        if earlier || more { h } else { best }
    })
}

/// What a first line `sep=;` says, and where the text behind it begins.
fn separator(source: &str) -> (Option<u8>, usize) {
    let line = source.split(['\r', '\n']).next().unwrap_or_default();
    let plain = line.trim_matches([' ', '"']).as_bytes();
    let [s, e, p, b'=', delimiter, rest @ ..] = plain else {
        // A tab at the end was trimmed with nothing behind it.
        return (None, 0);
    };
    let is_sep = [s, e, p].map(u8::to_ascii_lowercase) == *b"sep";
    let only = rest.iter().all(|b| !b.is_ascii_alphanumeric());
    match is_sep && only {
        true => (Some(*delimiter), line.len()),
        false => (None, 0),
    }
}

/// Whether cells are names of columns, one of them that of a name: several that are known, or
/// one that stands alone.
pub(super) fn is_header(cells: &[Cell<'_>], fields: &[Option<Field>]) -> bool {
    let named = fields.iter().flatten().any(|f| f.is_name());
    let known = fields.iter().flatten().count();
    let filled = cells.iter().filter(|c| !c.value.trim().is_empty()).count();
    named && (known > 1 || filled == 1)
}

/// Whether a row repeats a header: all that stands in it is known, and more than a name.
pub(super) fn repeats(cells: &[Cell<'_>]) -> bool {
    let filled = || cells.iter().filter(|c| !c.value.trim().is_empty());
    let fields: Vec<_> = cells.iter().map(|c| field(&c.value)).collect();
    filled().count() > 2 && is_header(cells, &fields) && {
        let known = fields.iter().flatten().count();
        known * 4 >= filled().count() * 3
    }
}

fn of_flight(cells: Vec<Cell<'_>>) -> Vec<(Field, Cell<'_>)> {
    let mut said = Vec::new();
    let mut name: Option<Field> = None;
    for cell in cells {
        match name.take() {
            Some(field) if !cell.value.trim().is_empty() => said.push((field, cell)),
            _ => name = field(cell.value.trim_end_matches([':', ' '])).filter(|f| f.is_of_flight()),
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(char, usize, usize)> {
        let header = find(text, false)?;
        Some((header.delimiter as char, header.before.len(), header.span.start))
    }

    #[test]
    fn a_header_is_found_behind_titles_and_what_spreadsheets_write() {
        assert_eq!(found("surname;dob\nA;1"), Some((';', 0, 0)));
        assert_eq!(found("sep=;\r\nsurname;dob\r\nA;1"), Some((';', 0, 7)));
        assert_eq!(found("\"SEP=|\"\nsurname|dob\nA|1"), Some(('|', 0, 8)));
        assert_eq!(found("List of all, ZZ101\n;;\n\nFull Name;DOB\nA;1"), Some((';', 1, 23)));
        assert_eq!(found("\"Last name\",\"Date of\nbirth\"\nA,1"), Some((',', 0, 0)));
        assert_eq!(found("full name\nA\nB"), Some((',', 0, 0)));
    }

    #[test]
    fn what_names_nobody_is_no_table() {
        for text in ["", "a;b\nc;d", "dob;sex\n1;M", "a name in a line\nof words", "sep=;"] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_said_of_the_flight_before_the_header_is_kept() {
        let header = find("Flight:;ZZ101;From;IST\nsurname;dob\nA;1", false);
        let said = header.map(|h| {
            let said = h.before.iter().flat_map(|b| &b.flight);
            said.map(|(f, c)| format!("{f:?} {}", c.value)).collect::<Vec<_>>()
        });
        assert_eq!(said, Some(vec!["Flight ZZ101".to_owned(), "From IST".to_owned()]));
    }
}
