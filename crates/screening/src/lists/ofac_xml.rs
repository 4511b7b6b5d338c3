//! OFAC `sdn.xml` and `consolidated.xml`: one `sdnEntry` a person, body or ship, with
//! the quality of each alias.

use travel::Sex;

use super::{ListError, Reading, written, xml};
use crate::{AliasQuality, Entry};

pub(super) fn read(bytes: &[u8], reading: &mut Reading) -> Result<Vec<Entry>, ListError> {
    let document = reading.text(bytes);
    let mut entries = Vec::new();
    xml::records(&document, &["sdnEntry"], &mut |record| match record.value("sdnType") {
        "Individual" => entries.extend(individual(&record, reading)),
        _ => reading.others += 1,
    })?;
    Ok(entries)
}

fn individual(record: &xml::Element, reading: &mut Reading) -> Option<Entry> {
    let id = record.value("uid");
    reading.at("byte", record.position, id);
    let programmes: Vec<&str> =
        record.each(&["programList", "program"]).iter().map(|p| p.text.as_str()).collect();
    let mut entry = Entry {
        id: id.to_owned(),
        reason: format!("OFAC {}", programmes.join(", ")),
        ..Entry::default()
    };
    reading.name(&mut entry, &name(record), AliasQuality::Primary);
    for aka in record.each(&["akaList", "aka"]) {
        let quality = match (aka.value("type"), aka.value("category")) {
            (_, "weak") => AliasQuality::Low,
            ("f.k.a.", _) => AliasQuality::Former,
            _ => AliasQuality::Good,
        };
        reading.name(&mut entry, &name(aka), quality);
    }
    for list in ["nationalityList", "citizenshipList"] {
        for country in record.each(&[list]).iter().flat_map(|l| &l.children) {
            reading.nationality(&mut entry, country.value("country"));
        }
    }
    for date in record.each(&["dateOfBirthList", "dateOfBirthItem"]) {
        reading.born(&mut entry, written::english_birth(date.value("dateOfBirth")));
    }
    for place in record.each(&["placeOfBirthList", "placeOfBirthItem"]) {
        written::birth_place(&mut entry, [place.value("placeOfBirth")]);
    }
    for id in record.each(&["idList", "id"]) {
        let (words, number) = (id.value("idType"), id.value("idNumber"));
        match (words, number) {
            ("Gender", "Male") => entry.sex = Sex::Male,
            ("Gender", "Female") => entry.sex = Sex::Female,
            _ => {
                if let Some(kind) = written::kind(words) {
                    let issuer = written::country(id.value("idCountry"));
                    reading.documents(&mut entry, number, (kind, issuer));
                }
            }
        }
    }
    reading.finish(entry)
}

fn name(element: &xml::Element) -> String {
    format!("{} {}", element.value("firstName"), element.value("lastName")).trim().to_owned()
}
