//! A hit: somebody on a list may be somebody on a watchlist.

use minicbor::{Decode, Encode};

use crate::{AliasQuality, Evidence};

/// What becomes of a hit, by consequence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Band {
    /// Kept for audits and tuning; no officer sees it.
    #[n(0)]
    Silent,
    /// An officer looks at it.
    #[n(1)]
    Possible,
    /// Two different officers look at it.
    #[n(2)]
    Hit,
}

impl Band {
    /// The word in rows and output.
    pub const fn name(self) -> &'static str {
        match self {
            Band::Silent => "silent",
            Band::Possible => "possible",
            Band::Hit => "hit",
        }
    }

    /// The band below.
    #[must_use]
    pub const fn down(self) -> Self {
        match self {
            Band::Hit => Band::Possible,
            _ => Band::Silent,
        }
    }
}

/// Which entry, by what name.
#[derive(Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct EntryRef {
    /// The watchlist.
    #[n(0)]
    pub list: String,
    /// Its version.
    #[n(1)]
    pub list_version: String,
    /// The entry's id.
    #[n(2)]
    pub id: String,
    /// Its primary name.
    #[n(3)]
    pub name: String,
    /// The name that matched.
    #[n(4)]
    pub alias: String,
    /// How good that one is.
    #[n(5)]
    pub alias_quality: AliasQuality,
    /// Why it is listed.
    #[n(6)]
    pub reason: String,
    /// Birth dates that the entry has, in words.
    #[n(7)]
    pub birth_dates: Vec<String>,
    /// Nationalities that the entry has.
    #[n(8)]
    pub nationalities: Vec<String>,
    /// How many documents the entry has.
    #[n(9)]
    pub documents: u32,
    /// Whether it is a document, on a list of documents ([`documents`](crate::documents)), and
    /// no person.
    #[n(10)]
    #[cbor(default)]
    pub of_documents: bool,
}

/// Somebody may be listed. `Debug` shows band and score, and nobody.
#[derive(Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Hit {
    /// Number of the traveller on the list, from 0.
    #[n(0)]
    pub traveller: u32,
    /// The entry.
    #[n(1)]
    pub entry: EntryRef,
    /// The band.
    #[n(2)]
    pub band: Band,
    /// The evidence, summed.
    #[n(3)]
    pub nats: f64,
    /// Calibrated; never 1 without a document.
    #[n(4)]
    pub probability: f64,
    /// One innocent traveller in so many, of names like these, would be put as high.
    #[n(5)]
    pub one_in: u64,
    /// The ledger.
    #[n(6)]
    pub evidence: Vec<Evidence>,
    /// The version of the weights.
    #[n(7)]
    pub weights: String,
    /// What innocent travellers of names like these score by chance beyond others, in nats;
    /// below zero where it is less. Bands are read of the evidence less this
    /// ([`weights::ALLOWANCES`](crate::weights::ALLOWANCES)).
    #[n(8)]
    #[cbor(default)]
    pub allowance: f64,
}

impl std::fmt::Debug for Hit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hit")
            .field("traveller", &self.traveller)
            .field("band", &self.band)
            .field("nats", &self.nats)
            .finish_non_exhaustive()
    }
}

/// The bytes are no hit.
#[derive(Debug, thiserror::Error)]
#[error("not a hit: {0}")]
pub struct HitDecodeError(String);

impl Hit {
    /// The form in which it is sealed.
    pub fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).expect("writing to memory cannot fail")
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// The bytes are something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, HitDecodeError> {
        minicbor::decode(bytes).map_err(|e| HitDecodeError(e.to_string()))
    }

    /// The evidence in the measure by which all travellers are banded alike: less what such
    /// names score by chance, and, without a birth date, less by what moves a band down.
    pub fn standing(&self) -> f64 {
        crate::score::Banded::hit(self).standing()
    }

    /// What would settle it, in a sentence.
    pub fn would_settle(&self) -> &'static str {
        let has = |f| self.evidence.iter().any(|e| e.feature == f);
        match (has(crate::Feature::Document), has(crate::Feature::BirthDate)) {
            (true, _) => "The document number agrees: compare the document itself.",
            (false, false) => "A birth date in the booking would settle most of it.",
            (false, true) if self.entry.documents > 0 => {
                "A document number of the list in the booking would make it certain."
            }
            _ => "The list has no document: only a look at the person would make it certain.",
        }
    }
}

/// A list that has been compared with the watchlists.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Screened {
    /// What was found, by traveller, the strongest first.
    pub hits: Vec<Hit>,
}
