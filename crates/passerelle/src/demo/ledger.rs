//! What airlines were answered, and who on a flight is truly listed: kept outside the
//! nodes, so that the nodes can be held against it.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
};

use anyhow::{Context, Result};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use testkit::Truth;

use crate::invariants::Answered;

#[derive(Serialize, Deserialize)]
struct Line {
    position: u64,
    node: String,
    submission: String,
    answered_at: Timestamp,
    travellers: u64,
}

#[derive(Serialize, Deserialize)]
struct TruthLine {
    flight: String,
    number: u32,
}

/// Both files, and what stands in them.
pub struct Ledger {
    inner: Mutex<Inner>,
}

struct Inner {
    answers: File,
    truths_file: File,
    answered: Vec<Answered>,
    truths: HashSet<(String, u32)>,
    next: u64,
}

impl Ledger {
    /// Takes up the ledger in a demonstration's directory.
    pub fn open(base: &Path) -> Result<Self> {
        let (answers_path, truths_path) = (base.join("ledger.ndjson"), base.join("truths.ndjson"));
        let mut answered = Vec::new();
        let mut next = 0;
        for line in lines::<Line>(&answers_path)? {
            next = next.max(line.position + 1);
            answered.push(Answered {
                node: line.node,
                submission: line.submission,
                answered_at: line.answered_at,
                travellers: line.travellers,
            });
        }
        let truths = lines::<TruthLine>(&truths_path)?;
        let truths = truths.into_iter().map(|t| (t.flight, t.number)).collect();
        let inner = Inner {
            answers: append(&answers_path)?,
            truths_file: append(&truths_path)?,
            answered,
            truths,
            next,
        };
        Ok(Self { inner: Mutex::new(inner) })
    }

    /// The number of the first submission that nobody was answered for.
    pub fn next_position(&self) -> u64 {
        self.inner.lock().next
    }

    /// Notes an answer.
    pub fn answered(&self, position: u64, answer: Answered) -> Result<()> {
        let mut inner = self.inner.lock();
        let line = Line {
            position,
            node: answer.node.clone(),
            submission: answer.submission.clone(),
            answered_at: answer.answered_at,
            travellers: answer.travellers,
        };
        inner.answers.write_all(format!("{}\n", serde_json::to_string(&line)?).as_bytes())?;
        inner.next = inner.next.max(position + 1);
        inner.answered.push(answer);
        Ok(())
    }

    /// Notes who is truly listed, before the flight is reported.
    pub fn plant(&self, truths: &[Truth]) -> Result<()> {
        let mut inner = self.inner.lock();
        for truth in truths {
            let line = TruthLine { flight: truth.flight.clone(), number: truth.number };
            inner
                .truths_file
                .write_all(format!("{}\n", serde_json::to_string(&line)?).as_bytes())?;
            inner.truths.insert((truth.flight.clone(), truth.number));
        }
        Ok(())
    }

    /// Whether somebody on the flight is truly the person of that entry.
    pub fn is_true(&self, flight: &str, entry: &str) -> bool {
        let number = entry.rsplit('-').next().and_then(|n| n.parse::<u32>().ok());
        number.is_some_and(|n| self.inner.lock().truths.contains(&(flight.to_owned(), n)))
    }

    /// Every answer so far.
    pub fn all(&self) -> Vec<Answered> {
        self.inner.lock().answered.clone()
    }
}

/// Opens a file to go on with; a last line that was cut off is ended first.
fn append(path: &Path) -> Result<File> {
    let cut = std::fs::read(path).is_ok_and(|bytes| bytes.last().is_some_and(|b| *b != b'\n'));
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    if cut {
        file.write_all(b"\n")?;
    }
    Ok(file)
}

/// The lines of a file; a last one that was cut off is none.
fn lines<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<Vec<T>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = crate::tls::read_text(path)?;
    Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn answer(submission: &str) -> Answered {
        Answered {
            node: "GBR".into(),
            submission: submission.into(),
            answered_at: Timestamp::UNIX_EPOCH,
            travellers: 3,
        }
    }

    #[test]
    fn a_ledger_goes_on_where_it_stopped_though_its_last_line_was_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        ledger.answered(0, answer("aa")).unwrap();
        ledger.answered(4, answer("bb")).unwrap();
        ledger.plant(&[Truth { flight: "X1100/d/A-B".into(), number: 42 }]).unwrap();
        drop(ledger);
        let path = dir.path().join("ledger.ndjson");
        let text = std::fs::read_to_string(&path).unwrap() + "{\"position\":9,\"no";
        std::fs::write(&path, text).unwrap();

        let ledger = Ledger::open(dir.path()).unwrap();
        assert_eq!(ledger.next_position(), 5);
        assert_eq!(ledger.all(), [answer("aa"), answer("bb")]);
        assert!(ledger.is_true("X1100/d/A-B", "TUR-00042"));
        assert!(!ledger.is_true("X1100/d/A-B", "TUR-00043"));

        ledger.answered(5, answer("cc")).unwrap();
        assert_eq!(Ledger::open(dir.path()).unwrap().all().len(), 3);
    }
}
