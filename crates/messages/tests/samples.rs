//! Every public sample is read without a panic, and nobody whom it names is missing: as
//! many travellers as a count that knows no syntax finds segments that name one.
#![allow(clippy::unwrap_used)]

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use edifact::Mode;
use messages::MessageType;

fn shared() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let dir = std::env::var_os("PASSERELLE_SHARED").map_or(root.join("../shared"), PathBuf::from);
    let dir = dir.join("samples");
    if dir.is_dir() {
        return Some(dir);
    }
    let all = std::env::var("PASSERELLE_TEST").is_ok_and(|t| t == "all");
    let none = dir.starts_with("none");
    assert!(none || !all, "PASSERELLE_TEST=all, but there are no samples");
    // Not `eprintln!`, which is shown of failing tests alone.
    let _ = writeln!(std::io::stderr(), "skipped: no samples at {}", dir.display());
    None
}

/// Segments that name a person, counted on the bytes: each tag at a segment's start.
fn naive(bytes: &[u8], path: &Path) -> usize {
    let text: String = bytes.iter().map(|b| *b as char).collect();
    if path.extension().is_some_and(|e| e == "xml") {
        return text.matches("<Passenger ").count() + text.matches("<Passenger>").count();
    }
    let start = text.find("UNA").into_iter().chain(text.find("UNB")).min().unwrap_or(0);
    let text = &text[start..];
    let (plus, release, end) = match text.strip_prefix("UNA") {
        Some(rest) => {
            let c: Vec<char> = rest.chars().take(6).collect();
            (c[1], c[3], c[5])
        }
        None => ('+', '?', '\''),
    };
    let flat: String = text.chars().filter(|c| !"\r\n".contains(*c)).collect();
    let mut segments = vec![String::new()];
    let mut chars = flat.chars();
    while let Some(c) = chars.next() {
        if c == release && release != ' ' {
            chars.next();
        } else if c == end {
            segments.push(String::new());
        } else {
            segments.last_mut().unwrap().push(c);
        }
    }
    let starts = ["NAD|FL", "NAD|FM", "NAD|DDU", "NAD|DDT", "NAD|ZZZ", "PDT|", "TIF|"]
        .map(|s| s.replace('|', &plus.to_string()));
    segments.iter().filter(|s| starts.iter().any(|w| s.trim_start().starts_with(w))).count()
}

#[test]
fn nobody_in_the_samples_is_lost_or_invented() {
    let Some(dir) = shared() else { return };
    let today = jiff::civil::date(2026, 11, 23);
    let mut wrong = Vec::new();
    let mut files = 0;
    for kind in ["paxlst", "pnrgov", "pnrgov_xml", "cusres"] {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(dir.join(kind)).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            for mode in [Mode::Strict, Mode::Tolerant, Mode::Cleaning] {
                let reading = messages::read(&bytes, mode, today);
                let found: usize = reading.messages.iter().map(|m| m.report.travellers.len()).sum();
                let again: usize = reading.messages.iter().map(|m| m.repeated.len()).sum();
                let truth = naive(&bytes, &path);
                let types: Vec<&str> = reading.messages.iter().map(|m| m.kind.name()).collect();
                if mode == Mode::Tolerant {
                    let codes: std::collections::BTreeSet<&str> =
                        reading.findings.iter().map(|f| f.code.as_str()).collect();
                    println!(
                        "{:<18} {:?} parts {:?} travellers {found} again {again} named {truth} flights {:?} {codes:?}",
                        path.strip_prefix(&dir).unwrap().display(),
                        types,
                        reading.messages.iter().map(|m| m.parts).collect::<Vec<_>>(),
                        reading
                            .messages
                            .iter()
                            .flat_map(|m| &m.report.flights)
                            .map(|f| format!("{}:{}legs", f.name(), f.legs.len()))
                            .collect::<Vec<_>>(),
                    );
                }
                let other = reading
                    .messages
                    .iter()
                    .all(|m| !matches!(m.kind, MessageType::Paxlst | MessageType::Pnrgov));
                if found + again as usize != truth && !(other && truth == 0) {
                    wrong.push(format!(
                        "{} {mode:?}: {found} and {again} again, {truth} named",
                        path.display()
                    ));
                }
            }
        }
    }
    assert!(files > 0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
