//! What we write, read by somebody else's reader: pydifact, from PyPI. Segments, elements and
//! components must be to it what they are to ours, and so must the messages of the envelope.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use edifact::Mode;
use jiff::civil::{Date, date, datetime};
use messages::cusres::Cusres;
use messages::{MessageType, Outgoing, Reading, Verdict, ackres, cusres, paxlst, pnrgov};
use serde_json::Value;
use travel::{Contact, Report, Traveller};

const TODAY: Date = date(2026, 3, 1);

fn out(release: &str) -> Outgoing {
    Outgoing {
        sender: "ZZ".into(),
        recipient: "GBR".into(),
        reference: "R1".into(),
        message_reference: "M1".into(),
        made_at: datetime(2026, 3, 1, 9, 0, 0, 0),
        test: false,
        release: release.into(),
    }
}

fn read(bytes: &[u8]) -> Reading {
    messages::read(bytes, Mode::Tolerant, TODAY)
}

/// Everything that we write of the messages of `testdata`, and of names that need care.
fn written() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut all = Vec::new();
    for folder in ["paxlst", "pnrgov", "cusres", "ackres"] {
        let mut files: Vec<PathBuf> = std::fs::read_dir(root.join(folder))
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.extension().is_some_and(|e| e == "edi"))
            .collect();
        files.sort();
        for path in files {
            let reading = read(&std::fs::read(&path).unwrap());
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            for (kind, bytes) in again(&reading) {
                all.push((format!("{folder}-{name}-{kind}"), bytes));
            }
        }
    }
    all.push(("care-paxlst".into(), paxlst::write(&with_care(), &out("15B"))));
    all.push(("care-pnrgov".into(), pnrgov::write(&with_care(), &out("17:1"))));
    all
}

/// The messages written again, and the answers to them.
fn again(reading: &Reading) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for (i, m) in reading.messages.iter().enumerate() {
        let release = m.release.strip_prefix("D:").unwrap_or(&m.release);
        let of = |bytes| (format!("{i}"), bytes);
        match m.kind {
            MessageType::Paxlst => all.push(of(paxlst::write(&m.report, &out(release)))),
            MessageType::Pnrgov => all.push(of(pnrgov::write(&m.report, &out(release)))),
            MessageType::Cusres => {
                let said = Cusres {
                    function: m.function.clone(),
                    reference: m.report.reference.clone(),
                    flights: m.report.flights.clone(),
                    outcomes: m.outcomes.clone(),
                    ..Cusres::default()
                };
                all.push(of(cusres::write(&said, &out("05B"))));
            }
            MessageType::Ackres => {
                let said = ackres::Ackres {
                    function: m.function.clone(),
                    codes: m.outcomes.iter().map(|o| o.code.clone()).collect(),
                    texts: m.outcomes.iter().map(|o| o.text.clone()).collect(),
                    ..ackres::Ackres::default()
                };
                all.push(of(ackres::write(&said, &out("17:1"))));
            }
            _ => {}
        }
    }
    // CONTRL with CUSRES or ACKRES: once taken, once turned away.
    for (what, verdict) in
        [("taken", Verdict::Accepted), ("refused", Verdict::Refused("Isn't ours: 1+1=2?"))]
    {
        let verdicts = vec![verdict; reading.messages.len()];
        let at = datetime(2026, 3, 1, 9, 0, 0, 0);
        all.push((what.to_owned(), messages::answer(reading, &verdicts, at, "GBR")));
    }
    all
}

/// Names and contacts with every character that separates something.
fn with_care() -> Report {
    let names = ["O'LEARY", "A+B", "C:D", "WHO?", "'", "?'", "??", "*STAR*", "GÖKÇE", "SAINT JOHN"];
    let person = |name: &&str| Traveller {
        surname: (*name).into(),
        given: format!("{name} {name}").into(),
        contacts: vec![Contact { text: format!("{name}@example.org").into() }],
        ..Traveller::default()
    };
    Report { travellers: names.iter().map(person).collect(), ..Report::default() }
}

#[test]
fn another_reader_understands_what_we_write_as_ours_does() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let python = root.join("target/wire/bin/python");
    let all = std::env::var("PASSERELLE_TEST").is_ok_and(|v| v == "all");
    let there = Command::new(&python).args(["-c", "import pydifact"]).output();
    if !there.is_ok_and(|ran| ran.status.success()) {
        assert!(!all, "{} has no pydifact", python.display());
        eprintln!(
            "skipped: another reader of EDIFACT. It runs with `python3 -m venv target/wire && \
             target/wire/bin/pip install pydifact`"
        );
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let files = written();
    assert!(files.len() > 200, "{}", files.len());
    let paths = files.iter().map(|(name, bytes)| {
        let path = folder.path().join(format!("{name}.edi"));
        std::fs::write(&path, bytes).unwrap();
        path
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/read.py");
    let ran = Command::new(python).arg(script).args(paths).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let said = String::from_utf8(ran.stdout).unwrap();
    assert_eq!(said.lines().count(), files.len());
    for (line, (name, bytes)) in said.lines().zip(&files) {
        let theirs: Value = serde_json::from_str(line).unwrap();
        let (segments, messages) = ours(bytes);
        let theirs_segments = theirs["segments"].as_array().unwrap();
        assert_eq!(theirs_segments.len(), segments.len(), "{name}");
        for (theirs, ours) in theirs_segments.iter().zip(&segments) {
            assert_eq!(&trimmed(theirs), ours, "{name}");
        }
        assert_eq!(theirs["messages"], messages, "{name}");
    }
    println!("{} interchanges read alike", files.len());
}

/// What our reader makes of it, which has to find no fault.
fn ours(bytes: &[u8]) -> (Vec<Value>, Value) {
    let (interchange, faults) = edifact::read(bytes, Mode::Strict);
    assert!(faults.is_empty(), "{faults:?}");
    let mut tokens = edifact::Tokens::default();
    let advice = 9;
    let repertoire = edifact::Repertoire::Unicode;
    tokens.tokenise(&bytes[advice..], interchange.separators(), repertoire);
    let of_all = [tokens.segments() - 1];
    let mut segments: Vec<Value> = Vec::new();
    let shape = |s: edifact::Segment<'_>| {
        let elements = (1..=s.elements()).map(|e| {
            (1..=s.components(e).max(1)).map(|c| s.text(e, c).into_owned()).collect::<Vec<_>>()
        });
        trimmed(&serde_json::json!([s.tag(), elements.collect::<Vec<_>>()]))
    };
    let header = interchange.segment_at(advice).unwrap();
    segments.push(shape(header));
    segments.extend(interchange.messages().iter().flat_map(|m| m.segments()).map(shape));
    segments.push(shape(interchange.segment_at(bytes.len()).unwrap()));
    assert_eq!(segments.len(), of_all[0] + 1, "every segment is looked at");
    let message =
        |m: &edifact::Message<'_>| serde_json::json!([m.reference(), m.kind(), m.len() - 2]);
    (segments, interchange.messages().iter().map(message).collect())
}

/// Empty components and elements at the end say nothing.
fn trimmed(segment: &Value) -> Value {
    let mut elements: Vec<Vec<String>> = serde_json::from_value(segment[1].clone()).unwrap();
    for element in &mut elements {
        while element.last().is_some_and(String::is_empty) {
            element.pop();
        }
    }
    while elements.last().is_some_and(Vec::is_empty) {
        elements.pop();
    }
    serde_json::json!([segment[0], elements])
}
