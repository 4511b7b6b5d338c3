//! The log: a page of it, and the whole of it recomputed.

use audit::{Checkpoint, Logged};
use jiff::Timestamp;
use serde::Serialize;

use crate::{Api, Caller, Error, Operation};

/// Events read at a time while the log is verified.
const AT_A_TIME: u32 = 5_000;

/// An event of the log, for people.
#[derive(Clone, Debug, Serialize)]
pub struct EventLine {
    /// Its position, from 0.
    pub position: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Its kind.
    pub kind: &'static str,
    /// What that means, in a sentence.
    pub sentence: &'static str,
    /// Ids, digests and counts.
    pub fields: Vec<(&'static str, String)>,
}

/// What the last recomputation of the log found.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// When it was done.
    pub at: Timestamp,
    /// Whether nothing was wrong.
    pub ok: bool,
    /// How many events were read.
    pub checked: u64,
    /// How many checkpoints were checked.
    pub checkpoints: u64,
    /// The root over them.
    pub root: String,
    /// What is wrong.
    pub findings: Vec<String>,
}

/// A page of the log.
#[derive(Clone, Debug, Serialize)]
pub struct LogPage {
    /// The newest first.
    pub events: Vec<EventLine>,
    /// How many events there are.
    pub size: u64,
    /// One past the newest event shown.
    pub end: u64,
    /// Where the next, older page ends.
    pub older: Option<u64>,
    /// Where the newer page ends.
    pub newer: Option<u64>,
    /// The newest checkpoint, as a signed note.
    pub checkpoint: Option<String>,
    /// The key by which it is checked.
    pub key: String,
    /// The last recomputation since the node started.
    pub verified: Option<Verified>,
}

impl Api {
    /// A page of the log: `limit` events before position `end`, the newest first.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn log(&self, caller: &Caller, end: Option<u64>, limit: u32) -> Result<LogPage, Error> {
        caller.demand(Operation::Log)?;
        let size = self.store.log_size()?;
        let limit = limit.clamp(1, 500);
        let end = end.unwrap_or(size).min(size);
        let start = end.saturating_sub(u64::from(limit));
        let raw = self.store.events(start, (end - start) as u32)?;
        let events = raw.iter().rev().filter_map(|(p, bytes)| event_line(*p, bytes)).collect();
        let newer = (end < size).then(|| (end + u64::from(limit)).min(size));
        Ok(LogPage {
            events,
            size,
            end,
            older: (start > 0).then_some(start),
            newer,
            checkpoint: self.store.last_checkpoint()?,
            key: self.store.log_key().to_string(),
            verified: self.verified.lock().clone(),
        })
    }

    /// Recomputes the whole log, up to the newest checkpoint.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn verify_log(&self, caller: &Caller, at: Timestamp) -> Result<Verified, Error> {
        caller.demand(Operation::VerifyLog)?;
        // Checkpoints first: events written meanwhile are past all of them.
        let checkpoints = self.store.checkpoints()?;
        let sizes = checkpoints.iter().filter_map(|c| Checkpoint::parse(c).ok()).map(|c| c.size);
        let end = sizes.max().unwrap_or(0);
        let mut broken = None;
        let mut at_position = 0;
        let pages = std::iter::from_fn(|| {
            if at_position >= end {
                return None;
            }
            match self.store.events(at_position, AT_A_TIME) {
                Ok(page) => {
                    at_position += u64::from(AT_A_TIME);
                    Some(page)
                }
                Err(e) => {
                    broken = Some(e);
                    None
                }
            }
        });
        let events = pages.flatten().take_while(|(position, _)| *position < end);
        let found = audit::verify(self.store.log_key(), events, checkpoints);
        if let Some(e) = broken {
            return Err(e.into());
        }
        let verified = Verified {
            at,
            ok: found.ok,
            checked: found.checked,
            checkpoints: found.checkpoints,
            root: found.root.to_string(),
            findings: found.findings.into_iter().map(|f| f.text).collect(),
        };
        *self.verified.lock() = Some(verified.clone());
        Ok(verified)
    }
}

fn event_line(position: u64, bytes: &[u8]) -> Option<EventLine> {
    // What is not readable here is named by the verification, with its position.
    let logged = Logged::decode(bytes).ok()?;
    let kind = logged.event.kind();
    Some(EventLine {
        position,
        at: logged.at,
        actor: logged.actor.to_string(),
        kind,
        sentence: audit::Kind::named(kind).map_or("", |k| k.sentence),
        fields: logged.event.fields(),
    })
}
