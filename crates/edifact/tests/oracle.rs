//! Another reader of EDIFACT, `edifact-rs`, sees the same segments, elements and
//! components where the text is clean. What it does not read (wrapped lines, other
//! repertoires than UTF-8, telex lines) is not asked of it.
#![allow(clippy::unwrap_used)]

mod written;

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use edifact::{Mode, read};
use proptest::{collection::vec, prelude::*};
use written::{Written, all_of, segment, separators, without_empty_ends, written};

/// What the other reader makes of it: every segment, those of the envelope too.
fn theirs(bytes: &[u8]) -> Result<Vec<Written>, edifact_rs::EdifactError> {
    let all = |segment: edifact_rs::Segment<'_>| {
        let elements = segment.elements.iter().map(|element| {
            let repetition = |r: &[_]| r.iter().map(text_of).collect::<Vec<String>>();
            element.repetitions().map(repetition).collect()
        });
        without_empty_ends(&(segment.tag.to_string(), elements.collect()))
    };
    edifact_rs::from_bytes(bytes).map(|s| s.map(all)).collect()
}

/// Line breaks inside are the transport's; the other reader keeps them.
fn text_of<S>((text, _): &(std::borrow::Cow<'_, str>, S)) -> String {
    text.replace(['\r', '\n'], "")
}

/// What ours makes of it.
fn ours(bytes: &[u8]) -> Vec<Written> {
    let (interchange, _) = read(bytes, Mode::Strict);
    let end = bytes.len();
    let mut all = Vec::new();
    let mut at = interchange.header().map_or(end, |h| h.span.start);
    while let Some(segment) = interchange.segment_at(at).filter(|s| s.span().start >= at) {
        all.push(all_of(&segment));
        at = segment.span().end + 1;
        at += bytes[at.min(end)..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_read_the_same_of_what_is_written(
        (version, s) in prop_oneof![Just(3u8), Just(4)].prop_flat_map(|v| (Just(v), separators(v))),
        messages in vec(vec(segment(), 1..6), 1..3),
    ) {
        let (bytes, _) = written(s, version, &messages);
        let theirs = theirs(&bytes);
        prop_assert!(theirs.is_ok(), "{theirs:?} of {}", String::from_utf8_lossy(&bytes));
        prop_assert_eq!(ours(&bytes), theirs.unwrap());
    }
}

fn samples() -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let dir = std::env::var_os("PASSERELLE_SHARED").map_or(root.join("../shared"), PathBuf::from);
    let dir = dir.join("samples");
    if !dir.is_dir() {
        let all = std::env::var("PASSERELLE_TEST").is_ok_and(|t| t == "all");
        let none = dir.starts_with("none");
        assert!(none || !all, "PASSERELLE_TEST=all, but there are no samples");
        // Not `eprintln!`, which is shown of failing tests alone.
        let _ = writeln!(std::io::stderr(), "skipped: no samples at {}", dir.display());
        return None;
    }
    let mut files = Vec::new();
    for kind in ["paxlst", "pnrgov", "cusres"] {
        files.extend(std::fs::read_dir(dir.join(kind)).unwrap().map(|e| e.unwrap().path()));
    }
    files.sort();
    Some(files)
}

/// A sample counts as clean when neither reader has anything to say against its syntax
/// but counts, references and what `UNB` must have, which the other does not look at.
#[test]
fn both_read_the_same_of_the_clean_samples() {
    use edifact::FaultKind as K;
    let Some(files) = samples() else { return };
    let mut compared = 0;
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let (_, faults) = read(&bytes, Mode::Strict);
        let harmless = [
            K::CountDiffers,
            K::ReferenceDiffers,
            K::OutsideRepertoire,
            K::TooMany,
            K::MissingElement,
        ];
        let unclean: Vec<_> = faults.iter().filter(|f| !harmless.contains(&f.kind)).collect();
        match theirs(&bytes) {
            _ if !unclean.is_empty() => println!("{}: {unclean:?}", path.display()),
            Err(error) => println!("{}: the other reader: {error}", path.display()),
            Ok(theirs) => {
                let ours = ours(&bytes);
                assert_eq!(ours.len(), theirs.len(), "{}", path.display());
                for (ours, theirs) in ours.iter().zip(&theirs) {
                    assert_eq!(ours, theirs, "{}", path.display());
                }
                compared += 1;
            }
        }
    }
    println!("{compared} of {} samples compared", files.len());
    assert!(compared * 2 > files.len(), "{compared} of {} samples compared", files.len());
}
