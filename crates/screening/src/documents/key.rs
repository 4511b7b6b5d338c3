//! Number and issuing state of a document as one number.

use travel::Country;

/// The number and issuing state of a document: those of two documents are the same exactly where
/// their keys are. `Debug` shows neither.
///
/// From the top: the state (15 bits: three letters to the base of 26), how many letters and
/// figures the number has (5), and the number to the base of 36 (104, for up to 20 of them).
///
/// ```
/// use screening::documents::Key;
/// use travel::Country;
/// let utopia = Country::new("UTO");
/// let key = Key::of(" l898-902c3", utopia).unwrap();
/// assert_eq!((key.number().as_str(), key.issuer()), ("L898902C3", utopia));
/// assert_ne!(Key::of("L898902C3", Country::new("GBR")), Some(key));
/// assert_eq!(Key::of("1234", utopia), None); // too short to tell a document from another
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(super) u128);

const NUMBER: u32 = 104;
const LENGTH: u32 = 5;

impl Key {
    /// Shorter numbers say nothing, as with the documents of persons.
    pub const SHORTEST: usize = crate::score::SHORTEST_DOCUMENT;
    /// Longer numbers have no place; ICAO Doc 9303 has nine, identity cards up to eighteen.
    pub const LONGEST: usize = 20;

    /// The key of a number as somebody writes it: letters and figures count, capital and small
    /// ones alike, as everywhere ([`TravelDocument::plain_number`](travel::TravelDocument)).
    /// None where it is too short or too long, or has letters of another script: to leave those
    /// out would make it another document's.
    pub fn of(number: &str, issuer: Country) -> Option<Self> {
        let (mut value, mut length) = (0u128, 0);
        for c in number.chars().filter(|c| c.is_alphanumeric()) {
            let digit = c.is_ascii().then(|| c.to_digit(36)).flatten()?;
            length += 1;
            if length > Self::LONGEST {
                return None;
            }
            value = value * 36 + u128::from(digit);
        }
        if length < Self::SHORTEST {
            return None;
        }
        let state = issuer.code().bytes().fold(0, |n, b| n * 26 + u128::from(b - b'A'));
        Some(Self((state << LENGTH | length as u128) << NUMBER | value))
    }

    /// The number, in capitals and figures alone.
    pub fn number(self) -> String {
        let length = (self.0 >> NUMBER) as usize & ((1 << LENGTH) - 1);
        let mut value = self.0 & ((1 << NUMBER) - 1);
        let mut letters = vec!['0'; length];
        for letter in letters.iter_mut().rev() {
            let digit = char::from_digit((value % 36) as u32, 36).unwrap_or('0');
            *letter = digit.to_ascii_uppercase();
            value /= 36;
        }
        letters.into_iter().collect()
    }

    /// The issuing state.
    pub fn issuer(self) -> Country {
        let mut state = (self.0 >> (NUMBER + LENGTH)) as u32;
        let mut code = ['A'; 3];
        for letter in code.iter_mut().rev() {
            *letter = char::from(b'A' + (state % 26) as u8);
            state /= 26;
        }
        let code: String = code.into_iter().collect();
        Country::parse(&code).expect("three capitals are a code")
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}
