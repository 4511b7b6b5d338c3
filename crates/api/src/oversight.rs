//! What shows that the node does what it should: totals, alarms, the log, watchlists,
//! and the node itself.

use audit::{Checkpoint, Digest, Event, Logged};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;
use store::{Change, Store, StoreError, rows::Alarm};

use crate::{Api, Caller, Error, Operation, QueueState, flights::checked_reason, queries};

const HOURS: i64 = 24;
/// Events read at a time while the log is verified.
const AT_A_TIME: u32 = 5_000;

/// Totals, without anybody's data.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The state whose node it is.
    pub state: String,
    /// Today, in UTC.
    pub day: Date,
    /// Flights that depart today.
    pub flights_today: u64,
    /// Travellers on them.
    pub travellers_today: u64,
    /// Flights of which lists are here.
    pub flights: u64,
    /// Lists here.
    pub lists: u64,
    /// Travellers on carriers' lists.
    pub travellers: u64,
    /// Hits by part of the queue.
    pub hits: Vec<(QueueState, u64)>,
    /// Hits that partners disclosed.
    pub received_hits: u64,
    /// Parcels that wait for a receipt.
    pub queued: u64,
    /// Parcels receipted.
    pub receipted: u64,
    /// Parcels taken from partners.
    pub received: u64,
    /// What was refused.
    pub refused: u64,
    /// Alarms that nobody has settled.
    pub alarms: u64,
    /// Events in the log.
    pub events: u64,
    /// Hits raised in each of the last 24 hours, the oldest first.
    pub hits_by_hour: Vec<u64>,
    /// Lists received in each of them.
    pub lists_by_hour: Vec<u64>,
}

impl Summary {
    /// How many hits a part of the queue has.
    pub fn hits_in(&self, state: impl std::borrow::Borrow<QueueState>) -> u64 {
        self.hits.iter().find(|(s, _)| s == state.borrow()).map_or(0, |(_, n)| *n)
    }
}

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

/// A watchlist in use.
#[derive(Clone, Debug, Serialize)]
pub struct WatchlistView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How many entries.
    pub entries: u64,
    /// SHA-256 of the file.
    pub digest: String,
    /// When it was loaded.
    pub loaded_at: Timestamp,
}

/// A carrier that may send lists.
#[derive(Clone, Debug, Serialize)]
pub struct CarrierLine {
    /// Designator.
    pub id: String,
    /// Name.
    pub name: String,
    /// `certificate`, `token` or both.
    pub by: &'static str,
    /// Whose flights it may report.
    pub flights: String,
    /// Whether it may send now.
    pub enabled: bool,
    /// When it was added.
    pub added_at: Timestamp,
}

/// An account.
#[derive(Clone, Debug, Serialize)]
pub struct OfficerLine {
    /// User name.
    pub id: String,
    /// Roles, for people.
    pub roles: String,
    /// Whether it may sign in.
    pub enabled: bool,
    /// Until when it is locked.
    pub locked_until: Option<Timestamp>,
    /// When it was added.
    pub added_at: Timestamp,
}

/// The node itself.
#[derive(Clone, Debug, Serialize)]
pub struct NodePage {
    /// The state.
    pub state: String,
    /// The state's name.
    pub state_name: String,
    /// The program's version.
    pub version: String,
    /// When it started.
    pub started_at: Timestamp,
    /// How large the store's file is, in bytes.
    pub store_bytes: u64,
    /// Alarms that nobody has settled.
    pub alarms: u64,
    /// Parcels that wait for a receipt.
    pub queued: u64,
    /// The last recomputation of the log since the node started.
    pub verified: Option<Verified>,
    /// Lists that wait to be screened.
    pub unscreened: usize,
    /// Carriers.
    pub carriers: Vec<CarrierLine>,
    /// Accounts.
    pub officers: Vec<OfficerLine>,
}

fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

impl Api {
    /// Totals.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn summary(&self, caller: &Caller, at: Timestamp) -> Result<Summary, Error> {
        caller.demand(Operation::Summary)?;
        let c = self.store.counts()?;
        let day = day_of(at);
        let out_of_range = |e: jiff::Error| Error::Ours(e.to_string());
        let start = day.to_zoned(TimeZone::UTC).map_err(out_of_range)?.timestamp();
        let end = start.checked_add(SignedDuration::from_hours(24)).map_err(out_of_range)?;
        let (flights_today, travellers_today) = queries::departing(&self.store, start, end)?;
        let states = queries::hits_by_state(&self.store)?;
        let count = |name: &str| states.iter().find(|(s, _)| s == name).map_or(0, |(_, n)| *n);
        let hits = QueueState::ALL
            .into_iter()
            .map(|s| (s, s.rows().iter().map(|name| count(name)).sum()))
            .collect();
        Ok(Summary {
            state: self.state().code().to_owned(),
            day,
            flights_today,
            travellers_today,
            flights: c.flights,
            lists: c.lists,
            travellers: c.travellers,
            hits,
            received_hits: queries::received_hits(&self.store)?,
            queued: c.queued,
            receipted: c.receipted,
            received: c.received,
            refused: c.refused,
            alarms: c.alarms,
            events: c.events,
            hits_by_hour: queries::hits_by_hour(&self.store, (at, HOURS))?,
            lists_by_hour: queries::lists_by_hour(&self.store, (at, HOURS))?,
        })
    }

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

    /// Watchlists in use.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn watchlists(&self, caller: &Caller) -> Result<Vec<WatchlistView>, Error> {
        caller.demand(Operation::Watchlists)?;
        let view = |w: store::rows::WatchlistRow| WatchlistView {
            name: w.name,
            version: w.version,
            entries: w.entries,
            digest: w.digest,
            loaded_at: w.loaded_at,
        };
        Ok(self.store.watchlists()?.into_iter().map(view).collect())
    }

    /// The node itself, its carriers and accounts.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn node(&self, caller: &Caller) -> Result<NodePage, Error> {
        caller.demand(Operation::Node)?;
        let state = self.state();
        let counts = self.store.counts()?;
        let size = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |m| m.len());
        let ahead = self.store.path().with_extension("db-wal");
        let bytes = size(self.store.path()) + size(&ahead);
        Ok(NodePage {
            state: state.code().to_owned(),
            state_name: state.name().unwrap_or(state.code()).to_owned(),
            version: self.settings.version.clone(),
            started_at: self.settings.started_at,
            store_bytes: bytes,
            alarms: counts.alarms,
            queued: counts.queued,
            verified: self.verified.lock().clone(),
            unscreened: self.store.unscreened(10_000)?.len(),
            carriers: self.store.carriers()?.into_iter().map(carrier_line).collect(),
            officers: self.store.officers()?.into_iter().map(officer_line).collect(),
        })
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

fn carrier_line(c: store::rows::Carrier) -> CarrierLine {
    let by = match (c.certificate.is_some(), c.token_hash.is_some()) {
        (true, true) => "certificate or token",
        (true, false) => "certificate",
        (false, true) => "token",
        (false, false) => "folder only",
    };
    let flights = match c.flights.as_str() {
        "" => "its own".to_owned(),
        "*" => "every carrier's".to_owned(),
        others => format!("its own, {}", others.replace(',', ", ")),
    };
    CarrierLine { id: c.id, name: c.name, by, flights, enabled: c.enabled, added_at: c.added_at }
}

fn officer_line(o: store::rows::Officer) -> OfficerLine {
    let words = |r: &str| crate::Role::named(r.trim()).map_or(r.to_owned(), |r| r.words().into());
    OfficerLine {
        roles: o.roles.split(',').map(words).collect::<Vec<_>>().join(", "),
        id: o.id,
        enabled: o.enabled,
        locked_until: o.locked_until,
        added_at: o.added_at,
    }
}
