//! Dates, countries and documents as publishers write them.

use travel::{Country, DocumentKind, PartialDate};

use super::{Reading, plain};
use crate::{BirthDate, Entry, ListedDocument};

/// Years in which somebody who travels may have been born.
const YEARS: std::ops::Range<i16> = 1850..2100;

pub(super) fn year(text: &str) -> Option<i16> {
    text.trim().parse().ok().filter(|y| YEARS.contains(y))
}

/// `10 Dec 1948`, `Dec 1948`, `1948`.
pub(super) fn english(text: &str) -> Option<PartialDate> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month = |name: &str| {
        let short = name.get(..3)?.to_lowercase();
        MONTHS.iter().position(|m| *m == short).map(|i| i as u8 + 1)
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [day, name, of] => PartialDate::ymd(year(of)?, month(name)?, day.parse().ok()?),
        [name, of] => Some(PartialDate { year: year(of)?, month: Some(month(name)?), day: None }),
        [of] => Some(PartialDate::year(year(of)?)),
        _ => None,
    }
}

/// As OFAC writes one: `circa 1965`, `1963 to 1965`, `01 Jan 1976 to 31 Dec 1978`.
pub(super) fn english_birth(text: &str) -> Option<BirthDate> {
    let text = text.trim().trim_end_matches('.');
    if let Some(about) = text.strip_prefix("circa ") {
        return match about.split_once('-').or_else(|| about.split_once(" to ")) {
            Some((from, to)) => between(english(from)?.year, english(to)?.year),
            None => english(about).map(BirthDate::About),
        };
    }
    if let Some((from, to)) = text.split_once(" to ") {
        return between(english(from)?.year, english(to)?.year);
    }
    english(text).map(BirthDate::On)
}

/// Some year of a range, whichever way round it was written.
pub(super) fn between(a: i16, b: i16) -> Option<BirthDate> {
    Some(BirthDate::Between(a.min(b), a.max(b)))
}

/// From numbers of which 0 stands for unknown: `00/09/1962`.
pub(super) fn parts(day: i64, month: i64, of: i64) -> Option<PartialDate> {
    let of = i16::try_from(of).ok().filter(|y| YEARS.contains(y))?;
    match (u8::try_from(month).ok()?, u8::try_from(day).ok()?) {
        (0, _) => Some(PartialDate::year(of)),
        (month @ 1..=12, 0) => Some(PartialDate { year: of, month: Some(month), day: None }),
        (month, day) => PartialDate::ymd(of, month, day),
    }
}

/// A country by code (two or three letters) or by name.
pub(super) fn country(text: &str) -> Option<Country> {
    let text = text.trim().trim_end_matches('.');
    let code = match text.len() {
        2 | 3 if text.bytes().all(|b| b.is_ascii_alphabetic()) => {
            Country::parse(&text.to_uppercase())
        }
        _ => None,
    };
    code.filter(|c| c.name().is_some()).or_else(|| Country::of_name(text))
}

/// What kind of document a publisher's words mean; `None` when no traveller shows it at
/// a border (a tax number, a company's registration).
pub(crate) fn kind(words: &str) -> Option<DocumentKind> {
    let words = words.to_lowercase();
    let has = |any: &[&str]| any.iter().any(|w| words.contains(w));
    if has(&["passport"]) {
        Some(DocumentKind::Passport)
    } else if has(&["visa"]) {
        Some(DocumentKind::Visa)
    } else if has(&[
        "tax",
        "registration",
        "license",
        "licence",
        "email",
        "phone",
        "swift",
        "gazette",
    ]) {
        None
    } else if has(&["national", "identi", "cedula", "c.u.r.p", "curp", "id card", "personal id"])
        || words == "id"
    {
        Some(DocumentKind::IdentityCard)
    } else if has(&["travel document", "refugee", "stateless", "residen", "laissez"]) {
        Some(DocumentKind::Other)
    } else {
        None
    }
}

impl Reading {
    /// Adds the documents of a field: `A12345 issued in …`, `123 / 456`, `(1) A1 (2) B2`.
    pub fn documents(
        &mut self,
        entry: &mut Entry,
        text: &str,
        of: (DocumentKind, Option<Country>),
    ) {
        let (kind, issuer) = of;
        let mut any = false;
        for part in numbered(text).iter().flat_map(|p| p.split([',', ';', '/', '('])) {
            // `Booklet A5250088`, `A123 expired`: the word that has figures in it.
            let number = part
                .split_whitespace()
                .map(plain)
                .find(|n| n.bytes().filter(u8::is_ascii_digit).count() >= 3);
            let Some(number) = number.filter(|n| (4..=24).contains(&n.len())) else { continue };
            any = true;
            let document = ListedDocument { number, issuer, kind };
            if !entry.documents.contains(&document) {
                entry.documents.push(document);
            }
        }
        if !any && !blank(text) {
            self.note("a document has no number that can be made out; it was left out");
        }
    }

    /// Adds a nationality, or says that it is none.
    pub fn nationality(&mut self, entry: &mut Entry, text: &str) {
        for part in numbered(text) {
            match country(&part) {
                Some(country) if entry.nationalities.contains(&country) => {}
                Some(country) => entry.nationalities.push(country),
                None if blank(&part) => {}
                None => self.note("a nationality is no country that is known; it was left out"),
            }
        }
    }

    /// Adds a birth date, or says that it cannot be read.
    pub fn born(&mut self, entry: &mut Entry, date: Option<BirthDate>) {
        match date {
            Some(date) if entry.birth_dates.contains(&date) => {}
            Some(date) => entry.birth_dates.push(date),
            None => self.note("a birth date cannot be read; it was left out"),
        }
    }
}

/// Adds a place of birth unless it is empty or there already.
pub(super) fn birth_place<'p>(entry: &mut Entry, parts: impl IntoIterator<Item = &'p str>) {
    let parts: Vec<&str> = parts.into_iter().map(str::trim).filter(|p| !blank(p)).collect();
    let place = parts.join(", ");
    if !place.is_empty() && !entry.birth_places.contains(&place) {
        entry.birth_places.push(place);
    }
}

/// `-`, `na`, `Unknown`: a publisher's nothing.
pub(super) fn blank(text: &str) -> bool {
    matches!(
        text.trim().trim_matches(['-', '.', ' ']).to_lowercase().as_str(),
        "" | "na" | "n/a" | "unknown" | "none" | "not available"
    )
}

/// `(1) Afghanistan. (2) Pakistan` and `a) One b) Two` as their items; anything else as
/// it is.
pub(super) fn numbered(text: &str) -> Vec<String> {
    let text = text.trim();
    let digits = text.starts_with("(1)");
    let letters = text.get(..2).is_some_and(|t| t.eq_ignore_ascii_case("a)"));
    if !digits && !letters {
        return vec![text.to_owned()];
    }
    let (mut items, mut rest) = (Vec::new(), text);
    for n in 1..=99u8 {
        let mark = |n: u8| match digits {
            true => format!("({n})"),
            false => format!("{})", char::from(b'a' + (n - 1).min(25))),
        };
        let Some(after) = rest.get(mark(n).len()..) else { break };
        let next = after.find(&format!(" {}", mark(n + 1)));
        let item = next.map_or(after, |at| &after[..at]);
        items.push(item.trim().trim_end_matches(['.', ',', ';']).to_owned());
        match next {
            Some(at) => rest = after[at..].trim_start(),
            None => break,
        }
    }
    items
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbered_items_come_apart_and_plain_text_does_not() {
        assert_eq!(numbered("(1) Afghanistan. (2) Pakistan"), ["Afghanistan", "Pakistan"]);
        assert_eq!(numbered("a) One Two b) Three"), ["One Two", "Three"]);
        assert_eq!(numbered("Ali (the Tall)"), ["Ali (the Tall)"]);
    }

    #[test]
    fn dates_with_unknown_parts_are_kept_as_far_as_they_are_known() {
        assert_eq!(parts(0, 9, 1962).unwrap().to_string(), "1962-09");
        assert_eq!(parts(0, 0, 1936).unwrap().to_string(), "1936");
        assert_eq!(parts(31, 2, 1936), None);
        assert_eq!(
            english_birth("01 Jan 1976 to 31 Dec 1978"),
            Some(BirthDate::Between(1976, 1978))
        );
        assert_eq!(english_birth("circa 1963-1966"), Some(BirthDate::Between(1963, 1966)));
        assert_eq!(english_birth("sometime"), None);
    }

    #[test]
    fn what_no_traveller_shows_is_no_document() {
        assert_eq!(kind("Passport"), Some(DocumentKind::Passport));
        assert_eq!(kind("National ID No."), Some(DocumentKind::IdentityCard));
        assert_eq!(kind("Tax ID No."), None);
    }
}
