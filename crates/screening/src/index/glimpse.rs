//! What most comparisons need of a person and of a word, close together.

use names::{TokenKind, Word};
use travel::{Country, PartialDate, Sex};

use crate::{BirthDate, Entry};

/// What can be told of a person at a glance.
#[derive(Clone, Copy)]
pub(crate) struct Glimpse {
    /// 0 when no date is known; [`Glimpse::SEVERAL`] when several are, or a range.
    year: i16,
    /// 0 when it is not known, as the day is.
    month: u8,
    day: u8,
    sex: Sex,
    nationality: Nationality,
}

/// The nationalities of a person.
#[derive(Clone, Copy)]
pub(crate) enum Nationality {
    Unknown,
    One(Country),
    Several,
}

/// The birth dates of a person.
pub(crate) enum Born {
    Unknown,
    On(PartialDate),
    /// Only the whole of what is known can tell.
    Several,
}

impl Glimpse {
    const SEVERAL: i16 = i16::MAX;

    pub fn of(entry: &Entry) -> Self {
        let (year, month, day) = match *entry.birth_dates {
            [] => (0, 0, 0),
            [BirthDate::On(d)] => (d.year, d.month.unwrap_or(0), d.day.unwrap_or(0)),
            _ => (Self::SEVERAL, 0, 0),
        };
        let nationality = match *entry.nationalities {
            [] => Nationality::Unknown,
            [one] => Nationality::One(one),
            _ => Nationality::Several,
        };
        Self { year, month, day, sex: entry.sex, nationality }
    }

    /// Year, month and day as they are kept.
    pub const fn date(self) -> (i16, u8, u8) {
        (self.year, self.month, self.day)
    }

    pub fn born(self) -> Born {
        let part = |p: u8| (p > 0).then_some(p);
        match self.year {
            0 => Born::Unknown,
            Self::SEVERAL => Born::Several,
            year => Born::On(PartialDate { year, month: part(self.month), day: part(self.day) }),
        }
    }

    pub const fn sex(self) -> Sex {
        self.sex
    }

    pub const fn nationality(self) -> Nationality {
        self.nationality
    }
}

/// What most comparisons need of a word.
#[derive(Clone, Copy)]
pub(crate) struct Brief {
    pub information: f32,
    /// Its first four letters; see [`Word::head`].
    pub head: u32,
    /// Letters, at most 255.
    pub length: u8,
    /// Its last four letters, so too.
    pub tail: u32,
    pub kind: TokenKind,
}

impl Brief {
    pub fn of(word: &Word) -> Self {
        Self {
            information: word.information,
            head: word.head(),
            length: word.text.len().min(255) as u8,
            tail: word.text.bytes().rev().take(4).fold(0, |t, b| (t << 8) | u32::from(b)),
            kind: word.kind,
        }
    }

    /// Its first letter.
    pub const fn first(self) -> u8 {
        let after = if self.length < 4 { self.length.saturating_sub(1) } else { 3 };
        (self.head >> (8 * after as u32)) as u8
    }
}
