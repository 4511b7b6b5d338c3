//! Dates in another order than the guide's, and flights that arrive before they depart.
#![allow(clippy::unwrap_used)]

use edifact::Mode;
use jiff::civil::date;
use messages::Reading;

fn read(text: &str) -> Reading {
    messages::read(text.as_bytes(), Mode::Tolerant, date(2026, 11, 28))
}

fn codes(reading: &Reading) -> Vec<&str> {
    let told = reading.findings.iter().map(|f| &*f.code);
    told.filter(|c| c.starts_with("P-DATE") || c.contains("ORDER") || c.starts_with("P-TIME"))
        .collect()
}

fn departs(reading: &Reading) -> String {
    reading.messages[0].report.flights[0].legs[0].departs.map_or("-".into(), |d| d.to_string())
}

fn list(flight: [&str; 4]) -> Reading {
    let [from, departs, to, arrives] = flight;
    read(&format!(
        "UNB+UNOA:4+ZZ+GBR+261128:0900+1++APIS'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'\
         TDT+20+ZZ77+++ZZ'LOC+125+{from}'DTM+189:{departs}:201'LOC+87+{to}'DTM+232:{arrives}:201'\
         NAD+FL+++YILMAZ:AYSE'DTM+329:880402'DOC+P+U1234567'CNT+42:1'UNT+12+1'UNZ+1+1'"
    ))
}

fn push(pushed: &str, booking: &str) -> Reading {
    read(&format!(
        "UNA:+.?*'UNB+IATA:1+ZZ+GBR+261128:0900+1++PNRGOV'UNH+1+PNRGOV:13:1:IA'MSG+:22'ORG+ZZ:IST'\
         TVL+{pushed}+ZZ+77'EQN+1'SRC'RCI+ZZ:ABC123'TIF+YILMAZ+AYSE:A:1'{booking}UNT+10+1'UNZ+1+1'"
    ))
}

#[test]
fn the_date_of_a_flight_in_another_order_is_read_in_it_and_told() {
    for (written, day, told) in [
        ("301126:1130:301126:1330", "2026-11-30 11:30", &[][..]),
        ("261130:1130:261130:1330", "2026-11-30 11:30", &["P-DATE-TURNED"][..]),
        ("261128:1130:261128:1330", "2026-11-28 11:30", &["P-DATE-TURNED"]),
        ("261201:1130:261201:1330", "2026-12-01 11:30", &["P-DATE-TURNED"]),
        ("261126:1130:261126:1330", "2026-11-26 11:30", &[]),
        ("010529:1130:010529:1330", "2029-05-01 11:30", &["P-DATE-FAR"]),
    ] {
        let reading = push(&format!("{written}+IST+LHR"), "");
        assert_eq!((departs(&reading).as_str(), &codes(&reading)[..]), (day, told), "{written}");
    }
    for (from, to, day, told) in [
        ("2611301130", "2611301330", "2026-11-30 11:30", &[][..]),
        ("3011261130", "3011261330", "2026-11-30 11:30", &["P-DATE-TURNED", "P-DATE-TURNED"][..]),
        ("0112261130", "0112261330", "2026-12-01 11:30", &["P-DATE-TURNED", "P-DATE-TURNED"]),
        ("2811281130", "2811281330", "2028-11-28 11:30", &["P-DATE-FAR"]),
    ] {
        let reading = list(["IST", from, "LHR", to]);
        assert_eq!((departs(&reading).as_str(), &codes(&reading)[..]), (day, told), "{from}");
    }
}

#[test]
fn an_arrival_before_the_departure_is_told_but_across_the_date_line() {
    let order = |flight: [&str; 4]| codes(&list(flight)) == ["P-TIMES-ORDER"];
    assert!(order(["IST", "2611301130", "LHR", "2611300730"]));
    assert!(!order(["AKL", "2611301930", "LAX", "2611301030"]));
    assert!(order(["AKL", "2611301930", "LAX", "2611291030"]));
    // Where an airport is not known, what no two clocks explain.
    assert!(order(["QQQ", "2611301930", "LAX", "2611280830"]));
    assert!(!order(["QQQ", "2611301930", "LAX", "2611300830"]));
    let pushed = "301126:1130:301126:1330+IST+LHR";
    let itinerary = |times: &str, places: &str| {
        codes(&push(pushed, &format!("TVL+{times}+{places}+ZZ+99'"))) == ["P-ITINERARY-ORDER"]
    };
    assert!(itinerary("021226:1130:011226:1330", "LHR+IST"));
    assert!(!itinerary("021226:1930:021226:1030", "AKL+LAX"));
    assert!(!itinerary("021226:1130:021226:1330", "LHR+CDG"));
}

#[test]
fn dates_of_docs_in_digits_are_read_only_where_there_is_one_reading() {
    let docs = |born: &str, until: &str| {
        let text =
            format!("SSR+DOCS:HK:1:ZZ:::::/P/TUR/U0012345/TUR/{born}/F/{until}/YILMAZ/AYSE+::1'");
        let reading = push("301126:1130:301126:1330+IST+LHR", &text);
        let t = &reading.messages[0].report.travellers[0];
        let date = |d: Option<travel::PartialDate>| d.map_or("-".into(), |d| d.to_string());
        let told = reading.findings.iter().map(|f| &*f.code);
        let told = told.filter(|c| ["P-BIRTH", "P-DOCUMENT-DATE", "P-DOCS-DATE"].contains(c));
        let dates = format!("{} {}", date(t.birth_date), date(t.documents[0].expires));
        format!("{dates} {}", told.collect::<Vec<_>>().join(" "))
    };
    assert_eq!(docs("02APR88", "30SEP31"), "1988-04-02 2031-09-30 ");
    assert_eq!(docs("020411", "30SEP31"), "- 2031-09-30 P-BIRTH");
    assert_eq!(docs("880402", "30SEP31"), "1988-04-02 2031-09-30 P-DOCS-DATE");
    assert_eq!(docs("310588", "30SEP31"), "1988-05-31 2031-09-30 P-DOCS-DATE");
    assert_eq!(docs("19880402", "30SEP31"), "1988-04-02 2031-09-30 P-DOCS-DATE");
    assert_eq!(docs("2APR88", "30SEP31"), "- 2031-09-30 P-BIRTH");
    assert_eq!(docs("02APR88", "010330"), "1988-04-02 - P-DOCUMENT-DATE");
}

#[test]
fn codes_of_countries_that_are_no_more_say_what_is_written_today() {
    for (code, told, today) in [
        ("CSK", "P-COUNTRY-RETIRED", "CZE or SVK"),
        ("ROM", "P-COUNTRY-RETIRED", "ROU"),
        ("ZAR", "P-COUNTRY-RETIRED", "COD"),
        ("GER", "P-COUNTRY", "DEU"),
        ("SUI", "P-COUNTRY", "CHE"),
    ] {
        let text = format!(
            "SSR+DOCS:HK:1:ZZ:::::/P/{code}/U0012345/{code}/02APR88/F/30SEP31/YILMAZ/AYSE+::1'"
        );
        let reading = push("301126:1130:301126:1330+IST+LHR", &text);
        let found = reading.findings.iter().find(|f| f.code == told).unwrap();
        assert_eq!((&*found.found, &*found.expected), (code, today));
    }
}
