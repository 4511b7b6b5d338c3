//! Recomputing a whole log from its bytes.
//!
//! Events go into a fresh tree one by one; wherever a checkpoint claims a size, its
//! root must be the tree's. A root that does not fit accuses the events since the
//! last one that did.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{Checkpoint, Digest, LogPublicKey, Logged, Tree};

/// What kind of trouble a [`Finding`] tells of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// The bytes of an event, or a checkpoint, are not what was signed.
    Tampered,
    /// Events are gone.
    Missing,
    /// Events stand in another order.
    Reordered,
    /// Two signed checkpoints tell two histories.
    Forked,
    /// Bytes that are no event, or no checkpoint of this log.
    Unreadable,
    /// Events at the end that no checkpoint covers.
    Uncovered,
}

impl Trouble {
    /// One word.
    pub const fn name(self) -> &'static str {
        match self {
            Trouble::Tampered => "tampered",
            Trouble::Missing => "missing",
            Trouble::Reordered => "reordered",
            Trouble::Forked => "forked",
            Trouble::Unreadable => "unreadable",
            Trouble::Uncovered => "uncovered",
        }
    }
}

/// One thing that is wrong with a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// What kind.
    pub trouble: Trouble,
    /// The first event concerned, counted from 0.
    pub from: u64,
    /// One past the last event concerned.
    pub to: u64,
    /// For people.
    pub text: String,
}

/// What a check of a whole log found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verification {
    /// Whether nothing was found.
    pub ok: bool,
    /// How many events were read.
    pub checked: u64,
    /// How many checkpoints were checked.
    pub checkpoints: u64,
    /// How many events the largest good checkpoint covers.
    pub covered: u64,
    /// The root over all events read.
    pub root: Digest,
    /// What is wrong, in the order of positions.
    pub findings: Vec<Finding>,
}

struct Check {
    tree: Tree,
    good: u64,
    broken: bool,
    last_at: Option<Timestamp>,
    backwards: Option<u64>,
    expected: u64,
    findings: Vec<Finding>,
}

/// Checks a whole log: every event readable, none missing, every checkpoint signed by
/// `key` and true. Events come with the position at which they are kept, in ascending
/// order of it; checkpoints in any order.
pub fn verify(
    key: &LogPublicKey,
    events: impl IntoIterator<Item = (u64, Vec<u8>)>,
    checkpoints: impl IntoIterator<Item = String>,
) -> Verification {
    let mut check = Check {
        tree: Tree::new(),
        good: 0,
        broken: false,
        last_at: None,
        backwards: None,
        expected: 0,
        findings: Vec::new(),
    };
    let mut count = 0;
    let mut claims: BTreeMap<u64, Digest> = BTreeMap::new();
    for note in checkpoints {
        count += 1;
        check.read_checkpoint(&note, key, &mut claims);
    }
    let mut claims = claims.into_iter().peekable();
    while let Some((_, root)) = claims.next_if(|(size, _)| *size == 0) {
        check.compare(root);
    }
    for (position, bytes) in events {
        check.take(position, &bytes);
        while let Some((_, root)) = claims.next_if(|(size, _)| *size == check.tree.size()) {
            check.compare(root);
        }
    }
    check.finish(claims.next_back().map(|(size, _)| size), count)
}

impl Check {
    fn find(&mut self, trouble: Trouble, from: u64, to: u64, text: String) {
        self.findings.push(Finding { trouble, from, to, text });
    }

    fn read_checkpoint(
        &mut self,
        note: &str,
        key: &LogPublicKey,
        claims: &mut BTreeMap<u64, Digest>,
    ) {
        match Checkpoint::verify(note, key) {
            Ok(c) => match claims.get(&c.size) {
                Some(other) if *other != c.root => self.find(
                    Trouble::Forked,
                    0,
                    c.size,
                    format!("two signed checkpoints over {} events have different roots", c.size),
                ),
                _ => {
                    claims.insert(c.size, c.root);
                }
            },
            Err(error) => {
                let size = Checkpoint::parse(note).map_or(0, |c| c.size);
                self.find(Trouble::Unreadable, size, size, format!("a checkpoint: {error}"));
            }
        }
    }

    fn take(&mut self, position: u64, bytes: &[u8]) {
        if position > self.expected {
            let gap = self.expected..position;
            let text = format!("{} events are gone", gap.end - gap.start);
            self.find(Trouble::Missing, gap.start, gap.end, text);
            self.broken = true;
        } else if position < self.expected {
            let text = format!("the event kept as {position} stands after a later one");
            self.find(Trouble::Reordered, position, self.expected, text);
        }
        self.expected = position.saturating_add(1);
        match Logged::decode(bytes) {
            Ok(logged) => {
                if self.last_at.is_some_and(|last| logged.at < last) {
                    self.backwards.get_or_insert(position);
                }
                self.last_at = Some(logged.at);
            }
            Err(error) => {
                self.find(Trouble::Unreadable, position, position + 1, error.to_string());
            }
        }
        self.tree.append(bytes);
    }

    /// The tree is as large as a checkpoint says: its root must be the checkpoint's.
    /// After the first that is not, none can be, and nothing more is said.
    fn compare(&mut self, root: Digest) {
        let size = self.tree.size();
        if self.tree.root() == root {
            self.good = size;
            self.backwards = None;
            return;
        }
        if self.broken {
            return;
        }
        self.broken = true;
        let from = self.good;
        match self.backwards.take().filter(|at| *at >= from) {
            Some(at) => self.find(
                Trouble::Reordered,
                from,
                size,
                format!("not what was signed; at {at} time runs backwards"),
            ),
            None => self.find(
                Trouble::Tampered,
                from,
                size,
                format!(
                    "events {from} to {} are not those that were signed",
                    size.saturating_sub(1)
                ),
            ),
        }
    }

    fn finish(mut self, beyond: Option<u64>, checkpoints: u64) -> Verification {
        let size = self.tree.size();
        if let Some(claimed) = beyond {
            let text = format!("a checkpoint covers {claimed} events, {size} are here");
            self.find(Trouble::Missing, size, claimed, text);
        }
        if beyond.is_none() && !self.broken && self.good < size {
            let text = format!("no checkpoint covers the last {} events", size - self.good);
            self.find(Trouble::Uncovered, self.good, size, text);
        }
        self.findings.sort_by_key(|f| f.from);
        Verification {
            ok: self.findings.is_empty(),
            checked: size,
            checkpoints,
            covered: self.good,
            root: self.tree.root(),
            findings: self.findings,
        }
    }
}
