//! What is read in pieces is what is read whole: messages, findings, places and counts.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use edifact::Mode;
use jiff::civil::{Date, date};
use messages::{Finding, Format, Reading, Stream, Understood};

const TODAY: Date = date(2026, 3, 1);

/// All that a reading holds, in one order.
fn sorted(readings: Vec<Reading>) -> (Vec<Understood>, Vec<Finding>) {
    let (mut messages, mut findings) = (Vec::new(), Vec::new());
    for reading in readings {
        messages.extend(reading.messages);
        findings.extend(reading.findings);
    }
    findings.sort_by(|a, b| (a.span.start, &a.code).cmp(&(b.span.start, &b.code)));
    (messages, findings)
}

fn in_pieces(bytes: &[u8], stretch: usize, chunk: usize) -> Vec<Reading> {
    let mut stream = Stream::new(Mode::Tolerant, TODAY).gathering(stretch);
    let mut readings = Vec::new();
    bytes.chunks(chunk).for_each(|chunk| stream.feed(chunk, |r| readings.push(r)));
    stream.end(|r| readings.push(r));
    readings
}

/// All that is public of findings.
fn shown(findings: &[Finding]) -> Vec<String> {
    let place = |f: &Finding| (f.message, f.element, f.component, f.traveller);
    findings
        .iter()
        .map(|f| format!("{f:?} {:?} {} {} {}", place(f), f.found, f.expected, f.text))
        .collect()
}

#[track_caller]
fn check(name: &str, bytes: &[u8]) {
    let whole = sorted(vec![messages::read(bytes, Mode::Tolerant, TODAY)]);
    for (stretch, chunk) in [(1, 1), (1, 997), (300, 50), (5_000, 64), (100_000, 100_000)] {
        let pieces = sorted(in_pieces(bytes, stretch, chunk));
        assert_eq!(shown(&pieces.1), shown(&whole.1), "{name} in {stretch}, {chunk}");
        assert!(pieces.0 == whole.0, "{name} in {stretch}, {chunk}");
    }
}

/// The messages of this crate's goldens that are EDIFACT and need no straightening.
fn goldens() -> Vec<(String, Vec<u8>)> {
    fn walk(dir: &Path, all: &mut Vec<(String, Vec<u8>)>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, all);
            } else if path.extension().is_some_and(|e| e == "edi") {
                all.push((path.display().to_string(), std::fs::read(path).unwrap()));
            }
        }
    }
    let mut all = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"), &mut all);
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata"), &mut all);
    all.retain(|(_, bytes)| {
        let edifact = messages::read(bytes, Mode::Tolerant, TODAY).format == Format::Edifact;
        edifact && edifact::straighten(bytes).is_none()
    });
    all.sort();
    all
}

#[test]
fn every_golden_reads_the_same_in_pieces() {
    let all = goldens();
    assert!(all.len() > 20, "only {} goldens were found", all.len());
    all.iter().for_each(|(name, bytes)| check(name, bytes));
}

#[test]
fn interchanges_one_behind_the_other_read_the_same_in_pieces() {
    let of = |kind: &str| {
        let all = goldens();
        let some = all.into_iter().filter(|(_, b)| b.windows(6).any(|w| w == kind.as_bytes()));
        some.take(30).flat_map(|(_, bytes)| bytes).collect::<Vec<u8>>()
    };
    check("all PAXLST", &of("PAXLST"));
    check("all PNRGOV", &of("PNRGOV"));
}

#[test]
fn groups_and_their_faults_read_the_same_in_pieces() {
    let message = "UNH+1+PAXLST:D:05B:UN'BGM+745'UNT+3+1'";
    check(
        "groups",
        format!(
            "UNB+UNOA:4+TK+GBR+260101:0900+R1'UNG+PAXLST+TK+GBR+260101:0900+G1'{message}{message}\
             UNE+3+G2'UNG+CUSRES+TK+GBR+260101:0900+G2'UNE+0+G2'UNG+PAXLST+A+B+C+G3'{message}\
             UNZ+9+R2'"
        )
        .as_bytes(),
    );
    check("nothing inside", b"UNB+UNOA:4+TK+GBR+260101:0900+R1'UNZ+0+R1'");
    check("cut off", format!("UNB+UNOA:4+TK+GBR+260101:0900+R1'{message}UNH+2+PAXL").as_bytes());
}

#[test]
fn a_message_without_end_is_read_as_far_as_there_is_room() {
    let mut bytes = b"UNB+UNOA:4+TK+GBR+260101:0900+R1'UNH+1+PAXLST:D:05B:UN'BGM+745'".to_vec();
    bytes.extend_from_slice(b"NAD+FL+++YILMAZ:AYSE'");
    while bytes.len() < 10 << 20 {
        bytes.extend_from_slice(b"FTX+AAA+++TEXT WITHOUT END'");
    }
    bytes.extend_from_slice(b"NAD+FL+++UNREAD:URSULA'UNT+9+1'");
    bytes.extend_from_slice(b"UNH+2+PAXLST:D:05B:UN'BGM+745'NAD+FL+++KAYA:CAN'UNT+4+2'UNZ+2+R1'");
    let (messages, findings) = sorted(in_pieces(&bytes, 1 << 18, 1 << 16));
    let names = messages
        .iter()
        .map(|m| m.report.travellers.iter().map(|t| t.surname.to_string()).collect::<Vec<_>>());
    assert_eq!(names.collect::<Vec<_>>(), [["YILMAZ"], ["KAYA"]]);
    assert!(findings.iter().any(|f| f.text.contains("too large")));
    let stray = findings.iter().filter(|f| f.text.contains("outside any message")).count();
    assert_eq!(stray, 0, "what is passed over is said once");
}
