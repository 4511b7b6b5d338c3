//! Who a traveller is, for the table of cleared pairs (EU-28).
//!
//! An officer who dismisses a hit has said that this traveller is not that entry. The
//! same two do not come back until one of them changes: the entry by its
//! [`canonical`](crate::Entry::canonical) form, the traveller by [`identity`].

use travel::{PartialDate, Traveller};

use crate::score::SHORTEST_DOCUMENT;

/// All by which a traveller is told from others, in one canonical form: names, birth
/// date, sex, nationality, documents. Seat, booking and flight are no part of it; blanks,
/// case and the order of documents make no difference.
///
/// These are the data of a person: what is stored of them is a keyed digest.
pub fn identity(traveller: &Traveller) -> Vec<u8> {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
    };
    let mut documents: Vec<String> = traveller
        .documents
        .iter()
        .map(|d| {
            let issuer = d.issuer.map(|c| c.code().to_owned()).unwrap_or_default();
            format!("{issuer} {}", d.plain_number())
        })
        .collect();
    documents.sort_unstable();
    documents.dedup();
    let mut lines = vec![
        letters(&traveller.surname),
        letters(&traveller.given),
        traveller.birth_date.map(|d| d.to_string()).unwrap_or_default(),
        format!("{:?}", traveller.sex),
        traveller.nationality.map(|c| c.code().to_owned()).unwrap_or_default(),
    ];
    lines.append(&mut documents);
    lines.join("\n").into_bytes()
}

/// Whether these data tell a person from namesakes: a document, or a birth date to the day
/// (1 January is what many know no better). A name alone is shared by many, and to clear one
/// of them must clear nobody else.
pub fn names_one_person(traveller: &Traveller) -> bool {
    let dated = |d: PartialDate| d.whole().is_some_and(|d| (d.month(), d.day()) != (1, 1));
    traveller.documents.iter().any(|d| d.plain_number().len() >= SHORTEST_DOCUMENT)
        || traveller.birth_date.is_some_and(dated)
}

#[cfg(test)]
mod tests {
    use travel::{Country, DocumentKind, PartialDate, Sex, TravelDocument};

    use super::*;

    fn traveller() -> Traveller {
        let document = |number: &str| TravelDocument {
            kind: DocumentKind::Passport,
            number: number.into(),
            issuer: Some(Country::new("UTO")),
            expires: None,
            issued: None,
        };
        Traveller {
            surname: "VANDREY".into(),
            given: "ORSOLYA Q".into(),
            birth_date: PartialDate::parse("1980-05-17"),
            sex: Sex::Female,
            documents: [document("X1"), document("X2")].into(),
            ..Traveller::default()
        }
    }

    #[test]
    fn another_seat_or_order_is_the_same_person_and_another_birth_date_is_not() {
        let known = identity(&traveller());
        let mut same = traveller();
        same.seat = Some("12A".into());
        same.given = "Orsolya q".into();
        same.documents.reverse();
        assert_eq!(identity(&same), known);
        let mut other = traveller();
        other.birth_date = PartialDate::parse("1980-05-18");
        assert_ne!(identity(&other), known);
        let mut other = traveller();
        other.documents.pop();
        assert_ne!(identity(&other), known);
    }
}
