//! The consolidated list of the United Nations Security Council (XML).
//!
//! Names stand in up to four fields, aliases may hold several names parted by `;`,
//! empty ALIAS and DOCUMENT elements are common. No entity is expanded but the five
//! of XML itself.

use quick_xml::{Reader, events::Event};
use travel::{Country, PartialDate, Sex};

use super::{ListError, ListFinding, add_name, plain};
use crate::{AliasQuality, BirthDate, Entry, ListedDocument};

/// The fields of one child of INDIVIDUAL, by element name.
type Fields = Vec<(String, String)>;

pub(super) fn read(bytes: &[u8], findings: &mut Vec<ListFinding>) -> Result<Vec<Entry>, ListError> {
    let document = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(&document);
    let mut entries = Vec::new();
    let mut person: Option<Person> = None;
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        let position = reader.buffer_position();
        let broken = |text: String| ListError::Broken { position, text };
        match reader.read_event().map_err(|e| broken(e.to_string()))? {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                if name == "INDIVIDUAL" {
                    person = Some(Person::default());
                    path.clear();
                } else if person.is_some() {
                    if path.len() > 8 {
                        return Err(broken("elements are nested too deeply".to_owned()));
                    }
                    path.push(name);
                }
                text.clear();
            }
            Event::Text(t) => text += t.as_ref(),
            Event::CData(t) => text += t.as_ref(),
            Event::GeneralRef(r) => match r.as_ref() {
                "amp" => text.push('&'),
                "lt" => text.push('<'),
                "gt" => text.push('>'),
                "quot" => text.push('"'),
                "apos" => text.push('\''),
                _ => text.extend(r.resolve_char_ref().ok().flatten()),
            },
            Event::End(end) if end.name().as_ref() == "INDIVIDUAL" => {
                if let Some(done) = person.take() {
                    entries.extend(done.entry(findings));
                }
            }
            Event::End(_) => {
                if let (Some(p), Some(name)) = (&mut person, path.pop()) {
                    p.end(&path, name, std::mem::take(&mut text));
                }
            }
            Event::Eof => return Ok(entries),
            _ => {}
        }
    }
}

#[derive(Default)]
struct Person {
    own: Fields,
    group: Fields,
    groups: Vec<(String, Fields)>,
}

impl Person {
    /// An element ended: a leaf of INDIVIDUAL, a leaf of a group, or a group.
    fn end(&mut self, path: &[String], name: String, text: String) {
        match path.len() {
            0 if self.group.is_empty() => self.own.push((name, text.trim().to_owned())),
            0 => self.groups.push((name, std::mem::take(&mut self.group))),
            _ => self.group.push((name, text.trim().to_owned())),
        }
    }

    fn own(&self, name: &str) -> &str {
        value(&self.own, name)
    }

    fn entry(self, findings: &mut Vec<ListFinding>) -> Option<Entry> {
        let id = match self.own("REFERENCE_NUMBER") {
            "" => self.own("DATAID"),
            id => id,
        };
        let mut entry = Entry { id: id.to_owned(), ..Entry::default() };
        let names: Vec<&str> = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"]
            .into_iter()
            .map(|n| self.own(n))
            .filter(|n| !n.is_empty())
            .collect();
        add_name(&mut entry, &names.join(" "), AliasQuality::Primary);
        add_name(&mut entry, self.own("NAME_ORIGINAL_SCRIPT"), AliasQuality::Good);
        entry.sex = match self.own("GENDER") {
            "Male" => Sex::Male,
            "Female" => Sex::Female,
            _ => Sex::Unknown,
        };
        entry.reason = format!("UN {} {}", self.own("UN_LIST_TYPE"), self.own("REFERENCE_NUMBER"));
        for (group, fields) in &self.groups {
            match group.as_str() {
                "INDIVIDUAL_ALIAS" => aliases(&mut entry, fields),
                "INDIVIDUAL_DATE_OF_BIRTH" => entry.birth_dates.extend(birth_date(fields)),
                "INDIVIDUAL_DOCUMENT" => documents(&mut entry, fields),
                "NATIONALITY" => {
                    let names = fields.iter().map(|(_, v)| v.as_str());
                    entry.nationalities.extend(names.filter_map(Country::of_name));
                }
                _ => {}
            }
        }
        if entry.names.is_empty() {
            findings.push(ListFinding { place: entry.id, text: "an entry without a name".into() });
            return None;
        }
        Some(entry)
    }
}

fn value<'f>(fields: &'f Fields, name: &str) -> &'f str {
    fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
}

fn aliases(entry: &mut Entry, fields: &Fields) {
    let quality = match value(fields, "QUALITY") {
        "Low" => AliasQuality::Low,
        "f.k.a." => AliasQuality::Former,
        _ => AliasQuality::Good,
    };
    for name in value(fields, "ALIAS_NAME").split(';') {
        // `a) Name b) Name`: the letters are no names.
        let name = name.trim();
        let marked = name.as_bytes().get(1) == Some(&b')');
        let name = if marked { name.get(2..).unwrap_or("") } else { name };
        for part in name.split(['(', ')']).take(1) {
            add_name(entry, part, quality);
        }
    }
}

fn birth_date(fields: &Fields) -> Option<BirthDate> {
    let about = value(fields, "TYPE_OF_DATE") == "APPROXIMATELY";
    let year = |name| value(fields, name).parse::<i16>().ok();
    if let (Some(from), Some(to)) = (year("FROM_YEAR"), year("TO_YEAR")) {
        return Some(BirthDate::Between(from, to));
    }
    let date = match value(fields, "DATE") {
        "" => PartialDate::year(year("YEAR")?),
        text => PartialDate::parse(text.get(..10).unwrap_or(text))?,
    };
    Some(if about { BirthDate::About(date) } else { BirthDate::On(date) })
}

fn documents(entry: &mut Entry, fields: &Fields) {
    let issuer = match value(fields, "ISSUING_COUNTRY") {
        "" => value(fields, "COUNTRY_OF_ISSUE"),
        name => name,
    };
    let issuer = Country::of_name(issuer);
    // `A12345 issued in …`, `123 / 456`: the words are no numbers.
    let numbers = value(fields, "NUMBER").split([',', ';', '/', '(']).take(4);
    for number in numbers.map(plain).filter(|n| (5..=20).contains(&n.len())) {
        if number.bytes().any(|b| b.is_ascii_digit()) {
            entry.documents.push(ListedDocument { number, issuer });
        }
    }
}
