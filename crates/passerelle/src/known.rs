//! How far the log was known to go: the newest checkpoint, kept beside the store once a second.
//!
//! A disk that lied about its syncs, a snapshot of a machine that was put back, a server whose
//! standby took over without what the first had answered: the store is whole then, and shorter.
//! Nothing in it shows that something is missing. This file does: it is written after its events
//! are durable, so that a log that is shorter than it says has lost what was answered.

use std::path::PathBuf;

use anyhow::Result;
use audit::{Actor, Checkpoint, Event};
use store::{Change, StoreError, inspect::Inspector};

use crate::{clock, config::Layout, node::Node, tls};

/// The kind of the alarm.
const ALARM: &str = "answers_lost";

fn file(layout: &Layout) -> PathBuf {
    layout.store().join("known")
}

fn read(layout: &Layout) -> Option<Checkpoint> {
    // What cannot be read tells of nothing; a crash may leave it empty.
    Checkpoint::parse(&std::fs::read_to_string(file(layout)).ok()?).ok()
}

/// Writes down how far the log goes, when that is further than was written.
///
/// # Errors
/// The store or the disk refuses.
pub fn note(node: &Node) -> Result<()> {
    let Some(newest) = node.store().last_checkpoint()? else { return Ok(()) };
    let size = Checkpoint::parse(&newest)?.size;
    if read(node.layout()).is_some_and(|known| known.size >= size) {
        return Ok(());
    }
    write(node.layout(), &newest)
}

fn write(layout: &Layout, note: &str) -> Result<()> {
    let part = file(layout).with_extension("part");
    if part.exists() {
        std::fs::remove_file(&part)?;
    }
    tls::write_public(&part, note.as_bytes())?;
    Ok(std::fs::rename(&part, file(layout))?)
}

/// Forgets what was known: a copy was put back, and whoever did so knows that it is shorter.
///
/// # Errors
/// The disk refuses.
pub fn forget(layout: &Layout) -> Result<()> {
    match std::fs::remove_file(file(layout)) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}

/// What is said where the log is shorter than it was known to be.
fn lost(known: u64, there: u64) -> String {
    format!(
        "the log had {known} events and has {there}: the last {} and what was answered with them are \
         gone. The disk did not keep what it said it kept, an older state of it was put back, or \
         a server took over that lacked them. Ask carriers to send again what they sent last; \
         partners' streams stop by themselves where they are concerned",
        known - there
    )
}

/// What `doctor` says of a node that does not run.
///
/// # Errors
/// The store cannot be read.
pub fn look(layout: &Layout, store: &Inspector) -> Result<Option<String>> {
    // First what is known, then what is there, which may grow meanwhile.
    let Some(known) = read(layout) else { return Ok(None) };
    let newest = store.checkpoints()?.pop();
    let there = newest.map_or(Ok(0), |note| Checkpoint::parse(&note).map(|c| c.size))?;
    Ok((there < known.size).then(|| lost(known.size, there)))
}

/// Raises an alarm where the log is shorter than it was known to be. Once: what is known from
/// then on is what is there.
///
/// # Errors
/// The store or the disk refuses.
pub fn tell(node: &Node) -> Result<()> {
    let Some(known) = read(node.layout()) else { return Ok(()) };
    let there = node.store().log_size()?;
    if there >= known.size {
        return Ok(());
    }
    let what = lost(known.size, there);
    tracing::error!("{what}");
    let event = Event::Alarm { alarm: ALARM.to_owned(), subject: "log".to_owned(), digest: None };
    let alarm = Change::Alarm { partner: None, kind: ALARM.to_owned(), what, at: clock::now() };
    node.record(vec![alarm], Actor::Node, vec![event])?;
    let newest = node.store().last_checkpoint()?;
    let newest = newest.ok_or(StoreError::Missing { what: "checkpoint", id: "newest".into() })?;
    write(node.layout(), &newest)
}
