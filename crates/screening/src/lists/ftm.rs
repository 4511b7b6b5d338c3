//! OpenSanctions entities in the FollowTheMoney model, one JSON object a line: flat
//! (`entities.ftm.json`, where documents and sanctions are entities of their own that
//! point to their holder) and nested (`targets.nested.json`, where they stand inside).

use std::collections::HashMap;

use serde_json::{Map, Value};
use travel::{PartialDate, Sex};

use super::{ListError, Reading, written};
use crate::{AliasQuality, BirthDate, Entry};

/// The properties that hold names.
const NAMES: &[(&str, AliasQuality)] = &[
    ("name", AliasQuality::Primary),
    ("alias", AliasQuality::Good),
    ("previousName", AliasQuality::Former),
    ("weakAlias", AliasQuality::Low),
];

pub(super) fn looks_like(head: &str) -> bool {
    let first = head.trim_start();
    first.starts_with('{') && first.contains("\"schema\"") && first.contains("\"properties\"")
}

pub(super) fn read(bytes: &[u8], reading: &mut Reading) -> Result<Vec<Entry>, ListError> {
    let mut people: Vec<(u64, Entry)> = Vec::new();
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let mut others: Vec<(u64, Object)> = Vec::new();
    for (number, line) in bytes.split(|b| *b == b'\n').enumerate() {
        let line_number = number as u64 + 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        reading.at("line", line_number, "");
        let object = match serde_json::from_slice::<Value>(line) {
            Ok(Value::Object(object)) => Object(object),
            Ok(_) => {
                reading.note("the line is no JSON object; it was left out");
                continue;
            }
            Err(e) if e.is_eof() && at_end(bytes, line) => {
                let position = (bytes.len() - line.len()) as u64;
                let text = "the file ends in the middle of a line".to_owned();
                return Err(ListError::Broken { position, text });
            }
            Err(e) => {
                reading
                    .note(&format!("the line is no JSON (column {}); it was left out", e.column()));
                continue;
            }
        };
        reading.at("line", line_number, object.text("id"));
        match object.text("schema") {
            "Person" => {
                let entry = person(&object, reading);
                by_id.insert(entry.id.clone(), people.len());
                people.push((line_number, entry));
            }
            "Passport" | "Identification" | "Sanction" => others.push((line_number, object)),
            _ => reading.others += 1,
        }
    }
    for (line, object) in &others {
        reading.at("line", *line, object.text("id"));
        for holder in object.values("holder").chain(object.values("entity")) {
            if let Some(at) = by_id.get(holder) {
                about(object, &mut people[*at].1, reading);
            }
        }
    }
    Ok(people
        .into_iter()
        .filter_map(|(line, entry)| {
            reading.at("line", line, &entry.id);
            reading.finish(entry)
        })
        .collect())
}

/// Whether a line is the last one, without an end of its own.
fn at_end(bytes: &[u8], line: &[u8]) -> bool {
    bytes.ends_with(line) && !bytes.ends_with(b"\n")
}

/// An entity.
struct Object(Map<String, Value>);

impl Object {
    fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Value::as_str).unwrap_or("")
    }

    fn property(&self, name: &str) -> &[Value] {
        let value = self.0.get("properties").and_then(|p| p.get(name));
        value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn values<'o>(&'o self, name: &str) -> impl Iterator<Item = &'o str> {
        self.property(name).iter().filter_map(Value::as_str)
    }

    /// Entities that stand inside.
    fn nested(&self, name: &str) -> impl Iterator<Item = Object> {
        self.property(name).iter().filter_map(Value::as_object).cloned().map(Object)
    }
}

fn person(object: &Object, reading: &mut Reading) -> Entry {
    let mut entry = Entry { id: object.text("id").to_owned(), ..Entry::default() };
    let caption = object.text("caption");
    if object.values("name").any(|n| n == caption) {
        reading.name(&mut entry, caption, AliasQuality::Primary);
    }
    for (property, quality) in NAMES {
        for name in object.values(property) {
            let known = !entry.names.is_empty() && *quality == AliasQuality::Primary;
            let quality = if known { AliasQuality::Good } else { *quality };
            reading.name(&mut entry, name, quality);
        }
    }
    if entry.names.is_empty() {
        let given = object.values("firstName").chain(object.values("secondName"));
        let whole: Vec<&str> =
            given.chain(object.values("middleName")).chain(object.values("lastName")).collect();
        reading.name(&mut entry, &whole.join(" "), AliasQuality::Primary);
    }
    for date in object.values("birthDate") {
        let date = PartialDate::parse(date.get(..10).unwrap_or(date));
        reading.born(&mut entry, date.map(BirthDate::On));
    }
    for place in object.values("birthPlace") {
        written::birth_place(&mut entry, [place]);
    }
    for property in ["nationality", "citizenship"] {
        for country in object.values(property) {
            reading.nationality(&mut entry, country);
        }
    }
    entry.sex = match object.values("gender").next() {
        Some("male") => Sex::Male,
        Some("female") => Sex::Female,
        Some(_) => Sex::Unspecified,
        None => Sex::Unknown,
    };
    for (property, kind) in [
        ("passportNumber", travel::DocumentKind::Passport),
        ("idNumber", travel::DocumentKind::IdentityCard),
    ] {
        for number in object.values(property) {
            reading.documents(&mut entry, number, (kind, None));
        }
    }
    let mut reasons: Vec<&str> =
        ["program", "programId", "topics"].into_iter().flat_map(|p| object.values(p)).collect();
    reasons.dedup();
    entry.reason = reasons.join(", ");
    for nested in ["passport", "passports", "identification", "identificiation", "sanctions"] {
        for inner in object.nested(nested) {
            about(&inner, &mut entry, reading);
        }
    }
    entry
}

/// A document or a sanction of somebody.
fn about(object: &Object, entry: &mut Entry, reading: &mut Reading) {
    match object.text("schema") {
        "Sanction" => {
            for reason in object.values("program").chain(object.values("authority")) {
                if !entry.reason.contains(reason) {
                    let comma = if entry.reason.is_empty() { "" } else { ", " };
                    entry.reason += &format!("{comma}{reason}");
                }
            }
        }
        schema => {
            let words = object.values("type").next().unwrap_or(schema);
            let kind = match schema {
                "Passport" => Some(travel::DocumentKind::Passport),
                _ => written::kind(words),
            };
            let issuer = object.values("country").find_map(written::country);
            for number in object.values("number") {
                if let Some(kind) = kind {
                    reading.documents(entry, number, (kind, issuer));
                }
            }
        }
    }
}
