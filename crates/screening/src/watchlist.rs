//! A watchlist and its entries, as published.

use minicbor::{Decode, Encode};
use travel::{Country, DocumentKind, PartialDate, Sex};

/// How good a name of an entry is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum AliasQuality {
    /// The name under which the entry is listed.
    #[n(0)]
    Primary,
    /// A good alias.
    #[n(1)]
    Good,
    /// A former name.
    #[n(2)]
    Former,
    /// A weak alias; it can raise a possible match, never a hit.
    #[n(3)]
    Low,
}

impl AliasQuality {
    /// The word in `--json` output.
    pub const fn name(self) -> &'static str {
        match self {
            AliasQuality::Primary => "primary",
            AliasQuality::Good => "good",
            AliasQuality::Former => "former",
            AliasQuality::Low => "low",
        }
    }
}

/// One name of an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alias {
    /// As published, in any script.
    pub text: String,
    /// How good it is.
    pub quality: AliasQuality,
}

/// A birth date as lists have it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BirthDate {
    /// A date, perhaps only a year.
    On(PartialDate),
    /// About that date.
    About(PartialDate),
    /// Some year of a range, both ends included.
    Between(i16, i16),
}

/// A document of an entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListedDocument {
    /// Letters and digits only, upper case.
    pub number: String,
    /// Issuing state.
    pub issuer: Option<Country>,
    /// Its kind, as far as the publisher says.
    pub kind: DocumentKind,
}

/// Somebody who is listed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Entry {
    /// The publisher's id.
    pub id: String,
    /// Names; the first is the primary one.
    pub names: Vec<Alias>,
    /// Birth dates, any of which may be the right one.
    pub birth_dates: Vec<BirthDate>,
    /// Sex.
    pub sex: Sex,
    /// Nationalities.
    pub nationalities: Vec<Country>,
    /// Places of birth, as published.
    pub birth_places: Vec<String>,
    /// Documents.
    pub documents: Vec<ListedDocument>,
    /// Why it is listed: programme, or the publisher's words.
    pub reason: String,
}

impl Entry {
    /// All that is known of the entry, in one canonical form: two versions of a list
    /// have the same bytes for an entry exactly when nothing about it has changed. What
    /// order a publisher gives names or dates in is no change.
    pub fn canonical(&self) -> Vec<u8> {
        let mut lines = vec![format!("id\t{}", self.id), format!("sex\t{:?}", self.sex)];
        lines.push(format!("reason\t{}", self.reason));
        lines.extend(self.names.iter().map(|n| format!("name\t{}\t{}", n.quality.name(), n.text)));
        lines.extend(self.birth_dates.iter().map(|d| format!("born\t{d}")));
        lines.extend(self.nationalities.iter().map(|c| format!("nationality\t{c}")));
        lines.extend(self.birth_places.iter().map(|p| format!("birth_place\t{p}")));
        lines.extend(self.documents.iter().map(|d| {
            let issuer = d.issuer.map(|c| c.code().to_owned()).unwrap_or_default();
            format!("document\t{:?}\t{issuer}\t{}", d.kind, d.number)
        }));
        lines.sort_unstable();
        lines.join("\n").into_bytes()
    }
}

/// One version of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Watchlist {
    /// The name that the state gives it: `un`.
    pub name: String,
    /// Version.
    pub version: String,
    /// The persons on it.
    pub entries: Vec<Entry>,
}
