//! Readers of published lists. The format is told from the first bytes.

mod csv_list;
mod ofac;
mod un;

use std::fmt;

use crate::{AliasQuality, Watchlist};

/// The largest list read, in bytes.
const MOST_BYTES: usize = 1 << 30;
/// The most names that one entry may have; more are left out with a finding.
pub(crate) const MOST_NAMES: usize = 400;

/// A list cannot be read at all.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ListError {
    /// Larger than a list can be.
    #[error("the file has {0} bytes; a list has at most a thousand million")]
    TooLarge(usize),
    /// Of no format that we know.
    #[error(
        "not a list that is known: neither the UN consolidated list (XML), nor OFAC sdn.csv, nor a CSV \
         with the header id,name,alias,birth_date,sex,nationality,documents,reason"
    )]
    UnknownFormat,
    /// Broken XML or CSV.
    #[error("byte {position}: {text}")]
    Broken {
        /// Offset in the file.
        position: u64,
        /// What is wrong.
        text: String,
    },
}

/// Something in a list that could not be understood; the rest was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListFinding {
    /// The entry's id, or the line.
    pub place: String,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for ListFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.text)
    }
}

/// Reads a list: UN consolidated XML, OFAC `sdn.csv`, or our CSV.
///
/// # Errors
/// [`ListError`]; an entry that cannot be understood is a finding, not an error.
pub fn read_list(
    name: &str,
    version: &str,
    bytes: &[u8],
) -> Result<(Watchlist, Vec<ListFinding>), ListError> {
    if bytes.len() > MOST_BYTES {
        return Err(ListError::TooLarge(bytes.len()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = &bytes[..bytes.len().min(4096)];
    let text = String::from_utf8_lossy(head);
    let mut findings = Vec::new();
    let entries = if text.contains("<CONSOLIDATED_LIST") {
        un::read(bytes, &mut findings)?
    } else if text
        .lines()
        .next()
        .is_some_and(|l| l.trim_start().to_lowercase().starts_with("id,name,alias"))
    {
        csv_list::read(bytes, &mut findings)?
    } else if ofac::looks_like(&text) {
        ofac::read(bytes, &mut findings)?
    } else {
        return Err(ListError::UnknownFormat);
    };
    let list = Watchlist { name: name.to_owned(), version: version.to_owned(), entries };
    Ok((list, findings))
}

/// Adds a name unless it is empty or there already.
pub(crate) fn add_name(entry: &mut crate::Entry, text: &str, quality: AliasQuality) {
    let text = text.trim().trim_matches(|c| matches!(c, ';' | ',' | '"')).trim();
    if text.is_empty() || entry.names.len() >= MOST_NAMES {
        return;
    }
    if !entry.names.iter().any(|n| n.text == text) {
        entry.names.push(crate::Alias { text: text.to_owned(), quality });
    }
}

/// A document number as compared: letters and digits, upper case.
pub(crate) fn plain(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}
