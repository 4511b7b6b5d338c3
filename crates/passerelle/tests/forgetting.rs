//! Everybody is forgotten by default: a carrier's list lives, is masked, is erased, by the
//! clock, with everything that the node has written about it.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use passerelle::{clock, init, keeper, node::Node, pipeline};
use store::rows::Carrier;
use travel::Country;

const SURNAME: &str = "ESPECIMENOVA";

fn made() -> (tempfile::TempDir, PathBuf) {
    let base = tempfile::tempdir().unwrap();
    let dir = base.path().join("gbr");
    let any = "127.0.0.1:0".parse().unwrap();
    let state = Country::new("GBR");
    init::make(
        &dir,
        &init::NewNode {
            state,
            intake: any,
            exchange: any,
            console: any,
            names: Vec::new(),
            regimes: init::usual_regimes(state),
            notice: None,
            administrator: None,
            store: None,
            token: None,
        },
    )
    .unwrap();
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

/// A list of one flight that leaves the day after `now`.
fn message(now: Timestamp, reference: &str) -> Vec<u8> {
    let day = now.to_zoned(TimeZone::UTC).date().tomorrow().unwrap();
    let (y, m, d) = (day.year() % 100, day.month(), day.day());
    let date = format!("{y:02}{m:02}{d:02}");
    format!(
        "UNB+UNOA:4+X1+GBR+{date}:0900+{reference}'UNH+1+PAXLST:D:05B:UN:IATA'BGM+745'\
         NAD+MS+++DESK'COM+1 555:TE'TDT+20+X1980'LOC+125+IST'DTM+189:{date}1100:201'LOC+87+LHR'\
         DTM+232:{date}1400:201'NAD+FL+++{SURNAME}:ANNA MARIA'ATT+2++F'DTM+329:900102'\
         LOC+178+IST'LOC+179+LHR'NAT+2+UTO'DOC+P+L898902C3'LOC+91+UTO'CNT+42:1'UNT+18+1'UNZ+1+{reference}'"
    )
    .into_bytes()
}

/// Every byte in every file under a directory.
fn everything(dir: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(everything(&path));
        } else {
            all.extend(fs::read(&path).unwrap());
        }
    }
    all
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|w| w == part)
}

fn verify(dir: &Path, more: &[&Path]) -> (Option<i32>, serde_json::Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_passerelle"));
    command.arg("verify-erasure").arg(dir).arg("--json");
    more.iter().for_each(|copy| {
        command.arg("--backup").arg(copy);
    });
    let out = command.output().unwrap();
    let line = String::from_utf8(out.stdout).unwrap();
    (out.status.code(), serde_json::from_str(&line).unwrap())
}

#[test]
fn a_list_is_masked_and_erased_by_the_clock_and_nothing_of_it_is_left() {
    let (base, dir) = made();
    let today = clock::now();
    // Five years and two days ago, so that all that is due is due by the real clock, too.
    let then = today.to_zoned(TimeZone::UTC).checked_sub(5.years().days(2)).unwrap().timestamp();
    let after = |months: i32| {
        then.to_zoned(TimeZone::UTC).checked_add(months.months()).unwrap().timestamp()
    };
    let node = Node::open(&dir).unwrap();
    let answer = pipeline::submit(&node, &carrier(), &message(then, "R1"), then).unwrap();
    assert_eq!((answer.status, answer.kept.len()), (200, 1), "{answer:?}");
    pipeline::screen_kept(&node, &answer.kept[0], then).unwrap();
    let row = || node.store().list(&answer.kept[0]).unwrap().unwrap();
    assert_eq!(row().scope, "carrier.uk_domestic.icao_annex9");
    assert_eq!(row().clock, "IC-12");
    let sealed = row().sealed;
    let copy = base.path().join("yesterday.db");
    node.store().backup(&copy, |_| {}, then).unwrap();

    // Live: sealed, found by who looks, and nobody's name in clear anywhere.
    assert_eq!(node.store().project().unwrap(), 1);
    assert_eq!(times_found(&node), 1);
    assert!(keeper::keep(&node, after(5)).unwrap().is_nothing());
    assert!(holds(&everything(&dir), &sealed[..40]), "this is not where the rows are");
    assert!(!holds(&everything(base.path()), SURNAME.as_bytes()));
    let list = node.store().open_list(&row()).unwrap();
    assert_eq!(list.travellers()[0].surname, SURNAME);

    // Masked: the flight is known, and who was on it is not.
    let kept = keeper::keep(&node, after(6)).unwrap();
    assert_eq!(times_found(&node), 0);
    assert_eq!((kept.masked.len(), kept.lists), (1, 1));
    assert!(node.store().open_list(&row()).is_err());
    let left = node.store().open_remainder(&row()).unwrap().unwrap();
    assert_eq!(left.flight().number, "980");
    assert!(left.travellers()[0].surname.is_empty() && left.travellers()[0].documents.is_empty());

    // Sent again, it lives no longer than the first.
    let again = pipeline::submit(&node, &carrier(), &message(then, "R2"), after(7)).unwrap();
    assert_eq!(again.status, 200);
    let second = node.store().list(&again.kept[0]).unwrap().unwrap();
    assert_eq!((second.mask_due, second.keep_until), (row().mask_due, row().keep_until));
    assert!(node.store().open_list(&second).is_err(), "a masked record stays masked, at once");
    assert_eq!(pipeline::screen_kept(&node, &again.kept[0], after(7)).unwrap(), 0);

    // Overdue by the real clock, and found.
    let (code, found) = verify(&dir, &[&copy]);
    assert_eq!((code, &found["ok"]), (Some(1), &false.into()), "{found}");

    // Erased: nothing opens, nothing is left, and it is certified.
    let kept = keeper::keep(&node, today).unwrap();
    assert_eq!((kept.erased.len(), kept.lists, kept.scrubbed), (2, 2, true));
    assert!(node.store().open_remainder(&row()).is_err());
    let bytes = everything(&dir);
    assert!(!holds(&bytes, SURNAME.as_bytes()) && !holds(&bytes, &sealed[..40]));
    let (code, found) = verify(&dir, &[&copy]);
    assert_eq!((code, &found["findings"]), (Some(0), &serde_json::json!([])), "{found}");
    let certificates = found["certificates"].as_array().unwrap();
    let erased = certificates.iter().find(|c| c["what"] == "erased").unwrap();
    assert_eq!(erased["rules"], serde_json::json!(["IC-12"]));
    node.close();
    drop(node);

    // Yesterday's backup, put back with the command: nothing of it opens.
    let run = |args: &[&std::ffi::OsStr]| {
        let out = Command::new(env!("CARGO_BIN_EXE_passerelle")).args(args).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    run(&["restore".as_ref(), dir.as_ref(), "--from".as_ref(), copy.as_ref()]);
    let node = Node::open(&dir).unwrap();
    assert!(node.store().open_list(&row_of(&node, &answer.kept[0])).is_err());
    assert!(node.store().open_remainder(&row_of(&node, &answer.kept[0])).is_err());
    node.close();
    assert!(!holds(&everything(base.path()), SURNAME.as_bytes()));
    assert_eq!(verify(&dir, &[]).0, Some(0));
    let node = Node::open(&dir).unwrap();
    node.store().forget_projections().unwrap();
    while node.store().project().unwrap() > 0 {}
    assert_eq!(times_found(&node), 0, "nothing is found of it by projections made anew");
    node.close();
}

/// How often somebody who looks finds the traveller's document.
fn times_found(node: &Node) -> usize {
    let sought = screening::Sought::Document("L898902C3".into());
    node.store().search(&sought).unwrap().travellers.len()
}

fn row_of(node: &Node, id: &str) -> store::rows::List {
    node.store().list(id).unwrap().unwrap()
}

#[test]
fn what_was_no_list_is_gone_after_a_month() {
    let (_base, dir) = made();
    let node = Node::open(&dir).unwrap();
    let now = clock::now();
    let elsewhere = String::from_utf8(message(now, "R1")).unwrap().replace("LHR", "ESB");
    let answer = pipeline::submit(&node, &carrier(), elsewhere.as_bytes(), now).unwrap();
    assert_eq!((answer.status, answer.kept.len()), (422, 0));
    let s = node.store().submissions(1).unwrap().remove(0);
    assert_eq!(node.store().open_original(&s).unwrap(), elsewhere.as_bytes());
    let then = now.to_zoned(TimeZone::UTC).checked_add(1.month()).unwrap().timestamp();
    assert_eq!(keeper::keep(&node, then).unwrap().erased.len(), 1);
    assert!(node.store().open_original(&s).is_err());
    node.close();
}
