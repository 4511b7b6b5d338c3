//! Travellers' documents against a list of documents.

use std::io;

use travel::{Country, DocumentKind, TravelDocument, Traveller};

use super::{DocumentSet, Key, ReportedDocument};
use crate::{AliasQuality, EntryRef, Evidence, Feature, Hit, score, weights as w};

/// A list of documents, in one version.
pub struct DocumentList {
    /// The name that the state gives it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What is on it.
    pub set: DocumentSet,
}

/// How a traveller's document and a listed one stand to each other; the closest last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// The traveller's has no issuing state, and has been looked for as one of the nationality.
    OfNationality,
    AnotherType,
    TypeUnknown,
    Same,
}

impl Likeness {
    const fn relation(self) -> &'static str {
        match self {
            Self::OfNationality => "same number; the issuing state is that of the nationality",
            Self::AnotherType => "same number and issuing state, of another type",
            Self::TypeUnknown => "same number and issuing state",
            Self::Same => "same number, issuing state and type",
        }
    }

    const fn nats(self) -> f64 {
        match self {
            Self::OfNationality | Self::AnotherType => w::LISTED_DOCUMENT_PERHAPS,
            Self::TypeUnknown | Self::Same => w::LISTED_DOCUMENT,
        }
    }
}

impl DocumentList {
    /// Hits for all documents of the travellers that are listed; a hit's `traveller` is an index
    /// into `travellers`.
    ///
    /// # Errors
    /// The list cannot be read.
    pub fn screen(&self, travellers: &[Traveller]) -> io::Result<Vec<Hit>> {
        let mut hits = Vec::new();
        for (number, traveller) in travellers.iter().enumerate() {
            let mut seen: Vec<(Key, DocumentKind)> = Vec::new();
            for document in &traveller.documents {
                let Some((listed, likeness)) = self.look_up(document, traveller.nationality)?
                else {
                    continue;
                };
                // One document that is given twice, in two spellings say, is one.
                if !seen.contains(&(listed.key, listed.kind())) {
                    seen.push((listed.key, listed.kind()));
                    hits.push(self.hit(number as u32, document, (listed, likeness)));
                }
            }
        }
        Ok(hits)
    }

    /// Whether a document of this number is listed, of whatever type.
    ///
    /// # Errors
    /// The list cannot be read.
    pub fn has(
        &self,
        number: &str,
        issuer: Option<Country>,
        nationality: Option<Country>,
    ) -> io::Result<bool> {
        match issuer.or(nationality).and_then(|state| Key::of(number, state)) {
            Some(key) => Ok(!self.set.find(key)?.is_empty()),
            None => Ok(false),
        }
    }

    fn look_up(
        &self,
        document: &TravelDocument,
        nationality: Option<Country>,
    ) -> io::Result<Option<(ReportedDocument, Likeness)>> {
        let state = document.issuer.or(nationality);
        let Some(key) = state.and_then(|state| Key::of(&document.number, state)) else {
            return Ok(None);
        };
        let likeness = |listed: ReportedDocument| {
            let likeness = of_kinds(document.kind, listed.kind())?;
            let known = document.issuer.is_some();
            Some((listed, if known { likeness } else { Likeness::OfNationality }))
        };
        let found = self.set.find(key)?.into_iter().filter_map(likeness);
        Ok(found.max_by_key(|(_, likeness)| *likeness))
    }

    fn hit(
        &self,
        traveller: u32,
        document: &TravelDocument,
        (listed, likeness): (ReportedDocument, Likeness),
    ) -> Hit {
        let (kind, number) = (word(listed.kind()), listed.key.number());
        let name = format!("{kind} {number} of {}", listed.key.issuer());
        let reason = match listed.reported() {
            Some(day) => format!("{}, reported on {day}", listed.why().name()),
            None => listed.why().name().to_owned(),
        };
        let shown = document.issuer.map_or_else(String::new, |c| format!(" of {c}"));
        let evidence = Evidence {
            feature: Feature::Document,
            traveller: format!("{} {}{shown}", word(document.kind), document.plain_number()),
            entry: name.clone(),
            relation: likeness.relation().to_owned(),
            nats: likeness.nats(),
        };
        let entry = EntryRef {
            list: self.name.clone(),
            list_version: self.version.clone(),
            id: format!("{} {number} {kind}", listed.key.issuer()),
            alias: name.clone(),
            name,
            alias_quality: AliasQuality::Primary,
            reason,
            birth_dates: Vec::new(),
            nationalities: Vec::new(),
            documents: 1,
            of_documents: true,
        };
        score::of_document(traveller, entry, evidence)
    }
}

/// None where the two cannot be one document: a visa and what it is stuck into have each their
/// own number.
fn of_kinds(ours: DocumentKind, listed: DocumentKind) -> Option<Likeness> {
    use DocumentKind::{Unknown, Visa};
    match (ours, listed) {
        (a, b) if a == b && a != Unknown => Some(Likeness::Same),
        (Unknown, _) | (_, Unknown) => Some(Likeness::TypeUnknown),
        (Visa, _) | (_, Visa) => None,
        _ => Some(Likeness::AnotherType),
    }
}

const fn word(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Passport => "passport",
        DocumentKind::PassportCard => "passport card",
        DocumentKind::IdentityCard => "identity card",
        DocumentKind::Visa => "visa",
        DocumentKind::CrewCertificate => "crew member certificate",
        DocumentKind::PilotLicence => "pilot licence",
        DocumentKind::Other => "travel document",
        DocumentKind::Unknown => "document",
    }
}
