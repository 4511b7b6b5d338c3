//! Readers of published lists. The format is told from what is in the file.
//!
//! | format | reader |
//! |---|---|
//! | UN Security Council consolidated list, XML | `un` |
//! | OFAC `sdn.csv`, `alt.csv`, `sdn_comments.csv`, one after the other, and the consolidated ones | `ofac` |
//! | OFAC `sdn.xml` and `consolidated.xml` | `ofac_xml` |
//! | OFAC `sdn_advanced.xml` | `ofac_advanced` |
//! | EU consolidated financial sanctions list, XML | `eu` |
//! | UK lists, CSV: OFSI `ConList.csv` and the UK Sanctions List | `uk` |
//! | OpenSanctions FollowTheMoney, JSON lines, flat or nested | `ftm` |
//! | our CSV | `csv_list` |
//!
//! No entry and no alias is lost: whatever a reader cannot understand is a
//! [`ListFinding`] with its place. A file that is cut off is no list at all, for who
//! stood in the part that is missing nobody knows.

mod csv_list;
mod eu;
mod ftm;
mod ofac;
mod ofac_advanced;
mod ofac_xml;
mod uk;
mod un;
pub(crate) mod written;
mod xml;

use std::fmt;

use crate::{AliasQuality, Entry, Watchlist};

/// The largest list read, in bytes.
const MOST_BYTES: usize = 1 << 30;
/// The most names that one entry may have; more are left out with a finding.
const MOST_NAMES: usize = 2_000;

/// A list cannot be read at all.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ListError {
    /// Larger than a list can be.
    #[error("the file has {0} bytes; a list has at most a thousand million")]
    TooLarge(usize),
    /// Of no format that we know.
    #[error(
        "not a list that is known: neither of the UN (XML), OFAC (sdn.csv, sdn.xml, sdn_advanced.xml), the EU \
         (XML) or the UK (CSV), nor FollowTheMoney JSON lines, nor a CSV with the header \
         id,name,alias,birth_date,sex,nationality,documents,reason"
    )]
    UnknownFormat,
    /// Broken or cut off.
    #[error("byte {position}: {text}")]
    Broken {
        /// Offset in the file.
        position: u64,
        /// What is wrong.
        text: String,
    },
}

impl From<csv::Error> for ListError {
    fn from(e: csv::Error) -> Self {
        let position = e.position().map_or(0, csv::Position::byte);
        ListError::Broken { position, text: e.to_string() }
    }
}

/// Something in a list that could not be understood; the rest was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListFinding {
    /// The line or the byte, and the entry's id when it is known.
    pub place: String,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for ListFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// What was made of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListRead {
    /// The list.
    pub list: Watchlist,
    /// What could not be understood.
    pub findings: Vec<ListFinding>,
    /// The format, in words.
    pub format: &'static str,
    /// How many records are of no person (companies, ships) and were passed over.
    pub others: u64,
}

/// Reads a list of any format that is known; [`read_whole_list`] says more.
///
/// # Errors
/// [`ListError`]; an entry that cannot be understood is a finding, not an error.
pub fn read_list(
    name: &str,
    version: &str,
    bytes: &[u8],
) -> Result<(Watchlist, Vec<ListFinding>), ListError> {
    read_whole_list(name, version, bytes).map(|read| (read.list, read.findings))
}

/// Reads a list, and says in what format it was and how much of it are persons.
///
/// ```
/// let csv = b"id,name,alias,birth_date,sex,nationality,documents,reason\nS-1,Testov Example,,1980,M,UTO,,why\n";
/// let read = screening::read_whole_list("ours", "1", csv)?;
/// assert_eq!(read.list.entries[0].id, "S-1");
/// # Ok::<(), screening::ListError>(())
/// ```
///
/// # Errors
/// [`ListError`]; an entry that cannot be understood is a finding, not an error.
pub fn read_whole_list(name: &str, version: &str, bytes: &[u8]) -> Result<ListRead, ListError> {
    if bytes.len() > MOST_BYTES {
        return Err(ListError::TooLarge(bytes.len()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Some(format) = recognise(bytes) else { return Err(ListError::UnknownFormat) };
    let mut reading = Reading::default();
    let entries = (format.read)(bytes, &mut reading)?;
    Ok(ListRead {
        list: Watchlist { name: name.to_owned(), version: version.to_owned(), entries },
        findings: reading.findings,
        format: format.name,
        others: reading.others,
    })
}

type ReadFn = fn(&[u8], &mut Reading) -> Result<Vec<Entry>, ListError>;

struct Format {
    name: &'static str,
    /// Told from the beginning of the file.
    is: fn(&str) -> bool,
    read: ReadFn,
}

/// The formats, in the order in which they are tried.
const FORMATS: &[Format] = &[
    Format {
        name: "UN consolidated list, XML",
        is: |head| head.contains("<CONSOLIDATED_LIST"),
        read: un::read,
    },
    Format {
        name: "EU consolidated list, XML",
        is: |head| head.contains("<export") && head.contains("fpi/fsd/export"),
        read: eu::read,
    },
    Format {
        name: "OFAC list, advanced XML",
        is: |head| head.contains("<Sanctions") && head.contains("<?xml"),
        read: ofac_advanced::read,
    },
    Format { name: "OFAC list, XML", is: |head| head.contains("<sdnList"), read: ofac_xml::read },
    Format { name: "CSV of ours", is: csv_list::looks_like, read: csv_list::read },
    Format { name: "UK list, CSV", is: uk::looks_like, read: uk::read },
    Format { name: "FollowTheMoney, JSON lines", is: ftm::looks_like, read: ftm::read },
    Format { name: "OFAC list, CSV", is: ofac::looks_like, read: ofac::read },
];

fn recognise(bytes: &[u8]) -> Option<&'static Format> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(16_384)]);
    FORMATS.iter().find(|f| (f.is)(&head))
}

/// What a reader has to say besides the entries.
#[derive(Default)]
pub(crate) struct Reading {
    findings: Vec<ListFinding>,
    /// Where the reader stands.
    place: String,
    others: u64,
}

impl Reading {
    /// Where the reader stands now; the entry's id is added when it is known.
    fn at(&mut self, unit: &str, position: u64, id: &str) {
        self.place = match id {
            "" => format!("{unit} {position}"),
            id => format!("{unit} {position} ({id})"),
        };
    }

    fn note(&mut self, text: &str) {
        self.findings.push(ListFinding { place: self.place.clone(), text: text.to_owned() });
    }

    /// Adds a name unless it is empty or there already; of two qualities the better
    /// one stays.
    fn name(&mut self, entry: &mut Entry, text: &str, quality: AliasQuality) {
        let text = text.trim().trim_matches(|c| matches!(c, ';' | ',' | '"')).trim();
        if written::blank(text) {
            return;
        }
        if let Some(known) = entry.names.iter_mut().find(|n| n.text == text) {
            known.quality = known.quality.min(quality);
        } else if entry.names.len() >= MOST_NAMES {
            self.note("an entry has more than 2,000 names; one was left out");
        } else {
            entry.names.push(crate::Alias { text: text.to_owned(), quality });
        }
    }

    /// The entry, if it has an id and a name; without a primary name the best becomes it.
    fn finish(&mut self, mut entry: Entry) -> Option<Entry> {
        if entry.id.is_empty() || entry.names.is_empty() {
            self.note("an entry needs an id and a name; it was left out");
            return None;
        }
        entry.names.sort_by_key(|n| n.quality);
        if let Some(first) = entry.names.first_mut()
            && first.quality == AliasQuality::Good
        {
            first.quality = AliasQuality::Primary;
        }
        Some(entry)
    }

    /// The text of a file, with a finding when it is not UTF-8.
    fn text<'b>(&mut self, bytes: &'b [u8]) -> std::borrow::Cow<'b, str> {
        let text = String::from_utf8_lossy(bytes);
        if let Err(e) = std::str::from_utf8(bytes) {
            self.at("byte", e.valid_up_to() as u64, "");
            self.note("the file is not UTF-8; what cannot be read stands as a replacement sign");
        }
        text
    }
}

/// A document number as compared: letters and digits, upper case.
pub(crate) fn plain(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}
