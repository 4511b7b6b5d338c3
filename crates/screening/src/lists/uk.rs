//! The lists of the United Kingdom (CSV): OFSI's `ConList.csv`, and the UK Sanctions
//! List that takes its place. Both have a line with the day before the header; columns
//! are found by their names. Somebody has as many rows as he has names, birth dates and
//! nationalities in combination; the rows of one `Group ID` (or `Unique ID`) are one
//! entry. A birth date is `DD/MM/YYYY` with `00` for what is unknown.

use std::collections::HashMap;

use travel::{DocumentKind, Sex};

use super::{ListError, Reading, written};
use crate::{AliasQuality, BirthDate, Entry};

/// What a column is called, here and in the lists, small letters and digits only.
const COLUMNS: &[(&str, &[&str])] = &[
    ("id", &["groupid", "uniqueid", "ofsigroupid"]),
    ("given1", &["name1"]),
    ("given2", &["name2"]),
    ("given3", &["name3"]),
    ("given4", &["name4"]),
    ("given5", &["name5"]),
    ("family", &["name6"]),
    ("script", &["namenonlatinscript"]),
    ("born", &["dob"]),
    ("town", &["townofbirth"]),
    ("birth_country", &["countryofbirth"]),
    ("nationality", &["nationality", "nationalityies"]),
    ("sex", &["gender"]),
    ("passport", &["passportnumber", "passportnumbers"]),
    ("passport_details", &["passportdetails", "passportadditionalinformation"]),
    (
        "identity",
        &["nationalidentificationnumber", "nationalidentifiernumber", "nationalidentifiernumbers"],
    ),
    ("kind", &["grouptype", "designationtype", "individualentityship"]),
    ("alias", &["aliastype", "nametype"]),
    ("quality", &["aliasquality", "aliasstrength"]),
    ("regime", &["regime", "regimename"]),
];

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

fn is_header(line: &str) -> bool {
    let line = letters(line);
    line.contains("name6") && line.contains("name1")
}

pub(super) fn looks_like(head: &str) -> bool {
    head.lines().take(5).any(is_header)
}

pub(super) fn read(bytes: &[u8], reading: &mut Reading) -> Result<Vec<Entry>, ListError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut columns: HashMap<&str, usize> = HashMap::new();
    let mut entries: Vec<(u64, Entry)> = Vec::new();
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let mut passed_over = std::collections::HashSet::new();
    let mut record = csv::ByteRecord::new();
    loop {
        let more = reader.read_byte_record(&mut record)?;
        if !more {
            break;
        }
        let fields: Vec<String> =
            record.iter().map(|f| String::from_utf8_lossy(f).trim().to_owned()).collect();
        if columns.is_empty() {
            if is_header(&fields.join(",")) {
                columns = header(&fields);
            }
            continue;
        }
        let row = Row { columns: &columns, fields: &fields };
        let id = row.get("id").to_owned();
        let line = record.position().map_or(0, csv::Position::line);
        reading.at("line", line, &id);
        if id.is_empty() {
            reading.note("the line has no id where the header says it stands; it was left out");
        } else if row.get("kind").to_lowercase() != "individual" {
            if passed_over.insert(id) {
                reading.others += 1;
            }
        } else {
            let at = *by_id.entry(id).or_insert_with_key(|id| {
                let reason = format!("UK {}", row.get("regime")).trim_end().to_owned();
                entries.push((line, Entry { id: id.clone(), reason, ..Entry::default() }));
                entries.len() - 1
            });
            row.into_entry(&mut entries[at].1, reading);
        }
    }
    let entries = entries.into_iter();
    Ok(entries
        .filter_map(|(line, entry)| {
            reading.at("line", line, &entry.id);
            reading.finish(entry)
        })
        .collect())
}

fn header(fields: &[String]) -> HashMap<&'static str, usize> {
    let titles: Vec<String> = fields.iter().map(|f| letters(f)).collect();
    let column = |names: &[&str]| names.iter().find_map(|n| titles.iter().position(|t| t == n));
    COLUMNS.iter().filter_map(|(ours, theirs)| Some((*ours, column(theirs)?))).collect()
}

struct Row<'r> {
    columns: &'r HashMap<&'static str, usize>,
    fields: &'r [String],
}

impl Row<'_> {
    fn get(&self, column: &str) -> &str {
        self.columns.get(column).and_then(|at| self.fields.get(*at)).map_or("", String::as_str)
    }

    fn into_entry(self, entry: &mut Entry, reading: &mut Reading) {
        let parts = ["given1", "given2", "given3", "given4", "given5", "family"];
        let parts: Vec<&str> =
            parts.iter().map(|c| self.get(c)).filter(|p| !written::blank(p)).collect();
        let kind = self.get("alias").to_lowercase();
        let quality = self.get("quality").to_lowercase();
        let quality = if quality.starts_with("low") || quality.starts_with("weak") {
            AliasQuality::Low
        } else if kind.starts_with("prim") {
            AliasQuality::Primary
        } else if kind.starts_with("fka") || kind.starts_with("former") {
            AliasQuality::Former
        } else {
            AliasQuality::Good
        };
        reading.name(entry, &parts.join(" "), quality);
        reading.name(entry, self.get("script"), quality.max(AliasQuality::Good));
        for date in written::numbered(self.get("born")) {
            if !written::blank(&date) {
                reading.born(entry, birth_date(&date));
            }
        }
        reading.nationality(entry, self.get("nationality"));
        match self.get("sex") {
            "Male" => entry.sex = Sex::Male,
            "Female" => entry.sex = Sex::Female,
            _ => {}
        }
        written::birth_place(entry, [self.get("town"), self.get("birth_country")]);
        let details = self.get("passport_details");
        let words = details.split(['(', ')', ',', '.']).flat_map(|w| w.split(" in "));
        let issuer = words.flat_map(|w| w.split(" by ")).find_map(written::country);
        reading.documents(entry, self.get("passport"), (DocumentKind::Passport, issuer));
        reading.documents(entry, self.get("identity"), (DocumentKind::IdentityCard, None));
    }
}

/// `28/09/1955`, `00/09/1962`, `00/00/1936`, `dd/mm/1936`, `1936`.
fn birth_date(text: &str) -> Option<BirthDate> {
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let number = |part: &str| match part.to_lowercase().as_str() {
        "dd" | "mm" => Some(0),
        digits => digits.parse::<i64>().ok(),
    };
    match parts.as_slice() {
        [day, month, year] => written::parts(number(day)?, number(month)?, number(year)?),
        [year] => written::parts(0, 0, number(year)?),
        _ => None,
    }
    .map(BirthDate::On)
}
