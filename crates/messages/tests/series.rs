//! Parts of one list that come in interchanges of their own, put together.
#![allow(clippy::unwrap_used)]

use edifact::Mode;
use jiff::civil::date;
use messages::{Finding, Understood, join_parts};

fn part(body: &str, kind: &str) -> Understood {
    let sent = format!("UNB+UNOA:4+ZZ+GBR+260301:0900+1'UNH+1+{kind}'{body}UNT+9+1'UNZ+1+1'");
    let mut reading = messages::read(sent.as_bytes(), Mode::Tolerant, date(2026, 3, 1));
    assert!(reading.messages[0].series.is_some(), "it is a part");
    reading.messages.remove(0)
}

fn joined(parts: [Understood; 2]) -> (Understood, Vec<String>) {
    let (whole, findings) = join_parts(parts.into(), date(2026, 3, 1)).unwrap();
    let say = |f: &Finding| format!("{} {} {}", f.code, f.found, f.expected);
    (whole, findings.iter().map(say).collect())
}

const FLIGHT: &str = "BGM+745'TDT+20+ZZ101+++ZZ'LOC+125+IST'DTM+189:2603021130'LOC+87+LHR'";

#[test]
fn a_family_that_stands_in_two_parts_has_one_booking() {
    let people = |name: &str, locator: &str| {
        format!("{FLIGHT}NAD+FL+++{name}:A'DTM+329:700101'RFF+AVF:{locator}'DOC+P+N{name}'")
    };
    let first = people("ADAMS", "ABC123") + "CNT+42:3'";
    let second = people("ADAMSON", "XYZ789") + &people("BAKER", "ABC123")[FLIGHT.len()..];
    let (whole, findings) = joined([
        part(&first, "PAXLST:D:05B:UN+A1+01:C"),
        part(&(second + "CNT+42:3'"), "PAXLST:D:05B:UN+A1+02:F"),
    ]);
    assert_eq!(findings, Vec::<String>::new());
    let bookings: Vec<_> =
        whole.report.bookings.iter().map(|b| (b.locator.as_str(), b.travellers)).collect();
    assert_eq!(bookings, [("ABC123", 2), ("XYZ789", 1)]);
    let of: Vec<_> = whole.report.travellers.iter().map(|t| t.booking).collect();
    assert_eq!(of, [Some(0), Some(1), Some(0)]);
}

#[test]
fn the_number_of_bookings_is_that_of_all_parts_together() {
    let push = |stated: u32, locator: &str| {
        format!(
            "MSG+:22'ORG+ZZ:IST'TVL+020326:1130:020326:1330+IST+LHR+ZZ+101'EQN+{stated}'SRC'\
             RCI+ZZ:{locator}'TIF+{locator}+ANN:A:1'"
        )
    };
    let both = |stated| {
        joined([
            part(&push(stated, "AAAAAA"), "PNRGOV:13:1:IA+A1+01:C"),
            part(&push(stated, "BBBBBB"), "PNRGOV:13:1:IA+A1+02:F"),
        ])
    };
    assert_eq!(both(2).1, Vec::<String>::new());
    assert_eq!(both(3).1, ["P-COUNT-BOOKINGS 3 2, which are listed"]);
}

#[test]
fn parts_that_are_counted_from_nought_are_whole_with_the_last() {
    let people = |name: &str| format!("{FLIGHT}NAD+FL+++{name}:A'CNT+42:3'");
    let part = |name: &str, n: &str| part(&people(name), &format!("PAXLST:D:05B:UN+A1+{n}"));
    let (whole, _) = joined([part("A", "00:C"), part("B", "02:F")]);
    assert_eq!(whole.series.unwrap().missing(), Some(vec![1]));
}
