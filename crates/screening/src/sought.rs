//! By what a traveller is looked up among all that is kept: a document, a name with a date
//! of birth, a booking, a contact.
//!
//! Both sides, who looks and what was kept, are brought to the same *marks*: short texts in
//! one spelling. A traveller is found when the marks that are looked for are among theirs; no
//! comparison of names happens here, that is what screening is for. What the list may not
//! hold ([`PassengerList::elements`]) has no mark.

use travel::{PartialDate, PassengerList, Traveller};

/// Shorter numbers would find half the world.
const SHORTEST: usize = 4;
/// Digits of a telephone number that are compared: the last ones, without the country.
const DIGITS: usize = 9;
/// Words of one name that are remembered.
const WORDS: usize = 6;

/// What is looked for. `Debug` says of which kind it is, and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub enum Sought {
    /// The number of a travel document.
    Document(String),
    /// A name in any writing and order, with a date of birth.
    Name {
        /// The name.
        name: String,
        /// The date, whole or in part.
        born: PartialDate,
    },
    /// The locator of a booking.
    Booking(String),
    /// A telephone number or mail address.
    Contact(String),
}

impl std::fmt::Debug for Sought {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sought({})", self.kind())
    }
}

impl Sought {
    /// One word for the kind: it stands in the log.
    pub const fn kind(&self) -> &'static str {
        match self {
            Sought::Document(_) => "document",
            Sought::Name { .. } => "name",
            Sought::Booking(_) => "booking",
            Sought::Contact(_) => "contact",
        }
    }

    /// Sets of marks: a traveller is found who has so many of one set as its number says.
    /// Empty when too little is given to look for.
    ///
    /// ```
    /// use screening::Sought;
    /// let sought = Sought::Document("L 898902-C3".into());
    /// assert_eq!(sought.marks(), [(vec!["D L898902C3".to_owned()], 1)]);
    /// assert!(Sought::Booking("?".into()).marks().is_empty());
    /// ```
    pub fn marks(&self) -> Vec<(Vec<String>, usize)> {
        let one = |mark: Option<String>| mark.map(|m| (vec![m], 1)).into_iter().collect();
        match self {
            Sought::Document(number) => one(document(number)),
            Sought::Booking(locator) => one(booking(locator)),
            Sought::Contact(text) => one(contact(text)),
            Sought::Name { name, born } => {
                let words = words(name);
                // One word of three may be written otherwise or be missing.
                let enough = if words.len() < 3 { words.len() } else { words.len() - 1 };
                let dates = dates(*born);
                let of = |date: &String| {
                    let marks = words.iter().map(|w| format!("N {w} {date}")).collect();
                    (marks, enough)
                };
                dates.iter().filter(|_| enough > 0).map(of).collect()
            }
        }
    }
}

/// The marks of a traveller, each once.
pub fn marks(list: &PassengerList, traveller: &Traveller) -> Vec<String> {
    let mut marks: Vec<String> =
        traveller.documents.iter().filter_map(|d| document(&d.number)).collect();
    if let Some(born) = traveller.birth_date {
        let name = format!("{} {}", traveller.surname, traveller.given);
        // As it is given; who looks asks for what less may have been given.
        marks.extend(words(&name).into_iter().map(|w| format!("N {w} {born}")));
    }
    let own = traveller.booking.and_then(|b| list.bookings().get(b as usize));
    marks.extend(own.and_then(|b| booking(&b.locator)));
    marks.extend(traveller.contacts.iter().filter_map(|c| contact(&c.text)));
    marks.extend(own.into_iter().flat_map(|b| &b.contacts).filter_map(|c| contact(&c.text)));
    marks.sort_unstable();
    marks.dedup();
    marks
}

fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

fn document(number: &str) -> Option<String> {
    let number = plain(number);
    (number.len() >= SHORTEST).then(|| format!("D {number}"))
}

fn booking(locator: &str) -> Option<String> {
    let locator = plain(locator);
    (locator.len() >= SHORTEST).then(|| format!("B {locator}"))
}

fn contact(text: &str) -> Option<String> {
    let text = text.trim();
    if text.contains('@') {
        return Some(format!("C {}", text.to_lowercase()));
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    // An address in words is nothing that two people write alike.
    let number = digits.len() >= SHORTEST + 2 && letters <= 4;
    number.then(|| format!("C {}", &digits[digits.len().saturating_sub(DIGITS)..]))
}

/// The words of a name, particles left out, each once.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = names::tokens(name)
        .into_iter()
        .filter(|t| t.kind == names::TokenKind::Word && t.text.len() > 1)
        .map(|t| t.text)
        .collect();
    words.sort_unstable();
    words.dedup();
    words.truncate(WORDS);
    words
}

/// The date, and what a list may know of it: month and year, or the year alone.
fn dates(born: PartialDate) -> Vec<String> {
    let whole = born.to_string();
    let parts = whole.match_indices('-').map(|(at, _)| whole[..at].to_owned());
    let mut dates: Vec<String> = parts.collect();
    dates.push(whole);
    dates
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn found(traveller: &Traveller, sought: &Sought) -> bool {
        let list = PassengerList::decode(&EMPTY).unwrap();
        let own = marks(&list, traveller);
        let enough = |(marks, n): (Vec<String>, usize)| {
            marks.iter().filter(|m| own.contains(m)).count() >= n
        };
        sought.marks().into_iter().any(enough)
    }

    /// A list of nobody, in canonical form.
    const EMPTY: [u8; 25] = [
        0xa7, 0, 0, 1, 0, 2, 0xa4, 0, 0x60, 1, 0x60, 2, 0x80, 3, 0, 3, 0x80, 4, 0x80, 5, 0, 6, 0,
        0, 0,
    ];

    fn anna() -> Traveller {
        Traveller {
            surname: "ESPECIMEN-MÜLLER".into(),
            given: "ANNA MARIA".into(),
            birth_date: PartialDate::ymd(1990, 1, 2),
            documents: [travel::TravelDocument {
                kind: travel::DocumentKind::Passport,
                number: "L898902C3".into(),
                issuer: None,
                expires: None,
                issued: None,
            }]
            .into(),
            contacts: vec![travel::Contact { text: "M +44 7700 900123".into() }],
            ..Traveller::default()
        }
    }

    #[test]
    fn a_name_is_found_in_any_order_and_writing_with_its_date_alone() {
        let born = |text: &str| PartialDate::parse(text).unwrap();
        let name = |name: &str, date: &str| Sought::Name { name: name.into(), born: born(date) };
        for good in ["Müller, Anna Maria", "anna especimen", "MARIA ANNA MUELLER ESPECIMEN"] {
            assert!(found(&anna(), &name(good, "1990-01-02")), "{good}");
        }
        assert!(!found(&anna(), &name("Müller, Anna Maria", "1990-01-03")));
        assert!(!found(&anna(), &name("Anna Jones", "1990-01-02")));
        assert!(name("", "1990-01-02").marks().is_empty());
        let year = Traveller { birth_date: PartialDate::parse("1990"), ..anna() };
        assert!(found(&year, &name("Anna Müller", "1990-01-02")));
    }

    #[test]
    fn documents_and_contacts_are_found_however_they_are_written() {
        assert!(found(&anna(), &Sought::Document("l898 902 c3".into())));
        assert!(!found(&anna(), &Sought::Document("L898902C4".into())));
        assert!(found(&anna(), &Sought::Contact("07700 900123".into())));
        assert!(!found(&anna(), &Sought::Contact("07700 900124".into())));
        assert!(Sought::Contact("12 High Street, Anytown".into()).marks().is_empty());
    }

    #[test]
    fn debug_shows_nobody() {
        assert_eq!(format!("{:?}", Sought::Document("L898902C3".into())), "Sought(document)");
    }
}
