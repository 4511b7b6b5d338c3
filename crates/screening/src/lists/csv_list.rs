//! Our CSV:
//!
//! ```text
//! id,name,alias,birth_date,sex,nationality,documents,reason
//! S-1,Testov Example,Testoff Example|Тестов Пример,1980-05-17|1981,M,RUS|UTO,PASSPORT:UTO:L898902C3,why
//! ```
//! Several values of a field are parted by `|`. A birth date is `YYYY-MM-DD`,
//! `YYYY-MM`, `YYYY`, `~1980` (about) or `1980-1984` (a range of years); a document is
//! `KIND:ISSUER:NUMBER` or a number alone; an alias that begins with `?` is weak.

use travel::{Country, PartialDate, Sex};

use super::{ListError, ListFinding, add_name, plain};
use crate::{AliasQuality, BirthDate, Entry, ListedDocument};

pub(super) fn read(bytes: &[u8], findings: &mut Vec<ListFinding>) -> Result<Vec<Entry>, ListError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let mut entries = Vec::new();
    for (i, record) in reader.records().enumerate() {
        let record = record.map_err(|e| ListError::Broken {
            position: e.position().map_or(0, csv::Position::byte),
            text: e.to_string(),
        })?;
        let place = record.position().map_or(i as u64 + 2, csv::Position::line);
        let mut finding = |text: &str| {
            findings.push(ListFinding { place: format!("line {place}"), text: text.to_owned() });
        };
        let field = |n: usize| record.get(n).unwrap_or("").trim();
        let mut entry = Entry { id: field(0).to_owned(), ..Entry::default() };
        if entry.id.is_empty() || field(1).is_empty() {
            finding("an entry needs an id and a name; it was left out");
            continue;
        }
        add_name(&mut entry, field(1), AliasQuality::Primary);
        for alias in field(2).split('|') {
            match alias.trim().strip_prefix('?') {
                Some(weak) => add_name(&mut entry, weak, AliasQuality::Low),
                None => add_name(&mut entry, alias, AliasQuality::Good),
            }
        }
        for text in values(field(3)) {
            match birth_date(text) {
                Some(date) => entry.birth_dates.push(date),
                None => finding("a birth date cannot be read; it was left out"),
            }
        }
        entry.sex = match field(4) {
            "M" | "m" => Sex::Male,
            "F" | "f" => Sex::Female,
            "X" | "x" => Sex::Unspecified,
            _ => Sex::Unknown,
        };
        for code in values(field(5)) {
            match Country::parse(code) {
                Some(country) => entry.nationalities.push(country),
                None => finding("a nationality is no country code; it was left out"),
            }
        }
        entry.documents = values(field(6)).filter_map(document).collect();
        entry.reason = field(7).to_owned();
        entries.push(entry);
    }
    Ok(entries)
}

fn values(field: &str) -> impl Iterator<Item = &str> {
    field.split('|').map(str::trim).filter(|v| !v.is_empty())
}

fn birth_date(text: &str) -> Option<BirthDate> {
    if let Some(about) = text.strip_prefix('~') {
        return PartialDate::parse(about).map(BirthDate::About);
    }
    if let Some((from, to)) = text.split_once('-')
        && from.len() == 4
        && to.len() == 4
    {
        return Some(BirthDate::Between(from.parse().ok()?, to.parse().ok()?));
    }
    PartialDate::parse(text).map(BirthDate::On)
}

fn document(text: &str) -> Option<ListedDocument> {
    let parts: Vec<&str> = text.splitn(3, ':').collect();
    let (issuer, number) = match parts.as_slice() {
        [_, issuer, number] => (Country::parse(issuer), *number),
        [number] => (None, *number),
        _ => return None,
    };
    let number = plain(number);
    (number.len() >= 4).then_some(ListedDocument { number, issuer })
}
