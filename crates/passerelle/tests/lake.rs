//! The commands of the lake against a real node: what they say, and what they leave when they
//! are killed (`kill -9`) while they write, merge and remove.
#![allow(clippy::unwrap_used)]

#[path = "../../store/tests/conformance"]
#[allow(dead_code)]
mod conformance {
    pub mod world;
}
#[path = "../../store/tests/server/mod.rs"]
mod server;
mod support;

use std::{
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::Duration,
};

use jiff::ToSpan;
use passerelle::{clock, node::Node, pipeline};
use screening::Sought;
use serde_json::Value;
use support::{TestNode, paxlst, program};

/// How often a command is killed; more in the full tier.
fn kills() -> u32 {
    if support::everything() { 60 } else { 12 }
}

/// A node with so many lists of two days past, each of two travellers.
fn with_lists(base: &std::path::Path, lists: u32) -> TestNode {
    let node = TestNode::init(base, "GBR");
    fill(&node, lists);
    node
}

fn fill(node: &TestNode, lists: u32) {
    node.carrier("TK");
    keep(node, 0..lists);
}

fn keep(node: &TestNode, numbers: std::ops::Range<u32>) {
    let opened = Node::open(&node.dir).unwrap();
    let carrier = opened.store().carriers().unwrap().remove(0);
    for number in numbers {
        let received = clock::now() - (24 * (10 + i64::from(number % 2))).hours();
        let people = [("ESPECIMEN", "ANNA", "900102"), ("SPECIMEN", "BORIS", "800304")];
        let day = |of: jiff::Timestamp| {
            let date = of.to_zoned(jiff::tz::TimeZone::UTC).date().tomorrow().unwrap();
            date.strftime("%y%m%d").to_string()
        };
        let text = String::from_utf8(paxlst(&format!("R{number}"), "IST", "LHR", &people)).unwrap();
        let text = text.replace(&day(clock::now()), &day(received));
        let done = pipeline::submit(&opened, &carrier, text.as_bytes(), received).unwrap();
        for list in &done.kept {
            pipeline::screen_kept(&opened, list, received).unwrap();
        }
    }
    opened.close();
}

/// `passerelle lake WORD DIR REST…`: how it ended, and what it said.
fn lake(node: &TestNode, word: &str, rest: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(program());
    let Output { status, stdout, stderr } =
        command.args(["lake", word]).arg(&node.dir).args(rest).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn as_json(node: &TestNode, word: &str) -> (Option<i32>, Value) {
    let (code, out, err) = lake(node, word, &["--json"]);
    (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{err}")))
}

fn files(node: &TestNode) -> Vec<PathBuf> {
    let Ok(months) = std::fs::read_dir(node.dir.join("store/lake")) else { return Vec::new() };
    let below = months.flat_map(|month| std::fs::read_dir(month.unwrap().path()).unwrap());
    let mut files: Vec<PathBuf> = below.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Everybody stands where they stood, once.
fn everybody_is_found(node: &TestNode, lists: u32) {
    let opened = Node::open(&node.dir).unwrap();
    for number in 0..lists {
        let found = opened.store().search(&Sought::Document(format!("TR{number}1"))).unwrap();
        assert_eq!(found.travellers.len(), 1, "list {number}: {}", found.travellers.len());
    }
    opened.close();
}

#[test]
fn an_empty_lake_says_so_and_is_whole() {
    let base = tempfile::tempdir().unwrap();
    let node = TestNode::init(base.path(), "GBR");
    let (code, out, err) = lake(&node, "status", &[]);
    let place = node.dir.join("store/lake");
    let expected =
        format!("{}, lists of 3 days past and more\n  nothing is in it yet\n", place.display());
    assert_eq!((code, out, err), (Some(0), expected, String::new()));
    let (code, status) = as_json(&node, "status");
    assert_eq!((code, &status["parts"], &status["first_day"]), (Some(0), &0.into(), &Value::Null));
    assert_eq!(status["bytes_per_traveller"], 0.0, "and not a division by nobody");
    for word in ["compact", "rebuild"] {
        assert_eq!(lake(&node, word, &[]).0, Some(0));
    }
    let (code, out, _) = lake(&node, "verify", &[]);
    assert_eq!((code, &*out), (Some(0), "0 parts read: the lake is whole\n"));
}

#[test]
fn the_commands_say_what_they_did_and_what_is_wrong() {
    let base = tempfile::tempdir().unwrap();
    let node = with_lists(base.path(), 4);
    let (_, out, _) = lake(&node, "status", &[]);
    assert!(out.contains("nothing is in it yet\n  4 lists wait to be moved there\n"), "{out}");
    let (code, out, err) = lake(&node, "compact", &[]);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("moving into the lake: 100 % of 4 lists"), "{err}");
    assert!(out.contains("2 days in 2 parts\n  8 travellers on 4 lists, "), "{out}");
    let (code, status) = as_json(&node, "rebuild");
    let numbers = ["parts", "lists", "travellers", "waiting", "to_sweep"].map(|k| &status[k]);
    assert_eq!((code, numbers.map(|n| n.as_u64().unwrap())), (Some(0), [2, 4, 8, 0, 0]));
    let bytes: u64 = files(&node).iter().map(|f| f.metadata().unwrap().len()).sum();
    assert_eq!(status["size_bytes"], bytes);
    let whole = serde_json::json!(
        {"ok": true, "parts": 2, "broken": [], "missing": [], "orphans": []});
    assert_eq!(as_json(&node, "verify"), (Some(0), whole));
    everybody_is_found(&node, 4);

    // A bit turns, a file is lost, and one lies there that belongs to nothing.
    let all = files(&node);
    let mut bytes = std::fs::read(&all[0]).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&all[0], bytes).unwrap();
    std::fs::remove_file(&all[3]).unwrap();
    std::fs::write(all[0].with_file_name("0199.people"), b"x").unwrap();
    let (code, out, _) = lake(&node, "verify", &[]);
    assert_eq!(code, Some(1));
    for says in ["BROKEN  ", "MISSING  ", "ORPHAN  ", "2 parts read: the lake is not whole"] {
        assert!(out.contains(says), "{out}");
    }
    assert!(
        out.contains(&format!("`passerelle lake rebuild {}` makes it anew.", node.dir.display()))
    );
    let (_, out, _) = lake(&node, "rebuild", &[]);
    assert!(out.contains("8 travellers on 4 lists, "), "{out}");
    let (code, out, _) = lake(&node, "verify", &[]);
    assert!(code == Some(1) && out.contains("removes what is older than an hour"), "{out}");
    everybody_is_found(&node, 4);
}

#[test]
fn a_place_that_is_none_and_a_directory_without_a_node_are_told() {
    let base = tempfile::tempdir().unwrap();
    let node = TestNode::init(base.path(), "GBR");
    let file = node.dir.join("passerelle.toml");
    let config = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{config}\n[lake]\nplace = \"ftp://nowhere\"\n")).unwrap();
    let (code, out, err) = lake(&node, "status", &[]);
    assert!(code != Some(0) && out.is_empty(), "{code:?} {out}");
    assert!(err.contains("\"ftp://nowhere\" is no address of a lake"), "{err}");
    assert!(err.contains("write file:PATH or s3://BUCKET/PREFIX"), "{err}");
    let nowhere = TestNode { dir: base.path().join("nowhere"), ..node };
    let (code, _, err) = lake(&nowhere, "verify", &[]);
    assert!(code != Some(0) && err.contains("nowhere"), "{err}");
}

#[test]
fn a_lake_worker_killed_at_any_moment_loses_and_doubles_nobody() {
    let base = tempfile::tempdir().unwrap();
    kill_again_and_again(&TestNode::init(base.path(), "GBR"));
}

#[test]
fn a_lake_worker_killed_beside_a_server_loses_and_doubles_nobody() {
    let Some(server) = server::shared() else { return };
    let base = tempfile::tempdir().unwrap();
    kill_again_and_again(&TestNode::init_on(base.path(), "GBR", Some(server.database())));
}

fn kill_again_and_again(node: &TestNode) {
    let mut lists = 6;
    fill(node, lists);
    for round in 0..kills() {
        if round % 4 == 3 {
            keep(node, lists..lists + 1);
            lists += 1;
        }
        let word = if round % 2 == 0 { "compact" } else { "rebuild" };
        let mut child = Command::new(program())
            .args(["lake", word])
            .arg(&node.dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From before it has opened the store until after it is done.
        std::thread::sleep(Duration::from_millis(u64::from(round * 37 % 190)));
        let _ = child.kill();
        child.wait().unwrap();
        let (_, check) = as_json(node, "verify");
        let (broken, missing) = (&check["broken"], &check["missing"]);
        assert_eq!((broken, missing), (&Value::Array(vec![]), &Value::Array(vec![])));
        let doctor = node.command(&["doctor"], &["--json"]);
        for orphan in check["orphans"].as_array().unwrap() {
            assert!(doctor.contains(orphan.as_str().unwrap()), "doctor is silent: {doctor}");
        }
        everybody_is_found(node, lists);
    }
    for file in files(node) {
        let hours_ago = file.metadata().unwrap().modified().unwrap() - Duration::from_secs(7_200);
        std::fs::File::options().append(true).open(file).unwrap().set_modified(hours_ago).unwrap();
    }
    let (_, status) = as_json(node, "compact");
    let numbers = ["lists", "travellers", "waiting", "to_sweep", "parts"].map(|k| &status[k]);
    let all = u64::from(lists);
    assert_eq!(numbers.map(|n| n.as_u64().unwrap()), [all, 2 * all, 0, 0, 2]);
    let (code, check) = as_json(node, "verify");
    assert_eq!((code, &check["ok"]), (Some(0), &Value::Bool(true)), "{check}");
    assert_eq!(files(node).len(), 4, "two files of each part, and no others");
    everybody_is_found(node, lists);
    node.command(&["doctor"], &[]);
}
