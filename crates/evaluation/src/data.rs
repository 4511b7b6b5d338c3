//! Reading the pairs and the list: one JSON object a line, plain or gzip.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context, Result};
use screening::{Alias, AliasQuality, BirthDate, Entry, ListedDocument, Watchlist};
use serde_json::Value;
use travel::{Country, DocumentKind, PartialDate, Sex, Traveller};

/// Which file a pair comes from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Set {
    /// `labelled_pairs.jsonl`.
    Labelled,
    /// `degraded_queries.jsonl`.
    Degraded,
    /// `false_alert_pairs.jsonl.gz`.
    FalseAlert,
}

impl Set {
    /// The word in the output.
    pub const fn name(self) -> &'static str {
        match self {
            Set::Labelled => "labelled",
            Set::Degraded => "degraded",
            Set::FalseAlert => "false_alert",
        }
    }

    const fn file(self) -> &'static str {
        match self {
            Set::Labelled => "labelled_pairs.jsonl",
            Set::Degraded => "degraded_queries.jsonl",
            Set::FalseAlert => "false_alert_pairs.jsonl.gz",
        }
    }
}

/// Whose errors may be looked at when rules are made: persons are halved by a hash of
/// their id on the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Half {
    /// Rules were made looking at these.
    Tuned,
    /// Nobody looked at these.
    HeldOut,
}

impl Half {
    fn of(id: &str) -> Self {
        let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        if (hash >> 32) & 1 == 0 { Half::Tuned } else { Half::HeldOut }
    }
}

/// A traveller beside an entry, and whether they are the same person.
#[derive(Clone)]
pub struct Pair {
    /// Its file.
    pub set: Set,
    /// Its line there, from 0.
    pub row: usize,
    /// Where the row comes from; empty where the file has one source.
    pub origin: String,
    /// Category, or kind of damage, or the passenger's number.
    pub category: String,
    /// Whether they are the same person.
    pub same: bool,
    /// Half of the person.
    pub half: Half,
    /// The traveller.
    pub traveller: Traveller,
    /// The entry.
    pub entry: Entry,
}

/// All there is in a directory.
#[derive(Default)]
pub struct Data {
    /// Pairs of the three files, in their order.
    pub pairs: Vec<Pair>,
    /// The list, if it is there.
    pub watchlist: Option<Watchlist>,
    /// Files that are not there.
    pub missing: Vec<String>,
}

impl Data {
    /// Reads a directory; what is not there is named in [`missing`](Self::missing).
    ///
    /// # Errors
    /// A file cannot be read, or a line is not what it should be.
    pub fn read(dir: &Path) -> Result<Self> {
        let mut data = Self::default();
        for set in [Set::Labelled, Set::Degraded, Set::FalseAlert] {
            match lines(dir, set.file())? {
                Some(rows) => {
                    let pairs = rows.iter().enumerate().map(|(row, v)| pair(set, row, v));
                    data.pairs.extend(pairs);
                }
                None => data.missing.push(set.file().to_owned()),
            }
        }
        const LIST: &str = "watchlist_people.jsonl";
        data.watchlist = lines(dir, LIST)?.map(|rows| Watchlist {
            name: "evaluation".to_owned(),
            version: "1".to_owned(),
            entries: rows.iter().map(entry).collect(),
        });
        if data.watchlist.is_none() {
            data.missing.push(LIST.to_owned());
        }
        Ok(data)
    }
}

/// The objects of a file, packed or not; `None` when there is no such file.
fn lines(dir: &Path, name: &str) -> Result<Option<Vec<Value>>> {
    let packed = dir.join(name);
    let plain = dir.join(name.trim_end_matches(".gz"));
    let (path, reader): (_, Box<dyn Read>) = if packed.exists() && name.ends_with(".gz") {
        let file = File::open(&packed).with_context(|| cannot(&packed))?;
        (packed, Box::new(flate2::read::MultiGzDecoder::new(file)))
    } else if plain.exists() {
        (plain.clone(), Box::new(File::open(&plain).with_context(|| cannot(&plain))?))
    } else {
        return Ok(None);
    };
    let mut rows = Vec::new();
    for (number, line) in BufReader::new(reader).lines().enumerate() {
        let line = line.with_context(|| cannot(&path))?;
        let row = serde_json::from_str(&line)
            .with_context(|| format!("{}, line {}", path.display(), number + 1))?;
        rows.push(row);
    }
    Ok(Some(rows))
}

fn cannot(path: &Path) -> String {
    format!("{} cannot be read", path.display())
}

fn text<'v>(v: &'v Value, key: &str) -> &'v str {
    v.get(key).and_then(Value::as_str).unwrap_or("")
}

fn texts<'v>(v: &'v Value, key: &str) -> Vec<&'v str> {
    match v.get(key) {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}

fn pair(set: Set, row: usize, v: &Value) -> Pair {
    let category = match set {
        Set::Labelled => text(v, "category").to_owned(),
        Set::Degraded => text(v, "treatment").to_owned(),
        Set::FalseAlert => v.get("pax").map(Value::to_string).unwrap_or_default(),
    };
    let id = match text(&v["list"], "id") {
        "" => text(v, "pair_id"),
        id => id,
    };
    Pair {
        set,
        row,
        origin: text(v, "origin").to_owned(),
        category,
        same: v.get("label").and_then(Value::as_i64) == Some(1),
        half: Half::of(id),
        traveller: traveller(&v["query"]),
        entry: entry(&v["list"]),
    }
}

fn traveller(q: &Value) -> Traveller {
    // `raw` is the name element as the booking system sent it.
    let whole = match text(q, "raw") {
        "" => text(q, "name"),
        raw => raw,
    };
    let (surname, given) = match (text(q, "last"), text(q, "first")) {
        ("", _) | (_, "") => (whole, String::new()),
        (last, first) => (last, given(whole, first, last)),
    };
    Traveller {
        surname: surname.into(),
        given: given.into(),
        birth_date: PartialDate::parse(text(q, "dob")),
        sex: sex(text(q, "sex")),
        nationality: texts(q, "nat").into_iter().find_map(country),
        ..Traveller::default()
    }
}

/// All names before the surname: some rows have middle names in `name` alone.
fn given(whole: &str, first: &str, last: &str) -> String {
    match whole.strip_suffix(last).map(str::trim) {
        Some(rest) if rest.starts_with(first) => rest.to_owned(),
        _ => first.to_owned(),
    }
}

fn country(text: &str) -> Option<Country> {
    Country::of_name(text).or_else(|| Country::parse(text))
}

fn sex(s: &str) -> Sex {
    match s {
        "M" | "male" => Sex::Male,
        "F" | "female" => Sex::Female,
        _ => Sex::Unknown,
    }
}

fn entry(l: &Value) -> Entry {
    let alias = |quality| move |n: &str| Alias { text: n.to_owned(), quality };
    let mut names: Vec<Alias> =
        texts(l, "names").into_iter().map(alias(AliasQuality::Good)).collect();
    if let Some(first) = names.first_mut() {
        first.quality = AliasQuality::Primary;
    }
    names.extend(texts(l, "weak").into_iter().map(alias(AliasQuality::Low)));
    let document = |number: &str| ListedDocument {
        number: number
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_uppercase(),
        issuer: None,
        kind: DocumentKind::Unknown,
    };
    Entry {
        id: text(l, "id").to_owned(),
        names,
        birth_dates: texts(l, "dob")
            .into_iter()
            .filter_map(PartialDate::parse)
            .map(BirthDate::On)
            .collect(),
        sex: sex(text(l, "sex")),
        nationalities: texts(l, "nat").into_iter().filter_map(country).collect(),
        documents: texts(l, "docs").into_iter().map(document).collect(),
        ..Entry::default()
    }
}
