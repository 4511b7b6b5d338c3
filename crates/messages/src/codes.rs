//! Every finding this crate can make, in one table: the code, how bad it is, what
//! should have stood there, and the sentence for the one who has to mend it.
//!
//! Codes stay as they are for ever; carriers write rules against them.

use edifact::Severity::{self, Error, Fatal, Note, Warning};

/// One row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    /// The code, `P-…`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What was expected; empty when there is no telling.
    pub expected: &'static str,
    /// A plain sentence.
    pub text: &'static str,
}

macro_rules! codes {
    ($($name:ident $code:literal $severity:ident $expected:literal $text:literal;)*) => {
        $(pub(crate) const $name: Code =
            Code { code: $code, severity: $severity, expected: $expected, text: $text };)*

        /// The whole table, in its order.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    EMPTY "P-EMPTY" Fatal "an interchange or a PNRGOV document" "The submission is empty.";
    NOT_A_MESSAGE "P-FORMAT" Fatal "an EDIFACT interchange (UNA or UNB), PNRGOV XML, CSV with a header, or JSON" "This is no format that is understood here.";
    COMPRESSED "P-COMPRESSED" Fatal "the message itself, not packed" "This is a compressed archive; send the message itself.";
    DOCUMENT "P-DOCUMENT" Fatal "the message itself, not a document of it" "This is a document or web page, not a message.";
    NO_MESSAGE "P-NO-MESSAGE" Error "at least one message" "The interchange holds no message.";
    OTHER_MESSAGE "P-TYPE" Error "PAXLST, PNRGOV, CUSRES, CONTRL or ACKRES" "This kind of message is not understood here.";
    XML_SYNTAX "P-XML" Error "well-formed XML" "The XML is broken here; what stands before it was read.";
    JSON_SYNTAX "P-JSON" Error "well-formed JSON with travellers that are objects" "The JSON is broken here.";
    COLUMN_UNKNOWN "P-COLUMN" Note "a name of the page on tables and JSON" "This column or key is not known and was passed over.";
    SERIES_INCOMPLETE "P-PARTS" Warning "all parts of the series" "Parts of this series of messages are missing; those that came were read.";
    CUT_OFF "P-CUT-OFF" Error "the rest of the message" "The transmission ends in the middle of this message; what is there was read.";
    CUT_OFF_HEADER "P-CUT-OFF-HEADER" Error "the rest of UNB, and the messages" "The transmission ends in the middle of the interchange header UNB; nothing else came.";
    SERIES_HEADER "P-PARTS-DIFFER" Warning "the same flight in every part" "A later part of the series names another flight than the first.";
    FUNCTION_UNKNOWN "P-FUNCTION" Warning "a function of the guide, such as 745, 250 or 266" "The message's function is not known; it was taken for a full list.";
    FUNCTION_MISSING "P-FUNCTION-MISSING" Warning "BGM or MSG" "The message does not say what it is for; it was taken for a full list.";
    SEGMENT_UNKNOWN "P-SEGMENT" Note "a segment of the guide" "This segment is not understood and was passed over.";
    SEGMENT_PLACE "P-SEGMENT-PLACE" Note "its place in the guide's table" "This segment has no owner at this place and was passed over.";
    QUALIFIER_UNKNOWN "P-QUALIFIER" Note "a qualifier of the guide" "This qualifier is not understood; the segment was passed over.";
    NO_FLIGHT "P-FLIGHT" Error "carrier, number and airports (TDT, TVL)" "The message names no flight.";
    FLIGHT_NUMBER "P-FLIGHT-NUMBER" Error "carrier designator and flight number" "The flight has no carrier or no number.";
    FLIGHT_SEVERAL "P-FLIGHT-SEVERAL" Warning "one flight" "The message is about several flights.";
    FLIGHT_OTHER_NUMBER "P-FLIGHT-RENAMED" Note "one flight number for all legs" "A further leg bears another number; it was taken for a leg of the same flight.";
    AIRPORT_MISSING "P-AIRPORT-MISSING" Warning "an airport" "The flight lacks an airport of departure or arrival.";
    AIRPORT_UNKNOWN "P-AIRPORT" Warning "an IATA or ICAO location code" "This airport is not known.";
    AIRPORTS_SAME "P-AIRPORTS-SAME" Error "two different airports" "The flight leaves from where it arrives.";
    TIME_MISSING "P-TIME-MISSING" Warning "a scheduled time of departure" "The flight's departure time is missing.";
    TIME_INVALID "P-TIME" Warning "YYMMDDHHMM" "This is no date and time.";
    TIMES_ORDER "P-TIMES-ORDER" Error "an arrival after the departure" "The flight arrives before it departs.";
    TIMES_LONG "P-TIMES-LONG" Warning "a leg of at most 20 hours" "The leg takes longer than any flight does.";
    NOBODY "P-NOBODY" Note "travellers" "The message lists nobody.";
    NAME_MISSING "P-NAME" Error "a surname" "This traveller has no name.";
    NAME_PLACEHOLDER "P-NAME-PLACEHOLDER" Note "nothing where a name is not known" "A word that stands for an unknown name was removed.";
    NAME_PLACE "P-NAME-PLACE" Warning "the name in its element (NAD C080)" "The name stands in the wrong element.";
    BIRTH_MISSING "P-BIRTH-MISSING" Warning "a date of birth" "The date of birth is missing.";
    BIRTH_INVALID "P-BIRTH" Error "YYMMDD or CCYYMMDD" "This is no date of birth.";
    BIRTH_PARTIAL "P-BIRTH-PARTIAL" Note "a whole date" "Only part of the date of birth is given.";
    BIRTH_FUTURE "P-BIRTH-FUTURE" Error "a date before the departure" "The date of birth is after the departure.";
    BIRTH_AGE "P-BIRTH-AGE" Error "an age under 125 years" "The traveller would be older than anybody.";
    SEX_UNKNOWN "P-SEX" Note "M, F, U or X" "This is no code for sex.";
    COUNTRY_UNKNOWN "P-COUNTRY" Warning "a code of ISO 3166-1 or ICAO Doc 9303" "This country code is not known.";
    COUNTRY_UNK "P-COUNTRY-UNK" Note "nothing where the country is not known" "UNK is the code of a United Nations mission; if it stands for unknown, leave it out.";
    COUNTRY_INVALID "P-COUNTRY-FORM" Warning "three letters" "This is no country code.";
    DOCUMENT_MISSING "P-DOCUMENT-MISSING" Warning "a travel document" "The traveller has no travel document.";
    DOCUMENT_KIND "P-DOCUMENT-KIND" Note "P, I, A, C, V, AC, IP, F, T or L" "The kind of the document is missing or not known.";
    DOCUMENT_NUMBER "P-DOCUMENT-NUMBER" Warning "a document number" "The document has no number, or one with characters that no document has.";
    DOCUMENT_DATE "P-DOCUMENT-DATE" Warning "YYMMDD or CCYYMMDD" "This is no date of a document.";
    DOCUMENT_EXPIRED "P-DOCUMENT-EXPIRED" Warning "a document valid on arrival" "The document expires before the flight.";
    DOCUMENT_UNPLACED "P-DOCUMENT-OWNER" Warning "a reference or a name of the booking" "It is not clear whose document this is; it was given to nobody.";
    DOCUMENT_FORM "P-DOCUMENT-FORM" Warning "/type/issuer/number/nationality/birth/sex/expiry/surname/given" "The document's text has not the agreed form.";
    DUPLICATE "P-DUPLICATE" Warning "everybody once" "The same person is listed twice.";
    REFERENCE_DOUBLE "P-REFERENCE" Warning "a reference of its own for everybody" "Two travellers bear the same reference.";
    LATE_TRAVELLER "P-LATE-NAME" Warning "a name of the booking" "Somebody is named here whom the booking does not name; they were added.";
    REMOVED_TRAVELLER "P-REMOVED-NAME" Note "" "The history names somebody who was taken out of the booking; they are no traveller of it.";
    REFERENCED_NOBODY "P-TRAVELLER-REF" Note "a reference that the booking gives" "This refers to a traveller whom the booking does not name.";
    COUNT "P-COUNT" Warning "the number of travellers" "The stated total is not the number of travellers.";
    COUNT_INVALID "P-COUNT-FORM" Note "a number" "This is no number.";
    COUNT_BOOKINGS "P-COUNT-BOOKINGS" Note "the number of bookings" "The stated number of bookings is not that of the message.";
    BOOKING_WITHOUT_SRC "P-BOOKING-START" Note "SRC before each booking" "A booking starts without its SRC segment.";
    MANY "P-MANY" Error "fewer mistakes" "There are more findings than are listed.";
    NAME_DIGITS "P-NAME-DIGITS" Warning "letters" "There are digits in the name.";
    NAME_LONG "P-NAME-LONG" Warning "256 characters at most" "The name is longer than anybody's; its beginning is compared with watchlists.";
    NAME_TITLE "P-NAME-TITLE" Note "given names without a title" "A title stands in the given names, or is glued on to them.";
    NAME_NOBODY "P-NAME-NOBODY" Warning "the traveller's name" "This is a word for somebody whose name is not known, or for a test.";
    BIRTH_NOBODY "P-BIRTH-NOBODY" Warning "the traveller's date of birth" "This date is what systems put where they know none.";
    DOCUMENT_NOBODY "P-DOCUMENT-NOBODY" Warning "the document's number" "This number is what systems put where they know none.";
    DOCUMENT_CHECK_DIGIT "P-DOCUMENT-CHECK-DIGIT" Note "the number without its check digit" "The number seems to end with the check digit of the machine-readable zone.";
    RESULT_UNKNOWN "P-RESULT" Note "0Z, 1Z, 2Z, 4Z, 0, 1 or an error number" "This result code is not known.";
    RESULT_MISSING "P-RESULT-MISSING" Warning "ERC after ERP" "This result says nothing: it has no code.";
    RESULT_OWNER "P-RESULT-OWNER" Warning "RFF AVF or RFF ABO after ERP 2" "It is not said whose result this is.";
    BAGS_INVALID "P-BAGS" Note "a number of bags or a weight" "The baggage is not understood.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_ours() {
        let mut seen = std::collections::HashSet::new();
        for row in CODES {
            assert!(row.code.starts_with("P-") && row.text.ends_with('.'), "{}", row.code);
            assert!(seen.insert(row.code), "{} twice", row.code);
        }
    }
}
