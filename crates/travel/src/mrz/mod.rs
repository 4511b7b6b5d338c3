//! The machine-readable zone of ICAO Doc 9303: cards (TD1, TD2), passports (TD3) and
//! visas (MRV-A, MRV-B), read from hostile text and written.
//!
//! [`read`] yields a [`Zone`] as far as one can be made out, together with every
//! [`Fault`], placed by line and column. Nothing is repaired: where an `O` stands for a
//! zero, the zone holds the `O` and a fault says so. [`write`] makes the lines of a zone,
//! with its check digits, and shortens names as parts 4 to 7 §4.2.3 say.
//!
//! A check digit that fits is no proof. Characters whose values differ by ten are one to
//! it (`0`, `A`, `K`, `U` and the filler), and no check digit covers the name, the states
//! and the sex: [`Format::unnoticeable`] tells which damage cannot be seen.
//!
//! ```
//! let text = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n\
//!             L898902C36UTO7408122F1204159ZE184226B<<<<<10";
//! let today = jiff::civil::date(2026, 3, 1);
//! let (zone, faults) = travel::mrz::read(text, today);
//! let zone = zone.unwrap();
//! assert_eq!((zone.surname.as_str(), zone.given.as_str()), ("ERIKSSON", "ANNA MARIA"));
//! assert!(faults.is_empty());
//! assert_eq!(travel::mrz::write(&zone).unwrap(), text);
//! ```

mod check;
mod fault;
mod layout;
mod name;
mod read;
mod write;

use std::fmt;

use crate::{Country, DocumentKind, PartialDate, Sex, TravelDocument};

pub use fault::{Fault, FaultKind, Field};
pub use layout::Format;
pub use read::read;
pub use write::{Unwritable, write};

/// What a machine-readable zone says. `Debug` never shows who.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    /// Which of the five layouts.
    pub format: Format,
    /// Document code without fillers: `P`, `PD`, `I`, `AC`, `V`.
    pub code: String,
    /// Issuing state or organisation; `None` when what stands there is no code.
    pub issuer: Option<Country>,
    /// Document number, whole: TD1 and TD2 write what is beyond nine characters into the
    /// optional data. A filler within it is a blank here.
    pub number: String,
    /// Nationality; `None` when what stands there is no code.
    pub nationality: Option<Country>,
    /// Date of birth; `None` when the year is not known.
    pub birth_date: Option<PartialDate>,
    /// Sex. The filler is [`Sex::Unspecified`].
    pub sex: Sex,
    /// Last day of validity.
    pub expires: Option<PartialDate>,
    /// Surname (primary identifier), blanks for fillers.
    pub surname: String,
    /// Given names (secondary identifier), blanks for fillers.
    pub given: String,
    /// Whether the name fills its field to the last letter, and so must be taken to have
    /// been cut off (Doc 9303 part 4 §4.2.3), even if it just fits. [`write`] does not
    /// look at it.
    pub truncated: bool,
    /// Optional data: of TD1's line 1 without what belongs to the number; of TD3 the
    /// personal number. Blanks for fillers.
    pub optional: String,
    /// Optional data of TD1's line 2; empty in other layouts.
    pub optional_2: String,
}

impl Zone {
    /// An empty zone of that layout, to be filled in.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            code: String::new(),
            issuer: None,
            number: String::new(),
            nationality: None,
            birth_date: None,
            sex: Sex::Unspecified,
            expires: None,
            surname: String::new(),
            given: String::new(),
            truncated: false,
            optional: String::new(),
            optional_2: String::new(),
        }
    }

    /// The kind of document that the code names.
    ///
    /// ```
    /// use travel::{DocumentKind, mrz::{Format, Zone}};
    /// let zone = Zone { code: "IP".into(), ..Zone::new(Format::Td1) };
    /// assert_eq!(zone.kind(), DocumentKind::PassportCard);
    /// ```
    pub fn kind(&self) -> DocumentKind {
        match self.code.as_bytes() {
            [b'P', ..] => DocumentKind::Passport,
            b"IP" => DocumentKind::PassportCard,
            b"AC" => DocumentKind::CrewCertificate,
            [b'A' | b'C' | b'I', ..] => DocumentKind::IdentityCard,
            [b'V', ..] => DocumentKind::Visa,
            _ => DocumentKind::Unknown,
        }
    }

    /// The document, as a list names it.
    pub fn document(&self) -> TravelDocument {
        TravelDocument {
            kind: self.kind(),
            number: self.number.chars().filter(|c| *c != ' ').collect(),
            issuer: self.issuer,
            expires: self.expires,
            issued: None,
        }
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zone").field("format", &self.format).finish_non_exhaustive()
    }
}

/// The check digit of Doc 9303 part 3 §4.9: weights 7, 3, 1; letters from A = 10;
/// `<` is 0. `None` for a character that has no value there.
///
/// ```
/// assert_eq!(travel::mrz::check_digit("L898902C3"), Some(6));
/// assert_eq!(travel::mrz::check_digit("740812"), Some(2));
/// ```
pub fn check_digit(field: &str) -> Option<u8> {
    checked(field.chars())
}

/// [`check_digit`] of characters that need not stand together.
fn checked(field: impl Iterator<Item = char>) -> Option<u8> {
    let mut sum = 0u32;
    for (c, weight) in field.zip([7, 3, 1].into_iter().cycle()) {
        sum = (sum + u32::from(value(c)?) * weight) % 10;
    }
    Some(sum as u8)
}

/// What a character counts.
fn value(c: char) -> Option<u8> {
    match c {
        '0'..='9' => Some(c as u8 - b'0'),
        'A'..='Z' => Some(c as u8 - b'A' + 10),
        '<' => Some(0),
        _ => None,
    }
}
