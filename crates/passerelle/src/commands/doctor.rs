//! `passerelle doctor`: is a node's store whole, and are the promises kept?

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use serde_json::json;
use store::inspect::Inspector;

use crate::{
    clock,
    config::{Config, Layout},
    invariants::{self, NodeAt, Report},
    known, node_key,
};

/// `passerelle doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit code: 0 all is well, 1 something is not, 2 a store cannot be read.
With the directories of both partners, what one was sent is held against what the other has.
The nodes may be running.

Examples:
  passerelle doctor gbr
  passerelle doctor gbr tur --json")]
pub struct DoctorArgs {
    /// The node's directory; several when they lie on this machine.
    #[arg(required = true)]
    pub dirs: Vec<PathBuf>,
    /// One JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(args: DoctorArgs) -> ExitCode {
    match examine(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(e) => {
            eprintln!("passerelle: {e:#}");
            ExitCode::from(2)
        }
    }
}

fn examine(args: &DoctorArgs) -> Result<bool> {
    let nodes: Vec<NodeAt> = args
        .dirs
        .iter()
        .map(|dir| NodeAt::of(dir).with_context(|| format!("{}", dir.display())))
        .collect::<Result<_>>()?;
    let mut damage = Vec::new();
    for node in &nodes {
        damage.extend(Inspector::open(&node.store)?.integrity()?);
    }
    for dir in &args.dirs {
        let layout = Layout::of(dir);
        damage.extend(known::look(&layout, &Inspector::open(&layout.store())?)?);
    }
    let mut notes = Vec::new();
    for dir in &args.dirs {
        notes.extend(left_behind(dir));
        notes.extend(node_key::notes(&Layout::of(dir), &Config::read(dir)?));
        notes.extend(lake(dir)?);
    }
    let report = invariants::check(&nodes, &[], clock::now())?;
    let ok = report.ok() && damage.is_empty();
    if args.json {
        let mut object = report.json();
        object["ok"] = ok.into();
        object["notes"] = json!(notes);
        if let Some(findings) = object["findings"].as_array_mut() {
            findings.extend(damage.iter().map(|d| json!({"what": format!("database: {d}")})));
        }
        println!("{object}");
    } else {
        print(&report, &damage);
        notes.iter().for_each(|note| println!("note: {note}"));
    }
    Ok(ok)
}

/// What lies at a node and should not: nothing is broken by it yet.
fn left_behind(dir: &Path) -> Option<String> {
    let key = Layout::of(dir).authority_key();
    key.exists().then(|| {
        format!(
            "{} is the independent authority's private key: whoever has the node can unmask by \
             himself. Give it to the authority, and remove it here",
            key.display()
        )
    })
}

/// What of the lake is not as its rows say. Everything in it can be made again.
fn lake(dir: &Path) -> Result<Vec<String>> {
    let config = Config::read(dir)?;
    let files = match lake::place(&config.lake.place, dir).and_then(|place| place.list()) {
        Ok(files) => files,
        Err(e) => return Ok(vec![format!("{e}: it was not looked at")]),
    };
    let check = Inspector::open(&Layout::of(dir).store())?.check_lake(&files)?;
    let missing = check.missing.iter().map(|name| {
        format!(
            "{name} of the lake is lost or cut, and searches fail: `passerelle lake rebuild {}` \
             makes it anew",
            dir.display()
        )
    });
    let orphans = check.orphans.iter().map(|name| {
        format!(
            "{name} lies in the lake and belongs to nothing, as after a crash: once it is an hour \
             old the node removes it at its next start, as `passerelle lake compact {}` does",
            dir.display()
        )
    });
    Ok(missing.chain(orphans).collect())
}

/// What each promise is called in the README.
const PROMISES: [&str; 6] = [
    "nothing acknowledged is lost",
    "no person is accused by a machine",
    "nothing leaves without an agreement",
    "nothing happens unseen",
    "everybody is forgotten by default",
    "nothing is silently changed",
];

fn print(report: &Report, damage: &[String]) {
    for log in &report.logs {
        let events = log.verification.checked;
        let word = if log.verification.ok { "verified" } else { "does not verify" };
        println!("{}  log of {events} events: {word}", log.node);
    }
    for (promise, name) in report.promises.iter().zip(PROMISES) {
        let word = if promise.kept() { "kept  " } else { "BROKEN" };
        println!("{word}  {}  {name} ({} checked)", promise.number, promise.checked);
        for finding in &promise.findings {
            println!("           {}: {}", finding.node, finding.what);
        }
        let more = promise.broken - promise.findings.len() as u64;
        if more > 0 {
            println!("           and {more} more");
        }
    }
    for line in damage {
        println!("database: {line}");
    }
}
