//! One traveller goes before the day does: by an order, and by the law for who has left. The
//! others stay, and no copy that was made before opens anybody.
#![allow(clippy::unwrap_used)]

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use passerelle::{clock, init, keeper, node::Node, pipeline};
use serde_json::{Value, json};
use store::{NewCase, rows::Carrier};
use travel::Country;

fn made() -> (tempfile::TempDir, PathBuf) {
    let base = tempfile::tempdir().unwrap();
    let dir = base.path().join("gbr");
    let any = "127.0.0.1:0".parse().unwrap();
    let state = Country::new("GBR");
    let new = init::NewNode {
        state,
        intake: any,
        exchange: any,
        console: any,
        names: Vec::new(),
        regimes: ["uk_domestic", "uk_eu_tca", "icao_annex9"].map(str::to_owned).to_vec(),
        notice: None,
        administrator: None,
        store: None,
        token: None,
    };
    init::make(&dir, &new).unwrap();
    (base, dir)
}

fn carrier() -> Carrier {
    Carrier {
        id: "X1".into(),
        name: "Example Air".into(),
        token_hash: None,
        certificate: None,
        flights: String::new(),
        enabled: true,
        added_at: Timestamp::UNIX_EPOCH,
    }
}

/// Whom the tests look for: nobody else is called so.
fn surname(traveller: usize) -> String {
    let letter = |n: usize| char::from(b'A' + (n % 26) as u8);
    format!("ESPECIMEN{}{}", letter(traveller / 26), letter(traveller))
}

/// A list of one flight of so many travellers, as a carrier without EDIFACT sends it.
fn message(
    kind: &str,
    (from, to): (&str, &str),
    day: Date,
    (number, travellers): (usize, usize),
) -> Vec<u8> {
    let who: Vec<Value> = (0..travellers)
        .map(|t| {
            json!({"surname": surname(t), "given": "ANNA MARIA", "birth_date": "1990-01-02", "sex": "F",
                   "nationality": "UTO", "locator": format!("LOC{number:02}{t}"),
                   "documents": [{"type": "P", "number": format!("L{number:03}{t:03}"), "issuer": "UTO"}]})
        })
        .collect();
    let legs = json!([{"from": from, "to": to, "departs": format!("{day}T11:00"), "arrives": format!("{day}T14:00")}]);
    let flight = json!({"carrier": "X1", "number": format!("{}", 100 + number), "legs": legs});
    let list = json!({"type": kind, "function": "full", "reference": format!("R{number}"),
                      "flight": flight, "travellers": who});
    list.to_string().into_bytes()
}

/// Keeps and screens the list of a flight; gives its id.
fn kept(node: &Node, message: &[u8], now: Timestamp) -> String {
    let answer = pipeline::submit(node, &carrier(), message, now).unwrap();
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!((answer.status, answer.kept.len()), (200, 1), "{body}");
    pipeline::screen_kept(node, &answer.kept[0], now).unwrap();
    answer.kept[0].clone()
}

/// Whose names can be read of a list, by number; empty where nobody stands any more.
fn names(node: &Node, id: &str) -> Vec<String> {
    let row = node.store().list(id).unwrap().unwrap();
    let list = node.store().open_list(&row).unwrap();
    list.travellers().iter().map(|t| t.surname.to_string()).collect()
}

fn found(node: &Node, document: &str) -> usize {
    let sought = screening::Sought::Document(document.into());
    node.store().search(&sought).unwrap().travellers.len()
}

fn everything(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(everything(&path)),
            false => all.extend(fs::read(&path).unwrap()),
        }
    }
    all
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|w| w == part)
}

fn command(args: &[&OsStr]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passerelle"));
    command.args(args);
    command
}

fn run(args: &[&OsStr]) -> Output {
    command(args).output().unwrap()
}

fn verify(dir: &Path, copies: &[&Path]) -> (Option<i32>, Value) {
    let mut command = command(&["verify-erasure".as_ref(), dir.as_ref(), "--json".as_ref()]);
    for copy in copies {
        command.arg("--backup").arg(copy);
    }
    let out = command.output().unwrap();
    let line = String::from_utf8(out.stdout).unwrap();
    (out.status.code(), serde_json::from_str(&line).unwrap())
}

fn whole(dir: &Path) {
    let out = run(&["doctor".as_ref(), dir.as_ref(), "--json".as_ref()]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
}

#[test]
fn who_is_removed_by_an_order_is_gone_from_every_copy_and_the_others_stay() {
    let (base, dir) = made();
    let now = clock::now();
    let day = now.to_zoned(TimeZone::UTC).date();
    let node = Node::open(&dir).unwrap();
    let to = ("IST", "LHR");
    let lists: Vec<String> =
        (0..3).map(|n| kept(&node, &message("api", to, day, (n, 4)), now)).collect();
    while node.store().project().unwrap() > 0 {}
    assert_eq!((found(&node, "L001002"), found(&node, "L001003")), (1, 1));
    let old = node.store().list(&lists[1]).unwrap().unwrap();
    let original = node.store().submission(old.submission.as_deref().unwrap()).unwrap().unwrap();
    let before = base.path().join("before.db");
    node.store().backup(&before, |_| {}, now).unwrap();
    node.close();
    drop(node);

    let after = base.path().join("after.db");
    let out = run(&[
        "keep".as_ref(),
        "remove".as_ref(),
        dir.as_ref(),
        lists[1].as_ref(),
        "--traveller".as_ref(),
        "2".as_ref(),
        "--rule".as_ref(),
        "UK-09".as_ref(),
        "--backup".as_ref(),
        after.as_ref(),
    ]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let node = Node::open(&dir).unwrap();
    let all = names(&node, &lists[0]);
    assert_eq!(all, names(&node, &lists[2]));
    let left = names(&node, &lists[1]);
    assert_eq!(left, [all[0].clone(), all[1].clone(), String::new(), all[3].clone()]);
    while node.store().project().unwrap() > 0 {}
    assert_eq!((found(&node, "L001002"), found(&node, "L001003")), (0, 1));
    let gone = node.store().submission(&original.id).unwrap().unwrap();
    assert!(node.store().open_original(&gone).is_err());
    node.close();
    drop(node);

    let (code, told) = verify(&dir, &[&before, &after]);
    assert_eq!((code, &told["findings"]), (Some(0), &json!([])), "{told}");
    let erased = &told["certificates"][0];
    assert_eq!(erased["rules"], json!(["UK-09"]));
    assert_eq!(erased["travellers"], json!([format!("{}/2", lists[1])]));
    whole(&dir);
    let disk = everything(&dir);
    assert!(!holds(&disk, b"ESPECIMEN"));
    assert!(!holds(&disk, &old.sealed[..40]) && !holds(&disk, &original.original[..40]));
    // It is not there a second time.
    let again = run(&[
        "keep".as_ref(),
        "remove".as_ref(),
        dir.as_ref(),
        lists[1].as_ref(),
        "--traveller".as_ref(),
        "2".as_ref(),
        "--rule".as_ref(),
        "UK-09".as_ref(),
    ]);
    assert!(!again.status.success());

    // The copy of before, put back: of that day nobody opens. That of after: everybody else.
    let node = |copy: &Path| {
        let out = run(&["restore".as_ref(), dir.as_ref(), "--from".as_ref(), copy.as_ref()]);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        Node::open(&dir).unwrap()
    };
    let back = node(&after);
    assert_eq!(names(&back, &lists[1]), left);
    back.close();
    drop(back);
    fs::remove_dir_all(dir.join("store/replaced.db"))
        .or_else(|_| fs::remove_file(dir.join("store/replaced.db")))
        .unwrap();
    let back = node(&before);
    for id in &lists {
        let row = back.store().list(id).unwrap().unwrap();
        assert!(back.store().open_list(&row).is_err());
        assert!(back.store().open_remainder(&row).is_err());
    }
    assert!(back.store().open_original(&original).is_err());
    back.close();
}

#[test]
fn who_has_left_goes_by_the_law_unless_a_ground_holds_them() {
    let (_base, dir) = made();
    let now = clock::now();
    let day = now.to_zoned(TimeZone::UTC).date();
    let node = Node::open(&dir).unwrap();
    let out = kept(&node, &message("pnr", ("LHR", "CDG"), day, (1, 4)), now);
    let back = kept(&node, &message("pnr", ("CDG", "LHR"), day, (2, 4)), now);
    let far = kept(&node, &message("pnr", ("LHR", "IST"), day, (3, 4)), now);
    let row = |id: &str| node.store().list(id).unwrap().unwrap();
    assert_eq!(row(&out).leave_due, Some(day.tomorrow().unwrap()));
    assert!(row(&out).clock.contains("UK-09"), "{}", row(&out).clock);
    assert_eq!((row(&back).leave_due, row(&far).leave_due), (None, None));
    let all = names(&node, &out);
    for (id, hold, number) in [("case-1", false, 1), ("hold-1", true, 2)] {
        let keep_until = day.saturating_add(40.days());
        let new = NewCase { id, ground: "an order", keep_until, hold, officer: "first" };
        node.store().open_case(&new, now).unwrap();
        let case = node.store().case(id).unwrap().unwrap();
        node.store().copy_to_case(&case, (&row(&out), number), ("first", now)).unwrap();
    }
    let then =
        |days: i32| now.to_zoned(TimeZone::UTC).checked_add(days.days()).unwrap().timestamp();
    assert!(keeper::keep(&node, now).unwrap().is_nothing(), "it leaves today");
    let kept = keeper::keep(&node, then(2)).unwrap();
    assert_eq!(kept.removed, [format!("{out}/0,3")]);
    assert_eq!(names(&node, &out), ["", &all[1], &all[2], ""]);
    assert_eq!((names(&node, &back), names(&node, &far)), (all.clone(), all.clone()));
    // Whoever is held is looked at again; when the case is closed, and when the hold ends.
    assert!(keeper::keep(&node, then(3)).unwrap().removed.is_empty());
    let case = node.store().case("case-1").unwrap().unwrap();
    node.store().close_case(&case, "first", then(4)).unwrap();
    assert_eq!(keeper::keep(&node, then(5)).unwrap().removed, [format!("{out}/1")]);
    assert!(keeper::keep(&node, then(6)).unwrap().removed.is_empty());
    assert_eq!(keeper::keep(&node, then(41)).unwrap().removed, [format!("{out}/2")]);
    assert_eq!(names(&node, &out), [""; 4]);
    assert_eq!(row(&out).leave_due, None, "nobody is left to be looked at");
    node.close();
    drop(node);
    let (_, told) = verify(&dir, &[]);
    assert_eq!(told["findings"], json!([]), "{told}");
    whole(&dir);
}

/// Killed at some moment of the removal, wherever that is: whoever is to go is there or gone, the
/// others are there, and what was begun is brought to its end.
#[test]
fn a_removal_that_is_killed_is_gone_on_with() {
    let (_base, dir) = made();
    let now = clock::now();
    let day = now.to_zoned(TimeZone::UTC).date();
    let node = Node::open(&dir).unwrap();
    let lists: Vec<String> =
        (0..200).map(|n| kept(&node, &message("api", ("IST", "LHR"), day, (n, 3)), now)).collect();
    let all = names(&node, &lists[0]);
    node.close();
    drop(node);
    let (mut killed, mut wait) = (0, 20);
    for list in lists.iter().take(12) {
        let args: [&OsStr; 8] = [
            "keep".as_ref(),
            "remove".as_ref(),
            dir.as_ref(),
            list.as_ref(),
            "--traveller".as_ref(),
            "0".as_ref(),
            "--rule".as_ref(),
            "UK-09".as_ref(),
        ];
        let mut child = command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        let ended = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        let node = Node::open(&dir).unwrap();
        killed += usize::from(!node.store().going().unwrap().is_empty());
        let begun = !node.store().removals_of(list).unwrap().is_empty();
        for (number, id) in lists.iter().enumerate() {
            let here = names(&node, id);
            assert_eq!(here[1..], all[1..], "{number}");
        }
        keeper::keep(&node, now).unwrap();
        assert!(node.store().going().unwrap().is_empty());
        assert_eq!(names(&node, list)[0].is_empty(), begun);
        assert_eq!(names(&node, &lists[199]), all);
        node.close();
        // Later, until it ends by itself, and sooner again.
        wait = if ended { 20 } else { wait + 40 };
    }
    assert!(killed > 0, "it was never killed in the midst");
    let (code, told) = verify(&dir, &[]);
    assert_eq!((code, &told["findings"]), (Some(0), &json!([])), "{told}");
    whole(&dir);
}
