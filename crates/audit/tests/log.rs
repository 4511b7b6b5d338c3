//! Events, checkpoints, and the check of a whole log.
#![allow(clippy::unwrap_used)]

use audit::{
    Actor, Checkpoint, Digest, Event, KINDS, Kind, LogKey, LogPublicKey, Logged, NoteError,
    Pseudonym, Tree, Trouble, verify,
};
use expect_test::expect;
use jiff::Timestamp;
use proptest::prelude::*;

const ORIGIN: &str = "gw.gbr.example/log";

fn key() -> LogKey {
    LogKey::from_seed(ORIGIN, &[7; 32]).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_770_000_000 + second).unwrap()
}

fn event(second: i64) -> Vec<u8> {
    let event =
        Event::SubmissionReceived { submission: Digest::of(&second.to_be_bytes()), bytes: 9 };
    Logged::new(at(second), Actor::Carrier("TK".into()), event).encode().unwrap()
}

/// A log of `n` events with a checkpoint after every third and after the last.
fn log(n: u64) -> (Vec<(u64, Vec<u8>)>, Vec<String>) {
    let (mut tree, mut events, mut notes) = (Tree::new(), Vec::new(), Vec::new());
    for i in 0..n {
        let bytes = event(i as i64);
        tree.append(&bytes);
        events.push((i, bytes));
        if (i + 1) % 3 == 0 || i + 1 == n {
            notes.push(note(&tree));
        }
    }
    (events, notes)
}

fn note(tree: &Tree) -> String {
    Checkpoint { origin: ORIGIN.into(), size: tree.size(), root: tree.root() }.sign(&key())
}

fn troubles(events: Vec<(u64, Vec<u8>)>, notes: Vec<String>) -> Vec<(Trouble, u64, u64)> {
    let found = verify(key().public(), events, notes);
    assert_eq!(found.ok, found.findings.is_empty());
    found.findings.iter().map(|f| (f.trouble, f.from, f.to)).collect()
}

#[test]
fn a_log_that_nobody_touched_is_clean() {
    let (events, notes) = log(10);
    let found = verify(key().public(), events, notes);
    assert!(found.ok, "{:?}", found.findings);
    assert_eq!((found.checked, found.checkpoints, found.covered), (10, 4, 10));
    assert!(verify(key().public(), [], []).ok);
}

#[test]
fn an_event_that_was_changed_is_found_between_its_checkpoints() {
    let (mut events, notes) = log(10);
    events[4].1 = event(40);
    assert_eq!(troubles(events, notes)[0], (Trouble::Reordered, 3, 6));
    let (mut events, notes) = log(10);
    events[5].1 = event(5).iter().rev().copied().collect();
    assert_eq!(troubles(events, notes), [(Trouble::Tampered, 3, 6), (Trouble::Unreadable, 5, 6)]);
    let (mut events, notes) = log(10);
    events[5].1 = {
        let event = Event::SubmissionRepeated { submission: Digest::of(b"x") };
        Logged::new(at(5), Actor::Node, event).encode().unwrap()
    };
    assert_eq!(troubles(events, notes), [(Trouble::Tampered, 3, 6)]);
}

#[test]
fn an_event_that_was_taken_away_is_missed() {
    let (mut events, notes) = log(10);
    events.remove(4);
    assert!(troubles(events, notes).contains(&(Trouble::Missing, 4, 5)));
    let (mut events, notes) = log(10);
    events.truncate(8);
    assert_eq!(troubles(events, notes), [(Trouble::Missing, 8, 10)]);
}

#[test]
fn events_in_another_order_are_seen() {
    let (mut events, notes) = log(10);
    events.swap(6, 7);
    assert!(troubles(events, notes).iter().any(|t| t.0 == Trouble::Reordered));
    let (mut events, notes) = log(10);
    let (a, b) = (events[6].1.clone(), events[7].1.clone());
    (events[6].1, events[7].1) = (b, a);
    assert_eq!(troubles(events, notes), [(Trouble::Reordered, 6, 9)]);
}

#[test]
fn two_histories_are_a_fork() {
    let (events, mut notes) = log(6);
    let mut other = Tree::new();
    (10..16).for_each(|i| {
        other.append(&event(i));
    });
    notes.push(note(&other));
    assert_eq!(troubles(events, notes), [(Trouble::Forked, 0, 6)]);
}

#[test]
fn events_that_no_checkpoint_covers_are_told() {
    let (events, mut notes) = log(5);
    notes.pop();
    assert_eq!(troubles(events, notes), [(Trouble::Uncovered, 3, 5)]);
}

#[test]
fn a_checkpoint_by_another_key_is_none() {
    let (events, mut notes) = log(3);
    let thief = LogKey::from_seed(ORIGIN, &[8; 32]).unwrap();
    let last = Checkpoint::parse(&notes[0]).unwrap();
    notes[0] = last.sign(&thief);
    let found = troubles(events, notes);
    assert_eq!(found, [(Trouble::Uncovered, 0, 3), (Trouble::Unreadable, 3, 3)]);
}

#[test]
fn a_checkpoint_has_the_text_form_of_the_specification() {
    let note = note(&Tree::new());
    expect![[r#"
        gw.gbr.example/log
        0
        47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

        — gw.gbr.example/log +vR6iy97n/+B9O+a6ukjza9xi1N6Cjy3z1siIpG/fQ2sl1CnoChC5o3i8xswgYJ29z2kydyoN+BV3fmTaSWvTx/DYwA=
    "#]]
    .assert_eq(&note[..note.find("bqoh").map_or(note.len(), |i| i + 8)]);
    assert_eq!(Checkpoint::verify(&note, key().public()).unwrap().size, 0);
}

/// The example of the C2SP signed-note specification, and of Go's `note` package.
#[test]
fn the_key_id_and_signature_are_those_of_the_specification() {
    let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let key = LogPublicKey::parse(text).unwrap();
    assert_eq!(key.to_string(), text);
    assert!(LogPublicKey::parse(&text.replace("c74f", "c74e")).is_err());
    let note = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    // Not a checkpoint, so only its signature can be looked at: the error is about the text.
    assert_eq!(Checkpoint::verify(note, &key), Err(NoteError::Malformed("no size")));
    assert!(audit_note_holds(note, &key));
}

fn audit_note_holds(note: &str, key: &LogPublicKey) -> bool {
    use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
    let (text, line) = note.split_once("\n\n").unwrap();
    let encoded = line.trim_end().rsplit(' ').next().unwrap();
    let bytes = data_encoding::BASE64.decode(encoded.as_bytes()).unwrap();
    bytes[..4] == key.id()
        && UnparsedPublicKey::new(&ED25519, key.public)
            .verify(format!("{text}\n").as_bytes(), &bytes[4..])
            .is_ok()
}

#[test]
fn signatures_of_witnesses_are_left_alone() {
    let own = note(&Tree::new());
    let line = own.lines().last().unwrap().replace(ORIGIN, "witness.example");
    let both = format!("{own}{line}\n");
    assert!(Checkpoint::verify(&both, key().public()).is_ok());
    let only = own.replace(&format!("\u{2014} {ORIGIN}"), "\u{2014} witness.example");
    assert_eq!(Checkpoint::verify(&only, key().public()), Err(NoteError::Unsigned));
    let changed = own.replace("\n0\n", "\n1\n");
    assert_eq!(Checkpoint::verify(&changed, key().public()), Err(NoteError::BadSignature));
}

#[test]
fn every_kind_has_its_own_number_name_and_sentence() {
    for (i, kind) in KINDS.iter().enumerate() {
        let doubles = |other: &Kind| other.number == kind.number || other.name == kind.name;
        assert!(!KINDS[..i].iter().any(doubles), "{} is there twice", kind.name);
        assert!(kind.sentence.ends_with('.'));
        assert_eq!(Kind::named(kind.name), Some(kind));
    }
}

#[test]
fn an_event_shows_its_fields_and_no_person() {
    let event = Event::SignInFailed {
        account: Pseudonym::of(&[1; 32], "somebody"),
        reason: "wrong password".into(),
    };
    let logged = Logged::new(at(0), Actor::Node, event);
    expect![[r#"
        (
            "sign_in_failed",
            [
                (
                    "account",
                    "f7c67ee180547852e4d91cef7842c930",
                ),
                (
                    "reason",
                    "wrong password",
                ),
            ],
        )
    "#]]
    .assert_debug_eq(&(logged.event.kind(), logged.event.fields()));
}

#[test]
fn an_event_that_is_too_long_is_an_error_of_ours() {
    let event = Event::KeyMade { key: "k".repeat(70_000) };
    assert!(Logged::new(at(0), Actor::Node, event).encode().is_err());
}

fn events() -> impl Strategy<Value = Event> {
    let id = "[a-zA-Z0-9é-]{0,40}";
    let digest = any::<[u8; 32]>().prop_map(Digest);
    prop_oneof![
        Just(Event::NodeStopped {}),
        (id, digest.clone()).prop_map(|(version, config)| Event::NodeStarted { version, config }),
        (id, any::<[u8; 16]>(), any::<u64>()).prop_map(|(purpose, query, found)| {
            Event::Searched { purpose, query: Pseudonym(query), found }
        }),
        (id, any::<Option<u32>>(), id).prop_map(|(list, traveller, purpose)| Event::RecordOpened {
            list,
            traveller,
            purpose
        }),
        (id, digest, prop::collection::vec("[A-Z]{2}-[0-9]{2}", 0..4), prop::option::of(id))
            .prop_map(|(list, agreement, rules, hit)| Event::Permitted {
                list,
                agreement,
                rules,
                hit,
                partner: "TUR".into(),
                mode: "hit".into(),
                elements: 7,
            }),
    ]
}

fn actors() -> impl Strategy<Value = Actor> {
    prop_oneof![
        Just(Actor::Node),
        "[a-z]{1,9}".prop_map(Actor::Officer),
        "[A-Z]{2}".prop_map(Actor::Carrier),
        "[A-Z]{3}".prop_map(Actor::Partner),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(event in events(), actor in actors(), micros in -9_000_000_000_000_000i64..9_000_000_000_000_000) {
        let logged = Logged::new(Timestamp::from_microsecond(micros).unwrap(), actor, event);
        let bytes = logged.encode().unwrap();
        prop_assert_eq!(Logged::decode(&bytes).unwrap(), logged);
    }

    #[test]
    fn there_is_one_form_and_no_bytes_make_it_panic(event in events(), noise in prop::collection::vec(any::<u8>(), 0..60), at_byte: prop::sample::Index, to: u8) {
        let _ = Logged::decode(&noise);
        let _ = Checkpoint::parse(&String::from_utf8_lossy(&noise));
        let _ = LogPublicKey::parse(&String::from_utf8_lossy(&noise));
        let mut bytes = Logged::new(at(1), Actor::Node, event).encode().unwrap();
        let i = at_byte.index(bytes.len());
        bytes[i] = to;
        if let Ok(read) = Logged::decode(&bytes) {
            prop_assert_eq!(read.encode().unwrap(), bytes);
        }
    }
}

/// The budget is 20,000 events a second; this measures and only fails when far off,
/// since builds without optimisation and busy machines are slow.
#[test]
fn appending_is_quick() {
    let event = event(1);
    let started = std::time::Instant::now();
    let mut tree = Tree::new();
    for _ in 0..20_000 {
        tree.append(&event);
    }
    let root = tree.root();
    let took = started.elapsed();
    eprintln!("20,000 events appended in {took:?}, root {root}");
    assert!(took.as_secs() < 5);
}

#[test]
fn a_key_in_pkcs8_form_signs_as_well() {
    use aws_lc_rs::{rand::SystemRandom, signature::Ed25519KeyPair};
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let key = LogKey::from_pkcs8(ORIGIN, document.as_ref()).unwrap();
    let note = Checkpoint { origin: ORIGIN.into(), size: 1, root: Digest::of(b"") }.sign(&key);
    assert!(Checkpoint::verify(&note, key.public()).is_ok());
    assert!(LogKey::from_pkcs8("not a name", document.as_ref()).is_err());
    assert!(LogKey::from_pkcs8(ORIGIN, b"no key").is_err());
}

/// `UPDATE_EXPECT=1 cargo test -p audit` writes the page anew.
#[test]
fn the_page_of_events_is_made_from_the_table() {
    let mut page = String::from(
        "# Events\n\nMade from the table in `crates/audit/src/table.rs`; the form is in `formats/log.md`.\n\n\
         | number | kind | fields | what it says |\n|---|---|---|---|\n",
    );
    for kind in KINDS {
        let fields: Vec<String> = kind.fields.iter().map(|f| format!("`{f}`")).collect();
        let (number, name, fields) = (kind.number, kind.name, fields.join(", "));
        page += &format!("| {number} | `{name}` | {fields} | {} |\n", kind.sentence);
    }
    expect_test::expect_file!["../../../docs/events.md"].assert_eq(&page);
}
