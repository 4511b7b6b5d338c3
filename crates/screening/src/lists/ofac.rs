//! OFAC `sdn.csv` with `alt.csv` and `sdn_comments.csv`, and the consolidated files of
//! the same shape. They have no header; a row is told by its number of columns, so that
//! the files may stand one after the other in one:
//!
//! | columns | file | what |
//! |---|---|---|
//! | 12 | `sdn.csv`, `cons_prim.csv` | number, name, kind, programme, …, remarks |
//! | 5 | `alt.csv`, `cons_alt.csv` | number, alias number, `aka` `fka` `nka`, name, remarks |
//! | 6 | `add.csv`, `cons_add.csv` | addresses, passed over |
//! | 2 | `sdn_comments.csv` | number, what did not fit into remarks |
//!
//! `-0-` stands for nothing. Birth dates, nationality, passports and weak aliases are
//! prose in remarks, parted by `;`.

use std::collections::HashMap;

use travel::Sex;

use super::{ListError, Reading, written};
use crate::{AliasQuality, Entry};

pub(super) fn looks_like(head: &str) -> bool {
    let mut lines = head.lines().take(3);
    lines.any(|l| l.matches(",-0-").count() >= 4)
}

pub(super) fn read(bytes: &[u8], reading: &mut Reading) -> Result<Vec<Entry>, ListError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut file = File::default();
    let mut record = csv::ByteRecord::new();
    loop {
        let more = reader.read_byte_record(&mut record)?;
        if !more {
            return Ok(file.entries(reading));
        }
        let fields: Vec<String> = record.iter().map(field).collect();
        let line = record.position().map_or(0, csv::Position::line);
        reading.at("line", line, fields.first().map_or("", String::as_str));
        file.row(&fields, line, reading);
    }
}

fn field(bytes: &[u8]) -> String {
    // The files are Latin-1 where they are not ASCII.
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|b| char::from(*b)).collect(),
    };
    let text = text.trim().trim_end_matches('\u{1a}');
    if text == "-0-" { String::new() } else { text.to_owned() }
}

struct Individual {
    line: u64,
    entry: Entry,
    remarks: String,
}

#[derive(Default)]
struct File {
    individuals: Vec<Individual>,
    /// Where somebody stands in `individuals`; `None` for a body or a ship.
    by_number: HashMap<String, Option<usize>>,
    /// Aliases and comments wait for their entry, in whatever order the files come.
    aliases: Vec<(u64, Vec<String>)>,
    comments: Vec<(u64, Vec<String>)>,
}

impl File {
    fn row(&mut self, fields: &[String], line: u64, reading: &mut Reading) {
        let field = |n: usize| fields.get(n).map_or("", String::as_str);
        match fields.len() {
            _ if fields.iter().all(String::is_empty) => {}
            12 if field(2) == "individual" => {
                let reason = format!("OFAC {}", field(3).replace("] [", ", "));
                let mut entry = Entry { id: field(0).to_owned(), reason, ..Entry::default() };
                reading.name(&mut entry, &turned(field(1)), AliasQuality::Primary);
                self.by_number.insert(entry.id.clone(), Some(self.individuals.len()));
                self.individuals.push(Individual { line, entry, remarks: field(11).to_owned() });
            }
            12 => {
                self.by_number.insert(field(0).to_owned(), None);
                reading.others += 1;
            }
            5 => self.aliases.push((line, fields.to_vec())),
            2 => self.comments.push((line, fields.to_vec())),
            6 => {}
            _ => reading.note("the line has the columns of no file of OFAC's; it was left out"),
        }
    }

    fn entries(mut self, reading: &mut Reading) -> Vec<Entry> {
        for (line, fields) in std::mem::take(&mut self.comments) {
            if let Some(person) = self.person((line, &fields[0]), reading) {
                person.remarks += &fields[1];
            }
        }
        for (line, fields) in std::mem::take(&mut self.aliases) {
            if let Some(person) = self.person((line, &fields[0]), reading) {
                let quality = match fields[2].as_str() {
                    "fka" => AliasQuality::Former,
                    _ => AliasQuality::Good,
                };
                reading.name(&mut person.entry, &turned(&fields[3]), quality);
            }
        }
        let people = self.individuals.into_iter();
        people
            .filter_map(|Individual { line, mut entry, remarks }| {
                reading.at("line", line, &entry.id);
                prose(&mut entry, &remarks, reading);
                reading.finish(entry)
            })
            .collect()
    }

    fn person(
        &mut self,
        (line, id): (u64, &str),
        reading: &mut Reading,
    ) -> Option<&mut Individual> {
        reading.at("line", line, id);
        match self.by_number.get(id) {
            Some(at) => at.and_then(|at| self.individuals.get_mut(at)),
            None => {
                reading.note("it is about a number that the list does not have");
                None
            }
        }
    }
}

/// `AL ZAWAHIRI, Ayman` as `Ayman AL ZAWAHIRI`.
fn turned(name: &str) -> String {
    match name.split_once(',') {
        Some((last, given)) => format!("{} {}", given.trim(), last.trim()),
        None => name.to_owned(),
    }
}

fn prose(entry: &mut Entry, text: &str, reading: &mut Reading) {
    for part in text.split(';') {
        let part = part.trim().trim_end_matches('.').trim();
        let part = part.strip_prefix("alt. ").unwrap_or(part);
        if let Some(date) = part.strip_prefix("DOB ") {
            reading.born(entry, written::english_birth(date));
        } else if let Some(place) = part.strip_prefix("POB ") {
            written::birth_place(entry, [place]);
        } else if let Some(name) =
            part.strip_prefix("nationality ").or_else(|| part.strip_prefix("citizen "))
        {
            reading.nationality(entry, name);
        } else if let Some(rest) = part.strip_prefix("Gender ") {
            entry.sex = match rest {
                "Male" => Sex::Male,
                "Female" => Sex::Female,
                _ => Sex::Unknown,
            };
        } else if part.contains("k.a. '") {
            let former = part.contains("f.k.a.");
            let quality = if former { AliasQuality::Former } else { AliasQuality::Low };
            for name in quoted(part) {
                reading.name(entry, &turned(name), quality);
            }
        } else {
            document(entry, part, reading);
        }
    }
}

/// `a.k.a. 'NAME'`: in remarks, OFAC puts its weak aliases between quotes; an
/// apostrophe within a name has a letter behind it.
fn quoted(part: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = part;
    while let Some(from) = rest.find(" '") {
        let name = &rest[from + 2..];
        let ends = |at: usize| !name[at + 1..].starts_with(|c: char| c.is_alphanumeric());
        let Some(to) = name.match_indices('\'').map(|(at, _)| at).find(|at| ends(*at)) else {
            names.push(name);
            break;
        };
        names.push(&name[..to]);
        rest = &name[to + 1..];
    }
    names
}

/// `Passport A123456 (Iran) expires 20 Jan 2020`, `National ID No. 123 (Iran)`.
fn document(entry: &mut Entry, part: &str, reading: &mut Reading) {
    let (before, rest) = part.split_once('(').unwrap_or((part, ""));
    let Some((words, number)) = before.trim().rsplit_once(' ') else { return };
    // The words of a kind stand before the number and nowhere else.
    if words.len() > 40 || !number.bytes().any(|b| b.is_ascii_digit()) {
        return;
    }
    if let Some(kind) = written::kind(words) {
        let issuer = written::country(rest.split(')').next().unwrap_or(""));
        reading.documents(entry, number, (kind, issuer));
    }
}
