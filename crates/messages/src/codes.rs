//! Every finding this crate can make, in one table: the code, how bad it is, what
//! should have stood there, and the sentences for the one who has to mend it: what is
//! wrong, and what to do.
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
    /// What to do about it, in a sentence.
    pub advice: &'static str,
}

macro_rules! codes {
    ($($name:ident $code:literal $severity:ident $expected:literal $text:literal $advice:literal;)*) => {
        $(pub(crate) const $name: Code =
            Code { code: $code, severity: $severity, expected: $expected, text: $text, advice: $advice };)*

        /// The whole table, in its order.
        pub const CODES: &[Code] = &[$($name),*];
    };
}

codes! {
    EMPTY "P-EMPTY" Fatal "an interchange or a PNRGOV document" "The submission is empty."
        "Send the interchange as the body of the request, or as the content of the file.";
    NOT_A_MESSAGE "P-FORMAT" Fatal "an EDIFACT interchange (UNA or UNB), PNRGOV XML, CSV with a header that has a surname, or JSON with travellers" "This is no format that is understood here."
        "Send the message as your system made it, as plain text.";
    COMPRESSED "P-COMPRESSED" Fatal "the message itself, not packed" "This is a compressed archive; send the message itself."
        "Unpack it first.";
    DOCUMENT "P-DOCUMENT" Fatal "the message itself, not a document of it" "This is a document or web page, not a message."
        "Send the message as plain text, not a page or a document that shows it.";
    NO_MESSAGE "P-NO-MESSAGE" Error "at least one message" "The interchange holds no message."
        "Put the messages between UNB and UNZ.";
    OTHER_MESSAGE "P-TYPE" Error "PAXLST, PNRGOV, CUSRES, CONTRL or ACKRES" "This kind of message is not understood here."
        "Send it to the system that it is for.";
    XML_SYNTAX "P-XML" Error "well-formed XML" "The XML is broken here; what stands before it was read."
        "Mend the element at this place, or send the rest; then send all of it again.";
    XML_SIGN "P-XML-SIGN" Error "&amp; or &lt;" "A sign stands here as text that XML gives another meaning; it was read as text."
        "Write &amp; for &, and &lt; for <; a library for XML does so by itself.";
    XML_ENTITY "P-XML-ENTITY" Error "the character itself, or its number (&#252;)" "XML does not know this reference; letters of Latin-1 were read, others stand as they are."
        "Write the character itself in UTF-8, or its number.";
    XML_QUOTE "P-XML-QUOTE" Error "a quote at each end of an attribute's value" "A quote is missing or one too many in this tag; the value was passed over where its end could not be told."
        "Close the quote, or write &quot; for one that is meant as text.";
    XML_END "P-XML-END" Error "the end tag of the element that was opened last" "This end tag is not that of the innermost open element; what is open in its own was closed with it."
        "Close each element by its own name, the innermost first.";
    XML_DEEP "P-XML-DEEP" Error "elements as the guide nests them" "Elements are nested too deep here; what stands in them was passed over."
        "Nest elements as the guide does.";
    XML_ELEMENT "P-XML-ELEMENT" Warning "the schema's name: Passenger, Surname, GivenName, PNR" "The schema spells this element otherwise; it was read all the same."
        "Write the name as the schema has it, capitals as well.";
    JSON_SYNTAX "P-JSON" Error "well-formed JSON with travellers that are objects" "The JSON is broken here."
        "Mend the text at this place (often a quote, a comma or a bracket that is missing before it), then send all of it again.";
    JSON_LOOSE "P-JSON-LOOSE" Warning "JSON by the standard (RFC 8259)" "JSON has no comments, no commas before a bracket, no single quotes, no texts without quotes and no line breaks in texts; it was read all the same, here and further on."
        "Let a program write the JSON, not a person or a template.";
    JSON_QUOTE "P-JSON-QUOTE" Error "a quote at each end of a text, and none in it" "A quote is missing at the end of this text, or one too many stands in it; it was read up to the signs that part it from what comes next."
        "Close the quote; where one is meant as text, write \\\" for it. Then check this value and the one behind it.";
    KEY_TWICE "P-JSON-TWICE" Error "each key once in an object" "This key stands twice in its object; the first is believed."
        "Write each key once; several documents, contacts or people are a list under one key.";
    SAID_TWICE "P-SAID-TWICE" Warning "one value" "This is said twice of one person, and differently; the first counts."
        "Write it once, or both alike.";
    QUOTE_OPEN "P-QUOTE-OPEN" Error "a quote that closes the field" "A quote opens a field here and nothing closes it; its row was read to the end of the line, and no further."
        "Close the quote before the sign that parts the columns, or take it away, and check the values of this row.";
    QUOTE_STRAY "P-QUOTE" Warning "no quote, or two in a field that is quoted as a whole" "A quote stands in the middle of a field; it was read as part of the value."
        "Take the quote away; where it is meant, quote the whole field and write the quote in it twice.";
    ROW_LONG "P-ROW-LONG" Error "as many values as the header has columns" "This row has more values than the header has columns; those behind the last column were passed over, and the others may stand in wrong ones."
        "Quote the field in which the sign stands that parts the columns (\"SMITH, JR\"), or take the value away that is too many.";
    ROW_SHORT "P-ROW-SHORT" Note "as many values as the header has columns" "This row has fewer values than the header has columns; the last columns were read as empty."
        "Write the sign that parts the columns for empty values as well.";
    TABLE_TITLE "P-TITLE" Note "the header as the first line" "This line stands before the header and was passed over."
        "Leave it out: the first line is the header.";
    PEOPLE_KEY "P-PEOPLE" Warning "people as a list under travellers, passengers or crew" "People stand here otherwise than in a list under a known name; they were read."
        "Put them into a list under travellers, or under crew.";
    PEOPLE_UNREAD "P-PEOPLE-UNREAD" Error "people as a list under travellers, passengers or crew" "This looks like somebody, or like several, but not like travellers, and was not read."
        "If they travel, put them into a list under travellers or crew, or into Passenger of a PNR; else nothing need be done.";
    NAME_TOGETHER "P-NAME-TOGETHER" Note "surname and given names in places of their own" "Surname and given names stand in one value; they were parted at the slash or comma."
        "Write surname and given names in places of their own.";
    NAME_WHOLE "P-NAME-WHOLE" Warning "surname and given names in places of their own" "Surname and given names stand in one value and nothing says where the one ends; the whole was taken as the surname."
        "Write surname and given names in places of their own, or part them with a slash: SMITH/JOHN.";
    COLUMN_UNKNOWN "P-COLUMN" Note "a name of the page on tables and JSON" "This column or key is not known and was passed over."
        "Name the column as the page on tables and JSON does, or leave it out.";
    SERIES_INCOMPLETE "P-PARTS" Warning "all parts of the series" "Parts of this series of messages are missing; those that came were read."
        "Send the parts that are missing under the same common access reference (UNH 0068), the last with F.";
    CUT_OFF "P-CUT-OFF" Error "the rest of the message" "The transmission ends in the middle of this message; what is there was read."
        "Send the message again, whole.";
    CUT_OFF_HEADER "P-CUT-OFF-HEADER" Error "the rest of UNB, and the messages" "The transmission ends in the middle of the interchange header UNB; nothing else came."
        "Send the interchange again, whole.";
    SERIES_HEADER "P-PARTS-DIFFER" Warning "the same flight in every part" "A later part of the series names another flight than the first."
        "Repeat TDT, LOC and DTM alike in every part, or give another flight a reference (UNH 0068) of its own.";
    FUNCTION_UNKNOWN "P-FUNCTION" Warning "a function of the guide: 745, 250 or 266 in PAXLST, 22 or 141 in PNRGOV" "The message's function is not known; it was taken for a full list."
        "Write the code that the guide has for what you want done.";
    FUNCTION_MISSING "P-FUNCTION-MISSING" Warning "BGM, MSG or Function" "The message does not say what it is for; it was taken for a full list."
        "Put BGM (PAXLST, CUSRES) or MSG (PNRGOV) behind UNH; in XML, Function at the root: 22 for a full push.";
    SEGMENT_UNKNOWN "P-SEGMENT" Note "a segment of the guide" "This segment is not understood and was passed over."
        "Leave the segment out, or check its tag; the rest of the message was read.";
    TAG_MEANT "P-TAG" Warning "the tag" "The tag is mistyped, or what should part it from the first element; the segment was read as the one that it must have been meant as."
        "Write the tag in three capitals, and the element separator right behind it: NAD+FL, TIF+SURNAME.";
    TERMINATOR_MISSING "P-TERMINATOR" Warning "the segment terminator before this tag" "The terminator is missing between two segments; they were read as two."
        "End each segment with the terminator, ' where UNA names no other.";
    PERSON_MISSING "P-PERSON-MISSING" Error "the segment that names this person" "Somebody may be missing here: the segment that names them is not there or could not be read. What follows is not of the traveller before, and was put to a traveller without a name."
        "Write NAD (PDT in the old dialect, TIF in PNRGOV) with the name before what belongs to the person.";
    PERSON_BY_DOCUMENT "P-PERSON-DOCUMENT" Error "the TIF of this person" "Somebody is named by a document alone: the segment that names them could not be read. They were added by the name on the document."
        "Write a TIF with the name before what belongs to the person.";
    ASIDE "P-ASIDE" Warning "a segment of the guide" "This could not be read and may name somebody; what follows up to the next name was given to nobody, unless it says whose it is."
        "Write the tag in three capitals and end the segment before it with the terminator; check that nobody is missing.";
    NAMES_SEVERAL "P-NAMES" Warning "one person" "More than one person is named here; each was read as a traveller."
        "Give everybody a NAD (PAXLST) or TIF (PNRGOV) of their own, with what belongs to them behind it.";
    NAMES_SECOND "P-NAMES-SECOND" Warning "one person in a NAD" "More people are stated than are named, and a second name may stand here; it was read as what stands in this place."
        "Give everybody a NAD of their own, with what belongs to them behind it.";
    SEGMENT_PLACE "P-SEGMENT-PLACE" Note "its place in the guide's table" "This segment has no owner at this place and was passed over."
        "Put it behind the segment that it belongs to: places and times of a flight behind TDT, those of a person behind NAD, those of a document behind DOC.";
    QUALIFIER_UNKNOWN "P-QUALIFIER" Note "a qualifier of the guide" "This qualifier is not understood; the segment was passed over."
        "Write a qualifier of the guide, or leave the segment out.";
    QUALIFIER_BLANK "P-QUALIFIER-BLANK" Note "the qualifier without blanks" "There is a blank before or behind the qualifier; it was read without."
        "Write the qualifier right behind the separator: LOC+125+IST.";
    NO_FLIGHT "P-FLIGHT" Error "carrier, number, airports and times of the flight" "The message names no flight."
        "Put the flight in: TDT with LOC and DTM in PAXLST, TVL behind ORG in PNRGOV, FlightLeg in XML; carrier, flight, from, to and departs in a table or JSON.";
    FLIGHT_NUMBER "P-FLIGHT-NUMBER" Error "carrier designator and flight number" "The flight has no carrier or no number."
        "Write carrier and number: TDT+20+TK1980+++TK, or the 4th and 5th element of TVL.";
    FLIGHT_SEVERAL "P-FLIGHT-SEVERAL" Warning "one flight" "The message is about several flights."
        "Send a list for each flight; the legs of one flight bear one number, or go on where the last one ended.";
    FLIGHT_OTHER_NUMBER "P-FLIGHT-RENAMED" Note "one flight number for all legs" "A further leg bears another number; it was taken for a leg of the same flight."
        "Nothing need be done if it is one flight under two numbers.";
    AIRPORT_MISSING "P-AIRPORT-MISSING" Warning "an airport" "The flight lacks an airport of departure or arrival."
        "Name both airports: LOC+125 and LOC+87 behind TDT, the 2nd and 3rd element of TVL, DepartureAirport and ArrivalAirport in XML, from and to in a table or JSON.";
    AIRPORT_UNKNOWN "P-AIRPORT" Warning "an IATA or ICAO location code" "This airport is not known."
        "Write the three letters of IATA, or the four of ICAO.";
    AIRPORTS_SAME "P-AIRPORTS-SAME" Error "two different airports" "The flight leaves from where it arrives."
        "Write the airport of departure (125) and that of arrival (87).";
    TIME_MISSING "P-TIME-MISSING" Warning "a scheduled time of departure" "The flight's departure time is missing."
        "Add the scheduled local time of departure: DTM+189:YYMMDDHHMM:201 behind the LOC of departure, the first element of TVL, DepartureDateTime in XML, departs in a table or JSON.";
    TIME_INVALID "P-TIME" Warning "YYMMDDHHMM in DTM, DDMMYY:HHMM in TVL, 2026-03-01T11:30 in XML, a table or JSON" "This is no date and time."
        "Write a day that exists, and hours to 23 and minutes to 59, in digits alone.";
    TIMES_ORDER "P-TIMES-ORDER" Error "an arrival after the departure" "The flight arrives before it departs."
        "Write each time on the clock of its airport; check the days and whether the two are swapped.";
    TIMES_LONG "P-TIMES-LONG" Warning "a leg of at most 20 hours" "The leg takes longer than any flight does."
        "Check the days of departure and arrival.";
    DATE_FAR "P-DATE-FAR" Error "a departure within a year of the day on which the list is sent" "The flight departs more than a year from the day on which this came."
        "Check the year and the order of the date: YYMMDDHHMM in DTM, DDMMYY in TVL.";
    DATE_TURNED "P-DATE-TURNED" Warning "YYMMDDHHMM in DTM, DDMMYY in TVL" "The date of the flight stands in another order: in the right one it would be far off, in this one it is near. It was read so."
        "Write the date in the order of the guide: YYMMDDHHMM in DTM, DDMMYY in TVL.";
    ITINERARY_ORDER "P-ITINERARY-ORDER" Warning "an arrival after the departure" "A flight of a booking's itinerary arrives before it departs."
        "Write each time on the clock of its airport; check the days and whether the two are swapped.";
    NOBODY "P-NOBODY" Note "travellers" "The message lists nobody."
        "Nothing need be done if there is nobody on board.";
    PERSON_KIND "P-PERSON-KIND" Warning "FL, FM, DDU, DDT or ZZZ" "It is not said what this person is on board; they were taken for a passenger."
        "Write FL for a passenger, FM for crew, DDU or DDT for those in transit: NAD+FL+++SURNAME:GIVEN.";
    NAME_MISSING "P-NAME" Error "a surname" "This traveller has no name."
        "Write the surname; who has a single name has it as surname.";
    NAME_PLACEHOLDER "P-NAME-PLACEHOLDER" Note "nothing where a name is not known" "A word that stands for an unknown name was removed."
        "Leave the field empty where a name is not known.";
    NAME_PLACE "P-NAME-PLACE" Warning "the name in its element (NAD C080)" "The name stands in the wrong element."
        "Write surname and given names as components of the 4th element of NAD: NAD+FL+++SURNAME:GIVEN.";
    NAME_QUOTE "P-NAME-QUOTE" Warning "a quote that is released" "A quote in the name ended the segment; the two halves were put together."
        "Write ?' for a quote in a name: O?'LEARY.";
    BIRTH_MISSING "P-BIRTH-MISSING" Warning "a date of birth" "The date of birth is missing."
        "Add the date that the document has: DTM+329:YYMMDD behind NAD, birth_date in a table or JSON.";
    BIRTH_INVALID "P-BIRTH" Error "YYMMDD or CCYYMMDD; in DOCS DDMMMYY; in a table or JSON 1988-04-02 as well" "This is no date of birth."
        "Write a day that exists, in that order; in digits alone, zeros for a month or day that the document leaves out.";
    BIRTH_PARTIAL "P-BIRTH-PARTIAL" Note "a whole date" "Only part of the date of birth is given."
        "Write the whole date if the document has it.";
    BIRTH_FUTURE "P-BIRTH-FUTURE" Error "a date before the departure" "The date of birth is after the departure."
        "Check the year, and whether day and month are swapped.";
    BIRTH_AGE "P-BIRTH-AGE" Error "an age under 125 years" "The traveller would be older than anybody."
        "Check the year.";
    SEX_UNKNOWN "P-SEX" Note "M, F, U or X" "This is no code for sex."
        "Write M, F, U (not known) or X (unspecified in the document).";
    COUNTRY_UNKNOWN "P-COUNTRY" Warning "a code of ISO 3166-1 or ICAO Doc 9303" "This country code is not known."
        "Write the three letters of the machine-readable zone (GBR, D, XXA), not those of a sports team or a licence plate.";
    COUNTRY_UNK "P-COUNTRY-UNK" Note "nothing where the country is not known" "UNK is the code of a United Nations mission; if it stands for unknown, leave it out."
        "Leave the country out, if it is not known.";
    COUNTRY_SPECIMEN "P-COUNTRY-SPECIMEN" Error "a code of ISO 3166-1 or ICAO Doc 9303" "UTO is Utopia, the country of specimens: nobody is its national, and it issues no document."
        "Write the country that the document has; a specimen is for tests alone.";
    COUNTRY_RETIRED "P-COUNTRY-RETIRED" Note "the code that is in use today" "This country code is no longer in use; it was kept as it stands."
        "Write the code that the machine-readable zone has now.";
    COUNTRY_SHORT "P-COUNTRY-SHORT" Note "three letters" "The country is written in two letters; it was taken for the one that bears them."
        "Write the three letters of the machine-readable zone: TUR for TR.";
    COUNTRY_INVALID "P-COUNTRY-FORM" Warning "three letters" "This is no country code."
        "Write the three letters of the machine-readable zone.";
    DOCUMENT_MISSING "P-DOCUMENT-MISSING" Warning "a travel document" "The traveller has no travel document."
        "Add its number, expiry and issuing country: DOC, DTM+36 and LOC+91 behind NAD, the columns of the document in a table or JSON.";
    DOCUMENT_KIND "P-DOCUMENT-KIND" Note "P, I, A, C, V, AC, IP, F, T or L" "The kind of the document is missing or not known."
        "Write P for a passport, I for an identity card, V for a visa.";
    DOCUMENT_NUMBER "P-DOCUMENT-NUMBER" Warning "a document number" "The document has no number, or one with characters that no document has."
        "Write the number as the document has it, without blanks and signs.";
    DOCUMENT_DATE "P-DOCUMENT-DATE" Warning "YYMMDD or CCYYMMDD; in DOCS DDMMMYY; in a table or JSON 2031-10-25 as well" "This is no date of a document."
        "Write a day that exists, in that order.";
    DATE_ORDER "P-DATE-ORDER" Warning "2031-10-25, or 25OCT31" "It cannot be told whether the day or the month stands first; of this date the year alone was read."
        "Write the year first: 2031-10-25. The receiver can also be told in which order you write dates.";
    DATE_ORDER_TOLD "P-DATE-ORDER-TOLD" Note "2031-10-25, or 25OCT31" "Whether the day or the month stands first was told by other dates of the same list."
        "Write the year first: 2031-10-25.";
    DOCS_DATE "P-DOCS-DATE" Warning "DDMMMYY, such as 02APR88" "A date of DOCS is written in digits; it was read in the only order in which it is a day, or the year first."
        "Write the month in letters: 02APR88.";
    DOCUMENT_EXPIRED "P-DOCUMENT-EXPIRED" Warning "a document valid on arrival" "The document expires before the flight."
        "Check the year; a document that has expired may not let its holder travel.";
    DOCUMENT_UNPLACED "P-DOCUMENT-OWNER" Warning "a reference or a name of the booking" "It is not clear whose document this is; it was given to nobody."
        "Refer to the traveller: the number of the TIF in the 3rd component of the 2nd element of SSR, or the same name.";
    DOCUMENT_NAME "P-DOCUMENT-NAME" Warning "a document of the traveller" "The document bears another name than the traveller beside whom it stands; it was given to them."
        "Put the document behind the TIF of its owner, or refer to them: the number of the TIF in the 3rd component of the 2nd element of SSR.";
    DOCUMENT_FORM "P-DOCUMENT-FORM" Warning "/type/issuer/number/nationality/birth/sex/expiry/surname/given" "The document's text does not have the agreed form."
        "Write the fields of DOCS in their order, each behind a slash, empty ones as well.";
    DUPLICATE "P-DUPLICATE" Warning "everybody once" "The same person is listed twice."
        "List everybody once; two people of one name have two dates of birth or two documents.";
    REFERENCE_DOUBLE "P-REFERENCE" Warning "a reference of its own for everybody" "Two travellers bear the same reference."
        "Give everybody on the flight a reference (RFF+ABO) of their own.";
    LATE_TRAVELLER "P-LATE-NAME" Warning "a name of the booking" "Somebody is named here whom the booking does not name; they were added."
        "Name everybody of the booking by a TIF of their own.";
    REMOVED_TRAVELLER "P-REMOVED-NAME" Note "" "The history names somebody who was taken out of the booking; they are no traveller of it."
        "Nothing need be done.";
    REFERENCED_NOBODY "P-TRAVELLER-REF" Note "a reference that the booking gives" "This refers to a traveller whom the booking does not name."
        "Refer by the number that the TIF of the traveller gives.";
    COUNT "P-COUNT" Warning "the number of travellers" "The stated total is not the number of travellers."
        "Write the number of travellers of the whole flight, all parts together, and check that nobody is missing.";
    COUNT_INVALID "P-COUNT-FORM" Note "a number" "This is no number."
        "Write the number in digits.";
    COUNT_BOOKINGS "P-COUNT-BOOKINGS" Note "the number of bookings" "The stated number of bookings is not that of the message."
        "Write the number of bookings of the whole push: of SRC in EQN, of PNR in NumberOfPnrs.";
    BOOKING_WITHOUT_SRC "P-BOOKING-START" Note "SRC before each booking" "A booking starts without its SRC segment."
        "Put SRC before each booking.";
    DIALECT "P-DIALECT" Note "what the state's own guide asks for" "The guide of this state is known to ask for something else here; it was read all the same."
        "Look into the guide of the state that you send to, and write what it asks for.";
    MANY "P-MANY" Error "fewer mistakes" "There are more findings than are listed."
        "Mend what is listed and check again.";
    NAME_DIGITS "P-NAME-DIGITS" Warning "letters" "There are digits in the name."
        "Write the name as the document has it.";
    NAME_SIGNS "P-NAME-SIGNS" Warning "letters, blanks, hyphens and apostrophes" "There are signs in the name that no name has."
        "Write surname and given names in places of their own, as the document has them, without slashes, commas and other signs.";
    NAME_LONG "P-NAME-LONG" Warning "256 characters at most" "The name is longer than anybody's; its beginning is compared with watchlists."
        "Write the name as the document has it.";
    NAME_TITLE "P-NAME-TITLE" Note "a name without a title" "A title stands in the name, or is glued on to it."
        "Write the name alone, without MR, MRS or DR.";
    NAME_NOBODY "P-NAME-NOBODY" Warning "the traveller's name" "This is a word for somebody whose name is not known, or for a test."
        "Write the name of the person who travels.";
    BIRTH_NOBODY "P-BIRTH-NOBODY" Warning "the traveller's date of birth" "This date is what systems put where they know none."
        "Write the date that the document has; leave it out if it has none.";
    DOCUMENT_NOBODY "P-DOCUMENT-NOBODY" Warning "the document's number" "This number is what systems put where they know none."
        "Write the number that the document has.";
    DOCUMENT_CHECK_DIGIT "P-DOCUMENT-CHECK-DIGIT" Note "the number without its check digit" "The number seems to end with the check digit of the machine-readable zone."
        "Take the last digit off, if the document's page shows the number without it.";
    RESULT_UNKNOWN "P-RESULT" Note "0Z, 1Z, 2Z, 4Z, 0, 1 or an error number" "This result code is not known."
        "Write a code of the table that was agreed on.";
    RESULT_MISSING "P-RESULT-MISSING" Warning "ERC after ERP" "This result says nothing: it has no code."
        "Put ERC behind each ERP.";
    RESULT_OWNER "P-RESULT-OWNER" Warning "RFF AVF or RFF ABO after ERP 2" "It is not said whose result this is."
        "Put RFF+AVF and RFF+ABO of the request behind ERP+2.";
    BAGS_INVALID "P-BAGS" Note "a number of bags or a weight" "The baggage is not understood."
        "Write a whole number.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_ours() {
        let mut seen = std::collections::HashSet::new();
        for row in CODES {
            assert!(row.code.starts_with("P-") && row.text.ends_with('.'), "{}", row.code);
            assert!(row.advice.ends_with('.') && row.advice.len() > 10, "{}", row.code);
            assert!(seen.insert(row.code), "{} twice", row.code);
        }
    }
}
