//! What a CONTRL says: every fault of a message at its place, the worst of the interchange
//! at the segment that has it.
#![allow(clippy::unwrap_used)]

use edifact::{Mode, Separators, Writer, contrl, read};
use expect_test::{Expect, expect};

/// The answer to these bytes, all messages taken.
#[track_caller]
fn check(bytes: &str, expected: Expect) {
    let (interchange, faults) = read(bytes.as_bytes(), Mode::Tolerant);
    let mut w = Writer::new(Separators::default());
    contrl::write(&mut w, "1", &interchange, &faults, &[true; 9]);
    let answer = String::from_utf8_lossy(&w.finish()).into_owned();
    expected.assert_eq(&answer);
}

const UNB: &str = "UNB+UNOA:4+TK+GBR+260101:0900+R1'";
const UNG: &str = "UNG+PAXLST+TK+GBR+260101:0900+G1'";
const MESSAGE: &str = "UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+3+1'";

#[test]
fn a_sound_interchange_is_acknowledged() {
    check(
        &format!("{UNB}{MESSAGE}UNZ+1+R1'"),
        expect!["UNH+1+CONTRL:D:4:UN'UCI+R1+TK+GBR+7'UCM+1+PAXLST:D:05B:UN+7'UNT+4+1'"],
    );
}

#[test]
fn a_fault_of_the_interchange_stands_at_its_segment() {
    check(
        &format!("{UNB}{MESSAGE}"),
        expect!["UNH+1+CONTRL:D:4:UN'UCI+R1+TK+GBR+7+13+UNZ'UCM+1+PAXLST:D:05B:UN+7'UNT+4+1'"],
    );
    check(
        &format!("{UNB}{MESSAGE}UNZ+2+R1'"),
        expect!["UNH+1+CONTRL:D:4:UN'UCI+R1+TK+GBR+7+29+UNZ+1:1'UCM+1+PAXLST:D:05B:UN+7'UNT+4+1'"],
    );
    check(
        &format!("UNA:+.?+'{UNB}{MESSAGE}UNZ+1+R1'"),
        expect!["UNH+1+CONTRL:D:4:UN'UCI+R1+TK+GBR+7+22+UNA'UCM+1+PAXLST:D:05B:UN+7'UNT+4+1'"],
    );
    check(
        &format!("{UNB}{UNG}{MESSAGE}UNE+1+G2'UNZ+1+R1'"),
        expect![
            "UNH+1+CONTRL:D:4:UN'UCI+R1+TK+GBR+7'UCF+G1+TK+GBR+7+28+UNE+2:1'UCM+1+PAXLST:D:05B:UN+7'UNT+5+1'"
        ],
    );
    check(
        &format!("{UNB}{UNG}{MESSAGE}une+1+G2'UNZ+1+R1'"),
        expect![
            "UNH+1+CONTRL:D:4:UN'UCI+R1+TK+GBR+7'UCF+G1+TK+GBR+7+28+UNE+2:1'UCM+1+PAXLST:D:05B:UN+7'UNT+5+1'"
        ],
    );
    check(
        &format!("{UNB}{UNG}{MESSAGE}UNZ+1+R1'"),
        expect![
            "UNH+1+CONTRL:D:4:UN'UCI+R1+TK+GBR+7'UCF+G1+TK+GBR+7+13+UNE'UCM+1+PAXLST:D:05B:UN+7'UNT+5+1'"
        ],
    );
    check(
        &format!("{UNB}{MESSAGE}UNZ+1+R1'").replace("UNOA", "UNOZ"),
        expect!["UNH+1+CONTRL:D:4:UN'UCI+R1+TK+GBR+7+2+UNB+1:1'UCM+1+PAXLST:D:05B:UN+7'UNT+4+1'"],
    );
}

#[test]
fn every_fault_of_a_message_stands_at_its_place() {
    let message = MESSAGE.replace("BGM+745'UNT+3+1", "BGM+745'bgm+a'UNT+9+2");
    check(
        &format!("{UNB}{message}UNZ+1+R1'"),
        expect![
            "UNH+1+CONTRL:D:4:UN'UCI+R1+TK+GBR+7'UCM+1+PAXLST:D:05B:UN+7'UCS+3+12'UCS+3+21'UCS+4'UCD+29+1:1'UCS+4'UCD+28+2:1'UNT+10+1'"
        ],
    );
}

#[test]
fn what_is_no_interchange_is_rejected() {
    check("BGM+745'", expect!["UNH+1+CONTRL:D:3:UN'UCI++++4+13+UNB'UNT+3+1'"]);
    check(
        &format!("{UNB}UNZ+0+R1'"),
        expect!["UNH+1+CONTRL:D:4:UN'UCI+R1+TK+GBR+4+32+UNB'UNT+3+1'"],
    );
}

#[test]
fn what_is_no_contrl_gives_no_report() {
    assert_eq!(contrl::reports(format!("{UNB}{MESSAGE}UNZ+1+R1'").as_bytes()), None);
    assert_eq!(contrl::reports(b""), None);
}

#[test]
fn what_a_contrl_says_is_read_back_with_its_places() {
    let second = MESSAGE.replace("UNH+1", "UNH+2").replace("UNT+3+1", "UNT+9+2");
    let group = UNG.replace("G1", "G2");
    let bytes =
        format!("{UNB}{UNG}{MESSAGE}UNE+1+G1'{group}{second}UNE+4+G2'{group}UNE+0+G2'UNZ+3+R1'");
    let (interchange, faults) = read(bytes.as_bytes(), Mode::Tolerant);
    let mut w = Writer::new(Separators::default());
    w.segment("UNB", &[&["UNOA", "4"], &["GBR"], &["TK"], &["260101", "0900"], &["1"]]);
    contrl::write(&mut w, "1", &interchange, &faults, &[true, false]);
    let report = contrl::reports(&w.finish()).unwrap();
    expect![[r#"
        R1 rejected: false
        [("G1", true), ("G2", true), ("G2", false)]
        [("1", true), ("2", false)]
        29: group Some(1), message None, segment None, element Some(1), component Some(1)
        29: group Some(1), message Some(1), segment Some(3), element Some(1), component Some(1)
        32: group Some(2), message None, segment None, element None, component None
    "#]]
    .assert_eq(&format!(
        "{} rejected: {}\n{:?}\n{:?}\n{}\n",
        report.interchange,
        report.rejected,
        report.groups,
        report.messages,
        report
            .faults
            .iter()
            .map(|f| format!(
                "{}: group {:?}, message {:?}, segment {:?}, element {:?}, component {:?}",
                f.code, f.group, f.message, f.segment, f.element, f.component
            ))
            .collect::<Vec<_>>()
            .join("\n")
    ));
}
