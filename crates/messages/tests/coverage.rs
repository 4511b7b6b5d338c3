//! Which segments of PAXLST and PNRGOV are read and written, in which release: counted on
//! what the files of `testdata` really exercise, and printed as a table.
//!
//! A segment counts as *read* where the message says something else without it; as
//! *written* where a writer of this crate puts it down when handed what was read. A hole
//! that has no reason beside it fails, and so does a reason whose hole is filled.
//!
//! `cargo test -p messages --test coverage -- --nocapture` shows the tables.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use edifact::Mode;
use jiff::civil::{date, datetime};
use messages::{MessageType, Outgoing, Reading, Understood};

/// The guide's segments of one message, and why some are holes.
struct Guide {
    message: MessageType,
    /// As `formats.md` has them, in the guide's order.
    segments: &'static str,
    releases: &'static [&'static str],
    /// Segments that change nothing of what a message says.
    unread: &'static [(&'static str, &'static str)],
    /// Segments that no writer puts down.
    unwritten: &'static [(&'static str, &'static str)],
}

/// The US dialect before the UN directory, with segments of its own.
const OLD: &str = "001:000";

const PAXLST: Guide = Guide {
    message: MessageType::Paxlst,
    segments: "BGM RFF NAD COM TDT LOC DTM ATT MEA GEI FTX EMP NAT DOC CNT CTA UNS PDT",
    releases: &[OLD, "D:02B", "D:03B", "D:05B", "D:12B", "D:15B", "D:16B", "D:17A"],
    unread: &[
        ("EMP", "the crew member's function is not among what a list holds"),
        ("CTA", "the old dialect's contact at the carrier"),
        ("UNS", "a line between header and persons"),
    ],
    unwritten: &[
        ("EMP", "not held"),
        ("CTA", "old dialect, only read"),
        ("UNS", "old dialect, only read"),
        ("PDT", "old dialect, only read; NAD takes its place"),
    ],
};

const PNRGOV: Guide = Guide {
    message: MessageType::Pnrgov,
    segments: "MSG ORG TVL EQN SRC RCI SSR DAT IFT ADD EBD TIF FTI REF FAR TKT MON PTK TXD FOP \
               TRA RPI APD TRI SSD TBD ABI SAC LTS",
    releases: &[
        "10:1", "11:1", "12:1", "13:1", "14:1", "15:1", "16:1", "17:1", "18:1", "19:1", "20:1",
    ],
    unread: &[
        ("FAR", "fares are not held"),
        ("MON", "fares are not held"),
        ("PTK", "terms of the ticket are not held"),
        ("TXD", "taxes are not held"),
        ("APD", "the aircraft is not held"),
    ],
    unwritten: &[
        ("FAR", "not held"),
        ("MON", "not held"),
        ("PTK", "not held"),
        ("TXD", "not held"),
        ("APD", "not held"),
        ("ABI", "of a change its time, agent and kind are held: too little to write history"),
        ("SAC", "see ABI"),
        ("LTS", "history as free text is not held"),
    ],
};

fn read(bytes: &[u8]) -> Reading {
    messages::read(bytes, Mode::Tolerant, date(2026, 3, 1))
}

fn files() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut out = Vec::new();
    for folder in ["paxlst", "pnrgov"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "edi") {
                let text = String::from_utf8(std::fs::read(&path).unwrap()).unwrap();
                out.push((path, text));
            }
        }
    }
    out.sort();
    assert!(out.len() > 50);
    out
}

/// How often a segment was met in one release, changed what was read, was written.
#[derive(Default)]
struct Cell {
    tested: u32,
    read: u32,
    written: u32,
}

type Table = BTreeMap<(String, String), Cell>;

/// The files have one segment a line: each is read once more without each of its lines.
fn count(guide: &Guide) -> Table {
    let mut table = Table::new();
    for (_, text) in files() {
        let whole = read(text.as_bytes());
        let lines: Vec<&str> = text.lines().collect();
        let mut release = String::new();
        for (i, line) in lines.iter().enumerate() {
            if let Some(rest) = line.strip_prefix("UNH+") {
                let kind: Vec<&str> = rest.split(['+', '\'']).nth(1).unwrap().split(':').collect();
                let ours = kind[0] == guide.message.name();
                release = if ours { format!("{}:{}", kind[1], kind[2]) } else { String::new() };
                continue;
            }
            if release.is_empty() || line.starts_with("UN") && *line != "UNS+D'" {
                continue;
            }
            let without: Vec<&str> =
                lines.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, l)| *l).collect();
            let without = read(without.join("\n").as_bytes());
            let changed =
                without.messages != whole.messages || content(&without) != content(&whole);
            let tag: String = line.chars().take(3).collect();
            let cell = table.entry((tag, release.clone())).or_default();
            cell.tested += 1;
            cell.read += u32::from(changed);
        }
        let own = |m: &&Understood| m.kind == guide.message && m.release != OLD;
        for m in whole.messages.iter().filter(own) {
            for tag in written(m) {
                table.entry((tag, m.release.clone())).or_default().written += 1;
            }
        }
    }
    table
}

/// What is said of the content: not of the syntax, whose counts are wrong without a
/// segment, nor of segments that are passed over.
fn content(reading: &Reading) -> Vec<(&str, &str)> {
    let content = reading.findings.iter().filter(|f| !f.is_syntax() && f.code != "P-SEGMENT");
    content.map(|f| (f.code.as_str(), f.found.as_str())).collect()
}

/// The tags of what we write of that message, once it is sure that it says the same
/// people.
fn written(m: &Understood) -> Vec<String> {
    let bytes = write(m);
    let again = read(&bytes);
    let people = |m: &Understood| m.report.travellers.len();
    assert_eq!(people(&again.messages[0]), people(m), "{}", String::from_utf8_lossy(&bytes));
    let (interchange, _) = edifact::read(&bytes, Mode::Strict);
    let segments = interchange.messages().iter().flat_map(|m| m.segments());
    segments.map(|s| s.tag().to_owned()).filter(|t| !t.starts_with("UN")).collect()
}

fn write(m: &Understood) -> Vec<u8> {
    let release = m.release.strip_prefix("D:").unwrap_or(&m.release);
    let out = Outgoing {
        sender: "ZZ".into(),
        recipient: "GBR".into(),
        reference: "1".into(),
        message_reference: "1".into(),
        made_at: datetime(2026, 3, 1, 9, 0, 0, 0),
        test: false,
        release: release.into(),
    };
    match m.kind {
        MessageType::Pnrgov => messages::pnrgov::write(&m.report, &out),
        _ => messages::paxlst::write(&m.report, &out),
    }
}

fn print(guide: &Guide, table: &Table) {
    println!("{}: read/met, w written", guide.message.name());
    print!("{:4}", "");
    guide.releases.iter().for_each(|r| print!("{r:>13}"));
    println!();
    for tag in guide.segments.split_whitespace() {
        print!("{tag:4}");
        for release in guide.releases {
            let cell = table.get(&(tag.to_owned(), (*release).to_owned()));
            let text =
                cell.map_or("·".to_owned(), |c| format!("{}/{} w{}", c.read, c.tested, c.written));
            print!("{text:>13}");
        }
        let reason = |list: &[(&str, &'static str)]| list.iter().find(|r| r.0 == tag).map(|r| r.1);
        for (what, reason) in
            [("not read", reason(guide.unread)), ("not written", reason(guide.unwritten))]
        {
            if let Some(reason) = reason {
                print!("   {what}: {reason}");
            }
        }
        println!();
    }
    println!("·  no file of that release has it; the reader looks at no release (see below)\n");
}

/// The holes are those that have a reason, no more and no fewer.
fn check(guide: &Guide) {
    let table = count(guide);
    print(guide, &table);
    let total = |tag: &str, what: fn(&Cell) -> u32| -> u32 {
        table.iter().filter(|((t, _), _)| t == tag).map(|(_, c)| what(c)).sum()
    };
    let tags: Vec<&str> = guide.segments.split_whitespace().collect();
    let untested: Vec<&&str> = tags.iter().filter(|t| total(t, |c| c.tested) == 0).collect();
    assert!(untested.is_empty(), "no file has {untested:?}");
    for (what, count, reasons) in [
        ("read", (|c: &Cell| c.read) as fn(&Cell) -> u32, guide.unread),
        ("written", |c: &Cell| c.written, guide.unwritten),
    ] {
        let holes: BTreeSet<&str> = tags.iter().copied().filter(|t| total(t, count) == 0).collect();
        let known: BTreeSet<&str> = reasons.iter().map(|r| r.0).collect();
        assert_eq!(holes, known, "segments of {} not {what}", guide.message.name());
    }
    let met: BTreeSet<&str> = table.iter().map(|((_, r), _)| r.as_str()).collect();
    let releases: BTreeSet<&str> = guide.releases.iter().copied().collect();
    assert!(met.is_superset(&releases), "no file of {:?}", releases.difference(&met));
}

/// One row for each segment and release, for `cargo xtask coverage`.
fn rows(guide: &Guide, table: &Table) -> String {
    let total = |tag: &str, what: fn(&Cell) -> u32| -> u32 {
        table.iter().filter(|((t, _), _)| t == tag).map(|(_, c)| what(c)).sum()
    };
    let mut out = String::new();
    for tag in guide.segments.split_whitespace() {
        for release in guide.releases {
            let of = |list: &[(&str, &'static str)]| list.iter().find(|r| r.0 == tag).map(|r| r.1);
            let cell = table.get(&(tag.to_owned(), (*release).to_owned()));
            let met = cell.is_some_and(|c| c.tested > 0);
            let read = total(tag, |c| c.read) > 0;
            let written = *release != OLD && total(tag, |c| c.written) > 0;
            let why = match (met, of(guide.unread).or(of(guide.unwritten))) {
                (_, Some(reason)) => reason,
                (false, None) if *release == OLD || OLD_TAGS.contains(&tag) => {
                    "not of this dialect"
                }
                (true, None) if *release == OLD => "old dialect, only read",
                (false, None) => "read and written alike in every release, tested in others",
                (true, None) => "",
            };
            let word = |yes, word: &'static str| if yes { word } else { "-" };
            let (met, read) = (word(met, "met"), word(read, "read"));
            let written = word(written, "written");
            let name = guide.message.name();
            writeln!(out, "{name}\t{release}\t{tag}\t{met}\t{read}\t{written}\t{why}").unwrap();
        }
    }
    out
}

/// Segments that the old dialect alone has.
const OLD_TAGS: [&str; 3] = ["CTA", "UNS", "PDT"];

/// `UPDATE_EXPECT=1 cargo test -p messages --test coverage` writes the file anew.
#[test]
fn the_rows_are_those_of_the_file_that_is_read_for_the_whole() {
    let mut text = String::from("message\trelease\tsegment\tmet\tread\twritten\treason\n");
    for guide in [PAXLST, PNRGOV] {
        text += &rows(&guide, &count(&guide));
    }
    expect_test::expect_file!["segments.txt"].assert_eq(&text);
}

#[test]
fn every_segment_of_paxlst_is_read_and_written_or_there_is_a_reason() {
    check(&PAXLST);
}

#[test]
fn every_segment_of_pnrgov_is_read_and_written_or_there_is_a_reason() {
    check(&PNRGOV);
}

/// What a message can want done, by the tables of the guides (`BGM` 1001 and 1004, `MSG`).
#[rustfmt::skip]
const FUNCTIONS: &[(MessageType, &[&str])] = &[
    (MessageType::Paxlst, &[
        "745", "745+C", "745+CP", "745+XR", "745+RP", "745+CI:1.0", "745+DC:1.0",
        "250", "250+A", "250+B", "250+BC", "250+C", "250+CC", "250+D", "250+E", "250+EC", "250+F", "250+FC",
        "266+CL", "266+CLNB", "266+CLOB", "266+CF", "266+XF", "336+G", "336+H", "336+I", "655",
    ]),
    (MessageType::Pnrgov, &["22", "141"]),
];

#[test]
fn every_function_of_the_guides_has_a_file() {
    let met: Vec<(MessageType, String)> = files()
        .iter()
        .flat_map(|(_, text)| read(text.as_bytes()).messages)
        .map(|m| (m.kind, m.function))
        .collect();
    for (kind, functions) in FUNCTIONS {
        // The component behind a code, a version, is no part of it.
        let is =
            |f: &str| met.iter().any(|(k, m)| k == kind && *m == f.split(':').next().unwrap_or(f));
        let holes: Vec<&&str> = functions.iter().filter(|f| !is(f)).collect();
        assert!(holes.is_empty(), "no file of {} has {holes:?}", kind.name());
    }
}

#[test]
fn every_guide_has_a_file_that_is_as_it_asks() {
    let files = files();
    for guide in messages::dialect::DIALECTS {
        let name = format!("guide_{} {}", guide.state, guide.name).trim_end().replace(' ', "_");
        let file = files.iter().find(|(path, _)| {
            path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case(&name))
        });
        let (_, text) = file.unwrap_or_else(|| panic!("no file {name}"));
        let (fits, findings) =
            messages::dialect::compared(text.as_bytes(), Mode::Tolerant, guide.state).unwrap();
        assert_eq!((fits.name, findings.len()), (guide.name, 0), "{name}");
        assert!(text.contains("DOC+") && text.contains(&format!("ATT+2++{}", guide.sex_not_known)));
    }
}

/// What a file says does not hang on the release that its `UNH` names, so a segment that
/// is read in one is read in all.
#[test]
fn a_message_reads_alike_in_every_release() {
    let mut tried = 0;
    for (path, text) in files() {
        let whole = read(text.as_bytes());
        for guide in [PAXLST, PNRGOV] {
            let own = |m: &&Understood| m.kind == guide.message && m.release != OLD;
            let Some(from) = whole.messages.iter().find(own).map(|m| m.release.clone()) else {
                continue;
            };
            let name = guide.message.name();
            for to in guide.releases.iter().filter(|r| **r != OLD && **r != from) {
                let other = text.replace(&format!("{name}:{from}"), &format!("{name}:{to}"));
                let mut other = read(other.as_bytes()).messages;
                for m in other.iter_mut().filter(|m| m.release == *to) {
                    m.release.clone_from(&from);
                }
                assert!(other == whole.messages, "{} as {to}", path.display());
                tried += 1;
            }
        }
    }
    println!("{tried} files read again under another release");
}
