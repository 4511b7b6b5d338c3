//! The invariant checker: are the six promises kept?
//!
//! It looks from outside. What senders were answered is handed in as a ledger; all
//! else is read from stores and logs, never from counters of a node. So the demo, the
//! kill test and `passerelle doctor` ask the same question in the same way, of nodes
//! that run and of nodes that lie still.
//!
//! | | promise | what is checked here |
//! |---|---|---|
//! | 1 | nothing acknowledged is lost | every answered submission is there exactly once, with its lists and travellers |
//! | 2 | no person is accused by a machine | every disclosed hit was upheld by as many different officers as it needs, before it was sealed |
//! | 3 | nothing leaves without an agreement | every parcel's agreement was signed by both, in force and not suspended, and covers mode and elements |
//! | 4 | nothing happens unseen | the log verifies; each row has its event and each event its row |
//! | 5 | everybody is forgotten by default | no list or key is there past its clock, and what was masked or erased is certified in the log |
//! | 6 | nothing is silently changed | streams have no gap, partners hold each receipted parcel once and unchanged, no alarm is left |

mod promises;
mod seen;
mod totals;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use audit::{LogPublicKey, Verification};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::inspect::Inspector;

use crate::config::Layout;
use seen::Seen;

/// No more findings than this are written out for one promise; all are counted.
const MOST_FINDINGS: usize = 100;

/// A node to look at.
#[derive(Clone, Debug)]
pub struct NodeAt {
    /// The directory of its store.
    pub store: PathBuf,
    /// The key by which its log is checked.
    pub log_key: LogPublicKey,
}

impl NodeAt {
    /// The node in `dir`.
    ///
    /// # Errors
    /// It is no node, or its log key cannot be read.
    pub fn of(dir: &Path) -> Result<Self> {
        Ok(Self { store: Layout::of(dir).store(), log_key: crate::log::key(dir)? })
    }

    fn inspect(&self) -> Result<Inspector> {
        Ok(Inspector::open(&self.store)?)
    }
}

/// What a sender was answered: proof that a node took a submission.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// State of the node that answered.
    pub node: String,
    /// SHA-256 of the bytes that were sent, hexadecimal.
    pub submission: String,
    /// When the answer was there.
    pub answered_at: Timestamp,
    /// How many travellers the sender had put on the list; 0 where the message was
    /// meant to be no list.
    pub travellers: u64,
}

/// Something that breaks a promise.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// State of the node where it was found.
    pub node: String,
    /// What it is, by ids and counts only.
    pub what: String,
}

/// How one promise fares.
#[derive(Clone, Debug, PartialEq)]
pub struct Promise {
    /// 1 to 6.
    pub number: u8,
    /// How many things were held against it.
    pub checked: u64,
    /// How many of them break it.
    pub broken: u64,
    /// The first of those.
    pub findings: Vec<Finding>,
}

impl Promise {
    fn new(number: u8) -> Self {
        Self { number, checked: 0, broken: 0, findings: Vec::new() }
    }

    /// Whether nothing breaks it.
    pub fn kept(&self) -> bool {
        self.broken == 0
    }

    fn find(&mut self, node: &str, what: impl Into<String>) {
        self.broken += 1;
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { node: node.to_owned(), what: what.into() });
        }
    }

    /// Counts one more thing, and a finding if it does not hold.
    fn expect(&mut self, node: &str, holds: bool, what: impl FnOnce() -> String) {
        self.checked += 1;
        if !holds {
            self.find(node, what());
        }
    }
}

/// The state of one node's log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogState {
    /// State of the node.
    pub node: String,
    /// What checking it found.
    pub verification: Verification,
}

/// What the checker found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Answered submissions, and receipted parcels, that are not there.
    pub lost: u64,
    /// Those that are there more than once.
    pub doubled: u64,
    /// The promises, first to sixth.
    pub promises: [Promise; 6],
    /// The nodes' logs.
    pub logs: Vec<LogState>,
}

impl Report {
    fn new() -> Self {
        Self {
            lost: 0,
            doubled: 0,
            promises: [1, 2, 3, 4, 5, 6].map(Promise::new),
            logs: Vec::new(),
        }
    }

    /// Whether every promise is kept.
    pub fn ok(&self) -> bool {
        self.promises.iter().all(Promise::kept)
    }

    /// How many things were checked.
    pub fn checked(&self) -> u64 {
        self.promises.iter().map(|p| p.checked).sum()
    }

    /// `{"1":"kept",…}`, as the demo's last line has it.
    pub fn promises_json(&self) -> Value {
        let word = |p: &Promise| if p.kept() { "kept" } else { "broken" };
        self.promises.iter().map(|p| (p.number.to_string(), Value::from(word(p)))).collect()
    }

    /// `{"ok":…,"checked":…,"findings":[…]}`, as `passerelle doctor --json` prints it.
    pub fn json(&self) -> Value {
        let findings: Vec<Value> = self
            .promises
            .iter()
            .flat_map(|p| p.findings.iter().map(move |f| (p.number, f)))
            .map(|(promise, f)| json!({"promise": promise, "node": f.node, "what": f.what}))
            .collect();
        json!({
            "ok": self.ok(), "checked": self.checked(), "findings": findings, "lost": self.lost,
            "doubled": self.doubled, "promises": self.promises_json(),
        })
    }
}

/// Checks the promises on these nodes, which may be running. `ledger` is what senders
/// were answered before this was called; without it the first promise is checked only
/// as far as the stores know. Partners that are not among `nodes` are not looked into.
///
/// # Errors
/// A store cannot be read at all.
pub fn check(nodes: &[NodeAt], ledger: &[Answered], now: Timestamp) -> Result<Report> {
    let mut report = Report::new();
    let mut all = Vec::with_capacity(nodes.len());
    for node in nodes {
        let seen = Seen::read(node).with_context(|| format!("{}", node.store.display()))?;
        all.push(seen);
    }
    promises::answered(&all, ledger, &mut report);
    for seen in &all {
        promises::submissions(seen, &mut report);
        promises::hits(seen, &mut report);
        promises::parcels(seen, &all, &mut report);
        promises::log(seen, &mut report);
        promises::clocks(seen, now, &mut report);
        promises::streams(seen, &mut report);
        totals::totals(seen, &mut report);
        promises::exchange(seen, &all, &mut report)?;
    }
    for seen in all {
        report.logs.push(LogState { node: seen.state, verification: seen.verification });
    }
    Ok(report)
}

#[cfg(test)]
#[path = "invariants/tests.rs"]
mod tests;
