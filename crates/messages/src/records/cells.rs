//! The cells of a table, each with its place, and quotes that are not as they should be.
//!
//! A cell that begins with a quote ends at the next quote that stands alone and right before
//! the end of the cell; two together are one that is meant (RFC 4180 §2). Line breaks may
//! stand in it. Where such a cell has no end, or something stands behind its end, the harm
//! stays in its line: nobody in the lines below may be taken into it. A quote that the next
//! rows happen to close is told from a line break that is meant by the number of cells.

use std::borrow::Cow;

use edifact::Span;

/// A cell: where it stands, without its quotes, and what it says.
pub(super) struct Cell<'s> {
    pub(super) span: Span,
    pub(super) value: Cow<'s, str>,
}

/// What is wrong with a quote.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Quote {
    /// It opens a cell that nothing closes.
    Open,
    /// It stands in the middle of a cell.
    Stray,
}

/// A row: one line, or several with line breaks in quotes.
pub(super) struct Row<'s> {
    pub(super) span: Span,
    pub(super) cells: Vec<Cell<'s>>,
    pub(super) quotes: Vec<(Quote, usize)>,
}

/// The rows of a text, from a place on.
pub(super) struct Rows<'s> {
    source: &'s str,
    at: usize,
    delimiter: u8,
    /// Cells of a whole row; none: not known yet.
    columns: usize,
    /// How many bytes were looked at for ends of cells.
    #[cfg(test)]
    looked_at: usize,
}

/// Most of a row is looked at for the end of a cell that goes on in the next line, in bytes.
const LONGEST: usize = 64 << 10;

impl<'s> Rows<'s> {
    pub(super) fn of(source: &'s str, at: usize, (delimiter, columns): (u8, usize)) -> Self {
        Rows {
            source,
            at,
            delimiter,
            columns,
            #[cfg(test)]
            looked_at: 0,
        }
    }

    /// Where the next row begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// How many cells the rows that come have.
    pub(super) fn expect(&mut self, columns: usize) {
        self.columns = columns;
    }

    fn bytes(&self) -> &'s [u8] {
        self.source.as_bytes()
    }

    /// Where the line ends that goes on at `at`.
    fn end_of_line(&self, at: usize) -> usize {
        let rest = &self.bytes()[at..];
        memchr::memchr2(b'\r', b'\n', rest).map_or(self.source.len(), |end| at + end)
    }

    /// One behind the line break at `end`.
    fn next_line(&self, end: usize) -> usize {
        match self.bytes()[end..] {
            [b'\r', b'\n', ..] => end + 2,
            [] => end,
            _ => end + 1,
        }
    }

    fn blanks(&self, at: usize, end: usize) -> usize {
        let blank = |b: &&u8| matches!(b, b' ' | b'\t') && **b != self.delimiter;
        at + self.bytes()[at..end].iter().take_while(blank).count()
    }

    fn ends_cell(&self, at: usize, most: usize) -> bool {
        let at = self.blanks(at, most);
        at >= most
            || self.bytes()[at] == self.delimiter
            || matches!(self.bytes()[at], b'\r' | b'\n')
    }

    /// One behind the cell that begins at `at`: its place, whether it is quoted, and its end.
    fn unquoted(&self, at: usize, end: usize) -> (Span, usize) {
        let stop = memchr::memchr(self.delimiter, &self.bytes()[at..end]).map_or(end, |n| at + n);
        let text = &self.source[at..stop];
        let start = at + (text.len() - text.trim_start().len());
        (Span { start: start.min(stop), end: start + text.trim().len() }, stop)
    }

    /// The quote that closes a cell whose content begins at `from`, if it is where the standard
    /// wants it; else the quote that is not.
    fn closing(&mut self, from: usize, most: usize) -> Result<usize, Option<usize>> {
        let bytes = self.bytes();
        let mut at = from;
        while let Some(n) = memchr::memchr(b'"', &bytes[at..most]) {
            #[cfg(test)]
            {
                self.looked_at += n + 1;
            }
            at += n;
            match bytes.get(at + 1) {
                Some(b'"') if at + 1 < most => at += 2,
                _ if self.ends_cell(at + 1, most) => return Ok(at),
                _ => return Err(Some(at)),
            }
        }
        #[cfg(test)]
        {
            self.looked_at += most.saturating_sub(at);
        }
        Err(None)
    }

    /// The row as the standard has it; else the place of the quote that is wrong.
    fn strict(&mut self, start: usize) -> Result<(Row<'s>, usize), Wrong> {
        let mut line = self.end_of_line(start);
        let first = line;
        let (mut at, mut cells, mut quotes) = (start, Vec::new(), Vec::new());
        loop {
            let begin = self.blanks(at, line);
            if begin < line && self.bytes()[begin] == b'"' {
                let most = self.floor(first + LONGEST).max(line);
                let close = self.closing(begin + 1, most);
                let close = close.map_err(|stray| Wrong { open: begin, stray })?;
                cells.push(self.quoted(Span { start: begin + 1, end: close }));
                line = if close > line { self.end_of_line(close) } else { line };
                at = self.blanks(close + 1, line);
            } else {
                let (span, stop) = self.unquoted(at, line);
                let value = &self.source[span.start..span.end];
                let stray = memchr::memchr(b'"', value.as_bytes());
                quotes.extend(stray.map(|n| (Quote::Stray, span.start + n)));
                cells.push(Cell { span, value: value.into() });
                at = stop;
            }
            if at >= line {
                let row = Row { span: Span { start, end: line }, cells, quotes };
                return Ok((row, first));
            }
            at += 1;
        }
    }

    fn floor(&self, at: usize) -> usize {
        self.source.floor_char_boundary(at.min(self.source.len()))
    }

    fn quoted(&self, span: Span) -> Cell<'s> {
        let text = &self.source[span.start..span.end];
        let value = match text.contains("\"\"") {
            true => text.replace("\"\"", "\"").into(),
            false => Cow::Borrowed(text),
        };
        Cell { span, value }
    }

    /// How many cells a line has when quotes mean nothing.
    fn raw_cells(&self, start: usize, end: usize) -> usize {
        memchr::memchr_iter(self.delimiter, &self.bytes()[start..end]).count() + 1
    }

    /// Whether a row over several lines is one: it has as many cells as the others, and none of
    /// the lines that it would swallow is a row by itself.
    fn is_one(&self, row: &Row<'s>, first: usize) -> bool {
        if self.columns == 0 {
            return true;
        }
        let own = self.raw_cells(row.span.start, first);
        let mut at = self.next_line(first);
        let mut alike = false;
        while at < row.span.end {
            let end = self.end_of_line(at);
            let cells = self.raw_cells(at, end);
            alike |= cells == self.columns || (cells == own && row.cells.len() != self.columns);
            at = self.next_line(end);
        }
        let whole = own == self.columns || row.cells.len() != self.columns;
        row.cells.len() <= self.columns && !(alike && whole)
    }

    /// The next row; `None` at the end of the text.
    pub(super) fn next(&mut self) -> Option<Row<'s>> {
        if self.at >= self.source.len() {
            return None;
        }
        let start = self.at;
        let row = match self.strict(start) {
            Ok((row, first)) if row.span.end == first || self.is_one(&row, first) => row,
            Ok((row, first)) => {
                let open = self.open_at_end(&row, first);
                self.patient(start, Wrong { open, stray: None })
            }
            Err(wrong) => self.patient(start, wrong),
        };
        self.at = self.next_line(row.span.end);
        Some(row)
    }

    /// The quote that opens the cell in which the first line of a row ends.
    fn open_at_end(&self, row: &Row<'s>, first: usize) -> usize {
        let over = row.cells.iter().find(|c| c.span.end > first);
        over.map_or(row.span.start, |cell| cell.span.start.saturating_sub(1))
    }

    /// A line of which a quote is wrong, by itself: with its quotes as far as they make as many
    /// cells as there should be, else without.
    fn patient(&mut self, start: usize, wrong: Wrong) -> Row<'s> {
        let end = self.end_of_line(start);
        let (kept, plain) = (self.inner_quotes(start, end), self.without_quotes(start, end));
        let off = |cells: &Vec<Cell<'_>>| cells.len().abs_diff(self.columns);
        let stray = wrong.stray.filter(|at| *at < end);
        let (cells, quote) = match stray {
            Some(at) if off(&kept) < off(&plain) || self.columns == 0 => (kept, (Quote::Stray, at)),
            // As many either way: the quotes part nothing.
            Some(at) if off(&kept) == off(&plain) => (kept, (Quote::Stray, at)),
            _ => (plain, (Quote::Open, wrong.open)),
        };
        Row { span: Span { start, end }, cells, quotes: vec![quote] }
    }

    /// The cells of a line; a quoted cell ends at the first quote behind which a cell can end.
    fn inner_quotes(&self, start: usize, end: usize) -> Vec<Cell<'s>> {
        let (mut at, mut cells) = (start, Vec::new());
        // Behind this place no quote closes anything.
        let mut hopeless = false;
        loop {
            let begin = self.blanks(at, end);
            let quoted = begin < end && self.bytes()[begin] == b'"' && !hopeless;
            let quotes = memchr::memchr_iter(b'"', &self.bytes()[(begin + 1).min(end)..end]);
            let mut quotes = quotes.map(|n| begin + 1 + n);
            let close = quoted.then(|| quotes.find(|at| self.ends_cell(at + 1, end))).flatten();
            match close {
                Some(close) => {
                    cells.push(self.quoted(Span { start: begin + 1, end: close }));
                    at = self.blanks(close + 1, end);
                }
                None => {
                    hopeless |= quoted;
                    let (span, stop) = self.unquoted(at, end);
                    cells.push(self.stripped(span));
                    at = stop;
                }
            }
            if at >= end {
                return cells;
            }
            at += 1;
        }
    }

    fn without_quotes(&self, start: usize, end: usize) -> Vec<Cell<'s>> {
        let (mut at, mut cells) = (start, Vec::new());
        loop {
            let (span, stop) = self.unquoted(at, end);
            cells.push(self.stripped(span));
            if stop >= end {
                return cells;
            }
            at = stop + 1;
        }
    }

    /// A cell without a quote at either end.
    fn stripped(&self, Span { mut start, mut end }: Span) -> Cell<'s> {
        let text = &self.source[start..end];
        start += usize::from(text.starts_with('"'));
        end -= usize::from(text.len() > 1 && text.ends_with('"'));
        self.quoted(Span { start, end: end.max(start) })
    }
}

/// A quote that is wrong: that which opens the cell, and, if something stands behind the one
/// that would close it, that one.
struct Wrong {
    open: usize,
    stray: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, columns: usize) -> Vec<String> {
        let mut rows = Rows::of(text, 0, (b';', columns));
        let mut all = Vec::new();
        while let Some(row) = rows.next() {
            let cells: Vec<&str> = row.cells.iter().map(|c| &*c.value).collect();
            let quotes: String = row.quotes.iter().map(|(q, at)| format!(" {q:?}@{at}")).collect();
            all.push(format!("{}{quotes}", cells.join("|")));
        }
        all
    }

    #[test]
    fn quotes_as_the_standard_has_them_are_no_fault() {
        assert_eq!(rows("a;\"b;c\"; \"d\"\"e\" \r\n;;", 3), ["a|b;c|d\"e", "||"]);
        // A line break in quotes, in the first, a middle and the last column.
        assert_eq!(rows("\"a\nb\";c;d\ne;f;g", 3), ["a\nb|c|d", "e|f|g"]);
        assert_eq!(rows("a;\"b\nc;x\";d\ne;f;g", 3), ["a|b\nc;x|d", "e|f|g"]);
        assert_eq!(rows("a;b;\"c\n\nd\"\ne;f;g", 3), ["a|b|c\n\nd", "e|f|g"]);
    }

    #[test]
    fn a_quote_that_nothing_closes_harms_its_line_alone() {
        assert_eq!(rows("a;\"b;c\nd;e;f\ng;h;i", 3), ["a|b|c Open@2", "d|e|f", "g|h|i"]);
        assert_eq!(rows("\"a;b;c\nd;\"e\";f", 3), ["a|b|c Open@0", "d|e|f"]);
        // The quote that closes it is one of another row.
        assert_eq!(rows("a;\"b;c\nd;e\";f", 3), ["a|b|c Open@2", "d|e\"|f Stray@10"]);
        assert_eq!(rows("\"a;\"b\";\"c\"\n\"d\";\"e\";\"f\"", 3), ["a|b|c Open@0", "d|e|f"]);
    }

    #[test]
    fn a_quote_in_the_middle_is_kept_and_told() {
        assert_eq!(rows("a;O\"NEILL;c", 3), ["a|O\"NEILL|c Stray@3"]);
        assert_eq!(rows("a;\"ANN \"NAN\" MAY\";c", 3), ["a|ANN \"NAN\" MAY|c Stray@7"]);
    }

    #[test]
    fn of_broken_lines_each_is_looked_at_a_few_times_and_no_more() {
        for line in
            ["a;\"b;c\n", "a;\"b\"\"\n", "\"\"\"\n", "a;\"\"b;\"c\n", "\";\"\n;\"", "\"x\n\"\"\n"]
        {
            let text = line.repeat(20_000);
            let mut rows = Rows::of(&text, 0, (b';', 3));
            while rows.next().is_some() {}
            assert!(rows.looked_at <= 4 * text.len(), "{line:?}: {}", rows.looked_at);
        }
    }

    #[test]
    fn every_byte_of_a_cell_stands_at_its_place() {
        let text = "ü;\"é\"; x \n\"1\";2;\"3";
        let mut rows = Rows::of(text, 0, (b';', 3));
        let mut found = Vec::new();
        while let Some(row) = rows.next() {
            found.extend(row.cells.iter().map(|c| text[c.span.start..c.span.end].to_owned()));
        }
        assert_eq!(found, ["ü", "é", "x", "1", "2", "3"]);
    }
}
