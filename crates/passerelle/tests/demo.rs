//! The demonstration ends cleanly, goes on where it stopped, and says so to programs.
#![allow(clippy::unwrap_used)]

use std::{path::Path, process::Command};

fn demo(dir: &Path, more: &[&str]) -> (Option<i32>, Vec<serde_json::Value>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_passerelle"))
        .args(["demo", "--headless", "--json", "--dir"])
        .arg(dir)
        .args(more)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    (output.status.code(), lines, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn two_states_exchange_and_the_next_start_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let (code, first, said) = demo(dir.path(), &["--minutes", "0.1", "--speed", "2"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(first.len(), 3, "{said}");
    assert_eq!((&first[0]["state"], &first[1]["state"]), (&"GBR".into(), &"TUR".into()));
    assert!(first[0]["flights"].as_u64().unwrap() >= 3, "{}", first[0]);
    assert_eq!((&first[2]["lost"], &first[2]["doubled"]), (&0.into(), &0.into()));
    for state in &first[..2] {
        assert_eq!(state["log"]["verified"], true);
        assert!(state["peak_rss_bytes"].as_u64().unwrap() > 0);
    }
    // What the agreement lets each of them send arrives, and the receipts come back.
    for (from, to) in [(&first[0], &first[1]), (&first[1], &first[0])] {
        let sent = ["list", "hit"].iter().map(|k| from["disclosed"][k].as_u64().unwrap());
        let sent: u64 = sent.sum();
        assert!(sent > 0, "{from}");
        assert_eq!((&from["receipted"], &to["received"]), (&sent.into(), &sent.into()), "{from}");
    }
    assert!(first[0]["upheld"].as_u64().unwrap() > 0, "{}", first[0]);
    let (code, second, said) = demo(dir.path(), &["--minutes", "0.05"]);
    assert_eq!(code, Some(0), "{said}");
    let flights = |all: &[serde_json::Value]| all[0]["flights"].as_u64().unwrap();
    assert!(flights(&second) > flights(&first), "{said}");
}

#[test]
fn another_number_of_states_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    for number in ["1", "22"] {
        let (code, lines, said) = demo(dir.path(), &["--states", number]);
        assert_eq!((code, lines.len()), (Some(2), 0));
        assert!(said.contains("2 to 21 states"), "{said}");
    }
}

#[test]
fn of_more_states_one_suspends_one_is_off_for_a_while_and_the_rest_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let (code, lines, said) =
        demo(dir.path(), &["--minutes", "0.4", "--states", "4", "--speed", "3"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(lines.len(), 5, "{said}");
    let last = &lines[4];
    assert_eq!((&last["lost"], &last["doubled"]), (&0.into(), &0.into()), "{last}");
    let pairs = &last["pairs"];
    // Of six pairs the fifth has agreed on nothing, and nothing goes between its states.
    assert_eq!((&pairs["all"], &pairs["agreed"]), (&6.into(), &5.into()), "{pairs}");
    assert_eq!(pairs["without_agreement"], 0, "{pairs}");
    assert!(pairs["exchanged"].as_u64() >= Some(2), "{pairs}");
    let suspension = &last["suspension"];
    assert_eq!(suspension["state"], "USA");
    assert!(suspension["effective_s"].as_f64() < suspension["lasted_s"].as_f64(), "{last}");
    assert_eq!(last["outage"]["state"], "FRA");
    let (code, _, said) = demo(dir.path(), &["--states", "3", "--minutes", "0.05"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("has 4 states; --fresh begins anew with 3"), "{said}");
}
