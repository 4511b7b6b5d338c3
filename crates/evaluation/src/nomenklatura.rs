//! nomenklatura beside ours, in the same run: its own code, asked through Python.
//!
//! It is the matcher behind OpenSanctions' service (MIT). Nothing of it is built in: a Python
//! that has it scores the same files, and its scores are read line by line.

use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    Pair,
    peers::{Peer, Rows},
};

/// The version that the script was written for.
pub const VERSION: &str = "4.17.4";
/// Its matchers: the recommended one first, then those that it keeps beside it.
const ALGORITHMS: [&str; 4] = ["logic-v2", "logic-v1", "regression-v1", "er-unstable"];
/// What the script ends with where Python does not have it.
const NOT_INSTALLED: i32 = 3;

/// How nomenklatura is asked.
#[derive(Clone, Debug)]
pub struct Nomenklatura {
    /// A Python that has it.
    pub python: PathBuf,
    /// The directory of the pairs.
    pub data: PathBuf,
}

/// Scores the pairs with each of its matchers.
///
/// # Errors
/// There is no such Python, or it does not have nomenklatura, or it stopped early.
pub fn run(asked: &Nomenklatura, pairs: &[Pair], tell: &dyn Fn(&str)) -> Result<Vec<Peer>> {
    tell("scoring pairs with nomenklatura");
    let python = asked.python.display();
    let mut child = Command::new(&asked.python)
        .args(["-c", include_str!("nomenklatura.py")])
        .arg(&asked.data)
        .args(ALGORITHMS)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{python} cannot be started"))?;
    let out = child.stdout.take().context("its output cannot be read")?;
    let read = scores(out, pairs);
    if read.is_err() {
        // It may still be writing what nobody reads.
        let _ = child.kill();
    }
    let status = child.wait().with_context(|| format!("{python} did not end"))?;
    match status.code() {
        Some(0) => read,
        // That it is no JSON says more than how the program ended.
        _ if read.is_err() => read,
        Some(NOT_INSTALLED) => bail!(
            "{python} does not have it: {python} -m pip install nomenklatura=={VERSION}, or name \
             another with --python"
        ),
        _ => bail!("{python} stopped early: {status}"),
    }
}

/// Reads what the script writes.
fn scores(out: impl Read, pairs: &[Pair]) -> Result<Vec<Peer>> {
    let (mut version, mut rows) = (String::new(), Rows::of(pairs));
    for line in BufReader::new(out).lines() {
        let line = line.context("its output cannot be read")?;
        let said: Value = serde_json::from_str(&line).context("its output is no JSON")?;
        match (said["version"].as_str(), said["peer"].as_str()) {
            (Some(told), _) => told.clone_into(&mut version),
            (None, Some(peer)) => _ = rows.take(&format!("nomenklatura {version} {peer}"), &said),
            (None, None) => {}
        }
    }
    Ok(rows.peers)
}

#[cfg(test)]
mod tests {
    use screening::Entry;
    use travel::Traveller;

    use super::*;
    use crate::{Half, Set};

    fn asked(python: &str) -> Result<Vec<Peer>> {
        let asked = Nomenklatura { python: python.into(), data: "nowhere".into() };
        run(&asked, &[], &|_| {})
    }

    fn pair(set: Set, row: usize) -> Pair {
        let (origin, category) = (String::new(), String::new());
        let (traveller, entry) = (Traveller::default(), Entry::default());
        Pair { set, row, origin, category, same: true, half: Half::Tuned, traveller, entry }
    }

    #[test]
    fn the_scores_of_each_of_its_matchers_go_to_their_pairs() {
        const OUT: &str = r#"{"version": "4.17.4"}
{"peer": "logic-v2", "set": "labelled", "row": 0, "score": 0.9}
{"peer": "logic-v1", "set": "labelled", "row": 0, "score": 0.5}
{"peer": "logic-v2", "set": "degraded", "row": 0, "score": 1}
{"peer": "logic-v2", "set": "degraded", "row": 7, "score": 0.1}
"#;
        let pairs = [pair(Set::Labelled, 0), pair(Set::Degraded, 0)];
        let peers = scores(OUT.as_bytes(), &pairs).unwrap_or_default();
        let told: Vec<_> = peers.iter().map(|p| (&*p.name, &*p.scores)).collect();
        assert_eq!(
            told,
            [
                ("nomenklatura 4.17.4 logic-v2", &[Some(0.9), Some(1.0)][..]),
                ("nomenklatura 4.17.4 logic-v1", &[Some(0.5), None][..]),
            ]
        );
    }

    #[test]
    fn what_is_no_json_is_no_score() {
        assert!(scores("Traceback".as_bytes(), &[]).is_err());
    }

    #[test]
    fn a_python_that_is_not_there_is_a_reason_to_skip_it() {
        let why = asked("/nowhere/python3").err().map(|e| e.to_string());
        assert_eq!(why.as_deref(), Some("/nowhere/python3 cannot be started"));
    }

    #[cfg(unix)]
    #[test]
    fn a_python_that_stops_is_a_reason_to_skip_it() {
        let why = asked("/bin/false").err().map(|e| e.to_string()).unwrap_or_default();
        assert!(why.starts_with("/bin/false stopped early"), "{why}");
    }
}
