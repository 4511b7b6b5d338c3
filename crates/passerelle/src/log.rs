//! `passerelle log`: the log checked and shown, with nothing but its own bytes.
//!
//! Works on the directory of a node that runs as well as of one that lies still, and
//! with `--key` on a copy of a store whose keys are somewhere else.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result};
use audit::{LogKey, LogPublicKey, Verification};
use serde_json::{Value, json};
use store::inspect::Inspector;

use crate::config::Layout;

/// `passerelle log …`.
#[derive(Debug, clap::Subcommand)]
pub enum LogCommand {
    /// Recompute the whole log and check every signed checkpoint
    Verify(VerifyArgs),
    /// Print the key by which others check the log (C2SP verifier key)
    #[command(after_help = "Example:\n  passerelle log key gbr")]
    Key(LogArgs),
    /// Print the newest signed checkpoint (C2SP tlog-checkpoint)
    #[command(after_help = "Example:\n  passerelle log checkpoint gbr")]
    Checkpoint(LogArgs),
}

/// Which node's log.
#[derive(Debug, clap::Args)]
pub struct LogArgs {
    /// The node's directory, as given to `passerelle init`.
    pub dir: PathBuf,
}

/// `passerelle log verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit code: 0 the log verifies, 1 it does not, 2 it cannot be read.

Examples:
  passerelle log verify gbr
  passerelle log verify copy-of-gbr --key \"$(cat gbr-log.key)\"")]
pub struct VerifyArgs {
    /// The node's directory, as given to `passerelle init`.
    pub dir: PathBuf,
    /// The log's verifier key (`passerelle log key`), when the node's own key file is
    /// not to be trusted or not there.
    #[arg(long, value_name = "NAME+ID+KEY")]
    pub key: Option<String>,
    /// One JSON object on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Runs `passerelle log …`.
pub fn run(command: LogCommand) -> ExitCode {
    let done = match command {
        LogCommand::Verify(args) => verify(&args),
        LogCommand::Key(args) => key(&args.dir).map(|key| {
            println!("{key}");
            true
        }),
        LogCommand::Checkpoint(args) => checkpoint(&args.dir),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(e) => {
            eprintln!("passerelle: {e:#}");
            ExitCode::from(2)
        }
    }
}

fn verify(args: &VerifyArgs) -> Result<bool> {
    let key = match &args.key {
        Some(text) => LogPublicKey::parse(text)?,
        None => key(&args.dir)?,
    };
    let found = of_store(&Layout::of(&args.dir).store(), &key)?;
    if args.json {
        println!("{}", as_json(&found));
    } else {
        print!("{}", in_words(&key, &found));
    }
    Ok(found.ok)
}

/// Checks the log of the store in a directory.
///
/// # Errors
/// The store cannot be read.
pub fn of_store(store: &Path, key: &LogPublicKey) -> Result<Verification> {
    let store = Inspector::open(store)?;
    let checkpoints = store.checkpoints()?;
    Ok(store.events(|events| audit::verify(key, events, checkpoints))?)
}

/// The key of a node's log, from its key file.
///
/// # Errors
/// It is no node, or the key cannot be read.
pub fn key(dir: &Path) -> Result<LogPublicKey> {
    let layout = Layout::of(dir);
    let origin = Inspector::open(&layout.store())?.node()?.0;
    let file = layout.log_key();
    let bytes = std::fs::read(&file).with_context(|| {
        format!("{} cannot be read; --key NAME+ID+KEY names it", file.display())
    })?;
    let key = LogKey::from_pkcs8(&origin, &bytes)
        .with_context(|| format!("{} is not a log key", file.display()))?;
    Ok(key.public().clone())
}

fn checkpoint(dir: &Path) -> Result<bool> {
    let store = Inspector::open(&Layout::of(dir).store())?;
    let newest = store.checkpoints()?.pop().context("the log has no checkpoint yet")?;
    print!("{newest}");
    Ok(true)
}

/// `{"ok":…,"checked":…,"findings":[…]}` (`docs/outputs.md`).
pub fn as_json(found: &Verification) -> Value {
    let findings: Vec<Value> = found
        .findings
        .iter()
        .map(|f| json!({"kind": f.trouble.name(), "from": f.from, "to": f.to, "text": f.text}))
        .collect();
    json!({
        "ok": found.ok, "checked": found.checked, "findings": findings,
        "checkpoints": found.checkpoints, "covered": found.covered, "root": found.root.to_string(),
    })
}

fn in_words(key: &LogPublicKey, found: &Verification) -> String {
    let (events, checkpoints) = (found.checked, found.checkpoints);
    let mut text = format!("log {}: {events} events, {checkpoints} checkpoints\n", key.origin);
    if found.ok {
        text.push_str(&format!("verified: every event is covered; root {}\n", found.root));
    }
    for f in &found.findings {
        text.push_str(&format!(
            "{}: events {} to {}: {}\n",
            f.trouble.name(),
            f.from,
            f.to,
            f.text
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn found(bytes: Vec<Vec<u8>>, notes: Vec<String>) -> (LogPublicKey, Verification) {
        let key = LogKey::from_seed("gw.gbr.example/log", &[1; 32]).unwrap();
        let events = bytes.into_iter().enumerate().map(|(i, b)| (i as u64, b));
        (key.public().clone(), audit::verify(key.public(), events, notes))
    }

    #[test]
    fn a_clean_log_is_said_to_be_clean() {
        let (key, clean) = found(Vec::new(), Vec::new());
        assert!(in_words(&key, &clean).starts_with(
            "log gw.gbr.example/log: 0 events, 0 checkpoints\nverified: every event is covered"
        ));
        assert_eq!(as_json(&clean)["ok"], true);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let (key, bad) = found(vec![b"no event".to_vec()], Vec::new());
        let json = as_json(&bad);
        assert_eq!((&json["ok"], &json["checked"]), (&Value::from(false), &Value::from(1)));
        assert_eq!(json["findings"][0]["kind"], "unreadable");
        assert!(in_words(&key, &bad).contains("uncovered: events 0 to 1"));
    }
}
