//! Travel documents as a list names them.

use std::fmt;

use minicbor::{Decode, Encode};

use crate::{Country, PartialDate, Text};

/// Kind of travel document (PAXLST DOC 1001, SSR DOCS field 1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum DocumentKind {
    /// Passport (`P`).
    #[n(0)]
    Passport,
    /// Passport card (`IP`).
    #[n(1)]
    PassportCard,
    /// State-issued identity card (`A`, `C`, `I`).
    #[n(2)]
    IdentityCard,
    /// Visa (`V`).
    #[n(3)]
    Visa,
    /// Crew member certificate (`AC`).
    #[n(4)]
    CrewCertificate,
    /// Pilot licence (`L`).
    #[n(5)]
    PilotLicence,
    /// Refugee or other travel document (`T`).
    #[n(6)]
    Other,
    /// The message gives a number without a kind.
    #[n(7)]
    Unknown,
}

/// A travel document. `Debug` never shows the number.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TravelDocument {
    /// What kind of document.
    #[n(0)]
    pub kind: DocumentKind,
    /// The number as written, blanks removed, upper case.
    #[n(1)]
    pub number: Text,
    /// Issuing state.
    #[n(2)]
    pub issuer: Option<Country>,
    /// Last day of validity.
    #[n(3)]
    pub expires: Option<PartialDate>,
    /// Day of issue.
    #[n(4)]
    pub issued: Option<PartialDate>,
}

impl TravelDocument {
    /// The number without anything but letters and digits, upper case: the form in
    /// which two writings of one number are compared.
    pub fn plain_number(&self) -> String {
        self.number
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect()
    }
}

impl fmt::Debug for TravelDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TravelDocument").field("kind", &self.kind).finish_non_exhaustive()
    }
}
