//! Lists of travel documents that were reported lost, stolen or revoked, by the hundred million.
//!
//! Such a list has no names: a document on it is an alert by itself ([`DocumentList::screen`]).
//! It is held as an exact set. Number and issuing state are one number of 124 bits, [`Key`], from
//! which both can be read again; the keys themselves are kept, sorted, and no digest of them, so
//! that what is found is listed and what is listed is found, and neither with some probability.
//!
//! Sorted keys lie close together: a page of [`PAGE`] bytes holds some 140 of them, each as what
//! it is beyond the first of its page, in as many bits as the page needs, and beside each key
//! what was reported, in three bytes. In memory is the first key of every page alone; a look-up
//! reads one page ([`Pages`]), from wherever they lie. A list of any size is made in little
//! memory: what comes is sorted in runs ([`Runs`]), and the runs are merged ([`Sorter`]).

mod file;
mod key;
mod page;
mod screen;
mod set;
mod sort;

use jiff::civil::Date;
use travel::DocumentKind;

pub use file::{DocumentsError, DocumentsRead, looks_like, read};
pub use key::Key;
pub use page::{PAGE, Page};
pub use screen::DocumentList;
pub use set::{Became, DocumentSet, Entries, InMemory, Pages, compare};
pub use sort::{Output, Runs, RunsInMemory, Sorted, Sorter};

/// Why a document is listed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Why {
    /// The list does not say.
    #[default]
    NotSaid,
    /// Its holder lost it.
    Lost,
    /// It was stolen from its holder.
    Stolen,
    /// It was stolen before it was anybody's.
    StolenBlank,
    /// Its issuer took it back, or declared it void.
    Revoked,
    /// In words that are none of these.
    Other,
}

impl Why {
    const ALL: [Self; 6] =
        [Self::NotSaid, Self::Lost, Self::Stolen, Self::StolenBlank, Self::Revoked, Self::Other];

    /// In words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotSaid => "reported, the list does not say why",
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::StolenBlank => "stolen blank",
            Self::Revoked => "revoked",
            Self::Other => "reported for another reason",
        }
    }
}

/// A document that is listed. `Debug` shows no number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReportedDocument {
    /// Number and issuing state.
    pub key: Key,
    /// What was reported of it.
    pub(crate) note: Note,
}

impl ReportedDocument {
    /// A document, with what was reported of it. A day before 1970 or after 2149 is none.
    pub fn new(key: Key, kind: DocumentKind, why: Why, reported: Option<Date>) -> Self {
        let day = reported.map_or(0, day_of);
        Self { key, note: Note(place(kind) << 19 | (why as u32) << 16 | u32::from(day)) }
    }

    /// What kind of document it is, as far as the list says.
    pub fn kind(&self) -> DocumentKind {
        KINDS[(self.note.0 >> 19) as usize & 7]
    }

    /// Why it is listed.
    pub fn why(&self) -> Why {
        Why::ALL.get((self.note.0 >> 16) as usize & 7).copied().unwrap_or(Why::Other)
    }

    /// The day on which it was reported.
    pub fn reported(&self) -> Option<Date> {
        match self.note.0 as u16 {
            0 => None,
            day => FIRST.checked_add(jiff::Span::new().days(i64::from(day))).ok(),
        }
    }
}

impl std::fmt::Debug for ReportedDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReportedDocument({:?}, {:?})", self.kind(), self.why())
    }
}

/// Kind, reason and day in three bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Note(u32);

impl Note {
    const BYTES: usize = 3;

    fn bytes(self) -> [u8; 3] {
        let [_, note @ ..] = self.0.to_be_bytes();
        note
    }

    fn of([a, b, c]: [u8; 3]) -> Self {
        Self(u32::from_be_bytes([0, a, b, c]))
    }

    fn kind(self) -> u32 {
        self.0 >> 19
    }

    fn day(self) -> u16 {
        self.0 as u16
    }
}

const KINDS: [DocumentKind; 8] = [
    DocumentKind::Passport,
    DocumentKind::PassportCard,
    DocumentKind::IdentityCard,
    DocumentKind::Visa,
    DocumentKind::CrewCertificate,
    DocumentKind::PilotLicence,
    DocumentKind::Other,
    DocumentKind::Unknown,
];

fn place(kind: DocumentKind) -> u32 {
    KINDS.iter().position(|k| *k == kind).unwrap_or(KINDS.len() - 1) as u32
}

const FIRST: Date = jiff::civil::date(1970, 1, 1);

/// Days since the beginning of 1970; 0 where that is not between 1 and what 16 bits hold.
fn day_of(date: Date) -> u16 {
    let days = (date - FIRST).get_days();
    u16::try_from(days).unwrap_or(0)
}

/// A page or a run is not in its form.
fn damaged(what: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_owned())
}

#[cfg(test)]
mod tests;
