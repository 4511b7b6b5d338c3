//! Writing a zone: every field to its place, then the check digits.

use super::fault::Field;
use super::layout::{Layout, Span};
use super::{Zone, checked, name};
use crate::{Country, PartialDate, Sex};

/// Why a zone cannot be written: a field has no room, or a character that no zone has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the {} {why}", field.name())]
pub struct Unwritable {
    /// Which field.
    pub field: Field,
    /// What is the matter with it.
    pub why: &'static str,
}

/// The lines of a zone, joined by line feeds, with all check digits.
///
/// Names are cut to their field (39, 31 or 30 letters); nothing else is. An unknown date
/// and an unknown part of one are fillers, and so is a sex that is not said.
///
/// # Errors
/// A field is missing, too long for its place, or has a character other than a letter of
/// A to Z, a digit where digits may stand, or a blank: names are transliterated first.
pub fn write(zone: &Zone) -> Result<String, Unwritable> {
    let layout = zone.format.layout();
    let mut w = Writer { layout, long: false, cells: vec![vec!['<'; layout.width]; layout.lines] };
    w.code(&zone.code)?;
    w.country(layout.issuer, zone.issuer, Field::Issuer)?;
    w.country(layout.nationality, zone.nationality, Field::Nationality)?;
    w.number(&zone.number, &zone.optional)?;
    w.date(layout.birth, zone.birth_date);
    w.date(layout.expiry, zone.expires);
    let sex = match zone.sex {
        Sex::Male => "M",
        Sex::Female => "F",
        Sex::Unknown | Sex::Unspecified => "<",
    };
    w.put(layout.sex, sex);
    match layout.optional_2 {
        Some(at) => w.text(at, &zone.optional_2, Field::Optional2)?,
        None if zone.optional_2.is_empty() => {}
        None => return Err(refused(Field::Optional2, "has no place in this layout")),
    }
    let name = name::field(&zone.surname, &zone.given, layout.name.width)
        .ok_or(refused(Field::Name, "has no surname, or a letter beyond A to Z"))?;
    w.put(layout.name, &name);
    w.check_digits();
    let lines: Vec<String> = w.cells.iter().map(|l| l.iter().collect()).collect();
    Ok(lines.join("\n"))
}

fn refused(field: Field, why: &'static str) -> Unwritable {
    Unwritable { field, why }
}

struct Writer {
    layout: &'static Layout,
    /// Whether the number goes on in the optional data.
    long: bool,
    cells: Vec<Vec<char>>,
}

impl Writer {
    fn put(&mut self, at: Span, text: &str) {
        for (cell, c) in self.cells[at.line][at.start..at.end()].iter_mut().zip(text.chars()) {
            *cell = c;
        }
    }

    /// Letters, digits, and blanks as fillers.
    fn text(&mut self, at: Span, text: &str, field: Field) -> Result<(), Unwritable> {
        let text = plain(text, field)?;
        if text.len() > at.width {
            return Err(refused(field, "is too long"));
        }
        self.put(at, &text);
        Ok(())
    }

    fn code(&mut self, code: &str) -> Result<(), Unwritable> {
        let known = code.starts_with(|c| self.layout.codes.contains(c));
        if !known || !code.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(refused(Field::Code, "is none of this layout"));
        }
        self.text(self.layout.code, code, Field::Code)
    }

    /// Germany has one letter.
    fn country(
        &mut self,
        at: Span,
        country: Option<Country>,
        field: Field,
    ) -> Result<(), Unwritable> {
        let country = country.ok_or(refused(field, "is missing"))?;
        let code = if country.code() == "DEU" { "D" } else { country.code() };
        self.put(at, code);
        Ok(())
    }

    fn number(&mut self, number: &str, optional: &str) -> Result<(), Unwritable> {
        let l = self.layout;
        let number = plain(number, Field::Number)?;
        if number.is_empty() || number.starts_with('<') {
            return Err(refused(Field::Number, "is missing"));
        }
        if number.len() <= l.number.width {
            self.put(l.number, &number);
            return self.text(l.optional, optional, Field::Optional);
        }
        let (head, rest) = number.split_at(l.number.width);
        if !l.overflows || rest.len() + 2 > l.optional.width {
            return Err(refused(Field::Number, "is too long"));
        }
        if rest.contains('<') {
            return Err(refused(Field::Number, "has a blank behind its ninth character"));
        }
        let digit = checked(number.chars()).unwrap_or_default();
        let left = format!("{rest}{digit}<{}", plain(optional, Field::Optional)?);
        if left.len() > l.optional.width {
            return Err(refused(Field::Optional, "is too long beside this number"));
        }
        self.long = true;
        self.put(l.number, head);
        self.put(l.optional, &left);
        Ok(())
    }

    fn date(&mut self, at: Span, date: Option<PartialDate>) {
        let Some(date) = date else { return };
        let two = |n: Option<u8>| n.map_or("<<".into(), |n| format!("{n:02}"));
        let yy = date.year.rem_euclid(100);
        self.put(at, &format!("{yy:02}{}{}", two(date.month), two(date.day)));
    }

    fn check_digits(&mut self) {
        let l = self.layout;
        // A long number has its digit in the optional data, and a filler here.
        let number = (!self.long).then_some(l.number);
        let optional = l.optional_checked.then_some(l.optional);
        for covered in [number, Some(l.birth), Some(l.expiry), optional].into_iter().flatten() {
            self.check_digit(
                &[covered],
                Span { line: covered.line, start: covered.end(), width: 1 },
            );
        }
        if !l.composite.is_empty() {
            self.check_digit(l.composite, Span { line: 1, start: l.width - 1, width: 1 });
        }
    }

    fn check_digit(&mut self, covered: &[Span], at: Span) {
        let cells = covered.iter().flat_map(|s| &self.cells[s.line][s.start..s.end()]);
        let digit = checked(cells.copied()).unwrap_or_default();
        self.put(at, &digit.to_string());
    }
}

/// The zone's letters: case folded, a blank or hyphen is a filler; none at the end.
fn plain(text: &str, field: Field) -> Result<String, Unwritable> {
    let cells: Option<String> = text
        .trim_end()
        .chars()
        .map(|c| match c.to_ascii_uppercase() {
            c @ ('A'..='Z' | '0'..='9') => Some(c),
            ' ' | '-' => Some('<'),
            _ => None,
        })
        .collect();
    cells.ok_or(refused(field, "has a character that no zone has"))
}
