//! `docs/first-node.md`, run word for word: every `sh` block of the page, in order, in
//! one shell, in a directory of its own.
#![allow(clippy::unwrap_used)]

mod support;

use std::{net::TcpStream, path::Path, process::Command};

#[test]
fn an_administrator_who_follows_the_page_gets_a_first_list_answered() {
    if TcpStream::connect("127.0.0.1:7441").is_ok() {
        return support::skip("the first-node page", "something listens on port 7441 already");
    }
    if Command::new("curl").arg("--version").output().is_err() {
        return support::skip("the first-node page", "there is no curl on this machine");
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/first-node.md");
    let page = std::fs::read_to_string(page).unwrap();
    // The building block is the one that this test has behind it: it runs the program.
    let script: Vec<&str> = blocks(&page, "```sh\n");
    assert!(script.len() >= 8, "the page has lost its commands");
    let program = Path::new(support::program()).parent().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let text = format!(
        "set -eu\nset -m\ntrap 'kill %1 2>/dev/null || true' EXIT\nexport PATH='{}':\"$PATH\"\n{}",
        program.display(),
        script.join("\n")
    );
    let printed = support::run(Command::new("bash").arg("-c").arg(&text).current_dir(dir.path()));
    for expected in ["\"ok\":true", "PAXLST", "CUSRES", "CONTRL"] {
        assert!(printed.contains(expected), "nothing about {expected} in:\n{printed}");
    }
}

fn blocks<'a>(page: &'a str, opening: &str) -> Vec<&'a str> {
    page.split(opening).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}
