//! The consolidated financial sanctions list of the European Union (XML, schema 1.1).
//!
//! One `sanctionEntity` a person or body; all that is known stands in attributes. The
//! same alias, date and place come once for each regulation that names them.

use travel::{DocumentKind, PartialDate, Sex};

use super::{ListError, Reading, written, xml};
use crate::{AliasQuality, BirthDate, Entry};

pub(super) fn read(bytes: &[u8], reading: &mut Reading) -> Result<Vec<Entry>, ListError> {
    let document = reading.text(bytes);
    let mut entries = Vec::new();
    xml::records(&document, &["sanctionEntity"], &mut |record| {
        let of_person = record.child("subjectType").is_some_and(|t| {
            t.attribute("code") == "person" || t.attribute("classificationCode") == "P"
        });
        if of_person {
            entries.extend(person(&record, reading));
        } else {
            reading.others += 1;
        }
    })?;
    Ok(entries)
}

fn person(record: &xml::Element, reading: &mut Reading) -> Option<Entry> {
    let id = match record.attribute("euReferenceNumber") {
        "" => record.attribute("logicalId"),
        id => id,
    };
    reading.at("byte", record.position, id);
    let mut programmes: Vec<&str> = record
        .all("regulation")
        .map(|r| r.attribute("programme"))
        .filter(|p| !p.is_empty())
        .collect();
    programmes.dedup();
    let mut entry = Entry {
        id: id.to_owned(),
        reason: format!("EU {}", programmes.join(", ")).trim_end().to_owned(),
        ..Entry::default()
    };
    for alias in record.all("nameAlias") {
        let quality = match alias.attribute("strong") {
            "false" => AliasQuality::Low,
            _ => AliasQuality::Good,
        };
        let parts = ["firstName", "middleName", "lastName"].map(|n| alias.attribute(n));
        match alias.attribute("wholeName") {
            "" => reading.name(&mut entry, &parts.join(" "), quality),
            whole => reading.name(&mut entry, whole, quality),
        }
        match alias.attribute("gender") {
            "M" => entry.sex = Sex::Male,
            "F" => entry.sex = Sex::Female,
            _ => {}
        }
    }
    for citizenship in record.all("citizenship") {
        reading.nationality(&mut entry, place_country(citizenship));
    }
    for birth in record.all("birthdate") {
        let dated = ["birthdate", "year", "yearRangeFrom"];
        if dated.iter().any(|n| !birth.attribute(n).is_empty()) {
            reading.born(&mut entry, birth_date(birth));
        }
        let country = birth.attribute("countryDescription");
        let parts = [birth.attribute("city"), birth.attribute("place"), birth.attribute("region")];
        written::birth_place(&mut entry, parts.into_iter().chain([country]));
    }
    for document in record.all("identification") {
        let words = match document.attribute("identificationTypeDescription") {
            "" => document.attribute("identificationTypeCode"),
            words => words,
        };
        let number = match document.attribute("number") {
            "" => document.attribute("latinNumber"),
            number => number,
        };
        if let Some(kind) = written::kind(words).or(Some(DocumentKind::Unknown))
            && document.attribute("knownFalse") != "true"
        {
            let issuer = written::country(place_country(document));
            reading.documents(&mut entry, number, (kind, issuer));
        }
    }
    reading.finish(entry)
}

/// The two-letter code, unless it is the `00` of an unknown country.
fn place_country(element: &xml::Element) -> &str {
    match element.attribute("countryIso2Code") {
        "" | "00" => element.attribute("countryDescription"),
        code => code,
    }
}

fn birth_date(birth: &xml::Element) -> Option<BirthDate> {
    // Dates of another calendar are the publisher's to turn into ours.
    if !matches!(birth.attribute("calendarType"), "" | "GREGORIAN") {
        return None;
    }
    let number = |name: &str| birth.attribute(name).parse::<i64>().unwrap_or(0);
    if let (Some(from), Some(to)) = (
        written::year(birth.attribute("yearRangeFrom")),
        written::year(birth.attribute("yearRangeTo")),
    ) {
        return written::between(from, to);
    }
    let date = PartialDate::parse(birth.attribute("birthdate"))
        .or_else(|| written::parts(number("dayOfMonth"), number("monthOfYear"), number("year")))?;
    Some(match birth.attribute("circa") {
        "true" => BirthDate::About(date),
        _ => BirthDate::On(date),
    })
}
