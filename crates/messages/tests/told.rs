//! What a carrier is told of a message that is broken: the whole answer, segment by segment.
#![allow(clippy::unwrap_used)]

use edifact::Mode;
use expect_test::{Expect, expect};
use jiff::civil::{date, datetime};
use messages::Verdict;

const LIST: &str = "UNB+UNOA:4+TK+GBR+260301:0900+1++APIS'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'\
    TDT+20+TK1980+++TK'LOC+125+IST'DTM+189:2603011130:201'LOC+87+LHR'DTM+232:2603011330:201'\
    NAD+FL+++YILMAZ:AYSE'ATT+2++F'DTM+329:880402'NAT+2+TUR'DOC+P+U1234567'DTM+36:300101'\
    LOC+91+TUR'RFF+ABO:P1'CNT+42:1'UNT+17+1'UNZ+1+1'";

/// The answer, when every message is taken; without the segments that say nothing of faults.
fn told(bytes: &str, expected: Expect) {
    let reading = messages::read(bytes.as_bytes(), Mode::Tolerant, date(2026, 3, 1));
    let verdicts = vec![Verdict::Accepted; reading.messages.len()];
    let answer = messages::answer(&reading, &verdicts, datetime(2026, 3, 1, 9, 0, 0, 0), "GBR");
    let (interchange, faults) = edifact::read(&answer, Mode::Strict);
    assert!(faults.is_empty(), "{faults:?}");
    let mut shown = String::new();
    for segment in interchange.messages().iter().flat_map(|m| m.segments()) {
        if matches!(segment.tag(), "UCI" | "UCM" | "UCS" | "UCD" | "ERP" | "ERC" | "FTX" | "IFT") {
            let span = segment.span();
            shown += &String::from_utf8_lossy(&answer[span.start..span.end]);
            shown.push('\n');
        }
    }
    expected.assert_eq(&shown);
}

#[test]
fn a_list_without_a_fault_is_taken_and_that_is_all() {
    told(
        LIST,
        expect![[r#"
        UCI+1+TK+GBR+7
        UCM+1+PAXLST:D:05B:UN+7
        ERP+1
        ERC+0
        FTX+AAP+++ACCEPTED
    "#]],
    );
}

#[test]
fn a_wrong_total_is_a_remark_on_a_list_that_was_taken() {
    told(
        &LIST.replace("CNT+42:1", "CNT+42:3"),
        expect![[r#"
            UCI+1+TK+GBR+7
            UCM+1+PAXLST:D:05B:UN+7
            ERP+1
            ERC+0
            FTX+AAP+++ACCEPTED, WITH THE REMARKS BELOW
            ERP+1
            ERC+0
            FTX+AAP+++P-COUNT?: The stated total is not the number of travellers. Segment 16, element 1.2. Expected 1, which are listed. Write the number of travellers of the whole flight, all parts together, and check that nobody is missing.
        "#]],
    );
}

#[test]
fn a_segment_that_was_passed_over_is_named() {
    let list = LIST.replace("NAT+2", "QTY+1:2'NAT+2").replace("UNT+17", "UNT+18");
    told(
        &list,
        expect![[r#"
            UCI+1+TK+GBR+7
            UCM+1+PAXLST:D:05B:UN+7
            UCS+11+15
            ERP+1
            ERC+0
            FTX+AAP+++ACCEPTED, WITH THE REMARKS BELOW
            ERP+2
            ERC+0
            FTX+AAP+++P-SEGMENT?: This segment is not understood and was passed over. Segment 11. Expected a segment of the guide. Leave the segment out, or check its tag; the rest of the message was read. (traveller 1)
        "#]],
    );
}

#[test]
fn tags_in_small_letters_are_read_and_named() {
    let list = LIST.replace("NAT+2", "nat+2").replace("UNB+", "unb+").replace("UNT+", "Unt+");
    let reading = messages::read(list.as_bytes(), Mode::Tolerant, date(2026, 3, 1));
    let t = &reading.messages[0].report.travellers[0];
    assert_eq!(t.nationality.unwrap().code(), "TUR");
    let places: Vec<_> =
        reading.findings.iter().map(|f| (f.code.as_str(), f.segment, f.found.as_str())).collect();
    let tags: Vec<_> = places.into_iter().filter(|p| p.0 == "12").collect();
    assert_eq!(tags, [("12", None, "unb"), ("12", Some(11), "nat"), ("12", Some(17), "Unt")]);
    told(
        &list,
        expect![[r#"
        UCI+1+TK+GBR+7+21+UNB
        UCM+1+PAXLST:D:05B:UN+7
        UCS+11+12
        UCS+11+21
        UCS+17+12
        ERP+1
        ERC+0
        FTX+AAP+++ACCEPTED
    "#]],
    );
    let strict = messages::read(list.as_bytes(), Mode::Strict, date(2026, 3, 1));
    assert_eq!(strict.severity(), Some(edifact::Severity::Error));
    let small = messages::read(LIST.to_lowercase().as_bytes(), Mode::Tolerant, date(2026, 3, 1));
    assert_eq!(small.messages[0].report.travellers.len(), 1);
}

#[test]
fn a_header_that_is_cut_off_is_one_fault_and_not_all_that_did_not_come() {
    for cut in ["UNB+UNOA:4+TK", "UNB+UNOA:4+TK+GBR+260301:0900+1++AP", "UNA:+.? 'UNB+UNO"] {
        let reading = messages::read(cut.as_bytes(), Mode::Tolerant, date(2026, 3, 1));
        let codes: Vec<&str> = reading.findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["13", "P-CUT-OFF-HEADER"], "{cut}");
    }
    told(
        "UNB+UNOA:4+TK+GBR+260301:0900+1++AP",
        expect![[r#"
        UCI+1+TK+GBR+4+13+UNB
    "#]],
    );
}

#[test]
fn of_more_mistakes_than_anybody_mends_the_first_are_named_and_that_there_are_more() {
    let wrong = "NAD+FL+++KAYA:CAN'DTM+329:999999'".repeat(25_000);
    let list = LIST.replace("NAD+FL+++YILMAZ:AYSE'", &format!("{wrong}NAD+FL+++YILMAZ:AYSE'"));
    let reading = messages::read(list.as_bytes(), Mode::Tolerant, date(2026, 3, 1));
    assert!(reading.findings.len() < 20_010, "{}", reading.findings.len());
    assert_eq!(reading.findings.iter().filter(|f| f.code == "P-MANY").count(), 1);
    assert_eq!(reading.messages[0].report.travellers.len(), 25_001);
}

#[test]
fn elements_and_segments_that_no_guide_allows_are_placed_with_their_codes() {
    let list = LIST
        .replace("YILMAZ:AYSE", &format!("{}:AYSE", "Y".repeat(36)))
        .replace("ATT+2++F", "ATT+2++F'ATT+2++F")
        .replace("DTM+36:300101", "DTM+36:3001")
        .replace("NAT+2+TUR", "NAT+2+TUR+X")
        .replace("UNT+17", "UNT+18");
    told(
        &list,
        expect![[r#"
        UCI+1+TK+GBR+7
        UCM+1+PAXLST:D:05B:UN+7
        UCS+8
        UCD+39+4:1
        UCS+10+35
        UCS+12
        UCD+16+3:1
        UCS+14
        UCD+40+1:2
        ERP+1
        ERC+0
        FTX+AAP+++ACCEPTED, WITH THE REMARKS BELOW
        ERP+2
        ERC+0
        FTX+AAP+++P-DOCUMENT-DATE?: This is no date of a document. Segment 14, element 1.2. Expected YYMMDD or CCYYMMDD; in DOCS DDMMMYY; in a table or JSON 2031-10-25 as well. Write a day that exists, in that order. (traveller 1)
    "#]],
    );
}

#[test]
fn the_same_interchange_twice_in_one_transmission_is_a_duplicate() {
    let other = LIST.replace("UNH+1+", "UNH+2+").replace("UNT+17+1", "UNT+17+2");
    told(
        &format!("{LIST}{other}"),
        expect![[r#"
        UCI+1+TK+GBR+7+26+UNB+5:1
        UCM+1+PAXLST:D:05B:UN+7
        UCM+2+PAXLST:D:05B:UN+7
        ERP+1
        ERC+0
        FTX+AAP+++ACCEPTED
        ERP+1
        ERC+0
        FTX+AAP+++ACCEPTED
    "#]],
    );
}

/// The code, the segment and what is expected of each fault of order that a reader of this mode
/// finds.
fn out_of_order(mode: Mode) -> Vec<(usize, String)> {
    let list = LIST
        .replace("ATT+2++F'DTM+329:880402'NAT+2+TUR", "NAT+2+TUR'DTM+329:880402'ATT+2++F")
        .replace("LOC+91+TUR'RFF+ABO:P1", "LOC+91+TUR'GEI+4+173'RFF+ABO:P1")
        .replace("UNT+17", "UNT+18");
    let reading = messages::read(list.as_bytes(), mode, date(2026, 3, 1));
    let order = reading.findings.into_iter().filter(|f| f.code == "15");
    order.map(|f| (f.segment.unwrap(), f.expected)).collect()
}

#[test]
fn a_strict_reader_names_each_segment_that_is_out_of_order_and_a_patient_one_none() {
    let said = |place, before: &str| (place, format!("before {before}"));
    assert_eq!(
        out_of_order(Mode::Strict),
        [said(10, "NAT"), said(11, "NAT"), said(15, "DOC"), said(16, "DOC")]
    );
    assert_eq!(out_of_order(Mode::Tolerant), []);
}
