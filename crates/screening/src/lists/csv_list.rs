//! Our CSV:
//!
//! ```text
//! id,name,alias,birth_date,sex,nationality,documents,reason,birth_place
//! S-1,Testov Example,Testoff Example|Тестов Пример,1980-05-17|1981,M,RUS|UTO,PASSPORT:UTO:L898902C3,why,Vinograd
//! ```
//! Several values of a field are parted by `|`. A birth date is `YYYY-MM-DD`,
//! `YYYY-MM`, `YYYY`, `~1980` (about) or `1980-1984` (a range of years); a document is
//! `KIND:ISSUER:NUMBER` or a number alone; an alias that begins with `?` is weak, one
//! that begins with `<` is a former name. The last column may be absent.

use travel::{Country, DocumentKind, PartialDate, Sex};

use super::{ListError, Reading, plain, written};
use crate::{AliasQuality, BirthDate, Entry, ListedDocument};

pub(super) fn looks_like(head: &str) -> bool {
    head.lines().next().is_some_and(|l| l.trim_start().to_lowercase().starts_with("id,name,alias"))
}

pub(super) fn read(bytes: &[u8], reading: &mut Reading) -> Result<Vec<Entry>, ListError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let mut entries = Vec::new();
    let mut record = csv::ByteRecord::new();
    loop {
        let more = reader.read_byte_record(&mut record)?;
        if !more {
            return Ok(entries);
        }
        let field =
            |n: usize| String::from_utf8_lossy(record.get(n).unwrap_or(b"")).trim().to_owned();
        reading.at("line", record.position().map_or(0, csv::Position::line), &field(0));
        if std::str::from_utf8(record.as_slice()).is_err() {
            reading.note("the line is not UTF-8");
        }
        let mut entry =
            Entry { id: field(0), reason: field(7), sex: sex(&field(4)), ..Entry::default() };
        reading.name(&mut entry, &field(1), AliasQuality::Primary);
        if entry.names.is_empty() {
            reading.note("an entry needs an id and a name; it was left out");
            continue;
        }
        for alias in values(&field(2)) {
            match (alias.strip_prefix('?'), alias.strip_prefix('<')) {
                (Some(weak), _) => reading.name(&mut entry, weak, AliasQuality::Low),
                (_, Some(former)) => reading.name(&mut entry, former, AliasQuality::Former),
                _ => reading.name(&mut entry, alias, AliasQuality::Good),
            }
        }
        for text in values(&field(3)) {
            reading.born(&mut entry, birth_date(text));
        }
        for code in values(&field(5)) {
            match Country::parse(code) {
                Some(country) => entry.nationalities.push(country),
                None => reading.note("a nationality is no country code; it was left out"),
            }
        }
        for text in values(&field(6)) {
            match document(text) {
                Some(document) => entry.documents.push(document),
                None => reading.note("a document cannot be read; it was left out"),
            }
        }
        for place in values(&field(8)) {
            written::birth_place(&mut entry, [place]);
        }
        entries.extend(reading.finish(entry));
    }
}

fn values(field: &str) -> impl Iterator<Item = &str> {
    field.split('|').map(str::trim).filter(|v| !v.is_empty())
}

fn sex(text: &str) -> Sex {
    match text {
        "M" | "m" => Sex::Male,
        "F" | "f" => Sex::Female,
        "X" | "x" => Sex::Unspecified,
        _ => Sex::Unknown,
    }
}

fn birth_date(text: &str) -> Option<BirthDate> {
    if let Some(about) = text.strip_prefix('~') {
        return PartialDate::parse(about).map(BirthDate::About);
    }
    if let Some((from, to)) = text.split_once('-')
        && from.len() == 4
        && to.len() == 4
    {
        return written::between(from.parse().ok()?, to.parse().ok()?);
    }
    PartialDate::parse(text).map(BirthDate::On)
}

fn document(text: &str) -> Option<ListedDocument> {
    let parts: Vec<&str> = text.splitn(3, ':').collect();
    let (kind, issuer, number) = match parts.as_slice() {
        [kind, issuer, number] => (written::kind(kind), Country::parse(issuer), *number),
        [number] => (None, None, *number),
        _ => return None,
    };
    let number = plain(number);
    let kind = kind.unwrap_or(DocumentKind::Unknown);
    (number.len() >= 4).then_some(ListedDocument { number, issuer, kind })
}
