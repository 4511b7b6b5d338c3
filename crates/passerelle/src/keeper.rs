//! The keeper: does what the clocks say is due.
//!
//! Single travellers who are to go before their day do, and a day that goes over to new keys for
//! them is gone on with. A day's keys are masked or destroyed, one small transaction each; then what no key
//! opens any more is taken off the disk, and the write-ahead log is cut. Emergencies that
//! nobody has answered or justified in time become an alarm, and the totals of the days that
//! are over and a new epoch key are told to partners. The time is
//! handed in. Done at start, before anything is listened for, and every few minutes
//! after; by hand with `passerelle keep run`.

mod leaving;

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::Serialize;
use store::{StoreError, authority::AuthorityPublic};

pub use self::leaving::go_on;
use crate::{config::Layout, courier::Transfers, node::Node, pipeline};

/// A parcel in chunks with which nobody has gone on for so long is sent anew.
const UNFINISHED: SignedDuration = SignedDuration::from_hours(24);

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Names of keys that were masked.
    pub masked: Vec<String>,
    /// Names of keys that were destroyed.
    pub erased: Vec<String>,
    /// Places of travellers who were removed before their day, by list and numbers.
    pub removed: Vec<String>,
    /// Lists that cannot be read any more, wholly or as to who is on them.
    pub lists: u64,
    /// Whether the write-ahead log was cut; nothing to cut counts as done.
    pub scrubbed: bool,
}

impl Kept {
    /// Whether there was nothing to do.
    pub fn is_nothing(&self) -> bool {
        self.masked.is_empty() && self.erased.is_empty() && self.removed.is_empty()
    }
}

/// The independent authority that the node was given, if it was.
///
/// # Errors
/// Its file holds no key.
pub fn authority(layout: &Layout) -> Result<Option<AuthorityPublic>> {
    let path = layout.authority();
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e).with_context(|| format!("{} cannot be read", path.display())),
    };
    AuthorityPublic::decode(&bytes)
        .with_context(|| format!("{} holds no authority's key", path.display()))
        .map(Some)
}

/// Takes up an epoch key that another process has made, and tells whoever was not told of it.
fn tell_of_keys(node: &Node, now: Timestamp) -> Result<()> {
    node.reload_keys()?;
    pipeline::tell_epoch(node, now)?;
    Ok(())
}

/// Masks and erases what is due, and takes it off the disk.
///
/// # Errors
/// The store takes nothing at the moment; what was done stays done.
pub fn keep(node: &Node, now: Timestamp) -> Result<Kept> {
    let store = node.store();
    let today = now.to_zoned(TimeZone::UTC).date();
    let authority = authority(node.layout())?;
    let mut kept = Kept { scrubbed: true, ..Kept::default() };
    leaving::let_go(node, now, &mut kept);
    for key in store.due_keys(today)? {
        let name = store::key_name(&key.scope, key.day);
        let done = if key.erase_due <= today {
            // What cannot be told to a partner now keeps nobody's data here.
            if let Err(e) = pipeline::take_back_day(node, (&key.scope, key.day), now) {
                tracing::error!(key = %name, error = %format!("{e:#}"), "partners were not told of an erasure");
            }
            let rules = store.rules_of_day(&key.scope, key.day)?;
            let lists = store.erase_day(&key.scope, key.day, (&rules, now));
            lists.map(|n| (n, &mut kept.erased))
        } else {
            let lists = store.mask_day((&key.scope, key.day), authority.as_ref(), now);
            lists.map(|n| (n, &mut kept.masked))
        };
        match done {
            Ok((lists, names)) => {
                names.push(name);
                kept.lists += lists;
            }
            // Somebody else did it meanwhile.
            Err(StoreError::Conflict(_)) => {}
            Err(e) => return Err(e.into()),
        }
    }
    pipeline::tell_of_late(node, now)?;
    // A total that cannot be stated now is stated later, of the same parcels.
    if let Err(e) = pipeline::state_totals(node, now) {
        tracing::error!(error = %format!("{e:#}"), "the totals of a day were not stated");
    }
    if let Err(e) = tell_of_keys(node, now) {
        tracing::error!(error = %format!("{e:#}"), "partners were not told of the newest epoch key");
    }
    if let Err(e) = Transfers::leave(node, (now - UNFINISHED).into()) {
        tracing::warn!(error = %e, "parcels that nobody went on with are still there");
    }
    let left = store.unpurged()?;
    for (scope, day) in &left {
        store.purge_day(scope, *day, now)?;
    }
    if !kept.is_nothing() || !left.is_empty() {
        kept.scrubbed = store.scrub()?;
    }
    // Nothing in them opens any more; a lake that is out of reach stops nobody's forgetting.
    if let Err(e) = store.sweep_lake() {
        tracing::warn!(error = %e, "files of the lake that no key opens are still there");
    }
    Ok(kept)
}
