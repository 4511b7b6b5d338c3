//! The consolidated list of the United Nations Security Council (XML).
//!
//! Names stand in up to four fields, aliases may hold several names parted by `;`,
//! empty ALIAS and DOCUMENT elements are common.

use travel::{DocumentKind, PartialDate, Sex};

use super::{ListError, Reading, written, xml};
use crate::{AliasQuality, BirthDate, Entry};

pub(super) fn read(bytes: &[u8], reading: &mut Reading) -> Result<Vec<Entry>, ListError> {
    let document = reading.text(bytes);
    let mut entries = Vec::new();
    xml::records(&document, &["INDIVIDUAL", "ENTITY"], &mut |record| {
        if record.name == "ENTITY" {
            reading.others += 1;
        } else {
            entries.extend(individual(&record, reading));
        }
    })?;
    Ok(entries)
}

fn individual(person: &xml::Element, reading: &mut Reading) -> Option<Entry> {
    let reference = person.value("REFERENCE_NUMBER");
    let id = if reference.is_empty() { person.value("DATAID") } else { reference };
    reading.at("byte", person.position, id);
    let mut entry = Entry {
        id: id.to_owned(),
        sex: match person.value("GENDER") {
            "Male" => Sex::Male,
            "Female" => Sex::Female,
            _ => Sex::Unknown,
        },
        reason: format!("UN {} {reference}", person.value("UN_LIST_TYPE")),
        ..Entry::default()
    };
    let names = ["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"];
    let names: Vec<&str> =
        names.into_iter().map(|n| person.value(n)).filter(|n| !n.is_empty()).collect();
    reading.name(&mut entry, &names.join(" "), AliasQuality::Primary);
    reading.name(&mut entry, person.value("NAME_ORIGINAL_SCRIPT"), AliasQuality::Good);
    for alias in person.all("INDIVIDUAL_ALIAS") {
        aliases(&mut entry, alias, reading);
    }
    for date in person.all("INDIVIDUAL_DATE_OF_BIRTH") {
        if date.children.iter().any(|c| c.name != "TYPE_OF_DATE" && !written::blank(&c.text)) {
            reading.born(&mut entry, birth_date(date));
        }
    }
    for place in person.all("INDIVIDUAL_PLACE_OF_BIRTH") {
        let parts = ["CITY", "STATE_PROVINCE", "COUNTRY"];
        written::birth_place(&mut entry, parts.map(|n| place.value(n)));
    }
    for nationality in person.each(&["NATIONALITY", "VALUE"]) {
        reading.nationality(&mut entry, &nationality.text);
    }
    for document in person.all("INDIVIDUAL_DOCUMENT") {
        let issuer = ["ISSUING_COUNTRY", "COUNTRY_OF_ISSUE"];
        let issuer = issuer.into_iter().find_map(|n| written::country(document.value(n)));
        let kind = written::kind(document.value("TYPE_OF_DOCUMENT"));
        let kind = kind.unwrap_or(DocumentKind::Unknown);
        reading.documents(&mut entry, document.value("NUMBER"), (kind, issuer));
    }
    reading.finish(entry)
}

fn aliases(entry: &mut Entry, alias: &xml::Element, reading: &mut Reading) {
    let quality = match alias.value("QUALITY") {
        "Low" => AliasQuality::Low,
        "f.k.a." => AliasQuality::Former,
        _ => AliasQuality::Good,
    };
    for text in alias.value("ALIAS_NAME").split(';') {
        for name in written::numbered(text) {
            // `Name (formerly listed as Other)`: the words in brackets are a remark, and
            // at their end a name.
            let (name, remark) = name.split_once('(').unwrap_or((&name, ""));
            reading.name(entry, name, quality);
            let remark = remark.trim_end_matches([')', ' ', '.']);
            match remark.rsplit_once(" as ") {
                Some((_, former)) => reading.name(entry, former, AliasQuality::Former),
                None if remark.is_empty() => {}
                None => reading.name(entry, remark, AliasQuality::Low),
            }
        }
    }
}

fn birth_date(fields: &xml::Element) -> Option<BirthDate> {
    let number = |name| written::year(fields.value(name));
    if let (Some(from), Some(to)) = (number("FROM_YEAR"), number("TO_YEAR")) {
        return written::between(from, to);
    }
    let date = match fields.value("DATE") {
        "" => PartialDate::year(number("YEAR").or_else(|| number("FROM_YEAR"))?),
        text => PartialDate::parse(text.get(..10).unwrap_or(text))?,
    };
    Some(match fields.value("TYPE_OF_DATE") {
        "APPROXIMATELY" => BirthDate::About(date),
        _ => BirthDate::On(date),
    })
}
