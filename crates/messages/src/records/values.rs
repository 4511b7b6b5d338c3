//! What single values say, in the ways in which people write them.

use jiff::civil::Date;
use travel::{DocumentKind, Function, Kind, PartialDate, Sex, Text, TravelDocument, Traveller};

use super::Field;
use super::dates::Slashed;
use crate::codes;
use crate::text::{self, Century};

pub(super) fn new_document() -> TravelDocument {
    TravelDocument {
        kind: DocumentKind::Unknown,
        number: Text::new(),
        issuer: None,
        expires: None,
        issued: None,
    }
}

/// A value of the last document; there is one as soon as something is said of it.
pub(super) fn put_document(
    t: &mut Traveller,
    field: Field,
    value: &str,
    today: Date,
) -> Option<crate::Code> {
    if t.documents.is_empty() {
        t.documents.push(new_document());
    }
    if field == Field::DocumentNumber {
        let number = text::document_number(value);
        // A second number is that of a second document.
        let other = |d: &TravelDocument| !d.number.is_empty() && d.number != number;
        if t.documents.last().is_some_and(other) {
            t.documents.push(new_document());
        }
    }
    let d = t.documents.last_mut()?;
    match field {
        Field::DocumentNumber => {
            d.number = text::document_number(value);
            if d.kind == DocumentKind::Unknown {
                d.kind = DocumentKind::Passport;
            }
            None
        }
        Field::DocumentKind => {
            let word: String = value.chars().filter(|c| c.is_ascii_alphabetic()).collect();
            d.kind = match word.to_ascii_uppercase().as_str() {
                "PASSPORT" | "PPT" => DocumentKind::Passport,
                "VISA" => DocumentKind::Visa,
                "IDENTITYCARD" | "IDCARD" | "NATIONALID" => DocumentKind::IdentityCard,
                code => text::document_kind(code.as_bytes()),
            };
            (d.kind == DocumentKind::Unknown).then_some(codes::DOCUMENT_KIND)
        }
        Field::DocumentIssuer => {
            d.issuer = text::country(value).or_else(|| travel::Country::of_name(value));
            d.issuer.is_none().then_some(codes::COUNTRY_INVALID)
        }
        _ => {
            let day = date(value, Century::Near, today);
            let place = if field == Field::DocumentIssued { &mut d.issued } else { &mut d.expires };
            *place = day;
            day.is_none().then_some(codes::DOCUMENT_DATE)
        }
    }
}

pub(super) fn kind(value: &str) -> Option<Kind> {
    Some(match value.to_ascii_uppercase().as_str() {
        "P" | "FL" | "PAX" | "PASSENGER" | "ADULT" | "ADT" | "A" | "CHILD" | "CHD" | "CNN" => {
            Kind::Passenger
        }
        "C" | "FM" | "CREW" | "CRW" | "COCKPIT" | "CABIN" => Kind::Crew,
        "T" | "DDU" | "DDT" | "TRANSIT" => Kind::Transit,
        "I" | "IN" | "INF" | "INS" | "INFANT" => Kind::Infant,
        "UNNAMED" | "ZZZ" => Kind::Unnamed,
        _ => return None,
    })
}

/// The sex that a word says.
pub(super) fn sex(value: &str) -> Option<Sex> {
    text::sex(value.as_bytes()).or_else(|| {
        Some(match value.to_lowercase().as_str() {
            "male" | "man" | "boy" => Sex::Male,
            "female" | "woman" | "girl" => Sex::Female,
            "unknown" => Sex::Unknown,
            "unspecified" | "diverse" | "other" => Sex::Unspecified,
            _ => return None,
        })
    })
}

/// `2031-10-25`, `20311025`, `311025`, `25OCT31`, `25-Oct-2031`, `25.10.2031`, and
/// `25/10/2031` or `10/25/2031` where one number tells which of the two it is.
pub(super) fn date(value: &str, century: Century, today: Date) -> Option<PartialDate> {
    if let Some(date) = Slashed::read(value) {
        return date.settled();
    }
    let day = of_day(value);
    let parts: Vec<&str> = day.split(['.', '-', '/', ' ']).filter(|p| !p.is_empty()).collect();
    if let [first, month, last] = parts[..] {
        if last.len() == 4 && month.bytes().all(|b| b.is_ascii_digit()) && day.contains('.') {
            return PartialDate::ymd(last.parse().ok()?, month.parse().ok()?, first.parse().ok()?);
        }
        if first.len() == 4 && month.bytes().all(|b| b.is_ascii_digit()) {
            return text::date_ymd(
                format!("{first}{month:0>2}{last:0>2}").as_bytes(),
                century,
                today,
            );
        }
        if let Some(month) =
            month.get(..3).filter(|_| month.bytes().all(|b| b.is_ascii_alphabetic()))
        {
            return text::date_dmmmy(&format!("{first:0>2}{month}{last}"), century, today);
        }
    }
    text::date_dmmmy(day, century, today)
}

/// A day without the time of day behind it, which spreadsheets and programs write.
fn of_day(value: &str) -> &str {
    match value.split_once('T').or_else(|| value.split_once(' ')) {
        Some((day, time)) if day.len() >= 8 && is_time(time.trim_end_matches('Z')) => day,
        _ => value,
    }
}

/// Whether it is a time of day alone: `11:30`, `1130`, `11:30:00`.
pub(super) fn is_time(value: &str) -> bool {
    let plain = value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'+'));
    let digits = value.bytes().take_while(|b| *b != b'.').filter(u8::is_ascii_digit).count();
    plain && (value.contains(':') && digits >= 3 || digits == 4 && value.len() == 4)
}

/// Whether a value has the form of what is to stand in its place, and not that of words: it
/// may then be shown to those who mend it. What else stands there is told by its place and
/// length, for it may say what nobody is to know (EU-30).
pub(crate) fn is_of_form(field: Field, value: &str) -> bool {
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let length = value.chars().count();
    match field {
        Field::BirthDate
        | Field::DocumentExpires
        | Field::DocumentIssued
        | Field::Departs
        | Field::Arrives => {
            // A month's letters; `T` and `Z` of a time.
            let digits = value.chars().filter(char::is_ascii_digit).count();
            letters <= 3 && digits >= 2 && length <= 32
        }
        Field::Nationality | Field::Residence | Field::DocumentIssuer => length <= 3,
        Field::Sex => length <= 2,
        Field::Kind | Field::DocumentKind => length <= 3,
        Field::Bags => letters <= 2 && length <= 8,
        Field::From | Field::To => length <= 5,
        Field::Surname | Field::Given | Field::FullName => length <= 64,
        Field::Carrier | Field::JourneyFrom | Field::JourneyTo => length <= 5,
        Field::Flight
        | Field::Seat
        | Field::Locator
        | Field::Reference
        | Field::Ticket
        | Field::DocumentNumber
        | Field::FrequentFlyer
        | Field::BagTag => {
            // No word has a digit.
            length <= 24 && letters < length && !value.trim().contains(char::is_whitespace)
        }
        Field::Sensitive | Field::Contact | Field::BirthPlace => false,
    }
}

/// What a function goes by in JSON.
pub(super) fn function(word: &str) -> Option<Function> {
    Some(match word.to_ascii_lowercase().as_str() {
        "full" | "22" | "745" | "250" => Function::Full,
        "change" | "141" | "update" => Function::Change,
        "cancel" => Function::Cancel,
        "closed" | "on_board" => Function::CloseOnBoard,
        "not_on_board" => Function::CloseNotOnBoard,
        "flight_cancelled" => Function::FlightCancelled,
        _ => return None,
    })
}
