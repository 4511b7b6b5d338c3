//! Dates of which only a part may be known, as watchlists and documents have them.

use std::fmt;

use jiff::civil::Date;
use minicbor::{Decode, Encode};

/// A date of which month, or day, may be unknown.
///
/// ```
/// use travel::PartialDate;
/// assert_eq!(PartialDate::parse("1988-04-02").unwrap().to_string(), "1988-04-02");
/// assert_eq!(PartialDate::parse("1988").unwrap().to_string(), "1988");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct PartialDate {
    /// Year of the Common Era.
    #[n(0)]
    pub year: i16,
    /// 1 to 12; `None` when unknown.
    #[n(1)]
    pub month: Option<u8>,
    /// 1 to 31; `None` when unknown. Never known without the month.
    #[n(2)]
    pub day: Option<u8>,
}

impl PartialDate {
    /// A whole date, when the three parts make one.
    pub fn ymd(year: i16, month: u8, day: u8) -> Option<Self> {
        // What every month has, in a year that is one, needs no calendar.
        let common = (1..=9999).contains(&year) & (1..=12).contains(&month);
        if !(common & (1..=28).contains(&day)) {
            Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        }
        Some(Self { year, month: Some(month), day: Some(day) })
    }

    /// Only the year is known.
    pub const fn year(year: i16) -> Self {
        Self { year, month: None, day: None }
    }

    /// Reads `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, '-');
        let year = parts.next().filter(|y| y.len() == 4)?.parse().ok()?;
        let number = |s: &str| s.parse::<u8>().ok();
        match (parts.next(), parts.next()) {
            (None, _) => Some(Self::year(year)),
            (Some(m), None) => {
                let month = number(m).filter(|m| (1..=12).contains(m))?;
                Some(Self { year, month: Some(month), day: None })
            }
            (Some(m), Some(d)) => Self::ymd(year, number(m)?, number(d)?),
        }
    }

    /// The calendar date, when all of it is known.
    pub fn whole(self) -> Option<Date> {
        Date::new(self.year, self.month? as i8, self.day? as i8).ok()
    }
}

impl From<Date> for PartialDate {
    fn from(d: Date) -> Self {
        Self { year: d.year(), month: Some(d.month() as u8), day: Some(d.day() as u8) }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(m) = self.month {
            write!(f, "-{m:02}")?;
            if let Some(d) = self.day {
                write!(f, "-{d:02}")?;
            }
        }
        Ok(())
    }
}

/// A birth date names a person's secret as much as a name does: the debug form
/// shows only how much of it is known.
impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.month, self.day) {
            (None, _) => "PartialDate(year)",
            (_, None) => "PartialDate(month)",
            _ => "PartialDate(day)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_date_is_one_of_the_calendar() {
        for year in [-9999, -1, 0, 1, 1899, 1900, 2000, 2026, 9999, 10_000] {
            for (month, day) in (0..=13).flat_map(|m| (0..=33).map(move |d| (m, d))) {
                let known = Date::new(year, month as i8, day as i8).is_ok();
                assert_eq!(PartialDate::ymd(year, month, day).is_some(), known);
            }
        }
        assert!(
            PartialDate::ymd(2026, 255, 1).is_none() && PartialDate::ymd(2026, 1, 255).is_none()
        );
    }
}
