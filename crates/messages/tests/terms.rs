//! What is agreed on beside the standard changes what a field means, and only for those who
//! have agreed on it.
#![allow(clippy::unwrap_used)]

use edifact::Mode;
use jiff::civil::date;
use messages::pnrgov::ATTRIBUTES;
use messages::{Terms, dialect};
use travel::{Country, Sex, Traveller};

fn read(bytes: &[u8], terms: &Terms) -> Vec<Traveller> {
    let mut reading = messages::read_on(bytes, Mode::Tolerant, date(2026, 3, 1), terms);
    reading.messages.remove(0).report.travellers
}

fn following(state: &'static str, name: &str) -> Terms {
    let dialect = dialect::named(Country::new(state), name);
    assert!(dialect.is_some());
    Terms { dialect, ..Terms::default() }
}

fn list(person: &str) -> Vec<u8> {
    format!(
        "UNB+UNOA:4+ZZ+X+260301:0900+1'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'\
         NAD+FL+++ORNEK:AYLA'{person}'UNT+9+1'UNZ+1+1'"
    )
    .into_bytes()
}

#[test]
fn a_sex_that_stands_for_not_known_is_not_known() {
    for (guide, written, read_as) in [
        (Terms::default(), "M", Sex::Male),
        (following("CZE", ""), "M", Sex::Unknown),
        (following("CZE", ""), "F", Sex::Female),
        (following("USA", ""), "m", Sex::Unknown),
        (following("DEU", ""), "M", Sex::Male),
    ] {
        let [who] = &read(&list(&format!("ATT+2++{written}")), &guide)[..] else { panic!() };
        assert_eq!(who.sex, read_as, "{written} {:?}", guide.dialect.map(|d| d.state));
    }
}

#[test]
fn where_somebody_checked_in_is_not_how_the_document_was_read() {
    let sent = list("GEI+4+174'RFF+YZY:9991234567890C2'DOC+P+U123");
    for (guide, verified, ticket) in [
        (Terms::default(), Some(false), "9991234567890C2"),
        (following("CHN", "interactive"), None, "9991234567890"),
        (following("CHN", "batch"), Some(false), "9991234567890C2"),
    ] {
        let [who] = &read(&sent, &guide)[..] else { panic!() };
        assert_eq!((who.verified, who.tickets[0].as_str()), (verified, ticket));
    }
    let kept = ["9991234567890", "C2", "9991234567890C9", "ABC2"];
    for ticket in kept {
        let sent = list(&format!("RFF+YZY:{ticket}"));
        assert_eq!(read(&sent, &following("CHN", "interactive"))[0].tickets, [ticket]);
    }
}

const XML: &str = "<IATA_PNRGOV_NotifRQ Function='22'><PNRs><PNR><Passenger RPH='1'>\
    <Surname>ORNEK</Surname><CustLoyalty KEY='123'/></Passenger></PNR></PNRs></IATA_PNRGOV_NotifRQ>";

#[test]
fn an_attribute_that_a_sender_calls_otherwise_is_read_under_that_name() {
    assert!(read(XML.as_bytes(), &Terms::default())[0].frequent_flyer.is_empty());
    let mut terms = Terms::default();
    terms.names.set("loyalty.number", vec!["NUMBER".into(), "KEY".into()]).unwrap();
    assert_eq!(read(XML.as_bytes(), &terms)[0].frequent_flyer, ["123"]);
}

#[test]
fn a_name_of_nothing_is_told_with_those_that_there_are() {
    let mut terms = Terms::default();
    let said = terms.names.set("loyalty.numbers", Vec::new()).unwrap_err().to_string();
    assert!(said.contains("loyalty.numbers") && said.contains("loyalty.number,"), "{said}");
    assert!(ATTRIBUTES.iter().all(|(key, names)| said.contains(key) && !names.is_empty()));
}
