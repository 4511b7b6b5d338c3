//! Reading a zone: the layout is told by the shape of the lines, then every field is read
//! where the layout has it, whatever is wrong with the others.

use jiff::civil::Date;

use super::check::{behind, digit_like, letter_like};
use super::fault::{Fault, FaultKind, Field};
use super::layout::{Format, Layout, Span};
use super::{Zone, value};
use crate::{Country, PartialDate, Sex, is_country_code};

/// Reads a zone: its lines, or all of it in one line. Blank lines and blanks at the ends
/// of lines do not count.
///
/// `today` settles the century: nobody is born after it, and a document expires in the
/// year nearest to it. `None` comes with a fault that says why no layout fits.
///
/// ```
/// use travel::mrz::{read, FaultKind};
/// let text = "I<UTOD23145890O<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
/// let (zone, faults) = read(text, jiff::civil::date(2026, 3, 1));
/// assert_eq!(zone.unwrap().number, "D23145890");
/// assert_eq!(faults[0].kind, FaultKind::CheckDigit);
/// assert_eq!((faults[0].line, faults[0].column, faults[0].expected.as_str()), (1, 15, "7"));
/// ```
pub fn read(text: &str, today: Date) -> (Option<Zone>, Vec<Fault>) {
    let lines = lines(text);
    let Some(format) = format_of(&lines) else {
        return (None, vec![no_shape(&lines)]);
    };
    let mut reader = Reader { layout: format.layout(), cells: Vec::new(), faults: Vec::new() };
    for (number, line) in lines.iter().enumerate() {
        reader.take_line(number, line);
    }
    let zone = reader.zone(format, today);
    reader.faults.sort_by_key(|f| (f.line, f.column));
    (Some(zone), reader.faults)
}

/// The lines that are not blank; one line that holds a whole zone is cut into its own.
fn lines(text: &str) -> Vec<Vec<char>> {
    let lines: Vec<Vec<char>> = text
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .map(|l| l.chars().collect())
        .collect();
    if let [only] = lines.as_slice() {
        let width = match only.len() {
            90 => 30,
            88 => 44,
            72 => 36,
            _ => return lines,
        };
        return only.chunks(width).map(<[char]>::to_vec).collect();
    }
    lines
}

/// The layout whose number of lines it is, and whose width is nearest to the longest.
fn format_of(lines: &[Vec<char>]) -> Option<Format> {
    let longest = lines.iter().map(Vec::len).max()?;
    let visa = lines.first().and_then(|l| l.first()) == Some(&'V');
    match (lines.len(), longest, visa) {
        (3, 25..=35, _) => Some(Format::Td1),
        (2, 31..=39, false) => Some(Format::Td2),
        (2, 31..=39, true) => Some(Format::MrvB),
        (2, 40..=50, false) => Some(Format::Td3),
        (2, 40..=50, true) => Some(Format::MrvA),
        _ => None,
    }
}

fn no_shape(lines: &[Vec<char>]) -> Fault {
    let lengths: Vec<String> = lines.iter().take(4).map(|l| l.len().to_string()).collect();
    let found = match lengths.as_slice() {
        [] => "nothing".to_owned(),
        _ if lines.len() > 4 => format!("{} lines", lines.len()),
        lengths => format!("lines of {}", lengths.join(", ")),
    };
    Fault {
        kind: FaultKind::Shape,
        field: Field::Lines,
        line: 1,
        column: 1,
        width: lines.first().map_or(0, Vec::len),
        found,
        expected: "3 lines of 30, or 2 of 36 or 44".into(),
    }
}

pub(super) struct Reader {
    pub(super) layout: &'static Layout,
    /// The characters by line and column, as many as the layout has.
    pub(super) cells: Vec<Vec<char>>,
    faults: Vec<Fault>,
}

impl Reader {
    pub(super) fn fault(&mut self, kind: FaultKind, field: Field, at: Span, expected: &str) {
        let found: String = self.raw(at).collect();
        self.faults.push(Fault {
            kind,
            field,
            line: at.line + 1,
            column: at.start + 1,
            width: at.width,
            found,
            expected: expected.into(),
        });
    }

    pub(super) fn raw(&self, at: Span) -> impl Iterator<Item = char> + '_ {
        let line = self.cells.get(at.line).map_or(&[][..], Vec::as_slice);
        line.iter().copied().skip(at.start).take(at.width)
    }

    /// What stands there: fillers at the end left out, those within as blanks.
    pub(super) fn text(&self, at: Span) -> String {
        let text: String = self.raw(at).collect();
        text.trim_end_matches('<').replace('<', " ")
    }

    fn take_line(&mut self, number: usize, line: &[char]) {
        let width = self.layout.width;
        let mut cells = line.to_vec();
        cells.resize(width, '<');
        self.cells.push(cells);
        if line.len() != width {
            self.faults.push(Fault {
                kind: FaultKind::Length,
                field: Field::Lines,
                line: number + 1,
                column: line.len().min(width) + 1,
                width: line.len().abs_diff(width),
                found: line.len().to_string(),
                expected: width.to_string(),
            });
        }
        let mut start = 0;
        while start < width {
            let field = self.field_at(number, start);
            let foreign = (start..width).take_while(|i| {
                value(self.cells[number][*i]).is_none() && self.field_at(number, *i) == field
            });
            let run = foreign.count();
            if run > 0 {
                let at = Span { line: number, start, width: run };
                let found: String = self.raw(at).collect();
                let lower = found.bytes().all(|b| b.is_ascii_lowercase());
                let upper = found.to_ascii_uppercase();
                let expected = if lower { &upper } else { "A to Z, 0 to 9 or <" };
                self.fault(FaultKind::Character, field, at, expected);
            }
            start += run.max(1);
        }
    }

    /// Which field stands there, or is checked there.
    fn field_at(&self, line: usize, column: usize) -> Field {
        let l = self.layout;
        let fields = [
            (Field::Code, l.code, 0),
            (Field::Issuer, l.issuer, 0),
            (Field::Number, l.number, 1),
            (Field::Nationality, l.nationality, 0),
            (Field::Birth, l.birth, 1),
            (Field::Sex, l.sex, 0),
            (Field::Expiry, l.expiry, 1),
            (Field::Optional, l.optional, usize::from(l.optional_checked)),
            (Field::Name, l.name, 0),
        ];
        let at =
            |s: &Span, more: usize| s.line == line && (s.start..s.end() + more).contains(&column);
        let second = l.optional_2.filter(|s| at(s, 0)).map(|_| Field::Optional2);
        let found = fields.iter().find(|(_, s, more)| at(s, *more)).map(|f| f.0);
        found.or(second).unwrap_or(Field::Composite)
    }

    fn zone(&mut self, format: Format, today: Date) -> Zone {
        let l = self.layout;
        self.letters(l.code, Field::Code);
        let code = self.text(l.code);
        if !code.starts_with(|c| l.codes.contains(c)) {
            let expected: Vec<String> = l.codes.chars().map(String::from).collect();
            self.fault(FaultKind::DocumentCode, Field::Code, l.code, &expected.join(" or "));
        }
        let (number, optional) = self.number();
        let (surname, given, truncated) = self.name();
        let zone = Zone {
            format,
            code,
            issuer: self.country(l.issuer, Field::Issuer),
            number,
            nationality: self.country(l.nationality, Field::Nationality),
            birth_date: self.date(l.birth, Field::Birth, today),
            sex: self.sex(),
            expires: self.date(l.expiry, Field::Expiry, today),
            surname,
            given,
            truncated,
            optional,
            optional_2: l.optional_2.map(|at| self.text(at)).unwrap_or_default(),
        };
        self.check_digit(&[l.birth], behind(l.birth), Field::Birth);
        self.check_digit(&[l.expiry], behind(l.expiry), Field::Expiry);
        if l.optional_checked
            && !self.check_digit(&[l.optional], behind(l.optional), Field::Optional)
        {
            self.lookalikes(&[l.optional], behind(l.optional), Field::Optional);
        }
        if !l.composite.is_empty() {
            let at = Span { line: 1, start: l.width - 1, width: 1 };
            self.check_digit(l.composite, at, Field::Composite);
        }
        zone
    }

    /// Digits where only letters and fillers stand.
    fn letters(&mut self, at: Span, field: Field) -> bool {
        let wrong = |c: char| c.is_ascii_digit();
        self.each(at, field, wrong, letter_like, "a letter")
    }

    fn each(
        &mut self,
        at: Span,
        field: Field,
        wrong: impl Fn(char) -> bool,
        like: impl Fn(char) -> Option<char>,
        expected: &str,
    ) -> bool {
        let bad: Vec<(usize, char)> = self.raw(at).enumerate().filter(|(_, c)| wrong(*c)).collect();
        for (i, c) in &bad {
            let place = Span { line: at.line, start: at.start + i, width: 1 };
            match like(*c) {
                Some(other) => {
                    self.fault(FaultKind::Lookalike, field, place, &other.to_string());
                }
                None => self.fault(FaultKind::Class, field, place, expected),
            }
        }
        bad.is_empty()
    }

    fn country(&mut self, at: Span, field: Field) -> Option<Country> {
        let raw: String = self.raw(at).collect();
        let code = raw.trim_end_matches('<');
        if code.is_empty() {
            self.fault(FaultKind::Missing, field, at, "a state's code");
            return None;
        }
        if !self.letters(at, field) || raw.chars().any(|c| value(c).is_none()) {
            return None;
        }
        let country = (code.len() == 3 || code == "D").then(|| Country::parse(code)).flatten();
        match country {
            Some(_) if code == "DEU" => self.fault(FaultKind::Country, field, at, "D<<"),
            Some(known) if is_country_code(known) => {}
            _ => self.fault(FaultKind::Country, field, at, ""),
        }
        country
    }

    fn sex(&mut self) -> Sex {
        let at = self.layout.sex;
        let (sex, right) = match self.raw(at).next() {
            Some('M') => (Sex::Male, true),
            Some('F') => (Sex::Female, true),
            Some('<') => (Sex::Unspecified, true),
            Some('X') => (Sex::Unspecified, false),
            _ => (Sex::Unknown, false),
        };
        if !right && self.raw(at).all(|c| value(c).is_some()) {
            self.fault(FaultKind::Class, Field::Sex, at, "M, F or <");
        }
        sex
    }

    /// `YYMMDD`; fillers stand for what is not known.
    fn date(&mut self, at: Span, field: Field, today: Date) -> Option<PartialDate> {
        let wrong = |c: char| c.is_ascii_uppercase();
        if !self.each(at, field, wrong, digit_like, "a digit")
            || self.raw(at).any(|c| value(c).is_none())
        {
            return None;
        }
        let cells: Vec<char> = self.raw(at).collect();
        if cells.iter().all(|c| *c == '<') {
            return None;
        }
        let two = |i: usize| match (cells[i], cells[i + 1]) {
            ('<', '<') => Some(None),
            (a, b) => Some(Some(a.to_digit(10)? * 10 + b.to_digit(10)?)),
        };
        let parts = (two(0), two(2), two(4));
        let date = match parts {
            (Some(Some(yy)), Some(month), Some(day)) => partial(yy, month, day, field, today),
            _ => None,
        };
        let zeros = matches!(parts, (_, Some(Some(0)), _) | (_, _, Some(Some(0))));
        let gap = matches!(parts, (_, Some(None), Some(Some(_))));
        if date.is_none() || zeros || gap {
            self.fault(FaultKind::Date, field, at, "YYMMDD, < for what is not known");
        }
        date
    }

    fn name(&mut self) -> (String, String, bool) {
        let at = self.layout.name;
        self.letters(at, Field::Name);
        let raw: String = self.raw(at).collect();
        let name = raw.trim_end_matches('<');
        let truncated = name.len() == raw.len();
        let (surname, given) = name.split_once("<<").unwrap_or((name, ""));
        if name.is_empty() {
            self.fault(FaultKind::Missing, Field::Name, at, "a name");
        } else if name.starts_with('<') {
            let first = Span { width: 1, ..at };
            self.fault(FaultKind::NameForm, Field::Name, first, "a letter");
        } else if let Some(i) = given.find("<<").or_else(|| given.starts_with('<').then_some(0)) {
            let before = (surname.chars().count() + 2) + given[..i].chars().count();
            let start = at.start + before;
            let again = Span { line: at.line, start, width: 1 };
            self.fault(FaultKind::NameForm, Field::Name, again, "one << between the names");
        }
        let plain =
            |part: &str| part.split('<').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        (plain(surname), plain(given), truncated)
    }
}

/// The date, in the century that the field means; as much of it as is known.
fn partial(
    yy: u32,
    month: Option<u32>,
    day: Option<u32>,
    field: Field,
    today: Date,
) -> Option<PartialDate> {
    let month = month.filter(|m| *m != 0).map(|m| m as u8);
    let day = day.filter(|d| *d != 0).map(|d| d as u8);
    let century = today.year() - today.year().rem_euclid(100);
    let year = century + yy as i16;
    let now = (today.year(), Some(today.month() as u8), Some(today.day() as u8));
    let year = match field {
        Field::Birth if (year, month, day) > now => year - 100,
        Field::Birth => year,
        _ if year - today.year() > 50 => year - 100,
        _ if year - today.year() < -49 => year + 100,
        _ => year,
    };
    match (month, day) {
        (None, _) => Some(PartialDate::year(year)),
        (Some(1..=12), None) => Some(PartialDate { year, month, day: None }),
        (Some(m), Some(d)) => PartialDate::ymd(year, m, d),
        _ => None,
    }
}
