//! What was read of a file of `testdata` can be written, in every release, and reads as
//! the same again: nothing that a report holds is lost on the way out.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use edifact::Mode;
use jiff::civil::{date, datetime};
use messages::{MessageType, Outgoing, Reading};
use travel::Report;

fn read(bytes: &[u8], mode: Mode) -> Reading {
    messages::read(bytes, mode, date(2026, 3, 1))
}

fn paths() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut out: Vec<PathBuf> = ["paxlst", "pnrgov", "pnrgov_xml"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e != "expected"))
        .collect();
    out.sort();
    out
}

fn outgoing(release: &str) -> Outgoing {
    Outgoing {
        sender: "ZZ".into(),
        recipient: "GBR".into(),
        reference: "1".into(),
        message_reference: "1".into(),
        made_at: datetime(2026, 3, 1, 9, 0, 0, 0),
        test: false,
        release: release.into(),
    }
}

/// The count of what was dropped is no part of what is written, nor has PNRGOV a place
/// for the reference of an XML document; of a change too little is held to write it.
fn comparable(mut report: Report, kind: &MessageType) -> Report {
    report.dropped_sensitive = 0;
    if *kind == MessageType::Pnrgov {
        report.reference.clear();
        // Their number is always written.
        report.stated_bookings.get_or_insert(report.bookings.len() as u32);
        report.bookings.iter_mut().for_each(|b| b.history.clear());
    }
    report
}

#[test]
fn what_was_read_is_written_and_reads_the_same() {
    let mut tried = 0;
    for path in paths() {
        let bytes = std::fs::read(&path).unwrap();
        for m in read(&bytes, Mode::Tolerant).messages {
            let releases: &[&str] = match m.kind {
                MessageType::Paxlst => &["02B", "05B", "12B", "15B", "16B", "17A"],
                MessageType::Pnrgov => &["10:1", "11:1", "13:1", "15:1", "17:1", "20:1"],
                _ => continue,
            };
            let report = comparable(m.report.clone(), &m.kind);
            for release in releases {
                let written = match m.kind {
                    MessageType::Pnrgov => messages::pnrgov::write(&m.report, &outgoing(release)),
                    _ => messages::paxlst::write(&m.report, &outgoing(release)),
                };
                let again = read(&written, Mode::Strict);
                let text = String::from_utf8_lossy(&written);
                // Whose name is too long, or who has too many documents, has so still.
                let own = |code: &str| ["35", "36", "39", "40"].contains(&code);
                let faults = again.findings.iter().filter(|f| f.is_syntax() && !own(&f.code));
                let faults: Vec<_> = faults.collect();
                assert!(faults.is_empty(), "{}: {faults:?}\n{text}", path.display());
                let again = comparable(again.messages[0].report.clone(), &m.kind);
                assert!(again == report, "{} in {release}:\n{text}", path.display());
                tried += 1;
            }
        }
    }
    println!("{tried} writings");
    assert!(tried > 400);
}
