//! Alarms: what a person has to look at, and what it turned out to be.

use audit::{Digest, Event};
use jiff::Timestamp;
use serde::Serialize;
use store::{Change, Store, StoreError, rows::Alarm};

use crate::{Api, Caller, Error, Operation, flights::checked_reason};

/// An alarm.
#[derive(Clone, Debug, Serialize)]
pub struct AlarmView {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// The partner concerned.
    pub partner: Option<String>,
    /// One word.
    pub kind: String,
    /// A sentence.
    pub what: String,
    /// Who settled it.
    pub settled_by: Option<String>,
    /// When.
    pub settled_at: Option<Timestamp>,
    /// What it was, in that officer's words; `None` when that was erased with its day.
    pub reason: Option<String>,
}

impl Api {
    /// Alarms, the newest first.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn alarms(&self, caller: &Caller, limit: u32) -> Result<Vec<AlarmView>, Error> {
        caller.demand(Operation::Partners)?;
        self.store.alarms(limit.min(500))?.into_iter().map(|a| self.alarm_view(a)).collect()
    }

    fn alarm_view(&self, a: Alarm) -> Result<AlarmView, Error> {
        let reason = match self.store.open_alarm_reason(&a) {
            Err(StoreError::Sealed { .. }) => None,
            other => other?,
        };
        Ok(AlarmView {
            id: a.id,
            at: a.at,
            partner: a.partner,
            kind: a.kind,
            what: a.what,
            settled_by: a.settled_by,
            settled_at: a.settled_at,
            reason,
        })
    }

    /// Settles an alarm: somebody has looked at it and says what it was.
    ///
    /// # Errors
    /// No such alarm, settled already, no reason; rights; the store.
    pub fn settle_alarm(
        &self,
        caller: &Caller,
        id: i64,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), Error> {
        caller.demand(Operation::SettleAlarm)?;
        let reason = checked_reason("reason", reason)?;
        let missing = || Error::Missing { what: "alarm", id: id.to_string() };
        let alarms = self.store.alarms(u32::MAX)?;
        let alarm = alarms.iter().find(|a| a.id == id).ok_or_else(missing)?;
        if alarm.settled_by.is_some() {
            return Err(Error::Conflict("this alarm is settled already".into()));
        }
        let sealed = seal_reason(&self.store, alarm, &reason, at)?;
        let officer = caller.officer().to_owned();
        let settled = Change::SettleAlarm { id, officer, reason: sealed, at };
        let event = Event::AlarmSettled { alarm: id as u64, reason: Digest::of(reason.as_bytes()) };
        self.commit(caller, vec![settled], vec![event], at)
    }
}

/// The reason for settling an alarm, sealed as [`Store::open_alarm_reason`] opens it.
pub(crate) fn seal_reason(
    store: &Store,
    alarm: &Alarm,
    reason: &str,
    at: Timestamp,
) -> Result<Vec<u8>, Error> {
    let id = alarm.id.to_string();
    let key = (store::CARRIERS, alarm.day());
    Ok(store.seal(key, ("alarm", &id), reason.as_bytes(), at)?)
}
