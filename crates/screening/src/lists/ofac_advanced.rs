//! OFAC `sdn_advanced.xml`: the advanced sanctions data model.
//!
//! Everything is a number that a table at the head of the file explains; persons,
//! their documents, their places and the programmes under which they are listed stand
//! in four sections that point to one another:
//!
//! ```text
//! ReferenceValueSets   what the numbers mean
//! Locations            places, by id
//! IDRegDocuments       documents, each of an Identity
//! DistinctParties      Profile ─ Identity ─ Alias ─ DocumentedName, and Features
//! SanctionsEntries     programmes, each of a Profile
//! ```

use std::collections::HashMap;

use travel::{Country, DocumentKind, PartialDate, Sex};

use super::{ListError, Reading, written, xml};
use crate::{AliasQuality, BirthDate, Entry};

const RECORDS: &[&str] =
    &["ReferenceValueSets", "Location", "IDRegDocument", "DistinctParty", "SanctionsEntry"];

pub(super) fn read(bytes: &[u8], reading: &mut Reading) -> Result<Vec<Entry>, ListError> {
    let text = reading.text(bytes);
    let mut file = File::default();
    let mut parties = Vec::new();
    xml::records(&text, RECORDS, &mut |record| match record.name.as_str() {
        "ReferenceValueSets" => file.meanings(&record),
        "Location" => file.location(&record),
        "IDRegDocument" => {
            let identity = record.attribute("IdentityID").to_owned();
            file.documents.entry(identity).or_default().push(record);
        }
        "DistinctParty" => parties.push(record),
        _ => {
            let programmes = record.all("SanctionsMeasure").map(|m| m.value("Comment").to_owned());
            let profile = record.attribute("ProfileID").to_owned();
            file.programmes
                .entry(profile)
                .or_default()
                .extend(programmes.filter(|p| !p.is_empty()));
        }
    })?;
    // Programmes and, in some files, documents come after the persons.
    let mut entries = Vec::new();
    for party in &parties {
        for profile in party.all("Profile") {
            let kind = file.meaning("PartySubType", profile.attribute("PartySubTypeID"));
            if kind == "Individual" {
                reading.at("byte", profile.position, profile.attribute("ID"));
                entries.extend(file.person(profile, reading));
            } else {
                reading.others += 1;
            }
        }
    }
    Ok(entries)
}

#[derive(Default)]
struct File {
    /// What a number means, by the name of its table.
    meanings: HashMap<(String, String), String>,
    countries: HashMap<String, Country>,
    /// Countries and words of a place.
    locations: HashMap<String, (Option<Country>, Vec<String>)>,
    documents: HashMap<String, Vec<xml::Element>>,
    programmes: HashMap<String, Vec<String>>,
}

impl File {
    fn meaning(&self, table: &str, id: &str) -> &str {
        self.meanings.get(&(table.to_owned(), id.to_owned())).map_or("", String::as_str)
    }

    fn meanings(&mut self, sets: &xml::Element) {
        for value in sets.children.iter().flat_map(|table| &table.children) {
            let id = value.attribute("ID").to_owned();
            if value.name == "Country" {
                let country = written::country(value.attribute("ISO2"));
                if let Some(country) = country.or_else(|| written::country(&value.text)) {
                    self.countries.insert(id.clone(), country);
                }
            }
            self.meanings.insert((value.name.clone(), id), value.text.clone());
        }
        // A kind of party that is no further divided has the name of what it divides.
        for value in sets.each(&["PartySubTypeValues", "PartySubType"]) {
            let of = self.meaning("PartyType", value.attribute("PartyTypeID")).to_owned();
            if of == "Individual" {
                let key = ("PartySubType".to_owned(), value.attribute("ID").to_owned());
                self.meanings.insert(key, of);
            }
        }
    }

    fn location(&mut self, location: &xml::Element) {
        let country = location
            .all("LocationCountry")
            .find_map(|c| self.countries.get(c.attribute("CountryID")).copied());
        let words = location.each(&["LocationPart", "LocationPartValue", "Value"]);
        let words = words.iter().map(|v| v.text.clone()).collect();
        self.locations.insert(location.attribute("ID").to_owned(), (country, words));
    }

    fn person(&self, profile: &xml::Element, reading: &mut Reading) -> Option<Entry> {
        let id = profile.attribute("ID");
        let mut programmes = self.programmes.get(id).cloned().unwrap_or_default();
        programmes.sort();
        programmes.dedup();
        let mut entry = Entry {
            id: id.to_owned(),
            reason: format!("OFAC {}", programmes.join(", ")).trim_end().to_owned(),
            ..Entry::default()
        };
        for identity in profile.all("Identity").filter(|i| i.attribute("False") != "true") {
            let family = self.family_names(identity);
            for alias in identity.all("Alias") {
                for name in alias.all("DocumentedName") {
                    let quality = self.quality(alias, identity);
                    reading.name(&mut entry, &written_name(name, &family), quality);
                }
            }
            for document in self.documents.get(identity.attribute("ID")).into_iter().flatten() {
                self.document(&mut entry, document, reading);
            }
        }
        for feature in profile.all("Feature") {
            self.feature(&mut entry, feature, reading);
        }
        reading.finish(entry)
    }

    fn quality(&self, alias: &xml::Element, identity: &xml::Element) -> AliasQuality {
        let kind = self.meaning("AliasType", alias.attribute("AliasTypeID"));
        let primary =
            alias.attribute("Primary") == "true" && identity.attribute("Primary") != "false";
        match (alias.attribute("LowQuality"), kind) {
            ("true", _) => AliasQuality::Low,
            (_, "F.K.A.") => AliasQuality::Former,
            _ if primary => AliasQuality::Primary,
            _ => AliasQuality::Good,
        }
    }

    /// The groups of name parts that are family names.
    fn family_names<'e>(&self, identity: &'e xml::Element) -> Vec<&'e str> {
        let path = ["NamePartGroups", "MasterNamePartGroup", "NamePartGroup"];
        let groups = identity
            .each(&path)
            .into_iter()
            .filter(|g| self.meaning("NamePartType", g.attribute("NamePartTypeID")) == "Last Name");
        groups.map(|g| g.attribute("ID")).collect()
    }

    fn document(&self, entry: &mut Entry, document: &xml::Element, reading: &mut Reading) {
        let words = self.meaning("IDRegDocType", document.attribute("IDRegDocTypeID"));
        let number = document.value("IDRegistrationNo");
        if let Some(kind) = written::kind(words) {
            let issuer = self.countries.get(document.attribute("IssuedBy-CountryID")).copied();
            reading.documents(entry, number, (kind, issuer));
        } else if words.is_empty() {
            reading.documents(entry, number, (DocumentKind::Unknown, None));
        }
    }

    fn feature(&self, entry: &mut Entry, feature: &xml::Element, reading: &mut Reading) {
        let kind = self.meaning("FeatureType", feature.attribute("FeatureTypeID"));
        for version in feature.all("FeatureVersion") {
            let places = version.all("VersionLocation").map(|l| l.attribute("LocationID"));
            let places: Vec<_> = places.filter_map(|id| self.locations.get(id)).collect();
            let detail = version.child("VersionDetail");
            let detail = detail.map_or("", |d| match d.text.as_str() {
                "" => self.meaning("DetailReference", d.attribute("DetailReferenceID")),
                text => text,
            });
            match kind {
                "Birthdate" => {
                    for period in version.all("DatePeriod") {
                        reading.born(entry, birth_date(period));
                    }
                }
                "Place of Birth" => {
                    written::birth_place(entry, [detail]);
                    for (country, words) in &places {
                        let country = country.and_then(|c| c.name()).unwrap_or("");
                        let words = words.iter().map(String::as_str);
                        written::birth_place(entry, words.chain([country]));
                    }
                }
                "Nationality Country" | "Citizenship Country" => {
                    for country in places.iter().filter_map(|(country, _)| *country) {
                        if !entry.nationalities.contains(&country) {
                            entry.nationalities.push(country);
                        }
                    }
                    if places.iter().all(|(country, _)| country.is_none()) {
                        reading.note("a nationality is no country that is known; it was left out");
                    }
                }
                "Gender" => match detail {
                    "Male" => entry.sex = Sex::Male,
                    "Female" => entry.sex = Sex::Female,
                    _ => {}
                },
                _ => {}
            }
        }
    }
}

/// Given names before family names, whatever the order of the parts.
fn written_name(name: &xml::Element, family: &[&str]) -> String {
    let parts = name.each(&["DocumentedNamePart", "NamePartValue"]);
    let is_family = |p: &&&xml::Element| family.contains(&p.attribute("NamePartGroupID"));
    let given = parts.iter().filter(|p| !is_family(p));
    let words: Vec<&str> =
        given.chain(parts.iter().filter(is_family)).map(|p| p.text.as_str()).collect();
    words.join(" ")
}

/// `Start` and `End` are periods themselves; a whole year is a year, and so on.
fn birth_date(period: &xml::Element) -> Option<BirthDate> {
    let ends = period.all("Start").chain(period.all("End"));
    let points: Vec<(i64, i64, i64)> = ends
        .flat_map(|end| end.all("From").chain(end.all("To")))
        .filter_map(|point| {
            let number = |name: &str| point.value(name).parse::<i64>().ok();
            Some((number("Year")?, number("Month").unwrap_or(0), number("Day").unwrap_or(0)))
        })
        .collect();
    let (first, last) = (*points.iter().min()?, *points.iter().max()?);
    let date = |(year, month, day)| written::parts(day, month, year);
    let exact = if first == last {
        date(first)?
    } else if first.0 == last.0 && (first.1, first.2, last.1, last.2) == (1, 1, 12, 31) {
        PartialDate::year(written::year(&first.0.to_string())?)
    } else if (first.0, first.1) == (last.0, last.1) && first.2 == 1 && last.2 >= 28 {
        date((first.0, first.1, 0))?
    } else {
        return written::between(date(first)?.year, date(last)?.year);
    };
    let approximate = period.children.iter().any(|end| end.attribute("Approximate") == "true");
    Some(if approximate { BirthDate::About(exact) } else { BirthDate::On(exact) })
}
