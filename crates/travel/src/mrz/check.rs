//! Check digits, and the document number, which may have its own far behind it.

use super::fault::{FaultKind, Field};
use super::layout::Span;
use super::read::Reader;
use super::{checked, value};

impl Reader {
    /// The number, and the optional data that are left when it has taken its share.
    pub(super) fn number(&mut self) -> (String, String) {
        let l = self.layout;
        let digit = behind(l.number);
        if self.raw(l.number).all(|c| c == '<') {
            self.fault(FaultKind::Missing, Field::Number, l.number, "a number");
        } else if self.raw(l.number).next() == Some('<') {
            let first = Span { width: 1, ..l.number };
            self.fault(FaultKind::Class, Field::Number, first, "a letter or digit");
        } else if l.overflows && self.raw(digit).next() == Some('<') {
            // The rest, its check digit, and a filler.
            let run = self.raw(l.optional).take_while(|c| *c != '<').count();
            let last =
                Span { start: l.optional.start + run.saturating_sub(1), width: 1, ..l.optional };
            let ends = run < l.optional.width;
            if ends && run > 1 && self.raw(last).all(|c| c.is_ascii_digit()) {
                let rest = Span { width: run - 1, ..l.optional };
                if !self.check_digit(&[l.number, rest], last, Field::Number) {
                    self.lookalikes(&[l.number, rest], last, Field::Number);
                }
                let number: String = self.raw(l.number).chain(self.raw(rest)).collect();
                let start = (rest.end() + 2).min(l.optional.end());
                let left = Span { start, width: l.optional.end() - start, ..l.optional };
                return (number.replace('<', " "), self.text(left));
            }
        }
        if !self.check_digit(&[l.number], digit, Field::Number) {
            self.lookalikes(&[l.number], digit, Field::Number);
        }
        (self.text(l.number), self.text(l.optional))
    }

    /// Whether the digit fits what it covers; a fault if not. Characters that count
    /// nothing are faults already.
    pub(super) fn check_digit(&mut self, covered: &[Span], digit: Span, field: Field) -> bool {
        let Some(expected) = checked(covered.iter().flat_map(|s| self.raw(*s))) else {
            return true;
        };
        let found = self.raw(digit).next().unwrap_or('<');
        // A personal number that is not there may have a filler for a check digit.
        let nothing = field == Field::Optional && expected == 0 && found == '<';
        let empty = nothing && covered.iter().flat_map(|s| self.raw(*s)).all(|c| c == '<');
        let fits = found.is_ascii_digit() && value(found) == Some(expected);
        if fits || empty || value(found).is_none() {
            return true;
        }
        self.fault(FaultKind::CheckDigit, field, digit, &expected.to_string());
        false
    }

    /// Characters of which one, read as what it looks like, would make the digit fit.
    pub(super) fn lookalikes(&mut self, covered: &[Span], digit: Span, field: Field) {
        let Some(wanted) = self.raw(digit).next().filter(char::is_ascii_digit) else { return };
        for span in covered {
            for start in span.start..span.end() {
                let at = Span { line: span.line, start, width: 1 };
                let was = self.cells[at.line][start];
                // Only those that are taken for each other both ways.
                let Some(other) = digit_like(was).or(letter_like(was)) else { continue };
                if digit_like(other).or(letter_like(other)) != Some(was) {
                    continue;
                }
                self.cells[at.line][start] = other;
                let fits = checked(covered.iter().flat_map(|s| self.raw(*s))) == value(wanted);
                self.cells[at.line][start] = was;
                if fits {
                    self.fault(FaultKind::Lookalike, field, at, &other.to_string());
                }
            }
        }
    }
}

/// The place of the check digit behind a field.
pub(super) fn behind(field: Span) -> Span {
    Span { line: field.line, start: field.end(), width: 1 }
}

/// The digit that a letter is taken for.
pub(super) fn digit_like(c: char) -> Option<char> {
    Some(match c {
        'O' | 'Q' | 'D' => '0',
        'I' | 'L' => '1',
        'Z' => '2',
        'S' => '5',
        'G' => '6',
        'B' => '8',
        _ => return None,
    })
}

/// The letter that a digit is taken for.
pub(super) fn letter_like(c: char) -> Option<char> {
    Some(match c {
        '0' => 'O',
        '1' => 'I',
        '2' => 'Z',
        '5' => 'S',
        '6' => 'G',
        '8' => 'B',
        _ => return None,
    })
}
