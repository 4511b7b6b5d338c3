//! Made-up people: by a seed and a number the same person every time.

use jiff::{ToSpan, civil::Date};
use travel::{Country, Sex};

use crate::{CULTURES, Culture, Rng};

/// A travel document of a made-up person.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// Issuing state.
    pub issuer: Country,
    /// Its number.
    pub number: String,
}

/// Somebody whom there is not.
#[derive(Clone)]
pub struct Person {
    /// Given names, Latin capitals.
    pub given: Vec<String>,
    /// Surname, Latin capitals.
    pub surname: String,
    /// The whole name in the script of its culture, where the tables have one.
    pub native: Option<String>,
    /// Date of birth.
    pub birth_date: Date,
    /// Male or female.
    pub sex: Sex,
    /// Nationality.
    pub nationality: Country,
    /// The passport.
    pub passport: Document,
}

/// The nationalities of the tables, each with its culture.
pub fn nationalities() -> Vec<(Country, &'static Culture)> {
    let of = |c: &'static Culture| c.countries.iter().map(move |code| (Country::new(code), c));
    CULTURES.iter().flat_map(of).collect()
}

impl Person {
    /// Person number `number` of the world of `seed`: an adult of any nationality.
    pub fn numbered(seed: u64, number: u32) -> Self {
        let mut rng = Rng::new(seed ^ 0x5EED_9E0F_1E00, u64::from(number));
        let all = nationalities();
        let (nationality, culture) = *rng.pick(&all);
        let born = birth(&mut rng, 1945, 2004);
        Self::of(&mut rng, nationality, culture, born)
    }

    /// Somebody of that nationality, born on that day.
    pub fn of(rng: &mut Rng, nationality: Country, culture: &Culture, birth_date: Date) -> Self {
        let sex = if rng.percent(58) { Sex::Male } else { Sex::Female };
        let table = if sex == Sex::Male { culture.male } else { culture.female };
        let first = word(rng, table);
        let second = rng.percent(45).then(|| word(rng, table)).filter(|w| w.0 != first.0);
        let surname = surname(rng, culture);
        let parts: Vec<&(String, String)> =
            [Some(&first), second.as_ref(), Some(&surname)].into_iter().flatten().collect();
        let native = native(&parts);
        let number = passport_number(rng);
        Self {
            given: parts[..parts.len() - 1].iter().map(|p| p.0.clone()).collect(),
            surname: surname.0,
            native,
            birth_date,
            sex,
            nationality,
            passport: Document { issuer: nationality, number },
        }
    }

    /// Given names then surname, as lists write them: `Ahmed Karim El Masry`.
    pub fn full_name(&self) -> String {
        let mut words = self.given.clone();
        words.push(self.surname.clone());
        capitalised(&words.join(" "))
    }
}

/// A day between two years.
pub fn birth(rng: &mut Rng, first: i16, last: i16) -> Date {
    let days = (i64::from(last) - i64::from(first) + 1) * 365;
    let start = jiff::civil::date(first, 1, 1);
    start.checked_add((rng.below(days as u64) as i64).days()).unwrap_or(start)
}

/// Nine characters, as most passports have them.
pub fn passport_number(rng: &mut Rng) -> String {
    let letter = (b'A' + rng.below(26) as u8) as char;
    format!("{letter}{:08}", rng.below(100_000_000))
}

/// A word of a table: in Latin letters, and as it is written at home.
fn word(rng: &mut Rng, table: &str) -> (String, String) {
    let words: Vec<&str> = table.split_whitespace().collect();
    let chosen = rng.pick(&words).replace('_', " ");
    match chosen.split_once('=') {
        Some((latin, native)) => (latin.to_owned(), native.to_owned()),
        None => (chosen.clone(), chosen),
    }
}

/// Seven in ten have a surname with an ending, where the culture has endings.
fn surname(rng: &mut Rng, culture: &Culture) -> (String, String) {
    let (mut latin, mut native) = word(rng, culture.surnames);
    if !culture.endings().is_empty() && rng.percent(70) {
        let (ending, at_home) = word(rng, culture.endings());
        let plain = native == latin;
        native = if plain && at_home.is_ascii() {
            format!("{latin}{ending}")
        } else {
            format!("{}{at_home}", if plain { capitalised(&native) } else { native })
        };
        latin.push_str(&ending);
    }
    (latin, native)
}

fn native(parts: &[&(String, String)]) -> Option<String> {
    if parts.iter().all(|p| p.0 == p.1) {
        return None;
    }
    let latin = |p: &str| p.bytes().all(|b| b.is_ascii());
    let words: Vec<String> =
        parts.iter().map(|p| if latin(&p.1) { capitalised(&p.1) } else { p.1.clone() }).collect();
    let cjk = words.iter().all(|w| w.chars().all(|c| c >= '\u{3400}'));
    Some(if cjk {
        // Surname first and no blanks, in Chinese and Korean.
        let (last, given) = words.split_last()?;
        format!("{last}{}", given.concat())
    } else {
        words.join(" ")
    })
}

/// `EL MASRY` as `El Masry`.
pub fn capitalised(text: &str) -> String {
    let mut start = true;
    text.chars()
        .map(|c| {
            let out = if start { c } else { c.to_ascii_lowercase() };
            start = !c.is_alphanumeric();
            out
        })
        .collect()
}
