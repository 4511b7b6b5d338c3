//! Tables as people and spreadsheets make them: whom they name is read, and whoever has to mend
//! them is told what and where.
#![allow(clippy::unwrap_used)]

use edifact::Mode;
use expect_test::{Expect, expect};
use jiff::civil::date;
use messages::Reading;

fn read(bytes: &[u8]) -> Reading {
    messages::read(bytes, Mode::Tolerant, date(2026, 3, 1))
}

/// Who is named, born when; then each finding with the text at its place.
#[track_caller]
fn check(text: &str, expected: Expect) {
    let reading = read(text.as_bytes());
    let mut shown = String::new();
    for t in reading.messages.iter().flat_map(|m| &m.report.travellers) {
        let born = t.birth_date.map(|d| format!(" {d}")).unwrap_or_default();
        shown += &format!("{}{born}\n", t.written_name());
    }
    let missing = ["P-FLIGHT", "P-BIRTH-MISSING", "P-DOCUMENT-MISSING"];
    for f in reading.findings.iter().filter(|f| !missing.contains(&&*f.code)) {
        let line = text[..f.span.start].matches('\n').count() + 1;
        let column = f.span.start - text[..f.span.start].rfind('\n').map_or(0, |n| n + 1) + 1;
        let at = &text[f.span.start..f.span.end];
        shown += &format!("{} {line}:{column} {at:?}\n", f.code);
    }
    expected.assert_eq(&shown);
}

const ROWS: &str = "surname;given;dob\nADAMS;ANN;880402\n";

#[test]
fn a_quote_that_nothing_closes_takes_nobody_with_it() {
    check(
        &format!("{ROWS}\"BAKER;BOB;890101\nCOOK;\"CLEO\";900101\nDEAN;DORA;910101\n"),
        expect![[r#"
            ADAMS/ANN 1988-04-02
            BAKER/BOB 1989-01-01
            COOK/CLEO 1990-01-01
            DEAN/DORA 1991-01-01
            P-QUOTE-OPEN 3:1 "\""
        "#]],
    );
    check(
        &format!("{ROWS}BAKER;\"BOB;890101\nCOOK;CLEO\";900101\n"),
        expect![[r#"
            ADAMS/ANN 1988-04-02
            BAKER/BOB 1989-01-01
            COOK/CLEO" 1990-01-01
            P-QUOTE-OPEN 3:7 "\""
            P-NAME-SIGNS 4:6 "CLEO\""
            P-QUOTE 4:10 "\""
        "#]],
    );
}

#[test]
fn quotes_in_the_middle_are_told_and_line_breaks_in_quotes_are_none() {
    check(
        &format!(
            "{ROWS}BAKER;\"BOB \"THE\" B\";890101\nCO\"OK;CLEO;900101\nDEAN;\"DORA\nMAY\";910101\n"
        ),
        expect![[r#"
            ADAMS/ANN 1988-04-02
            BAKER/BOB "THE" B 1989-01-01
            CO"OK/CLEO 1990-01-01
            DEAN/DORA MAY 1991-01-01
            P-NAME-SIGNS 3:8 "BOB \"THE\" B"
            P-QUOTE 3:12 "\""
            P-NAME-SIGNS 4:1 "CO\"OK"
            P-QUOTE 4:3 "\""
        "#]],
    );
}

#[test]
fn titles_and_separators_before_the_header_lose_nobody() {
    check(
        "sep=;\r\nPassengers of ZZ101\r\n\r\nFull Name;DOB\r\nADAMS/ANNMRS;880402\r\nBOB BAKER;890101\r\nTotal;2\r\n",
        expect![[r#"
            ADAMS/ANN 1988-04-02
            BOB BAKER 1989-01-01
            P-TITLE 2:1 "Passengers of ZZ101"
            P-NAME-TOGETHER 5:1 "ADAMS/ANNMRS"
            P-NAME-WHOLE 6:1 "BOB BAKER"
        "#]],
    );
    check(
        "PassengerName,date of birth\n\"ADAMS, ANN\",1988-04-02\nTotal,3\n",
        expect![[r#"
            ADAMS/ANN 1988-04-02
            P-COUNT 2:1 "\"ADAMS, ANN\",1988-04-02"
            P-NAME-TOGETHER 2:2 "ADAMS, ANN"
        "#]],
    );
}

#[test]
fn rows_that_are_too_long_or_hold_no_person_are_told_apart() {
    check(
        "surname,given,dob,flight\nADAMS,JR,ANN,880402,ZZ1\nBAKER,BOB\n,,,ZZ1\nsurname,given,dob,flight\nCOOK,CLEO,900101,ZZ1\n",
        expect![[r#"
            ADAMS/JR
            BAKER/BOB
            COOK/CLEO 1990-01-01
            P-AIRPORT-MISSING 1:1 "surname,given,dob,flight"
            P-AIRPORT-MISSING 1:1 "surname,given,dob,flight"
            P-TIME-MISSING 1:1 "surname,given,dob,flight"
            P-AIRPORT-MISSING 1:1 "surname,given,dob,flight"
            P-AIRPORT-MISSING 1:1 "surname,given,dob,flight"
            P-TIME-MISSING 1:1 "surname,given,dob,flight"
            P-FLIGHT-SEVERAL 2:1 "ADAMS,JR,ANN,880402,ZZ1"
            P-BIRTH 2:10 "ANN"
            P-ROW-LONG 2:21 "ZZ1"
            P-ROW-SHORT 3:1 "BAKER,BOB"
        "#]],
    );
}

#[test]
fn dates_and_words_are_read_as_people_write_them() {
    check(
        "name;given;dob;sex;nat\nADAMS;ANN;2-Apr-1988;Female;CSK\nBAKER;BOB;1989/1/2 00:00:00;Mrs;TUR\nCOOK;CLEO;31-12-1990;Q;SUN\n",
        expect![[r#"
            ADAMS/ANN 1988-04-02
            BAKER/BOB 1989-01-02
            COOK/CLEO 1990-12-31
            P-COUNTRY-RETIRED 2:29 "CSK"
            P-SEX 3:29 "Mrs"
            P-SEX 4:22 "Q"
            P-COUNTRY-RETIRED 4:24 "SUN"
        "#]],
    );
}

#[test]
fn an_arrival_before_the_departure_is_told_whatever_the_clocks_show() {
    let of = |departs: &str, arrives: &str| {
        let text = format!(
            "surname;flight;from;to;departs;arrives\nADAMS;ZZ1;JFK;LHR;{departs};{arrives}\n"
        );
        let reading = read(text.as_bytes());
        reading.findings.iter().any(|f| f.code == "P-TIMES-ORDER")
    };
    assert!(!of("2026-03-02 20:00", "2026-03-03 08:00"));
    // Three hours by the clocks are none by the sun.
    assert!(of("2026-03-02 20:00", "2026-03-02 23:00"));
    assert!(!of("02-MAR-2026 20:00", "03.03.2026 08:00"));
    assert!(of("02.03.2026 20:00", "02.03.2026 21:00"));
}

#[test]
fn what_may_reveal_something_is_not_quoted_whatever_column_it_is_in() {
    let text = "surname;dob;sex;nat;wish for halal\nADAMS;HALAL FOOD;KOSHER;HINDU;ALLERGY\n";
    let reading = read(text.as_bytes());
    for f in &reading.findings {
        let words = ["HALAL", "KOSHER", "HINDU", "ALLERGY", "halal"];
        assert!(!words.iter().any(|w| f.found.contains(w)), "{} {}", f.code, f.found);
    }
    assert!(reading.findings.iter().any(|f| f.code == "P-BIRTH" && f.field == Some("birthdate")));
}
