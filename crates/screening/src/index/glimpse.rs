//! What most comparisons need of a person and of a word, close together.

use names::{Sketch, TokenKind, Word};
use travel::{Country, PartialDate, Sex};

use crate::Entry;

/// What can be told at a glance of who sits on a seat: eight bytes, for it is looked at of
/// thousands of seats for each traveller, and those of a few years should fit in a fast cache.
#[derive(Clone, Copy)]
pub(crate) struct Glimpse {
    /// 0 where no date, or more than one, is known.
    year: i16,
    /// 0 when it is not known, as the day is.
    month: u8,
    day: u8,
    nationality: Nationality,
    born: Kind,
    sex: Sex,
}

/// The nationalities of a person: one of them, five bits a letter, or [`UNKNOWN`](Self::UNKNOWN),
/// or [`SEVERAL`](Self::SEVERAL).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Nationality(u16);

impl Nationality {
    pub const UNKNOWN: Self = Self(0);
    pub const SEVERAL: Self = Self(u16::MAX);

    pub fn one(country: Country) -> Self {
        let letters = country.code().bytes();
        Self(letters.fold(0, |all, letter| all << 5 | u16::from(letter & 31)))
    }

    pub fn of(all: &[Country]) -> Self {
        match *all {
            [] => Self::UNKNOWN,
            [one] => Self::one(one),
            _ => Self::SEVERAL,
        }
    }
}

/// What is known of a birth date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Unknown,
    /// A range, or many dates.
    Open,
    On,
}

/// The birth date of a seat.
pub(crate) enum Born {
    Unknown,
    On(PartialDate),
    /// Only the whole of what is known can tell.
    Open,
}

impl Glimpse {
    /// Of an entry with this date.
    pub fn on(entry: &Entry, date: PartialDate) -> Self {
        let (month, day) = (date.month.unwrap_or(0), date.day.unwrap_or(0));
        Self { born: Kind::On, year: date.year, month, day, ..Self::open(entry) }
    }

    /// Of an entry without a date, or with a range.
    pub fn open(entry: &Entry) -> Self {
        let nationality = Nationality::of(&entry.nationalities);
        let born = if entry.birth_dates.is_empty() { Kind::Unknown } else { Kind::Open };
        Self { born, year: 0, month: 0, day: 0, sex: entry.sex, nationality }
    }

    /// By which seats are in order: those without a date first, then by date.
    pub fn order(self) -> impl Ord + use<> {
        (self.born, self.year, self.month, self.day)
    }

    pub fn is_dated(self) -> bool {
        self.born == Kind::On
    }

    /// Year, month and day as they are kept.
    pub const fn date(self) -> (i16, u8, u8) {
        (self.year, self.month, self.day)
    }

    pub fn born(self) -> Born {
        let part = |p: u8| (p > 0).then_some(p);
        match self.born {
            Kind::Unknown => Born::Unknown,
            Kind::Open => Born::Open,
            Kind::On => Born::On(PartialDate {
                year: self.year,
                month: part(self.month),
                day: part(self.day),
            }),
        }
    }

    pub const fn sex(self) -> Sex {
        self.sex
    }

    pub const fn nationality(self) -> Nationality {
        self.nationality
    }
}

/// What most comparisons need of a word; it never lies across two lines of a cache.
#[derive(Clone, Copy)]
#[repr(align(32))]
pub(crate) struct Brief {
    pub information: f32,
    pub sketch: Sketch,
    /// Its last four letters, as [`Word::head`] has its first.
    pub tail: u32,
    pub kind: TokenKind,
}

impl Brief {
    pub fn of(word: &Word) -> Self {
        Self {
            information: word.information,
            sketch: word.sketch(),
            tail: word.text.bytes().rev().take(4).fold(0, |t, b| (t << 8) | u32::from(b)),
            kind: word.kind,
        }
    }

    /// Its first four letters; see [`Word::head`].
    pub const fn head(&self) -> u32 {
        self.sketch.head
    }

    /// Letters, at most 255.
    pub const fn length(&self) -> u8 {
        self.sketch.length
    }

    /// Its first letter.
    pub const fn first(&self) -> u8 {
        let length = self.length();
        let after = if length < 4 { length.saturating_sub(1) } else { 3 };
        (self.head() >> (8 * after as u32)) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glimpse_is_of_eight_bytes_and_tells_countries_apart() {
        assert_eq!(size_of::<Glimpse>(), 8);
        let one = |code| Nationality::one(Country::new(code));
        let all = [one("AAA"), one("AAB"), one("BAA"), one("ZZZ"), Nationality::UNKNOWN];
        for (i, a) in all.iter().enumerate() {
            assert!(*a != Nationality::SEVERAL && !all[i + 1..].contains(a));
        }
    }
}
