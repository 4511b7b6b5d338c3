//! Kinds of damage that no rule of the matcher was tuned on, made from listed persons:
//! dates kept in the Hijri calendar, letters misread by a scanner, Vietnamese order,
//! Cyrillic by the table of ICAO Doc 9303 where the list has another.

use screening::{BirthDate, Entry};
use testkit::Rng;
use travel::{PartialDate, Traveller};

/// A kind of damage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unseen {
    /// The birth date was kept in the Hijri calendar and turned back by another table: a
    /// day or two off.
    HijriDays,
    /// Only the Hijri year was known: a Gregorian date somewhere in it.
    HijriYear,
    /// A scanner read a letter as another.
    Ocr,
    /// Family, middle, given, in the surname's field; or the given name alone in its own.
    VietnameseOrder,
    /// By Doc 9303's table for Cyrillic.
    IcaoCyrillic,
}

impl Unseen {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::HijriDays, Self::HijriYear, Self::Ocr, Self::VietnameseOrder, Self::IcaoCyrillic];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HijriDays => "hijri date, another table",
            Self::HijriYear => "hijri year only",
            Self::Ocr => "letters misread",
            Self::VietnameseOrder => "vietnamese order",
            Self::IcaoCyrillic => "cyrillic by Doc 9303",
        }
    }

    fn concerns(self, entry: &Entry) -> bool {
        let of = |codes: &[&str]| entry.nationalities.iter().any(|n| codes.contains(&n.code()));
        match self {
            Self::HijriDays | Self::HijriYear => {
                of(&["SAU", "IRN", "AFG", "YEM", "IRQ", "SYR", "EGY", "JOR", "KWT", "LBY", "PAK"])
            }
            Self::Ocr => true,
            Self::VietnameseOrder => of(&["VNM", "PRK", "CHN", "KOR"]),
            Self::IcaoCyrillic => of(&["RUS", "UKR", "BLR"]),
        }
    }
}

/// The entry's person as a traveller, so damaged; `None` when the damage does not concern
/// them or changes nothing.
pub fn damaged(entry: &Entry, kind: Unseen, rng: &mut Rng) -> Option<Traveller> {
    let words: Vec<String> =
        names::fold(&entry.names.first()?.text).split(' ').map(str::to_owned).collect();
    let BirthDate::On(born) = *entry.birth_dates.first()? else { return None };
    let (month, day) = (born.month?, born.day?);
    if words.len() < 2 || !kind.concerns(entry) {
        return None;
    }
    let date = jiff::civil::Date::new(born.year, month as i8, day as i8).ok()?;
    let off =
        |days: i64| date.checked_add(jiff::Span::new().days(days)).ok().map(PartialDate::from);
    let (mut given, mut surname) =
        (words[..words.len() - 1].join(" "), words[words.len() - 1].clone());
    let mut birth_date = Some(born);
    match kind {
        Unseen::HijriDays => birth_date = off(*rng.pick(&[-2, -1, 1, 2])),
        Unseen::HijriYear => birth_date = off(rng.between(0, 353) as i64 - 177),
        Unseen::Ocr => {
            let word = if rng.percent(50) { &mut given } else { &mut surname };
            *word = misread(word, rng)?;
        }
        Unseen::VietnameseOrder => {
            let family = surname;
            let own = words[0].clone();
            let middle = words[1..words.len() - 1].join(" ");
            (surname, given) = if rng.percent(50) {
                (format!("{family} {middle} {own}"), String::new())
            } else {
                (own, format!("{middle} {family}"))
            };
        }
        Unseen::IcaoCyrillic => {
            (given, surname) = (cyrillic(&given), cyrillic(&surname));
            if format!("{given} {surname}") == words.join(" ") {
                return None;
            }
        }
    }
    Some(Traveller {
        surname: surname.trim().into(),
        given: given.trim().into(),
        birth_date,
        sex: entry.sex,
        ..Traveller::default()
    })
}

/// One confusion of a scanner, where there is one to be had.
fn misread(word: &str, rng: &mut Rng) -> Option<String> {
    const CONFUSED: &[(&str, &str)] = &[
        ("RN", "M"),
        ("M", "RN"),
        ("O", "0"),
        ("I", "1"),
        ("CL", "D"),
        ("S", "5"),
        ("B", "8"),
        ("VV", "W"),
        ("G", "6"),
        ("Z", "2"),
        ("I", "L"),
        ("U", "V"),
        ("E", "F"),
    ];
    let possible: Vec<_> = CONFUSED.iter().filter(|(from, _)| word.contains(from)).collect();
    if possible.is_empty() {
        return None;
    }
    let (from, to) = rng.pick(&possible);
    Some(word.replacen(from, to, 1))
}

/// From the romanisation that lists use to that of Doc 9303 part 3 §6.
fn cyrillic(word: &str) -> String {
    const TABLE: &[(&str, &str)] = &[
        ("SKY", "SKII"),
        ("YEV", "EV"),
        ("YU", "IU"),
        ("YA", "IA"),
        ("YO", "E"),
        ("IY", "II"),
        ("EY", "EI"),
        ("AY", "AI"),
        ("OY", "OI"),
        ("X", "KS"),
        ("YE", "E"),
        ("JU", "IU"),
    ];
    let mut out = word.to_owned();
    for (from, to) in TABLE {
        out = out.replace(from, to);
    }
    out
}
