//! Graded evidence of birth dates: never a cliff.

use travel::PartialDate;

use crate::{BirthDate, weights::Weights};

/// How a traveller's date stands to a listed one.
pub(crate) fn compare(ours: PartialDate, theirs: BirthDate, w: &Weights) -> (f32, &'static str) {
    match theirs {
        BirthDate::Between(from, to) if (from..=to).contains(&ours.year) => {
            (w.born_about, "within the range")
        }
        BirthDate::Between(..) => (w.born_apart, "outside the range"),
        BirthDate::About(date) => match ours.year.abs_diff(date.year) {
            0 => (w.born_year, "about the same"),
            1 | 2 => (w.born_about, "about the same"),
            3..=5 => (-1.0, "some years apart"),
            _ => (w.born_apart, "apart"),
        },
        BirthDate::On(date) => exact(ours, date, w),
    }
}

fn exact(a: PartialDate, b: PartialDate, w: &Weights) -> (f32, &'static str) {
    let known = |d: PartialDate| Some((d.month?, d.day?));
    let years = a.year.abs_diff(b.year);
    let (Some(x), Some(y)) = (known(a), known(b)) else {
        return match years {
            0 => (w.born_year, "same year, the rest is not known"),
            1 => (w.born_year_near, "one year off, the rest is not known"),
            _ => (w.born_apart, "apart"),
        };
    };
    let placeholder = |d| d == (1, 1);
    let swapped = x.0 == y.1 && x.1 == y.0;
    match (years, x == y) {
        (0, true) if placeholder(x) => {
            (w.born_same_january, "same, but 1 January is often a placeholder")
        }
        (0, true) => (w.born_same, "same"),
        (0, false) if swapped => (w.born_swapped, "day and month swapped"),
        (0, false) if placeholder(x) || placeholder(y) => {
            (w.born_year, "same year, one says 1 January")
        }
        (1, true) if !placeholder(x) => (w.born_year_off, "same day, the year is one off"),
        _ if parts_apart(a, b) == 1 && digits(a, b) == 1 => (w.born_one_digit, "one digit differs"),
        (2..=10, true) if !placeholder(x) => (w.born_anniversary, "same day, some years apart"),
        _ if days_apart(a, b) <= 2 => (w.born_days_off, "a day or two apart"),
        (0, false) => (w.born_same_year, "same year, another day"),
        (1, _) if placeholder(x) || placeholder(y) => (w.born_year_near, "one year off"),
        (1, _) => (w.born_near_year, "a year apart"),
        _ => (w.born_apart, "apart"),
    }
}

/// How many of year, month and day differ.
fn parts_apart(a: PartialDate, b: PartialDate) -> u32 {
    u32::from(a.year != b.year) + u32::from(a.month != b.month) + u32::from(a.day != b.day)
}

/// How many digits differ, of eight.
fn digits(a: PartialDate, b: PartialDate) -> u32 {
    let of = |mut x: u32, mut y: u32, places: u32| {
        let mut n = 0;
        for _ in 0..places {
            n += u32::from(x % 10 != y % 10);
            (x, y) = (x / 10, y / 10);
        }
        n
    };
    let part = |p: Option<u8>| u32::from(p.unwrap_or(0));
    of(u32::from(a.year.unsigned_abs()), u32::from(b.year.unsigned_abs()), 4)
        + of(part(a.month), part(b.month), 2)
        + of(part(a.day), part(b.day), 2)
}

/// Whether the same day and month of two years that are further apart than one can be more
/// than [`compare`] says of any two dates.
pub(crate) fn years_may_agree(a: i16, b: i16) -> bool {
    let year = |year| PartialDate { year, month: None, day: None };
    a.abs_diff(b) <= 10 || digits(year(a), year(b)) == 1
}

/// How many days are between two dates; more than a month is far enough to say no more.
fn days_apart(a: PartialDate, b: PartialDate) -> u32 {
    let months = |d: PartialDate| i32::from(d.year) * 12 + i32::from(d.month.unwrap_or(0));
    if months(a).abs_diff(months(b)) > 1 {
        return u32::MAX;
    }
    let date = |d: PartialDate| {
        let (month, day) = (d.month? as i8, d.day? as i8);
        jiff::civil::Date::new(d.year, month, day).ok()
    };
    match (date(a), date(b)) {
        (Some(a), Some(b)) => a.duration_until(b).as_hours().unsigned_abs() as u32 / 24,
        _ => u32::MAX,
    }
}

/// The best of an entry's dates; `None` where it has none.
pub(crate) fn best(
    ours: PartialDate,
    theirs: &[BirthDate],
    w: &Weights,
) -> Option<(usize, f32, &'static str)> {
    let grade = |(i, d): (usize, &BirthDate)| {
        let (nats, relation) = compare(ours, *d, w);
        (i, nats, relation)
    };
    theirs.iter().enumerate().map(grade).reduce(|a, b| if b.1 > a.1 { b } else { a })
}
