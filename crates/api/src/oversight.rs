//! What shows that the node does what it should: totals, watchlists, and the node itself.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::Serialize;

use crate::{Api, Caller, Error, Operation, QueueState, Verified, queries};

const HOURS: i64 = 24;

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

/// A watchlist in use.
#[derive(Clone, Debug, Serialize)]
pub struct WatchlistView {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether documents are on it, and no persons.
    pub of_documents: bool,
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

    /// How many hits nobody decided on before what they tell was masked or erased: they have
    /// left the queue, for nobody can compare them any more.
    ///
    /// # Errors
    /// Rights; the store.
    pub fn undecided_and_masked(&self, caller: &Caller) -> Result<u64, Error> {
        caller.demand(Operation::Hits)?;
        Ok(queries::undecided_and_masked(&self.store)?)
    }

    /// How many kept lists still wait to be screened against the watchlists as they are
    /// now, and of how many.
    ///
    /// # Errors
    /// Rights; the store.
    pub fn rescreening(&self, caller: &Caller) -> Result<(u64, u64), Error> {
        caller.demand(Operation::Watchlists)?;
        let digest = self.store.watchlists_digest()?.to_string();
        Ok((self.store.left_to_rescreen(&digest)?, self.store.counts()?.lists))
    }

    /// Watchlists in use.
    ///
    /// # Errors
    /// Rights, or the store.
    pub fn watchlists(&self, caller: &Caller) -> Result<Vec<WatchlistView>, Error> {
        caller.demand(Operation::Watchlists)?;
        let view = |w: store::rows::WatchlistRow| WatchlistView {
            of_documents: w.holds_documents(),
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
        Ok(NodePage {
            state: state.code().to_owned(),
            state_name: state.name().unwrap_or(state.code()).to_owned(),
            version: self.settings.version.clone(),
            started_at: self.settings.started_at,
            store_bytes: self.store.size_bytes()?,
            alarms: counts.alarms,
            queued: counts.queued,
            verified: self.verified.lock().clone(),
            unscreened: self.store.unscreened(10_000)?.len(),
            carriers: self.store.carriers()?.into_iter().map(carrier_line).collect(),
            officers: self.store.officers()?.into_iter().map(officer_line).collect(),
        })
    }
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
