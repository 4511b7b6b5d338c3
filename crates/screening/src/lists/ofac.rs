//! OFAC `sdn.csv`: twelve columns, `-0-` for nothing, and birth dates, nationality,
//! passports and further names as prose in Remarks, parted by `;`.

use travel::{Country, PartialDate, Sex};

use super::{ListError, ListFinding, add_name, plain};
use crate::{AliasQuality, BirthDate, Entry, ListedDocument};

pub(super) fn looks_like(head: &str) -> bool {
    let mut lines = head.lines().take(3);
    lines.any(|l| l.matches(",-0-").count() >= 4)
}

pub(super) fn read(bytes: &[u8], findings: &mut Vec<ListFinding>) -> Result<Vec<Entry>, ListError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut entries = Vec::new();
    let mut record = csv::ByteRecord::new();
    loop {
        let more = reader.read_byte_record(&mut record).map_err(|e| ListError::Broken {
            position: e.position().map_or(0, csv::Position::byte),
            text: e.to_string(),
        })?;
        if !more {
            return Ok(entries);
        }
        let field = |n: usize| {
            let text = String::from_utf8_lossy(record.get(n).unwrap_or(b"")).trim().to_owned();
            if text == "-0-" { String::new() } else { text }
        };
        if field(2) != "individual" {
            continue;
        }
        let mut entry = Entry { id: field(0), ..Entry::default() };
        add_name(&mut entry, &turned(&field(1)), AliasQuality::Primary);
        entry.reason = format!("OFAC {}", field(3));
        remarks(&mut entry, &field(11));
        if entry.names.is_empty() || entry.id.is_empty() {
            let line = record.position().map_or(0, csv::Position::line);
            let text = "an individual without number or name".to_owned();
            findings.push(ListFinding { place: format!("line {line}"), text });
            continue;
        }
        entries.push(entry);
    }
}

/// `AL ZAWAHIRI, Ayman` as `Ayman AL ZAWAHIRI`.
fn turned(name: &str) -> String {
    match name.split_once(',') {
        Some((last, given)) => format!("{} {}", given.trim(), last.trim()),
        None => name.to_owned(),
    }
}

fn remarks(entry: &mut Entry, text: &str) {
    for part in text.split(';') {
        let part = part.trim().trim_end_matches('.').trim();
        let part = part.strip_prefix("alt. ").unwrap_or(part);
        if let Some(date) = part.strip_prefix("DOB ") {
            entry.birth_dates.extend(birth_date(date));
        } else if let Some(name) =
            part.strip_prefix("nationality ").or_else(|| part.strip_prefix("citizen "))
        {
            entry.nationalities.extend(Country::of_name(name));
        } else if let Some(rest) = part.strip_prefix("Gender ") {
            entry.sex = match rest {
                "Male" => Sex::Male,
                "Female" => Sex::Female,
                _ => Sex::Unknown,
            };
        } else if let Some(names) = quoted(part, "a.k.a. ") {
            names.for_each(|n| add_name(entry, &turned(n), AliasQuality::Low));
        } else if let Some(rest) =
            part.strip_prefix("Passport ").or_else(|| part.strip_prefix("National ID No. "))
        {
            document(entry, rest);
        }
    }
}

/// `a.k.a. 'NAME'`: in Remarks, OFAC puts its weak aliases between quotes.
fn quoted<'t>(part: &'t str, before: &str) -> Option<impl Iterator<Item = &'t str>> {
    let at = part.find(before)?;
    Some(part[at + before.len()..].split('\'').skip(1).step_by(2))
}

fn document(entry: &mut Entry, text: &str) {
    let (number, rest) = text.split_once('(').unwrap_or((text, ""));
    let issuer = Country::of_name(rest.split(')').next().unwrap_or(""));
    let number = plain(number.split_whitespace().next().unwrap_or(""));
    if (5..=20).contains(&number.len()) && number.bytes().any(|b| b.is_ascii_digit()) {
        entry.documents.push(ListedDocument { number, issuer });
    }
}

fn birth_date(text: &str) -> Option<BirthDate> {
    let text = text.trim();
    if let Some(about) = text.strip_prefix("circa ") {
        return english(about).map(BirthDate::About);
    }
    if let Some((from, to)) = text.split_once(" to ") {
        return Some(BirthDate::Between(english(from)?.year, english(to)?.year));
    }
    english(text).map(BirthDate::On)
}

/// `10 Dec 1948`, `Dec 1948`, `1948`.
fn english(text: &str) -> Option<PartialDate> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = |name: &str| MONTHS.iter().position(|m| *m == name).map(|i| i as u8 + 1);
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [day, name, year] => PartialDate::ymd(year.parse().ok()?, month(name)?, day.parse().ok()?),
        [name, year] => {
            Some(PartialDate { year: year.parse().ok()?, month: Some(month(name)?), day: None })
        }
        [year] => Some(PartialDate::year(year.parse().ok().filter(|y| (1850..2100).contains(y))?)),
        _ => None,
    }
}
