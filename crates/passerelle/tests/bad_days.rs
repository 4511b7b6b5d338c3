//! Bad days of a real node: a disk that is full, a clock that goes back a day, a key in shares.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use jiff::ToSpan;
use passerelle::{clock, keeper, node::Node, pipeline};
use support::{TestNode, paxlst, program};

#[test]
fn a_full_disk_is_said_before_anything_false_and_the_node_recovers_by_itself() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        return support::skip("the full disk", "there is no prlimit on this machine");
    }
    let base = tempfile::tempdir().unwrap();
    let node = TestNode::init(base.path(), "GBR");
    let token = node.carrier("TK");
    // Files may not grow beyond 2 MB: what a full disk looks like from inside. The signal
    // that comes with it is not taken.
    let mut child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh", program(), "serve"])
        .arg(&node.dir)
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(base.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    let limit = |size: &str| {
        let pid = child.id().to_string();
        let size = format!("--fsize={size}:unlimited");
        assert!(Command::new("prlimit").args(["--pid", &pid, &size]).status().unwrap().success());
    };
    let end = Instant::now() + Duration::from_secs(30);
    while std::net::TcpStream::connect(node.intake).is_err() {
        assert!(Instant::now() < end, "the node does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(node.post(&token, "R0").0, 200);
    let wal = std::fs::metadata(node.dir.join("store/passerelle.db-wal")).unwrap().len();
    limit(&(wal + 20_000).to_string());
    let (mut kept, mut full) = (vec!["R0".to_owned()], Vec::new());
    for number in 1..200 {
        let reference = format!("R{number}");
        match node.post(&token, &reference) {
            (200, _) => kept.push(reference),
            (503, retry) => {
                assert!(retry.is_some(), "503 without Retry-After");
                full.push(reference);
                if full.len() == 3 {
                    break;
                }
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(full.len(), 3, "the disk did not fill up: {} kept", kept.len());
    // Somebody makes room; the carrier comes again.
    limit("unlimited");
    for reference in full {
        assert_eq!(node.post(&token, &reference).0, 200);
        kept.push(reference);
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success());
    let opened = Node::open(&node.dir).unwrap();
    let counts = opened.store().counts().unwrap();
    assert_eq!(counts.lists, kept.len() as u64, "what was answered is there, once");
    opened.close();
    let doctor = Command::new(program()).arg("doctor").arg(&node.dir).output().unwrap();
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}

#[test]
fn a_clock_set_back_a_day_changes_nothing_that_was_promised() {
    let base = tempfile::tempdir().unwrap();
    let node = TestNode::init(base.path(), "GBR");
    node.carrier("TK");
    let opened = Node::open(&node.dir).unwrap();
    let carrier = opened.store().carriers().unwrap().remove(0);
    let today = clock::now();
    let yesterday = today - 24.hours();
    let list = |reference| paxlst(reference, "IST", "LHR", &[("ESPECIMEN", "ANNA", "900102")]);
    let one = pipeline::submit(&opened, &carrier, &list("R1"), today).unwrap();
    let again = pipeline::submit(&opened, &carrier, &list("R1"), yesterday).unwrap();
    assert!(again.repeat && again.body == one.body, "the same answer, whatever the time");
    let two = pipeline::submit(&opened, &carrier, &list("R2"), yesterday).unwrap();
    for id in one.kept.iter().chain(&two.kept) {
        pipeline::screen_kept(&opened, id, yesterday).unwrap();
    }
    let row = |id: &str| opened.store().list(id).unwrap().unwrap();
    let (one, two) = (row(&one.kept[0]), row(&two.kept[0]));
    assert!(two.keep_until <= one.keep_until, "it lives no longer than the first");
    assert!(keeper::keep(&opened, yesterday).unwrap().is_nothing());
    assert_eq!(opened.store().unscreened(9).unwrap(), Vec::<String>::new());
    opened.close();
    let doctor = Command::new(program()).arg("doctor").arg(&node.dir).output().unwrap();
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
}

#[test]
fn a_node_whose_key_is_in_shares_opens_with_enough_of_them_alone() {
    let base = tempfile::tempdir().unwrap();
    let node = TestNode::init(base.path(), "GBR");
    let folder = base.path().join("shares");
    let to = folder.to_str().unwrap();
    node.command(&["keys", "divide"], &["--shares", "5", "--needed", "3", "--to", to]);
    assert!(!node.dir.join("keys/node.key").exists());
    let status = |shares: &[u8]| {
        let files = shares.iter().map(|n| folder.join(format!("gbr-share-{n}.txt")));
        let mut command = Command::new(program());
        command.args(["keep", "status"]).arg(&node.dir).env_remove("PASSERELLE_SHARES");
        if !shares.is_empty() {
            command.env("PASSERELLE_SHARES", std::env::join_paths(files).unwrap());
        }
        let out = command.output().unwrap();
        (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
    };
    assert_eq!(status(&[1, 3, 5]), (true, String::new()));
    assert!(status(&[]).1.contains("3 of its 5 shares are needed"));
    let (opened, said) = status(&[2, 4]);
    assert!(
        !opened && said.contains("3 different shares of 5 are needed, and 2 were given"),
        "{said}"
    );
    let files: Vec<String> = [2, 3, 4].map(|n| format!("{to}/gbr-share-{n}.txt")).to_vec();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    node.command(&["keys", "join"], &files);
    assert_eq!(status(&[]), (true, String::new()));
    // What doctor says of the authority's key, until somebody has handed it over.
    let doctor = node.command(&["doctor"], &["--json"]);
    assert!(
        doctor.contains("authority.key is the independent authority's private key"),
        "{doctor}"
    );
    std::fs::remove_file(node.dir.join("authority.key")).unwrap();
    assert!(!node.command(&["doctor"], &["--json"]).contains("authority.key"));
}
