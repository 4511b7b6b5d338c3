//! A partner's stopped stream goes on, because a person says so.
//!
//! A stream stops when something came that must not: another parcel under an id or a
//! number that is taken, or one that follows another history. Nothing was taken of it.
//! After somebody has found out with the partner what it was, the stream goes on where
//! it stood; if the same comes again, it stops again.

use audit::{Actor, Digest, Event, Logged};
use exchange::{Alarm, Incoming};
use jiff::Timestamp;
use store::{Batch, Change, Store};

use crate::{Api, Caller, Error, Operation, alarms::seal_reason, flights::checked_reason};

/// A stream that stands still.
struct Stopped {
    agreement: String,
    state: Vec<u8>,
    stream: Incoming,
    why: String,
}

/// What is to be committed so that a stopped stream of `partner` goes on: the stream, the
/// alarms that told of it, and their events. The agreement may be named by its beginning,
/// and need not be while one stream alone is stopped. For callers whose rights were looked
/// at already; [`Api::resume_stream`] looks at them.
///
/// # Errors
/// No such stream, none that is stopped, several, no reason, or the store.
pub fn resuming(
    store: &Store,
    (partner, agreement): (&str, Option<&str>),
    (officer, reason): (&str, &str),
    at: Timestamp,
) -> Result<Batch, Error> {
    let text = checked_reason("reason", reason)?;
    let reason = Digest::of(text.as_bytes());
    let (this, others) = one(stopped(store, partner)?, partner, agreement)?;
    let resumed = this.stream.resumed();
    let mut changes = vec![Change::ResumeStreamIn {
        agreement: this.agreement,
        seen: this.state,
        state: resumed.encode(),
    }];
    let mut events = vec![Event::StreamResumed {
        partner: partner.to_owned(),
        agreement: Digest(resumed.agreement.0),
        sequence: resumed.next_sequence,
        alarm: this.why,
        reason,
    }];
    // One alarm of a kind tells of all of a partner's streams: it waits as long as one of
    // them is stopped for the same.
    for alarm in store.alarms(u32::MAX)? {
        let ours = alarm.partner.as_deref() == Some(partner) && alarm.settled_at.is_none();
        if ours && stops(&alarm.kind) && others.iter().all(|o| o.why != alarm.kind) {
            let id = alarm.id;
            let sealed = seal_reason(store, &alarm, &text, at)?;
            changes.push(Change::SettleAlarm {
                id,
                officer: officer.to_owned(),
                reason: sealed,
                at,
            });
            events.push(Event::AlarmSettled { alarm: id as u64, reason });
        }
    }
    let by = |event| Logged::new(at, Actor::Officer(officer.to_owned()), event);
    Ok(Batch::new(changes, events.into_iter().map(by).collect()))
}

fn stops(kind: &str) -> bool {
    [Alarm::IdReused, Alarm::SequenceReused, Alarm::HistoryForked].iter().any(|a| a.name() == kind)
}

fn stopped(store: &Store, partner: &str) -> Result<Vec<Stopped>, Error> {
    let mut found = Vec::new();
    for row in store.agreements()?.into_iter().filter(|a| a.partner == partner) {
        let Some((state, Some(why))) = store.stream_in(&row.id)? else { continue };
        let stream = Incoming::decode(&state)
            .map_err(|e| Error::Ours(format!("a stored stream cannot be read: {e}")))?;
        found.push(Stopped { agreement: row.id, state, stream, why });
    }
    Ok(found)
}

/// The one that is meant, and the others.
fn one(
    found: Vec<Stopped>,
    partner: &str,
    agreement: Option<&str>,
) -> Result<(Stopped, Vec<Stopped>), Error> {
    let meant = |s: &Stopped| agreement.is_none_or(|id| s.agreement.starts_with(id));
    let (mut these, others): (Vec<_>, Vec<_>) = found.into_iter().partition(meant);
    match (these.pop(), these.is_empty()) {
        (Some(this), true) => Ok((this, others)),
        (None, _) => Err(Error::Conflict(format!("no such stream from {partner} is stopped"))),
        (Some(_), false) => Err(Error::Invalid {
            field: "agreement",
            text: format!("Several streams from {partner} are stopped: name the agreement."),
        }),
    }
}

impl Api {
    /// Lets a partner's stopped stream go on, and settles the alarms that told of it.
    ///
    /// # Errors
    /// Those of [`resuming`]; rights.
    pub fn resume_stream(
        &self,
        caller: &Caller,
        which: (&str, Option<&str>),
        reason: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        caller.demand(Operation::ResumeStream)?;
        self.store.commit(resuming(&self.store, which, (caller.officer(), reason), at)?)?;
        Ok(())
    }
}
