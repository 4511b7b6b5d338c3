//! The console in a real browser: two nodes that exchange, every page walked by keyboard
//! with scripts switched off, a hit upheld by two officers and seen by the partner's.
//!
//! Needs Debian's chromium and, in `tests/browser`, `npm ci`. Screenshots of every page
//! are left in `target/screenshots`.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    fmt::Write as _,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use support::{TestNode, ally};

const WATCHLIST: &str = "\
id,name,alias,birth_date,sex,nationality,documents,reason
S-1,Farid al-Khalidi,Fareed Alkhalidi,1979-03-11,M,UTO,,Facilitates travel of fighters (invented)
S-2,Ivan Sergeyevich Morozov,Иван Морозов,1968-10-30,M,UTO,,Trafficking in firearms (invented)
S-3,Mehmet Yıldırım,,1990-05-01,M,UTO,,Wanted for a robbery (invented)
";

/// Nobody on the watchlist is called anything like this.
const UNREMARKABLE: [(&str, &str, &str); 6] = [
    ("WHITTAKER", "JOAN", "19610203"),
    ("DEMIR", "AYLIN", "19930412"),
    ("PEMBERTON", "GEORGE", "19480919"),
    ("OZTURK", "SELIN", "20010707"),
    ("HARGREAVES", "TOM", "19850130"),
    ("LINDQVIST", "MAJA", "19770611"),
];

#[test]
fn an_officer_can_do_the_work_by_keyboard_alone_on_pages_that_anybody_can_read() {
    let Some(tools) = Tools::find() else { return };
    let dir = tempfile::tempdir().unwrap();
    let pair = pair(dir.path());
    let tokens = pair.each_ref().map(|n| n.carrier("TK"));
    let _serving = pair.each_ref().map(TestNode::serve);

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let listed = [
        ("ALKHALIDI", "FARID", "19790311"),
        ("MOROZOV", "IVAN SERGEEVICH", "19681030"),
        ("YILDIRIM", "MEHMET", "19900501"),
    ];
    for (node, from, to, extra) in [
        (0, "LHR", "AYT", Some(listed[0])),
        (0, "MAN", "AYT", Some(listed[1])),
        (0, "LHR", "IST", None),
        (1, "IST", "LHR", Some(listed[2])),
        (1, "AYT", "MAN", None),
    ] {
        let people: Vec<_> = UNREMARKABLE.into_iter().chain(extra).collect();
        let message = support::paxlst(&format!("{from}{to}"), from, to, &people);
        runtime.block_on(push(&pair[node], &tokens[node], message));
    }
    // One with a count that is wrong: a fault for the carrier to mend.
    let people: Vec<_> = UNREMARKABLE.into_iter().collect();
    let message = String::from_utf8(support::paxlst("ISTMAN", "IST", "MAN", &people)).unwrap();
    let wrong = message.replace("CNT+42:6'", "CNT+42:9'");
    assert_ne!(message, wrong);
    runtime.block_on(push(&pair[1], &tokens[1], wrong.into_bytes()));
    tools.walk(&pair, listed[0].0);
}

async fn push(node: &TestNode, token: &str, message: Vec<u8>) {
    let answer = node
        .client()
        .post(format!("https://{}/intake", node.intake))
        .bearer_auth(token)
        .body(message)
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// Two nodes that know each other and have signed the agreement of the demo.
fn pair(base: &Path) -> [TestNode; 2] {
    let pair = [TestNode::init(base, "GBR"), TestNode::init(base, "TUR")];
    let watchlist = base.join("persons.csv");
    std::fs::write(&watchlist, WATCHLIST).unwrap();
    for node in &pair {
        node.command(&["watchlist", "load"], &["national", watchlist.to_str().unwrap()]);
    }
    ally(base, &pair);
    pair
}

/// What the walk is done with.
struct Tools {
    chromium: PathBuf,
    scripts: PathBuf,
}

impl Tools {
    fn find() -> Option<Self> {
        const WHAT: &str = "the console in a browser";
        let chromium = PathBuf::from("/usr/bin/chromium");
        let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
        if !chromium.exists() {
            support::skip(WHAT, "there is no chromium (Debian: apt-get install chromium)");
            return None;
        }
        if !scripts.join("node_modules/playwright-core").exists() {
            support::skip(WHAT, "run `npm ci` in crates/passerelle/tests/browser");
            return None;
        }
        Some(Self { chromium, scripts })
    }

    fn walk(&self, pair: &[TestNode; 2], listed: &str) {
        let screenshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
        let offer = pair[0].dir.parent().unwrap().join("GBR.offer");
        let text = std::fs::read_to_string(&offer).unwrap();
        let fingerprint = text.lines().nth(1).unwrap().trim_start_matches("# ").to_owned();
        let told = serde_json::json!({
            "chromium": self.chromium,
            "screenshots": screenshots,
            "nodes": pair.each_ref().map(|n| format!("https://{}", n.console)),
            "password": support::PASSWORD,
            "listed": listed,
            "ground": "S-1",
            "offer": offer,
            "fingerprint": fingerprint,
            "hitRoute": ["LHR", "AYT"],
            "unremarkable": UNREMARKABLE.map(|(surname, ..)| surname),
        });
        let mut child = Command::new("node")
            .arg("walk.mjs")
            .current_dir(&self.scripts)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(told.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let mut logs = String::new();
        for node in pair {
            let log = std::fs::read_to_string(node.dir.with_extension("log")).unwrap_or_default();
            writeln!(logs, "{}:\n{log}", node.state).unwrap();
        }
        assert!(output.status.success(), "the walk found:\n{said}\n{logs}");
    }
}
